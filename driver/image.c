// SPDX-License-Identifier: GPL-2.0-only
/*
 * Enable and disable: caisson.bin becomes the hypervisor memory that caisson/image.h describes,
 * with EL2's first tables and the boot structures, and is put under every CPU: steps 2 and 11 of
 * the tour.
 *
 * EL2 starts with its MMU off: what it executes and reads then, image and boot structures, is built
 * cacheably and cleaned to the point of coherency. Everything else it finds as Linux's other CPUs
 * would, by cacheable accesses and table walks of the same shareability (SCTLR_EL2.C, TCR_EL2).
 */
#include <crypto/sha2.h>
#include <linux/cpu.h>
#include <linux/firmware.h>
#include <linux/io.h>
#include <linux/ktime.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/random.h>
#include <linux/sizes.h>
#include <linux/slab.h>

#include <asm/cpufeature.h>
#include <asm/sysreg.h>

#include "caisson.h"
#include "compat.h"

#define IMAGE_NAME "caisson.bin"

/* VMSAv8-64 stage 1, EL2 regime of one VA range (Arm ARM D8.3): AP[1] is RES1, nG RES0. */
#define DESC_VALID 0x3ULL /* table at levels 0 to 2, page at level 3 */
#define DESC_ATTR(n) ((u64)(n) << 2)
#define DESC_AP1 (1ULL << 6)
#define DESC_RO (1ULL << 7)
#define DESC_INNER (3ULL << 8)
#define DESC_AF (1ULL << 10)
#define DESC_GP (1ULL << 50) /* FEAT_BTI, else RES0: an indirect branch needs a landing pad */
#define DESC_XN (1ULL << 54)
#define DESC_ADDR GENMASK_ULL(47, 12)

#define PAGE_NORMAL (DESC_VALID | DESC_ATTR(CAISSON_MAIR_NORMAL) | DESC_AP1 | DESC_INNER | DESC_AF)
#define PAGE_TEXT (PAGE_NORMAL | DESC_RO)
#define PAGE_RODATA (PAGE_NORMAL | DESC_RO | DESC_XN)
#define PAGE_DATA (PAGE_NORMAL | DESC_XN)
#define PAGE_DEVICE (DESC_VALID | DESC_ATTR(CAISSON_MAIR_DEVICE) | DESC_AP1 | DESC_AF | DESC_XN)

/* The hypervisor memory while it is filled: offsets and sizes in bytes from its start. */
struct layout {
	struct caisson_image_header header;
	u64 boot_off;
	u64 config_off;
	u64 private_off;
	u64 tables_off;
	u64 pool_off;
	u64 size;
	u64 table_next; /* offset of the next free table */
	void *base;	/* linear map */
	u64 pa;
};

/*
 * caisson.bin, once it has been read and found to be the one of this build, until the module goes.
 * No other file would do, so it is not read again, nor its digest computed, which takes longer than
 * all the rest of enabling.
 */
static const struct firmware *image;

/* Takes over @fw if it has our digest, and needs no other check then. */
static bool take_image(const struct firmware *fw)
{
	u8 digest[SHA256_DIGEST_SIZE];

	sha256(fw->data, fw->size, digest);
	if (fw->size < sizeof(struct caisson_image_header) ||
	    memcmp(digest, image_digest, sizeof(digest)))
		return false;
	image = fw;
	return true;
}

/*
 * The first words of another version's header are where ours are: its number is what we name. Ours
 * stands for what is damaged or of another build, and 0 for no file.
 */
static int find_image(struct caisson_ioc_error *err)
{
	const struct caisson_image_header *header;
	const struct firmware *fw;
	u64 value = CAISSON_ABI_VERSION;

	if (may_fail(request_firmware(&fw, IMAGE_NAME, caisson_device()), -ENOENT))
		return caisson_refuse(err, CAISSON_E_IMAGE, 0, 0);
	if (take_image(fw))
		return 0;
	header = (const void *)fw->data;
	if (fw->size >= sizeof(*header) && header->magic == CAISSON_IMAGE_MAGIC)
		value = header->abi_version;
	release_firmware(fw);
	return caisson_refuse(err, CAISSON_E_IMAGE, 0, value);
}

/**
 * image_init - read and check caisson.bin, if it is there already
 *
 * When the module is loaded, so that enabling need not. What is wrong with it hv_enable() says,
 * which looks again. Process context, our device is there.
 */
void image_init(void)
{
	const struct firmware *fw;

	if (!request_firmware_direct(&fw, IMAGE_NAME, caisson_device()) && !take_image(fw))
		release_firmware(fw);
}

/* When the module goes. */
void image_exit(void)
{
	release_firmware(image);
}

/*
 * Tables at most: identity map (L1, L2, L3, two more should its pages straddle), linear map (L1,
 * L2, an L3 per 2 MiB), GIC (L1, L2, an L3 for the distributor and one per 16 redistributors).
 */
static u64 tables_for(const struct layout *l, u64 size)
{
	u64 idmap = l->header.idmap_size > CAISSON_PAGE_SIZE ? 5 : 3;

	return idmap + 2 + DIV_ROUND_UP(size, SZ_2M) + 3 +
	       DIV_ROUND_UP(nr_cpu_ids * CAISSON_GICR_STRIDE, SZ_2M);
}

/* Lays everything out for a pool of @pool pages. */
static void plan(struct layout *l, u64 pool)
{
	u64 boot = sizeof(struct caisson_boot) + nr_cpu_ids * sizeof(struct caisson_cpu_boot);
	u64 rest, tables;

	l->boot_off = l->header.mem_size;
	l->config_off = l->boot_off + ALIGN(boot, 8);
	l->private_off = ALIGN(l->config_off + hv.config_size, CAISSON_PAGE_SIZE);
	l->tables_off = l->private_off + nr_cpu_ids * CAISSON_PRIV_PAGES * CAISSON_PAGE_SIZE;
	/* The tables are mapped by tables, and so is what the pool may get beyond @pool. */
	rest = l->tables_off + pool * CAISSON_PAGE_SIZE;
	tables = tables_for(l, rest + rest / 2);
	l->table_next = l->tables_off;
	l->pool_off = l->tables_off + tables * CAISSON_PAGE_SIZE;
	l->size = l->pool_off + pool * CAISSON_PAGE_SIZE;
}

/*
 * Takes the memory. A pool that nobody has sized gets what a block of the allocator has left, or
 * does with a little less for cells, rather than have Linux find and zero a block twice as large.
 */
static int claim(struct layout *l, u32 pool_pages)
{
	u64 pool = pool_pages ?: CAISSON_POOL_ROOT + (u64)nr_cpu_ids + CAISSON_POOL_CELLS;
	u64 beyond;
	int ret;

	plan(l, pool);
	beyond = PHYS_PFN(l->size - rounddown_pow_of_two(l->size));
	if (!pool_pages && beyond <= CAISSON_POOL_CELLS / 8)
		plan(l, pool - beyond);
	ret = memory_claim_hypervisor(l->size, !pool_pages, &hv.memory);
	if (ret)
		return ret;
	l->size = PFN_PHYS(hv.memory.pages);
	l->pa = PFN_PHYS(hv.memory.pfn);
	l->base = phys_to_virt(l->pa);
	return 0;
}

/* The table that *@desc points to; a zeroed new one if there is none yet. */
static u64 *next_table(struct layout *l, u64 *desc)
{
	if (!*desc) {
		if (WARN_ON(l->table_next >= l->pool_off))
			return NULL;
		*desc = (l->pa + l->table_next) | DESC_VALID;
		l->table_next += CAISSON_PAGE_SIZE;
	}
	return l->base + ((*desc & DESC_ADDR) - l->pa);
}

/* The level-3 table for @va below the level-0 table @l0, made if need be. */
static u64 *leaf_table(struct layout *l, u64 *l0, u64 va)
{
	u64 *table = l0;
	int shift;

	for (shift = 39; table && shift > 12; shift -= 9)
		table = next_table(l, &table[(va >> shift) & 511]);
	return table;
}

/* Maps [va, va + size) by 4 KiB pages; devices are page aligned too. */
static int map(struct layout *l, u64 *l0, u64 va, u64 pa, u64 size, u64 attributes)
{
	u64 end = va + size;

	while (va < end) {
		u64 *table = leaf_table(l, l0, va);
		u64 stop = min(end, ALIGN(va + 1, SZ_2M));

		if (!table)
			return -ENOSPC;
		for (; va < stop; va += CAISSON_PAGE_SIZE, pa += CAISSON_PAGE_SIZE)
			table[(va >> 12) & 511] = pa | attributes;
	}
	return 0;
}

/* Fields of an identification register in which all CPUs have something. */
static bool sanitised(u32 reg, u64 mask)
{
	return read_sanitised_ftr_reg(reg) & mask;
}

/* What all CPUs see alike, built once below @l0, whose entries are then copied to each of them. */
static int map_shared(struct layout *l, u64 *l0, const struct caisson_system_entry *sys,
		      const struct cpu_map *cpus)
{
	const struct caisson_image_header *h = &l->header;
	const u64 guarded = sanitised(SYS_ID_AA64PFR1_EL1, 0xf) ? PAGE_TEXT | DESC_GP : PAGE_TEXT;
	unsigned int cpu;
	int ret;

	ret = map(l, l0, l->pa + h->idmap_off, l->pa + h->idmap_off, h->idmap_size, PAGE_TEXT);
	ret = ret ?: map(l, l0, CAISSON_VA_MEMORY, l->pa, h->guarded_off, PAGE_TEXT);
	ret = ret ?: map(l, l0, CAISSON_VA_MEMORY + h->guarded_off, l->pa + h->guarded_off,
			 h->rodata_off - h->guarded_off, guarded);
	ret = ret ?: map(l, l0, CAISSON_VA_MEMORY + h->rodata_off, l->pa + h->rodata_off,
			 h->data_off - h->rodata_off, PAGE_RODATA);
	ret = ret ?: map(l, l0, CAISSON_VA_MEMORY + h->data_off, l->pa + h->data_off,
			 l->private_off - h->data_off, PAGE_DATA);
	ret = ret ?: map(l, l0, CAISSON_VA_MEMORY + l->tables_off, l->pa + l->tables_off,
			 l->size - l->tables_off, PAGE_DATA);
	ret = ret ?: map(l, l0, CAISSON_VA_GICD, sys->gicd_base,
			 min_t(u64, sys->gicd_size, CAISSON_VA_GICR - CAISSON_VA_GICD),
			 PAGE_DEVICE);
	for (cpu = 0; cpu < nr_cpu_ids; cpu++)
		ret = ret ?: map(l, l0, CAISSON_VA_GICR + cpu * CAISSON_GICR_STRIDE,
				 cpus[cpu].gicr_pa, CAISSON_GICR_STRIDE, PAGE_DEVICE);
	return ret;
}

/*
 * A CPU's private area: its tables are the last four pages of it, in the order L0, L1, L2, L3. Of
 * @shared it gets the entries that map_shared() has used.
 */
static u64 map_private(struct layout *l, unsigned int cpu, const u64 *shared)
{
	const u64 idmap = l->pa + l->header.idmap_off;
	const u64 used[] = { idmap, idmap + l->header.idmap_size - 1, CAISSON_VA_MEMORY,
			     CAISSON_VA_GICD };
	u64 off = l->private_off + cpu * CAISSON_PRIV_PAGES * CAISSON_PAGE_SIZE;
	u64 pa = l->pa + off;
	u64 l0_pa = pa + CAISSON_PRIV_PAGE_L0 * CAISSON_PAGE_SIZE;
	u64 *l0 = l->base + (l0_pa - l->pa);
	u64 *l1 = l0 + 512, *l2 = l0 + 1024, *l3 = l0 + 1536;
	u64 i;

	for (i = 0; i < ARRAY_SIZE(used); i++)
		l0[used[i] >> 39] = shared[used[i] >> 39];
	l0[CAISSON_VA_PRIVATE >> 39] = (l0_pa + 1 * CAISSON_PAGE_SIZE) | DESC_VALID;
	l1[0] = (l0_pa + 2 * CAISSON_PAGE_SIZE) | DESC_VALID;
	l2[0] = (l0_pa + 3 * CAISSON_PAGE_SIZE) | DESC_VALID;
	l3[CAISSON_PRIV_DATA >> 12] = pa | PAGE_DATA;
	for (i = 0; i < CAISSON_STACK_PAGES; i++)
		l3[(CAISSON_PRIV_STACK >> 12) + i] =
			(pa + (CAISSON_PRIV_PAGE_STACK + i) * CAISSON_PAGE_SIZE) | PAGE_DATA;
	l3[CAISSON_PRIV_L3 >> 12] = (l0_pa + 3 * CAISSON_PAGE_SIZE) | PAGE_DATA;
	return l0_pa;
}

static_assert(CAISSON_PRIV_PAGE_L0 + 4 == CAISSON_PRIV_PAGES);
static_assert((CAISSON_VA_PRIVATE >> 21) % (512 * 512) == 0);

/*
 * Address authentication by any algorithm: APA, API; APA3. As all CPUs have it, and as Linux was
 * told to.
 */
static bool has_pauth(void)
{
	return sanitised(SYS_ID_AA64ISAR1_EL1, 0xff0) || sanitised(SYS_ID_AA64ISAR2_EL1, 0xf000);
}

static void fill_boot(struct layout *l, const struct caisson_system_entry *sys,
		      const struct cpu_map *cpus)
{
	struct caisson_boot *boot = hv.boot;
	unsigned int cpu;

	boot->magic = CAISSON_BOOT_MAGIC;
	boot->memory_pa = l->pa;
	boot->memory_size = l->size;
	boot->boot_off = l->boot_off;
	boot->private_off = l->private_off;
	boot->private_size = CAISSON_PRIV_PAGES * CAISSON_PAGE_SIZE;
	boot->pool_off = l->pool_off;
	boot->ncpus = nr_cpu_ids;
	boot->gicd_pa = sys->gicd_base;
	boot->config_off = l->config_off;
	boot->config_size = hv.config_size;
	boot->doorbell_intid = hv.doorbell_intid;
	boot->irq_mode = hv.irq_mode;
	boot->root_uart_pa = console_uart();
	boot->root_hvc_run = COMPAT_HVC_RUN;
	boot->root_hvc_mdcr = COMPAT_HVC_MDCR;
	boot->root_hvc_read_vmcr = COMPAT_HVC_READ_VMCR;
	boot->root_hvc_write_vmcr = COMPAT_HVC_WRITE_VMCR;
	for (cpu = 0; cpu < nr_cpu_ids; cpu++) {
		boot->cpu[cpu].index = cpu;
		boot->cpu[cpu].mpidr = cpus[cpu].mpidr;
		boot->cpu[cpu].gicr_pa = cpus[cpu].gicr_pa;
		boot->cpu[cpu].online = cpu_online(cpu);
		boot->cpu[cpu].sctlr = has_pauth() ? SCTLR_ELx_ENIA : 0;
		boot->nonline += boot->cpu[cpu].online;
	}
}

/* Fills the claimed memory, which is zero; hotplug is off, so that who is online stays true. */
static int build(struct layout *l, const struct caisson_system_entry *sys,
		 const struct cpu_map *cpus)
{
	u64 *l0 = may_fail(kzalloc(CAISSON_PAGE_SIZE, GFP_KERNEL), NULL);
	unsigned int cpu;
	int ret;

	if (!l0)
		return -ENOMEM;
	memcpy(l->base, image->data, image->size);
	get_random_bytes(l->base + l->header.rodata_off, CAISSON_RANDOM_SIZE);
	hv.boot = l->base + l->boot_off;
	fill_boot(l, sys, cpus);
	memcpy(l->base + l->config_off, hv.config, hv.config_size);
	ret = map_shared(l, l0, sys, cpus);
	for (cpu = 0; !ret && cpu < nr_cpu_ids; cpu++)
		hv.boot->cpu[cpu].ttbr0 = map_private(l, cpu, l0);
	kfree(l0);
	hv.entry_pa = l->pa + l->header.entry_off;
	hv.image_size = l->header.mem_size;
	caisson_clean_inval_poc(l->base, l->base + l->private_off);
	return ret;
}

/*
 * Gives the memory back, nothing of EL2 in it. What of its pool EL2 did not need, or has freed, is
 * zero (caisson/image.h); the bitmap that says so goes last.
 */
static void release(void)
{
	void *base = phys_to_virt(PFN_PHYS(hv.memory.pfn));

	if (hv.boot) {
		void *pool = base + hv.boot->pool_off;
		unsigned long page = hv.memory.pages - PHYS_PFN(hv.boot->pool_off);

		while (page--)
			if (test_bit(page, pool))
				caisson_zero(pool + page * PAGE_SIZE,
					     pool + (page + 1) * PAGE_SIZE);
		caisson_zero(base, pool);
	}
	hv.boot = NULL;
	memory_release(&hv.memory);
}

/* After the switch: is it really the EL2 that we speak to, and where is its log? */
static int meet(struct caisson_ioc_error *err)
{
	struct hvc_result res = hvc(CAISSON_HC_INFO, 0, 0, 0, 0, 0, 0);

	if (res.code || res.value != CAISSON_ABI_VERSION)
		return caisson_refuse(err, CAISSON_E_IMAGE, 0, res.value);
	res = hvc(CAISSON_HC_LOG, 0, 0, 0, 0, 0, 0);
	if (!res.code)
		console_use_log(phys_to_virt(res.value));
	return 0;
}

/*
 * Everything that has to be undone if it fails, or if that is all that is asked; @sys points into
 * hv.config.
 */
static int prepare_and_enter(struct layout *l, const struct caisson_system_entry *sys,
			     bool only_check, struct caisson_ioc_error *err)
{
	int ret;

	if (claim(l, sys->pool_pages))
		return caisson_refuse(err, CAISSON_E_NO_MEMORY, 0, l->size);
	ret = only_check ? 0 : consoles_start(err);
	if (ret || only_check)
		goto out;
	cpu_hotplug_disable();
	if (build(l, sys, cpus_map()))
		ret = caisson_refuse(err, CAISSON_E_NO_MEMORY, 0, l->size);
	else
		ret = hv_enter(err);
	cpu_hotplug_enable();
	if (!ret) {
		ret = meet(err);
		if (!ret)
			return 0;
		if (hv_leave(err)) {
			__module_get(THIS_MODULE); /* for ever: it stands on what we hold */
			return ret;
		}
	}
	consoles_stop();
out:
	release();
	return ret;
}

static int enable(struct caisson_ioc_enable *arg, struct caisson_ioc_error *err)
{
	const struct caisson_system_entry *sys = config_system(hv.config);
	u32 offset = config_offset(hv.config, CAISSON_SEC_SYSTEM, 0);
	struct layout l = {};
	u32 code;
	u64 at;
	int ret;

	if (memory_unlisted_ram(hv.config, &at))
		return caisson_refuse(err, CAISSON_E_RAM_UNLISTED, offset, at);
	ret = cpus_usable(err);
	ret = ret ?: hv_probe(arg->flags & CAISSON_ENABLE_ASSUME_EL2, err);
	ret = ret ?: cpus_check_gic(sys, offset, err);
	if (ret)
		return ret;
	/* EL2 checks it again. */
	code = cpus_choose_mode(sys->irq_mode, &hv.irq_mode);
	if (code)
		return caisson_refuse(err, code, offset, 0);
	ret = image ? 0 : find_image(err);
	if (ret)
		return ret;
	memcpy(&l.header, image->data, sizeof(l.header));
	return prepare_and_enter(&l, sys, arg->flags & CAISSON_ENABLE_CHECK, err);
}

/**
 * hv_enable - put Caisson under this Linux
 * @arg: checked by the caller for form alone
 *
 * On refusal, and after CAISSON_ENABLE_CHECK, everything is as it was. Process context,
 * caisson_lock held.
 *
 * Return: 0 or a negative errno with arg->head.error filled in.
 */
int hv_enable(struct caisson_ioc_enable *arg)
{
	struct caisson_ioc_error *err = &arg->head.error;
	u64 start = ktime_get_ns();
	int ret;

	if (hv.enabled)
		return caisson_refuse(err, CAISSON_E_ENABLED, 0, 0);
	if (arg->flags & ~(CAISSON_ENABLE_ASSUME_EL2 | CAISSON_ENABLE_CHECK))
		return caisson_refuse(err, CAISSON_E_FLAGS, 0, arg->flags);
	ret = caisson_copy_blob(arg->blob, arg->blob_size, CAISSON_KIND_SYSTEM, &hv.config, err);
	if (ret)
		return ret;
	hv.config_size = arg->blob_size;
	__module_get(THIS_MODULE); /* the open file holds it already; this outlives the file */
	ret = enable(arg, err);
	if (ret || arg->flags & CAISSON_ENABLE_CHECK) {
		module_put(THIS_MODULE);
		kfree(hv.config);
		hv.config = NULL;
		return ret;
	}
	hv.enabled = true;
	hv.enable_ns = ktime_get_ns() - start;
	return 0;
}

/**
 * hv_disable - take Caisson away; its memory goes back to Linux
 * @err: filled in on refusal; then it is still there
 *
 * Process context, caisson_lock held. Return: 0 or a negative errno.
 */
int hv_disable(struct caisson_ioc_error *err)
{
	u64 start = ktime_get_ns();
	int ret;

	if (!hv.enabled)
		return caisson_refuse(err, CAISSON_E_NOT_ENABLED, 0, 0);
	if (!list_empty(&caisson_cells))
		return caisson_refuse(err, CAISSON_E_CELLS_EXIST, 0, 0);
	cpu_hotplug_disable();
	ret = hv_leave(err);
	cpu_hotplug_enable();
	if (ret)
		return ret;
	hv.enabled = false;
	consoles_stop();
	release();
	kfree(hv.config);
	hv.config = NULL;
	module_put(THIS_MODULE);
	hv.disable_ns = ktime_get_ns() - start;
	return 0;
}

MODULE_FIRMWARE(IMAGE_NAME);
