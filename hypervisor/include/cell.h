/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A cell: CPUs, a stage 2, interrupts and a console. The root cell has ID 0 and is never freed.
 */
#ifndef CAISSON_CELL_H
#define CAISSON_CELL_H

#include <stdatomic.h>

#include <caisson/config.h>
#include <caisson/hypercall.h>

#include "lock.h"
#include "s2.h"
#include "types.h"
#include "vpl011.h"

#define CELL_IRQ_WORDS 32  /* INTIDs 0..1023, one bit each */
#define NO_CONSOLE BIT(63) /* beyond each IPA */

struct cell {
	struct cell *next; /* under cells_lock */
	uint32_t id;
	uint32_t flags;		/* CAISSON_CELL_* of the configuration */
	_Atomic uint32_t state; /* enum caisson_cell_state; see cell_set_state() */
	struct s2 s2;
	uint64_t gicd_base; /* IPA of the frames it sees */
	uint64_t gicr_base;
	uint32_t step; /* of its making, and of its end: cell_make.c */
	/*
	 * Where that step, or scrubbing, has got to: memory region, or what the step counts, and
	 * offset in it. These six, while CREATED or STOPPED, under the stage 2's lock.
	 */
	uint32_t cursor_region;
	uint64_t cursor_offset;
	bool missing;	      /* the cursor passed a piece that was not supplied */
	bool scrubbed;	      /* all memory was zeroed since anyone last wrote to it */
	uint64_t scrub_since; /* counter when its CPUs were asked, or a piece was taken; 0: not */
	uint64_t scrub_pages[2];  /* zeroed by root's CPUs, and by its own */
	_Atomic bool closed;	  /* no CPU may be switched on: not started, stopping or failed */
	_Atomic uint32_t running; /* CPUs that are on, as PSCI counts */
	uint64_t stop_since;	  /* counter at the first unanswered stop, 0: none */
	/* SPIs it owns, bit INTID % 32 of word INTID / 32; none that does not exist. */
	uint32_t irqs[CELL_IRQ_WORDS];
	uint32_t console_intid; /* SPI of its vPL011, 0: none */
	uint64_t console_base;	/* IPA of its vPL011; NO_CONSOLE: it has none */
	struct vpl011 console;
	struct caisson_cell_page *page; /* shared with root; its own it does not see */
	void *blob;			/* its configuration, checked, in the pool */
	uint32_t blob_pages;
	char name[CAISSON_NAME_LEN];
	uint32_t gicd_ctlr;   /* enable bits as it wrote them; see vgic.h */
	uint32_t watchdog_ms; /* the first period, and the longest; 0: it has no watchdog */
	_Atomic uint64_t watchdog_ticks; /* the present period */
	_Atomic uint64_t watchdog_end;	 /* the cell fails when the counter is there; 0: never */
	/* How it was started; with KEEP_IMAGE what was loaded then, see cell_image.c. */
	ipa_t entry;
	uint64_t args[4];
	struct image *image; /* a page of the pool; NULL: none is kept */
	uint32_t images;     /* entries of it */
	_Atomic bool asked;  /* to shut down, since its start: its watchdog restarts it no more */
	/* Of its first CPUs: irq_sgi() that reaches each; behind them (vectors.S) who there is. */
	uint64_t sgi[16], sgi_mask;
	uint32_t ncpus;
	uint16_t cpu[]; /* physical CPU of each of its CPUs; fills the page at most */
};

/*
 * `intid` below 1024. Under gicd_lock where the answer decides about a write: SPIs move
 * under it.
 */
static inline bool cell_owns_irq(const struct cell *cell, uint32_t intid)
{
	return (cell->irqs[intid / 32] >> (intid % 32)) & 1u;
}

#endif
