/* SPDX-License-Identifier: GPL-2.0-only */
/* What the fuzzers share: libFuzzer's entry points, random numbers, and the end of a run. */
#ifndef FUZZ_H
#define FUZZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max, unsigned int seed);
size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max); /* libFuzzer's own */

/* libFuzzer keeps the input of a run that ends like this. */
#define require(what)                                                                        \
	do {                                                                                 \
		if (!(what)) {                                                               \
			fprintf(stderr, "%s:%d: not true: %s\n", __FILE__, __LINE__, #what); \
			abort();                                                             \
		}                                                                            \
	} while (0)

static uint64_t draw_state;

static inline void draw_from(uint64_t seed)
{
	draw_state = seed * 2 + 1;
}

/* 0 to @below - 1, or 0; a linear congruential generator's upper half (Knuth, TAOCP 3.3.4). */
static inline uint32_t draw(uint32_t below)
{
	draw_state = draw_state * 6364136223846793005ULL + 1442695040888963407ULL;
	return below ? (uint32_t)(draw_state >> 33) % below : 0;
}

#endif
