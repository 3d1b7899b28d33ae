// SPDX-License-Identifier: GPL-2.0-only
/*
 * ioctls SEED COUNT FILE.cell...: throws COUNT random ioctls at /dev/caisson, in an order and with
 * arguments that SEED decides: every call, known and unknown, with right and wrong sizes, names,
 * flags, user pointers (good ones, none, the kernel's, one that ends at a hole), configurations
 * made of the files, with words changed. Then it destroys all cells and says what was answered:
 *
 *     seed=1 calls=5000 done=900 refused=3900 reasons=31 left=0
 *
 * `refused' had a reason (enum caisson_error_code, `reasons' different ones), the rest were errors
 * of the form. Exit status 0 unless an answer was none that ioctls.md allows, or a cell cannot be
 * destroyed.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <unistd.h>

#include "caisson/config.h"
#include "uapi.h"

#define FILES_MAX 64
#define BUFFER (2 * CAISSON_CONFIG_MAX)
#define KERNEL 0xffff800008000000ULL

static uint64_t state;
static int device;
static uint8_t *files[FILES_MAX];
static uint32_t file_sizes[FILES_MAX], file_count;
static uint8_t *buffer; /* a hole follows it */
static unsigned int done, refused, calls;
static uint8_t reasons[CAISSON_E_COUNT];

static uint32_t draw(uint32_t below)
{
	state = state * 6364136223846793005ULL + 1442695040888963407ULL;
	return below ? (uint32_t)(state >> 33) % below : 0;
}

static uint64_t any(void)
{
	static const uint64_t values[] = { 0,	       1,	   2,	       0xfff,
					   0x1000,     0x40000000, 0x40001000, 0x7fffffff,
					   0x80000000, 0xffffffff, 1ULL << 48, 1ULL << 63,
					   ~0ULL };

	return draw(8) ? values[draw(sizeof(values) / sizeof(values[0]))] + draw(3) - 1 :
			 (uint64_t)draw(0) << 32 | (state >> 32);
}

static uint64_t pointer(uint32_t size)
{
	switch (draw(12)) {
	case 0:
		return any();
	case 1:
		return KERNEL + draw(1u << 20);
	case 2: /* into the hole */
		return (uintptr_t)buffer + BUFFER - draw(size + 1);
	default:
		return (uintptr_t)buffer;
	}
}

static uint32_t length(void)
{
	static const uint32_t lengths[] = { 0, 1, 64, 4096, 65536, 65537, BUFFER, 0x7fffffff, ~0u };

	return draw(3) ? draw(8192) : lengths[draw(sizeof(lengths) / sizeof(lengths[0]))];
}

static void name(char *to)
{
	static const char *const names[] = { "hello", "timer", "smp", "uart-echo",
					     "root",  "",      "none" };

	strncpy(to, names[draw(sizeof(names) / sizeof(names[0]))], CAISSON_NAME_LEN);
	if (!draw(20))
		to[draw(CAISSON_NAME_LEN)] = (char)draw(256);
}

/* A file's configuration in the buffer; nine times in ten as it is. */
static uint32_t blob(void)
{
	uint32_t n = draw(file_count), size = file_sizes[n], changes = draw(10) ? 0 : 1 + draw(3);

	memcpy(buffer, files[n], size);
	for (; changes; changes--) {
		uint64_t word = any();

		memcpy(buffer + 8 * draw(size / 8), &word, 4 + 4 * draw(2));
	}
	return draw(20) ? size : length();
}

union call {
	struct caisson_ioc_head head;
	struct caisson_ioc_enable enable;
	struct caisson_ioc_status status;
	struct caisson_ioc_cell cell;
	struct caisson_ioc_create create;
	struct caisson_ioc_load load;
	struct caisson_ioc_entry entry;
	struct caisson_ioc_info info;
	struct caisson_ioc_config config;
	struct caisson_ioc_read read;
	struct caisson_ioc_write write;
	struct caisson_ioc_stats stats;
	struct caisson_ioc_stage2 stage2;
	struct caisson_ioc_probe probe;
	struct caisson_ioc_piece piece;
	struct caisson_ioc_clock clock;
	uint8_t bytes[4096];
};

static void fill(unsigned long cmd, union call *call)
{
	switch (cmd) {
	case CAISSON_IOC_ENABLE:
		call->enable.blob_size = blob();
		call->enable.blob = pointer(call->enable.blob_size);
		call->enable.flags = draw(4);
		break;
	case CAISSON_IOC_CELL_CREATE:
		call->create.blob_size = blob();
		call->create.blob = pointer(call->create.blob_size);
		call->create.flags = draw(20) ? 0 : draw(0);
		break;
	case CAISSON_IOC_CELL_LOAD:
		name(call->load.name);
		call->load.length = draw(8) ? length() : any();
		call->load.data = pointer((uint32_t)call->load.length);
		call->load.ipa = draw(3) ? 0x40000000 + draw(1u << 20) : any();
		break;
	case CAISSON_IOC_CELL_ENTRY:
		name(call->entry.name);
		call->entry.entry = draw(3) ? 0x40000000 : any();
		call->entry.args[draw(4)] = any();
		break;
	case CAISSON_IOC_CELL_INFO:
		name(call->info.name);
		call->info.index = draw(6);
		call->info.reserved = !draw(20);
		break;
	case CAISSON_IOC_CELL_CONFIG:
		name(call->config.name);
		call->config.blob_size = length();
		call->config.blob = pointer(call->config.blob_size);
		break;
	case CAISSON_IOC_READ:
		name(call->read.name);
		call->read.position = any();
		call->read.length = length();
		call->read.data = pointer(call->read.length);
		call->read.timeout_ms = draw(4) ? 0 : (uint32_t)any(); /* a signal ends it */
		break;
	case CAISSON_IOC_WRITE:
		name(call->write.name);
		call->write.length = length();
		call->write.data = pointer(call->write.length);
		break;
	case CAISSON_IOC_STATS:
		call->stats.cpu = draw(4) ? draw(5) : (uint32_t)any();
		break;
	case CAISSON_IOC_PROBE:
		call->probe.cpu = draw(4) ? draw(5) : (uint32_t)any();
		break;
	case CAISSON_IOC_STAGE2:
		name(call->stage2.name);
		call->stage2.ipa = any();
		call->stage2.size = draw(2) ? any() : ~0ULL;
		break;
	case CAISSON_IOC_CELL_PIECE:
		name(call->piece.name);
		call->piece.index = draw(4) ? draw(8) : (uint32_t)any();
		call->piece.reserved = !draw(20);
		break;
	case CAISSON_IOC_CLOCK:
		strcpy(call->clock.node, draw(3) ? "/pl061@9030000" : "/nothing");
		call->clock.node[draw(sizeof(call->clock.node))] = (char)draw(256);
		call->clock.index = draw(4) ? draw(2) : (uint32_t)any();
		call->clock.reserved = !draw(20);
		break;
	default:
		name(call->cell.name);
	}
}

static const unsigned long known[] = {
	CAISSON_IOC_CELL_CREATE, CAISSON_IOC_CELL_LOAD,	   CAISSON_IOC_CELL_ENTRY,
	CAISSON_IOC_CELL_START,	 CAISSON_IOC_CELL_STOP,	   CAISSON_IOC_CELL_RESTART,
	CAISSON_IOC_CELL_INFO,	 CAISSON_IOC_CELL_CONFIG,  CAISSON_IOC_READ,
	CAISSON_IOC_WRITE,	 CAISSON_IOC_STATS,	   CAISSON_IOC_PROBE,
	CAISSON_IOC_CELL_ASK,	 CAISSON_IOC_STAGE2,	   CAISSON_IOC_STATUS,
	CAISSON_IOC_CELL_CREATE, CAISSON_IOC_CELL_DESTROY, CAISSON_IOC_ENABLE,
	CAISSON_IOC_CELL_PIECE,	 CAISSON_IOC_CLOCK,
};

/* An answer is 0, or an errno of which those with a reason name one that there is. */
static void answer(unsigned long cmd, const union call *call, int result)
{
	uint32_t code = call->head.error.code;

	calls++;
	if (!result) {
		done++;
	} else if (errno == EFAULT || errno == ENOTTY || errno == EINTR || errno == ENOMEM ||
		   errno == EPROTO) {
		return;
	} else if (code && code < CAISSON_E_COUNT) {
		refused++;
		reasons[code] = 1;
	} else {
		printf("ioctl %#lx: %s, reason %u\n", cmd, strerror(errno), code);
		exit(1);
	}
}

static void throw_one(void)
{
	static union call call;
	unsigned long cmd = known[draw(sizeof(known) / sizeof(known[0]))];
	uint32_t n;

	memset(&call, 0, sizeof(call));
	fill(cmd, &call);
	call.head.size = _IOC_SIZE(cmd);
	call.head.abi_version = CAISSON_ABI_VERSION;
	switch (draw(30)) {
	case 0: /* of another size, or no call at all */
		cmd = _IOC(draw(4), CAISSON_IOC, draw(32), draw(1u << _IOC_SIZEBITS));
		break;
	case 1:
		call.head.size = (uint32_t)any();
		break;
	case 2:
		for (n = 1 + draw(8); n; n--)
			call.bytes[sizeof(call.head) + draw(256)] = (uint8_t)draw(256);
		break;
	case 3:
		call.head.abi_version = (uint32_t)any();
		break;
	case 4: /* whatever is there: where its answer goes, if anywhere, is not looked up */
		calls++;
		(void)!ioctl(device, cmd, pointer(_IOC_SIZE(cmd)));
		return;
	}
	answer(cmd, &call, ioctl(device, cmd, &call));
}

/* The oldest cell until there is none. Returns how many cannot be destroyed. */
static unsigned int destroy_all(void)
{
	for (;;) {
		struct caisson_ioc_info info = { .head = { sizeof(info), CAISSON_ABI_VERSION } };
		struct caisson_ioc_cell cell = { .head = { sizeof(cell), CAISSON_ABI_VERSION } };

		if (ioctl(device, CAISSON_IOC_CELL_INFO, &info))
			return 0;
		memcpy(cell.name, info.name, sizeof(cell.name));
		if (ioctl(device, CAISSON_IOC_CELL_DESTROY, &cell)) {
			printf("%s stays: reason %u\n", cell.name, cell.head.error.code);
			return 1;
		}
	}
}

static void read_files(char **names)
{
	for (; *names && file_count < FILES_MAX; names++) {
		int fd = open(*names, O_RDONLY);
		ssize_t size;

		files[file_count] = malloc(CAISSON_CONFIG_MAX);
		size = fd < 0 ? -1 : read(fd, files[file_count], CAISSON_CONFIG_MAX);
		if (size < 8) {
			fprintf(stderr, "ioctls: %s: %s\n", *names, strerror(errno));
			exit(2);
		}
		file_sizes[file_count++] = (uint32_t)size;
		close(fd);
	}
}

static void wake(int signal)
{
	(void)signal;
}

int main(int argc, char **argv)
{
	struct itimerval timer = { { 0, 50000 }, { 0, 50000 } };
	struct sigaction action = { .sa_handler = wake };
	unsigned int n, left, kinds = 0;

	device = open("/dev/caisson", O_RDWR);
	if (argc < 4 || device < 0) {
		fprintf(stderr, "usage: ioctls SEED COUNT FILE.cell... (and /dev/caisson)\n");
		return 2;
	}
	state = strtoull(argv[1], NULL, 0) * 2 + 1;
	read_files(argv + 3);
	buffer = mmap(NULL, BUFFER + 65536, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1,
		      0);
	munmap(buffer + BUFFER, 65536);
	sigaction(SIGALRM, &action, NULL); /* without SA_RESTART: a read that waits comes back */
	setitimer(ITIMER_REAL, &timer, NULL);
	for (n = (unsigned int)strtoul(argv[2], NULL, 0); n; n--)
		throw_one();
	memset(&timer, 0, sizeof(timer));
	setitimer(ITIMER_REAL, &timer, NULL);
	left = destroy_all();
	for (n = 0; n < CAISSON_E_COUNT; n++)
		kinds += reasons[n];
	printf("seed=%s calls=%u done=%u refused=%u reasons=%u left=%u\n", argv[1], calls, done,
	       refused, kinds, left);
	return left ? 1 : 0;
}
