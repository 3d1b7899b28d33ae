// SPDX-License-Identifier: GPL-2.0-only
/*
 * The same for scripts, below /sys/class/misc/caisson: enabled, mode, and a directory per cell in
 * cells/; step 7 of the tour. One value per file, read only.
 */
#include <linux/sysfs.h>

#include "caisson.h"

static struct kobject *cells_dir;

static ssize_t enabled_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	return sysfs_emit(buf, "%d\n", READ_ONCE(hv.enabled));
}
static DEVICE_ATTR_RO(enabled);

static ssize_t mode_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	static const char *const modes[] = { "none", "direct-fiq", "direct-revoke", "list" };
	u32 mode = READ_ONCE(hv.enabled) ? READ_ONCE(hv.irq_mode) : CAISSON_MODE_AUTO;

	return sysfs_emit(buf, "%s\n", modes[mode < ARRAY_SIZE(modes) ? mode : 0]);
}
static DEVICE_ATTR_RO(mode);

static struct attribute *caisson_attrs[] = {
	&dev_attr_enabled.attr,
	&dev_attr_mode.attr,
	NULL,
};
static const struct attribute_group caisson_group = { .attrs = caisson_attrs };

const struct attribute_group *caisson_groups[] = {
	&caisson_group,
	NULL,
};

#define to_cell(k) container_of(k, struct cell, kobj)

static const char *const state_names[] = {
#define X(name, text) [CAISSON_CELL_##name] = text,
	CAISSON_CELL_STATES(X)
#undef X
};

static ssize_t state_show(struct kobject *kobj, struct kobj_attribute *attr, char *buf)
{
	u32 state;

	mutex_lock(&caisson_console_lock);
	state = cell_state(to_cell(kobj));
	mutex_unlock(&caisson_console_lock);
	return sysfs_emit(buf, "%s\n", state < ARRAY_SIZE(state_names) ? state_names[state] : "?");
}

static ssize_t id_show(struct kobject *kobj, struct kobj_attribute *attr, char *buf)
{
	return sysfs_emit(buf, "%u\n", to_cell(kobj)->id);
}

static ssize_t cpus_show(struct kobject *kobj, struct kobj_attribute *attr, char *buf)
{
	return sysfs_emit(buf, "%*pbl\n", cpumask_pr_args(to_cell(kobj)->cpus));
}

static ssize_t memory_show(struct kobject *kobj, struct kobj_attribute *attr, char *buf)
{
	return sysfs_emit(buf, "%llu\n", to_cell(kobj)->memory_bytes);
}

static struct kobj_attribute state_attr = __ATTR_RO(state);
static struct kobj_attribute id_attr = __ATTR_RO(id);
static struct kobj_attribute cpus_attr = __ATTR_RO(cpus);
static struct kobj_attribute memory_attr = __ATTR_RO(memory);

static struct attribute *cell_attrs[] = {
	&state_attr.attr,
	&id_attr.attr,
	&cpus_attr.attr,
	&memory_attr.attr,
	NULL,
};
ATTRIBUTE_GROUPS(cell);

static void release(struct kobject *kobj)
{
	cell_free(to_cell(kobj));
}

static const struct kobj_type cell_type = {
	.release = release,
	.sysfs_ops = &kobj_sysfs_ops,
	.default_groups = cell_groups,
};

/**
 * sysfs_start - make the directory of cells
 * @dev: the misc device
 *
 * Return: 0 or a negative errno.
 */
int sysfs_start(struct device *dev)
{
	cells_dir = may_fail(kobject_create_and_add("cells", &dev->kobj), NULL);
	return cells_dir ? 0 : -ENOMEM;
}

/* When the module goes. */
void sysfs_stop(void)
{
	kobject_put(cells_dir);
}

/* Its first reference: kobject_put() frees the cell from now on. */
void sysfs_init_cell(struct cell *cell)
{
	kobject_init(&cell->kobj, &cell_type);
}

/* Shows it; kobject_del() takes it away again. Return: 0 or a negative errno. */
int sysfs_add_cell(struct cell *cell)
{
	return may_fail(kobject_add(&cell->kobj, cells_dir, "%s", cell->name), -ENOMEM);
}
