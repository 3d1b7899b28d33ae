// SPDX-License-Identifier: GPL-2.0-only
/*
 * Creating and loading cells (see cells.h): step 7 of the tour, user space's half. The driver takes
 * CPUs and memory from root; here is decided which spare SPIs it gets and what lies where.
 */
#include <inttypes.h>
#include <libfdt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "cells.h"
#include "handover.h"
#include "machine.h"
#include "refusal.h"
#include "refused.h"
#include "spis.h"

/* What is to be in a cell's device tree, and who is asked about the machine. */
static void begin_tree(struct guest_fdt *g, int fd, const void *blob)
{
	g->blob = blob;
	g->cpu_compatible = machine_cpu_compatible;
	g->clock_rate = device_clock_rate;
	g->fd = fd;
}

enum exit_code create_cell(int fd, void *blob, uint32_t size)
{
	struct caisson_ioc_create call = { .blob = (uintptr_t)blob, .blob_size = size };
	struct guest_fdt g = { .blob = NULL };
	char what[64];
	enum exit_code code;
	int result;

	begin_tree(&g, fd, blob);
	code = handover_check(&g);
	if (code)
		return code;
	device_lock(fd);
	code = choose_spis(fd, NULL, blob);
	if (code)
		return code;
	snprintf(what, sizeof(what), "cell create %s", config_cell(blob)->name);
	result = device_call(fd, CAISSON_IOC_CELL_CREATE, &call, sizeof(call));
	return result ? device_refused(result, &call, blob, size, what) : HVCTL_OK;
}

/* Copies one checked piece into the cell, straight from where it is mapped. */
static enum exit_code load_piece(int fd, const char *name, const struct piece *piece)
{
	struct caisson_ioc_load call = {
		.data = (uintptr_t)piece->data,
		.length = piece->length,
		.ipa = piece->ipa,
	};
	char what[128];
	int result;

	if (!piece->length)
		return HVCTL_OK;
	memcpy(call.name, name, sizeof(call.name));
	result = device_call(fd, CAISSON_IOC_CELL_LOAD, &call, sizeof(call));
	if (!result)
		return HVCTL_OK;
	snprintf(what, sizeof(what), "cell load %s %s", name, piece->name);
	return device_refused(result, &call, NULL, 0, what);
}

static enum exit_code set_entry(int fd, const struct plan *plan, const struct guest_fdt *g,
				uint64_t tree)
{
	const struct caisson_cell_entry *cell = config_cell(plan->blob);
	uint32_t flags = g->bootargs ? 0 : cell->flags;
	struct caisson_ioc_entry call = { .entry = plan->entry };
	char what[64];
	int result;

	memcpy(call.name, cell->name, sizeof(call.name));
	if (flags & CAISSON_CELL_ENTRY)
		call.entry = cell->entry;
	if (flags & CAISSON_CELL_ARGS)
		memcpy(call.args, cell->args, sizeof(call.args));
	else
		call.args[0] = tree;
	result = device_call(fd, CAISSON_IOC_CELL_ENTRY, &call, sizeof(call));
	snprintf(what, sizeof(what), "cell load %s", cell->name);
	return result ? device_refused(result, &call, NULL, 0, what) : HVCTL_OK;
}

/*
 * Adds the tree to the plan. An inmate whose arguments the configuration sets does not ask for it,
 * so there a memory that is too small is no error.
 */
static enum exit_code plan_tree(int fd, struct plan *plan, struct guest_fdt *g, void *tree,
				uint64_t *at)
{
	const struct caisson_cell_entry *cell = config_cell(plan->blob);
	void *machine;
	enum exit_code code;
	int length;

	*at = guest_fdt_address(plan->blob);
	if (*at == ADDRESS_ANY) {
		if (cell->flags & CAISSON_CELL_ARGS)
			return HVCTL_OK;
		complain("device tree: the memory of cell %s has no room for its %u KiB",
			 cell->name, GUEST_FDT_SIZE >> 10);
		return HVCTL_CONFIG;
	}
	code = machine_fdt(&machine);
	if (code)
		return code;
	begin_tree(g, fd, plan->blob);
	g->machine_fdt = machine;
	if (getrandom(g->seed, sizeof(g->seed), GRND_NONBLOCK) != sizeof(g->seed))
		g->seed[0] = 0; /* no seed is better than a bad one */
	length = guest_fdt_build(g, tree);
	free(machine);
	if (length < 0) {
		complain("device tree of cell %s: %s", cell->name, fdt_strerror(length));
		return HVCTL_CONFIG;
	}
	return plan_data(plan, "device tree", tree, (uint64_t)length, *at);
}

enum exit_code load_cell(int fd, struct plan *plan, struct guest_fdt *g)
{
	void *tree = allocate(GUEST_FDT_SIZE);
	enum exit_code code;
	uint64_t at;
	uint32_t i;

	code = plan_tree(fd, plan, g, tree, &at);
	if (!code)
		code = plan_check(plan);
	for (i = 0; i < plan->count && !code; i++)
		code = load_piece(fd, config_cell(plan->blob)->name, &plan->piece[i]);
	if (!code)
		code = set_entry(fd, plan, g, at);
	free(tree);
	return code;
}

enum exit_code cell_call(int fd, unsigned long request, const char *name, const char *verb)
{
	struct caisson_ioc_cell call = { 0 };
	enum exit_code code = cell_name(call.name, name);
	char what[64];
	int result;

	if (code)
		return code;
	if (request == CAISSON_IOC_CELL_DESTROY)
		device_lock(fd);
	result = device_call(fd, request, &call, sizeof(call));
	snprintf(what, sizeof(what), "cell %s %s", verb, name);
	return result ? device_refused(result, &call, NULL, 0, what) : HVCTL_OK;
}

static void cpus_of(const struct caisson_ioc_info *info, struct cpu_set *set)
{
	memset(set, 0, sizeof(*set));
	memcpy(set->word, info->cpus, sizeof(info->cpus));
}

/*
 * An access that EL2 does not emulate has the ESR of one with nothing behind it; but it was noted.
 */
void failure_reason(const struct caisson_ioc_info *info, char *text, size_t size)
{
	const struct caisson_refused *row = info->refused[CAISSON_REFUSED_INSN];
	uint32_t i;

	refusal_reason(info->reason, text, size);
	for (i = 0; i < CAISSON_REFUSED_EACH; i++)
		if (row[i].what && row[i].pc == info->reason_pc)
			refused_text(CAISSON_REFUSED_INSN, row[i].what, text, size);
}

void info_json(struct json *j, const struct caisson_ioc_info *info)
{
	char reason[160];
	struct cpu_set cpus;
	uint32_t i;

	json_string(j, "name", info->name);
	json_number(j, "id", info->id);
	json_string(j, "state", state_name(info->state));
	cpus_of(info, &cpus);
	json_array(j, "cpus");
	for (i = 0; i < CONFIG_MAX_CPUS; i++)
		if (cpu_in_set(&cpus, i))
			json_number(j, NULL, i);
	json_end_array(j);
	json_number(j, "memory_bytes", info->memory_bytes);
	json_number(j, "starts", info->starts);
	json_number(j, "restarts", info->restarts);
	if (info->restart_limit == CAISSON_RESTARTS_UNLIMITED)
		json_null(j, "restart_limit");
	else
		json_number(j, "restart_limit", info->restart_limit);
	json_number(j, "console_bytes", info->console_bytes);
	json_number(j, "console_dropped", info->console_dropped);
	if (info->state == CAISSON_CELL_FAILED) {
		failure_reason(info, reason, sizeof(reason));
		json_object(j, "failure");
		json_string(j, "reason", reason);
		json_number(j, "esr", info->reason);
		json_number(j, "pc", info->reason_pc);
		json_number(j, "address", info->reason_addr);
		json_end_object(j);
	}
	json_object(j, "ns");
	json_number(j, "create_hv", info->create_hv_ns);
	json_number(j, "create", info->create_ns);
	json_number(j, "scrub", info->scrub_ns);
	json_number(j, "start_hv", info->start_hv_ns);
	json_end_object(j);
}

enum exit_code report_cell(const struct request *req, int fd, const char *name)
{
	struct caisson_ioc_info info;
	enum exit_code code = device_info(fd, name, &info);
	char cpus[128], memory[32];
	struct cpu_set set;
	struct json j;

	if (code)
		return code;
	if (req->json) {
		json_begin(&j, stdout);
		json_object(&j, NULL);
		info_json(&j, &info);
		json_end_object(&j);
		return HVCTL_OK;
	}
	cpus_of(&info, &set);
	format_cpus(&set, cpus, sizeof(cpus));
	format_bytes(info.memory_bytes, memory, sizeof(memory));
	say(req, "cell %s is %s: CPUs %s, %s", name, state_name(info.state), cpus, memory);
	return HVCTL_OK;
}
