/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Types of EL2: fixed-width integers, and one type per address space, so that the compiler
 * refuses a guest's address where a physical one is meant.
 */
#ifndef CAISSON_TYPES_H
#define CAISSON_TYPES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct {
	uint64_t v;
} pa_t; /* physical address */

typedef struct {
	uint64_t v;
} ipa_t; /* intermediate physical address: what a cell takes for physical */

#define PA(x) ((pa_t){ (x) })
#define IPA(x) ((ipa_t){ (x) })

#define PAGE_SIZE 4096ULL
#define PAGE_MASK (PAGE_SIZE - 1)

#define MIB(n) ((uint64_t)(n) << 20)
#define GIB(n) ((uint64_t)(n) << 30)

#define BIT(n) (1ULL << (n))
#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))
#define ALIGN_UP(x, a) (((x) + (a)-1) & ~((uint64_t)(a)-1))
#define ALIGN_DOWN(x, a) ((x) & ~((uint64_t)(a)-1))
#define MIN(a, b) ((a) < (b) ? (a) : (b))
#define MAX(a, b) ((a) > (b) ? (a) : (b))

#endif
