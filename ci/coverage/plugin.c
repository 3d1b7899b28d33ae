// SPDX-License-Identifier: GPL-2.0-only
/*
 * A plugin of QEMU's TCG that notes which instructions of EL2 were executed:
 * `-plugin FILE,image=CAISSON.BIN,executed=FILE`. FILE has a byte for each instruction of the
 * image's text, which becomes 1; it is shared memory, so that any number of machines add to it, and
 * nothing is lost when they are killed.
 *
 * The hypervisor that runs need not be that image: tests put faults in, and mutants. An instruction
 * counts if memory has the image's bytes for 64 bytes around it. The page that EL2 enters and
 * leaves by runs at its physical address, and is known by its header.
 */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "caisson/image.h"
#include "plugin_api.h"

#define PAGE 4096u
#define BLOCK 64u

/* 1: what QEMU 7.2 has, and 10 no more; the other way round 2. What is used is the same in both. */
int qemu_plugin_version = 1;
extern void qemu_plugin_scoreboard_new(size_t size) __attribute__((weak));

static const uint8_t *image;
static uint64_t text_size;
static volatile uint8_t *executed;

static __attribute__((constructor)) void choose_version(void)
{
	if (qemu_plugin_scoreboard_new)
		qemu_plugin_version = 2;
}

static void note(unsigned int cpu, void *data)
{
	(void)cpu;
	executed[(uintptr_t)data] = 1;
}

/* Where in the image that instruction is, or text_size. */
static uint64_t offset_of(const struct qemu_plugin_insn *insn)
{
	uint64_t at = qemu_plugin_insn_vaddr(insn);
	uintptr_t host = (uintptr_t)qemu_plugin_insn_haddr(insn);
	uint64_t offset = at - CAISSON_VA_MEMORY;

	if (host < PAGE) /* no memory: a device */
		return text_size;
	if (offset >= text_size) {
		offset = at % PAGE;
		if (memcmp((const void *)(host & ~(uintptr_t)(PAGE - 1)), image, BLOCK))
			return text_size;
	}
	if (memcmp((const void *)(host & ~(uintptr_t)(BLOCK - 1)), image + offset / BLOCK * BLOCK,
		   BLOCK))
		return text_size;
	return offset;
}

static void translated(qemu_plugin_id_t id, struct qemu_plugin_tb *tb)
{
	size_t n = qemu_plugin_tb_n_insns(tb);

	(void)id;
	for (size_t i = 0; i < n; i++) {
		struct qemu_plugin_insn *insn = qemu_plugin_tb_get_insn(tb, i);
		uint64_t offset = offset_of(insn);

		if (offset < text_size)
			qemu_plugin_register_vcpu_insn_exec_cb(insn, note, 0,
							       (void *)(uintptr_t)(offset / 4));
	}
}

/* The file's contents; `size` is its size, or 0 for a file that keeps the one it has. */
static void *map_file(const char *path, size_t size)
{
	int fd = open(path, size ? O_RDWR | O_CREAT : O_RDONLY, 0644);
	void *at = MAP_FAILED;
	struct stat st;

	if (fd >= 0 && !(size && ftruncate(fd, (off_t)size)) && !fstat(fd, &st))
		at = mmap(NULL, (size_t)st.st_size, size ? PROT_READ | PROT_WRITE : PROT_READ,
			  MAP_SHARED, fd, 0);
	if (fd >= 0)
		close(fd);
	if (at == MAP_FAILED)
		perror(path);
	return at == MAP_FAILED ? NULL : at;
}

int qemu_plugin_install(qemu_plugin_id_t id, const void *info, int argc, char **argv)
{
	(void)info;
	if (argc != 2 || strncmp(argv[0], "image=", 6) || strncmp(argv[1], "executed=", 9)) {
		fprintf(stderr, "plugin: image=FILE,executed=FILE is what it takes\n");
		return -1;
	}
	image = map_file(argv[0] + 6, 0);
	if (!image)
		return -1;
	text_size = ((const struct caisson_image_header *)image)->rodata_off;
	executed = map_file(argv[1] + 9, text_size / 4);
	if (!executed)
		return -1;
	qemu_plugin_register_vcpu_tb_trans_cb(id, translated);
	return 0;
}
