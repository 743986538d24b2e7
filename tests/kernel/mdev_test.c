// SPDX-License-Identifier: GPL-2.0-only
/*
 * Parents of mediated devices for the tests of mdev-tools: types and attributes like those of real
 * drivers, and faults on demand. See README for the parameters. Linux 6.1 and 6.12.
 *
 * Locks: a tparent's lock serialises its registration and may be held for as long as a device is in
 * use; parents_lock (taken inside it) guards the list; state_lock guards counters, masks, journals
 * and is never held over a sleep. mdev's own unreg_sem comes after a tparent's lock, so that probe
 * and remove take only state_lock.
 */

#include <linux/bitmap.h>
#include <linux/ctype.h>
#include <linux/delay.h>
#include <linux/device.h>
#include <linux/list.h>
#include <linux/mdev.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/pci.h>
#include <linux/sizes.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/sysfs.h>
#include <linux/uaccess.h>
#include <linux/version.h>
#include <linux/vfio.h>
#include <linux/wait.h>

#define PARENTS_MAX	64
#define MASK_BITS	256
#define JOURNAL_MAX	SZ_256K

static char *parents = "tparent0";
module_param(parents, charp, 0444);
MODULE_PARM_DESC(parents, "parents made at load, comma separated (default tparent0)");
static char *ap_parents = "";
module_param(ap_parents, charp, 0444);
MODULE_PARM_DESC(ap_parents, "the same, with type crypto only, counted by the mdev core as for vfio_ap");
static char *subsystem = KBUILD_MODNAME;
module_param(subsystem, charp, 0444);
MODULE_PARM_DESC(subsystem, "of the parents (default mdev_test)");
static uint instances = 64;
module_param(instances, uint, 0644);
MODULE_PARM_DESC(instances, "devices of type crypto, and of type slow, per parent (default 64)");
static uint pool = 24;
module_param(pool, uint, 0644);
MODULE_PARM_DESC(pool, "shares per parent: small takes 1, large takes 2 (default 24)");
static uint create_delay_ms = 1000;
module_param(create_delay_ms, uint, 0644);
MODULE_PARM_DESC(create_delay_ms, "how long creation of type slow takes (default 1000)");
static uint remove_delay_ms = 1000;
module_param(remove_delay_ms, uint, 0644);
MODULE_PARM_DESC(remove_delay_ms, "how long removal of type slow takes (default 1000)");
static uint attr_delay_ms = 1000;
module_param(attr_delay_ms, uint, 0644);
MODULE_PARM_DESC(attr_delay_ms, "how long a write to slow_attr takes (default 1000)");
static uint refuse_errno = EINVAL;
module_param(refuse_errno, uint, 0644);
MODULE_PARM_DESC(refuse_errno, "errno of every write to the attribute refuse (default EINVAL)");
static uint create_errno;
module_param(create_errno, uint, 0644);
MODULE_PARM_DESC(create_errno, "creations fail with this errno (default 0: they do not)");
static uint create_errno_count;
module_param(create_errno_count, uint, 0644);
MODULE_PARM_DESC(create_errno_count, "after so many failures create_errno becomes 0 (default 0: never)");

enum { ADAPTERS, DOMAINS, CONTROL_DOMAINS, MASKS };

struct masks {
	unsigned long m[MASKS][BITS_TO_LONGS(MASK_BITS)];
};

enum { CRYPTO, SMALL, LARGE, SLOW, KINDS };

static const struct kind {
	const char *name, *pretty_name, *description;
	unsigned int shares;	/* of the pool; without any: counted against instances */
	bool slow;
} kinds[KINDS] = {
	[CRYPTO] = { "crypto", "Crypto partition" },
	[SMALL] = { "small", "Small share", .shares = 1 },
	[LARGE] = { "large", "Large share", "shares: 2\nmemory: 512MB\nresolution: 1920x1200\n", .shares = 2 },
	[SLOW] = { "slow", "Slow device", .slow = true },
};

/*
 * What one registration needs. mdev's kobjects in it cannot be used twice and may outlive the
 * registration, but never the parent device, to which each holds a reference.
 */
struct treg {
	struct list_head node;
	struct mdev_parent parent;
	struct mdev_type types[KINDS];
	struct mdev_type *ptypes[KINDS];
};

struct tparent {
	struct device dev;
	struct list_head node;	/* in parents_list */
	struct mutex lock;
	struct list_head regs;	/* every treg ever used */
	struct treg *reg;	/* the present one, NULL if unregistered */
	struct pci_dev *function;	/* it looks like a virtual function of this one */
	char virtfn[16];
	bool ap;
	bool dead;
	unsigned int used[KINDS];
	unsigned int shares_used;
};

struct tdev {
	struct vfio_device vdev;
	struct list_head node;	/* in devices_list */
	struct tparent *tp;
	unsigned int kind;
	struct masks masks;
	char *params;
	size_t params_len;
	char *journal;
	size_t journal_len;
};

static LIST_HEAD(parents_list);
static DEFINE_MUTEX(parents_lock);
static bool running;

static LIST_HEAD(devices_list);
static DECLARE_BITMAP(reserved, MASK_BITS);
static DEFINE_MUTEX(state_lock);

/* Parent devices not yet released: the module must not go before them. */
static atomic_t alive = ATOMIC_INIT(0);
static DECLARE_WAIT_QUEUE_HEAD(alive_wait);

static struct class test_class;

/* Attributes of a device */

struct tattr {
	struct device_attribute attr;
	const char *name;	/* with the group's name */
	int (*set)(struct tdev *td, const struct tattr *ta, const char *buf, size_t len);
	unsigned int mask;
	bool assign;
	bool slow;
};

/* One line a write: NAME=VALUE [LENGTH], and " errno N" if it was refused. */
static void journal_add(struct tdev *td, const char *name, const char *buf, size_t len, int r)
{
	size_t size = td->journal_len + strlen(name) + 4 * len + 48, i;
	char *p;

	if (size > JOURNAL_MAX)
		return;
	p = krealloc(td->journal, size, GFP_KERNEL);
	if (!p)
		return;
	td->journal = p;
	p += td->journal_len;

	p += sprintf(p, "%s=", name);
	for (i = 0; i < len; i++)
		if (buf[i] == '\n')
			p += sprintf(p, "\\n");
		else if (buf[i] == '\\')
			p += sprintf(p, "\\\\");
		else if (isascii(buf[i]) && isprint(buf[i]))
			*p++ = buf[i];
		else
			p += sprintf(p, "\\x%02x", (unsigned char)buf[i]);
	p += sprintf(p, " [%zu]", len);
	if (r < 0)
		p += sprintf(p, " errno %d", -r);
	*p++ = '\n';
	td->journal_len = p - td->journal;
}

static ssize_t tattr_store(struct device *dev, struct device_attribute *attr, const char *buf, size_t len)
{
	const struct tattr *ta = container_of(attr, struct tattr, attr);
	struct tdev *td = dev_get_drvdata(dev);
	int r;

	if (ta->slow)
		msleep(attr_delay_ms);

	mutex_lock(&state_lock);
	r = ta->set(td, ta, buf, len);
	journal_add(td, ta->name, buf, len, r);
	mutex_unlock(&state_lock);
	return r < 0 ? r : len;
}

static int accept_set(struct tdev *td, const struct tattr *ta, const char *buf, size_t len)
{
	return 0;
}

static int refuse_set(struct tdev *td, const struct tattr *ta, const char *buf, size_t len)
{
	return -(int)clamp_t(uint, refuse_errno, 1, MAX_ERRNO);
}

static int params_set(struct tdev *td, const struct tattr *ta, const char *buf, size_t len)
{
	char *p;

	if (len >= PAGE_SIZE)	/* could not be read back */
		return -E2BIG;
	p = kmemdup(buf, len, GFP_KERNEL);
	if (!p)
		return -ENOMEM;
	kfree(td->params);
	td->params = p;
	td->params_len = len;
	return 0;
}

static ssize_t params_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	struct tdev *td = dev_get_drvdata(dev);
	size_t len;

	mutex_lock(&state_lock);
	len = td->params_len;
	memcpy(buf, td->params, len);
	mutex_unlock(&state_lock);
	return len;
}

/* Takes over all three masks, or none: every pair of the product must be free. */
static int masks_replace(struct tdev *td, const struct masks *new)
{
	struct tdev *other;

	if (!bitmap_empty(new->m[DOMAINS], MASK_BITS)) {
		if (bitmap_intersects(new->m[ADAPTERS], reserved, MASK_BITS))
			return -EADDRNOTAVAIL;
		list_for_each_entry(other, &devices_list, node)
			if (other != td &&
			    bitmap_intersects(new->m[ADAPTERS], other->masks.m[ADAPTERS], MASK_BITS) &&
			    bitmap_intersects(new->m[DOMAINS], other->masks.m[DOMAINS], MASK_BITS))
				return -EADDRINUSE;
	}
	td->masks = *new;
	return 0;
}

static int assign_set(struct tdev *td, const struct tattr *ta, const char *buf, size_t len)
{
	struct masks new = td->masks;
	unsigned long bit;
	int r;

	r = kstrtoul(buf, 0, &bit);
	if (r < 0)
		return r;
	if (bit >= MASK_BITS)
		return -ENODEV;
	if (test_bit(bit, new.m[ta->mask]) == ta->assign)
		return 0;
	__assign_bit(bit, new.m[ta->mask], ta->assign);
	if (ta->assign)
		return masks_replace(td, &new);
	td->masks = new;
	return 0;
}

/* Masks are written with bit 0 leftmost; hex digits left out at the right are zero. */
static int ap_config_set(struct tdev *td, const struct tattr *ta, const char *buf, size_t len)
{
	struct masks new = {};
	const char *p = buf;
	unsigned int i, bit;

	for (i = 0; i < MASKS; i++, p++) {
		if (p[0] != '0' || tolower(p[1]) != 'x' || !isxdigit(p[2]))
			return -EINVAL;
		for (p += 2, bit = 0; isxdigit(*p) && bit < MASK_BITS; p++) {
			int nibble = hex_to_bin(*p), j;

			for (j = 3; j >= 0; j--, bit++)
				__assign_bit(bit, new.m[i], nibble & BIT(j));
		}
		if (i < MASKS - 1 ? *p != ',' : *p && strcmp(p, "\n"))
			return -EINVAL;
	}
	return masks_replace(td, &new);
}

static ssize_t ap_config_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	struct tdev *td = dev_get_drvdata(dev);
	unsigned int i, bit;
	int n = 0;

	mutex_lock(&state_lock);
	for (i = 0; i < MASKS; i++) {
		const unsigned long *m = td->masks.m[i];

		n += sysfs_emit_at(buf, n, "0x");
		for (bit = 0; bit < MASK_BITS; bit += 4)
			n += sysfs_emit_at(buf, n, "%x", test_bit(bit, m) << 3 | test_bit(bit + 1, m) << 2 |
					   test_bit(bit + 2, m) << 1 | test_bit(bit + 3, m));
		n += sysfs_emit_at(buf, n, i < MASKS - 1 ? "," : "\n");
	}
	mutex_unlock(&state_lock);
	return n;
}

/* As vfio_ap: AA.DDDD, or "AA." and ".DDDD" if there are only adapters or only domains. */
static ssize_t matrix_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	struct tdev *td = dev_get_drvdata(dev);
	const unsigned long *adapters = td->masks.m[ADAPTERS], *domains = td->masks.m[DOMAINS];
	unsigned long a, d;
	int n = 0;

	mutex_lock(&state_lock);
	for_each_set_bit(a, adapters, MASK_BITS) {
		if (bitmap_empty(domains, MASK_BITS))
			n += sysfs_emit_at(buf, n, "%02lx.\n", a);
		for_each_set_bit(d, domains, MASK_BITS)
			n += sysfs_emit_at(buf, n, "%02lx.%04lx\n", a, d);
	}
	if (bitmap_empty(adapters, MASK_BITS))
		for_each_set_bit(d, domains, MASK_BITS)
			n += sysfs_emit_at(buf, n, ".%04lx\n", d);
	mutex_unlock(&state_lock);
	return n;
}

static ssize_t control_domains_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	struct tdev *td = dev_get_drvdata(dev);
	unsigned long d;
	int n = 0;

	mutex_lock(&state_lock);
	for_each_set_bit(d, td->masks.m[CONTROL_DOMAINS], MASK_BITS)
		n += sysfs_emit_at(buf, n, "%04lx\n", d);
	mutex_unlock(&state_lock);
	return n;
}

#define TATTR(_name, _path, _mode, _show, _set, ...)					\
	static struct tattr tattr_##_name = { __ATTR(_name, _mode, _show, tattr_store),	\
					      .name = _path, .set = _set, __VA_ARGS__ }
#define TATTR_ASSIGN(_name, _mask)							\
	TATTR(assign_##_name, "assign_" #_name, 0200, NULL, assign_set, .mask = _mask, .assign = true);	\
	TATTR(unassign_##_name, "unassign_" #_name, 0200, NULL, assign_set, .mask = _mask)

TATTR_ASSIGN(adapter, ADAPTERS);
TATTR_ASSIGN(domain, DOMAINS);
TATTR_ASSIGN(control_domain, CONTROL_DOMAINS);
TATTR(ap_config, "ap_config", 0644, ap_config_show, ap_config_set);
TATTR(refuse, "refuse", 0200, NULL, refuse_set);
TATTR(slow_attr, "slow_attr", 0200, NULL, accept_set, .slow = true);
TATTR(vgpu_params, "params/vgpu_params", 0644, params_show, params_set);
static DEVICE_ATTR_RO(matrix);
static DEVICE_ATTR_RO(control_domains);

static struct attribute *dev_attrs[] = {
	&tattr_assign_adapter.attr.attr,
	&tattr_unassign_adapter.attr.attr,
	&tattr_assign_domain.attr.attr,
	&tattr_unassign_domain.attr.attr,
	&tattr_assign_control_domain.attr.attr,
	&tattr_unassign_control_domain.attr.attr,
	&tattr_ap_config.attr.attr,
	&tattr_refuse.attr.attr,
	&tattr_slow_attr.attr.attr,
	&dev_attr_matrix.attr,
	&dev_attr_control_domains.attr,
	NULL
};

static struct attribute *params_attrs[] = {
	&tattr_vgpu_params.attr.attr,
	NULL
};

/* Binary, because it may be longer than a page. */
static ssize_t journal_read(struct file *file, struct kobject *kobj, struct bin_attribute *attr,
			    char *buf, loff_t off, size_t count)
{
	struct tdev *td = dev_get_drvdata(kobj_to_dev(kobj));
	ssize_t n;

	mutex_lock(&state_lock);
	n = memory_read_from_buffer(buf, count, &off, td->journal, td->journal_len);
	mutex_unlock(&state_lock);
	return n;
}
static BIN_ATTR_RO(journal, 0);

static struct bin_attribute *dev_bin_attrs[] = {
	&bin_attr_journal,
	NULL
};

static const struct attribute_group dev_group = { .attrs = dev_attrs, .bin_attrs = dev_bin_attrs };
static const struct attribute_group params_group = { .name = "params", .attrs = params_attrs };
static const struct attribute_group *dev_groups[] = { &dev_group, &params_group, NULL };

/* The device: it can be opened and held, and does nothing */

static long tdev_ioctl(struct vfio_device *vdev, unsigned int cmd, unsigned long arg)
{
	struct tdev *td = container_of(vdev, struct tdev, vdev);
	struct vfio_device_info info = {};
	size_t minsz = offsetofend(struct vfio_device_info, num_irqs);

	switch (cmd) {
	case VFIO_DEVICE_GET_INFO:
		if (copy_from_user(&info, (void __user *)arg, minsz))
			return -EFAULT;
		if (info.argsz < minsz)
			return -EINVAL;
		info.flags = VFIO_DEVICE_FLAGS_RESET | (td->tp->ap ? VFIO_DEVICE_FLAGS_AP : VFIO_DEVICE_FLAGS_PCI);
		info.num_regions = 0;
		info.num_irqs = 0;
		return copy_to_user((void __user *)arg, &info, minsz) ? -EFAULT : 0;
	case VFIO_DEVICE_RESET:
		return 0;
	}
	return -ENOTTY;
}

static void tdev_release(struct vfio_device *vdev)
{
	struct tdev *td = container_of(vdev, struct tdev, vdev);

	kfree(td->params);
	kfree(td->journal);
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 6, 0)
	vfio_free_device(vdev);
#endif
}

static const struct vfio_device_ops tdev_ops = {
	.name = KBUILD_MODNAME,
	.release = tdev_release,
	.ioctl = tdev_ioctl,
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 6, 0)
	.bind_iommufd = vfio_iommufd_emulated_bind,
	.unbind_iommufd = vfio_iommufd_emulated_unbind,
	.attach_ioas = vfio_iommufd_emulated_attach_ioas,
	.detach_ioas = vfio_iommufd_emulated_detach_ioas,
#endif
};

static struct tparent *to_tparent(struct mdev_type *type)
{
	return container_of(type->parent->dev, struct tparent, dev);
}

static unsigned int to_kind(struct mdev_type *type)
{
	return type - container_of(type->parent, struct treg, parent)->types;
}

static unsigned int get_available(struct mdev_type *type)
{
	struct tparent *tp = to_tparent(type);
	unsigned int k = to_kind(type), all, used;

	mutex_lock(&state_lock);
	all = kinds[k].shares ? pool : instances;
	used = kinds[k].shares ? tp->shares_used : tp->used[k];
	mutex_unlock(&state_lock);
	return all <= used ? 0 : (all - used) / max(kinds[k].shares, 1U);
}

static ssize_t show_description(struct mdev_type *type, char *buf)
{
	return sysfs_emit(buf, "%s", kinds[to_kind(type)].description ?: "");
}

/* The next one in line for create_errno gets it. */
static int create_refused(void)
{
	int r;

	kernel_param_lock(THIS_MODULE);
	r = -(int)min_t(uint, create_errno, MAX_ERRNO);
	if (r && create_errno_count && !--create_errno_count)
		create_errno = 0;
	kernel_param_unlock(THIS_MODULE);
	return r;
}

static int tdev_claim(struct tparent *tp, unsigned int k)
{
	int r = 0;

	mutex_lock(&state_lock);
	if (kinds[k].shares && tp->shares_used + kinds[k].shares > pool)
		r = -ENOSPC;
	else if (!kinds[k].shares && !tp->ap && tp->used[k] >= instances)
		r = -EUSERS;
	else {
		tp->used[k]++;
		tp->shares_used += kinds[k].shares;
	}
	mutex_unlock(&state_lock);
	return r;
}

static void tdev_unclaim(struct tparent *tp, unsigned int k)
{
	mutex_lock(&state_lock);
	tp->used[k]--;
	tp->shares_used -= kinds[k].shares;
	mutex_unlock(&state_lock);
}

static int tdev_probe(struct mdev_device *mdev)
{
	struct tparent *tp = to_tparent(mdev->type);
	unsigned int k = to_kind(mdev->type);
	struct tdev *td;
	int r;

	r = tdev_claim(tp, k);
	if (r < 0)
		return r;
	if (kinds[k].slow)
		msleep(create_delay_ms);
	r = create_refused();
	if (r < 0)
		goto fail;

	td = vfio_alloc_device(tdev, vdev, &mdev->dev, &tdev_ops);
	if (IS_ERR(td)) {
		r = PTR_ERR(td);
		goto fail;
	}
	td->tp = tp;
	td->kind = k;
	dev_set_drvdata(&mdev->dev, td);
	r = vfio_register_emulated_iommu_dev(&td->vdev);
	if (r < 0) {
		vfio_put_device(&td->vdev);
		goto fail;
	}
	mutex_lock(&state_lock);
	list_add_tail(&td->node, &devices_list);
	mutex_unlock(&state_lock);
	return 0;

fail:
	tdev_unclaim(tp, k);
	return r;
}

static void tdev_remove(struct mdev_device *mdev)
{
	struct tdev *td = dev_get_drvdata(&mdev->dev);
	struct tparent *tp = td->tp;
	unsigned int k = td->kind;

	if (kinds[k].slow)
		msleep(remove_delay_ms);
	vfio_unregister_group_dev(&td->vdev);

	mutex_lock(&state_lock);
	list_del(&td->node);
	mutex_unlock(&state_lock);
	vfio_put_device(&td->vdev);
	tdev_unclaim(tp, k);
}

static struct mdev_driver test_driver = {
	.device_api = VFIO_DEVICE_API_PCI_STRING,
	.driver = {
		.name = KBUILD_MODNAME,
		.owner = THIS_MODULE,
		.mod_name = KBUILD_MODNAME,
		.dev_groups = dev_groups,
	},
	.probe = tdev_probe,
	.remove = tdev_remove,
	.get_available = get_available,
	.show_description = show_description,
};

/* Without get_available the mdev core counts: EUSERS comes before probe. */
static struct mdev_driver test_ap_driver = {
	.device_api = VFIO_DEVICE_API_AP_STRING,
	.driver = {
		.name = KBUILD_MODNAME "_ap",
		.owner = THIS_MODULE,
		.mod_name = KBUILD_MODNAME,
		.dev_groups = dev_groups,
	},
	.probe = tdev_probe,
	.remove = tdev_remove,
};

/* Parents */

static void tparent_release(struct device *dev)
{
	struct tparent *tp = container_of(dev, struct tparent, dev);
	struct treg *reg, *next;

	list_for_each_entry_safe(reg, next, &tp->regs, node)
		kfree(reg);
	kfree(tp);
	if (atomic_dec_and_test(&alive))
		wake_up(&alive_wait);
}

/* The next three are called with the parent's lock, and only while it is not dead. */

static int tparent_register(struct tparent *tp)
{
	struct mdev_driver *drv = tp->ap ? &test_ap_driver : &test_driver;
	struct treg *reg;
	unsigned int k;
	int r;

	if (tp->reg)
		return -EALREADY;

	reg = kzalloc(sizeof(*reg), GFP_KERNEL);
	if (!reg)
		return -ENOMEM;
	list_add(&reg->node, &tp->regs);
	for (k = 0; k < KINDS; k++) {
		reg->types[k].sysfs_name = kinds[k].name;
		reg->types[k].pretty_name = kinds[k].pretty_name;
		reg->ptypes[k] = &reg->types[k];
	}
	if (tp->ap)
		drv->max_instances = instances;
	r = mdev_register_parent(&reg->parent, &tp->dev, drv, reg->ptypes, tp->ap ? 1 : KINDS);
	if (r < 0)
		return r;
	tp->reg = reg;
	return 0;
}

static int tparent_unregister(struct tparent *tp)
{
	if (!tp->reg)
		return -EALREADY;
	mdev_unregister_parent(&tp->reg->parent);
	tp->reg = NULL;
	return 0;
}

/* The links that drivers/pci/iov.c makes, to a function that is there. spec is DDDD:BB:DD.F@INDEX. */
static int tparent_link(struct tparent *tp, const char *spec)
{
	unsigned int domain, bus, slot, fn, index;
	int r;

	if (sscanf(spec, "%x:%x:%x.%x@%u", &domain, &bus, &slot, &fn, &index) != 5)
		return -EINVAL;
	tp->function = pci_get_domain_bus_and_slot(domain, bus, PCI_DEVFN(slot, fn));
	if (!tp->function)
		return -ENODEV;
	snprintf(tp->virtfn, sizeof(tp->virtfn), "virtfn%u", index);
	r = sysfs_create_link(&tp->function->dev.kobj, &tp->dev.kobj, tp->virtfn);
	if (r >= 0) {
		r = sysfs_create_link(&tp->dev.kobj, &tp->function->dev.kobj, "physfn");
		if (r < 0)
			sysfs_remove_link(&tp->function->dev.kobj, tp->virtfn);
	}
	if (r < 0) {
		pci_dev_put(tp->function);
		tp->function = NULL;
	}
	return r;
}

static void tparent_unlink(struct tparent *tp)
{
	if (!tp->function)
		return;
	sysfs_remove_link(&tp->dev.kobj, "physfn");
	sysfs_remove_link(&tp->function->dev.kobj, tp->virtfn);
	pci_dev_put(tp->function);
	tp->function = NULL;
}

static int tparent_del(struct tparent *tp)
{
	tparent_unregister(tp);
	tparent_unlink(tp);
	tp->dead = true;
	device_del(&tp->dev);
	mutex_lock(&parents_lock);
	list_del(&tp->node);
	mutex_unlock(&parents_lock);
	put_device(&tp->dev);	/* that of device_initialize() */
	return 0;
}

/* With a reference; any parent if name is NULL. */
static struct tparent *tparent_get(const char *name)
{
	struct tparent *tp, *found = NULL;

	mutex_lock(&parents_lock);
	list_for_each_entry(tp, &parents_list, node)
		if (!name || !strcmp(dev_name(&tp->dev), name)) {
			get_device(&tp->dev);
			found = tp;
			break;
		}
	mutex_unlock(&parents_lock);
	return found;
}

static int tparent_insert(struct tparent *new)
{
	struct tparent *tp;
	unsigned int n = 0;
	int r;

	if (!running)
		return -ENODEV;
	list_for_each_entry(tp, &parents_list, node) {
		if (!strcmp(dev_name(&tp->dev), dev_name(&new->dev)))
			return -EEXIST;
		n++;
	}
	if (n >= PARENTS_MAX)
		return -ENOSPC;
	r = device_add(&new->dev);
	if (r < 0)
		return r;
	list_add_tail(&new->node, &parents_list);
	return 0;
}

static int tparent_add(char *name, bool ap)
{
	char *function = name;
	struct tparent *tp;
	int r;

	strsep(&function, "@");
	if (!*name || !strcmp(name, ".") || !strcmp(name, ".."))
		return -EINVAL;

	tp = kzalloc(sizeof(*tp), GFP_KERNEL);
	if (!tp)
		return -ENOMEM;
	mutex_init(&tp->lock);
	INIT_LIST_HEAD(&tp->regs);
	tp->ap = ap;
	tp->dev.class = &test_class;
	tp->dev.release = tparent_release;
	atomic_inc(&alive);
	device_initialize(&tp->dev);

	r = dev_set_name(&tp->dev, "%s", name);
	if (r < 0) {
		put_device(&tp->dev);
		return r;
	}

	/* Nobody else gets at it before it is registered. */
	get_device(&tp->dev);
	mutex_lock(&tp->lock);
	mutex_lock(&parents_lock);
	r = tparent_insert(tp);
	mutex_unlock(&parents_lock);
	if (r < 0) {
		put_device(&tp->dev);
	} else {
		r = function ? tparent_link(tp, function) : 0;
		if (r >= 0)
			r = tparent_register(tp);
		if (r < 0)
			tparent_del(tp);
	}
	mutex_unlock(&tp->lock);
	put_device(&tp->dev);
	return r;
}

static int with_tparent(const char *name, int (*fn)(struct tparent *tp))
{
	struct tparent *tp = tparent_get(name);
	int r;

	if (!tp)
		return -ENODEV;
	mutex_lock(&tp->lock);
	r = tp->dead ? -ENODEV : fn(tp);
	mutex_unlock(&tp->lock);
	put_device(&tp->dev);
	return r;
}

/* Knobs: parameters that do something when written */

static int add_knob(char *arg)
{
	return tparent_add(arg, false);
}

static int add_ap_knob(char *arg)
{
	return tparent_add(arg, true);
}

static int del_knob(char *arg)
{
	return with_tparent(arg, tparent_del);
}

static int register_knob(char *arg)
{
	return with_tparent(arg, tparent_register);
}

static int unregister_knob(char *arg)
{
	return with_tparent(arg, tparent_unregister);
}

/* NAME:COUNT:MS; NAME may have colons. It ends registered, also after a signal. */
static int flap_knob(char *arg)
{
	char *ms_str = strrchr(arg, ':'), *count_str;
	unsigned int count, ms;
	int r;

	if (!ms_str)
		return -EINVAL;
	*ms_str++ = 0;
	count_str = strrchr(arg, ':');
	if (!count_str)
		return -EINVAL;
	*count_str++ = 0;
	if (kstrtouint(count_str, 10, &count) < 0 || kstrtouint(ms_str, 10, &ms) < 0)
		return -EINVAL;

	while (count--) {
		r = unregister_knob(arg);
		if (r < 0)
			return r;
		msleep_interruptible(ms);
		r = register_knob(arg);
		if (r < 0)
			return r;
		if (count)
			msleep_interruptible(ms);
		if (signal_pending(current))
			return -EINTR;
	}
	return 0;
}

/*
 * The lock of the module's parameters is given up meanwhile: a knob may block for long, and the
 * others must stay usable then.
 */
static int knob_set(const char *val, const struct kernel_param *kp)
{
	int (*fn)(char *arg) = kp->arg;
	char *arg;
	int r;

	arg = kstrdup(val, GFP_KERNEL);
	if (!arg)
		return -ENOMEM;
	arg[strcspn(arg, "\n")] = 0;
	strreplace(arg, '/', '!');	/* as the driver core does */

	kernel_param_unlock(THIS_MODULE);
	r = fn(arg);
	kernel_param_lock(THIS_MODULE);
	kfree(arg);
	return r;
}

static const struct kernel_param_ops knob_ops = { .set = knob_set };

module_param_cb(add, &knob_ops, add_knob, 0200);
MODULE_PARM_DESC(add, "NAME[@FUNCTION@INDEX]: make a parent");
module_param_cb(add_ap, &knob_ops, add_ap_knob, 0200);
MODULE_PARM_DESC(add_ap, "NAME: make a parent as those of ap_parents");
module_param_cb(del, &knob_ops, del_knob, 0200);
MODULE_PARM_DESC(del, "NAME: delete a parent");
module_param_cb(register, &knob_ops, register_knob, 0200);
MODULE_PARM_DESC(register, "NAME: register a parent with mdev");
module_param_cb(unregister, &knob_ops, unregister_knob, 0200);
MODULE_PARM_DESC(unregister, "NAME: unregister a parent from mdev, the device stays");
module_param_cb(flap, &knob_ops, flap_knob, 0200);
MODULE_PARM_DESC(flap, "NAME:COUNT:MS: unregister and register, with pauses of MS");

static int reserved_set(const char *val, const struct kernel_param *kp)
{
	DECLARE_BITMAP(new, MASK_BITS);
	int r;

	r = bitmap_parselist(val, new, MASK_BITS);
	if (r < 0)
		return r;
	mutex_lock(&state_lock);
	bitmap_copy(reserved, new, MASK_BITS);
	mutex_unlock(&state_lock);
	return 0;
}

static int reserved_get(char *buf, const struct kernel_param *kp)
{
	return sysfs_emit(buf, "%*pbl\n", MASK_BITS, reserved);
}

static const struct kernel_param_ops reserved_ops = { .set = reserved_set, .get = reserved_get };
module_param_cb(reserved, &reserved_ops, NULL, 0644);
MODULE_PARM_DESC(reserved, "adapters that cannot be assigned, as 3,5-7 (default none)");

static int tparents_add(const char *list, bool ap)
{
	char *copy, *p, *name;
	int r = 0;

	p = copy = kstrdup(list, GFP_KERNEL);
	if (!copy)
		return -ENOMEM;
	strreplace(copy, '/', '!');
	while (!r && (name = strsep(&p, ",")))
		if (*name)
			r = tparent_add(name, ap);
	kfree(copy);
	return r == -EEXIST ? -EINVAL : r;	/* modprobe takes EEXIST for "loaded already" */
}

static void tparents_stop(void)
{
	mutex_lock(&parents_lock);
	running = false;
	mutex_unlock(&parents_lock);

	while (!list_empty_careful(&parents_list))
		with_tparent(NULL, tparent_del);
	wait_event(alive_wait, !atomic_read(&alive));
}

static int __init mdev_test_init(void)
{
	int r;

	test_class.name = subsystem;
	r = class_register(&test_class);
	if (r < 0)
		return r;
	r = mdev_register_driver(&test_driver);
	if (r < 0)
		goto fail_class;
	r = mdev_register_driver(&test_ap_driver);
	if (r < 0)
		goto fail_driver;

	running = true;
	r = tparents_add(parents, false);
	if (r >= 0)
		r = tparents_add(ap_parents, true);
	if (r >= 0)
		return 0;

	tparents_stop();
	mdev_unregister_driver(&test_ap_driver);
fail_driver:
	mdev_unregister_driver(&test_driver);
fail_class:
	class_unregister(&test_class);
	return r;
}

static void __exit mdev_test_exit(void)
{
	tparents_stop();
	mdev_unregister_driver(&test_ap_driver);
	mdev_unregister_driver(&test_driver);
	class_unregister(&test_class);
}

module_init(mdev_test_init);
module_exit(mdev_test_exit);

MODULE_DESCRIPTION("Parents of mediated devices for tests");
MODULE_AUTHOR("mdev-tools");
MODULE_LICENSE("GPL");
