/* SPDX-License-Identifier: GPL-2.0-only */
/* The terminal on stdin and stdout: how keys come, how large it is. */
#ifndef TERMINAL_H
#define TERMINAL_H

enum terminal_mode {
	TERMINAL_RAW,  /* each key comes as it is, Ctrl-C too */
	TERMINAL_KEYS, /* each key comes at once and unseen; Ctrl-C still ends the program */
};

/* Sets stdin, a terminal, to @mode until the process ends, in whatever way it can notice. */
void terminal_set(enum terminal_mode mode);

/* Rows and columns of the terminal on stdout; 24 and 80 if it does not say, as a serial line. */
void terminal_size(unsigned int *rows, unsigned int *columns);

#endif
