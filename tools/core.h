/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The file that `hvctl cell dump` writes, as Linux's own core dumps are: ELF header, program
 * headers, one note NT_PRSTATUS for each CPU, and from the next page on the cell's memory.
 */
#ifndef CORE_H
#define CORE_H

#include "caisson/hypercall.h"
#include "hvctl.h"

struct core_cpu {
	uint64_t regs[CAISSON_REGS];
};

/**
 * core_header_size - bytes in front of the memory
 * @blob:  a checked .cell
 * @ncpus: that it has
 *
 * Return: a multiple of the page size.
 */
size_t core_header_size(const void *blob, uint32_t ncpus);

/**
 * core_header - all that is in front of the memory
 * @header: core_header_size() bytes, zero
 * @blob:   of the cell
 * @cpus:   their registers
 * @ncpus:  how many there are
 * @failed: the one by which the cell failed, at which a debugger begins; @ncpus: none
 */
void core_header(void *header, const void *blob, const struct core_cpu *cpus, uint32_t ncpus,
		 uint32_t failed);

#endif
