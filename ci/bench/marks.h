/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the module tells plugin.c: MOVZ XZR, #(BENCH_MARK + n), which does nothing and which no
 * compiler makes. n: a hypercall's number from CAISSON_HC_BASE on, or one of those below.
 */
#ifndef BENCH_MARKS_H
#define BENCH_MARKS_H

#define BENCH_MARK 0xca00
#define BENCH_CALLS(X) \
	X(0) X(1) X(2) X(3) X(4) X(5) X(6) X(7) X(8) X(9) X(10) X(11) X(12) X(13) X(14) X(15)
#define BENCH_CALL_NONE 16 /* it has returned; and what the plugin calls a stay for another reason */
#define BENCH_CALL_PARKED 17 /* the plugin's alone */
#define BENCH_CLEAR 18
#define BENCH_WRITE 19

#endif
