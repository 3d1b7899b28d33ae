// SPDX-License-Identifier: GPL-2.0-only
/*
 * What cells say, and what is typed into them: the doorbell, the rings of each cell's page, the
 * histories that hvctl reads, and the hypervisor's log.
 *
 * EL2 rings (an SPI that no wire uses) when it puts a byte into an empty ring or changes a state;
 * without a spare SPI the pages are looked at every 20 ms. Nothing of a page is believed: indices are
 * masked, distances clamped.
 */
#include <linux/delay.h>
#include <linux/interrupt.h>
#include <linux/irq.h>
#include <linux/irqdomain.h>
#include <linux/of.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include <linux/vmalloc.h>
#include <linux/wait.h>
#include <linux/workqueue.h>

#include "caisson.h"

#define POLL_MS 20
#define WAIT_SLICE_MS 100 /* a reader looks itself this often, should a doorbell be lost */
#define COPY_MAX 4096u	  /* bytes at once */

static DECLARE_WAIT_QUEUE_HEAD(waiters);
static unsigned int doorbell_irq; /* 0: polled */

/* Takes what is in @cell's output ring. caisson_console_lock held. */
static void take_output(struct cell *cell)
{
	struct caisson_cell_page *page = cell->page;
	u32 tail = page->out_tail;
	u32 head;

	while ((head = smp_load_acquire(&page->out_head)) != tail) {
		if (head - tail > CAISSON_CONSOLE_OUT)
			tail = head - CAISSON_CONSOLE_OUT;
		for (; tail != head; tail++)
			cell->history[cell->history_end++ % HISTORY_SIZE] =
				page->out[tail % CAISSON_CONSOLE_OUT];
		smp_store_release(&page->out_tail, tail);
		smp_mb(); /* EL2 rings only if it saw the ring empty: look again behind the store */
	}
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
	take_output(cell);
	state = cell_state(cell);
	if (state == cell->state_seen)
		return;
	cell->state_seen = state;
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

static irqreturn_t doorbell(int irq, void *data)
{
	drain_all();
	return IRQ_HANDLED;
}

/* Maps and requests SPI @intid. Return: 0 or a negative errno. */
static int request_doorbell(u32 intid)
{
	struct device_node *gic = cpus_gic_node();
	struct irq_fwspec spec = {
		.fwnode = of_node_to_fwnode(gic),
		.param_count = 3,
		.param = { 0, intid - 32, IRQ_TYPE_EDGE_RISING },
	};
	unsigned int irq = gic ? irq_create_fwspec_mapping(&spec) : 0;
	int ret = irq ? 0 : -EINVAL;

	of_node_put(gic);
	if (!ret)
		ret = request_threaded_irq(irq, NULL, doorbell, IRQF_ONESHOT, "caisson", &hv);
	if (!ret)
		doorbell_irq = irq;
	else if (irq)
		irq_dispose_mapping(irq);
	return ret;
}

/**
 * console_start - be reachable for EL2, before it is entered
 * @err: filled in on refusal
 *
 * The doorbell is the first spare SPI of hv.config; hv.doorbell_intid says which, or 0.
 * Process context, caisson_lock held. Return: 0 or a negative errno.
 */
int console_start(struct caisson_ioc_error *err)
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

/* Undoes console_start(). Process context. */
void console_stop(void)
{
	if (doorbell_irq) {
		free_irq(doorbell_irq, &hv);
		irq_dispose_mapping(doorbell_irq);
		doorbell_irq = 0;
	} else {
		cancel_delayed_work_sync(&poll_work);
	}
	hv.doorbell_intid = 0;
	console_wake();
}
