// SPDX-License-Identifier: GPL-2.0-only
/*
 * Where the files of the running system are: on the target simply where they are. The host's build
 * links path_host.c instead.
 */
#include <stdio.h>

#include "hvctl.h"

void system_path(const char *path, char *text, size_t size)
{
	snprintf(text, size, "%s", path);
}
