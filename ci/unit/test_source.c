// SPDX-License-Identifier: GPL-2.0-only
/*
 * hvctl config create: what is written about the device tree board.dts, off the board and on it, beside the
 * lines that make the entries, which test_create.c looks at.
 *
 * Sources: tools/source.c tools/source_notes.c tools/comment.c tools/tree.c tools/inventory.c tools/dma.c
 * Sources: tools/ranges.c tools/machine.c tools/new_cell.c tools/blob.c tools/util.c tools/file.c tools/nearest.c
 * Sources: tools/path_host.c tools/refusal.c tools/refusal_print.c tools/hints.c tools/json.c
 * Sources: hypervisor/core/config_check.c
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../../tools/comment.h"
#include "../../tools/new_cell.h"
#include "../../tools/source.h"

static struct machine board;
static struct inventory devices;

static int read_board(void **state)
{
	char path[] = "/tmp/hvctl-test-XXXXXX", command[128];
	int fd = mkstemp(path);

	(void)state;
	setenv("HVCTL_ROOT", "/nowhere", 1); /* this host is not the board */
	assert_true(fd >= 0);
	close(fd);
	snprintf(command, sizeof(command), "dtc -q -I dts -O dtb -o %s board.dts", path);
	assert_int_equal(system(command), 0);
	assert_int_equal(machine_open_dtb(&board, path), HVCTL_OK);
	unlink(path);
	inventory_make(&devices, board.fdt);
	return 0;
}

static int drop_board(void **state)
{
	(void)state;
	inventory_free(&devices);
	board.iomem = board.interrupts = NULL;
	machine_close(&board);
	return 0;
}

/* Off the board if @iomem is NULL. */
static char *written(void *blob, const char *iomem, const char *interrupts)
{
	struct source s = { .blob = blob, .machine = &board, .inventory = &devices, .command = "COMMAND" };
	size_t size;
	char *text;

	board.dtb = iomem ? NULL : "board.dtb";
	board.iomem = (char *)(uintptr_t)iomem;
	board.interrupts = (char *)(uintptr_t)interrupts;
	s.to = open_memstream(&text, &size);
	source_write(&s);
	fclose(s.to);
	free(blob);
	return text;
}

static char *system_source(const char *iomem, const char *interrupts)
{
	uint32_t size;
	void *blob;

	board.dtb = iomem ? NULL : "board.dtb";
	board.iomem = (char *)(uintptr_t)iomem;
	assert_int_equal(machine_system(&board, &blob, &size), HVCTL_OK);
	return written(blob, iomem, interrupts);
}

/* With one option, or NULL, of `config create linux'. */
static char *cell_source(const char *name, const char *value, const char *iomem)
{
	const struct option_spec spec[] = { { .name = name ? name : "none" }, { 0 } };
	const struct command command = { .options = spec };
	struct given given = { spec, value };
	struct request req = { .command = &command, .given = &given, .ngiven = !!name };
	uint32_t size;
	void *blob;

	board.dtb = iomem ? NULL : "board.dtb";
	assert_int_equal(new_cell(&req, true, &board, &devices, &blob, &size), HVCTL_OK);
	return written(blob, iomem, NULL);
}

static void assert_has(char *text, const char *what)
{
	if (!strstr(text, what))
		fail_msg("no `%s' in:\n%s", what, text);
}

static void system_off_the_board(void **state)
{
	char *text = system_source(NULL, NULL);

	(void)state;
	assert_has(text, " * The machine acme,board (Acme ?/ board), written by\n *\n *     COMMAND\n");
	assert_has(text, "from board.dtb alone, off the board");
	assert_has(text, "/* GICv3, /interrupt-controller@10000000. Redistributors for 8 CPUs. */");
	assert_has(text, " * CPUs 0-1: acme,little\n * CPUs 2-3: acme,big\n * CPUs 4: acme,odd\n"
		   " * Generic timer: INTIDs 29, 30, 27, 26 (secure, EL1, virtual, EL2)\n * PSCI: smc\n");
	assert_has(text, " * 0x80000000, 64 KiB: by its header\n"
		   " * 0x90000800, 4 KiB: /reserved-memory/firmware@90000800, kept out of Linux's map\n"
		   " * 0x98000000, 1 MiB: /reserved-memory/buffer@98000000\n */\n");
	assert_has(text, " * 0x20001000, 4 KiB: /soc/rtc@1000 (acme,rtc), INTID 34, 35\n");
	assert_has(text, "These INTIDs no node of the tree names");
	assert_null(strstr(text, "In the device tree, without a line here"));
	free(text);
}

/* On it only what /proc/iomem has becomes lines; the tree's other devices are told. */
static void system_on_the_board(void **state)
{
	char *text = system_source("20000000-20000fff : pl011@0\n30000000-30000fff : other\n"
				   "80000000-8fffffff : System RAM\n",
				   " 11:  1  2     GICv3  33 Level     uart-*/pl011\n"
				   " 12:  1  2     GICv3  34 Level     rtc /*\n");

	(void)state;
	assert_has(text, "from /sys/firmware/fdt, /proc/iomem and /proc/interrupts");
	assert_has(text, "/* /soc/serial@0 (arm,pl011), INTID 33 for Linux's uart-?/pl011 */\n"
		   "MMIO(0x20000000, KiB(4));\n");
	assert_has(text, "RAM(0x80000000, MiB(256));\n");
	assert_has(text, "\n/*\n * In the device tree, without a line here:\n *\n");
	assert_has(text, " * 0x20001000, 4 KiB: /soc/rtc@1000 (acme,rtc), INTID 34 for Linux's rtc ?*, 35\n");
	assert_has(text, " * 0x20012000, 8 KiB: /soc/gpio1@2000 (acme,gpio), INTID 36, 37\n");
	assert_null(strstr(text, "4 KiB: /soc/serial@0 "));
	free(text);
}

/* Each choice is named, and so is who depends on a device. */
static void cell(void **state)
{
	char *text = cell_source(NULL, NULL, NULL);

	(void)state;
	assert_has(text, "--cpus +1, as nothing was said: the last one. acme,odd. The cell");
	assert_has(text, "/* --memory 256M, as nothing was said. The driver finds it");
	assert_has(text, "hvctl knows no SPI that is free here, so it is");
	assert_has(text, " * /soc/gpio1@2000 (acme,gpio), INTID 36, 37; on it hang /soc/i2c@8000, /keys/key-1, /keys/led:\n"
		   " *     DEVICE(0x20002000, 0x20002000, KiB(4), .node = \"/soc/gpio1@2000\");\n");
	assert_has(text, " * /soc/rtc@1000 (acme,rtc), INTID 34, 35:\n");
	assert_has(text, " * does DMA (ethernet), and would reach all memory, as Caisson uses no SMMU:\n"
		   " *     /soc/ethernet@6000\n");
	free(text);
	text = cell_source("device", "/soc/gpio1@2000", NULL);
	assert_has(text, " lets go of it while the cell is\n * there; first unbind, if they have drivers, what "
		   "hangs on it: /soc/i2c@8000, /keys/key-1,\n * /keys/led.\n */\n");
	free(text);
	text = cell_source("cpus", "1-2", "");
	assert_has(text, "/* --cpus 1-2. arm,armv8. The cell counts them from 0. */\nCPUS(1, 2);\n");
	free(text);
	text = cell_source("cpus", "+2", "");
	assert_has(text, "/* --cpus +2: the last ones online of one kind. arm,armv8. ");
	free(text);
	text = cell_source("cpus", "+4", NULL);
	assert_has(text, "/* --cpus +4: the last ones. acme,little, acme,big, acme,odd. ");
	free(text);
}

/* A CPU that a cell has, say, can be asked for; a number of them takes others. */
static void offline(void **state)
{
	char root[] = "/tmp/hvctl-test-XXXXXX", command[160], *text;

	(void)state;
	assert_non_null(mkdtemp(root));
	snprintf(command, sizeof(command), "cd %s && mkdir -p sys/devices/system/cpu && "
		 "echo 0-2,4 >sys/devices/system/cpu/online", root);
	assert_int_equal(system(command), 0);
	setenv("HVCTL_ROOT", root, 1);
	text = cell_source("cpus", "2-3", "");
	assert_has(text, "/* --cpus 2-3, not all of them online now. arm,armv8. The cell counts");
	free(text);
	text = cell_source("cpus", "+2", "");
	assert_has(text, "/* --cpus +2: the last ones online of one kind. arm,armv8. ");
	assert_has(text, "CPUS(2);\nCPUS(4);\n");
	free(text);
	setenv("HVCTL_ROOT", "/nowhere", 1);
	snprintf(command, sizeof(command), "rm -r %s", root);
	assert_int_equal(system(command), 0);
}

static char *commented(void (*write)(FILE *, const char *, ...), const char *words)
{
	size_t size;
	char *text;
	FILE *to = open_memstream(&text, &size);

	write(to, "%s", words);
	fclose(to);
	return text;
}

/* Lines of a hundred characters at most, unless a word is longer. */
static void wrapped(void **state)
{
	char words[400], *text;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(words) - 1; i++)
		words[i] = i % 7 ? 'w' : ' ';
	words[i] = '\0';
	text = commented(comment, words);
	assert_true(!strncmp(text, "/*\n * ", 6) && !strcmp(text + strlen(text) - 6, "w\n */\n"));
	for (i = 0; text[i]; i += strcspn(text + i, "\n") + 1)
		assert_true(strcspn(text + i, "\n") <= 100);
	free(text);
	memset(words, 'w', 150);
	strcpy(words + 150, " end");
	text = commented(comment_line, words);
	assert_string_equal(strchr(text, '\n'), "\n *     end\n");
	free(text);
	text = commented(comment_text, words);
	assert_string_equal(strchr(text, '\n'), "\n * end\n");
	free(text);
	text = commented(comment, "a\nb */ /* c");
	assert_string_equal(text, "/* a?b ?/ ?* c */\n");
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(system_off_the_board),
		cmocka_unit_test(system_on_the_board),
		cmocka_unit_test(cell),
		cmocka_unit_test(offline),
		cmocka_unit_test(wrapped),
	};

	return cmocka_run_group_tests_name("source", tests, read_board, drop_board);
}
