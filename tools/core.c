// SPDX-License-Identifier: GPL-2.0-only
/* A cell as an ELF core, see core.h. */
#include <elf.h>
#include <signal.h>
#include <string.h>

#include "core.h"

#define NOTE_NAME "CORE"

/* Linux's struct elf_prstatus for arm64, which the host's own is not. */
struct prstatus {
	int32_t signo, code, error; /* of the signal's information */
	int16_t cursig;
	uint16_t pad;
	uint64_t sigpend, sighold;
	int32_t pid, ppid, pgrp, sid;
	uint64_t times[8];
	uint64_t regs[CAISSON_REGS];
	int32_t fpvalid;
	uint32_t pad2;
};

struct note {
	Elf64_Nhdr head;
	char name[ALIGN_UP(sizeof(NOTE_NAME), 4)];
	/* By bytes, as it need not be aligned. */
	uint8_t prstatus[sizeof(struct prstatus)];
};

_Static_assert(sizeof(struct prstatus) == 392 && sizeof(struct note) == 12 + 8 + 392, "gdb");

static size_t headers_size(uint32_t regions)
{
	return sizeof(Elf64_Ehdr) + (1 + regions) * sizeof(Elf64_Phdr);
}

size_t core_header_size(const void *blob, uint32_t ncpus)
{
	return ALIGN_UP(headers_size(config_count(blob, CAISSON_SEC_MEMORY)) +
			ncpus * sizeof(struct note), PAGE);
}

/* A thread has a number, and 0 is none. */
static void fill_note(struct note *note, const struct core_cpu *cpu, uint32_t number, bool failed)
{
	struct prstatus status = { .pid = (int32_t)number + 1 };

	status.signo = failed ? SIGSEGV : 0;
	status.cursig = (int16_t)status.signo;
	memcpy(status.regs, cpu->regs, sizeof(status.regs));
	note->head = (Elf64_Nhdr){ .n_namesz = sizeof(NOTE_NAME), .n_descsz = sizeof(status),
				   .n_type = NT_PRSTATUS };
	memcpy(note->name, NOTE_NAME, sizeof(NOTE_NAME));
	memcpy(note->prstatus, &status, sizeof(status));
}

static void fill_load(Elf64_Phdr *load, const struct caisson_memory_entry *region, uint64_t offset)
{
	*load = (Elf64_Phdr){
		.p_type = PT_LOAD,
		.p_flags = (region->flags & CAISSON_MEM_READ ? PF_R : 0u) |
			   (region->flags & CAISSON_MEM_WRITE ? PF_W : 0u) |
			   (region->flags & CAISSON_MEM_EXEC ? PF_X : 0u),
		.p_offset = offset,
		.p_vaddr = region->ipa,
		.p_paddr = region->ipa,
		.p_filesz = region->size,
		.p_memsz = region->size,
		.p_align = PAGE,
	};
}

void core_header(void *header, const void *blob, const struct core_cpu *cpus, uint32_t ncpus,
		 uint32_t failed)
{
	uint32_t regions = config_count(blob, CAISSON_SEC_MEMORY), cpu, i;
	uint64_t offset = core_header_size(blob, ncpus);
	Elf64_Ehdr *elf = header;
	Elf64_Phdr *program = (void *)(elf + 1);
	struct note *note = (void *)((char *)header + headers_size(regions));

	*elf = (Elf64_Ehdr){
		.e_ident = { ELFMAG0, ELFMAG1, ELFMAG2, ELFMAG3, ELFCLASS64, ELFDATA2LSB,
			     EV_CURRENT },
		.e_type = ET_CORE,
		.e_machine = EM_AARCH64,
		.e_version = EV_CURRENT,
		.e_phoff = sizeof(*elf),
		.e_ehsize = sizeof(*elf),
		.e_phentsize = sizeof(*program),
		.e_phnum = (Elf64_Half)(1 + regions),
	};
	*program++ = (Elf64_Phdr){ .p_type = PT_NOTE, .p_offset = headers_size(regions),
				   .p_filesz = ncpus * sizeof(*note), .p_align = 4 };
	for (i = 0; i < regions; i++) {
		fill_load(program++, config_memory(blob, i), offset);
		offset += config_memory(blob, i)->size;
	}
	if (failed < ncpus)
		fill_note(note++, &cpus[failed], failed, true);
	for (cpu = 0; cpu < ncpus; cpu++)
		if (cpu != failed)
			fill_note(note++, &cpus[cpu], cpu, false);
}
