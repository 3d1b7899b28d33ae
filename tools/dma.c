// SPDX-License-Identifier: GPL-2.0-only
/*
 * Which devices write to memory by themselves, see dma.h. No property of a device tree says so for
 * all of them. A sign for it is a bus master's place in the machine, which is described: its
 * coherency, its SMMU, how a bus translates (Devicetree Specification 2.3.9 and 2.3.10; the
 * bindings of IOMMUs); or its kind. Who has no sign, and is of no kind that is known to do without,
 * may do DMA all the same.
 */
#include <libfdt.h>
#include <stddef.h>
#include <string.h>

#include "dma.h"
#include "hvctl.h"

static const char *const properties[] = {
	"iommus", "dma-coherent", "dma-noncoherent", "dma-ranges", "iommu-map",
};

/* Generic names of nodes (Devicetree Specification 2.2.2), and compatibles. */
static const char *const with[] = {
	"dma-controller", "ethernet", "usb", "mmc", "sata", "ufs", "nvme", "gpu", "display",
	"video-codec", "crypto", "pcie", "virtio_mmio",
};
static const char *const kinds_with[] = {
	"virtio,mmio", "pci-host-ecam-generic", "qemu,fw-cfg-mmio", "arm,pl330", "arm,pl080",
	"arm,pl110", "arm,pl111", "generic-xhci", "generic-ehci", "generic-ohci", "generic-ahci",
	"snps,dwc3", "snps,dwc2", "snps,dwmac", "cdns,macb", "cdns,gem",
};

static const char *const without[] = {
	"adc", "gpio", "i2c", "keypad", "pwm", "rng", "rtc", "serial", "temperature-sensor",
	"watchdog",
};
static const char *const kinds_without[] = {
	"arm,pl011", "arm,pl031", "arm,pl050", "arm,pl061", "arm,sp804", "arm,sp805",
	"arm,sbsa-gwdt", "ns16550a",
};

/* The one of @names that the node is called, but for its address and a number; NULL: none. */
static const char *name_among(const void *fdt, int node, const char *const *names, size_t count)
{
	const char *name = fdt_get_name(fdt, node, NULL);
	size_t i;

	for (i = 0; name && i < count; i++) {
		size_t n = strlen(names[i]);

		if (!strncmp(name, names[i], n) &&
		    strspn(name + n, "0123456789") == strcspn(name + n, "@"))
			return names[i];
	}
	return NULL;
}

static const char *kind_among(const void *fdt, int node, const char *const *kinds, size_t count)
{
	size_t i;

	for (i = 0; i < count; i++)
		if (!fdt_node_check_compatible(fdt, node, kinds[i]))
			return kinds[i];
	return NULL;
}

enum dma dma_of(const void *fdt, int node, const char **sign)
{
	size_t i;

	*sign = NULL;
	for (i = 0; i < ARRAY_SIZE(properties) && !*sign; i++)
		if (fdt_getprop(fdt, node, properties[i], NULL))
			*sign = properties[i];
	if (!*sign)
		*sign = kind_among(fdt, node, kinds_with, ARRAY_SIZE(kinds_with));
	if (!*sign)
		*sign = name_among(fdt, node, with, ARRAY_SIZE(with));
	if (*sign)
		return DMA_SURE;
	if (kind_among(fdt, node, kinds_without, ARRAY_SIZE(kinds_without)) ||
	    name_among(fdt, node, without, ARRAY_SIZE(without)))
		return DMA_NONE;
	return DMA_MAYBE;
}
