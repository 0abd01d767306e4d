/* Shows tokens in messages.  Called when something is wrong with one. */
#include "dns/zone/token.h"

#include <stdio.h>

const char *
token_show(const char *text, char out[TOKEN_SHOWN])
{
	size_t len = 0;

	for (; *text != '\0' && len < TOKEN_SHOWN - 4; text++)
		out[len++] = *text < ' ' || *text > '~' ? '?' : *text;
	snprintf(
	    out + len, TOKEN_SHOWN - len, "%s", *text != '\0' ? "..." : "");
	return out;
}
