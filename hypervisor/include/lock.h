/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * EL2's spinlocks, and the order in which they may be taken:
 *
 *     cells  >  struct s2.lock  >  gicd  >  struct cpu.lock  >  pool  >  log  >  root's UART
 *
 * (cells: their list) and struct vpl011.lock, under which only the last is taken. A holder may take
 * only locks further right. EL2 runs with interrupts masked, and no lock is held across a return to
 * EL1, so a lock is held for a bounded time. arch_relax() is a `yield`, or a round-robin emulator
 * would starve the holder.
 */
#ifndef CAISSON_LOCK_H
#define CAISSON_LOCK_H

#include <stdatomic.h>

#include "arch.h"
#include "types.h"

/* Ticket lock: fair, so that no CPU can starve another. */
struct spinlock {
	_Atomic uint32_t next;
	_Atomic uint32_t serving;
};

static inline void spin_lock(struct spinlock *lock)
{
	uint32_t ticket = atomic_fetch_add_explicit(&lock->next, 1, memory_order_relaxed);

	while (__builtin_expect(
		atomic_load_explicit(&lock->serving, memory_order_acquire) != ticket, 0))
		arch_relax();
}

static inline void spin_unlock(struct spinlock *lock)
{
	uint32_t mine = atomic_load_explicit(&lock->serving, memory_order_relaxed);

	atomic_store_explicit(&lock->serving, mine + 1, memory_order_release);
}

#endif
