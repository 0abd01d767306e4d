/* Codes of subdivisions as numbers of base 37.  Called while files are read;
 * knows no list of codes: databases know which there are. */
#include "config/subdivision.h"

/* Nothing, ten digits, 26 letters: three of them fit in 16 bits. */
#define BASE 37
#define FIRST_LETTER 11

/* 1 to 36, or 0 for what is neither letter nor digit. */
static unsigned
digit_of(char c)
{
	if (c >= '0' && c <= '9')
		return 1 + (unsigned)(c - '0');
	if (c >= 'A' && c <= 'Z')
		return FIRST_LETTER + (unsigned)(c - 'A');
	if (c >= 'a' && c <= 'z')
		return FIRST_LETTER + (unsigned)(c - 'a');
	return 0;
}

uint16_t
subdivision_parse(const char *text, size_t len)
{
	unsigned code = 0;

	if (len >= SUBDIVISION_TEXT)
		return 0;
	for (size_t i = 0; i < len; i++) {
		unsigned digit = digit_of(text[i]);

		if (digit == 0)
			return 0;
		code = code * BASE + digit;
	}
	return (uint16_t)code;
}

const char *
subdivision_format(uint16_t code, char out[SUBDIVISION_TEXT])
{
	unsigned n = 0, left = code;

	for (; left > 0; left /= BASE)
		n++;
	out[n] = '\0';
	for (left = code; left > 0; left /= BASE) {
		unsigned digit = left % BASE;

		out[--n] =
		    (char)(digit < FIRST_LETTER ? '0' + (digit - 1)
						: 'A' + (digit - FIRST_LETTER));
	}
	return out;
}
