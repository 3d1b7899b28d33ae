// SPDX-License-Identifier: GPL-2.0-only
/* What would help against a refusal (see refusal.h). */
#include <stdio.h>

#include "caisson/hypercall.h"
#include "hvctl.h"
#include "machine.h"
#include "refusal.h"

/* The next step, where there is one and the reason does not name it. */
static const char *const hints[CAISSON_E_COUNT] = {
	[CAISSON_E_MAGIC] = "a source is compiled first: scripts/cellcc SOURCE.c OUTPUT.cell",
	[CAISSON_E_TRUNCATED] =
		"if it is a source: scripts/cellcc SOURCE.c OUTPUT.cell compiles it first",
	[CAISSON_E_KIND] = "a .sys has a SYSTEM, a .cell a CELL; `hvctl map' wants the .sys first",
	[CAISSON_E_VERSION] = "compile it again, with the cellcc of this release",
	[CAISSON_E_CPU_UNKNOWN] =
		"/sys/devices/system/cpu/possible, on the machine, has those that there are",
	[CAISSON_E_CPU_OWNED] =
		"`hvctl cell list' says whose it is: name other CPUs, or destroy that cell",
	[CAISSON_E_CPU_LAST] = "ask for fewer CPUs, or bring another one of root's online",
	[CAISSON_E_IRQ_RANGE] = "an SPI's INTID is its number in the device tree plus 32",
	[CAISSON_E_IRQ_UNKNOWN] = "`hvctl hardware check' says how many the GIC has",
	[CAISSON_E_IRQ_OWNED] = "`hvctl map' says whose it is",
	[CAISSON_E_IRQ_IN_USE] = "/proc/interrupts names its driver: DEVICE with .node unbinds it",
	[CAISSON_E_DEVICE_IN_USE] =
		"/proc/iomem names its driver: .node unbinds it (or driver/unbind in sysfs)",
	[CAISSON_E_MEM_HYPERVISOR] = "without .pa the memory is found wherever there is some",
	[CAISSON_E_MEM_OWNED] = "without .pa the memory is found wherever there is some",
	[CAISSON_E_MEM_BUSY] =
		"another .pa or none; or boot root with movablecore=, as the FAQ says",
	[CAISSON_E_DEVICE_RAM] = "memory is given by MEMORY(), with .pa if it has to be this one",
	[CAISSON_E_MEM_NOT_RAM] = "/proc/iomem has the ranges that are System RAM",
	[CAISSON_E_POOL] = "enable with a system configuration that has a larger .pool_pages",
	[CAISSON_E_NAME_TAKEN] = "destroy that cell, or give this one another name",
	[CAISSON_E_NO_CELL] = "`hvctl cell list' has those that there are",
	[CAISSON_E_NOT_LOADED] = "`hvctl cell load' comes first",
	[CAISSON_E_ROOT_CELL] = "`hvctl disable' takes the hypervisor away from root",
	[CAISSON_E_CELLS_EXIST] = "`hvctl cell list' has them: destroy them first",
	[CAISSON_E_NO_EL2] = "it takes CPUs with EL2; for QEMU virtualization=on",
	[CAISSON_E_NO_HVC] = "it takes firmware that sets SCR_EL3.HCE and starts Linux in EL2",
	[CAISSON_E_EL2_UNKNOWN] =
		"if you know that Linux was started in EL2: hvctl enable --assume-el2",
	[CAISSON_E_EL1_START] = "firmware has to start Linux in EL2; after a kexec, reboot",
	[CAISSON_E_EL2_BUSY] = "boot without the other hypervisor",
	[CAISSON_E_ACPI] = "boot with acpi=off, if firmware has a device tree as well",
	[CAISSON_E_GICV2] = "it takes a GICv3 or GICv4; for QEMU gic-version=3",
	[CAISSON_E_GIC_MODE] = "leave .irq_mode and --mode out: then the machine decides",
	[CAISSON_E_GROUP0] = "leave .irq_mode and --mode out: direct-revoke does without Group 0",
	[CAISSON_E_WATCHDOG_MODE] =
		"leave .watchdog_ms out; direct-fiq has them, where GICD_CTLR.DS = 1",
	[CAISSON_E_KEEP_IMAGE] = "what EL2 restarts by itself is a cell whose watchdog runs out",
	[CAISSON_E_IMAGE] = "/lib/firmware/caisson.bin has to be of the build of caisson.ko",
	[CAISSON_E_ENABLED] = "`hvctl disable' comes first",
	[CAISSON_E_NOT_ENABLED] = "`hvctl enable' comes first",
	[CAISSON_E_NO_CONSOLE] = "give its configuration CONSOLE()",
	[CAISSON_E_NODE] = "/proc/device-tree has the nodes, as in /soc/gpio@9030000",
	[CAISSON_E_NODE_UNKNOWN] = "/proc/device-tree has the nodes, as in /soc/gpio@9030000",
	[CAISSON_E_NODE_CONSOLE] = "a cell has a console of its own by CONSOLE()",
	[CAISSON_E_NODE_REGION] = "the node's `reg' says where its registers are, and how many",
	[CAISSON_E_NODE_DISK] = "unmount what is on it",
	[CAISSON_E_GIC_ADDRESS] = "correct the file, or enable without one",
	[CAISSON_E_RAM_UNLISTED] = "add RAM(base, bytes) for it, or enable without a file",
};

void refusal_hint(const struct refusal *r, char *text, size_t size)
{
	const char *hint = r->code < ARRAY_SIZE(hints) ? hints[r->code] : NULL;
	char free_bytes[32];

	if (r->code == CAISSON_E_NO_MEMORY) {
		format_bytes(ALIGN_DOWN(machine_available(), MIB(1)), free_bytes,
			     sizeof(free_bytes));
		snprintf(text, size, "Linux has %s available and keeps some: ask for less, leave "
			 "MEM_CONTIGUOUS out, or ask soon after boot, when memory is in one piece",
			 free_bytes);
	} else if (r->code == CAISSON_E_STATE && r->value == CAISSON_CELL_RUNNING) {
		snprintf(text, size, "`hvctl cell shutdown' comes first");
	} else {
		snprintf(text, size, "%s", hint ? hint : "");
	}
}
