/*
 * Reads whose round trips a row is about.  Called for each row of the table
 * and of a file of measures; knows no region.
 */
#include "steering/geo/latency_client.h"

#include <ctype.h>
#include <string.h>

#include "base/number.h"

static int
parse_asn(const char *digits, uint32_t *out)
{
	int64_t n;

	if (number_decimal(digits, strlen(digits), 0, &n) != 0 || n < 1 ||
	    n > UINT32_MAX)
		return -1;
	*out = (uint32_t)n;
	return 0;
}

int
latency_client_parse(const char *text, struct latency_entry *out)
{
	struct prefix prefix;
	uint32_t asn;

	if (strchr(text, '/') != NULL) {
		if (prefix_parse(text, &prefix) != 0)
			return -1;
		out->kind = LATENCY_PREFIX;
		out->prefix = prefix;
		return 0;
	}
	if (strncmp(text, "AS", 2) == 0 && isdigit((unsigned char)text[2])) {
		if (parse_asn(text + 2, &asn) != 0)
			return -1;
		out->kind = LATENCY_ASN;
		out->asn = asn;
		return 0;
	}
	if (strlen(text) != 2 || !isupper((unsigned char)text[0]) ||
	    !isupper((unsigned char)text[1]))
		return -1;
	out->kind = LATENCY_COUNTRY;
	memcpy(out->country, text, sizeof(out->country));
	return 0;
}
