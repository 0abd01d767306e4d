/* Decimal numbers of texts.  Called by the readers of every room. */
#include "base/number.h"

#include <stdbool.h>

int
number_parse(
    const char *text, size_t len, uint64_t min, uint64_t max, uint64_t *out)
{
	uint64_t value = 0;

	for (size_t i = 0; i < len; i++) {
		unsigned digit = (unsigned)(unsigned char)text[i] - '0';

		/* What passes the maximum now will not come back under it. */
		if (digit > 9 || value > max / 10 || digit > max - value * 10)
			return -1;
		value = value * 10 + digit;
	}
	if (len == 0 || value < min)
		return -1;
	*out = value;
	return 0;
}

int
number_decimal(const char *text, size_t len, unsigned scale, int64_t *out)
{
	bool negative = len > 0 && text[0] == '-';
	bool point = false;
	unsigned digits = 0;
	int64_t n = 0;

	for (size_t i = len > 0 && (negative || text[0] == '+'); i < len; i++) {
		if (text[i] == '.' && !point && digits > 0) {
			point = true;
			continue;
		}
		if (text[i] < '0' || text[i] > '9' || (point && scale-- == 0))
			return -1;
		n = n * 10 + (text[i] - '0');
		digits++;
		if (n > NUMBER_DECIMAL_MAX)
			return -1;
	}
	if (digits == 0 || text[len - 1] == '.')
		return -1;
	for (; scale > 0; scale--) {
		n *= 10;
		if (n > NUMBER_DECIMAL_MAX)
			return -1;
	}
	*out = negative ? -n : n;
	return 0;
}
