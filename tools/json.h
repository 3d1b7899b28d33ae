/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A writer of JSON: the reports of `--json`. Commas and indentation are kept by the writer, so a
 * caller only names what it has. Keys are NULL inside of arrays and for the outermost value.
 */
#ifndef JSON_H
#define JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

struct json {
	FILE *to;
	unsigned int depth;
	bool any;  /* something was written on this level */
	bool line; /* all of it on one line */
};

/* Begins a value on @to; json_end() of the outermost one also ends the line. */
void json_begin(struct json *j, FILE *to);
/* The same for a value that is one of many, each on a line of its own. */
void json_begin_line(struct json *j, FILE *to);
void json_object(struct json *j, const char *key);
void json_array(struct json *j, const char *key);
void json_end_object(struct json *j);
void json_end_array(struct json *j);

void json_string(struct json *j, const char *key, const char *text);
/* Any bytes; those above 0x7e become the code points of Latin-1, so that nothing is lost. */
void json_bytes(struct json *j, const char *key, const void *bytes, size_t length);
void json_number(struct json *j, const char *key, uint64_t value);
/* A number with one digit behind the point, given in tenths. */
void json_tenths(struct json *j, const char *key, uint64_t tenths);
void json_bool(struct json *j, const char *key, bool value);
void json_null(struct json *j, const char *key);

#endif
