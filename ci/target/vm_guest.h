/* SPDX-License-Identifier: GPL-2.0-only */
/* Where things are in the virtual machine; what vm_guest.S does, and vm.c makes and looks at. */
#ifndef VM_GUEST_H
#define VM_GUEST_H

#define GUEST_GICD 0x08000000
#define GUEST_GICR 0x080a0000
#define GUEST_RAM 0x40000000
#define GUEST_SGI 5
#define GUEST_TIMER 27 /* the virtual one */

/* Nothing is at GUEST_MMIO: accesses leave the guest. Offsets; all but IN are written. */
#define GUEST_MMIO 0x10000000
#define MMIO_IN 0	/* any number */
#define MMIO_OUT 4	/* that number plus one */
#define MMIO_HVC 8	/* what PSCI_VERSION by HVC said */
#define MMIO_SGI 12	/* the INTID that was taken */
#define MMIO_TIMER 16	/* the same */
#define MMIO_ROUND 20	/* the end of a round: its number, from 1 */
#define MMIO_FAULT 24	/* an exception that must not be: the vector's number */

#endif
