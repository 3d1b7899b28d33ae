// SPDX-License-Identifier: GPL-2.0-only
/* hvctl enable | disable | status | log: steps 1 and 11 of the tour. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config_file.h"
#include "describe.h"
#include "device.h"
#include "machine.h"
#include "refusal.h"

/* As sha256sum writes it. */
static const char *digest(const struct caisson_ioc_status *s)
{
	static char text[2 * sizeof(s->image_sha256) + 1];

	for (size_t i = 0; i < sizeof(s->image_sha256); i++)
		snprintf(text + 2 * i, 3, "%02x", s->image_sha256[i]);
	return text;
}

static void status_json(const struct caisson_ioc_status *s)
{
	struct json j;

	json_begin(&j, stdout);
	json_object(&j, NULL);
	json_string(&j, "hvctl", HVCTL_VERSION);
	json_number(&j, "abi_version", CAISSON_ABI_VERSION);
	json_bool(&j, "enabled", s->enabled);
	json_number(&j, "enable_ns", s->enable_ns);
	json_number(&j, "disable_ns", s->disable_ns);
	json_string(&j, "image_sha256", digest(s));
	if (s->enabled) {
		json_string(&j, "system", s->system);
		json_string(&j, "mode", mode_name(s->irq_mode));
		json_number(&j, "cpus", s->ncpus);
		json_number(&j, "cells", s->ncells);
		json_number(&j, "memory_address", s->memory_pa);
		json_number(&j, "memory_bytes", s->memory_size);
		json_number(&j, "image_bytes", s->image_size);
		json_number(&j, "pool_pages", s->pool_pages);
		json_number(&j, "pool_free", s->pool_free);
		json_number(&j, "doorbell_intid", s->doorbell_intid);
		json_number(&j, "taken_bytes", s->taken_bytes);
		json_bool(&j, "hotplugged", s->hotplugged);
	}
	json_end_object(&j);
}

static void status_text(const struct caisson_ioc_status *s)
{
	char size[32], image[32];

	printf("hvctl " HVCTL_VERSION ", ABI %d\n", CAISSON_ABI_VERSION);
	printf("enabled      %s\n", s->enabled ? "yes" : "no");
	printf("image        sha256 %s\n", digest(s));
	if (!s->enabled) {
		if (s->disable_ns)
			printf("disable      took %" PRIu64 " us\n", s->disable_ns / 1000);
		return;
	}
	printf("system       %s, %" PRIu32 " CPUs\n", s->system, s->ncpus);
	printf("interrupts   %s\n", mode_name(s->irq_mode));
	printf("cells        %" PRIu32 "\n", s->ncells);
	format_bytes(s->memory_size, size, sizeof(size));
	format_bytes(s->image_size, image, sizeof(image));
	printf("hypervisor   %s at 0x%" PRIx64 ", image %s\n", size, s->memory_pa, image);
	printf("pool         %" PRIu32 " of %" PRIu32 " pages free\n", s->pool_free, s->pool_pages);
	format_bytes(s->taken_bytes, size, sizeof(size));
	printf("taken        %s from Linux, without the cells' memory\n", size);
	if (s->doorbell_intid)
		printf("doorbell     INTID %" PRIu32 "\n", s->doorbell_intid);
	else
		printf("doorbell     none: the driver polls every 20 ms\n");
	printf("enable       took %" PRIu64 " us\n", s->enable_ns / 1000);
	if (s->hotplugged)
		printf("note         a CPU was hot-plugged: Linux takes its boot mode for mixed "
		       "until it is booted again\n");
}

enum exit_code cmd_status(const struct request *req)
{
	struct caisson_ioc_status s = { 0 };
	enum exit_code code;
	int fd, result;

	code = device_open(&fd);
	if (code)
		return code;
	result = device_call(fd, CAISSON_IOC_STATUS, &s, sizeof(s));
	if (result)
		return device_refused(result, &s, NULL, 0, "status");
	if (req->json)
		status_json(&s);
	else
		status_text(&s);
	return HVCTL_OK;
}

static enum exit_code enable(const struct request *req, const void *blob, uint32_t size)
{
	struct caisson_ioc_enable call = { .blob = (uintptr_t)blob, .blob_size = size };
	enum exit_code code;
	int fd, result;

	code = device_open(&fd);
	if (code)
		return code;
	if (option(req, "assume-el2") || machine_has_kvm())
		call.flags |= CAISSON_ENABLE_ASSUME_EL2;
	result = device_call(fd, CAISSON_IOC_ENABLE, &call, sizeof(call));
	if (result)
		return device_refused(result, &call, blob, size, "enable");
	say(req, "the hypervisor is enabled");
	return req->json ? cmd_status(req) : HVCTL_OK;
}

/* --mode: the word goes into the configuration, whoever wrote that. */
static enum exit_code set_mode(const struct request *req, void *blob)
{
	struct caisson_system_entry *sys =
		(void *)((char *)blob + config_offset(blob, CAISSON_SEC_SYSTEM, 0));
	const char *wanted = option(req, "mode");

	for (uint32_t mode = CAISSON_MODE_AUTO; wanted; mode++) {
		if (mode > CAISSON_MODE_LIST) {
			complain("--mode: %s is none of auto, direct-fiq, direct-revoke, list",
				 wanted);
			return HVCTL_USAGE;
		}
		if (!strcmp(wanted, mode_name(mode))) {
			sys->irq_mode = mode;
			break;
		}
	}
	return HVCTL_OK;
}

enum exit_code cmd_enable(const struct request *req)
{
	enum exit_code code;
	uint32_t size;
	void *blob;

	if (req->argc)
		code = config_file_load(req->argv[0], CAISSON_KIND_SYSTEM, &blob, &size);
	else
		code = machine_derive(&blob, &size);
	if (code)
		return code;
	code = set_mode(req, blob);
	if (!code && option(req, "dry-run"))
		describe(blob, req->json);
	else if (!code)
		code = enable(req, blob, size);
	free(blob);
	return code;
}

enum exit_code cmd_disable(const struct request *req)
{
	struct caisson_ioc_head call = { 0 };
	enum exit_code code;
	int fd, result;

	code = device_open(&fd);
	if (code)
		return code;
	result = device_call(fd, CAISSON_IOC_DISABLE, &call, sizeof(call));
	if (result)
		return device_refused(result, &call, NULL, 0, "disable");
	say(req, "the hypervisor is disabled");
	return req->json ? cmd_status(req) : HVCTL_OK;
}

/* Some bytes of the log were never read: EL2 wrote over them, or they were its last ones. */
static void tell_lost(uint64_t bytes)
{
	if (bytes)
		complain("%" PRIu64
			 " bytes of the log are lost: they were gone before they could be read",
			 bytes);
}

/* Prints what is added to the log from @position on, until a signal comes or the log ends. */
static enum exit_code follow_log(int fd, uint64_t position)
{
	char text[4096];

	for (;;) {
		struct caisson_ioc_read call = {
			.position = position,
			.data = (uintptr_t)text,
			.length = sizeof(text),
			.timeout_ms = ~0u,
		};
		int result = device_call(fd, CAISSON_IOC_READ, &call, sizeof(call));

		if (result == -EINTR)
			continue;
		if (result == CAISSON_E_NOT_ENABLED) {
			tell_lost(call.head.error.value - position);
			complain("the hypervisor was disabled: this is the end of its log");
			return HVCTL_UNAVAILABLE;
		}
		if (result)
			return device_refused(result, &call, NULL, 0, "log");
		tell_lost(call.position - position);
		fwrite(text, 1, call.length, stdout);
		if (fflush(stdout))
			return HVCTL_OK; /* nobody reads any more */
		position = call.position + call.length;
	}
}

enum exit_code cmd_log(const struct request *req)
{
	struct history history;
	enum exit_code code;
	uint64_t end;
	int fd;

	if (option(req, "follow") && req->json) {
		complain("a log that is followed has no end, and so it is no JSON: either of them");
		return HVCTL_USAGE;
	}
	code = device_open(&fd);
	if (!code)
		code = device_history(fd, "", &history);
	if (code)
		return code;
	end = history.begin + history.length;
	history_print(req, &history);
	fflush(stdout);
	return option(req, "follow") ? follow_log(fd, end) : HVCTL_OK;
}
