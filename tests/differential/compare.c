/* Compares answers, see compare.h.  Called by the differential test only. */
#include "tests/differential/compare.h"

#include <ldns/ldns.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/differential/rules.h"
#include "tests/differential/verdict.h"

/* One of so many answers with DO is judged, whatever others say: that takes
 * about a millisecond. */
#define JUDGED 16

/* The types that ${a} has in a section and ${b} has not, each once. */
static void
describe_missing(const struct reply *a, const struct reply *b,
    enum section section, char sign, char *out, size_t size)
{
	for (size_t i = 0; i < a->n; i++) {
		size_t in_a = 0, in_b = 0;
		char word[32], *type;

		if (a->rrs[i].section != section)
			continue;
		for (size_t k = 0; k < a->n; k++)
			in_a += rr_compare(&a->rrs[i], &a->rrs[k]) == 0;
		for (size_t k = 0; k < b->n; k++)
			in_b += rr_compare(&a->rrs[i], &b->rrs[k]) == 0;
		if (in_a <= in_b)
			continue;
		type = ldns_rr_type2str(a->rrs[i].type);
		snprintf(word, sizeof(word), " %c%s%s", sign, type,
		    in_b > 0 ? "(again)" : "");
		free(type);
		if (strstr(out, word) == NULL &&
		    strlen(out) + strlen(word) < size)
			memcpy(out + strlen(out), word, strlen(word) + 1);
	}
}

static void
describe_sections(const struct reply *ours, const struct reply *theirs,
    char *out, size_t size)
{
	static const char *const names[] = {
	    "answer", "authority", "additional"};

	for (unsigned s = 0; s < N_SECTIONS; s++) {
		char changes[64] = "";
		size_t used = strlen(out);

		describe_missing(ours, theirs, (enum section)s, '+', changes,
		    sizeof(changes));
		describe_missing(theirs, ours, (enum section)s, '-', changes,
		    sizeof(changes));
		if (changes[0] != '\0' && used + sizeof(changes) + 12 < size)
			snprintf(out + used, size - used, " %s%s", names[s],
			    changes);
	}
}

static void
describe(const struct reply *ours, const struct reply *theirs, char *out,
    size_t size)
{
	out[0] = '\0';
	if (ours->fault != NULL || theirs->fault != NULL) {
		snprintf(out, size, " %s, ours: %s",
		    theirs->fault ? theirs->fault : "fine",
		    ours->fault ? ours->fault : "fine");
		return;
	}
	if (ours->rcode != theirs->rcode)
		snprintf(out, size, " rcode %u, ours %u", theirs->rcode,
		    ours->rcode);
	if (ours->flags != theirs->flags)
		snprintf(out + strlen(out), size - strlen(out),
		    " flags %04x, ours %04x", theirs->flags, ours->flags);
	if (ours->opt != theirs->opt || ours->dnssec_ok != theirs->dnssec_ok)
		snprintf(out + strlen(out), size - strlen(out), " OPT");
	describe_sections(ours, theirs, out, size);
	if (out[0] == '\0')
		snprintf(out, size, " same");
}

/* Types that are asked for alike. */
static const char *
kind_of(uint16_t type)
{
	switch (type) {
	case LDNS_RR_TYPE_NS:
		return "NS";
	case LDNS_RR_TYPE_CNAME:
		return "CNAME";
	case LDNS_RR_TYPE_SOA:
		return "SOA";
	case LDNS_RR_TYPE_DNAME:
		return "DNAME";
	case LDNS_RR_TYPE_DS:
		return "DS";
	case LDNS_RR_TYPE_RRSIG:
		return "RRSIG";
	case LDNS_RR_TYPE_NSEC:
	case LDNS_RR_TYPE_NSEC3:
		return "NSEC";
	case LDNS_RR_TYPE_ANY:
		return "ANY";
	default:
		return "data";
	}
}

bool
compare(struct comparison *c, struct asker *a, size_t i,
    const struct question *q, const struct family *f, unsigned number)
{
	struct exchange x = {
	    .type = q->type, .dnssec_ok = q->dnssec_ok, .family = f};
	const struct packet *query = &a->queries[i];
	const char *fault;
	char nsd[DIFFERENCE_TEXT / 2 - 24], knot[DIFFERENCE_TEXT / 2 - 24];
	char name[NAME_TEXT];
	bool truncated = false;

	for (unsigned s = 0; s < SERVERS; s++) {
		x.replies[s] = &c->replies[s];
		x.lens[s] = a->lens[s][i];
		reply_read(&c->replies[s], a->answers[s][i], a->lens[s][i],
		    query->data, query->len);
		truncated |= (c->replies[s].flags & REPLY_TC) != 0;
	}
	x.message = a->answers[MERIDIAN][i];
	for (unsigned s = 0; truncated && s < SERVERS; s++) {
		x.lens[s] = asker_tcp(a, s, i, c->tcp[s]);
		reply_read(&c->replies[s], c->tcp[s], x.lens[s], query->data,
		    query->len);
		if (s == MERIDIAN)
			x.message = c->tcp[s];
	}
	c->truncated += truncated ? 1 : 0;
	text_number(name, sizeof(name), q->name, number);
	text_to_wire(name, x.name);
	for (size_t k = 0; k < f->n_zones; k++)
		text_to_wire(f->zones[k].apex, x.apexes[k]);
	fault =
	    q->dnssec_ok && c->asked++ % JUDGED == 0 ? verdict_fault(&x) : NULL;
	if (fault != NULL) {
		snprintf(c->difference, sizeof(c->difference), "%s: judge: %s",
		    kind_of(q->type), fault);
		return false;
	}
	if (rules_compare(&x)) {
		c->unjudged += x.taken[NSD] && x.taken[KNOT] ? 1 : 0;
		return true;
	}
	describe(&c->replies[MERIDIAN], &c->replies[NSD], nsd, sizeof(nsd));
	describe(&c->replies[MERIDIAN], &c->replies[KNOT], knot, sizeof(knot));
	snprintf(c->difference, sizeof(c->difference), "%s: nsd:%s; knot:%s",
	    kind_of(q->type), nsd, knot);
	return false;
}
