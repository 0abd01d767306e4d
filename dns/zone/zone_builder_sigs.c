/*
 * Checks the signatures of a zone: that each set has one that is good now, by a
 * key of the zone.  Called by zone_builder_signed.c, never while queries are
 * answered; verifies none.
 */
#include "dns/zone/zone_builder_private_check.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "dns/wire/name.h"
#include "dns/wire/protocol.h"
#include "dns/wire/wire.h"
#include "dns/zone/type.h"

/* Where these stand in the data of an RRSIG (RFC 4034, 3.1). */
#define SIG_ALGORITHM 2
#define SIG_LABELS 3
#define SIG_TTL 4
#define SIG_EXPIRATION 8
#define SIG_INCEPTION 12
#define SIG_KEY_TAG 16
#define SIG_SIGNER 18
/* In that of a DNSKEY (RFC 4034, 2.1). */
#define KEY_ALGORITHM 3

/* How far ${time} is ahead of ${now}, negative when it was before (RFC 4034,
 * 3.1.5: serial arithmetic). */
static int64_t
ahead(uint32_t time, uint32_t now)
{
	uint32_t forth = time - now;

	return forth < UINT32_C(1) << 31 ? (int64_t)forth
					 : (int64_t)forth - (INT64_C(1) << 32);
}

static void
note(struct zone_sig_fault *fault, const struct zone_node *node,
    const struct rrset *sigs, int64_t seconds, const struct mark *at)
{
	if (fault->count++ > 0)
		return;
	memcpy(fault->name, node->name, node->name_len);
	fault->type = sigs->covers;
	fault->seconds = (uint32_t)seconds;
	fault->at = *at;
}

/* RFC 4034, appendix B.  Keys of algorithm 1, given up long ago, have another
 * tag. */
static uint16_t
key_tag(const uint8_t *rdata, size_t len)
{
	uint32_t sum = 0;

	for (size_t i = 0; i < len; i++)
		sum += i % 2 == 0 ? (uint32_t)rdata[i] << 8 : rdata[i];
	return (uint16_t)(sum + (sum >> 16));
}

static bool
find_keys(struct zone_builder *b)
{
	const struct rrset *set =
	    zone_node_rrset(zone_apex_node(b->zone), TYPE_DNSKEY);
	const uint8_t *p;

	if (set == NULL)
		return true;
	b->keys = arena_array(b->zone->arena, set->count, sizeof(*b->keys));
	if (b->keys == NULL)
		return false;
	p = set->image;
	for (; b->n_keys < set->count; b->n_keys++) {
		const uint8_t *rdata = p + RECORD_FIXED;
		size_t len = wire_get16(p + 10);

		b->keys[b->n_keys].tag = key_tag(rdata, len);
		b->keys[b->n_keys].algorithm = rdata[KEY_ALGORITHM];
		p = rdata + len;
	}
	return true;
}

/* Whether a key at the apex may have made the signature. */
static bool
has_key(const struct zone_builder *b, const uint8_t *sig)
{
	for (uint32_t i = 0; i < b->n_keys; i++)
		if (b->keys[i].tag == wire_get16(sig + SIG_KEY_TAG) &&
		    b->keys[i].algorithm == sig[SIG_ALGORITHM])
			return true;
	return b->n_keys == 0; /* of which there is one warning */
}

/* A set is signed when one of its signatures is good now, and by a key of the
 * zone. */
static void
check_good(struct zone_builder *b, const struct zone_node *node,
    const struct rrset *sigs, const struct mark *at)
{
	int64_t last_end = INT64_MIN, next_start = INT64_MAX;
	const uint8_t *p = sigs->image;
	bool known = false;

	for (unsigned i = 0; i < sigs->count; i++) {
		const uint8_t *sig = p + RECORD_FIXED;
		int64_t end = ahead(wire_get32(sig + SIG_EXPIRATION), b->now);
		int64_t start = ahead(wire_get32(sig + SIG_INCEPTION), b->now);

		p += RECORD_FIXED + wire_get16(p + 10);
		if (!has_key(b, sig))
			continue;
		known = true;
		if (start <= 0 && end >= 0)
			return;
		if (end > last_end)
			last_end = end;
		if (start > 0 && start < next_start)
			next_start = start;
	}
	if (!known)
		note(&b->sigs_strange, node, sigs, 0, at);
	else if (last_end < 0)
		note(&b->sigs_over, node, sigs, -last_end, at);
	else
		note(&b->sigs_early, node, sigs, next_start, at);
}

/* The labels that a signature counts: all but the root and the asterisk of a
 * wildcard (RFC 4034, 3.1.3). */
static unsigned
signed_labels(const uint8_t *name)
{
	return name_labels(name) - name_is_wildcard(name);
}

/*
 * What shows that a signature is of another set than ${set}, whose TTL and
 * owner it states (RFC 4035, 2.2): words of at most ${size} octets to ${out}.
 * False when nothing does.
 */
static bool
is_of_other(const struct zone_builder *b, const struct zone_node *node,
    const struct rrset *set, const uint8_t *sig, char *out, size_t size)
{
	char signer[NAME_TEXT];

	if (!name_equal(sig + SIG_SIGNER, zone_apex(b->zone)))
		snprintf(out, size, "is signed by %s, which is not the zone",
		    name_format(sig + SIG_SIGNER, signer));
	else if (sig[SIG_LABELS] != signed_labels(node->name))
		snprintf(out, size,
		    "its signature is of a name of %u labels, not %u",
		    sig[SIG_LABELS], signed_labels(node->name));
	else if (wire_get32(sig + SIG_TTL) != set->ttl_s)
		snprintf(out, size, "TTL %lu, but it was signed with %lu",
		    (unsigned long)set->ttl_s,
		    (unsigned long)wire_get32(sig + SIG_TTL));
	else
		return false;
	return true;
}

static void
check_same(struct zone_builder *b, const struct zone_node *node,
    const struct rrset *set, const struct rrset *sigs, const struct mark *at)
{
	char name[NAME_TEXT], type[TYPE_TEXT], words[NAME_TEXT + 64];
	const uint8_t *p = sigs->image;

	for (unsigned i = 0; i < sigs->count; i++) {
		const uint8_t *sig = p + RECORD_FIXED;

		p += RECORD_FIXED + wire_get16(p + 10);
		if (is_of_other(b, node, set, sig, words, sizeof(words)) &&
		    check_warning(b))
			errbuf_warn(b->eb, at, "%s %s: %s",
			    name_format(node->name, name),
			    type_text(sigs->covers, type), words);
	}
}

/* Not the NS of a delegation, and not glue at its name (RFC 4035, 2.2). */
static bool
needs_sigs(const struct zone_node *node, uint16_t type)
{
	return !(node->flags & NODE_CUT) || type == TYPE_DS ||
	    type == TYPE_NSEC;
}

static void
check_set(struct zone_builder *b, const struct zone_node *node,
    const struct rrset *set, const struct zone_record *first)
{
	const struct rrset *sigs = zone_node_sigs(node, set->type);
	unsigned long size = set->size + (sigs != NULL ? sigs->size : 0ul);
	bool missing = sigs == NULL && needs_sigs(node, set->type);
	char name[NAME_TEXT], type[TYPE_TEXT];
	struct mark at;

	if (!missing && size <= RRSET_MAX)
		return;
	at = node_find_mark(b, first, set->type, 0);
	name_format(node->name, name);
	type_text(set->type, type);
	if (missing && check_warning(b))
		errbuf_warn(b->eb, &at, "%s %s: is not signed", name, type);
	if (!missing && check_error(b))
		errbuf_error(b->eb, &at,
		    "%s %s: this set and its signatures have %lu octets, a "
		    "message holds %d",
		    name, type, size, RRSET_MAX);
}

static void
check_sigs(struct zone_builder *b, const struct zone_node *node,
    const struct rrset *sigs, const struct zone_record *first)
{
	struct mark at = node_find_mark(b, first, TYPE_RRSIG, sigs->covers);
	const struct rrset *set = zone_node_rrset(node, sigs->covers);
	char name[NAME_TEXT], type[TYPE_TEXT];

	if (set != NULL) {
		check_good(b, node, sigs, &at);
		check_same(b, node, set, sigs, &at);
	} else if (check_warning(b))
		errbuf_warn(b->eb, &at,
		    "%s RRSIG: signs the type %s, which is not there",
		    name_format(node->name, name),
		    type_text(sigs->covers, type));
}

void
zone_builder_sigs_check(struct zone_builder *b, const struct zone_node *node,
    const struct zone_record *first)
{
	for (unsigned i = 0; i < node->n_rrsets; i++) {
		const struct rrset *set = &node->rrsets[i];

		if (set->type == TYPE_RRSIG)
			check_sigs(b, node, set, first);
		else
			check_set(b, node, set, first);
	}
}

/* "3 days", "5 hours", "2 minutes"; two of a unit at least, but of minutes. */
static const char *
span_text(uint32_t seconds, char out[32])
{
	static const struct {
		uint32_t seconds;
		const char *unit;
	} units[] = {{86400, "days"}, {3600, "hours"}, {60, "minutes"}};
	size_t i = 0;

	while (i < 2 && seconds < 2 * units[i].seconds)
		i++;
	snprintf(out, 32, "%lu %s", (unsigned long)(seconds / units[i].seconds),
	    units[i].unit);
	return out;
}

static void
report(struct zone_builder *b, const struct zone_sig_fault *fault,
    const char *words)
{
	char name[NAME_TEXT], type[TYPE_TEXT], others[64] = "";

	if (fault->count == 0 || !check_warning(b))
		return;
	if (fault->count > 1)
		snprintf(others, sizeof(others), " (so of %lu more sets)",
		    (unsigned long)fault->count - 1);
	errbuf_warn(b->eb, &fault->at, "%s %s: its signature %s%s",
	    name_format(fault->name, name), type_text(fault->type, type), words,
	    others);
}

void
zone_builder_sigs_report(struct zone_builder *b)
{
	char words[64], span[32];

	snprintf(words, sizeof(words), "expired %s ago",
	    span_text(b->sigs_over.seconds, span));
	report(b, &b->sigs_over, words);
	snprintf(words, sizeof(words), "is not good for another %s",
	    span_text(b->sigs_early.seconds, span));
	report(b, &b->sigs_early, words);
	report(b, &b->sigs_strange, "is by no key of the zone");
}

bool
zone_builder_sigs_start(struct zone_builder *b)
{
	char name[NAME_TEXT];
	struct mark at =
	    node_find_mark(b, node_first(b, 0), TYPE_RRSIG, TYPE_SOA);

	b->now = (uint32_t)(clock_wall_ms() / 1000);
	if (!find_keys(b)) {
		check_no_memory(b);
		return false;
	}
	if (b->n_keys == 0 && check_warning(b))
		errbuf_warn(b->eb, &at,
		    "%s: is signed, but has no DNSKEY records",
		    name_format(zone_apex(b->zone), name));
	return true;
}
