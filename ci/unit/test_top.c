// SPDX-License-Identifier: GPL-2.0-only
/*
 * hvctl top: what changed between two samples, whatever became of cells and CPUs meanwhile.
 *
 * Sources: tools/top.c tools/util.c tools/json.c tools/refusal.c tools/path_host.c
 * Sources: hypervisor/core/config_check.c
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "../../tools/top.h"

#define SECOND 1000000000ULL

/* Two samples, two seconds apart, of root on CPUs 0 and 2 and the cell `timer' on CPU 1. */
struct scene {
	struct sample before, now;
	struct caisson_ioc_info cell[2][3];
	struct cpu_sample cpu[2][3];
};

static void set_scene(struct scene *s)
{
	struct sample *const sample[] = { &s->before, &s->now };
	uint32_t n, cpu;

	memset(s, 0, sizeof(*s));
	for (n = 0; n < 2; n++) {
		struct sample *it = sample[n];

		it->ns = (5 + 2 * n) * SECOND;
		it->status = (struct caisson_ioc_status){ .enabled = 1, .ncpus = 3, .pool_pages = 9,
							   .pool_free = 7, .system = "board",
							   .irq_mode = CAISSON_MODE_DIRECT_FIQ };
		it->cell = s->cell[n];
		it->ncells = 1;
		it->cell[0] = (struct caisson_ioc_info){ .id = 1, .name = "timer", .create_ns = 77,
							 .state = CAISSON_CELL_RUNNING, .starts = 1,
							 .console_bytes = 100 + 50 * n };
		it->cpu = s->cpu[n];
		it->ncpus = 3;
		for (cpu = 0; cpu < 3; cpu++) {
			it->cpu[cpu].cpu = cpu;
			it->cpu[cpu].cell = cpu == 1;
			it->cpu[cpu].has_timer = cpu != 1;
			it->cpu[cpu].timer = 1000 + 500 * n;
			it->cpu[cpu].exits[CAISSON_EXIT_TOTAL] = 10 + 30 * n;
			it->cpu[cpu].exits[CAISSON_EXIT_HVC] = 10 * n;
			it->cpu[cpu].exits[CAISSON_EXIT_SGI] = 10 + 20 * n;
		}
	}
}

static char *text_of(const struct scene *s, bool json)
{
	char *text;
	size_t size;
	FILE *f = open_memstream(&text, &size);

	(json ? top_json : top_text)(f, &s->before, &s->now);
	fclose(f);
	return text;
}

/* The line that begins so, or what there is instead. */
static void assert_line(const struct scene *s, const char *line)
{
	char *text = text_of(s, false);

	if (!strstr(text, line))
		fail_msg("no line `%s' in:\n%s", line, text);
	free(text);
}

static void rates(void **state)
{
	(void)state;
	assert_true(rate(30, 10, SECOND) == 200);
	assert_true(rate(11, 10, 3 * SECOND) == 3); /* 0.33 */
	assert_true(rate(12, 10, 3 * SECOND) == 7); /* 0.67 */
	assert_true(rate(5, 10, SECOND) == 50);	    /* it began anew */
	assert_true(rate(10, 10, SECOND) == 0);
	assert_true(rate(10, 0, 0) == 0);
	assert_true(rate(UINT64_MAX / 2, 0, 1ULL << 62) > 0);
	assert_true(rate(1ULL << 40, 0, SECOND) == 10ULL << 40);
}

static void table(void **state)
{
	struct scene s;

	(void)state;
	set_scene(&s);
	assert_line(&s, "board, 3 CPUs, direct-fiq; cells 1; pool 7 of 9 pages free\n"
			"per second, over 2.0 s\n");
	assert_line(&s, "\nroot                 running    0,2           30.0     500.0         -       -\n");
	assert_line(&s, "\ntimer                running    1             15.0         -      25.0       0\n");
	assert_line(&s, "\n0    root                      15.0     250.0  sgi 10.0, hvc 5.0\n");
	assert_line(&s, "\n1    timer                     15.0         -  sgi 10.0, hvc 5.0\n");
	/* Nothing happened: no cause. */
	memcpy(s.cpu[1][1].exits, s.cpu[0][1].exits, sizeof(s.cpu[0][1].exits));
	assert_line(&s, "\n1    timer                      0.0         -  -\n");
}

/* Cells and CPUs that come, go and begin anew: a rate is never more than what was counted. */
static void changes(void **state)
{
	struct scene s;

	(void)state;
	/* Root gave CPU 2 to a new cell: its counters began at 0. */
	set_scene(&s);
	s.now.ncells = 2;
	s.cell[1][1] = (struct caisson_ioc_info){ .id = 2, .name = "new", .create_ns = 5,
						  .state = CAISSON_CELL_RESTARTING,
						  .console_bytes = 8 };
	s.cpu[1][2].cell = 2;
	s.cpu[1][2].has_timer = false;
	assert_line(&s, "\nroot                 running    0             15.0     250.0 ");
	assert_line(&s, "\nnew                  restarting 2             20.0         -       4.0       0\n");
	/* Another cell has its name and number, but was made meanwhile. */
	set_scene(&s);
	s.cell[1][0].create_ns = 78;
	assert_line(&s, "\ntimer                running    1             20.0         -      75.0 ");
	/* The cell is gone, and so are its CPU's counts. */
	set_scene(&s);
	s.now.ncells = 0;
	s.cpu[1][1].cell = 0;
	s.cpu[1][1].exits[CAISSON_EXIT_TOTAL] = 2;
	assert_line(&s, "\nroot                 running    0-2           31.0     500.0 ");
	/* It is being destroyed: it has a CPU, and is in no list any more. */
	set_scene(&s);
	s.now.ncells = 0;
	assert_line(&s, "\n1    -                         15.0         -  ");
	/* A CPU that was not there. */
	set_scene(&s);
	s.before.ncpus = 2;
	assert_line(&s, "\n2    root                      20.0         -  ");
	/* A counter that was set back, by whatever. */
	set_scene(&s);
	s.cpu[1][0].exits[CAISSON_EXIT_TOTAL] = 4;
	assert_line(&s, "\n0    root                       2.0     250.0  ");
}

static void one_line(void **state)
{
	struct scene s;
	char *text;

	(void)state;
	set_scene(&s);
	text = text_of(&s, true);
	assert_ptr_equal(strchr(text, '\n'), text + strlen(text) - 1);
	assert_non_null(strstr(text, "{\"ns\": 2000000000,\"mode\": \"direct-fiq\""));
	assert_non_null(strstr(text, "{\"name\": \"root\",\"state\": \"running\",\"cpus\": [0,2],"
				     "\"exits_per_s\": 30.0,\"timer_per_s\": 500.0}"));
	assert_non_null(strstr(text, "\"exits_per_s\": 15.0,\"timer_per_s\": null,\"starts\": 1,"
				     "\"console_per_s\": 25.0,\"console_bytes\": 150"));
	assert_non_null(strstr(text, "{\"cpu\": 1,\"cell\": \"timer\",\"timer_per_s\": null,"
				     "\"per_s\": {\"total\": 15.0,\"hvc\": 5.0,\"smc\": 0.0"));
	free(text);
}

/* As much as there is room for, the cursor in a row that there is. */
static void screen(void **state)
{
	static const struct {
		const char *text;
		unsigned int rows, columns;
		const char *shown;
	} looks[] = {
		{ "ab\ncd\n", 24, 80, "ab\033[K\ncd\033[K\n" },
		{ "ab\ncd\n", 3, 80, "ab\033[K\ncd\033[K\n" },
		{ "ab\ncd\nef\n", 3, 80, "ab\033[K\n... there is no room for more: --batch prints all" },
		{ "abc\nabcd\nab\n", 24, 3, "ab\033[K\nab\033[K\nab\033[K\n" },
		{ "\nab", 24, 80, "\033[K\nab\033[K\n" },
	};
	char *text, whole[200];
	size_t size, n;

	(void)state;
	for (n = 0; n < ARRAY_SIZE(looks); n++) {
		FILE *f = open_memstream(&text, &size);

		top_screen(f, looks[n].text, looks[n].rows, looks[n].columns);
		fclose(f);
		snprintf(whole, sizeof(whole), "\033[H%s\033[J", looks[n].shown);
		assert_string_equal(text, whole);
		free(text);
	}
}

/*
 * /proc/interrupts names the CPUs that are online; kernels put other rows around those of the
 * timer.
 */
static void timers(void **state)
{
	static const char text[] = "           CPU0       CPU2       CPU12\n"
				   " 11:       5000          7         20     GICv3  27 Level     arch_timer\n"
				   " 12:          1          0          0     GICv3  26 Level     arch_timer\n"
				   " 13:         99         99         99     GICv3  33 Level     uart-pl011\n"
				   "IPI0:       123        456        789       Rescheduling interrupts\n"
				   "Err:          0\n";
	struct cpu_sample cpu[4] = { { .cpu = 0 }, { .cpu = 1 }, { .cpu = 2 }, { .cpu = 12 } };

	(void)state;
	parse_timers(text, cpu, 4);
	assert_true(cpu[0].has_timer && cpu[0].timer == 5001);
	assert_false(cpu[1].has_timer);
	assert_true(cpu[2].has_timer && cpu[2].timer == 7);
	assert_true(cpu[3].has_timer && cpu[3].timer == 20);
	memset(cpu, 0, sizeof(cpu));
	parse_timers("", cpu, 1);
	parse_timers("CPU0", cpu, 1);
	parse_timers("CPU0 CPU\n 1: 1 2 arch_timer", cpu, 1);
	assert_true(cpu[0].timer == 1);
	parse_timers("\n\n:arch_timer\narch_timer\n 7: arch_timer\n", cpu, 1);
	assert_true(cpu[0].timer == 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rates),    cmocka_unit_test(table),  cmocka_unit_test(changes),
		cmocka_unit_test(one_line), cmocka_unit_test(timers), cmocka_unit_test(screen),
	};

	return cmocka_run_group_tests_name("top", tests, NULL, NULL);
}
