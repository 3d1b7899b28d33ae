/* SPDX-License-Identifier: GPL-2.0-only */
/* A checked configuration in words or as JSON: `config show`, `cell show`, `enable --dry-run`. */
#ifndef DESCRIBE_H
#define DESCRIBE_H

#include "hvctl.h"
#include "json.h"

/* Prints a checked blob on stdout, one entry a line, each with its origin. */
void describe_text(const void *blob);

/* Adds the same as members of the JSON object that is open in @j; addresses are numbers. */
void describe_json(struct json *j, const void *blob);

/* Prints a checked blob on stdout as the user asked for it: an object of its own, or text. */
void describe(const void *blob, bool json);

#endif
