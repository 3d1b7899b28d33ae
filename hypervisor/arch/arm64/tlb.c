// SPDX-License-Identifier: GPL-2.0-only
/*
 * Stage 2 in the hardware: VTCR, VTTBR, and the TLB maintenance that s2.c asks for.
 *
 * TLBI by IPA or VMID works on the VMID in VTTBR_EL2, so maintenance for another cell runs with its
 * VTTBR loaded. While it is, stage 1 of the interrupted cell must not be walked speculatively under
 * the foreign VMID (errata of A55, A57, A72, A76: speculative AT), so TCR_EL1.EPD0/1 stop walks.
 *
 * The Arm ARM's rules are cited by name, and sections by title: numbers move from issue to issue.
 */
#include "arch_cpu.h"
#include "pool.h"
#include "s2.h"

#define TCR_EPD0 (1ULL << 7)
#define TCR_EPD1 (1ULL << 23)

/*
 * T0SZ and SL0 have to agree with the tables that s2_init() laid out, or every walk
 * faults. PS is capped: 52-bit addresses need another descriptor format.
 */
uint64_t s2_vtcr(const struct s2 *s2)
{
	uint64_t ps = read_sysreg(id_aa64mmfr0_el1) & 15;
	/* SL0: 0 is level 2, 1 level 1, 2 level 0 (VTCR_EL2, 4 KiB granule). */
	uint64_t sl0 = 2 - s2->start_level;

	return VTCR_VALUE | MIN(ps, 5ULL) << VTCR_PS_SHIFT | sl0 << VTCR_SL0_SHIFT |
	       (64 - s2->ipa_bits);
}

uint64_t s2_vttbr(const struct s2 *s2)
{
	return pool_pa(s2->root).v | (uint64_t)s2->vmid << 48;
}

/*
 * ISB: the next EL1 translation uses the new tables. TLB entries carry their VMID, so
 * those of others may stay, unless the VMID has changed hands (the caller's business).
 */
void s2_load(const struct s2 *s2)
{
	write_sysreg(vtcr_el2, s2_vtcr(s2));
	write_sysreg(vttbr_el2, s2_vttbr(s2));
	isb();
}

struct regime {
	uint64_t vttbr, vtcr, tcr;
	bool switched;
};

/*
 * Walks off before the VMID changes, with an ISB between: the order that the errata ask
 * for. HCR_EL2 stays as it is, since EL1 does not run meanwhile.
 */
static struct regime regime_enter(const struct s2 *s2)
{
	struct regime old = { .vttbr = read_sysreg(vttbr_el2) };

	if (old.vttbr == s2_vttbr(s2))
		return old;
	old.switched = true;
	old.vtcr = read_sysreg(vtcr_el2);
	old.tcr = read_sysreg(tcr_el1);
	write_sysreg(tcr_el1, old.tcr | TCR_EPD0 | TCR_EPD1);
	isb();
	s2_load(s2);
	return old;
}

/* The reverse order: walks on only under the CPU's own VMID. */
static void regime_leave(const struct regime *old)
{
	if (!old->switched)
		return;
	write_sysreg(vtcr_el2, old->vtcr);
	write_sysreg(vttbr_el2, old->vttbr);
	isb();
	write_sysreg(tcr_el1, old->tcr);
	isb();
}

/*
 * A walker sees the old or the new descriptor, never a mixture: an aligned 64-bit store is
 * single-copy atomic.
 */
void s2_arch_write(uint64_t *entry, uint64_t value)
{
	__atomic_store_n(entry, value, __ATOMIC_RELAXED);
}

/* The store reaches the walkers of all CPUs; the ISB is for this one. */
void s2_arch_publish(void)
{
	dsb(ishst);
	isb();
}

/* Beyond this many pages one TLBI of the whole VMID is cheaper than one per page. */
#define TLBI_PAGES 64

/*
 * DSB before: the walkers must find the new entry. DSB after: on return no CPU uses the
 * old translation, nor has accesses in flight by it (break-before-make, R_DDMVT). Twice,
 * because on many cores (tools/errata.c) an access may outlive the first round.
 */
void s2_arch_invalidate(const struct s2 *s2, ipa_t ipa, uint64_t size)
{
	struct regime old = regime_enter(s2);

	dsb(ishst);
	for (int round = 0; round < 2; round++) {
		if (size > TLBI_PAGES * PAGE_SIZE) {
			__asm__ volatile("tlbi vmalls12e1is" ::: "memory");
		} else {
			for (uint64_t at = ipa.v; at < ipa.v + size; at += PAGE_SIZE)
				__asm__ volatile("tlbi ipas2e1is, %0" : : "r"(at >> 12) : "memory");
			/* Combined entries are found by VA only: all of stage 1 goes (R_TVTYQ). */
			dsb(ish);
			__asm__ volatile("tlbi vmalle1is" ::: "memory");
		}
		dsb(ish);
	}
	isb();
	regime_leave(&old);
}

/*
 * For the VMID that is loaded, both stages, this CPU alone: nobody else runs under it
 * here.
 */
void tlb_flush_cell_local(void)
{
	dsb(nshst);
	__asm__ volatile("tlbi vmalls12e1" ::: "memory");
	dsb(nsh);
	isb();
}

/*
 * A CPU that masks everything still translates. With bit 0 of all root entries clear, and TLB
 * entries gone everywhere when the DSB behind the broadcast TLBI is complete, its next fetch is a
 * stage-2 translation fault, taken to EL2 whatever PSTATE and ICC_* say. A cell's tables hold no
 * owners, so a nonzero entry was a valid one.
 *
 * What the DSB waits for are the memory accesses by the old translations. An instruction that
 * another CPU had fetched before may still be executed: only a context synchronization event there
 * rules that out (Arm ARM, on the completion of TLB maintenance), and no time is given. It is a
 * matter of buffers: what they do not hold has to be fetched, through translations that are gone.
 *
 * The lock is held to the end: who finds the tables revoked knows that it is complete.
 */
static void root_entries_set_valid(struct s2 *s2, bool valid)
{
	uint64_t *entry = s2->root;

	for (size_t n = 0; n < s2->root_pages * PAGE_SIZE / sizeof(*entry); n++)
		if (entry[n])
			s2_arch_write(&entry[n], valid ? entry[n] | 1 : entry[n] & ~1ULL);
	s2->revoked = !valid;
}

void s2_revoke(struct s2 *s2)
{
	spin_lock(&s2->lock);
	if (!s2->revoked) {
		root_entries_set_valid(s2, false);
		s2_arch_invalidate(s2, IPA(0), BIT(s2->ipa_bits));
		/* Nor does one sleep on in WFE, which a kick that is held off does not end (D1.6.1). */
		__asm__ volatile("sev" ::: "memory");
	}
	spin_unlock(&s2->lock);
}

void s2_restore(struct s2 *s2)
{
	spin_lock(&s2->lock);
	if (s2->revoked) {
		root_entries_set_valid(s2, true);
		s2_arch_publish();
	}
	spin_unlock(&s2->lock);
}
