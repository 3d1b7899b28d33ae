// SPDX-License-Identifier: GPL-2.0-only
/* Which spare SPIs a cell gets, see spis.h: step 7 of the tour. */
#include <stdlib.h>

#include "device.h"
#include "refusal.h"
#include "spis.h"

struct intid_set {
	bool has[CONFIG_SPI_END];
};

static void mark(struct intid_set *set, uint32_t first, uint32_t count)
{
	uint32_t i;

	for (i = first; i < first + count && i < CONFIG_SPI_END; i++)
		set->has[i] = true;
}

static void mark_config(struct intid_set *set, const void *blob)
{
	const struct caisson_console_entry *con = config_console(blob);
	uint32_t i;

	for (i = 0; i < config_count(blob, CAISSON_SEC_IRQ); i++)
		mark(set, config_irq(blob, i)->first, config_irq(blob, i)->count);
	if (con)
		mark(set, con->intid, 1);
	if (config_header(blob)->kind == CAISSON_KIND_CELL)
		mark(set, config_cell(blob)->shutdown_intid, 1);
}

static void mark_others(struct intid_set *set, const struct machine *m)
{
	uint32_t i;

	for (i = 0; i < m->nother; i++)
		mark_config(set, m->other[i]);
}

/* All INTIDs that cells and the doorbell have. */
static enum exit_code find_used(int fd, struct intid_set *used)
{
	struct caisson_ioc_status status = { 0 };
	int result = device_call(fd, CAISSON_IOC_STATUS, &status, sizeof(status));
	uint32_t i;

	if (result)
		return device_refused(result, &status, NULL, 0, "status");
	mark(used, status.doorbell_intid, 1);
	for (i = 0;; i++) {
		struct caisson_ioc_info info = { .index = i };
		enum exit_code code;
		void *blob;

		result = device_call(fd, CAISSON_IOC_CELL_INFO, &info, sizeof(info));
		if (result == CAISSON_E_NO_CELL)
			return HVCTL_OK;
		if (result)
			return device_refused(result, &info, NULL, 0, "cell list");
		code = device_config(fd, info.name, &blob);
		if (code)
			return code;
		mark_config(used, blob);
		free(blob);
	}
}

/* The first spare SPI that nobody uses, which is used from here on; 0: there is none. */
static uint32_t take_spare(const struct intid_set *spare, struct intid_set *used)
{
	uint32_t i;

	for (i = CONFIG_SPI_FIRST; i < CONFIG_SPI_END; i++) {
		if (!spare->has[i] || used->has[i])
			continue;
		used->has[i] = true;
		return i;
	}
	return 0;
}

static void take_spares(void *blob, const struct intid_set *spare, struct intid_set *used)
{
	struct caisson_console_entry *con =
		(struct caisson_console_entry *)(uintptr_t)config_console(blob);
	struct caisson_cell_entry *cell = (struct caisson_cell_entry *)(uintptr_t)config_cell(blob);

	mark_config(used, blob);
	if (con && !con->intid)
		con->intid = take_spare(spare, used);
	if (!cell->shutdown_intid)
		cell->shutdown_intid = take_spare(spare, used);
}

enum exit_code choose_spis(int fd, const struct machine *m, void *blob)
{
	struct intid_set used = { 0 }, spare = { 0 };
	enum exit_code code;
	void *sys;

	code = device_config(fd, "", &sys);
	if (code)
		return code;
	mark_config(&spare, sys);
	free(sys);
	code = find_used(fd, &used);
	if (code)
		return code;
	if (m)
		mark_others(&used, m);
	take_spares(blob, &spare, &used);
	if (config_console(blob) && !config_console(blob)->intid)
		complain("warning: the console of %s is polled: %s", config_cell(blob)->name,
			 refusal_text(CAISSON_E_SPI_EXHAUSTED));
	return HVCTL_OK;
}

void choose_spis_beforehand(const struct machine *m, void *blob)
{
	struct intid_set used = { 0 }, spare = { 0 };
	struct caisson_irq_entry irq;
	uint32_t i;

	for (i = 0; machine_spares(m->fdt, i, &irq); i++) {
		mark(&spare, irq.first, irq.count);
		if (!i)
			mark(&used, irq.first, 1); /* the doorbell */
	}
	mark_others(&used, m);
	take_spares(blob, &spare, &used);
}
