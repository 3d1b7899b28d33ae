// SPDX-License-Identifier: GPL-2.0-only
/*
 * A map as a drawing (SVG 1.1), see map.h: the rows and lines that map_text.c prints, in colours.
 * What lies under the pointer names itself, by <title>.
 */
#include <inttypes.h>
#include <string.h>

#include "map.h"

#define MARGIN 20u
#define WIDTH 800u	    /* at least */
#define LETTER 8u	    /* width of a letter, at most */
#define LINE 20u	    /* of text */
#define PLACE 10u	    /* width of a granule */
#define LIST (MARGIN + 28)  /* where lines of lists begin, behind their boxes */
#define LEFT (MARGIN + 110) /* where rows of memory begin, behind their addresses */
#define BOX 50u
#define BOXES ((WIDTH - 2 * MARGIN) / BOX)
#define CLASH "#ff5050" /* what more than one cell wants */

/* Black letters are to be read on all of them. */
static const char *colour(uint32_t owner)
{
	static const char *const fixed[] = { "#e4e4e4", "#8c8c8c", "#b8b8b8" };
	static const char *const cells[] = { "#4e9bd4", "#f0a24a", "#6cbf6c", "#d98cc0",
					     "#c9b93a", "#8f7fd0", "#4fbfb5", "#e07b6c" };

	if (owner == MAP_NOBODY)
		return CLASH;
	return owner < MAP_CELL ? fixed[owner] : cells[(owner - MAP_CELL) % ARRAY_SIZE(cells)];
}

/* Text in XML: paths and names of files are in it. */
static void escaped(FILE *to, const char *text)
{
	for (; *text; text++) {
		if (*text == '<')
			fputs("&lt;", to);
		else if (*text == '&')
			fputs("&amp;", to);
		else if ((unsigned char)*text >= ' ' && (unsigned char)*text < 0x7f)
			fputc(*text, to);
		else
			fputc('?', to);
	}
}

static void label(FILE *to, uint32_t x, uint32_t y, const char *text)
{
	fprintf(to, "<text x=\"%" PRIu32 "\" y=\"%" PRIu32 "\">", x, y);
	escaped(to, text);
	fputs("</text>\n", to);
}

static void heading(FILE *to, uint32_t y, const char *text)
{
	fputs("<g font-weight=\"bold\">", to);
	label(to, MARGIN, y, text);
	fputs("</g>\n", to);
}

static const char *owner_name(const struct map *m, uint32_t owner)
{
	return owner == MAP_NOBODY ? MAP_CLASH : m->owner[owner].name;
}

/* A box of an owner's, behind text at @y; @title is what it is. */
static void box(FILE *to, const struct map *m, uint32_t owner, uint32_t x, uint32_t y,
		uint32_t width, const char *title)
{
	fprintf(to,
		"<rect x=\"%" PRIu32 "\" y=\"%" PRIu32 "\" width=\"%" PRIu32
		"\" height=\"%u\" fill=\"%s\"><title>",
		x, y + 7 - LINE, width, LINE - 4, colour(owner));
	escaped(to, owner_name(m, owner));
	fputs(": ", to);
	escaped(to, title);
	fputs("</title></rect>\n", to);
}

/* A line of a list: whose it is, and what. Returns where the next one is. */
static uint32_t list_line(FILE *to, const struct map *m, uint32_t owner, uint32_t y,
			  const char *line)
{
	char letter[2] = { owner == MAP_NOBODY ? '!' : map_letter(m, owner), '\0' };

	box(to, m, owner, MARGIN, y, LINE, line);
	label(to, MARGIN + (LINE - LETTER) / 2, y, letter);
	label(to, LIST, y, line);
	return y + LINE;
}

static uint32_t cpus_svg(FILE *to, const struct map *m, uint32_t y)
{
	char text[32];
	uint32_t i;

	heading(to, y, "CPUs");
	for (i = 0; i < m->ncpus; i++) {
		uint32_t x = MARGIN + i % BOXES * BOX;

		if (i % BOXES == 0)
			y += LINE;
		snprintf(text, sizeof(text), "CPU %" PRIu32, i);
		box(to, m, map_cpu_owner(m, i), x, y, BOX - 4, text);
		snprintf(text, sizeof(text), "%" PRIu32 " %c", i, map_cpu_letter(m, i));
		label(to, x + 4, y, text);
	}
	return y + LINE;
}

/* A row: neighbours of one owner are one box, and root's have no letter. */
static void row_svg(FILE *to, const struct map *m, const struct map_layout *l,
		    const struct map_row *row, uint32_t y)
{
	uint32_t i, end;
	char text[64];

	snprintf(text, sizeof(text), "0x%010" PRIx64, row->start);
	label(to, MARGIN, y, text);
	for (i = 0; i < MAP_COLUMNS; i = end) {
		for (end = i + 1; end < MAP_COLUMNS && row->owner[end] == row->owner[i];)
			end++;
		if (row->owner[i] == MAP_NOBODY)
			continue;
		snprintf(text, sizeof(text), "0x%" PRIx64 " to 0x%" PRIx64,
			 row->start + i * l->granule, row->start + end * l->granule - 1);
		box(to, m, row->owner[i], LEFT + i * PLACE, y, (end - i) * PLACE, text);
		snprintf(text, sizeof(text), "%c", map_letter(m, row->owner[i]));
		if (row->owner[i] != MAP_ROOT)
			label(to, LEFT + (i + end) * PLACE / 2 - LETTER / 2, y, text);
	}
}

static uint32_t memory_svg(FILE *to, const struct map *m, const struct map_layout *l, uint32_t y)
{
	char bytes[32], text[64];
	uint32_t i;

	format_bytes(l->granule * MAP_COLUMNS, bytes, sizeof(bytes));
	snprintf(text, sizeof(text), "Memory, %s in a row", bytes);
	heading(to, y, text);
	for (i = 0; i < l->nrows; i++)
		row_svg(to, m, l, &l->row[i], y += LINE);
	return y + LINE;
}

/* So that the longest line of a list is in it. */
static uint32_t width_of(const struct map *m)
{
	size_t longest = (WIDTH - LIST - MARGIN) / LETTER;
	char line[MAP_LINE];
	uint32_t i;

	for (i = 0; i < m->nowners; i++) {
		map_owner_line(m, i, line);
		longest = strlen(line) > longest ? strlen(line) : longest;
	}
	for (i = 0; i < m->ndevices; i++) {
		map_device_line(&m->device[i], line);
		longest = strlen(line) > longest ? strlen(line) : longest;
	}
	return LIST + (uint32_t)longest * LETTER + MARGIN;
}

void map_svg(FILE *to, const struct map *m)
{
	struct map_layout l;
	char line[MAP_LINE];
	uint32_t i, lines, y = MARGIN + LINE;

	map_layout(m, &l);
	lines = 15 + m->nowners + (m->ncpus + BOXES - 1) / BOXES + l.nrows + m->ndevices + m->nirqs;
	fprintf(to,
		"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
		"<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%u\" height=\"%" PRIu32
		"\" font-family=\"monospace\" font-size=\"13\" xml:space=\"preserve\">\n",
		width_of(m), lines * LINE);
	fputs("<rect width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>\n", to);
	heading(to, y, m->system);
	for (y += 2 * LINE, i = 0; i < m->nowners; i++) {
		map_owner_line(m, i, line);
		y = list_line(to, m, i, y, line);
	}
	if (map_has_clash(m))
		y = list_line(to, m, MAP_NOBODY, y, MAP_CLASH);
	y = cpus_svg(to, m, y + LINE);
	y = memory_svg(to, m, &l, y + LINE);
	heading(to, y += LINE, "Devices");
	for (y += LINE, i = 0; i < m->ndevices; i++) {
		map_device_line(&m->device[i], line);
		y = list_line(to, m, m->device[i].owner, y, line);
	}
	heading(to, y += LINE, "Interrupts, all others are root's");
	for (y += LINE, i = 0; i < m->nirqs; i++) {
		map_irqs_line(&m->irqs[i], line);
		y = list_line(to, m, m->irqs[i].owner, y, line);
	}
	fputs("</svg>\n", to);
}
