// SPDX-License-Identifier: GPL-2.0-only
/* Contracts are in samples.h. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "../../fuzz/slow_check.h"
#include "samples.h"

const struct cell_blob good_cell = {
	.header = {
		CAISSON_CONFIG_MAGIC, CAISSON_ABI_VERSION, CAISSON_KIND_CELL,
		sizeof(struct cell_blob), 0,
		{
			SECTION(cell_blob, cell, 1, struct caisson_cell_entry),
			SECTION(cell_blob, cpu, 0, struct caisson_system_entry),
			SECTION(cell_blob, cpu, 2, struct caisson_cpu_entry),
			SECTION(cell_blob, memory, 2, struct caisson_memory_entry),
			SECTION(cell_blob, device, 2, struct caisson_device_entry),
			SECTION(cell_blob, irq, 2, struct caisson_irq_entry),
			SECTION(cell_blob, console, 1, struct caisson_console_entry),
			SECTION(cell_blob, strings, 8, char),
		},
	},
	.cell = { SRC(cell_blob, 1), "good", CAISSON_CELL_ENTRY | CAISSON_CELL_ARGS,
		  CAISSON_ACTION_STOP, CAISSON_ACTION_RESTART, CAISSON_ACTION_RESTART, 3, 500, 41, 0,
		  0x08000000, 0x080a0000, 0x40000ffc, { 1, 2, 3, 4 } },
	.cpu = { { SRC(cell_blob, 2), 2, 2 }, { SRC(cell_blob, 3), 7, 1 } },
	.memory = {
		{ SRC(cell_blob, 4), 0x40000000, 0x70000000, 0x200000, 7, 0 },
		{ SRC(cell_blob, 5), 0x50000000, CAISSON_PA_ANY, 0x1000, 3, 0 },
	},
	/* Two registers of one page. */
	.device = {
		{ SRC(cell_blob, 6), 0x0a000100, 0x0b000100, 0x10, 3, 0, AT(cell_blob, strings) + 4 },
		{ SRC(cell_blob, 7), 0x0a000110, 0x0b000110, 0x1ef0, 1, 0, 0 },
	},
	.irq = { { SRC(cell_blob, 8), 32, 8 }, { SRC(cell_blob, 9), 1019, 1 } },
	.console = { SRC(cell_blob, 10), 0x09000000, 40, 0 },
	.strings = "g.c\0/n",
};

const struct system_blob good_system = {
	.header = {
		CAISSON_CONFIG_MAGIC, CAISSON_ABI_VERSION, CAISSON_KIND_SYSTEM,
		sizeof(struct system_blob), 0,
		{
			SECTION(system_blob, system, 0, struct caisson_cell_entry),
			SECTION(system_blob, system, 1, struct caisson_system_entry),
			SECTION(system_blob, memory, 0, struct caisson_cpu_entry),
			SECTION(system_blob, memory, 1, struct caisson_memory_entry),
			SECTION(system_blob, device, 2, struct caisson_device_entry),
			SECTION(system_blob, irq, 2, struct caisson_irq_entry),
			SECTION(system_blob, strings, 0, struct caisson_console_entry),
			SECTION(system_blob, strings, 8, char),
		},
	},
	.system = { SRC(system_blob, 1), "good", 0x08000000, 0x10000, 0x080a0000, 0x80000, 0, 0 },
	.memory = { { SRC(system_blob, 2), 0x40000000, 0x40000000, 0x40000000, 7, 0 } },
	.device = {
		{ SRC(system_blob, 3), 0x09000000, 0x09000000, 0x1000, 3, 0, 0 },
		{ SRC(system_blob, 4), 0x8000000000, 0x8000000000, 0x8000000000, 3, 0, 0 },
	},
	.irq = { { SRC(system_blob, 5), 256, 32 }, { SRC(system_blob, 6), 300, 8 } },
	.strings = "good.c",
};

struct config_verdict check_copy(const void *blob, size_t size, uint32_t kind)
{
	void *copy = malloc(size ? size : 1);
	struct config_progress progress = { 0 };
	struct config_verdict v, pieces = { 0 };

	assert_non_null(copy);
	memcpy(copy, blob, size);
	v = config_check(copy, (uint32_t)size, kind);
	while (!config_check_some(copy, (uint32_t)size, kind, &progress, 1, &pieces))
		;
	/* Of the kind that was expected the oracle knows nothing. */
	if (v.code != CAISSON_E_KIND)
		assert_int_equal(!slow_check(copy, size), !v.code);
	free(copy);
	assert_int_equal(pieces.code, v.code);
	assert_int_equal(pieces.offset, v.offset);
	assert_int_equal(pieces.other, v.other);
	assert_int_equal(pieces.value, v.value);
	return v;
}
