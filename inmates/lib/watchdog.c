// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The calls behind the binding arm,smc-wdt, which are made by SMC whatever PSCI's conduit is.
 */
#include "machine.h"
#include "psci.h"
#include "watchdog.h"

enum { SMCWD_INIT, SMCWD_SET_TIMEOUT, SMCWD_ENABLE, SMCWD_PET, SMCWD_GET_TIMELEFT };

/* x[1] and x[2] become the results. */
static bool call(uint64_t function, uint64_t argument, uint64_t x[4])
{
	if (!machine.watchdog_id)
		return false;
	x[0] = machine.watchdog_id;
	x[1] = function;
	x[2] = argument;
	x[3] = 0;
	smccc(CONDUIT_SMC, x);
	return !x[0];
}

void watchdog_pet(void)
{
	uint64_t x[4];

	call(SMCWD_PET, 0, x);
}

bool watchdog_set_timeout(uint32_t seconds)
{
	uint64_t x[4];

	return call(SMCWD_SET_TIMEOUT, seconds, x);
}

bool watchdog_enable(bool run)
{
	uint64_t x[4];

	return call(SMCWD_ENABLE, run, x);
}

uint32_t watchdog_longest(void)
{
	uint64_t x[4];

	return call(SMCWD_INIT, 0, x) ? (uint32_t)x[2] : 0;
}

uint32_t watchdog_left(void)
{
	uint64_t x[4];

	return call(SMCWD_GET_TIMELEFT, 0, x) ? (uint32_t)x[1] : 0;
}
