// SPDX-License-Identifier: GPL-2.0-only
/*
 * EL2's C library, as far as it has one. Called from everywhere, most of all by the pool, which
 * zeroes pages: hence words where alignment allows, four at a time.
 */
#include "lib.h"

#define WORD sizeof(uint64_t)

typedef uint64_t __attribute__((may_alias)) word_t;

/*
 * Compilers recognise a loop that sets or copies memory and replace it by a call to memset or
 * memcpy, which here would be a call to itself. They cannot do so across this, with any options.
 */
#define KEEP_LOOP() __asm__ volatile("" ::: "memory")

void *memset(void *to, int byte, size_t size)
{
	uint64_t word = 0x0101010101010101ULL * (uint8_t)byte;
	uint8_t *at = to;

	for (; size && (uintptr_t)at % WORD; at++, size--) {
		*at = (uint8_t)byte;
		KEEP_LOOP();
	}
	for (; size >= 4 * WORD; at += 4 * WORD, size -= 4 * WORD) {
		((word_t *)at)[0] = word;
		((word_t *)at)[1] = word;
		((word_t *)at)[2] = word;
		((word_t *)at)[3] = word;
		KEEP_LOOP();
	}
	for (; size; at++, size--) {
		*at = (uint8_t)byte;
		KEEP_LOOP();
	}
	return to;
}

void *memcpy(void *restrict to, const void *restrict from, size_t size)
{
	const uint8_t *source = from;
	uint8_t *at = to;

	if (!(((uintptr_t)at | (uintptr_t)source) % WORD)) {
		for (; size >= WORD; at += WORD, source += WORD, size -= WORD) {
			*(word_t *)at = *(const word_t *)source;
			KEEP_LOOP();
		}
	}
	for (; size; at++, source++, size--) {
		*at = *source;
		KEEP_LOOP();
	}
	return to;
}

int memcmp(const void *a, const void *b, size_t size)
{
	const uint8_t *left = a, *right = b;

	for (; size; left++, right++, size--) {
		if (*left != *right)
			return *left < *right ? -1 : 1;
	}
	return 0;
}
