/* SPDX-License-Identifier: GPL-2.0-only */
/* What the files that write a cell's device tree share. */
#ifndef FDT_WRITER_H
#define FDT_WRITER_H

#include <inttypes.h>
#include <libfdt.h>
#include <stdio.h>
#include <string.h>

#include "hvctl.h"

/* Cells of an interrupt specifier (bindings/interrupt-controller/arm,gic-v3.yaml). */
#define IRQ_SPI 0u
#define IRQ_PPI 1u
#define IRQ_EDGE_RISING 1u
#define IRQ_LEVEL_HIGH 4u

/* PHANDLE_COPIES and up: of the nodes that are copied from root's tree. */
enum phandle { PHANDLE_GIC = 1, PHANDLE_CLOCK, PHANDLE_COPIES };

/*
 * libfdt's sequential calls, with the first error kept: the caller asks once, at the end. After an
 * error the calls that follow fail, too, and are not made.
 */
struct writer {
	void *fdt;
	int error;
};

static inline void keep(struct writer *w, int error)
{
	if (!w->error)
		w->error = error;
}

static inline void begin(struct writer *w, const char *name)
{
	keep(w, fdt_begin_node(w->fdt, name));
}

static inline void begin_at(struct writer *w, const char *name, uint64_t address)
{
	char full[96];

	snprintf(full, sizeof(full), "%s@%" PRIx64, name, address);
	begin(w, full);
}

static inline void end(struct writer *w)
{
	keep(w, fdt_end_node(w->fdt));
}

static inline void bytes(struct writer *w, const char *name, const void *data, size_t length)
{
	keep(w, fdt_property(w->fdt, name, data, (int)length));
}

static inline void string(struct writer *w, const char *name, const char *text)
{
	bytes(w, name, text, strlen(text) + 1);
}

static inline void flag(struct writer *w, const char *name)
{
	bytes(w, name, NULL, 0);
}

static inline void cells(struct writer *w, const char *name, const uint32_t *value, size_t count)
{
	fdt32_t be[256];
	size_t i;

	if (count > ARRAY_SIZE(be)) {
		keep(w, -FDT_ERR_NOSPACE);
		return;
	}
	for (i = 0; i < count; i++)
		be[i] = cpu_to_fdt32(value[i]);
	bytes(w, name, be, count * sizeof(*be));
}

static inline void cell(struct writer *w, const char *name, uint32_t value)
{
	cells(w, name, &value, 1);
}

/* Pairs of address and size with two cells each: everywhere in these trees. */
static inline void reg(struct writer *w, const uint64_t *value, size_t count)
{
	fdt64_t be[32];
	size_t i;

	for (i = 0; i < count && i < ARRAY_SIZE(be); i++)
		be[i] = cpu_to_fdt64(value[i]);
	bytes(w, "reg", be, count * sizeof(*be));
}

#endif
