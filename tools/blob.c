// SPDX-License-Identifier: GPL-2.0-only
/* Configuration blobs made at run time, see blob.h. Pure. */
#include <stdlib.h>
#include <string.h>

#include "blob.h"

/* Room for @size more zeroed bytes at the end of a section. */
static void *append(struct blob_section *s, uint32_t size)
{
	if (s->room - s->used < size) {
		uint32_t room = (s->room + size) * 2;
		uint8_t *data = allocate(room);

		if (s->used)
			memcpy(data, s->data, s->used);
		free(s->data);
		s->data = data;
		s->room = room;
	}
	s->used += size;
	return s->data + s->used - size;
}

/* Position of @text among the strings; each different one is stored once. */
static uint32_t intern(struct blob_section *s, const char *text)
{
	uint32_t length = (uint32_t)strlen(text) + 1;
	uint32_t at = 0;

	while (at < s->used) {
		if (!strcmp((const char *)s->data + at, text))
			return at;
		at += (uint32_t)strlen((const char *)s->data + at) + 1;
	}
	memcpy(append(s, length), text, length);
	return at;
}

void blob_init(struct blob *b, uint32_t kind)
{
	*b = (struct blob){ .kind = kind };
}

void *blob_add(struct blob *b, uint32_t section, const char *origin)
{
	uint32_t file = intern(&b->section[CAISSON_SEC_STRINGS], origin);
	struct caisson_source *source = append(&b->section[section], config_entry_sizes[section]);

	source->file = file; /* blob_finish() adds where the strings begin */
	return source;
}

uint64_t blob_string(struct blob *b, const char *text)
{
	return 1 + intern(&b->section[CAISSON_SEC_STRINGS], text); /* as above; 0 is none */
}

/* Moves what blob_add() and blob_string() have noted behind the strings' beginning. */
static void place_strings(uint8_t *blob)
{
	struct caisson_config_header *h = (struct caisson_config_header *)blob;
	uint32_t strings = h->section[CAISSON_SEC_STRINGS].offset;
	uint32_t sec, i;

	for (sec = 0; sec < CAISSON_SEC_STRINGS; sec++) {
		for (i = 0; i < h->section[sec].count; i++) {
			uint8_t *entry = blob + config_offset(blob, sec, i);
			struct caisson_device_entry *d = (struct caisson_device_entry *)entry;

			((struct caisson_source *)entry)->file += strings;
			if (sec == CAISSON_SEC_DEVICE && d->node)
				d->node += strings - 1;
		}
	}
}

void *blob_finish(struct blob *b, uint32_t *size)
{
	uint32_t offset = sizeof(struct caisson_config_header);
	struct caisson_config_header *h;
	uint8_t *blob;
	uint32_t sec;

	for (sec = 0; sec < CAISSON_SEC_COUNT; sec++)
		offset += (uint32_t)ALIGN_UP(b->section[sec].used, 8);
	*size = offset;
	blob = allocate(offset);
	h = (struct caisson_config_header *)blob;
	h->magic = CAISSON_CONFIG_MAGIC;
	h->abi_version = CAISSON_ABI_VERSION;
	h->kind = (uint16_t)b->kind;
	h->size = *size;
	offset = sizeof(*h);
	for (sec = 0; sec < CAISSON_SEC_COUNT; sec++) {
		struct blob_section *s = &b->section[sec];

		h->section[sec].offset = offset;
		h->section[sec].entry_size = config_entry_sizes[sec];
		h->section[sec].count = s->used / config_entry_sizes[sec];
		if (s->used)
			memcpy(blob + offset, s->data, s->used);
		offset += (uint32_t)ALIGN_UP(s->used, 8);
		free(s->data);
	}
	place_strings(blob);
	blob_init(b, b->kind);
	return blob;
}
