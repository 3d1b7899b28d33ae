// SPDX-License-Identifier: GPL-2.0-only
/*
 * The host build's answer to path.c: tests lay out another machine's /proc and /sys below
 * $HVCTL_ROOT. The target's hvctl does not have this, being run as root.
 */
#include <stdio.h>
#include <stdlib.h>

#include "hvctl.h"

void system_path(const char *path, char *text, size_t size)
{
	const char *root = getenv("HVCTL_ROOT");

	snprintf(text, size, "%s%s", root ? root : "", path);
}
