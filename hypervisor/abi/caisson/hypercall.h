/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Hypercalls of root Linux, and the pages EL2 shares with it.
 *
 * SMCCC fast calls (DEN0028) by HVC #0, 64-bit convention, owner "vendor specific hypervisor", in a
 * range that neither Linux's EL2 stub (0..3) nor KVM's host calls (0xC6000000 + small n) use.
 *
 *     x0      function
 *     x1..x6  arguments; lengths and addresses in bytes, physical addresses are root's (= IPA)
 *     x0 out  0 done; CAISSON_AGAIN: call again with the same arguments; CAISSON_WAIT: the same, but
 *             some time later, as other CPUs are at it; -CAISSON_E_*: refused
 *     x1 out  result; with a refusal the offset of the blob's entry at fault, or 0
 *     x2 out  second result; with a refusal the number at fault (CPU, INTID, address, cell ID)
 *
 * x3..x17 are preserved. Any call from another cell returns SMCCC NOT_SUPPORTED (-1) in x0.
 */
#ifndef CAISSON_HYPERCALL_H
#define CAISSON_HYPERCALL_H

#include "abi.h"

#define CAISSON_HC_BASE 0xC600CA00u
#define CAISSON_HC(n) (CAISSON_HC_BASE + (n))
#define CAISSON_AGAIN 1
#define CAISSON_WAIT 2

enum caisson_hypercall {
	/* -> x1 ABI version, x2 pool pages total << 32 | free */
	CAISSON_HC_INFO = CAISSON_HC(0),
	/*
	 * On every online CPU inside one stop_machine, IRQs masked: leaves EL2, restores the stub. Refused
	 * while cells exist (checked once, before anything changes). Returns on all CPUs or on none.
	 * x1 = return PC, x2 = PSTATE, as in struct caisson_cpu_boot: ELR_EL2 is not trusted.
	 * -> x1 1: since enable the KVM of this CPU has put itself into EL2, as it believes; otherwise 0;
	 * x2 PA, in the hypervisor memory, of 32-bit words: LPIs of this CPU that root is to pend again,
	 * INTID << 8 and something below, the end is 0; or 0: there are none
	 */
	CAISSON_HC_DISABLE = CAISSON_HC(1),
	/* x1 PA of a physically contiguous .cell blob, x2 its size -> x1 cell ID, x2 PA of its shared page.
	 * Its CPUs must be offline in root. Maps its devices, takes its SPIs; memory comes with MEM_ADD. AGAIN
	 * until done; with another blob the one that is not done is given up. */
	CAISSON_HC_CELL_CREATE = CAISSON_HC(2),
	/* x1 cell, x2 IPA, x3 PA, x4 size (multiples of 4 KiB): gives root's RAM to the cell -> x1 how many bytes
	 * of it, from the beginning on: the rest takes another call */
	CAISSON_HC_CELL_MEM_ADD = CAISSON_HC(3),
	/* x1 cell, not running: has its own CPUs zero its memory, and WAITs for them; where they do not come,
	 * this CPU zeroes a bounded piece: AGAIN. */
	CAISSON_HC_CELL_SCRUB = CAISSON_HC(4),
	/* x1 cell, x2 IPA, x3 PA of the data, x4 length; neither range crosses a 4 KiB page. After scrubbing. */
	CAISSON_HC_CELL_LOAD = CAISSON_HC(5),
	/* x1 cell, x2 entry IPA, x3..x6 what its first CPU finds in x0..x3 */
	CAISSON_HC_CELL_START = CAISSON_HC(6),
	/* x1 cell: stops all its CPUs wherever they are, resets its interrupts; WAIT while one is on its
	 * way. The cell's memory then counts as not scrubbed. Done at once for a cell that is stopped. */
	CAISSON_HC_CELL_STOP = CAISSON_HC(7),
	/* x1 cell, stopped and scrubbed: gives memory, devices, SPIs and CPUs back to root; AGAIN until done.
	 * STATE while another one is being made. */
	CAISSON_HC_CELL_DESTROY = CAISSON_HC(8),
	/* x1 cell: root has put bytes into the console's input ring */
	CAISSON_HC_CONSOLE_KICK = CAISSON_HC(9),
	/* x1 CPU, x2 enum caisson_exit -> x1 count since this CPU's present cell got it, x2 its cell's ID */
	CAISSON_HC_CPU_STATS = CAISSON_HC(10),
	/* -> x1 PA of struct caisson_log (read-only for root), x2 its size in bytes */
	CAISSON_HC_LOG = CAISSON_HC(11),
	/* x1 cell: pends its shutdown interrupt; DEAF unless it has enabled one, STATE unless it runs */
	CAISSON_HC_CELL_ASK = CAISSON_HC(12),
	/* x1 cell or 0, root; x2 IPA -> x1 IPA of the next entry in its stage 2, x2 bytes that this one maps */
	CAISSON_HC_STAGE2 = CAISSON_HC(13),
	/* x1 cell: its CPUs come to EL2 and stay there, WAIT until all have. Done at once for those that are off.
	 * STATE while it is being made or destroyed */
	CAISSON_HC_CELL_PAUSE = CAISSON_HC(14),
	/* x1 cell: they go on, and its watchdog's period begins anew; also after a PAUSE that was given up */
	CAISSON_HC_CELL_RESUME = CAISSON_HC(15),
	/* x1 cell, x2 its CPU, x3 register -> x1 what CAISSON_REGS_* was when the CPU was last paused, or parked */
	CAISSON_HC_CPU_REGS = CAISSON_HC(16),
	/* x1 cell, x2 IPA, x3 PA of a buffer, x4 length: CELL_LOAD the other way, whether it runs or not */
	CAISSON_HC_CELL_READ = CAISSON_HC(17),
	/* Root has panicked: EL2 writes what cells say to root's PL011 (caisson_boot.root_uart_pa), and refuses
	 * root's calls, all but INFO: GOING_DOWN. By a CPU that no other one of root's can keep waiting in EL1 */
	CAISSON_HC_ROOT_DIED = CAISSON_HC(18),
	/* x1 cell with KEEP_IMAGE, x2 IPA, x3 PA, x4 size (multiples of 4 KiB): root's RAM becomes the cell's and
	 * gets a copy of what is at the IPA -> x1 how many bytes, as of MEM_ADD. Behind the last LOAD; the next
	 * SCRUB gives it back. */
	CAISSON_HC_CELL_IMAGE_ADD = CAISSON_HC(19),
};

/* A CPU's registers, in the order of Linux's struct user_pt_regs: x0 to x30, and these. */
#define CAISSON_REGS_SP 31 /* the one that the CPU was using */
#define CAISSON_REGS_PC 32
#define CAISSON_REGS_PSTATE 33
#define CAISSON_REGS 34

/* Causes by which exits are counted, per CPU. */
#define CAISSON_EXITS(X)                                                              \
	X(TOTAL, "total")                                                             \
	X(HVC, "hvc")                                                                 \
	X(SMC, "smc")                                                                 \
	X(SGI, "sgi")	    /* ICC_SGI1R_EL1 writes */                                \
	X(SYSREG, "sysreg") /* any other trapped system register */                   \
	X(GICD, "gicd")                                                               \
	X(GICR, "gicr")                                                               \
	X(CONSOLE, "console") /* the emulated PL011 */                                \
	X(MMIO, "mmio")	      /* sub-page devices */                                  \
	X(STAGE2, "stage2")   /* mappings made on first touch, and spurious faults */ \
	X(STRAY, "stray")     /* accesses with nothing behind them */                 \
	X(KICK, "kick")	      /* FIQs taken by EL2 */                                 \
	X(IRQ, "irq")	      /* IRQs taken by EL2: 0 in the direct modes */          \
	X(WFI, "wfi")	      /* a cell's WFI in direct-revoke */                     \
	X(OTHER, "other")

enum caisson_exit {
#define X(name, text) CAISSON_EXIT_##name,
	CAISSON_EXITS(X)
#undef X
		CAISSON_EXIT_COUNT
};

#define CAISSON_CELL_STATES(X)                                                               \
	X(CREATED, "created") /* memory may be missing, or not scrubbed */                   \
	X(STOPPED, "stopped") /* was running; memory not scrubbed */                         \
	X(READY, "ready")     /* scrubbed: may be loaded and started */                      \
	X(RUNNING, "running")                                                                \
	X(OFF, "off")	    /* switched itself off (PSCI SYSTEM_OFF, or its last CPU_OFF) */ \
	X(RESET, "reset")   /* asked to be restarted (PSCI SYSTEM_RESET) */                  \
	X(FAILED, "failed") /* parked by EL2; the log says why */                            \
	X(DYING, "dying")   /* being destroyed */                                            \
	X(RESTARTING, "restarting") /* by EL2, from the image that it keeps */

enum caisson_cell_state {
#define X(name, text) CAISSON_CELL_##name,
	CAISSON_CELL_STATES(X)
#undef X
		CAISSON_CELL_STATE_COUNT
};

#define CAISSON_REASON_WATCHDOG 0xffffffffu /* exception class 0x3f does not exist */

/*
 * What a cell that has a watchdog calls, by SMC or HVC: the number that the device-tree binding
 * arm,smc-wdt has by default.
 */
#define CAISSON_SMC_WATCHDOG 0x82003d06u

/* What a cell is refused, and goes on; `what` is for each: */
#define CAISSON_REFUSALS(X)                                                             \
	X(HVC, "hvc")	       /* the function: NOT_SUPPORTED */                        \
	X(SMC, "smc")	       /* the same */                                           \
	X(TRAP, "trap")	       /* ESR_EL2 without the register: UNDEFINED */            \
	X(ACCESS, "access")    /* the IPA, with nothing behind it: an external abort */ \
	X(INSN, "instruction") /* A64, or _AARCH32: on a device, and EL2 does not emulate it */

enum caisson_refusal {
#define X(name, text) CAISSON_REFUSED_##name,
	CAISSON_REFUSALS(X)
#undef X
		CAISSON_REFUSED_KINDS
};

#define CAISSON_REFUSED_EACH 4u /* the first so many that differ */
#define CAISSON_REFUSED_AARCH32 0xffffffffu

struct caisson_refused {
	uint64_t what; /* bit 63: there is one */
	uint64_t pc;   /* of the first */
};

#define CAISSON_REFUSED_VALID (1ULL << 63)

/* A byte ring with free-running indices; one writer, one reader; size is a power of two. */
#define CAISSON_CONSOLE_OUT 2048u
#define CAISSON_CONSOLE_IN 256u

/*
 * One page per cell, writable by root and EL2. Neither trusts the other's index: it is masked, and
 * the distance is clamped. The writer of a ring publishes its index with release semantics, the reader
 * reads it with acquire semantics, and the other way round for the reader's index.
 * EL2 raises the doorbell when it puts a byte into an empty output ring, or changes `state`.
 */
struct caisson_cell_page {
	uint32_t state;	 /* enum caisson_cell_state, written by EL2 */
	uint32_t reason; /* why it failed: ESR_EL2, CAISSON_REASON_WATCHDOG, or 0 */
	uint64_t reason_pc;
	uint64_t reason_addr; /* IPA or FAR */
	uint64_t dropped;     /* output bytes lost because root did not read for 50 ms */
	/* By the configuration, since the cell was started by hand: root writes it before a start, EL2 counts
	 * its own. */
	uint64_t restarts;
	uint64_t reserved[11];
	uint32_t out_head; /* written by EL2: bytes put */
	uint32_t pad0[15];
	uint32_t out_tail; /* written by root: bytes taken */
	uint32_t pad1[15];
	uint32_t in_head; /* written by root */
	uint32_t pad2[15];
	uint32_t in_tail; /* written by EL2 */
	uint32_t pad3[15];
	uint8_t out[CAISSON_CONSOLE_OUT];
	uint8_t in[CAISSON_CONSOLE_IN];
	/* Written by EL2, since the last start. */
	struct caisson_refused refused[CAISSON_REFUSED_KINDS][CAISSON_REFUSED_EACH];
};

/* EL2's log: text, read-only for root. `head` is free-running; the last `size` bytes before it exist. */
struct caisson_log {
	uint32_t size; /* of text[], a power of two */
	uint32_t head;
	uint8_t text[];
};

#endif
