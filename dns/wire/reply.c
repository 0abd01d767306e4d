/*
 * Puts a reply together: header, question, prebuilt records, OPT.  Called for
 * each answer; allocates nothing.
 */
#include "dns/wire/reply.h"

#include <string.h>

#include "dns/wire/name.h"
#include "dns/wire/protocol.h"

/* Owner (root), type, size, extended rcode and flags, RDLENGTH. */
#define OPT_FIXED 11
/* Option code and length, family, source and scope. */
#define SUBNET_FIXED 8
_Static_assert(RRSET_MAX + DNS_HEADER + NAME_MAX_WIRE + 4 + OPT_FIXED +
	    SUBNET_FIXED + 16 + EDNS_ANSWER_MAX ==
	MESSAGE_MAX,
    "a message over TCP holds the largest set");

static size_t
subnet_octets(const struct subnet *s)
{
	return s->present ? (s->source_len + 7u) / 8 : 0;
}

/* Octets of the OPT record without extended errors. */
static size_t
opt_size(const struct query *query, const struct edns_answer *options)
{
	if (!query->edns)
		return 0;
	return OPT_FIXED + options->len +
	    (query->subnet.present
		    ? SUBNET_FIXED + subnet_octets(&query->subnet)
		    : 0);
}

void
reply_start(struct reply *reply, uint8_t *data, size_t room,
    const struct query *query, const struct edns_answer *options)
{
	memset(reply, 0, sizeof(*reply));
	reply->edns = query->edns;
	reply->options = options;
	reply->room = room;
	reply->w.data = data;
	/* 512 octets hold the longest question and the largest OPT of ours. */
	reply->w.room = room - opt_size(query, options);
	reply->w.len = DNS_HEADER;
	if (query->has_question)
		writer_bytes(&reply->w, query->question, query->question_len);
	reply->records = reply->w.len;
}

/* Give each record of an image that was copied to ${at} its owner and TTL. */
static void
patch_image(uint8_t *at, unsigned count, size_t owner, uint32_t ttl_s)
{
	for (; count > 0; count--) {
		wire_put16(at, (uint16_t)(0xc000 | owner));
		if (ttl_s != TTL_KEEP)
			wire_put32(at + 6, ttl_s);
		at += RECORD_FIXED + wire_get16(at + 10);
	}
}

size_t
reply_image(struct reply *reply, enum reply_section section,
    const uint8_t *image, size_t size, unsigned count, size_t owner,
    uint32_t ttl_s)
{
	size_t at = reply->w.len;
	uint8_t *p = writer_take(&reply->w, size);

	if (p == NULL)
		return 0;
	memcpy(p, image, size);
	if (owner != DNS_HEADER || ttl_s != TTL_KEEP)
		patch_image(p, count, owner, ttl_s);
	reply->count[section] = (uint16_t)(reply->count[section] + count);
	return at;
}

/* Let the names of an image that was copied to ${at} point to what they share
 * with each other and with the name at offset ${owner}. */
static void
point_names(
    struct reply *reply, const struct compressed *c, size_t owner, size_t at)
{
	uint8_t *data = reply->w.data;
	size_t end = owner + name_length(data + owner);

	for (unsigned i = 0; i < c->n_pointers; i++) {
		size_t to = c->pointers[i].to;

		to = to & POINTER_OWNER ? end - (to - POINTER_OWNER) : at + to;
		wire_put16(
		    data + at + c->pointers[i].at, (uint16_t)(0xc000 | to));
	}
}

size_t
reply_rrset(struct reply *reply, enum reply_section section,
    const struct rrset *set, size_t owner, uint32_t ttl_cap)
{
	const struct compressed *c = set->compressed;
	uint32_t ttl_s = set->ttl_s > ttl_cap ? ttl_cap : TTL_KEEP;
	size_t at;

	/* Past 16 KiB no pointer reaches the names (RFC 1035, 4.1.4). */
	if (c == NULL || reply->w.len + POINTER_REACH > POINTER_MAX)
		return reply_image(reply, section, set->image, set->size,
		    set->count, owner, ttl_s);
	at = reply_image(
	    reply, section, c->image, c->size, set->count, owner, ttl_s);
	if (at != 0)
		point_names(reply, c, owner, at);
	return at;
}

/* Only the first record needs the labels: others point to its owner, unless
 * that is farther off than a pointer reaches. */
size_t
reply_named(struct reply *reply, enum reply_section section,
    const struct rrset *set, const uint8_t *name, size_t len, size_t rest)
{
	const uint8_t *image = set->image;
	size_t start = reply->w.len;

	for (unsigned i = 0; i < set->count; i++) {
		size_t size = RECORD_FIXED + wire_get16(image + 10);
		uint8_t *p = writer_take(&reply->w, len + size);

		if (p == NULL) {
			reply->w.len = start;
			return 0;
		}
		memcpy(p, name, len);
		memcpy(p + len, image, size);
		wire_put16(p + len, (uint16_t)(0xc000 | rest));
		image += size;
		if (start <= POINTER_MAX) {
			len = 0;
			rest = start;
		}
	}
	reply->count[section] = (uint16_t)(reply->count[section] + set->count);
	return start;
}

size_t
reply_record(struct reply *reply, enum reply_section section, size_t owner,
    uint16_t type, uint32_t ttl_s, const uint8_t *rdata, size_t len)
{
	size_t at = reply->w.len;
	uint8_t *p = writer_take(&reply->w, RECORD_FIXED + len);

	if (p == NULL)
		return 0;
	wire_put16(p, (uint16_t)(0xc000 | owner));
	wire_put16(p + 2, type);
	wire_put16(p + 4, CLASS_IN);
	wire_put32(p + 6, ttl_s);
	wire_put16(p + 10, (uint16_t)len);
	memcpy(p + RECORD_FIXED, rdata, len);
	reply->count[section]++;
	return at;
}

struct reply_mark
reply_now(const struct reply *reply)
{
	struct reply_mark mark = {.len = reply->w.len};

	memcpy(mark.count, reply->count, sizeof(mark.count));
	return mark;
}

void
reply_return(struct reply *reply, const struct reply_mark *mark)
{
	reply->w.len = mark->len;
	reply->w.full = false;
	memcpy(reply->count, mark->count, sizeof(reply->count));
}

void
reply_clear(struct reply *reply)
{
	reply->w.len = reply->records;
	reply->w.full = false;
	memset(reply->count, 0, sizeof(reply->count));
}

void
reply_truncate(struct reply *reply)
{
	reply_clear(reply);
	reply->truncated = true;
}

/* Write the client subnet with its scope (RFC 7871, 7.2.1); its end. */
static uint8_t *
write_subnet(uint8_t *p, const struct subnet *s, uint8_t scope)
{
	size_t octets = subnet_octets(s);

	wire_put16(p, EDNS_CLIENT_SUBNET);
	wire_put16(p + 2, (uint16_t)(4 + octets));
	wire_put16(p + 4, s->family);
	p[6] = s->source_len;
	p[7] = scope;
	memcpy(p + SUBNET_FIXED, s->address.bytes, octets);
	return p + SUBNET_FIXED + octets;
}

/* The OPT record, for which reply_start() kept room; extended errors take what
 * room is left, and never that of records (RFC 8914, 3). */
static void
write_opt(struct reply *reply, const struct query *query, uint16_t udp_size)
{
	uint8_t *opt = reply->w.data + reply->w.len, *p;

	opt[0] = 0; /* the root */
	wire_put16(opt + 1, TYPE_OPT);
	wire_put16(opt + 3, udp_size);
	opt[5] = (uint8_t)(reply->rcode >> 4);
	opt[6] = 0; /* our version; of the flags only DO is known */
	wire_put16(opt + 7, query->dnssec_ok ? EDNS_FLAG_DO : 0);
	p = opt + OPT_FIXED;
	if (query->subnet.present)
		p = write_subnet(p, &query->subnet, reply->scope);
	if (reply->options->len > 0) {
		memcpy(p, reply->options->data, reply->options->len);
		p += reply->options->len;
	}
	if (reply->notes != 0)
		p += edns_errors(
		    reply->notes, p, reply->room - (size_t)(p - reply->w.data));
	wire_put16(opt + 9, (uint16_t)(p - opt - OPT_FIXED));
	reply->w.len = (size_t)(p - reply->w.data);
	reply->count[SECTION_ADDITIONAL]++;
}

size_t
reply_finish(struct reply *reply, const struct query *query, uint16_t udp_size)
{
	uint8_t *header = reply->w.data;
	uint16_t flags = FLAG_QR;

	if (reply->edns)
		write_opt(reply, query, udp_size);
	/* Of the query's flags the opcode and RD come back (RFC 1035, 4.1.1).
	 */
	flags |=
	    query->flags & (FLAG_RD | FLAGS_OPCODE_MASK << FLAGS_OPCODE_SHIFT);
	/* A failure says nothing of the zone. */
	if (reply->authoritative && reply->rcode != RCODE_SERVFAIL)
		flags |= FLAG_AA;
	if (reply->truncated)
		flags |= FLAG_TC;
	wire_put16(header, query->id);
	wire_put16(header + 2, (uint16_t)(flags | (reply->rcode & 0xf)));
	wire_put16(header + 4, query->has_question ? 1 : 0);
	for (size_t i = 0; i < 3; i++)
		wire_put16(header + 6 + 2 * i, reply->count[i]);
	return reply->w.len;
}
