// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The power button's interrupt becomes a flag. */
#include "arch.h"
#include "gic.h"
#include "machine.h"
#include "shutdown.h"
#include "sync.h"

static uint32_t requested;

static void pressed(unsigned int intid, void *arg)
{
	(void)intid;
	(void)arg;
	atomic_set(&requested, 1u);
}

bool shutdown_listen(void)
{
	if (!machine.power_intid)
		return false;
	irq_install(machine.power_intid, pressed, NULL);
	return irq_enable(machine.power_intid, true);
}

bool shutdown_requested(void)
{
	return atomic_get(&requested);
}
