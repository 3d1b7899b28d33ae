/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The inmate library. An inmate includes this and defines inmate_main().
 */
#ifndef INMATE_H
#define INMATE_H

#include "arch.h"
#include "console.h"
#include "cpu.h"
#include "exception.h"
#include "fdt.h"
#include "gic.h"
#include "machine.h"
#include "mmu.h"
#include "psci.h"
#include "shutdown.h"
#include "sync.h"
#include "timer.h"
#include "util.h"
#include "watchdog.h"

/*
 * The inmate itself: runs on CPU 0 in EL1h with MMU, caches, GIC and console on and IRQs unmasked.
 * When it returns the inmate switches itself off (PSCI SYSTEM_OFF).
 */
void inmate_main(void);

#endif
