// SPDX-License-Identifier: GPL-2.0-only
/*
 * hvctl map: of the running hypervisor, as the driver has it, or of a machine that is being
 * planned, as configurations say. The picture is made by map.c.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "config_file.h"
#include "device.h"
#include "machine.h"
#include "map.h"

/* Where the driver found the memory of a cell. */
static enum exit_code add_pieces(int fd, struct map *m, uint32_t owner, const char *name)
{
	struct caisson_ioc_piece piece = { 0 };
	enum exit_code code = cell_name(piece.name, name);
	int result;

	while (!code) {
		result = device_call(fd, CAISSON_IOC_CELL_PIECE, &piece, sizeof(piece));
		if (result)
			return device_refused(result, &piece, NULL, 0, "map");
		if (!piece.size)
			break;
		map_given(m, owner, piece.pa, piece.size);
		piece.index++;
	}
	return code;
}

static enum exit_code add_cells(int fd, struct map *m)
{
	uint32_t i;

	for (i = 0;; i++) {
		struct caisson_ioc_info info = { .index = i };
		int result = device_call(fd, CAISSON_IOC_CELL_INFO, &info, sizeof(info));
		enum exit_code code;
		void *blob;

		if (result == CAISSON_E_NO_CELL)
			return HVCTL_OK;
		if (result)
			return device_refused(result, &info, NULL, 0, "map");
		code = device_config(fd, info.name, &blob);
		if (code)
			return code;
		code = add_pieces(fd, m, map_cell(m, blob, true), info.name);
		free(blob);
		if (code)
			return code;
	}
}

/* What there is; nobody makes or destroys a cell by hvctl meanwhile. */
static enum exit_code live(struct map *m)
{
	struct caisson_ioc_status s = { 0 };
	enum exit_code code;
	int fd, result;
	char *iomem;
	size_t size;
	void *blob;

	code = device_open(&fd);
	if (code)
		return code;
	device_lock(fd);
	result = device_call(fd, CAISSON_IOC_STATUS, &s, sizeof(s));
	if (result)
		return device_refused(result, &s, NULL, 0, "map");
	code = device_config(fd, "", &blob);
	if (code)
		return code;
	map_system(m, blob);
	free(blob);
	iomem = machine_read("/proc/iomem", &size);
	if (iomem)
		map_name_devices(m, iomem);
	free(iomem);
	map_given(m, MAP_HYPERVISOR, s.memory_pa, s.memory_size);
	if (s.doorbell_intid)
		map_add_irqs(m, MAP_HYPERVISOR, s.doorbell_intid, 1, "doorbell");
	code = add_cells(fd, m);
	map_finish(m, s.ncpus);
	return code;
}

static enum exit_code planned(struct map *m, const struct request *req)
{
	enum exit_code code;
	uint32_t size;
	void *blob;
	int i;

	code = config_file_load(req->argv[0], CAISSON_KIND_SYSTEM, &blob, &size);
	if (code)
		return code;
	map_system(m, blob);
	free(blob);
	for (i = 1; i < req->argc && !code; i++) {
		code = config_file_load(req->argv[i], CAISSON_KIND_CELL, &blob, &size);
		if (code)
			break;
		map_cell(m, blob, false);
		free(blob);
	}
	map_finish(m, 0);
	return code;
}

static enum exit_code write_svg(const struct request *req, const char *path, const struct map *m)
{
	bool failed;
	FILE *to;

	if (!strcmp(path, "-")) {
		map_svg(stdout, m);
		return HVCTL_OK;
	}
	to = fopen(path, "we");
	if (to) {
		map_svg(to, m);
		failed = ferror(to);
		if (!fclose(to) && !failed) {
			say(req, "the map is in %s", path);
			return HVCTL_OK;
		}
	}
	complain("%s: cannot be written: %s", path, strerror(errno));
	return HVCTL_USAGE;
}

enum exit_code cmd_map(const struct request *req)
{
	const char *svg = option(req, "svg");
	struct map m = { 0 };
	enum exit_code code = req->argc ? planned(&m, req) : live(&m);

	if (!code && svg)
		code = write_svg(req, svg, &m);
	if (!code && req->json)
		map_json(stdout, &m);
	else if (!code && !svg)
		map_text(stdout, &m);
	map_free(&m);
	return code;
}
