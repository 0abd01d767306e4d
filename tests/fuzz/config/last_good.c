/*
 * Fuzz target: any octets as the manifest of the last good files.  Whatever is
 * in it, each copy lies in the folder of its set, and has a path.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "config/last_good.h"

#define FOLDER "/folder"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
require(bool holds)
{
	if (!holds)
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct last_good lg = {0};
	struct errbuf *eb = malloc(sizeof(*eb));

	require(eb != NULL);
	errbuf_init(eb);
	if (last_good_parse((const char *)data, size, FOLDER, &lg, eb) == 0) {
		require(errbuf_ok(eb) && lg.set > 0 && lg.node != NULL);
		for (size_t i = 0; i < lg.n; i++) {
			const char *copy = lg.files[i].copy;

			require(
			    strncmp(copy, FOLDER "/", strlen(FOLDER "/")) == 0);
			require(strstr(copy, "/..") == NULL);
			require(lg.files[i].path[0] != '\0');
		}
	} else {
		require(!errbuf_ok(eb));
	}
	last_good_finish(&lg);
	free(eb);
	return 0;
}
