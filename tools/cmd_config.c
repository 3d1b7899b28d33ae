// SPDX-License-Identifier: GPL-2.0-only
/* hvctl config check | show: need no hypervisor, so the host's build has them too. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "check_live.h"
#include "config_file.h"
#include "describe.h"

/* Reads all files behind the cells that are in force. Returns the worst that reading came to. */
static enum exit_code read_units(const struct request *req, struct check *c)
{
	enum exit_code worst = HVCTL_OK;
	int i;

	for (i = 0; i < req->argc; i++) {
		struct unit *unit = &c->unit[c->count++];
		struct refusal first;
		enum exit_code code;

		unit->path = req->argv[i];
		code = config_file_read(unit->path, 0, &unit->blob, &unit->size, &first);
		if (code > worst)
			worst = code;
		if (!code)
			check_unit(&c->found, unit, 0);
	}
	return worst;
}

/* The one system among the files, whatever the machine says of itself. */
static enum exit_code find_system(struct check *c)
{
	const struct unit *system = NULL;
	uint32_t i;

	for (i = 0; i < c->count; i++) {
		const struct unit *unit = &c->unit[i];

		if (!unit->blob || !unit->sound || check_is_cell(c, i))
			continue;
		if (system) {
			complain("%s and %s are systems: cells are checked against one",
				 system->path, unit->path);
			return HVCTL_USAGE;
		}
		system = unit;
	}
	if (!system)
		return HVCTL_OK;
	c->system = system;
	if (!c->enabled && config_system(system->blob)->irq_mode != CAISSON_MODE_AUTO)
		c->mode = config_system(system->blob)->irq_mode;
	return HVCTL_OK;
}

static void print_counts(const struct check *c, const struct unit *unit)
{
	uint32_t errors = findings_count(&c->found, FINDING_ERROR, unit);
	uint32_t warnings = findings_count(&c->found, FINDING_WARNING, unit);

	printf("%s: ", unit->path);
	if (!errors && !warnings)
		printf("sound");
	if (errors)
		printf("%" PRIu32 " error%s", errors, errors > 1 ? "s" : "");
	if (warnings)
		printf("%s%" PRIu32 " warning%s", errors ? ", " : "", warnings,
		       warnings > 1 ? "s" : "");
	printf("\n");
}

static void report_text(const struct check *c, const struct pool *pool)
{
	uint32_t i;

	for (i = 0; i < c->count; i++)
		if (c->unit[i].blob && !c->unit[i].live)
			print_counts(c, &c->unit[i]);
	if (pool->cells && (c->system || c->enabled))
		printf("EL2's pool: %" PRIu64 " pages for these cells and about %" PRIu64
		       " for root's tables, of %" PRIu64 "\n", pool->cells, pool->root, pool->has);
}

static void report_json(const struct check *c, const struct pool *pool, bool all_read)
{
	struct json j;
	uint32_t i;

	json_begin(&j, stdout);
	json_object(&j, NULL);
	json_bool(&j, "ok", all_read && !findings_count(&c->found, FINDING_ERROR, NULL));
	json_array(&j, "files");
	for (i = 0; i < c->count; i++) {
		const struct unit *unit = &c->unit[i];

		if (unit->live)
			continue;
		json_object(&j, NULL);
		json_string(&j, "file", unit->path);
		json_bool(&j, "ok", unit->blob && !findings_count(&c->found, FINDING_ERROR, unit));
		if (!unit->blob)
			json_string(&j, "code", "UNREADABLE");
		json_end_object(&j);
	}
	json_end_array(&j);
	findings_json(&j, &c->found);
	if (pool->cells && (c->system || c->enabled)) {
		json_object(&j, "pool");
		json_number(&j, "cells", pool->cells);
		json_number(&j, "root", pool->root);
		json_number(&j, "pages", pool->has);
		json_end_object(&j);
	}
	json_end_object(&j);
}

static enum exit_code check(const struct request *req, struct check *c, struct board *board)
{
	enum exit_code code = HVCTL_OK, read;
	struct pool pool;

	if (option(req, "live") && option(req, "dtb")) {
		complain("either --live or --dtb says what the machine is");
		return HVCTL_USAGE;
	}
	c->unit = allocate(((size_t)req->argc + CHECK_LIVE_MAX) * sizeof(*c->unit));
	if (option(req, "live"))
		code = check_add_live(c, board);
	else if (option(req, "dtb"))
		code = check_add_tree(c, board, option(req, "dtb"));
	if (code)
		return code;
	read = read_units(req, c);
	code = find_system(c);
	if (!code && !c->system && c->board)
		code = check_derive(c);
	if (code)
		return code;
	check_all(c);
	check_handover(c);
	findings_sort(&c->found);
	pool = check_pool(c);
	findings_print(&c->found);
	if (req->json)
		report_json(c, &pool, !read);
	else
		report_text(c, &pool);
	return findings_count(&c->found, FINDING_ERROR, NULL) ? HVCTL_CONFIG : read;
}

enum exit_code cmd_config_check(const struct request *req)
{
	struct board board = { 0 };
	struct check c = { 0 };
	enum exit_code code = check(req, &c, &board);
	uint32_t i;

	for (i = 0; i < c.count; i++)
		free(c.unit[i].blob);
	free(c.unit);
	machine_close(&c.machine);
	findings_free(&c.found);
	board_free(&board);
	return code;
}

enum exit_code cmd_config_show(const struct request *req)
{
	uint32_t size;
	void *blob;
	enum exit_code code = config_file_load(req->argv[0], 0, &blob, &size);

	if (code)
		return code;
	describe(blob, req->json);
	free(blob);
	return HVCTL_OK;
}
