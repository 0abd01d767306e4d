/*
 * Reads a DNS message in one pass: header, question, the sections' records, and
 * the options of the OPT record.  Nothing else here takes apart what came from
 * the network.  Called by respond() for each message; allocates nothing.
 */
#include "dns/wire/query.h"

#include <string.h>

#include "dns/wire/cookie.h"
#include "dns/wire/protocol.h"
#include "dns/wire/wire.h"

/* Octets of a cookie with a server's part, which has 8 to 32 (RFC 7873, 4). */
#define COOKIE_LEAST 16
#define COOKIE_MOST 40

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
 * Copy the question's name in lower case.  It cannot be compressed: there is
 * nothing before it that a pointer could mean (RFC 9619 leaves one question).
 */
static bool
read_qname(struct cursor *c, struct query *q)
{
	size_t len = name_measure(c->at, left(c));

	if (len == 0)
		return false;
	name_lower(q->name, c->at, len);
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

/* Step over a record; the fixed part after its owner, or NULL when the record
 * is not there as a whole. */
static const uint8_t *
skip_record(struct cursor *c)
{
	const uint8_t *fixed;
	size_t len;

	if (left(c) > 0 && *c->at == 0) /* the root: an OPT, all but always */
		c->at++;
	else if (!skip_name(c))
		return NULL;
	if (left(c) < 10)
		return NULL;
	fixed = c->at;
	len = wire_get16(fixed + 8);
	c->at += 10;
	if (left(c) < len)
		return NULL;
	c->at += len;
	return fixed;
}

/* RFC 7871, 6: octets and bits exactly as the source prefix says; those after
 * it in its last octet are zero. */
static bool
read_subnet(const uint8_t *data, size_t len, struct subnet *s)
{
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
	s->present = s->source_len % 8 == 0 ||
	    !(data[len - 1] & 0xff >> s->source_len % 8);
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

/*
 * The options of an OPT record, of which they fill the ${len} octets of RDATA.
 * False when they do not, or one that we know is malformed: FORMERR (RFC 7871,
 * 7.1.2; RFC 7873, 5.2.2).  Of several cookies the first counts (RFC 7873,
 * 5.2); two client subnets are malformed.
 */
static bool
read_options(const uint8_t *data, size_t len, struct query *q)
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

/* One record of the additional section; OPT is taken, others passed over. */
static bool
read_additional(struct cursor *c, struct query *q)
{
	const uint8_t *owner = c->at, *fixed = skip_record(c);
	size_t size;

	if (fixed == NULL)
		return false;
	if (wire_get16(fixed) != TYPE_OPT)
		return true;
	/* RFC 6891, 6.1.1: one OPT, and its owner is the root. */
	if (q->edns)
		return false;
	q->edns = true;
	q->udp_size = wire_get16(fixed + 2);
	q->edns_version = fixed[5];
	q->dnssec_ok = (wire_get16(fixed + 6) & EDNS_FLAG_DO) != 0;
	if (*owner != 0)
		return false;
	size = wire_get16(fixed + 8);
	/* Options of a version we do not know are not ours to judge. */
	return size == 0 || q->edns_version != 0 ||
	    read_options(fixed + 10, size, q);
}

/* Questions of which none is answered: there is not just one. */
static bool
skip_questions(struct cursor *c, unsigned n)
{
	for (; n > 0; n--) {
		if (!skip_name(c) || left(c) < 4)
			return false;
		c->at += 4;
	}
	return true;
}

/* All sections, to the last octet: false when they are not what the counts of
 * the header say. */
static bool
read_sections(struct cursor *c, const uint8_t *header, struct query *q)
{
	unsigned questions = wire_get16(header + 4);
	unsigned others = wire_get16(header + 6) + wire_get16(header + 8);
	unsigned additional = wire_get16(header + 10);

	if (questions == 1 ? !read_question(c, q)
			   : !skip_questions(c, questions))
		return false;
	for (; others > 0; others--) {
		const uint8_t *fixed = skip_record(c);

		/* RFC 6891, 6.1.1: OPT is in the additional section. */
		if (fixed == NULL || wire_get16(fixed) == TYPE_OPT)
			return false;
	}
	for (; additional > 0; additional--)
		if (!read_additional(c, q))
			return false;
	return left(c) == 0;
}

/* What a message of opcode QUERY is that could be read. */
static enum query_verdict
judge_counts(const uint8_t *header, const struct query *q)
{
	unsigned questions = wire_get16(header + 4);

	if (wire_get16(header + 6) != 0)
		return QUERY_FORMERR;
	if (questions == 0)
		return wire_get16(header + 8) == 0 && q->options & CAME_COOKIE
		    ? QUERY_COOKIE
		    : QUERY_FORMERR;
	if (questions > 1) /* RFC 9619, 4 */
		return QUERY_FORMERR;
	if (wire_get16(header + 8) != 0 && q->type != TYPE_IXFR)
		return QUERY_FORMERR;
	return QUERY_OK;
}

static enum query_verdict
judge(bool readable, const uint8_t *header, const struct query *q)
{
	if ((q->flags >> FLAGS_OPCODE_SHIFT & FLAGS_OPCODE_MASK) !=
	    OPCODE_QUERY)
		return QUERY_NOTIMP;
	if (!readable)
		return QUERY_FORMERR;
	/* RFC 6891, 6.1.3: before anything of the message is looked at. */
	if (q->edns_version != 0)
		return QUERY_BADVERS;
	return judge_counts(header, q);
}

enum query_verdict
query_parse(const uint8_t *message, size_t len, struct query *q)
{
	struct cursor c;
	bool readable;

	if (len < DNS_HEADER)
		return QUERY_SILENCE;
	c = (struct cursor){message + DNS_HEADER, message + len};
	q->id = wire_get16(message);
	q->flags = wire_get16(message + 2);
	q->has_question = q->edns = q->dnssec_ok = q->cookie_valid = false;
	q->edns_version = q->options = 0;
	q->udp_size = 512;
	memset(&q->subnet, 0, sizeof(q->subnet));
	if (q->flags & FLAG_QR)
		return QUERY_SILENCE;
	readable = read_sections(&c, message, q);
	if (!readable) {
		q->options = 0;
		q->subnet.present = false;
	}
	return judge(readable, message, q);
}
