// SPDX-License-Identifier: GPL-2.0-only
/*
 * Models and errata of CPUs (see errata.h), after the vendors' notices as Linux cites them
 * (Documentation/arch/arm64/silicon-errata.rst, cpu_errata.c). Pure.
 */
#include <stddef.h>

#include "errata.h"
#include "hvctl.h"

#define MODEL_MASK 0xff0ffff0u /* implementer, architecture, part (Arm ARM D17.2.100) */
#define ARM(part) (0x410f0000u | (part) << 4)
#define REVISION(variant, revision) ((variant) << 4 | (revision))
#define ANY_REVISION 0, 0xff

#define A53 ARM(0xd03u)
#define A55 ARM(0xd05u)
#define A57 ARM(0xd07u)
#define A72 ARM(0xd08u)
#define A76 ARM(0xd0bu)
#define N1 ARM(0xd0cu)
#define A77 ARM(0xd0du)
#define V1 ARM(0xd40u)
#define A78 ARM(0xd41u)
#define A510 ARM(0xd46u)
#define A710 ARM(0xd47u)
#define N2 ARM(0xd49u)
#define V2 ARM(0xd4fu)

static const struct {
	uint32_t model;
	const char *name;
} models[] = {
	{ A53, "Cortex-A53" },	       { A55, "Cortex-A55" },	      { A57, "Cortex-A57" },
	{ A72, "Cortex-A72" },	       { A76, "Cortex-A76" },	      { A77, "Cortex-A77" },
	{ A78, "Cortex-A78" },	       { A510, "Cortex-A510" },	      { A710, "Cortex-A710" },
	{ N1, "Neoverse-N1" },	       { N2, "Neoverse-N2" },	      { V1, "Neoverse-V1" },
	{ V2, "Neoverse-V2" },	       { ARM(0xd04u), "Cortex-A35" }, { ARM(0xd09u), "Cortex-A73" },
	{ ARM(0xd0au), "Cortex-A75" },
};

#define SPECULATIVE_AT "a speculative table walk may use another cell's stage 2"
#define WALKS_OFF "stage-1 walks are off while another VMID is loaded"
#define TLBI_ONCE "an access in flight may outlive the TLB invalidation that should end it"
#define REPEATED "each invalidation of stage 2 is carried out twice"

static const struct erratum errata[] = {
	{ A57, ANY_REVISION, "1319537", SPECULATIVE_AT, WALKS_OFF },
	{ A72, ANY_REVISION, "1319367", SPECULATIVE_AT, WALKS_OFF },
	{ A55, REVISION(0, 0), REVISION(2, 0), "1530923", SPECULATIVE_AT, WALKS_OFF },
	{ A76, REVISION(0, 0), REVISION(2, 0), "1165522", SPECULATIVE_AT, WALKS_OFF },
	{ A76, REVISION(0, 0), REVISION(3, 0), "1286807", TLBI_ONCE, REPEATED },
	{ A55, ANY_REVISION, "2441007", TLBI_ONCE, REPEATED },
	{ A510, REVISION(0, 0), REVISION(1, 1), "2441009", TLBI_ONCE, REPEATED },
	{ A76, ANY_REVISION, "4193800", TLBI_ONCE, REPEATED },
	{ A77, ANY_REVISION, "4193798", TLBI_ONCE, REPEATED },
	{ A78, ANY_REVISION, "4193791", TLBI_ONCE, REPEATED },
	{ A710, ANY_REVISION, "4193788", TLBI_ONCE, REPEATED },
	{ N1, ANY_REVISION, "4193800", TLBI_ONCE, REPEATED },
	{ N2, ANY_REVISION, "4193789", TLBI_ONCE, REPEATED },
	{ V1, ANY_REVISION, "4193790", TLBI_ONCE, REPEATED },
	{ V2, ANY_REVISION, "4193787", TLBI_ONCE, REPEATED },
	{ A57, REVISION(0, 0), REVISION(1, 2), "834220",
	  "a stage-1 fault may be reported as one of stage 2",
	  "nothing: a faulting cell may be said to have gone astray" },
	{ N1, ANY_REVISION, "1542419", "an instruction that another CPU has changed may run stale",
	  "each CPU invalidates its instruction cache before it enters a cell" },
};

const char *cpu_model(uint64_t midr)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(models); i++)
		if (models[i].model == (midr & MODEL_MASK))
			return models[i].name;
	return NULL;
}

const struct erratum *cpu_erratum(uint64_t midr, uint32_t n)
{
	uint32_t revision = (uint32_t)(midr >> 20 & 0xf) << 4 | (uint32_t)(midr & 0xf);
	size_t i;

	for (i = 0; i < ARRAY_SIZE(errata); i++) {
		const struct erratum *e = &errata[i];

		if (e->model == (midr & MODEL_MASK) && revision >= e->first &&
		    revision <= e->last && !n--)
			return e;
	}
	return NULL;
}
