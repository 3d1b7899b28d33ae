/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * EL2's log: a ring of text that root reads (abi/caisson/hypercall.h). Any CPU, any context; its
 * lock is the last in the order. Before log_init() lines are lost.
 */
#ifndef CAISSON_LOG_H
#define CAISSON_LOG_H

#include "types.h"

/*
 * %s, %d, %u, %x (all integers are 64 bits: cast pointers, pass uint64_t or int64_t). A line
 * each.
 */
void log_line(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Integers go through this, so that one conversion fits all widths. */
#define U(x) ((unsigned long)(x))

/*
 * By the first CPU, after pool_init(); false: the pool is empty. The other two describe
 * the ring's pages, which root maps read-only: size in bytes.
 */
bool log_init(void);
pa_t log_pa(void);
size_t log_size(void);

#endif
