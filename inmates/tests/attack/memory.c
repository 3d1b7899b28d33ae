// SPDX-License-Identifier: GPL-2.0-only
/*
 * Each form of access (forms.h), and instruction fetch, to each kind of address. The line names
 * further ones: ADDRESS... A line of the report is an instruction and a letter for each address.
 */
#include "attack.h"

#define ADDRESSES_MAX 16
#define OWN 3 /* of them, the first ones, are the cell's memory */
#define IPA_NOWHERE 0x200000000UL

extern const uint32_t access_forms[], access_forms_end[];

static const char form_names[][32] = {
#define FORM(...) #__VA_ARGS__,
#include "forms.h"
#undef FORM
};

static unsigned int addresses(uint64_t at[ADDRESSES_MAX], const char *rest)
{
	unsigned int n = 0;

	at[n++] = ARENA_DATA + (rnd() & 0xff000);
	at[n++] = ARENA_DATA + (rnd() & 0xff000) + 0x3f; /* unaligned, but for bytes */
	at[n++] = machine.memory[0].base + machine.memory[0].size - 4; /* its end */
	at[n++] = machine.gicd.base + 0x100;
	at[n++] = machine.gicr.base + GICR_SGI_BASE + 0x100;
	at[n++] = machine.uart.base + 0x18;
	at[n++] = IPA_NOWHERE + (rnd() & 0xffff000);
	at[n++] = MMU_LIMIT - 0x1000;
	while (n < ADDRESSES_MAX && parse_u64(&rest, &at[n]))
		n++;
	return n;
}

void attack_memory(struct tally *tally, const char *rest)
{
	uint64_t at[ADDRESSES_MAX], daif = irq_save();
	unsigned int count_at = addresses(at, rest);

	for (unsigned int f = 0; &access_forms[f] < access_forms_end; f++) {
		char letters[ADDRESSES_MAX + 1] = { 0 };

		for (unsigned int i = 0; i < count_at; i++) {
			struct operands x = { .x = { at[i], rnd(), 0, rnd() } };
			struct fault fault = run(access_forms[f], &x);

			letters[i] = outcome(&fault);
			count(tally, &fault);
			/* An access that was not made leaves its base (D1.13.4). */
			if (fault.taken && x.x[0] != at[i]) {
				tally->wrong++;
				printf("* %s writes back 0x%lx\n", form_names[f], x.x[0] - at[i]);
			}
		}
		printf("* %s: %s\n", form_names[f], letters);
	}
	repair();
	irq_restore(daif);
}

/* Where a store may fault; other attacks have left there anything, loops among it. */
static void put_ret(uint64_t at)
{
	fault_expect();
	*(volatile uint32_t *)at = 0xd65f03c0;
	__asm__ volatile("dc cvau, %0\n\tdsb ish\n\tic ivau, %0\n\tdsb ish\n\tisb"
			 : : "r"(at) : "memory");
	fault_end();
}

void attack_fetch(struct tally *tally, const char *rest)
{
	uint64_t at[ADDRESSES_MAX];
	unsigned int count_at = addresses(at, rest);
	char letters[ADDRESSES_MAX + 1] = { 0 };

	for (unsigned int i = 0; i < OWN; i++)
		put_ret(at[i] & ~3ULL);
	for (unsigned int i = 0; i < count_at; i++) {
		uint64_t block = at[i] & ~0x1fffffULL;
		bool own = block - machine.memory[0].base < machine.memory[0].size ||
			   block - ARENA < ARENA_SIZE;
		struct fault fault;

		if (!own && !mmu_map(block, block + 0x200000, MMU_TEXT)) {
			letters[i] = '?';
			continue;
		}
		fault_expect();
		((void (*)(void))(at[i] & ~3ULL))();
		fault = fault_end();
		if (!own)
			mmu_map(block, block + 0x200000, MMU_DEVICE);
		letters[i] = outcome(&fault);
		count(tally, &fault);
	}
	printf("* fetch: %s\n", letters);
}
