/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The words a configuration is written in. scripts/cellcc compiles a C file that includes this one to
 * a `.cell` or `.sys`: step 2 of the tour.
 *
 *     CELL("timer");
 *     CPUS(3);
 *     MEMORY(0x40000000, MiB(16));
 *     CONSOLE();
 *
 * Each word stands at file scope and makes one entry (hypervisor/abi/caisson/config.h) in the section
 * of its kind; configs/config.lds collects and counts them. Where a word ends in `...`, fields of
 * the entry may be set by name: MEMORY(0, MiB(1), .pa = 0x70000000, .flags = MEM_RW). What is set
 * later wins, so a field set by name replaces the default. Every word notes its file and line.
 */
#ifndef HVCONFIG_H
#define HVCONFIG_H

#define CAISSON_CONFIG_STRING const char *
#include "caisson/config.h"

#define KiB(n) ((n) * 1024ULL)
#define MiB(n) ((n) * 1048576ULL)
#define GiB(n) ((n) * 1073741824ULL)

/* .flags of CELL() and LINUX_CELL(), to be or-ed */
#define STRAY_FAIL CAISSON_CELL_STRAY_FAIL /* an access with nothing behind it ends the cell */
#define STRAY_INJECT 0u			   /* it gets an external abort instead */
#define SET_ENTRY CAISSON_CELL_ENTRY	   /* .entry is set */
#define SET_ARGS CAISSON_CELL_ARGS	   /* .args = { x0, x1, x2, x3 } is set */
#define FOR_LINUX CAISSON_CELL_LINUX	   /* for `hvctl cell linux` */
#define KEEP_IMAGE CAISSON_CELL_KEEP_IMAGE /* when its watchdog runs out EL2 restarts it, without root */
#define TRAP_WFI CAISSON_CELL_TRAP_WFI	   /* it can be stopped however it sleeps; each WFI is an exit */

/* .on_off, .on_reset and .on_fault of CELL() and LINUX_CELL(); .restarts limits the latter */
#define STOP CAISSON_ACTION_STOP	      /* the cell stays as it ended */
#define RESTART CAISSON_ACTION_RESTART	      /* it is loaded and started again */
#define UNLIMITED CAISSON_RESTARTS_UNLIMITED

/* .flags of MEMORY(), DEVICE() and RAM() */
#define MEM_R CAISSON_MEM_READ
#define MEM_RW (CAISSON_MEM_READ | CAISSON_MEM_WRITE)
#define MEM_RX (CAISSON_MEM_READ | CAISSON_MEM_EXEC)
#define MEM_RWX (CAISSON_MEM_READ | CAISSON_MEM_WRITE | CAISSON_MEM_EXEC)
#define MEM_CONTIGUOUS CAISSON_MEM_CONTIGUOUS /* physically in one piece, for DMA */

/*
 * A cell that runs a bare-metal program. Fields: .flags .on_off .on_reset .on_fault .restarts
 * .watchdog_ms .shutdown_intid .gicd_base .gicr_base .entry .args
 */
#define CELL(cell_name, ...)                                                                       \
	HVC_ENTRY(cell, .name = cell_name, .flags = STRAY_FAIL, .on_off = STOP,                    \
		  .on_reset = RESTART, .on_fault = STOP, .restarts = UNLIMITED,                    \
		  .gicd_base = 0x08000000, .gicr_base = 0x080a0000, .args[3] = 0, __VA_ARGS__)

/* A cell that `hvctl cell linux` starts a kernel in. The same fields. */
#define LINUX_CELL(cell_name, ...) CELL(cell_name, .flags = FOR_LINUX | STRAY_INJECT, __VA_ARGS__)

/* CPUS(first) or CPUS(first, count): root Linux's numbers; inside the cell they count from 0. */
#define CPUS(...) HVC_ENTRY(cpu, .count = 1, .first = __VA_ARGS__)

/*
 * RAM at guest-physical address @at. Fields: .pa (without it the driver finds the memory when the cell
 * is created) .flags (default MEM_RWX)
 */
#define MEMORY(at, bytes, ...)                                                                     \
	HVC_ENTRY(memory, .ipa = (at), .pa = CAISSON_PA_ANY, .size = (bytes), .flags = MEM_RWX,    \
		  .reserved = 0, __VA_ARGS__)

/*
 * The registers at physical address @phys, which the cell sees at @at. Fields: .flags (MEM_RW) .node (the
 * device's path in root Linux's device tree: root's driver lets go of it by itself)
 */
#define DEVICE(at, phys, bytes, ...)                                                               \
	HVC_ENTRY(device, .ipa = (at), .pa = (phys), .size = (bytes), .flags = MEM_RW,             \
		  .node = 0, __VA_ARGS__)

/* IRQ(intid) or IRQ(first, count): shared interrupts of the machine, by INTID (SPI number + 32). */
#define IRQ(...) HVC_ENTRY(irq, .count = 1, .first = __VA_ARGS__)

/* A PL011 that EL2 emulates for `hvctl console`. Fields: .base .intid (without it: a spare SPI) */
#define CONSOLE(...)                                                                               \
	HVC_ENTRY(console, .base = 0x09000000, .intid = 0, .reserved = 0, __VA_ARGS__)

/*
 * The machine, for `hvctl enable FILE.sys`. Fields: .gicd_base .gicd_size .gicr_base .gicr_size
 * .irq_mode (CAISSON_MODE_...) .pool_pages
 */
#define SYSTEM(system_name, ...)                                                                   \
	HVC_ENTRY(system, .name = system_name, .gicd_base = 0x08000000, .gicd_size = KiB(64),      \
		  .gicr_base = 0x080a0000, .pool_pages = 0, __VA_ARGS__)

/* Root Linux's memory, and its devices. */
#define RAM(base, bytes)                                                                           \
	HVC_ENTRY(memory, .ipa = (base), .pa = (base), .size = (bytes), .flags = MEM_RWX)
#define MMIO(base, bytes)                                                                          \
	HVC_ENTRY(device, .ipa = (base), .pa = (base), .size = (bytes), .flags = MEM_RW)

/* INTIDs that no wire uses: (first) or (first, count). Consoles and root's doorbell need them. */
#define SPARE_SPIS(...) HVC_ENTRY(irq, .count = 1, .first = __VA_ARGS__)

/*
 * One entry in section .caisson.KIND. The blob is linked at address 0, so the address of the file name
 * is its offset. The alignment keeps compilers from spreading the entries; `used` from dropping
 * them. A default that is set last, being the last member, makes a nameless extra value an error.
 */
#define HVC_ENTRY(kind, ...)                                                                       \
	static const struct caisson_##kind##_entry HVC_UNIQUE(kind, __COUNTER__)                   \
		__attribute__((used, section(".caisson." #kind), aligned(8))) = {                  \
			.source = { .file = (uint64_t)(uintptr_t)__FILE__, .line = __LINE__ },     \
			__VA_ARGS__                                                                \
		}
#define HVC_UNIQUE(kind, n) HVC_UNIQUE2(kind, n)
#define HVC_UNIQUE2(kind, n) hvc_##kind##_##n

#pragma GCC diagnostic ignored "-Woverride-init" /* that is how defaults work */

/* configs/config.lds has these numbers; it can not take them from C. */
_Static_assert(CAISSON_CONFIG_MAGIC == 0x464e4343 && CAISSON_ABI_VERSION == 3, "see config.lds");
_Static_assert(CAISSON_KIND_CELL == 1 && CAISSON_KIND_SYSTEM == 2, "see config.lds");
_Static_assert(sizeof(struct caisson_config_header) == 144, "see config.lds");
_Static_assert(sizeof(struct caisson_cell_entry) == 136, "see config.lds");
_Static_assert(sizeof(struct caisson_system_entry) == 88, "see config.lds");
_Static_assert(sizeof(struct caisson_cpu_entry) == 24, "see config.lds");
_Static_assert(sizeof(struct caisson_memory_entry) == 48, "see config.lds");
_Static_assert(sizeof(struct caisson_device_entry) == 56, "see config.lds");
_Static_assert(sizeof(struct caisson_irq_entry) == 24, "see config.lds");
_Static_assert(sizeof(struct caisson_console_entry) == 32, "see config.lds");
_Static_assert(CAISSON_SEC_COUNT == 8, "see config.lds");

_Static_assert(sizeof(void *) == 8 && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__,
	       "configurations need a 64-bit little-endian compiler");

#endif
