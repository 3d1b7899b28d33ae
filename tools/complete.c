// SPDX-License-Identifier: GPL-2.0-only
/*
 * hvctl --complete WORD...: what may stand where the last WORD is, for tools/completion/hvctl, a
 * line for each possibility. `@file SUFFIX' stands for files whose names end so. The table of
 * commands says it all: the words that it has for arguments are FILE.cell, NAME, and so on.
 */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hvctl.h"

static void offer(const char *word, const char *begun)
{
	if (!strncmp(word, begun, strlen(begun)))
		puts(word);
}

static int visible(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

/* Names of cells, which everybody may read in sysfs. */
static void offer_cells(const char *begun)
{
	struct dirent **entry;
	char path[256];
	int count, i;

	system_path("/sys/class/misc/caisson/cells", path, sizeof(path));
	count = scandir(path, &entry, visible, alphasort);
	for (i = 0; i < count; i++) {
		offer(entry[i]->d_name, begun);
		free(entry[i]);
	}
	if (count >= 0)
		free(entry);
}

/* One of "this|that". */
static void offer_words(const char *words, const char *begun)
{
	char word[32];

	for (;;) {
		size_t length = strcspn(words, "| ]");

		snprintf(word, sizeof(word), "%.*s", (int)length, words);
		offer(word, begun);
		if (words[length] != '|')
			return;
		words += length + 1;
	}
}

/* For what stands @kind, an argument's word in the table, which ends with a blank or the text. */
static void offer_kind(const char *kind, const char *begun, bool cells)
{
	size_t length;

	kind += *kind == '[';
	length = strcspn(kind, " [].");
	if (!length)
		return;
	if (memchr(kind, '|', length))
		offer_words(kind, begun);
	if (cells && (!strncmp(kind, "NAME", length) || !strncmp(kind, "CELL", length)))
		offer_cells(begun);
	else if (!strncmp(kind, "FILE", length) && kind[length] == '.' && kind[length + 1] != '.')
		printf("@file %.*s\n", 1 + (int)strcspn(kind + length + 1, " ]."), kind + length);
	else if (!strncmp(kind, "FILE", length) || !strncmp(kind, "IMAGE", length) ||
		 !strncmp(kind, "KERNEL", length))
		puts("@file ");
}

/* The argument of that number; the last one again if there may be any number of it. */
static void offer_argument(const struct command *c, int number, const char *begun)
{
	const char *kind = c->args;

	if (c->max_args >= 0 && number >= c->max_args)
		return;
	while (number-- && strchr(kind, ' '))
		kind = strchr(kind, ' ') + 1;
	offer_kind(kind, begun, true);
	if (strstr(c->summary, "`root'")) /* which may stand for a cell there */
		offer("root", begun);
}

static void offer_options(const struct command *c, const char *begun)
{
	const struct option_spec *o;
	char word[32];

	for (o = c->options; o && o->name; o++) {
		snprintf(word, sizeof(word), "--%s", o->name);
		offer(word, begun);
	}
	offer("--json", begun);
	offer("--help", begun);
}

/* The option that @word is, if it wants an argument; NULL otherwise. */
static const struct option_spec *wants_value(const struct command *c, const char *word)
{
	const struct option_spec *o;

	for (o = c->options; o && o->name; o++)
		if (o->arg && !strncmp(word, "--", 2) && !strcmp(word + 2, o->name))
			return o;
	return NULL;
}

/* The words behind the command; the last one is begun. */
static void complete_words(const struct command *c, int argc, char **argv)
{
	const char *begun = argv[argc - 1];
	int arguments = 0, i;

	for (i = 0; i < argc - 1; i++) {
		const struct option_spec *o = wants_value(c, argv[i]);
		bool equals =
			o && i + 2 < argc && !strcmp(argv[i + 1], "="); /* a word of its own */

		if (o && i + 2 + equals == argc) {
			offer_kind(o->arg, begun, false);
			return;
		}
		if (o)
			i += 1 + equals;
		else if (argv[i][0] != '-')
			arguments++;
	}
	if (begun[0] == '-')
		offer_options(c, begun);
	else
		offer_argument(c, arguments, begun);
}

void complete(const struct command *table, size_t count, int argc, char **argv)
{
	const char *last = "";
	size_t i;

	if (argc > 1 && !strcmp(argv[0], "help")) { /* help WORDS is WORDS --help */
		argc--;
		argv++;
	}
	for (i = 0; i < count; i++) {
		const struct command *c = &table[i];
		const char *first = c->noun ? c->noun : c->verb;

		if (argc == 1 && strcmp(first, last)) /* a noun's rows follow each other */
			offer(first, argv[0]);
		last = first;
		if (argc < 2 || strcmp(argv[0], first))
			continue;
		if (!c->noun)
			complete_words(c, argc - 1, argv + 1);
		else if (argc == 2)
			offer(c->verb, argv[1]);
		else if (!strcmp(argv[1], c->verb))
			complete_words(c, argc - 2, argv + 2);
	}
	if (argc == 1) {
		offer("help", argv[0]);
		offer("--help", argv[0]);
		offer("--version", argv[0]);
	}
}
