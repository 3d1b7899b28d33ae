// SPDX-License-Identifier: GPL-2.0-only
/*
 * Stage-2 aborts [tour: 9]: decode the access from the syndrome (Arm ARM, ISS encoding for an
 * exception from a Data Abort), or from the instruction where there is none (emulate.c); find the
 * device behind the address, carry it out; or map what root touches for the first time; or report a
 * stray access.
 */
#include "cell_ctl.h"
#include "ldst.h"
#include "mmio_dispatch.h"
#include "traps.h"
#include "vgic_quick.h"

static bool is_translation(uint64_t esr)
{
	return (ISS_ABT_FSC(esr) & ~3u) == FSC_TRANSLATION;
}

static inline uint64_t *fast_done(struct cpu *cpu, uint64_t *reg, enum caisson_exit cause)
{
	count_exit(cpu, cause);
	fast_advance();
	return reg;
}

/* Not inline, as nothing else here calls anything: the rest needs no frame. */
static ARCH_UNSIGNED __attribute__((noinline)) uint64_t *
fast_events(struct cpu *cpu, uint64_t *reg, uint32_t events)
{
	console_events(cpu->cell, events);
	return fast_done(cpu, reg, CAISSON_EXIT_CONSOLE);
}

/* ISV = 1 also says that it was not a table walk. */
uint64_t *fast_data_abort(uint64_t *reg, uint64_t esr)
{
	struct cpu *cpu = this_cpu();
	struct cell *cell = cpu->cell;
	uint64_t hpfar = read_sysreg(hpfar_el2), offset = read_sysreg(far_el2) & PAGE_MASK, ipa;
	uint64_t value = VGIC_SLOW;
	enum caisson_exit cause = CAISSON_EXIT_GICD;

	if (!is_translation(esr))
		return NULL;
	if (hpfar == cell->console_base >> 8) {
		uint32_t events = VPL011_SLOW;

		if (esr & ISS_DABT_SF) /* 64 bits */
			return NULL;
		if (!(esr & ISS_DABT_WNR)) {
			value = offset == VPL011_FR ? vpl011_quick_flags(cell->page) : 0;
			if (!value)
				return NULL;
			*reg = value;
			return fast_done(cpu, reg, CAISSON_EXIT_CONSOLE);
		}
		if (offset == VPL011_DR)
			events = vpl011_quick_put(&cell->console, cell->page, (uint8_t)*reg);
		if (events)
			return events == VPL011_SLOW ? NULL : fast_events(cpu, reg, events);
		return fast_done(cpu, reg, CAISSON_EXIT_CONSOLE);
	}
	if (ISS_DABT_SAS(esr) != 2)
		return NULL;
	ipa = hpfar << 8 | offset;
	offset = ipa - cell->gicd_base;
	if (offset < VGICD_SIZE) {
		if (!(esr & ISS_DABT_WNR))
			value = vgicd_quick_read(cell, offset);
		else if (vgicd_quick_write(cell, offset, (uint32_t)*reg))
			return fast_done(cpu, reg, cause);
	} else if (!(esr & ISS_DABT_WNR) && ipa - cpu->gicr_ipa < VGICR_STRIDE) {
		cause = CAISSON_EXIT_GICR;
		value = vgicr_quick_read(cpu, ipa - cpu->gicr_ipa);
	}
	if (value == VGIC_SLOW)
		return NULL;
	*reg = value;
	return fast_done(cpu, reg, cause);
}

/*
 * The faulting IPA. HPFAR_EL2 holds it for translation faults (D19.2.60).
 * FAR_EL2 gives the bits below 12, which are those of the IPA too.
 */
static ipa_t fault_ipa(void)
{
	return IPA((read_sysreg(hpfar_el2) >> 4) << 12 | (read_sysreg(far_el2) & PAGE_MASK));
}

/*
 * A translation fault that is none any more: another CPU was splitting the block (s2.h), or root
 * touched an address for the first time and it is now mapped.
 */
static bool now_mapped(struct cpu *cpu, ipa_t ipa)
{
	if (cpu->cell->id == 0)
		return root_map_on_touch(ipa);
	return cell_maps(cpu->cell, ipa);
}

/*
 * Its cell ends. Perhaps that is why it aborted, having lost its stage 2: serve_requests() parks it,
 * even if its own request is still to come.
 */
static bool ends(struct cpu *cpu)
{
	if (!atomic_load(&cpu->cell->closed))
		return false;
	atomic_fetch_or(&cpu->request, CPU_REQUEST_PARK);
	return true;
}

/*
 * Each exit has one cause: what is not ours to resolve is counted where it is reported, as
 * stray.
 */
static enum trap_result resolved(struct trap *trap, bool yes)
{
	if (!yes)
		return TRAP_ABORT;
	count_exit(trap->cpu, CAISSON_EXIT_STAGE2);
	return TRAP_STAY;
}

/*
 * Devices before memory: no emulated frame is ever mapped, so the order changes no
 * result, and devices are by far the most frequent.
 */
enum trap_result trap_data_abort(struct trap *trap)
{
	uint64_t iss = ESR_ISS(trap->esr);
	struct ldst op = {
		.count = 1,
		.size = 1u << ISS_DABT_SAS(iss),
		.write = iss & ISS_DABT_WNR,
		.sign = iss & ISS_DABT_SSE,
		.wide = iss & ISS_DABT_SF,
		.rt = { ISS_DABT_SRT(iss) },
	};
	ipa_t ipa = fault_ipa();

	if (ends(trap->cpu))
		return resolved(trap, true);
	if (!is_translation(trap->esr))
		return TRAP_ABORT;
	/*
	 * S1PTW: the walk faulted, not the access; a translation table in a device is
	 * nobody's.
	 */
	if (iss & ISS_ABT_S1PTW)
		return resolved(trap, now_mapped(trap->cpu, ipa));
	if (!(iss & ISS_DABT_ISV) && mmio_emulated(trap->cpu->cell, ipa))
		return emulate_instruction(trap, ipa);
	if ((iss & ISS_DABT_ISV) && emulate_access(trap, ipa, &op))
		return TRAP_ADVANCE;
	return resolved(trap, now_mapped(trap->cpu, ipa));
}

/* Code is never emulated: either the page is there by now, or the fetch is stray. */
enum trap_result trap_insn_abort(struct trap *trap)
{
	if (ends(trap->cpu))
		return resolved(trap, true);
	return resolved(trap, is_translation(trap->esr) && now_mapped(trap->cpu, fault_ipa()));
}
