/*
 * Octets as hexadecimal digits in the tables of tests.
 */
#ifndef TESTS_UNIT_HEX_H
#define TESTS_UNIT_HEX_H

#include <check.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/codec.h"

/* n = hex_read(text, out): the octets that the digits of ${text} say; how many
 * there are. */
static inline size_t
hex_read(const char *text, uint8_t *out)
{
	size_t len = strlen(text), n = 0;

	ck_assert_int_eq(
	    codec_decode(CODEC_HEX, text, len, out, len / 2, &n), 0);
	return n;
}

#endif
