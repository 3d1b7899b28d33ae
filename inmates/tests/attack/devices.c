// SPDX-License-Identifier: GPL-2.0-only
/* Accesses at random to what EL2 emulates: distributor, redistributor, console. */
#include "attack.h"

/* LDR or STR of 1, 2, 4 or 8 bytes: x1, [x0]. */
static uint32_t insn_access(bool write, unsigned int log_size)
{
	return 0x39000001u | log_size << 30 | (write ? 0 : 1u << 22);
}

static void access(struct tally *tally, uint64_t base, uint64_t size)
{
	struct operands x = { .x = { 0, rnd() } };
	uint64_t dice = rnd();
	unsigned int log_size = dice & 3;
	struct fault fault;

	/* Mostly aligned, or most accesses would be alignment faults of EL1's own. */
	x.x[0] = base + rnd() % size;
	if (dice & 0x70)
		x.x[0] &= ~((1ULL << log_size) - 1);
	fault = run(insn_access(dice & 0x80, log_size), &x);
	count(tally, &fault);
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

void attack_gic(struct tally *tally, const char *rest)
{
	uint64_t daif = irq_save();

	for (uint64_t n = number(rest, 1000); n; n--)
		if (rnd() & 1)
			access(tally, machine.gicd.base, 0x10000);
		else
			access(tally, machine.gicr.base, machine.gicr.size);
	repair();
	irq_restore(daif);
}

void attack_uart(struct tally *tally, const char *rest)
{
	uint64_t daif = irq_save();

	for (uint64_t n = number(rest, 1000); n; n--)
		access(tally, machine.uart.base, 0x1000);
	repair();
	irq_restore(daif);
	printf("\n");
}
