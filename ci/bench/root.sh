#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# Runs in root Linux under -icount and leaves in $1 what bench.py reads; root.sh DIR REPETITIONS.
# Nothing is printed and nobody types meanwhile: all CPUs share one virtual clock. What runs between
# two measurements has ended and settled by then.
set -eu
out=$1
repetitions=$2
export BENCH_LOG="$out/calls"
mkdir -p "$out"
cd /root

settle() {
	usleep 300000
}

# Each time from the beginning: what the module keeps between two enables does not count.
cycle() {
	insmod caisson.ko
	settle
	/bench/hvctl enable >/dev/null
	settle
	hvctl status --json >"$out/enabled.$1"
	/bench/hvctl disable >/dev/null
	settle
	hvctl status --json >"$out/disabled.$1"
	rmmod caisson
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

cell() {
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
	hvctl cell stats bench --json >"$out/before.$1"
	# A piped session ends after a second of silence, in the middle of what is counted.
	printf k | hvctl console bench --no-history >/dev/null
	usleep 2000000
	await '^key after'
	settle
	hvctl cell stats bench --json >"$out/after.$1"
	hvctl console bench --dump >"$out/console.$1"
	/bench/hvctl cell destroy bench --json >"$out/destroyed.$1"
	settle
}

for i in $(seq "$repetitions"); do
	cycle "$i"
done
insmod caisson.ko
hvctl enable >/dev/null
settle
for i in $(seq "$repetitions"); do
	cell "$i"
done
hvctl disable >/dev/null
rmmod caisson
