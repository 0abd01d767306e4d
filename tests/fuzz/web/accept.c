/*
 * Fuzz target: any octets as the Accept of a request.  Whoever gets another
 * form of a page has named it, and who wants nothing more than that gets it
 * whatever else they say.
 */
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "tests/fuzz/pieces.h"
#include "web/accept.h"
#include "web/openmetrics.h"

#define OPEN "application/openmetrics-text"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool
names_it(const char *accept)
{
	for (; *accept != '\0'; accept++)
		if (strncasecmp(accept, OPEN, strlen(OPEN)) == 0)
			return true;
	return false;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char accept[512], more[sizeof(accept) + sizeof(OPEN)];

	if (size >= sizeof(accept))
		return 0;
	if (size > 0)
		memcpy(accept, data, size);
	accept[size] = '\0';
	if (accept_prefers(accept, openmetrics_form.type, METRICS_TYPE))
		require(names_it(accept));
	snprintf(more, sizeof(more), OPEN ",%s", accept);
	require(accept_prefers(more, openmetrics_form.type, METRICS_TYPE));
	return 0;
}
