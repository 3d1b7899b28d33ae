/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A machine for host tests of core/: root's RAM, four CPUs, an interrupt controller, and a recorder
 * in place of the architecture. Every effect is an event, a line of text; tests compare the lines,
 * so that the order of an operation can be read. With each event the recorder checks by itself what
 * must hold at any moment:
 *   - an entry of root's tables changes by break-before-make (D8.14.1);
 *   - no page is zeroed, or copied to or from on a cell's behalf, that root's TLBs may still reach;
 *   - a CPU changes owner only while it is parked or off, and to a closed cell.
 *
 * Lines, numbers in hexadecimal but for CPUs and INTIDs:
 *   root|cell IPA/SIZE = map PA rwxd | own N | none | table | pending   s2_arch_write
 *   root|cell tlbi IPA+SIZE      s2_arch_invalidate (dsb, tlbi, dsb, isb)
 *   publish                      s2_arch_publish (dsb, isb)
 *   revoke, restore              s2_revoke, s2_restore
 *   window A|B PA                window_map
 *   zero PA                      zero_page_to_poc
 *   window clear                 window_clear
 *   clean PA+SIZE first BYTE     dcache_clean_inval, and what was there at the time
 *   check SIZE                   config_check_some, the first time
 *   spi N reset to cpu C, owner root|cell|none|two   gic_spis_reset, each
 *   route C to C                 gic_route_away
 *   doorbell STATE               the doorbell, and the shared state of the watched cell
 *   start C at PC X0             cpu_start
 *   firmware on C                cpu_start_firmware
 *   park C closed|open           cpu_request_park
 *   pause C, resume C            cpu_request_pause
 *   kick C                       irq_kick
 *   cpu C scrubbing|parked       cpu_set_state
 */
#ifndef CAISSON_FAKE_MACHINE_H
#define CAISSON_FAKE_MACHINE_H

#include <arch_cpu.h>
#include "cell_ctl.h"
#include <config_check.h>
#include <gic.h>

#define RAM_PA 0x40000000ULL
#define RAM_SIZE GIB(1)
#define HV_PA 0x7c000000ULL
#define HV_SIZE MIB(4)
#define LOG_PA 0x7c010000ULL
#define LOG_SIZE 0x2000ULL
#define POOL_PA 0x7c020000ULL
#define POOL_PAGES 256u
#define MACHINE_CPUS 4u
#define DOORBELL 250u

extern struct cpu machine_cpus[MACHINE_CPUS];
extern uint64_t machine_pa_range;    /* ID_AA64MMFR0_EL1.PARange */
extern uint32_t machine_spi_in_use;  /* INTID that is enabled, 0: none */
extern bool machine_cpus_obey;	     /* a request to park is answered at once */
extern bool machine_revokes;	     /* the interrupt mode is direct-revoke */
extern int64_t machine_firmware;     /* what CPU_ON returns */
extern struct cell *machine_watched; /* whose state the doorbell's line shows */
extern void *machine_scribble;	     /* root overwrites this when its copy is being checked */
extern size_t machine_scribble_size;
extern char machine_log[256]; /* the last line */
extern const char *machine_when; /* behind this event, once, */
extern void (*machine_meanwhile)(void); /* another CPU does that */

/* Power on: memory zeroed, and what root_cell_init() makes of the system configuration. */
void machine_start(const void *system);
/* The byte of RAM at `pa`. */
uint8_t *machine_ram(uint64_t pa);

/* Takes all pages of the pool but `left`; the result is what gives them back. */
void *machine_starve(size_t left);
void machine_feed(void *taken);

void events_forget(void);
size_t events_count(void);
const char *events_line(size_t n);
/* The next line not yet expected is this one. */
void expect(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* That was all. Nothing may be left in a TLB that is in no table any more. */
void expect_end(void);
/* The next lines up to the one that begins like this are skipped. */
void expect_skip(const char *start);

#endif
