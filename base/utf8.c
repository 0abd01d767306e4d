/* UTF-8, judged byte by byte.  Called by every room; changes no text. */
#include "base/utf8.h"

/* The table of RFC 3629, 4: the range of the second byte keeps out overlong
 * forms (0xe0, 0xf0), surrogates (0xed) and what is above U+10FFFF (0xf4). */
size_t
utf8_size(const void *text, size_t left)
{
	const unsigned char *s = text;
	unsigned char low = 0x80, high = 0xbf;
	size_t size;

	if (s[0] < 0x80)
		return 1;
	if (s[0] < 0xc2 || s[0] > 0xf4)
		return 0;
	size = s[0] < 0xe0 ? 2 : s[0] < 0xf0 ? 3 : 4;
	if (left < size)
		return 0;
	if (s[0] == 0xe0)
		low = 0xa0;
	else if (s[0] == 0xed)
		high = 0x9f;
	else if (s[0] == 0xf0)
		low = 0x90;
	else if (s[0] == 0xf4)
		high = 0x8f;
	if (s[1] < low || s[1] > high)
		return 0;
	for (size_t i = 2; i < size; i++)
		if (s[i] < 0x80 || s[i] > 0xbf)
			return 0;
	return size;
}

bool
utf8_valid(const void *text, size_t len)
{
	const char *s = text;
	size_t at = 0;

	while (at < len) {
		size_t size = utf8_size(s + at, len - at);

		if (size == 0)
			return false;
		at += size;
	}
	return true;
}
