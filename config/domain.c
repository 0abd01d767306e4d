/*
 * The canonical text of a domain name.  Called when meridian.yaml is read;
 * allocates nothing.
 */
#include "config/domain.h"

#include <stddef.h>
#include <string.h>

#include "base/escape.h"

#define LABEL_MAX 63
#define WIRE_MAX 255 /* octets of a name: labels with their lengths */

/* Characters that end a word of a master file, or begin something else there:
 * in a name they are escaped. */
static bool
needs_escape(char c)
{
	return c <= ' ' || c >= 0x7f || strchr("\"();", c) != NULL;
}

/* Read a label of at most ${most} octets to ${out}, and how many characters it
 * took; 0 when it is none.  ${octets} becomes what it has. */
static size_t
read_label(const char *text, size_t most, char **out, size_t *octets)
{
	size_t used = 0, n;
	uint8_t octet;

	*octets = 0;
	while (text[used] != '\0' && text[used] != '.') {
		if (text[used] != '\\' && needs_escape(text[used]))
			return 0;
		n = escape_read(text + used, &octet);
		if (n == 0 || ++*octets > most)
			return 0;
		used += n;
		if (octet >= 'A' && octet <= 'Z')
			octet = (uint8_t)(octet - 'A' + 'a');
		*out = escape_write(octet, *out);
	}
	return used;
}

bool
domain_canonical(const char *text, char out[DOMAIN_TEXT])
{
	size_t wire = 1, octets, used, most; /* the root label is counted */

	if (strcmp(text, ".") == 0) {
		memcpy(out, ".", 2);
		return true;
	}
	for (;;) {
		most = wire + 1 < WIRE_MAX ? WIRE_MAX - 1 - wire : 0;
		used = read_label(
		    text, most < LABEL_MAX ? most : LABEL_MAX, &out, &octets);
		if (used == 0)
			return false;
		wire += octets + 1;
		text += used;
		if (*text == '.')
			text++;
		if (*text == '\0')
			break;
		*out++ = '.';
	}
	*out = '\0';
	return true;
}

bool
domain_inside(const char *name, const char *zone)
{
	size_t len = strlen(name), end = strlen(zone), escapes = 0;
	const char *from;

	if (strcmp(zone, ".") == 0)
		return true;
	if (len < end)
		return false;
	from = name + (len - end);
	if (strcmp(from, zone) != 0)
		return false;
	if (from == name)
		return true;
	if (from[-1] != '.')
		return false;
	/* A dot after an odd number of backslashes belongs to a label. */
	for (const char *c = from - 1; c > name && c[-1] == '\\'; c--)
		escapes++;
	return escapes % 2 == 0;
}
