# SPDX-License-Identifier: GPL-2.0-only
"""
The rows that `make bench` prints: what others take for the same operation, and what Caisson is to
take at most. Measured on 2026-11-20, as ours are, with QEMU 7.2, Debian's 6.1 kernel and a
cortex-a57 (Documentation/performance.md): Jailhouse's master of 2023-01-10, without ITS, its module
patched to load at all; Bao's of 2026-07 on a cortex-a53, with a clock of 16 instructions. The goals
for image_bytes and el2_lines are for several interrupt modes; the others have one.
"""

from collections import namedtuple

# `none`: without any hypervisor. `goal`: a number, or a function of what was measured without one.
Row = namedtuple("Row", "name what unit none jailhouse bao goal")


def equal(none):
    return none


def above(insns):
    """So much more than without a hypervisor."""
    goal = lambda none: none + insns  # noqa: E731
    goal.text = f"no hypervisor + {insns}"
    return goal


def within(percent):
    goal = lambda none: round(none * (1 + percent / 100), 1)  # noqa: E731
    goal.text = f"no hypervisor + {percent} %"
    return goal


equal.text = "no hypervisor"

ROWS = [Row(*row) for row in (
    ("hvc_unknown_insns", "hypercall, unknown number", "insns", None, 126, None, 40),
    ("hvc_info_insns", "hypercall, cheapest useful one", "insns", None, 141, 146, 60),
    ("smc_psci_version_insns", "SMC PSCI_VERSION", "insns", 7, 143, 202, 60),
    ("smc_affinity_info_insns", "SMC PSCI AFFINITY_INFO, itself", "insns", 7, 216, None, 90),
    ("smc_smccc_version_insns", "SMC SMCCC_VERSION", "insns", None, 131, None, 50),
    ("gicd_ctlr_read_insns", "GICD_CTLR read", "insns", 9, 288, 224, 100),
    ("gicd_isenabler_read_insns", "GICD_ISENABLER1 read", "insns", 10, 927, 1289, 120),
    ("gicd_isenabler_write_insns", "GICD_ISENABLER1 write", "insns", 3, 923, None, 120),
    ("gicd_ipriorityr_read_insns", "GICD_IPRIORITYR8 read", "insns", 10, 387, None, 120),
    ("gicd_ipriorityr_write_insns", "GICD_IPRIORITYR8 write", "insns", 3, 418, None, 120),
    ("gicr_waker_read_insns", "GICR_WAKER read", "insns", None, 285, 268, 100),
    ("sgi_no_target_insns", "ICC_SGI1R_EL1 write, no target", "insns", 4, 1067, None, 50),
    ("sgi_self_insns", "SGI to self, delivered and ended", "insns", 15, 1504, 808, 65),
    ("ipi_call_roundtrip_insns", "cross-CPU function call in root Linux, both CPUs", "insns",
     1570, 3122, None, above(80)),
    ("timer_latency_vector_insns", "timer compare value to the EL1 vector", "insns",
     None, 210, 177, equal),
    ("timer_latency_handler_insns", "timer compare value to the C handler", "insns",
     None, 254, None, equal),
    ("exits_per_timer_irq", "exits for each timer interrupt", "exits/irq", 0, 1, 1, 0),
    ("lr_timer_latency_vector_insns", "timer to vector, list-register mode", "insns",
     None, 210, 177, 90),
    ("lr_exits_per_timer_irq", "exits for each timer interrupt, list-register mode", "exits/irq",
     None, 1, 1, 1),
    ("enable_4cpu_us", "enable, 4 CPUs, ioctl to return", "us", None, 1739, None, 400),
    ("enable_16cpu_us", "enable, 16 CPUs", "us", None, 2545, None, 600),
    ("disable_4cpu_us", "disable, 4 CPUs", "us", None, 131, None, 100),
    ("disable_16cpu_us", "disable, 16 CPUs", "us", None, 405, None, 200),
    ("cell_create_64m_us", "create, 64 MiB: the hypercalls, scrubbing apart", "us",
     None, 108, None, 30),
    ("scrub_64m_us", "zeroing to the point of coherency", "us", None, None, None, 4700),
    ("cell_restart_64m_us", "stop, scrub, reload, start", "us", None, None, None, 5500),
    ("cell_create_64m_total_us", "create, with Linux taking its CPU offline", "us",
     None, 14970, None, None),
    ("cell_start_64m_us", "start", "us", None, 13890, None, 50),
    ("cell_destroy_64m_us", "destroy: the hypercalls, scrubbing apart", "us",
     None, 14280, None, 50),
    ("cell_destroy_64m_total_us", "destroy, with Linux bringing its CPU online", "us",
     None, 49400, None, None),
    ("cell_lifecycle_64m_insns", "create to destroy, EL2's and Linux's, all CPUs", "insns",
     None, None, None, None),
    ("second_linux_userspace_us", "second Linux, 2 CPUs, 128 MiB: start to user space", "us",
     863800, 894700, None, within(0.3)),
    ("console_char_insns", "character of Linux's to the emulated PL011, EL2's part", "insns",
     None, None, None, 150),
    ("second_linux_exits", "until 9 s after it reached user space, console silent", "exits",
     0, 1557, None, 900),
    ("max_el2_stay_insns", "longest uninterrupted stay in EL2", "insns",
     None, 14000000, None, 50000),
    ("image_bytes", "the image, zeroed part included", "bytes", None, 100360, 82 << 10, 98304),
    ("el2_memory_bytes", "taken from Linux, 4 CPUs, a cell of 64 MiB", "bytes",
     None, 4 << 20, None, 1 << 20),
    ("el2_lines", "lines of EL2's sources", "lines", None, 6719, 11231, 9000),
)]
BY_NAME = {row.name: row for row in ROWS}

# Goals that are not reached yet. Any other row that misses its own is a failure; one of these that
# reaches it is to be taken out.
OPEN = set()
OPEN_ON_MAX = OPEN

# Linux's CPU hotplug sleeps meanwhile, for as long as it likes: no reason to say that ours is worse.
NOT_COMPARED = {"cell_create_64m_total_us", "cell_destroy_64m_total_us"}


def goal_of(row, none):
    """The number that the row is to reach, or None; `none`: what was measured without us."""
    if callable(row.goal):
        return None if none is None else row.goal(none)
    return row.goal


def goal_text(row, none):
    goal = goal_of(row, none)
    if goal is None:
        return ""
    return f"{goal:,} ({row.goal.text})" if callable(row.goal) else f"{goal:,}"
