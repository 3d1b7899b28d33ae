// SPDX-License-Identifier: GPL-2.0-only
/*
 * The module and /dev/caisson: what hvctl's ioctls reach, one row each; step 1 of the tour.
 *
 * A call's structure is copied in once and copied out once; its form (size, version, padding,
 * names) is checked here, its meaning where it is carried out.
 */
#include <linux/capability.h>
#include <linux/cpuhotplug.h>
#include <linux/miscdevice.h>
#include <linux/module.h>
#include <linux/panic_notifier.h>
#include <linux/reboot.h>
#include <linux/slab.h>
#include <linux/suspend.h>
#include <linux/uaccess.h>

#include "caisson.h"

DEFINE_MUTEX(caisson_lock);
DEFINE_MUTEX(caisson_console_lock);
struct hypervisor hv;
LIST_HEAD(caisson_cells);
bool caisson_hotplugged; /* stays until the module goes: Linux's boot mode stays mixed too */

static int hotplug_state; /* of cpuhp_setup_state() */

/* The class of a reason; the rest is EINVAL. */
static const struct {
	u32 code;
	int err;
} classes[] = {
	{ CAISSON_E_NO_MEMORY, -ENOMEM },     { CAISSON_E_POOL, -ENOSPC },
	{ CAISSON_E_NAME_TAKEN, -EEXIST },    { CAISSON_E_NO_CELL, -ENOENT },
	{ CAISSON_E_VERSION, -EPROTO },	      { CAISSON_E_STATE, -EBUSY },
	{ CAISSON_E_CPU_OWNED, -EBUSY },      { CAISSON_E_CPU_LAST, -EBUSY },
	{ CAISSON_E_CPU_ONLINE, -EBUSY },     { CAISSON_E_IRQ_OWNED, -EBUSY },
	{ CAISSON_E_IRQ_IN_USE, -EBUSY },     { CAISSON_E_MEM_HYPERVISOR, -EBUSY },
	{ CAISSON_E_MEM_OWNED, -EBUSY },      { CAISSON_E_CELLS_EXIST, -EBUSY },
	{ CAISSON_E_EL2_BUSY, -EBUSY },	      { CAISSON_E_ENABLED, -EBUSY },
	{ CAISSON_E_REFUSED_BY_LINUX, -EBUSY }, { CAISSON_E_DEVICE_IN_USE, -EBUSY },
	{ CAISSON_E_TIMEOUT, -ETIMEDOUT },    { CAISSON_E_NO_EL2, -ENODEV },
	{ CAISSON_E_VHE, -ENODEV },	      { CAISSON_E_ACPI, -ENODEV },
	{ CAISSON_E_GICV2, -ENODEV },	      { CAISSON_E_GIC_MODE, -ENODEV },
	{ CAISSON_E_IMAGE, -ENOEXEC },	      { CAISSON_E_NOT_ENABLED, -ENXIO },
	{ CAISSON_E_FUNCTION, -ENOSYS },      { CAISSON_E_KICK, -ENODEV },
	{ CAISSON_E_DEAF, -EOPNOTSUPP },      { CAISSON_E_GOING_DOWN, -ESHUTDOWN },
	{ CAISSON_E_EL1_START, -ENODEV },
	{ CAISSON_E_PKVM, -ENODEV },	      { CAISSON_E_HVHE, -ENODEV },
	{ CAISSON_E_NO_HVC, -ENODEV },	      { CAISSON_E_EL2_UNKNOWN, -ENODEV },
	{ CAISSON_E_GROUP0, -ENODEV },	      { CAISSON_E_WATCHDOG, -ENODEV },
	{ CAISSON_E_WATCHDOG_MODE, -ENODEV },   { CAISSON_E_MEM_BUSY, -EBUSY },
	{ CAISSON_E_NODE_UNKNOWN, -ENODEV },  { CAISSON_E_NODE_CONSOLE, -EBUSY },
	{ CAISSON_E_NODE_DRIVER, -EBUSY },    { CAISSON_E_NODE_DISK, -EBUSY },
};

/**
 * caisson_refuse - say why something is not done
 * @err: filled in
 * @code: enum caisson_error_code
 * @offset: of the configuration entry at fault in its blob, or 0
 * @value: the number at fault
 *
 * Return: the negative errno of that class, never 0.
 */
int caisson_refuse(struct caisson_ioc_error *err, u32 code, u32 offset, u64 value)
{
	unsigned int i;

	err->code = code;
	err->offset = offset;
	err->value = value;
	for (i = 0; i < ARRAY_SIZE(classes); i++)
		if (classes[i].code == code)
			return classes[i].err;
	return -EINVAL;
}

/**
 * caisson_copy_blob - copy a configuration in, once, and prove it sound
 * @user: user address
 * @size: bytes
 * @kind: enum caisson_config_kind
 * @blob: set to a physically contiguous copy that the caller kfree()s
 * @err: filled in on refusal
 *
 * Return: 0 or a negative errno.
 */
int caisson_copy_blob(u64 user, u32 size, u32 kind, void **blob, struct caisson_ioc_error *err)
{
	struct config_verdict verdict;
	void *copy;

	if (!size || size > CAISSON_CONFIG_MAX)
		return caisson_refuse(err, CAISSON_E_ARGUMENT, 0, size);
	copy = may_fail(memdup_user(u64_to_user_ptr(user), size), ERR_PTR(-ENOMEM));
	if (IS_ERR(copy))
		return PTR_ERR(copy);
	verdict = config_check(copy, size, kind);
	if (verdict.code != CAISSON_E_OK) {
		kfree(copy);
		err->other = verdict.other;
		return caisson_refuse(err, verdict.code, verdict.offset, verdict.value);
	}
	*blob = copy;
	return 0;
}

static int do_enable(void *arg)
{
	return hv_enable(arg);
}

static int do_disable(void *arg)
{
	struct caisson_ioc_head *head = arg;

	return hv_disable(&head->error);
}

static int do_status(void *p)
{
	struct caisson_ioc_status *arg = p;
	struct caisson_ioc_head head = arg->head;
	struct hvc_result res;

	memset(arg, 0, sizeof(*arg));
	arg->head = head;
	arg->enabled = hv.enabled;
	arg->ncpus = nr_cpu_ids;
	arg->hotplugged = READ_ONCE(caisson_hotplugged);
	arg->enable_ns = hv.enable_ns;
	arg->disable_ns = hv.disable_ns;
	memcpy(arg->image_sha256, image_digest, sizeof(arg->image_sha256));
	if (!hv.enabled)
		return 0;
	res = hvc(CAISSON_HC_INFO, 0, 0, 0, 0, 0, 0);
	arg->pool_pages = upper_32_bits(res.value2);
	arg->pool_free = lower_32_bits(res.value2);
	arg->irq_mode = hv.irq_mode;
	arg->memory_pa = PFN_PHYS(hv.memory.pfn);
	arg->memory_size = PFN_PHYS(hv.memory.pages);
	arg->image_size = hv.image_size;
	arg->doorbell_intid = hv.doorbell_intid;
	arg->taken_bytes = arg->memory_size + hv.config_size + cell_taken_bytes(&arg->ncells);
	memcpy(arg->system, config_system(hv.config)->name, CAISSON_NAME_LEN);
	return 0;
}

#define ARGUMENT_MAX 1024 /* bytes: the largest structure that an ioctl takes */

/* A row of the table of ioctls. */
struct call {
	unsigned int cmd;
	int (*run)(void *arg);
	size_t name;	/* offset of its name[], whose form is checked; 0: none */
	bool unlocked;	/* may sleep for long: takes what it needs itself */
	bool enabled;	/* refused unless enabled */
};

#define FITS(command) BUILD_BUG_ON_ZERO(_IOC_SIZE(command) > ARGUMENT_MAX)
#define CALL(which, function, ...)         \
	[_IOC_NR(CAISSON_IOC_##which)] = { \
		CAISSON_IOC_##which + FITS(CAISSON_IOC_##which), function, __VA_ARGS__ }
#define NAME(type) .name = offsetof(struct caisson_ioc_##type, name)

static const struct call calls[] = {
	CALL(ENABLE, do_enable),
	CALL(DISABLE, do_disable),
	CALL(STATUS, do_status),
	CALL(CELL_CREATE, cell_create, .enabled = true),
	CALL(CELL_LOAD, cell_load, NAME(load), .enabled = true),
	CALL(CELL_ENTRY, cell_entry, NAME(entry), .enabled = true),
	CALL(CELL_START, cell_start, NAME(cell), .enabled = true),
	CALL(CELL_STOP, cell_stop, NAME(cell), .enabled = true),
	CALL(CELL_RESTART, cell_restart, NAME(cell), .enabled = true),
	CALL(CELL_DESTROY, cell_destroy, NAME(cell), .enabled = true),
	CALL(CELL_INFO, cell_info, NAME(info), .enabled = true),
	CALL(CELL_CONFIG, cell_config, NAME(config), .enabled = true),
	CALL(READ, console_read, NAME(read), .unlocked = true),
	CALL(WRITE, console_write, NAME(write), .unlocked = true),
	CALL(STATS, cell_stats, .enabled = true),
	CALL(PROBE, machine_probe),
	CALL(CELL_ASK, cell_ask, NAME(cell), .enabled = true),
	CALL(STAGE2, cell_stage2, NAME(stage2), .enabled = true),
	CALL(CELL_DUMP, cell_dump, NAME(dump), .enabled = true),
	CALL(CELL_PIECE, cell_piece, NAME(piece), .enabled = true),
	CALL(CLOCK, device_clock),
};

/* A name ends with a NUL, and only NULs follow it. */
static bool name_ok(const char *name)
{
	size_t len = strnlen(name, CAISSON_NAME_LEN);

	return len < CAISSON_NAME_LEN && !memchr_inv(name + len, 0, CAISSON_NAME_LEN - len);
}

static int run_call(const struct call *call, void *arg)
{
	struct caisson_ioc_head *head = arg;
	int ret;

	if (call->name && !name_ok(arg + call->name))
		return caisson_refuse(&head->error, CAISSON_E_NAME, 0, 0);
	if (call->unlocked)
		return call->run(arg);
	if (mutex_lock_killable(&caisson_lock))
		return -EINTR;
	if (caisson_going_down)
		ret = caisson_refuse(&head->error, CAISSON_E_GOING_DOWN, 0, 0);
	else if (call->enabled && !hv.enabled)
		ret = caisson_refuse(&head->error, CAISSON_E_NOT_ENABLED, 0, 0);
	else
		ret = call->run(arg);
	mutex_unlock(&caisson_lock);
	return ret;
}

/* Known number, other size: another version of hvctl. Tells it ours if there is room for a head. */
static long refuse_version(unsigned int cmd, void __user *user)
{
	struct caisson_ioc_head head;

	if (_IOC_SIZE(cmd) < sizeof(head))
		return -ENOTTY;
	if (copy_from_user(&head, user, sizeof(head)))
		return -EFAULT;
	memset(&head.error, 0, sizeof(head.error));
	caisson_refuse(&head.error, CAISSON_E_VERSION, 0, CAISSON_ABI_VERSION);
	return copy_to_user(user, &head, sizeof(head)) ? -EFAULT : -EPROTO;
}

static long caisson_ioctl(struct file *file, unsigned int cmd, unsigned long address)
{
	void __user *user = (void __user *)address;
	u64 arg[ARGUMENT_MAX / sizeof(u64)];
	struct caisson_ioc_head *head = (void *)arg;
	const struct call *call;
	size_t size = _IOC_SIZE(cmd);
	long ret;

	if (!capable(CAP_SYS_ADMIN))
		return -EPERM;
	if (_IOC_TYPE(cmd) != CAISSON_IOC || _IOC_NR(cmd) >= ARRAY_SIZE(calls) ||
	    !calls[_IOC_NR(cmd)].run)
		return -ENOTTY;
	call = &calls[_IOC_NR(cmd)];
	if (cmd != call->cmd)
		return refuse_version(cmd, user);
	if (copy_from_user(arg, user, size))
		return -EFAULT;
	if (head->size != size || head->abi_version != CAISSON_ABI_VERSION)
		return refuse_version(cmd, user);
	memset(&head->error, 0, sizeof(head->error));
	ret = run_call(call, head);
	return copy_to_user(user, arg, size) ? -EFAULT : ret;
}

static const struct file_operations caisson_fops = {
	.owner = THIS_MODULE,
	.unlocked_ioctl = caisson_ioctl,
	.llseek = noop_llseek,
};

static struct miscdevice caisson_misc = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "caisson",
	.fops = &caisson_fops,
	.mode = 0600,
	.groups = caisson_groups,
};

/* Our device, for request_firmware() and messages. */
struct device *caisson_device(void)
{
	return caisson_misc.this_device;
}

/*
 * Suspend and hibernation would lose EL2's state, and cells would run on without root: vetoed,
 * s2idle too, which cannot be told from the others here. So is a resume, which puts another kernel
 * in place.
 */
static int pm_event(struct notifier_block *nb, unsigned long event, void *data)
{
	const char *what = event == PM_SUSPEND_PREPARE ? "suspend" :
			   event == PM_HIBERNATION_PREPARE ? "hibernation" :
			   event == PM_RESTORE_PREPARE ? "resume from hibernation" : NULL;

	if (!what || !READ_ONCE(hv.enabled))
		return NOTIFY_DONE;
	dev_err(caisson_device(),
		"%s refused while the hypervisor is enabled: hvctl disable first\n", what);
	return NOTIFY_BAD;
}

static struct notifier_block pm_notifier = { .notifier_call = pm_event };

/*
 * Reboot, power-off, halt and kexec, with processes still there and all devices at work. The
 * command is the only mark of a kexec.
 */
static int reboot_event(struct notifier_block *nb, unsigned long event, void *command)
{
	caisson_down(true);
	if (command && !strcmp(command, "kexec reboot") && caisson_hotplugged)
		dev_warn(caisson_device(),
			 "a CPU was hot-plugged: the next kernel starts at EL1\n");
	return NOTIFY_DONE;
}

static struct notifier_block reboot_notifier = { .notifier_call = reboot_event };

/*
 * A panic, the other CPUs being stopped or not: cells run on, and EL2 takes what they say. Not told
 * if a crash kernel takes over before the notifiers, as it does by default. Any context.
 */
static int panic_event(struct notifier_block *nb, unsigned long event, void *text)
{
	if (READ_ONCE(hv.enabled))
		hvc(CAISSON_HC_ROOT_DIED, 0, 0, 0, 0, 0, 0);
	return NOTIFY_DONE;
}

static struct notifier_block panic_notifier = { .notifier_call = panic_event };

/* A CPU that comes up through EL2 enters Linux at EL1: Linux then calls its boot mode mixed. */
static int cpu_came_up(unsigned int cpu)
{
	if (READ_ONCE(hv.enabled))
		WRITE_ONCE(caisson_hotplugged, true);
	return 0;
}

static int __init caisson_init(void)
{
	int ret;

	ret = may_fail(cpuhp_setup_state_nocalls(CPUHP_AP_ONLINE_DYN, "caisson:online", cpu_came_up,
						 NULL), -ENOMEM);
	if (ret < 0)
		return ret;
	hotplug_state = ret;
	ret = cpus_init();
	if (ret)
		goto no_cpus;
	ret = handover_init();
	if (ret)
		goto no_cpus;
	ret = may_fail(register_pm_notifier(&pm_notifier), -ENOMEM);
	if (ret)
		goto no_pm;
	ret = may_fail(register_reboot_notifier(&reboot_notifier), -ENOMEM);
	if (ret)
		goto no_reboot;
	ret = may_fail(misc_register(&caisson_misc), -ENOMEM);
	if (ret)
		goto no_misc;
	ret = sysfs_start(caisson_misc.this_device);
	if (ret)
		goto no_sysfs;
	atomic_notifier_chain_register(&panic_notifier_list, &panic_notifier);
	image_init();
	return 0;

no_sysfs:
	misc_deregister(&caisson_misc);
no_misc:
	unregister_reboot_notifier(&reboot_notifier);
no_reboot:
	unregister_pm_notifier(&pm_notifier);
no_pm:
	handover_exit();
no_cpus:
	cpus_exit();
	cpuhp_remove_state_nocalls(hotplug_state);
	return ret;
}

static void __exit caisson_exit(void)
{
	caisson_down(false); /* enabled only after rmmod -f */
	atomic_notifier_chain_unregister(&panic_notifier_list, &panic_notifier);
	sysfs_stop();
	misc_deregister(&caisson_misc);
	policy_exit();
	unregister_reboot_notifier(&reboot_notifier);
	unregister_pm_notifier(&pm_notifier);
	cpuhp_remove_state_nocalls(hotplug_state);
	handover_exit();
	cpus_exit();
	image_exit();
}

module_init(caisson_init);
module_exit(caisson_exit);
MODULE_DESCRIPTION("Loads the Caisson partitioning hypervisor under this kernel");
MODULE_LICENSE("GPL");
