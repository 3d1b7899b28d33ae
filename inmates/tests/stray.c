// SPDX-License-Identifier: GPL-2.0-only
/*
 * Does on command what an inmate must not do; the system tests choose the address and look at
 * what becomes of the cell and of root. Each access ends in one line, "ok ..." or "fault ...",
 * or in the end of the cell.
 */
#include "inmate.h"

extern char __image_start[], __image_end[];

static void report(const char *what, const struct fault *fault)
{
	if (fault->taken)
		printf("fault esr=0x%lx far=0x%lx elr=0x%lx op=%s%s\n", fault->esr, fault->far,
		       fault->elr, what, fault->serror ? " serror" : "");
	else
		printf("ok %s\n", what);
}

static void do_write(uint64_t address, uint32_t value)
{
	struct fault fault;

	printf("try w 0x%lx\n", address);
	fault_expect();
	mmio_write32(address, value);
	fault = fault_end();
	report("w", &fault);
}

static void do_read(uint64_t address)
{
	struct fault fault;
	uint32_t value;

	printf("try r 0x%lx\n", address);
	fault_expect();
	value = mmio_read32(address);
	fault = fault_end();
	if (!fault.taken)
		printf("value=0x%x\n", value);
	report("r", &fault);
}

/* Accesses that EL2 does not emulate on a device. SIMD is enabled for the one that wants it. */
static void do_odd(const char *what, uint64_t address)
{
	struct fault fault;

	printf("try %s 0x%lx\n", what, address);
	sysreg_write(cpacr_el1, sysreg_read(cpacr_el1) | 3 << 20);
	isb();
	fault_expect();
	if (*what == 'q') /* str q0, [x0] */
		__asm__ volatile("mov x0, %0\n\t.inst 0x3d800000"
				 :
				 : "r"(address)
				 : "x0", "memory");
	else if (*what == 'e')
		__asm__ volatile("ldxr w1, [%0]" : : "r"(address) : "x1", "memory");
	else
		__asm__ volatile("ldp w1, w2, [%0]" : : "r"(address) : "x1", "x2", "memory");
	fault = fault_end();
	report(what, &fault);
}

/*
 * EL1's own map makes the target executable first, so that stage 2 (or the bus) has the last
 * word.
 */
static void do_jump(uint64_t address)
{
	uint64_t page = address & ~0xfffULL, block = address >> 21;
	bool own = block >= (uint64_t)__image_start >> 21 && block <= (uint64_t)__image_end >> 21;
	struct fault fault;

	if (!own && !mmu_map(page, page + 0x1000, MMU_TEXT)) {
		printf("error: cannot map 0x%lx\n", address);
		return;
	}
	printf("try x 0x%lx\n", address);
	fault_expect();
	((void (*)(void))address)();
	fault = fault_end();
	report("x", &fault);
}

static void mask_all(void)
{
	sysreg_write(daif, 0x3c0);
	isb();
}

/* For a debugger: each has work left behind its call, so that it has a frame. */
static __attribute__((noinline)) uint64_t deep_inner(uint64_t address)
{
	mmio_write32(address, 0x57a1);
	return address + 1;
}

static __attribute__((noinline)) uint64_t deep_middle(uint64_t address)
{
	return deep_inner(address) * 3;
}

static __attribute__((noinline)) uint64_t deep_outer(uint64_t address)
{
	return deep_middle(address) + 7;
}

/* The states an inmate may be in when it is stopped: none of these returns. */
static bool do_stay(const char *text)
{
	if (line_after(text, "s")) {
		printf("spinning, masked\n");
		mask_all();
		for (;;)
			__asm__ volatile("" : : : "memory");
	}
	if (line_after(text, "ap") || line_after(text, "apwfi")) {
		bool sleeps = line_after(text, "apwfi");
		/*
		 * As if the most urgent interrupt of either group were active: nothing else is
		 * signalled.
		 */
		printf("%s, masked, running priority raised\n", sleeps ? "sleeping" : "spinning");
		mask_all();
		sysreg_write(icc_ap0r0_el1, 1);
		sysreg_write(icc_ap1r0_el1, 1);
		isb();
		for (;;)
			if (sleeps)
				wfi();
	}
	if (line_after(text, "irqmask")) {
		printf("sleeping, masked\n");
		mask_all();
		for (;;)
			wfi();
	}
	if (line_after(text, "deaf")) {
		/* Group 1 is not signalled: none of its own interrupts. */
		printf("sleeping, deaf\n");
		mask_all();
		sysreg_write(icc_igrpen1_el1, 0);
		isb();
		for (;;)
			wfi();
	}
	if (line_after(text, "ack")) {
		/* The most urgent one that a cell can have, acknowledged and never ended. */
		mask_all();
		irq_enable(1, true);
		irq_set_priority(1, 0);
		sgi_send(cpu_number(), 1);
		while (sysreg_read(icc_iar1_el1) != 1)
			cpu_yield();
		printf("sleeping, an interrupt active\n");
		for (;;)
			wfi();
	}
	if (line_after(text, "wfi")) {
		printf("sleeping\n");
		for (;;)
			wfi();
	}
	if (line_after(text, "cpuoff")) {
		printf("switching this CPU off\n");
		psci_cpu_off();
	}
	return false;
}

static void command(const char *text)
{
	uint64_t address, value = 0x57a1;
	const char *rest;

	if ((rest = line_after(text, "w")) != NULL && parse_u64(&rest, &address)) {
		parse_u64(&rest, &value);
		do_write(address, (uint32_t)value);
	} else if ((rest = line_after(text, "r")) != NULL && parse_u64(&rest, &address)) {
		do_read(address);
	} else if ((rest = line_after(text, "x")) != NULL && parse_u64(&rest, &address)) {
		do_jump(address);
	} else if ((rest = line_after(text, "deep")) != NULL && parse_u64(&rest, &address)) {
		printf("deep 0x%lx\n", deep_outer(address));
	} else if ((rest = line_after(text, "q")) != NULL && parse_u64(&rest, &address)) {
		do_odd("q", address);
	} else if ((rest = line_after(text, "e")) != NULL && parse_u64(&rest, &address)) {
		do_odd("e", address);
	} else if ((rest = line_after(text, "p")) != NULL && parse_u64(&rest, &address)) {
		do_odd("p", address);
	} else if (*text && !do_stay(text) && !line_common(text)) {
		printf("unknown: %s\n", text);
	}
}

void inmate_main(void)
{
	struct line line;

	printf("\nstray: cpu=%u lines: w ADDR [VALUE], r ADDR, x ADDR, q, e, p ADDR, deep ADDR, s, ap, apwfi, irqmask, deaf, ack, wfi, cpuoff\n",
	       cpu_number());
	for (;;) {
		line_read(&line, "stray> ");
		command(line.text);
	}
}
