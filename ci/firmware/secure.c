// SPDX-License-Identifier: GPL-2.0-only
/*
 * Firmware for the CPUs of QEMU virt with secure=on, virtualization=on, up to 16. It leaves Linux
 * the machine as Trusted Firmware-A leaves it on boards: two security states in the GIC
 * (GICD_CTLR.DS = 0), SGIs 8 to 15 and the secure timer's PPI 29 kept in the secure groups, FIQs
 * taken to EL3, PSCI by SMC, Linux started in EL2. hardware.py builds it, puts it into the flash at
 * 0, which all CPUs start from, and the kernel and its device tree where it wants them.
 *
 * The MMU stays off: all data is Device memory, in the secure RAM, and CPUs see each other's
 * stores. What no firmware expects, such as an access to Group 0's registers, which traps here,
 * ends the test.
 *
 * Registers: GICv3 (IHI 0069) chapter 12; functions: PSCI (DEN0022), SMCCC (DEN0028).
 */
#include <stdint.h>

#define KERNEL 0x40200000
#define TREE 0x48000000

#define CPUS 16
#define BIT(n) (1u << (n))

#define SCR_NS BIT(0)
#define SCR_FIQ BIT(2)
#define SCR_RES1 (3u << 4)
#define SCR_HCE BIT(8)
#define SCR_RW BIT(10)
#define SCR_PAUTH (3u << 16) /* keys and instructions are nobody's to trap */

#define GICD 0x08000000ull
#define GICD_CTLR 0x0
#define GICD_CTLR_GRP0 BIT(0)
#define GICD_CTLR_GRP1S BIT(2)
#define GICD_CTLR_ARE (3u << 4) /* of both states */
#define GICD_CTLR_RWP BIT(31)
#define GICD_TYPER 0x4
#define GICD_IGROUPR 0x80

#define GICR(cpu) (0x080a0000ull + (cpu)*0x20000ull)
#define GICR_CTLR 0x0
#define GICR_CTLR_RWP BIT(3)
#define GICR_WAKER 0x14
#define GICR_WAKER_PROCESSOR_SLEEP BIT(1)
#define GICR_WAKER_CHILDREN_ASLEEP BIT(2)
#define GICR_IGROUPR0 0x10080
#define GICR_ISENABLER0 0x10100
#define GICR_ICENABLER0 0x10180
#define GICR_IPRIORITYR 0x10400
#define GICR_IGRPMODR0 0x10d00

#define ICC_PMR_EL1 "s3_0_c4_c6_0"
#define ICC_IAR0_EL1 "s3_0_c12_c8_0"
#define ICC_EOIR0_EL1 "s3_0_c12_c8_1"
#define ICC_SGI0R_EL1 "s3_0_c12_c11_7"
#define ICC_IGRPEN0_EL1 "s3_0_c12_c12_6"
#define ICC_SRE_EL1 "s3_0_c12_c12_5"
#define ICC_SRE_EL2 "s3_4_c12_c9_5"
#define ICC_SRE_EL3 "s3_6_c12_c12_5"
#define ICC_IGRPEN1_EL3 "s3_6_c12_c12_7"
#define ICC_SRE_ALL 0xf

#define WAKE_SGI 8 /* Group 0: ours alone; the other secure ones are Secure Group 1 */
#define SECURE (0xff00u | BIT(29))
#define PRIORITY_SECURE 0x00
#define PRIORITY_REST 0xd0 /* seen as 0xa0 by the Non-secure state */
#define PMR_SECURE 0x80	   /* nothing of the Non-secure state's passes */

#define UART 0x09000000ull
#define SECURE_GPIO 0x090b0000ull /* a PL061: pin 0 switches off, pin 1 resets */
#define GPIO_DIR 0x400

enum {
	SMCCC_VERSION = 0x80000000u,
	SMCCC_ARCH_FEATURES = 0x80000001u,
	PSCI_VERSION = 0x84000000u,
	PSCI_CPU_SUSPEND,
	PSCI_CPU_OFF,
	PSCI_CPU_ON,
	PSCI_AFFINITY_INFO,
	PSCI_MIGRATE_INFO_TYPE = 0x84000006u,
	PSCI_SYSTEM_OFF = 0x84000008u,
	PSCI_SYSTEM_RESET,
	PSCI_FEATURES,
	SMC64 = 0x40000000u,
};

#define PSCI_1_1 0x10001
#define SMCCC_1_1 0x10001
#define PSCI_POWER_DOWN BIT(16)
#define SUCCESS 0
#define NOT_SUPPORTED (-1)
#define INVALID_PARAMETERS (-2)
#define ALREADY_ON (-4)
#define ON_PENDING (-5)
#define NO_MIGRATION 2

/* Values of AFFINITY_INFO. */
enum state { CPU_ON, CPU_OFF, CPU_PENDING };

static volatile struct {
	uint64_t state, pc, x0;
} cpus[CPUS];
static volatile uint64_t ready; /* the distributor, and cpus[] */

struct stack {
	char bytes[4096];
} __attribute__((aligned(16))) stacks[CPUS]; /* secure.S */

void cpu_reset(void);
int64_t smc(uint64_t id, uint64_t a, uint64_t b, uint64_t c);
void fatal(uint64_t esr, uint64_t elr);
void enter(uint64_t pc, uint64_t x0) __attribute__((noreturn));

#define read_sysreg(name)                                             \
	({                                                            \
		uint64_t value_;                                      \
		__asm__ volatile("mrs %0, " name : "=r"(value_));     \
		value_;                                               \
	})
#define write_sysreg(name, value) \
	__asm__ volatile("msr " name ", %0\n\tisb" : : "r"((uint64_t)(value)) : "memory")

static uint32_t read32(uint64_t address)
{
	return *(volatile uint32_t *)address;
}

static void write32(uint64_t address, uint32_t value)
{
	*(volatile uint32_t *)address = value;
}

static uint64_t this_cpu(void)
{
	return read_sysreg("mpidr_el1") & 0xff;
}

static void __attribute__((noreturn)) pin(uint32_t n)
{
	write32(SECURE_GPIO + GPIO_DIR, BIT(n));
	write32(SECURE_GPIO + (BIT(n) << 2), BIT(n));
	for (;;)
		__asm__ volatile("wfi");
}

static void print(const char *text, uint64_t number)
{
	while (*text)
		write32(UART, (uint8_t)*text++);
	for (int shift = 60; shift >= 0; shift -= 4)
		write32(UART, (uint8_t)"0123456789abcdef"[number >> shift & 15]);
}

void fatal(uint64_t esr, uint64_t elr)
{
	print("\r\nfirmware: exception, ESR_EL3 ", esr);
	print(" at ", elr);
	print(" on CPU ", this_cpu());
	pin(0);
}

static void gicd_wait(void)
{
	while (read32(GICD + GICD_CTLR) & GICD_CTLR_RWP)
		;
}

static void gicd_setup(void)
{
	uint32_t words = (read32(GICD + GICD_TYPER) & 31) + 1;

	write32(GICD + GICD_CTLR, 0);
	gicd_wait();
	write32(GICD + GICD_CTLR, GICD_CTLR_ARE);
	gicd_wait();
	for (uint32_t n = 1; n < words; n++)
		write32(GICD + GICD_IGROUPR + 4 * n, ~0u);
	write32(GICD + GICD_CTLR, GICD_CTLR_ARE | GICD_CTLR_GRP0 | GICD_CTLR_GRP1S);
	gicd_wait();
}

/* At each power-up, whatever the Non-secure state has made of the private interrupts meanwhile. */
static void gicr_setup(uint64_t cpu)
{
	uint64_t gicr = GICR(cpu);

	write32(gicr + GICR_WAKER, read32(gicr + GICR_WAKER) & ~GICR_WAKER_PROCESSOR_SLEEP);
	while (read32(gicr + GICR_WAKER) & GICR_WAKER_CHILDREN_ASLEEP)
		;
	write32(gicr + GICR_ICENABLER0, ~0u);
	while (read32(gicr + GICR_CTLR) & GICR_CTLR_RWP)
		;
	write32(gicr + GICR_IGROUPR0, ~SECURE);
	write32(gicr + GICR_IGRPMODR0, SECURE & ~BIT(WAKE_SGI));
	for (uint32_t n = 0; n < 32; n++)
		*(volatile uint8_t *)(gicr + GICR_IPRIORITYR + n) =
			SECURE & BIT(n) ? PRIORITY_SECURE : PRIORITY_REST;
	write32(gicr + GICR_ISENABLER0, SECURE);
}

/* The secure state's first: ICC_SRE_EL1 is banked by SCR_EL3.NS. */
static void icc_setup(void)
{
	write_sysreg(ICC_SRE_EL3, ICC_SRE_ALL);
	write_sysreg(ICC_SRE_EL1, ICC_SRE_ALL);
	write_sysreg("scr_el3", SCR_NS | SCR_FIQ | SCR_RES1 | SCR_HCE | SCR_RW | SCR_PAUTH);
	write_sysreg(ICC_SRE_EL2, ICC_SRE_ALL);
	write_sysreg(ICC_SRE_EL1, ICC_SRE_ALL);
	write_sysreg(ICC_IGRPEN0_EL1, 1);
	write_sysreg(ICC_IGRPEN1_EL3, read_sysreg(ICC_IGRPEN1_EL3) | 2);
}

/* What CPU_OFF means here: a sleep that CPU_ON's SGI alone ends. */
static void __attribute__((noreturn)) sleep_until_on(uint64_t cpu)
{
	write_sysreg(ICC_PMR_EL1, PMR_SECURE);
	while (cpus[cpu].state != CPU_PENDING) {
		__asm__ volatile("dsb sy\n\twfi" : : : "memory");
		write_sysreg(ICC_EOIR0_EL1, read_sysreg(ICC_IAR0_EL1));
	}
	gicr_setup(cpu);
	write_sysreg(ICC_PMR_EL1, 0xff);
	cpus[cpu].state = CPU_ON;
	enter(cpus[cpu].pc, cpus[cpu].x0);
}

void cpu_reset(void)
{
	uint64_t cpu = this_cpu();

	if (cpu == 0) {
		gicd_setup();
		for (uint32_t n = 1; n < CPUS; n++)
			cpus[n].state = CPU_OFF;
		ready = 1;
	}
	while (!ready)
		__asm__ volatile("yield");
	icc_setup();
	gicr_setup(cpu);
	if (cpu)
		sleep_until_on(cpu);
	write_sysreg(ICC_PMR_EL1, 0xff);
	enter(KERNEL, TREE);
}

static int64_t cpu_on(uint64_t mpidr, uint64_t pc, uint64_t x0)
{
	if (mpidr >= CPUS)
		return INVALID_PARAMETERS;
	if (cpus[mpidr].state != CPU_OFF)
		return cpus[mpidr].state == CPU_ON ? ALREADY_ON : ON_PENDING;
	cpus[mpidr].pc = pc;
	cpus[mpidr].x0 = x0;
	cpus[mpidr].state = CPU_PENDING;
	__asm__ volatile("dsb sy" : : : "memory");
	write_sysreg(ICC_SGI0R_EL1, (uint64_t)WAKE_SGI << 24 | BIT(mpidr));
	return SUCCESS;
}

/* Those that exist; they have no flags. */
static int64_t features(uint32_t id)
{
	switch (id) {
	case SMCCC_VERSION:
	case PSCI_VERSION:
	case PSCI_CPU_SUSPEND:
	case PSCI_CPU_SUSPEND | SMC64:
	case PSCI_CPU_OFF:
	case PSCI_CPU_ON:
	case PSCI_CPU_ON | SMC64:
	case PSCI_AFFINITY_INFO:
	case PSCI_AFFINITY_INFO | SMC64:
	case PSCI_MIGRATE_INFO_TYPE:
	case PSCI_SYSTEM_OFF:
	case PSCI_SYSTEM_RESET:
	case PSCI_FEATURES:
		return SUCCESS;
	default:
		return NOT_SUPPORTED;
	}
}

int64_t smc(uint64_t id, uint64_t a, uint64_t b, uint64_t c)
{
	switch ((uint32_t)id) {
	case SMCCC_VERSION:
		return SMCCC_1_1;
	case SMCCC_ARCH_FEATURES:
		return (uint32_t)a == SMCCC_VERSION || (uint32_t)a == SMCCC_ARCH_FEATURES ?
			       SUCCESS :
			       NOT_SUPPORTED;
	case PSCI_VERSION:
		return PSCI_1_1;
	case PSCI_CPU_SUSPEND:
	case PSCI_CPU_SUSPEND | SMC64:
		if (a & PSCI_POWER_DOWN)
			return INVALID_PARAMETERS;
		__asm__ volatile("dsb sy\n\twfi" : : : "memory");
		return SUCCESS;
	case PSCI_CPU_OFF:
		cpus[this_cpu()].state = CPU_OFF;
		sleep_until_on(this_cpu());
	case PSCI_CPU_ON:
	case PSCI_CPU_ON | SMC64:
		return cpu_on(a, b, c);
	case PSCI_AFFINITY_INFO:
	case PSCI_AFFINITY_INFO | SMC64:
		return a < CPUS && !b ? (int64_t)cpus[a].state : INVALID_PARAMETERS;
	case PSCI_MIGRATE_INFO_TYPE:
		return NO_MIGRATION;
	case PSCI_SYSTEM_OFF:
		pin(0);
	case PSCI_SYSTEM_RESET:
		pin(1);
	case PSCI_FEATURES:
		return features((uint32_t)a);
	default:
		return NOT_SUPPORTED;
	}
}
