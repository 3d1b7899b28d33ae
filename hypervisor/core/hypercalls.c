// SPDX-License-Identifier: GPL-2.0-only
/*
 * Root's hypercalls [tour: 8]: arguments out of x1..x6, one function each, results into x0..x2.
 * All but the trivial ones run under cells_lock; each does a bounded piece of work.
 *
 * A call that answers CAISSON_AGAIN leaves x1..x6 as they were, so the driver repeats the very
 * same call. Between two pieces no lock is held and root's interrupts are served: a gigabyte to
 * scrub never holds a CPU of root back.
 */
#include <caisson/error.h>
#include <caisson/hypercall.h>

#include "arch_cpu.h"
#include "cell_ctl.h"
#include "hypercalls.h"
#include "init.h"
#include "log.h"
#include "orphan.h"
#include "pool.h"

#define CALL_SHIFT 17 /* of a second: 7.6 us */

/* arg[] is regs->x itself: a handler reads all its arguments before it writes a result. */
struct call {
	struct regs *regs;
	uint64_t *arg; /* arg[1] is x1 */
	struct cell *cell;
	struct refusal refusal;
};

/*
 * Not under cells_lock: every CPU of root comes through here and waits for the others,
 * and the holder would keep them out for ever. Comes back only with a refusal.
 */
static int64_t do_disable(struct call *call)
{
	return -(int64_t)el2_disable(call->regs, call->arg[1], call->arg[2]);
}

static int64_t do_create(struct call *call)
{
	struct cell *cell = NULL;
	int64_t result = cell_create(PA(call->arg[1]), call->arg[2], &cell, &call->refusal);

	if (!result) {
		call->regs->x[1] = cell->id;
		call->regs->x[2] = pool_pa(cell->page).v;
	}
	return result;
}

static int64_t do_memory_add(struct call *call)
{
	uint64_t size = call->arg[4];
	int64_t result = (call->arg[0] == CAISSON_HC_CELL_MEM_ADD ? cell_memory_add : cell_image_add)(
		call->cell, IPA(call->arg[2]), PA(call->arg[3]), &size, &call->refusal);

	if (!result)
		call->regs->x[1] = size;
	return result;
}

static int64_t do_copy(struct call *call)
{
	return cell_copy(call->cell, IPA(call->arg[2]), PA(call->arg[3]), call->arg[4],
			 call->arg[0] == CAISSON_HC_CELL_READ);
}

/* One at a time: whoever wants them all is in no hurry. */
static int64_t do_regs(struct call *call)
{
	uint64_t cpu = call->arg[2], reg = call->arg[3];

	if (cpu >= call->cell->ncpus || reg >= CAISSON_REGS)
		return -CAISSON_E_ARGUMENT;
	call->regs->x[1] = cpus[call->cell->cpu[cpu]].kept[reg];
	return 0;
}

static int64_t do_start(struct call *call)
{
	return cell_start(call->cell, IPA(call->arg[2]), &call->arg[3]);
}

/* Under cells_lock because a destroy would free the console meanwhile. */
static int64_t do_console_kick(struct call *call)
{
	if (call->cell->console_base != NO_CONSOLE)
		console_kick(call->cell);
	return 0;
}

/*
 * The counters are read while their CPU goes on counting: each is one 64-bit word with
 * one writer, so a read is never torn, and a reader wants rates. The lock keeps the
 * owner in x2 the one that the count belongs to.
 */
static int64_t do_stats(struct call *call)
{
	uint64_t cpu = call->arg[1], cause = call->arg[2], count = 0;

	if (cpu >= ncpus || cause >= CAISSON_EXIT_COUNT)
		return -CAISSON_E_ARGUMENT;
	for (uint64_t n = 0; n < CAISSON_EXIT_COUNT; n++)
		if (cause == n || cause == CAISSON_EXIT_TOTAL)
			count += cpus[cpu].exits[n];
	call->regs->x[1] = count;
	call->regs->x[2] = cpus[cpu].cell->id;
	return 0;
}

/*
 * One walk. Root counts with it what a translation costs its cells; of an entry it learns the size,
 * and neither address nor owner.
 */
static int64_t do_stage2(struct call *call)
{
	struct cell *cell = call->arg[1] ? cell_find(call->arg[1]) : root_cell;
	struct s2_entry entry;

	if (!cell)
		return -CAISSON_E_NO_CELL;
	if (call->arg[2] >> cell->s2.ipa_bits)
		return -CAISSON_E_RANGE;
	spin_lock(&cell->s2.lock);
	entry = s2_lookup(&cell->s2, IPA(call->arg[2]));
	spin_unlock(&cell->s2.lock);
	call->regs->x[1] = entry.ipa.v + entry.size;
	call->regs->x[2] = entry.valid ? entry.size : 0;
	return 0;
}

static int64_t do_log(struct call *call)
{
	call->regs->x[1] = log_pa().v;
	call->regs->x[2] = log_size();
	return 0;
}

static int64_t do_root_died(struct call *call)
{
	(void)call;
	root_died();
	return 0;
}

/*
 * By function number; what is not in here is CAISSON_E_FUNCTION. A `locked` row changes
 * or reads who owns what. The table is the one place where that is decided: no handler
 * takes cells_lock itself.
 */
static const struct {
	int64_t (*handler)(struct call *call);
	bool locked;			      /* under cells_lock */
	bool cell;			      /* x1 names one */
	int64_t (*simple)(struct cell *cell); /* instead of handler */
} table[] = {
	[CAISSON_HC_DISABLE - CAISSON_HC_BASE] = { do_disable, false, false, NULL },
	[CAISSON_HC_CELL_CREATE - CAISSON_HC_BASE] = { do_create, true, false, NULL },
	[CAISSON_HC_CELL_MEM_ADD - CAISSON_HC_BASE] = { do_memory_add, true, true, NULL },
	[CAISSON_HC_CELL_SCRUB - CAISSON_HC_BASE] = { NULL, true, true, cell_scrub },
	[CAISSON_HC_CELL_LOAD - CAISSON_HC_BASE] = { do_copy, true, true, NULL },
	[CAISSON_HC_CELL_START - CAISSON_HC_BASE] = { do_start, true, true, NULL },
	[CAISSON_HC_CELL_STOP - CAISSON_HC_BASE] = { NULL, true, true, cell_stop },
	[CAISSON_HC_CELL_DESTROY - CAISSON_HC_BASE] = { NULL, true, true, cell_destroy },
	[CAISSON_HC_CONSOLE_KICK - CAISSON_HC_BASE] = { do_console_kick, true, true, NULL },
	[CAISSON_HC_CPU_STATS - CAISSON_HC_BASE] = { do_stats, true, false, NULL },
	[CAISSON_HC_LOG - CAISSON_HC_BASE] = { do_log, false, false, NULL },
	[CAISSON_HC_CELL_ASK - CAISSON_HC_BASE] = { NULL, true, true, cell_ask },
	[CAISSON_HC_STAGE2 - CAISSON_HC_BASE] = { do_stage2, true, false, NULL },
	[CAISSON_HC_CELL_PAUSE - CAISSON_HC_BASE] = { NULL, true, true, cell_pause },
	[CAISSON_HC_CELL_RESUME - CAISSON_HC_BASE] = { NULL, true, true, cell_resume },
	[CAISSON_HC_CPU_REGS - CAISSON_HC_BASE] = { do_regs, true, true, NULL },
	[CAISSON_HC_CELL_READ - CAISSON_HC_BASE] = { do_copy, true, true, NULL },
	[CAISSON_HC_ROOT_DIED - CAISSON_HC_BASE] = { do_root_died, true, false, NULL },
	[CAISSON_HC_CELL_IMAGE_ADD - CAISSON_HC_BASE] = { do_memory_add, true, true, NULL },
};

void hypercall(struct cpu *cpu, struct regs *regs)
{
	uint64_t number = regs->x[0] - CAISSON_HC_BASE;
	struct call call = { .regs = regs, .arg = regs->x };
	int64_t result = -CAISSON_E_FUNCTION;

	if (number < ARRAY_SIZE(table)) {
		if (table[number].locked) {
			spin_lock(&cells_lock);
			cpu->call_end = arch_counter() + (arch_counter_hz() >> CALL_SHIFT);
		}
		if (table[number].cell)
			call.cell = cell_find(call.arg[1]);
		/* Nothing changes its owner any more, root's UART among it. */
		if (atomic_load(&root_dead))
			result = -CAISSON_E_GOING_DOWN;
		else if (table[number].cell && !call.cell)
			result = -CAISSON_E_NO_CELL;
		else if (table[number].simple)
			result = table[number].simple(call.cell);
		else if (table[number].handler)
			result = table[number].handler(&call);
		/*
		 * Before the lock goes: a page of a cell's memory that stayed mapped
		 * here could be fetched speculatively after its next owner cleaned it
		 * (Arm ARM D7.5).
		 */
		window_clear();
		if (table[number].locked)
			spin_unlock(&cells_lock);
	}
	regs->x[0] = (uint64_t)result;
	if (result < 0) {
		regs->x[1] = call.refusal.offset;
		regs->x[2] = call.refusal.value;
	}
}
