/* Shows tokens in messages.  Called when something is wrong with one. */
#include "dns/zone/token.h"

#include <stdio.h>

const char *
token_show(const char *text, char *out, size_t size)
{
	size_t len = 0;

	for (; *text != '\0' && len < size - 4; text++)
		out[len++] = *text < ' ' || *text > '~' ? '?' : *text;
	snprintf(out + len, size - len, "%s", *text != '\0' ? "..." : "");
	return out;
}
