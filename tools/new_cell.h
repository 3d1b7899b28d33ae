/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A cell's configuration from options: what `hvctl cell linux' runs and `hvctl config create'
 * writes.
 */
#ifndef NEW_CELL_H
#define NEW_CELL_H

#include "inventory.h"
#include "machine.h"

/* Where a cell finds things unless its configuration says otherwise: where QEMU virt has them. */
#define DEFAULT_RAM 0x40000000ULL
#define DEFAULT_GICD 0x08000000ULL
#define DEFAULT_GICR 0x080a0000ULL
#define DEFAULT_CONSOLE 0x09000000ULL

/**
 * new_cell - a configuration by the options --cpus, --memory, --device and --name
 * @req:   the command line
 * @for_linux: for a Linux, else for a bare-metal program
 * @m:	   the machine
 * @inv:   its devices
 * @blob:  a .cell blob, to be freed by the caller; of sound form, but not yet checked
 * @size:  of it, bytes
 *
 * What is not said is chosen: the last CPU, 256 MiB or 16 MiB of memory. Each entry's origin is the
 * option that it comes from, or says what was chosen.
 *
 * Return: 0, or an exit code after a complaint that names the option.
 */
enum exit_code new_cell(const struct request *req, bool for_linux, const struct machine *m,
			const struct inventory *inv, void **blob, uint32_t *size);

#endif
