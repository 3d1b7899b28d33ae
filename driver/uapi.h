/* SPDX-License-Identifier: GPL-2.0-only WITH Linux-syscall-note */
/*
 * /dev/caisson: the ioctls between hvctl and the driver. Mode 0600; CAP_SYS_ADMIN on every call.
 *
 * Each structure starts with its own size and the ABI version; padding must be zero. A call returns
 * 0, or -1 with errno set and `error` filled in: errno tells the class, `error` the reason.
 */
#ifndef CAISSON_UAPI_H
#define CAISSON_UAPI_H

#include <linux/ioctl.h>
#include "caisson/abi.h"
#include "caisson/error.h"
#include "caisson/hypercall.h"

struct caisson_ioc_error {
	uint32_t code;	 /* enum caisson_error_code */
	uint32_t offset; /* of the configuration entry at fault in the blob, 0: none */
	uint64_t value;	 /* the number at fault: CPU, INTID, address, cell ID, state */
	uint64_t other;	 /* offset in the same blob of the entry it collides with, 0: none */
};

struct caisson_ioc_head {
	uint32_t size; /* of the whole structure */
	uint32_t abi_version;
	struct caisson_ioc_error error; /* out */
};

/* Pages of EL2's pool that enable reckons with: for root, and one for each CPU; for four cells. */
#define CAISSON_POOL_ROOT 16
#define CAISSON_POOL_CELLS 48

#define CAISSON_ENABLE_ASSUME_EL2 0x1u /* nothing but the caller says that EL2 answers */
#define CAISSON_ENABLE_CHECK 0x2u /* stop before anything is changed: would it be tried? */

struct caisson_ioc_enable {
	struct caisson_ioc_head head;
	uint64_t blob; /* user pointer to a .sys */
	uint32_t blob_size;
	uint32_t flags;
};

struct caisson_ioc_status {
	struct caisson_ioc_head head;
	uint32_t enabled; /* out, as everything below */
	uint32_t irq_mode; /* enum caisson_irq_mode, resolved */
	uint32_t ncpus;
	uint32_t ncells; /* without root */
	uint64_t memory_pa; /* the hypervisor's memory */
	uint64_t memory_size;
	uint64_t image_size;
	uint32_t pool_pages;
	uint32_t pool_free;
	uint32_t doorbell_intid;
	/* A CPU was hot-plugged while enabled: KVM's boot mode is mixed until reboot. */
	uint32_t hotplugged;
	uint64_t taken_bytes; /* everything taken from Linux but the cells' RAM */
	uint64_t enable_ns; /* how long the last enable and disable took in the kernel */
	uint64_t disable_ns;
	char system[CAISSON_NAME_LEN];
	/* SHA-256 of caisson.bin, the one that the driver takes; not only while it is enabled. */
	uint8_t image_sha256[32];
};

/* Where a call names a cell: by name, NUL-padded. */
struct caisson_ioc_cell {
	struct caisson_ioc_head head;
	char name[CAISSON_NAME_LEN];
};

struct caisson_ioc_create {
	struct caisson_ioc_head head;
	uint64_t blob; /* user pointer to a .cell */
	uint32_t blob_size;
	uint32_t flags; /* 0 */
};

/*
 * Copies user memory into the cell; the driver keeps a copy for restart. Only while ready; a cell
 * that is stopped, off or failed becomes so: it is zeroed, and its earlier loads are forgotten.
 */
struct caisson_ioc_load {
	struct caisson_ioc_head head;
	char name[CAISSON_NAME_LEN];
	uint64_t data; /* user pointer */
	uint64_t length;
	uint64_t ipa;
};

/* Where the cell starts, remembered for restart. After the last load: start is refused before. */
struct caisson_ioc_entry {
	struct caisson_ioc_head head;
	char name[CAISSON_NAME_LEN];
	uint64_t entry;
	uint64_t args[4]; /* x0..x3 */
};

struct caisson_ioc_info {
	struct caisson_ioc_head head;
	uint32_t index; /* in, if name is empty: 0 is the oldest cell; NO_CELL past the last */
	uint32_t id;
	char name[CAISSON_NAME_LEN]; /* in or out */
	uint32_t state; /* enum caisson_cell_state */
	uint32_t reason;
	uint64_t reason_pc;
	uint64_t reason_addr;
	uint64_t memory_bytes;
	uint64_t console_bytes; /* received from it so far */
	uint64_t console_dropped;
	uint32_t starts;
	uint32_t ncpus;
	uint32_t config_size; /* of its blob */
	uint32_t reserved;
	uint32_t restarts; /* by its configuration, since it was last started by an ioctl */
	uint32_t restart_limit; /* of these; CAISSON_RESTARTS_UNLIMITED */
	uint64_t cpus[16]; /* bit n of word n / 64: root Linux's CPU n; 1024 CPUs */
	/* What the last operations took in the kernel, in ns: `_hv` counts the hypercalls alone. */
	uint64_t create_hv_ns, create_ns, scrub_ns, start_hv_ns, destroy_hv_ns, destroy_ns;
	/* The first things of each kind that it was refused since its start. */
	struct caisson_refused refused[CAISSON_REFUSED_KINDS][CAISSON_REFUSED_EACH];
};

/* Copies the cell's blob as the driver holds it (name found, SPI filled in). */
struct caisson_ioc_config {
	struct caisson_ioc_head head;
	char name[CAISSON_NAME_LEN];
	uint64_t blob; /* user pointer */
	uint32_t blob_size; /* in: room; out: size */
	uint32_t reserved;
};

/* Reads from a cell's console history (or the hypervisor's log if name is empty). */
struct caisson_ioc_read {
	struct caisson_ioc_head head;
	char name[CAISSON_NAME_LEN];
	/* In: bytes since the beginning; out: of the first byte returned (history is finite). */
	uint64_t position;
	uint64_t data; /* user pointer */
	uint32_t length; /* in: room; out: bytes */
	/* Wait for at least one byte: 0 no, ~0 for ever; a signal ends it (EINTR). */
	uint32_t timeout_ms;
};

/* Types into a cell's console; `length` out: bytes accepted. */
struct caisson_ioc_write {
	struct caisson_ioc_head head;
	char name[CAISSON_NAME_LEN];
	uint64_t data;
	uint32_t length;
	uint32_t reserved;
};

/* Exit counters of a CPU, by cause, since its present cell got it. */
struct caisson_ioc_stats {
	struct caisson_ioc_head head;
	uint32_t cpu; /* in */
	uint32_t cell; /* out: ID of its cell, 0 is root */
	uint64_t exits[CAISSON_EXIT_COUNT];
	uint64_t reserved[2];
};

/*
 * What translates [ipa, ipa + size) of a cell, or of `root`: the leaf entries of its stage-2 tables
 * that reach into it, by size. A range without an end (~0) is the rest of the address space.
 */
struct caisson_ioc_stage2 {
	struct caisson_ioc_head head;
	char name[CAISSON_NAME_LEN];
	uint64_t ipa;
	uint64_t size;
	uint64_t leaves_1g; /* out, as everything below */
	uint64_t leaves_2m;
	uint64_t leaves_4k;
};

/* Where a cell's memory is: the pieces that the driver found for it. */
struct caisson_ioc_piece {
	struct caisson_ioc_head head;
	char name[CAISSON_NAME_LEN];
	uint32_t index; /* in: from 0 on */
	uint32_t reserved;
	uint64_t ipa; /* out, as everything below */
	uint64_t pa;
	uint64_t size; /* 0: there are no more */
};

/*
 * A cell's registers and memory, all of one moment: it stands still meanwhile; with
 * CAISSON_DUMP_LIVE for the registers alone. Pages that are zero are not written: hand in memory
 * that is zero. Not while the cell is created.
 */
#define CAISSON_DUMP_LIVE 0x1u

struct caisson_ioc_dump {
	struct caisson_ioc_head head;
	char name[CAISSON_NAME_LEN];
	uint64_t regs; /* user pointer: CAISSON_REGS words for each of its CPUs, in its order */
	uint64_t memory; /* user pointer: its memory regions, in the order of its configuration */
	uint64_t memory_size; /* of all of them */
	uint32_t ncpus; /* in: room in `regs`, which has to be for all */
	uint32_t flags;
};

/* Registers of the machine, for people: one CPU's, the distributor's, PSCI's. */
struct caisson_ioc_probe {
	struct caisson_ioc_head head;
	uint32_t cpu; /* in: root Linux's number */
	uint32_t reserved;
	uint32_t ncpus; /* out, as everything below; 0 is what cannot be read */
	uint32_t el; /* that Linux runs in; 0: the CPU is offline, and has no registers to show */
	uint64_t midr;
	uint64_t mpidr; /* the affinity fields */
	uint64_t pfr0; /* ID_AA64PFR0_EL1, and so on */
	uint64_t mmfr0;
	uint64_t mmfr1;
	uint64_t cntfrq; /* Hz */
	uint32_t gicd_ctlr;
	uint32_t gicd_typer;
	uint32_t gicd_pidr2;
	uint32_t psci_version;
	uint32_t kick_intid; /* by which EL2 calls a CPU: 15; or 26, where that is firmware's */
	uint32_t unused;
};

/* A clock that root Linux drives. */
struct caisson_ioc_clock {
	struct caisson_ioc_head head;
	char node[256]; /* in: whose clock it is, a path in the device tree, NUL-terminated */
	uint32_t index; /* in: which of its `clocks` */
	uint32_t reserved;
	uint64_t rate; /* out: Hz */
};

#define CAISSON_IOC 0xCA
#define CAISSON_IOC_ENABLE _IOWR(CAISSON_IOC, 0, struct caisson_ioc_enable)
#define CAISSON_IOC_DISABLE _IOWR(CAISSON_IOC, 1, struct caisson_ioc_head)
#define CAISSON_IOC_STATUS _IOWR(CAISSON_IOC, 2, struct caisson_ioc_status)
#define CAISSON_IOC_CELL_CREATE _IOWR(CAISSON_IOC, 3, struct caisson_ioc_create)
#define CAISSON_IOC_CELL_LOAD _IOWR(CAISSON_IOC, 4, struct caisson_ioc_load)
#define CAISSON_IOC_CELL_ENTRY _IOWR(CAISSON_IOC, 5, struct caisson_ioc_entry)
#define CAISSON_IOC_CELL_START _IOWR(CAISSON_IOC, 6, struct caisson_ioc_cell)
#define CAISSON_IOC_CELL_STOP _IOWR(CAISSON_IOC, 7, struct caisson_ioc_cell)
/* Stop, scrub, load again what was loaded, start. */
#define CAISSON_IOC_CELL_RESTART _IOWR(CAISSON_IOC, 8, struct caisson_ioc_cell)
/* Stops it first if need be; memory and CPUs are back in Linux when it returns. */
#define CAISSON_IOC_CELL_DESTROY _IOWR(CAISSON_IOC, 9, struct caisson_ioc_cell)
#define CAISSON_IOC_CELL_INFO _IOWR(CAISSON_IOC, 10, struct caisson_ioc_info)
#define CAISSON_IOC_CELL_CONFIG _IOWR(CAISSON_IOC, 11, struct caisson_ioc_config)
#define CAISSON_IOC_READ _IOWR(CAISSON_IOC, 12, struct caisson_ioc_read)
#define CAISSON_IOC_WRITE _IOWR(CAISSON_IOC, 13, struct caisson_ioc_write)
#define CAISSON_IOC_STATS _IOWR(CAISSON_IOC, 14, struct caisson_ioc_stats)
#define CAISSON_IOC_PROBE _IOWR(CAISSON_IOC, 15, struct caisson_ioc_probe)
/* Asks it to shut down, and returns at once. Whatever it does, it is not restarted by itself. */
#define CAISSON_IOC_CELL_ASK _IOWR(CAISSON_IOC, 16, struct caisson_ioc_cell)
#define CAISSON_IOC_STAGE2 _IOWR(CAISSON_IOC, 17, struct caisson_ioc_stage2)
#define CAISSON_IOC_CELL_DUMP _IOWR(CAISSON_IOC, 18, struct caisson_ioc_dump)
#define CAISSON_IOC_CELL_PIECE _IOWR(CAISSON_IOC, 19, struct caisson_ioc_piece)
#define CAISSON_IOC_CLOCK _IOWR(CAISSON_IOC, 20, struct caisson_ioc_clock)

#endif
