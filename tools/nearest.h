/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * "Did you mean": of the names that there are, the one that a mistyped word was meant to be. Pure
 * but for complaints.
 */
#ifndef NEAREST_H
#define NEAREST_H

#include <stddef.h>

#define NEAREST_MAX 64 /* longer words are not compared */

struct nearest {
	const char *word;
	size_t slips; /* of the best name so far; more than are allowed: there is none */
	char name[NEAREST_MAX];
};

/**
 * nearest_begin - forget all names
 * @n:    what is found
 * @word: as it was typed; has to stay where it is
 */
void nearest_begin(struct nearest *n, const char *word);

/* One of the names that there are; copied. The first of several that are equally near wins. */
void nearest_offer(struct nearest *n, const char *name);

/* The best name, or NULL if none is near. */
const char *nearest_name(const struct nearest *n);

/**
 * nearest_hint - print the best name on stderr as a hint
 * @n:      with all names offered
 * @prefix: stands in front of the name
 *
 * Return: was there a name?
 */
int nearest_hint(const struct nearest *n, const char *prefix);

#endif
