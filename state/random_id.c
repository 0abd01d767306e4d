/* Random names.  Called by the recorder and the editor. */
#include "state/random_id.h"

#include <inttypes.h>
#include <stdio.h>
#include <sys/random.h>

int
random_id(char out[RANDOM_ID])
{
	uint64_t random[2];

	if (getrandom(random, sizeof(random), 0) != sizeof(random))
		return -1;
	snprintf(
	    out, RANDOM_ID, "%016" PRIx64 "%016" PRIx64, random[0], random[1]);
	return 0;
}
