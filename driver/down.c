// SPDX-License-Identifier: GPL-2.0-only
/*
 * The end of it all while cells run: reboot, power-off, halt and kexec of root, or a module that is
 * removed by force. Cells are asked to shut down, waited for and stopped, then EL2 is left as it
 * was found: firmware, or the next kernel, gets a bare machine. Step 11 of the tour.
 *
 * Nobody can veto any of these, so each wait has an end, and what cannot be done is said.
 */
#include <linux/delay.h>
#include <linux/ktime.h>
#include <linux/module.h>
#include <linux/sched.h>

#include "caisson.h"

static unsigned int shutdown_timeout = 10;
module_param(shutdown_timeout, uint, 0644);
MODULE_PARM_DESC(shutdown_timeout,
		 "seconds for which root's reboot waits for its cells (default 10)");

bool caisson_going_down; /* under caisson_lock: nothing begins any more */

/* Whoever has the lock may take long. Return: whether we have it. */
static bool lock_until(u64 deadline)
{
	while (!mutex_trylock(&caisson_lock)) {
		if (ktime_get_ns() > deadline)
			return false;
		usleep_range(1000, 2000);
	}
	return true;
}

static bool any_asked_runs(void)
{
	const struct cell *cell;

	list_for_each_entry(cell, &caisson_cells, node)
		if (cell->asked && cell_state(cell) == CAISSON_CELL_RUNNING)
			return true;
	return false;
}

/* All at once, so that the slowest is the one that is waited for. */
static void ask_cells(u64 deadline)
{
	struct caisson_ioc_error err;
	struct cell *cell;

	list_for_each_entry(cell, &caisson_cells, node)
		cell_ask_now(cell, &err);
	while (any_asked_runs() && ktime_get_ns() < deadline)
		usleep_range(5000, 10000);
}

static void end_cells(bool cpus)
{
	struct caisson_ioc_error err = {};
	struct cell *cell, *next;

	list_for_each_entry_safe(cell, next, &caisson_cells, node) {
		bool running = cell_state(cell) == CAISSON_CELL_RUNNING;

		if (running && cell->asked)
			dev_warn(caisson_device(), "cell %s did not shut down in %u s: stopped\n",
				 cell->name, shutdown_timeout);
		else if (running)
			dev_info(caisson_device(),
				 "cell %s cannot be asked to shut down: stopped\n",
				 cell->name);
		else if (cell->asked)
			dev_info(caisson_device(), "cell %s has shut down\n", cell->name);
		if (cell_end(cell, cpus, &err))
			dev_err(caisson_device(), "cell %s cannot be stopped (error %u)\n",
				cell->name, err.code);
	}
}

/**
 * caisson_down - end all cells and take the hypervisor away
 * @gone: Linux goes as well: nothing is begun from now on, and the cells' CPUs stay off, as one
 *        that came online now would leave EL2 without the next kernel's knowledge
 *
 * Process context, no lock held. Takes a bounded time whatever the cells do.
 */
void caisson_down(bool gone)
{
	const u64 patience = (u64)shutdown_timeout * NSEC_PER_SEC;
	struct caisson_ioc_error err = {};

	if (!lock_until(ktime_get_ns() + patience)) {
		dev_err(caisson_device(), "busy: cells and hypervisor are left as they are\n");
		return;
	}
	caisson_going_down = gone;
	if (hv.enabled) {
		ask_cells(ktime_get_ns() + patience);
		end_cells(!gone);
		if (hv_disable(&err))
			dev_err(caisson_device(), "the hypervisor stays in EL2 (error %u)\n",
				err.code);
	}
	mutex_unlock(&caisson_lock);
}
