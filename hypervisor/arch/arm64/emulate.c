// SPDX-License-Identifier: GPL-2.0-only
/*
 * Accesses to emulated devices, from registers to the device and back; and the instructions whose
 * syndrome does not say what they do [tour: 9].
 *
 * Such an instruction is read again, at ELR, by the cell's own translation. The cell may have changed
 * it meanwhile, or the translation: what was read then need not be what aborted, and is carried out
 * only if it makes the very access that did. Nothing depends on that but the cell itself: whatever it
 * makes EL2 do here, a single load or store may do as well.
 */
#include "cell_ctl.h"
#include "ldst.h"
#include "mmio_dispatch.h"
#include "traps.h"

#define PAR_F BIT(0)
#define PAR_PA 0x000ffffffffff000ULL
#define FAR_MASK (BIT(56) - 1) /* without a tag */

/* A 32-bit destination clears the upper half of the register, also after a sign extension. */
static uint64_t extend(uint64_t value, const struct ldst *op)
{
	unsigned int unused = 64 - 8 * op->size;

	if (op->sign)
		value = (uint64_t)((int64_t)(value << unused) >> unused);
	return op->wide ? value : (uint32_t)value;
}

/* Little-endian, whatever SCTLR_EL1 says: idregs.c shows a cell no other order. */
bool emulate_access(struct trap *trap, ipa_t ipa, const struct ldst *op)
{
	enum caisson_exit cause = CAISSON_EXIT_STAGE2;
	uint64_t loaded[2] = { 0 };

	for (uint32_t n = 0; n < op->count; n++) {
		struct mmio_access access = { .size = op->size, .write = op->write };

		if (op->write)
			access.value = trap_reg(trap, op->rt[n]) & ~0ULL >> (64 - 8 * op->size);
		if (!mmio_dispatch(trap->cpu, IPA(ipa.v + n * op->size), &access, &cause))
			return false;
		loaded[n] = extend(access.value, op);
	}
	count_exit(trap->cpu, cause);
	for (uint32_t n = 0; n < op->count && !op->write; n++)
		trap_set_reg(trap, op->rt[n], loaded[n]);
	return true;
}

/*
 * The walk is the one of EL1, since EL0's would want a right to read that code need not have; it is
 * EL1's tables either way, and EL1's PAR_EL1 that must not change. False: it is not there any more.
 *
 * AT is the instruction of the errata that tlb.c names: where EL1's registers and VMID do not belong
 * together, walks are off, or that VMID's entries are dropped before it runs here again.
 */
static bool fetch(struct trap *trap, uint32_t *insn)
{
	uint64_t saved = read_sysreg(par_el1), pc = trap->regs->elr, par = PAR_F;

	if (stage1_walk(pc))
		par = read_sysreg(par_el1);
	write_sysreg(par_el1, saved);
	return !(par & PAR_F) &&
	       cell_fetch(trap->cpu->cell, IPA((par & PAR_PA) | (pc & PAGE_MASK)), insn);
}

/* Register 31 is SP, of which EL1h has another one than EL1t and EL0. */
static bool uses_sp1(const struct regs *regs)
{
	return (regs->spsr & SPSR_MODE_MASK) == SPSR_MODE_EL1H;
}

static uint64_t base_get(const struct regs *regs, uint32_t n)
{
	if (n < 31)
		return regs->x[n];
	return uses_sp1(regs) ? read_sysreg(sp_el1) : read_sysreg(sp_el0);
}

static void base_set(struct regs *regs, uint32_t n, uint64_t value)
{
	if (n < 31)
		regs->x[n] = value;
	else if (uses_sp1(regs))
		write_sysreg(sp_el1, value);
	else
		write_sysreg(sp_el0, value);
}

/* The cell runs it again, whatever it is by then. */
static enum trap_result again(struct trap *trap)
{
	count_exit(trap->cpu, CAISSON_EXIT_STAGE2);
	return TRAP_STAY;
}

/*
 * Once, and whole: write-back comes behind the last access. An access that goes on in the next page is
 * not emulated, as nothing has said what is there.
 */
enum trap_result emulate_instruction(struct trap *trap, ipa_t ipa)
{
	struct regs *regs = trap->regs;
	uint64_t base, at, size;
	struct ldst op;

	trap->insn = CAISSON_REFUSED_AARCH32;
	if (regs->spsr & SPSR_AARCH32)
		return TRAP_ABORT;
	if (!fetch(trap, &trap->insn))
		return again(trap);
	if (!ldst_decode(trap->insn, &op))
		return TRAP_ABORT;
	base = base_get(regs, op.rn);
	at = base + (uint64_t)op.offset;
	size = (uint64_t)op.count * op.size;
	if (op.write != !!(trap->esr & ISS_DABT_WNR) ||
	    ((read_sysreg(far_el2) - at) & FAR_MASK) >= size)
		return again(trap);
	if ((at & PAGE_MASK) + size > PAGE_SIZE)
		return TRAP_ABORT;
	trap->insn = 0;
	if (!emulate_access(trap, IPA(ALIGN_DOWN(ipa.v, PAGE_SIZE) | (at & PAGE_MASK)), &op))
		return TRAP_ABORT;
	if (op.writeback)
		base_set(regs, op.rn, base + (uint64_t)op.step);
	return TRAP_ADVANCE;
}
