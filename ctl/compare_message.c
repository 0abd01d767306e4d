/* Writes queries and reads answers of a comparison.  Called by compare_ask.c;
 * trusts nothing of an answer. */
#include "ctl/compare_message.h"

#include <stdlib.h>
#include <string.h>

#include "dns/wire/protocol.h"
#include "dns/wire/wire.h"

/* That reaches everywhere in one piece (DNS flag day 2020). */
#define UDP_SIZE 1232

#define RCODE_BITS 0x000f
#define BADCOOKIE 23 /* RFC 7873, 8 */

/* Pointers that a name may have, one after the other. */
#define JUMPS 32

static void
write16(struct writer *w, uint16_t n)
{
	uint8_t *p = writer_take(w, 2);

	if (p != NULL)
		wire_put16(p, n);
}

static void
write_subnet(struct writer *w, const struct prefix *client)
{
	size_t octets = (client->length + 7u) / 8;

	write16(w, EDNS_CLIENT_SUBNET);
	write16(w, (uint16_t)(4 + octets));
	write16(w, client->address.family == 4 ? 1 : 2);
	writer_bytes(w, &client->length, 1);
	writer_bytes(w, "", 1);
	writer_bytes(w, client->address.bytes, octets);
}

size_t
compare_message_write(const struct compare_question *q, uint16_t id,
    const struct compare_cookie *cookie, uint8_t out[COMPARE_MESSAGE_MAX])
{
	static const uint8_t counts[] = {0, 1, 0, 0, 0, 0, 0, 1};
	struct writer w = {.data = out, .room = COMPARE_MESSAGE_MAX};
	size_t at;

	write16(&w, id);
	write16(&w, 0);
	writer_bytes(&w, counts, sizeof(counts));
	writer_bytes(&w, q->name, name_length(q->name));
	write16(&w, q->type);
	write16(&w, 1);
	/* OPT: the root, type, size, no flags. */
	writer_bytes(&w, "", 1);
	write16(&w, TYPE_OPT);
	write16(&w, UDP_SIZE);
	writer_bytes(&w, "\0\0\0\0", 4);
	at = w.len;
	write16(&w, 0);
	write_subnet(&w, &q->client);
	write16(&w, EDNS_COOKIE);
	write16(&w, (uint16_t)cookie->len);
	writer_bytes(&w, cookie->octets, cookie->len);
	wire_put16(out + at, (uint16_t)(w.len - at - 2));
	return w.len;
}

bool
compare_message_id(const uint8_t *octets, size_t len, uint16_t *id)
{
	if (len < DNS_HEADER || !(wire_get16(octets + 2) & FLAG_QR))
		return false;
	*id = wire_get16(octets);
	return true;
}

/* --- reading --- */

struct reader {
	const uint8_t *octets;
	size_t len, at;
	bool broken;
};

/* ${n} octets, or NULL and broken. */
static const uint8_t *
take(struct reader *r, size_t n)
{
	const uint8_t *p = r->octets + r->at;

	if (r->broken || n > r->len - r->at) {
		r->broken = true;
		return NULL;
	}
	r->at += n;
	return p;
}

static uint16_t
take16(struct reader *r)
{
	const uint8_t *p = take(r, 2);

	return p != NULL ? wire_get16(p) : 0;
}

/* The name at ${at}, in lower case, to ${out}; where it goes on after it, or 0
 * when it is none. */
static size_t
expand(const struct reader *r, size_t at, uint8_t out[NAME_MAX_WIRE])
{
	size_t end = 0, n = 0;

	for (unsigned jumps = 0; at < r->len && jumps < JUMPS;) {
		size_t label = r->octets[at];

		if (label >= 0xc0) {
			if (at + 2 > r->len)
				return 0;
			if (end == 0)
				end = at + 2;
			at = wire_get16(r->octets + at) & POINTER_MAX;
			jumps++;
			continue;
		}
		if (label > 63 || label + 1 > r->len - at ||
		    label + 1 > NAME_MAX_WIRE - n)
			return 0;
		name_lower(out + n, r->octets + at, label + 1);
		n += label + 1;
		at += label + 1;
		if (label == 0)
			return end != 0 ? end : at;
	}
	return 0;
}

/* The owner of a record. */
static void
skip_name(struct reader *r)
{
	uint8_t name[NAME_MAX_WIRE];
	size_t end = r->broken ? 0 : expand(r, r->at, name);

	if (end == 0)
		r->broken = true;
	else
		r->at = end;
}

static void
add_record(struct reader *r, uint16_t type, size_t at, size_t size,
    struct compare_answer *out)
{
	struct compare_record *record = &out->records[out->n];

	if (out->n == COMPARE_RECORDS)
		return;
	memset(record, 0, sizeof(*record));
	record->type = type;
	if ((type == TYPE_A && size == 4) ||
	    (type == TYPE_AAAA && size == 16)) {
		memcpy(record->data, r->octets + at, size);
		record->len = (uint8_t)size;
	} else if (type == TYPE_CNAME && expand(r, at, record->data) != 0) {
		record->len = (uint8_t)name_length(record->data);
	} else {
		return;
	}
	out->n++;
}

static void
take_cookie(const uint8_t *options, size_t size, struct compare_cookie *cookie)
{
	for (size_t at = 0; at + 4 <= size;) {
		uint16_t code = wire_get16(options + at);
		size_t len = wire_get16(options + at + 2);

		at += 4;
		if (len > size - at)
			return;
		if (code == EDNS_COOKIE && len > COOKIE_CLIENT &&
		    len <= COMPARE_COOKIE_MAX &&
		    memcmp(options + at, cookie->octets, COOKIE_CLIENT) == 0) {
			memcpy(cookie->octets, options + at, len);
			cookie->len = len;
		}
		at += len;
	}
}

/* A record of whatever section; the upper bits of the rcode are in an OPT. */
static unsigned
read_record(struct reader *r, bool answers, struct compare_cookie *cookie,
    struct compare_answer *out)
{
	uint16_t type, size;
	const uint8_t *fixed, *data;

	skip_name(r);
	type = take16(r);
	(void)take16(r);
	fixed = take(r, 4);
	size = take16(r);
	data = take(r, size);
	if (data == NULL || fixed == NULL)
		return 0;
	if (answers)
		add_record(r, type, r->at - size, size, out);
	if (type != TYPE_OPT)
		return 0;
	take_cookie(data, size, cookie);
	return (unsigned)fixed[0] << 4;
}

static int
by_data(const void *left, const void *right)
{
	const struct compare_record *a = left, *b = right;

	if (a->type != b->type)
		return a->type < b->type ? -1 : 1;
	if (a->len != b->len)
		return a->len < b->len ? -1 : 1;
	return memcmp(a->data, b->data, a->len);
}

static bool
is_of(struct reader *r, const struct compare_question *q)
{
	uint8_t asked[NAME_MAX_WIRE], name[NAME_MAX_WIRE];
	size_t end = expand(r, r->at, name);

	name_lower(asked, q->name, name_length(q->name));
	if (end == 0 || !name_equal(name, asked))
		return false;
	r->at = end;
	return take16(r) == q->type && take16(r) == 1 && !r->broken;
}

bool
compare_message_read(const uint8_t *octets, size_t len,
    const struct compare_question *q, struct compare_cookie *cookie,
    struct compare_answer *out)
{
	struct reader r = {.octets = octets, .len = len, .at = DNS_HEADER};
	unsigned flags, records[3], rcode;

	memset(out, 0, sizeof(*out));
	if (len < DNS_HEADER || wire_get16(octets + 4) != 1 || !is_of(&r, q))
		return false;
	flags = wire_get16(octets + 2);
	rcode = flags & RCODE_BITS;
	for (unsigned s = 0; s < 3; s++) {
		records[s] = wire_get16(octets + 6 + 2 * (size_t)s);
		for (unsigned i = 0; i < records[s] && !r.broken; i++)
			rcode |= read_record(&r, s == 0, cookie, out);
	}
	if (r.broken || flags & FLAG_TC || rcode == BADCOOKIE)
		return false;
	out->rcode = (uint16_t)rcode;
	out->came = true;
	qsort(out->records, out->n, sizeof(out->records[0]), by_data);
	return true;
}
