/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What `hvctl top` shows: two samples of all counters, and what changed between them, per second.
 * Pure but for writing to a stream; cmd_top.c takes the samples.
 */
#ifndef TOP_H
#define TOP_H

#include <stdio.h>

#include "hvctl.h"
#include "uapi.h"

/* A CPU's counters. */
struct cpu_sample {
	uint32_t cpu; /* as root Linux counts */
	uint32_t cell;
	uint64_t exits[CAISSON_EXIT_COUNT];
	bool has_timer; /* root's alone: a cell's timer interrupts are seen by nobody else */
	uint64_t timer;
};

/* All counters at one moment. */
struct sample {
	uint64_t ns; /* CLOCK_MONOTONIC */
	struct caisson_ioc_status status;
	struct caisson_ioc_info *cell; /* the oldest first, root not among them */
	uint32_t ncells;
	struct cpu_sample *cpu; /* by their numbers */
	uint32_t ncpus;
};

/* Tenths of an event per second; RATE_NONE: nobody can know. */
#define RATE_NONE UINT64_MAX

/**
 * rate - how fast a counter counts
 * @now, @before: what it said; one that is lower now has begun anew in between, from 0
 * @ns: the time in between
 *
 * Return: tenths per second, rounded.
 */
uint64_t rate(uint64_t now, uint64_t before, uint64_t ns);

/**
 * parse_timers - how many timer interrupts each CPU has taken
 * @text: of /proc/interrupts
 * @cpu:  rows in the order of their numbers; has_timer and timer are filled in of those that are
 *        there
 */
void parse_timers(const char *text, struct cpu_sample *cpu, uint32_t ncpus);

/* Writes what changed between two samples as a table, to be read on 80 columns. */
void top_text(FILE *to, const struct sample *before, const struct sample *now);

/* Writes such a table over the one before on a terminal, as much of it as that has room for. */
void top_screen(FILE *to, const char *text, unsigned int rows, unsigned int columns);

/* The same as one line of JSON. */
void top_json(FILE *to, const struct sample *before, const struct sample *now);

#endif
