// SPDX-License-Identifier: GPL-2.0-only
/*
 * hvctl cell linux: create, load and start in one; step 7 of the tour. Everything that can be wrong
 * with files and options is found before the cell is made; what fails afterwards takes the cell
 * away again.
 */
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cells.h"
#include "config_file.h"
#include "new_cell.h"

#define DEFAULT_CMDLINE "console=ttyAMA0"
#define INITRD_ALIGN MIB(2)
#define CMDLINE_MAX 2047 /* arm64 Linux takes no more (COMMAND_LINE_SIZE), and says nothing */

/* The configuration that --cpus, --memory and --device stand for. */
static enum exit_code blob_from_options(const struct request *req, void **blob, uint32_t *size)
{
	struct inventory inv;
	struct machine m;
	enum exit_code code = machine_open(&m);

	if (!code) {
		inventory_make(&inv, m.fdt);
		code = new_cell(req, true, &m, &inv, blob, size);
		inventory_free(&inv);
	}
	machine_close(&m);
	return code;
}

/* The checked configuration of the new cell, with --name written into it. */
static enum exit_code make_blob(const struct request *req, void **blob, uint32_t *size)
{
	bool options = option(req, "cpus") && option(req, "memory");
	enum exit_code code;

	if (!option(req, "config") != options ||
	    (option(req, "config") &&
	     (option(req, "cpus") || option(req, "memory") || option(req, "device")))) {
		complain("either --config, or --cpus and --memory, describe the cell");
		return HVCTL_USAGE;
	}
	if (options)
		code = blob_from_options(req, blob, size);
	else
		code = config_file_load(option(req, "config"), CAISSON_KIND_CELL, blob, size);
	if (code)
		return code;
	/* Either blob is sound in form, so its name can be replaced; then the whole is checked. */
	if (option(req, "name")) {
		struct caisson_cell_entry *c = (void *)(uintptr_t)config_cell(*blob);

		code = cell_name(c->name, option(req, "name"));
	}
	if (!code && !refusal_check(*blob, *size, CAISSON_KIND_CELL, "cell linux"))
		code = HVCTL_CONFIG;
	if (code)
		free(*blob);
	return code;
}

/* Kernel at the base, initial RAM disk behind it; the device tree comes with load_cell(). */
static enum exit_code make_plan(const struct request *req, struct plan *plan, struct guest_fdt *g)
{
	struct file kernel, initrd;
	const struct piece *k;
	enum exit_code code;

	code = file_map(req->argv[0], &kernel);
	if (code)
		return code;
	code = plan_image(plan, &kernel, ADDRESS_ANY); /* complains of what is compressed */
	if (!code && image_format(&kernel) != IMAGE_ARM64) {
		complain("%s: is no arm64 Image", kernel.path);
		return HVCTL_CONFIG;
	}
	if (code || !option(req, "initrd"))
		return code;
	code = file_map(option(req, "initrd"), &initrd);
	if (code)
		return code;
	k = &plan->piece[0];
	g->initrd_start = ALIGN_UP(k->ipa + k->span, INITRD_ALIGN);
	g->initrd_end = g->initrd_start + initrd.size;
	return plan_data(plan, initrd.path, initrd.data, initrd.size, g->initrd_start);
}

/* As plan_check(), with the device tree that load_cell() will add. */
static enum exit_code check_plan(struct plan *plan)
{
	uint64_t at = guest_fdt_address(plan->blob);
	enum exit_code code = HVCTL_OK;
	uint32_t count = plan->count;

	if (at != ADDRESS_ANY) /* or else main memory is too small for anything */
		code = plan_data(plan, "device tree", NULL, GUEST_FDT_SIZE, at);
	if (!code)
		code = plan_check(plan);
	plan->count = count;
	return code;
}

/* From here on a cell exists: any failure destroys it, and no signal comes between. */
static enum exit_code create_and_start(int fd, void *blob, uint32_t size, struct plan *plan,
				       struct guest_fdt *g)
{
	const char *name = config_cell(blob)->name;
	sigset_t all, before;
	enum exit_code code;

	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, &before);
	code = create_cell(fd, blob, size);
	if (!code) {
		code = load_cell(fd, plan, g);
		if (!code)
			code = cell_call(fd, CAISSON_IOC_CELL_START, name, "start");
		if (code && !cell_call(fd, CAISSON_IOC_CELL_DESTROY, name, "destroy"))
			complain("cell %s was destroyed again", name);
	}
	sigprocmask(SIG_SETMASK, &before, NULL);
	return code;
}

enum exit_code cmd_cell_linux(const struct request *req)
{
	const char *append = option(req, "append");
	struct guest_fdt g = { 0 };
	char *cmdline = NULL;
	struct plan plan;
	enum exit_code code;
	uint32_t size;
	void *blob;
	int fd;

	if (append && strlen(DEFAULT_CMDLINE " ") + strlen(append) > CMDLINE_MAX) {
		complain("--append: a kernel command line, with " DEFAULT_CMDLINE ", has at most "
			 "%d characters", CMDLINE_MAX);
		return HVCTL_USAGE;
	}
	code = make_blob(req, &blob, &size);
	if (code)
		return code;
	if (asprintf(&cmdline, "%s%s%s", DEFAULT_CMDLINE, append ? " " : "",
		     append ? append : "") < 0) {
		complain("out of memory");
		return HVCTL_REFUSED;
	}
	g.bootargs = cmdline;
	plan_init(&plan, blob);
	code = make_plan(req, &plan, &g);
	if (!code)
		code = check_plan(&plan);
	if (!code)
		code = device_open(&fd);
	if (!code)
		code = create_and_start(fd, blob, size, &plan, &g);
	if (!code)
		code = report_cell(req, fd, config_cell(blob)->name);
	free(cmdline);
	free(blob);
	return code;
}
