/*
 * Reads single words of master files.  Called while zone files are loaded, and
 * by whoever reads types and numbers as they do.
 */
#include "dns/zone/word.h"

#include <string.h>
#include <strings.h>

#include "dns/zone/rdata.h"

#define SECONDS_MAX 0x7fffffff /* RFC 2181, 8 */

int
number_from_text(const char *text, uint32_t max, uint32_t *out)
{
	size_t digits = strspn(text, "0123456789");
	uint64_t value = 0;

	/* Ten digits hold every number asked for, and cannot overflow. */
	if (digits == 0 || digits > 10 || text[digits] != '\0')
		return -1;
	for (; *text != '\0'; text++)
		value = value * 10 + (uint64_t)(*text - '0');
	if (value > max)
		return -1;
	*out = (uint32_t)value;
	return 0;
}

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
seconds_from_text(const char *text, uint32_t *out)
{
	uint64_t sum = 0;

	if (number_from_text(text, SECONDS_MAX, out) == 0)
		return 0;
	if (*text == '\0')
		return -1;
	while (*text != '\0') {
		uint64_t value = 0;
		uint32_t unit;

		if (*text < '0' || *text > '9')
			return -1;
		for (; *text >= '0' && *text <= '9'; text++) {
			value = value * 10 + (uint64_t)(*text - '0');
			if (value > SECONDS_MAX)
				return -1;
		}
		unit = unit_seconds(*text++);
		sum += value * unit;
		if (unit == 0 || sum > SECONDS_MAX)
			return -1;
	}
	*out = (uint32_t)sum;
	return 0;
}

int
type_from_text(const char *text, uint16_t *out)
{
	uint32_t number;

	if (strncasecmp(text, "TYPE", 4) == 0 &&
	    number_from_text(text + 4, UINT16_MAX, &number) == 0) {
		*out = (uint16_t)number;
		return 0;
	}
	return rdata_type_named(text, out) ? 0 : -1;
}
