/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The devices that a cell gets by their nodes (DEVICE's .node) in its device tree: root's nodes
 * copied, with what they refer to.
 */
#ifndef GUEST_NODES_H
#define GUEST_NODES_H

#include "fdt_writer.h"
#include "guest_fdt.h"

/**
 * guest_nodes_write - copy the nodes of a cell's devices into the root of its tree
 * @w: the tree
 * @g: its blob and the live tree; refused and why are filled in on failure, which @w keeps
 *
 * `reg` becomes what the cell sees; `interrupts` stays, as INTIDs are the machine's own. What a
 * node refers to is another device of the cell's, or a clock or regulator that needs no driver of
 * root's, which is copied; a device's other clocks become fixed ones of the rate that they have.
 * Anything else is refused in a cell for Linux; in one for bare metal, which does without, the
 * property is left out. Pins stay as root's driver has set them up.
 */
void guest_nodes_write(struct writer *w, struct guest_fdt *g);

#endif
