# SPDX-License-Identifier: GPL-2.0-only
"""
The list of system tests: what is done with a machine, and what must be seen. test_system.py runs
it; the rows themselves are in suite/, by subject.

A row: a name; what the hypervisor must be at the start (`bare`: no module, `loaded`: not enabled,
`enabled`); a budget in seconds that the whole test must keep to, several times what it takes;
the steps; and, if it is not the usual machine, a function of hardware.py. After each test root must
be healthy, with all of its CPUs and memory back, and no cell left (steps.healthy()).
"""

import hardware
from suite.attacks import ATTACK, LONG_ATTACK
from suite.cells import CELLS
from suite.dump import DUMP
from suite.enabling import ENABLING, HARDWARE, KVM, LONG_KVM, UNFIT
from suite.ends import POLICIES
from suite.guests import GUESTS, LONG_GUESTS, LONG_MANY_CPUS, MANY_CPUS, OTHER_CPUS
from suite.irqs import DISK, IRQS, LIST, REVOKE, SECURE, its_disk
from suite.isolation import BUSY, DEVICES, MEMORY, STAGE2, STRAY
from suite.refusals import CONFIGS, FILES, HVCTL
from suite.root import DOWN, LIFE, SHUTDOWN

TESTS = [
    *CELLS,
    *STRAY,
    *BUSY,
    *POLICIES,
    *DUMP,
    *CONFIGS,
    *FILES,
    *HVCTL,
    *MEMORY,
    *STAGE2,
    *[test for test in IRQS if not test.machine],
    *ENABLING,
    *HARDWARE,
    *SHUTDOWN,
    *LIFE,
    # These end the machine, so they come last.
    *DOWN,
    # On another machine.
    *UNFIT,
    *KVM,
    *DEVICES,
    *DISK,
    *ATTACK,
    *OTHER_CPUS,
    *MANY_CPUS,
    *GUESTS,
    *[test for test in IRQS if test.machine],
]

REVOKE_TOO = ("irqs_of_each_kind", "irqs_masked_by_priority", "two_cells", "timer", "hello", "smp",
              "linux", "arch", "exits_linux", "hotplug_while_enabled", "offline_across_enable",
              "create_destroy_20", "destroy_masked_spin", "destroy_masked_sleep", "destroy_deaf_sleep",
              "destroy_sleep", "stray_inject")
REVOKE += [test._replace(name=f"{test.name}_revoke", machine=hardware.group0_kept)
           for test in TESTS if test.name in REVOKE_TOO]
REVOKE.append(its_disk("its_disk_revoke", hardware.in_mode("direct-revoke", hardware.devices)))
LONG_REVOKE = [test._replace(name=f"{test.name}_revoke_forced",
                             machine=hardware.in_mode("direct-revoke"))
               for test in TESTS if test.name in REVOKE_TOO]
TESTS += REVOKE

LIST_TOO = ("timer", "hello", "smp", "linux", "arch", "hotplug_while_enabled", "cells_under_load",
            "offline_across_enable", "create_destroy_20", "destroy_masked_spin",
            "destroy_masked_sleep", "destroy_deaf_sleep", "destroy_sleep", "stray_inject", "watchdog_expires",
            "watchdog_of_two_cpus", "restarts_for_ever", "linux_own_hotplug")
LIST += [test._replace(name=f"{test.name}_list", machine=hardware.in_mode("list", test.machine))
         for test in TESTS if test.name in LIST_TOO]
LIST += [test._replace(name=f"{test.name}_list_group0_kept",
                       machine=hardware.in_mode("list", hardware.group0_kept))
         for test in TESTS if test.name in ("linux", "hotplug_while_enabled", "watchdog_expires")]
# All but its last step, that nothing but IPIs and hypercalls exits.
LIST += [test._replace(name=f"{test.name}_list", machine=hardware.in_mode("list", test.machine),
                       steps=test.steps[:-1]) for test in DISK]
TESTS += LIST


def secure(*names, mode=None):
    """What is to be tested where firmware keeps EL2's SGI, too."""
    kind = hardware.secure_firmware
    return [test._replace(name="_".join(filter(None, (test.name, "secure", mode))),
                          machine=hardware.in_mode(mode, kind) if mode else kind)
            for test in TESTS if test.name in names]


SECURE += secure("hello", "linux", "hotplug_while_enabled", "offline_across_enable",
                 "destroy_masked_spin", "destroy_sleep", "root_reboot_with_cells")
SECURE += secure("linux", "hotplug_while_enabled", "watchdog_expires", mode="list")
LONG_SECURE = [
    *secure("smp", "two_cells", "create_destroy_20", "stray_inject", "root_poweroff"),
    *secure("smp", "destroy_masked_spin", "create_destroy_20", mode="list"),
]
TESTS += SECURE

# All of it with Debian 13's kernel as root as well.
LIFE_6_12 = [test._replace(name=f"{test.name}_6_12", machine=hardware.fresh_6_12 if test.machine
                           else hardware.linux_6_12) for test in SHUTDOWN + LIFE + DOWN]

# What depends most on root's kernel, with Debian 13's.
ON_6_12 = [test._replace(name=f"{test.name}_6_12", machine=hardware.linux_6_12)
           for test in TESTS if test.name in (
               "enable", "linux", "two_cells", "smp", "exits_linux", "exits_root",
               "hotplug_while_enabled", "offline_across_enable", "enable_on_one_cpu",
               "enable_disable_100", "rollback_cpu_fails", "rollback_cpu_missing",
               "create_destroy_20", "same_start", "watchdog_expires")]

# What `make check` has no time for, and `make matrix` does.
LONG_TESTS = [
    *ON_6_12,
    *LONG_REVOKE,
    *LONG_SECURE,
    *LIFE_6_12,
    *LONG_KVM,
    *LONG_MANY_CPUS,
    *LONG_GUESTS,
]
