# SPDX-License-Identifier: GPL-2.0-only
#
# The top of the build; `make help` lists the targets. Each part has a Makefile of its own, which is
# told where to put things by O, and what of Debian to use by the variables of build/arm64/env.mk and,
# for tests, build/arm64-more/env.mk.
# Everything that is written goes below build/.

O := $(abspath $(or $(O),build))
CROSS_COMPILE ?= aarch64-linux-gnu-
parts := hypervisor driver tools configs inmates ci

.DEFAULT_GOAL := all
.DELETE_ON_ERROR:
.SUFFIXES:
MAKEFLAGS += --no-builtin-rules --no-print-directory
ifneq ($(V),1) # make V=1 shows the commands
MAKEFLAGS += --silent
endif
ifeq ($(filter -j%,$(MAKEFLAGS)),)
MAKEFLAGS += -j$(shell nproc)
endif

# Where Debian's kernel, headers, busybox and libfdt are. Made, with all that it names, by the first
# make: GNU make then reads this file again.
ifneq ($(or $(filter-out help clean distclean deps check matrix newcomer,$(MAKECMDGOALS)),$(if $(MAKECMDGOALS),,all)),)
include $(O)/arm64/env.mk
endif
# Other kernels, which add themselves to KERNELS, QEMU 10 and so on, only for who needs them.
ifneq ($(filter more deb-test,$(MAKECMDGOALS)),)
include $(O)/arm64-more/env.mk
endif
$(O)/arm64/env.mk: scripts/arm64-packages scripts/install-deps
	@scripts/install-deps
	@O=$(O) scripts/arm64-packages
$(O)/arm64-more/env.mk: scripts/arm64-packages | $(O)/arm64/env.mk
	@O=$(O) scripts/arm64-packages more

export O CROSS_COMPILE FDT_CFLAGS FDT_LIBS BUSYBOX

##	all      builds everything (default)
all: images

##	deps     installs what is missing on this host (Debian 12); part of all others
deps:
	@scripts/install-deps

# --- the parts ---
$(parts): | deps
	@echo "  $@"
	@$(MAKE) -C $@ KERNELS="$(KERNELS)"
driver: hypervisor

# --- the initramfs, two for each kernel that root runs; the second Linux's is a file of root's ---
mkroot := scripts/mkroot --busybox $(BUSYBOX)
root_initrds := $(KERNELS:%=$(O)/root/initrd-%.gz)
guest_initrds := $(KERNELS:%=$(O)/guest/initrd-%.gz)

# The shell lists the directories' files, as only the parts know what they make; a directory without
# any leaves its pattern, which mkroot then reports as missing.
define share
$(1)=$$(echo $(2) | tr ' ' ',')
endef
# A power button's drivers, by which root Linux asks a cell to shut down. $(1): name of a kernel
button = $(wildcard $(foreach lib,lib usr/lib,$(addprefix \
	$(patsubst %/boot/,%,$(dir $(VMLINUZ_$(1))))/$(lib)/modules/$(KVER_$(1))/kernel/drivers/input/, \
	evdev.ko keyboard/gpio_keys.ko)))
$(guest_initrds): $(O)/guest/initrd-%.gz: scripts/mkroot scripts/rootfs/guest-init $(BUSYBOX) | deps
	@$(mkroot) --init scripts/rootfs/guest-init --hostname cell -o $@ \
		"$(call share,lib/modules/$(KVER_$*)/,$(call button,$*))"

# What root Linux finds, and where. Not compressed: under emulation that costs each boot a second.
$(root_initrds): $(O)/root/initrd-%.gz: $(parts) $(O)/guest/initrd-%.gz
	@$(mkroot) --init scripts/rootfs/root-init --hostname root --compress 0 -o $@ \
		lib/modules/caisson.ko=$(O)/driver/$(KVER_$*)/caisson.ko \
		"$(call share,lib/modules/,$(O)/ci/module/$(KVER_$*)/*.ko)" \
		lib/firmware/caisson.bin=$(O)/hypervisor/caisson.bin \
		usr/bin/hvctl=$(O)/tools/hvctl \
		boot/vmlinuz=$(VMLINUZ_$*) \
		boot/guest-initrd.gz=$(O)/guest/initrd-$*.gz \
		etc/cheatsheet=scripts/cheatsheet.txt \
		"$(call share,usr/bin/,$(O)/ci/target/*)" \
		"$(call share,usr/share/caisson/cells/,$(O)/configs/*.cell)" \
		"$(call share,usr/share/caisson/systems/,$(O)/configs/*.sys)" \
		"$(call share,usr/share/caisson/inmates/,$(O)/inmates/*.bin)" \
		"$(call share,usr/share/caisson/tests/,$(O)/ci/configs/*.cell)"

images: $(root_initrds)

##	more     all, for all kernels: scripts/qemu --root-kernel 6.12 and --qemu 10 need it
more: images

##	man      the man pages, in build/man
man: tools
	@scripts/mkman $(O)/tools/host/hvctl $(O)/man

##	demo     shows the main job in QEMU, step by step; fails if a step was not seen
demo: images
	@ci/qemu/demo.py

##	run      boots root Linux in QEMU and leaves you at its shell
run: images
	@scripts/qemu --append CHEATSHEET=1

##	run-hello  a program of ten lines is the second Linux's first: from its source to what it says
run-hello: images
	@scripts/mkguest --init scripts/rootfs/hello.c --run

##	check    runs every test, by the stages of ci/stages.py: about twenty minutes
##	matrix   gives the demo's tour on all machines, some 200: hours; goes on where it was interrupted
check matrix: deps
	@ci/stages.py $@

##	unit     only the tests on the host
unit: | deps
	@$(MAKE) -C ci unit

##	coverage measures what the unit tests execute of the pure parts, and the system tests of EL2
coverage: more
	@scripts/install-deps coverage
	@$(MAKE) -C ci coverage

##	fuzz     random inputs for validator, hypercalls, device trees, FUZZ_SECONDS (300) each; FUZZ_SEED repeats them
fuzz: | deps
	@$(MAKE) -C ci fuzz-long

##	mutants  hypervisors that lack a check each: which test notices? T= one whose name has that
mutants: more
	@$(MAKE) -C ci mutants

##	analyze  static analysis: gcc -fanalyzer, clang-tidy, cppcheck, sparse, Frama-C
analyze: all
	@scripts/install-deps analyze
	@$(MAKE) -C ci analyze

##	soak     cycles in one boot, and attacks by new seeds for SOAK_SECONDS (600); SEED repeats them
soak: images
	@$(MAKE) -C ci soak

##	docs     only what the documents say: compared with the sources, and executed in QEMU
docs: images
	@$(MAKE) -C ci docs

##	newcomer does what README and "Getting started" say in a fresh clone: in ten minutes?
newcomer: deps
	@$(MAKE) -C ci newcomer

##	bench    measures under -icount: build/bench.json, build/bench.md; BASE=OLD.json compares
##	bench-scale  how it grows with CPUs and memory
bench bench-scale: images
	@$(MAKE) -C ci $@ $(if $(BASE),BASE=$(abspath $(BASE)))

installed := hypervisor driver tools configs inmates
##	install  copies what a Debian for arm64 gets, the module's source for DKMS among it, below DESTDIR
install: $(installed)
	@scripts/install "$(DESTDIR)"

##	deb      the same as Debian packages in build/deb
deb: $(installed)
	@scripts/install-deps deb
	@scripts/mkdeb

##	deb-test boots a Debian 12 with these packages: half an hour, the first time an hour
deb-test: deb $(O)/guest/initrd-6.1.gz
	@scripts/arm64-packages debian
	@ci/qemu/debian.py

##	clean    removes what was built; distclean also what was downloaded
clean:
	@[ ! -d $(O) ] || find $(O) -mindepth 1 -maxdepth 1 ! -name 'arm64*' ! -name apt -exec rm -rf {} +
distclean:
	rm -rf $(O)

help:
	@echo "make targets:" && sed -n 's/^##//p' Makefile

.PHONY: all images more deps demo run run-hello check matrix unit coverage fuzz mutants analyze soak docs newcomer bench bench-scale \
	man install deb deb-test clean distclean help $(parts)
