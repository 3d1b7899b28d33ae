/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Which devices write to memory by themselves. Caisson uses no SMMU: such a one reaches all of it.
 * Pure.
 */
#ifndef DMA_H
#define DMA_H

enum dma { DMA_NONE, DMA_MAYBE, DMA_SURE };

/* Whether the device of a node does DMA; *@sign is what says so, if it does for sure. */
enum dma dma_of(const void *fdt, int node, const char **sign);

#endif
