// SPDX-License-Identifier: GPL-2.0-only
/*
 * Who masks by ICC_PMR_EL1, as some RTOSes do in their critical sections, is masked: no interrupt
 * of that priority or below is taken until PMR is open again. With it what else priorities decide:
 * which of many comes first, which one preempts which (ICC_BPR1_EL1), what ends when (EOImode 0
 * and 1), and that an interrupt that comes while it is active comes again. By SGIs to oneself, the
 * timer, and an SPI that is pended by software.
 *
 * Most of it by polling, with PSTATE.I set: ISR_EL1 tells whether an interrupt is signalled, and
 * ICC_IAR1_EL1 which. The same program passes on the bare machine.
 *
 * With two security states the distributor takes priorities in the non-secure view, half of the
 * range; the CPU interface has the same view or, with SCR_EL3.FIQ = 0, the whole (IHI 0069, 4.8.1).
 * There firmware may keep SGIs 8 to 15, as TF-A does: what is tested with many is with fewer then, but
 * still more than there are list registers.
 */
#include "check.h"

#define SPI 240u /* the configuration's; no wire uses it */
#define ISR_I 0x80u
#define CTLR_EOIMODE 2u
#define SPURIOUS 1023u
#define GICD_ISACTIVER 0x0300u
#define GICD_ICACTIVER 0x0380u

#define OPEN 0xffu
#define STEP 0x20u
/* Of many SGIs at once the last; two more are used. */
#define MANY_SGIS 12u
#define FEWER_SGIS 5u
#define SECTIONS 1000u

static bool whole; /* the CPU interface sees the whole range, the distributor takes half of it */
static bool split; /* EOImode 1: the end of an interrupt only drops the priority */
static unsigned int last_sgi = MANY_SGIS;
static uint32_t sgis, timers, spis;
static uint32_t withdrawn; /* that came nevertheless */

/* --- the CPU interface --- */

/* A priority of the distributor's as the CPU interface has it. */
static uint64_t view(uint64_t priority)
{
	return whole ? 0x80 | priority >> 1 : priority;
}

/* To mask what is not more urgent than that priority of the distributor's. */
static void set_pmr(uint64_t priority)
{
	sysreg_write(icc_pmr_el1, view(priority));
	isb();
}

static uint64_t running(void)
{
	isb();
	return sysreg_read(icc_rpr_el1) & 0xff;
}

static uint64_t acknowledge(void)
{
	uint64_t intid;

	isb();
	intid = sysreg_read(icc_iar1_el1) & 0xffffff;
	dsb(sy);
	return intid;
}

static void drop(uint64_t intid)
{
	sysreg_write(icc_eoir1_el1, intid);
	isb();
}

static void deactivate(uint64_t intid)
{
	if (split)
		sysreg_write(icc_dir_el1, intid);
	isb();
}

static void end(uint64_t intid)
{
	drop(intid);
	deactivate(intid);
}

/* Its bit in a bank of the redistributor, or of the distributor. */
static bool bit_of(uint32_t bank, unsigned int intid)
{
	uint64_t frame = intid < 32 ? cpu_self()->gicr + GICR_SGI_BASE : machine.gicd.base;

	return mmio_read32(frame + bank + intid / 32 * 4) >> (intid % 32) & 1;
}

static void pend(unsigned int intid)
{
	if (intid < 16)
		sgi_send(cpu_number(), intid);
	else
		mmio_write32(machine.gicd.base + GICD_ISPENDR + intid / 32 * 4, 1u << (intid % 32));
	dsb(sy);
}

static void pend_at(unsigned int intid, unsigned int priority)
{
	irq_set_priority(intid, (uint8_t)priority);
	pend(intid);
}

/* Something happens, now or within a second: a busy host may be late with a timer. */
#define HAPPENS(condition)                                         \
	({                                                         \
		uint64_t limit_ = timer_now() + timer_frequency(); \
		while (!(condition) && timer_now() < limit_)       \
			cpu_yield();                               \
		condition;                                         \
	})

/* An interrupt is signalled. */
static bool comes(void)
{
	return HAPPENS(sysreg_read(isr_el1) & ISR_I);
}

/* None is, and none can be acknowledged. */
static bool stays_away(void)
{
	uint64_t limit = timer_now() + timer_ticks_us(20);

	while (timer_now() < limit)
		if (sysreg_read(isr_el1) & ISR_I)
			return false;
	return acknowledge() == SPURIOUS;
}

/* It comes next, and is acknowledged. */
static bool take(unsigned int intid)
{
	return comes() && acknowledge() == intid;
}

/*
 * Its device has withdrawn it before it was taken. A list register has it still, and so it comes once
 * for nothing.
 */
static bool goes(unsigned int intid)
{
	if (stays_away())
		return true;
	withdrawn++;
	if (!take(intid))
		return false;
	end(intid);
	return stays_away();
}

/* --- by polling --- */

/* Each priority against each mask: taken if it is more urgent, and kept if not. */
static void test_masks(void)
{
	unsigned int priority, pmr, wrong = 0, done = 0;

	for (priority = STEP; priority <= 0xe0; priority += STEP) {
		for (pmr = 0; pmr <= 0xe0; pmr += STEP) {
			set_pmr(pmr);
			wrong += (sysreg_read(icc_pmr_el1) & 0xf8) != view(pmr);
			pend_at(1, priority);
			wrong += priority < pmr ? !comes() : !stays_away();
			set_pmr(OPEN);
			wrong += !take(1) || running() != view(priority);
			end(1);
			wrong += running() != 0xff || !stays_away();
			done++;
		}
	}
	check("each priority against each mask", !wrong && done == 56, wrong);
}

/* Pended in another order, kept by PMR: the most urgent one first. More than list registers. */
static void test_order(void)
{
	unsigned int i, intid, wrong = 0;

	set_pmr(0);
	for (i = 0; i < last_sgi; i++) {
		intid = i * 7 % last_sgi + 1;
		pend_at(intid, 0x10 + 0x10 * intid);
	}
	wrong += !stays_away();
	set_pmr(OPEN);
	for (intid = 1; intid <= last_sgi; intid++) {
		wrong += !take(intid);
		end(intid);
	}
	check("the most urgent first", !wrong && stays_away(), wrong);
}

/* All active at once, each over the one before. */
static void test_nest(void)
{
	unsigned int intid, wrong = 0;

	for (intid = last_sgi; intid; intid--) {
		pend_at(intid, 0x10 + 0x10 * intid);
		wrong += !take(intid) || running() != view(0x10 + 0x10 * intid);
	}
	/* The last one again, and one that is not urgent enough: not while these are active. */
	pend(last_sgi);
	pend_at(last_sgi + 1, 0xe0);
	for (intid = 1; intid <= last_sgi; intid++) {
		wrong += !stays_away() || !bit_of(GICD_ISACTIVER, intid);
		end(intid);
		wrong += bit_of(GICD_ISACTIVER, intid);
	}
	wrong += !take(last_sgi);
	end(last_sgi);
	wrong += !take(last_sgi + 1);
	end(last_sgi + 1);
	check("all nested", !wrong && stays_away() && running() == 0xff, wrong);
}

static void test_preemption(void)
{
	unsigned int wrong = 0;

	pend_at(1, 0xc0);
	wrong += !take(1);
	pend_at(2, 0xc0); /* as urgent is not more urgent */
	wrong += !stays_away();
	pend_at(3, 0x40);
	wrong += !take(3) || running() != view(0x40);
	pend_at(4, 0x60);
	wrong += !stays_away();
	end(3);
	wrong += running() != view(0xc0) || !take(4);
	end(4);
	set_pmr(0x40); /* masks what would preempt */
	pend_at(3, 0x40);
	wrong += !stays_away();
	pend_at(5, 0x20);
	wrong += !take(5);
	end(5);
	wrong += !stays_away();
	set_pmr(OPEN);
	wrong += !take(3);
	end(3);
	end(1);
	wrong += !take(2);
	end(2);
	check("preemption", !wrong && stays_away(), wrong);

	/* BPR1 = 6: bits 7 and 6, or 7 alone, tell who preempts; the others who comes first. */
	sysreg_write(icc_bpr1_el1, 6);
	wrong = (sysreg_read(icc_bpr1_el1) & 7) != 6;
	pend_at(1, 0x60);
	wrong += !take(1);
	pend_at(2, 0x40);
	wrong += !stays_away();
	end(1);
	pend_at(3, 0x60);
	wrong += !take(2);
	end(2);
	wrong += !take(3);
	end(3);
	pend_at(1, 0xc0);
	wrong += !take(1);
	pend_at(2, 0x40);
	wrong += !take(2);
	end(2);
	end(1);
	sysreg_write(icc_bpr1_el1, 0);
	check("preemption by groups", !wrong && stays_away(), wrong);
}

/* One that comes again while it is active is taken again, once, when that is over. */
static void test_again(unsigned int intid)
{
	unsigned int wrong = 0;

	pend_at(intid, 0xa0);
	wrong += !take(intid) || bit_of(GICD_ISPENDR, intid) || !bit_of(GICD_ISACTIVER, intid);
	pend(intid);
	pend(intid);
	wrong += !stays_away() || !bit_of(GICD_ISPENDR, intid);
	drop(intid);
	if (split) {
		wrong += running() != 0xff || !stays_away() || !bit_of(GICD_ISACTIVER, intid);
		pend_at(last_sgi + 2, 0xa0); /* as urgent: the priority is free */
		wrong += !take(last_sgi + 2);
		end(last_sgi + 2);
		deactivate(intid);
	}
	wrong += !take(intid);
	end(intid);
	wrong += bit_of(GICD_ISACTIVER, intid);
	check(intid < 32 ? "an SGI again" : "an SPI again", !wrong && stays_away(), wrong);
}

/* Active by software: what is pended meanwhile waits, as if it had been taken. */
static void test_made_active(void)
{
	unsigned int wrong = 0;
	uint64_t at = machine.gicd.base + SPI / 32 * 4;

	mmio_write32(at + GICD_ISACTIVER, 1u << SPI % 32);
	wrong += !bit_of(GICD_ISACTIVER, SPI);
	pend_at(SPI, 0xa0);
	wrong += !stays_away();
	if (split)
		deactivate(SPI);
	else
		mmio_write32(at + GICD_ICACTIVER, 1u << SPI % 32);
	wrong += !take(SPI);
	end(SPI);
	check("active by software", !wrong && stays_away(), wrong);
}

/* A level: as long as the timer's condition holds it comes after each end, and not before. */
static void test_level(void)
{
	unsigned int intid = machine.timer_virt_intid, wrong = 0, i;

	irq_set_priority(intid, 0xa0);
	timer_virt_set(timer_now());
	for (i = 0; i < 3; i++) {
		wrong += !take(intid) || !stays_away();
		drop(intid);
		wrong += split && !stays_away();
		deactivate(intid);
	}
	wrong += !comes();
	timer_virt_stop();
	check("a level again", !wrong && goes(intid), wrong);
}

/* --- by vectors --- */

static void count(unsigned int intid, void *counter)
{
	if (intid == machine.timer_virt_intid)
		timer_virt_stop();
	atomic_add((uint32_t *)counter, 1u);
}

/* What the library's handler has only dropped. */
static void deactivate_taken(void)
{
	deactivate(1);
	deactivate(machine.timer_virt_intid);
	deactivate(SPI);
}

static bool counts_are(uint32_t n)
{
	return atomic_get(&sgis) == n && atomic_get(&timers) == n && atomic_get(&spis) == n;
}

/* IRQs are unmasked, and all three come: none is taken before PMR is open, then each once. */
static void test_section(void)
{
	unsigned int wrong = 0;

	sgis = timers = spis = 0;
	irq_set_priority(machine.timer_virt_intid, 0xa0);
	irq_unmask();
	set_pmr(0xa0);
	timer_virt_set(timer_now());
	pend_at(1, 0xa0);
	pend_at(SPI, 0xc0);
	wrong += !HAPPENS(bit_of(GICD_ISPENDR, 1) && bit_of(GICD_ISPENDR, SPI) &&
			  bit_of(GICD_ISPENDR, machine.timer_virt_intid));
	delay_us(100);
	wrong += !counts_are(0);
	/* One that the section does not mask is taken in it. */
	pend_at(2, 0x40);
	wrong += atomic_get(&sgis) != 1;
	sgis = 0;
	if (split)
		deactivate(2);
	set_pmr(OPEN);
	wrong += !HAPPENS(counts_are(1));
	irq_save();
	deactivate_taken();
	check("a critical section by PMR", !wrong && stays_away(), wrong);
}

/* Many. A timer that expires at once in each fourth, and later in the others, maybe behind it. */
static void test_sections(void)
{
	unsigned int i, wrong = 0, inside = 0;

	timers = 0;
	irq_set_priority(machine.timer_virt_intid, 0xa0);
	irq_unmask();
	for (i = 0; i < SECTIONS; i++) {
		set_pmr(0x80);
		timer_virt_set(timer_now() + timer_ticks_us(i % 4 * 10));
		delay_us(i % 8 * 5);
		inside += bit_of(GICD_ISPENDR, machine.timer_virt_intid);
		wrong += atomic_get(&timers) != i;
		set_pmr(OPEN);
		wrong += !HAPPENS(atomic_get(&timers) == i + 1);
		deactivate(machine.timer_virt_intid);
	}
	irq_save();
	check("1000 critical sections", !wrong && inside >= SECTIONS / 4, wrong ? wrong : inside);
}

/* The sleep in a section ends for what the section does not mask. */
static void test_sleep(void)
{
	unsigned int wrong;

	sgis = timers = 0;
	irq_set_priority(machine.timer_virt_intid, 0x40);
	set_pmr(0x80);
	pend_at(1, 0xa0);
	timer_virt_set(timer_now() + timer_ticks_us(2000));
	while (!(sysreg_read(isr_el1) & ISR_I))
		wfi();
	irq_unmask();
	wrong = !atomic_get(&timers) || atomic_get(&sgis);
	set_pmr(OPEN);
	wrong += atomic_get(&sgis) != 1;
	irq_save();
	deactivate_taken();
	check("asleep in a critical section", !wrong && stays_away(), wrong);
}

static void find_view(void)
{
	uint64_t seen;

	pend_at(1, 0x40);
	take(1);
	seen = running();
	end(1);
	whole = seen == 0xa0;
	check("the view of priorities", seen == 0x40 || whole, seen);
}

static void test_all(void)
{
	printf("EOImode %u\n", split);
	sysreg_write(icc_ctlr_el1, split ? CTLR_EOIMODE : 0);
	isb();
	check("ICC_CTLR_EL1", (sysreg_read(icc_ctlr_el1) & 3) == (split ? CTLR_EOIMODE : 0),
	      sysreg_read(icc_ctlr_el1));
	test_masks();
	test_order();
	test_nest();
	test_preemption();
	test_again(1);
	test_again(SPI);
	test_made_active();
	test_level();
	test_section();
	test_sections();
	test_sleep();
}

void inmate_main(void)
{
	struct line line;
	unsigned int intid;
	uint64_t daif;

	printf("\npriority: cpu=%u\n", cpu_number());
	console_rx_enable(false);
	daif = irq_save();
	for (intid = 1; intid <= last_sgi + 2; intid++) {
		irq_install(intid, count, &sgis);
		if (!irq_enable(intid, true))
			last_sgi = FEWER_SGIS;
	}
	printf("priority: %u SGIs\n", last_sgi + 2);
	irq_install(machine.timer_virt_intid, count, &timers);
	irq_enable(machine.timer_virt_intid, false);
	irq_install(SPI, count, &spis);
	if (!irq_enable(SPI, true))
		printf("priority: there is no interrupt %u\n", SPI);
	find_view();
	test_all();
	split = true;
	test_all();
	sysreg_write(icc_ctlr_el1, 0);
	isb();
	printf("withdrawn=%u\n", withdrawn);
	check_done();
	irq_restore(daif);
	console_rx_enable(true);
	for (;;) {
		line_read(&line, "priority> ");
		line_common(line.text);
	}
}
