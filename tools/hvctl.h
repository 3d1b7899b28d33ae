/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the parts of hvctl share: exit codes, the command table's types, and the few helpers that
 * every command needs (numbers, lists of CPUs, files, messages).
 */
#ifndef HVCTL_H
#define HVCTL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "caisson/config.h"
#include "caisson/error.h"
#include "config_check.h"

#define HVCTL_VERSION "0.1"

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))
#define ALIGN_UP(x, a) (((x) + (a) - 1) & ~((uint64_t)(a) - 1))
#define ALIGN_DOWN(x, a) ((x) & ~((uint64_t)(a) - 1))
#define MIB(n) ((uint64_t)(n) << 20)
#define PAGE ((uint64_t)CAISSON_PAGE_SIZE)

#define HINT_AS_ROOT "hint: run hvctl as root"

/* A contract with scripts: `hvctl --help` prints them. */
enum exit_code {
	HVCTL_OK = 0,
	HVCTL_REFUSED = 1,     /* hypervisor, driver or machine said no */
	HVCTL_USAGE = 2,       /* command line, or a file that cannot be read */
	HVCTL_CONFIG = 3,      /* a configuration or an image is wrong in itself */
	HVCTL_UNAVAILABLE = 4, /* no module, no privilege, not enabled */
};

struct option_spec {
	const char *name; /* without the dashes */
	char letter;	  /* short form, or 0 */
	const char *arg;  /* what its argument is called, NULL: none */
	const char *help;
};

struct request;

/* A row of the command table in hvctl.c. */
struct command {
	const char *noun; /* NULL: the verb stands alone */
	const char *verb;
	const char *args; /* for the usage line */
	int min_args;
	int max_args; /* -1: any number */
	const char *summary;
	const struct option_spec *options; /* ends with a NULL name; NULL: none */
	enum exit_code (*run)(const struct request *req);
};

/* An option as it was given. */
struct given {
	const struct option_spec *spec;
	const char *value; /* "" of a flag */
};

/* One parsed command line. */
struct request {
	const struct command *command;
	int argc; /* arguments that are no options */
	char **argv;
	bool json;
	struct given *given; /* in the order of the command line */
	uint32_t ngiven;
};

/* Bytes of a file; unmap with file_unmap(). */
struct file {
	const char *path;
	const void *data; /* page-aligned */
	size_t size;
};

/**
 * option - value of an option of this command line
 * @req:  the request
 * @name: its long name, one of the command's own
 *
 * Return: the argument, the last one if there are several; "" for a flag that was given, NULL if it
 * was not given.
 */
const char *option(const struct request *req, const char *name);

/* The same of an option that may be given several times: the @index-th value, or NULL. */
const char *option_at(const struct request *req, const char *name, uint32_t index);

/* Prints "hvctl: ..." and a newline on stderr. */
void complain(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Prints a sentence on stdout, unless the request wants JSON. */
void say(const struct request *req, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Allocate, zeroed, or end the program with exit code 1. */
void *allocate(size_t size);

/* For an array that gets longer one by one: the array, or a longer copy, with room for one more. */
void *grow(void *array, uint32_t count, size_t each);

/**
 * file_map - map a regular file read-only
 * @path: its name
 * @file: filled in
 *
 * Return: 0, or HVCTL_USAGE after a complaint.
 */
enum exit_code file_map(const char *path, struct file *file);
void file_unmap(struct file *file);

/* Whole number, decimal or 0x: false unless all of @text is one. */
bool parse_number(const char *text, uint64_t *value);

/* A number with an optional K, M or G behind it, in bytes. */
bool parse_size(const char *text, uint64_t *bytes);

/* Sets of CPUs, numbered as root Linux does; the layout is that of struct caisson_ioc_info. */
#define CPU_WORDS (CONFIG_MAX_CPUS / 64)

struct cpu_set {
	uint64_t word[CPU_WORDS];
};

/* "2-3,5"; false if @text is no such list, is empty, or names a CPU twice or beyond the maximum. */
bool parse_cpus(const char *text, struct cpu_set *set);
bool cpu_in_set(const struct cpu_set *set, uint32_t cpu);
uint32_t cpus_in_set(const struct cpu_set *set);
/* Writes "2-3,5" ("none" if empty); truncates to @size bytes. */
void format_cpus(const struct cpu_set *set, char *text, size_t size);
/* The CPUs of a checked .cell blob. */
void config_cpus(const void *blob, struct cpu_set *set);

/* Writes a number of bytes as people do: "256 MiB", "64 KiB", "17 bytes". */
void format_bytes(uint64_t bytes, char *text, size_t size);

/* Path of a file of the running system; the host's build puts $HVCTL_ROOT in front, for tests. */
void system_path(const char *path, char *text, size_t size);

/**
 * complete - what the last word of a command line may become, a line for each possibility on stdout
 * @table: of commands, @count of them
 * @argv:  the words behind hvctl, at least one; the last may be empty
 */
void complete(const struct command *table, size_t count, int argc, char **argv);

/* The commands. */
enum exit_code cmd_enable(const struct request *req);
enum exit_code cmd_disable(const struct request *req);
enum exit_code cmd_status(const struct request *req);
enum exit_code cmd_top(const struct request *req);
enum exit_code cmd_map(const struct request *req);
enum exit_code cmd_log(const struct request *req);
enum exit_code cmd_console(const struct request *req);
enum exit_code cmd_cell_create(const struct request *req);
enum exit_code cmd_cell_load(const struct request *req);
enum exit_code cmd_cell_start(const struct request *req);
enum exit_code cmd_cell_shutdown(const struct request *req);
enum exit_code cmd_cell_restart(const struct request *req);
enum exit_code cmd_cell_destroy(const struct request *req);
enum exit_code cmd_cell_list(const struct request *req);
enum exit_code cmd_cell_stats(const struct request *req);
enum exit_code cmd_cell_show(const struct request *req);
enum exit_code cmd_cell_dump(const struct request *req);
enum exit_code cmd_cell_linux(const struct request *req);
enum exit_code cmd_hardware_check(const struct request *req);
enum exit_code cmd_config_check(const struct request *req);
enum exit_code cmd_config_show(const struct request *req);
enum exit_code cmd_config_create(const struct request *req);

#endif
