// SPDX-License-Identifier: GPL-2.0-only
/*
 * What EL2 writes to the PL011 of a root that has died: whole lines, whose they are, whatever root
 * has left in the rings' indices; and nothing to a UART that is a cell's, or takes no bytes.
 *
 * Sources: hypervisor/core/orphan.c hypervisor/core/vpl011.c
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "arch.h"
#include "arch_cpu.h"
#include "boot.h"
#include "cell_ctl.h"
#include "log.h"
#include "orphan.h"

#define UART 0x09000000ULL

static struct caisson_boot boot_data = { .root_uart_pa = UART };
const struct caisson_boot *boot = &boot_data;

static struct cell root, one, two;
static struct caisson_cell_page pages[2];
struct cell *root_cell = &root;

static uint8_t device[4096];
static char said[8192];
static size_t length;
static bool refuses, full;
static uint32_t owner;
static unsigned int kicks, lines, resumed;

void *window_map(enum window_slot slot, pa_t pa)
{
	assert_int_equal(slot, WINDOW_DEVICE);
	assert_int_equal(pa.v, UART);
	return device;
}

bool device_load(volatile void *at, uint32_t size, uint64_t *value)
{
	assert_int_equal((volatile uint8_t *)at - device, VPL011_FR);
	assert_int_equal(size, 4);
	*value = full ? FR_TXFF : 0;
	return !refuses;
}

bool device_store(volatile void *at, uint32_t size, uint64_t *value)
{
	assert_int_equal((volatile uint8_t *)at - device, VPL011_DR);
	assert_int_equal(size, 4);
	assert_in_range(length, 0, sizeof(said) - 2);
	said[length++] = (char)*value;
	said[length] = 0;
	return true;
}

uint32_t root_owner_of(ipa_t ipa)
{
	assert_int_equal(ipa.v, UART);
	return owner;
}

void log_line(const char *format, ...)
{
	(void)format;
	lines++;
}

void console_kick(struct cell *cell)
{
	assert_int_equal(cell->page->out_tail, cell->page->out_head);
	kicks++;
}

int64_t cell_resume(struct cell *cell)
{
	(void)cell;
	resumed++;
	return 0;
}

/* As a cell's CPU does, each byte by itself. */
static void cell_says(struct cell *cell, const char *text)
{
	for (; *text; text++) {
		uint32_t events = vpl011_quick_put(&cell->console, cell->page, (uint8_t)*text);

		if (root_dead) {
			assert_int_equal(events & VPL011_DOORBELL, VPL011_DOORBELL);
			orphan_take(cell);
		}
	}
}

static int setup(void **state)
{
	(void)state;
	memset(pages, 0, sizeof(pages));
	root = one = two = (struct cell){ 0 };
	root.next = &one;
	one.next = &two;
	one.page = &pages[0];
	two.page = &pages[1];
	strcpy(one.name, "one");
	strcpy(two.name, "two");
	refuses = full = root_dead = false;
	owner = S2_OWNER_NONE;
	length = kicks = lines = resumed = 0;
	said[0] = 0;
	fake_tick_step = 1000000;
	return 0;
}

static void test_lines(void **state)
{
	(void)state;
	root_died();
	assert_true(root_dead);
	assert_int_equal(kicks, 2);
	assert_int_equal(lines, 1);
	cell_says(&one, "first");
	cell_says(&two, "second\n");
	assert_string_equal(said, "[two] second\r\n");
	assert_int_equal(pages[0].out_tail, pages[0].out_head);
	cell_says(&one, " line\r\nand\a\x1b more\n\n");
	assert_string_equal(said, "[two] second\r\n[one] first line\r\n[one] and more\r\n[one] \r\n");
}

static void test_what_root_had_not_read(void **state)
{
	(void)state;
	cell_says(&one, "root reads this,");
	pages[0].out_tail = pages[0].out_head;
	cell_says(&one, "but not this\n");
	cell_says(&two, "nor the beg");
	root_died();
	assert_string_equal(said, "[one] but not this\r\n");
	cell_says(&two, "inning of that\n");
	assert_string_equal(said, "[one] but not this\r\n[two] nor the beginning of that\r\n");
}

static void test_long_lines_are_cut(void **state)
{
	(void)state;
	root_died();
	for (int n = 0; n < 256; n++)
		cell_says(&one, "x");
	assert_int_equal(length, strlen("[one] ") + 256 + strlen("\r\n"));
	assert_memory_equal(said + length - 3, "x\r\n", 3);
	cell_says(&one, "y\n");
	assert_string_equal(said + length - 9, "[one] y\r\n");
}

/* Its page is still root's to write. */
static void test_spoilt_indices(void **state)
{
	(void)state;
	cell_says(&one, "last words\n");
	pages[0].out_head += 5000;
	pages[0].out_tail = 77777;
	root_died();
	orphan_take(&one);
	assert_in_range(length, 0, 256 * 9);
	assert_int_equal(pages[0].out_tail, pages[0].out_head);
}

static void test_no_console(void **state)
{
	(void)state;
	one.console_base = NO_CONSOLE;
	one.page = NULL;
	root_died();
	assert_int_equal(kicks, 1);
	assert_int_equal(resumed, 2);
	cell_says(&two, "all by itself\n");
	assert_string_equal(said, "[two] all by itself\r\n");
}

static void test_uart_of_a_cell(void **state)
{
	(void)state;
	owner = S2_OWNER_CELL + 1;
	root_died();
	cell_says(&two, "to nobody\n");
	assert_int_equal(length, 0);
	assert_int_equal(pages[1].out_tail, pages[1].out_head);
}

/* Given up after a while, for ever: no cell waits twice. */
static void test_stuck(void **state)
{
	uint64_t before;

	(void)state;
	root_died();
	full = true;
	before = fake_ticks;
	cell_says(&one, "nobody takes this\n");
	assert_in_range(fake_ticks - before, 1000000, 100000000);
	full = false;
	cell_says(&two, "nor that\n");
	assert_int_equal(length, 0);
	root_died();
	refuses = true;
	cell_says(&one, "an abort\n");
	refuses = false;
	cell_says(&one, "is the end\n");
	assert_int_equal(length, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_lines, setup),
		cmocka_unit_test_setup(test_what_root_had_not_read, setup),
		cmocka_unit_test_setup(test_long_lines_are_cut, setup),
		cmocka_unit_test_setup(test_spoilt_indices, setup),
		cmocka_unit_test_setup(test_no_console, setup),
		cmocka_unit_test_setup(test_uart_of_a_cell, setup),
		cmocka_unit_test_setup(test_stuck, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
