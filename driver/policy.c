// SPDX-License-Identifier: GPL-2.0-only
/*
 * What follows when a cell has ended by itself: what its configuration says, nothing or a restart,
 * told in root's log; step 11 of the tour.
 */
#include <linux/jiffies.h>
#include <linux/ktime.h>
#include <linux/workqueue.h>

#include "caisson.h"

#define WATCHDOG_RAN_OUT "failed, as its watchdog ran out"

/* What the configuration says about a cell that has ended. */
static u32 action(const struct cell *cell)
{
	const struct caisson_cell_entry *config = config_cell(cell->blob);

	if (cell->asked)
		return CAISSON_ACTION_STOP;
	switch (cell_state(cell)) {
	case CAISSON_CELL_OFF:
		return config->on_off;
	case CAISSON_CELL_RESET:
		return config->on_reset;
	default:
		return config->on_fault;
	}
}

/* For dmesg: "cell NAME ..." */
static const char *what_happened(const struct cell *cell)
{
	switch (cell_state(cell)) {
	case CAISSON_CELL_OFF:
		return "switched itself off";
	case CAISSON_CELL_RESET:
		return "asked for a reset";
	default:
		return READ_ONCE(cell->page->reason) == CAISSON_REASON_WATCHDOG ?
		       WATCHDOG_RAN_OUT : "failed";
	}
}

static void tell_restart(const struct cell *cell, const char *why, u32 restarts)
{
	u32 limit = config_cell(cell->blob)->restarts;
	char of[16] = "";

	if (limit != CAISSON_RESTARTS_UNLIMITED)
		snprintf(of, sizeof(of), " of %u", limit);
	dev_info_ratelimited(caisson_device(), "cell %s %s: restart %u%s\n", cell->name, why,
			     restarts, of);
}

/* Those that EL2 has made by itself (KEEP_IMAGE), as if they were ours. caisson_lock held. */
void cell_note_restarts(struct cell *cell)
{
	while (cell->page && cell->restarts < READ_ONCE(cell->page->restarts)) {
		cell->restarts++;
		cell->starts++;
		tell_restart(cell, WATCHDOG_RAN_OUT, cell->restarts);
	}
}

static void restart_by_policy(struct cell *cell)
{
	struct caisson_ioc_error err;

	tell_restart(cell, what_happened(cell), cell->restarts + 1);
	if (cell_restart_now(cell, cell->restarts + 1, &err))
		dev_err(caisson_device(), "cell %s cannot be restarted (error %u)\n", cell->name,
			err.code);
}

/*
 * Does with a cell what its configuration says, once each time it has ended.
 * Return: how many ns it is too early for that, 0: there is nothing to do any more.
 */
static u64 settle(struct cell *cell)
{
	const u32 limit = config_cell(cell->blob)->restarts;
	const bool again = action(cell) == CAISSON_ACTION_RESTART && cell->restarts < limit;
	const u64 now = ktime_get_ns();

	if (!cell_has_ended(cell_state(cell)) || cell->settled)
		return 0;
	if (again && now < cell->restart_after)
		return cell->restart_after - now;
	/* start() takes it back: a restart that is refused is not tried again. */
	cell->settled = true;
	if (again)
		restart_by_policy(cell);
	else if (action(cell) == CAISSON_ACTION_RESTART)
		dev_warn(caisson_device(), "cell %s %s, and stays so after %u restarts\n",
			 cell->name, what_happened(cell), cell->restarts);
	else
		dev_info(caisson_device(), "cell %s %s\n", cell->name, what_happened(cell));
	return 0;
}

static void settle_cells(struct work_struct *work)
{
	struct cell *cell;
	u64 wait = 0;

	mutex_lock(&caisson_lock);
	if (!caisson_going_down)
		list_for_each_entry(cell, &caisson_cells, node) {
			cell_note_restarts(cell);
			wait = min_not_zero(wait, settle(cell));
		}
	mutex_unlock(&caisson_lock);
	if (wait)
		queue_delayed_work(system_unbound_wq, to_delayed_work(work),
				   nsecs_to_jiffies(wait) + 1);
}

static DECLARE_DELAYED_WORK(settle_work, settle_cells);

/* From the doorbell, any process context: some cell has ended, or EL2 has restarted it. */
void cells_ended(void)
{
	mod_delayed_work(system_unbound_wq, &settle_work, 0);
}

/* When the module goes: there are no cells then. */
void policy_exit(void)
{
	cancel_delayed_work_sync(&settle_work);
}
