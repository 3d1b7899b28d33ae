/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The compiler includes this first, everywhere: no symbol, declared or defined, comes from
 * elsewhere. -fvisibility=hidden covers definitions alone, and an extern would be reached
 * through a GOT.
 */
#pragma GCC visibility push(hidden)
