// SPDX-License-Identifier: GPL-2.0-only
/*
 * hvctl's pure parts: numbers and lists, JSON, blobs made at run time, what is read from a machine,
 * image formats and the plan of a cell's memory, a cell's device tree.
 *
 * Sources: tools/util.c tools/json.c tools/blob.c tools/refusal.c tools/refusal_print.c
 * Sources: tools/refused.c tools/hints.c tools/machine.c tools/tree.c tools/path_host.c tools/image.c tools/guest_fdt.c
 * Sources: tools/guest_nodes.c
 * Sources: tools/errata.c tools/ranges.c tools/inventory.c tools/dma.c tools/file.c tools/nearest.c hypervisor/core/config_check.c
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <elf.h>
#include <libfdt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "caisson/hypercall.h"
#include "../../tools/blob.h"
#include "../../tools/errata.h"
#include "../../tools/guest_fdt.h"
#include "../../tools/image.h"
#include "../../tools/json.h"
#include "../../tools/machine.h"
#include "../../tools/refusal.h"
#include "../../tools/refused.h"

static void numbers(void **state)
{
	static const struct {
		const char *text;
		bool ok;
		uint64_t value;
	} sizes[] = {
		{ "4096", true, 4096 },		{ "0x40000000", true, 0x40000000 },
		{ "64K", true, 65536 },		{ "256M", true, 256ULL << 20 },
		{ "1g", true, 1ULL << 30 },	{ "0x10M", true, 16ULL << 20 },
		{ "", false, 0 },		{ "M", false, 0 },
		{ "0x", false, 0 },		{ "-1", false, 0 },
		{ " 1", false, 0 },		{ "1MB", false, 0 },
		{ "99999999999999999999", false, 0 }, { "0x1000000000000000G", false, 0 },
	};
	uint64_t value;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		value = 0;
		assert_int_equal(parse_size(sizes[i].text, &value), sizes[i].ok);
		assert_true(value == sizes[i].value || !sizes[i].ok);
	}
	assert_false(parse_number("64K", &value));
}

static void cpu_lists(void **state)
{
	static const char *const bad[] = { "", ",", "1,", "3-2", "1-", "-1", "1024", "a", "1;2",
					 "2,2", "1-3,3" };
	static const char *const good[][2] = {
		{ "2-3,5", "2-3,5" }, { "5,2,3", "2-3,5" }, { "0", "0" }, { "63-64", "63-64" },
		{ "0-1023", "0-1023" },
	};
	struct cpu_set set;
	char text[64];
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(bad); i++)
		assert_false(parse_cpus(bad[i], &set));
	for (i = 0; i < ARRAY_SIZE(good); i++) {
		assert_true(parse_cpus(good[i][0], &set));
		format_cpus(&set, text, sizeof(text));
		assert_string_equal(text, good[i][1]);
	}
	memset(&set, 0, sizeof(set));
	format_cpus(&set, text, sizeof(text));
	assert_string_equal(text, "none");
	memset(&set, 0x55, sizeof(set)); /* far too long for the room there is */
	format_cpus(&set, text, sizeof(text));
	assert_int_equal(strlen(text), sizeof(text) - 1);
}

static void json_text(void **state)
{
	char *text;
	size_t size;
	FILE *f = open_memstream(&text, &size);
	struct json j;

	(void)state;
	json_begin(&j, f);
	json_object(&j, NULL);
	json_string(&j, "a\"b", "c\\d\n\x01\xff");
	json_array(&j, "n");
	json_number(&j, NULL, UINT64_MAX);
	json_null(&j, NULL);
	json_bool(&j, NULL, true);
	json_end_array(&j);
	json_object(&j, "empty");
	json_end_object(&j);
	json_end_object(&j);
	fclose(f);
	assert_string_equal(text, "{\n  \"a\\\"b\": \"c\\\\d\\n\\u0001\\u00ff\",\n  \"n\": [\n"
				  "    18446744073709551615,\n    null,\n    true\n  ],\n"
				  "  \"empty\": {}\n}\n");
	free(text);
}

/* A cell with 16 MiB of main memory behind 64 KiB that is read-only and a little that is not. */
static void *make_cell(uint32_t *size, uint32_t intid)
{
	static const struct {
		uint64_t ipa, size;
		uint32_t flags;
	} memory[] = {
		{ 0x0, 0x10000, CAISSON_MEM_READ | CAISSON_MEM_EXEC },
		{ 0x100000, 0x10000, CAISSON_MEM_READ | CAISSON_MEM_WRITE | CAISSON_MEM_EXEC },
		{ 0x40000000, 0x1000000, CAISSON_MEM_READ | CAISSON_MEM_WRITE | CAISSON_MEM_EXEC },
	};
	struct caisson_console_entry *con;
	struct caisson_cell_entry *c;
	struct caisson_cpu_entry *cpu;
	struct blob b;
	size_t i;

	blob_init(&b, CAISSON_KIND_CELL);
	c = blob_add(&b, CAISSON_SEC_CELL, "test");
	strcpy(c->name, "test");
	c->gicd_base = 0x08000000;
	c->gicr_base = 0x080a0000;
	c->shutdown_intid = intid ? intid + 1 : 0;
	c->watchdog_ms = intid ? 1000 : 0;
	cpu = blob_add(&b, CAISSON_SEC_CPU, "--cpus 2-3");
	cpu->first = 2;
	cpu->count = 2;
	for (i = 0; i < ARRAY_SIZE(memory); i++) {
		struct caisson_memory_entry *m = blob_add(&b, CAISSON_SEC_MEMORY, "test");

		m->ipa = memory[i].ipa;
		m->pa = CAISSON_PA_ANY;
		m->size = memory[i].size;
		m->flags = memory[i].flags;
	}
	con = blob_add(&b, CAISSON_SEC_CONSOLE, "test");
	con->base = 0x09000000;
	con->intid = intid;
	return blob_finish(&b, size);
}

static void blobs(void **state)
{
	static const struct {
		struct refusal refusal;
		const char *text;
	} words[] = {
		{ { .code = CAISSON_E_KIND, .value = CAISSON_KIND_CELL },
		  " (a system was expected, this is a cell)" },
		{ { .code = CAISSON_E_KIND, .value = CAISSON_KIND_SYSTEM },
		  " (a cell was expected, this is a system)" },
		{ { .code = CAISSON_E_KIND, .value = 3 }, " (neither a cell nor a system)" },
		{ { .code = CAISSON_E_KIND, .offset = 160, .value = CAISSON_SEC_CPU }, " (CPUS)" },
		{ { .code = CAISSON_E_MISSING, .value = CAISSON_SEC_CPU }, " (CPUS)" },
		{ { .code = CAISSON_E_MISSING, .value = 99 }, " (unknown)" },
		{ { .code = CAISSON_E_IMAGE, .value = 0 }, " (it is missing)" },
		{ { .code = CAISSON_E_IMAGE, .value = CAISSON_ABI_VERSION },
		  " (it is damaged, or not of caisson.ko's build)" },
	};
	uint32_t size;
	void *blob = make_cell(&size, 225);
	struct caisson_cpu_entry *cpu;
	struct config_verdict v;
	char where[64], value[64];
	size_t i;

	(void)state;
	v = config_check(blob, size, CAISSON_KIND_CELL);
	assert_int_equal(v.code, CAISSON_E_OK);
	cpu = (struct caisson_cpu_entry *)(uintptr_t)config_cpu(blob, 0);
	cpu->count = 0;
	v = config_check(blob, size, CAISSON_KIND_CELL);
	assert_int_equal(v.code, CAISSON_E_EMPTY);
	refusal_where(blob, v.offset, where, sizeof(where));
	assert_string_equal(where, "--cpus 2-3");
	refusal_value(&(struct refusal){ .code = CAISSON_E_CPU_OWNED, .value = 3 }, value,
		      sizeof(value));
	assert_string_equal(value, " (CPU 3)");
	refusal_value(&(struct refusal){ .code = CAISSON_E_STATE, .value = CAISSON_CELL_RUNNING },
		      value, sizeof(value));
	assert_string_equal(value, " (running)");
	for (i = 0; i < ARRAY_SIZE(words); i++) {
		refusal_value(&words[i].refusal, value, sizeof(value));
		assert_string_equal(value, words[i].text);
	}
	assert_non_null(refusal_text(CAISSON_E_COUNT));
	free(blob);
}

static void iomem(void **state)
{
	static const char text[] =
		"08000000-0800ffff : GICD\n"
		"09000000-0900000b : uart\n"
		"  09000000-0900000b : driver\n"
		"09001000-09001fff : next\n"
		"0a000100-0a0001ff : a\n"
		"0a000200-0a0003ff : b\n"
		"3f000000-4fffffff : window across RAM\n"
		"40000000-40ffffff : System RAM\n"
		"  40010000-40ffffff : Kernel code\n"
		"60000000-600fffff : reserved\n"
		"garbage\n";
	static const struct range holes[] = {
		{ 0x08000000, 0x08010000, false }, { 0x40000000, 0x41000000, true },
		{ 0x9000000, 0x9000000, false },
	};
	static const struct range expected[] = {
		{ 0x09000000, 0x09002000, false }, { 0x0a000000, 0x0a001000, false },
		{ 0x3f000000, 0x40000000, false }, { 0x41000000, 0x50000000, false },
		{ 0x40000000, 0x41000000, true },
	};
	struct range r[16];
	uint32_t count, i;

	(void)state;
	count = parse_iomem(text, r, ARRAY_SIZE(r));
	assert_int_equal(count, 7);
	count = subtract_ranges(r, count, ARRAY_SIZE(r), holes, ARRAY_SIZE(holes));
	assert_int_equal(count, ARRAY_SIZE(expected));
	for (i = 0; i < count; i++) {
		assert_int_equal(r[i].start, expected[i].start);
		assert_int_equal(r[i].end, expected[i].end);
		assert_int_equal(r[i].ram, expected[i].ram);
	}
	assert_int_equal(parse_iomem("00000000-00000000 : System RAM\n", r, 16), 0);
	assert_int_equal(parse_iomem(text, r, 2), 2);
}

static void write_file(const char *root, const char *path, const void *data, size_t size)
{
	char full[128];
	FILE *f;

	snprintf(full, sizeof(full), "%s%s", root, path);
	f = fopen(full, "w");
	assert_non_null(f);
	fwrite(data, 1, size, f);
	fclose(f);
}

/* A board that hvctl does not know, its GIC on a bus that moves addresses by 0x20000000. */
static size_t make_board(void *out, size_t size, const char *gic)
{
	const fdt32_t ranges[] = { 0, 0, cpu_to_fdt32(0x20000000), cpu_to_fdt32(0x10000000) };
	const fdt32_t reg[] = { cpu_to_fdt32(0x1000000), cpu_to_fdt32(0x1000),
				cpu_to_fdt32(0x1100000), cpu_to_fdt32(0x40000),
				cpu_to_fdt32(0x1140000), cpu_to_fdt32(0x40000) };
	const fdt32_t timer[] = { cpu_to_fdt32(1), cpu_to_fdt32(9), 0, 0 }; /* one, four cells */

	fdt_create(out, (int)size);
	fdt_finish_reservemap(out);
	fdt_begin_node(out, "");
	fdt_property_u32(out, "#address-cells", 2);
	fdt_property_u32(out, "#size-cells", 1);
	fdt_property_string(out, "compatible", "acme,board 1");
	fdt_begin_node(out, "cpus");
	fdt_end_node(out);
	fdt_begin_node(out, "soc");
	fdt_property_u32(out, "#address-cells", 1);
	fdt_property_u32(out, "#size-cells", 1);
	fdt_property(out, "ranges", ranges, sizeof(ranges));
	fdt_begin_node(out, "gic@1000000");
	fdt_property(out, "compatible", gic, (int)strlen(gic) + 1);
	fdt_property_u32(out, "#redistributor-regions", 2);
	fdt_property_u32(out, "#interrupt-cells", 4);
	fdt_property(out, "reg", reg, sizeof(reg));
	fdt_end_node(out);
	fdt_end_node(out);
	fdt_begin_node(out, "timer");
	fdt_property_string(out, "compatible", "arm,armv8-timer");
	fdt_property_u32(out, "interrupt-parent", 77);
	fdt_property(out, "acme,erratum", NULL, 0);
	fdt_property(out, "interrupts", timer, sizeof(timer));
	fdt_end_node(out);
	fdt_end_node(out);
	assert_int_equal(fdt_finish(out), 0);
	return fdt_totalsize(out);
}

static void derive(void **state)
{
	static const char text[] = "21000000-21000fff : GIC\n80000000-8fffffff : System RAM\n";
	char root[] = "/tmp/hvctl-test-XXXXXX", path[64];
	uint64_t tree[512];
	uint32_t size;
	void *blob;

	(void)state;
	assert_non_null(mkdtemp(root));
	setenv("HVCTL_ROOT", root, 1);
	assert_int_equal(machine_derive(&blob, &size), HVCTL_REFUSED); /* no device tree: ACPI */
	snprintf(path, sizeof(path), "%s/sys", root);
	mkdir(path, 0700);
	snprintf(path, sizeof(path), "%s/sys/firmware", root);
	mkdir(path, 0700);
	snprintf(path, sizeof(path), "%s/proc", root);
	mkdir(path, 0700);
	write_file(root, "/proc/iomem", text, strlen(text));
	write_file(root, "/sys/firmware/fdt", tree, make_board(tree, sizeof(tree), "arm,gic-400"));
	assert_int_equal(machine_derive(&blob, &size), HVCTL_REFUSED);
	write_file(root, "/sys/firmware/fdt", tree, 100);
	assert_int_equal(machine_derive(&blob, &size), HVCTL_CONFIG); /* truncated */
	write_file(root, "/sys/firmware/fdt", tree, make_board(tree, sizeof(tree), "arm,gic-v3"));
	assert_int_equal(machine_derive(&blob, &size), HVCTL_OK);
	assert_string_equal(config_system(blob)->name, "acme-board-1");
	assert_int_equal(config_system(blob)->gicd_base, 0x21000000);
	assert_int_equal(config_system(blob)->gicd_size, 0x10000);
	assert_int_equal(config_system(blob)->gicr_base, 0x21100000);
	assert_int_equal(config_system(blob)->gicr_size, 0x80000);
	assert_int_equal(config_count(blob, CAISSON_SEC_IRQ), 0);
	assert_int_equal(config_count(blob, CAISSON_SEC_DEVICE), 0);
	refusal_where(blob, config_offset(blob, CAISSON_SEC_SYSTEM, 0), path, sizeof(path));
	assert_string_equal(path, "/soc/gic@1000000");
	free(blob);
	unsetenv("HVCTL_ROOT");
	snprintf(path, sizeof(path), "rm -r %s", root);
	assert_int_equal(system(path), 0);
}

static void plans(void **state)
{
	uint32_t size;
	void *blob = make_cell(&size, 225);
	uint64_t image[8] = { 0, 0x10000, 0x300000, 0, 0, 0, 0, 0x644d5241 };
	struct {
		Elf64_Ehdr h;
		Elf64_Phdr ph;
	} elf = {
		.h = { .e_ident = ELFMAG, .e_machine = EM_AARCH64, .e_entry = 0xffff000000000040,
		       .e_phoff = sizeof(Elf64_Ehdr), .e_phentsize = sizeof(Elf64_Phdr),
		       .e_phnum = 1 },
		.ph = { .p_type = PT_LOAD, .p_vaddr = 0xffff000000000000, .p_paddr = 0x40100000,
			.p_filesz = 0x40, .p_memsz = 0x2000 },
	};
	struct file kernel = { "Image", image, sizeof(image) }, raw = { "raw", "0123456789ab", 12 };
	struct file program = { "elf", &elf, sizeof(elf) };
	struct plan p;

	(void)state;
	elf.h.e_ident[EI_CLASS] = ELFCLASS64;
	elf.h.e_ident[EI_DATA] = ELFDATA2LSB;
	plan_init(&p, blob);
	assert_int_equal(plan_image(&p, &kernel, ADDRESS_ANY), HVCTL_OK);
	assert_int_equal(p.entry, 0x40010000);
	assert_int_equal(p.piece[0].span, 0x300000);
	assert_int_equal(plan_check(&p), HVCTL_OK);
	assert_int_equal(plan_image(&p, &program, ADDRESS_ANY), HVCTL_OK); /* into its bss */
	assert_int_equal(plan_check(&p), HVCTL_CONFIG);

	plan_init(&p, blob);
	assert_int_equal(plan_image(&p, &program, ADDRESS_ANY), HVCTL_OK);
	assert_int_equal(p.entry, 0x40100040);
	assert_int_equal(plan_image(&p, &raw, ADDRESS_ANY), HVCTL_OK);
	assert_int_equal(p.piece[1].ipa, 0x40000000);
	assert_int_equal(plan_image(&p, &raw, 0x0), HVCTL_OK);
	assert_int_equal(plan_check(&p), HVCTL_OK);
	assert_int_equal(plan_image(&p, &raw, 0x40fffff8), HVCTL_OK); /* 8 bytes left */
	assert_int_equal(plan_check(&p), HVCTL_CONFIG);
	plan_init(&p, blob);
	assert_int_equal(plan_image(&p, &raw, 0x10000), HVCTL_OK); /* no memory */
	assert_int_equal(plan_check(&p), HVCTL_CONFIG);

	plan_init(&p, blob);
	assert_int_equal(plan_image(&p, &raw, 0x40000001), HVCTL_OK); /* the entry point, too */
	assert_int_equal(plan_check(&p), HVCTL_CONFIG);
	plan_init(&p, blob);
	assert_int_equal(plan_image(&p, &program, ADDRESS_ANY), HVCTL_OK);
	assert_int_equal(plan_image(&p, &raw, 0x40000001), HVCTL_OK); /* data alone */
	assert_int_equal(plan_check(&p), HVCTL_OK);

	elf.ph.p_offset = UINT64_MAX;
	assert_int_equal(plan_image(&p, &program, ADDRESS_ANY), HVCTL_CONFIG);
	elf.h.e_phnum = 2;
	assert_int_equal(plan_image(&p, &program, ADDRESS_ANY), HVCTL_CONFIG);
	elf.h.e_machine = EM_X86_64;
	assert_int_equal(plan_image(&p, &program, ADDRESS_ANY), HVCTL_CONFIG);
	assert_int_equal(plan_image(&p, &(struct file){ "gz", "\x1f\x8b", 2 }, ADDRESS_ANY),
			 HVCTL_CONFIG);
	free(blob);
}

static size_t fake_compatible(uint32_t cpu, char *text, size_t size)
{
	return (size_t)snprintf(text, size, "acme,cpu%u", cpu) + 1;
}

static uint32_t cell_of(const void *fdt, const char *path, const char *name, int index)
{
	int length;
	const fdt32_t *p = fdt_getprop(fdt, fdt_path_offset(fdt, path), name, &length);

	assert_non_null(p);
	assert_true(length >= (index + 1) * 4);
	return fdt32_to_cpu(p[index]);
}

static const char *text_of(const void *fdt, const char *path, const char *name)
{
	return fdt_getprop(fdt, fdt_path_offset(fdt, path), name, NULL);
}

static void guest_tree(void **state)
{
	static uint64_t tree[GUEST_FDT_SIZE / 8], board[512];
	uint32_t size;
	void *blob = make_cell(&size, 225);
	struct guest_fdt g = {
		.blob = blob, .machine_fdt = board, .bootargs = "console=ttyAMA0",
		.initrd_start = 0x42000000, .initrd_end = 0x42000010,
		.cpu_compatible = fake_compatible,
	};
	char *long_args;

	(void)state;
	make_board(board, sizeof(board), "arm,gic-v3");
	assert_int_equal(guest_fdt_address(blob), 0x40ff0000);
	assert_true(guest_fdt_build(&g, tree) > 0);
	assert_int_equal(fdt_check_full(tree, sizeof(tree)), 0);
	assert_string_equal(text_of(tree, "/cpus/cpu@1", "compatible"), "acme,cpu3");
	assert_int_equal(cell_of(tree, "/cpus/cpu@1", "reg", 0), 1);
	assert_true(fdt_path_offset(tree, "/cpus/cpu@2") < 0);
	assert_true(fdt_path_offset(tree, "/memory@0") < 0); /* not to be allocated from */
	assert_int_equal(cell_of(tree, "/memory@40000000", "reg", 3), 0x1000000);
	assert_int_equal(cell_of(tree, "/interrupt-controller@8000000", "reg", 7), 0x40000);
	assert_int_equal(cell_of(tree, "/pl011@9000000", "interrupts", 1), 225 - 32);
	assert_int_equal(cell_of(tree, "/gpio-keys/power", "linux,code", 0), 116);
	assert_int_equal(cell_of(tree, "/gpio-keys/power", "interrupts", 1), 226 - 32);
	assert_int_equal(cell_of(tree, "/watchdog", "arm,smc-id", 0), CAISSON_SMC_WATCHDOG);
	assert_int_equal(cell_of(tree, "/timer", "interrupts", 1), 9); /* the board's */
	assert_int_equal(cell_of(tree, "/timer", "interrupts", 4), 14); /* the recommended one */
	assert_non_null(text_of(tree, "/timer", "acme,erratum"));
	assert_null(text_of(tree, "/timer", "interrupt-parent"));
	assert_string_equal(text_of(tree, "/chosen", "stdout-path"), "/pl011@9000000");
	assert_string_equal(text_of(tree, "/chosen", "bootargs"), "console=ttyAMA0");
	assert_int_equal(cell_of(tree, "/chosen", "linux,initrd-end", 1), 0x42000010);
	assert_null(text_of(tree, "/chosen", "kaslr-seed"));
	free(blob);

	blob = make_cell(&size, 0); /* a polled console has no interrupt */
	g.blob = blob;
	g.machine_fdt = NULL;
	assert_true(guest_fdt_build(&g, tree) > 0);
	assert_null(text_of(tree, "/pl011@9000000", "interrupts"));
	assert_true(fdt_path_offset(tree, "/gpio-keys") < 0);
	assert_true(fdt_path_offset(tree, "/watchdog") < 0);
	assert_int_equal(cell_of(tree, "/timer", "interrupts", 1), 13);
	long_args = malloc(GUEST_FDT_SIZE + 1);
	assert_non_null(long_args);
	memset(long_args, 'x', GUEST_FDT_SIZE);
	long_args[GUEST_FDT_SIZE] = '\0';
	g.bootargs = long_args;
	assert_int_equal(guest_fdt_build(&g, tree), -FDT_ERR_NOSPACE);
	free(long_args);
	free(blob);
}

/* Models by MIDR, and errata by revision: the ends of a range, and beyond. */
static void cpu_errata(void **state)
{
	const uint64_t a57 = 0x411fd070, a76 = 0x410fd0b0, other = 0x61000000;

	(void)state;
	assert_string_equal(cpu_model(a57), "Cortex-A57");
	assert_string_equal(cpu_erratum(a57, 0)->number, "1319537");
	assert_string_equal(cpu_erratum(a57 | 2, 1)->number, "834220"); /* r1p2 */
	assert_null(cpu_erratum(a57 | 3, 1));
	assert_string_equal(cpu_erratum(a76 | 2 << 20, 0)->number, "1165522"); /* r2p0 */
	assert_string_equal(cpu_erratum(a76 | 2 << 20 | 1, 0)->number, "1286807"); /* r2p1 */
	assert_string_equal(cpu_erratum(a76 | 4 << 20 | 1, 0)->number, "4193800"); /* r4p1 */
	assert_null(cpu_erratum(a76 | 4 << 20 | 1, 1));
	assert_null(cpu_model(other));
	assert_null(cpu_erratum(other, 0));
}

/*
 * What helps: from a table, for want of memory with what there is, and nothing where it is plain.
 */
static void hints(void **state)
{
	char root[] = "/tmp/hvctl-test-XXXXXX", path[64], text[320];

	(void)state;
	refusal_hint(&(struct refusal){ .code = CAISSON_E_NO_CELL }, text, sizeof(text));
	assert_string_equal(text, "`hvctl cell list' has those that there are");
	refusal_hint(&(struct refusal){ .code = CAISSON_E_VHE }, text, sizeof(text));
	assert_string_equal(text, "");
	refusal_hint(&(struct refusal){ .code = CAISSON_E_COUNT }, text, sizeof(text));
	assert_string_equal(text, "");
	refusal_hint(&(struct refusal){ .code = CAISSON_E_STATE, .value = CAISSON_CELL_RUNNING }, text,
		     sizeof(text));
	assert_string_equal(text, "`hvctl cell shutdown' comes first");
	refusal_hint(&(struct refusal){ .code = CAISSON_E_STATE, .value = CAISSON_CELL_OFF }, text,
		     sizeof(text));
	assert_string_equal(text, "");

	assert_non_null(mkdtemp(root));
	setenv("HVCTL_ROOT", root, 1);
	assert_int_equal(machine_available(), 0);
	snprintf(path, sizeof(path), "%s/proc", root);
	mkdir(path, 0700);
	write_file(root, "/proc/meminfo", "MemFree: 1 kB\nMemAvailable:  3072 kB\n", 38);
	assert_int_equal(machine_available(), 3 << 20);
	refusal_hint(&(struct refusal){ .code = CAISSON_E_NO_MEMORY }, text, sizeof(text));
	assert_non_null(strstr(text, "Linux has 3 MiB available"));
	unsetenv("HVCTL_ROOT");
	snprintf(path, sizeof(path), "rm -r %s", root);
	assert_int_equal(system(path), 0);
	refusal_value(&(struct refusal){ .code = CAISSON_E_NO_MEMORY, .value = 64ULL << 30 }, text,
		      sizeof(text));
	assert_string_equal(text, " (64 GiB)");
}

/* What a cell was refused; the words of the instructions are binutils'. */
static void refused(void **state)
{
	static const struct {
		enum caisson_refusal kind;
		uint64_t what;
		const char *text;
	} rows[] = {
		{ CAISSON_REFUSED_HVC, 0xc6001234, "HVC 0xc6001234" },
		{ CAISSON_REFUSED_SMC, 0, "SMC 0x00000000" },
		{ CAISSON_REFUSED_TRAP, 0x623c4001, "read of S3_1_C0_C0_6" },
		{ CAISSON_REFUSED_TRAP, 0x62362808, "write of S3_0_C10_C4_3" },
		{ CAISSON_REFUSED_TRAP, 0x66000000, "SVE while it is trapped (class 0x19)" },
		{ CAISSON_REFUSED_ACCESS, 0x60000000,
		  "access to 0x60000000: nothing is mapped there" },
	}, instructions[] = {
		{ 0, 0x3d800000, "SIMD" },		       /* str q0, [x0] */
		{ 0, 0xad000400, "SIMD" },		       /* stp q0, q1, [x0] */
		{ 0, 0x4c007000, "SIMD" },		       /* st1 {v0.16b}, [x0] */
		{ 0, 0x885f7c01, "exclusive, ordered, or compare and swap" }, /* ldxr w1, [x0] */
		{ 0, 0x88a17c02, "exclusive, ordered, or compare and swap" }, /* cas w1, w2, [x0] */
		{ 0, 0xb8210002, "atomic" },		       /* ldadd w1, w2, [x0] */
		{ 0, 0xf8218002, "atomic" },		       /* swp x1, x2, [x0] */
		{ 0, 0xd9200800, "memory tag" },	       /* stg x0, [x0] */
		{ 0, 0x69000400, "memory tag" },	       /* stgp x0, x1, [x0] */
		{ 0, 0xd50b7e20, "cache maintenance" },	       /* dc civac, x0 */
		{ 0, 0x29400801, "across two pages, or unpredictable" }, /* ldp w1, w2, [x0] */
		{ 0, 0xb8404400, "across two pages, or unpredictable" }, /* ldr w0, [x0], #4 */
		{ 0, 0xb9400000, "another load or store" },    /* ldr w0, [x0] */
		{ 0, 0xd503201f, "no load or store" },	       /* nop */
		{ 0, CAISSON_REFUSED_AARCH32, "of AArch32" },
	};
	char text[160], whole[200];

	(void)state;
	for (size_t n = 0; n < ARRAY_SIZE(rows); n++) {
		refused_text(rows[n].kind, rows[n].what, text, sizeof(text));
		assert_string_equal(text, rows[n].text);
	}
	for (size_t n = 0; n < ARRAY_SIZE(instructions); n++) {
		refused_text(CAISSON_REFUSED_INSN, instructions[n].what, text, sizeof(text));
		snprintf(whole, sizeof(whole), "instruction 0x%08x on an emulated device: %s",
			 (unsigned int)instructions[n].what, instructions[n].text);
		assert_string_equal(text, whole);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers),   cmocka_unit_test(cpu_lists),
		cmocka_unit_test(json_text), cmocka_unit_test(blobs),
		cmocka_unit_test(iomem),     cmocka_unit_test(derive),
		cmocka_unit_test(plans),     cmocka_unit_test(guest_tree),
		cmocka_unit_test(cpu_errata), cmocka_unit_test(hints),
		cmocka_unit_test(refused),
	};

	return cmocka_run_group_tests_name("tools", tests, NULL, NULL);
}
