/*
 * Fuzz target: any octets as the value of a header that tells load.  What is
 * told makes sense; JSON says the same in both headers, as text does with its
 * format and without.
 */
#include <math.h>
#include <stdint.h>
#include <string.h>

#include "probes/ask/http_check.h"
#include "probes/load/orca.h"
#include "tests/fuzz/pieces.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define BOTH "endpoint-load-metrics"
#define JSON "endpoint-load-metrics-json"

struct told {
	int status;
	double load[LOAD_FIELDS];
};

static struct told
read_header(const char *name, const char *format, const char *value)
{
	static char text[HTTP_CHECK_LINE_MAX + 8];
	struct told told;

	snprintf(text, sizeof(text), "%s%s", format, value);
	memset(&told, 0, sizeof(told));
	told.status = orca_read(name, text, told.load);
	require(told.status == 0 || told.status == -1);
	for (size_t i = 0; i < LOAD_FIELDS; i++)
		require(isnan(told.load[i]) ||
		    (isfinite(told.load[i]) && told.load[i] >= 0));
	return told;
}

static bool
same(const struct told *a, const struct told *b)
{
	bool same = a->status == b->status;

	for (size_t i = 0; i < LOAD_FIELDS; i++)
		same = same && isnan(a->load[i]) == isnan(b->load[i]) &&
		    !(a->load[i] < b->load[i]) && !(a->load[i] > b->load[i]);
	return same;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char value[HTTP_CHECK_LINE_MAX];
	struct told plain, text, json, own;

	/* No line of headers is longer. */
	if (size >= sizeof(value))
		return 0;
	if (size > 0)
		memcpy(value, data, size);
	value[size] = '\0';
	plain = read_header(BOTH, "", value);
	text = read_header(BOTH, "TEXT ", value);
	if (strncmp(value, "TEXT ", 5) != 0 &&
	    strncmp(value, "JSON ", 5) != 0 && strncmp(value, "BIN ", 4) != 0)
		require(same(&plain, &text));
	json = read_header(BOTH, "JSON ", value);
	own = read_header(JSON, "", value);
	require(same(&json, &own));
	return 0;
}
