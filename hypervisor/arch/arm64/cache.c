// SPDX-License-Identifier: GPL-2.0-only
/*
 * Cache maintenance by address (Arm ARM D7.5). What one owner wrote is cleaned to the point of
 * coherency, and what the next one finds is zero there too: a cell starts with its caches off.
 */
#include "arch_cpu.h"

static uint64_t dcache_line(void)
{
	/* CTR_EL0.DminLine: log2 of the smallest line, in words of 4 bytes (D19.2.34). */
	return 4ULL << ((read_sysreg(ctr_el0) >> 16) & 15);
}

/*
 * Clean and invalidate, not clean alone: a clean line left here would hide what the
 * next owner writes to memory with its caches off.
 */
void dcache_clean_inval(const void *va, size_t size)
{
	uint64_t line = dcache_line();
	uint64_t end = (uint64_t)va + size;

	for (uint64_t at = ALIGN_DOWN((uint64_t)va, line); at < end; at += line)
		__asm__ volatile("dc civac, %0" : : "r"(at) : "memory");
	dsb(sy);
}

void zero_page_to_poc(void *va)
{
	uint64_t dczid = read_sysreg(dczid_el0);
	uint64_t block = 4ULL << (dczid & 15);
	uint64_t end = (uint64_t)va + PAGE_SIZE;

	/*
	 * DC ZVA may be prohibited (DZP, D19.2.42) or its block exceed a page: then plain
	 * stores.
	 */
	if ((dczid & 0x10) || block > PAGE_SIZE) {
		for (uint64_t *p = va; (uint64_t)p < end; p++)
			*(volatile uint64_t *)p = 0;
	} else if (block == 64 && dcache_line() == 64) {
		/*
		 * One pass: maintenance follows the store to the same line in program order
		 * (D7.5.8).
		 */
		for (uint64_t at = (uint64_t)va; at < end;) /* NOLINT(bugprone-infinite-loop): in assembly */
			__asm__ volatile(
				".rept 8\n\tdc zva, %0\n\tdc civac, %0\n\tadd %0, %0, #64\n\t.endr"
				: "+r"(at)
				:
				: "memory");
		dsb(sy);
		return;
	} else {
		for (uint64_t at = (uint64_t)va; at < end; at += block)
			__asm__ volatile("dc zva, %0" : : "r"(at) : "memory");
	}
	dcache_clean_inval(va, PAGE_SIZE);
}

/*
 * On this CPU alone: each CPU of the next owner does its own before it enters. The ISB
 * drops what was already fetched.
 */
void icache_inval_all(void)
{
	__asm__ volatile("ic iallu" ::: "memory");
	dsb(nsh);
	isb();
}
