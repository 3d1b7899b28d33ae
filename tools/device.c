// SPDX-License-Identifier: GPL-2.0-only
/* The ioctls of driver/uapi.h, see device.h. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "device.h"
#include "nearest.h"
#include "refusal.h"

#define DEVICE_PATH "/dev/caisson"

int device_open_quietly(int *fd)
{
	*fd = open(DEVICE_PATH, O_RDWR | O_CLOEXEC);
	return *fd < 0 ? errno : 0;
}

enum exit_code device_open(int *fd)
{
	if (!device_open_quietly(fd))
		return HVCTL_OK;
	if (errno == ENOENT || errno == ENODEV || errno == ENXIO) {
		complain(DEVICE_PATH
			 " does not exist: load the module first (insmod caisson.ko, or, "
			 "if it is a package's, modprobe caisson)");
	} else if (errno == EACCES || errno == EPERM) {
		complain(DEVICE_PATH " is root's alone");
		complain(HINT_AS_ROOT);
	} else {
		complain(DEVICE_PATH ": %s", strerror(errno));
	}
	return HVCTL_UNAVAILABLE;
}

void device_lock(int fd)
{
	while (flock(fd, LOCK_EX) && errno == EINTR)
		;
}

int device_call(int fd, unsigned long request, void *arg, size_t size)
{
	struct caisson_ioc_head *head = arg;
	int error;

	*head = (struct caisson_ioc_head){ .size = (uint32_t)size,
					   .abi_version = CAISSON_ABI_VERSION };
	if (!ioctl(fd, request, arg))
		return CAISSON_E_OK;
	error = errno;
	return head->error.code ? (int)head->error.code : -error;
}

/* There is no cell of that name: which one was meant, or how to make one. */
static void hint_at_cell(const char *name)
{
	struct caisson_ioc_info info;
	struct nearest near;
	uint32_t i;
	int fd;

	if (device_open_quietly(&fd))
		return;
	nearest_begin(&near, name);
	for (i = 0;; i++) {
		info = (struct caisson_ioc_info){ .index = i };
		if (device_call(fd, CAISSON_IOC_CELL_INFO, &info, sizeof(info)))
			break;
		nearest_offer(&near, info.name);
	}
	close(fd);
	if (!i)
		complain("hint: there is no cell at all: `hvctl cell create' makes one");
	else if (!nearest_hint(&near, ""))
		refusal_print_hint(&(struct refusal){ .code = CAISSON_E_NO_CELL });
}

enum exit_code device_refused(int result, const void *arg, const void *blob, size_t size,
			      const char *what)
{
	const struct caisson_ioc_head *head = arg;
	struct refusal r = {
		.code = head->error.code,
		.offset = head->error.offset,
		.other = (uint32_t)head->error.other,
		.value = head->error.value,
	};

	/* A blob has been checked before: what does not fit are hvctl and the module. */
	if (result == CAISSON_E_VERSION) {
		complain("%s: caisson.ko has ABI version %" PRIu64 ", hvctl %d: use those of one "
			 "release", what, r.value, CAISSON_ABI_VERSION);
		return HVCTL_REFUSED;
	}
	if (result == CAISSON_E_NO_CELL) {
		const char *name = strrchr(what, ' ');

		complain("%s: %s", what, refusal_text(r.code));
		hint_at_cell(name ? name + 1 : what);
		return HVCTL_REFUSED;
	}
	if (result > 0) {
		refusal_print(&r, blob, size, what);
		return r.code == CAISSON_E_NOT_ENABLED ? HVCTL_UNAVAILABLE : HVCTL_REFUSED;
	}
	if (result == -ENOTTY)
		complain("%s: the driver does not know this call: hvctl and caisson.ko are of "
			 "different versions", what);
	else
		complain("%s: %s", what, strerror(-result));
	if (result != -EPERM && result != -EACCES)
		return HVCTL_REFUSED;
	complain(HINT_AS_ROOT);
	return HVCTL_UNAVAILABLE;
}

enum exit_code cell_name(char *to, const char *name)
{
	size_t length = strlen(name);

	if (!length || length >= CAISSON_NAME_LEN) {
		complain("`%s': %s", name, refusal_text(CAISSON_E_NAME));
		return HVCTL_USAGE;
	}
	memset(to, 0, CAISSON_NAME_LEN);
	memcpy(to, name, length); /* NOLINT(bugprone-not-null-terminated-result): zeroes follow */
	return HVCTL_OK;
}

enum exit_code device_config(int fd, const char *name, void **blob)
{
	struct caisson_ioc_config call = { .blob_size = CAISSON_CONFIG_MAX };
	struct config_verdict v;
	int result;

	snprintf(call.name, sizeof(call.name), "%s", name);
	*blob = allocate(CAISSON_CONFIG_MAX);
	call.blob = (uintptr_t)*blob;
	result = device_call(fd, CAISSON_IOC_CELL_CONFIG, &call, sizeof(call));
	if (!result) {
		v = config_check(*blob, call.blob_size, 0);
		if (!v.code)
			return HVCTL_OK;
		complain("the driver returned a bad configuration of `%s': %s", name,
			 refusal_text(v.code));
	}
	free(*blob);
	*blob = NULL;
	if (!result)
		return HVCTL_REFUSED;
	return device_refused(result, &call, NULL, 0, *name ? name : "system configuration");
}

enum exit_code device_info(int fd, const char *name, struct caisson_ioc_info *info)
{
	enum exit_code code;
	int result;

	memset(info, 0, sizeof(*info));
	code = cell_name(info->name, name);
	if (code)
		return code;
	result = device_call(fd, CAISSON_IOC_CELL_INFO, info, sizeof(*info));
	return result ? device_refused(result, info, NULL, 0, name) : HVCTL_OK;
}

enum exit_code device_cpu_stats(int fd, uint32_t cpu, struct caisson_ioc_stats *stats, bool *there)
{
	int result;

	*stats = (struct caisson_ioc_stats){ .cpu = cpu };
	result = device_call(fd, CAISSON_IOC_STATS, stats, sizeof(*stats));
	*there = !result;
	if (result && result != CAISSON_E_CPU_UNKNOWN)
		return device_refused(result, stats, NULL, 0, "cell stats");
	return HVCTL_OK;
}

enum exit_code device_history(int fd, const char *name, struct history *h)
{
	struct caisson_ioc_read call = { 0 };
	size_t room = 65536;
	int result;

	*h = (struct history){ .text = allocate(room) };
	snprintf(call.name, sizeof(call.name), "%s", name);
	for (;;) {
		call.position = h->begin + h->length;
		call.data = (uintptr_t)(h->text + h->length);
		call.length = (uint32_t)(room - h->length);
		result = device_call(fd, CAISSON_IOC_READ, &call, sizeof(call));
		if (result) {
			free(h->text);
			return device_refused(result, &call, NULL, 0, *name ? name : "log");
		}
		/* Overtaken while reading: what was read before is older than a gap. */
		if (call.position != h->begin + h->length && call.length) {
			memmove(h->text, h->text + h->length, call.length);
			h->begin = call.position;
			h->length = 0;
		}
		if (!call.length)
			return HVCTL_OK;
		h->length += call.length;
		if (h->length == room) {
			char *more = allocate(room * 2);

			memcpy(more, h->text, h->length);
			free(h->text);
			h->text = more;
			room *= 2;
		}
	}
}

void history_print(const struct request *req, struct history *h)
{
	struct json j;

	if (req->json) {
		json_begin(&j, stdout);
		json_object(&j, NULL);
		json_number(&j, "begin", h->begin);
		json_number(&j, "end", h->begin + h->length);
		json_bytes(&j, "text", h->text, h->length);
		json_end_object(&j);
	} else {
		fwrite(h->text, 1, h->length, stdout);
	}
	free(h->text);
}

uint64_t device_clock_rate(int fd, const char *node, uint32_t index)
{
	struct caisson_ioc_clock call = { .index = index };

	if (strlen(node) >= sizeof(call.node))
		return 0;
	memcpy(call.node, node, strlen(node) + 1);
	return device_call(fd, CAISSON_IOC_CLOCK, &call, sizeof(call)) ? 0 : call.rate;
}
