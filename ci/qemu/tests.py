# SPDX-License-Identifier: GPL-2.0-only
"""
The list of system tests: what is done with a machine, and what must be seen. test_system.py runs
it; the rows themselves are in suite/, by subject.

A row: a name; what the hypervisor must be at the start (`bare`: no module, `loaded`: not enabled,
`enabled`); a budget in seconds that the whole test must keep to, several times what it takes;
the steps; if it is not the usual machine, a function of hardware.py; whether `make check` does it in all
interrupt modes (`core`; `make matrix` does all rows in all modes); and in which it is none (`but`:
the reason). After each test root must be healthy, with all of its CPUs and memory back, and no cell
left (steps.healthy()).
"""

import hardware
from hardware import LIST, REVOKE
from suite.attacks import ATTACK, LONG_ATTACK
from suite.cells import CELLS
from suite.dump import DUMP
from suite.enabling import ENABLING, HARDWARE, KVM, LONG_KVM, UNFIT
from suite.ends import POLICIES
from suite.faults import FAULTS
from suite.guests import GUESTS, LONG_GUESTS, LONG_MANY_CPUS, MANY_CPUS, OTHER_CPUS
from suite.image import IMAGE
from suite.irqs import DISK, IRQS, MODES
from suite.isolation import BUSY, DEVICES, LEAKS, LONG_DEVICES, MEMORY, STAGE2, STRAY
from suite.refusals import CONFIGS, FILES, HVCTL
from suite.root import DOWN, LIFE, SHUTDOWN, WRONG
from suite.soak import SOAK
from suite.turns import TURNS
from suite.watching import WATCHING

TESTS = [
    *CELLS,
    *STRAY,
    *BUSY,
    *POLICIES,
    *DUMP,
    *WATCHING,
    *CONFIGS,
    *FILES,
    *HVCTL,
    *TURNS,
    *MEMORY,
    *LEAKS,
    *STAGE2,
    *[test for test in IRQS if not test.machine],
    *ENABLING,
    *HARDWARE,
    *SHUTDOWN,
    *LIFE,
    *[test for test in WRONG if not test.machine],
    # These end the machine, so they come last.
    *DOWN,
    *[test for test in WRONG if test.machine],
    # On another machine.
    *UNFIT,
    *KVM,
    *DEVICES,
    *DISK,
    *[test for test in FAULTS if test.name in ("faults_enable", "faults_create")],
    *ATTACK,
    *OTHER_CPUS,
    *MANY_CPUS,
    *GUESTS,
    *[test for test in IRQS if test.machine],
]

# The other interrupt modes: direct-revoke where firmware keeps Group 0, which is what it is for, list where
# it does not. Boards' firmware keeps SGI 15 as well.
KEPT = {REVOKE: True, LIST: False}
SECURE = {REVOKE: ("hello", "linux", "hotplug_while_enabled", "offline_across_enable",
                   "destroy_masked_spin", "destroy_sleep", "root_reboot_with_cells"),
          LIST: ("linux", "hotplug_while_enabled", "watchdog_expires")}
CORE = [test for test in TESTS if test.core]
REST = [test for test in TESTS if not test.core]
ANYWHERE = [test for test in CORE if not test.machine]


def in_mode(mode, tests, suffix="", kind=None, group0_kept=False):
    """The rows in that mode: each on its own kind of machine, or on `kind`."""
    return [test._replace(name=f"{test.name}_{mode.rpartition('-')[2]}{suffix}",
                          machine=hardware.in_mode(mode, test.machine or kind, group0_kept))
            for test in tests]


def secure(mode, tests):
    return in_mode(mode, tests, "_secure", hardware.secure_firmware)


IN_MODES = [row for mode, kept in KEPT.items() for row in (
    *in_mode(mode, CORE, group0_kept=kept),
    *secure(mode, [test for test in TESTS if test.name in SECURE[mode]]))]
LONG_IN_MODES = [row for mode, kept in KEPT.items() for row in (
    *in_mode(mode, REST, group0_kept=kept),
    *in_mode(mode, CORE, "_forced", group0_kept=not kept),
    *in_mode(mode, ANYWHERE, "_6_12", hardware.linux_6_12, kept),
    *secure(mode, [test for test in ANYWHERE if test.name not in SECURE[mode]]))]
# EL2's map is the same in all modes.
TESTS += [*MODES, *IN_MODES, *IMAGE]

# All of it with Debian 13's kernel as root as well.
LIFE_6_12 = [test._replace(name=f"{test.name}_6_12", machine=hardware.fresh_6_12 if test.machine
                           else hardware.linux_6_12) for test in SHUTDOWN + LIFE + WRONG + DOWN]

# What depends most on root's kernel, with Debian 13's.
ON_6_12 = [test._replace(name=f"{test.name}_6_12", machine=hardware.linux_6_12)
           for test in TESTS if test.name in (
               "enable", "linux", "two_cells", "smp", "exits_linux", "exits_root",
               "hotplug_while_enabled", "offline_across_enable", "enable_on_one_cpu",
               "enable_disable_100", "rollback_cpu_fails", "rollback_cpu_missing",
               "create_destroy_20", "same_start", "watchdog_expires")]

# Devices that a cell gets, as Debian 13's kernel hands them over.
DEVICES_6_12 = [test._replace(name=f"{test.name}_6_12", machine=hardware.devices_6_12)
                for test in DEVICES if test.name in ("device", "devices_of_linux", "device_in_parts")]

# What is reset, where there is more of it: keys of pointer authentication, for example.
ON_MAX = [test._replace(name=f"{test.name}_max", machine=hardware.cpu_max)
          for test in TESTS if test.name in ("same_start", "root_finds_nothing")]

# What `make check` has no time for, and `make matrix` does.
LONG_TESTS = [
    *ON_6_12,
    *DEVICES_6_12,
    *ON_MAX,
    *LIFE_6_12,
    *LONG_KVM,
    *LONG_MANY_CPUS,
    *LONG_GUESTS,
    *LONG_DEVICES,
    *[test for test in FAULTS if test not in TESTS],
    *LONG_ATTACK,
    *LONG_IN_MODES,
]

# Rows of half a minute and more, of which a shorter one, or one in another mode or on another kernel, says most.
SLOW = ("enable_disable_100", "scrub_cpu_lost", "kvm_6.1_a53_cycles", "its_disk_list", "exits_linux_list",
        "list_least", "watchdog_expires_list", "watchdog_of_two_cpus", "root_masks_by_priority",
        "guest_6.1_on_6_12_max", "faults_enable", "faults_create", "its_disk_revoke",
        "watchdog_expires_list_secure", "list_lpis_left", "rollback_cpu_fails", "el2_forge", "el2_jump",
        "watchdog_of_two_cpus_list", "root_panic_and_watchdog", "cpus_64", "same_start_watched",
        "kvm_6.12_a53_cycles", "root_kexec_with_cells", "exits_linux_revoke", "guest_6.12", "hvctl_killed_by_int",
        "secure_enable", "linux_cpu_max", "cells_under_load_list", "create_destroy_20_list",
        "root_kexec_after_hotplug", "linux_list_secure", "linux_revoke_secure", "cells_under_load_revoke",
        "root_poweroff_with_cells")
LONG_TESTS += [test for test in TESTS if test.name in SLOW]
TESTS = [test for test in TESTS if test.name not in SLOW]
