// SPDX-License-Identifier: GPL-2.0-only
/* "Did you mean", see nearest.h. */
#include <stdio.h>
#include <string.h>

#include "hvctl.h"
#include "nearest.h"

static size_t least(size_t a, size_t b)
{
	return a < b ? a : b;
}

/*
 * Slips of the finger between two words: characters too many, missing, wrong, or two of them in the
 * wrong order (the optimal string alignment distance, by its usual recurrence over three rows).
 */
static size_t slips_between(const char *a, const char *b)
{
	size_t rows[3][NEAREST_MAX + 1], length = strlen(b), i, k;

	for (k = 0; k <= length; k++)
		rows[0][k] = k;
	for (i = 1; a[i - 1]; i++) {
		const size_t *before = rows[(i + 1) % 3], *last = rows[(i + 2) % 3];
		size_t *row = rows[i % 3];

		row[0] = i;
		for (k = 1; k <= length; k++) {
			row[k] = least(least(last[k], row[k - 1]) + 1,
				       last[k - 1] + (a[i - 1] != b[k - 1]));
			if (i > 1 && k > 1 && a[i - 1] == b[k - 2] && a[i - 2] == b[k - 1])
				row[k] = least(row[k], before[k - 2] + 1);
		}
	}
	return rows[strlen(a) % 3][length];
}

/* One slip in words of up to four characters, two in those of up to eight, and so on. */
static size_t allowed(const char *word)
{
	return (strlen(word) + 3) / 4;
}

void nearest_begin(struct nearest *n, const char *word)
{
	*n = (struct nearest){ .word = word, .slips = allowed(word) + 1 };
}

void nearest_offer(struct nearest *n, const char *name)
{
	size_t slips, length = strlen(n->word);

	if (length >= NEAREST_MAX || strlen(name) >= NEAREST_MAX || length < 2)
		return;
	/* A name's beginning was meant to be the name, however much is missing. */
	slips = length > 2 && !strncmp(name, n->word, length) ? 0 : slips_between(n->word, name);
	if (slips < n->slips) {
		n->slips = slips;
		snprintf(n->name, sizeof(n->name), "%s", name);
	}
}

const char *nearest_name(const struct nearest *n)
{
	return *n->name ? n->name : NULL;
}

int nearest_hint(const struct nearest *n, const char *prefix)
{
	if (nearest_name(n))
		complain("hint: did you mean `%s%s'?", prefix, n->name);
	return nearest_name(n) != NULL;
}
