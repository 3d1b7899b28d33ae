/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The request to shut down: `hvctl cell shutdown`, or root Linux going down, presses the cell's power
 * button. An inmate that listens has a few seconds to leave things in order and to end; one that
 * does not is stopped at once.
 */
#ifndef INMATE_SHUTDOWN_H
#define INMATE_SHUTDOWN_H

#include <stdbool.h>

/* From now on requests are heard; each wakes this CPU from WFI. False: the cell has no button. */
bool shutdown_listen(void);

/* Has there been a request since? */
bool shutdown_requested(void);

#endif
