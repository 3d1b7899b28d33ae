// SPDX-License-Identifier: GPL-2.0-only
/*
 * The last step of scripts/cellcc: runs the validator that driver and EL2 will run on a blob, and
 * explains a refusal the way compilers do, so that editors jump to the line; in hvctl's words.
 *
 *     check BLOB NAME
 *
 * NAME stands for the file in what concerns it as a whole. The kind that the name's suffix (.cell,
 * .sys) promises is demanded. Exit status: 0 sound, 1 refused, 2 not readable.
 */
#include <stdio.h>
#include <string.h>

#include "config_check.h"
#include "refusal.h"

static uint32_t kind_of_name(const char *name)
{
	const char *dot = strrchr(name, '.');

	if (dot && !strcmp(dot, ".cell"))
		return CAISSON_KIND_CELL;
	if (dot && !strcmp(dot, ".sys"))
		return CAISSON_KIND_SYSTEM;
	return 0;
}

static void print_place(const void *blob, uint32_t offset, const char *name)
{
	char where[512];

	if (offset)
		refusal_where(blob, offset, where, sizeof(where));
	printf("%s: ", offset ? where : name);
}

int main(int argc, char **argv)
{
	static uint64_t blob[CAISSON_CONFIG_MAX / 8 + 1];
	struct config_verdict v;
	char value[64];
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
	refusal_value(&(struct refusal){ v.code, v.offset, v.other, v.value }, value, sizeof(value));
	print_place(blob, v.offset, argv[2]);
	printf("error: %s%s\n", refusal_text(v.code), value);
	if (v.other) {
		print_place(blob, v.other, argv[2]);
		printf("note: this is the other entry\n");
	}
	return 1;
}
