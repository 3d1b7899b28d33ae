// SPDX-License-Identifier: GPL-2.0-only
/*
 * The validator and compiled files: every configuration of the tree is sound, those of ci/configs/
 * are refused at their line, and whatever mutations say, what is printed and read afterwards is
 * there.
 *
 * Sources: hypervisor/core/config_check.c ci/unit/fake/samples.c ci/fuzz/slow_check.c
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <dirent.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "samples.h"

/* Loads @file of the directory that @variable names; the caller frees it. */
static void *load(const char *variable, const char *file, size_t *size)
{
	const char *dir = getenv(variable);
	char path[4096];
	uint8_t *blob = malloc(CAISSON_CONFIG_MAX);
	FILE *f;

	assert_non_null(blob);
	assert_non_null(dir);
	snprintf(path, sizeof(path), "%s/%s", dir, file);
	f = fopen(path, "rb");
	assert_non_null(f);
	*size = fread(blob, 1, CAISSON_CONFIG_MAX, f);
	fclose(f);
	return blob;
}

/* Reads whatever a sound blob offers, so that ASan judges the verdict. Returns a checksum. */
static uint64_t walk(const void *blob)
{
	uint64_t sum = 0;
	uint32_t sec, i, k;

	for (sec = 0; sec < CAISSON_SEC_STRINGS; sec++) {
		for (i = 0; i < config_count(blob, sec); i++) {
			const uint8_t *entry = config_entry(blob, sec, i);
			const struct caisson_source *src =
				config_source(blob, config_offset(blob, sec, i));

			for (k = 0; k < config_header(blob)->section[sec].entry_size; k++)
				sum += entry[k];
			sum += strlen(config_string(blob, src->file)) + src->line;
			if (sec == CAISSON_SEC_DEVICE && config_device(blob, i)->node)
				sum += strlen(config_string(blob, config_device(blob, i)->node));
		}
	}
	if (config_header(blob)->kind == CAISSON_KIND_CELL)
		sum += strlen(config_cell(blob)->name);
	else
		sum += strlen(config_system(blob)->name);
	return sum;
}

static void test_configs_of_the_tree(void **state)
{
	const char *dir = getenv("CONFIGS");
	uint32_t cells = 0, systems = 0;
	struct dirent *e;
	DIR *d;

	(void)state;
	assert_non_null(dir);
	d = opendir(dir);
	assert_non_null(d);
	while ((e = readdir(d))) {
		const char *dot = strrchr(e->d_name, '.');
		uint32_t kind;
		size_t size, n;
		void *blob;

		if (!dot || (strcmp(dot, ".cell") && strcmp(dot, ".sys")))
			continue;
		kind = dot[1] == 'c' ? CAISSON_KIND_CELL : CAISSON_KIND_SYSTEM;
		blob = load("CONFIGS", e->d_name, &size);
		if (check_copy(blob, size, kind).code)
			fail_msg("%s is refused", e->d_name);
		assert_true(walk(blob) > 0);
		for (n = 0; n < size; n++)
			if (!check_copy(blob, n, kind).code)
				fail_msg("%s truncated to %zu is accepted", e->d_name, n);
		cells += kind == CAISSON_KIND_CELL;
		systems += kind == CAISSON_KIND_SYSTEM;
		free(blob);
	}
	closedir(d);
	assert_true(cells >= 8);
	assert_true(systems >= 1);
}

/* ci/configs: refused with the right lines of the right file, or sound where EL2 is to refuse. */
static void test_bad_configs(void **state)
{
	static const struct {
		const char *name;
		uint32_t code, line, other_line;
		uint64_t value;
	} rows[] = {
		{ "cpu-twice", E(CPU_TWICE), 7, 6, 3 },
		{ "irq-twice", E(IRQ_TWICE), 9, 8, 42 },
		{ "irq-private", E(IRQ_RANGE), 8, 0, 27 },
		{ "overlap", E(OVERLAP), 8, 7, 0x40100000 },
		{ "overlap-gic", E(OVERLAP), 7, 5, 0x080c0000 },
		{ "overlap-pa", E(OVERLAP), 8, 7, 0x70000000 },
		{ "unaligned", E(ALIGN), 7, 0, 0x40000200 },
		{ "entry-outside", E(ENTRY_POINT), 5, 0, 0x50000000 },
		{ "no-cpu", E(MISSING), 5, 0, CAISSON_SEC_CPU },
		{ "at-pa", E(OK), 0, 0, 0 },
		{ "cpu-unknown", E(OK), 0, 0, 0 },
		{ "cpu-all", E(OK), 0, 0, 0 },
		{ "cpu-owned", E(OK), 0, 0, 0 },
		{ "irq-owner", E(OK), 0, 0, 0 },
		{ "irq-owned", E(OK), 0, 0, 0 },
		{ "irq-in-use", E(OK), 0, 0, 0 },
	};
	size_t i, size;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char file[64], source[64];
		struct config_verdict v;
		void *blob;

		print_message("%s.c\n", rows[i].name);
		snprintf(file, sizeof(file), "%s.cell", rows[i].name);
		snprintf(source, sizeof(source), "ci/configs/%s.c", rows[i].name);
		blob = load("BAD_CONFIGS", file, &size);
		v = config_check(blob, (uint32_t)size, CAISSON_KIND_CELL);
		assert_int_equal(v.code, rows[i].code);
		assert_int_equal(v.value, rows[i].value);
		assert_int_equal(v.offset ? config_source(blob, v.offset)->line : 0, rows[i].line);
		assert_int_equal(v.other ? config_source(blob, v.other)->line : 0,
				 rows[i].other_line);
		if (v.offset)
			assert_string_equal(config_string(blob, config_source(blob, v.offset)->file),
					    source);
		free(blob);
	}
}

/* What cellcc makes of configs/linux.c arrives at the accessors. */
static void test_accessors(void **state)
{
	size_t size;
	void *blob = load("CONFIGS", "linux.cell", &size);

	(void)state;
	assert_int_equal(config_check(blob, (uint32_t)size, CAISSON_KIND_CELL).code, CAISSON_E_OK);
	assert_string_equal(config_cell(blob)->name, "linux");
	assert_int_equal(config_cell(blob)->flags, CAISSON_CELL_LINUX);
	assert_int_equal(config_cell(blob)->gicr_base, 0x080a0000);
	assert_string_equal(config_string(blob, config_cell(blob)->source.file), "configs/linux.c");
	assert_int_equal(config_count(blob, CAISSON_SEC_CPU), 1);
	assert_int_equal(config_cpu(blob, 0)->first, 2);
	assert_int_equal(config_cpu(blob, 0)->count, 2);
	assert_int_equal(config_memory(blob, 0)->size, 256 << 20);
	assert_int_equal(config_memory(blob, 0)->pa, CAISSON_PA_ANY);
	assert_int_equal(config_console(blob)->base, 0x09000000);
	assert_int_equal(config_console(blob)->source.line,
			 config_memory(blob, 0)->source.line + 1);
	free(blob);

	blob = load("CONFIGS", "qemu-virt.sys", &size);
	assert_int_equal(config_check(blob, (uint32_t)size, CAISSON_KIND_SYSTEM).code, CAISSON_E_OK);
	assert_string_equal(config_system(blob)->name, "qemu-virt");
	assert_int_equal(config_irq(blob, 0)->first, 224);
	assert_int_equal(config_device(blob, 1)->pa, 0x08080000);
	assert_null(config_console(blob));
	free(blob);
}

static uint64_t next_random(uint64_t *s)
{
	*s ^= *s << 13;
	*s ^= *s >> 7;
	*s ^= *s << 17;
	return *s;
}

static void mutate(uint8_t *blob, size_t size, uint64_t *seed)
{
	static const uint64_t values[] = {
		0, 1, 2, 3, 7, 8, 31, 32, 1019, 1020, 0x90, 0xfff, 0x1000, 0x10000, 0x7fffffff,
		0x80000000, 0xffffffff, 1ULL << 47, 1ULL << 48, ~0ULL - 0xfff, ~0ULL,
	};
	uint64_t times = 1 + next_random(seed) % 4;

	while (times--) {
		uint64_t r = next_random(seed);
		size_t width = 1u << (r & 3);
		/* Half of the mutations hit the header, where each field decides about others. */
		size_t room = r & 4 ? sizeof(struct caisson_config_header) : size;
		size_t at = (r >> 8) % (room / width) * width;
		uint64_t value = next_random(seed);

		if (r & 8)
			value = values[value % (sizeof(values) / sizeof(values[0]))];
		else if (r & 16)
			value = value % (size + 16);
		memcpy(blob + at, &value, width);
	}
}

static void test_mutations(void **state)
{
	const char *given = getenv("SEED");
	uint64_t seed = given ? strtoull(given, NULL, 0) : 0x43414953534f4e31;
	uint32_t i, counts[CAISSON_E_COUNT] = { 0 }, codes = 0;
	uint64_t sum = 0;

	(void)state;
	print_message("SEED=0x%" PRIx64 "\n", seed);
	for (i = 0; i < 200000; i++) {
		size_t size = i & 1 ? sizeof(good_system) : sizeof(good_cell);
		uint8_t *blob = malloc(size);
		struct config_verdict v;

		assert_non_null(blob);
		memcpy(blob, i & 1 ? (const void *)&good_system : &good_cell, size);
		mutate(blob, size, &seed);
		v = config_check(blob, (uint32_t)size, 0);
		assert_true(v.code < CAISSON_E_COUNT);
		counts[v.code]++;
		if (!v.code)
			sum += walk(blob);
		/* The promise of struct config_verdict: what it names can be printed. */
		if (v.offset)
			sum += strlen(config_string(blob, config_source(blob, v.offset)->file));
		if (v.other)
			sum += strlen(config_string(blob, config_source(blob, v.other)->file));
		free(blob);
	}
	for (i = 0; i < CAISSON_E_COUNT; i++)
		codes += counts[i] > 0;
	print_message("200000 mutations: %" PRIu32 " sound, %" PRIu32 " different verdicts, sum %" PRIu64
		      "\n", counts[CAISSON_E_OK], codes, sum);
	assert_true(counts[CAISSON_E_OK] > 1000 && codes > 15);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_configs_of_the_tree),
		cmocka_unit_test(test_bad_configs),
		cmocka_unit_test(test_accessors),
		cmocka_unit_test(test_mutations),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
