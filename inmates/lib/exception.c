// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Every exception but IRQ arrives here from vectors.S. What nobody handles is printed, and the CPU
 * stops where a debugger or a post-mortem dump can look at it.
 */
#include "arch.h"
#include "console.h"
#include "cpu.h"
#include "exception.h"
#include "util.h"

#define VECTOR_SYNC 4u /* from EL1h */
#define VECTOR_SERROR 7u

_Static_assert(offsetof(struct frame, x) == FRAME_X, "layout.h: FRAME_X");
_Static_assert(offsetof(struct frame, elr) == FRAME_ELR, "layout.h: FRAME_ELR");
_Static_assert(offsetof(struct frame, spsr) == FRAME_SPSR, "layout.h: FRAME_SPSR");
_Static_assert(offsetof(struct frame, esr) == FRAME_ESR, "layout.h: FRAME_ESR");
_Static_assert(offsetof(struct frame, far) == FRAME_FAR, "layout.h: FRAME_FAR");
_Static_assert(sizeof(struct frame) == FRAME_SIZE, "layout.h: FRAME_SIZE");

/* vectors.S calls it. */
void exception_entry(struct frame *frame, unsigned int vector);

static exception_handler handlers[64];

void exception_install(unsigned int ec, exception_handler handler)
{
	handlers[ec] = handler;
}

void fault_expect(void)
{
	struct cpu *cpu = cpu_self();

	cpu->fault = (struct fault){ .taken = false };
	cpu->fault_expected = true;
	__asm__ volatile("msr daifclr, #4\n\tisb" : : : "memory"); /* SErrors too */
}

struct fault fault_end(void)
{
	struct cpu *cpu = cpu_self();

	dsb(sy);
	isb();
	__asm__ volatile("msr daifset, #4" : : : "memory");
	cpu->fault_expected = false;
	return cpu->fault;
}

static void record(struct cpu *cpu, struct frame *frame, bool serror)
{
	if (!cpu->fault.taken) {
		cpu->fault = (struct fault){
			.taken = true,
			.serror = serror,
			.esr = frame->esr,
			.far = frame->far,
			.elr = frame->elr,
		};
	}
	if (serror)
		return;
	if (ESR_EC(frame->esr) == EC_IABORT)
		frame->elr = frame->x[30];
	else
		frame->elr += 4;
}

static void __attribute__((noreturn)) die(const struct frame *frame, unsigned int vector)
{
	unsigned int i;

	console_break_lock();
	printf("\nexception: cpu=%u vector=%u esr=0x%lx far=0x%lx elr=0x%lx spsr=0x%lx\n",
	       cpu_number(), vector, frame->esr, frame->far, frame->elr, frame->spsr);
	for (i = 0; i < 31; i++)
		printf("x%-2u=%016lx%c", i, frame->x[i], i % 4 == 3 || i == 30 ? '\n' : ' ');
	printf("stopped\n");
	sysreg_write(daif, 0x3c0);
	for (;;)
		wfi();
}

void exception_entry(struct frame *frame, unsigned int vector)
{
	struct cpu *cpu = cpu_self();
	exception_handler handler = handlers[ESR_EC(frame->esr)];

	if (cpu->fault_expected && (vector == VECTOR_SYNC || vector == VECTOR_SERROR)) {
		record(cpu, frame, vector == VECTOR_SERROR);
		return;
	}
	if (vector == VECTOR_SYNC && handler && handler(frame))
		return;
	die(frame, vector);
}
