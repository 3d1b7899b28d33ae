/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Builds .cell and .sys blobs at run time: what configs/ does with compiler and linker script, for
 * a configuration that was derived from the machine or from the command line.
 */
#ifndef BLOB_H
#define BLOB_H

#include "hvctl.h"

struct blob_section {
	uint8_t *data;
	uint32_t used;
	uint32_t room;
};

struct blob {
	uint32_t kind;
	struct blob_section section[CAISSON_SEC_COUNT];
};

/* Begins an empty blob of @kind (enum caisson_config_kind). */
void blob_init(struct blob *b, uint32_t kind);

/**
 * blob_add - append a zeroed entry
 * @b:	     blob under construction
 * @section: enum caisson_section_type, not STRINGS
 * @origin:  where the entry comes from; refusals print it
 *
 * Return: the entry, to be filled in but for its source; valid until the next blob_add().
 */
void *blob_add(struct blob *b, uint32_t section, const char *origin);

/* Stores a string. Return: what a member that names it is set to, such as a device's node. */
uint64_t blob_string(struct blob *b, const char *text);

/**
 * blob_finish - lay the sections out and free the builder
 * @b:	  blob under construction, empty afterwards
 * @size: of the result, bytes
 *
 * Return: the blob, to be freed by the caller; not yet checked. Running out of memory ends the
 * program; more than CAISSON_CONFIG_MAX bytes are for config_check() to refuse.
 */
void *blob_finish(struct blob *b, uint32_t *size);

#endif
