/* SPDX-License-Identifier: GPL-2.0-only */
/* What a cell was refused, in words: `cell show`. */
#ifndef REFUSED_H
#define REFUSED_H

#include <stddef.h>
#include <stdint.h>

#include "caisson/hypercall.h"

/* @what is the page's, without CAISSON_REFUSED_VALID. */
void refused_text(enum caisson_refusal kind, uint64_t what, char *text, size_t size);

#endif
