/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "fuzz.h"

#include <sys/mman.h>
#include <unistd.h>

#include "device/lock.h"

/* A file in /run/mdev-tools, whatever is in it: what is read of it is a record, and that, written, is read again. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        static int fd = -1;
        Record record, again;
        Failure f = {};

        if (fd < 0)
                fd = memfd_create("record", MFD_CLOEXEC);
        assert(fd >= 0 && ftruncate(fd, 0) == 0 && pwrite(fd, data, size, 0) == (ssize_t) size);
        record_read(fd, &record);
        assert(record.state == RECORD_NONE || record.state == RECORD_CREATING || record.state == RECORD_HERE ||
               record.state == RECORD_READY);
        assert(record_write(fd, "0", &record, &f) == 0);
        record_read(fd, &again);
        assert(record.state == RECORD_NONE || (again.state == record.state && again.unit == record.unit &&
                                               again.inode == record.inode));
        return 0;
}
