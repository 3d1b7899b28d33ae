/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The life of cells [tour: 6, 8]. Functions that return a number return 0, CAISSON_AGAIN, _WAIT or
 * -CAISSON_E_*; they run on a CPU of root, as hypercalls, under cells_lock.
 */
#ifndef CAISSON_CELL_CTL_H
#define CAISSON_CELL_CTL_H

#include "cell.h"
#include "percpu.h"

extern struct spinlock cells_lock; /* the list, and everything that changes who owns what */
extern struct cell *root_cell;	   /* head of the list */

/*
 * The ID is the VMID: 8 bits, which every implementation has (Arm ARM, VTTBR_EL2); 0 is root's.
 */
#define CELL_IDS 256u
extern struct cell
	*cells[CELL_IDS]; /* those in the list, but root, by their ID; under cells_lock */

/* What a refusal carries back: see hypercall.h. */
struct refusal {
	uint64_t offset;
	uint64_t value;
};

/*
 * By the first CPU at enable, while the others wait in EL2: the root cell, its stage 2
 * and all SPIs. 0, CAISSON_E_POOL, CAISSON_E_RANGE or CAISSON_E_OVERLAP.
 */
uint32_t root_cell_init(void);

/*
 * `blob` is root's RAM, contiguous, aligned to 8; `size` in bytes. 0 and *cell, which
 * is CREATED, without memory, its CPUs parked; or an error of the configuration, of
 * ownership, or CAISSON_E_POOL, with *refusal: then nothing has changed. CAISSON_AGAIN as long as
 * there is more to do; a call with another blob gives up what was not done.
 */
int64_t cell_create(pa_t blob, uint64_t size, struct cell **cell, struct refusal *refusal);
/*
 * Moves the beginning of [pa, pa + *size) of root's RAM to `ipa`, and says in *size how much;
 * inside one memory region of the configuration, whole pages. Only while CREATED. On return no
 * CPU of root reaches it.
 */
int64_t cell_memory_add(struct cell *cell, ipa_t ipa, pa_t pa, uint64_t *size,
			struct refusal *refusal);
#define CPU_LOST_SECONDS 5 /* after which a CPU that scrubs, or is to park for a restart, is given up */
/*
 * Has all memory zeroed to the point of coherency, then READY if no region has a hole.
 * CAISSON_WAIT while its own CPUs are at it, CAISSON_AGAIN after a piece by this one.
 * CAISSON_E_STATE while it may run; CAISSON_E_TIMEOUT if a CPU does not come back from its
 * piece, which then may not be given away.
 */
int64_t cell_scrub(struct cell *cell);
/* On a parked CPU, no locks: if it was asked to, it scrubs with the others until nothing is left. */
void cell_scrub_share(struct cpu *cpu);
/* Somebody may have written to its memory: scrubbing starts over, from the first region. */
void cell_dirty(struct cell *cell);
/*
 * The mapped piece at the cursor: up to `limit` bytes, physically contiguous, in one region. 0
 * bytes: there are holes, which the cursor has passed, and more behind. False: that was all.
 * cell_piece_done() moves the cursor behind it.
 */
bool cell_piece(struct cell *cell, uint64_t limit, pa_t *pa, uint64_t *size);
void cell_piece_done(struct cell *cell, uint64_t size);
/* Takes and zeroes a piece; false: none is left, though others may be at theirs still. */
bool cell_scrub_piece(struct cell *cell, bool own);
/*
 * READY, loaded and with KEEP_IMAGE: the beginning of [pa, pa + *size) of root's RAM becomes the cell's and gets a
 * copy of its memory at `ipa`; *size says how much. No CPU of root reaches it on return.
 */
int64_t cell_image_add(struct cell *cell, ipa_t ipa, pa_t pa, uint64_t *size,
		       struct refusal *refusal);
/* Zeroes a piece of that and gives it back: AGAIN, or CAISSON_E_POOL, which may be tried again. */
int64_t cell_image_give(struct cell *cell);
/* RESTARTING, on the CPU of the cell that is to do it, which is SCRUBBING; no locks. */
void cell_restart(struct cell *cell);
/*
 * Copies `size` bytes between its memory and root's RAM, none of the two ranges crossing a page: in,
 * only while READY, and cleaned to the point of coherency; or `out`.
 */
int64_t cell_copy(struct cell *cell, ipa_t ipa, pa_t root, uint64_t size, bool out);
/*
 * READY becomes RUNNING: its first CPU enters at `entry` in EL1h, MMU off, args in
 * x0..x3. CAISSON_E_ENTRY_POINT if that is no executable memory; CAISSON_E_TIMEOUT if
 * the CPU cannot be had: then it is STOPPED.
 */
int64_t cell_start(struct cell *cell, ipa_t entry, const uint64_t args[4]);
/* The same for a cell that begins again as it began. Also by its own CPU. */
int64_t cell_begin(struct cell *cell);
/* Pends its shutdown interrupt. CAISSON_E_STATE, or CAISSON_E_DEAF if it has enabled none. */
int64_t cell_ask(struct cell *cell);
/*
 * One look at its CPUs: CAISSON_WAIT until all sleep, at last by revoking stage 2;
 * then STOPPED.
 */
int64_t cell_stop(struct cell *cell);
/* Another look at CPUs that were asked to park. True: all do, but for this one; its interrupts are reset. */
bool cell_gather(struct cell *cell);
/*
 * One look at its CPUs: CAISSON_WAIT until each stands still in EL2, or is off; then its memory and
 * cpu->kept are of one moment. CAISSON_E_STATE while CREATED or DYING. Resuming never fails.
 */
int64_t cell_pause(struct cell *cell);
int64_t cell_resume(struct cell *cell);
/*
 * A bounded piece of work; CAISSON_AGAIN until nothing is left, then
 * `cell` is freed. CAISSON_E_STATE unless scrubbed; CAISSON_E_POOL may be tried again.
 */
int64_t cell_destroy(struct cell *cell);
struct cell *cell_find(uint64_t id); /* never root */

/*
 * The one setter: an illegal transition is refused and logged by name. Rings the
 * doorbell.
 * Any CPU, with or without cells_lock.
 */
bool cell_set_state(struct cell *cell, enum caisson_cell_state state);

/*
 * From a CPU of the cell itself: it ends here, all its CPUs park.
 * `address` is the IPA, or 0. `state` of cell_halt(): OFF or RESET. No locks held; both
 * return, and the calling CPU parks at the end of its trap.
 */
void cell_fail(struct cpu *cpu, uint64_t esr, uint64_t pc, uint64_t address);
void cell_halt(struct cpu *cpu, enum caisson_cell_state state);
/*
 * It was refused `what`, less than 1 << 63, by the instruction at `pc`. True: that goes into its page,
 * as one of the first of this kind that differ, and the caller logs it.
 */
bool cell_note(struct cell *cell, enum caisson_refusal kind, uint64_t what, uint64_t pc);

/* A CPU of a cell switches itself off; with the last one the cell is off. */
void cell_cpu_off(struct cpu *cpu);

/* Something is mapped at ipa. Takes the stage 2's lock. */
bool cell_maps(struct cell *cell, ipa_t ipa);
/* The word of executable memory at `ipa`, a multiple of 4. False: none is mapped. The same lock. */
bool cell_fetch(struct cell *cell, ipa_t ipa, uint32_t *word);
/* Whose the page is (S2_OWNER_*), NONE for root's own. Takes root's stage-2 lock. */
uint32_t root_owner_of(ipa_t ipa);
/*
 * s2_lookup() of root, under its lock.
 * The result is a copy, and may be old by the time it is used.
 */
struct s2_entry root_lookup(ipa_t ipa);
/*
 * [pa, pa + size) is RAM that root has with `attrs` and may lose or show: 0, or the error and
 * where. Pages of ours that root may read (log, consoles) are not among it. `limit` and *at as for
 * s2_covers().
 */
uint32_t root_ram_check(uint64_t pa, uint64_t size, uint32_t attrs, uint32_t limit, ipa_t *at);
/* A cell has some of these bytes of a device. Under cells_lock. */
bool bytes_taken(uint64_t pa, uint64_t size);
/* Root touched ipa: true if it is mapped now (root's own until then, or split meanwhile). */
bool root_map_on_touch(ipa_t ipa);

/* Root has typed: re-evaluates the console's interrupt line. */
void console_kick(struct cell *cell);

/* Not whole pages: EL2 carries out the accesses of both owners to such a page. */
static inline bool device_is_subpage(const struct caisson_device_entry *dev)
{
	return (dev->ipa | dev->pa | dev->size) & PAGE_MASK;
}

/* Root should look at the shared pages. Any context. */
void root_doorbell(void);

#endif
