// SPDX-License-Identifier: GPL-2.0-only
/* Refused by the validator: MISSING (CPUS). */
#include "hvconfig.h"

CELL("no-cpu");
MEMORY(0x40000000, MiB(2));
