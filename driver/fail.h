/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Steps that may fail, and do on demand in the module that tests build with FAIL=1; in any other
 * this is nothing. Every allocation, hypercall and call of Linux's whose failure we undo goes
 * through here.
 */
#ifndef CAISSON_FAIL_H
#define CAISSON_FAIL_H

#include <linux/types.h>

#ifdef CAISSON_FAIL
/* Whether this is the step that is to fail: fail.c counts them. @detail: of steps with one name. */
bool fail_now(const char *step, u64 detail);
#else
static inline bool fail_now(const char *step, u64 detail)
{
	return false;
}
#endif

/* The value of @step, or @failure without it. */
#define may_fail(step, failure) (fail_now(#step, 0) ? (failure) : (step))

#endif
