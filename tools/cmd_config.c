// SPDX-License-Identifier: GPL-2.0-only
/* hvctl config check | show: needs no hypervisor, so the host's build has them too. */
#include <stdio.h>
#include <stdlib.h>

#include "config_file.h"
#include "describe.h"

static enum exit_code check_one(const struct request *req, struct json *j, const char *path)
{
	struct refusal r;
	uint32_t size;
	void *blob;
	enum exit_code code = config_file_read(path, 0, &blob, &size, &r);

	if (req->json) {
		json_object(j, NULL);
		json_string(j, "file", path);
		json_bool(j, "ok", !code && !r.code);
		if (code)
			json_string(j, "code", "UNREADABLE");
		else if (r.code)
			refusal_json(j, &r, blob, size);
		json_end_object(j);
	} else if (!code && !r.code) {
		printf("%s: sound\n", path);
	}
	if (code)
		return code;
	if (r.code)
		refusal_print(&r, blob, size, path);
	free(blob);
	return r.code ? HVCTL_CONFIG : HVCTL_OK;
}

/* Checks all files, and returns the worst outcome. */
enum exit_code cmd_config_check(const struct request *req)
{
	enum exit_code worst = HVCTL_OK;
	struct json j;
	int i;

	json_begin(&j, stdout);
	if (req->json)
		json_array(&j, NULL);
	for (i = 0; i < req->argc; i++) {
		enum exit_code code = check_one(req, &j, req->argv[i]);

		if (code > worst)
			worst = code;
	}
	if (req->json)
		json_end_array(&j);
	return worst;
}

enum exit_code cmd_config_show(const struct request *req)
{
	uint32_t size;
	void *blob;
	enum exit_code code = config_file_load(req->argv[0], 0, &blob, &size);

	if (code)
		return code;
	describe(blob, req->json);
	free(blob);
	return HVCTL_OK;
}
