// SPDX-License-Identifier: GPL-2.0-only
/* What a machine says of a configuration's lines, as C comments, see source_notes.h. */
#include <inttypes.h>
#include <libfdt.h>
#include <stdlib.h>
#include <string.h>

#include "comment.h"
#include "source_notes.h"

#define TEXT COMMENT_TEXT

static void head_of_file(const struct source *s)
{
	if (s->machine->dtb) {
		comment_line(s->to, "from %s alone, off the board. What was not known then:",
			     s->machine->dtb);
		comment_line(s->to, "- RAM: firmware changes /memory, and keeps some for itself;");
		comment_line(s->to, "- which CPUs are online, and which of them is 0, on which "
			     "Linux boots;");
		comment_line(s->to, "- devices that are not in the tree, such as those behind "
			     "PCI;");
		comment_line(s->to, "- which devices and interrupts Linux uses.");
		comment_line(s->to, "The same command without --dtb, on the board, knows.");
	} else {
		comment_line(s->to, "from /sys/firmware/fdt, /proc/iomem and /proc/interrupts.");
	}
}

void note_head(const struct source *s)
{
	bool system = config_header(s->blob)->kind == CAISSON_KIND_SYSTEM;
	const char *board = tree_text(s->machine->fdt, 0, "compatible");
	const char *model = tree_text(s->machine->fdt, 0, "model");
	bool for_linux = !system && config_cell(s->blob)->flags & CAISSON_CELL_LINUX;
	bool twice = model && board && !strcmp(model, board);

	fprintf(s->to, "// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause\n/*\n");
	comment_line(s->to, twice ? "%s %s, written by" : "%s %s (%s), written by",
		     system ? "The machine" :
		     for_linux ? "A second Linux on" : "A bare-metal cell on",
		     board ? board : "without a name", model ? model : "no model");
	fprintf(s->to, " *\n");
	comment_line(s->to, "    %s", s->command);
	fprintf(s->to, " *\n");
	head_of_file(s);
	fprintf(s->to, " *\n");
	if (system)
		comment_text(s->to,
			     "`hvctl enable' without a file derives the same each time, on the "
			     "board. Documentation/configuration.md has all words.");
	else
		comment_text(s->to,
			     "Documentation/configuration.md has all words, configs/template.c "
			     "an example of each.");
	fprintf(s->to, " */\n");
}

void note_gic(const struct source *s, const struct caisson_system_entry *sys)
{
	fprintf(s->to, "\n");
	comment(s->to, "GICv3, %s. Redistributors for %" PRIu64 " CPUs.",
		config_string(s->blob, sys->source.file),
		(uint64_t)(sys->gicr_size / CONFIG_GICR_SIZE));
}

/* CPUs by kind: "0-3: arm,cortex-a55". */
static void cpu_kinds(const struct source *s)
{
	struct cpu_set there, kind_set, done = { 0 };
	char kind[128], other[128], list[128];
	uint32_t cpu, k;

	machine_cpus(s->machine, &there);
	for (cpu = 0; cpu < CONFIG_MAX_CPUS; cpu++) {
		if (!cpu_in_set(&there, cpu) || cpu_in_set(&done, cpu))
			continue;
		memset(&kind_set, 0, sizeof(kind_set));
		machine_cpu_kind(s->machine, cpu, kind, sizeof(kind));
		for (k = cpu; k < CONFIG_MAX_CPUS; k++) {
			if (!cpu_in_set(&there, k))
				continue;
			machine_cpu_kind(s->machine, k, other, sizeof(other));
			if (strcmp(kind, other))
				continue;
			kind_set.word[k / 64] |= 1ULL << (k % 64);
			done.word[k / 64] |= 1ULL << (k % 64);
		}
		format_cpus(&kind_set, list, sizeof(list));
		comment_line(s->to, "CPUs %s: %s", list, kind);
	}
}

static void timer_line(const struct source *s)
{
	const void *fdt = s->machine->fdt;
	int node = fdt_node_offset_by_compatible(fdt, -1, "arm,armv8-timer");
	char list[80] = "";
	struct tree_irq irq;
	size_t used = 0;
	int i;

	for (i = 0; node >= 0 && i < 8 && used < sizeof(list); i++) {
		if (tree_irq(fdt, node, i, &irq) < 1 || irq.count < 2)
			break;
		used += (size_t)snprintf(list + used, sizeof(list) - used, "%s%" PRIu32,
					 i ? ", " : "", irq.cell[1] + 16);
	}
	if (used)
		comment_line(s->to, "Generic timer: INTIDs %s (secure, EL1, virtual, EL2)", list);
}

void note_cpus(const struct source *s)
{
	const void *fdt = s->machine->fdt;
	const char *method = tree_text(fdt, fdt_path_offset(fdt, "/psci"), "method");
	const char *console = tree_text(fdt, fdt_path_offset(fdt, "/chosen"), "stdout-path");

	fprintf(s->to, "\n/*\n * What cells share out, and no line is for:\n *\n");
	cpu_kinds(s);
	timer_line(s);
	comment_line(s->to, "PSCI: %s", method ? method : "none, so that no cell can get a CPU");
	comment_line(s->to, "Root Linux's console: %s",
		     console ? console : "not said (stdout-path)");
	fprintf(s->to, " */\n");
}

/* "0x40000000, 16 MiB" */
static void range_words(const struct range *r, char *text, size_t size)
{
	char amount[32];

	format_bytes(r->end - r->start, amount, sizeof(amount));
	snprintf(text, size, "0x%08" PRIx64 ", %s", r->start, amount);
}

static uint32_t reserved_memory(const struct source *s)
{
	const void *fdt = s->machine->fdt;
	int parent = fdt_path_offset(fdt, "/reserved-memory"), node, i;
	uint32_t count = 0;
	char words[80];
	struct range r;

	for (i = 0; i < fdt_num_mem_rsv(fdt); i++) {
		if (fdt_get_mem_rsv(fdt, i, &r.start, &r.end) || !r.end)
			continue;
		r.end += r.start;
		range_words(&r, words, sizeof(words));
		comment_line(s->to, "%s: by its header", words);
		count++;
	}
	fdt_for_each_subnode(node, fdt, parent)
		for (i = 0; tree_enabled(fdt, node) && tree_range(fdt, node, i, &r); i++, count++) {
			range_words(&r, words, sizeof(words));
			comment_line(s->to, "%s: /reserved-memory/%s%s", words,
				     fdt_get_name(fdt, node, NULL),
				     fdt_getprop(fdt, node, "no-map", NULL) ?
				     ", kept out of Linux's map" : "");
		}
	return count;
}

void note_ram(const struct source *s)
{
	fprintf(s->to, "\n/*\n");
	comment_line(s->to, "Root Linux's memory, all of it, by %s. Reserved in the tree:",
		     s->machine->dtb ? "the tree's /memory or --memory" : IOMEM);
	if (!reserved_memory(s))
		comment_line(s->to, "nothing");
	fprintf(s->to, " */\n");
}

/* "/pl031@9010000 (arm,pl031), INTID 34, Linux's rtc-pl031" */
static void item_words(const struct source *s, const struct item *item, char *text, size_t size)
{
	size_t used = (size_t)snprintf(text, size, "%s (%s)", item->path, item->compatible);
	uint32_t i;

	for (i = 0; i < item->nintids && used < size; i++) {
		char name[80];

		machine_handler(s->machine, item->intid[i], name, sizeof(name));
		used += (size_t)snprintf(text + used, size - used, i ? ", %" PRIu32 "%s%s" :
					 ", INTID %" PRIu32 "%s%s", item->intid[i],
					 *name ? " for Linux's " : "", name);
	}
}

void note_mmio(const struct source *s)
{
	fprintf(s->to, "\n");
	comment(s->to, "Devices. What is not listed is mapped when root Linux touches it first.");
}

/* The @index-th region of a device that begins in a range, and whose it is; NULL: there is none. */
static const struct item *region_in(const struct source *s, uint64_t pa, uint64_t bytes,
				    uint32_t index, struct range *r)
{
	uint32_t i, k;

	for (i = 0; i < s->inventory->count; i++) {
		const struct item *item = &s->inventory->item[i];

		for (k = 0; k < item->nranges; k++) {
			*r = item->range[k];
			if (r->start >= pa && r->start < pa + bytes && !index--)
				return item;
		}
	}
	return NULL;
}

void note_devices_in(const struct source *s, uint64_t pa, uint64_t bytes)
{
	char words[TEXT], where[80];
	const struct item *item;
	struct range r, second;
	uint32_t i;

	fprintf(s->to, "\n");
	item = region_in(s, pa, bytes, 0, &r);
	if (!item) {
		fprintf(s->to, "/* in " IOMEM " alone */\n");
		return;
	}
	if (!region_in(s, pa, bytes, 1, &second) && r.end - r.start == bytes) {
		item_words(s, item, words, sizeof(words));
		comment(s->to, "%s", words);
		return;
	}
	fprintf(s->to, "/*\n");
	for (i = 0; (item = region_in(s, pa, bytes, i, &r)); i++) {
		item_words(s, item, words, sizeof(words));
		range_words(&r, where, sizeof(where));
		comment_line(s->to, "%s: %s", where, words);
	}
	fprintf(s->to, " */\n");
}

/* Whether the system has a region in one of its entries, or as its GIC. */
static bool is_listed(const struct source *s, const struct range *r)
{
	const struct caisson_system_entry *sys = config_system(s->blob);
	uint32_t i;

	if ((r->start >= sys->gicd_base && r->end <= sys->gicd_base + sys->gicd_size) ||
	    (r->start >= sys->gicr_base && r->end <= sys->gicr_base + sys->gicr_size))
		return true;
	for (i = 0; i < config_count(s->blob, CAISSON_SEC_DEVICE); i++) {
		const struct caisson_device_entry *d = config_device(s->blob, i);

		if (r->start >= d->pa && r->end <= d->pa + d->size)
			return true;
	}
	return false;
}

void note_unlisted(const struct source *s)
{
	char words[TEXT], where[80];
	uint32_t i, k, count = 0;

	for (i = 0; i < s->inventory->count; i++) {
		const struct item *item = &s->inventory->item[i];

		for (k = 0; k < item->nranges; k++) {
			if (is_listed(s, &item->range[k]))
				continue;
			if (!count++)
				fprintf(s->to,
					"\n/*\n * In the device tree, without a line here:\n *\n");
			item_words(s, item, words, sizeof(words));
			range_words(&item->range[k], where, sizeof(where));
			comment_line(s->to, "%s: %s", where, words);
		}
	}
	if (count)
		fprintf(s->to, " */\n");
}

/* The SPIs that no node names, as "40-47, 52". */
static void unnamed_spis(const void *fdt, char *text, size_t size)
{
	bool has[CONFIG_SPI_END] = { false };
	uint32_t intid, last, end = CONFIG_SPI_END;
	size_t used = 0;

	*text = '\0';
	tree_wired(fdt, has);
	while (end > CONFIG_SPI_FIRST && !has[end - 1])
		end--;
	for (intid = CONFIG_SPI_FIRST; intid < end && used < size; intid = last + 1) {
		for (last = intid; last + 1 < end && !has[intid] && !has[last + 1];)
			last++;
		if (has[intid])
			continue;
		used += (size_t)snprintf(text + used, size - used, last > intid ?
					 "%s%" PRIu32 "-%" PRIu32 : "%s%" PRIu32,
					 used ? ", " : "", intid, last);
	}
}

void note_spares(const struct source *s)
{
	char text[TEXT - 400];

	fprintf(s->to, "\n");
	if (config_count(s->blob, CAISSON_SEC_IRQ)) {
		comment(s->to, "SPIs that no wire reaches on this board: the first is root Linux's "
			"doorbell, the others are for consoles and power buttons of cells.");
		return;
	}
	unnamed_spis(s->machine->fdt, text, sizeof(text));
	comment(s->to,
		"hvctl does not know which SPIs of this board no wire reaches. So root Linux looks "
		"every 20 ms, and consoles are polled. These INTIDs no node of the tree names, "
		"nor any above: %s. The board's manual says which of them are free: "
		"SPARE_SPIS(first, count);",
		text);
}

void note_cell(const struct source *s, const struct caisson_cell_entry *c)
{
	fprintf(s->to, "\n");
	if (c->shutdown_intid)
		comment(s->to,
			"Asked to shut down by INTID %" PRIu32 ", which no wire uses here. GIC and "
			"timer are where QEMU virt has them, but for what .gicd_base and "
			".gicr_base say.",
			c->shutdown_intid);
	else
		comment(s->to, "hvctl knows no SPI that is free here: the cell cannot be asked to "
			"shut down.");
}

void note_cell_cpus(const struct source *s, const char *origin)
{
	char kinds[TEXT / 2] = "", kind[128];
	bool picked = strchr(origin, '+'), absent = false;
	struct cpu_set cpus, there;
	uint32_t i, count = 0;
	size_t used = 0;

	machine_cpus(s->machine, &there);
	config_cpus(s->blob, &cpus);
	for (i = 0; i < CONFIG_MAX_CPUS && used < sizeof(kinds); i++) {
		if (!cpu_in_set(&cpus, i))
			continue;
		count++;
		absent = absent || !cpu_in_set(&there, i);
		machine_cpu_kind(s->machine, i, kind, sizeof(kind));
		if (!strstr(kinds, kind))
			used += (size_t)snprintf(kinds + used, sizeof(kinds) - used, "%s%s",
						 used ? ", " : "", kind);
	}
	fprintf(s->to, "\n");
	comment(s->to, "%s%s%s%s%s. %s. The cell counts them from 0.", origin,
		!picked ? "" : count > 1 ? ": the last ones" : ": the last one",
		picked && !s->machine->dtb ? " online" : "",
		picked && count > 1 && !strchr(kinds, ' ') ? " of one kind" : "",
		absent ? ", not all of them online now" : "", kinds);
}

void note_cell_memory(const struct source *s, const char *origin)
{
	char amount[32];

	fprintf(s->to, "\n");
	if (s->machine->dtb) {
		comment(s->to, "%s. The driver finds it when the cell is created.", origin);
		return;
	}
	format_bytes(ALIGN_DOWN(machine_available(), MIB(1)), amount, sizeof(amount));
	comment(s->to, "%s. The driver finds it when the cell is created; now root Linux has %s "
		"available.", origin, amount);
}

void note_console(const struct source *s, const struct caisson_console_entry *con)
{
	fprintf(s->to, "\n");
	if (con->intid)
		comment(s->to, "For `hvctl console', a PL011 that EL2 emulates, with INTID %" PRIu32
			", which no wire uses here.", con->intid);
	else
		comment(s->to,
			"For `hvctl console', a PL011 that EL2 emulates. hvctl knows no SPI that "
			"is free here, so it is polled.");
}

/* The nodes that have lines or interrupts of a device, as "/a, /b". */
static void hanging(const struct source *s, const struct item *item, char *text, size_t size)
{
	const void *fdt = s->machine->fdt;
	char path[ITEM_PATH];
	size_t used = 0;
	int node;

	*text = '\0';
	if (!fdt_getprop(fdt, item->node, "#gpio-cells", NULL) &&
	    !fdt_getprop(fdt, item->node, "interrupt-controller", NULL))
		return;
	for (node = fdt_next_node(fdt, -1, NULL); node >= 0; node = fdt_next_node(fdt, node, NULL))
		if (used < size && tree_hangs_on(fdt, node, item->node) &&
		    !fdt_get_path(fdt, node, path, sizeof(path)))
			used += (size_t)snprintf(text + used, size - used, "%s%s",
						 used ? ", " : "", path);
}

void note_given(const struct source *s, const char *path)
{
	char words[TEXT / 2], others[TEXT / 2];
	uint32_t i;

	for (i = 0; i < s->inventory->count; i++)
		if (!strcmp(s->inventory->item[i].path, path))
			break;
	item_words(s, &s->inventory->item[i], words, sizeof(words));
	hanging(s, &s->inventory->item[i], others, sizeof(others));
	fprintf(s->to, "\n");
	comment(s->to, "%s. Root Linux's driver lets go of it while the cell is there%s%s.", words,
		*others ? "; first unbind, if they have drivers, what hangs on it: " : "", others);
}

static bool is_given(const struct source *s, const struct item *item)
{
	uint32_t i;

	for (i = 0; i < config_count(s->blob, CAISSON_SEC_DEVICE); i++)
		if (!strcmp(config_string(s->blob, config_device(s->blob, i)->node), item->path))
			return true;
	return false;
}

static void offer(const struct source *s, const struct item *item)
{
	char words[TEXT / 2], others[TEXT / 2];
	uint32_t i;

	item_words(s, item, words, sizeof(words));
	hanging(s, item, others, sizeof(others));
	comment_line(s->to, "%s%s%s:", words, *others ? "; on it hang " : "", others);
	for (i = 0; i < item->nranges; i++)
		write_device(s->to, " *     ", item->range[i].start, item->range[i].start,
			     item->range[i].end - item->range[i].start, item->path);
	for (i = 0; i < item->nintids; i++)
		fprintf(s->to, " *     IRQ(%" PRIu32 ");\n", item->intid[i]);
}

/* All devices for which there is this reason, if @first is the first of them. */
static void refuse(const struct source *s, uint32_t first)
{
	const struct inventory *inv = s->inventory;
	const char *why = inv->item[first].why;
	uint32_t i;

	for (i = 0; i < first; i++)
		if (!strcmp(inv->item[i].why, why))
			return;
	comment_line(s->to, "%s:", why);
	for (; i < inv->count; i++)
		if (!strcmp(inv->item[i].why, why))
			comment_line(s->to, "    %s", inv->item[i].path);
}

void note_others(const struct source *s)
{
	uint32_t i, offered = 0, refused = 0;

	for (i = 0; i < s->inventory->count; i++) {
		const struct item *item = &s->inventory->item[i];

		if (*item->why || is_given(s, item))
			continue;
		if (!offered++)
			fprintf(s->to,
				"\n/*\n * The cell could have these, too (or by --device):\n *\n");
		offer(s, item);
	}
	if (offered)
		fprintf(s->to, " */\n");
	for (i = 0; i < s->inventory->count; i++) {
		if (!*s->inventory->item[i].why)
			continue;
		if (!refused++)
			fprintf(s->to, "\n/*\n * It cannot have these, each of which\n *\n");
		refuse(s, i);
	}
	if (refused)
		fprintf(s->to, " */\n");
}
