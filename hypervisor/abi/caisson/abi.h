/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What every shared header needs: fixed-width types for the kernel, EL2, user space and the host,
 * the version all of them must agree on, and the one place a configuration entry names its source.
 */
#ifndef CAISSON_ABI_H
#define CAISSON_ABI_H

#ifdef __ASSEMBLER__
#define CAISSON_U64(x) x
#else
#define CAISSON_U64(x) x##ULL
#ifdef __KERNEL__
#include <linux/types.h>
#else
#include <stdint.h>
#endif
#endif

/* One number for image, hypercalls, ioctls and configurations; a refusal prints both sides' value. */
#define CAISSON_ABI_VERSION 3

#define CAISSON_NAME_LEN 32 /* bytes of a cell's or system's name, the terminating NUL included */
#define CAISSON_PAGE_SIZE 4096

#endif
