// SPDX-License-Identifier: GPL-2.0-only
/*
 * The life of a cell: created out of Linux's CPUs and memory, stopped, asked to end, destroyed;
 * steps 7 and 11 of the tour. EL2 keeps the state and refuses what does not fit it; this file
 * brings what EL2 needs and undoes what it refuses. Loads and starts are in start.c.
 */
#include <linux/delay.h>
#include <linux/io.h>
#include <linux/ktime.h>
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>

#include "caisson.h"

#define STOP_TIMEOUT_NS (5ULL * NSEC_PER_SEC)
#define LEAVE_TIMEOUT_NS (2ULL * NSEC_PER_SEC)

/* A hypercall whose time is added to *@ns. */
static struct hvc_result timed(u64 *ns, u64 function, u64 a1, u64 a2, u64 a3, u64 a4)
{
	u64 start = ktime_get_ns();
	struct hvc_result res = hvc(function, a1, a2, a3, a4, 0, 0);

	*ns += ktime_get_ns() - start;
	return res;
}

/* As hvc_refused(), and says in which state the cell is if that is the reason. */
int cell_refused(const struct cell *cell, const struct hvc_result *res,
		 struct caisson_ioc_error *err)
{
	int ret = hvc_refused(res, err);

	if (ret && err->code == CAISSON_E_STATE)
		err->value = cell_state(cell);
	return ret;
}

/*
 * Repeats @function on @cell until EL2 is done with it. Each call is a bounded piece of work; where
 * that is other CPUs', we let time pass, between @nap_us and twice that, but no more than @limit.
 */
int cell_until_done(struct cell *cell, u64 function, unsigned int nap_us, u64 limit, u64 *ns,
		    struct caisson_ioc_error *err)
{
	u64 begin = ktime_get_ns();
	struct hvc_result res;

	while ((res = timed(ns, function, cell->id, 0, 0, 0)).code > 0) {
		if (res.code == CAISSON_AGAIN) {
			cond_resched();
			continue;
		}
		if (ktime_get_ns() - begin > limit)
			return caisson_refuse(err, CAISSON_E_TIMEOUT, 0, cell->id);
		usleep_range(nap_us, 2 * nap_us);
	}
	return cell_refused(cell, &res, err);
}

/* Its CPUs leave the cell wherever they are. */
int cell_stop_now(struct cell *cell, u64 *ns, struct caisson_ioc_error *err)
{
	return cell_until_done(cell, CAISSON_HC_CELL_STOP, 10, STOP_TIMEOUT_NS, ns, err);
}

/* However long its CPUs take for it; should one of them not come back, EL2 says so. */
int cell_scrub(struct cell *cell, struct caisson_ioc_error *err)
{
	u64 begin = ktime_get_ns(), ns = 0;
	int ret = cell_until_done(cell, CAISSON_HC_CELL_SCRUB, 100, U64_MAX, &ns, err);

	cell->scrub_ns = ktime_get_ns() - begin;
	return ret;
}

/* The cell of that name, or NULL. One of the locks is held. */
struct cell *cell_find(const char *name)
{
	struct cell *cell;

	list_for_each_entry(cell, &caisson_cells, node)
		if (!strcmp(cell->name, name))
			return cell;
	return NULL;
}

/* Why there is no cell @name to do something with: root is one, but nobody's to change. */
int cell_refuse_name(const char *name, struct caisson_ioc_error *err)
{
	bool root = !strcmp(name, ROOT_NAME);

	return caisson_refuse(err, root ? CAISSON_E_ROOT_CELL : CAISSON_E_NO_CELL, 0, 0);
}

/* As cell_find(), and says why there is none. */
struct cell *cell_named(const char *name, struct caisson_ioc_error *err, int *ret)
{
	struct cell *cell = cell_find(name);

	*ret = cell ? 0 : cell_refuse_name(name, err);
	return cell;
}

/* When the last reference goes; neither Linux nor EL2 has anything of the cell any more. */
void cell_free(struct cell *cell)
{
	struct load *load, *next;

	list_for_each_entry_safe(load, next, &cell->loads, node)
		cell_drop_load(cell, load);
	vfree(cell->history);
	free_cpumask_var(cell->cpus);
	free_cpumask_var(cell->to_online);
	kfree(cell->blob);
	kfree(cell);
}

/* Takes over @blob, whatever becomes of it. */
static struct cell *alloc_cell(void *blob, u32 size)
{
	struct cell *cell = may_fail(kzalloc(sizeof(*cell), GFP_KERNEL), NULL);
	bool ok;

	if (!cell) {
		kfree(blob);
		return NULL;
	}
	INIT_LIST_HEAD(&cell->node);
	INIT_LIST_HEAD(&cell->pieces);
	INIT_LIST_HEAD(&cell->devices);
	INIT_LIST_HEAD(&cell->handed);
	INIT_LIST_HEAD(&cell->loads);
	INIT_LIST_HEAD(&cell->image);
	cell->blob = blob;
	cell->blob_size = size;
	memcpy(cell->name, config_cell(blob)->name, CAISSON_NAME_LEN);
	sysfs_init_cell(cell);
	ok = may_fail(zalloc_cpumask_var(&cell->cpus, GFP_KERNEL), false);
	ok &= may_fail(zalloc_cpumask_var(&cell->to_online, GFP_KERNEL), false);
	if (config_console(blob)) {
		cell->history = may_fail(vzalloc(HISTORY_SIZE), NULL);
		ok &= !!cell->history;
	}
	if (!ok) {
		kobject_put(&cell->kobj);
		return NULL;
	}
	return cell;
}

/* Gives EL2 a piece, of which it takes as much in one call as it thinks fit. */
static int add_piece(struct cell *cell, const struct piece *piece, struct caisson_ioc_error *err)
{
	u64 bytes = PFN_PHYS(piece->pages);
	u64 done = 0;

	while (done < bytes) {
		struct hvc_result res = timed(&cell->create_hv_ns, CAISSON_HC_CELL_MEM_ADD,
					      cell->id, piece->ipa + done,
					      PFN_PHYS(piece->pfn) + done, bytes - done);
		int ret = hvc_refused(&res, err);

		if (ret) {
			err->offset = piece->offset;
			return ret;
		}
		done += res.value;
		cond_resched();
	}
	return 0;
}

/* A CPU that Linux has taken offline, and for whose last step it waits 100 ms at most. */
static bool still_leaving(const struct cell *cell, const struct hvc_result *res)
{
	if (res->code != -CAISSON_E_CPU_ONLINE || cpumask_intersects(cell->cpus, cpu_online_mask))
		return false;
	usleep_range(1000, 2000);
	return true;
}

/* EL2's part of creation: on refusal it may know the cell already (cell->page is set). */
static int create_in_el2(struct cell *cell, struct caisson_ioc_error *err)
{
	u64 begin = ktime_get_ns();
	struct hvc_result res;
	struct piece *piece;
	int ret;

	while ((res = timed(&cell->create_hv_ns, CAISSON_HC_CELL_CREATE, virt_to_phys(cell->blob),
			    cell->blob_size, 0, 0)).code == CAISSON_AGAIN ||
	       (still_leaving(cell, &res) && ktime_get_ns() - begin < LEAVE_TIMEOUT_NS))
		cond_resched();
	ret = hvc_refused(&res, err);
	if (ret)
		return ret;
	cell->id = (u32)res.value;
	cell->page = phys_to_virt(res.value2);
	list_for_each_entry(piece, &cell->pieces, node) {
		ret = add_piece(cell, piece, err);
		if (ret)
			return ret;
	}
	return cell_scrub(cell, err);
}

/* Stops, scrubs and forgets it in EL2. On refusal it is still there. */
static int destroy_in_el2(struct cell *cell, struct caisson_ioc_error *err)
{
	struct caisson_cell_page *page = cell->page;
	int ret;

	ret = cell_stop_now(cell, &cell->destroy_hv_ns, err);
	ret = ret ?: cell_scrub(cell, err);
	if (ret)
		return ret;
	/* The page goes back to EL2's pool: what is in it comes out now, and nobody looks again. */
	mutex_lock(&caisson_console_lock);
	console_drain(cell);
	cell->page = NULL;
	mutex_unlock(&caisson_console_lock);
	console_wake();
	ret = cell_until_done(cell, CAISSON_HC_CELL_DESTROY, 10, U64_MAX, &cell->destroy_hv_ns,
			      err);
	if (ret) {
		mutex_lock(&caisson_console_lock);
		cell->page = page;
		mutex_unlock(&caisson_console_lock);
	}
	return ret;
}

/* All that is Linux's back to it, CPUs and drivers' devices if @use; EL2 does not know the cell. */
static void give_back(struct cell *cell, bool use)
{
	devices_release(cell);
	memory_release_cell(cell);
	if (use)
		cpus_give_back(cell);
	devices_bind(cell, use);
}

static void list_cell(struct cell *cell)
{
	mutex_lock(&caisson_console_lock);
	cell->state_seen = cell_state(cell);
	list_add_tail(&cell->node, &caisson_cells);
	mutex_unlock(&caisson_console_lock);
}

static void unlist_cell(struct cell *cell)
{
	mutex_lock(&caisson_console_lock);
	list_del_init(&cell->node);
	mutex_unlock(&caisson_console_lock);
	console_wake();
}

/* Each step undone in reverse if a later one is refused; the first reason is the one reported. */
static int create(struct cell *cell, struct caisson_ioc_error *err)
{
	struct caisson_ioc_error ignored;
	int ret;

	if (cell_find(cell->name) || !strcmp(cell->name, ROOT_NAME))
		return caisson_refuse(err, CAISSON_E_NAME_TAKEN,
				      config_offset(cell->blob, CAISSON_SEC_CELL, 0), 0);
	ret = cpus_check(cell, err);
	ret = ret ?: devices_unbind(cell, err);
	ret = ret ?: devices_claim(cell, err);
	ret = ret ?: memory_claim_cell(cell, err);
	ret = ret ?: cpus_take(cell, err);
	ret = ret ?: create_in_el2(cell, err);
	if (!ret) {
		ret = sysfs_add_cell(cell);
		if (!ret) {
			list_cell(cell);
			return 0;
		}
		caisson_refuse(err, CAISSON_E_NO_MEMORY, 0, 0);
	}
	if (cell->page && destroy_in_el2(cell, &ignored)) {
		/* EL2 keeps CPUs and memory: so must we, or Linux would use what is not its own. */
		dev_err(caisson_device(), "cell %s cannot be undone (error %u), it stays\n",
			cell->name, ignored.code);
		kobject_get(&cell->kobj);
		list_cell(cell);
		return ret;
	}
	give_back(cell, true);
	return ret;
}

/**
 * cell_create - CAISSON_IOC_CELL_CREATE
 * @p: struct caisson_ioc_create
 *
 * This and what follows: process context, caisson_lock held, enabled, form and names checked.
 *
 * Return: 0 or a negative errno with head.error filled in.
 */
int cell_create(void *p)
{
	struct caisson_ioc_create *arg = p;
	struct caisson_ioc_error *err = &arg->head.error;
	u64 start = ktime_get_ns();
	struct cell *cell;
	void *blob;
	int ret;

	if (arg->flags)
		return caisson_refuse(err, CAISSON_E_FLAGS, 0, arg->flags);
	ret = caisson_copy_blob(arg->blob, arg->blob_size, CAISSON_KIND_CELL, &blob, err);
	if (ret)
		return ret;
	cell = alloc_cell(blob, arg->blob_size);
	if (!cell)
		return caisson_refuse(err, CAISSON_E_NO_MEMORY, 0, 0);
	ret = create(cell, err);
	cell->create_ns = ktime_get_ns() - start;
	if (ret)
		kobject_put(&cell->kobj);
	return ret;
}

/* CAISSON_IOC_CELL_STOP */
int cell_stop(void *p)
{
	struct caisson_ioc_cell *arg = p;
	struct cell *cell;
	u64 ns = 0;
	int ret;

	cell = cell_named(arg->name, &arg->head.error, &ret);
	return cell ? cell_stop_now(cell, &ns, &arg->head.error) : ret;
}

/* Kept here: the cell itself is gone when someone asks. */
u64 caisson_destroy_hv_ns, caisson_destroy_ns;

/**
 * cell_end - destroy a cell
 * @cell: in caisson_cells; freed
 * @use: Linux gets its CPUs back online, its drivers their devices; otherwise they stay off
 * @err: filled in on refusal; then the cell is still there
 *
 * caisson_lock held. Return: 0 or a negative errno.
 */
int cell_end(struct cell *cell, bool use, struct caisson_ioc_error *err)
{
	u64 begin = ktime_get_ns();
	int ret;

	cell->destroy_hv_ns = 0;
	ret = destroy_in_el2(cell, err);
	if (ret)
		return ret;
	if (cell->kobj.state_in_sysfs) /* not if it stayed behind a failed creation */
		kobject_del(&cell->kobj);
	give_back(cell, use);
	unlist_cell(cell); /* last: until then readers get what it said at the end */
	caisson_destroy_hv_ns = cell->destroy_hv_ns;
	caisson_destroy_ns = ktime_get_ns() - begin;
	kobject_put(&cell->kobj);
	return 0;
}

/* CAISSON_IOC_CELL_DESTROY: when it returns, CPUs and memory are Linux's again. */
int cell_destroy(void *p)
{
	struct caisson_ioc_cell *arg = p;
	struct cell *cell;
	int ret;

	cell = cell_named(arg->name, &arg->head.error, &ret);
	return cell ? cell_end(cell, true, &arg->head.error) : ret;
}

/* Raises a cell's shutdown interrupt; it ends by itself, or not. caisson_lock held. */
int cell_ask_now(struct cell *cell, struct caisson_ioc_error *err)
{
	struct hvc_result res = hvc(CAISSON_HC_CELL_ASK, cell->id, 0, 0, 0, 0, 0);
	int ret = cell_refused(cell, &res, err);

	cell->asked |= !ret;
	return ret;
}

/* CAISSON_IOC_CELL_ASK */
int cell_ask(void *p)
{
	struct caisson_ioc_cell *arg = p;
	struct cell *cell;
	int ret;

	cell = cell_named(arg->name, &arg->head.error, &ret);
	return cell ? cell_ask_now(cell, &arg->head.error) : ret;
}
