/*
 * Asks the server whether it has taken an override.  Called by override_say.c;
 * changes nothing.
 */
#include "ctl/override_confirm.h"

#include <stdio.h>

void
override_confirm(
    const struct server_config *config, const struct state_override *row)
{
	(void)config;
	(void)row;
	puts("meridiand takes it on its next look");
}
