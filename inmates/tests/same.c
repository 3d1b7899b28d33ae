// SPDX-License-Identifier: GPL-2.0-only
/*
 * Is each start of a cell like its first one? same_asm.S keeps what the CPU has in its registers
 * when it enters, same_digest() condenses it, all memory and the devices, before anything else is
 * written; inmate_main() prints that. On command everything is made dirty, and the cell ends. For
 * cells of two CPUs and 16 MiB at 0x40000000 with the usual devices.
 */
#include "inmate.h"
#include "same.h"

#define RAM_BASE 0x40000000ULL
#define RAM_SIZE 0x1000000ULL
#define GICD 0x08000000ULL
#define GICR(cpu) (0x080a0000ULL + 0x20000ULL * (cpu))
#define GICR_PRIVATE(cpu) (GICR(cpu) + GICR_SGI_BASE)
#define UART 0x09000000ULL
#define GICD_ISACTIVER 0x0300u
#define GENERAL 32 /* x0..x30, SP */

static const char names[][20] = {
#define X(name) #name,
	SAME_REGISTERS(X)
#undef X
};

#define SYSTEM (sizeof(names) / sizeof(names[0]))

struct digest {
	uint32_t count; /* of the values that were kept */
	uint64_t registers, gic, memory, uart;
};

/* Not in bss, which start.S clears; the stack, with the MMU off, is the end of it. */
struct area {
	uint64_t value[GENERAL + SYSTEM + 64 + 2 + 10];
	struct digest digest;
	uint8_t stack[0x1000];
};

union same_area {
	struct area area;
	uint8_t bytes[SAME_AREA];
};

extern union same_area same_areas[2];
union same_area same_areas[2] __attribute__((section(".noinit"), aligned(4096)));

void same_digest(uint64_t *values, uint64_t *end);
void same_second(void);
void same_dirty_text(uint64_t at);
void same_dirty_registers(void);

extern char __image_start[], __image_end[];

/* FNV-1a, by 64-bit words. */
static void add(uint64_t *digest, uint64_t word)
{
	*digest = (*digest ^ word) * 0x100000001b3;
}

static uint64_t of_registers(const struct area *a)
{
	uint64_t digest = 0;
	uint32_t i;

	for (i = 0; i < a->digest.count; i++)
		add(&digest, a->value[i]);
	return digest;
}

static uint64_t of_words(uint64_t digest, uint64_t at, uint32_t words)
{
	for (; words--; at += 4)
		add(&digest, mmio_read32(at));
	return digest;
}

/* This CPU's interrupts; by the first CPU, the shared ones too. */
static uint64_t of_gic(unsigned int cpu)
{
	static const uint16_t banks[] = { GICD_IGROUPR, GICD_ISENABLER, GICD_ISPENDR, GICD_ISACTIVER };
	uint64_t digest = of_words(0, GICR(cpu), 6);
	uint32_t n, i;

	for (i = 0; i < sizeof(banks) / sizeof(banks[0]); i++) {
		digest = of_words(digest, GICR_PRIVATE(cpu) + banks[i], 1);
		digest = cpu ? digest : of_words(digest, GICD + banks[i], 32);
	}
	digest = of_words(digest, GICR_PRIVATE(cpu) + GICD_IPRIORITYR, 8);
	digest = of_words(digest, GICR_PRIVATE(cpu) + GICD_ICFGR, 2);
	if (cpu)
		return digest;
	digest = of_words(digest, GICD + GICD_CTLR, 2);
	digest = of_words(digest, GICD + GICD_IPRIORITYR, 255);
	digest = of_words(digest, GICD + GICD_ICFGR, 64);
	for (n = 32; n < GIC_INTIDS; n++)
		add(&digest, mmio_read64(GICD + GICD_IROUTER + 8ULL * n));
	return digest;
}

/* All of it but our own areas. */
static uint64_t of_memory(void)
{
	uint64_t digest = 0, at;

	for (at = RAM_BASE; at < RAM_BASE + RAM_SIZE; at += 8)
		if (at < (uint64_t)same_areas || at >= (uint64_t)(same_areas + 2))
			add(&digest, *(const volatile uint64_t *)at);
	return digest;
}

/* With the MMU off, on a stack in the area. */
void same_digest(uint64_t *values, uint64_t *end)
{
	struct area *a = (struct area *)values;
	unsigned int cpu = values != same_areas[0].area.value;

	a->digest.count = (uint32_t)(end - values);
	a->digest.registers = of_registers(a);
	a->digest.gic = of_gic(cpu);
	if (cpu)
		return;
	a->digest.memory = of_memory();
	a->digest.uart = of_words(0, UART + 0x24, 6); /* IBRD to IMSC */
}

/* To memory, and out of the caches: the other CPU writes and we read past them. */
static void clean(const union same_area *area)
{
	uint64_t at;

	for (at = (uint64_t)area; at < (uint64_t)(area + 1); at += 16)
		__asm__ volatile("dc civac, %0" : : "r"(at) : "memory");
	dsb(sy);
}

static void show_cpu(unsigned int cpu)
{
	const struct area *a = &same_areas[cpu].area;
	uint32_t i;

	for (i = 0; i < a->digest.count; i++) {
		if (!a->value[i])
			continue;
		if (i < GENERAL)
			printf("cpu %u x%u = 0x%lx\n", cpu, i, a->value[i]);
		else if (i < GENERAL + SYSTEM)
			printf("cpu %u %s = 0x%lx\n", cpu, names[i - GENERAL], a->value[i]);
		else
			printf("cpu %u value %u = 0x%lx\n", cpu, i, a->value[i]);
	}
	printf("cpu %u registers=%lu\ncpu %u gic=%lu\n", cpu, a->digest.registers, cpu,
	       a->digest.gic);
}

static void show(void)
{
	show_cpu(0);
	show_cpu(1);
	printf("uart=%lu\nmemory=%lu\n", same_areas[0].area.digest.uart,
	       same_areas[0].area.digest.memory);
}

static void dirty_gic(unsigned int cpu)
{
	uint64_t frame = GICR_PRIVATE(cpu);
	uint32_t n;

	for (n = 0; n < 32; n += 4) {
		mmio_write32(frame + GICD_IPRIORITYR + n, 0x50505050);
		mmio_write32(GICD + GICD_IPRIORITYR + 224 + n, 0x50505050);
	}
	mmio_write32(frame + GICD_ICFGR + 4, ~0u);
	for (n = 32; n < GIC_INTIDS; n++) {
		mmio_write64(GICD + GICD_IROUTER + 8ULL * n, 1);
		mmio_write32(GICD + GICD_ICFGR + n / 16 * 4, ~0u);
		mmio_write32(GICD + GICD_ISENABLER + n / 32 * 4, ~0u);
		mmio_write32(GICD + GICD_ISPENDR + n / 32 * 4, ~0u);
	}
	mmio_write32(frame + GICD_ISENABLER, ~0u);
	mmio_write32(frame + GICD_ISPENDR, ~0u);
	mmio_write32(frame + GICD_ISACTIVER, 1u << 27);
}

static void spin(void) __attribute__((noreturn));
static void spin(void)
{
	for (;;)
		__asm__ volatile("" : : : "memory");
}

/* EL1's interrupts are masked: whatever comes now stays. */
static void dirty_cpu(void)
{
	irq_save();
	dirty_gic(cpu_number());
	same_dirty_registers();
}

static uint32_t second_is_dirty;

static void dirty_second(void *arg)
{
	(void)arg;
	dirty_cpu();
	atomic_set(&second_is_dirty, 1U);
	spin();
}

static void dirty(void)
{
	uint64_t at;

	if (cpu_start(1, dirty_second, NULL))
		printf("same: no second CPU\n");
	while (!atomic_get(&second_is_dirty))
		cpu_yield();
	for (at = RAM_BASE; at < RAM_BASE + RAM_SIZE; at += 8)
		if (at < (uint64_t)__image_start || at >= (uint64_t)__image_end)
			*(volatile uint64_t *)at = ~at;
	same_dirty_text((uint64_t)__image_start);
	mmio_write32(UART + 0x24, 0x12);
	mmio_write32(UART + 0x38, 0x50);
	dirty_cpu();
}

static void command(const char *text)
{
	const char *way = line_after(text, "dirty");

	if (line_after(text, "show")) {
		show();
		return;
	}
	if (!way) {
		if (*text && !line_common(text))
			printf("unknown: %s\n", text);
		return;
	}
	printf("dirty, then %s\n", way);
	if (!strcmp(way, "watchdog"))
		watchdog_set_timeout(1);
	watchdog_enable(!strcmp(way, "watchdog"));
	dirty();
	if (!strcmp(way, "reset"))
		psci_system_reset();
	if (!strcmp(way, "off"))
		psci_system_off();
	if (!strcmp(way, "fault"))
		mmio_write32(0x60000000, 1);
	spin();
}

void inmate_main(void)
{
	struct line line;

	watchdog_enable(false);
	clean(&same_areas[1]);
	if (machine.ncpus != 2 || psci_cpu_on(machine.mpidr[1], (uint64_t)same_second, 0) ||
	    !cpu_wait_off(1, 10000000))
		printf("same: no second CPU\n");
	clean(&same_areas[1]);
	printf("\nsame: lines: show, dirty reset|off|fault|watchdog|spin\n");
	for (;;) {
		line_read(&line, "same> ");
		command(line.text);
	}
}
