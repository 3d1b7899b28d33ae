// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * PL011 and line input. Baud rate is left as found: it depends on a clock that only the platform
 * knows, and an emulated PL011 has none.
 */
#include "arch.h"
#include "console.h"
#include "gic.h"
#include "machine.h"
#include "psci.h"
#include "sync.h"
#include "timer.h"
#include "util.h"

#define UART_DR 0x00u
#define UART_FR 0x18u
#define UART_LCRH 0x2cu
#define UART_CR 0x30u
#define UART_IFLS 0x34u
#define UART_IMSC 0x38u
#define UART_ICR 0x44u
#define FR_RXFE (1u << 4)
#define FR_TXFF (1u << 5)
#define LCRH_8BITS_FIFO 0x70u
#define CR_ENABLE 0x301u   /* UART, transmitter, receiver */
#define INT_RX_AND_TIMEOUT 0x50u
#define INT_ALL 0x7ffu

#define RX_RING 256u /* a power of two */

static struct spinlock lock;
static bool has_irq;
static uint32_t rx_irqs;
static char ring[RX_RING];
static uint32_t ring_head, ring_tail; /* free-running; head is written by the handler alone */

static uint64_t uart(uint32_t offset)
{
	return machine.uart.base + offset;
}

void console_lock(void)
{
	spin_lock(&lock);
}

void console_unlock(void)
{
	spin_unlock(&lock);
}

void console_break_lock(void)
{
	atomic_set(&lock.taken, 0u);
}

void console_init(void)
{
	if (!machine.uart.size)
		return;
	mmio_write32(uart(UART_IMSC), 0);
	mmio_write32(uart(UART_LCRH), LCRH_8BITS_FIFO);
	mmio_write32(uart(UART_CR), CR_ENABLE);
}

static void rx_handler(unsigned int intid, void *arg)
{
	uint32_t head = ring_head;

	(void)intid;
	(void)arg;
	rx_irqs++;
	mmio_write32(uart(UART_ICR), INT_RX_AND_TIMEOUT);
	while (!(mmio_read32(uart(UART_FR)) & FR_RXFE)) {
		char c = (char)mmio_read32(uart(UART_DR));

		if (head - atomic_get(&ring_tail) < RX_RING) /* else it is lost */
			ring[head++ % RX_RING] = c;
	}
	atomic_set(&ring_head, head);
}

bool console_init_irq(void)
{
	if (!machine.uart.size || !machine.uart_intid)
		return false;
	irq_install(machine.uart_intid, rx_handler, NULL);
	mmio_write32(uart(UART_ICR), INT_ALL);
	mmio_write32(uart(UART_IFLS), 0); /* from one eighth on */
	if (!irq_enable(machine.uart_intid, machine.uart_edge))
		return false;
	mmio_write32(uart(UART_IMSC), INT_RX_AND_TIMEOUT);
	has_irq = true;
	return true;
}

void console_rx_enable(bool on)
{
	if (has_irq && on)
		irq_enable(machine.uart_intid, machine.uart_edge);
	else if (has_irq)
		irq_disable(machine.uart_intid);
}

void console_putc(char c)
{
	if (!machine.uart.size)
		return;
	if (c == '\n')
		console_putc('\r');
	while (mmio_read32(uart(UART_FR)) & FR_TXFF)
		cpu_yield();
	mmio_write32(uart(UART_DR), (uint8_t)c);
}

int console_poll(void)
{
	uint32_t tail = ring_tail;
	char c;

	if (!has_irq) {
		if (!machine.uart.size || (mmio_read32(uart(UART_FR)) & FR_RXFE))
			return -1;
		return (uint8_t)mmio_read32(uart(UART_DR));
	}
	if (atomic_get(&ring_head) == tail)
		return -1;
	c = ring[tail % RX_RING];
	atomic_set(&ring_tail, tail + 1);
	return (uint8_t)c;
}

void console_wait(void)
{
	uint64_t daif;

	if (!has_irq) {
		delay_us(1000);
		return;
	}
	/*
	 * Masked, so that a character cannot come between the look and the sleep: WFI wakes
	 * anyway.
	 */
	daif = irq_save();
	if (atomic_get(&ring_head) == ring_tail)
		wfi();
	irq_restore(daif);
}

char console_getc(void)
{
	int c;

	while ((c = console_poll()) < 0)
		console_wait();
	return (char)c;
}

bool console_has_irq(void)
{
	return has_irq;
}

uint32_t console_rx_irqs(void)
{
	return atomic_get(&rx_irqs);
}

bool line_feed(struct line *line, char c)
{
	if (c == '\r' || c == '\n') {
		line->text[line->length] = '\0';
		printf("\n");
		return true;
	}
	if ((c == '\b' || c == 0x7f) && line->length) {
		line->length--;
		printf("\b \b");
	} else if (c >= ' ' && c < 0x7f && line->length < LINE_SIZE - 1) {
		line->text[line->length++] = c;
		printf("%c", c);
	}
	return false;
}

void line_read(struct line *line, const char *prompt)
{
	printf("%s", prompt);
	line->length = 0;
	while (!line_feed(line, console_getc()))
		;
}

bool line_common(const char *text)
{
	const char *rest;
	uint64_t a, b;

	rest = line_after(text, "sum");
	if (rest && parse_u64(&rest, &a) && parse_u64(&rest, &b)) {
		printf("sum=%lu\n", a + b);
		return true;
	}
	rest = line_after(text, "nonce");
	if (rest && parse_u64(&rest, &a)) {
		printf("nonce=%lu\n", a * 3 + 1);
		return true;
	}
	if (line_after(text, "off")) {
		printf("off\n");
		psci_system_off();
	}
	if (line_after(text, "reset")) {
		printf("reset\n");
		psci_system_reset();
	}
	return false;
}
