/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * An access to an emulated device, as the data-abort decoder hands it to the device and gets it
 * back.
 */
#ifndef CAISSON_MMIO_H
#define CAISSON_MMIO_H

#include "types.h"

struct mmio_access {
	uint64_t offset; /* bytes from the start of the device's frame */
	uint32_t size;	 /* 1, 2, 4 or 8 bytes */
	bool write;
	uint64_t value; /* in: what a write stores, zero-extended; out: what a read returns */
};

/*
 * A device answers every access to its frame: with a value, by ignoring it, or by calling it
 * stray.
 */
enum mmio_result { MMIO_DONE, MMIO_STRAY };

#endif
