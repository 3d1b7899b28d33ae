// SPDX-License-Identifier: GPL-2.0-only
/*
 * Greets, says what its device tree says, then answers typed lines (see line_common()).
 */
#include "inmate.h"

static void print_range(const char *name, const struct range *r)
{
	if (r->size)
		printf("%s: 0x%lx size 0x%lx\n", name, r->base, r->size);
	else
		printf("%s: none\n", name);
}

static void print_machine(void)
{
	uint32_t root = fdt_next(&machine.fdt, FDT_NONE, &(unsigned int){ 0 });
	uint32_t chosen = fdt_find_path(&machine.fdt, "/chosen");
	const char *text = fdt_string(&machine.fdt, root, "compatible");
	unsigned int i;

	printf("compatible: %s\n", text ? text : "?");
	if (chosen != FDT_NONE) {
		text = fdt_string(&machine.fdt, chosen, "bootargs");
		if (text)
			printf("bootargs: %s\n", text);
	}
	print_range("device tree", &machine.dtb);
	for (i = 0; i < machine.nmemory; i++)
		print_range("memory", &machine.memory[i]);
	for (i = 0; i < machine.ncpus; i++)
		printf("cpu %u: mpidr 0x%lx\n", i, machine.mpidr[i]);
	print_range("distributor", &machine.gicd);
	print_range("redistributors", &machine.gicr);
	print_range("uart", &machine.uart);
	printf("uart interrupt: %u %s\n", machine.uart_intid, machine.uart_edge ? "edge" : "level");
	printf("timer interrupts: physical %u virtual %u frequency %lu\n",
	       machine.timer_phys_intid, machine.timer_virt_intid, timer_frequency());
	printf("psci: %s version 0x%lx\n", conduit_name(machine.conduit),
	       (unsigned long)psci_call(PSCI_FN_VERSION, 0, 0, 0));
}

void inmate_main(void)
{
	struct line line;

	printf("\nhello: here is an inmate on cpu=%u of %u\n", cpu_number(), machine.ncpus);
	print_machine();
	printf("hello: lines: sum A B, nonce X, off, reset\n");
	for (;;) {
		line_read(&line, "hello> ");
		if (line.length && !line_common(line.text))
			printf("unknown: %s\n", line.text);
	}
}
