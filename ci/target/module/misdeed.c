// SPDX-License-Identifier: GPL-2.0-only
/*
 * Root's kernel on request in the wrong: `echo WHAT WHERE >/proc/misdeed`, all numbers in
 * hexadecimal.
 *
 *	livelock SECONDS	all CPUs mask interrupts and spin
 *	store PA		a stray write, through the kernel's own map
 *	load PA			a load of which the kernel knows that it may fail: EFAULT
 *	string PA		a load of eight bytes from PA - 4, as of the end of a string: EIO unless
 *				what is beyond PA reads as zero
 */
#include <linux/io.h>
#include <linux/ktime.h>
#include <linux/module.h>
#include <linux/proc_fs.h>
#include <linux/smp.h>
#include <linux/uaccess.h>
#include <asm/word-at-a-time.h>

static struct proc_dir_entry *entry;

static void spin(void *until)
{
	while (ktime_get_mono_fast_ns() < *(u64 *)until)
		cpu_relax();
}

static int livelock(u64 seconds)
{
	u64 until = ktime_get_mono_fast_ns() + seconds * NSEC_PER_SEC;

	on_each_cpu(spin, &until, 1);
	return 0;
}

static int store(u64 pa)
{
	WRITE_ONCE(*(u64 *)phys_to_virt(pa), 0x4545454545454545);
	return 0;
}

static int load(u64 pa)
{
	u64 value;

	return copy_from_kernel_nofault(&value, phys_to_virt(pa), sizeof(value));
}

static int string(u64 pa)
{
	return load_unaligned_zeropad(phys_to_virt(pa - 4)) >> 32 ? -EIO : 0;
}

static const struct {
	const char *name;
	int (*commit)(u64 value);
} deeds[] = {
	{ "livelock", livelock },
	{ "store", store },
	{ "load", load },
	{ "string", string },
};

static ssize_t misdeed_write(struct file *file, const char __user *from, size_t size, loff_t *at)
{
	char text[64] = "", name[16];
	unsigned int i;
	u64 value;
	int ret;

	if (size >= sizeof(text) || copy_from_user(text, from, size))
		return -EFAULT;
	if (sscanf(text, "%15s %llx", name, &value) != 2)
		return -EINVAL;
	for (i = 0; i < ARRAY_SIZE(deeds); i++)
		if (!strcmp(name, deeds[i].name)) {
			ret = deeds[i].commit(value);
			return ret ?: (ssize_t)size;
		}
	return -EINVAL;
}

static const struct proc_ops ops = { .proc_write = misdeed_write };

static int __init misdeed_init(void)
{
	entry = proc_create("misdeed", 0200, NULL, &ops);
	return entry ? 0 : -ENOMEM;
}

static void __exit misdeed_exit(void)
{
	proc_remove(entry);
}

module_init(misdeed_init);
module_exit(misdeed_exit);
MODULE_DESCRIPTION("Root's kernel in the wrong, for Caisson's tests");
MODULE_LICENSE("GPL");
