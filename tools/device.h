/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * /dev/caisson as the commands use it: open, one ioctl with its head filled in, refusals explained.
 */
#ifndef DEVICE_H
#define DEVICE_H

#include <sys/types.h>

#include "hvctl.h"
#include "json.h"
#include "uapi.h"

/**
 * device_open - open /dev/caisson
 * @fd: the descriptor, at success; the process's end closes it
 *
 * Return: 0, or HVCTL_UNAVAILABLE after a complaint.
 */
enum exit_code device_open(int *fd);

/* The same without a complaint. Return: 0 or errno. */
int device_open_quietly(int *fd);

/**
 * device_call - one ioctl
 * @fd:      from device_open()
 * @request: CAISSON_IOC_*
 * @arg:     its structure, which begins with struct caisson_ioc_head
 * @size:    of the structure
 *
 * Return: CAISSON_E_OK, the reason of a refusal (> 0), or -errno where the driver gave none.
 */
int device_call(int fd, unsigned long request, void *arg, size_t size);

/**
 * device_refused - explain a device_call() that failed
 * @result: what it returned
 * @arg:    its structure
 * @blob:   configuration that the call was about, NULL: none
 * @size:   of the blob, bytes
 * @what:   what was tried, for example "cell start timer"; if there is no such cell, its last word
 *          is the name
 *
 * Return: HVCTL_REFUSED, or HVCTL_UNAVAILABLE if privilege or an enabled hypervisor is missing.
 */
enum exit_code device_refused(int result, const void *arg, const void *blob, size_t size,
			      const char *what);

/**
 * cell_name - copy a cell's name from the command line into a call
 * @to:   member of the call, CAISSON_NAME_LEN bytes
 * @name: as given
 *
 * Return: 0, or HVCTL_USAGE after a complaint if it cannot be a name.
 */
enum exit_code cell_name(char *to, const char *name);

/**
 * device_config - a cell's configuration as the driver holds it
 * @fd:   from device_open()
 * @name: of the cell; "": the system configuration in force
 * @blob: a checked blob, to be freed by the caller; NULL at failure
 *
 * Return: 0, or an exit code after a complaint.
 */
enum exit_code device_config(int fd, const char *name, void **blob);

/**
 * device_info - state of one cell
 * @fd:   from device_open()
 * @name: of the cell
 * @info: filled in
 *
 * Return: 0, or an exit code after a complaint.
 */
enum exit_code device_info(int fd, const char *name, struct caisson_ioc_info *info);

/**
 * device_cpu_stats - exits of one CPU
 * @fd:    from device_open()
 * @cpu:   as root Linux counts
 * @stats: filled in
 * @there: set to whether there is such a CPU
 *
 * Return: 0, or an exit code after a complaint.
 */
enum exit_code device_cpu_stats(int fd, uint32_t cpu, struct caisson_ioc_stats *stats, bool *there);

/*
 * How fast the @index-th clock of a node of root's device tree runs, in Hz; 0: that is not known.
 */
uint64_t device_clock_rate(int fd, const char *node, uint32_t index);

/* What is left of a console's or the log's history. */
struct history {
	char *text;	/* to be freed by the caller */
	size_t length;	/* bytes in it */
	uint64_t begin; /* position of the first of them since the beginning of time */
};

/**
 * device_history - all that a cell has printed, or the hypervisor has logged, up to now
 * @fd:	  from device_open()
 * @name: of the cell; "": the log
 * @h:	  filled in at success
 *
 * Return: 0, or an exit code after a complaint.
 */
enum exit_code device_history(int fd, const char *name, struct history *h);

/**
 * device_lock - be the only hvctl that makes or destroys cells, until @fd is closed
 * @fd: from device_open()
 *
 * The driver is safe without; but a choice, as that of a console's SPI, is good only as long as
 * nobody else chooses.
 */
void device_lock(int fd);

/* Reports a history: as it is, or as one JSON object. Frees it. */
void history_print(const struct request *req, struct history *h);

#endif
