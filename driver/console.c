// SPDX-License-Identifier: GPL-2.0-only
/*
 * What cells say, and what is typed into them: the doorbell, the rings of each cell's page, the
 * histories that hvctl reads, and the hypervisor's log: step 10 of the tour.
 *
 * EL2 rings (an SPI that no wire uses) when it puts a byte into an empty ring or changes a state;
 * without a spare SPI the pages are looked at every 20 ms. Nothing of a page is believed: indices
 * are masked, distances clamped.
 */
#include <linux/interrupt.h>
#include <linux/irq.h>
#include <linux/irqdomain.h>
#include <linux/log2.h>
#include <linux/mm.h>
#include <linux/of.h>
#include <linux/of_address.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include <linux/wait.h>
#include <linux/workqueue.h>

#include "caisson.h"

#define POLL_MS 20
#define WAIT_SLICE_MS 100 /* a reader looks itself this often, should a doorbell be lost */

static DECLARE_WAIT_QUEUE_HEAD(waiters);
static unsigned int doorbell_irq; /* 0: polled */

/*
 * Takes what is in @cell's output ring. caisson_console_lock held.
 *
 * The transmit interrupt arises when the ring drains to its half, which EL2 notices only if it is
 * told. It is told if the ring was fuller at any time before EL2 could see that it is not: hence
 * the index from before the store, and the one of EL2 from behind it.
 */
static void take_output(struct cell *cell)
{
	struct caisson_cell_page *page = cell->page;
	u32 tail = page->out_tail;
	u32 head = smp_load_acquire(&page->out_head);
	bool drained = false;

	while (head != tail) {
		u32 first = tail;

		if (head - tail > CAISSON_CONSOLE_OUT)
			tail = head - CAISSON_CONSOLE_OUT;
		for (; tail != head; tail++)
			cell->history[cell->history_end++ % HISTORY_SIZE] =
				page->out[tail % CAISSON_CONSOLE_OUT];
		smp_store_release(&page->out_tail, tail);
		smp_mb(); /* EL2 rings only if it saw the ring empty: look again behind the store */
		head = smp_load_acquire(&page->out_head);
		drained |= head - first > CAISSON_CONSOLE_OUT / 2;
	}
	if (drained && cell_state(cell) == CAISSON_CELL_RUNNING)
		hvc(CAISSON_HC_CONSOLE_KICK, cell->id, 0, 0, 0, 0, 0);
}

/**
 * console_drain - take what a cell has said, note its state
 * @cell: in caisson_cells, or on its way in or out
 *
 * Process context, caisson_console_lock held.
 */
void console_drain(struct cell *cell)
{
	u32 state;

	if (!cell->page)
		return;
	if (cell->history)
		take_output(cell);
	if (READ_ONCE(cell->page->restarts) > cell->restarts)
		cells_ended();
	state = cell_state(cell);
	if (state == cell->state_seen)
		return;
	cell->state_seen = state;
	if (cell_has_ended(state))
		cells_ended();
}

/* Readers wait for bytes, for the end of a cell, or for the log. */
void console_wake(void)
{
	wake_up_interruptible_all(&waiters);
}

static void drain_all(void)
{
	struct cell *cell;

	mutex_lock(&caisson_console_lock);
	list_for_each_entry(cell, &caisson_cells, node)
		console_drain(cell);
	mutex_unlock(&caisson_console_lock);
	console_wake();
}

static void poll_pages(struct work_struct *work);
static DECLARE_DELAYED_WORK(poll_work, poll_pages);

static void poll_pages(struct work_struct *work)
{
	drain_all();
	schedule_delayed_work(&poll_work, msecs_to_jiffies(POLL_MS));
}

static void answer(struct work_struct *work)
{
	drain_all();
}

static DECLARE_WORK(doorbell_work, answer);

/* Not a threaded interrupt: making and ending its thread would be a third of enable and disable. */
static irqreturn_t doorbell(int irq, void *data)
{
	queue_work(system_highpri_wq, &doorbell_work);
	return IRQ_HANDLED;
}

/* Maps and requests SPI @intid. Return: 0 or a negative errno. */
static int request_doorbell(u32 intid)
{
	struct irq_fwspec spec = {
		.fwnode = of_node_to_fwnode(cpus_gic_node()),
		.param_count = 3,
		.param = { 0, intid - 32, IRQ_TYPE_EDGE_RISING },
	};
	unsigned int irq = may_fail(irq_create_fwspec_mapping(&spec), 0);
	int ret;

	if (!irq)
		return -EINVAL;
	ret = may_fail(request_irq(irq, doorbell, 0, "caisson", &hv), -ENOMEM);
	if (ret)
		irq_dispose_mapping(irq);
	else
		doorbell_irq = irq;
	return ret;
}

/**
 * consoles_start - be reachable for EL2, before it is entered
 * @err: filled in on refusal
 *
 * The doorbell is the first spare SPI of hv.config; hv.doorbell_intid says which, or 0.
 * Process context, caisson_lock held. Return: 0 or a negative errno.
 */
int consoles_start(struct caisson_ioc_error *err)
{
	u32 offset, intid;

	hv.doorbell_intid = 0;
	if (!config_count(hv.config, CAISSON_SEC_IRQ)) {
		schedule_delayed_work(&poll_work, msecs_to_jiffies(POLL_MS));
		return 0;
	}
	offset = config_offset(hv.config, CAISSON_SEC_IRQ, 0);
	intid = config_irq(hv.config, 0)->first;
	if (request_doorbell(intid))
		return caisson_refuse(err, CAISSON_E_REFUSED_BY_LINUX, offset, intid);
	hv.doorbell_intid = intid;
	return 0;
}

/* What the kernel was told to print on from the start, referenced, or NULL. Process context. */
struct device_node *console_node(void)
{
	const char *path;

	if (of_property_read_string(of_chosen, "stdout-path", &path))
		return NULL;
	return of_find_node_by_path(path);
}

/**
 * console_uart - the PL011 that is this Linux's console
 *
 * EL2 writes there when Linux has died, and knows of no other device how to: data and flag
 * registers are all that it needs, which SBSA's generic UART has as well. Process context.
 *
 * Return: its physical address, 0 if the console is another device or none.
 */
u64 console_uart(void)
{
	struct device_node *node = console_node();
	struct resource res;
	u64 pa = 0;

	if (node &&
	    (of_device_is_compatible(node, "arm,pl011") ||
	     of_device_is_compatible(node, "arm,sbsa-uart")) &&
	    !of_address_to_resource(node, 0, &res))
		pa = res.start;
	of_node_put(node);
	return pa;
}

/* Undoes consoles_start(). Process context. */
void consoles_stop(void)
{
	if (doorbell_irq) {
		free_irq(doorbell_irq, &hv);
		irq_dispose_mapping(doorbell_irq);
		cancel_work_sync(&doorbell_work);
		doorbell_irq = 0;
	} else {
		cancel_delayed_work_sync(&poll_work);
	}
	hv.doorbell_intid = 0;
	console_use_log(NULL);
	console_wake();
}

/* Extends the log's 32-bit end: it is looked at more than once per 4 GiB. */
static u64 log_end(void)
{
	u32 head = smp_load_acquire(&hv.log->head);

	hv.log_end += (u32)(head - (u32)(hv.log_end - hv.log_begin));
	return hv.log_end;
}

/*
 * EL2's log as it says where it is, NULL: there is none (any more). Positions go on from one to the
 * next, so that a reader sees what it has missed. Process context.
 */
void console_use_log(struct caisson_log *log)
{
	mutex_lock(&caisson_console_lock);
	if (hv.log)
		log_end();
	hv.log = log;
	hv.log_begin = hv.log_end;
	mutex_unlock(&caisson_console_lock);
}

/*
 * Copies what a ring of @size bytes still has of the stream that ends at @end, from *@position on,
 * which moves to the first byte copied. Return: bytes.
 */
static u32 copy_ring(char *to, u32 room, const char *ring, u32 size, u64 end, u64 *position)
{
	u32 i, length;

	if (end > size && *position < end - size)
		*position = end - size;
	if (*position >= end)
		return 0;
	length = min_t(u64, room, end - *position);
	for (i = 0; i < length; i++)
		to[i] = ring[(*position + i) & (size - 1)];
	return length;
}

/* EL2 goes on writing meanwhile: what it has overwritten is cut off the front. */
static int read_log(struct caisson_ioc_read *arg, char *buf, u32 *length)
{
	u64 first, lost, at;
	u32 size;

	if (!hv.log)
		return caisson_refuse(&arg->head.error, CAISSON_E_NOT_ENABLED, 0, hv.log_end);
	size = rounddown_pow_of_two(clamp(READ_ONCE(hv.log->size), 1u, HISTORY_SIZE));
	at = max(arg->position, hv.log_begin) - hv.log_begin;
	*length = copy_ring(buf, *length, hv.log->text, size, log_end() - hv.log_begin, &at);
	smp_rmb();
	first = log_end() - hv.log_begin;
	first -= min_t(u64, first, size);
	if (*length && at < first) {
		lost = min_t(u64, first - at, *length);
		*length -= lost;
		memmove(buf, buf + lost, *length);
		at += lost;
	}
	arg->position = hv.log_begin + at;
	return 0;
}

/* Whether there is something to talk to. */
static int check_console(const struct cell *cell, struct caisson_ioc_error *err)
{
	if (!cell)
		return caisson_refuse(err, CAISSON_E_NO_CELL, 0, 0);
	if (!cell->history)
		return caisson_refuse(err, CAISSON_E_NO_CONSOLE, 0, cell->id);
	return 0;
}

/* What there is now. caisson_console_lock is taken. Return: 0 or a negative errno. */
static int read_now(struct caisson_ioc_read *arg, char *buf, u32 *length)
{
	struct cell *cell;
	int ret = 0;

	mutex_lock(&caisson_console_lock);
	if (!arg->name[0]) {
		ret = read_log(arg, buf, length);
	} else {
		cell = cell_find(arg->name);
		ret = check_console(cell, &arg->head.error);
		if (!ret) {
			console_drain(cell);
			*length = copy_ring(buf, *length, cell->history, HISTORY_SIZE,
					    cell->history_end, &arg->position);
		}
	}
	mutex_unlock(&caisson_console_lock);
	return ret;
}

/* Until there is a byte, the time is over, or a signal comes; nothing is held while it waits. */
static int read_wait(struct caisson_ioc_read *arg, char *buf, u32 *length)
{
	DEFINE_WAIT_FUNC(wait, woken_wake_function);
	long left = msecs_to_jiffies(arg->timeout_ms);
	const bool forever = arg->timeout_ms == ~0u;
	const u32 room = *length;
	int ret;

	add_wait_queue(&waiters, &wait);
	for (;;) {
		long slice = msecs_to_jiffies(WAIT_SLICE_MS);

		*length = room;
		ret = read_now(arg, buf, length);
		if (ret || *length || (!forever && !left))
			break;
		if (signal_pending(current)) {
			ret = -EINTR;
			break;
		}
		if (!forever)
			slice = min(slice, left);
		/* Whoever wakes it: only the time that has passed counts. */
		slice -= wait_woken(&wait, TASK_INTERRUPTIBLE, slice);
		left -= forever ? 0 : slice;
	}
	remove_wait_queue(&waiters, &wait);
	return ret;
}

/**
 * console_read - CAISSON_IOC_READ: a cell's console, or the hypervisor's log
 * @p: struct caisson_ioc_read
 *
 * Process context, no lock held: it may wait for ever. A position behind the end waits for it.
 *
 * Return: 0 or a negative errno, -EINTR after a signal.
 */
int console_read(void *p)
{
	struct caisson_ioc_read *arg = p;
	u32 length = min(arg->length, HISTORY_SIZE);
	char *buf;
	int ret;

	arg->length = 0;
	if (!length)
		return caisson_refuse(&arg->head.error, CAISSON_E_ARGUMENT, 0, 0);
	buf = kvmalloc(length, GFP_KERNEL);
	if (!buf)
		return caisson_refuse(&arg->head.error, CAISSON_E_NO_MEMORY, 0, length);
	ret = read_wait(arg, buf, &length);
	if (!ret && copy_to_user(u64_to_user_ptr(arg->data), buf, length))
		ret = -EFAULT;
	if (!ret)
		arg->length = length;
	kvfree(buf);
	return ret;
}

/* Puts bytes into the input ring and tells EL2. caisson_console_lock held. Return: how many. */
static u32 put_input(struct cell *cell, const u8 *from, u32 length)
{
	struct caisson_cell_page *page = cell->page;
	u32 head = page->in_head;
	u32 used = head - smp_load_acquire(&page->in_tail);
	u32 i;

	length = min(length, CAISSON_CONSOLE_IN - min(used, CAISSON_CONSOLE_IN));
	for (i = 0; i < length; i++)
		page->in[(head + i) % CAISSON_CONSOLE_IN] = from[i];
	if (length) {
		smp_store_release(&page->in_head, head + length);
		hvc(CAISSON_HC_CONSOLE_KICK, cell->id, 0, 0, 0, 0, 0);
	}
	return length;
}

/**
 * console_write - CAISSON_IOC_WRITE: type into a cell's console
 * @p: struct caisson_ioc_write; `length` becomes the bytes accepted, 0 if the cell does not read
 *
 * Process context, no lock held. Return: 0 or a negative errno.
 */
int console_write(void *p)
{
	struct caisson_ioc_write *arg = p;
	u32 length = min(arg->length, CAISSON_CONSOLE_IN);
	u8 buf[CAISSON_CONSOLE_IN];
	struct cell *cell;
	int ret;

	arg->length = 0;
	if (arg->reserved)
		return caisson_refuse(&arg->head.error, CAISSON_E_RESERVED, 0, arg->reserved);
	if (copy_from_user(buf, u64_to_user_ptr(arg->data), length))
		return -EFAULT;
	mutex_lock(&caisson_console_lock);
	cell = cell_find(arg->name);
	ret = check_console(cell, &arg->head.error);
	if (!ret && cell->page)
		arg->length = put_input(cell, buf, length);
	mutex_unlock(&caisson_console_lock);
	return ret;
}
