// SPDX-License-Identifier: GPL-2.0-only
/*
 * What root's kernel finds on a CPU that it gets, and in memory that it gets back.
 *
 *	/proc/remains		what the registers of each CPU were when it came online last, before any
 *				program ran on it: NUMBER NAME VALUE; read it only when none is coming
 *	echo PA SIZE >...	how many words of that memory are what the inmate `same` fills its own
 *				with; the next read begins with it: `words COUNT'; all hexadecimal
 */
#include <linux/cpuhotplug.h>
#include <linux/io.h>
#include <linux/module.h>
#include <linux/proc_fs.h>
#include <linux/seq_file.h>
#include <linux/uaccess.h>
#include <asm/sysreg.h>

#include "same.h"

#define SAME_RAM 0x40000000ULL /* of its cell: a word is the complement of its address */
#define GICR_STRIDE 0x20000
#define GICR_PRIVATE 0x10000
#define CPUS 8

static unsigned long gicr = 0x080a0000; /* QEMU virt's */
module_param(gicr, ulong, 0444);

static const char *const names[] = {
#define X(name) #name,
	SAME_REGISTERS(X)
#undef X
};

/*
 * Of a redistributor's second frame: groups, what is enabled, pending, active, priorities, edges.
 */
static const u16 private_words[] = {
	0x080, 0x100, 0x200, 0x300, 0x400, 0x404, 0x408, 0x40c, 0x410, 0x414, 0x418, 0x41c, 0xc00, 0xc04,
};

static struct found {
	u64 reg[ARRAY_SIZE(names)];
	u64 simd[64];
	u32 gic[ARRAY_SIZE(private_words)];
	bool valid;
} found[CPUS];

static enum cpuhp_state state;
static struct proc_dir_entry *entry;
static u64 words;

/* The thread that brings CPUs online uses no SIMD, and the kernel none that it does not say. */
static int come(unsigned int cpu)
{
	struct found *f = &found[cpu % CPUS];
	void __iomem *frame = ioremap(gicr + cpu * GICR_STRIDE + GICR_PRIVATE, PAGE_SIZE);
	u64 *reg = f->reg;
	unsigned int i;

	if (!frame)
		return -ENOMEM;
#define X(name)                                               \
	do {                                                  \
		asm volatile("mrs %0, " #name : "=r"(*reg));   \
		reg++;                                        \
	} while (0);
	SAME_REGISTERS(X)
#undef X
	asm volatile(".arch_extension fp\n.arch_extension simd\n"
		     "mov x1, %0\n"
		     ".irp n, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31\n"
		     "str q\\n, [x1], #16\n"
		     ".endr"
		     :
		     : "r"(f->simd)
		     : "x1", "memory");
	for (i = 0; i < ARRAY_SIZE(private_words); i++)
		f->gic[i] = readl(frame + private_words[i]);
	iounmap(frame);
	f->valid = true;
	return 0;
}

static int show(struct seq_file *m, void *unused)
{
	unsigned int cpu, i;

	seq_printf(m, "words %llx\n", words);
	for (cpu = 0; cpu < CPUS; cpu++) {
		const struct found *f = &found[cpu];

		for (i = 0; f->valid && i < ARRAY_SIZE(f->reg); i++)
			seq_printf(m, "%u %s %llx\n", cpu, names[i], f->reg[i]);
		for (i = 0; f->valid && i < ARRAY_SIZE(f->simd); i++)
			seq_printf(m, "%u v%u.%u %llx\n", cpu, i / 2, i % 2, f->simd[i]);
		for (i = 0; f->valid && i < ARRAY_SIZE(f->gic); i++)
			seq_printf(m, "%u gicr_%x %x\n", cpu, private_words[i], f->gic[i]);
	}
	return 0;
}

static int remains_open(struct inode *inode, struct file *file)
{
	return single_open(file, show, NULL);
}

static ssize_t remains_write(struct file *file, const char __user *from, size_t size, loff_t *at)
{
	char text[64] = "";
	u64 pa, bytes, i;

	if (size >= sizeof(text) || copy_from_user(text, from, size))
		return -EFAULT;
	if (sscanf(text, "%llx %llx", &pa, &bytes) != 2)
		return -EINVAL;
	words = 0;
	for (i = 0; i < bytes; i += sizeof(u64))
		words += READ_ONCE(*(u64 *)phys_to_virt(pa + i)) == ~(SAME_RAM + i);
	return (ssize_t)size;
}

static const struct proc_ops ops = {
	.proc_open = remains_open,
	.proc_read = seq_read,
	.proc_lseek = seq_lseek,
	.proc_release = single_release,
	.proc_write = remains_write,
};

static int __init remains_init(void)
{
	int ret = cpuhp_setup_state_nocalls(CPUHP_AP_ONLINE_DYN, "remains", come, NULL);

	if (ret < 0)
		return ret;
	state = ret;
	entry = proc_create("remains", 0600, NULL, &ops);
	if (!entry)
		cpuhp_remove_state_nocalls(state);
	return entry ? 0 : -ENOMEM;
}

static void __exit remains_exit(void)
{
	proc_remove(entry);
	cpuhp_remove_state_nocalls(state);
}

module_init(remains_init);
module_exit(remains_exit);
MODULE_DESCRIPTION("What is left on CPUs and in memory that root gets, for Caisson's tests");
MODULE_LICENSE("GPL");
