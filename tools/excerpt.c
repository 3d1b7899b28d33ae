// SPDX-License-Identifier: GPL-2.0-only
/* The line of the source that an entry was written in, see excerpt.h. */
#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "excerpt.h"
#include "hvctl.h"

static bool is_current(const char *source, const char *compiled)
{
	struct stat s, c;

	return !stat(source, &s) && !stat(compiled, &c) && S_ISREG(s.st_mode) &&
	       s.st_mtime <= c.st_mtime;
}

/* From the first word on, which is the entry's, `^~~~'; tabs in front stay tabs. */
static void print_caret(const char *line)
{
	size_t i = 0, end;

	fputs("      | ", stderr);
	for (; isspace((unsigned char)line[i]); i++)
		fputc(line[i], stderr);
	fputc('^', stderr);
	for (end = i + 1; isalnum((unsigned char)line[end]) || line[end] == '_'; end++)
		fputc('~', stderr);
	fputc('\n', stderr);
}

void excerpt_print(const void *blob, uint32_t offset, const char *compiled)
{
	const struct caisson_source *s = config_source(blob, offset);
	const char *path = config_string(blob, s->file);
	uint32_t number = 0;
	char *line = NULL;
	size_t room = 0;
	ssize_t length = 0;
	FILE *f;

	if (!s->line || !is_current(path, compiled))
		return;
	f = fopen(path, "re");
	if (!f)
		return;
	while (number < s->line && (length = getline(&line, &room, f)) >= 0)
		number++;
	fclose(f);
	if (length > 0) {
		line[strcspn(line, "\n")] = '\0';
		fprintf(stderr, "%5" PRIu32 " | %s\n", number, line);
		print_caret(line);
	}
	free(line);
}
