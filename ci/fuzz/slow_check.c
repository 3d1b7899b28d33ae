// SPDX-License-Identifier: GPL-2.0-only
/*
 * The oracle of config.c (see slow_check.h). As plain as can be, and slow: whatever is read comes
 * byte by byte through get(), sets are arrays with a flag for each member, ranges are compared in
 * 128 bits, where nothing wraps around. Rules have the words of Documentation/configuration.md.
 */
#include "slow_check.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "caisson/config.h"

#define KIB(n) ((n)*1024ULL)
#define PAGE KIB(4)
#define BLOB_MAX KIB(64)
#define CPUS 1024u
#define SPIS_FROM 32u
#define SPIS_TO 1019u /* this one included */

typedef unsigned __int128 wide;

static const wide addresses_end = (wide)1 << 48;

static const uint8_t *bytes;
static size_t length;

static uint64_t get(size_t at, size_t width)
{
	uint64_t value = 0;
	size_t n;

	if (at > length || width > length - at)
		abort(); /* this checker itself is wrong */
	for (n = 0; n < width; n++)
		value |= (uint64_t)bytes[at + n] << 8 * n;
	return value;
}

#define FIELD(at, type, field) \
	get((at) + offsetof(struct type, field), sizeof(((struct type *)0)->field))

/* --- the form --- */

struct section {
	size_t offset, count, entry;
};

static struct section section(unsigned int type)
{
	size_t at = offsetof(struct caisson_config_header, section) +
		    type * sizeof(struct caisson_section);

	return (struct section){ FIELD(at, caisson_section, offset),
				 FIELD(at, caisson_section, count),
				 FIELD(at, caisson_section, entry_size) };
}

static size_t entry(unsigned int type, size_t n)
{
	struct section s = section(type);

	return s.offset + n * s.entry;
}

static size_t count(unsigned int type)
{
	return section(type).count;
}

static bool is_system(void)
{
	return FIELD(0, caisson_config_header, kind) == CAISSON_KIND_SYSTEM;
}

static const char *check_header(void)
{
	if (length < sizeof(struct caisson_config_header))
		return "the file is shorter than its header says";
	if (get(0, 1) != 'C' || get(1, 1) != 'C' || get(2, 1) != 'N' || get(3, 1) != 'F')
		return "this is not a Caisson configuration";
	if (FIELD(0, caisson_config_header, abi_version) != CAISSON_ABI_VERSION)
		return "the configuration was compiled for another ABI version";
	if (FIELD(0, caisson_config_header, kind) != CAISSON_KIND_CELL && !is_system())
		return "this is the wrong kind of configuration";
	if (FIELD(0, caisson_config_header, size) > length)
		return "the file is shorter than its header says";
	if (FIELD(0, caisson_config_header, size) < length || length > BLOB_MAX)
		return "the file is longer than its header says, or than 64 KiB";
	if (FIELD(0, caisson_config_header, reserved))
		return "a reserved field is not zero";
	return NULL;
}

static const char *check_sections(void)
{
	static const size_t sizes[CAISSON_SEC_COUNT] = { 136, 88, 24, 48, 56, 24, 32, 1 };
	static bool used[BLOB_MAX]; /* by the header, or an entry */
	unsigned int type;

	memset(used, false, sizeof(used));
	memset(used, true, sizeof(struct caisson_config_header));
	for (type = 0; type < CAISSON_SEC_COUNT; type++) {
		size_t at = offsetof(struct caisson_config_header, section) +
			    type * sizeof(struct caisson_section);
		struct section s = section(type);
		size_t n;

		if (FIELD(at, caisson_section, reserved))
			return "a reserved field is not zero";
		if (s.entry != sizes[type])
			return "a section's entry size is not the one of this version";
		if (s.offset % 8 || s.offset < sizeof(struct caisson_config_header) ||
		    (wide)s.offset + (wide)s.count * s.entry > length)
			return "a section does not lie inside the file";
		for (n = s.offset; n < s.offset + s.count * s.entry; n++) {
			if (used[n])
				return "a section does not lie inside the file, but in another one";
			used[n] = true;
		}
	}
	return NULL;
}

/* Every entry says in which file, whose name ends inside of the table of strings. */
static const char *check_sources(void)
{
	struct section strings = section(CAISSON_SEC_STRINGS);
	unsigned int type;
	size_t n;

	if (!strings.count || get(strings.offset + strings.count - 1, 1))
		return "a string is not terminated inside the file";
	for (type = 0; type < CAISSON_SEC_STRINGS; type++)
		for (n = 0; n < count(type); n++) {
			uint64_t file = FIELD(entry(type, n), caisson_source, file);

			if (file < strings.offset || file >= strings.offset + strings.count)
				return "a string is not terminated inside the file";
			if (FIELD(entry(type, n), caisson_source, reserved))
				return "a reserved field is not zero";
		}
	return NULL;
}

static const char *check_counts(void)
{
	bool sys = is_system();

	if (count(sys ? CAISSON_SEC_SYSTEM : CAISSON_SEC_CELL) < 1 ||
	    count(CAISSON_SEC_MEMORY) < 1 || (!sys && count(CAISSON_SEC_CPU) < 1))
		return "a required entry is missing";
	if (count(CAISSON_SEC_SYSTEM) > 1 || count(CAISSON_SEC_CELL) > 1 ||
	    count(CAISSON_SEC_CONSOLE) > 1)
		return "there may be only one entry of this kind";
	if (count(sys ? CAISSON_SEC_CELL : CAISSON_SEC_SYSTEM) ||
	    (sys && (count(CAISSON_SEC_CPU) || count(CAISSON_SEC_CONSOLE))))
		return "an entry of the other kind";
	return NULL;
}

/* --- the entries --- */

static const char *check_name(size_t at)
{
	static const char first[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
	static const char more[] = "._-";
	size_t n, end = 0;

	while (end < CAISSON_NAME_LEN && get(at + end, 1))
		end++;
	if (end < 1 || end > 31)
		return "a name is 1 to 31 characters";
	for (n = 0; n < end; n++) {
		int c = (int)get(at + n, 1);

		if (!strchr(first, c) && (n == 0 || !strchr(more, c)))
			return "a name is of A-Z a-z 0-9 . _ - and begins with a letter or digit";
	}
	for (n = end; n < CAISSON_NAME_LEN; n++)
		if (get(at + n, 1))
			return "a name is padded with zeroes";
	return NULL;
}

static bool is_spi(uint64_t intid)
{
	return intid >= SPIS_FROM && intid <= SPIS_TO;
}

static bool in_space(uint64_t start, uint64_t size)
{
	return (wide)start + size <= addresses_end;
}

static uint64_t cell_cpus(void)
{
	uint64_t sum = 0;
	size_t n;

	for (n = 0; n < count(CAISSON_SEC_CPU); n++)
		sum += FIELD(entry(CAISSON_SEC_CPU, n), caisson_cpu_entry, count);
	return sum;
}

static const char *check_frames(uint64_t base, uint64_t size, uint64_t unit)
{
	if (!size)
		return "size or count is zero";
	if (base % KIB(64) || size % unit)
		return "GIC frames are multiples of 64 KiB, redistributors of 128 KiB";
	if (!in_space(base, size))
		return "the range wraps around or lies beyond the addressable space";
	return NULL;
}

static const char *check_cell(void)
{
	size_t at = entry(CAISSON_SEC_CELL, 0), n;
	uint64_t flags = FIELD(at, caisson_cell_entry, flags);
	uint64_t asks = FIELD(at, caisson_cell_entry, shutdown_intid);
	const char *wrong = check_name(at + offsetof(struct caisson_cell_entry, name));

	if (wrong)
		return wrong;
	if (flags & ~(uint64_t)(CAISSON_CELL_STRAY_FAIL | CAISSON_CELL_ENTRY | CAISSON_CELL_ARGS |
				CAISSON_CELL_LINUX | CAISSON_CELL_KEEP_IMAGE |
				CAISSON_CELL_TRAP_WFI))
		return "unknown flags";
	if (flags & CAISSON_CELL_KEEP_IMAGE && !FIELD(at, caisson_cell_entry, watchdog_ms))
		return "KEEP_IMAGE needs a watchdog";
	if (flags & CAISSON_CELL_KEEP_IMAGE &&
	    FIELD(at, caisson_cell_entry, on_fault) != CAISSON_ACTION_RESTART)
		return "KEEP_IMAGE needs on_fault = RESTART";
	if (FIELD(at, caisson_cell_entry, on_off) > CAISSON_ACTION_RESTART ||
	    FIELD(at, caisson_cell_entry, on_reset) > CAISSON_ACTION_RESTART ||
	    FIELD(at, caisson_cell_entry, on_fault) > CAISSON_ACTION_RESTART)
		return "neither STOP nor RESTART";
	if (FIELD(at, caisson_cell_entry, reserved))
		return "a reserved field is not zero";
	if (asks && !is_spi(asks))
		return "the interrupt is not an SPI (INTID 32 to 1019)";
	if (FIELD(at, caisson_cell_entry, entry) && !(flags & CAISSON_CELL_ENTRY))
		return ".entry needs SET_ENTRY";
	for (n = 0; n < 4; n++)
		if (get(at + offsetof(struct caisson_cell_entry, args) + 8 * n, 8) &&
		    !(flags & CAISSON_CELL_ARGS))
			return ".args needs SET_ARGS";
	wrong = check_frames(FIELD(at, caisson_cell_entry, gicd_base), KIB(64), KIB(64));
	return wrong ? wrong :
		       check_frames(FIELD(at, caisson_cell_entry, gicr_base),
				    cell_cpus() * KIB(128), KIB(128));
}

static const char *check_system(void)
{
	size_t at = entry(CAISSON_SEC_SYSTEM, 0);
	const char *wrong = check_name(at + offsetof(struct caisson_system_entry, name));

	if (wrong)
		return wrong;
	if (FIELD(at, caisson_system_entry, irq_mode) > CAISSON_MODE_LIST)
		return "no interrupt mode";
	wrong = check_frames(FIELD(at, caisson_system_entry, gicd_base),
			     FIELD(at, caisson_system_entry, gicd_size), KIB(64));
	return wrong ? wrong :
		       check_frames(FIELD(at, caisson_system_entry, gicr_base),
				    FIELD(at, caisson_system_entry, gicr_size), KIB(128));
}

static const char *check_cpus(void)
{
	bool listed[CPUS] = { false };
	size_t n;

	for (n = 0; n < count(CAISSON_SEC_CPU); n++) {
		size_t at = entry(CAISSON_SEC_CPU, n);
		uint64_t first = FIELD(at, caisson_cpu_entry, first), cpu;
		uint64_t behind = first + FIELD(at, caisson_cpu_entry, count);

		if (first == behind)
			return "size or count is zero";
		if (behind > CPUS)
			return "a CPU is 0 to 1023";
		for (cpu = first; cpu < behind; cpu++) {
			if (listed[cpu])
				return "the CPU is listed twice";
			listed[cpu] = true;
		}
	}
	return NULL;
}

static const char *check_memory(size_t at)
{
	uint64_t ipa = FIELD(at, caisson_memory_entry, ipa);
	uint64_t pa = FIELD(at, caisson_memory_entry, pa);
	uint64_t size = FIELD(at, caisson_memory_entry, size);
	uint64_t flags = FIELD(at, caisson_memory_entry, flags);

	if (FIELD(at, caisson_memory_entry, reserved))
		return "a reserved field is not zero";
	if (flags & ~(uint64_t)CAISSON_MEM_CONTIGUOUS & ~7ULL || !(flags & CAISSON_MEM_READ))
		return "neither MEM_R, MEM_RW, MEM_RX nor MEM_RWX";
	if (!size)
		return "size or count is zero";
	if (ipa % PAGE || size % PAGE || (pa != CAISSON_PA_ANY && pa % PAGE))
		return "address or size is not a multiple of 4 KiB";
	if (!in_space(ipa, size) || (pa != CAISSON_PA_ANY && !in_space(pa, size)))
		return "the range wraps around or lies beyond the addressable space";
	if (is_system() && ipa != pa)
		return "in a system, ipa and pa must be the same";
	return NULL;
}

/*
 * Root's device tree has no node for what is root's own; the string ends as check_sources() has it.
 */
static const char *check_node(uint64_t node)
{
	struct section strings = section(CAISSON_SEC_STRINGS);

	if (node && is_system())
		return "an entry of the other kind";
	if (node && (node < strings.offset || node >= strings.offset + strings.count))
		return "a string is not terminated inside the file";
	if (node && get(node, 1) != '/')
		return "a device's node is an absolute path";
	return NULL;
}

static const char *check_device(size_t at)
{
	uint64_t ipa = FIELD(at, caisson_device_entry, ipa);
	uint64_t pa = FIELD(at, caisson_device_entry, pa);
	uint64_t size = FIELD(at, caisson_device_entry, size);
	uint64_t flags = FIELD(at, caisson_device_entry, flags);

	if (FIELD(at, caisson_device_entry, reserved))
		return "a reserved field is not zero";
	if (flags != CAISSON_MEM_READ && flags != (CAISSON_MEM_READ | CAISSON_MEM_WRITE))
		return "neither MEM_R nor MEM_RW";
	if (!size)
		return "size or count is zero";
	if (ipa % 4 || size % 4 || ipa % PAGE != pa % PAGE)
		return "a device needs multiples of 4, and one page offset in ipa and pa";
	if (!in_space(ipa, size) || !in_space(pa, size))
		return "the range wraps around or lies beyond the addressable space";
	if (is_system() && ipa != pa)
		return "in a system, ipa and pa must be the same";
	return check_node(FIELD(at, caisson_device_entry, node));
}

/* Those of IRQ or SPARE_SPIS, the console's, and the one that asks a cell to shut down. */
static const char *check_irqs(void)
{
	bool listed[SPIS_TO + 1] = { false };
	size_t n;

	for (n = 0; n < count(CAISSON_SEC_IRQ); n++) {
		size_t at = entry(CAISSON_SEC_IRQ, n);
		uint64_t first = FIELD(at, caisson_irq_entry, first), intid;
		uint64_t many = FIELD(at, caisson_irq_entry, count);

		if (!many)
			return "size or count is zero";
		if (!is_spi(first) || !is_spi(first + many - 1))
			return "the interrupt is not an SPI (INTID 32 to 1019)";
		for (intid = first; intid < first + many; intid++) {
			if (listed[intid])
				return "the interrupt is listed twice";
			listed[intid] = true;
		}
	}
	for (n = 0; n < count(CAISSON_SEC_CONSOLE); n++) {
		uint64_t intid = FIELD(entry(CAISSON_SEC_CONSOLE, 0), caisson_console_entry, intid);

		if (intid && !is_spi(intid))
			return "the interrupt is not an SPI (INTID 32 to 1019)";
		if (intid && listed[intid])
			return "the interrupt is listed twice";
		listed[intid] = true;
	}
	if (!is_system()) {
		uint64_t intid =
			FIELD(entry(CAISSON_SEC_CELL, 0), caisson_cell_entry, shutdown_intid);

		if (intid && listed[intid])
			return "the interrupt is listed twice";
	}
	return NULL;
}

static const char *check_console(void)
{
	size_t at = entry(CAISSON_SEC_CONSOLE, 0);
	uint64_t base = FIELD(at, caisson_console_entry, base);

	if (FIELD(at, caisson_console_entry, reserved))
		return "a reserved field is not zero";
	if (base % PAGE)
		return "address or size is not a multiple of 4 KiB";
	if (!in_space(base, PAGE))
		return "the range wraps around or lies beyond the addressable space";
	return NULL;
}

/* --- the entries among each other --- */

#define RANGES (BLOB_MAX / sizeof(struct caisson_memory_entry) + 3)

struct ranges {
	wide start[RANGES], end[RANGES];
	size_t count;
};

static bool add(struct ranges *ranges, wide start, wide size)
{
	size_t n;

	for (n = 0; n < ranges->count; n++)
		if (ranges->start[n] < start + size && start < ranges->end[n])
			return false;
	ranges->start[n] = start;
	ranges->end[n] = start + size;
	ranges->count++;
	return true;
}

/* What the cell sees. */
static bool ipas_are_apart(struct ranges *seen)
{
	bool apart = true;
	size_t n, at;

	if (is_system()) {
		at = entry(CAISSON_SEC_SYSTEM, 0);
		apart &= add(seen, FIELD(at, caisson_system_entry, gicd_base),
			     FIELD(at, caisson_system_entry, gicd_size));
		apart &= add(seen, FIELD(at, caisson_system_entry, gicr_base),
			     FIELD(at, caisson_system_entry, gicr_size));
	} else {
		at = entry(CAISSON_SEC_CELL, 0);
		apart &= add(seen, FIELD(at, caisson_cell_entry, gicd_base), KIB(64));
		apart &=
			add(seen, FIELD(at, caisson_cell_entry, gicr_base), cell_cpus() * KIB(128));
	}
	if (count(CAISSON_SEC_CONSOLE))
		apart &=
			add(seen, FIELD(entry(CAISSON_SEC_CONSOLE, 0), caisson_console_entry, base),
			    PAGE);
	for (n = 0; n < count(CAISSON_SEC_MEMORY); n++) {
		at = entry(CAISSON_SEC_MEMORY, n);
		apart &= add(seen, FIELD(at, caisson_memory_entry, ipa),
			     FIELD(at, caisson_memory_entry, size));
	}
	for (n = 0; n < count(CAISSON_SEC_DEVICE); n++) {
		at = entry(CAISSON_SEC_DEVICE, n);
		apart &= add(seen, FIELD(at, caisson_device_entry, ipa),
			     FIELD(at, caisson_device_entry, size));
	}
	return apart;
}

/* Physical addresses. */
static bool pas_are_apart(struct ranges *taken)
{
	bool apart = true;
	size_t n, at;

	for (n = 0; n < count(CAISSON_SEC_MEMORY); n++) {
		at = entry(CAISSON_SEC_MEMORY, n);
		if (FIELD(at, caisson_memory_entry, pa) != CAISSON_PA_ANY)
			apart &= add(taken, FIELD(at, caisson_memory_entry, pa),
				     FIELD(at, caisson_memory_entry, size));
	}
	for (n = 0; n < count(CAISSON_SEC_DEVICE); n++) {
		at = entry(CAISSON_SEC_DEVICE, n);
		apart &= add(taken, FIELD(at, caisson_device_entry, pa),
			     FIELD(at, caisson_device_entry, size));
	}
	return apart;
}

static const char *check_apart(void)
{
	static struct ranges seen, taken;

	seen.count = taken.count = 0;
	if (!ipas_are_apart(&seen) || !pas_are_apart(&taken))
		return "the range overlaps another entry";
	return NULL;
}

static const char *check_entry_point(void)
{
	size_t at = entry(CAISSON_SEC_CELL, 0), n;
	uint64_t pc = FIELD(at, caisson_cell_entry, entry);

	if (!(FIELD(at, caisson_cell_entry, flags) & CAISSON_CELL_ENTRY))
		return NULL;
	for (n = 0; n < count(CAISSON_SEC_MEMORY); n++) {
		wide start, end;

		at = entry(CAISSON_SEC_MEMORY, n);
		start = FIELD(at, caisson_memory_entry, ipa);
		end = start + FIELD(at, caisson_memory_entry, size);
		if (FIELD(at, caisson_memory_entry, flags) & CAISSON_MEM_EXEC && pc % 4 == 0 &&
		    start <= pc && pc < end)
			return NULL;
	}
	return "the entry point lies in no memory region of the cell";
}

const char *slow_check(const uint8_t *blob, size_t size)
{
	const char *wrong;
	size_t n;

	bytes = blob;
	length = size;
	wrong = check_header();
	wrong = wrong ? wrong : check_sections();
	wrong = wrong ? wrong : check_sources();
	wrong = wrong ? wrong : check_counts();
	wrong = wrong ? wrong : check_cpus();
	wrong = wrong ? wrong : is_system() ? check_system() : check_cell();
	if (wrong)
		return wrong;
	for (n = 0; n < count(CAISSON_SEC_MEMORY) && !wrong; n++)
		wrong = check_memory(entry(CAISSON_SEC_MEMORY, n));
	for (n = 0; n < count(CAISSON_SEC_DEVICE) && !wrong; n++)
		wrong = check_device(entry(CAISSON_SEC_DEVICE, n));
	if (!wrong && count(CAISSON_SEC_CONSOLE))
		wrong = check_console();
	wrong = wrong ? wrong : check_irqs();
	wrong = wrong ? wrong : check_apart();
	if (!wrong && !is_system())
		wrong = check_entry_point();
	return wrong;
}
