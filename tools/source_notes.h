/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The comments of source.c's lines: what the machine says of them. Each begins with an empty line.
 */
#ifndef SOURCE_NOTES_H
#define SOURCE_NOTES_H

#include "source.h"

void note_head(const struct source *s);

/* Of a system. */
void note_gic(const struct source *s, const struct caisson_system_entry *sys);
void note_cpus(const struct source *s);
void note_ram(const struct source *s);
void note_mmio(const struct source *s);
void note_devices_in(const struct source *s, uint64_t pa, uint64_t bytes);
void note_unlisted(const struct source *s); /* devices of the tree that have no MMIO() */
void note_spares(const struct source *s);

/* Of a cell; @origin is the option that an entry comes from. */
void note_cell(const struct source *s, const struct caisson_cell_entry *c);
void note_cell_cpus(const struct source *s, const char *origin);
void note_cell_memory(const struct source *s, const char *origin);
void note_console(const struct source *s, const struct caisson_console_entry *con);
void note_given(const struct source *s, const char *path);

/*
 * The other devices of the machine: those that it could have, as lines to be taken, and why not the
 * others.
 */
void note_others(const struct source *s);

/* A DEVICE line, of source.c. */
void write_device(FILE *to, const char *before, uint64_t ipa, uint64_t pa, uint64_t bytes,
		  const char *node);

#endif
