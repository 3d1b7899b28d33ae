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
	uint32_t said; /* root is dead: index of the first byte of a line that has no end yet (orphan.c) */
};

#define VPL011_DR 0x000u
#define VPL011_FR 0x018u

#define FR_MODEM 0x007u /* CTS, DSR, DCD: somebody is always connected */
#define FR_RXFE 0x010u
#define FR_TXFF 0x020u
#define FR_RXFF 0x040u
#define FR_TXFE 0x080u

#define INT_RX 0x010u
#define INT_TX 0x020u
#define INT_RT 0x040u

#define TX_TRIGGER (CAISSON_CONSOLE_OUT / 2)

#define VPL011_PEND 0x1u     /* the line is high: pend the cell's SPI, which is an edge */
#define VPL011_DOORBELL 0x2u /* root should look at the output ring */
#define VPL011_SLOW 0x4u

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

/* One of a ring's indices, which the other side may change; no order. */
static inline uint32_t vpl011_index(const volatile uint32_t *index)
{
	return *index;
}

/*
 * Puts a byte into the output ring that has room: root has read what is overwritten, as no store is
 * made before a branch on which it depends (Arm ARM B2.3.2). VPL011_DOORBELL if root had emptied the
 * ring. That is asked after the byte is published: root's reader stores its index, passes a full
 * barrier and looks at out_head once more before it sleeps. With the barrier here at least one of the
 * two sees the other's store, so either it reads the byte or it is woken.
 */
static inline uint32_t vpl011_put(struct caisson_cell_page *page, uint32_t head, uint8_t byte)
{
	page->out[head % CAISSON_CONSOLE_OUT] = byte;
	__atomic_store_n(&page->out_head, head + 1, __ATOMIC_RELEASE);
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	return vpl011_index(&page->out_tail) == head ? VPL011_DOORBELL : 0;
}

/*
 * The two accesses of each character that a driver writes: the same as vpl011_access(), without a
 * search.
 *
 * A read of FR, without the lock; that the ring was full is forgotten by the next write. 0, which FR
 * never is: a ring is full, or spoilt, and nothing was done.
 */
static inline uint32_t vpl011_quick_flags(const struct caisson_cell_page *page)
{
	uint32_t out = vpl011_index(&page->out_head) - vpl011_index(&page->out_tail);
	uint32_t in = vpl011_index(&page->in_head) - vpl011_index(&page->in_tail);

	if (out / CAISSON_CONSOLE_OUT | in / CAISSON_CONSOLE_IN)
		return 0;
	return FR_MODEM | (in ? 0 : FR_RXFE) | (out ? 0 : FR_TXFE);
}

/*
 * A write of DR; takes the lock. VPL011_* bits. VPL011_SLOW: the ring is or was full, and nothing was
 * done.
 */
static inline uint32_t vpl011_quick_put(struct vpl011 *uart, struct caisson_cell_page *page,
					uint8_t byte)
{
	uint32_t events = VPL011_SLOW, head, used;

	spin_lock(&uart->lock);
	head = vpl011_index(&page->out_head);
	used = head - vpl011_index(&page->out_tail);
	if (!uart->full_since && used < CAISSON_CONSOLE_OUT) {
		uart->ris_latched = INT_TX;
		events = vpl011_put(page, head, byte);
		if (__builtin_expect(uart->imsc & INT_TX, 0))
			events |= used < TX_TRIGGER ? VPL011_PEND : 0;
	}
	spin_unlock(&uart->lock);
	return events;
}

/* Reset state (DDI 0183 table 3-1). The rings stay. */
void vpl011_reset(struct vpl011 *uart);

#endif
