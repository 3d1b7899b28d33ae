// SPDX-License-Identifier: GPL-2.0-only
/* Reads compiled configurations, see config_file.h. */
#include <stdlib.h>
#include <string.h>

#include "config_file.h"

enum exit_code config_file_read(const char *path, uint32_t kind, void **blob, uint32_t *size,
				struct refusal *r)
{
	struct config_verdict v;
	enum exit_code code;
	struct file file;

	*blob = NULL;
	code = file_map(path, &file);
	if (code)
		return code;
	/* A copy: the validator's word holds for bytes that nobody else can change. One byte more
	 * than the limit is enough to see that a file is too large. */
	*size = file.size > CAISSON_CONFIG_MAX ? CAISSON_CONFIG_MAX + 1 : (uint32_t)file.size;
	*blob = allocate(*size);
	memcpy(*blob, file.data, *size);
	file_unmap(&file);
	v = config_check(*blob, *size, kind);
	*r = (struct refusal){ v.code, v.offset, v.other, v.value };
	return HVCTL_OK;
}

enum exit_code config_file_load(const char *path, uint32_t kind, void **blob, uint32_t *size)
{
	struct refusal r;
	enum exit_code code = config_file_read(path, kind, blob, size, &r);

	if (code || !r.code)
		return code;
	refusal_print(&r, *blob, *size, path);
	free(*blob);
	*blob = NULL;
	return HVCTL_CONFIG;
}
