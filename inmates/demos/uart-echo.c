// SPDX-License-Identifier: GPL-2.0-only
/*
 * Echoes typed lines; input comes by the console's interrupt. "stat" says how many of them came.
 */
#include "inmate.h"

void inmate_main(void)
{
	struct line line;

	printf("\nuart-echo: cpu=%u input=%s intid=%u\n", cpu_number(),
	       console_has_irq() ? "interrupt" : "polled", machine.uart_intid);
	for (;;) {
		line_read(&line, "echo> ");
		if (line_after(line.text, "stat"))
			printf("rx_irqs=%u\n", console_rx_irqs());
		else if (!line_common(line.text))
			printf("echo: %s\n", line.text);
	}
}
