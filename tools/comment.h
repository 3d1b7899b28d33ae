/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * C comments for configurations that hvctl writes: wrapped, and whatever is in their words, still
 * comments.
 */
#ifndef COMMENT_H
#define COMMENT_H

#include <stdio.h>

#define COMMENT_TEXT 1200 /* bytes of one text, at most; more is cut off */

/* A comment of its own: on one line if it fits. */
void comment(FILE *to, const char *format, ...) __attribute__((format(printf, 2, 3)));

/*
 * In a comment that is open: a paragraph, and a line of a list, of which what is wrapped is
 * indented.
 */
void comment_text(FILE *to, const char *format, ...) __attribute__((format(printf, 2, 3)));
void comment_line(FILE *to, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
