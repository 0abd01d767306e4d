/* Asks the kernel for the name of this boot, once.  Called by state/ and
 * share/; never fails. */
#include "state/boot.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>

#define BOOT_ID "/proc/sys/kernel/random/boot_id"

static char boot[STATE_BOOT];
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void
read_boot(void)
{
	FILE *file = fopen(BOOT_ID, "re");

	if (file == NULL)
		return;
	if (fgets(boot, (int)sizeof(boot), file) == NULL)
		boot[0] = '\0';
	boot[strcspn(boot, "\n")] = '\0';
	fclose(file);
}

const char *
state_boot(void)
{
	(void)pthread_once(&once, read_boot);
	return boot;
}
