// SPDX-License-Identifier: GPL-2.0-only
/*
 * The life of a cell once it exists [tour: 8, 11]: states, loading, starting, stopping, failing.
 * How it gets and gives back what it owns is in cell_make.c.
 *
 * Two kinds of callers meet here. Root's hypercalls come one at a time, under cells_lock. A
 * cell's own CPUs come from a trap, any number at once and without that lock, because root may
 * hold it while it waits for them. So what both change (state, closed, running) is atomic, and a
 * cell's CPU never frees or moves anything: it only says that the cell has ended.
 */
#include <caisson/error.h>

#include "arch_cpu.h"
#include "boot.h"
#include "cell_ctl.h"
#include "config_check.h"
#include "cpu_ctl.h"
#include "gic.h"
#include "lib.h"
#include "log.h"
#include "watchdog.h"

/* After this long a kick has not worked: the cell holds it off, and loses its stage 2 (20 ms). */
#define STOP_PATIENCE_DIV 50

struct spinlock cells_lock;
struct cell *cells[CELL_IDS];

static const char *const state_names[CAISSON_CELL_STATE_COUNT] = {
#define X(name, text) [CAISSON_CELL_##name] = text,
	CAISSON_CELL_STATES(X)
#undef X
};

#define TO(name) (1u << CAISSON_CELL_##name)

/*
 * Which state may follow which.
 * A cell that ended (OFF, RESET, FAILED) goes on only through STOPPED, where its CPUs
 * have been seen to sleep; from there to READY only by a complete scrub. RESTARTING is a short
 * cut, by a CPU of its own: cell_image.c. DYING has no successor but the end.
 */
static const uint32_t allowed[CAISSON_CELL_STATE_COUNT] = {
	[CAISSON_CELL_CREATED] = TO(READY) | TO(DYING),
	[CAISSON_CELL_STOPPED] = TO(READY) | TO(STOPPED),
	[CAISSON_CELL_READY] = TO(RUNNING) | TO(STOPPED) | TO(DYING),
	[CAISSON_CELL_RUNNING] = TO(STOPPED) | TO(OFF) | TO(RESET) | TO(FAILED) | TO(RESTARTING),
	[CAISSON_CELL_OFF] = TO(STOPPED),
	[CAISSON_CELL_RESET] = TO(STOPPED),
	[CAISSON_CELL_FAILED] = TO(STOPPED),
	[CAISSON_CELL_RESTARTING] = TO(RUNNING) | TO(FAILED),
};

/*
 * Compare and swap, because two CPUs of a cell may end it at once: the first reason
 * stays, the second one is logged and refused.
 */
bool cell_set_state(struct cell *cell, enum caisson_cell_state state)
{
	uint32_t old = atomic_load(&cell->state);

	do {
		if (!(allowed[old] >> state & 1)) {
			log_line("cell %s: illegal transition %s to %s", cell->name,
				 state_names[old], state_names[state]);
			return false;
		}
	} while (!atomic_compare_exchange_weak(&cell->state, &old, state));
	/*
	 * Root reads the reason after the state: release makes it find the one that
	 * belongs to it.
	 */
	__atomic_store_n(&cell->page->state, state, __ATOMIC_RELEASE);
	root_doorbell();
	return true;
}

/*
 * Without a spare SPI there is no doorbell, and the driver polls the shared pages
 * instead.
 */
void root_doorbell(void)
{
	if (boot && boot->doorbell_intid)
		gic_spi_pend((uint32_t)boot->doorbell_intid);
}

/* Root is in no list but its own: no hypercall can name it. Under cells_lock. */
struct cell *cell_find(uint64_t id)
{
	return id < CELL_IDS ? cells[id] : NULL;
}

/*
 * The lock, because a change in progress has entries that are invalid for a moment
 * only; as all have while the cell is called to EL2, to be stopped or paused.
 */
bool cell_maps(struct cell *cell, ipa_t ipa)
{
	bool valid;

	spin_lock(&cell->s2.lock);
	valid = cell->s2.revoked || s2_lookup(&cell->s2, ipa).valid;
	spin_unlock(&cell->s2.lock);
	return valid;
}

/*
 * Under the lock the page stays the cell's, and no line of it is left in a cache behind that. From the
 * point of coherency, as the cell's caches may be off.
 */
bool cell_fetch(struct cell *cell, ipa_t ipa, uint32_t *word)
{
	struct s2_entry entry;

	spin_lock(&cell->s2.lock);
	entry = s2_lookup(&cell->s2, ipa);
	entry.valid = entry.valid && (entry.attrs & S2_EXEC);
	if (entry.valid) {
		volatile uint32_t *at =
			window_map(WINDOW_A, PA(entry.pa.v + (ipa.v - entry.ipa.v)));

		dcache_clean_inval((const void *)at, sizeof(*at));
		*word = *at;
		window_clear();
	}
	spin_unlock(&cell->s2.lock);
	return entry.valid;
}

/*
 * The answer may be old as soon as the lock is gone. Who acts on it holds cells_lock,
 * under which owners change, or uses it for a message, or for an action that checks
 * again.
 */
struct s2_entry root_lookup(ipa_t ipa)
{
	struct s2_entry entry;

	spin_lock(&root_cell->s2.lock);
	entry = s2_lookup(&root_cell->s2, ipa);
	spin_unlock(&root_cell->s2.lock);
	return entry;
}

uint32_t root_owner_of(ipa_t ipa)
{
	return root_lookup(ipa).owner;
}

/*
 * All its CPUs leave; no further one comes up.
 * `self` needs no kick: it is in EL2, and looks at its request before it returns to
 * EL1. Closing comes first: a CPU_ON that runs at the same time either sees it, or has
 * made its target PENDING, which the loop then finds.
 */
static void park_all(struct cell *cell, struct cpu *self)
{
	atomic_store(&cell->closed, true);
	atomic_store(&cell->watchdog_end, 0);
	if (irq_revokes())
		s2_revoke(&cell->s2);
	for (uint32_t n = 0; n < cell->ncpus; n++) {
		struct cpu *cpu = &cpus[cell->cpu[n]];

		if (cpu == self)
			atomic_fetch_or(&cpu->request, CPU_REQUEST_PARK);
		else
			cpu_request_park(cpu);
	}
}

/*
 * The reason goes into the page before the state that announces it. What EL2 restarts this CPU
 * restarts: it is the one that surely comes to cpu_park(). Root may write the count of restarts, as it
 * may restart any cell.
 */
void cell_fail(struct cpu *cpu, uint64_t esr, uint64_t pc, uint64_t address)
{
	struct cell *cell = cpu->cell;
	bool again = esr == CAISSON_REASON_WATCHDOG && cell->images && !atomic_load(&cell->asked) &&
		     cell->page->restarts < config_cell(cell->blob)->restarts;

	cell->page->reason = (uint32_t)esr;
	cell->page->reason_pc = pc;
	cell->page->reason_addr = address;
	log_line("cell %s: failed on its cpu %lu, esr %lx, pc %lx, address %lx, far %lx, owner %lu",
		 cell->name, U(cpu->vcpu), U(esr), U(pc), U(address), U(read_sysreg(far_el2)),
		 U(root_owner_of(IPA(address))));
	park_all(cell, cpu);
	cell->page->restarts += again;
	if (cell_set_state(cell, again ? CAISSON_CELL_RESTARTING : CAISSON_CELL_FAILED) && again)
		atomic_fetch_or(&cpu->request, CPU_REQUEST_SCRUB);
}

void cell_halt(struct cpu *cpu, enum caisson_cell_state state)
{
	struct cell *cell = cpu->cell;

	log_line("cell %s: %s, by itself", cell->name, state_names[state]);
	park_all(cell, cpu);
	cell_set_state(cell, state);
}

/*
 * fetch_sub names exactly one last CPU, however many switch themselves off at once.
 * Root is not counted: its last CPU cannot go.
 */
void cell_cpu_off(struct cpu *cpu)
{
	struct cell *cell = cpu->cell;

	if (cell->id && atomic_fetch_sub(&cell->running, 1) == 1)
		cell_halt(cpu, CAISSON_CELL_OFF);
}

/*
 * Once per start: the log is a small ring, and a cell that probes must not push out what matters. Any
 * number of CPUs at once: each takes a free place, or finds that another one has noted the same. Root
 * writes the page, too, and spoils no more than the list.
 */
bool cell_note(struct cell *cell, enum caisson_refusal kind, uint64_t what, uint64_t pc)
{
	struct caisson_refused *place = cell->page->refused[kind];

	what |= CAISSON_REFUSED_VALID;
	for (uint32_t n = 0; n < CAISSON_REFUSED_EACH; n++, place++) {
		uint64_t found = 0;

		if (__atomic_compare_exchange_n(&place->what, &found, what, false, __ATOMIC_RELAXED,
						__ATOMIC_RELAXED)) {
			place->pc = pc;
			return true;
		}
		if (found == what)
			break;
	}
	return false;
}

/*
 * Root's end is checked against its own memory: otherwise root would read EL2's or another cell's by
 * loading it into a cell of its own, or write there. The cell's end may be read-only for
 * the cell: that is what code is. Its table is quiet, because only hypercalls change
 * it.
 */
int64_t cell_copy(struct cell *cell, ipa_t ipa, pa_t root, uint64_t size, bool out)
{
	uint32_t code, state = atomic_load(&cell->state);
	struct s2_entry entry;
	void *inside, *outside;
	ipa_t at;

	if (!size || size > PAGE_SIZE || (ipa.v & PAGE_MASK) + size > PAGE_SIZE ||
	    (root.v & PAGE_MASK) + size > PAGE_SIZE)
		return -CAISSON_E_ARGUMENT;
	/* What is loaded behind a copy that is kept would be missing there. */
	if (out ? state == CAISSON_CELL_CREATED || state == CAISSON_CELL_DYING :
		  state != CAISSON_CELL_READY || cell->images)
		return -CAISSON_E_STATE;
	code = root_ram_check(ALIGN_DOWN(root.v, PAGE_SIZE), PAGE_SIZE,
			      out ? S2_READ | S2_WRITE : S2_READ, 1, &at);
	if (code)
		return -(int64_t)code;
	entry = s2_lookup(&cell->s2, ipa);
	if (!entry.valid || (entry.attrs & S2_DEVICE))
		return -CAISSON_E_MEM_REGION;
	inside = window_map(WINDOW_A, PA(entry.pa.v + (ipa.v - entry.ipa.v)));
	outside = window_map(WINDOW_B, root);
	if (out) {
		/* With its caches off it has written past them. */
		dcache_clean_inval(inside, size);
		memcpy(outside, inside, size);
		return 0;
	}
	cell_dirty(cell);
	memcpy(inside, outside, size);
	/* The cell begins with its caches off: what it fetches comes from memory. */
	dcache_clean_inval(inside, size);
	return 0;
}

/*
 * Its CPUs are parked, or physically off: the first one's state decides which way it comes up; or that
 * one is here itself. Open before it runs, as that CPU might call others at once. Firmware may deny
 * CPU_ON: then the cell counts as stopped, not as ready, since nobody knows how far the CPU got. So it
 * does where root has stopped it meanwhile: RUNNING is refused.
 */
int64_t cell_begin(struct cell *cell)
{
	struct cpu *first = &cpus[cell->cpu[0]];
	enum cpu_state found;

	cell->gicd_ctlr = 0;
	cell_dirty(cell);
	memset(cell->page->refused, 0, sizeof(cell->page->refused));
	cell->page->reason = 0;
	cell->page->reason_pc = cell->page->reason_addr = cell->page->dropped = 0;
	vpl011_reset(&cell->console);
	watchdog_start(cell);
	atomic_store(&cell->asked, false);
	atomic_store(&cell->running, 0);
	atomic_store(&cell->closed, false);
	if (cell_set_state(cell, CAISSON_CELL_RUNNING)) {
		cpu_start(cell, first, cell->entry.v, cell->args, &found);
		if (found != CPU_FIRMWARE || !cpu_start_firmware(first))
			return 0;
		cell_set_state(cell, CAISSON_CELL_STOPPED);
	}
	atomic_store(&cell->closed, true);
	return -CAISSON_E_TIMEOUT;
}

/*
 * All that can be refused is checked before the first change but what firmware denies. An entry that
 * is not executable memory would fail in the cell, with nobody to say so.
 */
int64_t cell_start(struct cell *cell, ipa_t entry, const uint64_t args[4])
{
	struct s2_entry at = s2_lookup(&cell->s2, entry);

	if (atomic_load(&cell->state) != CAISSON_CELL_READY)
		return -CAISSON_E_STATE;
	if (!at.valid || !(at.attrs & S2_EXEC) || (entry.v & 3))
		return -CAISSON_E_ENTRY_POINT;
	cell->entry = entry;
	memcpy(cell->args, args, sizeof(cell->args));
	return cell_begin(cell);
}

/* Who has not enabled the interrupt would not hear it: nobody needs to wait for that cell. */
int64_t cell_ask(struct cell *cell)
{
	uint32_t intid = config_cell(cell->blob)->shutdown_intid;

	if (atomic_load(&cell->state) != CAISSON_CELL_RUNNING)
		return -CAISSON_E_STATE;
	if (!intid || !gic_spi_enabled(intid))
		return -CAISSON_E_DEAF;
	atomic_store(&cell->asked, true);
	gic_spi_pend(intid);
	return 0;
}

/*
 * Its CPUs are parked, or paused if that will do, or this one. One look, no waiting: who asks asks again.
 * Each state under its CPU's lock. PENDING is not parked: that CPU is awake and on its
 * way in; FIRMWARE is, since only a CPU_ON of ours could bring it back, and the cell is
 * closed, or those that could call it are paused.
 */
static bool gathered(struct cell *cell, bool paused)
{
	uint64_t now = arch_counter();
	bool all = true;

	for (uint32_t n = 0; n < cell->ncpus; n++) {
		struct cpu *cpu = &cpus[cell->cpu[n]];

		spin_lock(&cpu->lock);
		all = all && (cpu->state == CPU_PARKED || cpu->state == CPU_FIRMWARE ||
			      (paused && cpu->paused) || cpu == this_cpu());
		spin_unlock(&cpu->lock);
	}
	if (all) {
		/* Who reads, scrubs or gives back walks the same tables. */
		s2_restore(&cell->s2);
		cell->stop_since = 0;
		return true;
	}
	if (!cell->stop_since)
		cell->stop_since = now;
	/*
	 * EL1 can hold even priority 0 off, through ICC_AP1R0_EL1; no EL1 runs without
	 * a stage 2.
	 */
	if (!cell->s2.revoked && now - cell->stop_since > arch_counter_hz() / STOP_PATIENCE_DIV) {
		log_line("cell %s: a kick was not answered, stage 2 revoked", cell->name);
		s2_revoke(&cell->s2);
	}
	return false;
}

/* Only when every CPU sleeps are interrupts reset: until then the cell could enable them again. */
bool cell_gather(struct cell *cell)
{
	if (!gathered(cell, false))
		return false;
	/* Word 0 is SGIs and PPIs: each CPU resets its own, in gic_cpu_reset(). */
	for (uint32_t n = CELL_IRQ_WORDS; n-- > 1;)
		gic_spis_reset(n, cell->irqs[n], &cpus[cell->cpu[0]]);
	cell_dirty(cell);
	return true;
}

/*
 * park_all() is repeated, because a kick is a flag and a CPU that was PENDING may be RUNNING by now.
 * Who is restarting the cell sees that it is not to be, and parks.
 */
int64_t cell_stop(struct cell *cell)
{
	uint32_t state = atomic_load(&cell->state);

	/* A dying one too: a destroy that found the pool empty is tried again, from here. */
	if (state == CAISSON_CELL_CREATED || state == CAISSON_CELL_STOPPED ||
	    state == CAISSON_CELL_DYING)
		return 0;
	if (state == CAISSON_CELL_RESTARTING)
		cell_set_state(cell, CAISSON_CELL_FAILED);
	park_all(cell, NULL);
	if (!cell_gather(cell))
		return CAISSON_WAIT;
	cell_set_state(cell, CAISSON_CELL_STOPPED);
	return 0;
}

/* In this order, so that where a kick is EL1's to see no EL1 is left to see it (irq_revoke.c). */
int64_t cell_pause(struct cell *cell)
{
	uint32_t state = atomic_load(&cell->state);

	if (state == CAISSON_CELL_CREATED || state == CAISSON_CELL_DYING)
		return -CAISSON_E_STATE;
	if (state == CAISSON_CELL_RESTARTING)
		return CAISSON_WAIT;
	if (irq_revokes())
		s2_revoke(&cell->s2);
	for (uint32_t n = 0; n < cell->ncpus; n++)
		cpu_request_pause(&cpus[cell->cpu[n]], true);
	return gathered(cell, true) ? 0 : CAISSON_WAIT;
}

/* A cell that has ended stays as it is: its CPUs may still be on their way to be parked. */
int64_t cell_resume(struct cell *cell)
{
	if (!atomic_load(&cell->closed))
		s2_restore(&cell->s2);
	cell->stop_since = 0;
	watchdog_resume(cell);
	for (uint32_t n = 0; n < cell->ncpus; n++)
		cpu_request_pause(&cpus[cell->cpu[n]], false);
	return 0;
}
