// SPDX-License-Identifier: GPL-2.0-only
/*
 * The architecture as an inmate finds it: the state it is entered in, PSCI and SMCCC, device
 * accesses of every size, the interrupt controller's view. In a cell everything is checked; on
 * bare QEMU what only a hypervisor gives is skipped by name.
 */
#include "check.h"

#define UNKNOWN_FUNCTION 0xc6001234u /* vendor specific hypervisor, as a probing guest would */
#define ROOT_FUNCTION 0xc600ca00u    /* CAISSON_HC_INFO: root's alone */
#define GICD_ISACTIVER 0x300u
#define EC_STEP 0x33u /* of EL1 itself */

uint64_t simd_or(void);
uint64_t hvc_changes(uint64_t function);
uint64_t id_register(unsigned int n);
void sgi_by_each(uint64_t value);
bool load_by_each(uint64_t reg);
uint64_t step_load(uint64_t address), step_load_high(uint64_t address);
uint64_t step_store(uint64_t address), step_sgi(uint64_t unused), step_sysreg(uint64_t unused);
uint64_t step_smc(uint64_t function), step_nop(uint64_t unused);
uint64_t el0_pair(uint64_t at, uint64_t ttbr0, uint64_t tcr);
uint64_t sp_load(uint64_t at);
extern char __image_start[], __image_end[];

static bool bare;

/* What a CPU reads in its own registers before anything changed them. */
static struct own_state {
	uint64_t simd, tpidr_el0, tpidrro_el0, mpidr;
	uint64_t cntv_ctl, cntp_ctl, cntkctl, contextidr, pmcnten, mdscr;
} own[CPU_MAX];

static void read_own_state(void *arg)
{
	struct own_state *s = &own[cpu_number()];

	(void)arg;
	s->simd = simd_or();
	s->tpidr_el0 = sysreg_read(tpidr_el0);
	s->tpidrro_el0 = sysreg_read(tpidrro_el0);
	s->mpidr = sysreg_read(mpidr_el1);
	s->cntv_ctl = sysreg_read(cntv_ctl_el0);
	s->cntp_ctl = sysreg_read(cntp_ctl_el0);
	s->cntkctl = sysreg_read(cntkctl_el1);
	s->contextidr = sysreg_read(contextidr_el1);
	s->pmcnten = sysreg_read(pmcntenset_el0);
	s->mdscr = sysreg_read(mdscr_el1);
}

static void check_entry(unsigned int number)
{
	const struct entry_state *e = &cpu_get(number)->entry;
	const struct own_state *s = &own[number];
	uint64_t expected_x0 = number ? (uint64_t)cpu_get(number) : machine.dtb.base;
	uint64_t others = 0;
	unsigned int i;

	printf("cpu=%u\n", number);
	for (i = 1; i < 31; i++)
		others |= e->x[i];
	check("entry_x0", e->x[0] == expected_x0, e->x[0]);
	if (bare && !number)
		check_skip("entry_x1_x30_zero", "QEMU's boot loader leaves its own in x4");
	else
		check("entry_x1_x30_zero", !others, others);
	check("entry_mmu_caches_off", !(e->sctlr & 0x1005), e->sctlr);
	check("entry_little_endian", !(e->sctlr & (1u << 25 | 1u << 24)), e->sctlr);
	check("entry_daif_masked", e->daif == 0x3c0, e->daif);
	check("entry_el1h", e->currentel == 4 && e->spsel == 1, e->currentel | e->spsel);
	check("entry_tpidr_zero", !(e->tpidr | s->tpidr_el0 | s->tpidrro_el0),
	      e->tpidr | s->tpidr_el0 | s->tpidrro_el0);
	check("entry_el1_registers_zero",
	      !(e->vbar | e->ttbr0 | e->tcr | e->mair | e->sp_el0 | s->contextidr),
	      e->vbar | e->ttbr0 | e->tcr | e->mair | e->sp_el0 | s->contextidr);
	check("entry_simd_zero", !s->simd, s->simd);
	check("entry_timers_off", !((s->cntv_ctl | s->cntp_ctl) & 1), s->cntv_ctl | s->cntp_ctl);
	check("entry_cntkctl_zero", !s->cntkctl, s->cntkctl);
	check("entry_pmu_debug_off", !(s->pmcnten | (s->mdscr & 0xa001)), s->pmcnten | s->mdscr);
	check("mpidr", s->mpidr == (0x80000000u | machine.mpidr[number]), s->mpidr);
}

static void check_cpus(void)
{
	unsigned int i;
	int error;

	read_own_state(NULL);
	check_entry(0);
	for (i = 1; i < machine.ncpus; i++) {
		error = cpu_start(i, read_own_state, NULL);
		check("cpu_on", !error, (uint64_t)(int64_t)error);
		check("cpu_off", cpu_wait_off(i, 1000000), i);
		if (!error)
			check_entry(i);
	}
}

/* The first non-zero word of RAM outside image and device tree, or `end`. */
static uint64_t find_dirt(uint64_t at, uint64_t end)
{
	for (; at < end; at += 8) {
		if (at >= (uint64_t)__image_start && at < (uint64_t)__image_end)
			continue;
		if (at + 8 > machine.dtb.base && at < machine.dtb.base + machine.dtb.size)
			continue;
		if (*(volatile uint64_t *)at)
			return at;
	}
	return end;
}

static void check_memory(void)
{
	unsigned int i;

	if (bare) {
		check_skip("memory_zero", "QEMU's boot loader lies in RAM");
		return;
	}
	for (i = 0; i < machine.nmemory; i++) {
		uint64_t base = machine.memory[i].base, end = base + machine.memory[i].size;
		uint64_t dirt = find_dirt(base, end);

		check("memory_zero", dirt == end, dirt);
	}
}

static void check_hvc(void)
{
	const uint64_t none = (uint64_t)PSCI_NOT_SUPPORTED;
	uint64_t r = (uint64_t)psci_call(PSCI_FN_VERSION, 0, 0, 0);

	check("psci_version", r >= 0x10001 && r < 0x20000, r);
	r = (uint64_t)psci_call(PSCI_FN_FEATURES, PSCI_FN_CPU_ON, 0, 0);
	check("psci_features_cpu_on", r == 0, r);
	r = (uint64_t)psci_call(PSCI_FN_FEATURES, 0x8400ff00, 0, 0);
	check("psci_features_unknown", r == none, r);
	if (machine.conduit != CONDUIT_HVC) {
		check_skip("hvc_unknown", "PSCI is not called by HVC here");
		return;
	}
	r = (uint64_t)smccc_call(CONDUIT_HVC, UNKNOWN_FUNCTION, 0, 0, 0);
	check("hvc_unknown", r == none, r);
	r = hvc_changes(UNKNOWN_FUNCTION);
	check("hvc_unknown_preserves", r == 0, r);
	r = hvc_changes(PSCI_FN_VERSION);
	check("hvc_psci_preserves", r == 0, r);
	r = (uint64_t)smccc_call(CONDUIT_HVC, ROOT_FUNCTION, 0, 0, 0);
	check("hvc_of_root_refused", r == none, r);
	r = (uint64_t)smccc_call(CONDUIT_HVC, SMCCC_FN_VERSION, 0, 0, 0);
	if (bare)
		check_skip("smccc_version", "QEMU's PSCI has none");
	else
		check("smccc_version", r >= 0x10001 && r < 0x20000, r);
}

static void check_smc(void)
{
	struct fault fault;
	uint64_t r;

	fault_expect();
	r = (uint64_t)smccc_call(CONDUIT_SMC, PSCI_FN_VERSION, 0, 0, 0);
	fault = fault_end();
	if (bare && fault.taken) {
		check_skip("smc", "it is undefined on this machine");
		return;
	}
	check("smc_psci_version", !fault.taken && r >= 0x10001 && r < 0x20000, r);
	fault_expect();
	r = (uint64_t)smccc_call(CONDUIT_SMC, UNKNOWN_FUNCTION, 0, 0, 0);
	fault = fault_end();
	check("smc_unknown", !fault.taken && r == (uint64_t)PSCI_NOT_SUPPORTED, r);
}

/*
 * One load in exactly this form; the target holds ones before, so that missing zero extension
 * shows. `reg` is "w" or "x".
 */
#define LOAD(instruction, reg, address)                                          \
	({                                                                       \
		uint64_t value_;                                                 \
		__asm__ volatile("mov %0, #-1\n\t" instruction " %" reg "0, [%1]" \
				 : "=&r"(value_)                                 \
				 : "r"((uint64_t)(address))                      \
				 : "memory");                                    \
		value_;                                                          \
	})

/* One store of the zero register; "w" or "x". */
#define STORE_ZERO(instruction, reg, address)                         \
	__asm__ volatile(instruction " " reg "zr, [%0]"               \
			 :                                            \
			 : "r"((uint64_t)(address))                   \
			 : "memory")

#define CHECK_LOAD(name, instruction, reg, address, expected)              \
	do {                                                               \
		uint64_t got_ = LOAD(instruction, reg, address);           \
		check(name "_" instruction "_" reg, got_ == (expected), got_); \
	} while (0)

/* A byte b with its top bit set, and zeroes behind it up to 32 bits. */
static void check_narrow_uart_loads(void)
{
	uint64_t id = machine.uart.base + 0xffc; /* PCellID3 */

	CHECK_LOAD("uart", "ldr", "w", id, 0xb1);
	CHECK_LOAD("uart", "ldrsw", "x", id, 0xb1);
	CHECK_LOAD("uart", "ldrb", "w", id, 0xb1);
	CHECK_LOAD("uart", "ldrsb", "w", id, 0xffffffb1);
	CHECK_LOAD("uart", "ldrsb", "x", id, 0xffffffffffffffb1);
	CHECK_LOAD("uart", "ldrh", "w", id, 0xb1);
	CHECK_LOAD("uart", "ldrsh", "w", id, 0xb1);
	CHECK_LOAD("uart", "ldrsh", "x", id, 0xb1);
}

static void check_zero_register(void)
{
	uint64_t imsc = machine.uart.base + 0x38, sp_before, sp_after;
	uint32_t old = mmio_read32(imsc), now;

	mmio_write32(imsc, 0x50);
	now = mmio_read32(imsc);
	check("uart_imsc_written", now == 0x50, now);
	STORE_ZERO("str", "w", imsc);
	now = mmio_read32(imsc);
	check("uart_str_wzr", now == 0, now);
	mmio_write32(imsc, 0x50);
	STORE_ZERO("strb", "w", imsc);
	now = mmio_read32(imsc);
	check("uart_strb_wzr", now == 0, now);
	mmio_write32(imsc, old);

	/* Register 31 is the zero register here: a decoder that takes it for SP is seen at once. */
	__asm__ volatile("mov %0, sp\n\tldr wzr, [%2]\n\tmov %1, sp"
			 : "=&r"(sp_before), "=&r"(sp_after)
			 : "r"(machine.uart.base + 0xff4)
			 : "memory");
	check("uart_ldr_wzr", sp_before == sp_after, sp_after);
}

/*
 * The priority byte of the virtual timer's PPI: any size may be used there, and bit 7 can be
 * set.
 */
static void check_gicr_sizes(void)
{
	uint64_t at = cpu_self()->gicr + GICR_SGI_BASE + GICD_IPRIORITYR + machine.timer_virt_intid;
	uint64_t word = at & ~3ULL;
	unsigned int shift = (unsigned int)(at & 3) * 8;
	uint64_t got;

	mmio_write8(at, 0xa0);
	CHECK_LOAD("gicr_priority", "ldrb", "w", at, 0xa0);
	CHECK_LOAD("gicr_priority", "ldrsb", "w", at, 0xffffffa0);
	CHECK_LOAD("gicr_priority", "ldrsb", "x", at, 0xffffffffffffffa0);
	got = LOAD("ldr", "w", word);
	check("gicr_priority_word", got >> 32 == 0 && (got >> shift & 0xff) == 0xa0, got);
	got = LOAD("ldrsw", "x", word);
	check("gicr_priority_ldrsw_x", got == (uint64_t)(int64_t)(int32_t)mmio_read32(word), got);
	STORE_ZERO("strb", "w", at);
	got = LOAD("ldrb", "w", at);
	/* A hypervisor may keep the most urgent one for itself. */
	check("gicr_priority_strb_wzr", got < 0x20, got);
	mmio_write8(at, GIC_PRIORITY);
	got = LOAD("ldr", "x", cpu_self()->gicr + GICR_TYPER);
	check("gicr_typer_ldr_x", got >> 32 == machine.mpidr[0], got);
	CHECK_LOAD("gicr_typer_high", "ldr", "w", cpu_self()->gicr + GICR_TYPER + 4, got >> 32);
	CHECK_LOAD("gicr_typer_low", "ldr", "w", cpu_self()->gicr + GICR_TYPER, got & 0xffffffff);
}

static void check_gicd_sizes(void)
{
	uint64_t gicd = machine.gicd.base, intid = machine.uart_intid, at, got, low, high;

	got = LOAD("ldr", "w", gicd + GICD_PIDR2);
	check("gicd_pidr2_gicv3", (got & ~0xfULL) == 0x30, got);
	CHECK_LOAD("gicd_pidr2", "ldrsw", "x", gicd + GICD_PIDR2, got);
	if (!intid) {
		check_skip("gicd_spi", "the console has no interrupt");
		return;
	}
	at = gicd + GICD_IPRIORITYR + intid;
	mmio_write8(at, 0xa0);
	CHECK_LOAD("gicd_priority", "ldrb", "w", at, 0xa0);
	CHECK_LOAD("gicd_priority", "ldrsb", "x", at, 0xffffffffffffffa0);
	/*
	 * Whole words EL2 has a shorter way for, or two, by the register. Its top byte is ours if that
	 * SPI is: the console's, or as a rule the shutdown's.
	 */
	at |= 3;
	mmio_write8(at, 0xa0);
	__asm__ volatile("ldrsw x5, [%2]\n\tldrsw x20, [%2]\n\tmov %0, x5\n\tmov %1, x20"
			 : "=&r"(low), "=&r"(high)
			 : "r"(at & ~3ULL)
			 : "x5", "x20", "memory");
	got = (uint64_t)(int64_t)(int32_t)mmio_read32(at & ~3ULL);
	check("gicd_priority_ldrsw_x5", low == got, low);
	check("gicd_priority_ldrsw_x20", high == got, high);
	at = gicd + GICD_IROUTER + 8 * intid;
	CHECK_LOAD("gicd_irouter", "ldr", "x", at, machine.mpidr[0]);
	CHECK_LOAD("gicd_irouter_low", "ldr", "w", at, machine.mpidr[0] & 0xffffffff);
	CHECK_LOAD("gicd_irouter_high", "ldr", "w", at + 4, machine.mpidr[0] >> 32);
	STORE_ZERO("str", "x", at);
	CHECK_LOAD("gicd_irouter_str_xzr", "ldr", "x", at, 0UL);
	mmio_write64(at, machine.mpidr[0]);
}

/* One access by `instruction`, whose base register %[base] is moved to `moved`; registers %w[a], %w[b]. */
#define CHECK_MOVED(name, instruction, address, moved)                                         \
	({                                                                                     \
		uint64_t base_ = (address);                                                    \
		__asm__ volatile(instruction                                                   \
				 : [base] "+r"(base_), [a] "+r"(pair[0]), [b] "+r"(pair[1])    \
				 :                                                             \
				 : "memory");                                                  \
		check(name, base_ == (moved), base_ - (address));                              \
	})

/* Tables of level 1 for EL0: the first GiB is Device, the image's is code. */
static uint64_t el0_tables[512] __attribute__((aligned(4096)));

/* Write-back and pairs, of which a hypervisor has to look at the instruction. */
static void check_decoded(void)
{
	uint64_t imsc = machine.uart.base + 0x38, id = machine.uart.base + 0xff0, got;
	uint64_t priorities = cpu_self()->gicr + GICR_SGI_BASE + GICD_IPRIORITYR;
	uint64_t typer = cpu_self()->gicr + GICR_TYPER, pair[2] = { 0, 0 };
	uint32_t old = mmio_read32(imsc), before[2];

	mmio_write32(imsc, 0x50);
	CHECK_MOVED("decoded_str_wzr_pre_moves", "str wzr, [%[base], #16]!", imsc - 16, imsc);
	check("decoded_str_wzr_pre", !mmio_read32(imsc), mmio_read32(imsc));
	pair[0] = 0x10;
	CHECK_MOVED("decoded_strb_post_moves", "strb %w[a], [%[base]], #-8", imsc, imsc - 8);
	check("decoded_strb_post", mmio_read32(imsc) == 0x10, mmio_read32(imsc));
	mmio_write32(imsc, old);

	/* PCellID0 to 3: 0x0d, 0xf0, 0x05, 0xb1. */
	pair[0] = ~0ULL;
	CHECK_MOVED("decoded_ldr_post_moves", "ldr %w[a], [%[base]], #255", id, id + 255);
	check("decoded_ldr_post", pair[0] == 0x0d, pair[0]);
	CHECK_MOVED("decoded_ldrsb_pre_moves", "ldrsb %[a], [%[base], #-4]!", id + 16, id + 12);
	check("decoded_ldrsb_pre", pair[0] == ~0x4eULL, pair[0]);
	CHECK_MOVED("decoded_ldp_moves", "ldp %w[a], %w[b], [%[base], #4]", id, id);
	check("decoded_ldp", pair[0] == 0xf0 && pair[1] == 0x05, pair[0] | pair[1] << 32);
	CHECK_MOVED("decoded_ldpsw_post_moves", "ldpsw %[a], %[b], [%[base]], #16", id, id + 16);
	check("decoded_ldpsw_post", pair[0] == 0x0d && pair[1] == 0xf0, pair[0] | pair[1] << 32);
	got = sp_load(id);
	check("decoded_ldr_sp_post", got == 0x0d, got);

	/* SGIs 0 to 7. */
	before[0] = mmio_read32(priorities);
	before[1] = mmio_read32(priorities + 4);
	pair[0] = 0x8090a0b0;
	pair[1] = 0xc0d0e0f0;
	CHECK_MOVED("decoded_stp_pre_moves", "stp %w[a], %w[b], [%[base], #-8]!", priorities + 8,
		    priorities);
	got = mmio_read32(priorities) | (uint64_t)mmio_read32(priorities + 4) << 32;
	check("decoded_stp_pre", got == 0xc0d0e0f08090a0b0, got);
	CHECK_MOVED("decoded_ldnp_moves", "ldnp %w[a], %w[b], [%[base]]", priorities, priorities);
	check("decoded_ldnp", pair[0] == 0x8090a0b0 && pair[1] == 0xc0d0e0f0, pair[0]);
	pair[0] = before[0];
	pair[1] = before[1];
	CHECK_MOVED("decoded_stp_post_moves", "stp %w[a], %w[b], [%[base]], #252", priorities,
		    priorities + 252);
	check("decoded_stp_post", mmio_read32(priorities + 4) == before[1], before[1]);
	CHECK_MOVED("decoded_ldr_x_pre_moves", "ldr %[a], [%[base], #8]!", typer - 8, typer);
	check("decoded_ldr_x_pre", pair[0] == mmio_read64(typer), pair[0]);

	/* Block of Normal or Device memory, accessed; EL0 may read and write, or read and execute. */
	el0_tables[0] = 1 | 1 << 10 | 1 << 6 | 3ULL << 53;
	el0_tables[(uint64_t)__image_start >> 30] = ((uint64_t)__image_start & ~0x3fffffffULL) | 1 |
						    1 << 10 | 3 << 8 | 3 << 6 | 1 << 2;
	dsb(ish);
	got = el0_pair(id, 0, 0);
	check("decoded_el0_mmu_off", got == 0xf00000000d, got);
	/* T0SZ 25, walks as those of the library's tables. */
	got = el0_pair(id, (uint64_t)el0_tables, (sysreg_read(tcr_el1) & ~0x3fULL) | 25);
	check("decoded_el0", got == 0xf00000000d, got);
}

/* Writes ones to what is not ours in one bank of bits; returns what stuck. */
static uint32_t poke_unowned(uint32_t bank, uint32_t words)
{
	uint32_t stuck = 0, n;

	for (n = 1; n < words; n++) {
		uint64_t at = machine.gicd.base + bank + 4ULL * n;
		uint32_t unowned = ~machine_interrupts(n);

		mmio_write32(at, unowned);
		stuck |= mmio_read32(at) & unowned;
	}
	return stuck;
}

static void check_unowned(void)
{
	uint32_t words = (GIC_INTIDS + 31) / 32; /* beyond those that GICD_TYPER shows, too */
	uint64_t priority = 0, router = 0;
	uint32_t intid, r;

	if (bare) {
		check_skip("unowned", "everything is ours on this machine");
		return;
	}
	r = poke_unowned(GICD_ISENABLER, words);
	check("unowned_isenabler", !r, r);
	r = poke_unowned(GICD_ISPENDR, words);
	check("unowned_ispendr", !r, r);
	r = poke_unowned(GICD_ISACTIVER, words);
	check("unowned_isactiver", !r, r);
	for (intid = 32; intid < GIC_INTIDS; intid++) {
		uint64_t at = machine.gicd.base + GICD_IPRIORITYR + intid;

		if (machine_interrupts(intid / 32) & 1u << (intid % 32))
			continue;
		mmio_write8(at, 0x80);
		priority |= LOAD("ldrb", "w", at);
		at = machine.gicd.base + GICD_IROUTER + 8ULL * intid;
		mmio_write64(at, machine.mpidr[machine.ncpus - 1]);
		router |= mmio_read64(at);
	}
	check("unowned_priority", !priority, priority);
	check("unowned_irouter", !router, router);
}

static void check_gicr_frames(void)
{
	uint64_t at = machine.gicr.base, typer = 0;
	unsigned int n;

	for (n = 0; n < machine.ncpus; n++, at += 0x20000) {
		typer = mmio_read64(at + GICR_TYPER);
		check("gicr_typer_affinity", typer >> 32 == machine.mpidr[n], typer);
		check("gicr_typer_number", (typer >> 8 & 0xffff) == n, typer);
		check("gicr_typer_last", !(typer & GICR_TYPER_LAST) == (n + 1 < machine.ncpus),
		      typer);
		if (!bare)
			check("gicr_typer_no_lpis", !(typer & 1), typer);
	}
	typer = mmio_read32(machine.gicd.base + GICD_TYPER);
	if (!bare) {
		check("gicd_typer_no_lpis", !(typer & 1u << 17), typer);
		check("gicd_typer_last_spi", machine_interrupts(typer & 31) || !(typer & 31),
		      typer);
	}
}

static void check_set_way(void)
{
	static volatile uint64_t pattern[64];
	uint64_t wrong = 0, i;

	for (i = 0; i < 64; i++)
		pattern[i] = i * 0x0101010101010101;
	for (i = 0; i < 16; i++) {
		__asm__ volatile("dc cisw, %0" : : "r"(i << 6) : "memory");
		__asm__ volatile("dc csw, %0" : : "r"(i << 6) : "memory");
	}
	dsb(sy);
	for (i = 0; i < 64; i++)
		wrong |= pattern[i] ^ (i * 0x0101010101010101);
	check("set_way_harmless", !wrong, wrong);
}

static uint32_t sgis_taken;

static void count_sgi(unsigned int intid, void *arg)
{
	(void)intid;
	(void)arg;
	atomic_add(&sgis_taken, 1u);
}

/* Which register a value is in does not matter; nor do bits that are RES0, which go another way. */
static void check_each_register(void)
{
	uint64_t aff = sysreg_read(mpidr_el1), intid = 3 << 24;
	uint64_t self = intid | (aff & 0xff00) << 8 | 1ULL << (aff & 15);

	check("load_by_each", load_by_each(machine.gicd.base + GICD_CTLR), 0);
	irq_install(3, count_sgi, NULL);
	irq_enable(3, true);
	sgi_by_each(self);
	delay_us(1000);
	check("sgi_by_each", atomic_get(&sgis_taken) == 31, sgis_taken);
	sgi_by_each(self | 1ULL << 63);
	delay_us(1000);
	check("sgi_res0_by_each", atomic_get(&sgis_taken) == 62, sgis_taken);
	sgi_by_each(intid | (aff & 0xff00) << 8 | (0xffff & ~(1ULL << (aff & 15))));
	sgi_by_each(intid | 1ULL << 32 | 0xffff);
	sgi_by_each(intid | 1ULL << 44 | 0xffff);
	delay_us(1000);
	check("sgi_to_others", atomic_get(&sgis_taken) == 62, sgis_taken);
	irq_disable(3);
}

/* SGIs that a cell must not send: ignored or undefined, but the inmate goes on. */
static void check_refused_sgis(void)
{
	uint32_t before = atomic_get(&irq_unhandled);

	if (bare) {
		check_skip("refused_sgis", "nobody refuses them on this machine");
		return;
	}
	fault_expect();
	sysreg_write(icc_sgi0r_el1, 15u << 24 | 1u);
	sysreg_write(icc_asgi1r_el1, 15u << 24 | 1u);
	sgi_send(0, 15);
	fault_end();
	delay_us(1000);
	check("refused_sgis", atomic_get(&irq_unhandled) == before, irq_unhandled - before);
}

/*
 * What a cell must not see, as it is not kept apart between owners of a CPU or is EL2's: the field
 * of S3_0_C0_Ccrm_op2 at `shift` is at most that (DDI 0487, D19.2).
 */
static const struct {
	char name[20]; /* no address: the inmate runs anywhere */
	uint8_t crm, op2, shift, most;
} limits[] = {
	{ "pfr0_aarch32_el1", 4, 0, 4, 1 },
	{ "pfr0_el2", 4, 0, 8, 0 },
	{ "pfr0_el3", 4, 0, 12, 0 },
	{ "pfr0_gic", 4, 0, 24, 1 },
	{ "pfr0_ras", 4, 0, 28, 0 },
	{ "pfr0_sve", 4, 0, 32, 0 },
	{ "pfr0_sel2", 4, 0, 36, 0 },
	{ "pfr0_mpam", 4, 0, 40, 0 },
	{ "pfr0_amu", 4, 0, 44, 0 },
	{ "pfr0_rme", 4, 0, 52, 0 },
	{ "pfr0_csv2_scxtnum", 4, 0, 56, 1 },
	{ "pfr1_mte", 4, 1, 8, 0 },
	{ "pfr1_ras_frac", 4, 1, 12, 0 },
	{ "pfr1_mpam_frac", 4, 1, 16, 0 },
	{ "pfr1_sme", 4, 1, 24, 0 },
	{ "pfr1_nmi", 4, 1, 36, 0 },
	{ "pfr1_gcs", 4, 1, 44, 0 },
	{ "dfr0_debug", 5, 0, 0, 6 },
	{ "dfr0_trace", 5, 0, 4, 0 },
	{ "dfr0_spe", 5, 0, 32, 0 },
	{ "dfr0_trace_filter", 5, 0, 40, 0 },
	{ "dfr0_trbe", 5, 0, 44, 0 },
	{ "dfr0_brbe", 5, 0, 52, 0 },
	{ "isar0_tme", 6, 0, 24, 0 },
	{ "isar1_xs", 6, 1, 56, 0 },
	{ "isar1_ls64", 6, 1, 60, 0 },
	{ "isar2_mops", 6, 2, 16, 0 },
	{ "mmfr0_pa_48_bits", 7, 0, 0, 5 },
	{ "mmfr0_fgt", 7, 0, 56, 0 },
	{ "mmfr1_vhe", 7, 1, 8, 0 },
	{ "mmfr1_lo", 7, 1, 16, 0 },
	{ "mmfr1_hcx", 7, 1, 40, 0 },
	{ "mmfr2_nv", 7, 2, 24, 0 },
	{ "mmfr2_fwb", 7, 2, 40, 0 },
};

/* Registers with nothing for a cell, or not allocated. One that has a field above reads otherwise. */
static bool reads_zero(unsigned int crm, unsigned int op2)
{
	return (crm == 4 && op2 > 1) || (crm == 5 && op2 > 0) || (crm == 6 && op2 > 2) ||
	       (crm == 7 && op2 > 2) || (crm == 1 && op2 > 1) || (crm == 3 && op2 > 4);
}

/* Reads of registers that only a hidden feature has: UNDEFINED, whether the CPU has it or not. */
#define CHECK_UNDEFINED(name, reg)                                           \
	do {                                                                 \
		uint64_t got_;                                               \
		fault_expect();                                              \
		got_ = sysreg_read(reg);                                     \
		got_ = fault_end().taken ? 0 : got_ | 1;                     \
		check("undefined_" name, !got_, got_);                       \
	} while (0)

static void check_features(void)
{
	unsigned int i;

	if (bare) {
		check_skip("features", "this machine hides none");
		return;
	}
	for (i = 8; i < 64; i++)
		if (reads_zero(i / 8, i % 8) && id_register(i))
			check("id_register_zero", false, (uint64_t)i << 60 | id_register(i));
	for (i = 0; i < sizeof(limits) / sizeof(limits[0]); i++) {
		uint64_t id = id_register(limits[i].crm * 8u + limits[i].op2);

		check(limits[i].name, (id >> limits[i].shift & 15) <= limits[i].most, id);
	}
	CHECK_UNDEFINED("zcr", S3_0_C1_C2_0);
	CHECK_UNDEFINED("smcr", S3_0_C1_C2_6);
	CHECK_UNDEFINED("smidr", S3_1_C0_C0_6);
	CHECK_UNDEFINED("svcr", S3_3_C4_C2_2);
	CHECK_UNDEFINED("gcr", S3_0_C1_C0_6); /* MTE */
	CHECK_UNDEFINED("gmid", S3_1_C0_C0_4);
	CHECK_UNDEFINED("pmsirr", S3_0_C9_C9_3); /* SPE */
	CHECK_UNDEFINED("pmblimitr", S3_0_C9_C10_0);
	CHECK_UNDEFINED("trblimitr", S3_0_C9_C11_0);
	CHECK_UNDEFINED("brbcr", S2_1_C9_C0_0);
	CHECK_UNDEFINED("mpam1", S3_0_C10_C5_0);
	CHECK_UNDEFINED("mpamidr", S3_0_C10_C4_4);
	CHECK_UNDEFINED("allint", S3_0_C4_C3_0);
	CHECK_UNDEFINED("trfcr", S3_0_C1_C2_1);
	CHECK_UNDEFINED("amcr", S3_3_C13_C2_0);
	CHECK_UNDEFINED("errselr", S3_0_C5_C3_1);
	CHECK_UNDEFINED("lorc", S3_0_C10_C4_3);
	CHECK_UNDEFINED("scxtnum", S3_0_C13_C0_7);
	CHECK_UNDEFINED("tcr2", S3_0_C2_C0_3);
	CHECK_UNDEFINED("pir", S3_0_C10_C2_3);
	CHECK_UNDEFINED("fpmr", S3_3_C4_C4_2);
}

/* All that a cell may know of its CPU; what is not printed is zero. */
static void print_ids(void)
{
	unsigned int n;

	for (n = 8; n < 64; n++)
		if (id_register(n))
			printf("id C%u_%u=0x%lx\n", n / 8, n % 8, id_register(n));
	printf("id end\n");
}

/*
 * More interrupts, pending and active at once, than a CPU interface has room for in list registers:
 * SGIs, and PPIs that no device has. IRQs stay masked; they are taken by hand.
 */
static const unsigned int nested[] = { 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21 };
#define NESTED (sizeof(nested) / sizeof(nested[0]))

static uint64_t private_bits(uint32_t bank)
{
	return cpu_self()->gicr + GICR_SGI_BASE + bank;
}

static void pend_nested(unsigned int intid)
{
	if (intid < 16)
		sgi_send(0, intid);
	else
		mmio_write32(private_bits(GICD_ISPENDR), 1u << intid);
}

/* 0 if the next interrupt, in 50 ms at most, is `expected`; else what it was, and a mark. */
static uint64_t take_wrong(uint64_t expected)
{
	uint64_t end = timer_now() + timer_ticks_us(50000), intid;

	do {
		intid = sysreg_read(icc_iar1_el1) & 0xffffff;
		isb();
	} while (intid == 1023 && expected != 1023 && timer_now() < end);
	dsb(sy);
	return intid == expected ? 0 : 1u << 31 | expected << 16 | intid;
}

static void end_nested(uint64_t intid, bool split)
{
	sysreg_write(icc_eoir1_el1, intid);
	isb();
	if (split)
		sysreg_write(icc_dir_el1, intid);
	isb();
}

/* Pending all at once: by priority, the last of the list first. */
static uint64_t drain(bool split)
{
	uint64_t wrong = 0;
	unsigned int i;

	for (i = NESTED; i-- && !wrong;) {
		wrong = take_wrong(nested[i]);
		end_nested(nested[i], split);
	}
	return wrong ? wrong : take_wrong(1023);
}

static void check_nesting(void)
{
	uint64_t daif = irq_save(), wrong = 0;
	uint32_t all = 0;
	unsigned int i;

	for (i = 0; i < NESTED; i++) {
		irq_enable(nested[i], true);
		irq_set_priority(nested[i], (uint8_t)(0xe0 - 0x10 * i));
		all |= 1u << nested[i];
	}
	for (i = 0; i < NESTED; i++)
		pend_nested(nested[i]);
	check("nested_pending_read", mmio_read32(private_bits(GICD_ISPENDR)) == all,
	      mmio_read32(private_bits(GICD_ISPENDR)));
	wrong = drain(false);
	check("nested_order", !wrong, wrong);

	/* Each interrupts the one before, and all come again while they are active. */
	for (i = 0; i < NESTED && !wrong; i++) {
		pend_nested(nested[i]);
		wrong = take_wrong(nested[i]);
	}
	check("nested_active_read", mmio_read32(private_bits(GICD_ISACTIVER)) == all,
	      mmio_read32(private_bits(GICD_ISACTIVER)));
	for (i = 0; i < NESTED; i++)
		pend_nested(nested[i]);
	wrong = wrong ? wrong : take_wrong(1023);
	for (i = NESTED; i-- && !wrong;) {
		end_nested(nested[i], false);
		wrong = take_wrong(nested[i]);
		end_nested(nested[i], false);
	}
	check("nested_again", !wrong, wrong);

	/* EOImode 1: their priorities dropped, all are active at once, and end in another order. */
	sysreg_write(icc_ctlr_el1, 2);
	isb();
	for (i = 0; i < NESTED && !wrong; i++) {
		pend_nested(nested[i]);
		wrong = take_wrong(nested[i]);
		sysreg_write(icc_eoir1_el1, nested[i]);
		isb();
	}
	for (i = 0; i < NESTED; i++)
		pend_nested(nested[i]);
	wrong = wrong ? wrong : take_wrong(1023);
	for (i = 0; i < NESTED && !wrong; i++) {
		sysreg_write(icc_dir_el1, nested[i]);
		isb();
		wrong = take_wrong(nested[i]);
		end_nested(nested[i], true);
	}
	check("nested_split", !wrong, wrong);
	sysreg_write(icc_ctlr_el1, 0);
	isb();

	/* Disabled they wait, and are there again; cleared they are not. */
	for (i = 0; i < NESTED; i++)
		pend_nested(nested[i]);
	mmio_write32(private_bits(GICD_ICENABLER), all);
	while (mmio_read32(cpu_self()->gicr) & 8) /* GICR_CTLR.RWP */
		;
	wrong = wrong ? wrong : take_wrong(1023);
	mmio_write32(private_bits(GICD_ISENABLER), all);
	wrong = wrong ? wrong : drain(false);
	check("nested_disabled", !wrong, wrong);
	for (i = 0; i < NESTED; i++)
		pend_nested(nested[i]);
	mmio_write32(private_bits(GICD_ICPENDR), all);
	wrong = wrong ? wrong : take_wrong(1023);
	check("nested_cleared", !wrong, wrong);
	for (i = 0; i < NESTED; i++)
		irq_disable(nested[i]);
	irq_restore(daif);
}

static bool note_step(struct frame *frame)
{
	frame->x[1] = frame->elr;
	sysreg_write(mdscr_el1, 0);
	isb();
	return true;
}

static void check_step(const char *name, uint64_t far)
{
	check(name, !far, far);
}

/* A debugger that steps over what traps stops behind it, not one further; short ways and long ones. */
static void check_steps(void)
{
	uint64_t gicd = machine.gicd.base;

	exception_install(EC_STEP, note_step);
	check_step("step_nop", step_nop(0));
	check_step("step_load", step_load(gicd + GICD_CTLR));
	check_step("step_load_high", step_load_high(gicd + GICD_CTLR));
	check_step("step_load_typer", step_load(gicd + GICD_TYPER));
	check_step("step_store", step_store(gicd + GICD_ISENABLER + 4));
	check_step("step_sgi", step_sgi(0));
	check_step("step_sysreg", step_sysreg(0));
	if (bare)
		check_skip("step_smc", "an SMC is undefined here");
	else
		check_step("step_smc", step_smc(PSCI_FN_VERSION));
	exception_install(EC_STEP, NULL);
}

void inmate_main(void)
{
	struct line line;

	bare = on_bare_qemu();
	printf("\narch: cpu=%u of %u%s\n", cpu_number(), machine.ncpus, bare ? " (bare QEMU)" : "");
	check_cpus();
	check_memory();
	check_hvc();
	check_smc();
	check_narrow_uart_loads();
	check_zero_register();
	check_gicr_sizes();
	check_gicd_sizes();
	check_decoded();
	check_unowned();
	check_gicr_frames();
	check_set_way();
	check_each_register();
	check_refused_sgis();
	check_nesting();
	check_steps();
	check_features();
	check_done();
	for (;;) {
		line_read(&line, "arch> ");
		if (line_after(line.text, "ids"))
			print_ids();
		else if (line.length && !line_common(line.text))
			printf("unknown: %s\n", line.text);
	}
}
