// SPDX-License-Identifier: GPL-2.0-only
/*
 * Reads a machine, the running one or one that is described by a file, and derives its system
 * configuration; step 1 of the tour goes through here when `hvctl enable` has no file.
 */
#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "blob.h"
#include "machine.h"
#include "refusal.h"
#include "tree.h"

#define MAX_RANGES 1024
#define PATH_SIZE 256

/*
 * SPIs that no wire reaches are a board's fact; the doorbell is the first. QEMU virt has 256 SPIs,
 * of which its devices, its platform bus included, use those below INTID 208 (hw/arm/virt.c), but
 * not the six before virtio-mmio's. Cells get low ones first: an operating system sets up all SPIs
 * up to the last that its GIC has.
 */
static const struct board {
	const char *compatible;
	uint32_t first; /* INTID */
	uint32_t count;
} boards[] = {
	{ "linux,dummy-virt", 224, 32 },
	{ "linux,dummy-virt", 42, 6 },
};

char *machine_read(const char *path, size_t *size)
{
	char full[PATH_SIZE + 64];
	size_t room = 65536, got;
	char *data;
	FILE *f;

	system_path(path, full, sizeof(full));
	f = fopen(full, "re");
	if (!f)
		return NULL;
	data = allocate(room + 1);
	*size = 0;
	while ((got = fread(data + *size, 1, room - *size, f)) > 0) {
		*size += got;
		if (*size == room) {
			char *more = allocate(room * 2 + 1);

			memcpy(more, data, *size);
			free(data);
			data = more;
			room *= 2;
		}
	}
	fclose(f);
	data[*size] = '\0';
	return data;
}

/* Tables may be there and not be used; this directory is there if Linux went by them. */
static bool acpi_in_use(void)
{
	char path[PATH_SIZE];

	system_path("/sys/firmware/acpi/tables", path, sizeof(path));
	return !access(path, F_OK);
}

enum exit_code machine_read_fdt(void **fdt, char *why, size_t room)
{
	enum exit_code code = HVCTL_CONFIG;
	char damage[96];
	size_t size;

	*fdt = machine_read("/sys/firmware/fdt", &size);
	if (!*fdt && (errno == EACCES || errno == EPERM)) {
		snprintf(why, room, "/sys/firmware/fdt is root's alone");
		return HVCTL_UNAVAILABLE;
	}
	if (!*fdt) {
		snprintf(why, room, "there is no /sys/firmware/fdt: %s",
			 refusal_text(CAISSON_E_ACPI));
		return HVCTL_REFUSED;
	}
	if (!tree_check(*fdt, size, damage, sizeof(damage))) {
		snprintf(why, room, "/sys/firmware/fdt is damaged: %s", damage);
	} else if (fdt_path_offset(*fdt, "/cpus") < 0 || acpi_in_use()) {
		/*
		 * With ACPI the kernel's EFI stub may still make a tree that holds /chosen alone.
		 */
		snprintf(why, room, "/sys/firmware/fdt does not describe this machine: %s",
			 refusal_text(CAISSON_E_ACPI));
		code = HVCTL_REFUSED;
	} else {
		return HVCTL_OK;
	}
	free(*fdt);
	*fdt = NULL;
	return code;
}

enum exit_code machine_fdt(void **fdt)
{
	char why[160];
	enum exit_code code = machine_read_fdt(fdt, why, sizeof(why));

	if (code)
		complain("%s", why);
	if (code == HVCTL_UNAVAILABLE)
		complain(HINT_AS_ROOT);
	if (code == HVCTL_REFUSED)
		refusal_print_hint(&(struct refusal){ .code = CAISSON_E_ACPI });
	return code;
}

enum exit_code machine_open(struct machine *m)
{
	enum exit_code code;
	size_t size;

	*m = (struct machine){ 0 };
	code = machine_fdt(&m->fdt);
	if (code)
		return code;
	m->iomem = machine_read(IOMEM, &size);
	m->interrupts = machine_read("/proc/interrupts", &size);
	return HVCTL_OK;
}

enum exit_code machine_open_dtb(struct machine *m, const char *path)
{
	const char *slash = strrchr(path, '/');
	struct file file;
	enum exit_code code;
	char why[96];

	*m = (struct machine){ .dtb = slash ? slash + 1 : path };
	code = file_map(path, &file);
	if (code)
		return code;
	m->fdt = allocate(file.size);
	memcpy(m->fdt, file.data, file.size);
	if (!tree_check(m->fdt, file.size, why, sizeof(why))) {
		complain("%s: is no device tree: %s", path, why);
		code = HVCTL_CONFIG;
	}
	file_unmap(&file);
	return code;
}

void machine_close(struct machine *m)
{
	free(m->fdt);
	free(m->iomem);
	free(m->interrupts);
	free(m->ram);
	while (m->nother)
		free(m->other[--m->nother]);
	free(m->other);
	*m = (struct machine){ 0 };
}

uint64_t machine_available(void)
{
	size_t size;
	char *text = machine_read("/proc/meminfo", &size);
	const char *line = text ? strstr(text, "MemAvailable:") : NULL;
	uint64_t kib = 0;

	if (line && sscanf(line, "MemAvailable: %" SCNu64 " kB", &kib) != 1)
		kib = 0;
	free(text);
	return kib << 10;
}

bool machine_has_kvm(void)
{
	size_t size;
	char *misc = machine_read("/proc/misc", &size);
	bool found = misc && strstr(misc, " kvm\n");

	free(misc);
	return found;
}

size_t machine_cpu_compatible(uint32_t cpu, char *text, size_t size)
{
	char path[PATH_SIZE];
	size_t got = 0;
	char *data;

	snprintf(path, sizeof(path), "/sys/devices/system/cpu/cpu%" PRIu32 "/of_node/compatible",
		 cpu);
	data = machine_read(path, &got);
	if (!data || !got || got > size || data[got - 1]) {
		got = sizeof("arm,armv8");
		memcpy(text, "arm,armv8", got);
	} else {
		memcpy(text, data, got);
	}
	free(data);
	return got;
}

/* A CPU of the tree, in the order in which Linux numbers them; negative: there are not so many. */
static int tree_cpu(const void *fdt, uint32_t cpu)
{
	int node;

	fdt_for_each_subnode(node, fdt, fdt_path_offset(fdt, "/cpus")) {
		const char *type = tree_text(fdt, node, "device_type");

		if (type && !strcmp(type, "cpu") && tree_enabled(fdt, node) && !cpu--)
			return node;
	}
	return -1;
}

uint32_t machine_cpus_in_tree(const void *fdt)
{
	uint32_t count = 0;

	while (count < CONFIG_MAX_CPUS && tree_cpu(fdt, count) >= 0)
		count++;
	return count;
}

uint32_t machine_cpus(const struct machine *m, struct cpu_set *set)
{
	struct cpu_set theirs;
	uint32_t cpu, i;
	size_t size;
	char *online = m->dtb ? NULL : machine_read("/sys/devices/system/cpu/online", &size);

	memset(set, 0, sizeof(*set));
	if (online)
		online[strcspn(online, "\n")] = '\0';
	if (!online || !parse_cpus(online, set))
		for (cpu = 0; cpu < machine_cpus_in_tree(m->fdt); cpu++)
			set->word[cpu / 64] |= 1ULL << (cpu % 64);
	for (i = 0; i < m->nother; i++) {
		config_cpus(m->other[i], &theirs);
		for (cpu = 0; cpu < CPU_WORDS; cpu++)
			set->word[cpu] &= ~theirs.word[cpu];
	}
	free(online);
	return cpus_in_set(set);
}

void machine_cpu_kind(const struct machine *m, uint32_t cpu, char *text, size_t size)
{
	const char *kind;

	if (!m->dtb) {
		machine_cpu_compatible(cpu, text, size);
		return;
	}
	kind = tree_text(m->fdt, tree_cpu(m->fdt, cpu), "compatible");
	snprintf(text, size, "%s", kind ? kind : "arm,armv8");
}

void machine_handler(const struct machine *m, uint32_t intid, char *name, size_t size)
{
	const char *line = m->interrupts;

	*name = '\0';
	while (line && *line) {
		size_t length = strcspn(line, "\n");
		const char *chip = strstr(line, " GICv3 ");
		uint32_t number;
		int at = 0;

		if (chip && chip < line + length &&
		    sscanf(chip, " GICv3 %" SCNu32 " %*s %n", &number, &at) == 1 && at &&
		    number == intid) {
			snprintf(name, size, "%.*s", (int)strcspn(chip + at, "\n"), chip + at);
			return;
		}
		line += length + (line[length] == '\n');
	}
}

/* Finds the GICv3: gic[0] is the distributor, gic[1] all redistributors. */
static enum exit_code find_gic(const void *fdt, struct range gic[2], char *path, int path_size)
{
	int node = fdt_node_offset_by_compatible(fdt, -1, "arm,gic-v3");
	const fdt32_t *count;
	struct range more;
	uint32_t regions;
	uint32_t i;

	if (node < 0) {
		complain("no arm,gic-v3 in the device tree: %s", refusal_text(CAISSON_E_GICV2));
		refusal_print_hint(&(struct refusal){ .code = CAISSON_E_GICV2 });
		return HVCTL_REFUSED;
	}
	fdt_get_path(fdt, node, path, path_size);
	count = fdt_getprop(fdt, node, "#redistributor-regions", NULL);
	regions = count ? fdt32_to_cpu(*count) : 1;
	if (!tree_range(fdt, node, 0, &gic[0]) || !tree_range(fdt, node, 1, &gic[1])) {
		complain("%s: its reg has no distributor and redistributors", path);
		return HVCTL_REFUSED;
	}
	for (i = 1; i < regions; i++) {
		if (!tree_range(fdt, node, 1 + (int)i, &more) || more.start != gic[1].end) {
			complain("%s: its redistributors lie in %" PRIu32 " separate ranges, "
				 "which is not supported", path, regions);
			return HVCTL_REFUSED;
		}
		gic[1].end = more.end;
	}
	gic[0].end = gic[0].start + ALIGN_UP(gic[0].end - gic[0].start, CONFIG_GICD_SIZE);
	gic[1].end = gic[1].start + ALIGN_DOWN(gic[1].end - gic[1].start, CONFIG_GICR_SIZE);
	return HVCTL_OK;
}

/* RAM and devices become entries of the blob. */
static enum exit_code add_ranges(struct blob *b, const struct machine *m, const struct range gic[2])
{
	const char *origin = m->dtb ? m->dtb : IOMEM;
	struct range *ranges, *holes;
	uint32_t count, nholes = 2, i;

	ranges = allocate(2 * MAX_RANGES * sizeof(*ranges));
	holes = ranges + MAX_RANGES;
	if (m->dtb)
		count = tree_ranges(m->fdt, m->ram, m->nram, ranges, MAX_RANGES - 2);
	else
		count = m->iomem ? parse_iomem(m->iomem, ranges, MAX_RANGES - 2) : 0;
	memcpy(holes, gic, 2 * sizeof(*gic));
	for (i = 0; i < count; i++)
		if (ranges[i].ram)
			holes[nholes++] = ranges[i];
	if (nholes == 2) {
		if (m->dtb)
			complain("%s has no memory, as firmware adds it: --memory SIZE@ADDRESS "
				 "says what there is", m->dtb);
		else
			complain("/proc/iomem shows its addresses to root alone");
		if (!m->dtb)
			complain(HINT_AS_ROOT);
		free(ranges);
		return HVCTL_UNAVAILABLE;
	}
	count = subtract_ranges(ranges, count, MAX_RANGES, holes, nholes);
	for (i = 0; i < count; i++) {
		const struct range *r = &ranges[i];

		if (r->ram) {
			struct caisson_memory_entry *entry =
				blob_add(b, CAISSON_SEC_MEMORY, origin);

			entry->ipa = entry->pa = r->start;
			entry->size = r->end - r->start;
			entry->flags = CAISSON_MEM_READ | CAISSON_MEM_WRITE | CAISSON_MEM_EXEC;
		} else {
			struct caisson_device_entry *entry =
				blob_add(b, CAISSON_SEC_DEVICE, origin);

			entry->ipa = entry->pa = r->start;
			entry->size = r->end - r->start;
			entry->flags = CAISSON_MEM_READ | CAISSON_MEM_WRITE;
		}
	}
	free(ranges);
	return HVCTL_OK;
}

bool machine_spares(const void *fdt, uint32_t index, struct caisson_irq_entry *irq)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(boards); i++) {
		if (fdt_node_check_compatible(fdt, 0, boards[i].compatible) || index--)
			continue;
		irq->first = boards[i].first;
		irq->count = boards[i].count;
		return true;
	}
	return false;
}

/* The board's spare SPIs, or a note that names the remedy. */
static void add_spare_spis(struct blob *b, const void *fdt)
{
	const char *name = tree_text(fdt, 0, "compatible");
	struct caisson_irq_entry spare, *irq;
	uint32_t i;

	for (i = 0; machine_spares(fdt, i, &spare); i++) {
		irq = blob_add(b, CAISSON_SEC_IRQ, name);
		irq->first = spare.first;
		irq->count = spare.count;
	}
	if (!i)
		complain("note: hvctl does not know which SPIs of the board `%s' reach no device, "
			 "so consoles are polled; SPARE_SPIS(first, count) in a system "
			 "configuration names them", name ? name : "without a name");
}

/* The board's name, reduced to what a name may hold. */
static void name_system(char *to, const void *fdt)
{
	int length = 0;
	const char *from = fdt_getprop(fdt, 0, "compatible", &length);
	uint32_t i;

	if (!from || length < 2 || !isalnum((unsigned char)*from))
		from = "machine";
	for (i = 0; i < CAISSON_NAME_LEN - 1 && from[i]; i++) {
		char c = from[i];
		bool good = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
			    (c >= '0' && c <= '9') || c == '.' || c == '_';

		to[i] = good ? c : '-';
	}
}

enum exit_code machine_system(const struct machine *m, void **blob, uint32_t *size)
{
	struct caisson_system_entry *sys;
	char path[PATH_SIZE] = "";
	struct range gic[2];
	enum exit_code code;
	struct blob b;

	blob_init(&b, CAISSON_KIND_SYSTEM);
	code = find_gic(m->fdt, gic, path, sizeof(path));
	if (!code) {
		sys = blob_add(&b, CAISSON_SEC_SYSTEM, path);
		name_system(sys->name, m->fdt);
		sys->gicd_base = gic[0].start;
		sys->gicd_size = gic[0].end - gic[0].start;
		sys->gicr_base = gic[1].start;
		sys->gicr_size = gic[1].end - gic[1].start;
		sys->irq_mode = CAISSON_MODE_AUTO;
		add_spare_spis(&b, m->fdt);
		code = add_ranges(&b, m, gic);
	}
	*blob = blob_finish(&b, size);
	if (!code) {
		if (refusal_check(*blob, *size, CAISSON_KIND_SYSTEM,
				  "the configuration derived from this machine"))
			return HVCTL_OK;
		code = HVCTL_REFUSED;
	}
	free(*blob);
	*blob = NULL;
	return code;
}

enum exit_code machine_derive(void **blob, uint32_t *size)
{
	struct machine m;
	enum exit_code code = machine_open(&m);

	*blob = NULL;
	if (!code)
		code = machine_system(&m, blob, size);
	machine_close(&m);
	return code;
}
