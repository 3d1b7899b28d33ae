// SPDX-License-Identifier: GPL-2.0-only
/*
 * The emulated PL011 (Arm DDI 0183): behind the data-abort decoder for the cell's side, behind
 * CAISSON_HC_CONSOLE_KICK for root's. The two rings in the cell's page stand in for the FIFOs.
 *
 * Characters flow whatever CR and LCR_H say, as early consoles write before they set anything up.
 * The receive interrupt is a level: raised while the input ring holds a byte. The transmit
 * interrupt follows the FIFO's rule (DDI 0183, 2.8.3): it arises when the ring drains to its
 * trigger level, or is there already when a byte is written, and stays until ICR clears it or the
 * ring fills up past that level. A driver may then write blindly what fits between trigger level
 * and full; Linux's writes 16 bytes.
 */
#include "vpl011.h"

enum {
	DR = VPL011_DR,
	RSR_ECR = 0x004,
	FR = VPL011_FR,
	ILPR = 0x020,
	IBRD = 0x024,
	FBRD = 0x028,
	LCR_H = 0x02c,
	CR = 0x030,
	IFLS = 0x034,
	IMSC = 0x038,
	RIS = 0x03c,
	MIS = 0x040,
	ICR = 0x044,
	DMACR = 0x048,
	ID = 0xfe0, /* PeriphID0..3, PCellID0..3 */
};

/* ARM's PL011 r1p5: Linux takes the FIFO depth, 32, from the revision. */
static const uint8_t ids[] = { 0x11, 0x10, 0x34, 0x00, 0x0d, 0xf0, 0x05, 0xb1 };

/*
 * Bytes between a ring's indices. Root can write any of them, so a distance that cannot be is taken
 * as a full ring: nothing is ever accessed by an index that was not masked. Acquire: bytes (input
 * ring) or room (output ring) that the other side's index promises are there.
 */
static uint32_t ring_used(const uint32_t *head, const uint32_t *tail, uint32_t size)
{
	uint32_t used =
		__atomic_load_n(head, __ATOMIC_ACQUIRE) - __atomic_load_n(tail, __ATOMIC_ACQUIRE);

	return MIN(used, size);
}

static uint32_t out_used(const struct caisson_cell_page *page)
{
	return ring_used(&page->out_head, &page->out_tail, CAISSON_CONSOLE_OUT);
}

static uint32_t in_used(const struct caisson_cell_page *page)
{
	return ring_used(&page->in_head, &page->in_tail, CAISSON_CONSOLE_IN);
}

/* Notes since when the output ring is full. Returns whether the cell has to wait. */
static bool hold_back(struct vpl011 *uart, uint32_t used, uint64_t now, uint64_t hold)
{
	if (used < CAISSON_CONSOLE_OUT) {
		uart->full_since = 0;
		uart->stalled = false;
		return false;
	}
	if (!uart->full_since)
		uart->full_since = now ? now : 1;
	/* Signed: CPUs may read their counters a little apart. */
	if ((int64_t)(now - uart->full_since) >= (int64_t)hold)
		uart->stalled = true;
	return !uart->stalled;
}

static uint32_t raw_status(const struct vpl011 *uart, const struct caisson_cell_page *page)
{
	uint32_t ris = in_used(page) ? INT_RX | INT_RT : 0;

	/* A root that no longer reads must not leave a driver waiting for room. */
	if (out_used(page) <= TX_TRIGGER || uart->stalled)
		ris |= uart->ris_latched;
	return ris;
}

/* Puts a byte into the output ring, or counts it as lost. Returns VPL011_DOORBELL or 0. */
static uint32_t put(struct vpl011 *uart, struct caisson_cell_page *page, uint8_t byte)
{
	uint32_t head = __atomic_load_n(&page->out_head, __ATOMIC_RELAXED);

	uart->ris_latched |= INT_TX;
	if (out_used(page) == CAISSON_CONSOLE_OUT) {
		__atomic_store_n(&page->dropped,
				 __atomic_load_n(&page->dropped, __ATOMIC_RELAXED) + 1,
				 __ATOMIC_RELAXED);
		return 0;
	}
	return vpl011_put(page, head, byte);
}

/* Takes a byte from the input ring; 0 if there is none. Bytes stay in the ring until here. */
static uint8_t get(struct caisson_cell_page *page)
{
	uint32_t used = in_used(page);
	/* Not in_tail as it is: an index that root spoilt is mended by the next read. */
	uint32_t tail = __atomic_load_n(&page->in_head, __ATOMIC_ACQUIRE) - used;
	uint8_t byte;

	if (!used)
		return 0;
	byte = page->in[tail % CAISSON_CONSOLE_IN];
	__atomic_store_n(&page->in_tail, tail + 1, __ATOMIC_RELEASE);
	return byte;
}

static uint32_t flags(struct vpl011 *uart, const struct caisson_cell_page *page, uint64_t now,
		      uint64_t hold)
{
	uint32_t in = in_used(page), out = out_used(page);
	uint32_t fr = FR_MODEM;

	if (!in)
		fr |= FR_RXFE;
	if (in == CAISSON_CONSOLE_IN)
		fr |= FR_RXFF;
	if (!out)
		fr |= FR_TXFE;
	if (hold_back(uart, out, now, hold))
		fr |= FR_TXFF;
	return fr;
}

/* The registers that only remember, with the bits they have; NULL: none of them. */
static uint32_t *stored(struct vpl011 *uart, uint32_t offset, uint32_t *mask)
{
	switch (offset) {
	case ILPR:
		*mask = 0xff;
		return &uart->ilpr;
	case IBRD:
		*mask = 0xffff;
		return &uart->ibrd;
	case FBRD:
		*mask = 0x3f;
		return &uart->fbrd;
	case LCR_H:
		*mask = 0xff;
		return &uart->lcr_h;
	case CR:
		*mask = 0xff87;
		return &uart->cr;
	case IFLS:
		*mask = 0x3f;
		return &uart->ifls;
	case IMSC:
		*mask = 0x7ff;
		return &uart->imsc;
	case DMACR:
		*mask = 0x7;
		return &uart->dmacr;
	default:
		return NULL;
	}
}

static uint32_t read_register(struct vpl011 *uart, struct caisson_cell_page *page, uint32_t offset,
			      uint64_t now, uint64_t hold)
{
	uint32_t mask, *reg = stored(uart, offset, &mask);

	if (reg)
		return *reg;
	if (offset >= ID)
		return ids[(offset - ID) / 4];
	switch (offset) {
	case DR:
		return get(page);
	case FR:
		return flags(uart, page, now, hold);
	case RIS:
		return raw_status(uart, page);
	case MIS:
		return raw_status(uart, page) & uart->imsc;
	default: /* RSR too: no character ever has an error */
		return 0;
	}
}

/* Returns VPL011_DOORBELL or 0. */
static uint32_t write_register(struct vpl011 *uart, struct caisson_cell_page *page, uint32_t offset,
			       uint32_t value)
{
	uint32_t mask, *reg = stored(uart, offset, &mask);

	if (reg)
		*reg = value & mask;
	else if (offset == DR)
		return put(uart, page, (uint8_t)value);
	/* What has not arisen yet cannot be cleared: the ring still has to drain. */
	else if (offset == ICR)
		uart->ris_latched &= ~(value & raw_status(uart, page));
	return 0; /* ECR, and the registers that are read-only or not there */
}

/*
 * The line, as far as `causes` raise it, is delivered as an edge. A driver that finds nothing to do
 * has lost nothing.
 */
static uint32_t line(const struct vpl011 *uart, const struct caisson_cell_page *page,
		     uint32_t causes)
{
	return raw_status(uart, page) & uart->imsc & causes ? VPL011_PEND : 0;
}

enum mmio_result vpl011_access(struct vpl011 *uart, struct caisson_cell_page *page,
			       struct mmio_access *access, uint64_t now, uint64_t hold,
			       uint32_t *events)
{
	uint32_t offset = (uint32_t)access->offset;

	*events = 0;
	if (access->offset >= PAGE_SIZE)
		return MMIO_STRAY;
	if (offset % 4 || access->size > 4) {
		access->value = access->write ? access->value : 0;
		return MMIO_DONE;
	}
	hold_back(uart, out_used(page), now, hold);
	if (access->write)
		*events = write_register(uart, page, offset, (uint32_t)access->value);
	else
		access->value = read_register(uart, page, offset, now, hold) &
				(uint32_t)((1ULL << (8 * access->size)) - 1);
	/* Sending a byte raises nothing else: what was received was pended when it came. */
	if (offset == DR || offset == IMSC || offset == ICR)
		*events |= line(uart, page, offset == DR && access->write ? INT_TX : ~0u);
	return MMIO_DONE;
}

uint32_t vpl011_kick(struct vpl011 *uart, struct caisson_cell_page *page)
{
	return line(uart, page, ~0u);
}

void vpl011_reset(struct vpl011 *uart)
{
	uart->imsc = 0;
	uart->ris_latched = 0;
	uart->cr = 0x300; /* TXE and RXE */
	uart->lcr_h = 0;
	uart->ibrd = 0;
	uart->fbrd = 0;
	uart->ifls = 0x12; /* both FIFOs: half */
	uart->ilpr = 0;
	uart->dmacr = 0;
	uart->full_since = 0;
	uart->stalled = false;
}
