/* Reads time spans.  Called while zone files are loaded. */
#include "dns/zone/ttl.h"

#include <string.h>

#include "base/number.h"

#define SECONDS_MAX 0x7fffffff /* RFC 2181, 8 */

/* Seconds of a unit of time, or 0. */
static uint32_t
unit_seconds(char unit)
{
	switch (unit) {
	case 's':
	case 'S':
		return 1;
	case 'm':
	case 'M':
		return 60;
	case 'h':
	case 'H':
		return 3600;
	case 'd':
	case 'D':
		return 86400;
	case 'w':
	case 'W':
		return 604800;
	default:
		return 0;
	}
}

int
ttl_parse(const char *text, uint32_t *seconds)
{
	size_t digits = strspn(text, "0123456789");
	uint64_t sum = 0, value;

	/* A number alone is seconds. */
	if (text[digits] == '\0') {
		if (number_parse(text, digits, 0, SECONDS_MAX, &sum) != 0)
			return -1;
		text += digits;
	}
	while (*text != '\0') {
		uint32_t unit = unit_seconds(text[digits]);

		if (unit == 0 ||
		    number_parse(text, digits, 0, SECONDS_MAX, &value) != 0)
			return -1;
		sum += value * unit;
		if (sum > SECONDS_MAX)
			return -1;
		text += digits + 1;
		digits = strspn(text, "0123456789");
	}
	*seconds = (uint32_t)sum;
	return 0;
}
