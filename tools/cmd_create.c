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

#include "config_file.h"
#include "device.h"
#include "new_cell.h"
#include "refusal.h"
#include "source.h"
#include "spis.h"

enum kind { SYSTEM, CELL, LINUX };

static enum exit_code parse_kind(const struct request *req, enum kind *kind)
{
	static const char *const words[] = { "system", "cell", "linux" };
	static const char *const of_cells[] = { "cpus", "device", "beside" };
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

/* --beside FILE, any number of times: cells that there will be, too. */
static enum exit_code add_others(const struct request *req, struct machine *m)
{
	const char *path;

	while ((path = option_at(req, "beside", m->nother))) {
		enum exit_code code;
		uint32_t size;
		void *blob;

		code = config_file_load(path, CAISSON_KIND_CELL, &blob, &size);
		if (code)
			return code;
		m->other = grow(m->other, m->nother, sizeof(*m->other));
		m->other[m->nother++] = blob;
	}
	return HVCTL_OK;
}

static bool has_device(const void *blob, const struct item *item)
{
	uint32_t i, k;

	for (i = 0; i < config_count(blob, CAISSON_SEC_DEVICE); i++) {
		const struct caisson_device_entry *d = config_device(blob, i);

		for (k = 0; k < item->nranges; k++)
			if (item->range[k].start < d->pa + d->size && d->pa < item->range[k].end)
				return true;
	}
	return false;
}

/* What those have this one cannot. */
static void take_devices(const struct machine *m, struct inventory *inv)
{
	uint32_t i, k;

	for (i = 0; i < inv->count; i++) {
		struct item *item = &inv->item[i];

		for (k = 0; k < m->nother; k++)
			if (!*item->why && has_device(m->other[k], item))
				snprintf(item->why, ITEM_WHY, "belongs to the cell %s (--beside)",
					 config_cell(m->other[k])->name);
	}
}

/* The SPIs of a cell: with the hypervisor enabled those that no cell has. */
static enum exit_code pick_spis(const struct machine *m, void *blob)
{
	struct caisson_ioc_status status = { 0 };
	int fd = -1;

	if (!m->dtb && !device_open_quietly(&fd) &&
	    !device_call(fd, CAISSON_IOC_STATUS, &status, sizeof(status)) && status.enabled)
		return choose_spis(fd, m, blob);
	choose_spis_beforehand(m, blob);
	return HVCTL_OK;
}

/* CPUs that were named, and that a cell has that there will be, too. */
static enum exit_code check_others(const struct request *req, const struct machine *m,
				   const void *blob)
{
	struct cpu_set cpus, theirs;
	uint32_t cpu, i;

	config_cpus(blob, &cpus);
	for (i = 0; i < m->nother; i++) {
		config_cpus(m->other[i], &theirs);
		for (cpu = 0; cpu < CONFIG_MAX_CPUS; cpu++) {
			if (!cpu_in_set(&cpus, cpu) || !cpu_in_set(&theirs, cpu))
				continue;
			complain("--cpus %s: CPU %" PRIu32 " belongs to the cell %s (--beside)",
				 option(req, "cpus"), cpu, config_cell(m->other[i])->name);
			return HVCTL_REFUSED;
		}
	}
	return HVCTL_OK;
}

/* What the driver would refuse, too: CPUs that are not there, or all that root has. */
static enum exit_code check_cpus(const struct machine *m, const void *blob, uint32_t size)
{
	struct refusal r = { .offset = config_offset(blob, CAISSON_SEC_CPU, 0) };
	uint32_t cpu, left = 0, there = machine_cpus_in_tree(m->fdt);
	struct cpu_set cpus, roots;

	config_cpus(blob, &cpus);
	machine_cpus(m, &roots);
	for (cpu = 0; cpu < CONFIG_MAX_CPUS; cpu++) {
		left += cpu_in_set(&roots, cpu) && !cpu_in_set(&cpus, cpu);
		if (!r.code && cpu_in_set(&cpus, cpu) && cpu >= there) {
			r.code = CAISSON_E_CPU_UNKNOWN;
			r.value = cpu;
		}
	}
	if (!r.code && !left)
		r.code = CAISSON_E_CPU_LAST;
	if (!r.code)
		return HVCTL_OK;
	refusal_print(&r, blob, size, "config create");
	return HVCTL_REFUSED;
}

static enum exit_code complete_cell(const struct request *req, const struct machine *m, void *blob,
				    uint32_t size)
{
	enum exit_code code = check_others(req, m, blob);

	if (!code)
		code = check_cpus(m, blob, size);
	return code ? code : pick_spis(m, blob);
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
		code = complete_cell(req, m, *blob, *size);
	if (!code && !refusal_check(*blob, *size, 0, "config create"))
		code = HVCTL_CONFIG;
	if (code)
		free(*blob);
	return code;
}

static const char *file_name(const struct given *given)
{
	const char *slash = strrchr(given->value, '/');
	bool file = !strcmp(given->spec->name, "dtb") || !strcmp(given->spec->name, "beside");

	return file && slash ? slash + 1 : given->value;
}

/* The command line, but for where the result goes; a file by its name alone. */
static void command_words(const struct request *req, char *text, size_t size)
{
	size_t used = (size_t)snprintf(text, size, "hvctl config create %s", req->argv[0]);
	uint32_t i;

	for (i = 0; i < req->ngiven && used < size; i++) {
		const char *name = req->given[i].spec->name;

		if (strcmp(name, "output") && strcmp(name, "force"))
			used += (size_t)snprintf(text + used, size - used, " --%s %s", name,
						 file_name(&req->given[i]));
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
	code = code ? code : add_others(req, &m);
	if (!code) {
		inventory_make(&inv, m.fdt);
		take_devices(&m, &inv);
		code = make_blob(req, kind, &m, &inv, &blob, &size);
	}
	if (!code) {
		command_words(req, command, sizeof(command));
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
