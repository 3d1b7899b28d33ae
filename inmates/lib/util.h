/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The little of a C library that inmates need. The names are the standard ones because the compiler
 * emits calls to mem*().
 */
#ifndef INMATE_UTIL_H
#define INMATE_UTIL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

void *memcpy(void *to, const void *from, size_t n);
void *memmove(void *to, const void *from, size_t n);
void *memset(void *to, int byte, size_t n);
int memcmp(const void *a, const void *b, size_t n);
size_t strlen(const char *s);
int strcmp(const char *a, const char *b);
int strncmp(const char *a, const char *b, size_t n);

/*
 * Reads a number, decimal or 0x..., after any blanks at *s and moves *s behind it.
 * Returns false, with *s and *value as they were, if there is none or it exceeds 64 bits.
 */
bool parse_u64(const char **s, uint64_t *value);

/* If the line's first word is `word`: its rest without leading blanks; otherwise NULL. */
const char *line_after(const char *line, const char *word);

/*
 * Prints to the console, one call's text in one piece whichever CPUs print. %d %i %u %x %c %s %p
 * %%, with l, ll or z, a width and the flags 0 and -; an unknown conversion is printed as it
 * stands. Not from interrupt handlers (it takes the console's lock).
 */
int printf(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
