// SPDX-License-Identifier: GPL-2.0-only
/*
 * A cell's memory is zeroed to the point of coherency [tour: 8], before it starts and before root
 * gets it back. The cell's own CPUs do it, which sleep in EL2 meanwhile: root asks them and goes
 * away, each takes pieces at the cursor until none is left, and root comes back to look. While a
 * CPU is at it, it is SCRUBBING, and so neither starts nor changes its owner. Where none comes
 * (none of them is in EL2, or they do not hear the kick), root's CPU takes a piece a call.
 *
 * Nobody changes the cell's tables meanwhile but cell_memory_add(), and that under their lock.
 */
#include <caisson/error.h>

#include "arch_cpu.h"
#include "cell_ctl.h"
#include "config_check.h"
#include "cpu_ctl.h"
#include "gic.h"
#include "log.h"

#define SCRUB_PIECE (32 * PAGE_SIZE) /* some 8,000 instructions */
#define PIECE_LOOKUPS 64u	     /* bounds a call where memory came in scattered pages */
/* What root leaves to the cell's CPUs before it helps (20 ms). */
#define ASKED_DIV 50

void cell_dirty(struct cell *cell)
{
	spin_lock(&cell->s2.lock);
	cell->scrubbed = false;
	cell->missing = false;
	cell->scrub_since = 0;
	cell->cursor_region = 0;
	cell->cursor_offset = 0;
	spin_unlock(&cell->s2.lock);
}

void cell_piece_done(struct cell *cell, uint64_t size)
{
	cell->cursor_offset += size;
	if (cell->cursor_offset == config_memory(cell->blob, cell->cursor_region)->size) {
		cell->cursor_region++;
		cell->cursor_offset = 0;
	}
}

bool cell_piece(struct cell *cell, uint64_t limit, pa_t *pa, uint64_t *size)
{
	*size = 0;
	for (uint32_t n = 0; n < PIECE_LOOKUPS && *size < limit; n++) {
		const struct caisson_memory_entry *mem;
		struct s2_entry entry;
		uint64_t ipa, part, skip;

		if (cell->cursor_region == config_count(cell->blob, CAISSON_SEC_MEMORY))
			return false;
		mem = config_memory(cell->blob, cell->cursor_region);
		ipa = mem->ipa + cell->cursor_offset + *size;
		if (ipa == mem->ipa + mem->size)
			break;
		entry = s2_lookup(&cell->s2, IPA(ipa));
		skip = ipa - entry.ipa.v;
		part = MIN(entry.size - skip, mem->ipa + mem->size - ipa);
		if (entry.valid && !*size)
			*pa = PA(entry.pa.v + skip);
		if (entry.valid && entry.pa.v + skip == pa->v + *size) {
			*size += part;
		} else if (*size) {
			break;
		} else {
			cell->missing = true;
			cell_piece_done(cell, part);
		}
	}
	*size = MIN(*size, limit);
	return true;
}

bool cell_scrub_piece(struct cell *cell, bool own)
{
	uint64_t size;
	bool more;
	pa_t pa;

	spin_lock(&cell->s2.lock);
	more = cell_piece(cell, SCRUB_PIECE, &pa, &size);
	if (more && size) {
		cell_piece_done(cell, size);
		cell->scrub_pages[own] += size / PAGE_SIZE;
	}
	spin_unlock(&cell->s2.lock);
	/* The time by the page: one from which much was run may take an emulator long. */
	for (uint64_t at = 0; more && at < size; at += PAGE_SIZE) {
		zero_page_to_poc(window_map(WINDOW_A, PA(pa.v + at)));
		cell->scrub_since = arch_counter();
	}
	return more;
}

/*
 * The state under the lock, so that root takes it neither for asleep nor for another cell's. No
 * window stays: see hypercall().
 */
void cell_scrub_share(struct cpu *cpu)
{
	struct cell *cell = NULL;

	spin_lock(&cpu->lock);
	if (atomic_fetch_and(&cpu->request, ~CPU_REQUEST_SCRUB) & CPU_REQUEST_SCRUB &&
	    cpu->state == CPU_PARKED) {
		cell = cpu->cell;
		cpu_set_state(cpu, CPU_SCRUBBING);
	}
	spin_unlock(&cpu->lock);
	if (!cell)
		return;
	if (atomic_load(&cell->state) == CAISSON_CELL_RESTARTING)
		cell_restart(cell);
	else
		while (cell_scrub_piece(cell, true))
			;
	window_clear();
	spin_lock(&cpu->lock);
	/* Unless it has just started itself. */
	if (cpu->state == CPU_SCRUBBING)
		cpu_set_state(cpu, CPU_PARKED);
	spin_unlock(&cpu->lock);
}

enum helpers { NONE, ASKED, AT_WORK };

/* Under each CPU's lock `ask` sets its request, and `dismiss` takes it back: then it does not come. */
static enum helpers look(struct cell *cell, bool ask, bool dismiss)
{
	enum helpers found = NONE;

	for (uint32_t n = 0; n < cell->ncpus; n++) {
		struct cpu *cpu = &cpus[cell->cpu[n]];

		spin_lock(&cpu->lock);
		if (ask && cpu->state == CPU_PARKED) {
			atomic_fetch_or(&cpu->request, CPU_REQUEST_SCRUB);
			irq_kick(cpu);
		}
		if (dismiss)
			atomic_fetch_and(&cpu->request, ~CPU_REQUEST_SCRUB);
		if (cpu->state == CPU_SCRUBBING)
			found = AT_WORK;
		else if (found == NONE && atomic_load(&cpu->request) & CPU_REQUEST_SCRUB)
			found = ASKED;
		spin_unlock(&cpu->lock);
	}
	return found;
}

/* READY comes only from a pass that found every region complete. Nobody is at work any more. */
static void finish(struct cell *cell)
{
	bool whole = !cell->missing;

	log_line("cell %s: %lu pages zeroed by its own cpus, %lu by root's", cell->name,
		 U(cell->scrub_pages[true]), U(cell->scrub_pages[false]));
	cell_dirty(cell);
	cell->scrubbed = true;
	if (whole)
		cell_set_state(cell, CAISSON_CELL_READY);
}

int64_t cell_scrub(struct cell *cell)
{
	uint32_t state = atomic_load(&cell->state);
	bool first = !cell->scrub_since;
	enum helpers helpers;
	int64_t since; /* below 0 if one has just taken a piece */

	if (cell->scrubbed)
		return 0;
	if (state != CAISSON_CELL_CREATED && state != CAISSON_CELL_STOPPED)
		return -CAISSON_E_STATE;
	if (cell->images)
		return cell_image_give(cell);
	if (first) {
		cell->scrub_pages[false] = cell->scrub_pages[true] = 0;
		cell->scrub_since = arch_counter();
	}
	helpers = look(cell, first, false);
	since = (int64_t)(arch_counter() - cell->scrub_since);
	if (helpers == AT_WORK && since > CPU_LOST_SECONDS * (int64_t)arch_counter_hz())
		return -CAISSON_E_TIMEOUT;
	if (helpers == AT_WORK)
		return CAISSON_WAIT;
	/* Who has not come in time is not waited for again, nor when the others have done it all. */
	if (helpers == ASKED && !cell->scrub_pages[false] &&
	    since < (int64_t)arch_counter_hz() / ASKED_DIV &&
	    cell->cursor_region < config_count(cell->blob, CAISSON_SEC_MEMORY))
		return CAISSON_WAIT;
	if (cell_scrub_piece(cell, false))
		return CAISSON_AGAIN;
	if (look(cell, false, true) == AT_WORK)
		return CAISSON_WAIT;
	finish(cell);
	return 0;
}
