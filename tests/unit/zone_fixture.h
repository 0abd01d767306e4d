/*
 * What the tests of zones share: a zone from text, a node by its name, octets
 * as hexadecimal.  Included by tests/unit/dns_zone*.c only.
 */
#ifndef TESTS_DNS_ZONE_FIXTURE_H
#define TESTS_DNS_ZONE_FIXTURE_H

#include <check.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "dns/wire/name.h"
#include "dns/zone/zonefile.h"

/* Add to a text of ${used} octets that has room for ${size}. */
static inline void fixture_add(char *text, size_t size, size_t *used,
    const char *fmt, ...) __attribute__((format(printf, 4, 5)));

static inline void
fixture_add(char *text, size_t size, size_t *used, const char *fmt, ...)
{
	va_list args;
	int n;

	va_start(args, fmt);
	n = vsnprintf(text + *used, size - *used, fmt, args);
	va_end(args);
	ck_assert(n > 0 && (size_t)n < size - *used);
	*used += (size_t)n;
}

/* A zone ${apex} from ${text}; errors go to ${eb}, which is emptied first. */
static inline struct zone *
fixture_zone(const char *apex, const char *text, struct errbuf *eb)
{
	uint8_t wire[NAME_MAX_WIRE];

	errbuf_init(eb);
	ck_assert_int_gt(name_parse(apex, NULL, wire), 0);
	return zonefile_parse("zone", text, strlen(text), wire, NULL, 0, eb);
}

static inline const struct zone_node *
fixture_node(const struct zone *zone, const char *name)
{
	uint8_t wire[NAME_MAX_WIRE], lower[NAME_MAX_WIRE];
	int len = name_parse(name, NULL, wire);

	ck_assert_int_gt(len, 0);
	name_lower(lower, wire, (size_t)len);
	return zone_find(
	    zone, lower, (size_t)len, name_hash(lower, (size_t)len));
}

/* ${len} octets as hexadecimal digits; ${out} has room for them. */
static inline const char *
fixture_hex(const uint8_t *data, size_t len, char *out)
{
	out[0] = '\0';
	for (size_t i = 0; i < len; i++)
		snprintf(out + 2 * i, 3, "%02x", data[i]);
	return out;
}

#endif
