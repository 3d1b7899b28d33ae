// SPDX-License-Identifier: GPL-2.0-only
/*
 * kexec KERNEL INITRD CMDLINE: loads a kernel for kexec by kexec_load(), with this machine's device
 * tree, as Debian's kernels have no kexec_file_load(); kexec --exec starts it.
 *
 *     kexec vmlinuz initrd 'console=ttyAMA0 panic=-1'; kexec --exec
 *
 * For the system tests alone: everything lies where QEMU virt has RAM.
 */
#include <libfdt.h>
#include <linux/kexec.h>
#include <linux/reboot.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define RAM 0x40000000UL /* of QEMU virt */
#define MIB 0x100000UL
#define TRAMPOLINE (RAM + MIB)
#define TREE (RAM + 2 * MIB)
#define TREE_ROOM (2 * MIB) /* QEMU's own takes one */
#define KERNEL (RAM + 256 * MIB) /* not over the tables of a GIC that goes on using them */

#define ALIGN_UP(x, a) (((x) + (a) - 1) / (a) * (a))

/* What kexec enters: a Linux wants its device tree in x0, and zeroes in x1 to x3. */
static struct {
	uint32_t code[8];
	uint64_t kernel, tree;
} trampoline = {
	.code = {
		0x58000104, /* ldr x4, kernel */
		0x58000120, /* ldr x0, tree */
		0xaa1f03e1, /* mov x1, xzr */
		0xaa1f03e2, /* mov x2, xzr */
		0xaa1f03e3, /* mov x3, xzr */
		0xd61f0080, /* br x4 */
	},
	.kernel = KERNEL,
	.tree = TREE,
};

static void fail(const char *what)
{
	perror(what);
	exit(1);
}

static void *read_file(const char *path, size_t *size)
{
	FILE *f = fopen(path, "r");
	struct stat st;
	void *data;

	if (!f || fstat(fileno(f), &st))
		fail(path);
	data = malloc((size_t)st.st_size);
	if (!data)
		fail(path);
	*size = fread(data, 1, (size_t)st.st_size, f);
	if (*size != (size_t)st.st_size)
		fail(path);
	fclose(f);
	return data;
}

/* The tree this kernel was booted with, with the next one's command line and initial RAM disk. */
static void *make_tree(uint64_t initrd, size_t initrd_size, const char *cmdline)
{
	void *tree = malloc(TREE_ROOM);
	size_t size;
	void *found = read_file("/sys/firmware/fdt", &size);
	int chosen;

	if (!tree || fdt_open_into(found, tree, (int)TREE_ROOM))
		fail("/sys/firmware/fdt");
	chosen = fdt_path_offset(tree, "/chosen");
	if (chosen < 0 ||
	    fdt_setprop(tree, chosen, "bootargs", cmdline, (int)strlen(cmdline) + 1) ||
	    fdt_setprop_u64(tree, chosen, "linux,initrd-start", initrd) ||
	    fdt_setprop_u64(tree, chosen, "linux,initrd-end", initrd + initrd_size))
		fail("/chosen");
	return tree;
}

static int load(const char *kernel, const char *initrd, const char *cmdline)
{
	size_t kernel_size, initrd_size;
	uint8_t *image = read_file(kernel, &kernel_size);
	void *disk = read_file(initrd, &initrd_size);
	uint64_t memory;
	uintptr_t at;

	memcpy(&memory, image + 16, sizeof(memory)); /* image_size of an arm64 Image's header */
	memory = ALIGN_UP(memory, MIB);
	at = KERNEL + memory;

	struct kexec_segment segments[] = {
		{ &trampoline, sizeof(trampoline), (void *)TRAMPOLINE, 0x1000 },
		{ make_tree(at, initrd_size, cmdline), TREE_ROOM, (void *)TREE, TREE_ROOM },
		{ image, kernel_size, (void *)KERNEL, memory },
		{ disk, initrd_size, (void *)at, ALIGN_UP(initrd_size, 0x1000) },
	};

	if (syscall(SYS_kexec_load, TRAMPOLINE, sizeof(segments) / sizeof(*segments), segments,
		    KEXEC_ARCH_AARCH64))
		fail("kexec_load");
	return 0;
}

int main(int argc, char **argv)
{
	if (argc == 2 && !strcmp(argv[1], "--exec")) {
		syscall(SYS_reboot, LINUX_REBOOT_MAGIC1, LINUX_REBOOT_MAGIC2,
			LINUX_REBOOT_CMD_KEXEC, NULL);
		fail("reboot");
	}
	if (argc != 4) {
		fprintf(stderr, "usage: kexec KERNEL INITRD CMDLINE | kexec --exec\n");
		return 2;
	}
	return load(argv[1], argv[2], argv[3]);
}
