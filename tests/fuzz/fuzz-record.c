/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "fuzz.h"

#include <sys/mman.h>
#include <unistd.h>

#include "device/record.h"

/* A file in /run/mdev-tools, whatever is in it: what is read of it is a record, and that, written, is read again. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        static Lock lock = { .fd = -1, .uuid = "0" };
        Record record, again;

        if (lock.fd < 0)
                lock.fd = memfd_create("record", MFD_CLOEXEC);
        assert(lock.fd >= 0 && ftruncate(lock.fd, 0) == 0 && pwrite(lock.fd, data, size, 0) == (ssize_t) size);
        record = record_read(&lock);
        assert(record.state == RECORD_NONE || record.state == RECORD_CREATING || record.state == RECORD_HERE ||
               record.state == RECORD_READY);
        assert(record_write(&lock, &record, NULL) == 0);
        again = record_read(&lock);
        assert(record.state == RECORD_NONE || (again.state == record.state && again.unit == record.unit &&
                                               again.inode == record.inode));
        return 0;
}
