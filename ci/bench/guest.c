// SPDX-License-Identifier: GPL-2.0-only
/*
 * /init of the second Linux that bench.py measures, in a cell and on a machine of its own: notes
 * when user space begins, keeps silent for a while, says it, and later writes so many characters.
 */
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define SILENT_S 11
#define PAUSE_S 4
#define LINE 50u
#define LINES 20u

int main(void)
{
	char line[LINE];
	uint64_t begun;

	__asm__ volatile("isb\n\tmrs %0, cntvct_el0" : "=r"(begun));
	sleep(SILENT_S);
	printf("userspace ticks=%" PRIu64 "\n", begun);
	fflush(stdout);
	sleep(PAUSE_S);
	memset(line, '.', sizeof(line) - 1);
	line[LINE - 1] = '\n';
	for (unsigned int i = 0; i < LINES; i++)
		if (write(1, line, sizeof(line)) != (ssize_t)sizeof(line))
			return 1;
	for (;;)
		pause();
}
