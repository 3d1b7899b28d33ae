/* SPDX-License-Identifier: GPL-2.0-only */
/* From a faulting IPA to the emulated device behind it [tour: 9]. */
#ifndef CAISSON_MMIO_DISPATCH_H
#define CAISSON_MMIO_DISPATCH_H

#include <caisson/hypercall.h>

#include "mmio.h"
#include "percpu.h"

/*
 * True: carried out, and *cause says as what it counts. False: no device there, or it
 * called it stray.
 * `ipa` is that of the access itself, with its low bits; `access` has size, direction
 * and value, and gets the offset and what was read. On the CPU that trapped, no locks
 * held: it takes gicd_lock, root's s2.lock, cpu->lock, the console's, or cells_lock, one
 * after the other.
 */
bool mmio_dispatch(struct cpu *cpu, ipa_t ipa, struct mmio_access *access,
		   enum caisson_exit *cause);

/* An emulated device of the cell is at `ipa`. The same locks. */
bool mmio_emulated(const struct cell *cell, ipa_t ipa);

/* Carries out the VPL011_* of an access to its console. On a CPU of the cell, or root's, no locks. */
void console_events(struct cell *cell, uint32_t events);

#endif
