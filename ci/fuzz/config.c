// SPDX-License-Identifier: GPL-2.0-only
/*
 * Fuzzes the validator of configurations: on any bytes it ends, reads none outside of them (heap
 * copies of exactly their size, ASan), changes none, says the same in pieces as at once, names only
 * entries whose origin can be printed, and accepts what slow_check.c accepts and nothing else.
 *
 * Sources: hypervisor/core/config_check.c ci/fuzz/slow_check.c
 * Seeds: $O/configs $O/ci/configs
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config_check.h"
#include "fuzz.h"
#include "slow_check.h"

static void same(const struct config_verdict *a, const struct config_verdict *b)
{
	require(a->code == b->code && a->offset == b->offset && a->other == b->other &&
		a->value == b->value);
}

static void look_at_origin(const void *blob, uint32_t size, uint32_t offset)
{
	const struct caisson_source *src = config_source(blob, offset);

	require(offset % 8 == 0 && offset < size && sizeof(*src) <= size - offset);
	require(strlen(config_string(blob, src->file)) < size);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct config_verdict v, pieces, other;
	struct config_progress progress = { 0, 0, 0, 0 };
	uint8_t *copy = malloc(size ? size : 1);
	const char *wrong;

	memcpy(copy, data, size);
	wrong = slow_check(copy, size);
	v = config_check(copy, (uint32_t)size, 0);
	if (!v.code != !wrong) {
		fprintf(stderr, "the validator: %u; the oracle: %s\n", v.code,
			wrong ? wrong : "sound");
		require(false);
	}
	while (!config_check_some(copy, (uint32_t)size, 0, &progress, 3, &pieces))
		;
	same(&v, &pieces);
	if (v.offset)
		look_at_origin(copy, (uint32_t)size, v.offset);
	if (v.other)
		look_at_origin(copy, (uint32_t)size, v.other);
	if (!wrong) {
		uint32_t kind = config_header(copy)->kind;

		other = config_check(copy, (uint32_t)size, kind);
		same(&v, &other);
		other = config_check(copy, (uint32_t)size,
				     CAISSON_KIND_CELL + CAISSON_KIND_SYSTEM - kind);
		require(other.code == CAISSON_E_KIND);
	}
	require(!memcmp(copy, data, size));
	free(copy);
	return 0;
}

/* --- mutations that leave the form alone, or repair it --- */

static uint64_t load(const uint8_t *at, size_t width)
{
	uint64_t value = 0;

	memcpy(&value, at, width);
	return value;
}

/* Whether it is a header, and sections whose entries lie in the file. */
static bool has_form(const uint8_t *data, size_t size)
{
	const struct caisson_config_header *h = (const void *)data;
	uint32_t n;

	if (size < sizeof(*h))
		return false;
	for (n = 0; n < CAISSON_SEC_COUNT; n++)
		if (h->section[n].offset > size || h->section[n].offset % 8 ||
		    h->section[n].offset < sizeof(*h) ||
		    h->section[n].count >
			    (size - h->section[n].offset) / config_entry_sizes[n])
			return false;
	return true;
}

static void repair(uint8_t *data, size_t size)
{
	struct caisson_config_header *h = (void *)data;
	uint32_t n;

	h->magic = CAISSON_CONFIG_MAGIC;
	h->abi_version = CAISSON_ABI_VERSION;
	h->kind = h->section[CAISSON_SEC_SYSTEM].count ? CAISSON_KIND_SYSTEM : CAISSON_KIND_CELL;
	h->size = (uint32_t)size;
	h->reserved = 0;
	for (n = 0; n < CAISSON_SEC_COUNT; n++) {
		h->section[n].entry_size = config_entry_sizes[n];
		h->section[n].reserved = 0;
	}
}

/* A random entry, its offset; 0 if that section has none. */
static size_t pick_entry(const uint8_t *data, uint32_t *section)
{
	const struct caisson_config_header *h = (const void *)data;
	uint32_t count;

	*section = draw(CAISSON_SEC_STRINGS);
	count = h->section[*section].count;
	return count ? h->section[*section].offset + draw(count) * config_entry_sizes[*section] : 0;
}

/* Where ranges end: those of CPUs, SPIs and addresses, and the strings. */
static uint64_t pick_end(const uint8_t *data)
{
	static const uint64_t ends[] = { 1020, 1024, 1ULL << 32, 1ULL << 48, 0 };
	const struct caisson_section *strings =
		&((const struct caisson_config_header *)data)->section[CAISSON_SEC_STRINGS];
	uint32_t n = draw(6);

	return n < 5 ? ends[n] : strings->offset + strings->count;
}

/*
 * What a word becomes: itself with a bit changed, or one of the file's, of a table, or an end, or
 * about.
 */
static uint64_t pick_value(const uint8_t *data, size_t size, const uint8_t *at, uint32_t width)
{
	static const uint64_t values[] = {
		0, 1, 2, 3, 4, 7, 31, 32, 33, 256, 1018, 1019, 1020, 1023, 1024, 0xffc, 0xfff,
		0x1000, 0x10000, 0x20000, 0x200000, 0x08000000, 0x080a0000, 0x09000000, 0x40000000,
		0x7fffffff, 0x80000000, 0xffffffff, 1ULL << 63, ~0xfffULL, ~0ULL,
	};
	static const uint64_t steps[] = { 0, 0, 1, 4, 0x1000, 0x10000, 0x20000, 0x200000 };
	uint64_t step = steps[draw(sizeof(steps) / sizeof(steps[0]))], value = load(at, width);

	switch (draw(7)) {
	case 0:
		return value ^ 1ULL << draw(4);
	case 1:
		return value ^ 1ULL << draw(8 * width);
	case 2:
		value = values[draw(sizeof(values) / sizeof(values[0]))];
		break;
	case 3:
		value = load(data + 8 * draw((uint32_t)size / 8), 8);
		break;
	case 4:
		value = pick_end(data);
		break;
	case 5: /* as much as fits behind the word in front, which may be where the range begins */
		value = pick_end(data) - load(at - width, width);
		break;
	}
	return draw(2) ? value + step : value - step;
}

static void change_word(uint8_t *data, size_t size)
{
	uint32_t section, width = draw(2) ? 8 : 4;
	size_t at = pick_entry(data, &section);
	uint64_t value;

	if (!at)
		return;
	at += width * draw(config_entry_sizes[section] / width);
	value = pick_value(data, size, data + at, width);
	memcpy(data + at, &value, width);
}

#define node_of(source) (((struct caisson_device_entry *)(void *)(source))->node)

/* Behind itself, moving all that follows; and the reverse. */
static size_t double_entry(uint8_t *data, size_t size, size_t max, bool drop)
{
	struct caisson_config_header *h = (void *)data;
	uint32_t section, n, k;
	size_t at = pick_entry(data, &section), bytes = config_entry_sizes[section];
	size_t behind = at + bytes;

	if (!at || (!drop && size + bytes > max))
		return size;
	/* Where the entries say which file they come from, or whose registers they are. */
	for (n = 0; n < CAISSON_SEC_STRINGS; n++)
		for (k = 0; k < h->section[n].count; k++) {
			struct caisson_source *src =
				(void *)(data + h->section[n].offset + k * config_entry_sizes[n]);

			if (src->file >= behind)
				src->file += drop ? -(uint64_t)bytes : bytes;
			if (n == CAISSON_SEC_DEVICE && node_of(src) >= behind)
				node_of(src) += drop ? -(uint64_t)bytes : bytes;
		}
	memmove(data + (drop ? at : behind + bytes), data + behind, size - behind);
	if (!drop)
		memcpy(data + behind, data + at, bytes);
	for (n = 0; n < CAISSON_SEC_COUNT; n++)
		if (n != section && h->section[n].offset >= behind)
			h->section[n].offset += (uint32_t)(drop ? -bytes : bytes);
	h->section[section].count += drop ? -1u : 1;
	return size + (drop ? -bytes : bytes);
}

/* A quarter of the mutations is libFuzzer's own, with no idea of what it is. */
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max, unsigned int seed)
{
	uint32_t n;

	draw_from(seed);
	if (!has_form(data, size) || !draw(4))
		return LLVMFuzzerMutate(data, size, max);
	for (n = 1 + draw(4); n-- && has_form(data, size);)
		if (draw(3))
			change_word(data, size);
		else
			size = double_entry(data, size, max, draw(2));
	if (draw(8))
		repair(data, size);
	return size;
}
