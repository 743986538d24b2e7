/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/clock.h"
#include "test.h"

#include <arpa/inet.h>
#include <linux/netlink.h>
#include <sched.h>
#include <stdint.h>
#include <sys/mount.h>
#include <sys/socket.h>

#include "kernel/event.h"

/* Events as udev announces them, sent by ourselves in a network namespace of our own, where nobody else hears them
 * (root only). The kernel's own, which tell of parents, cannot be sent by anybody else: for them there is tests/vm. */

#define UUID "00000000-0000-4000-8000-000000000001"
#define OTHER "00000000-0000-4000-8000-000000000002"

/* libudev's message (systemd, src/libsystemd/sd-device/device-monitor.c) */
typedef struct Header {
        char prefix[8];
        uint32_t magic, header_size, properties_offset, properties_length;
        uint32_t subsystem_hash, devtype_hash, tag_bloom_high, tag_bloom_low;
} Header;

/* MurmurHash2, by which libudev has the kernel filter subsystems */
static uint32_t hash(const char *s) {
        const uint32_t m = 0x5bd1e995;
        size_t n = strlen(s);
        uint32_t h = (uint32_t) n, k;

        for (; n >= 4; s += 4, n -= 4) {
                memcpy(&k, s, sizeof(k));
                k *= m;
                k ^= k >> 24;
                h = h * m ^ k * m;
        }
        if (n > 2)
                h ^= (uint32_t) (unsigned char) s[2] << 16;
        if (n > 1)
                h ^= (uint32_t) (unsigned char) s[1] << 8;
        if (n > 0)
                h = (h ^ (unsigned char) s[0]) * m;
        h = (h ^ h >> 13) * m;
        return h ^ h >> 15;
}

static void announce_more(int fd, const char *subsystem, const char *name, const char *action, const char *state,
                          const char *synth) {
        struct sockaddr_nl to = { .nl_family = AF_NETLINK, .nl_groups = 2 };
        Header header = { .prefix = "libudev", .magic = htonl(0xfeedcafe), .header_size = sizeof(Header),
                          .properties_offset = sizeof(Header), .subsystem_hash = htonl(hash(subsystem)) };
        char buf[512];
        int n;

        n = snprintf(buf + sizeof(header), sizeof(buf) - sizeof(header),
                     "ACTION=%s%cDEVPATH=/devices/x/%s%cSUBSYSTEM=%s%cSEQNUM=1%cMDEV_STATE=%s%cSYNTH_UUID=%s%c", action, 0,
                     name, 0, subsystem, 0, 0, state, 0, synth, 0);
        header.properties_length = (uint32_t) n;
        memcpy(buf, &header, sizeof(header));
        assert(sendto(fd, buf, sizeof(header) + (size_t) n, 0, (const struct sockaddr *) &to, sizeof(to)) > 0);
}

static void announce(int fd, const char *subsystem, const char *name, const char *action) {
        announce_more(fd, subsystem, name, action, "", "0");
}

static void announce_state(int fd, const char *subsystem, const char *name, const char *action, const char *state) {
        announce_more(fd, subsystem, name, action, state, "0");
}

static void announce_synth(int fd, const char *subsystem, const char *name, const char *action, const char *synth) {
        announce_more(fd, subsystem, name, action, "", synth);
}

/* A new device, and the node of its group */
static Awaited made(int group) {
        return (Awaited) { .device = true, .group = group };
}

static uint64_t soon(void) {
        return clock_now() + 50;
}

static uint64_t later(void) {
        return clock_now() + 20000;
}

static void test_made(int fd) {
        _cleanup_(event_monitor_freep) EventMonitor *m = NULL;

        assert(event_monitor_udev(false, &m) == 0 && m);
        assert(event_wait_made(m, UUID, made(7), soon()) == -ETIMEDOUT);
        /* "add" is too early; others, too */
        announce(fd, "mdev", UUID, "add");
        announce(fd, "mdev", OTHER, "bind");
        announce(fd, "vfio", "8", "add");
        announce(fd, "net", UUID, "bind");
        assert(event_wait_made(m, UUID, made(7), soon()) == -ETIMEDOUT);
        announce(fd, "mdev", UUID, "bind");
        assert(event_wait_made(m, UUID, made(7), soon()) == -ETIMEDOUT); /* no node yet */
        announce(fd, "vfio", "7", "add");
        announce(fd, "mdev", UUID, "bind");
        assert(event_wait_made(m, UUID, made(7), later()) == 0);
        announce(fd, "mdev", UUID, "bind");
        assert(event_wait_made(m, UUID, made(-1), later()) == 0); /* a device without a group */
        announce(fd, "mdev", OTHER, "remove");
        announce(fd, "mdev", UUID, "remove");
        assert(event_wait_made(m, UUID, made(-1), later()) == -ENODEV);
        /* without udev there is nothing to wait for */
        assert(event_wait_made(NULL, UUID, made(7), 0) == 0);
}

/* Events that were asked for are known by the UUID */
static void test_again(int fd) {
        const Awaited both = { .group = -1, .group_again = true, .vfio_again = true },
                      one = { .group = -1, .group_again = true }, none = { .group = -1 };
        _cleanup_(event_monitor_freep) EventMonitor *m = NULL, *groups = NULL;

        assert(event_monitor_udev(true, &m) == 0 && m);
        assert(event_monitor_udev(false, &groups) == 0 && groups);
        assert(event_wait_made(m, UUID, none, 0) == 0);
        announce(fd, "vfio", "7", "add");
        announce_synth(fd, "vfio", "7", "add", OTHER);
        announce_synth(fd, "vfio-dev", "vfio7", "add", UUID);
        assert(event_wait_made(m, UUID, one, soon()) == -ETIMEDOUT);
        announce_synth(fd, "vfio", "7", "add", UUID);
        assert(event_wait_made(m, UUID, one, later()) == 0);
        announce_synth(fd, "vfio", "7", "add", UUID);
        assert(event_wait_made(m, UUID, both, soon()) == -ETIMEDOUT);
        announce_synth(fd, "vfio-dev", "vfio7", "add", UUID);
        announce_synth(fd, "vfio", "7", "add", UUID);
        assert(event_wait_made(m, UUID, both, later()) == 0);
        /* who does not ask for the character device's does not hear of it */
        assert(event_wait_made(groups, UUID, both, soon()) == -ETIMEDOUT);
}

static void test_gone(int fd) {
        _cleanup_(event_monitor_freep) EventMonitor *m = NULL;

        assert(event_monitor_udev(false, &m) == 0 && m);
        announce(fd, "mdev", OTHER, "remove");
        announce(fd, "mdev", UUID, "unbind");
        assert(event_wait_gone(m, UUID, soon()) == -ETIMEDOUT);
        announce(fd, "mdev", UUID, "remove");
        assert(event_wait_gone(m, UUID, later()) == 0);
        assert(event_wait_gone(NULL, UUID, 0) == 0);
}

/* More than the socket holds: we look ourselves, and there is no such device */
static void test_lost(int fd) {
        _cleanup_(event_monitor_freep) EventMonitor *m = NULL;

        assert(event_monitor_udev(false, &m) == 0 && m);
        for (size_t i = 0; i < 20000; i++)
                announce(fd, "mdev", OTHER, "change");
        assert(event_wait_gone(m, UUID, later()) == 0);
        m = event_monitor_free(m);

        assert(event_monitor_udev(false, &m) == 0 && m);
        for (size_t i = 0; i < 20000; i++)
                announce(fd, "mdev", OTHER, "change");
        assert(event_wait_made(m, UUID, made(7), clock_now() + 1000) == -ETIMEDOUT);
}

/* Each device and parent by its kernel name, in order; what is no news is left out */
static void test_next(int fd) {
        _cleanup_(event_monitor_freep) EventMonitor *m = NULL;
        static const struct {
                EventKind kind;
                const char *uuid, *parent;
        } want[] = {
                { EVENT_CREATED, UUID, "x" },
                { EVENT_REMOVED, UUID, "x" },
                { EVENT_CREATED, OTHER, "x" },
                { EVENT_REGISTERED, "", "0.0.0313" },
                { EVENT_UNREGISTERED, "", "cciss!c0" },
        };
        Event e;

        assert(event_monitor_all(true, &m) == 0);
        assert(event_fd(m) >= 0);
        assert(event_next(m, &e) == 0);
        announce(fd, "mdev", UUID, "add");
        announce(fd, "mdev", UUID, "bind");
        announce(fd, "mdev", UUID, "change");
        announce(fd, "vfio", "7", "remove");
        announce(fd, "mdev", UUID, "unbind");
        announce(fd, "mdev", UUID, "remove");
        announce(fd, "mdev", OTHER, "bind");
        announce_state(fd, "css", "0.0.0313", "change", "registered");
        announce_state(fd, "css", "0.0.0313", "bind", "registered");
        announce_state(fd, "css", "0.0.0313", "change", "other");
        announce(fd, "block", "cciss!c0", "change");
        announce_state(fd, "block", "cciss!c0", "change", "unregistered");
        for (size_t i = 0; i < ELEMENTSOF(want); i++) {
                assert(event_next(m, &e) == 1);
                expect_number("kind", e.kind, want[i].kind);
                expect_string("uuid", e.uuid, want[i].uuid);
                expect_string("parent", e.parent, want[i].parent);
        }
        assert(event_next(m, &e) == 0);

        for (size_t i = 0; i < 20000; i++)
                announce(fd, "mdev", OTHER, "bind");
        assert(event_next(m, &e) == 1);
        expect_number("kind", e.kind, EVENT_LOST);
}

/* What another process sends is not the kernel's word */
static void test_kernel(int fd) {
        _cleanup_(event_monitor_freep) EventMonitor *m = NULL;

        assert(event_monitor_all(false, &m) == 0 && m);
        announce(fd, "mdev_test", "parent0", "change");
        assert(event_wait_registered(m, soon()) == -ETIMEDOUT);
}

int main(void) {
        _cleanup_(event_monitor_freep) EventMonitor *m = NULL;
        int fd;

        if (geteuid() != 0 || unshare(CLONE_NEWNS | CLONE_NEWNET) < 0) {
                fprintf(stderr, "only root can have a network of its own\n");
                return 77;
        }
        assert(mount("none", "/", "none", MS_REC | MS_PRIVATE, NULL) == 0);
        assert(mount("tmpfs", "/run", "tmpfs", 0, "mode=755") == 0);
        assert(event_monitor_udev(false, &m) == 0 && !m);
        assert(mkdir("/run/udev", 0755) == 0);
        test_text(AT_FDCWD, "/run/udev/control", "");

        fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_KOBJECT_UEVENT);
        assert(fd >= 0);
        test_made(fd);
        test_again(fd);
        test_gone(fd);
        test_lost(fd);
        test_next(fd);
        test_kernel(fd);
        close(fd);
        return 0;
}
