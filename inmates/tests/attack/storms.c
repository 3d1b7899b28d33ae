// SPDX-License-Identifier: GPL-2.0-only
/* Many at once: SGIs, exits, console output; CPUs that come and go; a CPU whose tables are garbage. */
#include "attack.h"

#define STORM_SGI 3

extern char __image_start[];

static uint32_t storm_taken;
static bool stop;

static void sgi_taken(unsigned int intid, void *arg)
{
	(void)intid;
	(void)arg;
	atomic_add(&storm_taken, 1u);
}

static void storm(uint64_t dice)
{
	uint64_t x[4] = { 0x86001234 };

	switch (dice & 7) {
	case 0:
		sgi_broadcast(STORM_SGI);
		break;
	case 1:
		sgi_send(0, STORM_SGI);
		break;
	case 2:
		/* To whichever CPU, in whichever cluster, and EL2's own INTID among them. */
		sysreg_write(icc_sgi1r_el1, dice);
		isb();
		break;
	case 3:
		mmio_read32(machine.gicd.base + 4);
		break;
	case 4:
		mmio_write32(machine.gicd.base + 0x184, (uint32_t)(dice >> 8));
		break;
	case 5:
		smccc(CONDUIT_HVC, x);
		break;
	case 6:
		psci_affinity_info(dice >> 8 & 3);
		break;
	default:
		__asm__ volatile("dc cisw, %0" : : "r"(dice & 0xfffffffe) : "memory");
		break;
	}
}

static void other_storm(void *arg)
{
	uint64_t dice = *(uint64_t *)arg;

	irq_enable(STORM_SGI, true);
	while (!atomic_get(&stop)) {
		dice = dice * 6364136223846793005 + 1442695040888963407;
		storm(dice >> 16);
	}
}

/* CPU 1, if there is one, storms too. */
void attack_storm(struct tally *tally, const char *rest)
{
	uint64_t seed = rnd(), rounds = number(rest, 1000);

	storm_taken = 0;
	atomic_set(&stop, false);
	irq_install(STORM_SGI, sgi_taken, NULL);
	irq_enable(STORM_SGI, true);
	if (machine.ncpus > 1 && cpu_start(1, other_storm, &seed))
		tally->wrong++;
	for (uint64_t n = 0; n < rounds; n++) {
		storm(rnd());
		if (n % 64 == 0)
			printf("%016lx%016lx%016lx\n", rnd(), rnd(), rnd());
		tally->done++;
	}
	atomic_set(&stop, true);
	if (machine.ncpus > 1 && !cpu_wait_off(1, 10000000))
		tally->wrong++;
	irq_disable(STORM_SGI);
	if (!atomic_get(&storm_taken))
		tally->wrong++;
	repair();
}

static void come_and_go(void *arg)
{
	uint64_t spins = *(uint64_t *)arg;

	/* No YIELD, upon which an emulator lets others have their whole turn. */
	while (spins--)
		__asm__ volatile("");
}

/* CPU_ON for CPUs that are on, coming or going, or are not there: each answer must be one of PSCI's. */
void attack_cpus(struct tally *tally, const char *rest)
{
	static uint64_t spins;

	for (uint64_t n = number(rest, 1000); n; n--) {
		uint64_t dice = rnd();
		int64_t result;

		spins = dice >> 48 & 0x3ff;
		if (machine.ncpus > 1 && !(dice & 7))
			tally->wrong += cpu_start(1, come_and_go, &spins) != 0;
		result = dice & 8 ? psci_affinity_info(dice & 16 ? dice >> 8 : 1) :
				    psci_cpu_on(dice & 16 ? dice | 0x100 : 0, dice, 0);
		if (result < -9 || result > 2)
			tally->wrong++;
		if (!(dice & 8) && !result)
			tally->wrong++;
		if (machine.ncpus > 1 && !(dice & 7))
			tally->wrong += !cpu_wait_off(1, 10000000);
		tally->done++;
	}
}

static uint64_t garbage_words[7];

/*
 * CPU 1 translates by random tables, or by tables that lie in devices and nowhere, and is not seen
 * again: destroying the cell has to end it.
 */
void attack_tables(struct tally *tally, const char *rest)
{
	const uint64_t places[] = { ARENA_DATA, machine.gicd.base, machine.uart.base & ~0xfffULL,
				    0x200000000, rnd() & 0xffffffffff000 };
	volatile uint64_t *data = (volatile uint64_t *)ARENA_DATA;

	(void)rest;
	for (unsigned int i = 0; i < 0x10000; i++)
		data[i] = rnd() & 1 ? rnd() : (ARENA_DATA + (rnd() & 0x7f000)) | 3;
	garbage_words[0] = places[rnd() % 5];
	garbage_words[1] = places[rnd() % 5];
	garbage_words[2] = rnd() & 1 ? rnd() : sysreg_read(tcr_el1);
	garbage_words[3] = rnd();
	garbage_words[4] = places[rnd() % 5] & ~0x7ffULL;
	garbage_words[5] = 0x30d00801 | (rnd() & 0x1004);
	garbage_words[6] = rnd() & 1 ? rnd() & ~3ULL : (uint64_t)__image_start;
	/* It starts with its caches off. */
	__asm__ volatile("dc civac, %0\n\tdsb sy" : : "r"(garbage_words) : "memory");
	if (machine.ncpus < 2 || psci_cpu_on(machine.mpidr[1], (uint64_t)garbage_entry,
					     (uint64_t)garbage_words))
		tally->wrong++;
	else
		tally->done++;
}
