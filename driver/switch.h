/* SPDX-License-Identifier: GPL-2.0-only */
/* What switch.S and C share. */
#ifndef CAISSON_SWITCH_H
#define CAISSON_SWITCH_H

/* caisson_probe_hvc(): HVC is undefined. Nobody answers so: it is neither 32 bits nor negative. */
#define PROBE_UNDEFINED 0x0bad000000000000

#endif
