/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * GICv3 distributor and redistributor registers (IHI 0069H, chapters 12.9 to 12.11): offsets in
 * bytes from the frame, and the fields somebody here uses. GICR offsets count from RD_base;
 * SGI_base is the 64 KiB page behind it. Names are the architecture's. The suffix E marks the
 * extended SPIs (INTID 4096..5119) and PPIs (1056..1119) of GICv3.1.
 */
#ifndef CAISSON_GIC_REGS_H
#define CAISSON_GIC_REGS_H

#define GIC_PPI_FIRST 16
#define GIC_SPI_FIRST 32u
#define GIC_SPECIAL 1020 /* to 1023: nothing to take */
#define GIC_EPPI_FIRST 1056u
#define GIC_ESPI_FIRST 4096u
#define GIC_PPI_MAINTENANCE 25 /* of the virtual CPU interface: KVM's (BSA, table of PPIs) */
#define GIC_PPI_CNTHP 26	/* EL2's physical timer */

#define GICD_CTLR 0x0000u
#define GICD_TYPER 0x0004u
#define GICD_IIDR 0x0008u
#define GICD_TYPER2 0x000cu
#define GICD_STATUSR 0x0010u
#define GICD_SETSPI_NSR 0x0040u
#define GICD_CLRSPI_NSR 0x0048u
#define GICD_SETSPI_SR 0x0050u
#define GICD_CLRSPI_SR 0x0058u
#define GICD_IGROUPR 0x0080u
#define GICD_ISENABLER 0x0100u
#define GICD_ICENABLER 0x0180u
#define GICD_ISPENDR 0x0200u
#define GICD_ICPENDR 0x0280u
#define GICD_ISACTIVER 0x0300u
#define GICD_ICACTIVER 0x0380u
#define GICD_IPRIORITYR 0x0400u
#define GICD_ITARGETSR 0x0800u
#define GICD_ICFGR 0x0c00u
#define GICD_IGRPMODR 0x0d00u
#define GICD_NSACR 0x0e00u
#define GICD_SGIR 0x0f00u
#define GICD_CPENDSGIR 0x0f10u
#define GICD_SPENDSGIR 0x0f20u
#define GICD_INMIR 0x0f80u
#define GICD_IGROUPR_E 0x1000u
#define GICD_ISENABLER_E 0x1200u
#define GICD_ICENABLER_E 0x1400u
#define GICD_ISPENDR_E 0x1600u
#define GICD_ICPENDR_E 0x1800u
#define GICD_ISACTIVER_E 0x1a00u
#define GICD_ICACTIVER_E 0x1c00u
#define GICD_IPRIORITYR_E 0x2000u
#define GICD_ICFGR_E 0x3000u
#define GICD_IGRPMODR_E 0x3400u
#define GICD_NSACR_E 0x3600u
#define GICD_INMIR_E 0x3b00u
#define GICD_IROUTER 0x6000u /* of INTID 0; the first that exists is that of INTID 32 */
#define GICD_IROUTER_E 0x8000u
#define GICD_ID 0xffd0u /* PIDR4..7, PIDR0..3, CIDR0..3, up to the frame's end */
#define GICD_PIDR2 0xffe8u

/*
 * Of two security states (DS = 0) we see neither Group 0's bit nor DS. RWP: a change of an enable
 * bit has not taken effect everywhere.
 */
#define GICD_CTLR_ENABLE_GRP0 0x1u
#define GICD_CTLR_ENABLE_GRP1 0x2u
#define GICD_CTLR_ARE 0x10u
#define GICD_CTLR_DS 0x40u
#define GICD_CTLR_RWP 0x80000000u

#define GICD_TYPER_IT_LINES 0x1fu /* SPIs end at 32 * (field + 1); 0: there are none */
#define GICD_TYPER_SECURITY_EXTN 0x400u
#define GICD_TYPER_ID_BITS(x) (((x) >> 19) & 0x1fu) /* bits of an INTID, minus 1 */
#define GICD_TYPER_ID_BITS_SHIFT 19
#define GICD_TYPER_NO_1N 0x2000000u
#define GICD_TYPER_RSS 0x4000000u

#define GICD_SPI_NSR_INTID 0x1fffu

#define GICD_IROUTER_IRM 0x80000000ULL /* any participating CPU */

#define GICR_CTLR 0x0000u
#define GICR_IIDR 0x0004u
#define GICR_TYPER 0x0008u
#define GICR_STATUSR 0x0010u
#define GICR_WAKER 0x0014u
#define GICR_MPAMIDR 0x0018u
#define GICR_PARTIDR 0x001cu
#define GICR_SETLPIR 0x0040u
#define GICR_CLRLPIR 0x0048u
#define GICR_PROPBASER 0x0070u
#define GICR_PENDBASER 0x0078u
#define GICR_INVLPIR 0x00a0u
#define GICR_INVALLR 0x00b0u
#define GICR_SYNCR 0x00c0u
#define GICR_ID 0xffd0u
#define GICR_SGI_BASE 0x10000u
#define GICR_IGROUPR0 0x10080u
#define GICR_ISENABLER0 0x10100u
#define GICR_ICENABLER0 0x10180u
#define GICR_ISPENDR0 0x10200u
#define GICR_ICPENDR0 0x10280u
#define GICR_ISACTIVER0 0x10300u
#define GICR_ICACTIVER0 0x10380u
#define GICR_IPRIORITYR 0x10400u
#define GICR_ICFGR0 0x10c00u
#define GICR_ICFGR1 0x10c04u
#define GICR_IGRPMODR0 0x10d00u
#define GICR_NSACR 0x10e00u
#define GICR_INMIR0 0x10f80u

#define GICR_CTLR_ENABLE_LPIS 0x1u
#define GICR_CTLR_RWP 0x8u
#define GICR_CTLR_DPG1NS 0x2000000u
#define GICR_CTLR_UWP 0x80000000u

#define GICR_TYPER_LAST 0x10ULL
#define GICR_TYPER_NUMBER_SHIFT 8
#define GICR_TYPER_AFFINITY_SHIFT 32

#define GICR_WAKER_PROCESSOR_SLEEP 0x2u
#define GICR_WAKER_CHILDREN_ASLEEP 0x4u

#define GICR_PROPBASER_ID_BITS 0x1fULL
#define GICR_PROPBASER_ADDRESS 0x000ffffffffff000ULL
#define GICR_PENDBASER_ADDRESS 0x000fffffffff0000ULL
#define GIC_LPI_FIRST 8192u

#endif
