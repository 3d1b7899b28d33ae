/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The PL011 that EL2 emulates for a cell (Arm DDI 0183): bytes go to and come from the rings in the
 * cell's shared page. Pure state machine: the caller holds uart->lock, and afterwards pends the
 * interrupt and rings the doorbell.
 */
#ifndef CAISSON_VPL011_H
#define CAISSON_VPL011_H

#include <caisson/hypercall.h>

#include "lock.h"
#include "mmio.h"
#include "types.h"

struct vpl011 {
	struct spinlock lock; /* leaf; CPUs of one cell may access it at once */
	uint32_t imsc;	      /* interrupt mask */
	uint32_t ris_latched; /* raw status that is not a pure function of the rings */
	uint32_t cr, lcr_h, ibrd, fbrd, ifls;
	uint64_t full_since;  /* counter ticks when the output ring was found full; 0: it is not */
	uint32_t ilpr, dmacr; /* stored, without effect */
	bool stalled; /* the ring has been full for longer than the hold time: bytes are dropped */
};

#define VPL011_PEND 0x1u     /* the line is high: pend the cell's SPI, which is an edge */
#define VPL011_DOORBELL 0x2u /* root should look at the output ring */

/*
 * Carries out one access by the cell. `now` and `hold` are counter ticks: for `hold` ticks after
 * the ring was found full the cell sees TXFF (flow control, nothing is lost); after that bytes are
 * dropped and counted in page->dropped, so that a root that stopped reading never stops a cell.
 * Returns VPL011_* bits in *events.
 */
enum mmio_result vpl011_access(struct vpl011 *uart, struct caisson_cell_page *page,
			       struct mmio_access *access, uint64_t now, uint64_t hold,
			       uint32_t *events);

/*
 * Root put bytes into the input ring, or took bytes from an output ring that it had found more than
 * half full (a cell that waits for the transmit interrupt would sleep on otherwise). Returns
 * VPL011_* bits.
 */
uint32_t vpl011_kick(struct vpl011 *uart, struct caisson_cell_page *page);

/* Reset state (DDI 0183 table 3-1). The rings stay. */
void vpl011_reset(struct vpl011 *uart);

#endif
