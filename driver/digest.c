// SPDX-License-Identifier: GPL-2.0-only
/*
 * The one caisson.bin that is put under Linux: the SHA-256 of what this module was built with. By
 * itself, so that it is in one place of caisson.ko, and not in code as well: tests change it.
 */
#include "caisson.h"

const u8 image_digest[] = {
#include "image_digest.h"
};
static_assert(sizeof(image_digest) == IMAGE_DIGEST_SIZE);
