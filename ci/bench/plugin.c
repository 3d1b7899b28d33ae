// SPDX-License-Identifier: GPL-2.0-only
/*
 * A plugin of QEMU's TCG that counts how long each CPU stays in EL2, in instructions that this CPU
 * executes there, on whatever path it came. `-plugin FILE,log=FILE`; what it has since BENCH_CLEAR
 * is written down at BENCH_WRITE, a line for each hypercall and one for all else (marks.h):
 *
 *     stay call=N n=N mean=N max=N
 *
 * EL2 is told by its addresses (caisson/image.h), which nothing else uses; the page that it enters
 * and leaves by, with the MMU off, is not counted. A stay ends when the CPU sleeps (WFI), too: from
 * there on it is parked, and what it does from one sleep to the next holds up nobody, and is a line
 * of its own.
 */
#include <inttypes.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "caisson/image.h"
#include "marks.h"
#include "plugin_api.h"

#define CPUS_MAX 512
#define WFI 0xd503207fu
#define MOVZ_XZR 0xd280001fu /* Arm ARM C6.2.229: the immediate is in bits 20..5 */
#define IMMEDIATE(insn) ((insn) >> 5 & 0xffff)

int qemu_plugin_version = 1;

static struct {
	uint64_t stay; /* so far */
	unsigned int call;
	bool parked;
} cpus[CPUS_MAX];
static struct {
	uint64_t n, sum, max;
} calls[BENCH_CALL_PARKED + 1];
static const char *log_path;

static void write_down(void)
{
	FILE *f = fopen(log_path, "w");

	if (!f)
		return;
	for (unsigned int i = 0; i <= BENCH_CALL_PARKED; i++)
		if (calls[i].n)
			fprintf(f, "stay call=%u n=%" PRIu64 " mean=%" PRIu64 " max=%" PRIu64 "\n", i,
				calls[i].n, calls[i].sum / calls[i].n, calls[i].max);
	fclose(f);
}

static void mark(unsigned int cpu, void *data)
{
	unsigned int n = (unsigned int)(uintptr_t)data;

	if (n <= BENCH_CALL_NONE)
		cpus[cpu].call = n;
	else if (n == BENCH_CLEAR)
		memset(calls, 0, sizeof(calls));
	else if (n == BENCH_WRITE)
		write_down();
}

static void add(unsigned int call, uint64_t stay)
{
	calls[call].n++;
	calls[call].sum += stay;
	if (stay > calls[call].max)
		calls[call].max = stay;
}

static void ends(unsigned int cpu, void *data)
{
	(void)data;
	if (cpus[cpu].stay)
		add(cpus[cpu].call, cpus[cpu].stay);
	cpus[cpu].stay = 0;
	cpus[cpu].parked = false;
}

static void goes_on(unsigned int cpu, void *insns)
{
	cpus[cpu].stay += (uintptr_t)insns;
}

static void falls_asleep(unsigned int cpu, void *insns)
{
	goes_on(cpu, insns);
	add(cpus[cpu].parked ? BENCH_CALL_PARKED : cpus[cpu].call, cpus[cpu].stay);
	cpus[cpu].stay = 0;
	cpus[cpu].parked = true;
}

static uint32_t opcode(const struct qemu_plugin_insn *insn)
{
	uint32_t value;

	memcpy(&value, qemu_plugin_insn_data(insn), sizeof(value));
	return value;
}

static void translated(qemu_plugin_id_t id, struct qemu_plugin_tb *tb)
{
	uint64_t at = qemu_plugin_tb_vaddr(tb);
	uintptr_t n = qemu_plugin_tb_n_insns(tb);

	(void)id;
	if (at >= CAISSON_VA_MEMORY && at < CAISSON_VA_PRIVATE) {
		bool sleeps = opcode(qemu_plugin_tb_get_insn(tb, n - 1)) == WFI;

		qemu_plugin_register_vcpu_tb_exec_cb(tb, sleeps ? falls_asleep : goes_on, 0, (void *)n);
		return;
	}
	qemu_plugin_register_vcpu_tb_exec_cb(tb, ends, 0, NULL);
	for (size_t i = 0; i < n; i++) {
		struct qemu_plugin_insn *insn = qemu_plugin_tb_get_insn(tb, i);
		uintptr_t number = IMMEDIATE(opcode(insn)) - BENCH_MARK;

		if ((opcode(insn) & ~(0xffffu << 5)) == MOVZ_XZR && number <= BENCH_WRITE)
			qemu_plugin_register_vcpu_insn_exec_cb(insn, mark, 0, (void *)number);
	}
}

int qemu_plugin_install(qemu_plugin_id_t id, const void *info, int argc, char **argv)
{
	(void)info;
	if (argc != 1 || strncmp(argv[0], "log=", 4)) {
		fprintf(stderr, "plugin: log=FILE is what it takes\n");
		return -1;
	}
	log_path = strdup(argv[0] + 4);
	for (unsigned int i = 0; i < CPUS_MAX; i++)
		cpus[i].call = BENCH_CALL_NONE;
	qemu_plugin_register_vcpu_tb_trans_cb(id, translated);
	return 0;
}
