// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <stdio.h>
#include <sys/reboot.h>
#include <sys/utsname.h>

int main(void)
{
	struct utsname me;

	uname(&me);
	printf("hello from Linux %s in a cell\n", me.release);
	return reboot(RB_POWER_OFF);
}
