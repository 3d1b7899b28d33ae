/* SPDX-License-Identifier: GPL-2.0-only */
/* What `cell create`, `cell load` and `cell linux` have in common. */
#ifndef CELLS_H
#define CELLS_H

#include "device.h"
#include "guest_fdt.h"
#include "image.h"
#include "json.h"

/**
 * create_cell - create a cell from a checked blob
 * @fd:	  from device_open()
 * @blob: of a cell; what asks for any SPI (console, shutdown) gets one written into it
 * @size: of it, bytes
 *
 * Return: 0, or an exit code after a complaint that names the configuration's line.
 */
enum exit_code create_cell(int fd, void *blob, uint32_t size);

/**
 * load_cell - complete a plan with the device tree, check it and load it
 * @fd:	  from device_open()
 * @plan: images of the cell
 * @g:	  bootargs and initial RAM disk for the tree; the rest is filled in here
 *
 * Sets entry point and x0..x3 too. The configuration's entry and arguments win, but not over the
 * boot protocol of Linux (@g->bootargs is set then).
 *
 * Return: 0, or an exit code after a complaint.
 */
enum exit_code load_cell(int fd, struct plan *plan, struct guest_fdt *g);

/**
 * cell_call - an ioctl that takes nothing but a cell's name
 * @fd:	     from device_open()
 * @request: CAISSON_IOC_CELL_START, _STOP, _RESTART or _DESTROY
 * @name:    of the cell
 * @verb:    for messages
 *
 * Return: 0, or an exit code after a complaint.
 */
enum exit_code cell_call(int fd, unsigned long request, const char *name, const char *verb);

/* Reports a cell's state: a sentence, or one JSON object. Returns 0 or an exit code. */
enum exit_code report_cell(const struct request *req, int fd, const char *name);

/* Why a cell has failed, in words. */
void failure_reason(const struct caisson_ioc_info *info, char *text, size_t size);

/* Adds a cell's state as members of the JSON object that is open in @j. */
void info_json(struct json *j, const struct caisson_ioc_info *info);

#endif
