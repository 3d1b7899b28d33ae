// SPDX-License-Identifier: GPL-2.0-only
/* Asks root Linux who depends on a cell's devices, see handover.h: step 7 of the tour. */
#include <dirent.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/gpio.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "handover.h"
#include "machine.h"
#include "refusal.h"

#define PATH_SIZE 512
#define TREE "/devicetree/base" /* ends the place of the device tree in sysfs */

/* A DEVICE entry that has a node. */
struct device {
	const void *blob;
	uint32_t offset;
	const char *node;
	char path[PATH_SIZE]; /* of its directory in sysfs */
};

static bool object(const struct device *d, struct objection *o, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

static bool object(const struct device *d, struct objection *o, const char *format, ...)
{
	va_list args;

	o->offset = d->offset;
	va_start(args, format);
	vsnprintf(o->why, sizeof(o->why), format, args);
	va_end(args);
	return true;
}

/* Whether the device in that directory is the one of that node. */
static bool is_node(const char *directory, const char *node)
{
	char link[PATH_SIZE + 16], target[PATH_SIZE], *path;
	ssize_t length;

	snprintf(link, sizeof(link), "%s/of_node", directory);
	length = readlink(link, target, sizeof(target) - 1);
	if (length < 0)
		return false;
	target[length] = '\0';
	path = strstr(target, TREE);
	return path && !strcmp(path + strlen(TREE), node);
}

static bool names_node(const void *blob, const char *directory)
{
	uint32_t i;

	for (i = 0; i < config_count(blob, CAISSON_SEC_DEVICE); i++) {
		const struct caisson_device_entry *d = config_device(blob, i);

		if (d->node && is_node(directory, config_string(blob, d->node)))
			return true;
	}
	return false;
}

/* Sets d->path. Return: whether Linux has made a device of the node. */
static bool find_directory(struct device *d)
{
	static const char *const buses[] = { "/sys/bus/amba/devices", "/sys/bus/platform/devices" };
	char bus[PATH_SIZE / 2];
	struct dirent *e;
	bool found = false;
	size_t i;
	DIR *dir;

	for (i = 0; i < ARRAY_SIZE(buses) && !found; i++) {
		system_path(buses[i], bus, sizeof(bus));
		dir = opendir(bus);
		while (dir && !found && (e = readdir(dir))) {
			snprintf(d->path, sizeof(d->path), "%s/%s", bus, e->d_name);
			found = is_node(d->path, d->node);
		}
		if (dir)
			closedir(dir);
	}
	return found;
}

/* Linux's own links from a device to those that cannot do without it: "consumer:BUS:NAME". */
static bool check_consumer(const struct device *d, const char *link, struct objection *o)
{
	const char *name = strchr(link, ':') + 1;
	char path[2 * PATH_SIZE];

	name += strcspn(name, ":");
	name += *name == ':';
	snprintf(path, sizeof(path), "%s/%s/consumer/driver", d->path, link);
	if (access(path, F_OK))
		return false;
	snprintf(path, sizeof(path), "%s/%s/consumer", d->path, link);
	if (names_node(d->blob, path))
		return false;
	return object(d, o, "%s: root Linux's device %s depends on it: unbind that first "
		      "(driver/unbind in sysfs)", d->node, name);
}

/* Such a link goes when the other's driver has been bound; then it is the lines that tell. */
static bool check_lines(const struct device *d, const char *chip, struct objection *o)
{
	struct gpiochip_info info = { .lines = 0 };
	char name[288], path[PATH_SIZE];
	bool found = false;
	uint32_t i;
	int fd;

	snprintf(name, sizeof(name), "/dev/%s", chip);
	system_path(name, path, sizeof(path));
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	if (ioctl(fd, GPIO_GET_CHIPINFO_IOCTL, &info))
		info.lines = 0;
	for (i = 0; i < info.lines && !found; i++) {
		struct gpio_v2_line_info line = { .offset = i };

		if (!ioctl(fd, GPIO_V2_GET_LINEINFO_IOCTL, &line) &&
		    line.flags & GPIO_V2_LINE_FLAG_USED)
			found = object(d, o, "%s: root Linux uses its line %" PRIu32
				       " (%s): unbind what does first (driver/unbind in sysfs)",
				       d->node, i, line.consumer);
	}
	close(fd);
	return found;
}

static bool check_device(struct device *d, struct objection *o)
{
	bool found = false;
	struct dirent *e;
	DIR *dir = find_directory(d) ? opendir(d->path) : NULL;

	while (dir && !found && (e = readdir(dir))) {
		if (!strncmp(e->d_name, "consumer:", 9))
			found = check_consumer(d, e->d_name, o);
		else if (!strncmp(e->d_name, "gpiochip", 8))
			found = check_lines(d, e->d_name, o);
	}
	if (dir)
		closedir(dir);
	return found;
}

bool handover_depends(const void *blob, struct objection *o)
{
	bool found = false;
	uint32_t i;

	for (i = 0; i < config_count(blob, CAISSON_SEC_DEVICE) && !found; i++) {
		struct device d = { .blob = blob };

		if (!config_device(blob, i)->node)
			continue;
		d.offset = config_offset(blob, CAISSON_SEC_DEVICE, i);
		d.node = config_string(blob, config_device(blob, i)->node);
		found = check_device(&d, o);
	}
	return found;
}

/* Writes the cell's device tree for the sake of what that finds. */
static bool lacks(struct guest_fdt *g, struct objection *o)
{
	void *tree = allocate(GUEST_FDT_SIZE);

	guest_fdt_build(g, tree);
	free(tree);
	o->offset = g->refused;
	memcpy(o->why, g->why, sizeof(o->why));
	return g->refused;
}

/* Of a tree alone nobody knows how fast its clocks run; it is enough that they do. */
static uint64_t some_rate(int fd, const char *node, uint32_t index)
{
	(void)fd;
	(void)node;
	(void)index;
	return 1;
}

bool handover_lacks(const void *blob, const void *fdt, struct objection *o)
{
	struct guest_fdt g = { .blob = blob, .machine_fdt = fdt,
			       .cpu_compatible = machine_cpu_compatible, .clock_rate = some_rate };

	return lacks(&g, o);
}

static bool has_nodes(const void *blob)
{
	uint32_t i;

	for (i = 0; i < config_count(blob, CAISSON_SEC_DEVICE); i++)
		if (config_device(blob, i)->node)
			return true;
	return false;
}

enum exit_code handover_check(struct guest_fdt *g)
{
	struct objection o;
	enum exit_code code;
	char where[512];
	bool found;
	void *fdt;

	if (!has_nodes(g->blob))
		return HVCTL_OK;
	found = handover_depends(g->blob, &o);
	if (!found) {
		code = machine_fdt(&fdt);
		if (code)
			return code;
		g->machine_fdt = fdt;
		found = lacks(g, &o);
		free(fdt);
	}
	if (!found)
		return HVCTL_OK;
	refusal_where(g->blob, o.offset, where, sizeof(where));
	fflush(stdout);
	fprintf(stderr, "%s: error: %s\n", where, o.why);
	return HVCTL_REFUSED;
}
