/*
 * Octets as hexadecimal digits in the tables of tests.
 */
#ifndef TESTS_UNIT_HEX_H
#define TESTS_UNIT_HEX_H

#include <check.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* n = hex_read(text, out): the octets that the digits of ${text} say; how many
 * there are. */
static inline size_t
hex_read(const char *text, uint8_t *out)
{
	size_t n = strlen(text) / 2;
	char pair[3] = {0};

	ck_assert_uint_eq(strspn(text, "0123456789abcdefABCDEF"), strlen(text));
	ck_assert_uint_eq(strlen(text), 2 * n);
	for (size_t i = 0; i < n; i++) {
		memcpy(pair, text + 2 * i, 2);
		out[i] = (uint8_t)strtoul(pair, NULL, 16);
	}
	return n;
}

#endif
