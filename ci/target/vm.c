// SPDX-License-Identifier: GPL-2.0-only
/*
 * A virtual machine of KVM, to see whether KVM works in root Linux: one CPU, a GICv3, the guest of
 * vm_guest.S. System tests run it before, while and after the hypervisor is enabled, or across:
 *
 *     vm run 'hvctl enable' refused 'hvctl disable' run
 *
 *     run       a round of the guest, or the rest of one, in which everything must be right
 *     refused   KVM must refuse to enter the guest, by KVM_EXIT_FAIL_ENTRY
 *     busy      rounds until KVM refuses, wherever in one that is
 *     other     is a command for the shell, which must succeed
 *
 * The VM is made before the first word is obeyed, and stays. Exit status: 0, or 1 after the first
 * thing that was not as it should be.
 */
#include <err.h>
#include <fcntl.h>
#include <linux/kvm.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "vm_guest.h"

#define RAM_SIZE 0x10000
#define PATIENCE 60 /* seconds for a word: then SIGALRM ends this program */

extern const char guest_start[], guest_entry[], guest_end[];

static int vm, cpu;
static struct kvm_run *state;
static char seen[80] = "none"; /* of the last round */

static int call(int fd, unsigned long request, const void *argument, const char *what)
{
	int ret = ioctl(fd, request, argument);

	if (ret < 0)
		err(1, "%s", what);
	return ret;
}

static void set_attribute(int device, uint32_t group, uint64_t attribute, uint64_t value)
{
	struct kvm_device_attr attr = {
		.group = group, .attr = attribute, .addr = (uintptr_t)&value
	};

	call(device, KVM_SET_DEVICE_ATTR, &attr, "KVM_SET_DEVICE_ATTR");
}

/* The same calls that any VMM makes; the GIC is complete once it has a CPU. */
static void make_vm(void)
{
	struct kvm_create_device gic = { .type = KVM_DEV_TYPE_ARM_VGIC_V3 };
	struct kvm_userspace_memory_region ram = {
		.guest_phys_addr = GUEST_RAM, .memory_size = RAM_SIZE
	};
	struct kvm_vcpu_init init;
	uint64_t entry = GUEST_RAM + (uint64_t)(guest_entry - guest_start);
	struct kvm_one_reg pc = {
		.id = KVM_REG_ARM64 | KVM_REG_SIZE_U64 | KVM_REG_ARM_CORE |
		      KVM_REG_ARM_CORE_REG(regs.pc),
		.addr = (uintptr_t)&entry,
	};
	int kvm = open("/dev/kvm", O_RDWR | O_CLOEXEC);
	void *memory = mmap(NULL, RAM_SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (kvm < 0 || memory == MAP_FAILED)
		err(1, "/dev/kvm");
	memcpy(memory, guest_start, (size_t)(guest_end - guest_start));
	ram.userspace_addr = (uintptr_t)memory;
	vm = call(kvm, KVM_CREATE_VM, NULL, "KVM_CREATE_VM");
	call(vm, KVM_SET_USER_MEMORY_REGION, &ram, "KVM_SET_USER_MEMORY_REGION");
	call(vm, KVM_CREATE_DEVICE, &gic, "KVM_CREATE_DEVICE");
	set_attribute((int)gic.fd, KVM_DEV_ARM_VGIC_GRP_ADDR, KVM_VGIC_V3_ADDR_TYPE_DIST, GUEST_GICD);
	set_attribute((int)gic.fd, KVM_DEV_ARM_VGIC_GRP_ADDR, KVM_VGIC_V3_ADDR_TYPE_REDIST, GUEST_GICR);
	cpu = call(vm, KVM_CREATE_VCPU, NULL, "KVM_CREATE_VCPU");
	call(vm, KVM_ARM_PREFERRED_TARGET, &init, "KVM_ARM_PREFERRED_TARGET");
	init.features[0] |= 1u << KVM_ARM_VCPU_PSCI_0_2;
	call(cpu, KVM_ARM_VCPU_INIT, &init, "KVM_ARM_VCPU_INIT");
	call(cpu, KVM_SET_ONE_REG, &pc, "KVM_SET_ONE_REG");
	set_attribute((int)gic.fd, KVM_DEV_ARM_VGIC_GRP_CTRL, KVM_DEV_ARM_VGIC_CTRL_INIT, 0);
	state = mmap(NULL, (size_t)call(kvm, KVM_GET_VCPU_MMAP_SIZE, NULL, "KVM_GET_VCPU_MMAP_SIZE"),
		     PROT_READ | PROT_WRITE, MAP_SHARED, cpu, 0);
	if (state == MAP_FAILED)
		err(1, "mmap of the CPU");
}

/* One access of the guest to GUEST_MMIO; what it wrote goes into `written`. Returns the offset. */
static uint64_t access_mmio(uint32_t *written, uint32_t in)
{
	uint64_t offset = state->mmio.phys_addr - GUEST_MMIO;

	if (state->exit_reason != KVM_EXIT_MMIO)
		errx(1, "the guest left for reason %u", state->exit_reason);
	if (offset > MMIO_FAULT || state->mmio.len != sizeof(in) ||
	    state->mmio.is_write == (offset == MMIO_IN))
		errx(1, "the guest accesses %#llx", (unsigned long long)state->mmio.phys_addr);
	if (offset == MMIO_IN)
		memcpy(state->mmio.data, &in, sizeof(in));
	else
		memcpy(&written[offset / sizeof(in)], state->mmio.data, sizeof(in));
	if (offset == MMIO_FAULT)
		errx(1, "the guest took the exception of vector %u", written[offset / sizeof(in)]);
	return offset;
}

/* Enters the guest, which goes on where it left. False: KVM refused. */
static bool enter(void)
{
	call(cpu, KVM_RUN, NULL, "KVM_RUN");
	return state->exit_reason != KVM_EXIT_FAIL_ENTRY;
}

/* Up to the end of a round, all of which must be right. False: KVM refused before. */
static bool run_round(void)
{
	static uint32_t rounds, written[MMIO_FAULT / 4 + 1];
	const uint32_t in = 0x600d;

	do
		if (!enter())
			return false;
	while (access_mmio(written, in) != MMIO_ROUND);
	snprintf(seen, sizeof(seen), "round=%u out=%#x hvc=%#x sgi=%u timer=%u",
		 written[MMIO_ROUND / 4], written[MMIO_OUT / 4], written[MMIO_HVC / 4],
		 written[MMIO_SGI / 4], written[MMIO_TIMER / 4]);
	if (written[MMIO_ROUND / 4] != ++rounds || written[MMIO_OUT / 4] != in + 1 ||
	    written[MMIO_HVC / 4] < 0x10000 || written[MMIO_SGI / 4] != GUEST_SGI ||
	    written[MMIO_TIMER / 4] != GUEST_TIMER)
		errx(1, "this is not right: %s", seen);
	memset(written, 0, sizeof(written));
	return true;
}

static void obey(const char *word)
{
	alarm(PATIENCE);
	if (!strcmp(word, "run")) {
		if (!run_round())
			errx(1, "KVM refused");
		printf("vm: %s\n", seen);
	} else if (!strcmp(word, "busy")) {
		while (run_round())
			;
		printf("vm: refused, after %s\n", seen);
	} else if (!strcmp(word, "refused")) {
		if (enter())
			errx(1, "KVM did not refuse");
		printf("vm: refused\n");
	} else if (system(word)) {
		errx(1, "`%s' failed", word);
	}
}

int main(int argc, char **argv)
{
	int i;

	setvbuf(stdout, NULL, _IOLBF, 0); /* in order with what the commands say */
	make_vm();
	for (i = 1; i < argc; i++)
		obey(argv[i]);
	return 0;
}
