/*
 * Fuzz target: any octets as a mirror.  What is read, written as a mirror, is
 * read as the same again, with nothing to complain of.
 */
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "state/mirror.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
require(bool holds)
{
	if (!holds)
		abort();
}

static void
add_override(void *context, const struct state_override *row)
{
	mirror_override(context, row);
}

static void
add_ramp(void *context, const struct state_ramp *row)
{
	mirror_ramp(context, row);
}

/* Read ${size} octets and write what they hold; the complaints. */
static unsigned
copy(const char *data, size_t size, struct text *out)
{
	struct mirror_reader last = {.last = 0};
	struct mirror_reader reader = {
	    .override = add_override, .ramp = add_ramp, .context = out};

	mirror_parse(data, size, &last);
	text_init(out, 4 * size + 4096);
	mirror_begin(out, last.last);
	mirror_parse(data, size, &reader);
	mirror_end(out);
	require(!out->failed);
	return reader.n_bad;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct text once, twice;

	(void)copy((const char *)data, size, &once);
	require(copy(once.data, once.len, &twice) == 0);
	require(once.len == twice.len &&
	    memcmp(once.data, twice.data, once.len) == 0);
	text_finish(&once);
	text_finish(&twice);
	return 0;
}
