// SPDX-License-Identifier: GPL-2.0-only
/*
 * Every encoding of the spaces of system registers (op0 2 and 3) and of system instructions (op0 1),
 * read and written. What is not UNDEFINED is reported, as op0_op1_cCRn_cCRm_op2.
 */
#include "attack.h"

#define REGISTER(op0, op1, crn, crm, op2) ((op0) << 14 | (op1) << 11 | (crn) << 7 | (crm) << 3 | (op2))

/* No bit 0, which enables breakpoints, timers and so on. */
#define FILL 0x5a5a5a5a5a5a5a5aUL

/* What the attacker itself stands on: these are written with what they hold. */
static const uint32_t ground[] = {
	REGISTER(2, 0, 0, 2, 2),  /* MDSCR_EL1 */
	REGISTER(3, 0, 1, 0, 0),  /* SCTLR_EL1 */
	REGISTER(3, 0, 2, 0, 0),  /* TTBR0_EL1 */
	REGISTER(3, 0, 2, 0, 1),  /* TTBR1_EL1 */
	REGISTER(3, 0, 2, 0, 2),  /* TCR_EL1 */
	REGISTER(3, 0, 4, 2, 0),  /* SPSel */
	REGISTER(3, 0, 10, 2, 0), /* MAIR_EL1 */
	REGISTER(3, 0, 12, 0, 0), /* VBAR_EL1 */
	REGISTER(3, 0, 13, 0, 4), /* TPIDR_EL1 */
	REGISTER(3, 3, 4, 2, 1),  /* DAIF */
};

static bool is_ground(uint32_t reg)
{
	for (unsigned int i = 0; i < sizeof(ground) / sizeof(ground[0]); i++)
		if (ground[i] == reg)
			return true;
	return false;
}

static uint32_t insn_of(bool read, uint32_t reg)
{
	return insn_system(read, reg >> 14, reg >> 11 & 7, reg >> 7 & 15, reg >> 3 & 15, reg & 7);
}

static char read_one(struct tally *tally, uint32_t reg, uint64_t *value)
{
	struct operands x = { .x = { rnd() } };
	struct fault fault = run(insn_of(true, reg), &x);

	*value = x.x[0];
	count(tally, &fault);
	return outcome(&fault);
}

static char write_one(struct tally *tally, uint32_t reg, uint64_t value)
{
	struct operands x = { .x = { value } };
	struct fault fault = run(insn_of(false, reg), &x);

	count(tally, &fault);
	return outcome(&fault);
}

static void tell(uint32_t reg, char reads, char writes)
{
	if (reads != 'u' || writes != 'u')
		printf("* %u_%u_c%u_c%u_%u read=%c write=%c\n", reg >> 14, reg >> 11 & 7, reg >> 7 & 15,
		       reg >> 3 & 15, reg & 7, reads, writes);
}

void attack_registers(struct tally *tally, const char *rest)
{
	uint64_t daif = irq_save();

	(void)rest;
	for (uint32_t reg = REGISTER(2u, 0, 0, 0, 0); reg < REGISTER(4u, 0, 0, 0, 0); reg++) {
		uint64_t value = 0;
		char reads = read_one(tally, reg, &value);
		char writes = write_one(tally, reg, is_ground(reg) ? value : rnd());

		if (writes == 'o')
			write_one(tally, reg, reads == 'o' ? value : 0);
		/* Acknowledged here, ended here. */
		if (reg == REGISTER(3, 0, 12, 12, 0) && reads == 'o' && value < 1020)
			sysreg_write(icc_eoir1_el1, value);
		tell(reg, reads, writes);
	}
	repair();
	irq_restore(daif);
}

/* All that can be read and is not zero: to be compared with what another start finds. */
void attack_values(struct tally *tally, const char *rest)
{
	uint64_t daif = irq_save(), value;

	(void)rest;
	for (uint32_t reg = REGISTER(2u, 0, 0, 0, 0); reg < REGISTER(4u, 0, 0, 0, 0); reg++)
		if (read_one(tally, reg, &value) == 'o' && value)
			printf("* %u_%u_c%u_c%u_%u 0x%lx\n", reg >> 14, reg >> 11 & 7,
			       reg >> 7 & 15, reg >> 3 & 15, reg & 7, value);
	irq_restore(daif);
}

/* A pattern into all that can be written, but the ground, for good: interrupts stay masked. */
void attack_fill(struct tally *tally, const char *rest)
{
	(void)rest;
	irq_save();
	for (uint32_t reg = REGISTER(2u, 0, 0, 0, 0); reg < REGISTER(4u, 0, 0, 0, 0); reg++)
		if (!is_ground(reg))
			write_one(tally, reg, FILL);
}

/* By address: on memory of its own, as DC IVAC and DC ZVA destroy. */
void attack_instructions(struct tally *tally, const char *rest)
{
	uint64_t daif = irq_save();

	(void)rest;
	for (uint32_t reg = REGISTER(1u, 0, 0, 0, 0); reg < REGISTER(2u, 0, 0, 0, 0); reg++) {
		uint64_t value = ARENA_DATA + (rnd() & 0xfffff);
		char writes = write_one(tally, reg, value);

		tell(reg, read_one(tally, reg, &value), writes);
	}
	repair();
	irq_restore(daif);
}
