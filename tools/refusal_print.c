// SPDX-License-Identifier: GPL-2.0-only
/* Refusals on stderr, and in JSON (see refusal.h). */
#include <stdio.h>

#include "hvctl.h"
#include "refusal.h"

/* Offsets come from a kernel that may be of another version: believe nothing that is no entry. */
static bool is_entry(const void *blob, size_t size, uint64_t offset)
{
	uint32_t sec, i;

	if (!blob || !offset || offset >= size)
		return false;
	for (sec = 0; sec < CAISSON_SEC_STRINGS; sec++)
		for (i = 0; i < config_count(blob, sec); i++)
			if (config_offset(blob, sec, i) == offset)
				return true;
	return false;
}

void refusal_print_hint(const struct refusal *r)
{
	char hint[320];

	refusal_hint(r, hint, sizeof(hint));
	if (*hint)
		complain("hint: %s", hint);
}

/* As refusal_value(); but where a device's node is at fault, that. */
static void value_or_node(const struct refusal *r, const void *blob, char *text, size_t size)
{
	uint32_t i;

	refusal_value(r, text, size);
	if (!blob || r->code < CAISSON_E_NODE_UNKNOWN || r->code > CAISSON_E_NODE_DISK)
		return;
	for (i = 0; i < config_count(blob, CAISSON_SEC_DEVICE); i++)
		if (config_offset(blob, CAISSON_SEC_DEVICE, i) == r->offset &&
		    config_device(blob, i)->node)
			snprintf(text, size, " (%s)",
				 config_string(blob, config_device(blob, i)->node));
}

void refusal_print(const struct refusal *r, const void *blob, size_t size, const char *what)
{
	char where[512], value[256];

	value_or_node(r, blob, value, sizeof(value));
	if (!is_entry(blob, size, r->offset)) {
		complain("%s: %s%s", what, refusal_text(r->code), value);
	} else {
		fflush(stdout);
		refusal_where(blob, r->offset, where, sizeof(where));
		fprintf(stderr, "%s: error: %s%s\n", where, refusal_text(r->code), value);
		if (is_entry(blob, size, r->other)) {
			refusal_where(blob, r->other, where, sizeof(where));
			fprintf(stderr, "%s: note: this is the other entry\n", where);
		}
	}
	refusal_print_hint(r);
}

bool refusal_check(const void *blob, uint32_t size, uint32_t kind, const char *what)
{
	struct config_verdict v = config_check(blob, size, kind);

	if (v.code)
		refusal_print(&(struct refusal){ v.code, v.offset, v.other, v.value }, blob, size,
			      what);
	return !v.code;
}

void refusal_json(struct json *j, const struct refusal *r, const void *blob, size_t size)
{
	char where[512];

	json_string(j, "code", refusal_name(r->code));
	json_string(j, "message", refusal_text(r->code));
	json_number(j, "value", r->value);
	if (is_entry(blob, size, r->offset)) {
		refusal_where(blob, r->offset, where, sizeof(where));
		json_string(j, "where", where);
	}
	if (is_entry(blob, size, r->other)) {
		refusal_where(blob, r->other, where, sizeof(where));
		json_string(j, "other", where);
	}
}
