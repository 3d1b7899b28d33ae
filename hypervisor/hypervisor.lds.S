/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * caisson.bin: header, text (R-X), rodata (R--), data and bss (RW-), each from a page of its own.
 * The image runs at the address it is linked at; only the idmap page runs at its physical one.
 */
#include <caisson/image.h>

OUTPUT_ARCH(aarch64)
ENTRY(caisson_entry)

SECTIONS
{
	. = CAISSON_VA_MEMORY;
	__image_start = .;
	.text : {
		/* The idmap page: struct caisson_image_header, entry, early vectors. */
		__idmap_start = .;
		QUAD(CAISSON_IMAGE_MAGIC)
		LONG(CAISSON_ABI_VERSION)
		LONG(56)
		LONG(__file_end - __image_start)
		LONG(__image_end - __image_start)
		LONG(__rodata_start - __image_start)
		LONG(__data_start - __image_start)
		LONG(__idmap_start - __image_start)
		LONG(__idmap_end - __idmap_start)
		LONG(caisson_entry - __image_start)
		LONG(__guarded_start - __image_start)
		QUAD(CAISSON_VA_MEMORY)
		*(.idmap.text)
		*(.idmap.vectors)
		. = ALIGN(4096);
		__idmap_end = .;
		. = ALIGN(2048);
		*(.vectors)
		*(.unguarded)
		. = ALIGN(4096);
		__guarded_start = .;
		*(.text .text.*)
		. = ALIGN(4096);
	}
	__rodata_start = .;
	.rodata : {
		*(.random)
		*(.rodata .rodata.*)
		. = ALIGN(4096);
	}
	__data_start = .;
	.data : {
		*(.data .data.*)
		. = ALIGN(16);
	}
	__file_end = .;
	.bss : {
		*(.bss .bss.* COMMON)
		. = ALIGN(4096);
	}
	__image_end = .;

	.got : { *(.got .got.plt .igot.plt) }
	.rela : { *(.rela .rela.*) }
	/DISCARD/ : { *(.comment .note.* .eh_frame* .ARM.attributes .debug_frame) }

	ASSERT(SIZEOF(.got) <= 24, "something goes through the GOT: hidden visibility is missing")
	ASSERT(SIZEOF(.rela) == 0, "the image needs relocating")
	ASSERT(__idmap_end - __idmap_start == 4096, "the idmap is one page")
}
