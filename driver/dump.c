// SPDX-License-Identifier: GPL-2.0-only
/*
 * CAISSON_IOC_CELL_DUMP: what a cell has in its registers and its memory, for a debugger. Its
 * memory is not root's to map: EL2 copies it, a page at a time, into a page of ours.
 */
#include <linux/mm.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/uaccess.h>

#include "caisson.h"

#define PAUSE_TIMEOUT_NS (5ULL * NSEC_PER_SEC)

static int dump_registers(const struct cell *cell, struct caisson_ioc_dump *arg)
{
	u64 __user *to = u64_to_user_ptr(arg->regs);
	u64 cpu, reg;

	for (cpu = 0; cpu < arg->ncpus; cpu++)
		for (reg = 0; reg < CAISSON_REGS; reg++) {
			struct hvc_result res =
				hvc(CAISSON_HC_CPU_REGS, cell->id, cpu, reg, 0, 0, 0);
			int ret = hvc_refused(&res, &arg->head.error);

			if (ret)
				return ret;
			if (put_user(res.value, to++))
				return -EFAULT;
		}
	return 0;
}

/* A page that is zero leaves a hole where the caller has mapped a file. */
static int dump_region(const struct cell *cell, const struct caisson_memory_entry *region,
		       char __user *to, void *page, struct caisson_ioc_error *err)
{
	u64 done;

	for (done = 0; done < region->size; done += PAGE_SIZE) {
		struct hvc_result res = hvc(CAISSON_HC_CELL_READ, cell->id, region->ipa + done,
					    virt_to_phys(page), PAGE_SIZE, 0, 0);
		int ret = hvc_refused(&res, err);

		if (ret)
			return ret;
		if (memchr_inv(page, 0, PAGE_SIZE) && copy_to_user(to + done, page, PAGE_SIZE))
			return -EFAULT;
		if (fatal_signal_pending(current))
			return -EINTR;
		cond_resched();
	}
	return 0;
}

static int dump_memory(const struct cell *cell, struct caisson_ioc_dump *arg, void *page)
{
	char __user *to = u64_to_user_ptr(arg->memory);
	u32 i;

	for (i = 0; i < config_count(cell->blob, CAISSON_SEC_MEMORY); i++) {
		const struct caisson_memory_entry *region = config_memory(cell->blob, i);
		int ret = dump_region(cell, region, to, page, &arg->head.error);

		if (ret)
			return ret;
		to += region->size;
	}
	return 0;
}

/**
 * cell_dump - CAISSON_IOC_CELL_DUMP
 * @p: struct caisson_ioc_dump
 *
 * However it ends, the cell goes on.
 * Process context, caisson_lock held, enabled, form and name checked.
 *
 * Return: 0 or a negative errno with head.error filled in.
 */
int cell_dump(void *p)
{
	struct caisson_ioc_dump *arg = p;
	struct caisson_ioc_error *err = &arg->head.error;
	struct cell *cell = cell_find(arg->name);
	void *page;
	u64 ns = 0;
	int ret;

	if (!cell)
		return cell_refuse_name(arg->name, err);
	if (arg->flags & ~CAISSON_DUMP_LIVE)
		return caisson_refuse(err, CAISSON_E_FLAGS, 0, arg->flags);
	if (arg->ncpus != cpumask_weight(cell->cpus) || arg->memory_size != cell->memory_bytes)
		return caisson_refuse(err, CAISSON_E_ARGUMENT, 0, arg->memory_size);
	page = (void *)__get_free_page(GFP_KERNEL);
	if (!page)
		return caisson_refuse(err, CAISSON_E_NO_MEMORY, 0, PAGE_SIZE);
	ret = cell_until_done(cell, CAISSON_HC_CELL_PAUSE, 10, PAUSE_TIMEOUT_NS, &ns, err);
	ret = ret ?: dump_registers(cell, arg);
	if (arg->flags & CAISSON_DUMP_LIVE)
		hvc(CAISSON_HC_CELL_RESUME, cell->id, 0, 0, 0, 0, 0);
	ret = ret ?: dump_memory(cell, arg, page);
	if (!(arg->flags & CAISSON_DUMP_LIVE))
		hvc(CAISSON_HC_CELL_RESUME, cell->id, 0, 0, 0, 0, 0);
	free_page((unsigned long)page);
	return ret;
}
