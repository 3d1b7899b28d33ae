// SPDX-License-Identifier: GPL-2.0-only
/*
 * The life of a cell: created out of Linux's CPUs and memory, loaded, started, stopped, restarted,
 * destroyed; steps 7 and 11 of the tour. EL2 keeps the state and refuses what does not fit it;
 * this file brings what EL2 needs and undoes what it refuses.
 */
#include <linux/delay.h>
#include <linux/io.h>
#include <linux/ktime.h>
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/sizes.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include <linux/vmalloc.h>
#include <linux/workqueue.h>

#include "caisson.h"

#define STOP_TIMEOUT_NS (5ULL * NSEC_PER_SEC)
#define LEAVE_TIMEOUT_NS (2ULL * NSEC_PER_SEC)
/*
 * A cell that ends again and again: from one restart by its configuration to the next at least so
 * long, and so many times what the last one took, so that root keeps nine tenths of a CPU.
 */
#define RESTART_GAP_NS (100ULL * NSEC_PER_MSEC)
#define RESTART_GAP_FACTOR 9
#define WATCHDOG_RAN_OUT "failed, as its watchdog ran out"

/* A hypercall whose time is added to *@ns. */
static struct hvc_result timed(u64 *ns, u64 function, u64 a1, u64 a2, u64 a3, u64 a4)
{
	u64 start = ktime_get_ns();
	struct hvc_result res = hvc(function, a1, a2, a3, a4, 0, 0);

	*ns += ktime_get_ns() - start;
	return res;
}

/* As hvc_refused(), and says in which state the cell is if that is the reason. */
static int refused(const struct cell *cell, const struct hvc_result *res,
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
	return refused(cell, &res, err);
}

/* Its CPUs leave the cell wherever they are. */
static int stop(struct cell *cell, u64 *ns, struct caisson_ioc_error *err)
{
	return cell_until_done(cell, CAISSON_HC_CELL_STOP, 10, STOP_TIMEOUT_NS, ns, err);
}

/* However long its CPUs take for it; should one of them not come back, EL2 says so. */
static int scrub(struct cell *cell, struct caisson_ioc_error *err)
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
static struct cell *find(const char *name, struct caisson_ioc_error *err, int *ret)
{
	struct cell *cell = cell_find(name);

	*ret = cell ? 0 : cell_refuse_name(name, err);
	return cell;
}

static void drop_load(struct cell *cell, struct load *load)
{
	list_del(&load->node);
	cell->load_bytes -= load->length;
	vfree(load->data);
	kfree(load);
}

/* When the last reference goes; neither Linux nor EL2 has anything of the cell any more. */
void cell_free(struct cell *cell)
{
	struct load *load, *next;

	list_for_each_entry_safe(load, next, &cell->loads, node)
		drop_load(cell, load);
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
	return scrub(cell, err);
}

/* Stops, scrubs and forgets it in EL2. On refusal it is still there. */
static int destroy_in_el2(struct cell *cell, struct caisson_ioc_error *err)
{
	struct caisson_cell_page *page = cell->page;
	int ret;

	ret = stop(cell, &cell->destroy_hv_ns, err);
	ret = ret ?: scrub(cell, err);
	if (ret)
		return ret;
	/* The page goes back to EL2's pool: what is in it comes out now, and nobody looks again. */
	mutex_lock(&caisson_console_lock);
	console_drain(cell);
	cell->page = NULL;
	mutex_unlock(&caisson_console_lock);
	console_wake();
	ret = cell_until_done(cell, CAISSON_HC_CELL_DESTROY, 10, U64_MAX, &cell->destroy_hv_ns, err);
	if (ret) {
		mutex_lock(&caisson_console_lock);
		cell->page = page;
		mutex_unlock(&caisson_console_lock);
	}
	return ret;
}

/* Everything of Linux's back to Linux, CPUs and drivers' devices if @use; EL2 does not know the cell. */
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
			drop_load(cell, old);
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
	ret = stop(cell, &ns, err);
	ret = ret ?: scrub(cell, err);
	if (ret)
		return ret;
	list_for_each_entry_safe(load, next, &cell->loads, node)
		drop_load(cell, load);
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
	if (!stop(cell, &ns, &ignored) && !scrub(cell, &ignored))
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

	cell = find(arg->name, err, &ret);
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

	cell = find(arg->name, &arg->head.error, &ret);
	if (!cell)
		return ret;
	cell->entry = arg->entry;
	memcpy(cell->args, arg->args, sizeof(cell->args));
	cell->has_entry = true;
	return 0;
}

/* Starts a cell that is ready and loaded; so many times its configuration has done so, this one included. */
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
	ret = refused(cell, &res, err);
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
static int restart(struct cell *cell, u32 restarts, struct caisson_ioc_error *err)
{
	u64 begin = ktime_get_ns(), end;
	struct load *load;
	u64 ns = 0;
	int ret;

	if (!startable(cell))
		return caisson_refuse(err, CAISSON_E_NOT_LOADED, 0, cell->id);
	ret = stop(cell, &ns, err);
	ret = ret ?: scrub(cell, err);
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

	cell = find(arg->name, err, &ret);
	if (!cell)
		return ret;
	if (!startable(cell))
		return caisson_refuse(err, CAISSON_E_NOT_LOADED, 0, cell->id);
	switch (cell_state(cell)) {
	case CAISSON_CELL_STOPPED:
	case CAISSON_CELL_OFF:
	case CAISSON_CELL_RESET:
	case CAISSON_CELL_FAILED:
		return restart(cell, 0, err);
	default:
		return cell->stale ? restart(cell, 0, err) : start(cell, 0, err);
	}
}

/* CAISSON_IOC_CELL_STOP */
int cell_stop(void *p)
{
	struct caisson_ioc_cell *arg = p;
	struct cell *cell;
	u64 ns = 0;
	int ret;

	cell = find(arg->name, &arg->head.error, &ret);
	return cell ? stop(cell, &ns, &arg->head.error) : ret;
}

/* CAISSON_IOC_CELL_RESTART */
int cell_restart(void *p)
{
	struct caisson_ioc_cell *arg = p;
	struct cell *cell;
	int ret;

	cell = find(arg->name, &arg->head.error, &ret);
	return cell ? restart(cell, 0, &arg->head.error) : ret;
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

	cell = find(arg->name, &arg->head.error, &ret);
	return cell ? cell_end(cell, true, &arg->head.error) : ret;
}

/* Raises a cell's shutdown interrupt; it ends by itself, or not. caisson_lock held. */
int cell_ask_now(struct cell *cell, struct caisson_ioc_error *err)
{
	struct hvc_result res = hvc(CAISSON_HC_CELL_ASK, cell->id, 0, 0, 0, 0, 0);
	int ret = refused(cell, &res, err);

	cell->asked |= !ret;
	return ret;
}

/* CAISSON_IOC_CELL_ASK */
int cell_ask(void *p)
{
	struct caisson_ioc_cell *arg = p;
	struct cell *cell;
	int ret;

	cell = find(arg->name, &arg->head.error, &ret);
	return cell ? cell_ask_now(cell, &arg->head.error) : ret;
}

/* What the configuration says about a cell that has ended. */
static u32 action(const struct cell *cell)
{
	const struct caisson_cell_entry *config = config_cell(cell->blob);

	if (cell->asked)
		return CAISSON_ACTION_STOP;
	switch (cell_state(cell)) {
	case CAISSON_CELL_OFF:
		return config->on_off;
	case CAISSON_CELL_RESET:
		return config->on_reset;
	default:
		return config->on_fault;
	}
}

/* For dmesg: "cell NAME ..." */
static const char *what_happened(const struct cell *cell)
{
	switch (cell_state(cell)) {
	case CAISSON_CELL_OFF:
		return "switched itself off";
	case CAISSON_CELL_RESET:
		return "asked for a reset";
	default:
		return READ_ONCE(cell->page->reason) == CAISSON_REASON_WATCHDOG ?
		       WATCHDOG_RAN_OUT : "failed";
	}
}

static void tell_restart(const struct cell *cell, const char *why, u32 restarts)
{
	u32 limit = config_cell(cell->blob)->restarts;
	char of[16] = "";

	if (limit != CAISSON_RESTARTS_UNLIMITED)
		snprintf(of, sizeof(of), " of %u", limit);
	dev_info_ratelimited(caisson_device(), "cell %s %s: restart %u%s\n", cell->name, why,
			     restarts, of);
}

/* Those that EL2 has made by itself (KEEP_IMAGE), as if they were ours. caisson_lock held. */
void cell_note_restarts(struct cell *cell)
{
	while (cell->page && cell->restarts < READ_ONCE(cell->page->restarts)) {
		cell->restarts++;
		cell->starts++;
		tell_restart(cell, WATCHDOG_RAN_OUT, cell->restarts);
	}
}

static void restart_by_policy(struct cell *cell)
{
	struct caisson_ioc_error err;

	tell_restart(cell, what_happened(cell), cell->restarts + 1);
	if (restart(cell, cell->restarts + 1, &err))
		dev_err(caisson_device(), "cell %s cannot be restarted (error %u)\n", cell->name,
			err.code);
}

/*
 * Does with a cell what its configuration says, once each time it has ended.
 * Return: how many ns it is too early for that, 0: there is nothing to do any more.
 */
static u64 settle(struct cell *cell)
{
	const u32 limit = config_cell(cell->blob)->restarts;
	const bool again = action(cell) == CAISSON_ACTION_RESTART && cell->restarts < limit;
	const u64 now = ktime_get_ns();

	if (!cell_has_ended(cell_state(cell)) || cell->settled)
		return 0;
	if (again && now < cell->restart_after)
		return cell->restart_after - now;
	/* start() takes it back: a restart that is refused is not tried again. */
	cell->settled = true;
	if (again)
		restart_by_policy(cell);
	else if (action(cell) == CAISSON_ACTION_RESTART)
		dev_warn(caisson_device(), "cell %s %s, and stays so after %u restarts\n",
			 cell->name, what_happened(cell), cell->restarts);
	else
		dev_info(caisson_device(), "cell %s %s\n", cell->name, what_happened(cell));
	return 0;
}

static void settle_cells(struct work_struct *work)
{
	struct cell *cell;
	u64 wait = 0;

	mutex_lock(&caisson_lock);
	if (!caisson_going_down)
		list_for_each_entry(cell, &caisson_cells, node) {
			cell_note_restarts(cell);
			wait = min_not_zero(wait, settle(cell));
		}
	mutex_unlock(&caisson_lock);
	if (wait)
		queue_delayed_work(system_unbound_wq, to_delayed_work(work),
				   nsecs_to_jiffies(wait) + 1);
}

static DECLARE_DELAYED_WORK(settle_work, settle_cells);

/* From the doorbell, any process context: some cell has ended, or EL2 has restarted it. */
void cells_ended(void)
{
	mod_delayed_work(system_unbound_wq, &settle_work, 0);
}

/* When the module goes: there are no cells then. */
void cell_exit(void)
{
	cancel_delayed_work_sync(&settle_work);
}
