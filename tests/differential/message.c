/* Takes answers apart, see message.h.  Called by the differential test only. */
#include "tests/differential/message.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#define HEADER 12

struct reader {
	const uint8_t *data;
	size_t len, at;
	struct reply *reply;
};

static unsigned
get16(const uint8_t *p)
{
	return (unsigned)p[0] << 8 | p[1];
}

size_t
wire_length(const uint8_t *name)
{
	size_t at = 0;

	while (name[at] != 0)
		at += name[at] + 1u;
	return at + 1;
}

bool
wire_equal(const uint8_t *a, const uint8_t *b)
{
	size_t len = wire_length(a);

	return len == wire_length(b) && memcmp(a, b, len) == 0;
}

bool
wire_at_or_below(const uint8_t *name, const uint8_t *top)
{
	size_t left = wire_length(name), len = wire_length(top);

	while (left > len) {
		left -= name[0] + 1u;
		name += name[0] + 1;
	}
	return left == len && memcmp(name, top, len) == 0;
}

static bool
fail(struct reader *r, const char *fault)
{
	r->reply->fault = fault;
	return false;
}

static bool
put(struct reader *r, const uint8_t *bytes, size_t n, bool lower)
{
	struct reply *reply = r->reply;

	if (reply->used + n > sizeof(reply->room))
		return fail(r, "more than the test has room for");
	for (size_t i = 0; i < n; i++)
		reply->room[reply->used++] =
		    lower ? (uint8_t)tolower(bytes[i]) : bytes[i];
	return true;
}

/* A name at the reader's place, whole and in lower case, to the room. */
static bool
read_name(struct reader *r, size_t end)
{
	size_t at = r->at, total = 0;
	bool jumped = false;

	for (;;) {
		size_t label;

		if (at >= (jumped ? r->len : end))
			return fail(r, "a name that does not end");
		label = r->data[at];
		if (label >= 0xc0) {
			size_t to;

			if (at + 1 >= (jumped ? r->len : end))
				return fail(r, "half a pointer");
			to = get16(r->data + at) & 0x3fff;
			if (!jumped)
				r->at = at + 2;
			if (to >= at)
				return fail(r, "a pointer forward");
			jumped = true;
			at = to;
			continue;
		}
		if (label > 63 || at + 1 + label > r->len)
			return fail(r, "a label beyond the end");
		total += label + 1;
		if (total > 255)
			return fail(r, "a name of more than 255 octets");
		if (!put(r, r->data + at, label + 1, true))
			return false;
		at += label + 1;
		if (label == 0)
			break;
	}
	if (!jumped)
		r->at = at;
	return true;
}

/* Data of the types whose names may be written in either case or compressed:
 * octets before the names, and how many names. */
static void
layout(uint16_t type, size_t *before, unsigned *names)
{
	*before = 0;
	*names = 0;
	switch (type) {
	case 2:
	case 5:
	case 12:
	case 39:
	case 47:
		*names = 1;
		break;
	case 6:
		*names = 2;
		break;
	case 15:
	case 65:
		*before = 2;
		*names = 1;
		break;
	case 33:
		*before = 6;
		*names = 1;
		break;
	case 46:
		*before = 18;
		*names = 1;
		break;
	default:
		break;
	}
}

static bool
read_data(struct reader *r, struct rr *rr, size_t len)
{
	size_t end = r->at + len, before, start = r->reply->used;
	unsigned names;

	layout(rr->type, &before, &names);
	if (before > len)
		return fail(r, "data that is too short");
	if (!put(r, r->data + r->at, before, false))
		return false;
	r->at += before;
	while (names-- > 0)
		if (!read_name(r, end))
			return false;
	if (r->at > end)
		return fail(r, "a name beyond its record");
	if (!put(r, r->data + r->at, end - r->at, false))
		return false;
	r->at = end;
	rr->data = r->reply->room + start;
	rr->data_len = (uint16_t)(r->reply->used - start);
	return true;
}

static bool
read_record(struct reader *r, enum section section)
{
	struct reply *reply = r->reply;
	struct rr *rr;
	size_t len;
	const uint8_t *fixed;

	if (reply->n == REPLY_RECORDS)
		return fail(r, "more records than the test has room for");
	rr = &reply->rrs[reply->n];
	rr->section = section;
	rr->owner = reply->room + reply->used;
	if (!read_name(r, r->len))
		return false;
	rr->owner_len = (uint16_t)wire_length(rr->owner);
	if (r->at + 10 > r->len)
		return fail(r, "half a record");
	fixed = r->data + r->at;
	rr->type = (uint16_t)get16(fixed);
	rr->class = (uint16_t)get16(fixed + 2);
	rr->ttl_s = (uint32_t)(get16(fixed + 4) << 16 | get16(fixed + 6));
	len = get16(fixed + 8);
	r->at += 10;
	if (r->at + len > r->len)
		return fail(r, "data beyond the end");
	if (rr->type == 41) {
		reply->opt = true;
		reply->dnssec_ok = (rr->ttl_s & 0x8000) != 0;
		reply->rcode |= rr->ttl_s >> 24 << 4;
		r->at += len;
		return true;
	}
	if (!read_data(r, rr, len))
		return false;
	reply->n++;
	return true;
}

/* The question comes back octet by octet: resolvers vary the case. */
static bool
read_question(struct reader *r, const uint8_t *query)
{
	size_t len = wire_length(query + HEADER) + 4;

	if (get16(r->data + 4) != 1 || r->len < HEADER + len ||
	    memcmp(r->data + HEADER, query + HEADER, len) != 0)
		return fail(r, "another question");
	r->at = HEADER + len;
	return true;
}

void
reply_read(struct reply *reply, const uint8_t *data, size_t len,
    const uint8_t *query, size_t query_len)
{
	struct reader r = {.data = data, .len = len, .reply = reply};

	reply->fault = NULL;
	reply->n = 0;
	reply->used = 0;
	reply->opt = false;
	reply->dnssec_ok = false;
	reply->flags = 0;
	reply->rcode = 0;
	if (len < HEADER || query_len < HEADER || memcmp(data, query, 2) != 0) {
		reply->fault = len == 0 ? "no answer" : "no answer to this";
		return;
	}
	reply->flags = (uint16_t)(get16(data + 2) & 0xfff0);
	reply->rcode = get16(data + 2) & 0xf;
	if (!read_question(&r, query))
		return;
	for (unsigned s = 0; s < N_SECTIONS; s++)
		for (unsigned n = get16(data + 6 + 2 * s); n > 0; n--)
			if (!read_record(&r, (enum section)s))
				return;
	if (r.at != len)
		reply->fault = "octets behind the end";
}

void
reply_remove(struct reply *reply, struct rr *rr)
{
	size_t i = (size_t)(rr - reply->rrs);

	memmove(rr, rr + 1, (reply->n - i - 1) * sizeof(*rr));
	reply->n--;
}

static int
compare_bytes(const uint8_t *a, size_t a_len, const uint8_t *b, size_t b_len)
{
	int order = memcmp(a, b, a_len < b_len ? a_len : b_len);

	if (order != 0 || a_len == b_len)
		return order;
	return a_len < b_len ? -1 : 1;
}

int
rr_compare(const struct rr *a, const struct rr *b)
{
	int order;

	if (a->section != b->section)
		return a->section < b->section ? -1 : 1;
	if (a->type != b->type)
		return a->type < b->type ? -1 : 1;
	order = compare_bytes(a->owner, a->owner_len, b->owner, b->owner_len);
	if (order != 0)
		return order;
	order = compare_bytes(a->data, a->data_len, b->data, b->data_len);
	if (order != 0)
		return order;
	if (a->class != b->class)
		return a->class < b->class ? -1 : 1;
	if (a->ttl_s != b->ttl_s)
		return a->ttl_s < b->ttl_s ? -1 : 1;
	return 0;
}

static int
order(const void *a, const void *b)
{
	return rr_compare(a, b);
}

void
reply_sort(struct reply *reply)
{
	qsort(reply->rrs, reply->n, sizeof(*reply->rrs), order);
}

size_t
reply_count(const struct reply *reply, enum section section)
{
	size_t n = 0;

	for (size_t i = 0; i < reply->n; i++)
		n += reply->rrs[i].section == section;
	return n;
}
