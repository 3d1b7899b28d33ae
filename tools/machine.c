// SPDX-License-Identifier: GPL-2.0-only
/*
 * Derives a system configuration from the running machine; step 1 of the tour goes through here
 * when `hvctl enable` has no file. Only parse_iomem() and subtract_ranges() are pure.
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
#define IOMEM "/proc/iomem"

/*
 * SPIs that no wire reaches are a board's fact; the doorbell is the first. QEMU virt has 256 SPIs, of
 * which its devices, its platform bus included, use those below INTID 208 (hw/arm/virt.c), but not the
 * six before virtio-mmio's. Cells get low ones first: an operating system sets up all SPIs up to the
 * last that its GIC has.
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
	size_t size;
	enum exit_code code = HVCTL_CONFIG;
	int error;

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
	error = fdt_check_full(*fdt, size);
	if (error) {
		snprintf(why, room, "/sys/firmware/fdt is damaged: %s", fdt_strerror(error));
	} else if (fdt_path_offset(*fdt, "/cpus") < 0 || acpi_in_use()) {
		/* With ACPI the kernel's EFI stub may still make a tree that holds /chosen alone. */
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

uint32_t parse_iomem(const char *text, struct range *ranges, uint32_t max)
{
	uint32_t count = 0;
	const char *line, *next;

	for (line = text; *line; line = next) {
		uint64_t first, last;
		int name = 0;
		struct range *r;

		next = line + strcspn(line, "\n");
		next += *next == '\n';
		/* Blanks in front mean that the range lies in another one. */
		if (*line == ' ' || count == max ||
		    sscanf(line, "%" SCNx64 "-%" SCNx64 " : %n", &first, &last, &name) != 2 ||
		    !name || !last || last < first || last >= CONFIG_ADDRESS_END)
			continue;
		if (!strncmp(line + name, "reserved\n", 9))
			continue;
		r = &ranges[count];
		r->ram = !strncmp(line + name, "System RAM", 10);
		r->start = r->ram ? ALIGN_UP(first, PAGE) : ALIGN_DOWN(first, PAGE);
		r->end = r->ram ? ALIGN_DOWN(last + 1, PAGE) : ALIGN_UP(last + 1, PAGE);
		if (r->end > r->start)
			count++;
	}
	return count;
}

/* Joins device ranges that overlap or touch; RAM ranges stay between them as they are. */
static uint32_t merge_ranges(struct range *ranges, uint32_t count)
{
	uint32_t i, kept = 0;

	for (i = 0; i < count; i++) {
		struct range *last = kept ? &ranges[kept - 1] : NULL;

		if (last && !last->ram && !ranges[i].ram && ranges[i].start <= last->end) {
			if (ranges[i].end > last->end)
				last->end = ranges[i].end;
			continue;
		}
		ranges[kept++] = ranges[i];
	}
	return kept;
}

uint32_t subtract_ranges(struct range *ranges, uint32_t count, uint32_t max,
			 const struct range *holes, uint32_t nholes)
{
	uint32_t h, i;

	for (h = 0; h < nholes; h++) {
		for (i = 0; i < count; i++) {
			struct range *r = &ranges[i];
			struct range right = { holes[h].end, r->end, false };

			if (r->ram || r->end <= holes[h].start || r->start >= holes[h].end)
				continue;
			r->end = holes[h].start > r->start ? holes[h].start : r->start;
			if (right.start >= right.end)
				continue;
			if (r->end == r->start) {
				*r = right;
			} else if (count < max) {
				memmove(r + 2, r + 1, (count - i - 1) * sizeof(*r));
				r[1] = right;
				count++;
			}
		}
	}
	for (i = h = 0; i < count; i++) /* drop what became empty */
		if (ranges[i].end > ranges[i].start)
			ranges[h++] = ranges[i];
	return merge_ranges(ranges, h);
}

/* RAM and devices of /proc/iomem become entries of the blob. */
static enum exit_code add_iomem(struct blob *b, const struct range gic[2])
{
	struct range *ranges, *holes;
	uint32_t count, nholes = 2, i;
	size_t size;
	char *text = machine_read(IOMEM, &size);

	ranges = allocate(2 * MAX_RANGES * sizeof(*ranges));
	holes = ranges + MAX_RANGES;
	count = text ? parse_iomem(text, ranges, MAX_RANGES - 2) : 0;
	free(text);
	if (!count) {
		complain(IOMEM " shows its addresses to root alone");
		complain(HINT_AS_ROOT);
		free(ranges);
		return HVCTL_UNAVAILABLE;
	}
	memcpy(holes, gic, 2 * sizeof(*gic));
	for (i = 0; i < count; i++)
		if (ranges[i].ram)
			holes[nholes++] = ranges[i];
	count = subtract_ranges(ranges, count, MAX_RANGES, holes, nholes);
	for (i = 0; i < count; i++) {
		const struct range *r = &ranges[i];

		if (r->ram) {
			struct caisson_memory_entry *m = blob_add(b, CAISSON_SEC_MEMORY, IOMEM);

			m->ipa = m->pa = r->start;
			m->size = r->end - r->start;
			m->flags = CAISSON_MEM_READ | CAISSON_MEM_WRITE | CAISSON_MEM_EXEC;
		} else {
			struct caisson_device_entry *d = blob_add(b, CAISSON_SEC_DEVICE, IOMEM);

			d->ipa = d->pa = r->start;
			d->size = r->end - r->start;
			d->flags = CAISSON_MEM_READ | CAISSON_MEM_WRITE;
		}
	}
	free(ranges);
	return HVCTL_OK;
}

/* The board's spare SPIs, or a note that names the remedy. */
static void add_spare_spis(struct blob *b, const void *fdt)
{
	const char *name = fdt_getprop(fdt, 0, "compatible", NULL);
	bool known = false;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(boards); i++) {
		struct caisson_irq_entry *irq;

		if (fdt_node_check_compatible(fdt, 0, boards[i].compatible))
			continue;
		irq = blob_add(b, CAISSON_SEC_IRQ, boards[i].compatible);
		irq->first = boards[i].first;
		irq->count = boards[i].count;
		known = true;
	}
	if (known)
		return;
	complain("note: hvctl does not know which SPIs of the board `%s' reach no device, so "
		 "consoles are polled; SPARE_SPIS(first, count) in a system configuration names "
		 "them", name ? name : "without a name");
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

enum exit_code machine_derive(void **blob, uint32_t *size)
{
	struct caisson_system_entry *sys;
	char path[PATH_SIZE] = "";
	struct config_verdict v;
	struct range gic[2];
	enum exit_code code;
	struct blob b;
	void *fdt;

	*blob = NULL;
	code = machine_fdt(&fdt);
	if (code)
		return code;
	blob_init(&b, CAISSON_KIND_SYSTEM);
	code = find_gic(fdt, gic, path, sizeof(path));
	if (!code) {
		sys = blob_add(&b, CAISSON_SEC_SYSTEM, path);
		name_system(sys->name, fdt);
		sys->gicd_base = gic[0].start;
		sys->gicd_size = gic[0].end - gic[0].start;
		sys->gicr_base = gic[1].start;
		sys->gicr_size = gic[1].end - gic[1].start;
		sys->irq_mode = CAISSON_MODE_AUTO;
		add_spare_spis(&b, fdt);
		code = add_iomem(&b, gic);
	}
	free(fdt);
	*blob = blob_finish(&b, size);
	if (!code) {
		v = config_check(*blob, *size, CAISSON_KIND_SYSTEM);
		if (!v.code)
			return HVCTL_OK;
		refusal_print(&(struct refusal){ v.code, v.offset, v.other, v.value }, *blob, *size,
			      "the configuration derived from this machine");
		code = HVCTL_REFUSED;
	}
	free(*blob);
	*blob = NULL;
	return code;
}
