// SPDX-License-Identifier: GPL-2.0-only
/* The terminal, see terminal.h: for `hvctl console` and `hvctl top`. */
#include <signal.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include "terminal.h"

static struct termios saved;

static void restore(void)
{
	tcsetattr(STDIN_FILENO, TCSANOW, &saved);
}

static void on_signal(int number)
{
	restore();
	signal(number, SIG_DFL);
	raise(number);
}

void terminal_set(enum terminal_mode mode)
{
	static const int ends[] = { SIGINT, SIGQUIT, SIGTERM, SIGHUP };
	struct termios t;
	size_t i;

	tcgetattr(STDIN_FILENO, &saved);
	t = saved;
	if (mode == TERMINAL_RAW) {
		cfmakeraw(&t);
		t.c_oflag |= OPOST; /* so that a bare newline of a cell returns the carriage */
	} else {
		t.c_lflag &= ~(tcflag_t)(ICANON | ECHO);
		t.c_cc[VSUSP] =
			_POSIX_VDISABLE; /* a program that is stopped could not restore it */
	}
	atexit(restore);
	for (i = 0; i < sizeof(ends) / sizeof(*ends); i++)
		signal(ends[i], on_signal);
	tcsetattr(STDIN_FILENO, TCSANOW, &t);
}

void terminal_size(unsigned int *rows, unsigned int *columns)
{
	struct winsize size = { 0 };

	ioctl(STDOUT_FILENO, TIOCGWINSZ, &size);
	*rows = size.ws_row ? size.ws_row : 24;
	*columns = size.ws_col ? size.ws_col : 80;
}
