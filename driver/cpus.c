// SPDX-License-Identifier: GPL-2.0-only
/*
 * CPUs and their interrupt controller: which redistributor and affinity belong to Linux's numbers
 * (for image.c), and the hand-over to a cell and back (for cell.c): steps 1 and 7 of the tour.
 *
 * cpu_logical_map() is not exported, so affinities come from the device tree, and those of online
 * CPUs are checked against the CPUs themselves.
 */
#include <linux/acpi.h>
#include <linux/cpu.h>
#include <linux/delay.h>
#include <linux/interrupt.h>
#include <linux/io.h>
#include <linux/irqchip/arm-gic-v3.h>
#include <linux/irqdomain.h>
#include <linux/of.h>
#include <linux/of_address.h>
#include <linux/of_irq.h>
#include <linux/sizes.h>
#include <linux/slab.h>
#include <asm/cputype.h>

#include "caisson.h"

#define ONLINE_TRIES 5 /* so often is a CPU brought online */
#define ONLINE_WAIT_MS 20

#define RD_FRAMES SZ_128K	/* RD_base and SGI_base */
#define RD_FRAMES_VLPI SZ_256K	/* with two more for GICv4 */

/* Affinity of a frame: GICR_TYPER[63:32] is Aff3.2.1.0, MPIDR has Aff3 8 bits higher. */
static u64 typer_to_mpidr(u64 typer)
{
	u64 aff = typer >> 32;

	return (aff & 0xffffff) | ((aff >> 24) << 32);
}

/* What the device tree says of this machine: read once, when the module is loaded. */
static struct {
	struct device_node *gic; /* NULL: no GICv3 */
	struct resource dist;
	struct resource redist;
	struct cpu_map *cpus; /* nr_cpu_ids of them */
	bool el2;	      /* Linux was started at EL2, says the tree */
	bool group0;	      /* is Linux's to use: GICD_CTLR.DS = 1 */
	bool sgi15;	      /* is Linux's: firmware has it in no secure group */
	bool el2_timer;	      /* EL2's timer interrupts as its hypervisor expects it */
	bool maintenance;     /* so does the virtual CPU interface */
	u32 code;	      /* enum caisson_error_code: why it cannot be used */
	u64 value;
} machine;

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
	void __iomem *base = may_fail(ioremap(pa, size), NULL);
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
	u64 all = resource_size(&machine.redist);
	u64 size = min_t(u64, all, (u64)nr_cpu_ids * RD_FRAMES_VLPI);
	int ret = walk_frames(machine.redist.start, size, maps);

	if (!ret && !all_found(maps) && size < all)
		ret = walk_frames(machine.redist.start, all, maps);
	return ret;
}

static void check_mpidr(void *data)
{
	struct cpu_map *maps = data;
	struct cpu_map *map = &maps[smp_processor_id()];

	if (map->mpidr != (read_cpuid_mpidr() & MPIDR_HWID_BITMASK))
		map->gicr_pa = 0; /* refused below, by its number */
}

/* Fills machine.cpus. Return: 0, or -ENOENT with the CPU that is not found in machine.value. */
static int find_cpus(void)
{
	struct cpu_map *maps = may_fail(kcalloc(nr_cpu_ids, sizeof(*maps), GFP_KERNEL), NULL);
	unsigned int cpu;

	machine.cpus = maps;
	if (!maps)
		return -ENOMEM;
	for (cpu = 0; cpu < nr_cpu_ids; cpu++) {
		machine.value = cpu;
		if (find_mpidr(cpu, &maps[cpu].mpidr))
			return -ENOENT;
	}
	if (find_frames(maps))
		return -ENOMEM;
	on_each_cpu(check_mpidr, maps, 1);
	for (cpu = 0; cpu < nr_cpu_ids; cpu++) {
		machine.value = cpu;
		if (!maps[cpu].gicr_pa)
			return -ENOENT;
	}
	machine.value = 0;
	return 0;
}

/*
 * Whether the tree says that Linux was started at EL2: a GIC with a maintenance interrupt is
 * described to whoever may own EL2, and PSCI by SMC means that nobody above Linux takes its HVCs.
 */
static bool tree_has_el2(void)
{
	struct device_node *psci = of_find_compatible_node(NULL, NULL, "arm,psci-1.0");
	const char *method = NULL;
	bool has;

	if (!psci)
		psci = of_find_compatible_node(NULL, NULL, "arm,psci-0.2");
	has = psci && !of_property_read_string(psci, "method", &method) &&
	      !strcmp(method, "smc") && of_find_property(machine.gic, "interrupts", NULL);
	of_node_put(psci);
	return has;
}

/* By PPI 10, INTID 26, which the Base System Architecture asks for and EL2 relies on. */
static bool tree_has_el2_timer(void)
{
	struct device_node *timer = of_find_compatible_node(NULL, NULL, "arm,armv8-timer");
	int index = of_property_match_string(timer, "interrupt-names", "hyp-phys");
	struct of_phandle_args irq;
	bool has;

	/* Without names the order is the binding's. */
	has = timer && !of_irq_parse_one(timer, index < 0 ? 3 : index, &irq) &&
	      irq.args[0] == 1 && irq.args[1] == 10;
	of_node_put(timer);
	return has;
}

/* By PPI 9, INTID 25, for the same reason. */
static bool tree_has_maintenance(void)
{
	struct of_phandle_args irq;

	return !of_irq_parse_one(machine.gic, 0, &irq) && irq.args[0] == 1 && irq.args[1] == 9;
}

/* A word of the GIC's at that address. Return: 0 or -ENOMEM. */
static int read_gic(u64 pa, u32 *value)
{
	void __iomem *base = may_fail(ioremap(pa, sizeof(*value)), NULL);

	if (!base)
		return -ENOMEM;
	*value = readl_relaxed(base);
	iounmap(base);
	return 0;
}

/*
 * Whether Group 0 is Linux's to use. Of two security states Linux sees a GICD_CTLR without the bit
 * DS, which reads as zero there (GICv3 12.9.4).
 */
static int find_group0(void)
{
	u32 ctlr;
	int ret = read_gic(machine.dist.start + GICD_CTLR, &ctlr);

	machine.group0 = !ret && ctlr & GICD_CTLR_DS;
	return ret;
}

/*
 * Whether SGI 15 is Linux's to use. Linux gives all its private interrupts a priority; of those
 * that firmware keeps it reads as zero (GICv3 12.11, GICR_IPRIORITYR). By any CPU that is online.
 */
static int find_sgi15(void)
{
	unsigned int cpu = cpumask_first(cpu_online_mask);
	u32 priorities;
	int ret = read_gic(machine.cpus[cpu].gicr_pa + SZ_64K + GICR_IPRIORITYR0 + 12, &priorities);

	machine.sgi15 = !ret && priorities >> 24;
	return ret;
}

/**
 * cpus_init - learn the machine from its device tree, when the module is loaded
 *
 * What is wrong with it is said at enable, not here: hvctl then has a reason to print. cpus_exit()
 * follows in any case.
 *
 * Return: 0 or -ENOMEM.
 */
int cpus_init(void)
{
	int ret;

	machine.code = CAISSON_E_ACPI;
	if (!acpi_disabled)
		return 0;
	machine.code = CAISSON_E_GICV2;
	machine.gic = of_find_compatible_node(NULL, NULL, "arm,gic-v3");
	if (!machine.gic || !of_device_is_available(machine.gic) ||
	    of_address_to_resource(machine.gic, 0, &machine.dist) ||
	    of_address_to_resource(machine.gic, 1, &machine.redist) ||
	    resource_size(&machine.dist) < SZ_64K) {
		of_node_put(machine.gic);
		machine.gic = NULL;
		return 0;
	}
	machine.el2 = tree_has_el2();
	machine.el2_timer = tree_has_el2_timer();
	machine.maintenance = tree_has_maintenance();
	ret = find_group0();
	ret = ret ?: find_cpus();
	ret = ret ?: find_sgi15();
	machine.code = ret ? CAISSON_E_CPU_UNKNOWN : CAISSON_E_OK;
	return ret == -ENOMEM ? ret : 0;
}

/* When the module goes. */
void cpus_exit(void)
{
	of_node_put(machine.gic);
	kfree(machine.cpus);
}

/**
 * cpus_choose_mode - how interrupts are to reach EL2
 * @wanted: enum caisson_irq_mode of the system configuration
 * @mode: no longer AUTO
 *
 * Return: 0 or the error's code.
 */
u32 cpus_choose_mode(u32 wanted, u32 *mode)
{
	*mode = wanted;
	if (wanted == CAISSON_MODE_AUTO)
		*mode = machine.group0 ? CAISSON_MODE_DIRECT_FIQ : CAISSON_MODE_DIRECT_REVOKE;
	if (*mode == CAISSON_MODE_LIST && !machine.maintenance)
		return CAISSON_E_GIC_MODE;
	if (!machine.sgi15 && !machine.el2_timer)
		return CAISSON_E_KICK;
	return *mode == CAISSON_MODE_DIRECT_FIQ && !machine.group0 ? CAISSON_E_GROUP0 : 0;
}

/* The interrupt by which EL2 is going to call a CPU: SGI 15, or its timer's, PPI 10. */
u32 cpus_kick_intid(void)
{
	return machine.sgi15 ? 15 : 26;
}

/* Whether the device tree is evidence that HVC reaches EL2. */
bool cpus_tree_has_el2(void)
{
	return machine.el2;
}

/**
 * cpus_pend_lpis - pend again what EL2 had acknowledged for Linux and could not hand over any more
 * @lpis: INTID << 8, and something in the lower bits; the end is 0
 *
 * Only the ITS can do it, and that is Linux's. Process context.
 */
void cpus_pend_lpis(const u32 *lpis)
{
	struct irq_domain *domain = irq_find_host(machine.gic);
	unsigned int irq;

	for (; *lpis; lpis++) {
		irq = domain ? irq_find_mapping(domain, *lpis >> 8) : 0;
		if (!irq || irq_set_irqchip_state(irq, IRQCHIP_STATE_PENDING, true))
			dev_err(caisson_device(), "LPI %u is lost\n", *lpis >> 8);
	}
}

/* The GIC's node, for interrupts; valid while the module is loaded and cpus_usable() said so. */
struct device_node *cpus_gic_node(void)
{
	return machine.gic;
}

/* nr_cpu_ids entries, as above. */
const struct cpu_map *cpus_map(void)
{
	return machine.cpus;
}

/* Whether cpus_init() found what it takes. Return: 0 or a negative errno, the reason in @err. */
int cpus_usable(struct caisson_ioc_error *err)
{
	return machine.code ? caisson_refuse(err, machine.code, 0, machine.value) : 0;
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
	unsigned int cpu;

	if (sys->gicd_base != machine.dist.start || sys->gicd_size > resource_size(&machine.dist))
		return caisson_refuse(err, CAISSON_E_GIC_ADDRESS, offset, sys->gicd_base);
	if (sys->gicr_base != machine.redist.start ||
	    sys->gicr_size > resource_size(&machine.redist))
		return caisson_refuse(err, CAISSON_E_GIC_ADDRESS, offset, sys->gicr_base);
	for (cpu = 0; cpu < nr_cpu_ids; cpu++)
		if (machine.cpus[cpu].gicr_pa + RD_FRAMES > sys->gicr_base + sys->gicr_size)
			return caisson_refuse(err, CAISSON_E_GIC_ADDRESS, offset,
					      machine.cpus[cpu].gicr_pa);
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
 * cpus_check - whether the CPUs of a cell's configuration, and what it wants of them, are to be had
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
	if (config_cell(cell->blob)->watchdog_ms && !machine.el2_timer)
		return caisson_refuse(err, CAISSON_E_WATCHDOG,
				      config_offset(cell->blob, CAISSON_SEC_CELL, 0), 0);
	if (config_cell(cell->blob)->watchdog_ms && hv.irq_mode == CAISSON_MODE_DIRECT_REVOKE)
		return caisson_refuse(err, CAISSON_E_WATCHDOG_MODE,
				      config_offset(cell->blob, CAISSON_SEC_CELL, 0), 0);
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
	int ret;

	for_each_cpu(cpu, cell->cpus) {
		if (!cpu_online(cpu))
			continue;
		ret = may_fail(remove_cpu(cpu), -EBUSY);
		if (ret < 0) {
			dev_info(caisson_device(), "CPU %u cannot be taken offline\n", cpu);
			return caisson_refuse(err, CAISSON_E_REFUSED_BY_LINUX,
					      cpu_offset(cell, cpu), cpu);
		}
		/* 1: root's user was faster, and wants it so. */
		if (!ret)
			cpumask_set_cpu(cpu, cell->to_online);
	}
	return 0;
}

/* Linux refuses for a moment, as before a kexec, rather than for good. 1: it is online already. */
static bool bring_online(unsigned int cpu)
{
	unsigned int i;

	for (i = 0; i < ONLINE_TRIES; i++) {
		if (i)
			msleep(ONLINE_WAIT_MS);
		if (may_fail(add_cpu(cpu), -EBUSY) >= 0)
			return true;
	}
	return false;
}

/* Brings online again what cpus_take() took. EL2 has the CPUs as root's, off. Process context. */
void cpus_give_back(struct cell *cell)
{
	unsigned int cpu;

	for_each_cpu(cpu, cell->to_online)
		if (!bring_online(cpu))
			dev_err(caisson_device(), "CPU %u does not come back online\n", cpu);
	cpumask_clear(cell->to_online);
}
