// SPDX-License-Identifier: GPL-2.0-only
/*
 * hvctl map: who owns what, where that is in the picture, and the picture as text, SVG and JSON.
 *
 * Sources: tools/map.c tools/map_text.c tools/map_svg.c tools/util.c tools/json.c tools/blob.c
 * Sources: tools/refusal.c tools/path_host.c hypervisor/core/config_check.c
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "../../tools/map.h"

#define GIB(n) ((uint64_t)(n) << 30)

static void *load(const char *name)
{
	char path[512];
	FILE *f;
	void *blob = allocate(CAISSON_CONFIG_MAX);
	size_t size;

	snprintf(path, sizeof(path), "%s/%s", getenv("CONFIGS"), name);
	f = fopen(path, "rb");
	assert_non_null(f);
	size = fread(blob, 1, CAISSON_CONFIG_MAX, f);
	fclose(f);
	assert_int_equal(config_check(blob, (uint32_t)size, 0).code, CAISSON_E_OK);
	return blob;
}

/* QEMU's virt with 1 GiB, and cells. */
static void plan(struct map *m, const char *const *cells, bool placed)
{
	void *blob = load("qemu-virt.sys");

	map_system(m, blob);
	free(blob);
	for (; *cells; cells++) {
		blob = load(*cells);
		map_cell(m, blob, placed);
		free(blob);
	}
}

static char *drawn(const struct map *m, void (*draw)(FILE *, const struct map *))
{
	char *text;
	size_t size;
	FILE *f = open_memstream(&text, &size);

	draw(f, m);
	fclose(f);
	return text;
}

static void assert_has(const char *text, const char *what)
{
	if (!strstr(text, what))
		fail_msg("no `%s' in:\n%s", what, text);
}

static void owners(void **state)
{
	static const char *const cells[] = { "timer.cell", "linux.cell", NULL };
	struct map m;

	(void)state;
	plan(&m, cells, true);
	map_given(&m, MAP_HYPERVISOR, 0x7e000000, MIB(2));
	map_given(&m, MAP_CELL, 0x70000000, MIB(10));
	map_given(&m, MAP_CELL, 0x70a00000, MIB(6)); /* the same piece, in two parts */
	map_given(&m, MAP_CELL + 1, 0x50000000, MIB(256));
	map_add_irqs(&m, MAP_CELL, 44, 1, "console");
	map_add_irqs(&m, MAP_HYPERVISOR, 224, 1, "doorbell");
	map_finish(&m, 4);
	assert_int_equal(m.nowners, 5);
	assert_int_equal(m.ngiven, 3);
	assert_true(m.given[1].start == 0x70000000 && m.given[1].size == MIB(16));
	assert_true(m.owner[MAP_ROOT].bytes == GIB(1) - MIB(256 + 16 + 2));
	assert_int_equal(map_cpu_owner(&m, 0), MAP_ROOT);
	assert_int_equal(map_cpu_owner(&m, 1), MAP_CELL);
	assert_int_equal(map_cpu_owner(&m, 3), MAP_CELL + 1);
	assert_true(cpu_in_set(&m.owner[MAP_ROOT].cpus, 0) && !cpu_in_set(&m.owner[MAP_ROOT].cpus, 1));
	assert_int_equal(m.owner[MAP_CELL + 1].letter, 'b');
	/*
	 * Of 42 to 47 and 224 to 255 these two are no longer spare; the consoles' are to be chosen.
	 */
	assert_int_equal(m.nirqs, 7);
	assert_true(m.irqs[2].first == 42 && m.irqs[2].count == 2 && m.irqs[2].owner == MAP_ROOT);
	assert_true(m.irqs[3].first == 44 && m.irqs[3].owner == MAP_CELL);
	assert_true(m.irqs[4].first == 45 && m.irqs[4].count == 3);
	assert_true(m.irqs[5].first == 224 && m.irqs[5].owner == MAP_HYPERVISOR);
	assert_true(m.irqs[6].first == 225 && m.irqs[6].count == 31);
	map_free(&m);
}

/* Each place belongs to who has most of it, root last; rows that have no RAM are left out. */
static void layout(void **state)
{
	static const char *const none[] = { "timer.cell", "linux.cell", NULL };
	struct map m;
	struct map_layout l;

	(void)state;
	plan(&m, none, true);
	map_given(&m, MAP_HYPERVISOR, 0x40001000, PAGE);
	map_given(&m, MAP_CELL, 0x40200000, MIB(1) + PAGE);
	map_given(&m, MAP_CELL + 1, 0x40301000, MIB(2));
	map_finish(&m, 4);
	map_layout(&m, &l);
	assert_true(l.granule == MIB(2));
	assert_int_equal(l.nrows, MAP_ROWS);
	assert_true(l.row[0].start == GIB(1) && l.row[1].start == GIB(1) + 64 * MIB(2));
	assert_int_equal(l.row[0].owner[0], MAP_HYPERVISOR); /* one page of 512 */
	assert_int_equal(l.row[0].owner[1], MAP_CELL);
	assert_int_equal(l.row[0].owner[2], MAP_CELL + 1);
	assert_int_equal(l.row[0].owner[3], MAP_ROOT);
	assert_int_equal(l.row[7].owner[63], MAP_ROOT);
	map_free(&m);
}

/* RAM in places far from each other, and some that is no multiple of anything. */
static void sparse(void **state)
{
	struct map m = { 0 };
	struct map_layout l;
	void *blob = load("qemu-virt.sys");
	uint32_t n;

	(void)state;
	map_system(&m, blob);
	free(blob);
	m.nram = 0;
	map_finish(&m, 1);
	map_layout(&m, &l);
	assert_int_equal(l.nrows, 0); /* no RAM at all */
	m.nram = 1;
	m.ram[0] = (struct map_range){ .start = 0x80000000, .size = 3 * PAGE };
	map_layout(&m, &l);
	assert_true(l.nrows == 1 && l.granule == PAGE);
	assert_int_equal(l.row[0].owner[2], MAP_ROOT);
	assert_int_equal(l.row[0].owner[3], MAP_NOBODY);
	/* Twenty banks do not fit but in a coarser picture. */
	m.ram = realloc(m.ram, 20 * sizeof(*m.ram));
	m.nram = 20;
	for (n = 0; n < 20; n++)
		m.ram[n] = (struct map_range){ .start = n * GIB(1024), .size = GIB(1) };
	map_layout(&m, &l);
	assert_true(l.nrows <= MAP_ROWS);
	map_free(&m);
}

static void pictures(void **state)
{
	static const char *const cells[] = { "timer.cell", "linux.cell", NULL };
	struct map m;
	char *text, *at;

	(void)state;
	plan(&m, cells, false);
	map_finish(&m, 0);
	text = drawn(&m, map_text);
	assert_has(text, "  .  root                  CPUs the others  1 GiB\n");
	assert_has(text, "  a  timer                 CPUs 1           16 MiB, still to be found\n");
	assert_has(text, "  |  0 |  1 |  2 |  3 |\n  |  . |  a |  b |  b |\n");
	assert_has(text, "  +  0x0008000000        64 KiB  distributor\n");
	assert_has(text, "  a  any spare     console\n");
	for (at = text; *at; at += strcspn(at, "\n") + 1)
		assert_true(strcspn(at, "\n") <= 80);
	free(text);

	text = drawn(&m, map_svg);
	assert_has(text, "<svg xmlns=\"http://www.w3.org/2000/svg\"");
	assert_has(text, "<title>linux: CPU 3</title>");
	assert_has(text, "<title>root: 0x40000000 to 0x47ffffff</title>");
	free(text);

	text = drawn(&m, map_json);
	assert_has(text, "\"unplaced_bytes\": 268435456");
	free(text);
	map_free(&m);
}

/* What a cell has, root has not, though its configuration lists all of it. */
static void devices(void **state)
{
	static const char *const cells[] = { "template.cell", NULL };
	struct map m;
	char *text;

	(void)state;
	plan(&m, cells, false);
	m.device[2] = (struct map_range){ .start = 0x07ff0000, .size = 0x30000, .what = "around" };
	map_finish(&m, 0);
	text = drawn(&m, map_text);
	assert_has(text, "  .  0x0007ff0000        64 KiB  around\n"
			 "  +  0x0008000000        64 KiB  distributor\n"
			 "  .  0x0008010000        64 KiB  around\n");
	assert_has(text, "  a  0x0009010000         4 KiB  /pl031@9010000\n");
	assert_null(strstr(text, "  .  0x0009010000"));
	assert_has(text, "  a  template              CPUs 2-3         2 MiB and 18496 KiB, still to be ");
	assert_has(text, "  0x0070000000 a...");
	assert_has(text, "  a  34            configs/template.c:");
	assert_null(strstr(text, MAP_CLASH));
	free(text);
	text = drawn(&m, map_json);
	assert_has(text, "\"address\": 1879048192,\n      \"size\": 2097152,\n"
			 "      \"owner\": \"template\"");
	free(text);
	map_free(&m);
}

/* As Linux names them; what has another name, or lies elsewhere, keeps its own. */
static void names(void **state)
{
	static const char *const none[] = { NULL };
	struct map m;

	(void)state;
	plan(&m, none, false);
	snprintf(m.device[2].what, sizeof(m.device[2].what), "/proc/iomem"); /* 0 to 0x7ffffff */
	snprintf(m.device[4].what, sizeof(m.device[4].what), "/proc/iomem"); /* 0x9000000 */
	snprintf(m.device[5].what, sizeof(m.device[5].what), "/proc/iomem"); /* 0x9010000 */
	map_name_devices(&m, "00000000-ffffffff\n"
			     "junk\n"
			     "04000000-04000fff : 4000000.flash flash\n"
			     "  04000000-040000ff : inside\n"
			     "08000000-0800ffff : GICD\n"
			     "09000000-09000fff : pl011@9000000");
	assert_string_equal(m.device[2].what, "4000000.flash flash");
	assert_string_equal(m.device[4].what, "pl011@9000000");
	assert_string_equal(m.device[5].what, "/proc/iomem");
	assert_string_equal(m.device[0].what, "distributor");
	map_name_devices(&m, "");
	map_free(&m);
}

/* Two cells want a CPU; names and paths may hold what means something in XML. */
static void clashes(void **state)
{
	static const char *const cells[] = { "timer.cell", "timer.cell", NULL };
	struct map m;
	char *text;

	(void)state;
	plan(&m, cells, false);
	snprintf(m.device[0].what, sizeof(m.device[0].what), "a<b&c");
	map_finish(&m, 0);
	assert_int_equal(map_cpu_owner(&m, 1), MAP_NOBODY);
	text = drawn(&m, map_text);
	assert_has(text, "  b  timer                 CPUs 1           16 MiB, still to be found\n"
			 "  !  more than one cell\n");
	assert_has(text, "  |  . |  ! |\n");
	free(text);
	text = drawn(&m, map_svg);
	assert_has(text, "more than one cell: CPU 1");
	assert_has(text, "a&lt;b&amp;c");
	assert_null(strstr(text, "a<b"));
	free(text);
	map_free(&m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(owners),   cmocka_unit_test(layout),  cmocka_unit_test(sparse),
		cmocka_unit_test(pictures), cmocka_unit_test(clashes),
		cmocka_unit_test(devices),  cmocka_unit_test(names),
	};

	return cmocka_run_group_tests_name("map", tests, NULL, NULL);
}
