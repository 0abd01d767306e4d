/*
 * Addresses and prefixes: parse, print, mask, compare.  Called by every room;
 * touches no socket.
 */
#include "base/address.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

#include "base/number.h"

unsigned
address_bits(const struct address *a)
{
	return a->family == 4 ? 32 : 128;
}

int
address_parse(const char *text, struct address *out)
{
	struct address a = {0};

	if (inet_pton(AF_INET, text, a.bytes) == 1)
		a.family = 4;
	else if (inet_pton(AF_INET6, text, a.bytes) == 1)
		a.family = 6;
	else
		return -1;
	*out = a;
	return 0;
}

const char *
address_format(const struct address *a, char out[ADDRESS_TEXT])
{
	int af = a->family == 4 ? AF_INET : AF_INET6;

	if (inet_ntop(af, a->bytes, out, ADDRESS_TEXT) == NULL)
		out[0] = '\0';
	return out;
}

bool
address_equal(const struct address *a, const struct address *b)
{
	return a->family == b->family &&
	    memcmp(a->bytes, b->bytes, address_bits(a) / 8) == 0;
}

bool
address_is_any(const struct address *a)
{
	static const uint8_t none[sizeof(a->bytes)];

	return memcmp(a->bytes, none, address_bits(a) / 8) == 0;
}

bool
address_is_mapped(const struct address *a)
{
	static const uint8_t mapped[12] = {[10] = 0xff, [11] = 0xff};

	return a->family == 6 && memcmp(a->bytes, mapped, sizeof(mapped)) == 0;
}

void
address_mask(struct address *a, unsigned length)
{
	unsigned whole = length / 8, bits = address_bits(a) / 8;

	if (whole >= bits)
		return; /* all bits stay */
	a->bytes[whole] &= (uint8_t)(0xff00u >> (length % 8));
	memset(a->bytes + whole + 1, 0, bits - whole - 1);
}

int
prefix_parse(const char *text, struct prefix *out)
{
	const char *slash = strchr(text, '/');
	size_t len = slash ? (size_t)(slash - text) : strlen(text);
	char host[ADDRESS_TEXT];
	struct prefix p;
	struct address whole;
	uint64_t bits;

	if (len >= sizeof(host))
		return -1;
	memcpy(host, text, len);
	host[len] = '\0';
	if (address_parse(host, &p.address) != 0)
		return -1;
	bits = address_bits(&p.address);
	if (slash != NULL &&
	    number_parse(slash + 1, strlen(slash + 1), 0, bits, &bits) != 0)
		return -1;
	p.length = (uint8_t)bits;
	whole = p.address;
	address_mask(&p.address, p.length);
	*out = p;
	return address_equal(&whole, &p.address) ? 0 : -2;
}

const char *
prefix_format(const struct prefix *p, char out[ADDRESS_TEXT])
{
	char host[ADDRESS_TEXT];

	snprintf(out, ADDRESS_TEXT, "%.50s/%u",
	    address_format(&p->address, host), p->length);
	return out;
}

bool
prefix_contains(const struct prefix *p, const struct address *a)
{
	struct address masked = *a;

	address_mask(&masked, p->length);
	return address_equal(&masked, &p->address);
}

/* Copy the host part of "host:port" or "[host]:port"; where the port starts,
 * NULL without one, to ${port}. */
static int
split_port(const char *text, char host[ADDRESS_TEXT], const char **port)
{
	const char *start = text, *end;
	size_t len;

	*port = NULL;
	if (text[0] == '[') {
		start = text + 1;
		end = strchr(start, ']');
		if (end == NULL || (end[1] != '\0' && end[1] != ':'))
			return -1;
		if (end[1] == ':')
			*port = end + 2;
	} else {
		end = strchr(text, ':');
		/* Two colons and no bracket: a bare IPv6 address. */
		if (end == NULL || strchr(end + 1, ':') != NULL)
			end = text + strlen(text);
		else
			*port = end + 1;
	}
	len = (size_t)(end - start);
	if (len >= ADDRESS_TEXT)
		return -1;
	memcpy(host, start, len);
	host[len] = '\0';
	return 0;
}

int
endpoint_address_parse(
    const char *text, uint16_t port, struct endpoint_address *out)
{
	char host[ADDRESS_TEXT];
	const char *digits;
	struct endpoint_address e;
	uint64_t n = port;

	if (split_port(text, host, &digits) != 0 ||
	    address_parse(host, &e.address) != 0)
		return -1;
	if (digits != NULL &&
	    number_parse(digits, strlen(digits), 1, UINT16_MAX, &n) != 0)
		return -1;
	if (n == 0)
		return -1;
	e.port = (uint16_t)n;
	*out = e;
	return 0;
}

const char *
endpoint_address_format(
    const struct endpoint_address *e, char out[ADDRESS_TEXT])
{
	char host[ADDRESS_TEXT];

	address_format(&e->address, host);
	snprintf(out, ADDRESS_TEXT,
	    e->address.family == 4 ? "%.46s:%u" : "[%.46s]:%u", host, e->port);
	return out;
}

socklen_t
address_to_sockaddr(
    const struct address *a, uint16_t port, struct sockaddr_storage *out)
{
	memset(out, 0, sizeof(*out));
	if (a->family == 4) {
		struct sockaddr_in *in = (struct sockaddr_in *)out;

		in->sin_family = AF_INET;
		in->sin_port = htons(port);
		memcpy(&in->sin_addr, a->bytes, 4);
		return sizeof(*in);
	}
	struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)out;

	in6->sin6_family = AF_INET6;
	in6->sin6_port = htons(port);
	memcpy(&in6->sin6_addr, a->bytes, 16);
	return sizeof(*in6);
}

int
address_from_sockaddr(const struct sockaddr *sa, struct address *out)
{
	memset(out, 0, sizeof(*out));
	if (sa->sa_family == AF_INET) {
		out->family = 4;
		memcpy(out->bytes,
		    &((const struct sockaddr_in *)(const void *)sa)->sin_addr,
		    4);
		return 0;
	}
	if (sa->sa_family == AF_INET6) {
		out->family = 6;
		memcpy(out->bytes,
		    &((const struct sockaddr_in6 *)(const void *)sa)->sin6_addr,
		    16);
		return 0;
	}
	return -1;
}
