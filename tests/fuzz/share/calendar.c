/*
 * Any bytes as the count of hours in etcd: what makes sense is written again
 * with one hour more, and is read by the next node; what makes none makes
 * nothing old.
 */
#include <stdint.h>
#include <stdlib.h>

#include "share/calendar.h"

#define REVISION (INT64_C(1) << 40)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct calendar c, next;
	struct text out;

	calendar_gone(&c);
	calendar_gone(&next);
	if (!calendar_hear(&c, (const char *)data, size, REVISION, 0) &&
	    calendar_before(&c, 0) != 0)
		abort();
	if (calendar_before(&c, 0) >= REVISION)
		abort();
	text_init(&out, CALENDAR_BYTES);
	calendar_next(&c, &out);
	if (out.data == NULL ||
	    !calendar_hear(&next, out.data, out.len, REVISION + 1, 0))
		abort();
	text_finish(&out);
	return 0;
}
