// SPDX-License-Identifier: GPL-2.0-only
/*
 * hvctl cell create | load | start | shutdown | restart | destroy | list | stats | show: steps 7
 * and 11 of the tour.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cells.h"
#include "config_file.h"
#include "describe.h"
#include "refusal.h"
#include "refused.h"

#define LOOK_MS 20 /* how often a cell that was asked to shut down is looked at */

enum exit_code cmd_cell_create(const struct request *req)
{
	enum exit_code code;
	uint32_t size;
	void *blob;
	int fd;

	code = config_file_load(req->argv[0], CAISSON_KIND_CELL, &blob, &size);
	if (code)
		return code;
	code = device_open(&fd);
	if (!code)
		code = create_cell(fd, blob, size);
	if (!code)
		code = report_cell(req, fd, config_cell(blob)->name);
	free(blob);
	return code;
}

/* Splits FILE@ADDRESS; the name of a file that holds an @ without a number behind it is a name. */
static enum exit_code split_address(char *argument, uint64_t *address)
{
	char *at = strrchr(argument, '@');
	uint64_t number;
	bool good = at && parse_number(at + 1, &number);

	*address = ADDRESS_ANY;
	if (!at || (!good && !access(argument, F_OK)))
		return HVCTL_OK;
	if (!good || number >= CONFIG_ADDRESS_END) { /* so it is not ADDRESS_ANY, either */
		complain("%s: `%s' is no address in a cell", argument, at + 1);
		return HVCTL_USAGE;
	}
	*at = '\0';
	*address = number;
	return HVCTL_OK;
}

enum exit_code cmd_cell_load(const struct request *req)
{
	struct guest_fdt g = { 0 };
	enum exit_code code;
	struct plan plan;
	struct file file;
	void *blob;
	int fd, i;

	code = device_open(&fd);
	if (!code)
		code = device_config(fd, req->argv[0], &blob);
	if (code)
		return code;
	plan_init(&plan, blob);
	for (i = 1; i < req->argc && !code; i++) {
		uint64_t address;

		code = split_address(req->argv[i], &address);
		/* Mapped until the process ends: the plan points into it. */
		if (!code)
			code = file_map(req->argv[i], &file);
		if (!code)
			code = plan_image(&plan, &file, address);
	}
	if (!code)
		code = load_cell(fd, &plan, &g);
	if (!code)
		code = report_cell(req, fd, req->argv[0]);
	free(blob);
	return code;
}

static enum exit_code change_state(const struct request *req, unsigned long request)
{
	int fd;
	enum exit_code code = device_open(&fd);

	if (!code)
		code = cell_call(fd, request, req->argv[0], req->command->verb);
	return code ? code : report_cell(req, fd, req->argv[0]);
}

enum exit_code cmd_cell_start(const struct request *req)
{
	return change_state(req, CAISSON_IOC_CELL_START);
}

/* What has become of a request to shut down, for people and for --json. */
static const struct {
	const char *text, *name;
} endings[] = {
	{ "cell %s has shut down", "done" },
	{ "cell %s did not shut down in time", "forced" },
	{ NULL, "unasked" },
	{ "cell %s listens to no request to shut down", "deaf" },
};

enum ending { ENDING_DONE, ENDING_FORCED, ENDING_UNASKED, ENDING_DEAF };

/* Asks a cell to shut down, and waits until it has or the time is up. */
static enum exit_code ask_cell(int fd, const char *name, uint64_t seconds, enum ending *ending)
{
	struct caisson_ioc_cell call = { 0 };
	struct caisson_ioc_info info;
	enum exit_code code = cell_name(call.name, name);
	uint64_t looks = seconds * (1000 / LOOK_MS);
	char what[64];
	int result;

	if (code)
		return code;
	result = device_call(fd, CAISSON_IOC_CELL_ASK, &call, sizeof(call));
	*ending = result == CAISSON_E_DEAF ? ENDING_DEAF : ENDING_UNASKED;
	if (result == CAISSON_E_DEAF || result == CAISSON_E_STATE)
		return HVCTL_OK;
	if (result) {
		snprintf(what, sizeof(what), "cell shutdown %s", name);
		return device_refused(result, &call, NULL, 0, what);
	}
	for (;; usleep(LOOK_MS * 1000)) {
		code = device_info(fd, name, &info);
		*ending = info.state == CAISSON_CELL_RUNNING ? ENDING_FORCED : ENDING_DONE;
		if (code || *ending == ENDING_DONE || !looks--)
			return code;
	}
}

/* Stopped in the end, whether it did as it was asked or not. */
enum exit_code cmd_cell_shutdown(const struct request *req)
{
	const char *timeout = option(req, "timeout");
	enum ending ending = ENDING_UNASKED;
	struct caisson_ioc_info info;
	uint64_t seconds = 10;
	enum exit_code code;
	struct json j;
	int fd;

	if (timeout && (!parse_number(timeout, &seconds) || seconds > UINT32_MAX)) {
		complain("--timeout %s: this is no number of seconds", timeout);
		return HVCTL_USAGE;
	}
	code = device_open(&fd);
	if (!code && !option(req, "now"))
		code = ask_cell(fd, req->argv[0], seconds, &ending);
	if (!code)
		code = cell_call(fd, CAISSON_IOC_CELL_STOP, req->argv[0], "shutdown");
	if (code)
		return code;
	if (!req->json) {
		if (endings[ending].text)
			say(req, endings[ending].text, req->argv[0]);
		return report_cell(req, fd, req->argv[0]);
	}
	code = device_info(fd, req->argv[0], &info);
	if (code)
		return code;
	json_begin(&j, stdout);
	json_object(&j, NULL);
	info_json(&j, &info);
	json_string(&j, "shutdown", endings[ending].name);
	json_end_object(&j);
	return HVCTL_OK;
}

enum exit_code cmd_cell_restart(const struct request *req)
{
	return change_state(req, CAISSON_IOC_CELL_RESTART);
}

enum exit_code cmd_cell_destroy(const struct request *req)
{
	struct caisson_ioc_info info = { 0 };
	struct json j;
	int fd;
	enum exit_code code = device_open(&fd);

	if (!code)
		code = cell_call(fd, CAISSON_IOC_CELL_DESTROY, req->argv[0], "destroy");
	if (code)
		return code;
	say(req, "cell %s is destroyed", req->argv[0]);
	if (req->json) {
		/* Refused, the cell being gone; but it tells what the last destroy took. */
		cell_name(info.name, req->argv[0]);
		device_call(fd, CAISSON_IOC_CELL_INFO, &info, sizeof(info));
		json_begin(&j, stdout);
		json_object(&j, NULL);
		json_string(&j, "name", req->argv[0]);
		json_bool(&j, "destroyed", true);
		json_object(&j, "ns");
		json_number(&j, "destroy_hv", info.destroy_hv_ns);
		json_number(&j, "destroy", info.destroy_ns);
		json_end_object(&j);
		json_end_object(&j);
	}
	return HVCTL_OK;
}

/* "1 of 3": done by the cell's configuration since hvctl started it, and allowed. */
static void restarts_words(const struct caisson_ioc_info *info, char *text, size_t size)
{
	if (info->restart_limit == CAISSON_RESTARTS_UNLIMITED)
		snprintf(text, size, "%" PRIu32, info->restarts);
	else
		snprintf(text, size, "%" PRIu32 " of %" PRIu32, info->restarts,
			 info->restart_limit);
}

static void list_row(const struct caisson_ioc_info *info)
{
	char cpus[128], memory[32], restarts[32];
	struct cpu_set set = { 0 };

	memcpy(set.word, info->cpus, sizeof(info->cpus));
	format_cpus(&set, cpus, sizeof(cpus));
	format_bytes(info->memory_bytes, memory, sizeof(memory));
	restarts_words(info, restarts, sizeof(restarts));
	printf("%-20s %4" PRIu32 "  %-10s  %-10s  %-10s  %s\n", info->name, info->id,
	       state_name(info->state), cpus, memory, restarts);
}

enum exit_code cmd_cell_list(const struct request *req)
{
	enum exit_code code;
	struct json j;
	uint32_t i;
	int fd;

	code = device_open(&fd);
	if (code)
		return code;
	json_begin(&j, stdout);
	for (i = 0;; i++) {
		struct caisson_ioc_info info = { .index = i };
		int result = device_call(fd, CAISSON_IOC_CELL_INFO, &info, sizeof(info));

		if (result && result != CAISSON_E_NO_CELL)
			return device_refused(result, &info, NULL, 0, "cell list");
		if (!i && req->json)
			json_array(&j, NULL);
		if (!i && !req->json)
			printf("%-20s %4s  %-10s  %-10s  %-10s  %s\n", "NAME", "ID", "STATE",
			       "CPUS", "MEMORY", "RESTARTS");
		if (result)
			break;
		if (req->json) {
			json_object(&j, NULL);
			info_json(&j, &info);
			json_end_object(&j);
		} else {
			list_row(&info);
		}
	}
	if (req->json)
		json_end_array(&j);
	return HVCTL_OK;
}

static const char *const exit_names[] = {
#define X(name, text) text,
	CAISSON_EXITS(X)
#undef X
};

static void stats_text(const struct caisson_ioc_stats *stats, uint32_t count)
{
	uint32_t row, i;

	printf("%-4s", "CPU");
	for (i = 0; i < CAISSON_EXIT_COUNT; i++)
		printf(" %8s", exit_names[i]);
	putchar('\n');
	for (row = 0; row < count; row++) {
		printf("%-4" PRIu32, stats[row].cpu);
		for (i = 0; i < CAISSON_EXIT_COUNT; i++)
			printf(" %8" PRIu64, stats[row].exits[i]);
		putchar('\n');
	}
}

static void stats_json(const struct caisson_ioc_stats *stats, uint32_t count, const char *name)
{
	uint32_t row, i;
	struct json j;

	json_begin(&j, stdout);
	json_object(&j, NULL);
	json_string(&j, "name", name);
	json_array(&j, "cpus");
	for (row = 0; row < count; row++) {
		json_object(&j, NULL);
		json_number(&j, "cpu", stats[row].cpu);
		json_object(&j, "exits");
		for (i = 0; i < CAISSON_EXIT_COUNT; i++)
			json_number(&j, exit_names[i], stats[row].exits[i]);
		json_end_object(&j);
		json_end_object(&j);
	}
	json_end_array(&j);
	json_end_object(&j);
}

/* Counters of every CPU that belongs to cell @id; CPUs that are not there are passed over. */
static enum exit_code collect_stats(int fd, uint32_t id, uint32_t ncpus,
				    struct caisson_ioc_stats *stats, uint32_t *count)
{
	enum exit_code code = HVCTL_OK;
	uint32_t cpu;
	bool there;

	*count = 0;
	for (cpu = 0; !code && cpu < ncpus && cpu < CONFIG_MAX_CPUS; cpu++) {
		code = device_cpu_stats(fd, cpu, &stats[*count], &there);
		if (there && stats[*count].cell == id)
			(*count)++;
	}
	return code;
}

enum exit_code cmd_cell_stats(const struct request *req)
{
	struct caisson_ioc_status status = { 0 };
	struct caisson_ioc_info info = { 0 };
	struct caisson_ioc_stats *stats;
	enum exit_code code;
	uint32_t count;
	int fd, result;

	code = device_open(&fd);
	/* The root cell has ID 0 and no row in the driver's list. */
	if (!code && strcmp(req->argv[0], "root"))
		code = device_info(fd, req->argv[0], &info);
	if (code)
		return code;
	result = device_call(fd, CAISSON_IOC_STATUS, &status, sizeof(status));
	if (result)
		return device_refused(result, &status, NULL, 0, "cell stats");
	stats = allocate(CONFIG_MAX_CPUS * sizeof(*stats));
	code = collect_stats(fd, info.id, status.ncpus, stats, &count);
	if (!code && req->json)
		stats_json(stats, count, req->argv[0]);
	else if (!code)
		stats_text(stats, count);
	free(stats);
	return code;
}

static const char *const refused_kinds[] = {
#define X(name, text) text,
	CAISSON_REFUSALS(X)
#undef X
};

/* As text, or, with @j, as JSON. */
static void show_refused(const struct caisson_ioc_info *info, struct json *j)
{
	char text[160];
	uint32_t i;

	for (i = 0; i < CAISSON_REFUSED_KINDS * CAISSON_REFUSED_EACH; i++) {
		uint32_t kind = i / CAISSON_REFUSED_EACH;
		const struct caisson_refused *row = &info->refused[kind][i % CAISSON_REFUSED_EACH];
		uint64_t what = row->what & ~CAISSON_REFUSED_VALID;

		if (!row->what)
			continue;
		refused_text(kind, what, text, sizeof(text));
		if (!j) {
			printf("  %-9s %s, at PC 0x%" PRIx64 "\n", "refused", text, row->pc);
			continue;
		}
		json_object(j, NULL);
		json_string(j, "kind", refused_kinds[kind]);
		json_string(j, "text", text);
		json_number(j, "what", what);
		json_number(j, "pc", row->pc);
		json_end_object(j);
	}
}

static void show_text(const struct caisson_ioc_info *info, const void *blob)
{
	char reason[160], restarts[32];

	describe_text(blob);
	printf("  %-9s %s", "state", state_name(info->state));
	if (info->state == CAISSON_CELL_FAILED) {
		failure_reason(info, reason, sizeof(reason));
		printf(": %s\n  %-9s at PC 0x%" PRIx64 ", address 0x%" PRIx64 ", ESR 0x%08" PRIx32,
		       reason, "", info->reason_pc, info->reason_addr, info->reason);
	}
	restarts_words(info, restarts, sizeof(restarts));
	printf("\n  %-9s %" PRIu32 "\n", "starts", info->starts);
	printf("  %-9s %s\n", "restarts", restarts);
	printf("  %-9s %" PRIu64 " bytes, %" PRIu64 " lost\n", "output", info->console_bytes,
	       info->console_dropped);
	show_refused(info, NULL);
}

#define NO_END UINT64_MAX /* as a size: the rest of the address space */

/* The leaf entries in one range of a cell's stage 2, into *row. */
static enum exit_code count_leaves(int fd, const char *name, uint64_t ipa, uint64_t size,
				   struct caisson_ioc_stage2 *row)
{
	enum exit_code code = cell_name(row->name, name);
	int result;

	row->ipa = ipa;
	row->size = size;
	if (code)
		return code;
	result = device_call(fd, CAISSON_IOC_STAGE2, row, sizeof(*row));
	return result ? device_refused(result, row, NULL, 0, "cell show") : HVCTL_OK;
}

/* A row for each region of the configuration, and one for all of the address space. */
static enum exit_code collect_stage2(int fd, const char *name, const void *blob,
				     struct caisson_ioc_stage2 **rows, uint32_t *count)
{
	uint32_t memory = config_count(blob, CAISSON_SEC_MEMORY);
	uint32_t devices = config_count(blob, CAISSON_SEC_DEVICE);
	struct caisson_ioc_stage2 *row = allocate((memory + devices + 1) * sizeof(*row));
	enum exit_code code = HVCTL_OK;
	uint32_t i;

	*rows = row;
	*count = memory + devices + 1;
	for (i = 0; !code && i < memory; i++) {
		const struct caisson_memory_entry *m = config_memory(blob, i);

		code = count_leaves(fd, name, m->ipa, m->size, row++);
	}
	for (i = 0; !code && i < devices; i++) {
		const struct caisson_device_entry *d = config_device(blob, i);

		code = count_leaves(fd, name, d->ipa, d->size, row++);
	}
	return code ? code : count_leaves(fd, name, 0, NO_END, row);
}

static void stage2_text(const struct caisson_ioc_stage2 *rows, uint32_t count)
{
	char size[32];

	for (; count--; rows++) {
		format_bytes(rows->size, size, sizeof(size));
		if (rows->size == NO_END)
			printf("  %-9s in all", "stage 2");
		else
			printf("  %-9s 0x%" PRIx64 ", %s", "stage 2", rows->ipa, size);
		printf(": %" PRIu64 " of 1 GiB, %" PRIu64 " of 2 MiB, %" PRIu64 " of 4 KiB\n",
		       rows->leaves_1g, rows->leaves_2m, rows->leaves_4k);
	}
}

static void stage2_json(struct json *j, const struct caisson_ioc_stage2 *rows, uint32_t count)
{
	json_array(j, "stage2");
	for (; count--; rows++) {
		json_object(j, NULL);
		json_number(j, "ipa", rows->ipa);
		if (rows->size == NO_END)
			json_null(j, "size");
		else
			json_number(j, "size", rows->size);
		json_number(j, "leaves_1g", rows->leaves_1g);
		json_number(j, "leaves_2m", rows->leaves_2m);
		json_number(j, "leaves_4k", rows->leaves_4k);
		json_end_object(j);
	}
	json_end_array(j);
}

/* `info` is NULL for root, which has no state; its configuration is the system's. */
static void show(const struct request *req, const struct caisson_ioc_info *info, const void *blob,
		 const struct caisson_ioc_stage2 *rows, uint32_t count)
{
	struct json j;

	if (!req->json) {
		if (info)
			show_text(info, blob);
		else
			describe_text(blob);
		stage2_text(rows, count);
		return;
	}
	json_begin(&j, stdout);
	json_object(&j, NULL);
	if (info)
		info_json(&j, info);
	else
		json_string(&j, "name", req->argv[0]);
	json_object(&j, "config");
	describe_json(&j, blob);
	json_end_object(&j);
	if (info) {
		json_array(&j, "refused");
		show_refused(info, &j);
		json_end_array(&j);
	}
	stage2_json(&j, rows, count);
	json_end_object(&j);
}

enum exit_code cmd_cell_show(const struct request *req)
{
	const char *name = req->argv[0];
	bool root = !strcmp(name, "root");
	struct caisson_ioc_stage2 *rows;
	struct caisson_ioc_info info;
	enum exit_code code;
	uint32_t count;
	void *blob;
	int fd;

	code = device_open(&fd);
	if (!code && !root)
		code = device_info(fd, name, &info);
	if (!code)
		code = device_config(fd, root ? "" : name, &blob);
	if (code)
		return code;
	code = collect_stage2(fd, name, blob, &rows, &count);
	if (!code)
		show(req, root ? NULL : &info, blob, rows, count);
	free(rows);
	free(blob);
	return code;
}
