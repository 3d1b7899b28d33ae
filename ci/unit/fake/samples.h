/* SPDX-License-Identifier: GPL-2.0-only */
/* Compiled configurations that are sound, and their check, for tests of the validator. */
#ifndef FAKE_SAMPLES_H
#define FAKE_SAMPLES_H

#include <config_check.h>

#include "blob.h"

/* A sound .cell and a sound .sys, two of each entry where there may be two. */
struct cell_blob {
	struct caisson_config_header header;
	struct caisson_cell_entry cell;
	struct caisson_cpu_entry cpu[2];
	struct caisson_memory_entry memory[2];
	struct caisson_device_entry device[2];
	struct caisson_irq_entry irq[2];
	struct caisson_console_entry console;
	char strings[8];
};

struct system_blob {
	struct caisson_config_header header;
	struct caisson_system_entry system;
	struct caisson_memory_entry memory[1];
	struct caisson_device_entry device[2];
	struct caisson_irq_entry irq[2];
	char strings[8];
};

#define E(code) CAISSON_E_##code

extern const struct cell_blob good_cell;
extern const struct system_blob good_system;

/*
 * Checks a heap copy of exactly @size bytes, so that ASan sees a read beyond the end; one check at
 * a time, as well, with the same verdict. The fuzzers' oracle (ci/fuzz/) must agree.
 */
struct config_verdict check_copy(const void *blob, size_t size, uint32_t kind);

#endif
