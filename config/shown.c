/* A value as an error shows it.  Called by the readers of the files of this
 * room. */
#include "config/shown.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

const char *
shown_text(const char *text, char out[SHOWN_SIZE])
{
	const size_t room = SHOWN_SIZE - sizeof("\"...\"");
	size_t len = strlen(text);
	bool cut = len > room;

	if (cut) {
		len = room;
		/* Not in the middle of a UTF-8 character. */
		while (len > 0 && ((unsigned char)text[len] & 0xc0) == 0x80)
			len--;
	}
	out[0] = '"';
	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)text[i];

		out[i + 1] = c < 0x20 || c == 0x7f ? '?' : (char)c;
	}
	snprintf(out + len + 1, SHOWN_SIZE - len - 1, "%s\"", cut ? "..." : "");
	return out;
}
