// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The smallest inmate: copy it to demos/NAME.c, and `make` builds inmates/NAME.bin and .elf. */
#include "inmate.h"

/* Runs on CPU 0 with MMU, caches, interrupts and console ready; returning switches the cell off. */
void inmate_main(void)
{
	struct line line;

	printf("template: cpu=%u of %u\n", cpu_number(), machine.ncpus);
	for (;;) {
		line_read(&line, "> ");	     /* sleeps until somebody types */
		if (!line_common(line.text)) /* "sum 1 2", "nonce 7", "off", "reset" */
			printf("you typed: %s\n", line.text);
	}
}
