/*
 * Service parameters as octets: a list of keys, each with a value of the key's
 * own form (RFC 9460, 2.2, 7, 8).  Called by rdata.c for each SVCB and HTTPS
 * record; allocates nothing.
 */
#include "dns/zone/svcparam.h"

#include <stdbool.h>
#include <string.h>

#include "base/utf8.h"
#include "dns/wire/wire.h"

/* Keys in growing order, none of them itself, at least one (8). */
static bool
is_mandatory(const uint8_t *value, size_t len)
{
	uint32_t before = SVCPARAM_MANDATORY;

	for (size_t i = 0; i + 1 < len; i += 2) {
		if (wire_get16(value + i) <= before)
			return false;
		before = wire_get16(value + i);
	}
	return len > 0 && len % 2 == 0;
}

/* Protocols, none of them empty, at least one (7.1.1). */
static bool
is_alpn(const uint8_t *value, size_t len)
{
	size_t at = 0;

	while (at < len && value[at] > 0)
		at += value[at] + 1u;
	return len > 0 && at == len;
}

static bool
is_one_of(const char *characters, uint8_t c)
{
	return c != 0 && strchr(characters, c) != NULL;
}

/* Does the URI template name the variable "dns" in an expression: {dns},
 * {?dns}, {?x,dns*} (RFC 6570, 2)? */
static bool
names_dns(const uint8_t *value, size_t len)
{
	const uint8_t *end = value + len, *at = value, *close;

	while ((at = memchr(at, '{', (size_t)(end - at))) != NULL) {
		close = memchr(at, '}', (size_t)(end - at));
		if (close == NULL)
			return false;
		for (const uint8_t *p = at; p < close; p++) {
			bool begins = p == at || *p == ',' ||
			    (p == at + 1 && is_one_of("+#./;?&", *p));

			if (begins && close - p > 3 &&
			    memcmp(p + 1, "dns", 3) == 0 &&
			    is_one_of(",:*}", p[4]))
				return true;
		}
		at = close;
	}
	return false;
}

/* A relative URI template with the variable "dns", in UTF-8 (RFC 9461, 5). */
static bool
is_dohpath(const uint8_t *value, size_t len)
{
	return len > 0 && value[0] == '/' && utf8_valid(value, len) &&
	    names_dns(value, len);
}

/* What is wrong with the value of ${key}; NULL when nothing is. */
static const char *
value_fault(uint16_t key, const uint8_t *value, size_t len)
{
	switch (key) {
	case SVCPARAM_MANDATORY:
		return is_mandatory(value, len)
		    ? NULL
		    : "mandatory: not a list of keys, each once, without "
		      "itself (RFC 9460, 8)";
	case SVCPARAM_ALPN:
		return is_alpn(value, len)
		    ? NULL
		    : "alpn: not a list of protocols (RFC 9460, 7.1)";
	case SVCPARAM_NO_DEFAULT_ALPN:
		return len == 0
		    ? NULL
		    : "no-default-alpn has no value (RFC 9460, 7.1)";
	case SVCPARAM_PORT:
		return len == 2 ? NULL : "port: not a number (RFC 9460, 7.2)";
	case SVCPARAM_IPV4HINT:
		return len > 0 && len % 4 == 0
		    ? NULL
		    : "ipv4hint: not a list of addresses (RFC 9460, 7.3)";
	case SVCPARAM_ECH:
		return len > 0 ? NULL : "ech: is empty";
	case SVCPARAM_IPV6HINT:
		return len > 0 && len % 16 == 0
		    ? NULL
		    : "ipv6hint: not a list of addresses (RFC 9460, 7.3)";
	case SVCPARAM_DOHPATH:
		return is_dohpath(value, len)
		    ? NULL
		    : "dohpath: no template in UTF-8 that begins with a / and "
		      "has {?dns} (RFC 9461, 5)";
	case SVCPARAM_OHTTP:
		return len == 0 ? NULL : "ohttp has no value (RFC 9540, 4)";
	case SVCPARAM_INVALID:
		return "key65535 is no key (RFC 9460, 14.3.2)";
	default:
		return NULL;
	}
}

/* The parameters from ${params} on have a ${key}. */
static bool
has_key(const uint8_t *params, size_t len, uint16_t key)
{
	for (size_t at = 0; at < len; at += 4u + wire_get16(params + at + 2))
		if (wire_get16(params + at) == key)
			return true;
	return false;
}

/* What keys say of one another; all of them are well formed. */
static const char *
keys_fault(const uint8_t *params, size_t len)
{
	size_t n = len > 0 && wire_get16(params) == SVCPARAM_MANDATORY
	    ? wire_get16(params + 2)
	    : 0;
	size_t at = 4 + n;

	/* Both lists grow, so one walk along both does. */
	for (size_t i = 0; i < n; i += 2) {
		while (at < len &&
		    wire_get16(params + at) < wire_get16(params + 4 + i))
			at += 4u + wire_get16(params + at + 2);
		if (at >= len ||
		    wire_get16(params + at) != wire_get16(params + 4 + i))
			return "mandatory: names a key that is not there (RFC "
			       "9460, 8)";
	}
	if (has_key(params, len, SVCPARAM_NO_DEFAULT_ALPN) &&
	    !has_key(params, len, SVCPARAM_ALPN))
		return "no-default-alpn without alpn (RFC 9460, 7.1.1)";
	return NULL;
}

const char *
svcparam_check(const uint8_t *params, size_t len)
{
	int before = -1;

	for (size_t at = 0; at < len;) {
		size_t size;
		const char *fault;

		if (len - at < 4)
			return "a parameter is cut short (RFC 9460, 2.2)";
		size = wire_get16(params + at + 2);
		if (len - at - 4 < size)
			return "a parameter is cut short (RFC 9460, 2.2)";
		if (wire_get16(params + at) == before)
			return "a parameter stands twice (RFC 9460, 2.2)";
		if (wire_get16(params + at) < before)
			return "the parameters are not in the order of their "
			       "keys (RFC 9460, 2.2)";
		before = wire_get16(params + at);
		fault = value_fault((uint16_t)before, params + at + 4, size);
		if (fault != NULL)
			return fault;
		at += 4 + size;
	}
	return keys_fault(params, len);
}

static bool
is_hint(uint16_t key)
{
	return key == SVCPARAM_IPV4HINT || key == SVCPARAM_IPV6HINT;
}

const char *
svcparam_hints(const uint8_t *params, size_t len)
{
	bool ipv4 = has_key(params, len, SVCPARAM_IPV4HINT);
	bool ipv6 = has_key(params, len, SVCPARAM_IPV6HINT);

	if (ipv4 && ipv6)
		return "ipv4hint and ipv6hint";
	if (ipv4)
		return "ipv4hint";
	return ipv6 ? "ipv6hint" : NULL;
}

/* Keep of the list ${keys} those that are no hints; its new length. */
static size_t
keep_mandatory(uint8_t *keys, size_t len)
{
	size_t kept = 0;

	for (size_t i = 0; i < len; i += 2) {
		uint16_t key = wire_get16(keys + i);

		if (is_hint(key))
			continue;
		wire_put16(keys + kept, key);
		kept += 2;
	}
	return kept;
}

size_t
svcparam_drop_hints(uint8_t *params, size_t len)
{
	size_t kept = 0, next;

	for (size_t at = 0; at < len; at = next) {
		uint16_t key = wire_get16(params + at);
		size_t size = wire_get16(params + at + 2);

		next = at + 4 + size;
		if (is_hint(key))
			continue;
		if (key == SVCPARAM_MANDATORY) {
			size = keep_mandatory(params + at + 4, size);
			if (size == 0)
				continue;
			wire_put16(params + at + 2, (uint16_t)size);
		}
		memmove(params + kept, params + at, 4 + size);
		kept += 4 + size;
	}
	return kept;
}
