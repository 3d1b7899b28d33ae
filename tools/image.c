// SPDX-License-Identifier: GPL-2.0-only
/*
 * Image formats and the plan of a cell's memory, see image.h; step 7 of the tour. Pure but for
 * complaints.
 */
#include <elf.h>
#include <inttypes.h>
#include <string.h>

#include "image.h"

/* Header of arch/arm64's Image, little-endian. */
struct arm64_image {
	uint32_t code[2];
	uint64_t text_offset;
	uint64_t image_size; /* 0 before Linux 3.17 */
	uint64_t flags;
	uint64_t reserved[3];
	uint32_t magic;
	uint32_t pe_offset;
};

#define ARM64_MAGIC 0x644d5241u /* "ARM\x64" */
#define IMAGE_ALIGN MIB(2)

static bool begins_with(const struct file *file, const void *magic, size_t length)
{
	return file->size >= length && !memcmp(file->data, magic, length);
}

enum image_format image_format(const struct file *file)
{
	const struct arm64_image *image = file->data;

	if (file->size >= sizeof(*image) && image->magic == ARM64_MAGIC)
		return IMAGE_ARM64;
	if (begins_with(file, ELFMAG, SELFMAG))
		return IMAGE_ELF;
	/* gzip, xz, zstd, and the kernel's self-extracting EFI image ("zimg" behind "MZ\0\0"). */
	if (begins_with(file, "\x1f\x8b", 2) || begins_with(file, "\xfd" "7zXZ", 5) ||
	    begins_with(file, "\x28\xb5\x2f\xfd", 4) || begins_with(file, "MZ\0\0zimg", 8))
		return IMAGE_COMPRESSED;
	return IMAGE_RAW;
}

const struct caisson_memory_entry *main_memory(const void *blob)
{
	static const uint32_t wanted[] = {
		CAISSON_MEM_WRITE | CAISSON_MEM_EXEC,
		CAISSON_MEM_WRITE,
	};
	uint32_t w, i;

	/* The largest: a little memory elsewhere, for vectors say, is not what programs go to. */
	for (w = 0; w < ARRAY_SIZE(wanted); w++) {
		const struct caisson_memory_entry *best = NULL;

		for (i = 0; i < config_count(blob, CAISSON_SEC_MEMORY); i++) {
			const struct caisson_memory_entry *m = config_memory(blob, i);

			if ((m->flags & wanted[w]) == wanted[w] && (!best || m->size > best->size))
				best = m;
		}
		if (best)
			return best;
	}
	return config_memory(blob, 0);
}

void plan_init(struct plan *p, const void *blob)
{
	*p = (struct plan){ .blob = blob, .entry = ADDRESS_ANY };
}

static enum exit_code add_piece(struct plan *p, const struct piece *piece)
{
	if (p->count == MAX_PIECES) {
		complain("%s: more than %d pieces to load", piece->name, MAX_PIECES);
		return HVCTL_CONFIG;
	}
	p->piece[p->count++] = *piece;
	return HVCTL_OK;
}

enum exit_code plan_data(struct plan *p, const char *name, const void *data, uint64_t length,
			 uint64_t address)
{
	return add_piece(p, &(struct piece){ name, data, length, address, length });
}

static void set_entry(struct plan *p, uint64_t entry)
{
	if (p->entry == ADDRESS_ANY)
		p->entry = entry;
}

static enum exit_code plan_arm64(struct plan *p, const struct file *file)
{
	const struct arm64_image *image = file->data;
	uint64_t base = ALIGN_UP(main_memory(p->blob)->ipa, IMAGE_ALIGN) + image->text_offset;
	uint64_t span = image->image_size > file->size ? image->image_size : file->size;

	set_entry(p, base);
	return add_piece(p, &(struct piece){ file->path, file->data, file->size, base, span });
}

static enum exit_code bad_elf(const struct file *file, const char *why)
{
	complain("%s: %s", file->path, why);
	return HVCTL_CONFIG;
}

static enum exit_code plan_elf(struct plan *p, const struct file *file)
{
	const Elf64_Ehdr *h = file->data;
	const uint8_t *bytes = file->data;
	uint64_t entry = ADDRESS_ANY;
	uint32_t i;

	if (file->size < sizeof(*h) || h->e_ident[EI_CLASS] != ELFCLASS64 ||
	    h->e_ident[EI_DATA] != ELFDATA2LSB || h->e_machine != EM_AARCH64)
		return bad_elf(file, "is no 64-bit little-endian ELF file for arm64");
	if (h->e_phentsize != sizeof(Elf64_Phdr) || h->e_phoff % 8 || h->e_phoff > file->size ||
	    h->e_phnum > (file->size - h->e_phoff) / sizeof(Elf64_Phdr))
		return bad_elf(file, "its program headers lie outside of the file");
	for (i = 0; i < h->e_phnum; i++) {
		const Elf64_Phdr *ph = (const Elf64_Phdr *)(bytes + h->e_phoff) + i;
		enum exit_code code;

		if (ph->p_type != PT_LOAD || !ph->p_memsz)
			continue;
		if (ph->p_offset > file->size || ph->p_filesz > file->size - ph->p_offset ||
		    ph->p_filesz > ph->p_memsz)
			return bad_elf(file, "a segment lies outside of the file");
		/* e_entry is a virtual address; the cell starts with its MMU off. */
		if (h->e_entry >= ph->p_vaddr && h->e_entry - ph->p_vaddr < ph->p_memsz)
			entry = h->e_entry - ph->p_vaddr + ph->p_paddr;
		code = add_piece(p, &(struct piece){ file->path, bytes + ph->p_offset, ph->p_filesz,
						     ph->p_paddr, ph->p_memsz });
		if (code)
			return code;
	}
	if (entry == ADDRESS_ANY)
		return bad_elf(file, "its entry point lies in none of its segments");
	set_entry(p, entry);
	return HVCTL_OK;
}

enum exit_code plan_image(struct plan *p, const struct file *file, uint64_t address)
{
	enum image_format format = address == ADDRESS_ANY ? image_format(file) : IMAGE_RAW;

	switch (format) {
	case IMAGE_ELF:
		return plan_elf(p, file);
	case IMAGE_ARM64:
		return plan_arm64(p, file);
	case IMAGE_COMPRESSED:
		complain("%s: is compressed: unpack it first, or load its bytes with @ADDRESS",
			 file->path);
		return HVCTL_CONFIG;
	default:
		if (address == ADDRESS_ANY)
			address = main_memory(p->blob)->ipa;
		set_entry(p, address);
		return plan_data(p, file->path, file->data, file->size, address);
	}
}

/* The cell's memory region that the piece begins in, or NULL; *whole: does all of it lie there? */
static const struct caisson_memory_entry *region_of(const void *blob, const struct piece *piece,
						    bool *whole)
{
	uint32_t i;

	for (i = 0; i < config_count(blob, CAISSON_SEC_MEMORY); i++) {
		const struct caisson_memory_entry *m = config_memory(blob, i);

		if (piece->ipa < m->ipa || piece->ipa - m->ipa >= m->size)
			continue;
		*whole = piece->span <= m->size - (piece->ipa - m->ipa);
		return m;
	}
	return NULL;
}

static enum exit_code check_piece(const struct plan *p, const struct piece *piece)
{
	const struct caisson_memory_entry *m;
	char size[32];
	bool whole;

	m = region_of(p->blob, piece, &whole);
	if (!m) {
		complain("%s: its address 0x%" PRIx64 " lies in no memory of cell %s", piece->name,
			 piece->ipa, config_cell(p->blob)->name);
		return HVCTL_CONFIG;
	}
	if (whole)
		return HVCTL_OK;
	format_bytes(m->size, size, sizeof(size));
	complain("%s: needs 0x%" PRIx64 " bytes at 0x%" PRIx64 ", which is more than the memory "
		 "of cell %s at 0x%" PRIx64 " (%s) has there", piece->name, piece->span, piece->ipa,
		 config_cell(p->blob)->name, m->ipa, size);
	return HVCTL_CONFIG;
}

enum exit_code plan_check(const struct plan *p)
{
	uint32_t i, k;

	if (p->entry % 4 && p->entry != ADDRESS_ANY &&
	    !(config_cell(p->blob)->flags & CAISSON_CELL_ENTRY)) {
		complain("%s: its entry point 0x%" PRIx64 " is no multiple of 4", p->piece[0].name,
			 p->entry);
		return HVCTL_CONFIG;
	}
	for (i = 0; i < p->count; i++) {
		const struct piece *a = &p->piece[i];
		enum exit_code code = check_piece(p, a);

		if (code)
			return code;
		for (k = 0; k < i; k++) {
			const struct piece *b = &p->piece[k];

			if (a->ipa >= b->ipa + b->span || b->ipa >= a->ipa + a->span)
				continue;
			complain("%s (0x%" PRIx64 " to 0x%" PRIx64 ") overlaps %s (0x%" PRIx64
				 " to 0x%" PRIx64 ")", a->name, a->ipa, a->ipa + a->span, b->name,
				 b->ipa, b->ipa + b->span);
			return HVCTL_CONFIG;
		}
	}
	return HVCTL_OK;
}
