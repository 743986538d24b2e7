/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What a write to create and to remove does, step by step in the kernel's order: drivers/vfio/mdev/mdev_core.c and
 * mdev_sysfs.c of Linux 6.1 and 6.12, with what drivers/base/{core,dd}.c and drivers/vfio add to it. */

#include <ctype.h>
#include <limits.h>
#include <string.h>

#include "sim.h"

#define TYPES "mdev_supported_types"
#define UUID_LENGTH 36

Parent *parents;
Device *devices;

static void drop(Node **n) {
        Node *node = STEAL_PTR(*n);

        node_remove(node);
}

int parse_ulong(const char *s, unsigned long *ret) {
        char *end;

        if (*s == '+')
                s++;
        if (!isxdigit((unsigned char) *s))
                return -EINVAL;
        errno = 0;
        *ret = strtoul(s, &end, 0);
        if (errno != 0)
                return -errno;
        return *end && strcmp(end, "\n") != 0 ? -EINVAL : 0;
}

Device *device_search(const char *uuid) {
        Device *d = devices;

        while (d && strcasecmp(d->uuid, uuid) != 0)
                d = d->next;
        return d;
}

void device_unref(Device *d) {
        if (--d->refs > 0)
                return;
        free(d->params);
        free(d->journal);
        free(d);
}

/* ---- vfio: an emulated device gets a group of its own ------------------------------------------------------ */

static int no_show(_unused_ Node *n, _unused_ FILE *f) {
        return 0;
}

static int no_store(_unused_ Node *n, _unused_ const char *data, _unused_ size_t size) {
        return 0;
}

static int text_show(Node *n, FILE *f) {
        fprintf(f, "%s\n", (const char *) n->data);
        return 0;
}

/* The group's node holds nothing. Opened, it is the group (see fs.c); written to, it is the device's fd. */
static int group_store(Node *n, _unused_ const char *data, _unused_ size_t size) {
        return n->device->group_open ? 0 : -ENODEV;
}

static const FileOps empty_ops = { no_show, no_store }, text_ops = { text_show, NULL },
                     group_ops = { no_show, group_store };

static bool index_is_used(unsigned index) {
        for (const Device *d = devices; d; d = d->next)
                if (d->index == index)
                        return true;
        return false;
}

static void vfio_register(Device *d) {
        unsigned index = 0;
        char name[32];
        Node *n;

        while (index_is_used(index))
                index++;
        d->index = index;
        (void) snprintf(name, sizeof(name), "%u", d->index);
        d->group = node_dir(node_dirs("kernel/iommu_groups"), name);
        node_link(node_dir(d->group, "devices"), d->uuid, d->dir);
        node_file(d->group, "name", 0444, &text_ops, (void *) (uintptr_t) "vfio-noiommu");
        node_file(d->group, "type", 0444, &text_ops, (void *) (uintptr_t) "unknown");
        d->iommu_group = node_link(d->dir, "iommu_group", d->group);
        d->vfio_node = node_file(node_dirs("mdevsim/vfio"), name, 0600, &group_ops, d);
        d->vfio_node->device = d;

        (void) snprintf(name, sizeof(name), "vfio%u", d->index);
        d->vfio_dev = node_dir(d->dir, "vfio-dev");
        n = node_dir(d->vfio_dev, name);
        node_file(n, "uevent", 0644, &empty_ops, d);
        sim_event("add", n, "vfio-dev", NULL);
}

/* The driver's last act: waits, as vfio_unregister_group_dev() does, for who has the device open. */
static void vfio_unregister(Device *d) {
        while (d->holders > 0)
                sim_wait();
        drop(&d->vfio_dev);
        drop(&d->iommu_group);
        drop(&d->vfio_node);
        drop(&d->group);
}

/* ---- a device, made and removed ----------------------------------------------------------------------------- */

/* Every device has it, and nothing here does anything. */
static Node *add_power(Node *dir) {
        static const char *const files[][2] = {
                { "async", "disabled" },          { "autosuspend_delay_ms", "0" },  { "control", "auto" },
                { "runtime_active_kids", "0" },   { "runtime_active_time", "0" },   { "runtime_enabled", "disabled" },
                { "runtime_status", "unsupported" }, { "runtime_suspended_time", "0" }, { "runtime_usage", "0" },
        };
        Node *power = node_dir(dir, "power");

        for (size_t i = 0; i < ELEMENTSOF(files); i++)
                node_file(power, files[i][0], 0444, &text_ops, (void *) (uintptr_t) files[i][1]);
        return power;
}

static int uevent_show(Node *n, FILE *f) {
        const Device *d = n->device;

        if (d && d->driver)
                fprintf(f, "DRIVER=%s\n", d->type->parent->driver->name);
        return 0;
}

static int remove_store(Node *n, const char *data, size_t size);

static const FileOps uevent_ops = { uevent_show, no_store }, remove_ops = { NULL, remove_store };

/* device_add(), up to its event */
static void device_appear(Device *d) {
        d->dir = node_dir(d->type->parent->dir, d->uuid);
        d->dir->device = d;
        d->uevent = node_file(d->dir, "uevent", 0644, &uevent_ops, NULL);
        d->remove = node_file(d->dir, "remove", 0200, &remove_ops, NULL);
        d->subsystem = node_link(d->dir, "subsystem", node_dirs("bus/mdev"));
        d->power = add_power(d->dir);
        d->bus_link = node_link(node_dirs("bus/mdev/devices"), d->uuid, d->dir);
        d->bus_link->device = d;
        sim_event("add", d->dir, "mdev", NULL);
}

/* device_del(): "remove" and the links to the device go before the driver is asked to let go */
static void device_disappear(Device *d) {
        Parent *p = d->type->parent;

        drop(&d->uevent);
        drop(&d->remove);
        drop(&d->power);
        drop(&d->subsystem);
        drop(&d->bus_link);
        if (d->driver) {
                drop(&d->driver);
                while (d->n_attributes > 0)
                        drop(&d->attributes[--d->n_attributes]);
                if (p->driver->kinds[d->type->kind].slow)
                        sim_sleep(parameters.remove_delay_ms);
                (void) fault_apply("remove", NULL);
                vfio_unregister(d);
                d->listed = false;
                driver_unclaim(d->type);
                sim_event("unbind", d->dir, "mdev", NULL);
        }
        sim_event("remove", d->dir, "mdev", NULL);
        drop(&d->dir);
}

/* mdev_device_release() */
static void device_forget(Device *d) {
        Device **p;

        for (p = &devices; *p != d; p = &(*p)->next)
                ;
        *p = d->next;
        if (d->type->parent->driver->counted)
                d->type->parent->available++;
        device_unref(d);
        sim_wake();
}

/* The mdev driver's probe, with the files that the driver core adds for it */
static int device_probe(Device *d) {
        const Driver *driver = d->type->parent->driver;
        char path[128];
        int r;

        (void) snprintf(path, sizeof(path), "bus/mdev/drivers/%s", driver->name);
        d->driver = node_link(d->dir, "driver", node_dirs(path));
        r = driver_claim(d->type);
        if (r >= 0) {
                if (driver->kinds[d->type->kind].slow)
                        sim_sleep(parameters.create_delay_ms);
                r = fault_apply("create", NULL);
                if (r < 0)
                        driver_unclaim(d->type);
        }
        if (r < 0) {
                drop(&d->driver);
                return r == -517 ? -EAGAIN : r; /* EPROBE_DEFER */
        }
        vfio_register(d);
        d->listed = true;
        driver->add_attributes(d);
        sim_event("bind", d->dir, "mdev", NULL);
        return 0;
}

/* From here on the kernel holds unreg_sem for reading */
static int device_make(Device *d) {
        int r;

        device_appear(d);
        r = device_probe(d);
        if (r < 0) {
                device_disappear(d);
                return r;
        }
        d->type_link = node_link(d->type->devices, d->uuid, d->dir);
        d->mdev_type = node_link(d->dir, "mdev_type", d->type->devices->parent);
        d->active = true;
        d->vanish = fault_vanish(d->uuid);
        return 0;
}

static void device_unmake(Device *d) {
        drop(&d->mdev_type);
        drop(&d->type_link);
        device_disappear(d);
        device_forget(d);
}

static int device_create(Type *t, const char *uuid) {
        Parent *p = t->parent;
        Device *d;
        int r;

        if (device_search(uuid))
                return -EEXIST;
        if (p->driver->counted) {
                if (p->available == 0)
                        return -EUSERS;
                p->available--;
        }
        d = must(calloc(1, sizeof(*d)));
        strcpy(d->uuid, uuid);
        d->type = t;
        d->index = INDEX_NONE;
        d->refs = 1;
        d->next = devices;
        devices = d;

        r = -ENODEV;
        if (!p->unregistering) {
                p->readers++;
                r = device_make(d);
                p->readers--;
        }
        if (r < 0)
                device_forget(d);
        sim_wake();
        return r;
}

/* mdev_device_remove() */
static int device_remove(Device *d) {
        Parent *p = d->type->parent;

        if (!d->active)
                return -EAGAIN;
        d->active = false;
        if (p->unregistering)
                return -ENODEV;
        p->readers++;
        device_unmake(d);
        p->readers--;
        sim_wake();
        return 0;
}

int device_vanish(Device *d) {
        if (!d->remove || !d->active)
                return -ENOENT;
        drop(&d->remove);
        return device_remove(d);
}

void device_touch(Device *d) {
        if (d && d->vanish > 0 && --d->vanish == 0)
                (void) device_vanish(d);
}

/* The file goes first, even if the device then stays because its creation has not finished: nobody can remove it
 * any more. */
static int remove_store(Node *n, const char *data, _unused_ size_t size) {
        Device *d = n->device;
        unsigned long value;

        if (parse_ulong(data, &value) < 0)
                return -EINVAL;
        if (value == 0)
                return 0;
        d->remove = NULL;
        node_remove_self(n);
        return device_remove(d);
}

/* ---- types --------------------------------------------------------------------------------------------------- */

static bool is_uuid(const char *s) {
        for (unsigned i = 0; i < UUID_LENGTH; i++)
                if (i == 8 || i == 13 || i == 18 || i == 23 ? s[i] != '-' : !isxdigit((unsigned char) s[i]))
                        return false;
        return true;
}

/* One byte more is taken for a newline, whatever it is */
static int create_store(Node *n, const char *data, size_t size) {
        char uuid[UUID_LENGTH + 1];

        if (size < UUID_LENGTH || size > UUID_LENGTH + 1 || !is_uuid(data))
                return -EINVAL;
        for (unsigned i = 0; i < UUID_LENGTH; i++)
                uuid[i] = (char) tolower((unsigned char) data[i]);
        uuid[UUID_LENGTH] = '\0';
        return device_create(n->data, uuid);
}

static int available_show(Node *n, FILE *f) {
        const Type *t = n->data;
        unsigned available;

        if (!fault_lie(t, &available))
                available = t->parent->driver->counted ? t->parent->available : driver_available(t);
        fprintf(f, "%u\n", available);
        return 0;
}

static const Kind *kind_of(const Node *n) {
        const Type *t = n->data;

        return &t->parent->driver->kinds[t->kind];
}

static int name_show(Node *n, FILE *f) {
        fprintf(f, "%s\n", kind_of(n)->pretty_name);
        return 0;
}

static int api_show(Node *n, FILE *f) {
        const Type *t = n->data;

        fprintf(f, "%s\n", t->parent->driver->api);
        return 0;
}

static int description_show(Node *n, FILE *f) {
        fputs(kind_of(n)->description ?: "", f);
        return 0;
}

static const FileOps create_ops = { NULL, create_store }, available_ops = { available_show, NULL },
                     name_ops = { name_show, NULL }, api_ops = { api_show, NULL },
                     description_ops = { description_show, NULL };

static void type_add(Parent *p, unsigned kind) {
        Type *t = &p->types[kind];
        char name[128];
        Node *dir;

        *t = (Type) { .parent = p, .kind = kind };
        (void) snprintf(name, sizeof(name), "%s-%s", p->driver->prefix, p->driver->kinds[kind].name);
        dir = node_dir(p->types_dir, name);
        node_file(dir, "create", 0200, &create_ops, t);
        node_file(dir, "available_instances", 0444, &available_ops, t);
        node_file(dir, "device_api", 0444, &api_ops, t);
        node_file(dir, "name", 0444, &name_ops, t);
        if (p->driver->described)
                node_file(dir, "description", 0444, &description_ops, t);
        t->devices = node_dir(dir, "devices");
}

/* ---- parents ------------------------------------------------------------------------------------------------- */

static Parent *parent_search(const char *name) {
        Parent *p = parents;

        while (p && (p->dead || strcmp(p->name, name) != 0))
                p = p->next;
        return p;
}

static int do_register(Parent *p) {
        if (p->registered)
                return -EALREADY;
        p->types_dir = node_dir(p->dir, TYPES);
        for (p->n_types = 0; p->n_types < KINDS_MAX && p->driver->kinds[p->n_types].name; p->n_types++)
                type_add(p, p->n_types);
        if (p->driver->counted)
                p->available = parameters.instances;
        if (!node_child(node_dirs("class/mdev_bus"), p->name))
                p->class_link = node_link(node_dirs("class/mdev_bus"), p->name, p->dir);
        p->registered = true;
        sim_event("change", p->dir, p->driver->subsystem, "MDEV_STATE=registered");
        return 0;
}

/* Once a writer waits for unreg_sem, whoever tries to read it is refused: ENODEV */
static int do_unregister(Parent *p) {
        if (!p->registered)
                return -EALREADY;
        p->unregistering = true;
        while (p->readers > 0)
                sim_wait();
        drop(&p->class_link);
        for (Device *d = devices, *next; d; d = next) {
                next = d->next;
                if (d->type->parent != p || !d->dir)
                        continue;
                device_unmake(d);
                next = devices; /* it may have slept */
        }
        drop(&p->types_dir);
        p->registered = p->unregistering = false;
        sim_event("change", p->dir, p->driver->subsystem, "MDEV_STATE=unregistered");
        return 0;
}

static int do_delete(Parent *p) {
        (void) do_unregister(p);
        sim_event("remove", p->dir, p->driver->subsystem, NULL);
        drop(&p->bus_link);
        drop(&p->dir);
        p->dead = true; /* and stays in the list: who waits for it looks at it again */
        return 0;
}

static int with_parent(const char *name, int (*act)(Parent *p)) {
        Parent *p = parent_search(name);
        int r;

        if (!p)
                return -ENODEV;
        while (p->busy)
                sim_wait();
        p->busy = true;
        r = p->dead ? -ENODEV : act(p);
        p->busy = false;
        sim_wake();
        return r;
}

int parent_register(const char *name) {
        return with_parent(name, do_register);
}

int parent_unregister(const char *name) {
        return with_parent(name, do_unregister);
}

int parent_del(const char *name) {
        return with_parent(name, do_delete);
}

int parent_add(const Driver *driver, const char *name) {
        char path[PATH_MAX];
        Parent *p;

        if (!*name || strcmp(name, ".") == 0 || strcmp(name, "..") == 0 || strlen(name) > NAME_MAX)
                return -EINVAL;
        if (parent_search(name))
                return -EEXIST;
        p = must(calloc(1, sizeof(*p)));
        p->name = must(strdup(name));
        for (char *c = p->name; *c; c++)
                if (*c == '/')
                        *c = '!';
        p->driver = driver;
        (void) snprintf(path, sizeof(path), "devices/%s", driver->path);
        p->dir = node_dir(node_dirs(path), p->name);
        node_file(p->dir, "uevent", 0644, &empty_ops, NULL);
        add_power(p->dir);
        (void) snprintf(path, sizeof(path), "%s/%s", driver->parent_driver ? "bus" : "class", driver->subsystem);
        node_link(p->dir, "subsystem", node_dirs(path));
        if (driver->parent_driver) {
                (void) snprintf(path, sizeof(path), "bus/%s/drivers/%s", driver->subsystem, driver->parent_driver);
                node_link(p->dir, "driver", node_dirs(path));
                (void) snprintf(path, sizeof(path), "bus/%s/devices", driver->subsystem);
        }
        p->bus_link = node_link(node_dirs(path), p->name, p->dir);
        p->next = parents;
        parents = p;
        sim_event("add", p->dir, driver->subsystem, NULL);
        return do_register(p);
}

/* NAME:COUNT:MS, where NAME may have colons */
int parent_flap(const char *arg) {
        _cleanup_free_ char *name = must(strdup(arg));
        unsigned long count, ms;
        char *p;
        int r;

        p = strrchr(name, ':');
        if (!p || parse_ulong(p + 1, &ms) < 0)
                return -EINVAL;
        *p = '\0';
        p = strrchr(name, ':');
        if (!p || parse_ulong(p + 1, &count) < 0)
                return -EINVAL;
        *p = '\0';
        while (count-- > 0) {
                r = parent_unregister(name);
                if (r < 0)
                        return r;
                sim_sleep((unsigned) ms);
                r = parent_register(name);
                if (r < 0)
                        return r;
                if (count > 0)
                        sim_sleep((unsigned) ms);
        }
        return 0;
}

void model_init(void) {
        (void) node_dirs("class/mdev_bus");
        (void) node_dirs("bus/mdev/devices");
        (void) node_dirs("bus/mdev/drivers");
        (void) node_dirs("kernel/iommu_groups");
        (void) node_dirs("mdevsim/vfio");
}
