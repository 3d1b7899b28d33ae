// SPDX-License-Identifier: GPL-2.0-only
/*
 * Interrupt mode list: random lives of a CPU with few list registers, against an ideal GIC that has
 * room for everything. Between the two stand models of the physical GIC and of the virtual CPU
 * interface (IHI 0069 4.1, 6.3, 12.4). Each interrupt that the cell takes must be one that
 * the ideal GIC would have given it, by priority; in the end nothing is left over on one side
 * alone.
 *
 * Sources: hypervisor/arch/arm64/lists.c
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lists.h"

#define IDS 160u /* 0..15 SGIs, 16..31 PPIs, 32..95 SPIs, the rest LPIs */
#define FIRST_LPI 96u
#define IDLE 0x100u
#define DEPTH 1024u

struct side {
	bool pending[IDS], active[IDS];
};

static struct {
	struct side real; /* the physical GIC */
	uint64_t lr[LIST_REGISTERS];
	uint32_t pmr, eoicount;
	bool empty, away;
	struct lists lists;
	/* The cell: what it is in, the most urgent last; dropped ones wait for their DIR. */
	uint32_t stack[DEPTH], depth;
	uint32_t dropped[DEPTH], ndropped;
	bool split; /* EOImode 1 */
	uint8_t priority[IDS];
	bool enabled[IDS];
	struct side ideal;
	bool twice[IDS]; /* came again when EL2 had acknowledged it, and the cell had not: it may come twice */
	uint32_t taken;
} m;

static uint64_t seed;

static uint32_t rnd(uint32_t n)
{
	seed = seed * 6364136223846793005ULL + 1442695040888963407ULL;
	return (uint32_t)(seed >> 33) % n;
}

static uint32_t intid_of(uint32_t id)
{
	return id < FIRST_LPI ? id : id - FIRST_LPI + 8192;
}

static uint32_t id_of(uint32_t intid)
{
	uint32_t id = intid < 8192 ? intid : intid - 8192 + FIRST_LPI;

	assert_true(id < IDS && (intid < FIRST_LPI || intid >= 8192));
	return id;
}

uint64_t list_read(uint32_t n)
{
	assert_true(n < m.lists.count);
	return m.lr[n];
}

/* What software must not do (12.4.4): a list register twice for an INTID, HW in two states. */
void list_write(uint32_t n, uint64_t lr)
{
	assert_true(n < m.lists.count);
	m.lr[n] = lr;
	if (lr & LR_HW) {
		assert_true((lr & (LR_PENDING | LR_ACTIVE)) != (LR_PENDING | LR_ACTIVE));
		assert_true((lr >> LR_PINTID_SHIFT & 0x1fff) == (lr & LR_INTID));
		assert_in_range(lr & LR_INTID, 16, 8191);
	}
	for (uint32_t i = 0; i < m.lists.count && lr & (LR_PENDING | LR_ACTIVE); i++)
		assert_true(i == n || !(m.lr[i] & (LR_PENDING | LR_ACTIVE)) ||
			    (m.lr[i] & LR_INTID) != (lr & LR_INTID));
}

void list_pend(uint32_t intid)
{
	assert_true(intid < 8192);
	m.real.pending[id_of(intid)] = true;
}

void list_deactivate(uint32_t intid)
{
	assert_in_range(intid, 16, 8191);
	assert_true(m.real.active[id_of(intid)]);
	m.real.active[id_of(intid)] = false;
}

void list_controls(uint32_t pmr, bool empty, bool away)
{
	m.pmr = pmr;
	m.empty = empty;
	m.away = away;
}

/* --- the physical GIC and EL2 --- */

static bool physical(uint32_t *id)
{
	uint32_t best = IDLE;

	for (uint32_t i = 0; i < IDS; i++)
		if (m.real.pending[i] && !m.real.active[i] && m.enabled[i] &&
		    m.priority[i] < m.pmr && m.priority[i] < best) {
			best = m.priority[i];
			*id = i;
		}
	return best != IDLE;
}

static bool maintenance(void)
{
	bool pending = false;

	for (uint32_t n = 0; n < m.lists.count; n++)
		pending = pending || (m.lr[n] & (LR_PENDING | LR_ACTIVE)) == LR_PENDING;
	return (m.empty && !pending) || (m.away && m.eoicount);
}

/* As irq_list.c does it, until nothing comes any more; each look is an exit. */
static void el2(void)
{
	uint32_t exits = 0, id;

	while (maintenance() || physical(&id)) {
		bool other = !maintenance();

		list_ended(&m.lists, m.eoicount);
		m.eoicount = 0;
		if (other) {
			m.real.pending[id] = false;
			m.real.active[id] = id >= 16 && id < FIRST_LPI;
			assert_true(list_add(&m.lists, intid_of(id), m.priority[id]));
		}
		list_sync(&m.lists);
		assert_true(++exits < 2 * IDS);
	}
}

/* --- the cell, and its virtual CPU interface --- */

static uint32_t running(void)
{
	return m.depth ? m.priority[m.stack[m.depth - 1]] : IDLE;
}

static bool ideal_best(uint32_t *best)
{
	*best = running();
	for (uint32_t i = 0; i < IDS; i++)
		if (m.ideal.pending[i] && !m.ideal.active[i] && m.enabled[i])
			*best = m.priority[i] < *best ? m.priority[i] : *best;
	return *best != running();
}

static void take(void)
{
	uint32_t best = running(), at = 0, id, wanted;
	bool any = false;

	for (uint32_t n = 0; n < m.lists.count; n++)
		if ((m.lr[n] & (LR_PENDING | LR_ACTIVE)) == LR_PENDING &&
		    (m.lr[n] >> 48 & 0xff) < best) {
			best = m.lr[n] >> 48 & 0xff;
			at = n;
			any = true;
		}
	assert_int_equal(any, ideal_best(&wanted));
	if (!any)
		return;
	id = id_of(m.lr[at] & LR_INTID);
	assert_int_equal(best, wanted);
	assert_int_equal(best, m.priority[id]);
	assert_true(m.ideal.pending[id] && !m.ideal.active[id] && m.enabled[id]);
	m.ideal.pending[id] = m.twice[id] && m.real.pending[id];
	m.twice[id] = false;
	m.ideal.active[id] = id < FIRST_LPI;
	m.lr[at] &= ~LR_PENDING;
	if (id < FIRST_LPI)
		m.lr[at] |= LR_ACTIVE;
	m.stack[m.depth++] = id;
	m.taken++;
}

/* The end by the virtual interface: EOImode 0's EOIR, or EOImode 1's DIR where it does not trap. */
static bool native_end(uint32_t id)
{
	for (uint32_t n = 0; n < m.lists.count; n++)
		if ((m.lr[n] & LR_ACTIVE) && (m.lr[n] & LR_INTID) == intid_of(id)) {
			m.lr[n] &= ~LR_ACTIVE;
			if (m.lr[n] & LR_HW)
				list_deactivate(intid_of(id));
			return true;
		}
	return false;
}

static void end(void)
{
	uint32_t id = m.stack[m.depth - 1];

	m.depth--;
	if (id >= FIRST_LPI)
		return;
	if (m.split) {
		m.dropped[m.ndropped++] = id;
		return;
	}
	m.ideal.active[id] = false;
	if (!native_end(id))
		m.eoicount++;
}

static void deactivate(void)
{
	uint32_t at = rnd(m.ndropped), id = m.dropped[at];

	m.dropped[at] = m.dropped[--m.ndropped];
	m.ideal.active[id] = false;
	if (m.away) {
		assert_true(list_deactivated(&m.lists, intid_of(id)));
		list_sync(&m.lists);
	} else {
		assert_true(native_end(id));
	}
}

static void raise(uint32_t id)
{
	m.twice[id] = m.twice[id] || (m.ideal.pending[id] && !m.real.pending[id]);
	m.ideal.pending[id] = true;
	m.real.pending[id] = true;
}

/* GICD_ICENABLER, ISENABLER, ICPENDR and reads, as irq_list.c carries them out. */
static void bank(uint32_t id)
{
	uint32_t first = id & ~31u, bit = 1u << id % 32, answer;

	if (id >= FIRST_LPI)
		return;
	switch (rnd(5)) {
	case 0:
		m.enabled[id] = false;
		list_operate(&m.lists, LIST_WITHDRAW, first, bit);
		break;
	case 1:
		m.enabled[id] = true;
		break;
	case 2:
		m.real.pending[id] = m.ideal.pending[id] = false;
		list_operate(&m.lists, LIST_DROP, first, bit);
		break;
	case 3:
		answer = list_operate(&m.lists, LIST_ASK_PENDING, first, bit);
		assert_int_equal(m.ideal.pending[id], m.real.pending[id] || answer);
		break;
	default:
		answer = list_operate(&m.lists, LIST_ASK_ACTIVE, first, bit);
		assert_int_equal(m.ideal.active[id],
				 id < 16 ? answer != 0 : m.real.active[id] && !answer);
		break;
	}
	list_sync(&m.lists);
}

static void start(uint32_t registers, bool split, uint32_t levels)
{
	memset(&m, 0, sizeof(m));
	m.lists.count = registers;
	m.pmr = LIST_PMR_OPEN;
	m.split = split;
	for (uint32_t id = 0; id < IDS; id++) {
		m.priority[id] = (uint8_t)(8 + 8 * rnd(levels));
		m.enabled[id] = true;
	}
}

static void step(uint32_t ids, bool banks)
{
	uint32_t id = rnd(ids);

	switch (rnd(banks ? 7 : 6)) {
	case 0:
	case 1:
		raise(id);
		break;
	case 2:
	case 3:
		take();
		break;
	case 4:
		if (m.depth)
			end();
		break;
	case 5:
		if (m.ndropped && rnd(2))
			deactivate();
		break;
	default:
		bank(id);
		break;
	}
	el2();
}

/* Everything is enabled, taken and ended: both sides are empty. */
static void finish(void)
{
	for (uint32_t id = 0; id < IDS; id++)
		m.enabled[id] = true;
	for (uint32_t n = 0; n < 8 * IDS; n++) {
		el2();
		take();
		while (m.depth) {
			el2();
			end();
		}
		while (m.ndropped) {
			el2();
			deactivate();
		}
	}
	el2();
	assert_memory_equal(&m.real, &m.ideal, sizeof(m.real));
	for (uint32_t id = 0; id < IDS; id++)
		assert_false(m.real.pending[id] || m.real.active[id]);
	for (uint32_t n = 0; n < m.lists.count; n++)
		assert_false(m.lr[n] & (LR_PENDING | LR_ACTIVE));
	assert_int_equal(m.lists.naway | m.lists.nlpis | m.lists.sgis_again, 0);
	assert_false(m.empty || m.away || m.pmr != LIST_PMR_OPEN);
}

static void test_lives(void **state)
{
	(void)state;
	for (uint32_t life = 0; life < 600; life++) {
		static const uint32_t registers[] = { 1, 2, 4, 16 };
		uint32_t ids = rnd(2) ? IDS : 8 + rnd(60);

		seed = life;
		start(registers[life % 4], life / 4 % 2, 1 + rnd(30));
		for (uint32_t n = 0; n < 1500; n++)
			step(ids, life / 8 % 2);
		assert_true(m.taken > 20);
		finish();
	}
}

/* More LPIs than the list has room for, each less urgent than the one before: all are kept. */
static void test_full(void **state)
{
	(void)state;
	start(4, false, 1);
	for (uint32_t id = FIRST_LPI; id < IDS; id++)
		m.priority[id] = (uint8_t)(IDS - id);
	for (uint32_t round = 0; round < 2; round++)
		for (uint32_t id = FIRST_LPI; id < IDS; id++) {
			raise(id);
			el2();
		}
	assert_true(m.lists.nlpis > LIST_LPIS / 2);
	for (uint32_t id = 0; id < FIRST_LPI; id++)
		raise(id);
	finish();
	assert_true(m.taken >= IDS);
}

/* Handed over by another CPU, and no room: it is told. */
static void test_lpi_refused(void **state)
{
	uint32_t n;

	(void)state;
	start(1, false, 1);
	for (n = 0; n < LIST_LPIS + 1; n++)
		assert_int_equal(list_operate(&m.lists, LIST_ADD_LPI, 0, (8192 + n) << 8 | 8), 1);
	assert_int_equal(list_operate(&m.lists, LIST_ADD_LPI, 0, (8192 + n) << 8 | 8), 0);
	list_sync(&m.lists);
	assert_int_equal(m.pmr, 0);
	/* The one in the list register as well. */
	list_flush(&m.lists, true);
	assert_int_equal(m.lists.nlpis, LIST_LPIS + 1);
}

/* At any time: what was pending is so in the GIC, or an LPI in the list, and nothing is active. */
static void test_flush(void **state)
{
	(void)state;
	for (uint32_t life = 0; life < 400; life++) {
		bool stop = life & 1;

		seed = life;
		start(4, life & 2, 1 + rnd(30));
		for (uint32_t n = 0; n < 200 + rnd(100); n++)
			step(IDS, false);
		list_ended(&m.lists, m.eoicount);
		list_flush(&m.lists, stop);
		for (uint32_t n = 0; n < m.lists.nlpis; n++) {
			uint32_t id = id_of(m.lists.lpis[n] >> 8);

			m.real.pending[id] = true;
		}
		for (uint32_t id = 0; id < IDS; id++) {
			assert_int_equal(m.real.pending[id], m.ideal.pending[id]);
			assert_int_equal(m.real.active[id],
					 id >= 16 && !stop && m.ideal.active[id]);
		}
		assert_int_equal(m.lists.naway | m.lists.sgis_again, 0);
	}
}

/* The cell writes ICACTIVER behind the list's back: the interrupt comes again, as a new one. */
static void test_deactivated_in_gic(void **state)
{
	(void)state;
	for (uint32_t depth = 0; depth < 8; depth++) {
		seed = depth;
		start(2, false, 1);
		for (uint32_t id = 32; id <= 32 + depth; id++) {
			m.priority[id] = (uint8_t)(0xf8 - 8 * (id - 32));
			raise(id);
			el2();
			take();
			el2();
		}
		m.real.active[32] = m.ideal.active[32] = false;
		m.depth = m.ndropped = 0;
		raise(32);
		el2();
		m.real.active[32] = true;
		take();
		assert_int_equal(m.stack[0], 32);
	}
}

/* The cell has made one active in the GIC: DIR traps, and then it is not found here. */
static void test_made_active(void **state)
{
	(void)state;
	start(4, false, 1);
	m.lists.made_active = true;
	list_sync(&m.lists);
	assert_true(m.away);
	assert_false(list_deactivated(&m.lists, 32));
}

/* SPIs that went to another cell leave no trace, and nothing is done to them. */
static void test_forget(void **state)
{
	uint32_t owned[32] = { [1] = 0xf0 };

	(void)state;
	start(2, false, 1);
	for (uint32_t id = 32; id < 40; id++) {
		m.priority[id] = (uint8_t)(0xf8 - 8 * (id - 32));
		raise(id);
		el2();
		take();
		el2();
	}
	list_forget(&m.lists, owned);
	assert_int_equal(m.lists.naway, 2);
	assert_int_equal(m.lists.away[0], 36);
	assert_true(m.real.active[32] && m.real.active[39]);
	owned[1] = 0;
	list_forget(&m.lists, owned);
	assert_int_equal(m.lists.naway, 0);
	assert_true(!(m.lr[0] & LR_ACTIVE) && !(m.lr[1] & LR_ACTIVE));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lives),
		cmocka_unit_test(test_full),
		cmocka_unit_test(test_lpi_refused),
		cmocka_unit_test(test_flush),
		cmocka_unit_test(test_deactivated_in_gic),
		cmocka_unit_test(test_made_active),
		cmocka_unit_test(test_forget),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
