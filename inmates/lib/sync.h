/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Spinlocks and counters shared by CPUs. They use exclusives, so only once the MMU is on: from
 * inmate_main() on. Shared flags are read and written with the compiler's __atomic built-ins.
 */
#ifndef INMATE_SYNC_H
#define INMATE_SYNC_H

#include "arch.h"

#define atomic_get(p) __atomic_load_n((p), __ATOMIC_ACQUIRE)
#define atomic_set(p, v) __atomic_store_n((p), (v), __ATOMIC_RELEASE)
#define atomic_add(p, v) __atomic_add_fetch((p), (v), __ATOMIC_ACQ_REL)
#define atomic_swap(p, v) __atomic_exchange_n((p), (v), __ATOMIC_ACQ_REL)

struct spinlock {
	uint32_t taken;
};

/* Takes the lock. Does not mask interrupts: a handler that takes it too needs irq_save() around. */
static inline void spin_lock(struct spinlock *lock)
{
	while (atomic_swap(&lock->taken, 1u)) {
		while (atomic_get(&lock->taken))
			cpu_yield();
	}
}

/* Gives the lock back; caller holds it. */
static inline void spin_unlock(struct spinlock *lock)
{
	atomic_set(&lock->taken, 0u);
}

#endif
