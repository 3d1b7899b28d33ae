/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * caisson.bin, and what the driver hands to EL2 with it.
 *
 * The driver claims one physically contiguous piece of memory, the *hypervisor memory*:
 *
 *     offset 0            image, header first (text R-X, rodata R--, data and bss RW-); the rodata begins
 *                         with CAISSON_RANDOM_SIZE bytes for the driver to fill, random at each enable
 *     boot_off            struct caisson_boot with one struct caisson_cpu_boot per CPU (RW-)
 *     private_off         one private area per CPU, private_size bytes each (mapped by that CPU only)
 *     tables              what is left of the driver's stage-1 tables (RW-)
 *     pool_off .. size    pages EL2 allocates from (RW-): the first ones hold a bitmap with a bit for
 *                         each page, that of page 0 first, which is 0 for those that are all zero
 *
 * and builds EL2's stage-1 tables in it (4 KiB granule, 48 bits, one level-0 table per CPU):
 *
 *     slot 0..255         identity map of the image's idmap page(s), R-X, global
 *     CAISSON_VA_MEMORY   hypervisor memory, linearly; the private areas stay unmapped here
 *     CAISSON_VA_GICD     distributor, Device-nGnRE
 *     CAISSON_VA_GICR     redistributor frames of CPU n at + n * CAISSON_GICR_STRIDE, Device-nGnRE
 *     CAISSON_VA_PRIVATE  this CPU's private area, laid out as below
 *
 * A private area's pages, physically in this order: data, CAISSON_STACK_PAGES of stack, and the
 * CPU's own L0, L1, L2, L3 tables. They are mapped at CAISSON_VA_PRIVATE plus the offsets below with
 * guard pages between; L3 is also mapped, at CAISSON_PRIV_L3, so that EL2 can point the window
 * pages (invalid at first) at guest memory.
 */
#ifndef CAISSON_IMAGE_H
#define CAISSON_IMAGE_H

#include "abi.h"

#define CAISSON_IMAGE_MAGIC CAISSON_U64(0x315f4e5353494143) /* "CAISSN_1" in memory */

#define CAISSON_VA_MEMORY CAISSON_U64(0x0000800000000000) /* L0 slot 256 */
#define CAISSON_VA_GICD CAISSON_U64(0x0000808000000000)	  /* L0 slot 257 */
#define CAISSON_VA_GICR CAISSON_U64(0x0000808000200000)	  /* 2 MiB behind it */
#define CAISSON_GICR_STRIDE CAISSON_U64(0x20000) /* RD_base and SGI_base of a CPU, 64 KiB each */
#define CAISSON_VA_PRIVATE CAISSON_U64(0x0000810000000000) /* L0 slot 258 */

#define CAISSON_RANDOM_SIZE 24 /* canary, key (vectors.S) */

#define CAISSON_STACK_PAGES 2
/* Offsets from CAISSON_VA_PRIVATE, in bytes. */
#define CAISSON_PRIV_DATA CAISSON_U64(0x1000)
/* Lowest byte; the pages below and above are guards. */
#define CAISSON_PRIV_STACK CAISSON_U64(0x3000)
#define CAISSON_PRIV_STACK_TOP (CAISSON_PRIV_STACK + CAISSON_STACK_PAGES * CAISSON_U64(4096))
#define CAISSON_PRIV_L3 CAISSON_U64(0x7000)
/* CAISSON_WINDOW_PAGES of them, each with a guard behind. */
#define CAISSON_PRIV_WINDOW CAISSON_U64(0x10000)
#define CAISSON_WINDOW_PAGES 4
/* Pages of a private area in physical order. */
#define CAISSON_PRIV_PAGE_DATA 0
#define CAISSON_PRIV_PAGE_STACK 1
#define CAISSON_PRIV_PAGE_L0 (1 + CAISSON_STACK_PAGES)
#define CAISSON_PRIV_PAGES (5 + CAISSON_STACK_PAGES)

/* MAIR_EL2 as EL2 loads it; the driver's descriptors use these indices (Arm ARM D17.2.97). */
#define CAISSON_MAIR_DEVICE 0 /* Device-nGnRE */
#define CAISSON_MAIR_NORMAL 1 /* Normal, inner and outer write-back, read- and write-allocate */
#define CAISSON_MAIR_EL2 CAISSON_U64(0xff04)

#ifndef __ASSEMBLER__
struct caisson_image_header {
	uint64_t magic;
	uint32_t abi_version;
	uint32_t header_size;
	uint32_t file_size; /* bytes of caisson.bin */
	uint32_t mem_size;  /* with bss, multiple of 4 KiB */
	/* Offsets and sizes from the header, multiples of 4 KiB: [0, rodata_off) is R-X, and so on. */
	uint32_t rodata_off;
	uint32_t data_off;
	uint32_t idmap_off; /* inside the text */
	uint32_t idmap_size;
	uint32_t entry_off;	    /* target of the soft restart, inside the idmap */
	uint32_t guarded_off;	    /* [it, rodata_off) has landing pads for all indirect branches */
	uint64_t link_va;	    /* CAISSON_VA_MEMORY, or the image does not fit this driver */
};

/* Set by the driver; EL2 reads it once per CPU with the MMU off: 8-byte aligned fields only. */
struct caisson_cpu_boot {
	uint64_t ttbr0;	    /* physical address of this CPU's L0 table */
	uint64_t mpidr;	    /* affinity fields of MPIDR_EL1 */
	uint64_t gicr_pa;   /* RD_base of this CPU */
	uint64_t return_pc; /* where root goes on in EL1h after entering (and after a rollback) */
	uint64_t return_pstate; /* SPSR for it: 0x3c5 and the bits design.md lists */
	uint64_t online;	/* 1: takes part in the rendezvous; 0: physically off */
	uint64_t index;		/* this CPU's number, that of root Linux */
	uint64_t lpis;		/* the driver's, from CAISSON_HC_DISABLE */
	uint64_t sctlr;		/* bits of SCTLR_EL2 for what all CPUs have: EnIA */
};

#define CAISSON_BOOT_MAGIC CAISSON_U64(0x544f4f42) /* "BOOT" */

struct caisson_boot {
	uint64_t magic;
	uint64_t memory_pa; /* the hypervisor memory */
	uint64_t memory_size;
	uint64_t boot_off;
	uint64_t private_off;
	uint64_t private_size; /* CAISSON_PRIV_PAGES * 4 KiB */
	uint64_t pool_off;
	uint64_t ncpus;	  /* possible CPUs: entries of cpu[] */
	uint64_t nonline; /* those with cpu[].online */
	uint64_t gicd_pa;
	/* The system configuration (.sys blob), inside the hypervisor memory. */
	uint64_t config_off;
	uint64_t config_size;
	uint64_t doorbell_intid; /* unwired SPI by which EL2 calls root, 0: none */
	/*
	 * KVM's host call numbers of the running kernel, from asm/kvm_asm.h: __kvm_vcpu_run,
	 * __kvm_get_mdcr_el2, vgic read_vmcr and write_vmcr; ~0: it has no such call.
	 */
	uint64_t root_hvc_run;
	uint64_t root_hvc_mdcr;
	uint64_t root_hvc_read_vmcr;
	uint64_t root_hvc_write_vmcr;
	uint64_t irq_mode; /* enum caisson_irq_mode, no longer AUTO */
	uint64_t root_uart_pa; /* the PL011 that is root's console, 0: it has none */
	uint64_t reserved[1];
	struct caisson_cpu_boot cpu[]; /* indexed by root Linux's CPU number */
};

#endif /* __ASSEMBLER__ */

#endif
