// SPDX-License-Identifier: GPL-2.0-only
/*
 * hvctl config create: a configuration of this machine, or of a board's device tree, as C source.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "device.h"
#include "new_cell.h"
#include "refusal.h"
#include "source.h"
#include "spis.h"

enum kind { SYSTEM, CELL, LINUX };

static enum exit_code parse_kind(const struct request *req, enum kind *kind)
{
	static const char *const words[] = { "system", "cell", "linux" };
	static const char *const of_cells[] = { "cpus", "device" };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(words) && strcmp(req->argv[0], words[i]); i++)
		;
	if (i == ARRAY_SIZE(words)) {
		complain("`%s' is none of system, cell, linux", req->argv[0]);
		return HVCTL_USAGE;
	}
	*kind = (enum kind)i;
	for (i = 0; *kind == SYSTEM && i < ARRAY_SIZE(of_cells); i++) {
		if (option(req, of_cells[i])) {
			complain("--%s is a cell's", of_cells[i]);
			return HVCTL_USAGE;
		}
	}
	return HVCTL_OK;
}

/* --memory SIZE@ADDRESS, any number of times: RAM that the file's tree does not have. */
static enum exit_code add_ram(const struct request *req, struct machine *m)
{
	const char *text;

	while ((text = option_at(req, "memory", m->nram))) {
		char size[64] = "";
		const char *at = strchr(text, '@');
		uint64_t bytes, start;
		struct range *more;

		if (at)
			snprintf(size, sizeof(size), "%.*s", (int)(at - text), text);
		if (!m->dtb || !at || !parse_size(size, &bytes) || !parse_number(at + 1, &start) ||
		    bytes % PAGE || start % PAGE || !bytes || start >= CONFIG_ADDRESS_END ||
		    bytes > CONFIG_ADDRESS_END - start) {
			complain("--memory %s: for a system this is RAM that the file of --dtb "
				 "does not have, as in 1G@0x40000000, in pages of 4 KiB", text);
			return HVCTL_USAGE;
		}
		more = allocate((m->nram + 1) * sizeof(*more));
		if (m->nram)
			memcpy(more, m->ram, m->nram * sizeof(*more));
		free(m->ram);
		more[m->nram++] = (struct range){ start, start + bytes, true };
		m->ram = more;
	}
	return HVCTL_OK;
}

/* The SPIs of a cell: with the hypervisor enabled those that no cell has. */
static enum exit_code pick_spis(const struct machine *m, void *blob)
{
	struct caisson_ioc_status status = { 0 };
	int fd = -1;

	if (!m->dtb && !device_open_quietly(&fd) &&
	    !device_call(fd, CAISSON_IOC_STATUS, &status, sizeof(status)) && status.enabled)
		return choose_spis(fd, blob);
	choose_spis_beforehand(m->fdt, blob);
	return HVCTL_OK;
}

/* What the driver would refuse, too: CPUs that are not there, or all of them. */
static enum exit_code check_cpus(const struct machine *m, const void *blob, uint32_t size)
{
	struct refusal r = { .offset = config_offset(blob, CAISSON_SEC_CPU, 0) };
	uint32_t cpu, count = 0, there = machine_cpus_in_tree(m->fdt);
	struct cpu_set cpus;

	config_cpus(blob, &cpus);
	for (cpu = 0; cpu < CONFIG_MAX_CPUS; cpu++) {
		count += cpu_in_set(&cpus, cpu);
		if (!r.code && cpu_in_set(&cpus, cpu) && cpu >= there) {
			r.code = CAISSON_E_CPU_UNKNOWN;
			r.value = cpu;
		}
	}
	if (!r.code && count == there)
		r.code = CAISSON_E_CPU_LAST;
	if (!r.code)
		return HVCTL_OK;
	refusal_print(&r, blob, size, "config create");
	return HVCTL_REFUSED;
}

/* The checked blob of which the source is written. */
static enum exit_code make_blob(const struct request *req, enum kind kind, struct machine *m,
				const struct inventory *inv, void **blob, uint32_t *size)
{
	const char *name = option(req, "name");
	enum exit_code code;
	char *to;

	code = kind == SYSTEM ? add_ram(req, m) : HVCTL_OK;
	if (!code)
		code = kind == SYSTEM ? machine_system(m, blob, size) :
					new_cell(req, kind == LINUX, m, inv, blob, size);
	if (code)
		return code;
	to = (char *)(uintptr_t)(kind == SYSTEM ? config_system(*blob)->name :
						  config_cell(*blob)->name);
	code = name ? cell_name(to, name) : HVCTL_OK;
	if (!code && kind != SYSTEM)
		code = check_cpus(m, *blob, *size);
	if (!code && kind != SYSTEM)
		code = pick_spis(m, *blob);
	if (!code && !refusal_check(*blob, *size, 0, "config create"))
		code = HVCTL_CONFIG;
	if (code)
		free(*blob);
	return code;
}

/* The command line, but for where the result goes; a file by its name alone. */
static void command_words(const struct request *req, const struct machine *m, char *text,
			  size_t size)
{
	size_t used = (size_t)snprintf(text, size, "hvctl config create %s", req->argv[0]);
	uint32_t i;

	for (i = 0; i < req->ngiven && used < size; i++) {
		const char *name = req->given[i].spec->name;

		if (strcmp(name, "output") && strcmp(name, "force"))
			used += (size_t)snprintf(text + used, size - used, " --%s %s", name,
						 strcmp(name, "dtb") ? req->given[i].value :
								       m->dtb);
	}
}

static enum exit_code write_file(const struct request *req, const char *text, size_t size)
{
	const char *path = option(req, "output");
	int fd = open(path,
		      O_WRONLY | O_CREAT | O_CLOEXEC | (option(req, "force") ? O_TRUNC : O_EXCL),
		      0666);
	bool bad;

	if (fd < 0) {
		complain(errno == EEXIST ? "%s: exists; --force replaces it" : "%s: %s", path,
			 strerror(errno));
		return HVCTL_USAGE;
	}
	bad = write(fd, text, size) != (ssize_t)size;
	bad = close(fd) || bad;
	if (!bad) {
		say(req, "%s is written; scripts/cellcc compiles it", path);
		return HVCTL_OK;
	}
	complain("%s: %s", path, strerror(errno));
	unlink(path);
	return HVCTL_USAGE;
}

static enum exit_code report(const struct request *req, const char *text, size_t size)
{
	enum exit_code code = option(req, "output") ? write_file(req, text, size) : HVCTL_OK;
	struct json j;

	if (!code && req->json) {
		json_begin(&j, stdout);
		json_object(&j, NULL);
		json_string(&j, "kind", req->argv[0]);
		json_string(&j, "source", text);
		json_end_object(&j);
	} else if (!code && !option(req, "output")) {
		fwrite(text, 1, size, stdout);
	}
	return code;
}

enum exit_code cmd_config_create(const struct request *req)
{
	struct inventory inv = { 0 };
	struct source s = { .inventory = &inv };
	struct machine m = { 0 };
	char command[1000];
	enum exit_code code;
	enum kind kind;
	uint32_t size;
	size_t length;
	char *text;
	void *blob;

	code = parse_kind(req, &kind);
	if (code)
		return code;
	code = option(req, "dtb") ? machine_open_dtb(&m, option(req, "dtb")) : machine_open(&m);
	if (!code) {
		inventory_make(&inv, m.fdt);
		code = make_blob(req, kind, &m, &inv, &blob, &size);
	}
	if (!code) {
		command_words(req, &m, command, sizeof(command));
		s.to = open_memstream(&text, &length);
		s.blob = blob;
		s.machine = &m;
		s.command = command;
		source_write(&s);
		fclose(s.to);
		code = report(req, text, length);
		free(text);
		free(blob);
	}
	inventory_free(&inv);
	machine_close(&m);
	return code;
}
