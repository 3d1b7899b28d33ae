// SPDX-License-Identifier: GPL-2.0-only
/*
 * hvctl: root Linux's command line to Caisson; steps 1, 7 and 11 of the tour start here.
 *
 * One table holds every command. This file finds the row, parses the options it names, and prints
 * all help from it; the work is in the cmd_*.c files.
 */
#include <stdio.h>
#include <string.h>

#include "hvctl.h"
#include "nearest.h"

static const struct option_spec enable_options[] = {
	{ "assume-el2", 0, NULL, "EL2 may be called although nothing says that it answers" },
	{ "dry-run", 0, NULL, "print the configuration that would be used, and stop" },
	{ "mode", 0, "MODE",
	  "how interrupts are delivered: auto, direct-fiq, direct-revoke, list" },
	{ 0 },
};

static const struct option_spec log_options[] = {
	{ "follow", 'f', NULL, "go on printing what is added" },
	{ 0 },
};

static const struct option_spec top_options[] = {
	{ "interval", 0, "SECONDS", "from one look to the next (default: 1)" },
	{ "count", 0, "N", "stop after so many" },
	{ "batch", 0, NULL, "one table after the other, as if it was no terminal" },
	{ 0 },
};

static const struct option_spec map_options[] = {
	{ "svg", 0, "FILE", "draw it into a file; - is stdout" },
	{ 0 },
};

static const struct option_spec console_options[] = {
	{ "no-history", 0, NULL, "begin with what the cell prints from now on" },
	{ "dump", 0, NULL, "print what the cell has printed so far, and stop" },
	{ "wait", 0, "SECONDS",
	  "stay so long after the end of piped input (default: until 1 s of silence)" },
	{ 0 },
};

static const struct option_spec linux_options[] = {
	{ "config", 0, "FILE.cell", "CPUs, memory and devices of the cell" },
	{ "cpus", 0, "LIST", "instead: its CPUs, as in 2-3,5; +2: any two" },
	{ "memory", 0, "SIZE", "and the size of its memory; K, M and G are understood" },
	{ "device", 0, "PATH", "and a device, by its path in the device tree; may be repeated" },
	{ "name", 0, "NAME", "the cell's name; the configuration's, or linux" },
	{ "initrd", 0, "FILE", "an initial RAM disk" },
	{ "append", 0, "CMDLINE", "added to the kernel command line, which is console=ttyAMA0" },
	{ 0 },
};

static const struct option_spec shutdown_options[] = {
	{ "timeout", 0, "SECONDS",
	  "stop it when it has not ended by itself so long (default: 10)" },
	{ "now", 0, NULL, "stop it without asking" },
	{ 0 },
};

static const struct option_spec dump_options[] = {
	{ "live", 0, NULL, "let the cell run while its memory is read" },
	{ 0 },
};

static const struct option_spec check_options[] = {
	{ "dtb", 0, "FILE", "against the machine that this device tree describes" },
	{ "live", 0, NULL, "against this machine, and the cells that exist" },
	{ 0 },
};

static const struct option_spec create_options[] = {
	{ "cpus", 0, "LIST", "a cell's CPUs, as in 2-3,5; +2: any two (default: +1)" },
	{ "memory", 0, "SIZE", "of a cell (default: 256M of linux, 16M of cell); "
	  "SIZE@ADDRESS: RAM that FILE does not have" },
	{ "device", 0, "PATH", "give the cell this device of the device tree; may be repeated" },
	{ "beside", 0, "FILE.cell", "choose nothing that this cell has; may be repeated" },
	{ "name", 0, "NAME", "of the cell or system" },
	{ "dtb", 0, "FILE", "read this device tree, not the machine that hvctl runs on" },
	{ "output", 0, "FILE", "write there, not to stdout" },
	{ "force", 0, NULL, "replace a file that exists" },
	{ 0 },
};

static const struct command commands[] = {
	{ "hardware", "check", "", 0, 0,
	  "can the hypervisor be enabled on this machine; if not, why, and what helps", NULL,
	  cmd_hardware_check },
	{ NULL, "enable", "[FILE.sys]", 0, 1,
	  "put the hypervisor under this Linux; without a file by what the machine says of itself",
	  enable_options, cmd_enable },
	{ NULL, "disable", "", 0, 0, "take it away again; no cell may exist", NULL, cmd_disable },
	{ NULL, "status", "", 0, 0, "is it enabled, how, and what it costs", NULL, cmd_status },
	{ NULL, "top", "", 0, 0,
	  "CPUs, cells, exits by cause and console, per second, again and again; q leaves",
	  top_options, cmd_top },
	{ NULL, "map", "[FILE.sys FILE.cell...]", 0, -1,
	  "who owns which CPUs, memory and interrupts; with files: of a machine that is planned",
	  map_options, cmd_map },
	{ NULL, "log", "", 0, 0, "print the hypervisor's log", log_options, cmd_log },
	{ NULL, "console", "CELL", 1, 1,
	  "attach to a cell's console from its beginning; Ctrl-] detaches", console_options,
	  cmd_console },
	{ "cell", "create", "FILE.cell", 1, 1, "take CPUs and memory from root for a new cell",
	  NULL, cmd_cell_create },
	{ "cell", "load", "NAME IMAGE[@ADDRESS]...", 2, -1,
	  "load ELF files, arm64 Images or raw data, and a device tree", NULL, cmd_cell_load },
	{ "cell", "start", "NAME", 1, 1, "start what was loaded", NULL, cmd_cell_start },
	{ "cell", "shutdown", "NAME", 1, 1,
	  "ask the cell to shut down, stop it if it does not; it keeps its CPUs and memory",
	  shutdown_options, cmd_cell_shutdown },
	{ "cell", "restart", "NAME", 1, 1, "stop it, load again what was loaded, start it", NULL,
	  cmd_cell_restart },
	{ "cell", "destroy", "NAME", 1, 1, "stop it; root gets its CPUs and memory back", NULL,
	  cmd_cell_destroy },
	{ "cell", "list", "", 0, 0, "the cells there are", NULL, cmd_cell_list },
	{ "cell", "stats", "NAME", 1, 1,
	  "exits to the hypervisor by CPU and cause; NAME is a cell or `root'", NULL,
	  cmd_cell_stats },
	{ "cell", "show", "NAME", 1, 1,
	  "state, configuration and stage-2 entries of a cell or `root', in words", NULL,
	  cmd_cell_show },
	{ "cell", "dump", "NAME FILE", 2, 2,
	  "write registers and memory of a cell, failed or running, to an ELF core for gdb",
	  dump_options, cmd_cell_dump },
	{ "cell", "linux", "KERNEL", 1, 1, "create, load and start a cell that runs Linux",
	  linux_options, cmd_cell_linux },
	{ "config", "check", "FILE...", 1, -1,
	  "are these configurations sound, also together; if not, why, and what they cost",
	  check_options, cmd_config_check },
	{ "config", "show", "FILE", 1, 1, "print a compiled configuration in words", NULL,
	  cmd_config_show },
	{ "config", "create", "system|cell|linux", 1, 1,
	  "write a configuration of this machine, or of a cell on it, as C source", create_options,
	  cmd_config_create },
};

static const char exit_help[] =
	"Exit codes: 0 done; 1 refused by the hypervisor, the driver or the machine; 2 usage, or\n"
	"a file that cannot be read; 3 a configuration or an image is wrong; 4 not available: no\n"
	"module, not root, not enabled. Errors are on stderr.\n";

static void print_usage(FILE *to, const struct command *c)
{
	const struct option_spec *o;

	fprintf(to, "hvctl %s%s%s", c->noun ? c->noun : "", c->noun ? " " : "", c->verb);
	for (o = c->options; o && o->name; o++)
		fprintf(to, o->arg ? " [--%s %s]" : " [--%s]", o->name, o->arg);
	fprintf(to, "%s%s\n", *c->args ? " " : "", c->args);
}

static void print_command_help(const struct command *c)
{
	const struct option_spec *o;

	printf("usage: ");
	print_usage(stdout, c);
	printf("\n%s\n\n", c->summary);
	for (o = c->options; o && o->name; o++) {
		char left[40];

		if (o->letter)
			snprintf(left, sizeof(left), "--%s, -%c", o->name, o->letter);
		else
			snprintf(left, sizeof(left), "--%s%s%s", o->name, o->arg ? " " : "",
				 o->arg ? o->arg : "");
		printf("  %-20s  %s\n", left, o->help);
	}
	printf("  %-20s  report on stdout as JSON\n  %-20s  this text\n\n%s", "--json", "--help",
	       exit_help);
}

static void print_help(FILE *to)
{
	size_t i;

	fprintf(to, "hvctl " HVCTL_VERSION " controls the Caisson partitioning hypervisor.\n\n");
	for (i = 0; i < ARRAY_SIZE(commands); i++) {
		const struct command *c = &commands[i];
		char left[48];

		snprintf(left, sizeof(left), "%s%s%s %s", c->noun ? c->noun : "",
			 c->noun ? " " : "", c->verb, c->args);
		fprintf(to, "  hvctl %-34s  %s\n", left, c->summary);
	}
	fprintf(to, "\nEach takes --json, and --help for its options.\n%s", exit_help);
}

/* The row that argv[0] (and argv[1]) name; *words says how many of them were used. */
static const struct command *find_command(int argc, char **argv, int *words)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(commands); i++) {
		const struct command *c = &commands[i];

		*words = c->noun ? 2 : 1;
		if (argc < *words || (c->noun && strcmp(argv[0], c->noun)))
			continue;
		if (!strcmp(argv[*words - 1], c->verb))
			return c;
	}
	return NULL;
}

/* Prints the usage of all commands of a noun. */
static void print_noun(FILE *to, const char *noun)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(commands); i++)
		if (commands[i].noun && !strcmp(noun, commands[i].noun))
			print_usage(to, &commands[i]);
}

static bool is_noun(const char *word)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(commands); i++)
		if (commands[i].noun && !strcmp(word, commands[i].noun))
			return true;
	return false;
}

static bool is_help(const char *word)
{
	return !strcmp(word, "--help") || !strcmp(word, "-h");
}

/*
 * The first word is neither a noun nor a command: it may be mistyped, or a verb without its noun.
 */
static void hint_at_command(const char *word)
{
	struct nearest near;
	size_t i;

	nearest_begin(&near, word);
	for (i = 0; i < ARRAY_SIZE(commands); i++) {
		const struct command *c = &commands[i];

		if (c->noun && !strcmp(word, c->verb)) {
			complain("hint: did you mean `hvctl %s %s'?", c->noun, c->verb);
			return;
		}
		nearest_offer(&near, c->noun ? c->noun : c->verb);
	}
	nearest_hint(&near, "hvctl ");
}

/* Says what was wrong with the words that should have been a command. */
static void complain_of_command(int argc, char **argv)
{
	struct nearest near;
	size_t i;

	if (!is_noun(argv[0])) {
		complain("there is no command `%s'; see hvctl --help", argv[0]);
		hint_at_command(argv[0]);
		return;
	}
	complain(argc > 1 ? "`%s' has no verb `%s'; there are:" : "`%s' wants a verb:", argv[0],
		 argc > 1 ? argv[1] : "");
	print_noun(stderr, argv[0]);
	nearest_begin(&near, argc > 1 ? argv[1] : "");
	for (i = 0; i < ARRAY_SIZE(commands); i++)
		if (commands[i].noun && !strcmp(argv[0], commands[i].noun))
			nearest_offer(&near, commands[i].verb);
	nearest_hint(&near, "");
}

static void complain_of_option(const struct command *c, const char *word)
{
	const struct option_spec *o;
	struct nearest near;

	complain("unknown option %s", word);
	if (strncmp(word, "--", 2))
		return;
	nearest_begin(&near, word + 2);
	nearest_offer(&near, "json");
	nearest_offer(&near, "help");
	for (o = c->options; o && o->name; o++)
		nearest_offer(&near, o->name);
	nearest_hint(&near, "--");
}

/* Row of the option that @word, dashes included, names, or -1; *inline_value is behind its `='. */
static int find_option(const struct command *command, const char *word, const char **inline_value)
{
	const struct option_spec *o;
	size_t length = strcspn(word, "=");

	*inline_value = word[length] ? word + length + 1 : NULL;
	for (o = command->options; o && o->name; o++) {
		if (o->letter && word[1] == o->letter && !word[2])
			return (int)(o - command->options);
		if (!strncmp(word, "--", 2) && strlen(o->name) == length - 2 &&
		    !strncmp(word + 2, o->name, length - 2))
			return (int)(o - command->options);
	}
	return -1;
}

/*
 * Sorts argv into options and arguments; the latter are moved to the front of req->argv.
 * Returns 0, or HVCTL_USAGE after a complaint.
 */
static enum exit_code parse(struct request *req, int argc, char **argv)
{
	const struct command *c = req->command;
	bool options_end = false;
	int i;

	req->argv = argv;
	req->given = allocate((size_t)argc * sizeof(*req->given) + 1);
	for (i = 0; i < argc; i++) {
		const char *value;
		int row;

		if (options_end || argv[i][0] != '-' || !argv[i][1]) {
			argv[req->argc++] = argv[i];
			continue;
		}
		if (!strcmp(argv[i], "--")) {
			options_end = true;
			continue;
		}
		if (!strcmp(argv[i], "--json")) {
			req->json = true;
			continue;
		}
		row = find_option(c, argv[i], &value);
		if (row < 0) {
			complain_of_option(c, argv[i]);
			return HVCTL_USAGE;
		}
		if (c->options[row].arg && !value && i + 1 < argc)
			value = argv[++i];
		if (!c->options[row].arg != !value) {
			complain(c->options[row].arg ? "option --%s needs an argument" :
						       "option --%s takes no argument",
				 c->options[row].name);
			return HVCTL_USAGE;
		}
		req->given[req->ngiven++] = (struct given){ &c->options[row], value ? value : "" };
	}
	if (req->argc < c->min_args || (c->max_args >= 0 && req->argc > c->max_args)) {
		complain(req->argc < c->min_args ? "too few arguments" : "too many arguments");
		return HVCTL_USAGE;
	}
	return HVCTL_OK;
}

static int run(int argc, char **argv)
{
	static char help_option[] = "--help";
	struct request req = { 0 };
	int words, i;

	if (argc < 2) {
		print_help(stderr);
		return HVCTL_USAGE;
	}
	if (is_help(argv[1]) || (argc == 2 && !strcmp(argv[1], "help"))) {
		print_help(stdout);
		return HVCTL_OK;
	}
	if (!strcmp(argv[1], "help")) { /* help WORDS is WORDS --help */
		memmove(&argv[1], &argv[2], (size_t)(argc - 2) * sizeof(*argv));
		argv[argc - 1] = help_option;
	}
	if (!strcmp(argv[1], "--version")) {
		printf("hvctl " HVCTL_VERSION ", ABI %d\n", CAISSON_ABI_VERSION);
		return HVCTL_OK;
	}
	if (!strcmp(argv[1], "--complete")) {
		if (argc > 2)
			complete(commands, ARRAY_SIZE(commands), argc - 2, argv + 2);
		return HVCTL_OK;
	}
	req.command = find_command(argc - 1, argv + 1, &words);
	if (!req.command && argc > 2 && is_noun(argv[1]) && is_help(argv[2])) {
		print_noun(stdout, argv[1]);
		return HVCTL_OK;
	}
	if (!req.command) {
		complain_of_command(argc - 1, argv + 1);
		return HVCTL_USAGE;
	}
	for (i = 1 + words; i < argc && strcmp(argv[i], "--"); i++) {
		if (is_help(argv[i])) {
			print_command_help(req.command);
			return HVCTL_OK;
		}
	}
	if (parse(&req, argc - 1 - words, argv + 1 + words)) {
		fputs("usage: ", stderr);
		print_usage(stderr, req.command);
		return HVCTL_USAGE;
	}
	return (int)req.command->run(&req);
}

int main(int argc, char **argv)
{
	int code = run(argc, argv);

	/* What was to be told has not been told: a script must not take it for done. */
	if (fflush(stdout) || ferror(stdout)) {
		complain("the output cannot be written");
		return code ? code : HVCTL_REFUSED;
	}
	return code;
}
