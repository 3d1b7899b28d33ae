// SPDX-License-Identifier: GPL-2.0-only
/*
 * hvctl cell dump: a cell as an ELF core. The driver writes the memory through a mapping of the
 * file, in which pages that are zero stay holes; the header comes last, so that half a dump is
 * none.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cells.h"
#include "core.h"

struct dump {
	const char *path;
	int file;
	void *blob; /* of the cell */
	size_t header_size;
	struct caisson_ioc_info info;
	struct core_cpu *cpus;
};

static enum exit_code cannot_write(const char *path, const char *why)
{
	complain("%s: cannot be written: %s", path, why);
	return HVCTL_USAGE;
}

/* It holds all that the cell does: nobody else's to read. */
static enum exit_code open_file(struct dump *d)
{
	struct stat st;

	d->file = open(d->path, O_RDWR | O_CREAT | O_CLOEXEC | O_NONBLOCK, 0600);
	if (d->file < 0 || fstat(d->file, &st))
		return cannot_write(d->path, strerror(errno));
	if (!S_ISREG(st.st_mode))
		return cannot_write(d->path, "it is no regular file");
	if (ftruncate(d->file, 0) ||
	    ftruncate(d->file, (off_t)(d->header_size + d->info.memory_bytes))) {
		int error = errno;

		unlink(d->path);
		return cannot_write(d->path, strerror(error));
	}
	return HVCTL_OK;
}

/* EFAULT is the mapping's: of the file's pages one could not be had. */
static enum exit_code ask_driver(int fd, const struct request *req, struct dump *d)
{
	struct caisson_ioc_dump call = {
		.regs = (uintptr_t)d->cpus,
		.memory_size = d->info.memory_bytes,
		.ncpus = d->info.ncpus,
		.flags = option(req, "live") ? CAISSON_DUMP_LIVE : 0,
	};
	void *memory = mmap(NULL, d->info.memory_bytes, PROT_READ | PROT_WRITE, MAP_SHARED, d->file,
			    (off_t)d->header_size);
	char what[64];
	int result;

	if (memory == MAP_FAILED)
		return cannot_write(d->path, strerror(errno));
	memcpy(call.name, d->info.name, sizeof(call.name));
	call.memory = (uintptr_t)memory;
	result = device_call(fd, CAISSON_IOC_CELL_DUMP, &call, sizeof(call));
	munmap(memory, d->info.memory_bytes);
	if (result == -EFAULT)
		return cannot_write(d->path, "the file system is full, or has failed");
	snprintf(what, sizeof(what), "cell dump %s", d->info.name);
	return result ? device_refused(result, &call, NULL, 0, what) : HVCTL_OK;
}

static enum exit_code write_header(struct dump *d)
{
	uint32_t failed = d->info.ncpus;
	enum exit_code code = HVCTL_OK;
	void *header = allocate(d->header_size);

	for (uint32_t cpu = 0; d->info.state == CAISSON_CELL_FAILED && cpu < d->info.ncpus; cpu++)
		if (failed == d->info.ncpus &&
		    d->cpus[cpu].regs[CAISSON_REGS_PC] == d->info.reason_pc)
			failed = cpu;
	core_header(header, d->blob, d->cpus, d->info.ncpus, failed);
	errno = ENOSPC;
	if (pwrite(d->file, header, d->header_size, 0) != (ssize_t)d->header_size ||
	    fsync(d->file))
		code = cannot_write(d->path, strerror(errno));
	free(header);
	return code;
}

static void report(const struct request *req, const struct dump *d)
{
	char size[32];
	struct json j;

	format_bytes(d->info.memory_bytes, size, sizeof(size));
	say(req, "cell %s is in %s: %u CPUs, %s", d->info.name, d->path, d->info.ncpus, size);
	if (!req->json)
		return;
	json_begin(&j, stdout);
	json_object(&j, NULL);
	json_string(&j, "name", d->info.name);
	json_string(&j, "file", d->path);
	json_number(&j, "ncpus", d->info.ncpus);
	json_number(&j, "memory_bytes", d->info.memory_bytes);
	json_end_object(&j);
}

enum exit_code cmd_cell_dump(const struct request *req)
{
	struct dump d = { .path = req->argv[1], .file = -1 };
	enum exit_code code;
	int fd;

	code = device_open(&fd);
	if (!code)
		code = device_info(fd, req->argv[0], &d.info);
	if (!code)
		code = device_config(fd, req->argv[0], &d.blob);
	if (code)
		return code;
	d.header_size = core_header_size(d.blob, d.info.ncpus);
	d.cpus = allocate(d.info.ncpus * sizeof(*d.cpus));
	code = open_file(&d);
	if (!code) {
		code = ask_driver(fd, req, &d);
		if (!code)
			code = write_header(&d);
		if (code)
			unlink(d.path);
	}
	if (!code)
		report(req, &d);
	if (d.file >= 0)
		close(d.file);
	free(d.cpus);
	free(d.blob);
	return code;
}
