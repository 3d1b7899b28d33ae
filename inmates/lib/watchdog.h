/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The cell's watchdog, if its configuration has one (.watchdog_ms): it runs from the cell's start
 * on, and the cell fails unless watchdog_pet() comes in time, from any CPU. Device-tree binding
 * arm,smc-wdt. Without a watchdog these do nothing, and what returns something returns false or 0.
 */
#ifndef INMATE_WATCHDOG_H
#define INMATE_WATCHDOG_H

#include <stdbool.h>
#include <stdint.h>

/* Its whole time again. */
void watchdog_pet(void);

/* Another time than the configuration's, and from now on; at most watchdog_longest(). */
bool watchdog_set_timeout(uint32_t seconds);

/* Stops it, or lets it run again with its whole time. */
bool watchdog_enable(bool run);

/* In whole seconds: the configuration's time, and what is left of the present one. */
uint32_t watchdog_longest(void);
uint32_t watchdog_left(void);

#endif
