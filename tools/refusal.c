// SPDX-License-Identifier: GPL-2.0-only
/* Refusals and failures in words (see refusal.h). Pure; scripts/cellcc has it too. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "caisson/hypercall.h"
#include "hvctl.h"
#include "refusal.h"

static const struct {
	const char *name;
	const char *text;
} errors[] = {
#define X(name, text) { #name, text },
	CAISSON_ERRORS(X)
#undef X
};

const char *refusal_text(uint32_t code)
{
	if (code < ARRAY_SIZE(errors))
		return errors[code].text;
	return "refused for a reason that this hvctl does not know";
}

const char *refusal_name(uint32_t code)
{
	return code < ARRAY_SIZE(errors) ? errors[code].name : "UNKNOWN";
}

const char *state_name(uint64_t state)
{
	static const char *const names[] = {
#define X(name, text) text,
		CAISSON_CELL_STATES(X)
#undef X
	};

	return state < ARRAY_SIZE(names) ? names[state] : "unknown";
}

const char *mode_name(uint32_t mode)
{
	static const char *const names[] = {
		[CAISSON_MODE_AUTO] = "auto",
		[CAISSON_MODE_DIRECT_FIQ] = "direct-fiq",
		[CAISSON_MODE_DIRECT_REVOKE] = "direct-revoke",
		[CAISSON_MODE_LIST] = "list",
	};

	return mode < ARRAY_SIZE(names) ? names[mode] : "unknown";
}

/* What kind of number `value` is; codes that are not listed have none worth printing. */
enum value_kind {
	VALUE_NONE,
	VALUE_CPU,
	VALUE_INTID,
	VALUE_ADDRESS,
	VALUE_VERSION,
	VALUE_STATE,
	VALUE_KIND,
	VALUE_SECTION,
	VALUE_IMAGE,
	VALUE_BYTES,
	VALUE_HEX,
};

static const unsigned char value_kinds[CAISSON_E_COUNT] = {
	[CAISSON_E_VERSION] = VALUE_VERSION,
	[CAISSON_E_KIND] = VALUE_KIND,
	[CAISSON_E_MISSING] = VALUE_SECTION,
	[CAISSON_E_TWICE] = VALUE_SECTION,
	[CAISSON_E_ARGUMENT] = VALUE_HEX,
	[CAISSON_E_FLAGS] = VALUE_HEX,
	[CAISSON_E_ALIGN] = VALUE_ADDRESS,
	[CAISSON_E_RANGE] = VALUE_ADDRESS,
	[CAISSON_E_OVERLAP] = VALUE_ADDRESS,
	[CAISSON_E_CPU_TWICE] = VALUE_CPU,
	[CAISSON_E_IRQ_TWICE] = VALUE_INTID,
	[CAISSON_E_IRQ_RANGE] = VALUE_INTID,
	[CAISSON_E_ENTRY_POINT] = VALUE_ADDRESS,
	[CAISSON_E_CPU_UNKNOWN] = VALUE_CPU,
	[CAISSON_E_CPU_OWNED] = VALUE_CPU,
	[CAISSON_E_CPU_ONLINE] = VALUE_CPU,
	[CAISSON_E_IRQ_OWNED] = VALUE_INTID,
	[CAISSON_E_IRQ_IN_USE] = VALUE_INTID,
	[CAISSON_E_IRQ_UNKNOWN] = VALUE_INTID,
	[CAISSON_E_MEM_HYPERVISOR] = VALUE_ADDRESS,
	[CAISSON_E_MEM_OWNED] = VALUE_ADDRESS,
	[CAISSON_E_MEM_BUSY] = VALUE_ADDRESS,
	[CAISSON_E_MEM_NOT_RAM] = VALUE_ADDRESS,
	[CAISSON_E_MEM_REGION] = VALUE_ADDRESS,
	[CAISSON_E_MEM_MISSING] = VALUE_ADDRESS,
	[CAISSON_E_NO_MEMORY] = VALUE_BYTES,
	[CAISSON_E_STATE] = VALUE_STATE,
	[CAISSON_E_IMAGE] = VALUE_IMAGE,
	[CAISSON_E_CPU_FEATURE] = VALUE_CPU,
	[CAISSON_E_KICK] = VALUE_CPU,
	[CAISSON_E_DEVICE_IN_USE] = VALUE_ADDRESS,
	[CAISSON_E_DEVICE_RAM] = VALUE_ADDRESS,
	[CAISSON_E_ALIGN_GIC] = VALUE_ADDRESS,
	[CAISSON_E_ALIGN_DEVICE] = VALUE_ADDRESS,
	[CAISSON_E_IDENTITY] = VALUE_ADDRESS,
	[CAISSON_E_RAM_UNLISTED] = VALUE_ADDRESS,
	[CAISSON_E_GIC_ADDRESS] = VALUE_ADDRESS,
	[CAISSON_E_NODE_UNKNOWN] = VALUE_ADDRESS,
	[CAISSON_E_NODE_REGION] = VALUE_ADDRESS,
	[CAISSON_E_NODE_CONSOLE] = VALUE_ADDRESS,
	[CAISSON_E_NODE_DRIVER] = VALUE_ADDRESS,
	[CAISSON_E_NODE_DISK] = VALUE_ADDRESS,
};

/* Sections, as configurations write their entries. */
static const char *section_name(uint64_t section)
{
	static const char *const names[CAISSON_SEC_STRINGS] = {
		[CAISSON_SEC_CELL] = "CELL",	 [CAISSON_SEC_SYSTEM] = "SYSTEM",
		[CAISSON_SEC_CPU] = "CPUS",	 [CAISSON_SEC_MEMORY] = "MEMORY or RAM",
		[CAISSON_SEC_DEVICE] = "DEVICE", [CAISSON_SEC_IRQ] = "IRQ",
		[CAISSON_SEC_CONSOLE] = "CONSOLE",
	};

	return section < ARRAY_SIZE(names) ? names[section] : "unknown";
}

/* Without an entry at fault, the kind of the whole file; the other kind was wanted. */
static void kind_value(const struct refusal *r, char *text, size_t size)
{
	if (r->offset)
		snprintf(text, size, " (%s)", section_name(r->value));
	else if (r->value == CAISSON_KIND_CELL || r->value == CAISSON_KIND_SYSTEM)
		snprintf(text, size, r->value == CAISSON_KIND_CELL ?
			 " (a system was expected, this is a cell)" :
			 " (a cell was expected, this is a system)");
	else
		snprintf(text, size, " (neither a cell nor a system)");
}

/* What the driver found in caisson.bin: no file, this version, or another one. */
static void image_value(const struct refusal *r, char *text, size_t size)
{
	if (!r->value)
		snprintf(text, size, " (it is missing)");
	else if (r->value == CAISSON_ABI_VERSION)
		snprintf(text, size, " (it is damaged, or not of caisson.ko's build)");
	else
		snprintf(text, size, " (its version is %" PRIu64 ", caisson.ko's is %d)", r->value,
			 CAISSON_ABI_VERSION);
}

void refusal_value(const struct refusal *r, char *text, size_t size)
{
	char amount[32];

	switch (r->code < CAISSON_E_COUNT ? value_kinds[r->code] : VALUE_HEX) {
	case VALUE_CPU:
		snprintf(text, size, " (CPU %" PRIu64 ")", r->value);
		break;
	case VALUE_INTID:
		snprintf(text, size, " (INTID %" PRIu64 ")", r->value);
		break;
	case VALUE_VERSION:
		snprintf(text, size, " (its version is %" PRIu64 ", hvctl's is %d)", r->value,
			 CAISSON_ABI_VERSION);
		break;
	case VALUE_STATE:
		snprintf(text, size, " (%s)", state_name(r->value));
		break;
	case VALUE_SECTION:
		snprintf(text, size, " (%s)", section_name(r->value));
		break;
	case VALUE_KIND:
		kind_value(r, text, size);
		break;
	case VALUE_IMAGE:
		image_value(r, text, size);
		break;
	case VALUE_BYTES:
		if (r->value) {
			format_bytes(r->value, amount, sizeof(amount));
			snprintf(text, size, " (%s)", amount);
			break;
		}
		*text = '\0';
		break;
	case VALUE_ADDRESS:
	case VALUE_HEX:
		snprintf(text, size, " (0x%" PRIx64 ")", r->value);
		break;
	default:
		*text = '\0';
	}
}

void refusal_where(const void *blob, uint32_t offset, char *text, size_t size)
{
	const struct caisson_source *s = config_source(blob, offset);

	if (s->line)
		snprintf(text, size, "%s:%" PRIu32, config_string(blob, s->file), s->line);
	else
		snprintf(text, size, "%s", config_string(blob, s->file));
}

static const struct {
	uint32_t class; /* ESR_ELx.EC */
	const char *text;
} classes[] = {
	{ 0x00, "an instruction EL2 does not know" },
	{ 0x01, "WFI or WFE" },
	{ 0x07, "FP, SIMD or SVE while it is trapped" },
	{ 0x09, "pointer authentication while it is trapped" },
	{ 0x0e, "illegal execution state" },
	{ 0x16, "HVC" },
	{ 0x17, "SMC" },
	{ 0x18, "access to a system register that the cell does not have" },
	{ 0x19, "SVE while it is trapped" },
	{ 0x20, "instruction fetch" },
	{ 0x22, "misaligned PC" },
	{ 0x24, "access to memory" },
	{ 0x26, "misaligned SP" },
	{ 0x2f, "SError" },
	{ 0x30, "breakpoint" },
	{ 0x32, "software step" },
	{ 0x34, "watchpoint" },
	{ 0x3c, "BRK" },
};

/* Fault status codes of aborts without their level in bits 1:0 (Arm ARM D17.2.37). */
static const char *fault_kind(uint32_t status)
{
	switch (status & 0x3cu) {
	case 0x00:
		return "address size fault";
	case 0x04:
		return "nothing is mapped there";
	case 0x08:
		return "access flag fault";
	case 0x0c:
		return "no permission";
	case 0x10:
		return "synchronous external abort";
	case 0x14:
		return "external abort on a table walk";
	case 0x20:
		return "alignment fault";
	default:
		return "fault";
	}
}

void refusal_reason(uint32_t esr, char *text, size_t size)
{
	uint32_t class = esr >> 26;
	const char *name = "exception";
	size_t i;

	if (!esr) {
		snprintf(text, size, "no reason was recorded");
		return;
	}
	if (esr == CAISSON_REASON_WATCHDOG) {
		snprintf(text, size, "its watchdog ran out");
		return;
	}
	for (i = 0; i < ARRAY_SIZE(classes); i++)
		if (classes[i].class == class)
			name = classes[i].text;
	if (class == 0x24) /* bit 6: WnR */
		snprintf(text, size, "%s, %s: %s", name, esr & 0x40u ? "write" : "read",
			 fault_kind(esr & 0x3fu));
	else if (class == 0x20)
		snprintf(text, size, "%s: %s", name, fault_kind(esr & 0x3fu));
	else
		snprintf(text, size, "%s (class 0x%02" PRIx32 ")", name, class);
}
