/*
 * Rows of counts as packed decimal digits.  Called by the files of
 * state/history/ that read and write rows.
 */
#include "state/history/packed.h"

#include <string.h>

static unsigned
digit_at(const unsigned char *data, size_t at)
{
	return at % 2 == 0 ? data[at / 2] >> 4 : data[at / 2] & 15U;
}

int
packed_read(const void *data, size_t bytes, size_t n, uint64_t *counts)
{
	size_t digits = 2 * bytes / n;

	if (digits * n != 2 * bytes || digits > PACKED_DIGITS)
		return -1;
	for (size_t i = 0; i < n; i++) {
		uint64_t count = 0;

		for (size_t k = 0; k < digits; k++) {
			unsigned digit = digit_at(data, i * digits + k);

			if (digit > 9)
				return -1;
			count = 10 * count + digit;
		}
		counts[i] = count;
	}
	return 0;
}

static uint64_t
cut(uint64_t count)
{
	return count < PACKED_LARGEST ? count : PACKED_LARGEST;
}

size_t
packed_write(const uint64_t *counts, size_t n, unsigned digits,
    unsigned char out[PACKED_BYTES])
{
	uint64_t largest = 0;
	unsigned wide = 0;

	for (size_t i = 0; i < n; i++)
		if (counts[i] > largest)
			largest = cut(counts[i]);
	if (largest == 0)
		return 0;
	for (; largest > 0; largest /= 10)
		wide++;
	if (wide < digits)
		wide = digits;
	memset(out, 0, n * wide / 2);
	for (size_t i = 0; i < n; i++) {
		uint64_t count = cut(counts[i]);

		for (size_t at = (i + 1) * wide; count > 0; count /= 10) {
			unsigned digit = (unsigned)(count % 10);

			at--;
			out[at / 2] |=
			    (unsigned char)(at % 2 == 0 ? digit << 4 : digit);
		}
	}
	return n * wide / 2;
}
