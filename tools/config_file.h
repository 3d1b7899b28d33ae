/* SPDX-License-Identifier: GPL-2.0-only */
/* Compiled configurations in files. */
#ifndef CONFIG_FILE_H
#define CONFIG_FILE_H

#include "hvctl.h"
#include "refusal.h"

/**
 * config_file_read - read a configuration and check it
 * @path: of the .cell or .sys
 * @kind: enum caisson_config_kind that is expected, 0: either
 * @blob: a private copy, to be freed by the caller; also set if the check failed; else NULL
 * @size: of it, bytes
 * @r:	  what the check found; code CAISSON_E_OK if all is well
 *
 * Return: 0 if the file could be read, whatever it holds; HVCTL_USAGE after a complaint.
 */
enum exit_code config_file_read(const char *path, uint32_t kind, void **blob, uint32_t *size,
				struct refusal *r);

/* The same, but explains what the check found and returns HVCTL_CONFIG then, with *blob NULL. */
enum exit_code config_file_load(const char *path, uint32_t kind, void **blob, uint32_t *size);

#endif
