// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a cell starts with, and its start: loads and entry point are kept, so that it can be
 * restarted as it was started; step 7 of the tour.
 */
#include <linux/ktime.h>
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include <linux/vmalloc.h>

#include "caisson.h"

/*
 * A cell that ends again and again: from one restart by its configuration to the next at least so
 * long, and so many times what the last one took, so that root keeps nine tenths of a CPU.
 */
#define RESTART_GAP_NS (100ULL * NSEC_PER_MSEC)
#define RESTART_GAP_FACTOR 9

void cell_drop_load(struct cell *cell, struct load *load)
{
	list_del(&load->node);
	cell->load_bytes -= load->length;
	vfree(load->data);
	kfree(load);
}

/*
 * Hands @load to EL2 page by page. The copy lies in its pages as its target does, so that a piece
 * crosses no page on either side.
 */
static int load_into_el2(struct cell *cell, const struct load *load, struct caisson_ioc_error *err)
{
	u64 skew = offset_in_page(load->ipa);
	u64 done = 0;

	while (done < load->length) {
		void *from = load->data + skew + done;
		u64 length = min_t(u64, load->length - done, PAGE_SIZE - offset_in_page(from));
		struct hvc_result res;
		int ret;

		res = hvc(CAISSON_HC_CELL_LOAD, cell->id, load->ipa + done,
			  PFN_PHYS(vmalloc_to_pfn(from)) + offset_in_page(from), length, 0, 0);
		ret = hvc_refused(&res, err);
		if (ret)
			return ret;
		done += length;
		cond_resched();
	}
	return 0;
}

/* A copy of what user space wants loaded, or an ERR_PTR: -ENOMEM or -EFAULT. */
static struct load *copy_load(const struct caisson_ioc_load *arg)
{
	struct load *load = may_fail(kzalloc(sizeof(*load), GFP_KERNEL), NULL);
	u64 skew = offset_in_page(arg->ipa);
	int ret = 0;

	if (!load)
		return ERR_PTR(-ENOMEM);
	load->ipa = arg->ipa;
	load->length = arg->length;
	/* Rather refused than at the cost of one of Linux's programs. */
	load->data = may_fail(__vmalloc(skew + arg->length,
					GFP_KERNEL | __GFP_RETRY_MAYFAIL | __GFP_NOWARN), NULL);
	if (!load->data)
		ret = -ENOMEM;
	else if (may_fail(copy_from_user(load->data + skew, u64_to_user_ptr(arg->data),
					 arg->length), arg->length))
		ret = -EFAULT;
	if (!ret)
		return load;
	vfree(load->data);
	kfree(load);
	return ERR_PTR(ret);
}

/* Keeps @load for restarts, instead of earlier ones that it covers wholly. */
static void keep_load(struct cell *cell, struct load *load)
{
	struct load *old, *next;

	list_for_each_entry_safe(old, next, &cell->loads, node)
		if (old->ipa >= load->ipa &&
		    old->ipa + old->length <= load->ipa + load->length)
			cell_drop_load(cell, old);
	list_add_tail(&load->node, &cell->loads);
	cell->load_bytes += load->length;
}

/*
 * A cell that has ended, or whose restart has not come to its end, is loaded afresh: its memory is
 * zeroed, and what it had is forgotten.
 */
static int make_ready(struct cell *cell, struct caisson_ioc_error *err)
{
	struct load *load, *next;
	u64 ns = 0;
	int ret;

	switch (cell_state(cell)) {
	case CAISSON_CELL_READY:
		if (!cell->stale)
			return 0;
		break;
	case CAISSON_CELL_STOPPED:
	case CAISSON_CELL_OFF:
	case CAISSON_CELL_RESET:
	case CAISSON_CELL_FAILED:
		break;
	default:
		return caisson_refuse(err, CAISSON_E_STATE, 0, cell_state(cell));
	}
	ret = cell_stop_now(cell, &ns, err);
	ret = ret ?: cell_scrub(cell, err);
	if (ret)
		return ret;
	list_for_each_entry_safe(load, next, &cell->loads, node)
		cell_drop_load(cell, load);
	cell->stale = false;
	return 0;
}

/* A start was refused: what EL2 has of the image goes back. What was loaded is gone by that. */
static void unkeep_image(struct cell *cell)
{
	struct caisson_ioc_error ignored;
	u64 ns = 0;

	if (list_empty(&cell->image))
		return;
	cell->stale = true;
	if (!cell_stop_now(cell, &ns, &ignored) && !cell_scrub(cell, &ignored))
		memory_release_image(cell);
}

/**
 * cell_load - CAISSON_IOC_CELL_LOAD
 * @p: struct caisson_ioc_load
 *
 * Takes the entry point back, which hvctl sets when all is loaded: a cell never starts with half of
 * what it needs, whatever became of hvctl meanwhile.
 */
int cell_load(void *p)
{
	struct caisson_ioc_load *arg = p;
	struct caisson_ioc_error *err = &arg->head.error;
	struct load *load;
	struct cell *cell;
	int ret;

	cell = cell_named(arg->name, err, &ret);
	if (!cell)
		return ret;
	if (!arg->length || arg->length > cell->memory_bytes)
		return caisson_refuse(err, CAISSON_E_MEM_REGION, 0, arg->ipa);
	load = copy_load(arg);
	if (PTR_ERR_OR_ZERO(load) == -ENOMEM)
		return caisson_refuse(err, CAISSON_E_NO_MEMORY, 0, arg->length);
	if (IS_ERR(load))
		return PTR_ERR(load);
	ret = make_ready(cell, err);
	if (!ret) {
		/* Of other loads. */
		memory_release_image(cell);
		cell->has_entry = false;
		ret = load_into_el2(cell, load, err);
	}
	if (!ret) {
		keep_load(cell, load);
		return 0;
	}
	vfree(load->data);
	kfree(load);
	return ret;
}

/* CAISSON_IOC_CELL_ENTRY: remembered; EL2 checks it at the start. */
int cell_entry(void *p)
{
	struct caisson_ioc_entry *arg = p;
	struct cell *cell;
	int ret;

	cell = cell_named(arg->name, &arg->head.error, &ret);
	if (!cell)
		return ret;
	cell->entry = arg->entry;
	memcpy(cell->args, arg->args, sizeof(cell->args));
	cell->has_entry = true;
	return 0;
}

/*
 * Starts a cell that is ready and loaded; so many times its configuration has done so, this one
 * included.
 */
static int start(struct cell *cell, u32 restarts, struct caisson_ioc_error *err)
{
	struct hvc_result res;
	u64 begin;
	int ret;

	if (cell_state(cell) != CAISSON_CELL_READY)
		return caisson_refuse(err, CAISSON_E_STATE, 0, cell_state(cell));
	ret = keep_image(cell, err);
	if (ret) {
		unkeep_image(cell);
		return ret;
	}
	WRITE_ONCE(cell->page->restarts, restarts);
	begin = ktime_get_ns();
	/* From here on it may ask for its reload at once, and that must be seen as a change. */
	mutex_lock(&caisson_console_lock);
	cell->state_seen = CAISSON_CELL_READY;
	mutex_unlock(&caisson_console_lock);
	cell->settled = false;
	res = hvc(CAISSON_HC_CELL_START, cell->id, cell->entry, cell->args[0], cell->args[1],
		  cell->args[2], cell->args[3]);
	ret = cell_refused(cell, &res, err);
	if (ret) {
		unkeep_image(cell);
		return ret;
	}
	cell->start_hv_ns = ktime_get_ns() - begin;
	cell->asked = false;
	cell->starts++;
	cell->restarts = restarts;
	return 0;
}

static bool startable(struct cell *cell)
{
	return cell->has_entry && !list_empty(&cell->loads);
}

/* Stop, scrub, load again what was loaded, start. */
int cell_restart_now(struct cell *cell, u32 restarts, struct caisson_ioc_error *err)
{
	u64 begin = ktime_get_ns(), end;
	struct load *load;
	u64 ns = 0;
	int ret;

	if (!startable(cell))
		return caisson_refuse(err, CAISSON_E_NOT_LOADED, 0, cell->id);
	ret = cell_stop_now(cell, &ns, err);
	ret = ret ?: cell_scrub(cell, err);
	cell->stale |= !ret;
	list_for_each_entry(load, &cell->loads, node)
		ret = ret ?: load_into_el2(cell, load, err);
	cell->stale &= !!ret;
	ret = ret ?: start(cell, restarts, err);
	end = ktime_get_ns();
	cell->restart_after = end + max(RESTART_GAP_NS, RESTART_GAP_FACTOR * (end - begin));
	return ret;
}

/*
 * CAISSON_IOC_CELL_START: a cell that has run is restarted, one that runs is refused. What its
 * configuration restarts counts anew.
 */
int cell_start(void *p)
{
	struct caisson_ioc_cell *arg = p;
	struct caisson_ioc_error *err = &arg->head.error;
	struct cell *cell;
	int ret;

	cell = cell_named(arg->name, err, &ret);
	if (!cell)
		return ret;
	if (!startable(cell))
		return caisson_refuse(err, CAISSON_E_NOT_LOADED, 0, cell->id);
	switch (cell_state(cell)) {
	case CAISSON_CELL_STOPPED:
	case CAISSON_CELL_OFF:
	case CAISSON_CELL_RESET:
	case CAISSON_CELL_FAILED:
		return cell_restart_now(cell, 0, err);
	default:
		return cell->stale ? cell_restart_now(cell, 0, err) : start(cell, 0, err);
	}
}

/* CAISSON_IOC_CELL_RESTART */
int cell_restart(void *p)
{
	struct caisson_ioc_cell *arg = p;
	struct cell *cell;
	int ret;

	cell = cell_named(arg->name, &arg->head.error, &ret);
	return cell ? cell_restart_now(cell, 0, &arg->head.error) : ret;
}
