/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What is put where in a cell: image formats, and the plan of pieces that is checked as a whole
 * before the first byte is loaded.
 */
#ifndef IMAGE_H
#define IMAGE_H

#include "hvctl.h"

#define MAX_PIECES 64
#define ADDRESS_ANY (~0ULL)

/* Bytes that go to one place. */
struct piece {
	const char *name;  /* for messages: the file, or "device tree" */
	const void *data;
	uint64_t length;   /* bytes to copy */
	uint64_t ipa;
	uint64_t span;	   /* bytes it occupies once it runs (bss), at least length */
};

struct plan {
	const void *blob; /* checked configuration of the cell */
	struct piece piece[MAX_PIECES];
	uint32_t count;
	uint64_t entry; /* of the first image; ADDRESS_ANY: none yet */
};

enum image_format { IMAGE_RAW, IMAGE_ARM64, IMAGE_ELF, IMAGE_COMPRESSED };

/* Recognises a file by its first bytes. */
enum image_format image_format(const struct file *file);

void plan_init(struct plan *p, const void *blob);

/**
 * plan_image - add a file
 * @p:	     the plan
 * @file:    its bytes, which must stay mapped until they are loaded
 * @address: IPA for its bytes as they are; ADDRESS_ANY: where its format wants to be
 *
 * An ELF file's PT_LOAD segments go to p_paddr, an arm64 Image to its text_offset from the first
 * 2 MiB boundary of the cell's main memory (Documentation/arm64/booting of the kernel), anything
 * else to the base of the main memory. The first image gives the entry point.
 *
 * Return: 0, or HVCTL_CONFIG after a complaint.
 */
enum exit_code plan_image(struct plan *p, const struct file *file, uint64_t address);

/* Adds bytes that are no image; HVCTL_CONFIG after a complaint if there are too many pieces. */
enum exit_code plan_data(struct plan *p, const char *name, const void *data, uint64_t length,
			 uint64_t address);

/**
 * plan_check - does everything fit
 * @p: the plan
 *
 * Return: 0; HVCTL_CONFIG after a complaint if a piece reaches out of the cell's memory, two pieces
 * overlap, naming both, or the first image would be entered where no instruction can be.
 */
enum exit_code plan_check(const struct plan *p);

/* The memory region that images, initial RAM disk and device tree go to: the largest that may be
 * written and executed (the first of equals), or else that may be written, or the first. */
const struct caisson_memory_entry *main_memory(const void *blob);

#endif
