/*
 * Makes the EDNS options of replies.  Called for each query that brings any,
 * and for replies that have more to say than an rcode; allocates nothing.
 */
#include "dns/wire/edns.h"

#include <string.h>

#include "dns/wire/protocol.h"
#include "dns/wire/wire.h"

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
edns_answer(const struct identity *identity, const struct edns_arrival *arrival,
    struct query *query, struct edns_answer *out)
{
	if (query->options & CAME_NSID && identity->nsid_len > 0)
		memcpy(add_option(out, EDNS_NSID, identity->nsid_len),
		    identity->nsid, identity->nsid_len);
	if (query->options & CAME_COOKIE && identity->cookies.n > 0) {
		out->cookie = cookie_answer(&identity->cookies, query->cookie,
		    query->cookie_len, arrival->source, arrival->wall_s,
		    add_option(out, EDNS_COOKIE, COOKIE_LEN));
		query->cookie_valid = out->cookie == COOKIE_VALID;
	}
	if (query->options & CAME_KEEPALIVE &&
	    arrival->transport == TRANSPORT_TCP)
		wire_put16(
		    add_option(out, EDNS_KEEPALIVE, 2), arrival->keepalive_ds);
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
