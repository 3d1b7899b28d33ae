/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Stands in front of hypervisor/arch/arm64/include/regs.h in host tests: the same constants, but
 * each access to a register and each barrier is a call that the test answers or records. Names are
 * as the assembler would see them: "far_el2", or "S3_0_C12_C11_5" for those given by encoding.
 */
#ifndef CAISSON_FAKE_REGS_H
#define CAISSON_FAKE_REGS_H

#define isb real_isb
#include_next <regs.h>
#undef isb
#undef read_sysreg
#undef read_sysreg_
#undef write_sysreg
#undef write_sysreg_
#undef dsb

uint64_t fake_read_sysreg(const char *name);
void fake_write_sysreg(const char *name, uint64_t value);
void fake_barrier(const char *what);

#define read_sysreg_(r) fake_read_sysreg(#r)
#define read_sysreg(r) read_sysreg_(r)
#define write_sysreg_(r, v) fake_write_sysreg(#r, v)
#define write_sysreg(r, v) write_sysreg_(r, v)
#define isb() fake_barrier("isb")
#define dsb(domain) fake_barrier("dsb " #domain)

#endif
