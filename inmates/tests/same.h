/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What same_asm.S stores of a CPU at its first instruction, in this order: x0..x30, SP, the system
 * registers of the list, q0..q31, FPCR, FPSR and, if the CPU has them, the keys of pointer authentication.
 */
#ifndef INMATE_TESTS_SAME_H
#define INMATE_TESTS_SAME_H

/* All that EL1 may read and that says nothing of the time. FAR_EL1 is where x1 is kept meanwhile. */
#define SAME_REGISTERS(X)                                                                          \
	X(nzcv) X(daif) X(spsel) X(currentel) X(sctlr_el1) X(cpacr_el1) X(ttbr0_el1) X(ttbr1_el1)  \
	X(tcr_el1) X(mair_el1) X(amair_el1) X(vbar_el1) X(esr_el1) X(afsr0_el1) X(afsr1_el1)       \
	X(elr_el1) X(spsr_el1) X(sp_el0) X(par_el1) X(contextidr_el1) X(tpidr_el0) X(tpidrro_el0)  \
	X(tpidr_el1) X(csselr_el1) X(cntkctl_el1) X(cntv_ctl_el0) X(cntv_cval_el0)                 \
	X(cntp_ctl_el0) X(cntp_cval_el0) X(cntfrq_el0) X(mpidr_el1) X(midr_el1) X(isr_el1)         \
	X(mdscr_el1) X(mdccint_el1) X(oslsr_el1) X(dbgbvr0_el1) X(dbgbcr0_el1) X(dbgwvr0_el1)      \
	X(dbgwcr0_el1) X(dbgbvr1_el1) X(dbgbcr1_el1) X(dbgwvr1_el1) X(dbgwcr1_el1) X(pmcr_el0)     \
	X(pmcntenset_el0) X(pmovsset_el0) X(pmselr_el0) X(pmccfiltr_el0) X(pmccntr_el0)            \
	X(pmintenset_el1) X(pmuserenr_el0) X(icc_sre_el1) X(icc_pmr_el1) X(icc_bpr0_el1)           \
	X(icc_bpr1_el1) X(icc_ctlr_el1) X(icc_igrpen0_el1) X(icc_igrpen1_el1) X(icc_rpr_el1)       \
	X(icc_ap0r0_el1) X(icc_ap1r0_el1) X(icc_hppir1_el1)

#define SAME_AREA 0x2000 /* bytes for each CPU: the values, then its stack */

#endif
