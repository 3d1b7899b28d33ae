/* SPDX-License-Identifier: GPL-2.0-only */
/* CPUs by their MIDR_EL1: names, and the errata that a hypervisor which moves memory must know. */
#ifndef ERRATA_H
#define ERRATA_H

#include <stdint.h>

struct erratum {
	uint32_t model; /* MIDR_EL1 without variant and revision */
	uint32_t first; /* variant << 4 | revision, inclusive */
	uint32_t last;
	const char *number; /* the vendor's */
	const char *what;
	const char *done; /* what Caisson does about it */
};

/* Name of the model, "Cortex-A57"; NULL: not in the table. */
const char *cpu_model(uint64_t midr);

/* The @n-th erratum of this very CPU, or NULL. */
const struct erratum *cpu_erratum(uint64_t midr, uint32_t n);

#endif
