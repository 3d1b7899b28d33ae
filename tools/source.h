/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A configuration as C source, for scripts/cellcc: what a person would have written, with what the
 * machine says of each line in comments.
 */
#ifndef SOURCE_H
#define SOURCE_H

#include <stdio.h>

#include "inventory.h"
#include "machine.h"

struct source {
	FILE *to;
	const void *blob; /* checked; compiling what is written gives the same entries */
	const struct machine *machine;
	const struct inventory *inventory;
	const char *command; /* what it is written by, for the first comment */
};

void source_write(const struct source *s);

#endif
