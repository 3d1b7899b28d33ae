#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# Runs in root Linux under -icount and leaves in DIR what jobs.py reads: root.sh DIR JOB [ARGUMENT...],
# a job being one of the functions below. Nothing is printed and nobody types meanwhile: all CPUs share
# one virtual clock. All that is measured happens on CPU 0; what runs between two measurements has
# ended and settled by then.
set -eu
out=$1
job=$2
shift 2
export BENCH_LOG="$out/calls"
mkdir -p "$out"
cd /root
taskset -p 1 $$ >/dev/null

settle() {
	usleep 300000
}

# A command to the module, see module/caisson_bench.c: its answer.
ask() {
	echo "$*" >/proc/caisson_bench
	cat /proc/caisson_bench
}

# Until the inmate has printed that line; by then it sleeps.
await() {
	tries=100
	until hvctl console bench --dump | grep -q "$1"; do
		tries=$((tries - 1))
		[ $tries -gt 0 ]
		usleep 200000
	done
}

on() {
	insmod caisson.ko
	# shellcheck disable=SC2086 # none or two words
	hvctl enable ${mode:+--mode $mode} >/dev/null
	settle
}

off() {
	hvctl disable >/dev/null
	rmmod caisson
}

# cycles N: in and out, each time from the beginning, as the module keeps something in between.
cycles() {
	for i in $(seq "$1"); do
		insmod caisson.ko
		settle
		/bench/hvctl enable >/dev/null
		settle
		hvctl status --json >"$out/enabled.$i"
		/bench/hvctl disable >/dev/null
		settle
		hvctl status --json >"$out/disabled.$i"
		rmmod caisson
	done
}

# calls CPU: what root's kernel does, without and with the hypervisor.
calls() {
	insmod /bench/caisson_bench.ko
	settle
	ask ipi "$1" 1000 >"$out/ipi.bare"
	on
	ask ipi "$1" 1000 >"$out/ipi"
	ask hvc c600ca00 1000 >"$out/hvc_info"
	off
	rmmod caisson_bench
}

# growth N CPU: both.
growth() {
	cycles "$1"
	calls "$2"
}

life() {
	/bench/hvctl cell create cells/bench.cell >/dev/null
	settle
	hvctl status --json >"$out/with-cell.$1"
	/bench/hvctl cell load bench inmates/bench.bin >/dev/null
	settle
	/bench/hvctl cell start bench >/dev/null
	usleep 2000000
	await '^key before'
	settle
	hvctl cell show bench --json >"$out/started.$1"
	# A piped session ends after a second of silence, in the inmate's pause: what is counted begins
	# when the key's own interrupts are over.
	printf k | hvctl console bench --no-history >/dev/null
	hvctl cell stats bench --json >"$out/before.$1"
	usleep 5000000
	await '^key after'
	settle
	hvctl cell stats bench --json >"$out/after.$1"
	hvctl console bench --dump >"$out/console.$1"
	/bench/hvctl cell restart bench >/dev/null
	usleep 2000000
	/bench/hvctl cell destroy bench --json >"$out/destroyed.$1"
	settle
}

# lives N [MODE]: cells of 64 MiB, with bench.bin in them.
lives() {
	mode=${2-}
	on
	for i in $(seq "$1"); do
		life "$i"
	done
	off
}

# probe: no more than the figures of bench.bin and the cheapest hypercall.
probe() {
	on
	hvctl cell create cells/bench.cell >/dev/null
	hvctl status --json >"$out/with-cell.1"
	hvctl cell load bench inmates/bench.bin >/dev/null
	hvctl cell start bench >/dev/null
	usleep 2000000
	await '^key before'
	hvctl console bench --dump >"$out/console.1"
	insmod /bench/caisson_bench.ko
	ask hvc c600ca00 1000 >"$out/hvc_info"
}

# create SIZE...: cells of so many MiB, created and destroyed. The hypervisor stays on, see jobs.py.
create() {
	on
	for size in "$@"; do
		/bench/hvctl cell create "/bench/$size.cell" >/dev/null
		settle
		hvctl cell show bench --json >"$out/created.$size"
		/bench/hvctl cell destroy bench --json >"$out/destroyed.$size"
		settle
	done
}

# step NAME COMMAND...: if $latency is set, with how late a timer came at most in a file of that name.
step() {
	name=$1
	shift
	[ -z "$latency" ] || ask latency 0
	"$@" >/dev/null
	[ -z "$latency" ] || ask latency off >"$out/latency.$name"
	settle
}

a_life() {
	latency=${2-}
	step create hvctl cell create "/bench/$1.cell"
	step load hvctl cell load bench inmates/bench.bin
	step start hvctl cell start bench
	step running usleep 2000000
	step restart hvctl cell restart bench
	settle
	step stop hvctl cell shutdown --now bench
	step destroy hvctl cell destroy bench
}

# stays SIZE: in EL2, in a cell's life, which the plugin counts; and in another one how late a timer of
# root's comes at most, for comparison when Linux alone takes a CPU offline and back.
stays() {
	on
	insmod /bench/caisson_bench.ko
	ask marks on
	a_life "$1"
	ask marks off
	online=/sys/devices/system/cpu/cpu3/online
	ask latency 0
	echo 0 >$online
	settle
	echo 1 >$online
	settle
	ask latency off >"$out/latency.hotplug"
	a_life "$1" latency
	off
}

# second_linux WORDS: on two CPUs, with guest.c as its init and these words for its kernel.
second_linux() {
	on
	export BENCH_TREE="$out/tree" BENCH_PAUSE=9900000
	/bench/hvctl cell linux vmlinuz --cpus 2-3 --memory 128M --initrd /bench/guest.gz \
		--append "quiet nokaslr $1" >/dev/null
	hvctl cell stats linux --json >"$out/silent"
	usleep 4000000
	hvctl cell stats linux --json >"$out/before"
	usleep 3000000
	hvctl cell stats linux --json >"$out/after"
	hvctl console linux --dump >"$out/console"
	hvctl cell destroy linux >/dev/null
	off
	base64 "$out/tree" >"$out/tree.base64"
	rm "$out/tree"
}

"$job" "$@"
