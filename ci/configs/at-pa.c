// SPDX-License-Identifier: GPL-2.0-only
/*
 * Sound in itself; whose memory it names, only the live machine knows. A test builds it with
 * -DPA=ADDRESS: the hypervisor's memory (MEM_HYPERVISOR), that of another cell (MEM_OWNED), a device
 * (MEM_NOT_RAM, as with the default, a PL011), none (CAISSON_PA_ANY). -DNAME, -DCPU, -DIPA, -DSIZE and
 * -DFLAGS are possible too.
 */
#include "hvconfig.h"

#ifndef NAME
#define NAME "at-pa"
#endif
#ifndef PA
#define PA 0x09000000
#endif
#ifndef CPU
#define CPU 2
#endif
#ifndef IPA
#define IPA 0x40000000
#endif
#ifndef SIZE
#define SIZE MiB(2)
#endif
#ifndef FLAGS
#define FLAGS MEM_RWX
#endif

CELL(NAME);
CPUS(CPU);
MEMORY(IPA, SIZE, .pa = PA, .flags = FLAGS);
