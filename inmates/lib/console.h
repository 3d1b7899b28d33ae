/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The console: a PL011 (DDI 0183), written by polling, read by interrupt where the device tree
 * gives it one. Without a PL011 output is dropped and there is never input.
 */
#ifndef INMATE_CONSOLE_H
#define INMATE_CONSOLE_H

#include <stdbool.h>
#include <stdint.h>

/* boot.c calls these: output works after the first, input by interrupt after the second (false: the
 * console has no interrupt, or there is no GIC; input is polled then). */
void console_init(void);
bool console_init_irq(void);

/* One character; "\n" goes out as "\r\n". Takes no lock: printf() does. */
void console_putc(char c);
void console_lock(void);
void console_unlock(void);
void console_break_lock(void); /* for a dying CPU: nobody else is waited for */

/* A received character, or -1 at once. CPU 0, or one CPU at a time. */
int console_poll(void);

/* Waits for a character: asleep if there is an interrupt, else by polling every millisecond. */
char console_getc(void);

/* Sleeps until there may be input or another interrupt came. No device access if input comes by
 * interrupt; otherwise it returns after a millisecond at the latest. */
void console_wait(void);

/* Does input come by interrupt, and how many of them came. */
bool console_has_irq(void);
uint32_t console_rx_irqs(void);

/* While input comes by interrupt: masks it at the GIC, or lets it in again. */
void console_rx_enable(bool on);

#define LINE_SIZE 96
struct line {
	char text[LINE_SIZE];
	unsigned int length;
};

/* Feeds one character into a line, with echo and backspace. True: the line is complete (text is
 * terminated, without its end); the caller clears `length` to begin the next. */
bool line_feed(struct line *line, char c);

/* Prints a prompt and reads a whole line into line->text. */
void line_read(struct line *line, const char *prompt);

/*
 * The lines that every inmate answers: "sum A B" with sum=<A+B>, "nonce X" with nonce=<X*3+1>,
 * "off" and "reset" with the PSCI call (which does not return). False: none of these.
 */
bool line_common(const char *text);

#endif
