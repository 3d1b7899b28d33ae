// SPDX-License-Identifier: GPL-2.0-only
/* JSON output (RFC 8259), see json.h. Pure but for writing to its stream. */
#include <inttypes.h>
#include <string.h>

#include "json.h"

static void write_bytes(struct json *j, const unsigned char *bytes, size_t length)
{
	size_t i;

	fputc('"', j->to);
	for (i = 0; i < length; i++) {
		if (bytes[i] == '"' || bytes[i] == '\\')
			fprintf(j->to, "\\%c", bytes[i]);
		else if (bytes[i] == '\n')
			fputs("\\n", j->to);
		else if (bytes[i] < 0x20 || bytes[i] > 0x7e)
			fprintf(j->to, "\\u%04x", bytes[i]);
		else
			fputc(bytes[i], j->to);
	}
	fputc('"', j->to);
}

static void new_line(struct json *j)
{
	unsigned int i;

	if (j->line)
		return;
	fputc('\n', j->to);
	for (i = 0; i < j->depth; i++)
		fputs("  ", j->to);
}

/* Everything that stands before a value. */
static void before(struct json *j, const char *key)
{
	if (j->any)
		fputc(',', j->to);
	if (j->depth)
		new_line(j);
	if (key) {
		write_bytes(j, (const unsigned char *)key, strlen(key));
		fputs(": ", j->to);
	}
	j->any = true;
}

static void open_level(struct json *j, const char *key, char bracket)
{
	before(j, key);
	fputc(bracket, j->to);
	j->depth++;
	j->any = false;
}

static void close_level(struct json *j, char bracket)
{
	j->depth--;
	if (j->any)
		new_line(j);
	fputc(bracket, j->to);
	j->any = true;
	if (!j->depth)
		fputc('\n', j->to);
}

void json_begin(struct json *j, FILE *to)
{
	*j = (struct json){ .to = to };
}

void json_begin_line(struct json *j, FILE *to)
{
	*j = (struct json){ .to = to, .line = true };
}

void json_object(struct json *j, const char *key)
{
	open_level(j, key, '{');
}

void json_array(struct json *j, const char *key)
{
	open_level(j, key, '[');
}

void json_end_object(struct json *j)
{
	close_level(j, '}');
}

void json_end_array(struct json *j)
{
	close_level(j, ']');
}

void json_string(struct json *j, const char *key, const char *text)
{
	json_bytes(j, key, text, strlen(text));
}

void json_bytes(struct json *j, const char *key, const void *bytes, size_t length)
{
	before(j, key);
	write_bytes(j, bytes, length);
}

void json_number(struct json *j, const char *key, uint64_t value)
{
	before(j, key);
	fprintf(j->to, "%" PRIu64, value);
}

void json_tenths(struct json *j, const char *key, uint64_t tenths)
{
	before(j, key);
	fprintf(j->to, "%" PRIu64 ".%" PRIu64, tenths / 10, tenths % 10);
}

void json_bool(struct json *j, const char *key, bool value)
{
	before(j, key);
	fputs(value ? "true" : "false", j->to);
}

void json_null(struct json *j, const char *key)
{
	before(j, key);
	fputs("null", j->to);
}
