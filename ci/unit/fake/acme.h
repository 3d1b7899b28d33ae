/* SPDX-License-Identifier: GPL-2.0-only */
/* A board that exists nowhere, and configurations for it, for tests of `hvctl config check'. */
#ifndef FAKE_ACME_H
#define FAKE_ACME_H

#include "../../../tools/check.h"

/* Its device tree: two CPUs, 1 GiB, all kinds of devices; `timer' is the PPI of EL2's. */
extern uint64_t tree[2048];
void make_tree(uint32_t timer);

/* A cell in short. */
struct spec {
	const char *name;
	uint32_t cpu, cpus;
	uint64_t memory[3][3]; /* IPA, PA (0: anywhere), size; CONTIGUOUS in the size */
	uint64_t device[3][2]; /* PA, size */
	const char *node;      /* of the first; its origin, too, as the builder has no other strings */
	uint32_t irq, irqs;
	bool console, for_linux;
	uint32_t intid, watchdog;
};

#define CONTIGUOUS 1ULL
#define ANY 0

/* Both sound; the caller frees the blob. The system's SPIs 220 to 223 are spare. */
struct unit make(const struct spec *s);
struct unit make_system(uint32_t pool, uint64_t ram);

#endif
