// SPDX-License-Identifier: GPL-2.0-only
/*
 * Fuzzes what hvctl does with a device tree from a file: `config create --dtb' of a system and of a
 * Linux that gets devices, `config check --dtb' of that Linux, and the device tree that it would
 * get. Whatever the file holds, this ends, touches nothing outside of copies of exactly its size
 * (ASan), and says why it is refused; what is written reads as C does, whatever the tree's names.
 *
 * Sources: tools/cmd_create.c tools/new_cell.c tools/source.c tools/source_notes.c tools/comment.c
 * Sources: tools/inventory.c tools/machine.c tools/tree.c tools/ranges.c tools/dma.c tools/spis.c
 * Sources: tools/cmd_config.c tools/check.c tools/check_machine.c tools/check_devices.c
 * Sources: tools/check_live.c tools/board.c tools/cost.c tools/findings.c tools/excerpt.c
 * Sources: tools/check_costs.c tools/describe.c tools/blob.c tools/device.c
 * Sources: tools/handover.c tools/guest_fdt.c tools/guest_nodes.c tools/image.c tools/config_file.c
 * Sources: tools/util.c tools/file.c tools/path_host.c tools/nearest.c tools/json.c
 * Sources: tools/refusal.c tools/refusal_print.c tools/hints.c hypervisor/core/config_check.c
 * Seeds: $O/fuzz/trees
 */
#define _GNU_SOURCE /* memfd_create() */
#include <libfdt.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "../../tools/new_cell.h"
#include "../../tools/spis.h"
#include "fuzz.h"

int LLVMFuzzerInitialize(int *argc, char ***argv);

#define DEVICES 4

static const struct option_spec specs[] = { { .name = "dtb" }, { .name = "device" }, { 0 } };

/* A command line: its options, and where the memory is that stands for files. */
struct line {
	const char *tree;
	char *words[1];
	struct given given[1 + DEVICES];
	struct request req;
};

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	return setenv("HVCTL_ROOT", "/nonexistent", 1); /* nothing of this machine */
}

static void begin_line(struct line *l, const char *tree, char *word)
{
	*l = (struct line){ .words = { word } };
	l->given[0] = (struct given){ &specs[0], tree };
	l->req = (struct request){ .argc = 1, .argv = l->words, .given = l->given, .ngiven = 1 };
}

static void add_device(struct line *l, const char *path)
{
	if (l->req.ngiven < ARRAY_SIZE(l->given))
		l->given[l->req.ngiven++] = (struct given){ &specs[1], path };
}

/* A file of these bytes, and its name. */
static int make_file(const void *data, size_t size, char *name, size_t room)
{
	int fd = memfd_create("fuzz", MFD_CLOEXEC);

	require(fd >= 0 && write(fd, data, size) == (ssize_t)size);
	snprintf(name, room, "/proc/self/fd/%d", fd);
	return fd;
}

/* C source is text, whose comments and strings end before it does. */
static void read_source(const char *text)
{
	bool comment = false, string = false;

	for (; *text; text++) {
		require(*text == '\n' || *text == '\t' || (*text >= ' ' && *text <= '~'));
		if (comment && !strncmp(text, "*/", 2))
			comment = false;
		else if (!comment && !string && !strncmp(text, "/*", 2))
			comment = true;
		else if (!comment && !string && !strncmp(text, "//", 2))
			text += strcspn(text, "\n") - 1;
		else if (!comment && *text == '"')
			string = !string;
		require(!string || *text != '\n');
	}
	require(!comment && !string);
}

/* Runs a command. What it says of a failure must not be nothing; what it writes is C if @source. */
static enum exit_code run(enum exit_code (*command)(const struct request *req),
			  const struct line *l, bool source)
{
	FILE *out = stdout, *err = stderr;
	char *written, *said;
	size_t nwritten, nsaid;
	enum exit_code code;

	stdout = open_memstream(&written, &nwritten);
	stderr = open_memstream(&said, &nsaid);
	code = command(&l->req);
	fclose(stdout);
	fclose(stderr);
	stdout = out;
	stderr = err;
	require(!code || nsaid);
	require(code || nwritten);
	if (source && !code)
		read_source(written);
	free(written);
	free(said);
	return code;
}

/* The configuration of a Linux that has these devices, as a compiler would leave it, is checked. */
static void check_cell(const struct line *l, const struct machine *m, const struct inventory *inv)
{
	FILE *err = stderr;
	struct line check;
	char name[32];
	uint32_t size;
	void *blob;
	int fd;

	stderr = fopen("/dev/null", "w");
	if (!new_cell(&l->req, true, m, inv, &blob, &size)) {
		choose_spis_beforehand(m, blob);
		fd = make_file(blob, size, name, sizeof(name));
		begin_line(&check, l->given[0].value, name);
		run(cmd_config_check, &check, false);
		close(fd);
		free(blob);
	}
	fclose(stderr);
	stderr = err;
}

static void try_tree(const char *path)
{
	char system[] = "system", linux_cell[] = "linux";
	struct machine m;
	struct inventory inv;
	struct line l;
	uint32_t i;

	begin_line(&l, path, system);
	run(cmd_config_create, &l, true);
	require(!machine_open_dtb(&m, path));
	inventory_make(&inv, m.fdt);
	begin_line(&l, path, linux_cell);
	for (i = 0; i < inv.count; i++)
		if (!*inv.item[i].why)
			add_device(&l, inv.item[i].path);
	run(cmd_config_create, &l, true);
	check_cell(&l, &m, &inv);
	/* And as if by hand, with what it should not have. */
	begin_line(&l, path, linux_cell);
	for (i = 0; i < inv.count; i++) {
		if (*inv.item[i].why)
			add_device(&l, inv.item[i].path);
		*inv.item[i].why = '\0';
	}
	check_cell(&l, &m, &inv);
	inventory_free(&inv);
	machine_close(&m);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char path[32], why[128];
	uint64_t *copy = malloc(size ? size : 1);
	int fd;

	memcpy(copy, data, size);
	if (tree_check(copy, size, why, sizeof(why))) {
		fd = make_file(data, size, path, sizeof(path));
		try_tree(path);
		close(fd);
	}
	free(copy);
	return 0;
}

/* --- mutations of the tree's words, and of the tree --- */

static void change_word(uint8_t *data, size_t size)
{
	static const uint32_t values[] = {
		0, 1, 2, 3, 4, 5, 7, 8, 9, 12, 31, 32, 0x1000, 0x10000, 0x08000000, 0x40000000,
		0x7fffffff, 0x80000000, 0xfffff000, 0xffffffff,
	};
	uint32_t words = (uint32_t)size / 4, value;
	fdt32_t *word = (fdt32_t *)(void *)(data + 4 * draw(words));

	value = fdt32_to_cpu(*word);
	switch (draw(4)) {
	case 0:
		value ^= 1u << draw(32);
		break;
	case 1:
		value = values[draw(ARRAY_SIZE(values))];
		break;
	case 2:
		memcpy(&value, data + 4 * draw(words), 4);
		value = fdt32_to_cpu(value);
		break;
	case 3:
		value += draw(2) ? 4 : -4u;
		break;
	}
	*word = cpu_to_fdt32(value);
}

static int pick_node(const void *fdt)
{
	int node, picked = 0;
	uint32_t count = 1;

	for (node = fdt_next_node(fdt, 0, NULL); node >= 0; node = fdt_next_node(fdt, node, NULL))
		if (!draw(++count))
			picked = node;
	return picked;
}

static int pick_property(const void *fdt, int node)
{
	int property, picked = -1;
	uint32_t count = 0;

	fdt_for_each_property_offset(property, fdt, node)
		if (!draw(++count))
			picked = property;
	return picked;
}

/* A node gets what another one has, or loses something. */
static void change_tree(void *fdt)
{
	int from = pick_node(fdt), to = pick_node(fdt), property = pick_property(fdt, from), length;
	char name[64];
	uint8_t value[512];
	const char *found;
	const void *bytes;

	if (property < 0)
		return;
	bytes = fdt_getprop_by_offset(fdt, property, &found, &length);
	snprintf(name, sizeof(name), "%s", found);
	length = length < (int)sizeof(value) ? length : (int)sizeof(value);
	memcpy(value, bytes, (size_t)length);
	switch (draw(6)) {
	case 0:
		fdt_delprop(fdt, from, name);
		break;
	case 1:
		fdt_del_node(fdt, from ? from : to);
		break;
	case 2: /* one cell less */
		fdt_setprop(fdt, from, name, value, length > 4 ? length - 4 : 0);
		break;
	case 3: /* twice the same */
		fdt_setprop(fdt, from, name, value, length);
		fdt_appendprop(fdt, from, name, value, length);
		break;
	default:
		fdt_setprop(fdt, to, name, value, length);
	}
}

/* A quarter is libFuzzer's own, a quarter changes words. */
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max, unsigned int seed)
{
	char why[128];
	uint64_t *tree;
	uint32_t n;

	draw_from(seed);
	n = draw(4);
	if (size < sizeof(struct fdt_header) || !n)
		return LLVMFuzzerMutate(data, size, max);
	if (n == 1 || !tree_check(data, size, why, sizeof(why))) {
		for (n = 1 + draw(3); n--;)
			change_word(data, size);
		return size;
	}
	tree = malloc(max);
	if (!fdt_open_into(data, tree, (int)max)) {
		for (n = 1 + draw(3); n--;)
			change_tree(tree);
		fdt_pack(tree);
		size = fdt_totalsize(tree);
		memcpy(data, tree, size);
	}
	free(tree);
	return size;
}
