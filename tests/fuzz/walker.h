/*
 * Takes a message of ours apart for fuzz targets, without the code that made
 * it: every octet must belong to a record that is counted.  Whatever is wrong
 * aborts.  Included by fuzz targets and unit tests.
 */
#ifndef TESTS_FUZZ_WALKER_H
#define TESTS_FUZZ_WALKER_H

#include <ldns/ldns.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dns/wire/name.h"
#include "dns/wire/protocol.h"
#include "dns/wire/wire.h"

/* As many as the chains and sets of the fuzzed zones can bring. */
#define WALK_RECORDS 512

struct walk_record {
	uint8_t section; /* 0 answer, 1 authority, 2 additional */
	uint16_t type, class;
	uint32_t ttl_s;
	uint8_t owner[NAME_MAX_WIRE]; /* without compression, lower case */
	const uint8_t *rdata;
	size_t len;
};

struct walk {
	const uint8_t *message;
	size_t size;
	unsigned rcode; /* with the bits of the OPT record */
	bool aa, tc, opt;
	uint8_t question[NAME_MAX_WIRE];
	unsigned counts[3]; /* without OPT */
	size_t n;
	struct walk_record records[WALK_RECORDS];
	const uint8_t *options; /* of the OPT record */
	size_t options_len;
};

#define require(holds)                                                   \
	do {                                                             \
		if (!(holds)) {                                          \
			fprintf(stderr, "%s:%d: not so: %s\n", __FILE__, \
			    __LINE__, #holds);                           \
			abort();                                         \
		}                                                        \
	} while (0)

/* The name at ${at}, in full and lower case; where the message goes on. */
static inline size_t
walk_name(const uint8_t *message, size_t n, size_t at, uint8_t *out)
{
	size_t len = 0, next = 0, limit = at;

	for (;;) {
		size_t label;

		require(at < n);
		label = message[at];
		if (label >= 0xc0) {
			size_t target;

			require(at + 1 < n);
			target = (label & 0x3f) << 8 | message[at + 1];
			if (next == 0)
				next = at + 2;
			/* Only ever backwards, behind the header. */
			require(target >= DNS_HEADER && target < limit);
			at = limit = target;
			continue;
		}
		require(label <= 63 && at + 1 + label <= n);
		require(len + 1 + label <= NAME_MAX_WIRE);
		memcpy(out + len, message + at, 1 + label);
		len += 1 + label;
		at += 1 + label;
		if (label == 0)
			break;
	}
	for (size_t i = 0; i < len; i++)
		if (out[i] >= 'A' && out[i] <= 'Z')
			out[i] = (uint8_t)(out[i] + 'a' - 'A');
	return next != 0 ? next : at;
}

static inline void
walk_opt(struct walk *w, const struct walk_record *r)
{
	require(!w->opt && r->section == 2 && r->owner[0] == 0);
	w->opt = true;
	w->rcode |= (r->ttl_s >> 24) << 4;
	require((r->ttl_s >> 16 & 0xff) == 0);
	w->options = r->rdata;
	w->options_len = r->len;
	for (size_t at = 0; at < r->len;) {
		require(r->len - at >= 4);
		require(r->len - at - 4 >= wire_get16(r->rdata + at + 2));
		at += 4u + wire_get16(r->rdata + at + 2);
	}
}

static inline size_t
walk_record(struct walk *w, const uint8_t *message, size_t n, size_t at,
    unsigned section)
{
	struct walk_record r = {.section = (uint8_t)section};

	at = walk_name(message, n, at, r.owner);
	require(n - at >= 10);
	r.type = wire_get16(message + at);
	r.class = wire_get16(message + at + 2);
	r.ttl_s = wire_get32(message + at + 4);
	r.len = wire_get16(message + at + 8);
	r.rdata = message + at + 10;
	require(n - at - 10 >= r.len);
	if (r.type == TYPE_OPT) {
		walk_opt(w, &r);
	} else {
		require(w->n < WALK_RECORDS && !w->opt);
		require(r.ttl_s <= 0x7fffffff);
		w->records[w->n++] = r;
		w->counts[section]++;
	}
	return at + 10 + r.len;
}

/* walk_message(w, message, n): take a response apart. */
static inline void
walk_message(struct walk *w, const uint8_t *message, size_t n)
{
	size_t at = DNS_HEADER;

	memset(w, 0, offsetof(struct walk, records));
	w->message = message;
	w->size = n;
	w->opt = false;
	w->options = NULL;
	w->options_len = 0;
	require(n >= DNS_HEADER && (message[2] & 0x80) != 0);
	w->aa = (message[2] & 4) != 0;
	w->tc = (message[2] & 2) != 0;
	require((message[3] & 0xf0) == 0); /* RA, Z, AD, CD */
	w->rcode = message[3] & 0xf;
	require(wire_get16(message + 4) <= 1);
	if (wire_get16(message + 4) == 1) {
		at = walk_name(message, n, at, w->question);
		require(n - at >= 4);
		at += 4;
	}
	for (unsigned s = 0; s < 3; s++)
		for (unsigned i = 0; i < wire_get16(message + 6 + 2 * s); i++)
			at = walk_record(w, message, n, at, s);
	require(at == n);
}

/* walk_is_dns(message, n): another reader takes it too. */
static inline void
walk_is_dns(const uint8_t *message, size_t n)
{
	ldns_pkt *packet = NULL;

	require(ldns_wire2pkt(&packet, message, n) == LDNS_STATUS_OK);
	ldns_pkt_free(packet);
}

/* set = walk_has(w, section, type): the first record of it, or NULL. */
static inline const struct walk_record *
walk_has(const struct walk *w, unsigned section, uint16_t type)
{
	for (size_t i = 0; i < w->n; i++)
		if (w->records[i].section == section &&
		    w->records[i].type == type)
			return &w->records[i];
	return NULL;
}

/* len = walk_rdata(w, r, out): the data of a record with the names in it whole
 * and in lower case where they may be compressed, to ${out}[65535 + 255]. */
static inline size_t
walk_rdata(const struct walk *w, const struct walk_record *r, uint8_t *out)
{
	size_t at = (size_t)(r->rdata - w->message), end = at + r->len;
	size_t len = 0, before = r->type == TYPE_MX ? 2 : 0;
	int names = r->type == TYPE_SOA ? 2
	    : r->type == TYPE_NS || r->type == TYPE_PTR || r->type == TYPE_MX
	    ? 1
	    : 0;

	require(r->len >= before);
	memcpy(out, w->message + at, before);
	at += before;
	len += before;
	for (; names > 0; names--) {
		at = walk_name(w->message, end, at, out + len);
		len += name_length(out + len);
	}
	require(at <= end);
	memcpy(out + len, w->message + at, end - at);
	return len + end - at;
}

static inline bool
walk_same_rdata(const struct walk *w, const struct walk_record *a,
    const struct walk_record *b)
{
	static uint8_t data[2][65535 + NAME_MAX_WIRE];
	size_t len = walk_rdata(w, a, data[0]);

	return walk_rdata(w, b, data[1]) == len &&
	    memcmp(data[0], data[1], len) == 0;
}

/* walk_no_twins(w): no record twice in a section, no set in two TTLs. */
static inline void
walk_no_twins(const struct walk *w)
{
	for (size_t i = 0; i < w->n; i++)
		for (size_t k = i + 1; k < w->n; k++) {
			const struct walk_record *a = &w->records[i];
			const struct walk_record *b = &w->records[k];

			if (a->section != b->section || a->type != b->type ||
			    name_equal(a->owner, b->owner) == false)
				continue;
			require(a->type == TYPE_RRSIG || a->ttl_s == b->ttl_s);
			require(!walk_same_rdata(w, a, b));
		}
}

#endif
