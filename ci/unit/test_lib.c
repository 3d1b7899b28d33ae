// SPDX-License-Identifier: GPL-2.0-only
/*
 * EL2's memset, memcpy and memcmp, under other names so that they do not replace those of
 * the host (which check the results).
 *
 * The source is included below.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#define memset el2_memset
#define memcpy el2_memcpy
#define memcmp el2_memcmp
#include "../../hypervisor/core/lib.c"
#undef memset
#undef memcpy
#undef memcmp

#define SPAN 160u

static uint8_t pattern(size_t i)
{
	return (uint8_t)(i * 7 + 1);
}

/* Every size at every alignment; what lies around stays as it was. */
static void test_memset(void **state)
{
	uint64_t memory[SPAN / 8], expected[SPAN / 8];

	(void)state;
	for (size_t start = 0; start < 16; start++) {
		for (size_t size = 0; start + size <= SPAN; size++) {
			memset(memory, 0x11, SPAN);
			memset(expected, 0x11, SPAN);
			memset((uint8_t *)expected + start, 0xa5, size);
			assert_ptr_equal(el2_memset((uint8_t *)memory + start, 0x7a5, size),
					 (uint8_t *)memory + start);
			assert_memory_equal(memory, expected, SPAN);
		}
	}
}

static void test_memcpy(void **state)
{
	uint64_t from[SPAN / 8], to[SPAN / 8], expected[SPAN / 8];

	(void)state;
	for (size_t i = 0; i < SPAN; i++)
		((uint8_t *)from)[i] = pattern(i);
	for (size_t start = 0; start < 16; start++) {
		for (size_t size = 0; start + size <= SPAN - 16; size++) {
			size_t source = size % 9;

			memset(to, 0, SPAN);
			memset(expected, 0, SPAN);
			memcpy((uint8_t *)expected + start, (uint8_t *)from + source, size);
			assert_ptr_equal(el2_memcpy((uint8_t *)to + start,
						    (uint8_t *)from + source, size),
					 (uint8_t *)to + start);
			assert_memory_equal(to, expected, SPAN);
		}
	}
}

static void test_memcmp(void **state)
{
	(void)state;
	assert_int_equal(el2_memcmp("abc", "abd", 2), 0);
	assert_true(el2_memcmp("abc", "abd", 3) < 0);
	assert_true(el2_memcmp("\x80", "\x7f", 1) > 0);
	assert_int_equal(el2_memcmp("a", "b", 0), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_memset),
		cmocka_unit_test(test_memcpy),
		cmocka_unit_test(test_memcmp),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
