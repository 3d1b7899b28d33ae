// SPDX-License-Identifier: GPL-2.0-only
/* A device tree, or the machine itself, for `config check`; see check_live.h. */
#include <libfdt.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "check_live.h"
#include "device.h"
#include "handover.h"
#include "machine.h"

enum exit_code check_add_tree(struct check *c, struct board *board, const char *path)
{
	enum exit_code code;
	struct file file;
	int error;

	code = file_map(path, &file);
	if (code)
		return code;
	error = fdt_check_full(file.data, file.size);
	if (error) {
		complain("%s: is no device tree: %s", path, fdt_strerror(error));
		code = HVCTL_CONFIG;
	} else {
		c->fdt = allocate(file.size);
		memcpy(c->fdt, file.data, file.size);
		board_add_tree(board, c->fdt);
		c->board = board;
	}
	file_unmap(&file);
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
	enum exit_code code;
	struct unit *unit;
	size_t size;
	char *text;

	code = machine_fdt(&c->fdt);
	if (code)
		return code;
	c->here = true;
	board_add_tree(board, c->fdt);
	text = machine_read("/proc/iomem", &size);
	if (text)
		board_add_iomem(board, text);
	free(text);
	text = machine_read("/proc/interrupts", &size);
	if (text)
		board_add_interrupts(board, text);
	free(text);
	c->board = board;
	code = add_driver(c, board);
	if (code || c->system)
		return code;
	unit = &c->unit[c->count];
	code = machine_derive(&unit->blob, &unit->size);
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
		if (c->here && handover_depends(cell->blob, &o))
			find(&c->found, FINDING_ERROR, "NODE_DEPENDS", 0,
			     (struct place){ cell, o.offset, NULL }, "%s", o.why);
		if (c->fdt && handover_lacks(cell->blob, c->fdt, &o))
			find(&c->found, FINDING_ERROR, "NODE_LACKS", 0,
			     (struct place){ cell, o.offset, NULL }, "%s", o.why);
	}
}
