// SPDX-License-Identifier: GPL-2.0-only
/* What `config check` has found, see findings.h. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "excerpt.h"
#include "findings.h"
#include "refusal.h"

#define WHERE_SIZE 512

static const char *const severities[] = { "error", "warning" };

__attribute__((format(printf, 2, 0)))
static void set_text(char **to, const char *format, va_list args)
{
	va_list again;
	int length;

	va_copy(again, args);
	length = vsnprintf(NULL, 0, format, again);
	va_end(again);
	free(*to);
	*to = allocate((size_t)length + 1);
	vsnprintf(*to, (size_t)length + 1, format, args);
}

struct finding *find(struct findings *f, enum severity severity, const char *code, uint64_t value,
		     struct place at, const char *format, ...)
{
	struct finding *finding;
	va_list args;

	f->finding = grow(f->finding, f->count, sizeof(*f->finding));
	finding = &f->finding[f->count++];
	*finding = (struct finding){ .severity = severity, .code = code, .value = value, .at = at };
	va_start(args, format);
	set_text(&finding->text, format, args);
	va_end(args);
	return finding;
}

struct finding *find_refusal(struct findings *f, uint32_t code, uint64_t value, struct place at)
{
	const struct refusal r = { .code = code, .offset = at.offset, .value = value };
	struct finding *finding;
	char number[64], hint[320];

	refusal_value(&r, number, sizeof(number));
	finding = find(f, FINDING_ERROR, refusal_name(code), value, at, "%s%s", refusal_text(code),
		       number);
	refusal_hint(&r, hint, sizeof(hint));
	if (*hint)
		advise(finding, "%s", hint);
	return finding;
}

void beside(struct finding *finding, struct place other, const char *format, ...)
{
	va_list args;

	finding->other = other;
	va_start(args, format);
	set_text(&finding->note, format, args);
	va_end(args);
}

void advise(struct finding *finding, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	set_text(&finding->hint, format, args);
	va_end(args);
}

uint32_t findings_count(const struct findings *f, enum severity severity, const struct unit *unit)
{
	uint32_t count = 0, i;

	for (i = 0; i < f->count; i++)
		count += f->finding[i].severity == severity &&
			 (!unit || f->finding[i].at.unit == unit);
	return count;
}

static uint32_t line_of(const struct place *at)
{
	return at->unit && at->offset ? config_source(at->unit->blob, at->offset)->line : 0;
}

/* Files stand in one array, so that their addresses have the order in which they were given. */
static int by_place(const void *a, const void *b)
{
	const struct finding *x = a, *y = b;

	if (x->at.unit != y->at.unit)
		return x->at.unit < y->at.unit ? -1 : 1;
	if (line_of(&x->at) != line_of(&y->at))
		return line_of(&x->at) < line_of(&y->at) ? -1 : 1;
	if (x->severity != y->severity)
		return x->severity < y->severity ? -1 : 1;
	return strcmp(x->text, y->text);
}

void findings_sort(struct findings *f)
{
	if (f->count)
		qsort(f->finding, f->count, sizeof(*f->finding), by_place);
}

static void where(const struct place *at, char *text, size_t size)
{
	if (!at->unit)
		snprintf(text, size, "%s", at->name);
	else if (at->offset)
		refusal_where(at->unit->blob, at->offset, text, size);
	else
		snprintf(text, size, "%s", at->unit->path);
}

static void print_line(const struct place *at, const char *kind, const char *text)
{
	char place[WHERE_SIZE];

	where(at, place, sizeof(place));
	fprintf(stderr, "%s: %s: %s\n", place, kind, text);
	if (at->unit && at->offset && !at->unit->live)
		excerpt_print(at->unit->blob, at->offset, at->unit->path);
}

void findings_print(const struct findings *f)
{
	uint32_t i;

	fflush(stdout);
	for (i = 0; i < f->count; i++) {
		const struct finding *finding = &f->finding[i];

		print_line(&finding->at, severities[finding->severity], finding->text);
		if (finding->note)
			print_line(&finding->other, "note", finding->note);
		if (finding->hint)
			complain("hint: %s", finding->hint);
	}
}

void findings_json(struct json *j, const struct findings *f)
{
	char place[WHERE_SIZE];
	uint32_t i;

	json_array(j, "findings");
	for (i = 0; i < f->count; i++) {
		const struct finding *finding = &f->finding[i];

		json_object(j, NULL);
		json_string(j, "severity", severities[finding->severity]);
		json_string(j, "code", finding->code);
		json_string(j, "message", finding->text);
		json_number(j, "value", finding->value);
		json_string(j, "file", finding->at.unit->path);
		where(&finding->at, place, sizeof(place));
		json_string(j, "where", place);
		if (finding->note) {
			where(&finding->other, place, sizeof(place));
			json_string(j, "other", place);
			json_string(j, "note", finding->note);
		}
		if (finding->hint)
			json_string(j, "hint", finding->hint);
		json_end_object(j);
	}
	json_end_array(j);
}

void findings_free(struct findings *f)
{
	uint32_t i;

	for (i = 0; i < f->count; i++) {
		free(f->finding[i].text);
		free(f->finding[i].note);
		free(f->finding[i].hint);
	}
	free(f->finding);
	*f = (struct findings){ 0 };
}
