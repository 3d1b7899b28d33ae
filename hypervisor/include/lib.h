/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The three functions of a C library that EL2 uses. The compiler emits calls to the mem* ones by
 * itself (structure copies and initialisers), so they have their standard names and prototypes.
 * Only naturally aligned accesses: they also work with the MMU off. Any context, no locks.
 */
#ifndef CAISSON_LIB_H
#define CAISSON_LIB_H

#include "types.h"

void *memset(void *to, int byte, size_t size);

/* The two ranges do not overlap. */
void *memcpy(void *restrict to, const void *restrict from, size_t size);

int memcmp(const void *a, const void *b, size_t size);

#endif
