// SPDX-License-Identifier: GPL-2.0-only
/*
 * The last step of scripts/cellcc: runs the validator that driver and EL2 will run on a blob, and
 * explains a refusal the way compilers do, so that editors jump to the line.
 *
 *     check BLOB NAME
 *
 * NAME stands for the file in what concerns it as a whole. The kind that the name's suffix (.cell,
 * .sys) promises is demanded. Exit status: 0 sound, 1 refused, 2 not readable.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "config_check.h"

static const char *const error_text[] = {
#define X(name, text) text,
	CAISSON_ERRORS(X)
#undef X
};

/* What a missing or doubled entry is called in a configuration's source. */
static const char *const section_word[CAISSON_SEC_COUNT] = {
	[CAISSON_SEC_CELL] = "CELL or SYSTEM", [CAISSON_SEC_SYSTEM] = "CELL or SYSTEM",
	[CAISSON_SEC_CPU] = "CPUS",	       [CAISSON_SEC_MEMORY] = "MEMORY or RAM",
	[CAISSON_SEC_DEVICE] = "DEVICE",       [CAISSON_SEC_IRQ] = "IRQ",
	[CAISSON_SEC_CONSOLE] = "CONSOLE",     [CAISSON_SEC_STRINGS] = "strings",
};

static uint32_t kind_of_name(const char *name)
{
	const char *dot = strrchr(name, '.');

	if (dot && !strcmp(dot, ".cell"))
		return CAISSON_KIND_CELL;
	if (dot && !strcmp(dot, ".sys"))
		return CAISSON_KIND_SYSTEM;
	return 0;
}

static void print_value(const struct config_verdict *v)
{
	switch (v->code) {
	case CAISSON_E_MISSING:
	case CAISSON_E_TWICE:
	case CAISSON_E_SECTION:
	case CAISSON_E_ENTRY_SIZE:
		printf(" (%s)\n", section_word[v->value]);
		break;
	case CAISSON_E_NAME:
	case CAISSON_E_KIND:
		printf("\n");
		break;
	case CAISSON_E_CPU_TWICE:
	case CAISSON_E_IRQ_TWICE:
	case CAISSON_E_IRQ_RANGE:
	case CAISSON_E_SIZE:
		printf(" (%" PRIu64 ")\n", v->value);
		break;
	default:
		printf(" (0x%" PRIx64 ")\n", v->value);
	}
}

static void print_place(const void *blob, uint32_t offset, const char *name)
{
	const struct caisson_source *src = config_source(blob, offset);

	if (!offset)
		printf("%s: ", name);
	else if (src->line)
		printf("%s:%" PRIu32 ": ", config_string(blob, src->file), src->line);
	else
		printf("%s: ", config_string(blob, src->file));
}

int main(int argc, char **argv)
{
	static uint64_t blob[CAISSON_CONFIG_MAX / 8 + 1];
	struct config_verdict v;
	size_t size;
	FILE *f;

	f = argc == 3 ? fopen(argv[1], "rb") : NULL;
	if (!f) {
		fprintf(stderr, argc == 3 ? "%s: cannot be opened\n" : "usage: %s BLOB NAME\n",
			argv[argc == 3]);
		return 2;
	}
	size = fread(blob, 1, sizeof(blob), f);
	fclose(f);

	v = config_check(blob, (uint32_t)size, kind_of_name(argv[2]));
	if (v.code == CAISSON_E_OK)
		return 0;
	print_place(blob, v.offset, argv[2]);
	printf("error: %s", error_text[v.code]);
	print_value(&v);
	if (v.other) {
		print_place(blob, v.other, argv[2]);
		printf("note: this is the other entry\n");
	}
	return 1;
}
