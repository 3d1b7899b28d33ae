// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The device tree reader; machine.c asks it for what the library needs. All positions are
 * checked in one place, token_at(), and strings in string_ok(); everything else builds on them.
 */
#include "fdt.h"
#include "util.h"

#define FDT_MAGIC 0xd00dfeedu
#define FDT_HEADER_SIZE 40u
#define FDT_SIZE_MAX 0x1000000u /* 16 MiB: a sane bound before the header is believed */

enum { FDT_BEGIN_NODE = 1, FDT_END_NODE = 2, FDT_PROP = 3, FDT_NOP = 4, FDT_END = 9 };

struct token {
	uint32_t tag;
	uint32_t next;	      /* offset of the token behind it */
	const char *name;     /* of a node or property */
	const uint8_t *value; /* of a property */
	uint32_t length;
};

static uint32_t be32(const uint8_t *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

/* Is there a NUL in the `room` bytes at s? */
static bool string_ok(const char *s, uint32_t room)
{
	while (room--) {
		if (!*s++)
			return true;
	}
	return false;
}

bool fdt_open(struct fdt *fdt, const void *blob)
{
	const uint8_t *b = blob;
	uint32_t total, structure, strings;

	if (be32(b) != FDT_MAGIC)
		return false;
	total = be32(b + 4);
	structure = be32(b + 8);
	strings = be32(b + 12);
	fdt->strings_size = be32(b + 32);
	fdt->structure_size = be32(b + 36);
	if (total < FDT_HEADER_SIZE || total > FDT_SIZE_MAX)
		return false;
	/* version and last_comp_version: a reader of version 17 understands it */
	if (be32(b + 20) < 17 || be32(b + 24) > 17)
		return false;
	if (structure > total || fdt->structure_size > total - structure || strings > total ||
	    fdt->strings_size > total - strings)
		return false;
	fdt->structure = b + structure;
	fdt->strings = (const char *)b + strings;
	fdt->total_size = total;
	return true;
}

/* Decodes the token at `offset`. False: it does not lie inside the structure block. */
static bool token_at(const struct fdt *fdt, uint32_t offset, struct token *t)
{
	const uint8_t *p = fdt->structure + offset;
	uint32_t room, name;

	if (offset > fdt->structure_size || fdt->structure_size - offset < 4)
		return false;
	room = fdt->structure_size - offset - 4;
	t->tag = be32(p);
	t->next = offset + 4;
	switch (t->tag) {
	case FDT_BEGIN_NODE:
		t->name = (const char *)p + 4;
		if (!string_ok(t->name, room))
			return false;
		t->next += ((uint32_t)strlen(t->name) + 4u) & ~3u;
		return true;
	case FDT_PROP:
		if (room < 8)
			return false;
		t->length = be32(p + 4);
		name = be32(p + 8);
		if (t->length > room - 8 || name >= fdt->strings_size)
			return false;
		t->name = fdt->strings + name;
		t->value = p + 12;
		t->next += 8u + ((t->length + 3u) & ~3u);
		return string_ok(t->name, fdt->strings_size - name);
	case FDT_END_NODE:
	case FDT_NOP:
		return true;
	default: /* FDT_END, or rubbish */
		return false;
	}
}

uint32_t fdt_next(const struct fdt *fdt, uint32_t node, unsigned int *depth)
{
	uint32_t offset = 0;
	struct token t;

	if (node != FDT_NONE) {
		if (!token_at(fdt, node, &t))
			return FDT_NONE;
		offset = t.next;
		++*depth;
	} else {
		*depth = 0;
	}
	for (; token_at(fdt, offset, &t); offset = t.next) {
		if (t.tag == FDT_BEGIN_NODE)
			return offset;
		if (t.tag == FDT_END_NODE && (*depth)-- == 0)
			break;
	}
	return FDT_NONE;
}

const char *fdt_name(const struct fdt *fdt, uint32_t node)
{
	struct token t;

	if (!token_at(fdt, node, &t) || t.tag != FDT_BEGIN_NODE)
		return "";
	return t.name;
}

const uint8_t *fdt_property(const struct fdt *fdt, uint32_t node, const char *name,
			    uint32_t *length)
{
	struct token t;

	if (!token_at(fdt, node, &t) || t.tag != FDT_BEGIN_NODE)
		return NULL;
	/* A node's properties come before its subnodes. */
	while (token_at(fdt, t.next, &t) && (t.tag == FDT_PROP || t.tag == FDT_NOP)) {
		if (t.tag == FDT_PROP && !strcmp(t.name, name)) {
			if (length)
				*length = t.length;
			return t.value;
		}
	}
	return NULL;
}

const char *fdt_string(const struct fdt *fdt, uint32_t node, const char *name)
{
	uint32_t length;
	const char *s = (const char *)fdt_property(fdt, node, name, &length);

	return s && string_ok(s, length) ? s : NULL;
}

bool fdt_cell(const struct fdt *fdt, uint32_t node, const char *name, unsigned int index,
	      uint32_t *value)
{
	uint32_t length;
	const uint8_t *p = fdt_property(fdt, node, name, &length);

	if (!p || index >= length / 4)
		return false;
	*value = be32(p + 4 * index);
	return true;
}

bool fdt_compatible(const struct fdt *fdt, uint32_t node, const char *compatible)
{
	uint32_t length, n;
	const char *s = (const char *)fdt_property(fdt, node, "compatible", &length);

	while (s && string_ok(s, length)) {
		if (!strcmp(s, compatible))
			return true;
		n = (uint32_t)strlen(s) + 1;
		s += n;
		length -= n;
	}
	return false;
}

uint32_t fdt_find_compatible(const struct fdt *fdt, uint32_t after, const char *compatible)
{
	unsigned int depth = 0x10000; /* unknown: must only not reach 0, which would end the walk */
	uint32_t node = after;

	while ((node = fdt_next(fdt, node, &depth)) != FDT_NONE) {
		if (fdt_compatible(fdt, node, compatible))
			return node;
	}
	return FDT_NONE;
}

uint32_t fdt_find_path(const struct fdt *fdt, const char *path)
{
	unsigned int depth = 0, want = 1;
	uint32_t node = fdt_next(fdt, FDT_NONE, &depth);

	while (*path == '/')
		path++;
	while (*path && node != FDT_NONE) {
		const char *name;
		size_t n = 0;

		node = fdt_next(fdt, node, &depth);
		if (node == FDT_NONE || depth < want)
			return FDT_NONE; /* left the parent */
		if (depth > want)
			continue;
		while (path[n] && path[n] != '/')
			n++;
		name = fdt_name(fdt, node);
		if (strncmp(name, path, n) || (name[n] && name[n] != '@'))
			continue;
		for (path += n; *path == '/';)
			path++;
		want++;
	}
	return node;
}

uint32_t fdt_parent(const struct fdt *fdt, uint32_t node)
{
	unsigned int depth = 0, target;
	uint32_t at = FDT_NONE, parent = FDT_NONE;

	do {
		at = fdt_next(fdt, at, &depth);
	} while (at != FDT_NONE && at != node);
	if (at == FDT_NONE || !depth)
		return FDT_NONE;
	target = depth;
	/* The last node before it that is one level up. */
	for (at = FDT_NONE; (at = fdt_next(fdt, at, &depth)) != FDT_NONE && at != node;) {
		if (depth == target - 1)
			parent = at;
	}
	return parent;
}

/* Reads `cells` 32-bit cells as one number; more than two keep the low 64 bits. */
static uint64_t cells_value(const uint8_t *p, uint32_t cells)
{
	uint64_t v = 0;

	while (cells--) {
		v = v << 32 | be32(p);
		p += 4;
	}
	return v;
}

bool fdt_reg(const struct fdt *fdt, uint32_t node, unsigned int index, uint64_t *address,
	     uint64_t *size)
{
	uint32_t parent = fdt_parent(fdt, node);
	uint32_t ac = 2, sc = 1, length, entry;
	const uint8_t *p = fdt_property(fdt, node, "reg", &length);

	if (!p || parent == FDT_NONE)
		return false;
	fdt_cell(fdt, parent, "#address-cells", 0, &ac);
	fdt_cell(fdt, parent, "#size-cells", 0, &sc);
	if (ac < 1 || ac > 4 || sc > 4)
		return false;
	entry = 4 * (ac + sc);
	if (index >= length / entry)
		return false;
	p += index * entry;
	*address = cells_value(p, ac);
	*size = cells_value(p + 4 * (size_t)ac, sc);
	return true;
}
