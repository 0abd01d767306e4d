/*
 * Reads a query in one pass.  Called by respond(); allocates nothing and reads
 * no octet twice.
 */
#include "dns/query.h"

#include <string.h>

#include "dns/protocol.h"
#include "dns/wire.h"

/* The reading end of a message. */
struct cursor {
	const uint8_t *at, *end;
};

static size_t
left(const struct cursor *c)
{
	return (size_t)(c->end - c->at);
}

/*
 * Copy the question's name in lower case.  It cannot be compressed: nothing
 * stands before it that a pointer could mean (RFC 9619 leaves one question).
 */
static bool
read_qname(struct cursor *c, struct query *q)
{
	const uint8_t *name = c->at;
	size_t most = left(c) < NAME_MAX_WIRE ? left(c) : NAME_MAX_WIRE;
	size_t len = 0;

	while (len < most && name[len] != 0) {
		if (name[len] > 63)
			return false;
		len += name[len] + 1u;
	}
	if (len >= most)
		return false;
	len++;
	/* Octets of length are below 'A', so they fold to themselves. */
	name_lower(q->name, name, len);
	q->name_len = (uint8_t)len;
	c->at += len;
	return true;
}

static bool
read_question(struct cursor *c, struct query *q)
{
	q->question = c->at;
	if (!read_qname(c, q) || left(c) < 4)
		return false;
	q->type = wire_get16(c->at);
	q->class = wire_get16(c->at + 2);
	c->at += 4;
	q->question_len = (size_t)(c->at - q->question);
	q->has_question = true;
	return true;
}

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

/* The RDATA of an OPT record: options, of which we know one here. */
static bool
read_options(const uint8_t *data, size_t len, struct query *q)
{
	while (len > 0) {
		size_t size;

		if (len < 4)
			return false;
		size = wire_get16(data + 2);
		if (size > len - 4)
			return false;
		if (wire_get16(data) == EDNS_CLIENT_SUBNET &&
		    !read_subnet(data + 4, size, &q->subnet)) {
			q->subnet.present = false;
			return false;
		}
		data += 4 + size;
		len -= 4 + size;
	}
	return true;
}

/* Step over an owner name, which may end in a pointer we do not follow. */
static bool
skip_name(struct cursor *c)
{
	for (size_t len = 0; len < NAME_MAX_WIRE;) {
		size_t label;

		if (left(c) == 0)
			return false;
		label = *c->at;
		if (label >= 0xc0) {
			if (left(c) < 2)
				return false;
			c->at += 2;
			return true;
		}
		if (label > 63 || left(c) < label + 1)
			return false;
		c->at += label + 1;
		len += label + 1;
		if (label == 0)
			return true;
	}
	return false;
}

/* One record of the additional section; OPT is taken, others passed over. */
static bool
read_additional(struct cursor *c, struct query *q)
{
	const uint8_t *owner = c->at, *fixed;
	size_t len;

	if (!skip_name(c) || left(c) < 10)
		return false;
	fixed = c->at;
	len = wire_get16(fixed + 8);
	c->at += 10;
	if (left(c) < len)
		return false;
	c->at += len;
	if (wire_get16(fixed) != TYPE_OPT)
		return true;
	/* RFC 6891, 6.1.1: one OPT, and its owner is the root. */
	if (q->edns || *owner != 0)
		return false;
	q->edns = true;
	q->udp_size = wire_get16(fixed + 2);
	q->edns_version = fixed[5];
	q->dnssec_ok = (wire_get16(fixed + 6) & EDNS_FLAG_DO) != 0;
	/* Options of a version we do not know are not ours to judge. */
	return q->edns_version != 0 || read_options(fixed + 10, len, q);
}

static enum query_verdict
read_sections(struct cursor *c, const uint8_t *header, struct query *q)
{
	unsigned additional = wire_get16(header + 10);

	if (wire_get16(header + 4) != 1 || !read_question(c, q))
		return QUERY_FORMERR;
	if (wire_get16(header + 6) != 0)
		return QUERY_FORMERR;
	/* Only IXFR brings authority, and that we refuse unread. */
	if (wire_get16(header + 8) != 0)
		return q->type == TYPE_IXFR ? QUERY_OK : QUERY_FORMERR;
	for (; additional > 0; additional--)
		if (!read_additional(c, q))
			return QUERY_FORMERR;
	if (left(c) != 0)
		return QUERY_FORMERR;
	return q->edns_version != 0 ? QUERY_BADVERS : QUERY_OK;
}

enum query_verdict
query_parse(const uint8_t *message, size_t len, struct query *q)
{
	struct cursor c;

	if (len < DNS_HEADER)
		return QUERY_SILENCE;
	c = (struct cursor){message + DNS_HEADER, message + len};
	q->id = wire_get16(message);
	q->flags = wire_get16(message + 2);
	q->has_question = q->edns = q->dnssec_ok = false;
	q->edns_version = 0;
	q->udp_size = 512;
	memset(&q->subnet, 0, sizeof(q->subnet));
	if (q->flags & FLAG_QR)
		return QUERY_SILENCE;
	if ((q->flags >> FLAGS_OPCODE_SHIFT & FLAGS_OPCODE_MASK) !=
	    OPCODE_QUERY)
		return QUERY_NOTIMP;
	return read_sections(&c, message, q);
}
