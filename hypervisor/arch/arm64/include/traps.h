/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Trap handling, from vectors.S through the tables in traps.c and sysreg.c. A handler says how
 * the trap ends; nothing a cell does ends in a panic.
 */
#ifndef CAISSON_TRAPS_H
#define CAISSON_TRAPS_H

#include "arch_cpu.h"
#include "cell.h"

enum trap_result {
	TRAP_ADVANCE, /* done: go on behind the instruction */
	TRAP_STAY,    /* done: ELR is right as it is */
	TRAP_UNDEF,   /* the instruction is UNDEFINED for this cell */
	TRAP_ABORT,   /* an access with nothing behind it: policy of the cell */
};

struct trap {
	struct regs *regs;
	struct cpu *cpu;
	uint64_t esr;
	uint32_t insn; /* of an access to a device that was not emulated; 0: none */
};

/*
 * One per exception class: on the CPU that trapped, no locks held, ESR_EL2 in
 * trap->esr. They may change regs and call cpu_park(); the caller carries the result
 * out.
 */
enum trap_result trap_data_abort(struct trap *trap);
enum trap_result trap_insn_abort(struct trap *trap);
enum trap_result trap_sysreg(struct trap *trap);
enum trap_result trap_wfi(struct trap *trap); /* psci.c */
enum trap_result trap_hvc(struct trap *trap);
enum trap_result trap_smc(struct trap *trap);

/*
 * What cells ask for all the time, before anything but x0 to x7, x16, x17 and x30 is saved in `regs`.
 * The argument: done, counted, and ELR_EL2 is where the cell goes on. NULL: nothing has happened.
 * Neither parks the CPU or looks for requests: the kick, or the revoked stage 2, comes right behind.
 *
 * fast_data_abort(): EC_DABT_LOW with IL = 1, ISV = 1 and SSE = 0; `reg` is where the frame has the
 * register of the access, or a zero that may be overwritten.
 */
ARCH_UNSIGNED struct regs *fast_hvc(struct regs *regs);
ARCH_UNSIGNED struct regs *fast_smc(struct regs *regs);
ARCH_UNSIGNED uint64_t *fast_data_abort(uint64_t *reg, uint64_t esr);

/*
 * Goes on behind the instruction at ELR as if the CPU had executed it: a software step ends with it
 * (Arm ARM D2.12), it is no branch's target any longer (PSTATE.BTYPE), and in AArch32 its turn in an
 * IT block is over (PSTATE.IT). The fast ways are AArch64's, and leave steps to this one; and BTYPE as
 * it is. Nothing that traps is a landing pad, so with BTYPE set its page is not guarded, or it had not
 * been executed (FEAT_BTI); nor is then what follows, unless another page begins there.
 */
static inline void skip_instruction(struct regs *regs, uint64_t bytes)
{
	uint64_t it = (regs->spsr >> 8 & 0xfc) | (regs->spsr >> 25 & 3);

	regs->elr += bytes;
	regs->spsr &= ~(regs->spsr & SPSR_AARCH32 ? SPSR_SS | SPSR_IT : SPSR_SS | SPSR_BTYPE);
	if (regs->spsr & SPSR_AARCH32 && it & 7) {
		it = (it & 0xe0) | (it << 1 & 0x1f);
		regs->spsr |= (it & 0xfc) << 8 | (it & 3) << 25;
	}
}

/*
 * emulate.c: an access to a device; `ipa` is its first byte. emulate_access(): true, carried out and
 * counted, registers but ELR and the base are as it leaves them; false: stray, loads have changed
 * nothing. emulate_instruction(): one without a valid syndrome; TRAP_ABORT, with trap->insn if EL2 does
 * not emulate it.
 */
struct ldst;
bool emulate_access(struct trap *trap, ipa_t ipa, const struct ldst *op);
enum trap_result emulate_instruction(struct trap *trap, ipa_t ipa);

static inline void fast_advance(void)
{
	uint64_t elr = read_sysreg(elr_el2);

	write_sysreg(elr_el2, elr + 4);
}

/* psci.c: PSCI and SMCCC calls of any cell; false: not one of these. regs->x[0] is the answer. */
bool psci_call(struct trap *trap);

/*
 * idregs.c: what a cell reads in S3_0_C0_C`crm`_`op2`, `crm` and `op2` 0 to 7. idregs.S: what this
 * CPU has there, n = 8 * crm + op2; REVIDR_EL1 or `crm` 1 and up, where all that is not allocated reads
 * as zero.
 */
uint64_t id_register(uint32_t crm, uint32_t op2);
uint64_t id_read(uint32_t n);

/*
 * inject.c: the exception that hardware would have taken to EL1 (D1.3.1).
 * Each rewrites ELR and SPSR in `regs` and the EL1 syndrome registers of this CPU;
 * `far` is a guest virtual address, `iss` goes into ESR_EL1 beside the class.
 * inject_serror() only pends.
 */
void inject_undef(struct regs *regs);
void inject_abort(struct regs *regs, bool instruction, uint64_t far, uint32_t iss);
void inject_serror(void);

/* Register 31 is XZR in every syndrome: reads as 0, writes are dropped. */
static inline uint64_t trap_reg(const struct trap *trap, unsigned int n)
{
	return n == 31 ? 0 : trap->regs->x[n];
}

static inline void trap_set_reg(struct trap *trap, unsigned int n, uint64_t value)
{
	if (n != 31)
		trap->regs->x[n] = value;
}

#endif
