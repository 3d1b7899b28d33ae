// SPDX-License-Identifier: GPL-2.0-only
/*
 * CPUs: which redistributor and affinity belong to Linux's numbers (for image.c), and their hand-over
 * to a cell and back (for cell.c): step 7 of the tour.
 *
 * cpu_logical_map() is not exported, so affinities come from the device tree, and those of online
 * CPUs are checked against the CPUs themselves.
 */
#include <linux/cpu.h>
#include <linux/io.h>
#include <linux/irqchip/arm-gic-v3.h>
#include <linux/of.h>
#include <linux/of_address.h>
#include <linux/sizes.h>
#include <linux/slab.h>
#include <asm/cputype.h>

#include "caisson.h"

#define RD_FRAMES SZ_128K	/* RD_base and SGI_base */
#define RD_FRAMES_VLPI SZ_256K	/* with two more for GICv4 */

/* Affinity of a frame: GICR_TYPER[63:32] is Aff3.2.1.0, MPIDR has Aff3 8 bits higher. */
static u64 typer_to_mpidr(u64 typer)
{
	u64 aff = typer >> 32;

	return (aff & 0xffffff) | ((aff >> 24) << 32);
}

static struct cpu_map *cpu_maps; /* nr_cpu_ids of them, found once */

/* The enabled node of the GICv3, or NULL; the caller drops the reference. */
struct device_node *cpus_gic_node(void)
{
	struct device_node *node = of_find_compatible_node(NULL, NULL, "arm,gic-v3");

	if (node && !of_device_is_available(node)) {
		of_node_put(node);
		node = NULL;
	}
	return node;
}

static int find_mpidr(unsigned int cpu, u64 *mpidr)
{
	struct device_node *node = of_get_cpu_node(cpu, NULL);
	const __be32 *reg;
	int len;

	if (!node)
		return -ENOENT;
	reg = of_get_property(node, "reg", &len);
	if (reg && len >= 4)
		*mpidr = of_read_number(reg, of_n_addr_cells(node)) & MPIDR_HWID_BITMASK;
	of_node_put(node);
	return reg && len >= 4 ? 0 : -ENOENT;
}

/* Walks the frames of [pa, pa + size) and notes each in the CPU of its affinity. */
static int walk_frames(u64 pa, u64 size, struct cpu_map *maps)
{
	void __iomem *base = ioremap(pa, size);
	unsigned int cpu;
	u64 off = 0;
	u64 typer;

	if (!base)
		return -ENOMEM;
	do {
		typer = readq_relaxed(base + off + GICR_TYPER);
		for (cpu = 0; cpu < nr_cpu_ids; cpu++)
			if (maps[cpu].mpidr == typer_to_mpidr(typer))
				maps[cpu].gicr_pa = pa + off;
		off += typer & GICR_TYPER_VLPIS ? RD_FRAMES_VLPI : RD_FRAMES;
	} while (!(typer & GICR_TYPER_LAST) && off + RD_FRAMES <= size);
	iounmap(base);
	return 0;
}

static bool all_found(const struct cpu_map *maps)
{
	unsigned int cpu;

	for (cpu = 0; cpu < nr_cpu_ids; cpu++)
		if (!maps[cpu].gicr_pa)
			return false;
	return true;
}

/* The frames are at the beginning, as a rule; the whole range is large to map. */
static int find_frames(struct cpu_map *maps)
{
	struct device_node *gic = cpus_gic_node();
	struct resource res;
	u64 size;
	int ret;

	ret = gic ? of_address_to_resource(gic, 1, &res) : -ENODEV;
	of_node_put(gic);
	if (ret)
		return ret;
	size = min_t(u64, resource_size(&res), (u64)nr_cpu_ids * RD_FRAMES_VLPI);
	ret = walk_frames(res.start, size, maps);
	if (!ret && !all_found(maps) && size < resource_size(&res))
		ret = walk_frames(res.start, resource_size(&res), maps);
	return ret;
}

static void check_mpidr(void *data)
{
	struct cpu_map *maps = data;
	struct cpu_map *map = &maps[smp_processor_id()];

	if (map->mpidr != (read_cpuid_mpidr() & MPIDR_HWID_BITMASK))
		map->gicr_pa = 0; /* refused below, by its number */
}

/**
 * cpus_map - affinity and redistributor of every possible CPU
 * @map: nr_cpu_ids entries that stay valid until cpus_forget()
 * @err: filled in on refusal; value is the CPU
 *
 * Process context, caisson_lock held. Return: 0 or a negative errno.
 */
int cpus_map(const struct cpu_map **map, struct caisson_ioc_error *err)
{
	struct cpu_map *maps;
	unsigned int cpu;
	u32 bad = 0;

	*map = cpu_maps;
	if (cpu_maps)
		return 0;
	maps = kcalloc(nr_cpu_ids, sizeof(*maps), GFP_KERNEL);
	if (!maps)
		return caisson_refuse(err, CAISSON_E_NO_MEMORY, 0, 0);
	for (cpu = 0; cpu < nr_cpu_ids; cpu++)
		if (find_mpidr(cpu, &maps[cpu].mpidr))
			goto unknown;
	if (find_frames(maps)) {
		kfree(maps);
		return caisson_refuse(err, CAISSON_E_GICV2, 0, 0);
	}
	on_each_cpu(check_mpidr, maps, 1);
	for (cpu = 0; cpu < nr_cpu_ids; cpu++)
		if (!maps[cpu].gicr_pa)
			goto unknown;
	*map = cpu_maps = maps;
	return 0;

unknown:
	bad = cpu;
	kfree(maps);
	return caisson_refuse(err, CAISSON_E_CPU_UNKNOWN, 0, bad);
}

/* When the module goes. */
void cpus_forget(void)
{
	kfree(cpu_maps);
	cpu_maps = NULL;
}

/**
 * cpus_check_gic - whether a system configuration names the GIC that Linux uses
 * @sys: its entry
 * @offset: of the entry in the blob, for the error
 * @err: filled in on refusal; value is the address
 *
 * EL2 drives what the configuration names: the wrong device would be written to.
 *
 * Return: 0 or a negative errno.
 */
int cpus_check_gic(const struct caisson_system_entry *sys, u32 offset,
		   struct caisson_ioc_error *err)
{
	struct device_node *gic = cpus_gic_node();
	struct resource dist, redist;
	int ret;

	ret = gic ? of_address_to_resource(gic, 0, &dist) : -ENODEV;
	if (!ret)
		ret = of_address_to_resource(gic, 1, &redist);
	of_node_put(gic);
	if (ret)
		return caisson_refuse(err, CAISSON_E_GICV2, 0, 0);
	if (sys->gicd_base != dist.start || sys->gicd_size > resource_size(&dist))
		return caisson_refuse(err, CAISSON_E_ARGUMENT, offset, sys->gicd_base);
	if (sys->gicr_base != redist.start || sys->gicr_size > resource_size(&redist))
		return caisson_refuse(err, CAISSON_E_ARGUMENT, offset, sys->gicr_base);
	return 0;
}

/* The entry of @cell's blob that names @cpu, for an error. */
static u32 cpu_offset(const struct cell *cell, unsigned int cpu)
{
	u32 i;

	for (i = 0; i < config_count(cell->blob, CAISSON_SEC_CPU); i++) {
		const struct caisson_cpu_entry *e = config_cpu(cell->blob, i);

		if (cpu >= e->first && cpu - e->first < e->count)
			return config_offset(cell->blob, CAISSON_SEC_CPU, i);
	}
	return 0;
}

static int add_entry(struct cell *cell, u32 i, struct caisson_ioc_error *err)
{
	const struct caisson_cpu_entry *e = config_cpu(cell->blob, i);
	u32 offset = config_offset(cell->blob, CAISSON_SEC_CPU, i);
	const struct cell *other;
	u32 cpu;

	for (cpu = e->first; cpu - e->first < e->count; cpu++) {
		if (cpu >= nr_cpu_ids || !cpu_possible(cpu))
			return caisson_refuse(err, CAISSON_E_CPU_UNKNOWN, offset, cpu);
		list_for_each_entry(other, &caisson_cells, node)
			if (cpumask_test_cpu(cpu, other->cpus))
				return caisson_refuse(err, CAISSON_E_CPU_OWNED, offset, cpu);
		cpumask_set_cpu(cpu, cell->cpus);
	}
	return 0;
}

/**
 * cpus_check - whether the CPUs of a cell's configuration are to be had
 * @cell: with its checked blob; its mask is filled in
 * @err: filled in on refusal
 *
 * Changes nothing in Linux. caisson_lock held. Return: 0 or a negative errno.
 */
int cpus_check(struct cell *cell, struct caisson_ioc_error *err)
{
	unsigned int cpu;
	int ret = 0;
	u32 i;

	for (i = 0; !ret && i < config_count(cell->blob, CAISSON_SEC_CPU); i++)
		ret = add_entry(cell, i, err);
	if (ret)
		return ret;
	if (cpumask_subset(cpu_online_mask, cell->cpus)) {
		cpu = cpumask_last(cell->cpus);
		return caisson_refuse(err, CAISSON_E_CPU_LAST, cpu_offset(cell, cpu), cpu);
	}
	return 0;
}

/**
 * cpus_take - let Linux go off a cell's CPUs
 * @cell: its mask is set; those that were online are noted for cpus_give_back()
 * @err: filled in on refusal; the caller then gives back
 *
 * Process context, caisson_lock held, sleeps. Return: 0 or a negative errno.
 */
int cpus_take(struct cell *cell, struct caisson_ioc_error *err)
{
	unsigned int cpu;

	for_each_cpu(cpu, cell->cpus) {
		if (!cpu_online(cpu))
			continue;
		if (remove_cpu(cpu)) {
			dev_info(caisson_device(), "CPU %u cannot be taken offline\n", cpu);
			return caisson_refuse(err, CAISSON_E_REFUSED_BY_LINUX,
					      cpu_offset(cell, cpu), cpu);
		}
		cpumask_set_cpu(cpu, cell->to_online);
	}
	return 0;
}

/* Brings online again what cpus_take() took. EL2 has the CPUs as root's, off. Process context. */
void cpus_give_back(struct cell *cell)
{
	unsigned int cpu;

	for_each_cpu(cpu, cell->to_online)
		if (add_cpu(cpu))
			dev_err(caisson_device(), "CPU %u does not come back online\n", cpu);
	cpumask_clear(cell->to_online);
}
