/*
 * Checks text before ldns reads it.  Called by rdata_text.c; allocates nothing.
 */
#include "dns/rdata_guard.h"

#include <arpa/inet.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "dns/name.h"
#include "dns/rdata_text.h"

int
guard_hex(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

static bool
only(const char *text, const char *allowed)
{
	return *text != '\0' && text[strspn(text, allowed)] == '\0';
}

/* A mnemonic, or a number up to ${max}: ldns would cut a larger one. */
static bool
is_code(const char *text, uint32_t max)
{
	uint32_t value;

	if (*text >= '0' && *text <= '9')
		return number_from_text(text, max, &value) == 0;
	return only(text,
		   "0123456789-ABCDEFGHIJKLMNOPQRSTUVWXYZ"
		   "abcdefghijklmnopqrstuvwxyz") &&
	    *text != '-';
}

bool
guard_code8(const char *text)
{
	return is_code(text, UINT8_MAX);
}

bool
guard_code16(const char *text)
{
	return is_code(text, UINT16_MAX);
}

bool
guard_time(const char *text)
{
	uint32_t value;

	return (strlen(text) == 14 && only(text, "0123456789")) ||
	    (strlen(text) < 14 &&
		number_from_text(text, UINT32_MAX, &value) == 0);
}

/* The six bits that a character of base 64 stands for, or -1. */
static int
base64_value(char c)
{
	static const char digits[] =
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
	    "0123456789+/";
	const char *at = c == '\0' ? NULL : strchr(digits, c);

	return at == NULL ? -1 : (int)(at - digits);
}

/* Groups of four, the last filled up with =, no bit lost (RFC 4648, 3.5). */
bool
guard_base64(const char *text)
{
	size_t len = strlen(text), pad = 0, digits = 0;

	if (len == 0 || len % 4 != 0 || len > RDATA_MAX / 3 * 4)
		return false;
	while (base64_value(text[digits]) >= 0)
		digits++;
	while (text[digits + pad] == '=')
		pad++;
	if (digits + pad != len || pad > 2)
		return false;
	return pad == 0 ||
	    (base64_value(text[digits - 1]) & (pad == 1 ? 3 : 15)) == 0;
}

bool
guard_key(const char *text)
{
	return strcmp(text, "0") == 0 || guard_base64(text);
}

bool
guard_salt(const char *text)
{
	return strcmp(text, "-") == 0 ||
	    (strlen(text) <= 2 * 255 && strlen(text) % 2 == 0 &&
		only(text, "0123456789abcdefABCDEF"));
}

/* A hash in base 32; 56 characters would already be 35 octets, and the one
 * hash there is has 20. */
bool
guard_hash(const char *text)
{
	return strlen(text) <= 56 &&
	    only(text,
		"0123456789abcdefghijklmnopqrstuv"
		"ABCDEFGHIJKLMNOPQRSTUV");
}

bool
guard_ilnp64(const char *text)
{
	return strlen(text) <= 19 && only(text, "0123456789abcdefABCDEF:");
}

bool
guard_apl(const char *text)
{
	uint8_t address[16];
	char copy[64];
	char *slash;
	uint32_t length;
	int family;

	if (*text == '!')
		text++;
	if ((text[0] != '1' && text[0] != '2') || text[1] != ':' ||
	    strlen(text) >= sizeof(copy))
		return false;
	family = text[0] == '1' ? AF_INET : AF_INET6;
	memcpy(copy, text + 2, strlen(text + 2) + 1);
	slash = strchr(copy, '/');
	if (slash == NULL)
		return false;
	*slash = '\0';
	return inet_pton(family, copy, address) == 1 &&
	    number_from_text(
		slash + 1, family == AF_INET ? 32 : 128, &length) == 0;
}

/* Digits with at most one dot among them, nothing else; returns the end. */
static const char *
after_decimal(const char *text)
{
	size_t whole = strspn(text, "0123456789"), part;

	if (whole == 0 || whole > 8)
		return NULL;
	text += whole;
	if (*text != '.')
		return text;
	part = strspn(text + 1, "0123456789");
	return part > 8 ? NULL : text + 1 + part;
}

/* Degrees, minutes and seconds up to ${degrees}, then one of two letters, of
 * the LOC text (RFC 1876, 3); returns what follows. */
static const char *
after_angle(const char *text, unsigned degrees, const char *letters)
{
	unsigned most[] = {degrees, 59, 59};

	for (int i = 0; i < 4; i++) {
		const char *end;

		if (*text != '\0' && strchr(letters, *text) != NULL)
			return i > 0 && text[1] == ' ' ? text + 2 : NULL;
		end = i < 3 ? after_decimal(text) : NULL;
		if (end == NULL || *end != ' ' ||
		    strtoul(text, NULL, 10) > most[i] ||
		    (i < 2 && memchr(text, '.', (size_t)(end - text)) != NULL))
			return NULL;
		text = end + 1;
	}
	return NULL;
}

bool
guard_loc(const char *text)
{
	text = after_angle(text, 90, "NS");
	if (text == NULL)
		return false;
	text = after_angle(text, 180, "EW");
	if (text == NULL)
		return false;
	if (*text == '-')
		text++;
	for (int i = 0; i < 4; i++) {
		text = after_decimal(text);
		if (text == NULL)
			return false;
		if (*text == 'm')
			text++;
		if (*text == '\0')
			return true;
		if (*text++ != ' ')
			return false;
	}
	return false;
}

/* The blank-separated word ${n} of ${text}, to ${out}; false when there is
 * none or it has no room. */
static bool
word(const char *text, unsigned n, char *out, size_t room)
{
	size_t len;

	for (; n > 0; n--) {
		text = strchr(text, ' ');
		if (text == NULL)
			return false;
		text++;
	}
	len = strcspn(text, " ");
	if (len == 0 || len >= room)
		return false;
	memcpy(out, text, len);
	out[len] = '\0';
	return true;
}

bool
guard_hip(const char *text)
{
	char part[2 * 255 + 1];
	uint32_t value;

	if (!word(text, 0, part, sizeof(part)) ||
	    number_from_text(part, UINT8_MAX, &value) != 0)
		return false;
	if (!word(text, 1, part, sizeof(part)) || strlen(part) % 2 != 0 ||
	    !only(part, "0123456789abcdefABCDEF"))
		return false;
	text = strrchr(text, ' ');
	return text != NULL && guard_base64(text + 1);
}

bool
guard_ipseckey(const char *text)
{
	char part[NAME_TEXT];
	uint8_t wire[NAME_MAX_WIRE];
	uint32_t value, kind;

	if (!word(text, 0, part, 4) ||
	    number_from_text(part, UINT8_MAX, &value) != 0 ||
	    !word(text, 1, part, 4) || number_from_text(part, 3, &kind) != 0 ||
	    !word(text, 2, part, 4) ||
	    number_from_text(part, UINT8_MAX, &value) != 0 ||
	    !word(text, 3, part, sizeof(part)))
		return false;
	if ((kind == 0 && strcmp(part, ".") != 0) ||
	    (kind == 1 && inet_pton(AF_INET, part, wire) != 1) ||
	    (kind == 2 && inet_pton(AF_INET6, part, wire) != 1) ||
	    (kind == 3 &&
		(name_parse(part, NULL, wire) < 0 ||
		    part[strlen(part) - 1] != '.' ||
		    strpbrk(part, "\\();\"") != NULL)))
		return false;
	text = strrchr(text, ' ');
	return text != NULL && guard_base64(text + 1);
}

/* Parameters of SVCB and HTTPS.  ldns counts their octets in 16 bits, and
 * copies an IPv6 hint before it looks whether it can be one. */
bool
guard_svc(const char *text)
{
	size_t run = 0;

	if (strlen(text) > RDATA_MAX / 4)
		return false;
	for (; *text != '\0'; text++) {
		run = guard_hex(*text) >= 0 || *text == ':' || *text == '.'
		    ? run + 1
		    : 0;
		if (run > 45 && strchr(text, ':') != NULL)
			return false;
	}
	return true;
}
