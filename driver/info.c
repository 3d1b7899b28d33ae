// SPDX-License-Identifier: GPL-2.0-only
/*
 * What hvctl asks about cells: their state, their configuration, their exits; step 7 of the tour.
 * Nothing here changes anything. All functions: process context, caisson_lock held, enabled.
 */
#include <linux/sched/signal.h>
#include <linux/sizes.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#include "caisson.h"

static struct cell *by_index(u32 index)
{
	struct cell *cell;

	list_for_each_entry(cell, &caisson_cells, node)
		if (!index--)
			return cell;
	return NULL;
}

static void fill_console(struct cell *cell, struct caisson_ioc_info *arg)
{
	mutex_lock(&caisson_console_lock);
	console_drain(cell);
	arg->console_bytes = cell->history_end;
	if (cell->page) {
		arg->reason = READ_ONCE(cell->page->reason);
		arg->reason_pc = READ_ONCE(cell->page->reason_pc);
		arg->reason_addr = READ_ONCE(cell->page->reason_addr);
		arg->console_dropped = READ_ONCE(cell->page->dropped);
		memcpy(arg->refused, cell->page->refused, sizeof(arg->refused));
	}
	arg->state = min_t(u32, cell_state(cell), CAISSON_CELL_STATE_COUNT - 1);
	mutex_unlock(&caisson_console_lock);
}

/**
 * cell_info - CAISSON_IOC_CELL_INFO
 * @p: struct caisson_ioc_info
 *
 * The times of the last destroy are filled in only if there is no such cell: the destroyed one is
 * gone by then, and a cell that is there has none.
 *
 * Return: 0 or a negative errno.
 */
int cell_info(void *p)
{
	struct caisson_ioc_info *arg = p;
	struct cell *cell = arg->name[0] ? cell_find(arg->name) : by_index(arg->index);
	unsigned int cpu;

	if (arg->reserved)
		return caisson_refuse(&arg->head.error, CAISSON_E_RESERVED, 0, arg->reserved);
	arg->id = 0;
	memset_startat(arg, 0, state);
	if (!cell) {
		arg->destroy_hv_ns = caisson_destroy_hv_ns;
		arg->destroy_ns = caisson_destroy_ns;
		return cell_refuse_name(arg->name, &arg->head.error);
	}
	memcpy(arg->name, cell->name, sizeof(arg->name));
	cell_note_restarts(cell);
	fill_console(cell, arg);
	arg->id = cell->id;
	arg->memory_bytes = cell->memory_bytes;
	arg->starts = cell->starts;
	arg->restarts = cell->restarts;
	arg->restart_limit = config_cell(cell->blob)->restarts;
	arg->ncpus = cpumask_weight(cell->cpus);
	arg->config_size = cell->blob_size;
	for_each_cpu(cpu, cell->cpus)
		if (cpu / 64 < ARRAY_SIZE(arg->cpus))
			arg->cpus[cpu / 64] |= 1ULL << (cpu % 64);
	arg->create_hv_ns = cell->create_hv_ns;
	arg->create_ns = cell->create_ns;
	arg->scrub_ns = cell->scrub_ns;
	arg->start_hv_ns = cell->start_hv_ns;
	return 0;
}

/**
 * cell_config - CAISSON_IOC_CELL_CONFIG: a cell's blob, or the system's if the name is empty
 * @p: struct caisson_ioc_config; no room at all asks for the size alone
 *
 * Return: 0 or a negative errno.
 */
int cell_config(void *p)
{
	struct caisson_ioc_config *arg = p;
	u32 room = arg->blob_size;
	const void *blob = hv.config;
	struct cell *cell;

	if (arg->reserved)
		return caisson_refuse(&arg->head.error, CAISSON_E_RESERVED, 0, arg->reserved);
	arg->blob_size = hv.config_size;
	if (arg->name[0]) {
		cell = cell_find(arg->name);
		if (!cell)
			return cell_refuse_name(arg->name, &arg->head.error);
		blob = cell->blob;
		arg->blob_size = cell->blob_size;
	}
	if (!room)
		return 0;
	if (room < arg->blob_size)
		return caisson_refuse(&arg->head.error, CAISSON_E_ARGUMENT, 0, arg->blob_size);
	return copy_to_user(u64_to_user_ptr(arg->blob), blob, arg->blob_size) ? -EFAULT : 0;
}

/**
 * cell_stats - CAISSON_IOC_STATS: exits of one CPU
 * @p: struct caisson_ioc_stats
 *
 * Return: 0 or a negative errno.
 */
int cell_stats(void *p)
{
	struct caisson_ioc_stats *arg = p;
	u32 cause;
	int ret = 0;

	if (arg->cpu >= nr_cpu_ids)
		return caisson_refuse(&arg->head.error, CAISSON_E_CPU_UNKNOWN, 0, arg->cpu);
	if (memchr_inv(arg->reserved, 0, sizeof(arg->reserved)))
		return caisson_refuse(&arg->head.error, CAISSON_E_RESERVED, 0, 0);
	for (cause = 0; !ret && cause < CAISSON_EXIT_COUNT; cause++) {
		struct hvc_result res = hvc(CAISSON_HC_CPU_STATS, arg->cpu, cause, 0, 0, 0, 0);

		ret = hvc_refused(&res, &arg->head.error);
		arg->exits[cause] = res.value;
		arg->cell = (u32)res.value2;
	}
	return ret;
}

/* Entry by entry from arg->ipa to @end, or to the end of the address space. */
static int count_leaves(struct caisson_ioc_stage2 *arg, u32 id, u64 end)
{
	u64 at = arg->ipa;

	while (at < end) {
		struct hvc_result res = hvc(CAISSON_HC_STAGE2, id, at, 0, 0, 0, 0);

		if (res.code == -(long)CAISSON_E_RANGE)
			return 0;
		if (res.code)
			return hvc_refused(&res, &arg->head.error);
		arg->leaves_1g += res.value2 == SZ_1G;
		arg->leaves_2m += res.value2 == SZ_2M;
		arg->leaves_4k += res.value2 == SZ_4K;
		at = res.value;
		if (fatal_signal_pending(current))
			return -EINTR;
		cond_resched();
	}
	return 0;
}

/**
 * cell_stage2 - CAISSON_IOC_STAGE2: leaf entries of a range of a cell's, or of root's
 * @p: struct caisson_ioc_stage2
 *
 * Return: 0 or a negative errno.
 */
int cell_stage2(void *p)
{
	struct caisson_ioc_stage2 *arg = p;
	const struct cell *cell = cell_find(arg->name);
	u64 end = arg->size > ~arg->ipa ? ~0ULL : arg->ipa + arg->size;

	if (!cell && strcmp(arg->name, ROOT_NAME))
		return cell_refuse_name(arg->name, &arg->head.error);
	arg->leaves_1g = 0;
	arg->leaves_2m = 0;
	arg->leaves_4k = 0;
	return count_leaves(arg, cell ? cell->id : 0, end);
}

/**
 * cell_piece - CAISSON_IOC_CELL_PIECE: where one piece of a cell's memory is
 * @p: struct caisson_ioc_piece
 *
 * Return: 0 or a negative errno.
 */
int cell_piece(void *p)
{
	struct caisson_ioc_piece *arg = p;
	const struct cell *cell = cell_find(arg->name);
	const struct piece *piece;
	u32 index = arg->index;

	if (!cell)
		return cell_refuse_name(arg->name, &arg->head.error);
	if (arg->reserved)
		return caisson_refuse(&arg->head.error, CAISSON_E_RESERVED, 0, arg->reserved);
	memset_startat(arg, 0, ipa);
	list_for_each_entry(piece, &cell->pieces, node) {
		if (index--)
			continue;
		arg->ipa = piece->ipa;
		arg->pa = PFN_PHYS(piece->pfn);
		arg->size = PFN_PHYS(piece->pages);
		break;
	}
	return 0;
}

/**
 * cell_taken_bytes - what cells cost Linux besides their RAM
 * @ncells: set to their number
 *
 * Return: bytes of configurations, console histories and what is kept for restarts.
 */
u64 cell_taken_bytes(u32 *ncells)
{
	const struct piece *piece;
	const struct cell *cell;
	u64 bytes = 0;

	*ncells = 0;
	list_for_each_entry(cell, &caisson_cells, node) {
		bytes += cell->blob_size + cell->load_bytes + (cell->history ? HISTORY_SIZE : 0);
		list_for_each_entry(piece, &cell->image, node)
			bytes += PFN_PHYS(piece->pages);
		++*ncells;
	}
	return bytes;
}
