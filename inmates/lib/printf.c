// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * printf() over the console. Characters go straight out: no buffer to size, none to overflow.
 */
#include <stdarg.h>

#include "console.h"
#include "util.h"

struct spec {
	bool left, zero;
	unsigned int width;
	unsigned int longs; /* number of l, or 2 for z */
};

static unsigned int put_padded(const char *text, unsigned int length, const struct spec *spec)
{
	unsigned int pad = spec->width > length ? spec->width - length : 0;
	unsigned int i;

	if (spec->zero && !spec->left && length && text[0] == '-') {
		console_putc('-');
		text++;
	}
	for (i = 0; !spec->left && i < pad; i++)
		console_putc(spec->zero ? '0' : ' ');
	for (; *text; text++)
		console_putc(*text);
	for (i = 0; spec->left && i < pad; i++)
		console_putc(' ');
	return length + pad;
}

static unsigned int put_number(uint64_t value, bool negative, unsigned int base,
			       const struct spec *spec)
{
	char text[24];
	unsigned int at = sizeof(text) - 1;

	text[at] = '\0';
	do {
		unsigned int d = (unsigned int)(value % base);

		text[--at] = (char)(d < 10 ? '0' + d : 'a' + d - 10);
		value /= base;
	} while (value);
	if (negative)
		text[--at] = '-';
	return put_padded(&text[at], (unsigned int)sizeof(text) - 1 - at, spec);
}

/* Reads flags, width and length; returns the conversion's place. */
static const char *parse_spec(const char *p, struct spec *spec)
{
	*spec = (struct spec){ .left = false };
	for (;; p++) {
		if (*p == '-')
			spec->left = true;
		else if (*p == '0')
			spec->zero = true;
		else
			break;
	}
	for (; *p >= '0' && *p <= '9'; p++)
		spec->width = spec->width * 10 + (unsigned int)(*p - '0');
	for (; *p == 'l'; p++)
		spec->longs++;
	if (*p == 'z') {
		spec->longs = 2;
		p++;
	}
	return p;
}

static unsigned int put_conversion(char kind, const struct spec *spec, va_list *args)
{
	const char one[2] = { kind == 'c' ? (char)va_arg(*args, int) : kind, '\0' };
	const char *text;
	int64_t s;
	uint64_t u;

	switch (kind) {
	case 'd':
	case 'i':
		s = spec->longs ? va_arg(*args, long) : va_arg(*args, int);
		return put_number(s < 0 ? 0 - (uint64_t)s : (uint64_t)s, s < 0, 10, spec);
	case 'u':
	case 'x':
		u = spec->longs ? va_arg(*args, unsigned long) : va_arg(*args, unsigned int);
		return put_number(u, false, kind == 'x' ? 16 : 10, spec);
	case 'p':
		console_putc('0');
		console_putc('x');
		return 2 + put_number((uintptr_t)va_arg(*args, void *), false, 16, spec);
	case 's':
		text = va_arg(*args, const char *);
		if (!text)
			text = "(null)";
		return put_padded(text, (unsigned int)strlen(text), spec);
	case 'c':
	case '%':
		return put_padded(one, 1, spec);
	default:
		console_putc('%');
		return 1 + put_padded(one, 1, spec);
	}
}

int printf(const char *format, ...)
{
	unsigned int count = 0;
	struct spec spec;
	va_list args;

	va_start(args, format);
	console_lock();
	for (; *format; format++) {
		if (*format != '%') {
			console_putc(*format);
			count++;
			continue;
		}
		format = parse_spec(format + 1, &spec);
		if (!*format)
			break;
		count += put_conversion(*format, &spec, &args);
	}
	console_unlock();
	va_end(args);
	return (int)count;
}
