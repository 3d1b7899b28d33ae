/* SPDX-License-Identifier: GPL-2.0-only */
/* What `config check' knows beside the files: a device tree, or the machine that it runs on. */
#ifndef CHECK_LIVE_H
#define CHECK_LIVE_H

#include "check.h"

#define CHECK_LIVE_MAX 1024 /* the system, and cells that exist: no more than CPUs */

/* The tree in a file. Return: 0, HVCTL_USAGE or HVCTL_CONFIG after a complaint. */
enum exit_code check_add_tree(struct check *c, struct board *board, const char *path);

/**
 * check_add_live - this machine
 * @c:	   gets the cells that exist, and the system in force
 * @board: filled in
 *
 * Without the module, or on a host, what only the driver knows stays unknown.
 *
 * Return: 0, or an exit code after a complaint.
 */
enum exit_code check_add_live(struct check *c, struct board *board);

/* The system that enable would derive, where none is known but a machine. Return: as above. */
enum exit_code check_derive(struct check *c);

/*
 * What speaks against handing devices over by their nodes, as `cell create' asks before it begins.
 */
void check_handover(struct check *c);

#endif
