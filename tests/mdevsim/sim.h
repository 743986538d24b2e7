/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdint.h>
#include <sys/types.h>

#include "base/macro.h"

/* The simulated kernel. Everything is done under one lock, which is given up only to sleep or to wait; so the
 * functions here are to be called with it, and what they found may have changed when they slept (marked "sleeps"). */

void sim_lock(void);
void sim_unlock(void);
void sim_wait(void); /* sleeps until sim_wake() */
void sim_wake(void);
void sim_sleep(unsigned ms);
void *must(void *p); /* a test that is out of memory ends */

/* ---- tree.c: what kernfs is to sysfs ---------------------------------------------------------------------- */

typedef struct Node Node;

typedef struct FileOps {
        int (*show)(Node *n, FILE *f);                          /* 0 or a negative errno */
        int (*store)(Node *n, const char *data, size_t size);   /* the same; data ends with a NUL */
} FileOps;

struct Node {
        Node *parent, *first, *next;
        char *name;
        uint64_t ino; /* counts up, and is never used twice */
        mode_t mode;
        char *target;           /* of a link */
        const FileOps *ops;     /* of a file */
        void *data;             /* what the file is about; valid until the node is removed */
        struct Device *device;  /* the device that it is a part of, or NULL; the same */
        void *inode;            /* for fs.c: the FUSE inode of a directory or link */
        unsigned refs, active;
        bool unlimited; /* a binary attribute: may be longer than a page */
        bool gone;
};

extern Node *root;

Node *node_dir(Node *parent, const char *name);
Node *node_dirs(const char *path); /* with all above it, from the root; what exists is taken */
Node *node_file(Node *dir, const char *name, mode_t mode, const FileOps *ops, void *data); /* NAME or DIR/NAME */
Node *node_link(Node *dir, const char *name, const Node *target);
Node *node_child(const Node *dir, const char *name);
char *node_path(const Node *n);                      /* without /sys; to be freed */
const char *node_file_name(const Node *n, char buf[static 256]); /* as in a definition: with the group's name */
Node *node_ref(Node *n);
void node_unref(Node *n);
/* Takes it out, with all below, and waits until nobody is in show or store (kernfs_drain). Sleeps. */
void node_remove(Node *n);
/* The same from within its own store. */
void node_remove_self(Node *n);

/* ---- model.c: the mdev core (drivers/vfio/mdev), vfio and the driver core --------------------------------- */

#define KINDS_MAX 4
#define INDEX_NONE UINT32_MAX

typedef struct Kind {
        const char *name, *pretty_name, *description;
        unsigned shares; /* of the pool; without any: counted against `instances` */
        bool slow;
} Kind;

typedef struct Driver {
        const char *kind; /* for --parents and the control file */
        const char *path; /* of its parents, below /sys/devices */
        const char *subsystem;
        const char *parent_driver; /* NULL: none */
        const char *prefix;        /* of its types */
        const char *name, *api;
        bool counted;   /* by the core: EUSERS before there is a device */
        bool described; /* has `description` */
        unsigned pool;  /* 0: the parameter */
        Kind kinds[KINDS_MAX];
        void (*add_attributes)(struct Device *d);
} Driver;

typedef struct Parent Parent;

typedef struct Type {
        Parent *parent;
        unsigned kind;
        Node *devices;
} Type;

struct Parent {
        Parent *next;
        char *name;
        const Driver *driver;
        Node *dir, *class_link, *bus_link, *types_dir;
        Type types[KINDS_MAX];
        unsigned n_types;
        bool registered, unregistering, busy, dead;
        unsigned readers; /* creations and removals under way: the core's unreg_sem */
        unsigned available; /* the core's count */
        unsigned used[KINDS_MAX], shares_used;
};

enum { ADAPTERS, DOMAINS, CONTROL_DOMAINS, MASKS };
#define MASK_BITS 256

typedef struct Masks {
        bool m[MASKS][MASK_BITS];
} Masks;

typedef struct Device {
        struct Device *next;
        char uuid[37];
        Type *type;
        Node *dir, *bus_link, *subsystem, *driver, *remove, *uevent, *power, *mdev_type, *type_link;
        Node *iommu_group, *vfio_dev, *group, *vfio_node;
        unsigned index;  /* of group and vfioN; INDEX_NONE: not bound */
        unsigned refs;
        bool active;     /* whole: the core's mdev->active */
        bool group_open; /* exclusively, as /dev/vfio/N */
        unsigned holders;
        unsigned vanish; /* after so many operations; 0: stays */
        /* the driver's */
        Node *attributes[16];
        unsigned n_attributes;
        bool listed; /* others see its masks */
        Masks masks;
        char *params, *journal;
        size_t params_size;
} Device;

extern Parent *parents;
extern Device *devices;

int parent_add(const Driver *driver, const char *name);
/* The next ones sleep. -ENODEV: no such parent. */
int parent_del(const char *name);
int parent_register(const char *name);
int parent_unregister(const char *name);
int parent_flap(const char *arg);

Device *device_search(const char *uuid);
void device_unref(Device *d);
/* Removes it as another process would. Sleeps. */
int device_vanish(Device *d);
/* Counts an operation on a part of a device that may vanish thereby. Sleeps. */
void device_touch(Device *d);
/* mdev's own parsing: kstrtoul(), base 0. */
int parse_ulong(const char *s, unsigned long *ret);
void model_init(void);

/* ---- driver.c: the parents' drivers ----------------------------------------------------------------------- */

extern const Driver drivers[];
const Driver *driver_search(const char *kind, size_t size);
int driver_claim(Type *t);
void driver_unclaim(Type *t);
unsigned driver_available(const Type *t);

/* ---- control.c: parameters, faults, events, the log ------------------------------------------------------- */

typedef struct Parameters {
        unsigned instances, pool, create_delay_ms, remove_delay_ms, attr_delay_ms, refuse_errno, create_errno,
                create_errno_count;
        char *reserved_text;
        bool reserved[MASK_BITS];
} Parameters;

extern Parameters parameters;

void control_init(int log_fd, bool events);
int control_parents(const char *list);             /* KIND:NAME,... */
int control_parameter(const char *assignment);     /* NAME=VALUE */
int control_run(const char *line);                 /* one command; sleeps */
/* Does what was ordered for an operation: waits, and returns 0 or a negative errno. name may be NULL. Sleeps. */
int fault_apply(const char *verb, const char *name);
size_t fault_limit(size_t size); /* of one read */
unsigned fault_vanish(const char *uuid); /* after how many operations the new device is to vanish */
bool fault_lie(const Type *t, unsigned *ret);
void sim_log(const Node *n, const char *verb, const char *data, size_t size, long result);
void sim_escape(FILE *f, const char *data, size_t size);
void sim_event(const char *action, const Node *dir, const char *subsystem, const char *extra);
