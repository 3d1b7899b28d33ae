// SPDX-License-Identifier: GPL-2.0-only
/*
 * The emulated PL011, against Arm DDI 0183 and against what Linux's amba-pl011 driver relies on.
 *
 * Sources: hypervisor/core/vpl011.c
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "vpl011.h"

#define HOLD 50u
#define TXFF 0x20u
#define TX 0x20u
#define RX_RT 0x50u /* receive and receive timeout */

enum { DR = 0x0, FR = 0x18, IMSC = 0x38, RIS = 0x3c, MIS = 0x40, ICR = 0x44 };

static struct vpl011 uart;
static struct caisson_cell_page page;
static uint64_t now;
static uint32_t events; /* of the last access */

static int setup(void **state)
{
	(void)state;
	memset(&uart, 0, sizeof(uart));
	memset(&page, 0, sizeof(page));
	vpl011_reset(&uart);
	now = 1000;
	return 0;
}

static uint32_t rd(uint32_t offset)
{
	struct mmio_access a = { .offset = offset, .size = 4, .value = 0xdeadbeefdeadbeef };

	assert_int_equal(vpl011_access(&uart, &page, &a, now, HOLD, &events), MMIO_DONE);
	assert_int_equal(a.value >> 32, 0);
	return (uint32_t)a.value;
}

static uint32_t wr(uint32_t offset, uint32_t value)
{
	struct mmio_access a = { .offset = offset, .size = 4, .write = true, .value = value };

	assert_int_equal(vpl011_access(&uart, &page, &a, now, HOLD, &events), MMIO_DONE);
	return events;
}

static void fill(uint32_t bytes)
{
	while (bytes--)
		wr(DR, 'x');
}

static void type(const char *text)
{
	for (; *text; text++)
		page.in[page.in_head++ % CAISSON_CONSOLE_IN] = (uint8_t)*text;
}

/* Offset, value out of reset, bits that a write of ones leaves set. */
static void test_registers(void **state)
{
	static const struct {
		uint32_t offset, reset, ones;
	} table[] = {
		{ 0x004, 0, 0 }, /* RSR, ECR */
		{ 0x018, 0x97, 0x97 }, /* FR: both empty; CTS, DSR, DCD */
		{ 0x020, 0, 0xff }, /* ILPR */
		{ 0x024, 0, 0xffff }, /* IBRD */
		{ 0x028, 0, 0x3f }, /* FBRD */
		{ 0x02c, 0, 0xff }, /* LCR_H */
		{ 0x030, 0x300, 0xff87 }, /* CR */
		{ 0x034, 0x12, 0x3f }, /* IFLS */
		{ 0x038, 0, 0x7ff }, /* IMSC */
		{ 0x03c, 0, 0 }, /* RIS */
		{ 0x040, 0, 0 }, /* MIS */
		{ 0x044, 0, 0 }, /* ICR, write-only */
		{ 0x048, 0, 0x7 }, /* DMACR */
		{ 0xfe0, 0x11, 0x11 }, { 0xfe4, 0x10, 0x10 }, { 0xfe8, 0x34, 0x34 },
		{ 0xfec, 0x00, 0x00 }, { 0xff0, 0x0d, 0x0d }, { 0xff4, 0xf0, 0xf0 },
		{ 0xff8, 0x05, 0x05 }, { 0xffc, 0xb1, 0xb1 },
	};
	uint32_t next = 0;

	(void)state;
	for (uint32_t offset = 4; offset < 0x1000; offset += 4) {
		bool listed = next < ARRAY_SIZE(table) && table[next].offset == offset;

		assert_int_equal(rd(offset), listed ? table[next].reset : 0);
		assert_int_equal(wr(offset, ~0u), 0);
		assert_int_equal(rd(offset), listed ? table[next].ones : 0);
		next += listed;
	}
	assert_int_equal(next, ARRAY_SIZE(table));
	vpl011_reset(&uart);
	for (uint32_t i = 0; i < ARRAY_SIZE(table); i++)
		assert_int_equal(rd(table[i].offset), table[i].reset);
	assert_int_equal(page.out_head, 0);
}

static void test_sizes(void **state)
{
	struct mmio_access a = { .offset = 0x30, .size = 1, .value = 77 };

	(void)state;
	wr(0x30, 0x381);
	assert_int_equal(vpl011_access(&uart, &page, &a, now, HOLD, &events), MMIO_DONE);
	assert_int_equal(a.value, 0x81);
	a.size = 2;
	assert_int_equal(vpl011_access(&uart, &page, &a, now, HOLD, &events), MMIO_DONE);
	assert_int_equal(a.value, 0x381);
	a.size = 8;
	assert_int_equal(vpl011_access(&uart, &page, &a, now, HOLD, &events), MMIO_DONE);
	assert_int_equal(a.value, 0);
	a = (struct mmio_access){ .offset = 0x31, .size = 1, .value = 77 };
	assert_int_equal(vpl011_access(&uart, &page, &a, now, HOLD, &events), MMIO_DONE);
	assert_int_equal(a.value, 0);
	a = (struct mmio_access){ .offset = 0, .size = 1, .write = true, .value = 'A' };
	assert_int_equal(vpl011_access(&uart, &page, &a, now, HOLD, &events), MMIO_DONE);
	assert_int_equal(page.out_head, 1);
	assert_int_equal(page.out[0], 'A');
	a = (struct mmio_access){ .offset = 0x1000, .size = 4 };
	assert_int_equal(vpl011_access(&uart, &page, &a, now, HOLD, &events), MMIO_STRAY);
}

/* The doorbell rings when the ring was empty, also across the wrap of indices. */
static void test_output(void **state)
{
	(void)state;
	page.out_head = page.out_tail = 0xfffffffe;
	assert_int_equal(wr(DR, 'a'), VPL011_DOORBELL);
	assert_int_equal(wr(DR, 'b'), 0);
	assert_int_equal(wr(DR, 0xf00 | 'c'), 0);
	assert_int_equal(page.out_head, 1);
	assert_int_equal(page.out[2046], 'a');
	assert_int_equal(page.out[2047], 'b');
	assert_int_equal(page.out[0], 'c');
	assert_int_equal(rd(FR) & 0xa0, 0);
	page.out_tail = 1;
	assert_int_equal(rd(FR) & 0xa0, 0x80);
	assert_int_equal(wr(DR, 'd'), VPL011_DOORBELL);
}

/* Full: the cell waits for `hold`, then bytes are dropped and counted until there is room again. */
static void test_hold(void **state)
{
	(void)state;
	fill(2047);
	assert_int_equal(rd(FR) & TXFF, 0);
	fill(1);
	assert_int_equal(rd(FR) & TXFF, TXFF);
	now += HOLD - 1;
	assert_int_equal(rd(FR) & TXFF, TXFF);
	/* In time: the next time it is full, the hold starts anew. */
	page.out_tail++;
	assert_int_equal(rd(FR) & TXFF, 0);
	fill(1);
	assert_int_equal(rd(FR) & TXFF, TXFF);
	now += HOLD - 1;
	assert_int_equal(rd(FR) & TXFF, TXFF);
	now += 1;
	assert_int_equal(rd(FR) & TXFF, 0);
	assert_int_equal(page.dropped, 0);
	fill(3);
	assert_int_equal(page.dropped, 3);
	assert_int_equal(page.out_head, 2049);
	now += 1000;
	assert_int_equal(rd(FR) & TXFF, 0);
	/* Root is back. */
	page.out_tail = page.out_head;
	assert_int_equal(wr(DR, 'y'), VPL011_DOORBELL);
	assert_int_equal(page.dropped, 3);
	fill(2047);
	assert_int_equal(rd(FR) & TXFF, TXFF);
	/* Who ignores TXFF loses the byte, as with a FIFO. */
	fill(1);
	assert_int_equal(page.dropped, 4);
}

static void test_hold_at_time_zero(void **state)
{
	(void)state;
	now = 0;
	fill(2048);
	assert_int_equal(rd(FR) & TXFF, TXFF);
	now = HOLD;
	rd(FR);
	now = HOLD + 1;
	assert_int_equal(rd(FR) & TXFF, 0);
}

static void test_input(void **state)
{
	char long_text[CAISSON_CONSOLE_IN + 1];

	(void)state;
	page.in_head = page.in_tail = 0xffffffff;
	assert_int_equal(rd(DR), 0);
	assert_int_equal(page.in_tail, 0xffffffff);
	type("hey");
	assert_int_equal(rd(FR) & 0x50, 0);
	assert_int_equal(rd(DR), 'h');
	assert_int_equal(rd(DR), 'e');
	assert_int_equal(rd(DR), 'y');
	assert_int_equal(rd(FR) & 0x50, 0x10);
	assert_int_equal(rd(DR), 0);
	memset(long_text, 'z', sizeof(long_text) - 1);
	long_text[sizeof(long_text) - 1] = 0;
	type(long_text);
	assert_int_equal(rd(FR) & 0x50, 0x40);
	for (uint32_t i = 0; i < CAISSON_CONSOLE_IN; i++)
		assert_int_equal(rd(DR), 'z');
	assert_int_equal(rd(FR) & 0x50, 0x10);
}

/* Receive: a level while there are bytes, whatever is cleared. */
static void test_rx_interrupt(void **state)
{
	(void)state;
	type("ab");
	assert_int_equal(vpl011_kick(&uart, &page), 0);
	assert_int_equal(rd(RIS), RX_RT);
	assert_int_equal(rd(MIS), 0);
	assert_int_equal(wr(IMSC, 0x10), VPL011_PEND);
	assert_int_equal(rd(MIS), 0x10);
	assert_int_equal(vpl011_kick(&uart, &page), VPL011_PEND);
	assert_int_equal(wr(ICR, 0x7ff), VPL011_PEND);
	assert_int_equal(rd(DR), 'a');
	assert_int_equal(events, VPL011_PEND);
	assert_int_equal(rd(DR), 'b');
	assert_int_equal(events, 0);
	assert_int_equal(rd(RIS), 0);
	assert_int_equal(vpl011_kick(&uart, &page), 0);
	type("c");
	assert_int_equal(vpl011_kick(&uart, &page), VPL011_PEND);
	/* Accesses that change nothing about the line do not pend it again. */
	rd(FR);
	assert_int_equal(events, 0);
	rd(RIS);
	assert_int_equal(events, 0);
}

/* Transmit: not before something was written; cleared by ICR; arises as the ring drains. */
static void test_tx_interrupt(void **state)
{
	(void)state;
	assert_int_equal(wr(IMSC, TX), 0);
	assert_int_equal(rd(RIS), 0);
	assert_int_equal(wr(DR, 'a'), VPL011_DOORBELL | VPL011_PEND);
	assert_int_equal(rd(RIS), TX);
	assert_int_equal(wr(ICR, RX_RT), VPL011_PEND);
	assert_int_equal(wr(ICR, TX), 0);
	assert_int_equal(rd(RIS), 0);
	fill(1024);
	assert_int_equal(events, 0);
	assert_int_equal(rd(RIS), 0);
	/* Past the level: clearing now does not take away what comes when the ring drains. */
	assert_int_equal(wr(ICR, TX), 0);
	assert_int_equal(vpl011_kick(&uart, &page), 0);
	page.out_tail = 1;
	assert_int_equal(vpl011_kick(&uart, &page), VPL011_PEND);
	assert_int_equal(rd(MIS), TX);
}

/* amba-pl011 with a long write: fill until TXFF, unmask TX, 16 bytes blindly per interrupt. */
static void test_linux_tx(void **state)
{
	uint32_t sent = 0, interrupts = 0;
	const uint32_t total = 20000;
	bool pending = false;

	(void)state;
	wr(ICR, 0x7ff);
	wr(IMSC, RX_RT);
	while (!(rd(FR) & TXFF))
		wr(DR, (uint8_t)sent++);
	assert_int_equal(wr(IMSC, RX_RT | TX), 0);
	for (uint32_t step = 0; sent < total; step++) {
		assert_true(step < 100000);
		/* Root takes everything, and kicks as the ring had been more than half full. */
		if (!pending && page.out_head - page.out_tail > 1024) {
			page.out_tail = page.out_head;
			pending = vpl011_kick(&uart, &page) & VPL011_PEND;
		}
		assert_true(pending); /* or the driver hangs */
		pending = false;
		interrupts++;
		while (rd(RIS) & TX && sent < total) {
			wr(ICR, rd(RIS) & ~(TX | RX_RT));
			for (uint32_t i = 0; i < 16; i++) {
				pending |= wr(DR, (uint8_t)sent++) & VPL011_PEND;
				assert_int_equal(page.out[(page.out_head - 1) % 2048],
						 (uint8_t)(sent - 1));
			}
		}
	}
	assert_int_equal(page.dropped, 0);
	assert_int_equal(page.out_head, sent);
	wr(IMSC, RX_RT);
	assert_int_equal(events, 0);
}

/* A driver that waits for TX while root is gone: any access after the hold time lets it go on. */
static void test_tx_without_root(void **state)
{
	(void)state;
	fill(2048);
	assert_int_equal(wr(IMSC, TX), 0);
	now += HOLD;
	assert_int_equal(rd(FR) & TXFF, 0);
	assert_int_equal(wr(DR, 'x'), VPL011_PEND);
	assert_int_equal(page.dropped, 1);
}

/* Indices that no honest root writes: nothing outside of the rings (ASan watches); recovery. */
static void test_garbage(void **state)
{
	static const uint32_t bad[] = { 1,	    257,	2049,	   0x7fffffff,
					0x80000000, 0xfffff000, 0xfffff7ff };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		setup(NULL);
		page.out_tail = bad[i];
		assert_int_equal(rd(FR) & TXFF, TXFF);
		assert_int_equal(wr(DR, 'x'), 0);
		assert_int_equal(page.dropped, 1);
		page.out_tail = page.out_head;
		assert_int_equal(wr(DR, 'x'), VPL011_DOORBELL);

		page.out_head = bad[i];
		page.out_tail = bad[i] - 2047;
		wr(DR, 'y');
		assert_int_equal(page.out[bad[i] % 2048], 'y');

		/* At most one ring of rubbish, then it is empty. */
		page.in_tail = bad[i];
		page.in_head = bad[i] - 1;
		for (uint32_t n = 0; n < CAISSON_CONSOLE_IN; n++) {
			assert_int_equal(rd(FR) & 0x10, 0);
			rd(DR);
		}
		assert_int_equal(rd(FR) & 0x10, 0x10);
		assert_int_equal(page.in_tail, page.in_head);
	}
}

static void test_fuzz(void **state)
{
	uint32_t x = 0x9e3779b9;

	(void)state;
	for (uint32_t i = 0; i < 200000; i++) {
		struct mmio_access a;

		x ^= x << 13;
		x ^= x >> 17;
		x ^= x << 5;
		a = (struct mmio_access){ .offset = x % 0x60, .size = 1u << (x >> 8 & 3),
					  .write = x >> 10 & 1, .value = x >> 11 };
		if (!(x >> 28))
			(&page.out_head)[16 * (x >> 16 & 3)] = x;
		now += x >> 20 & 3;
		assert_int_equal(vpl011_access(&uart, &page, &a, now, HOLD, &events), MMIO_DONE);
		assert_int_equal(events & ~(VPL011_PEND | VPL011_DOORBELL), 0);
	}
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup(f, setup)
	const struct CMUnitTest tests[] = {
		TEST(test_registers),	 TEST(test_sizes),	  TEST(test_output),
		TEST(test_hold),	 TEST(test_hold_at_time_zero), TEST(test_input),
		TEST(test_rx_interrupt), TEST(test_tx_interrupt), TEST(test_linux_tx),
		TEST(test_tx_without_root), TEST(test_garbage),	  TEST(test_fuzz),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
