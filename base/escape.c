/* Escapes in names and strings.  Called while files and words are read. */
#include "base/escape.h"

#include <string.h>

#include "base/number.h"

size_t
escape_read(const char *text, uint8_t *octet)
{
	uint64_t value;

	if (text[0] != '\\') {
		*octet = (uint8_t)text[0];
		return 1;
	}
	if (text[1] < '0' || text[1] > '9') {
		*octet = (uint8_t)text[1];
		return text[1] == '\0' ? 0 : 2;
	}
	if (number_parse(text + 1, 3, 0, 255, &value) != 0)
		return 0;
	*octet = (uint8_t)value;
	return 4;
}

char *
escape_write(uint8_t octet, char *out)
{
	if (octet <= ' ' || octet >= 0x7f) {
		*out++ = '\\';
		*out++ = (char)('0' + octet / 100);
		*out++ = (char)('0' + octet / 10 % 10);
		*out++ = (char)('0' + octet % 10);
		return out;
	}
	/* What a master file would read otherwise. */
	if (strchr(".;\"()@$\\", octet) != NULL)
		*out++ = '\\';
	*out++ = (char)octet;
	return out;
}
