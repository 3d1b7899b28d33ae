// SPDX-License-Identifier: GPL-2.0-only
/* Copies of root's device-tree nodes in a cell's, see guest_nodes.h: step 7 of the tour. Pure. */
#include <stdarg.h>

#include "guest_nodes.h"
#include "tree.h"

#define NODES 64      /* copied to the root of the cell's tree, at most */
#define REFERENCES 256 /* different ones, at most */
#define CELLS 256     /* of a property that is rewritten */

/* A cell's phandle of a node is PHANDLE_COPIES plus the position of root's in `phandle`. */
struct copy {
	struct writer *w;
	struct guest_fdt *g;
	const void *fdt; /* root's */
	bool strict;	 /* for Linux */
	uint32_t entry;	 /* for whose sake: of a DEVICE in the blob */
	int count;
	struct {
		int node;
		uint32_t entry;
	} top[NODES]; /* devices, then what they refer to, which grows meanwhile */
	int devices;
	uint32_t phandles;
	uint32_t phandle[REFERENCES]; /* 0: of a clock that is made up, which then has a rate */
	uint32_t rate[REFERENCES];    /* Hz */
};

/* Which properties hold references. `cells`: the target says how many numbers follow each. */
static const struct rule {
	const char *name; /* "-..." are ends of names, "...-" beginnings */
	enum { DROP, REFER, REFUSE } what;
	const char *cells; /* NULL: none */
} rules[] = {
	{ "phandle", DROP, NULL },	{ "linux,phandle", DROP, NULL },
	{ "interrupts", DROP, NULL },	{ "interrupts-extended", DROP, NULL },
	{ "interrupt-parent", DROP, NULL }, /* these three are written anew */
	/* What root has set up stays so, and the domain stays on. */
	{ "power-domain-names", DROP, NULL }, { "power-domains", DROP, NULL },
	{ "pinctrl-", DROP, NULL },	{ "gpio-ranges", DROP, NULL },
	{ "assigned-clock-", DROP, NULL }, { "assigned-clocks", DROP, NULL },
	{ "clocks", REFER, "#clock-cells" },
	{ "-supply", REFER, NULL },
	{ "gpio", REFER, "#gpio-cells" }, { "gpios", REFER, "#gpio-cells" },
	{ "-gpio", REFER, "#gpio-cells" }, { "-gpios", REFER, "#gpio-cells" },
	{ "resets", REFER, "#reset-cells" },
	{ "dmas", REFER, "#dma-cells" },
	{ "iommus", REFER, "#iommu-cells" },
	{ "msi-parent", REFER, "#msi-cells" },
	{ "phys", REFER, "#phy-cells" },
	{ "pwms", REFER, "#pwm-cells" },
	{ "mboxes", REFER, "#mbox-cells" },
	{ "hwlocks", REFER, "#hwlock-cells" },
	{ "io-channels", REFER, "#io-channel-cells" },
	{ "interconnects", REFER, "#interconnect-cells" },
	{ "mux-controls", REFER, "#mux-control-cells" },
	{ "thermal-sensors", REFER, "#thermal-sensor-cells" },
	{ "sound-dai", REFER, "#sound-dai-cells" },
	{ "access-controllers", REFER, "#access-controller-cells" },
	{ "nvmem-cells", REFER, "#nvmem-cell-cells" },
	{ "memory-region", REFER, NULL }, { "phy-handle", REFER, NULL },
	{ "operating-points-v2", REFER, NULL }, { "remote-endpoint", REFER, NULL },
	{ "extcon", REFER, NULL },	{ "backlight", REFER, NULL },
	{ "power-supplies", REFER, NULL }, { "syscon", REFER, NULL },
	{ "iommu-map", REFUSE, NULL },	{ "msi-map", REFUSE, NULL },
	{ "interrupt-map", REFUSE, NULL }, { "ranges", REFUSE, NULL },
};

/* The property cannot be had. Bare metal does without; Linux's driver would fail without a word. */
__attribute__((format(printf, 4, 5)))
static void lacks(struct copy *c, int node, const char *property, const char *format, ...)
{
	struct guest_fdt *g = c->g;
	char path[192], reason[256];
	va_list args;

	if (!c->strict || g->refused)
		return;
	va_start(args, format);
	vsnprintf(reason, sizeof(reason), format, args);
	va_end(args);
	if (fdt_get_path(c->fdt, node, path, sizeof(path)))
		snprintf(path, sizeof(path), "%s", fdt_get_name(c->fdt, node, NULL));
	snprintf(g->why, sizeof(g->why), "%s: %s: %s", path, property, reason);
	g->refused = c->entry;
	keep(c->w, -FDT_ERR_BADVALUE);
}

static bool is_rule(const struct rule *rule, const char *name)
{
	size_t length = strlen(rule->name), full = strlen(name);

	if (rule->name[0] == '-')
		return full > length && !strcmp(name + full - length, rule->name);
	if (rule->name[length - 1] == '-')
		return !strncmp(name, rule->name, length);
	return !strcmp(name, rule->name);
}

static const struct rule *find_rule(const void *fdt, int node, const char *name)
{
	size_t i;

	/* These are numbers: how many lines there are, and which of its parent's one hogs. */
	if (!strcmp(name, "nr-gpios") || fdt_getprop(fdt, node, "gpio-hog", NULL))
		return NULL;
	for (i = 0; i < ARRAY_SIZE(rules); i++)
		if (is_rule(&rules[i], name))
			return &rules[i];
	return NULL;
}

/* Clocks and regulators that are there without anybody's doing. */
static bool is_fixed(const void *fdt, int node)
{
	static const char *const kinds[] = {
		"fixed-clock", "fixed-factor-clock", "regulator-fixed",
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(kinds); i++)
		if (!fdt_node_check_compatible(fdt, node, kinds[i]))
			return true;
	return false;
}

static bool is_copied(const struct copy *c, int node)
{
	int i;

	for (; node > 0; node = fdt_parent_offset(c->fdt, node))
		for (i = 0; i < c->count; i++)
			if (c->top[i].node == node)
				return true;
	return false;
}

static bool add_top(struct copy *c, int node)
{
	if (c->count == NODES) {
		keep(c->w, -FDT_ERR_NOSPACE);
		return false;
	}
	c->top[c->count].node = node;
	c->top[c->count++].entry = c->entry;
	return true;
}

/* 0: too many. */
static uint32_t add_phandle(struct copy *c, uint32_t old, uint32_t rate)
{
	if (c->phandles == REFERENCES) {
		keep(c->w, -FDT_ERR_NOSPACE);
		return 0;
	}
	c->phandle[c->phandles] = old;
	c->rate[c->phandles] = rate;
	return PHANDLE_COPIES + c->phandles++;
}

/* The cell's number for root's, or 0. */
static uint32_t new_phandle(struct copy *c, uint32_t old)
{
	uint32_t i;

	for (i = 0; i < c->phandles; i++)
		if (c->phandle[i] == old)
			return PHANDLE_COPIES + i;
	return add_phandle(c, old, 0);
}

/*
 * A device's clock that root drives, and which the driver keeps as it is while the cell has the
 * device itself: a fixed one for the cell, or 0.
 */
static uint32_t held_clock(struct copy *c, int node, uint32_t index)
{
	char path[192];
	uint64_t rate;
	int i = 0;

	while (i < c->devices && c->top[i].node != node)
		i++;
	if (i == c->devices || !c->g->clock_rate || fdt_get_path(c->fdt, node, path, sizeof(path)))
		return 0;
	rate = c->g->clock_rate(c->g->fd, path, index);
	return rate && rate <= UINT32_MAX ? add_phandle(c, 0, (uint32_t)rate) : 0;
}

static void write_clocks(struct copy *c)
{
	uint32_t i;
	char name[32];

	for (i = 0; i < c->phandles; i++) {
		if (!c->rate[i])
			continue;
		snprintf(name, sizeof(name), "clock-%" PRIu32, PHANDLE_COPIES + i);
		begin(c->w, name);
		string(c->w, "compatible", "fixed-clock");
		cell(c->w, "#clock-cells", 0);
		cell(c->w, "clock-frequency", c->rate[i]);
		cell(c->w, "phandle", PHANDLE_COPIES + i);
		end(c->w);
	}
}

/* The phandle of root's node @target in the cell's tree; 0: it is not in there, and will not be. */
static uint32_t resolve(struct copy *c, int target)
{
	if (!is_copied(c, target) && !(is_fixed(c->fdt, target) && add_top(c, target)))
		return 0;
	return new_phandle(c, fdt_get_phandle(c->fdt, target));
}

static uint32_t number(const void *fdt, int node, const char *name, uint32_t otherwise)
{
	int length;
	const fdt32_t *value = fdt_getprop(fdt, node, name, &length);

	return value && length == 4 ? fdt32_to_cpu(*value) : otherwise;
}

/* Copies a list of references, each with the numbers behind it. */
static void copy_references(struct copy *c, int node, const char *name, const fdt32_t *from,
			    uint32_t count, const char *cells_name)
{
	bool clocks = cells_name && !strcmp(cells_name, "#clock-cells");
	fdt32_t to[CELLS];
	uint32_t i = 0, used = 0, index;

	if (count > CELLS) {
		keep(c->w, -FDT_ERR_NOSPACE);
		return;
	}
	for (index = 0; i < count; index++) {
		uint32_t old = fdt32_to_cpu(from[i]), follow, fresh, held = 0;
		char path[192] = "";
		int target;

		if (!old) { /* a gap in the list */
			to[used++] = from[i++];
			continue;
		}
		target = fdt_node_offset_by_phandle(c->fdt, old);
		if (target < 0) {
			lacks(c, node, name, "root Linux's device tree lacks what it refers to");
			return;
		}
		follow = cells_name ? number(c->fdt, target, cells_name, 0) : 0;
		fresh = resolve(c, target);
		if (!fresh && clocks)
			fresh = held = held_clock(c, node, index);
		if (!fresh || follow >= count - i) {
			fdt_get_path(c->fdt, target, path, sizeof(path));
			lacks(c, node, name, "%s %s", path, fresh ? "makes no sense there" :
			      "is root Linux's: give it to the cell as well");
			return;
		}
		to[used++] = cpu_to_fdt32(fresh);
		for (i++; follow--; i++)
			if (!held) /* which is told nothing */
				to[used++] = from[i];
	}
	bytes(c->w, name, to, used * sizeof(*to));
}

static bool has_irq(const void *blob, uint32_t intid)
{
	uint32_t i;

	for (i = 0; i < config_count(blob, CAISSON_SEC_IRQ); i++)
		if (intid - config_irq(blob, i)->first < config_irq(blob, i)->count)
			return true;
	return false;
}

/* One specifier: at most @room cells of the cell's tree, its controller in front. 0: refused. */
static uint32_t copy_interrupt(struct copy *c, int node, int parent, const fdt32_t *from,
			       uint32_t width, uint32_t *to, uint32_t room)
{
	uint32_t i, intid;
	char path[192] = "";

	if (width + 1 > room) {
		keep(c->w, -FDT_ERR_NOSPACE);
		return 0;
	}
	if (fdt_node_check_compatible(c->fdt, parent, "arm,gic-v3")) {
		to[0] = is_copied(c, parent) ? resolve(c, parent) : 0;
		for (i = 0; i < width; i++)
			to[1 + i] = fdt32_to_cpu(from[i]);
		fdt_get_path(c->fdt, parent, path, sizeof(path));
		if (!to[0])
			lacks(c, node, "interrupts",
			      "%s is root Linux's: give it to the cell as well", path);
		return to[0] ? 1 + width : 0;
	}
	if (width < 3 || fdt32_to_cpu(from[0]) != IRQ_SPI) {
		lacks(c, node, "interrupts", "this one is no SPI, which alone a cell can be given");
		return 0;
	}
	intid = fdt32_to_cpu(from[1]) + CONFIG_SPI_FIRST;
	if (!has_irq(c->g->blob, intid)) {
		lacks(c, node, "interrupts",
		      "INTID %" PRIu32 " is not the cell's: add IRQ(%" PRIu32 ")", intid, intid);
		return 0;
	}
	to[0] = PHANDLE_GIC;
	to[1] = IRQ_SPI;
	to[2] = intid - CONFIG_SPI_FIRST;
	to[3] = fdt32_to_cpu(from[2]);
	return 4;
}

/* Those of the GIC alone go the usual way, by which small programs find them. */
static void write_interrupts(struct copy *c, const uint32_t *value, uint32_t count, bool gic)
{
	uint32_t spec[CELLS], used = 0, i;

	if (!count)
		return;
	if (!gic) {
		cells(c->w, "interrupts-extended", value, count);
		return;
	}
	for (i = 0; i < count; i++)
		if (i % 4)
			spec[used++] = value[i];
	cell(c->w, "interrupt-parent", PHANDLE_GIC);
	cells(c->w, "interrupts", spec, used);
}

static void copy_interrupts(struct copy *c, int node)
{
	int length = 0;
	const fdt32_t *from = fdt_getprop(c->fdt, node, "interrupts-extended", &length);
	bool extended = from, gic = true;
	uint32_t to[CELLS], used = 0;
	int parent = -1, i;

	if (!extended)
		from = fdt_getprop(c->fdt, node, "interrupts", &length);
	if (from && !extended)
		parent = tree_irq_parent(c->fdt, node);
	for (i = 0; from && i < length / 4;) {
		uint32_t width, got;

		if (extended)
			parent = fdt_node_offset_by_phandle(c->fdt, fdt32_to_cpu(from[i++]));
		width = parent < 0 ? 0 : number(c->fdt, parent, "#interrupt-cells", 0);
		if (!width || (int)width > length / 4 - i) {
			lacks(c, node, "interrupts",
			      "root Linux's device tree lacks their controller");
			return;
		}
		got = copy_interrupt(c, node, parent, from + i, width, to + used, CELLS - used);
		if (!got)
			return;
		gic = gic && to[used] == PHANDLE_GIC;
		used += got;
		i += (int)width;
	}
	write_interrupts(c, to, used, gic);
}

/* Whether [r->start, r->end) is the cell's by an entry; *@ipa is where it sees it. */
static bool find_ipa(const struct copy *c, int node, const struct range *r, uint64_t *ipa)
{
	const void *blob = c->g->blob;
	uint32_t i;

	for (i = 0; i < config_count(blob, CAISSON_SEC_DEVICE); i++) {
		const struct caisson_device_entry *d = config_device(blob, i);

		if (!d->node || r->start < d->pa || r->end > d->pa + d->size ||
		    fdt_path_offset(c->fdt, config_string(blob, d->node)) != node)
			continue;
		*ipa = d->ipa + (r->start - d->pa);
		return true;
	}
	return false;
}

/* A device's registers as the cell sees them: @value has pairs of address and size. */
static uint32_t device_reg(struct copy *c, int node, uint64_t *value, uint32_t room)
{
	struct range r;
	uint32_t used = 0;
	int i;

	for (i = 0; used + 2 <= room && tree_range(c->fdt, node, i, &r); i++) {
		if (find_ipa(c, node, &r, &value[used])) {
			value[used + 1] = r.end - r.start;
			used += 2;
			continue;
		}
		lacks(c, node, "reg", "0x%" PRIx64 " to 0x%" PRIx64 " is in no DEVICE of that node",
		      r.start, r.end);
	}
	return used;
}

static void copy_property(struct copy *c, int node, const char *name, const void *value, int length)
{
	const struct rule *rule = find_rule(c->fdt, node, name);

	if (!rule)
		bytes(c->w, name, value, (size_t)length);
	else if (rule->what == REFER && length % 4 == 0)
		copy_references(c, node, name, value, (uint32_t)length / 4, rule->cells);
	else if (rule->what != DROP)
		lacks(c, node, name, "devices behind another one are not supported");
}

/* A node's properties, but for those that its caller writes, and all that is below it. */
static void copy_inside(struct copy *c, int node, bool top)
{
	uint32_t phandle = fdt_get_phandle(c->fdt, node);
	int property, child;

	fdt_for_each_property_offset(property, c->fdt, node) {
		const char *name;
		int length;
		const void *value = fdt_getprop_by_offset(c->fdt, property, &name, &length);

		if (value && !(top && (!strcmp(name, "reg") || !strcmp(name, "status"))))
			copy_property(c, node, name, value, length);
	}
	copy_interrupts(c, node);
	if (phandle)
		cell(c->w, "phandle", new_phandle(c, phandle));
	fdt_for_each_subnode(child, c->fdt, node) {
		begin(c->w, fdt_get_name(c->fdt, child, NULL));
		copy_inside(c, child, false);
		end(c->w);
	}
}

/* Devices have registers, whose addresses make names that no two have; others get numbers. */
static void copy_top(struct copy *c, int node, bool device)
{
	uint64_t value[32];
	uint32_t used = device ? device_reg(c, node, value, ARRAY_SIZE(value)) : 0;
	const char *full = fdt_get_name(c->fdt, node, NULL);
	char name[64];

	snprintf(name, sizeof(name), "%.*s", (int)strcspn(full, "@"), full);
	if (used) {
		begin_at(c->w, name, value[0]);
		reg(c->w, value, used);
	} else {
		snprintf(name + strlen(name), sizeof(name) - strlen(name), "-%" PRIu32,
			 new_phandle(c, fdt_get_phandle(c->fdt, node)));
		begin(c->w, name);
	}
	copy_inside(c, node, true);
	end(c->w);
}

void guest_nodes_write(struct writer *w, struct guest_fdt *g)
{
	struct copy c = { .w = w, .g = g, .fdt = g->machine_fdt };
	const char *path;
	uint32_t n;
	int i;

	c.strict = config_cell(g->blob)->flags & CAISSON_CELL_LINUX;
	for (n = 0; c.fdt && n < config_count(g->blob, CAISSON_SEC_DEVICE); n++) {
		const struct caisson_device_entry *d = config_device(g->blob, n);
		int node;

		if (!d->node)
			continue;
		path = config_string(g->blob, d->node);
		c.entry = config_offset(g->blob, CAISSON_SEC_DEVICE, n);
		node = fdt_path_offset(c.fdt, path);
		if (node > 0 && !is_copied(&c, node))
			add_top(&c, node);
	}
	c.devices = c.count;
	for (i = 0; i < c.count && !w->error; i++) {
		c.entry = c.top[i].entry;
		copy_top(&c, c.top[i].node, i < c.devices);
	}
	write_clocks(&c);
}
