// SPDX-License-Identifier: GPL-2.0-only
/*
 * kcore [PA SIZE]: reads what /proc/kcore has of RAM, every page of it, as makedumpfile does; then
 * prints how much there is, how much of it is zero, and how often a read was refused. With a range
 * of physical addresses only what lies in there.
 *
 *     bytes=1073741824 zero=524288000 errors=0
 */
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PAGE 4096u
#define CHUNK (64 * PAGE)
#define NO_ADDRESS (~0ULL) /* p_paddr of what is no RAM */

static uint64_t bytes, zero, errors;
static uint64_t first, end = NO_ADDRESS;

static void count(const uint8_t *chunk, size_t length)
{
	static const uint8_t nothing[PAGE];
	size_t at;

	bytes += length;
	for (at = 0; at < length; at += PAGE)
		if (!memcmp(chunk + at, nothing, PAGE))
			zero += PAGE;
}

static void read_segment(int fd, const Elf64_Phdr *p)
{
	static uint8_t chunk[CHUNK];
	uint64_t at = p->p_paddr > first ? p->p_paddr : first;
	uint64_t behind = p->p_paddr + p->p_memsz;

	if (behind > end)
		behind = end;
	while (at < behind) {
		size_t length = behind - at < CHUNK ? (size_t)(behind - at) : CHUNK;
		ssize_t got = pread(fd, chunk, length, (off_t)(p->p_offset + (at - p->p_paddr)));

		if (got <= 0) {
			errors++;
			got = PAGE;
		} else {
			count(chunk, (size_t)got);
		}
		at += (uint64_t)got;
	}
}

int main(int argc, char **argv)
{
	Elf64_Phdr phdr[128];
	Elf64_Ehdr ehdr;
	ssize_t size;
	int fd, i;

	if (argc == 3) {
		first = strtoull(argv[1], NULL, 0);
		end = first + strtoull(argv[2], NULL, 0);
	}
	fd = open("/proc/kcore", O_RDONLY);
	if (fd < 0 || pread(fd, &ehdr, sizeof(ehdr), 0) != sizeof(ehdr) ||
	    memcmp(ehdr.e_ident, ELFMAG, SELFMAG) || ehdr.e_phnum > 128) {
		fprintf(stderr, "kcore: /proc/kcore: %s\n", strerror(errno));
		return 1;
	}
	size = (ssize_t)(ehdr.e_phnum * sizeof(*phdr));
	if (pread(fd, phdr, (size_t)size, (off_t)ehdr.e_phoff) != size)
		return 1;
	for (i = 0; i < ehdr.e_phnum; i++)
		if (phdr[i].p_type == PT_LOAD && phdr[i].p_paddr != NO_ADDRESS)
			read_segment(fd, &phdr[i]);
	printf("bytes=%" PRIu64 " zero=%" PRIu64 " errors=%" PRIu64 "\n", bytes, zero, errors);
	return 0;
}
