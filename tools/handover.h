/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What is asked of root Linux before its drivers let go of a cell's devices (DEVICE's .node): the
 * driver knows who is bound to a device, but not who depends on it.
 */
#ifndef HANDOVER_H
#define HANDOVER_H

#include "guest_fdt.h"

/* Why a cell cannot have a device that it names by its node. */
struct objection {
	uint32_t offset; /* of the DEVICE in the blob */
	char why[512];
};

/*
 * What of root's depends on one of them; true: something does. By what sysfs tells, on the machine
 * alone.
 */
bool handover_depends(const void *blob, struct objection *o);

/* What the cell's device tree would lack, if root's is @fdt; true: something. Pure. */
bool handover_lacks(const void *blob, const void *fdt, struct objection *o);

/**
 * handover_check - whether a cell can have the devices that it names by their nodes
 * @g: with a checked .cell blob, and the functions that ask root
 *
 * Return: 0, or HVCTL_REFUSED after a complaint: root has a driver that depends on one of them, or
 * the cell's device tree cannot have its node.
 */
enum exit_code handover_check(struct guest_fdt *g);

#endif
