// SPDX-License-Identifier: GPL-2.0-only
/*
 * What hvctl says: refusals with the number at fault and the lines of the configuration, reasons
 * for which a cell failed, messages, files that it does not get, and what was perhaps meant.
 *
 * Sources: tools/util.c tools/file.c tools/nearest.c tools/json.c tools/refusal.c tools/refusal_print.c tools/hints.c
 * Sources: tools/machine.c tools/ranges.c tools/tree.c tools/inventory.c tools/dma.c tools/blob.c tools/path_host.c hypervisor/core/config_check.c
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "caisson/hypercall.h"
#include "../../tools/hvctl.h"
#include "../../tools/nearest.h"
#include "../../tools/refusal.h"

/* --- what is printed meanwhile --- */

static int saved = -1, stream;
static char printed[1024], name[32];

static void capture(int which)
{
	int fd;

	fflush(NULL);
	strcpy(name, "/tmp/refusal-XXXXXX");
	stream = which;
	saved = dup(which);
	fd = mkstemp(name);
	assert_true(fd >= 0 && saved >= 0);
	dup2(fd, which);
	close(fd);
}

static const char *captured(void)
{
	FILE *file;

	fflush(NULL);
	dup2(saved, stream);
	close(saved);
	file = fopen(name, "r");
	assert_non_null(file);
	printed[fread(printed, 1, sizeof(printed) - 1, file)] = '\0';
	fclose(file);
	unlink(name);
	return printed;
}

/* --- numbers, places and reasons --- */

static void test_values(void **state)
{
	static const struct {
		uint32_t code, offset;
		uint64_t value;
		const char *text;
	} rows[] = {
		{ CAISSON_E_CPU_TWICE, 0, 3, " (CPU 3)" },
		{ CAISSON_E_IRQ_TWICE, 0, 39, " (INTID 39)" },
		{ CAISSON_E_OVERLAP, 0, 0x40000000, " (0x40000000)" },
		{ CAISSON_E_FLAGS, 0, 0x80, " (0x80)" },
		{ CAISSON_E_VERSION, 0, 1, " (its version is 1, hvctl's is 3)" },
		{ CAISSON_E_STATE, 0, CAISSON_CELL_RUNNING, " (running)" },
		{ CAISSON_E_STATE, 0, 99, " (unknown)" },
		{ CAISSON_E_MISSING, 0, CAISSON_SEC_CPU, " (CPUS)" },
		{ CAISSON_E_TWICE, 0, 99, " (unknown)" },
		{ CAISSON_E_KIND, 0, CAISSON_KIND_CELL,
		  " (a system was expected, this is a cell)" },
		{ CAISSON_E_KIND, 0, CAISSON_KIND_SYSTEM,
		  " (a cell was expected, this is a system)" },
		{ CAISSON_E_KIND, 0, 7, " (neither a cell nor a system)" },
		{ CAISSON_E_KIND, 144, CAISSON_SEC_CONSOLE, " (CONSOLE)" },
		{ CAISSON_E_IMAGE, 0, 0, " (it is missing)" },
		{ CAISSON_E_IMAGE, 0, CAISSON_ABI_VERSION, " (it is damaged, or not of caisson.ko's build)" },
		{ CAISSON_E_IMAGE, 0, 1, " (its version is 1, caisson.ko's is 3)" },
		{ CAISSON_E_NO_MEMORY, 0, 0, "" },
		{ CAISSON_E_NO_MEMORY, 0, 1536, " (1536 bytes)" },
		{ CAISSON_E_NO_MEMORY, 0, 3 << 10, " (3 KiB)" },
		{ CAISSON_E_NAME_TAKEN, 0, 5, "" },
		{ CAISSON_E_COUNT, 0, 5, " (0x5)" },
	};
	char text[64];

	(void)state;
	for (size_t n = 0; n < ARRAY_SIZE(rows); n++) {
		const struct refusal r = { rows[n].code, rows[n].offset, 0, rows[n].value };

		refusal_value(&r, text, sizeof(text));
		assert_string_equal(text, rows[n].text);
	}
	assert_string_equal(refusal_name(CAISSON_E_CPU_TWICE), "CPU_TWICE");
	assert_string_equal(refusal_name(CAISSON_E_COUNT), "UNKNOWN");
	assert_string_equal(refusal_text(CAISSON_E_COUNT),
			    "refused for a reason that this hvctl does not know");
}

static void test_reasons(void **state)
{
	static const struct {
		uint32_t esr;
		const char *text;
	} rows[] = {
		{ 0, "no reason was recorded" },
		{ CAISSON_REASON_WATCHDOG, "its watchdog ran out" },
		{ 0x93800046, "access to memory, write: nothing is mapped there" },
		{ 0x9380000f, "access to memory, read: no permission" },
		{ 0x93800000, "access to memory, read: address size fault" },
		{ 0x93800008, "access to memory, read: access flag fault" },
		{ 0x93800010, "access to memory, read: synchronous external abort" },
		{ 0x93800015, "access to memory, read: external abort on a table walk" },
		{ 0x93800021, "access to memory, read: alignment fault" },
		{ 0x93800030, "access to memory, read: fault" },
		{ 0x82000006, "instruction fetch: nothing is mapped there" },
		{ 0x62000000, "access to a system register that the cell does not have (class 0x18)" },
		{ 0xfa000000, "exception (class 0x3e)" },
	};
	char text[128];

	(void)state;
	for (size_t n = 0; n < ARRAY_SIZE(rows); n++) {
		refusal_reason(rows[n].esr, text, sizeof(text));
		if (strcmp(text, rows[n].text))
			fail_msg("%#x: %s", rows[n].esr, text);
	}
}

/* --- on stderr, and in JSON --- */

struct blob {
	struct caisson_config_header header;
	struct caisson_cpu_entry cpu[2];
	char strings[8];
};

#define CPU(n) ((uint32_t)offsetof(struct blob, cpu[n]))

static const struct blob blob = {
	.header = {
		.size = sizeof(struct blob),
		.section = { [CAISSON_SEC_CPU] = { CPU(0), 2, sizeof(struct caisson_cpu_entry), 0 } },
	},
	.cpu = {
		{ { offsetof(struct blob, strings), 4, 0 }, 2, 2 },
		{ { offsetof(struct blob, strings), 0, 0 }, 3, 1 },
	},
	.strings = "wrong.c",
};

static const char *print(const struct refusal *r, const void *from)
{
	capture(STDERR_FILENO);
	refusal_print(r, from, sizeof(blob), "mine.cell");
	return captured();
}

static void test_print(void **state)
{
	const struct refusal twice = { CAISSON_E_CPU_TWICE, CPU(0), CPU(1), 3 };
	const struct refusal bad = { CAISSON_E_CPU_TWICE, CPU(0) + 8, CPU(1), 3 };
	const struct refusal far = { CAISSON_E_CPU_TWICE, 1 << 30, 0, 3 };
	struct refusal hinted = { CAISSON_E_NO_CELL, 0, 0, 0 };

	(void)state;
	assert_string_equal(print(&twice, &blob),
			    "wrong.c:4: error: the CPU is listed twice (CPU 3)\n"
			    "wrong.c: note: this is the other entry\n");
	assert_string_equal(print(&twice, NULL), "hvctl: mine.cell: the CPU is listed twice (CPU 3)\n");
	assert_string_equal(print(&bad, &blob), "hvctl: mine.cell: the CPU is listed twice (CPU 3)\n");
	assert_string_equal(print(&far, &blob), "hvctl: mine.cell: the CPU is listed twice (CPU 3)\n");
	assert_string_equal(print(&hinted, NULL),
			    "hvctl: mine.cell: there is no such cell\n"
			    "hvctl: hint: `hvctl cell list' has those that there are\n");
}

static const char *json(const struct refusal *r, const void *from)
{
	struct json j;

	capture(STDOUT_FILENO);
	json_begin(&j, stdout);
	json_object(&j, NULL);
	refusal_json(&j, r, from, sizeof(blob));
	json_end_object(&j);
	return captured();
}

static void test_json(void **state)
{
	const struct refusal twice = { CAISSON_E_CPU_TWICE, CPU(0), CPU(1), 3 };
	const char *text;

	(void)state;
	text = json(&twice, &blob);
	assert_non_null(strstr(text, "\"code\": \"CPU_TWICE\""));
	assert_non_null(strstr(text, "\"value\": 3"));
	assert_non_null(strstr(text, "\"where\": \"wrong.c:4\""));
	assert_non_null(strstr(text, "\"other\": \"wrong.c\""));
	text = json(&twice, NULL);
	assert_non_null(strstr(text, "\"message\": \"the CPU is listed twice\""));
	assert_null(strstr(text, "where"));
	assert_null(strstr(text, "other"));
}

/* --- messages, options, files --- */

static void test_say(void **state)
{
	static const struct option_spec options[] = { { .name = "memory" }, { .name = "force" }, { NULL } };
	static const struct command command = { .options = options };
	struct given given[] = { { &options[0], "1M" }, { &options[0], "64M" } };
	struct request req = { .command = &command, .given = given, .ngiven = 2 };

	(void)state;
	assert_string_equal(option(&req, "memory"), "64M");
	assert_string_equal(option_at(&req, "memory", 0), "1M");
	assert_null(option_at(&req, "memory", 2));
	assert_null(option(&req, "force"));
	assert_null(option(&req, "none"));
	capture(STDOUT_FILENO);
	say(&req, "%d cells", 2);
	req.json = true;
	say(&req, "nothing");
	assert_string_equal(captured(), "2 cells\n");
}

static enum exit_code try_file(const char *path, struct file *file)
{
	enum exit_code code;

	capture(STDERR_FILENO);
	code = file_map(path, file);
	captured();
	return code;
}

static void test_files(void **state)
{
	char path[] = "/tmp/refusal-file-XXXXXX", wrong[64], hint[96];
	int fd = mkstemp(path);
	struct file file;

	(void)state;
	assert_int_equal(try_file("/tmp/refusal-no-such-file", &file), HVCTL_USAGE);
	assert_string_equal(printed, "hvctl: /tmp/refusal-no-such-file: No such file or directory\n"
				     "hvctl: hint: `ls /tmp/' shows what there is\n");
	assert_int_equal(try_file("/nowhere/file", &file), HVCTL_USAGE);
	assert_string_equal(printed, "hvctl: /nowhere/file: No such file or directory\n"
				     "hvctl: hint: there is no directory /nowhere/\n");
	snprintf(wrong, sizeof(wrong), "%s.bin", path);
	assert_int_equal(try_file(wrong, &file), HVCTL_USAGE);
	snprintf(hint, sizeof(hint), "hint: did you mean `%s'?\n", path);
	assert_non_null(strstr(printed, hint));
	assert_int_equal(try_file("/tmp", &file), HVCTL_USAGE);
	assert_string_equal(printed, "hvctl: /tmp: is no regular file\n");
	assert_int_equal(try_file(path, &file), HVCTL_USAGE);
	assert_non_null(strstr(printed, "is empty"));
	assert_int_equal(write(fd, "caisson", 7), 7);
	close(fd);
	assert_int_equal(try_file(path, &file), HVCTL_OK);
	assert_string_equal(printed, "");
	assert_int_equal(file.size, 7);
	assert_memory_equal(file.data, "caisson", 7);
	file_unmap(&file);
	assert_null(file.data);
	file_unmap(&file);
	unlink(path);
}

static void test_nearest(void **state)
{
	static const char *const names[] = { "start", "stats", "show", "shutdown", "list", "timer-1" };
	static const struct {
		const char *word, *name;
	} rows[] = {
		{ "strat", "start" },	 { "stat", "stats" },	    { "sta", "start" },
		{ "lsit", "list" },	 { "shutdonw", "shutdown" }, { "shutodnw", "shutdown" },
		{ "timer", "timer-1" },	 { "timer_1", "timer-1" },   { "shu", "shutdown" },
		{ "stop", NULL },	 { "x", NULL },		    { "", NULL },
		{ "sh", NULL },		 { "destroy", NULL },
		{ "a-word-of-more-characters-than-any-name-or-command-or-option-has-got", NULL },
	};
	struct nearest near;
	size_t i, k;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		nearest_begin(&near, rows[i].word);
		assert_null(nearest_name(&near));
		for (k = 0; k < ARRAY_SIZE(names); k++)
			nearest_offer(&near, names[k]);
		if (rows[i].name)
			assert_string_equal(nearest_name(&near), rows[i].name);
		else
			assert_null(nearest_name(&near));
	}
	capture(STDERR_FILENO);
	assert_false(nearest_hint(&near, "cell "));
	nearest_begin(&near, "lost");
	nearest_offer(&near, "list");
	assert_true(nearest_hint(&near, "cell "));
	assert_string_equal(captured(), "hvctl: hint: did you mean `cell list'?\n");
}

static void test_cpus(void **state)
{
	struct cpu_set set;

	(void)state;
	config_cpus(&blob, &set);
	assert_true(cpu_in_set(&set, 2) && cpu_in_set(&set, 3));
	assert_false(cpu_in_set(&set, 1) || cpu_in_set(&set, 4));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_values), cmocka_unit_test(test_reasons),
		cmocka_unit_test(test_print),  cmocka_unit_test(test_json),
		cmocka_unit_test(test_say),    cmocka_unit_test(test_files),
		cmocka_unit_test(test_nearest), cmocka_unit_test(test_cpus),
	};

	return cmocka_run_group_tests_name("refusal", tests, NULL, NULL);
}
