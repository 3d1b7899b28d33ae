// SPDX-License-Identifier: GPL-2.0-only
/*
 * When root Linux has died [tour: 10]: its panic is the last that EL2 hears of it, by a hypercall, and
 * it answers none after it. Cells run on, and who looks at root's serial line sees what they say.
 *
 * A cell's CPU writes its own lines, whole ones as far as they fit, so that those of two cells do not
 * mix; meanwhile it does nothing else, some 10 ms at 115,200 baud. A UART that takes no byte for long
 * is given up. Root's own last words may come in between.
 */
#include "arch.h"
#include "arch_cpu.h"
#include "boot.h"
#include "cell_ctl.h"
#include "log.h"
#include "orphan.h"

#define LINE 256u	/* bytes that are written at once, at most */
#define PATIENCE_DIV 50 /* of a second, for one byte: 9,600 baud need 1 ms */

_Atomic bool root_dead;
static struct spinlock lock; /* what follows; nothing is taken under it */
static uint64_t uart;	     /* PA; 0: there is none, or it takes no bytes */

/* The line's settings are Linux's (DDI 0183, 3.3.3: TXFF). */
static void put(volatile char *at, uint8_t byte)
{
	uint64_t value, end = arch_counter() + arch_counter_hz() / PATIENCE_DIV;

	while (uart) {
		if (!device_load(at + VPL011_FR, 4, &value) || arch_counter() > end)
			uart = 0;
		else if (!(value & FR_TXFF))
			break;
		arch_relax();
	}
	value = byte;
	if (uart && !device_store(at + VPL011_DR, 4, &value))
		uart = 0;
}

void orphan_say(const char *who, const uint8_t *ring, uint32_t size, uint32_t from, uint32_t to)
{
	bool begun = false;

	spin_lock(&lock);
	while (uart && (from != to || begun)) {
		volatile char *at = window_map(WINDOW_DEVICE, PA(uart));
		uint8_t byte = from == to ? '\n' : ring[from++ & (size - 1)];

		if (!begun) {
			put(at, '[');
			for (const char *c = who; *c; c++)
				put(at, (uint8_t)*c);
			put(at, ']');
			put(at, ' ');
		}
		begun = byte != '\n';
		if (!begun)
			put(at, '\r');
		/* Nothing by which a terminal would write over another one's line. */
		if (byte >= ' ' || byte == '\n' || byte == '\t')
			put(at, byte);
	}
	spin_unlock(&lock);
}

/*
 * The ring stays empty, so each byte that is put calls again (VPL011_DOORBELL). What was taken of a
 * line that has no end yet is still in the ring's memory, from `said` on. The cell's page is root's to
 * write, dead or not: hence the limit.
 */
void orphan_take(struct cell *cell)
{
	struct caisson_cell_page *page = cell->page;
	uint32_t head, length;

	spin_lock(&cell->console.lock);
	head = vpl011_index(&page->out_head);
	length = MIN(head - cell->console.said, LINE);
	__atomic_store_n(&page->out_tail, head, __ATOMIC_RELEASE);
	if (length == LINE || (length && page->out[(head - 1) % CAISSON_CONSOLE_OUT] == '\n')) {
		orphan_say(cell->name, page->out, CAISSON_CONSOLE_OUT, head - length, head);
		cell->console.said = head;
	}
	spin_unlock(&cell->console.lock);
}

/*
 * The UART may be a cell's by now; later it cannot become one's. A cell that root has paused goes on. A
 * driver that waits for room in its ring is told that there is: nobody else will.
 */
void root_died(void)
{
	bool owned = root_owner_of(IPA(boot->root_uart_pa)) != S2_OWNER_NONE;

	uart = owned ? 0 : boot->root_uart_pa;
	atomic_store(&root_dead, true);
	log_line("root has died: its cells run on");
	for (struct cell *cell = root_cell->next; cell; cell = cell->next) {
		cell_resume(cell);
		if (cell->console_base == NO_CONSOLE)
			continue;
		cell->console.said = vpl011_index(&cell->page->out_tail);
		orphan_take(cell);
		console_kick(cell);
	}
}
