// SPDX-License-Identifier: GPL-2.0-only
/*
 * A plugin of QEMU's TCG that counts how long each CPU stays in EL2, in instructions that this CPU
 * executes there, on whatever path it came: `-plugin FILE,log=FILE,least=N` appends a line for each
 * stay of at least N instructions. EL2 is told by its addresses (caisson/image.h), which nothing
 * else uses; the page that it enters and leaves by, with the MMU off, is not counted. A CPU that
 * sleeps (WFI) is not held up by EL2: its stay ends there.
 *
 * The declarations are those of QEMU's plugin API, version 1 (docs/devel/tcg-plugins), as Debian has
 * no package with its header.
 */
#include <inttypes.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "caisson/image.h"

#define CPUS_MAX 512
#define WFI 0xd503207fu

typedef uint64_t qemu_plugin_id_t;
struct qemu_plugin_tb;
struct qemu_plugin_insn;
typedef void tb_trans_cb(qemu_plugin_id_t id, struct qemu_plugin_tb *tb);
typedef void tb_exec_cb(unsigned int cpu, void *data);

void qemu_plugin_register_vcpu_tb_trans_cb(qemu_plugin_id_t id, tb_trans_cb *cb);
void qemu_plugin_register_vcpu_tb_exec_cb(struct qemu_plugin_tb *tb, tb_exec_cb *cb, int flags,
					  void *data);
size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb *tb);
uint64_t qemu_plugin_tb_vaddr(const struct qemu_plugin_tb *tb);
struct qemu_plugin_insn *qemu_plugin_tb_get_insn(const struct qemu_plugin_tb *tb, size_t i);
const void *qemu_plugin_insn_data(const struct qemu_plugin_insn *insn);

#define EXPORT __attribute__((visibility("default")))

EXPORT extern int qemu_plugin_version;
EXPORT int qemu_plugin_install(qemu_plugin_id_t id, const void *info, int argc, char **argv);
int qemu_plugin_version = 1;

static uint64_t stay[CPUS_MAX];
static FILE *log_file;
static uint64_t least = 1;

static void ends(unsigned int cpu, void *data)
{
	(void)data;
	if (stay[cpu] >= least) {
		fprintf(log_file, "stay cpu=%u insns=%" PRIu64 "\n", cpu, stay[cpu]);
		fflush(log_file);
	}
	stay[cpu] = 0;
}

/* data: the instructions of the block << 1 | whether it ends in sleep */
static void goes_on(unsigned int cpu, void *data)
{
	stay[cpu] += (uintptr_t)data >> 1;
	if ((uintptr_t)data & 1)
		ends(cpu, NULL);
}

static void translated(qemu_plugin_id_t id, struct qemu_plugin_tb *tb)
{
	uint64_t at = qemu_plugin_tb_vaddr(tb);
	uintptr_t data = qemu_plugin_tb_n_insns(tb) << 1;
	uint32_t last;

	(void)id;
	if (at < CAISSON_VA_MEMORY || at >= CAISSON_VA_PRIVATE) {
		qemu_plugin_register_vcpu_tb_exec_cb(tb, ends, 0, NULL);
		return;
	}
	memcpy(&last, qemu_plugin_insn_data(qemu_plugin_tb_get_insn(tb, (data >> 1) - 1)),
	       sizeof(last));
	data |= last == WFI;
	qemu_plugin_register_vcpu_tb_exec_cb(tb, goes_on, 0, (void *)data);
}

int qemu_plugin_install(qemu_plugin_id_t id, const void *info, int argc, char **argv)
{
	(void)info;
	for (int i = 0; i < argc; i++) {
		if (!strncmp(argv[i], "log=", 4))
			log_file = fopen(argv[i] + 4, "w");
		else if (!strncmp(argv[i], "least=", 6))
			least = strtoull(argv[i] + 6, NULL, 0);
	}
	if (!log_file) {
		fprintf(stderr, "plugin: no log=FILE, or it cannot be written\n");
		return -1;
	}
	qemu_plugin_register_vcpu_tb_trans_cb(id, translated);
	return 0;
}
