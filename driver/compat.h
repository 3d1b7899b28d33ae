/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Every difference between the kernels this module is built for (6.1 to 6.12), and nothing else.
 */
#ifndef CAISSON_COMPAT_H
#define CAISSON_COMPAT_H

#include <linux/arm-smccc.h>
#include <linux/console.h>
#include <linux/version.h>
#include <asm/kvm_asm.h>
#include <asm/virt.h>

/* KVM's host call numbers; read and write of ICH_VMCR exist as calls of their own up to 6.9. */
#define COMPAT_HVC_RUN __KVM_HOST_SMCCC_FUNC___kvm_vcpu_run
#define COMPAT_HVC_MDCR __KVM_HOST_SMCCC_FUNC___kvm_get_mdcr_el2
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 10, 0)
#define COMPAT_HVC_READ_VMCR __KVM_HOST_SMCCC_FUNC___vgic_v3_read_vmcr
#define COMPAT_HVC_WRITE_VMCR __KVM_HOST_SMCCC_FUNC___vgic_v3_write_vmcr
#else
#define COMPAT_HVC_READ_VMCR (~0ULL)
#define COMPAT_HVC_WRITE_VMCR (~0ULL)
#endif

/* Whether KVM's code in EL2 runs with HCR_EL2.E2H = 1. */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 5, 0)
#define compat_has_hvhe() false
#else
#define compat_has_hvhe() has_hvhe()
#endif

/* Around for_each_console(). */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 2, 0)
#define compat_consoles_lock() console_lock()
#define compat_consoles_unlock() console_unlock()
#else
#define compat_consoles_lock() console_list_lock()
#define compat_consoles_unlock() console_list_unlock()
#endif

#endif
