// SPDX-License-Identifier: GPL-2.0-only
/*
 * What `hvctl hardware check` wants to know of the machine and only the kernel can read: registers
 * of one CPU, of the GIC and of PSCI, as they are. Whether Caisson can be enabled is not decided
 * here: hv_enable() does that, for the check as well.
 */
#include <linux/arm-smccc.h>
#include <linux/io.h>
#include <linux/irqchip/arm-gic-v3.h>
#include <linux/of.h>
#include <linux/of_address.h>
#include <linux/smp.h>
#include <uapi/linux/psci.h>
#include <asm/cputype.h>
#include <asm/sysreg.h>

#include "caisson.h"

static void read_cpu(void *data)
{
	struct caisson_ioc_probe *arg = data;

	arg->midr = read_cpuid_id();
	arg->mpidr = read_cpuid_mpidr() & MPIDR_HWID_BITMASK;
	arg->el = (u32)read_sysreg(CurrentEL) >> 2;
	arg->pfr0 = read_sysreg_s(SYS_ID_AA64PFR0_EL1);
	arg->mmfr0 = read_sysreg_s(SYS_ID_AA64MMFR0_EL1);
	arg->mmfr1 = read_sysreg_s(SYS_ID_AA64MMFR1_EL1);
	arg->cntfrq = read_sysreg(cntfrq_el0);
}

/* Of the GICv3 that the device tree names, if it does. */
static void read_gic(struct caisson_ioc_probe *arg)
{
	struct device_node *gic = cpus_gic_node();
	void __iomem *dist = gic ? of_iomap(gic, 0) : NULL;

	if (!dist)
		return;
	arg->gicd_ctlr = readl_relaxed(dist + GICD_CTLR);
	arg->gicd_typer = readl_relaxed(dist + GICD_TYPER);
	arg->gicd_pidr2 = readl_relaxed(dist + GICD_PIDR2);
	arg->kick_intid = cpus_kick_intid();
	iounmap(dist);
}

/* By the conduit of the tree: the one that Linux itself calls PSCI by. */
static void read_psci(struct caisson_ioc_probe *arg)
{
	struct device_node *psci = of_find_node_by_path("/psci");
	struct arm_smccc_res res = { .a0 = 0 };
	const char *method = "";

	if (psci && of_device_is_compatible(psci, "arm,psci-0.2"))
		of_property_read_string(psci, "method", &method);
	if (!strcmp(method, "smc"))
		arm_smccc_smc(PSCI_0_2_FN_PSCI_VERSION, 0, 0, 0, 0, 0, 0, 0, &res);
	else if (!strcmp(method, "hvc"))
		arm_smccc_hvc(PSCI_0_2_FN_PSCI_VERSION, 0, 0, 0, 0, 0, 0, 0, &res);
	of_node_put(psci);
	arg->psci_version = (u32)res.a0;
}

/**
 * machine_probe - CAISSON_IOC_PROBE
 * @p: struct caisson_ioc_probe
 *
 * Nothing is changed; what is not there reads as zero. Process context, enabled or not.
 *
 * Return: 0 or a negative errno.
 */
int machine_probe(void *p)
{
	struct caisson_ioc_probe *arg = p;
	struct caisson_ioc_error *err = &arg->head.error;

	if (arg->reserved)
		return caisson_refuse(err, CAISSON_E_RESERVED, 0, arg->reserved);
	if (arg->cpu >= nr_cpu_ids)
		return caisson_refuse(err, CAISSON_E_CPU_UNKNOWN, 0, arg->cpu);
	memset_startat(arg, 0, ncpus);
	arg->ncpus = nr_cpu_ids;
	/* A CPU that is offline, or goes so, leaves its registers zero. */
	smp_call_function_single((int)arg->cpu, read_cpu, arg, 1);
	read_gic(arg);
	read_psci(arg);
	return 0;
}
