// SPDX-License-Identifier: GPL-2.0-only
/*
 * hvctl console: root's end of a cell's PL011; step 10 of the tour. The driver keeps what the cell
 * printed; a thread waits there for more and prints it, while main() carries stdin to the cell.
 * Neither polls, except while the cell does not take its input.
 */
#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "device.h"
#include "refusal.h"
#include "terminal.h"

#define DETACH 0x1d	   /* Ctrl-] */
#define QUIET_MS 1000	   /* silence after which a piped session ends */
#define STUCK_MS 5000	   /* for so long, at least, a cell may leave input untaken */
#define RETRY_MS 20	   /* until a cell that does not read gets its input offered again */
#define READ_CHUNK 4096

struct session {
	int fd;
	char name[CAISSON_NAME_LEN];
	uint64_t position;	 /* reader's: bytes of history seen */
	_Atomic int64_t last_ms; /* when the last output came, or the last input was taken */
	int ended;		 /* write end of a pipe: the reader closes it when it is done */
	int result;		 /* of the reader's last call */
	enum exit_code code;
};

static int64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* One read of the history; call->length says how much came. Returns as device_call() does. */
static int read_console(struct session *s, void *data, uint32_t room, uint32_t timeout_ms,
			struct caisson_ioc_read *call)
{
	int result;

	*call = (struct caisson_ioc_read){ .position = s->position, .data = (uintptr_t)data,
					   .length = room, .timeout_ms = timeout_ms };
	memcpy(call->name, s->name, sizeof(call->name));
	result = device_call(s->fd, CAISSON_IOC_READ, call, sizeof(*call));
	if (!result)
		s->position = call->position + call->length;
	return result;
}

static bool write_all(int fd, const char *data, size_t length)
{
	while (length) {
		ssize_t done = write(fd, data, length);

		if (done < 0 && errno != EINTR)
			return false;
		if (done > 0) {
			data += done;
			length -= (size_t)done;
		}
	}
	return true;
}

static void *reader(void *arg)
{
	struct session *s = arg;
	struct caisson_ioc_read call;
	char data[READ_CHUNK];

	for (;;) {
		s->result = read_console(s, data, sizeof(data), ~0u, &call);
		if (s->result == -EINTR)
			continue;
		if (s->result) {
			s->code = device_refused(s->result, &call, NULL, 0, s->name);
			break;
		}
		if (!call.length)
			continue;
		atomic_store(&s->last_ms, now_ms());
		if (!write_all(STDOUT_FILENO, data, call.length)) {
			complain("%s: the output cannot be written: %s", s->name, strerror(errno));
			s->code = HVCTL_REFUSED;
			break;
		}
	}
	close(s->ended); /* wakes up the other thread */
	return NULL;
}

/* Offers bytes to the cell; *taken may be fewer, or none. */
static enum exit_code type(struct session *s, const char *data, size_t length, size_t *taken)
{
	struct caisson_ioc_write call = { .data = (uintptr_t)data, .length = (uint32_t)length };
	int result;

	*taken = 0;
	memcpy(call.name, s->name, sizeof(call.name));
	result = device_call(s->fd, CAISSON_IOC_WRITE, &call, sizeof(call));
	if (result == -EINTR || result == -EAGAIN)
		return HVCTL_OK;
	if (result)
		return device_refused(result, &call, NULL, 0, s->name);
	*taken = call.length;
	if (call.length)
		atomic_store(&s->last_ms, now_ms());
	return HVCTL_OK;
}

/* What stdin has and the cell has not taken yet. */
struct input {
	char data[READ_CHUNK];
	size_t used;
	bool terminal;
	bool ended;	 /* end of file, or Ctrl-] */
	int64_t since_ms; /* when it ended, or the cell took some of it afterwards */
};

static void read_input(struct input *in)
{
	ssize_t got = read(STDIN_FILENO, in->data + in->used, sizeof(in->data) - in->used);
	char *detach;

	if (got < 0 && (errno == EINTR || errno == EAGAIN))
		return;
	if (got <= 0) {
		in->ended = true;
	} else if (in->terminal) {
		detach = memchr(in->data + in->used, DETACH, (size_t)got);
		if (detach) {
			in->ended = true;
			got = detach - (in->data + in->used);
		}
	}
	if (got > 0)
		in->used += (size_t)got;
	if (in->ended)
		in->since_ms = now_ms();
}

/* How long to stay when stdin has ended, in ms; 0: leave now. Input that is taken prolongs it. */
static int time_left(const struct session *s, const struct input *in, int64_t wait_ms)
{
	int64_t now = now_ms(), until = in->since_ms + wait_ms;

	if (in->terminal)
		return 0;
	if (in->used) {
		until = in->since_ms + (wait_ms > STUCK_MS ? wait_ms : STUCK_MS);
	} else if (wait_ms < 0) {
		int64_t last = atomic_load(&s->last_ms);

		until = (last > in->since_ms ? last : in->since_ms) + QUIET_MS;
	}
	if (until <= now)
		return 0;
	return until - now > 1000 ? 1000 : (int)(until - now);
}

/* The end of a session: input that the cell never took is an error, unless the user just left. */
static enum exit_code left_over(const struct session *s, const struct input *in)
{
	if (in->terminal || !in->used)
		return HVCTL_OK;
	complain("%s: the cell did not take the last %zu bytes of the input", s->name, in->used);
	return HVCTL_REFUSED;
}

/* Both directions until detached, the end of input, or the end of the cell. */
static enum exit_code converse(struct session *s, int reader_ended, int64_t wait_ms)
{
	struct input in = { .terminal = isatty(STDIN_FILENO) };

	for (;;) {
		struct pollfd wait[2] = {
			{ .fd = reader_ended, .events = POLLIN },
			{ .fd = in.ended || in.used == sizeof(in.data) ? -1 : STDIN_FILENO,
			  .events = POLLIN },
		};
		int timeout = in.used ? RETRY_MS : -1;
		size_t taken;

		if (in.ended) {
			int left = time_left(s, &in, wait_ms);

			if (!left)
				return left_over(s, &in);
			timeout = in.used ? RETRY_MS : left;
		}
		if (poll(wait, 2, timeout) < 0 && errno != EINTR)
			return HVCTL_REFUSED;
		if (wait[0].revents)
			return s->code;
		if (wait[1].revents)
			read_input(&in);
		if (in.used) {
			enum exit_code code = type(s, in.data, in.used, &taken);

			if (code)
				return code;
			in.used -= taken;
			memmove(in.data, in.data + taken, in.used);
			if (in.ended && taken)
				in.since_ms = now_ms();
		}
	}
}

static enum exit_code attach(struct session *s, int64_t wait_ms)
{
	bool terminal = isatty(STDIN_FILENO);
	int ended[2], error;
	enum exit_code code;
	pthread_t thread;

	if (pipe(ended)) {
		complain("pipe: %s", strerror(errno));
		return HVCTL_REFUSED;
	}
	s->ended = ended[1];
	atomic_store(&s->last_ms, now_ms());
	if (terminal) {
		fprintf(stderr, "[console of %s; Ctrl-] detaches]\n", s->name);
		terminal_set(TERMINAL_RAW); /* Ctrl-C goes to the cell, too */
	}
	error = pthread_create(&thread, NULL, reader, s);
	if (error) {
		complain("thread: %s", strerror(error));
		return HVCTL_REFUSED;
	}
	code = converse(s, ended[0], wait_ms);
	if (terminal)
		fprintf(stderr, "\n[detached from %s]\n", s->name);
	return code; /* the end of the process ends the reader, too */
}

/* Nothing will come, and who waits for it should know why. */
static void note_state(const struct caisson_ioc_info *info)
{
	if (info->state == CAISSON_CELL_RUNNING)
		return;
	complain("note: cell %s is %s, not running", info->name, state_name(info->state));
	if (info->state == CAISSON_CELL_READY)
		complain("hint: `hvctl cell load' and `hvctl cell start' come first");
	else
		complain("hint: `hvctl cell restart' runs it again");
}

enum exit_code cmd_console(const struct request *req)
{
	struct session s = { 0 };
	struct caisson_ioc_info info;
	struct history history;
	int64_t wait_ms = -1;
	enum exit_code code;
	uint64_t seconds;

	if (option(req, "wait")) {
		if (!parse_number(option(req, "wait"), &seconds) || seconds > 1000000) {
			complain("--wait %s: this is no number of seconds", option(req, "wait"));
			return HVCTL_USAGE;
		}
		wait_ms = (int64_t)seconds * 1000;
	}
	code = device_open(&s.fd);
	if (!code)
		code = device_info(s.fd, req->argv[0], &info);
	if (code)
		return code;
	memcpy(s.name, info.name, sizeof(s.name));
	if (option(req, "no-history"))
		s.position = info.console_bytes;
	if (!option(req, "dump") && !req->json) {
		note_state(&info);
		return attach(&s, wait_ms);
	}
	code = device_history(s.fd, s.name, &history);
	if (!code)
		history_print(req, &history);
	return code;
}
