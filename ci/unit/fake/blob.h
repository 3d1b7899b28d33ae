/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Compiled configurations as C initialises them: of a struct that has a header, a table for each
 * section and `strings`.
 */
#ifndef FAKE_BLOB_H
#define FAKE_BLOB_H

#include <stddef.h>
#include <stdint.h>

#define AT(type, field) ((uint32_t)offsetof(struct type, field))
#define SECTION(type, field, n, entry)               \
	{                                            \
		AT(type, field), n, sizeof(entry), 0 \
	}
#define SRC(type, n)                    \
	{                               \
		AT(type, strings), n, 0 \
	}

#endif
