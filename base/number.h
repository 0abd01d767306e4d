/*
 * Decimal numbers of texts: of files, of command lines, of the addresses in
 * both.  Only digits are read: no blanks, no other base, nothing after them.
 */
#ifndef BASE_NUMBER_H
#define BASE_NUMBER_H

#include <stddef.h>
#include <stdint.h>

/*
 * number_parse(text, len, min, max, out): the ${len} characters of ${text} are
 * digits, one at least, and their value lies in ${min}..${max}; zeros may go
 * before.  0, or -1 with ${out} as it was.
 */
int number_parse(
    const char *text, size_t len, uint64_t min, uint64_t max, uint64_t *out);

/* Doubles are exact up to here, and nothing that files say comes near it. */
#define NUMBER_DECIMAL_MAX ((int64_t)1 << 53)

/*
 * number_decimal(text, len, scale, out): digits, perhaps with a sign before
 * them and a point and at most ${scale} digits after them, times ten to the
 * power of ${scale}: "-0.5" is -500 with a scale of 3.  0, or -1 with ${out} as
 * it was when it is anything else or passes NUMBER_DECIMAL_MAX.
 */
int number_decimal(const char *text, size_t len, unsigned scale, int64_t *out);

#endif
