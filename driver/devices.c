// SPDX-License-Identifier: GPL-2.0-only
/*
 * Devices out of running Linux and back: step 7 of the tour. A device is a cell's to have if no
 * driver of Linux holds its registers, and while the cell has it no driver gets them: both are
 * asked of the tree of resources (/proc/iomem), where a driver's claim and ours are alike.
 */
#include <linux/ioport.h>
#include <linux/of.h>
#include <linux/of_address.h>
#include <linux/slab.h>

#include "caisson.h"

#define REGISTER 4 /* bytes: the configuration's unit for devices */

/* A range of registers that is busy in Linux's eyes, because it is a cell's. */
struct held {
	struct list_head node;
	u64 pa;
	u64 size;
};

/* Whether [pa, pa + size) meets a range of @node's, whose address goes into *@at. */
static bool node_meets(struct device_node *node, u64 pa, u64 size, u64 *at)
{
	struct resource res;
	int i;

	for (i = 0; !of_address_to_resource(node, i, &res); i++) {
		if (res.start >= pa + size || res.end < pa)
			continue;
		*at = max_t(u64, pa, res.start);
		return true;
	}
	return false;
}

/*
 * The GIC's frames, its ITS included: who has an ITS has it write to any memory. Not every kernel's
 * drivers claim them.
 */
static bool is_gic(u64 pa, u64 size, u64 *at)
{
	struct device_node *its;

	if (node_meets(cpus_gic_node(), pa, size, at))
		return true;
	for_each_compatible_node(its, NULL, "arm,gic-v3-its") {
		if (node_meets(its, pa, size, at)) {
			of_node_put(its);
			return true;
		}
	}
	return false;
}

/* Two cells may have parts of one page, but not the same bytes. */
static bool is_owned(u64 pa, u64 size)
{
	const struct cell *cell;
	const struct held *held;

	list_for_each_entry(cell, &caisson_cells, node)
		list_for_each_entry(held, &cell->devices, node)
			if (held->pa < pa + size && pa < held->pa + held->size)
				return true;
	return false;
}

/*
 * Claims the longest beginning of [pa, pa + size) that is to be had, by halves: a claim must not
 * reach across the border of a device that is known, but bound to no driver.
 * Return: its size, 0: there is none, or -ENOMEM.
 */
static s64 hold_beginning(struct cell *cell, u64 pa, u64 size)
{
	struct held *held = may_fail(kzalloc(sizeof(*held), GFP_KERNEL), NULL);

	if (!held)
		return -ENOMEM;
	while (size >= REGISTER) {
		if (may_fail(request_mem_region(pa, size, cell->name), NULL)) {
			held->pa = pa;
			held->size = size;
			list_add(&held->node, &cell->devices);
			return (s64)size;
		}
		size = round_down(size / 2, REGISTER);
	}
	kfree(held);
	return 0;
}

static int claim_device(struct cell *cell, u32 i, struct caisson_ioc_error *err)
{
	const struct caisson_device_entry *d = config_device(cell->blob, i);
	u32 offset = config_offset(cell->blob, CAISSON_SEC_DEVICE, i);
	u64 pa = d->pa;
	u64 at;
	s64 size;

	if (memory_first_ram(pa, d->size, &at))
		return caisson_refuse(err, CAISSON_E_DEVICE_RAM, offset, at);
	if (is_gic(pa, d->size, &at))
		return caisson_refuse(err, CAISSON_E_DEVICE_IN_USE, offset, at);
	if (is_owned(pa, d->size))
		return caisson_refuse(err, CAISSON_E_MEM_OWNED, offset, pa);
	for (; pa < d->pa + d->size; pa += (u64)size) {
		size = hold_beginning(cell, pa, d->pa + d->size - pa);
		if (size < 0)
			return caisson_refuse(err, CAISSON_E_NO_MEMORY, offset, 0);
		if (!size)
			return caisson_refuse(err, CAISSON_E_DEVICE_IN_USE, offset, pa);
	}
	return 0;
}

/**
 * devices_claim - keep Linux's drivers off a cell's devices
 * @cell: with its checked blob
 * @err: filled in on refusal; what was claimed so far stays so
 *
 * Process context, caisson_lock held. Return: 0 or a negative errno.
 */
int devices_claim(struct cell *cell, struct caisson_ioc_error *err)
{
	int ret = 0;
	u32 i;

	for (i = 0; !ret && i < config_count(cell->blob, CAISSON_SEC_DEVICE); i++)
		ret = claim_device(cell, i, err);
	return ret;
}

/* Lets drivers have them again; EL2 has given them back to root, or never had them. As above. */
void devices_release(struct cell *cell)
{
	struct held *held, *next;

	list_for_each_entry_safe(held, next, &cell->devices, node) {
		list_del(&held->node);
		release_mem_region(held->pa, held->size);
		kfree(held);
	}
}
