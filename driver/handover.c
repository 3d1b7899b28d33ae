// SPDX-License-Identifier: GPL-2.0-only
/*
 * Devices that root's drivers let go of for a cell: step 7 of the tour. The device whose node a
 * configuration names is unbound when the cell is created, and bound again when it has gone.
 *
 * Meanwhile a driver of ours is bound to it, so that no other one is. Like any driver it keeps the
 * device's power domain and clocks on, which would go off with root's driver, and the pins as they
 * were.
 */
#include <linux/amba/bus.h>
#include <linux/blkdev.h>
#include <linux/clk.h>
#include <linux/console.h>
#include <linux/of.h>
#include <linux/of_address.h>
#include <linux/platform_device.h>
#include <linux/slab.h>
#include <linux/tty_driver.h>

#include "caisson.h"
#include "compat.h"

/* A device of a cell's. */
struct handed {
	struct list_head node;
	struct device *dev; /* referenced */
	bool bound;	    /* to a driver of root's, before */
	u32 offset;	    /* of its entry in the cell's blob */
};

struct clocks {
	struct clk_bulk_data *clock;
	int count;
	int locked; /* of them, whose rate nobody may change */
};

static void stop_clocks(void *data)
{
	struct clocks *clocks = data;

	while (clocks->locked--)
		clk_rate_exclusive_put(clocks->clock[clocks->locked].clk);
	clk_bulk_disable_unprepare(clocks->count, clocks->clock);
}

/* Clocks run on at the rate that they have: the cell was told so, and nobody asks it any more. */
static int hold_device(struct device *dev)
{
	struct clocks *clocks = devm_kzalloc(dev, sizeof(*clocks), GFP_KERNEL);
	int ret;

	if (!clocks)
		return -ENOMEM;
	clocks->count = devm_clk_bulk_get_all(dev, &clocks->clock);
	if (clocks->count <= 0)
		return clocks->count;
	ret = clk_bulk_prepare_enable(clocks->count, clocks->clock);
	ret = ret ?: devm_add_action_or_reset(dev, stop_clocks, clocks);
	while (!ret && clocks->locked < clocks->count) {
		ret = clk_rate_exclusive_get(clocks->clock[clocks->locked].clk);
		clocks->locked += !ret;
	}
	return ret;
}

static int hold_platform(struct platform_device *dev)
{
	return hold_device(&dev->dev);
}

static int hold_amba(struct amba_device *dev, const struct amba_id *id)
{
	return hold_device(&dev->dev);
}

/* They match no device: they are bound by devices_unbind() alone. */
static const struct amba_id no_id[] = { {} };
static struct amba_driver amba_driver = {
	.drv = { .name = KBUILD_MODNAME, .suppress_bind_attrs = true },
	.id_table = no_id,
	.probe = hold_amba,
};
static struct platform_driver platform_driver = {
	.driver = { .name = KBUILD_MODNAME, .suppress_bind_attrs = true },
	.probe = hold_platform,
};

/* When the module is loaded. Return: 0 or a negative errno. */
int handover_init(void)
{
	int ret = may_fail(amba_driver_register(&amba_driver), -ENOMEM);

	if (ret)
		return ret;
	ret = may_fail(platform_driver_register(&platform_driver), -ENOMEM);
	if (ret)
		amba_driver_unregister(&amba_driver);
	return ret;
}

/* When it goes: there are no cells then. */
void handover_exit(void)
{
	platform_driver_unregister(&platform_driver);
	amba_driver_unregister(&amba_driver);
}

/* Referenced, or NULL: Linux has made no device of that node. */
static struct device *find_device(const struct device_node *node)
{
	struct device *dev = bus_find_device_by_of_node(&amba_bustype, node);

	return dev ?: bus_find_device_by_of_node(&platform_bus_type, node);
}

static bool has_registers(struct device_node *node, u64 pa, u64 size)
{
	struct resource res;
	int i;

	for (i = 0; !of_address_to_resource(node, i, &res); i++)
		if (pa >= res.start && pa + size - 1 <= res.end)
			return true;
	return false;
}

static int has_number(struct device *dev, void *number)
{
	return dev->devt == *(dev_t *)number || device_for_each_child(dev, number, has_number);
}

/* Whether what the kernel prints goes there, or will when root has died. */
static bool is_console(struct device *dev)
{
	struct device_node *chosen = console_node();
	bool found = dev->of_node == chosen;
	struct console *console;

	of_node_put(chosen);
	compat_consoles_lock();
	for_each_console(console) {
		struct tty_driver *driver;
		int index = 0;
		dev_t number;

		driver = console->device ? console->device(console, &index) : NULL;
		if (!driver)
			continue;
		number = MKDEV(driver->major, driver->minor_start + index);
		found |= device_for_each_child(dev, &number, has_number);
	}
	compat_consoles_unlock();
	return found;
}

/*
 * Whether it is a disk, or a part of one, that somebody has opened, as a file system has. What else
 * a driver has made goes with it.
 */
static int is_open_disk(struct device *dev, void *unused)
{
	if (!dev->class || strcmp(dev->class->name, "block") ||
	    !atomic_read(&dev_to_bdev(dev)->bd_openers))
		return device_for_each_child(dev, NULL, is_open_disk);
	dev_info(caisson_device(), "disk %s is in use, and behind a device that a cell wants\n",
		 dev_name(dev));
	return 1;
}

static bool is_ours(const struct device_driver *driver)
{
	return driver == &platform_driver.driver || driver == &amba_driver.drv;
}

static bool is_listed(const struct cell *cell, const struct device *dev)
{
	const struct handed *handed;

	list_for_each_entry(handed, &cell->handed, node)
		if (handed->dev == dev)
			return true;
	return false;
}

/* Return: 0, or the reason why the cell cannot have it; *@bound: root has a driver for it. */
static u32 check_device(struct device *dev, bool *bound)
{
	bool ours, stays;

	device_lock(dev);
	*bound = dev->driver;
	ours = is_ours(dev->driver);
	stays = dev->driver && dev->driver->suppress_bind_attrs;
	device_unlock(dev);
	if (ours) /* for another cell */
		return CAISSON_E_MEM_OWNED;
	if (is_console(dev))
		return CAISSON_E_NODE_CONSOLE;
	if (stays)
		return CAISSON_E_NODE_DRIVER;
	if (device_for_each_child(dev, NULL, is_open_disk))
		return CAISSON_E_NODE_DISK;
	return 0;
}

/* To the cell's list, if it is not there; takes over the reference. Return: 0 or the reason. */
static u32 add_device(struct cell *cell, struct device *dev, u32 offset)
{
	struct handed *handed = NULL;
	bool bound;
	u32 code;

	if (is_listed(cell, dev)) {
		put_device(dev);
		return 0;
	}
	code = check_device(dev, &bound);
	if (!code)
		handed = may_fail(kzalloc(sizeof(*handed), GFP_KERNEL), NULL);
	if (!handed) {
		put_device(dev);
		return code ?: CAISSON_E_NO_MEMORY;
	}
	handed->dev = dev;
	handed->bound = bound;
	handed->offset = offset;
	list_add_tail(&handed->node, &cell->handed);
	return 0;
}

/* One that the tree calls disabled root has no use for: there is nothing to unbind. */
static u32 add_node(struct cell *cell, struct device_node *node,
		    const struct caisson_device_entry *d, u32 offset)
{
	struct device *dev;

	if (!has_registers(node, d->pa, d->size))
		return CAISSON_E_NODE_REGION;
	dev = find_device(node);
	if (dev)
		return add_device(cell, dev, offset);
	return of_device_is_available(node) ? CAISSON_E_NODE_UNKNOWN : 0;
}

static int add_entry(struct cell *cell, u32 i, struct caisson_ioc_error *err)
{
	const struct caisson_device_entry *d = config_device(cell->blob, i);
	u32 offset = config_offset(cell->blob, CAISSON_SEC_DEVICE, i);
	struct device_node *node;
	u32 code;

	if (!d->node)
		return 0;
	node = of_find_node_by_path(config_string(cell->blob, d->node));
	code = node ? add_node(cell, node, d, offset) : CAISSON_E_NODE_UNKNOWN;
	of_node_put(node);
	return code ? caisson_refuse(err, code, offset, d->pa) : 0;
}

static int take_over(struct device *dev)
{
	if (dev->bus == &platform_bus_type)
		return device_driver_attach(&platform_driver.driver, dev);
	return device_driver_attach(&amba_driver.drv, dev);
}

static void let_go(struct device *dev)
{
	bool ours;

	device_lock(dev);
	ours = is_ours(dev->driver);
	device_unlock(dev);
	if (ours)
		device_release_driver(dev);
}

/**
 * devices_unbind - have root's drivers let go of the devices whose nodes a cell names
 * @cell: with its checked blob
 * @err: filled in on refusal; devices_bind() then undoes what was done
 *
 * Drivers do here what they do when they go, which may take long: caisson_lock alone is held, for
 * which no driver waits. Process context. Return: 0 or a negative errno.
 */
int devices_unbind(struct cell *cell, struct caisson_ioc_error *err)
{
	struct handed *handed;
	int ret = 0;
	u32 i;

	for (i = 0; !ret && i < config_count(cell->blob, CAISSON_SEC_DEVICE); i++)
		ret = add_entry(cell, i, err);
	if (ret)
		return ret;
	list_for_each_entry(handed, &cell->handed, node) {
		device_release_driver(handed->dev);
		ret = may_fail(take_over(handed->dev), -EBUSY);
		if (ret) {
			dev_info(caisson_device(), "device %s cannot be kept for a cell (%d)\n",
				 dev_name(handed->dev), ret);
			return caisson_refuse(err, CAISSON_E_REFUSED_BY_LINUX,
					      handed->offset, 0);
		}
	}
	return 0;
}

/**
 * devices_bind - let root's drivers have them again, if they had them
 * @cell: its devices are claimed no more
 * @bind: otherwise they stay without a driver
 *
 * As above.
 */
void devices_bind(struct cell *cell, bool bind)
{
	struct handed *handed, *next;

	list_for_each_entry_safe(handed, next, &cell->handed, node) {
		list_del(&handed->node);
		let_go(handed->dev);
		if (handed->bound && bind && device_attach(handed->dev) != 1)
			dev_err(caisson_device(), "device %s is bound to no driver again\n",
				dev_name(handed->dev));
		put_device(handed->dev);
		kfree(handed);
	}
}

/**
 * device_clock - CAISSON_IOC_CLOCK: how fast a clock of a device runs
 * @p: struct caisson_ioc_clock
 *
 * Process context. Return: 0 or a negative errno.
 */
int device_clock(void *p)
{
	struct caisson_ioc_clock *arg = p;
	struct caisson_ioc_error *err = &arg->head.error;
	struct device_node *node;
	struct clk *clock;

	arg->rate = 0;
	if (arg->reserved)
		return caisson_refuse(err, CAISSON_E_RESERVED, 0, arg->reserved);
	if (arg->node[0] != '/' || !memchr(arg->node, 0, sizeof(arg->node)))
		return caisson_refuse(err, CAISSON_E_NODE, 0, 0);
	node = of_find_node_by_path(arg->node);
	clock = node ? of_clk_get(node, (int)arg->index) : ERR_PTR(-ENOENT);
	of_node_put(node);
	if (IS_ERR(clock))
		return caisson_refuse(err, CAISSON_E_NODE_UNKNOWN, 0, 0);
	arg->rate = clk_get_rate(clock);
	clk_put(clock);
	return 0;
}
