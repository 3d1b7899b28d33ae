// SPDX-License-Identifier: GPL-2.0-only
/*
 * Accesses to what EL2 emulates (distributor, redistributors, console): at random, and to every
 * offset by every width. None may abort, and nothing shows of interrupts that are not the cell's.
 */
#include "attack.h"

#define PAGE 0x1000u
#define FRAME 0x10000u
#define STRANGE_MAX 16

/* Of the distributor's interrupts those that the device tree gives to somebody, INTID by INTID. */
static uint32_t own[32];

static uint8_t own_bits(uint32_t first, uint32_t width)
{
	uint32_t bits = 0;

	for (uint32_t i = 0; i < 8 / width; i++)
		if (own[(first + i) / 32] >> (first + i) % 32 & 1)
			bits |= ((1u << width) - 1) << i * width;
	return (uint8_t)bits;
}

/* Which bits of a byte of the distributor may read as one (IHI 0069, 12.9). */
static uint8_t visible_gicd(uint32_t at)
{
	if (at < GICD_IGROUPR || at >= 0xffd0) /* control, type; identification */
		return 0xff;
	if (at < GICD_IPRIORITYR)
		return own_bits(at % 0x80 * 8, 1);
	if (at < GICD_IPRIORITYR + 0x400)
		return own_bits(at - GICD_IPRIORITYR, 8);
	if (at >= GICD_ICFGR && at < GICD_ICFGR + 0x100)
		return own_bits((at - GICD_ICFGR) * 4, 2);
	if (at >= GICD_IROUTER && at < GICD_IROUTER + 8 * GIC_INTIDS)
		return own_bits((at - GICD_IROUTER) / 8, 8);
	return 0;
}

/* The same of the two frames of a redistributor (12.11), whose interrupts are all the cell's. */
static uint8_t visible_gicr(uint32_t at)
{
	if (at < GICR_SGI_BASE)
		return at < 0x18 || at >= 0xffd0 ? 0xff : 0;
	at -= GICR_SGI_BASE;
	if (at < GICD_IPRIORITYR)
		return at >= GICD_IGROUPR && at % 0x80 < 4 ? 0xff : 0;
	if (at < GICD_IPRIORITYR + 32)
		return 0xff;
	return at >= GICD_ICFGR && at < GICD_ICFGR + 8 ? 0xff : 0;
}

static uint8_t visible(uint64_t at)
{
	if (at - machine.gicd.base < FRAME)
		return visible_gicd((uint32_t)(at - machine.gicd.base));
	if (at - machine.gicr.base < machine.gicr.size)
		return visible_gicr((uint32_t)((at - machine.gicr.base) % (2 * FRAME)));
	return 0xff;
}

/* LDR or STR of 1, 2, 4 or 8 bytes: x1, [x0]. */
static uint32_t insn_access(bool write, unsigned int log_size)
{
	return 0x39000001u | log_size << 30 | (write ? 0 : 1u << 22);
}

/*
 * Nothing but an address that is not aligned may fault, as memory of this kind wants it so; or end
 * in an abort, if it goes on in the next page.
 */
static bool strange(const struct fault *fault, uint64_t at, uint32_t size, bool write,
		    uint64_t value)
{
	if (fault->taken)
		return !(at & (size - 1)) ||
		       (outcome(fault) != 'x' && at % PAGE + size <= PAGE);
	for (uint32_t i = 0; i < size && !write; i++)
		if (value >> 8 * i & 0xff & ~visible(at + i))
			return true;
	return false;
}

static void access(struct tally *tally, uint64_t at, unsigned int log_size, bool write)
{
	struct operands x = { .x = { at, rnd() } };
	struct fault fault = run(insn_access(write, log_size), &x);

	count(tally, &fault);
	if (strange(&fault, at, 1u << log_size, write, x.x[1]) && tally->wrong++ < STRANGE_MAX)
		printf("* %s of %u bytes at 0x%lx: %c 0x%lx\n", write ? "write" : "read",
		       1u << log_size, at, outcome(&fault), x.x[1]);
}

static void access_any(struct tally *tally, uint64_t base, uint64_t size)
{
	uint64_t at = base + rnd() % size, dice = rnd();
	unsigned int log_size = dice & 3;

	/* Mostly aligned, or most accesses would be alignment faults of EL1's own. */
	if (dice & 0x70)
		at &= ~((1ULL << log_size) - 1);
	if (at + (1u << log_size) <= base + size)
		access(tally, at, log_size, dice & 0x80);
}

/*
 * All of a frame, but what is not aligned and goes on in the next page. `few`: what is aligned, every
 * other one read and the rest written.
 */
static void access_all(struct tally *tally, uint64_t base, uint64_t size, bool few)
{
	uint64_t turn = rnd();

	for (unsigned int form = 0; form < 8; form++) {
		unsigned int log_size = form & 3;
		uint64_t write = form >> 2;

		for (uint64_t at = base; at < base + size; at++) {
			if (at % PAGE + (1u << log_size) > PAGE)
				continue;
			if (few && (at & ((1u << log_size) - 1) ||
				    ((at >> log_size ^ turn) & 1) != write))
				continue;
			access(tally, at, log_size, write);
		}
	}
}

/* Ends what is active, forgets what is pending, and sets up anew. */
void repair(void)
{
	uint64_t gicr = cpu_self()->gicr + GICR_SGI_BASE;

	for (unsigned int i = 0; i < 32; i++)
		sysreg_write(icc_eoir1_el1, i);
	mmio_write32(gicr + GICD_ICENABLER, ~0u);
	mmio_write32(gicr + GICD_ICPENDR, ~0u);
	mmio_write32(gicr + GICD_ICPENDR + 0x100, ~0u); /* GICR_ICACTIVER0 */
	for (unsigned int n = 1; n < 32; n++)
		mmio_write32(machine.gicd.base + GICD_ICPENDR + 0x100 + n * 4, ~0u);
	gic_init();
	console_init();
	console_init_irq();
}

static uint64_t begin(void)
{
	for (uint32_t n = 1; n < 32; n++)
		own[n] = machine_interrupts(n);
	return irq_save();
}

static void end(uint64_t daif)
{
	repair();
	irq_restore(daif);
}

void attack_gic(struct tally *tally, const char *rest)
{
	uint64_t daif = begin();

	for (uint64_t n = number(rest, 1000); n; n--)
		if (rnd() & 1)
			access_any(tally, machine.gicd.base, FRAME);
		else
			access_any(tally, machine.gicr.base, machine.gicr.size);
	end(daif);
}

void attack_uart(struct tally *tally, const char *rest)
{
	uint64_t daif = begin();

	for (uint64_t n = number(rest, 1000); n; n--)
		access_any(tally, machine.uart.base, PAGE);
	end(daif);
	printf("\n");
}

void attack_frames(struct tally *tally, const char *rest)
{
	uint64_t daif = begin();
	bool few = number(rest, 0);

	access_all(tally, machine.uart.base, PAGE, few);
	access_all(tally, machine.gicd.base, FRAME, few);
	access_all(tally, machine.gicr.base, machine.gicr.size, few);
	end(daif);
	printf("\n");
}
