// SPDX-License-Identifier: GPL-2.0-only
/*
 * hvctl hardware check: can Caisson be enabled here, and what is to be known of this machine? One
 * line for each thing: `ok', a `note', or a `problem' with what helps.
 *
 * The last line decides: the driver does what enable does, up to where something would change. The
 * others are there to be read, and for a machine on which there is no driver to ask.
 */
#include <errno.h>
#include <inttypes.h>
#include <libfdt.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "device.h"
#include "errata.h"
#include "machine.h"
#include "refusal.h"

enum verdict { FINE, NOTE, PROBLEM };

struct check {
	const struct request *req;
	struct json json;
	bool bad;	/* there was a problem */
	const void *fdt; /* NULL: none that describes a machine */
	int fd;		/* of the driver, -1: none */
	struct caisson_ioc_probe *cpus;
	uint32_t ncpus; /* entries of cpus; those that are offline have el = 0 */
};

/* One line; @hint may be NULL. */
__attribute__((format(printf, 5, 6)))
static void tell(struct check *c, enum verdict verdict, const char *what, const char *hint,
		 const char *format, ...)
{
	static const char *const words[] = { "ok", "note", "problem" };
	struct json *j = &c->json;
	char text[320];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	c->bad = c->bad || verdict == PROBLEM;
	if (c->req->json) {
		json_object(j, NULL);
		json_string(j, "what", what);
		json_string(j, "verdict", words[verdict]);
		json_string(j, "text", text);
		if (hint)
			json_string(j, "hint", hint);
		json_end_object(j);
		return;
	}
	printf("%-8s %-14s %s\n", words[verdict], what, text);
	if (hint)
		printf("%-8s %-14s hint: %s\n", "", "", hint);
}

/* A reason of error.h with its own hint. */
static void tell_refusal(struct check *c, const char *what, const struct refusal *r)
{
	char value[64], hint[320];

	refusal_value(r, value, sizeof(value));
	refusal_hint(r, hint, sizeof(hint));
	tell(c, PROBLEM, what, *hint ? hint : NULL, "%s%s", refusal_text(r->code), value);
}

static void tell_code(struct check *c, const char *what, uint32_t code)
{
	tell_refusal(c, what, &(struct refusal){ .code = code });
}

/* How many nodes are compatible with it; *first is set to the first one. */
static uint32_t count_nodes(const void *fdt, const char *compatible, int *first)
{
	int node = fdt_node_offset_by_compatible(fdt, -1, compatible);
	uint32_t count = 0;

	*first = node;
	for (; node >= 0; node = fdt_node_offset_by_compatible(fdt, node, compatible))
		count++;
	return count;
}

static const char *text_property(const void *fdt, int node, const char *name)
{
	int length;
	const char *text = node < 0 ? NULL : fdt_getprop(fdt, node, name, &length);

	return text && length > 0 && !text[length - 1] ? text : NULL;
}

static void check_boot(struct check *c)
{
	const char *board = text_property(c->fdt, 0, "compatible");

	tell(c, FINE, "boot", NULL, "by a device tree, for %s", board ? board : "a nameless board");
}

static void check_gic_node(struct check *c)
{
	int gic, its;
	uint32_t count;
	const fdt32_t *regions;

	count_nodes(c->fdt, "arm,gic-v3", &gic);
	if (gic < 0) {
		tell_code(c, "GIC", CAISSON_E_GICV2);
		return;
	}
	regions = fdt_getprop(c->fdt, gic, "#redistributor-regions", NULL);
	count = regions ? fdt32_to_cpu(*regions) : 1;
	tell(c, count > 1 ? NOTE : FINE, "redistributors",
	     count > 1 ? "they must follow each other without a gap" : NULL,
	     "in %" PRIu32 " range%s", count, count > 1 ? "s" : "");
	count = count_nodes(c->fdt, "arm,gic-v3-its", &its);
	if (count)
		tell(c, FINE, "ITS", NULL,
		     "%" PRIu32 ", which root Linux keeps; cells have no LPIs", count);
	else
		tell(c, FINE, "ITS", NULL, "none");
}

static void check_dma(struct check *c)
{
	static const char *const smmus[] = { "arm,smmu-v3", "arm,mmu-500", "arm,smmu-v2" };
	const char *hint = "isolation is of CPUs: trust whoever drives such a device";
	uint32_t pci, count = 0;
	size_t i;
	int node;

	for (i = 0; i < ARRAY_SIZE(smmus); i++)
		count += count_nodes(c->fdt, smmus[i], &node);
	pci = count_nodes(c->fdt, "pci-host-ecam-generic", &node);
	if (count)
		tell(c, NOTE, "DMA", hint, "there is an SMMU, which Caisson does not use: a device "
		     "that does DMA reaches all memory");
	else
		tell(c, NOTE, "DMA", hint, "there is no SMMU: a device that does DMA reaches all "
		     "memory%s", pci ? " (those behind PCI do)" : "");
}

/* PSCI is how CPUs come and go: without it no cell can get one. */
static void check_psci(struct check *c)
{
	int node = fdt_path_offset(c->fdt, "/psci");
	const char *method = text_property(c->fdt, node, "method");
	uint32_t version = c->ncpus ? c->cpus[0].psci_version : 0;

	if (!method)
		tell(c, PROBLEM, "PSCI",
		     "it takes firmware with PSCI, and a device tree that names it",
		     "the device tree has none, so no cell can get a CPU");
	else if (version)
		tell(c, FINE, "PSCI", NULL, "version %" PRIu32 ".%" PRIu32 ", by %s", version >> 16,
		     version & 0xffff, method);
	else
		tell(c, FINE, "PSCI", NULL, "by %s", method);
}

static void check_hotplug(struct check *c)
{
	char path[256];

	system_path("/sys/devices/system/cpu/hotplug", path, sizeof(path));
	if (access(path, F_OK))
		tell(c, PROBLEM, "CPU hotplug", "a kernel with CONFIG_HOTPLUG_CPU=y",
		     "the kernel cannot do without a CPU, so no cell can get one");
	else
		tell(c, FINE, "CPU hotplug", NULL, "the kernel has it");
}

/* Calls @each for each kind of CPU, with the numbers of those of its kind. */
static void each_kind(struct check *c, void (*each)(struct check *c, uint64_t midr,
						    const char *numbers))
{
	uint32_t i, k;

	for (i = 0; i < c->ncpus; i++) {
		struct cpu_set set = { 0 };
		char numbers[128];
		bool seen = !c->cpus[i].el;

		for (k = 0; k < c->ncpus; k++) {
			if (!c->cpus[k].el || c->cpus[k].midr != c->cpus[i].midr)
				continue;
			seen = seen || k < i;
			set.word[k / 64] |= 1ULL << (k % 64);
		}
		format_cpus(&set, numbers, sizeof(numbers));
		if (!seen)
			each(c, c->cpus[i].midr, numbers);
	}
}

static void tell_kind(struct check *c, uint64_t midr, const char *numbers)
{
	const char *model = cpu_model(midr);
	const struct erratum *e;
	char name[64];
	uint32_t i;

	snprintf(name, sizeof(name), model ? "%s" : "a CPU hvctl has no name for", model);
	tell(c, FINE, "CPU", NULL, "%s: %s r%" PRIu64 "p%" PRIu64 " (MIDR 0x%08" PRIx64 ")",
	     numbers, name, midr >> 20 & 0xf, midr & 0xf, midr);
	for (i = 0; (e = cpu_erratum(midr, i)); i++) {
		char hint[160];

		snprintf(hint, sizeof(hint), "Caisson: %s", e->done);
		tell(c, NOTE, "erratum", hint, "%s of %s: %s", e->number, name, e->what);
	}
}

/* A field of an ID register, the least of all CPUs that are online. */
static uint32_t least(const struct check *c, uint64_t (*get)(const struct caisson_ioc_probe *cpu))
{
	uint64_t value = UINT32_MAX;
	uint32_t i;

	for (i = 0; i < c->ncpus; i++)
		if (c->cpus[i].el && get(&c->cpus[i]) < value)
			value = get(&c->cpus[i]);
	return (uint32_t)value;
}

static uint64_t el2_field(const struct caisson_ioc_probe *cpu)
{
	return cpu->pfr0 >> 8 & 0xf;
}

static uint64_t pa_bits(const struct caisson_ioc_probe *cpu)
{
	static const uint8_t bits[16] = { 32, 36, 40, 42, 44, 48, 52, 56 };

	return bits[cpu->mmfr0 & 0xf];
}

static uint64_t vmid_bits(const struct caisson_ioc_probe *cpu)
{
	return (cpu->mmfr1 >> 4 & 0xf) == 2 ? 16 : 8;
}

/* Has stage 2 pages of 4 KiB? TGran4_2, which may refer to TGran4 (Arm ARM D17.2.64). */
static uint64_t has_4k(const struct caisson_ioc_probe *cpu)
{
	uint64_t stage2 = cpu->mmfr0 >> 40 & 0xf;

	return stage2 ? stage2 >= 2 : (cpu->mmfr0 >> 28 & 0xf) != 0xf;
}

static uint64_t frequency(const struct caisson_ioc_probe *cpu)
{
	return cpu->cntfrq;
}

static uint64_t level(const struct caisson_ioc_probe *cpu)
{
	return cpu->el;
}

static void check_cpus(struct check *c)
{
	each_kind(c, tell_kind);
	if (least(c, level) == 2)
		tell_code(c, "kernel", CAISSON_E_VHE);
	else
		tell(c, FINE, "kernel", NULL, "runs in EL1, EL2 is apart from it");
	if (!least(c, el2_field))
		tell_code(c, "EL2", CAISSON_E_NO_EL2);
	else
		tell(c, FINE, "EL2", NULL, "the CPUs have it");
	tell(c, least(c, has_4k) ? FINE : PROBLEM, "stage 2", NULL,
	     "pages of 4 KiB: %s; %" PRIu32 "-bit addresses%s, %" PRIu32 "-bit VMIDs",
	     least(c, has_4k) ? "yes" : "no", least(c, pa_bits),
	     least(c, pa_bits) > 48 ? " (48 are used)" : "", least(c, vmid_bits));
	if (least(c, frequency))
		tell(c, FINE, "timer", NULL, "generic timer, %" PRIu32 " Hz", least(c, frequency));
	else
		tell(c, NOTE, "timer", "firmware has to write CNTFRQ_EL0",
		     "firmware did not say how fast the generic timer counts");
}

/* GICD_PIDR2[7:4] is the version, GICD_CTLR[6] DS, GICD_TYPER[4:0] the SPIs (GICv3 12.9). */
static void check_gic(struct check *c)
{
	const struct caisson_ioc_probe *p = c->cpus;

	if (!p->gicd_pidr2)
		return; /* the tree's line has said it */
	tell(c, FINE, "GIC", NULL, "version %" PRIu32 ", %" PRIu32 " interrupts",
	     p->gicd_pidr2 >> 4 & 0xf, 32 * ((p->gicd_typer & 31) + 1));
	if (p->gicd_ctlr & 0x40)
		tell(c, FINE, "Group 0", NULL,
		     "is Linux's (GICD_CTLR.DS = 1): the interrupt mode is direct-fiq");
	else
		tell(c, NOTE, "Group 0", "cells have no watchdogs then",
		     "is firmware's (GICD_CTLR.DS = 0): the interrupt mode is direct-revoke");
	if (p->kick_intid != 15)
		tell(c, NOTE, "SGI 15", "cells have SGIs 0 to 7",
		     "is firmware's: EL2 calls its CPUs by PPI 26, which is its timer's");
}

static void check_memory(struct check *c)
{
	char text[32];

	format_bytes(ALIGN_DOWN(machine_available(), MIB(1)), text, sizeof(text));
	tell(c, FINE, "memory", NULL, "%s available", text);
}

/* The decision. */
static void check_enable(struct check *c)
{
	struct caisson_ioc_enable call = { .flags = CAISSON_ENABLE_CHECK };
	struct refusal r;
	uint32_t size;
	void *blob;
	int result;

	if (machine_derive(&blob, &size)) {
		tell(c, PROBLEM, "enable", "a system configuration may help: hvctl enable FILE.sys",
		     "no configuration can be derived from this machine");
		return;
	}
	call.blob = (uintptr_t)blob;
	call.blob_size = size;
	if (machine_has_kvm())
		call.flags |= CAISSON_ENABLE_ASSUME_EL2;
	result = device_call(c->fd, CAISSON_IOC_ENABLE, &call, sizeof(call));
	r = (struct refusal){ .code = call.head.error.code, .value = call.head.error.value };
	if (!result)
		tell(c, FINE, "enable", NULL, "nothing speaks against it");
	else if (result == CAISSON_E_ENABLED)
		tell(c, FINE, "enable", NULL, "%s", refusal_text(CAISSON_E_ENABLED));
	else if (result > 0)
		tell_refusal(c, "enable", &r);
	else
		tell(c, PROBLEM, "enable", NULL, "%s", strerror(-result));
	free(blob);
}

/* All CPUs' registers. False: the driver was not asked, or did not answer, and a line says why. */
static bool probe(struct check *c)
{
	struct caisson_ioc_probe call = { 0 };
	int result = device_open_quietly(&c->fd);
	uint32_t i;

	if (result == EACCES || result == EPERM) {
		tell(c, PROBLEM, "module", "run hvctl as root", "/dev/caisson is root's alone");
		return false;
	}
	if (result) {
		tell(c, PROBLEM, "module",
		     "insmod caisson.ko, or, if it is a package's, modprobe caisson",
		     "caisson.ko is not loaded");
		return false;
	}
	result = device_call(c->fd, CAISSON_IOC_PROBE, &call, sizeof(call));
	if (result) {
		tell(c, PROBLEM, "module", "use those of one release",
		     "caisson.ko and hvctl are of different versions");
		return false;
	}
	tell(c, FINE, "module", NULL, "caisson.ko and hvctl have ABI version %d",
	     CAISSON_ABI_VERSION);
	c->ncpus = call.ncpus < CONFIG_MAX_CPUS ? call.ncpus : CONFIG_MAX_CPUS;
	c->cpus = allocate(c->ncpus * sizeof(*c->cpus));
	for (i = 0; i < c->ncpus; i++) {
		c->cpus[i].cpu = i;
		device_call(c->fd, CAISSON_IOC_PROBE, &c->cpus[i], sizeof(c->cpus[i]));
	}
	return true;
}

enum exit_code cmd_hardware_check(const struct request *req)
{
	struct check c = { .req = req, .fd = -1 };
	struct json *j = &c.json;
	char why[160], hint[320];
	enum exit_code code;
	bool probed;
	void *fdt;

	json_begin(j, stdout);
	if (req->json) {
		json_object(j, NULL);
		json_array(j, "checks");
	}
	probed = probe(&c);
	refusal_hint(&(struct refusal){ .code = CAISSON_E_ACPI }, hint, sizeof(hint));
	code = machine_read_fdt(&fdt, why, sizeof(why));
	if (code)
		tell(&c, PROBLEM, "boot", code == HVCTL_REFUSED ? hint : NULL, "%s", why);
	c.fdt = fdt;
	if (fdt) {
		check_boot(&c);
		check_gic_node(&c);
		check_psci(&c);
		check_dma(&c);
	}
	check_hotplug(&c);
	check_memory(&c);
	if (probed) {
		check_cpus(&c);
		check_gic(&c);
	}
	/* A machine of another kind has been refused by its name already. */
	if (probed && fdt && fdt_node_offset_by_compatible(fdt, -1, "arm,gic-v3") >= 0)
		check_enable(&c);
	if (req->json) {
		json_end_array(j);
		json_bool(j, "ok", !c.bad);
		json_end_object(j);
	}
	free(c.cpus);
	free(fdt);
	return c.bad ? HVCTL_REFUSED : HVCTL_OK;
}
