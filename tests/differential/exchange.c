/* What rules ask about answers, see exchange.h.  Called by the differential
 * test only. */
#include "tests/differential/exchange.h"

#include <string.h>

/* The zone with the longest apex at or above ${name}. */
static size_t
closest_zone(const struct exchange *x, const uint8_t *name)
{
	size_t best = FAMILY_ZONES;

	for (size_t i = 0; i < x->family->n_zones; i++)
		if (wire_at_or_below(name, x->apexes[i]) &&
		    (best == FAMILY_ZONES ||
			wire_length(x->apexes[i]) >
			    wire_length(x->apexes[best])))
			best = i;
	return best;
}

size_t
exchange_zone(const struct exchange *x, const uint8_t *name)
{
	size_t zone = closest_zone(x, name), above;

	if (x->type != T_DS || zone == FAMILY_ZONES || name[0] == 0 ||
	    !wire_equal(x->apexes[zone], name))
		return zone;
	above = closest_zone(x, name + name[0] + 1);
	return above != FAMILY_ZONES ? above : zone;
}

size_t
exchange_last_zone(const struct exchange *x, const struct reply *r)
{
	struct chain c;

	chain_follow(x, r, &c);
	return exchange_zone(x, c.to);
}

bool
is_behind_cut(const struct exchange *x, const uint8_t *wire)
{
	size_t zone = exchange_last_zone(x, x->replies[MERIDIAN]);
	char name[NAME_TEXT];

	wire_to_text(wire, name);
	return zone != FAMILY_ZONES &&
	    text_at_or_below(name, x->family->zones[zone].apex) &&
	    zone_text_behind_cut(&x->family->zones[zone], name);
}

bool
same_reply(const struct reply *a, const struct reply *b)
{
	if (a->fault != NULL || b->fault != NULL || a->flags != b->flags ||
	    a->rcode != b->rcode || a->opt != b->opt ||
	    a->dnssec_ok != b->dnssec_ok || a->n != b->n)
		return false;
	for (size_t i = 0; i < a->n; i++)
		if (rr_compare(&a->rrs[i], &b->rrs[i]) != 0)
			return false;
	return true;
}

size_t
reply_count_type(const struct reply *r, enum section section, uint16_t type)
{
	size_t n = 0;

	for (size_t i = 0; i < r->n; i++)
		n += r->rrs[i].section == section && r->rrs[i].type == type;
	return n;
}

bool
reply_has(const struct reply *r, const struct rr *rr)
{
	for (size_t i = 0; i < r->n; i++)
		if (rr_compare(&r->rrs[i], rr) == 0)
			return true;
	return false;
}

void
reply_add(struct reply *r, const struct rr *rr)
{
	if (r->n < REPLY_RECORDS)
		r->rrs[r->n++] = *rr;
}

uint16_t
rr_set(const struct rr *rr)
{
	if (rr->type != T_RRSIG || rr->data_len < 2)
		return rr->type;
	return (uint16_t)(rr->data[0] << 8 | rr->data[1]);
}

bool
rr_is_proof(const struct rr *rr)
{
	return rr_set(rr) == T_NSEC || rr_set(rr) == T_NSEC3;
}

const uint8_t *
rr_host(const struct rr *rr)
{
	static const struct {
		uint16_t type;
		size_t before;
	} at[] = {{T_NS, 0}, {T_MX, 2}, {T_SRV, 6}, {T_HTTPS, 2}};

	for (size_t i = 0; i < sizeof(at) / sizeof(*at); i++)
		if (rr->type == at[i].type)
			return rr->data + at[i].before;
	return NULL;
}

const struct rr *
reply_cname(const struct reply *r, const uint8_t *name)
{
	for (size_t i = 0; i < r->n; i++)
		if (r->rrs[i].section == ANSWER && r->rrs[i].type == T_CNAME &&
		    wire_equal(r->rrs[i].owner, name))
			return &r->rrs[i];
	return NULL;
}

void
chain_follow(const struct exchange *x, const struct reply *r, struct chain *c)
{
	memcpy(c->to, x->name, wire_length(x->name));
	for (c->hops = 0; c->hops < r->n; c->hops++) {
		const struct rr *next = reply_cname(r, c->to);

		if (next == NULL)
			return;
		memcpy(c->to, next->data, next->data_len);
	}
}

bool
take_ours(struct exchange *x, enum server server)
{
	const struct reply *ours = x->replies[MERIDIAN];
	struct reply *r = x->replies[server];

	r->fault = ours->fault;
	r->n = ours->n;
	memcpy(r->rrs, ours->rrs, ours->n * sizeof(*r->rrs));
	r->rcode = ours->rcode;
	r->flags = ours->flags;
	x->taken[server] = true;
	return true;
}

void
wire_to_text(const uint8_t *name, char out[NAME_TEXT])
{
	size_t at = 0;

	while (*name != 0) {
		memcpy(out + at, name + 1, *name);
		at += *name;
		out[at++] = '.';
		name += *name + 1;
	}
	if (at == 0)
		out[at++] = '.';
	out[at] = '\0';
}
