// SPDX-License-Identifier: GPL-2.0-only
/*
 * The list registers of a CPU and what waits for them: see lists.h.
 *
 * What keeps the order right: while a list register is free nothing waits. While none is, whatever
 * waits is at most as urgent as each pending one in them (the mask sees to that for the GIC's), so
 * nothing that waits is missed until the last pending one is taken, and then a maintenance interrupt
 * (ICH_HCR_EL2.NPIE) comes. What is taken meanwhile frees its list register only for what is more
 * urgent.
 */
#include "gic_regs.h"
#include "lists.h"

#define SGIS 0xffffu

struct found_lr {
	uint32_t n; /* LIST_REGISTERS: there is none */
	uint64_t lr;
};

/* The least urgent ones of a kind. An SGI that is pending again while active is of both kinds. */
struct survey {
	struct found_lr unused, pending, active;
	bool any; /* one can be taken: there is one that is pending alone */
};

static uint32_t intid_of(uint64_t lr)
{
	return (uint32_t)(lr & LR_INTID);
}

static uint32_t priority_of(uint64_t lr)
{
	return (uint32_t)(lr >> LR_PRIORITY_SHIFT) & 0xff;
}

static void note(struct found_lr *at, uint32_t n, uint64_t lr)
{
	if (at->n == LIST_REGISTERS || priority_of(lr) > priority_of(at->lr))
		*at = (struct found_lr){ n, lr };
}

static struct survey look(const struct lists *l)
{
	const struct found_lr none = { LIST_REGISTERS, 0 };
	struct survey s = { none, none, none, false };

	for (uint32_t n = 0; n < l->count; n++) {
		uint64_t lr = list_read(n);

		if (lr & LR_PENDING)
			note(&s.pending, n, lr);
		if (lr & LR_ACTIVE)
			note(&s.active, n, lr);
		if (!(lr & (LR_PENDING | LR_ACTIVE)))
			note(&s.unused, n, lr);
		s.any = s.any || (lr & (LR_PENDING | LR_ACTIVE)) == LR_PENDING;
	}
	return s;
}

static void add_lpi(struct lists *l, uint32_t intid, uint32_t priority)
{
	l->lpis[l->nlpis++] = intid << 8 | priority;
}

/*
 * Out of its list register, or not into one. Pended before it is deactivated: at no time is it
 * neither. A level-sensitive one that its device has withdrawn comes once for nothing, as it had
 * been acknowledged already.
 */
static bool put_back(struct lists *l, uint32_t intid, uint32_t priority)
{
	if (intid >= GIC_LPI_FIRST) {
		if (l->nlpis >= LIST_LPIS)
			return false;
		add_lpi(l, intid, priority);
		return true;
	}
	list_pend(intid);
	if (intid >= GIC_PPI_FIRST)
		list_deactivate(intid);
	return true;
}

static void load(uint32_t n, uint32_t intid, uint32_t priority)
{
	uint64_t lr = intid | (uint64_t)priority << LR_PRIORITY_SHIFT | LR_GROUP1 | LR_PENDING;

	/* With HW the cell's deactivation is physical too; neither SGIs nor LPIs have it (12.4.4). */
	if (intid >= GIC_PPI_FIRST && intid < GIC_LPI_FIRST)
		lr |= LR_HW | (uint64_t)intid << LR_PINTID_SHIFT;
	list_write(n, lr);
}

/* An active one leaves its list register to somebody else. Of LPIs nobody counts the end. */
static void push_away(struct lists *l, uint64_t lr)
{
	uint32_t intid = intid_of(lr);

	if (intid >= GIC_LPI_FIRST) {
		if (lr & LR_PENDING)
			add_lpi(l, intid, priority_of(lr));
		return;
	}
	if (lr & LR_PENDING)
		l->sgis_again |= 1u << intid;
	if (l->naway < LIST_AWAY)
		l->away[l->naway++] = (uint16_t)intid;
}

static bool find_away(const struct lists *l, uint32_t intid, uint32_t *at)
{
	for (*at = l->naway; (*at)--;)
		if (l->away[*at] == intid)
			return true;
	return false;
}

static void drop_away(struct lists *l, uint32_t at)
{
	for (l->naway--; at < l->naway; at++)
		l->away[at] = l->away[at + 1];
}

static void end_away(struct lists *l, uint32_t at)
{
	uint32_t intid = l->away[at];

	drop_away(l, at);
	if (intid >= GIC_PPI_FIRST)
		list_deactivate(intid);
	else if (l->sgis_again & 1u << intid)
		list_pend(intid);
	if (intid < GIC_PPI_FIRST)
		l->sgis_again &= ~(1u << intid);
}

/*
 * It is here already: an SGI or LPI that came again. Another interrupt only if the cell has
 * deactivated it in the GIC, behind the list register's back: then it is pending, and no longer
 * active.
 */
static bool merge(struct lists *l, uint32_t intid)
{
	uint32_t at;

	for (uint32_t n = 0; n < l->count; n++) {
		uint64_t lr = list_read(n);

		if (!(lr & (LR_PENDING | LR_ACTIVE)) || intid_of(lr) != intid)
			continue;
		list_write(n, (lr & LR_HW ? lr & ~LR_ACTIVE : lr) | LR_PENDING);
		return true;
	}
	for (uint32_t n = 0; n < l->nlpis; n++)
		if (l->lpis[n] >> 8 == intid)
			return true;
	if (!find_away(l, intid, &at))
		return false;
	if (intid < GIC_PPI_FIRST) {
		l->sgis_again |= 1u << intid;
		return true;
	}
	drop_away(l, at);
	return false;
}

/* The LPI that has waited longest among the most urgent ones. */
static uint32_t take_lpi(struct lists *l)
{
	uint32_t best = 0, lpi;

	for (uint32_t n = 1; n < l->nlpis; n++)
		if ((l->lpis[n] & 0xff) < (l->lpis[best] & 0xff))
			best = n;
	lpi = l->lpis[best];
	for (l->nlpis--; best < l->nlpis; best++)
		l->lpis[best] = l->lpis[best + 1];
	return lpi;
}

/* LPIs that wait go first: what has just come is less urgent, or finds its place afterwards. */
static struct survey refill(struct lists *l)
{
	struct survey s = look(l);

	while (l->count && l->nlpis && (s.unused.n != LIST_REGISTERS || !s.any)) {
		uint32_t lpi = take_lpi(l);

		if (s.unused.n == LIST_REGISTERS) {
			push_away(l, s.active.lr);
			s.unused = s.active;
		}
		load(s.unused.n, lpi >> 8, lpi & 0xff);
		s = look(l);
	}
	return s;
}

bool list_add(struct lists *l, uint32_t intid, uint32_t priority)
{
	struct survey s;

	if (!l->count)
		return false;
	if (merge(l, intid))
		return true;
	s = refill(l);
	if (s.unused.n == LIST_REGISTERS) {
		struct found_lr *out = s.any ? &s.pending : &s.active;

		if (s.any && priority_of(out->lr) <= priority)
			return put_back(l, intid, priority);
		if (out->lr & LR_ACTIVE)
			push_away(l, out->lr);
		else if (!put_back(l, intid_of(out->lr), priority_of(out->lr)))
			return put_back(l, intid, priority);
		s.unused = *out;
	}
	load(s.unused.n, intid, priority);
	return true;
}

void list_sync(struct lists *l)
{
	struct survey s = refill(l);
	bool full = s.unused.n == LIST_REGISTERS && s.any;
	bool away = l->naway || l->made_active;
	uint32_t pmr = LIST_PMR_OPEN, controls;

	/* No room for one LPI more: none is acknowledged, and so nothing is. */
	if (full)
		pmr = l->nlpis < LIST_LPIS ? priority_of(s.pending.lr) : 0;
	/* NOLINTNEXTLINE(clang-analyzer-core.UndefinedBinaryOperatorResult): it takes 0 << 9 for one. */
	controls = pmr | (uint32_t)full << 9 | (uint32_t)away << 10;
	if (controls != l->controls)
		list_controls(pmr, full, away);
	l->controls = controls;
}

void list_ended(struct lists *l, uint32_t count)
{
	for (; count && l->naway; count--)
		end_away(l, l->naway - 1);
}

bool list_deactivated(struct lists *l, uint32_t intid)
{
	uint32_t at;

	for (uint32_t n = 0; n < l->count; n++) {
		uint64_t lr = list_read(n);

		if (!(lr & LR_ACTIVE) || intid_of(lr) != intid)
			continue;
		list_write(n, lr & ~LR_ACTIVE);
		if (lr & LR_HW)
			list_deactivate(intid);
		return true;
	}
	if (!find_away(l, intid, &at))
		return false;
	end_away(l, at);
	return true;
}

void list_flush(struct lists *l, bool stop)
{
	for (uint32_t n = 0; n < l->count; n++) {
		uint64_t lr = list_read(n);

		if ((lr & LR_PENDING) && intid_of(lr) >= GIC_LPI_FIRST)
			add_lpi(l, intid_of(lr), priority_of(lr));
		else if (lr & LR_PENDING)
			put_back(l, intid_of(lr), 0);
		else if ((lr & LR_ACTIVE) && (lr & LR_HW) && stop)
			list_deactivate(intid_of(lr));
		list_write(n, 0);
	}
	while (l->naway) {
		uint32_t intid = l->away[l->naway - 1];

		if (intid < GIC_PPI_FIRST || stop)
			end_away(l, l->naway - 1);
		else
			l->naway--;
	}
}

void list_forget(struct lists *l, const uint32_t *owned)
{
	for (uint32_t n = 0; n < l->count; n++) {
		uint64_t lr = list_read(n);
		uint32_t intid = intid_of(lr);

		if ((lr & LR_HW) && intid >= GIC_SPI_FIRST && intid < GIC_EPPI_FIRST &&
		    !(owned[intid / 32] >> intid % 32 & 1))
			list_write(n, 0);
	}
	for (uint32_t at = l->naway; at--;) {
		uint32_t intid = l->away[at];

		if (intid >= GIC_SPI_FIRST && intid < GIC_EPPI_FIRST &&
		    !(owned[intid / 32] >> intid % 32 & 1))
			drop_away(l, at);
	}
}

bool list_waiting(const struct lists *l)
{
	return look(l).any;
}

/* One list register; the bit of the answer. */
static bool operate(struct lists *l, enum list_op op, uint32_t n, uint64_t lr)
{
	bool pending = lr & LR_PENDING;

	switch (op) {
	case LIST_ASK_PENDING:
		return pending;
	case LIST_ASK_ACTIVE:
		return lr & LR_HW ? pending : !!(lr & LR_ACTIVE);
	case LIST_WITHDRAW:
		if (pending) {
			list_write(n, lr & ~LR_PENDING);
			put_back(l, intid_of(lr), 0);
		}
		return pending;
	case LIST_DROP:
		if (pending) {
			list_write(n, lr & ~LR_PENDING);
			if (lr & LR_HW)
				list_deactivate(intid_of(lr));
		}
		return pending;
	case LIST_DEACTIVATE:
		if (!(lr & LR_HW))
			list_write(n, lr & ~LR_ACTIVE);
		return true;
	default:
		return false;
	}
}

/* What is pending again there is an SGI; it is an active one's only other state. */
static uint32_t operate_away(struct lists *l, enum list_op op, uint32_t bits)
{
	uint32_t again = l->sgis_again & bits, answer = 0, at;

	if (op == LIST_ASK_PENDING)
		return again;
	if (op == LIST_WITHDRAW || op == LIST_DROP) {
		l->sgis_again &= ~bits;
		for (; again && op == LIST_WITHDRAW; again &= again - 1)
			list_pend((uint32_t)__builtin_ctz(again));
		return 0;
	}
	for (uint32_t intid = 0; intid < GIC_PPI_FIRST; intid++)
		if (bits >> intid & 1 && find_away(l, intid, &at)) {
			answer |= 1u << intid;
			if (op == LIST_DEACTIVATE)
				end_away(l, at);
		}
	return answer;
}

uint32_t list_operate(struct lists *l, enum list_op op, uint32_t first, uint32_t bits)
{
	uint32_t answer = 0;

	if (op == LIST_ADD_LPI)
		return list_add(l, bits >> 8, bits & 0xff);
	for (uint32_t n = 0; n < l->count; n++) {
		uint64_t lr = list_read(n);
		uint32_t bit = intid_of(lr) - first;

		if ((lr & (LR_PENDING | LR_ACTIVE)) && bit < 32 && bits >> bit & 1 &&
		    operate(l, op, n, lr))
			answer |= 1u << bit;
	}
	return first ? answer : answer | operate_away(l, op, bits & SGIS);
}
