// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Memory, strings and numbers. Plain loops: -mstrict-align code, because it also runs before the
 * MMU is on, when all memory is Device.
 */
#include "util.h"

void *memcpy(void *to, const void *from, size_t n)
{
	unsigned char *t = to;
	const unsigned char *f = from;

	while (n--)
		*t++ = *f++;
	return to;
}

void *memmove(void *to, const void *from, size_t n)
{
	unsigned char *t = to;
	const unsigned char *f = from;

	if (t <= f)
		return memcpy(to, from, n);
	while (n--)
		t[n] = f[n];
	return to;
}

void *memset(void *to, int byte, size_t n)
{
	unsigned char *t = to;

	while (n--)
		*t++ = (unsigned char)byte;
	return to;
}

int memcmp(const void *a, const void *b, size_t n)
{
	const unsigned char *x = a, *y = b;

	for (; n; n--, x++, y++) {
		if (*x != *y)
			return *x - *y;
	}
	return 0;
}

size_t strlen(const char *s)
{
	size_t n = 0;

	while (s[n])
		n++;
	return n;
}

int strncmp(const char *a, const char *b, size_t n)
{
	for (; n; n--, a++, b++) {
		if (*a != *b)
			return (unsigned char)*a - (unsigned char)*b;
		if (!*a)
			break;
	}
	return 0;
}

int strcmp(const char *a, const char *b)
{
	return strncmp(a, b, SIZE_MAX);
}

/* The value of a digit in any base up to 16, or 16. */
static unsigned int digit(char c)
{
	if (c >= '0' && c <= '9')
		return (unsigned int)(c - '0');
	if (c >= 'a' && c <= 'f')
		return (unsigned int)(c - 'a') + 10;
	if (c >= 'A' && c <= 'F')
		return (unsigned int)(c - 'A') + 10;
	return 16;
}

bool parse_u64(const char **s, uint64_t *value)
{
	const char *p = *s;
	unsigned int base = 10;
	uint64_t v = 0;

	while (*p == ' ' || *p == '\t')
		p++;
	if (p[0] == '0' && (p[1] == 'x' || p[1] == 'X')) {
		base = 16;
		p += 2;
	}
	if (digit(*p) >= base)
		return false;
	for (; digit(*p) < base; p++) {
		if (v > (UINT64_MAX - digit(*p)) / base)
			return false;
		v = v * base + digit(*p);
	}
	*value = v;
	*s = p;
	return true;
}

const char *line_after(const char *line, const char *word)
{
	size_t n = strlen(word);

	while (*line == ' ')
		line++;
	if (strncmp(line, word, n) || (line[n] && line[n] != ' '))
		return NULL;
	for (line += n; *line == ' ';)
		line++;
	return line;
}
