/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The drivers of the parents: types, limits, attributes. mdev_test is tests/kernel/mdev_test.c, function by function,
 * so that a case sees the same here and in a virtual machine. */

#include <ctype.h>
#include <string.h>

#include "sim.h"

#define PAGE 4096

/* As the module's journal_add(): one line a write */
static void journal_add(Device *d, const char *name, const char *data, size_t size, int r) {
        char *text = NULL;
        size_t n;
        FILE *f = must(open_memstream(&text, &n));

        fprintf(f, "%s%s=", d->journal ?: "", name);
        sim_escape(f, data, size);
        fprintf(f, " [%zu]", size);
        if (r < 0)
                fprintf(f, " errno %d", -r);
        fputc('\n', f);
        fclose(f);
        free(d->journal);
        d->journal = must(text);
}

typedef struct Attribute {
        const char *name;
        mode_t mode;
        FileOps ops;
        int (*set)(Device *d, const struct Attribute *a, const char *data, size_t size);
        unsigned mask;
        bool assign;
} Attribute;

static int attribute_store(Node *n, const char *data, size_t size) {
        const Attribute *a = n->data;
        int r = 0;

        if (a->set)
                r = a->set(n->device, a, data, size);
        else
                sim_sleep(parameters.attr_delay_ms); /* slow_attr */
        journal_add(n->device, a->name, data, size, r);
        return r;
}

static int refuse_set(_unused_ Device *d, _unused_ const Attribute *a, _unused_ const char *data,
                      _unused_ size_t size) {
        unsigned e = parameters.refuse_errno;

        return -(int) (e < 1 ? 1 : e > 4095 ? 4095 : e);
}

static int params_set(Device *d, _unused_ const Attribute *a, const char *data, size_t size) {
        if (size >= PAGE)
                return -E2BIG;
        free(d->params);
        d->params = must(malloc(size + 1));
        memcpy(d->params, data, size);
        d->params_size = size;
        return 0;
}

static int params_show(Node *n, FILE *f) {
        fwrite(n->device->params, 1, n->device->params_size, f);
        return 0;
}

static bool intersect(const bool *a, const bool *b) {
        for (unsigned i = 0; i < MASK_BITS; i++)
                if (a[i] && b[i])
                        return true;
        return false;
}

static bool is_empty(const bool *m) {
        return !intersect(m, m);
}

/* Takes over all three masks, or none: every pair of adapter and domain must be free. */
static int masks_replace(Device *d, const Masks *new) {
        if (!is_empty(new->m[DOMAINS])) {
                if (intersect(new->m[ADAPTERS], parameters.reserved))
                        return -EADDRNOTAVAIL;
                for (const Device *o = devices; o; o = o->next)
                        if (o != d && o->listed && intersect(new->m[ADAPTERS], o->masks.m[ADAPTERS]) &&
                            intersect(new->m[DOMAINS], o->masks.m[DOMAINS]))
                                return -EADDRINUSE;
        }
        d->masks = *new;
        return 0;
}

static int assign_set(Device *d, const Attribute *a, const char *data, _unused_ size_t size) {
        Masks new = d->masks;
        unsigned long bit;
        int r;

        r = parse_ulong(data, &bit);
        if (r < 0)
                return r;
        if (bit >= MASK_BITS)
                return -ENODEV;
        if (new.m[a->mask][bit] == a->assign)
                return 0;
        new.m[a->mask][bit] = a->assign;
        if (a->assign)
                return masks_replace(d, &new);
        d->masks = new;
        return 0;
}

static unsigned nibble_of(char c) {
        return isdigit((unsigned char) c) ? (unsigned) (c - '0') : (unsigned) (tolower((unsigned char) c) - 'a' + 10);
}

static int ap_config_set(Device *d, _unused_ const Attribute *a, const char *data, _unused_ size_t size) {
        const char *p = data;
        Masks new = {};

        for (unsigned i = 0; i < MASKS; i++, p++) {
                if (p[0] != '0' || tolower((unsigned char) p[1]) != 'x' || !isxdigit((unsigned char) p[2]))
                        return -EINVAL;
                p += 2;
                for (unsigned bit = 0; isxdigit((unsigned char) *p) && bit < MASK_BITS; p++)
                        for (int j = 3; j >= 0; j--, bit++)
                                new.m[i][bit] = nibble_of(*p) & (1U << j);
                if (i < MASKS - 1 ? *p != ',' : *p && strcmp(p, "\n") != 0)
                        return -EINVAL;
        }
        return masks_replace(d, &new);
}

static int ap_config_show(Node *n, FILE *f) {
        for (unsigned i = 0; i < MASKS; i++) {
                const bool *m = n->device->masks.m[i];

                fputs("0x", f);
                for (unsigned bit = 0; bit < MASK_BITS; bit += 4)
                        fprintf(f, "%x", m[bit] << 3 | m[bit + 1] << 2 | m[bit + 2] << 1 | m[bit + 3]);
                fputc(i < MASKS - 1 ? ',' : '\n', f);
        }
        return 0;
}

static int matrix_show(Node *n, FILE *f) {
        const bool *adapters = n->device->masks.m[ADAPTERS], *domains = n->device->masks.m[DOMAINS];
        bool no_adapter = is_empty(adapters), no_domain = is_empty(domains);

        for (unsigned a = 0; a < MASK_BITS; a++) {
                if (adapters[a] && no_domain)
                        fprintf(f, "%02x.\n", a);
                for (unsigned d = 0; d < MASK_BITS; d++)
                        if (adapters[a] && domains[d])
                                fprintf(f, "%02x.%04x\n", a, d);
        }
        for (unsigned d = 0; no_adapter && d < MASK_BITS; d++)
                if (domains[d])
                        fprintf(f, ".%04x\n", d);
        return 0;
}

static int control_domains_show(Node *n, FILE *f) {
        for (unsigned d = 0; d < MASK_BITS; d++)
                if (n->device->masks.m[CONTROL_DOMAINS][d])
                        fprintf(f, "%04x\n", d);
        return 0;
}

static int journal_show(Node *n, FILE *f) {
        fputs(n->device->journal ?: "", f);
        return 0;
}

static int id_show(Node *n, FILE *f) {
        fprintf(f, "%u\n", n->device->index + 1);
        return 0;
}

static int sample_show(Node *n, FILE *f) {
        fprintf(f, "This is MDEV %s\n", n->device->uuid);
        return 0;
}

#define ASSIGN(n, which)                                                                                      \
        { "assign_" n, 0200, { NULL, attribute_store }, assign_set, which, true },                             \
        { "unassign_" n, 0200, { NULL, attribute_store }, assign_set, which, false }

static const Attribute test_attributes[] = {
        ASSIGN("adapter", ADAPTERS),
        ASSIGN("domain", DOMAINS),
        ASSIGN("control_domain", CONTROL_DOMAINS),
        { "ap_config", 0644, { ap_config_show, attribute_store }, ap_config_set, 0, false },
        { "refuse", 0200, { NULL, attribute_store }, refuse_set, 0, false },
        { "slow_attr", 0200, { NULL, attribute_store }, NULL, 0, false },
        { "matrix", 0444, { matrix_show, NULL }, NULL, 0, false },
        { "control_domains", 0444, { control_domains_show, NULL }, NULL, 0, false },
        { "journal", 0444, { journal_show, NULL }, NULL, 0, false },
        { "params/vgpu_params", 0644, { params_show, attribute_store }, params_set, 0, false },
        {},
};

static const Attribute mtty_attributes[] = { { "vendor/sample_mdev_dev", 0444, { sample_show, NULL }, NULL, 0, false }, {} };
static const Attribute gvt_attributes[] = { { "intel_vgpu/vgpu_id", 0444, { id_show, NULL }, NULL, 0, false }, {} };

/* They belong to the driver: whole groups of them go when it lets go of the device. */
static void add_attributes(Device *d, const Attribute *list) {
        for (const Attribute *a = list; a->name; a++) {
                Node *n = node_file(d->dir, a->name, a->mode, &a->ops, (void *) (uintptr_t) a);

                n->unlimited = a->ops.show == journal_show;
                d->attributes[d->n_attributes++] = n->parent == d->dir ? n : n->parent;
        }
}

static void test_add_attributes(Device *d) {
        d->params = must(strdup(""));
        add_attributes(d, test_attributes);
}

static void mtty_add_attributes(Device *d) {
        add_attributes(d, mtty_attributes);
}

static void gvt_add_attributes(Device *d) {
        add_attributes(d, gvt_attributes);
}

#define GVT(low, high, resolution, weight)                                                                     \
        "low_gm_size: " low "MB\nhigh_gm_size: " high "MB\nfence: 4\nresolution: " resolution "\nweight: " weight "\n"

const Driver drivers[] = {
        { .kind = "test", .path = "virtual/mdev_test", .subsystem = "mdev_test", .prefix = "mdev_test",
          .name = "mdev_test", .api = "vfio-pci", .described = true, .add_attributes = test_add_attributes,
          .kinds = { { .name = "crypto", .pretty_name = "Crypto partition" },
                     { .name = "small", .pretty_name = "Small share", .shares = 1 },
                     { .name = "large", .pretty_name = "Large share", .shares = 2,
                       .description = "shares: 2\nmemory: 512MB\nresolution: 1920x1200\n" },
                     { .name = "slow", .pretty_name = "Slow device", .slow = true } } },
        { .kind = "ap", .path = "virtual/mdev_test", .subsystem = "mdev_test", .prefix = "mdev_test",
          .name = "mdev_test_ap", .api = "vfio-ap", .counted = true, .add_attributes = test_add_attributes,
          .kinds = { { .name = "crypto", .pretty_name = "Crypto partition" } } },
        { .kind = "mtty", .path = "virtual/mtty", .subsystem = "mtty", .prefix = "mtty", .name = "mtty",
          .api = "vfio-pci", .pool = 24, .add_attributes = mtty_add_attributes,
          .kinds = { { .name = "1", .pretty_name = "Single port serial", .shares = 1 },
                     { .name = "2", .pretty_name = "Dual port serial", .shares = 2 } } },
        { .kind = "gvt", .path = "pci0000:00", .subsystem = "pci", .parent_driver = "i915", .prefix = "i915",
          .name = "intel_vgpu_mdev", .api = "vfio-pci", .described = true, .pool = 4,
          .add_attributes = gvt_add_attributes,
          .kinds = { { .name = "GVTg_V5_4", .pretty_name = "GVTg_V5_4", .shares = 2,
                       .description = GVT("128", "512", "1920x1200", "4") },
                     { .name = "GVTg_V5_8", .pretty_name = "GVTg_V5_8", .shares = 1,
                       .description = GVT("64", "384", "1024x768", "2") } } },
        {},
};

const Driver *driver_search(const char *kind, size_t size) {
        for (const Driver *d = drivers; d->kind; d++)
                if (strlen(d->kind) == size && memcmp(d->kind, kind, size) == 0)
                        return d;
        return NULL;
}

static unsigned pool_of(const Driver *d) {
        return d->pool > 0 ? d->pool : parameters.pool;
}

/* Types that take shares of one pool refuse with the driver's ENOSPC, the others as the mdev core does. */
int driver_claim(Type *t) {
        Parent *p = t->parent;
        const Kind *k = &p->driver->kinds[t->kind];

        if (k->shares > 0 && p->shares_used + k->shares > pool_of(p->driver))
                return -ENOSPC;
        if (k->shares == 0 && !p->driver->counted && p->used[t->kind] >= parameters.instances)
                return -EUSERS;
        p->used[t->kind]++;
        p->shares_used += k->shares;
        return 0;
}

void driver_unclaim(Type *t) {
        t->parent->used[t->kind]--;
        t->parent->shares_used -= t->parent->driver->kinds[t->kind].shares;
}

unsigned driver_available(const Type *t) {
        const Kind *k = &t->parent->driver->kinds[t->kind];
        unsigned all = k->shares > 0 ? pool_of(t->parent->driver) : parameters.instances;
        unsigned used = k->shares > 0 ? t->parent->shares_used : t->parent->used[t->kind];

        return all <= used ? 0 : (all - used) / (k->shares > 0 ? k->shares : 1);
}
