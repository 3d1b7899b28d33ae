// SPDX-License-Identifier: GPL-2.0-only
/* C comments, see comment.h. */
#include <ctype.h>
#include <stdarg.h>
#include <string.h>

#include "comment.h"

#define WIDTH 100

/* Lines of a comment, of at most WIDTH characters; those behind the first begin with @indent. */
static void wrap(FILE *to, const char *indent, const char *text)
{
	const char *prefix = "";

	while (*text) {
		size_t room = WIDTH - 3 - strlen(prefix), length = strlen(text);
		size_t word = strspn(text, " ");

		if (length > room)
			for (length = room; length > word && text[length] != ' '; length--)
				;
		if (length == word) /* what follows is longer than a line */
			length += strcspn(text + word, " ");
		fprintf(to, " * %s%.*s\n", prefix, (int)length, text);
		text += length + strspn(text + length, " ");
		prefix = indent;
	}
}

/* The device tree and /proc are somebody else's words: no comment begins or ends in them. */
__attribute__((format(printf, 2, 0)))
static void compose(char *text, const char *format, va_list args)
{
	vsnprintf(text, COMMENT_TEXT, format, args);
	for (; *text; text++)
		if (!isprint((unsigned char)*text) || !strncmp(text, "*/", 2) ||
		    !strncmp(text, "/*", 2))
			*text = '?';
}

void comment(FILE *to, const char *format, ...)
{
	char text[COMMENT_TEXT];
	va_list args;

	va_start(args, format);
	compose(text, format, args);
	va_end(args);
	if (strlen(text) <= WIDTH - 6) {
		fprintf(to, "/* %s */\n", text);
		return;
	}
	fprintf(to, "/*\n");
	wrap(to, "", text);
	fprintf(to, " */\n");
}

void comment_text(FILE *to, const char *format, ...)
{
	char text[COMMENT_TEXT];
	va_list args;

	va_start(args, format);
	compose(text, format, args);
	va_end(args);
	wrap(to, "", text);
}

void comment_line(FILE *to, const char *format, ...)
{
	char text[COMMENT_TEXT];
	va_list args;

	va_start(args, format);
	compose(text, format, args);
	va_end(args);
	wrap(to, "    ", text);
}
