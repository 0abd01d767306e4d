/*
 * Copies the HTTPS or SVCB record of a service into a reply, with the addresses
 * of the endpoints that were chosen as its hints.  Called by answer.c; chooses
 * none of them.
 */
#include "dns/answer/hints.h"

#include <string.h>

#include "dns/answer/additional.h"
#include "dns/wire/wire.h"
#include "dns/zone/svcparam.h"

#define PARAM_FIXED 4 /* a key, and the length of its value */

/* One family of hints. */
struct hint {
	const struct answer_set *const *sets;
	unsigned n_sets;
	uint16_t key;
	uint16_t octets; /* of an address */
	size_t size;     /* of the whole parameter; 0: there is none */
};

static struct hint
hint_of(const struct answer_set *const *sets, unsigned n, uint16_t key,
    uint16_t octets)
{
	struct hint hint = {
	    .sets = sets, .n_sets = n, .key = key, .octets = octets};

	for (unsigned i = 0; i < n; i++)
		hint.size += (size_t)sets[i]->count * octets;
	if (hint.size > 0)
		hint.size += PARAM_FIXED;
	return hint;
}

/* Write the parameter to ${p}; its end. */
static uint8_t *
write_hint(uint8_t *p, const struct hint *hint)
{
	if (hint->size == 0)
		return p;
	wire_put16(p, hint->key);
	wire_put16(p + 2, (uint16_t)(hint->size - PARAM_FIXED));
	p += PARAM_FIXED;
	for (unsigned i = 0; i < hint->n_sets; i++) {
		const uint8_t *record = hint->sets[i]->image;

		for (unsigned k = 0; k < hint->sets[i]->count; k++) {
			memcpy(p, record + RECORD_FIXED, hint->octets);
			p += hint->octets;
			record += RECORD_FIXED + hint->octets;
		}
	}
	return p;
}

/* The offset of the record, or 0 when it does not fit. */
static size_t
add_record(struct reply *reply, const struct answer *answer, size_t owner)
{
	const struct answer_binding *b = answer->binding;
	struct hint ipv4 =
	    hint_of(answer->sets, answer->n_sets, SVCPARAM_IPV4HINT, 4);
	struct hint ipv6 =
	    hint_of(answer->ipv6, answer->n_sets, SVCPARAM_IPV6HINT, 16);
	size_t at = reply->w.len, size = b->size + ipv4.size + ipv6.size;
	uint8_t *record = writer_take(&reply->w, size), *p;

	if (record == NULL)
		return 0;
	memcpy(record, b->image, b->ipv4_at);
	p = write_hint(record + b->ipv4_at, &ipv4);
	memcpy(p, b->image + b->ipv4_at, (size_t)(b->ipv6_at - b->ipv4_at));
	p = write_hint(p + (b->ipv6_at - b->ipv4_at), &ipv6);
	memcpy(p, b->image + b->ipv6_at, (size_t)(b->size - b->ipv6_at));
	wire_put16(record, (uint16_t)(0xc000 | owner));
	wire_put32(record + 6, answer->ttl_s);
	wire_put16(record + 10, (uint16_t)(size - RECORD_FIXED));
	reply->count[SECTION_ANSWER]++;
	return at;
}

void
hints_add(struct reply *reply, const struct zone *zone,
    const struct answer *answer, size_t owner)
{
	size_t at = add_record(reply, answer, owner);
	struct rrset set = {
	    .image = reply->w.data + at,
	    .type = wire_get16(answer->binding->image + 2),
	    .count = 1,
	};

	if (at != 0)
		additional_hosts(reply, zone, &set, owner, at, false);
}
