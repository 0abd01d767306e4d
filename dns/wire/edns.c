/*
 * Reads and makes EDNS options.  Called for each query that brings any;
 * allocates nothing.
 */
#include "dns/wire/edns.h"

#include <string.h>

#include "dns/wire/protocol.h"
#include "dns/wire/wire.h"

/* Octets of a cookie with a server's part, which has 8 to 32 (RFC 7873, 4). */
#define COOKIE_LEAST 16
#define COOKIE_MOST 40

/* Texts are short: a reply may not get larger for them (RFC 8914, 3). */
static const struct {
	enum edns_note note;
	uint16_t code;
	const char *text;
} errors[] = {
    {NOTE_STALE, 3, "health is stale"},
    {NOTE_RESORT, 0, "last resort in use"},
    {NOTE_NOT_AUTHORITATIVE, 20, ""},
    {NOTE_NOT_SUPPORTED, 21, ""},
    {NOTE_PROHIBITED, 18, ""},
    {NOTE_NOT_READY, 14, ""},
    {NOTE_ENDLESS, 0, "CNAME chain endless or too long"},
};

/* RFC 7871, 6: octets and bits exactly as the source prefix says. */
static bool
read_subnet(const uint8_t *data, size_t len, struct subnet *s)
{
	struct address masked;
	unsigned bits;

	if (s->present || len < 4)
		return false;
	s->family = wire_get16(data);
	s->source_len = data[2];
	if (data[3] != 0) /* SCOPE PREFIX-LENGTH is ours to say */
		return false;
	bits = s->family == 1 ? 32 : s->family == 2 ? 128 : 0;
	if (s->family > 2 || s->source_len > bits ||
	    len - 4 != (s->source_len + 7u) / 8)
		return false;
	s->address.family = s->family == 1 ? 4 : 6;
	memcpy(s->address.bytes, data + 4, len - 4);
	masked = s->address;
	address_mask(&masked, s->source_len);
	s->present = address_equal(&masked, &s->address);
	return s->present;
}

static bool
read_cookie(const uint8_t *data, size_t len, struct query *q)
{
	if (q->options & CAME_COOKIE)
		return true;
	if (len != COOKIE_CLIENT && (len < COOKIE_LEAST || len > COOKIE_MOST))
		return false;
	q->options |= CAME_COOKIE;
	q->cookie = data;
	q->cookie_len = (uint8_t)len;
	return true;
}

static bool
read_option(uint16_t code, const uint8_t *data, size_t len, struct query *q)
{
	switch (code) {
	case EDNS_CLIENT_SUBNET:
		return read_subnet(data, len, &q->subnet);
	case EDNS_COOKIE:
		return read_cookie(data, len, q);
	case EDNS_NSID: /* RFC 5001, 2.1: what is in it means nothing */
		q->options |= CAME_NSID;
		return true;
	case EDNS_KEEPALIVE:
		q->options |= CAME_KEEPALIVE;
		if (len > 0)
			q->options |= CAME_TIMEOUT;
		return true;
	default:
		q->options |= CAME_UNKNOWN;
		return true;
	}
}

bool
edns_read(const uint8_t *data, size_t len, struct query *q)
{
	while (len > 0) {
		size_t size;

		if (len < 4)
			return false;
		size = wire_get16(data + 2);
		if (size > len - 4 ||
		    !read_option(wire_get16(data), data + 4, size, q))
			return false;
		data += 4 + size;
		len -= 4 + size;
	}
	return true;
}

/* Begin an option of ${size} octets; where they go. */
static uint8_t *
add_option(struct edns_answer *out, uint16_t code, size_t size)
{
	uint8_t *p = out->data + out->len;

	wire_put16(p, code);
	wire_put16(p + 2, (uint16_t)size);
	out->len += 4 + size;
	return p + 4;
}

void
edns_answer(const struct responder *responder, const struct snapshot *snapshot,
    enum transport transport, const struct address *source, struct query *query,
    struct edns_answer *out)
{
	const struct identity *identity = &snapshot->identity;

	if (query->options & CAME_NSID && identity->nsid_len > 0)
		memcpy(add_option(out, EDNS_NSID, identity->nsid_len),
		    identity->nsid, identity->nsid_len);
	if (query->options & CAME_COOKIE && identity->cookies.n > 0) {
		out->cookie = cookie_answer(&identity->cookies, query->cookie,
		    query->cookie_len, source, responder->wall_s,
		    add_option(out, EDNS_COOKIE, COOKIE_LEN));
		query->cookie_valid = out->cookie == COOKIE_VALID;
	}
	if (query->options & CAME_KEEPALIVE && transport == TRANSPORT_TCP)
		wire_put16(add_option(out, EDNS_KEEPALIVE, 2),
		    responder->keepalive_ds);
}

size_t
edns_errors(unsigned notes, uint8_t *out, size_t room)
{
	size_t size = 0;

	for (size_t i = 0; i < sizeof(errors) / sizeof(errors[0]); i++) {
		size_t len = strlen(errors[i].text);

		if (!(notes & errors[i].note) || 6 + len > room - size)
			continue;
		wire_put16(out + size, EDNS_ERROR);
		wire_put16(out + size + 2, (uint16_t)(2 + len));
		wire_put16(out + size + 4, errors[i].code);
		memcpy(out + size + 6, errors[i].text, len);
		size += 6 + len;
	}
	return size;
}
