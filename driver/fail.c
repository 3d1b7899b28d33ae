// SPDX-License-Identifier: GPL-2.0-only
/*
 * Only in the module that tests build: N in /sys/module/caisson/parameters/fail_in makes the Nth
 * step from then on fail (fail.h), which leaves 0 there. Linux's own threads do not count.
 */
#include <linux/moduleparam.h>
#include <linux/printk.h>
#include <linux/sched.h>

#include "fail.h"
#include "caisson/hypercall.h"

#define REPEATS 3 /* steps that are repeated until EL2 is done count so often in a row */

static unsigned int fail_in;
module_param(fail_in, uint, 0644);

bool fail_now(const char *step, u64 detail)
{
	static const char *last_step;
	static u64 last_detail;
	static unsigned int repeats;

	if (!fail_in || current->flags & PF_KTHREAD)
		return false;
	if (step != last_step || detail != last_detail)
		repeats = 0;
	last_step = step;
	last_detail = detail;
	/* A creation that has begun has no end but EL2's answer. */
	if (++repeats > (detail == CAISSON_HC_CELL_CREATE ? 1 : REPEATS) || --fail_in)
		return false;
	last_step = NULL;
	/* No message of the FAQ's, which has all that users see by pr_ and dev_. */
	printk(KERN_NOTICE "caisson: made to fail: %s, %llu\n", step, detail);
	return true;
}
