// SPDX-License-Identifier: GPL-2.0-only
/* A device tree, or the machine itself, for `config check`; see check_live.h. */
#include <stdlib.h>
#include <unistd.h>

#include "check_live.h"
#include "device.h"
#include "handover.h"
#include "machine.h"

enum exit_code check_add_tree(struct check *c, struct board *board, const char *path)
{
	enum exit_code code = machine_open_dtb(&c->machine, path);

	if (!code)
		board_add_tree(board, c->machine.fdt);
	c->board = board;
	return code;
}

/* A configuration in force, as a unit of its own. */
static enum exit_code add_unit(struct check *c, int fd, const char *name)
{
	struct unit *unit = &c->unit[c->count];
	enum exit_code code = device_config(fd, name, &unit->blob);

	if (code)
		return code;
	unit->path = *name ? "a cell that exists" : "this machine";
	unit->size = config_header(unit->blob)->size;
	unit->live = unit->sound = true;
	c->count++;
	return HVCTL_OK;
}

static enum exit_code add_cells(struct check *c, int fd)
{
	uint32_t i;

	for (i = 0; c->count < CHECK_LIVE_MAX; i++) {
		struct caisson_ioc_info info = { .index = i };
		int result = device_call(fd, CAISSON_IOC_CELL_INFO, &info, sizeof(info));
		enum exit_code code;

		if (result == CAISSON_E_NO_CELL)
			break;
		if (result)
			return device_refused(result, &info, NULL, 0, "cell list");
		code = add_unit(c, fd, info.name);
		if (code)
			return code;
	}
	return HVCTL_OK;
}

/* GICD_CTLR[6] is DS, GICD_TYPER[4:0] the number of SPIs (GICv3 12.9). */
static void add_gic(struct check *c, struct board *board, int fd)
{
	struct caisson_ioc_probe call = { 0 };
	uint32_t end;

	if (device_call(fd, CAISSON_IOC_PROBE, &call, sizeof(call)) || !call.gicd_pidr2)
		return;
	end = 32 * ((call.gicd_typer & 31) + 1);
	board->spi_end = end < CONFIG_SPI_END ? end : CONFIG_SPI_END;
	c->mode = call.gicd_ctlr & 0x40 ? CAISSON_MODE_DIRECT_FIQ : CAISSON_MODE_DIRECT_REVOKE;
}

/* From the driver; *enabled stays false where there is none to be asked. */
static enum exit_code add_driver(struct check *c, struct board *board)
{
	struct caisson_ioc_status status = { 0 };
	enum exit_code code;
	int fd;

	if (device_open_quietly(&fd))
		return HVCTL_OK;
	add_gic(c, board, fd);
	if (device_call(fd, CAISSON_IOC_STATUS, &status, sizeof(status)) || !status.enabled) {
		close(fd);
		return HVCTL_OK;
	}
	c->enabled = true;
	c->mode = status.irq_mode;
	c->pool_free = status.pool_free;
	board_add_region(board, BOARD_HYPERVISOR, "hvctl status", status.memory_pa,
			 status.memory_pa + status.memory_size);
	code = add_unit(c, fd, "");
	if (!code)
		c->system = &c->unit[c->count - 1];
	if (!code)
		code = add_cells(c, fd);
	close(fd);
	return code;
}

enum exit_code check_add_live(struct check *c, struct board *board)
{
	enum exit_code code = machine_open(&c->machine);

	if (code)
		return code;
	board_add_tree(board, c->machine.fdt);
	if (c->machine.iomem)
		board_add_iomem(board, c->machine.iomem);
	if (c->machine.interrupts)
		board_add_interrupts(board, c->machine.interrupts);
	c->board = board;
	return add_driver(c, board);
}

/*
 * A tree in a file may have no RAM, if it is for firmware to tell: then nothing can be said of
 * that.
 */
enum exit_code check_derive(struct check *c)
{
	struct unit *unit = &c->unit[c->count];
	enum exit_code code;

	if (!board_find(c->board, 1 << BOARD_RAM, 0, ~0ULL, NULL) ||
	    !board_find(c->board, 1 << BOARD_GIC, 0, ~0ULL, NULL))
		return HVCTL_OK;
	code = machine_system(&c->machine, &unit->blob, &unit->size);
	if (code)
		return code;
	unit->path = "this machine";
	unit->live = unit->sound = true;
	c->system = &c->unit[c->count++];
	return HVCTL_OK;
}

void check_handover(struct check *c)
{
	uint32_t i;

	for (i = 0; i < c->count; i++) {
		const struct unit *cell = &c->unit[i];
		struct objection o;

		if (!check_is_cell(c, i) || cell->live)
			continue;
		if (!c->machine.dtb && c->machine.fdt && handover_depends(cell->blob, &o))
			find(&c->found, FINDING_ERROR, "NODE_DEPENDS", 0,
			     (struct place){ cell, o.offset, NULL }, "%s", o.why);
		if (c->machine.fdt && handover_lacks(cell->blob, c->machine.fdt, &o))
			find(&c->found, FINDING_ERROR, "NODE_LACKS", 0,
			     (struct place){ cell, o.offset, NULL }, "%s", o.why);
	}
}
