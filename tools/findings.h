/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What `config check` has found, in the form compilers have: place, severity, text; the other
 * place, if two entries collide; the line itself, where the source is at hand; what helps.
 */
#ifndef FINDINGS_H
#define FINDINGS_H

#include "hvctl.h"
#include "json.h"

/* A configuration that is checked, or one that is in force. */
struct unit {
	const char *path; /* its file; of what is in force its name */
	void *blob;	  /* NULL: it could not be read */
	uint32_t size;
	bool live;  /* in force: of this one nothing is said but that others collide with it */
	bool sound; /* in itself: only then it is compared with others */
};

enum severity { FINDING_ERROR, FINDING_WARNING };

/* An entry of a configuration, or what else can have a name: a node of a device tree. */
struct place {
	const struct unit *unit;
	uint32_t offset;  /* of the entry; 0: the file as a whole */
	const char *name; /* without a unit */
};

struct finding {
	enum severity severity;
	const char *code; /* the reason in one word: of error.h, or one of ours */
	uint64_t value;	  /* the number at fault */
	struct place at, other;
	char *text, *note, *hint; /* without a note there is no other place */
};

struct findings {
	struct finding *finding;
	uint32_t count;
};

/*
 * Adds a refusal in the words of error.h, with its hint. The result is good until the next is
 * added.
 */
struct finding *find_refusal(struct findings *f, uint32_t code, uint64_t value, struct place at);

/* Adds one of another kind. */
struct finding *find(struct findings *f, enum severity severity, const char *code, uint64_t value,
		     struct place at, const char *format, ...)
	__attribute__((format(printf, 6, 7)));

/* Says where the other entry is, or what else is there. */
void beside(struct finding *finding, struct place other, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* Says what helps, in place of the reason's usual hint. */
void advise(struct finding *finding, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* How many of them are about this file; all files: NULL. */
uint32_t findings_count(const struct findings *f, enum severity severity, const struct unit *unit);

/* By file, and by line in each. */
void findings_sort(struct findings *f);

/* On stderr. */
void findings_print(const struct findings *f);

/* An array of objects, as a member of the object that is open in @j. */
void findings_json(struct json *j, const struct findings *f);

void findings_free(struct findings *f);

#endif
