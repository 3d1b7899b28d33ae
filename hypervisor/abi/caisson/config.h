/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The compiled configuration: `.cell` (one cell) and `.sys` (the machine as root Linux sees it).
 *
 * A blob is a header, one table per entry type and a string table; all little-endian, all offsets
 * in bytes from the header. configs/hvconfig.h fills the entries from C, configs/config.lds counts
 * them; hvctl builds the same blobs at run time. hypervisor/core/config_check.c proves a blob sound
 * before anyone walks it: every consumer calls it first.
 */
#ifndef CAISSON_CONFIG_H
#define CAISSON_CONFIG_H

#include "abi.h"

#define CAISSON_CONFIG_MAGIC 0x464e4343u /* "CCNF" in memory */
#define CAISSON_CONFIG_MAX 65536u	 /* bytes of a whole blob */

enum caisson_config_kind { CAISSON_KIND_CELL = 1, CAISSON_KIND_SYSTEM = 2 };

/* The tables, in the order of the header's section[]; entry counts may be 0 unless said. */
enum caisson_section_type {
	CAISSON_SEC_CELL,   /* caisson_cell_entry: exactly 1 in a .cell, 0 in a .sys */
	CAISSON_SEC_SYSTEM, /* caisson_system_entry: exactly 1 in a .sys, 0 in a .cell */
	CAISSON_SEC_CPU,    /* caisson_cpu_entry: at least 1 in a .cell, 0 in a .sys */
	CAISSON_SEC_MEMORY, /* caisson_memory_entry: a cell's RAM (at least 1); in a .sys root's RAM (at least 1) */
	CAISSON_SEC_DEVICE, /* caisson_device_entry: MMIO given to the cell; in a .sys root's MMIO to map at enable */
	CAISSON_SEC_IRQ, /* caisson_irq_entry: SPIs given to the cell; in a .sys the unwired (spare) SPIs */
	CAISSON_SEC_CONSOLE, /* caisson_console_entry: 0 or 1, the emulated PL011; 0 in a .sys */
	CAISSON_SEC_STRINGS, /* bytes, entry size 1; holds NUL-terminated file names and paths */
	CAISSON_SEC_COUNT
};

/* Offset of a string in the blob; configs/hvconfig.h, for which the linker counts it, has a pointer. */
#ifndef CAISSON_CONFIG_STRING
#define CAISSON_CONFIG_STRING uint64_t
#endif

struct caisson_section {
	uint32_t offset; /* from the header, multiple of 8 */
	uint32_t count;
	uint32_t entry_size;
	uint32_t reserved; /* 0 */
};

struct caisson_config_header {
	uint32_t magic;
	uint16_t abi_version;
	uint16_t kind;	   /* enum caisson_config_kind */
	uint32_t size;	   /* of the whole blob, this header included */
	uint32_t reserved; /* 0 */
	struct caisson_section section[CAISSON_SEC_COUNT];
};

/* First member of every entry: where it was written. `file` is the offset of a string in the blob. */
struct caisson_source {
	uint64_t file;
	/* 0 for a derived entry, whose `file` is then a device-tree path or the like. */
	uint32_t line;
	uint32_t reserved; /* 0 */
};

/* A stray access ends the cell; otherwise an abort is injected. */
#define CAISSON_CELL_STRAY_FAIL 0x1u
#define CAISSON_CELL_LINUX 0x2u /* made for `hvctl cell linux`; hvctl alone looks at it */
#define CAISSON_CELL_ARGS 0x4u	/* args[] go into x0..x3; otherwise x0 is hvctl's device tree */
/* entry is valid; otherwise the image's load address or its ELF entry. */
#define CAISSON_CELL_ENTRY 0x8u
/* EL2 keeps what was loaded, and restarts the cell by itself when its watchdog runs out. */
#define CAISSON_CELL_KEEP_IMAGE 0x10u
/* Each WFI is an exit, also in the interrupt mode direct-fiq: no sleep of the cell's keeps the kick off. */
#define CAISSON_CELL_TRAP_WFI 0x20u
#define CAISSON_CELL_FLAGS 0x3fu

/* What the driver does with a cell that has ended by itself. */
enum caisson_action { CAISSON_ACTION_STOP, CAISSON_ACTION_RESTART };

#define CAISSON_RESTARTS_UNLIMITED (~0u)

struct caisson_cell_entry {
	struct caisson_source source;
	char name[CAISSON_NAME_LEN]; /* NUL-padded */
	uint32_t flags;
	uint32_t on_off;      /* enum caisson_action, for PSCI SYSTEM_OFF and the last CPU_OFF, */
	uint32_t on_reset;    /* for PSCI SYSTEM_RESET, */
	uint32_t on_fault;    /* for a failure: a stray access, an SError, the watchdog */
	uint32_t restarts;    /* by these three since hvctl started the cell, or _UNLIMITED */
	uint32_t watchdog_ms; /* the cell fails if it does not pet for so long; 0: no watchdog */
	/* The SPI that asks it to shut down, as the cell sees it; 0: hvctl picks a spare one, or none. */
	uint32_t shutdown_intid;
	uint32_t reserved;  /* 0 */
	uint64_t gicd_base; /* IPA of the distributor the cell sees, 64 KiB aligned */
	uint64_t gicr_base; /* IPA of its first redistributor, 128 KiB a CPU, 64 KiB aligned */
	uint64_t entry;
	uint64_t args[4];
};

enum caisson_irq_mode {
	CAISSON_MODE_AUTO,
	CAISSON_MODE_DIRECT_FIQ,
	CAISSON_MODE_DIRECT_REVOKE,
	CAISSON_MODE_LIST,
};

struct caisson_system_entry {
	struct caisson_source source;
	char name[CAISSON_NAME_LEN];
	uint64_t gicd_base;
	uint64_t gicd_size;
	uint64_t gicr_base; /* one contiguous range of 128 KiB frames (256 KiB with VLPIs) */
	uint64_t gicr_size;
	uint32_t irq_mode;   /* enum caisson_irq_mode */
	uint32_t pool_pages; /* pages of the EL2 pool; 0: sized by the driver */
};

struct caisson_cpu_entry {
	struct caisson_source source;
	uint32_t first; /* CPU numbers are root Linux's */
	uint32_t count;
};

#define CAISSON_PA_ANY (~0ULL) /* the driver finds the memory */

#define CAISSON_MEM_READ 0x1u
#define CAISSON_MEM_WRITE 0x2u
#define CAISSON_MEM_EXEC 0x4u
#define CAISSON_MEM_CONTIGUOUS 0x8u /* one physical piece, for DMA */
#define CAISSON_MEM_FLAGS 0xfu

struct caisson_memory_entry {
	struct caisson_source source;
	uint64_t ipa; /* 4 KiB aligned; 2 MiB aligned address and size give 2 MiB blocks */
	uint64_t pa;  /* or CAISSON_PA_ANY; equals ipa in a .sys */
	uint64_t size;
	uint32_t flags;	   /* READ is required */
	uint32_t reserved; /* 0 */
};

/* Device regions may be smaller than a page: accesses to such a page are then carried out by EL2. */
struct caisson_device_entry {
	struct caisson_source source;
	uint64_t ipa; /* equals pa in a .sys */
	uint64_t pa;
	uint64_t size;	   /* bytes; multiple of 4 where the region is no whole number of pages */
	uint32_t flags;	   /* CAISSON_MEM_READ | _WRITE */
	uint32_t reserved; /* 0 */
	/*
	 * Offset of a string: the path, in root's device tree, of the device whose registers these are.
	 * Root's driver then lets go of it for as long as the cell is there. 0: none, as in a .sys.
	 */
	CAISSON_CONFIG_STRING node;
};

struct caisson_irq_entry {
	struct caisson_source source;
	uint32_t first; /* INTID, 32..1019 */
	uint32_t count;
};

struct caisson_console_entry {
	struct caisson_source source;
	uint64_t base; /* IPA of the PL011 that EL2 emulates, 4 KiB aligned */
	/* Its SPI as the cell sees it; 0: hvctl picks a spare one, or the console is polled. */
	uint32_t intid;
	uint32_t reserved; /* 0 */
};

/*
 * The affinity (MPIDR format) of a cell's `n`-th CPU, 0 and up: 16 in a cluster, as that is how many
 * of one an SGI reaches without range selector (IHI 0069, ICC_CTLR_EL1.RSS).
 */
#define CAISSON_CELL_AFFINITY(n) ((uint64_t)(n) >> 4 << 8 | ((n) & 15))

#endif
