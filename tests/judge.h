/*
 * A judge of answers from signed zones, for tests: it believes nothing but the
 * zone's key, verifies each signature with ldns and each proof by RFC 4035, 5.4
 * and RFC 5155, 8.  It knows none of the code that it judges.
 */
#ifndef TESTS_JUDGE_H
#define TESTS_JUDGE_H

#include <ldns/ldns.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

struct judge {
	const ldns_rr_list *keys; /* DNSKEY of the zone */
	const ldns_rdf *apex;
	const ldns_rr_list *glue; /* addresses that no one signs */
	ldns_pkt *pkt;
	ldns_rr_list *answer, *authority, *additional;
	const ldns_rdf *name; /* what the chain of CNAMEs leads to */
	ldns_rr_type type;
	unsigned expected; /* wildcards that were proved */
	bool opt_out;      /* a proof rests on an NSEC3 with opt-out */
	const char *fault; /* the first that was found */
};

static inline void
judge_fault(struct judge *j, const char *words)
{
	if (j->fault == NULL)
		j->fault = words;
}

static inline bool
judge_below(const ldns_rdf *name, const ldns_rdf *parent)
{
	return ldns_dname_compare(name, parent) == 0 ||
	    ldns_dname_is_subdomain(name, parent);
}

/* The last ${labels} labels of a name; free it. */
static inline ldns_rdf *
judge_suffix(const ldns_rdf *name, unsigned labels)
{
	return ldns_dname_clone_from(
	    name, (uint16_t)(ldns_dname_label_count(name) - labels));
}

static inline bool
judge_is_wildcard(const ldns_rdf *name)
{
	return ldns_dname_is_wildcard(name) != 0;
}

/* ${name} with the label "*" before it; free it. */
static inline ldns_rdf *
judge_wildcard(const ldns_rdf *name)
{
	ldns_rdf *star = ldns_dname_new_frm_str("*");

	if (ldns_dname_cat(star, name) != LDNS_STATUS_OK)
		abort();
	return star;
}

/* The first record of a list with that owner (NULL: any) and type (ANY: any
 * but RRSIG, which sign others); or NULL. */
static inline const ldns_rr *
judge_find(const ldns_rr_list *list, const ldns_rdf *owner, ldns_rr_type type)
{
	for (size_t i = 0; i < ldns_rr_list_rr_count(list); i++) {
		const ldns_rr *rr = ldns_rr_list_rr(list, i);

		if ((type == LDNS_RR_TYPE_ANY
			    ? ldns_rr_get_type(rr) != LDNS_RR_TYPE_RRSIG
			    : ldns_rr_get_type(rr) == type) &&
		    (owner == NULL ||
			ldns_dname_compare(ldns_rr_owner(rr), owner) == 0))
			return rr;
	}
	return NULL;
}

/* The text of a hash in base 32: of a name, an owner, the next owner. */
struct judge_hash {
	char text[64];
};

static inline struct judge_hash
judge_hash_text(const ldns_rdf *rdf)
{
	struct judge_hash hash;
	char *text = ldns_rdf2str(rdf);

	snprintf(hash.text, sizeof(hash.text), "%.*s", (int)strcspn(text, "."),
	    text);
	free(text);
	return hash;
}

/* Where ${name} stands to one NSEC or NSEC3: its own, covered, or neither. */
enum judge_place { JUDGE_NONE, JUDGE_OWN, JUDGE_COVERED };

static inline enum judge_place
judge_between(int owner, int next, bool last)
{
	if (owner == 0)
		return JUDGE_OWN;
	if (last)
		return owner < 0 || next > 0 ? JUDGE_COVERED : JUDGE_NONE;
	return owner < 0 && next > 0 ? JUDGE_COVERED : JUDGE_NONE;
}

static inline enum judge_place
judge_place(const ldns_rr *rr, const ldns_rdf *name)
{
	struct judge_hash owner, next, hash;
	const ldns_rdf *to;
	ldns_rdf *hashed;

	if (ldns_rr_get_type(rr) == LDNS_RR_TYPE_NSEC) {
		to = ldns_rr_rdf(rr, 0);
		return judge_between(
		    ldns_dname_compare(ldns_rr_owner(rr), name),
		    ldns_dname_compare(to, name),
		    ldns_dname_compare(ldns_rr_owner(rr), to) >= 0);
	}
	hashed = ldns_nsec3_hash_name_frm_nsec3(rr, name);
	hash = judge_hash_text(hashed);
	ldns_rdf_deep_free(hashed);
	owner = judge_hash_text(ldns_rr_owner(rr));
	next = judge_hash_text(ldns_nsec3_next_owner(rr));
	return judge_between(strcasecmp(owner.text, hash.text),
	    strcasecmp(next.text, hash.text),
	    strcasecmp(owner.text, next.text) >= 0);
}

static inline bool
judge_is_denial(const ldns_rr *rr)
{
	return ldns_rr_get_type(rr) == LDNS_RR_TYPE_NSEC ||
	    ldns_rr_get_type(rr) == LDNS_RR_TYPE_NSEC3;
}

/* Whether the record speaks for ${name}: who signs it is above that. */
static inline bool
judge_speaks_for(const struct judge *j, const ldns_rr *rr, const ldns_rdf *name)
{
	for (size_t i = 0; i < ldns_rr_list_rr_count(j->authority); i++) {
		const ldns_rr *sig = ldns_rr_list_rr(j->authority, i);

		if (ldns_rr_get_type(sig) == LDNS_RR_TYPE_RRSIG &&
		    ldns_rdf2rr_type(ldns_rr_rrsig_typecovered(sig)) ==
			ldns_rr_get_type(rr) &&
		    ldns_dname_compare(ldns_rr_owner(sig), ldns_rr_owner(rr)) ==
			0 &&
		    judge_below(name, ldns_rr_rrsig_signame(sig)))
			return true;
	}
	return false;
}

/* The record of the authority section at that place of ${name}, or NULL. */
static inline const ldns_rr *
judge_denial(struct judge *j, const ldns_rdf *name, enum judge_place place)
{
	for (size_t i = 0; i < ldns_rr_list_rr_count(j->authority); i++) {
		const ldns_rr *rr = ldns_rr_list_rr(j->authority, i);

		if (!judge_is_denial(rr) || judge_place(rr, name) != place ||
		    !judge_speaks_for(j, rr, name))
			continue;
		if (place == JUDGE_COVERED &&
		    ldns_rr_get_type(rr) == LDNS_RR_TYPE_NSEC3 &&
		    ldns_nsec3_optout(rr))
			j->opt_out = true;
		return rr;
	}
	return NULL;
}

/* The closest encloser of ${name} that an NSEC which covers it shows: the
 * longest that it shares with one of the two ends; free it. */
static inline ldns_rdf *
judge_nsec_encloser(const ldns_rr *nsec, const ldns_rdf *name)
{
	for (unsigned n = ldns_dname_label_count(name); n > 0; n--) {
		ldns_rdf *suffix = judge_suffix(name, n - 1);

		if (judge_below(ldns_rr_owner(nsec), suffix) ||
		    judge_below(ldns_rr_rdf(nsec, 0), suffix))
			return suffix;
		ldns_rdf_deep_free(suffix);
	}
	return ldns_dname_new_frm_str(".");
}

/* The closest encloser of ${name} that NSEC3 prove (RFC 5155, 8.3), or NULL;
 * free it. */
static inline ldns_rdf *
judge_nsec3_encloser(struct judge *j, const ldns_rdf *name)
{
	unsigned least = ldns_dname_label_count(j->apex);

	for (unsigned n = ldns_dname_label_count(name); n-- > least;) {
		ldns_rdf *encloser = judge_suffix(name, n);
		ldns_rdf *next = judge_suffix(name, n + 1);
		bool found = judge_denial(j, encloser, JUDGE_OWN) != NULL;
		bool covered = judge_denial(j, next, JUDGE_COVERED) != NULL;

		ldns_rdf_deep_free(next);
		if (found && covered)
			return encloser;
		ldns_rdf_deep_free(encloser);
		if (found)
			return NULL;
	}
	return NULL;
}

/* The bitmap says that ${type} is not there, and no CNAME either. */
static inline bool
judge_lacks(const ldns_rr *rr, ldns_rr_type type)
{
	const ldns_rdf *bitmap = ldns_rr_get_type(rr) == LDNS_RR_TYPE_NSEC
	    ? ldns_rr_rdf(rr, 1)
	    : ldns_nsec3_bitmap(rr);
	bool cut;

	/* A bitmap of nothing may be no field at all. */
	if (bitmap == NULL)
		return true;
	cut = ldns_nsec_bitmap_covers_type(bitmap, LDNS_RR_TYPE_NS) &&
	    !ldns_nsec_bitmap_covers_type(bitmap, LDNS_RR_TYPE_SOA);
	if (cut && type != LDNS_RR_TYPE_DS)
		return false; /* of that, the other side is to be asked */
	return !ldns_nsec_bitmap_covers_type(bitmap, type) &&
	    !ldns_nsec_bitmap_covers_type(bitmap, LDNS_RR_TYPE_CNAME);
}

/* ${name} has not the type, by its own record or as an empty non-terminal. */
static inline bool
judge_has_not(struct judge *j, const ldns_rdf *name, ldns_rr_type type)
{
	const ldns_rr *own = judge_denial(j, name, JUDGE_OWN);
	const ldns_rr *cover;

	if (own != NULL)
		return judge_lacks(own, type);
	cover = judge_denial(j, name, JUDGE_COVERED);
	return cover != NULL && ldns_rr_get_type(cover) == LDNS_RR_TYPE_NSEC &&
	    ldns_dname_is_subdomain(ldns_rr_rdf(cover, 0), name);
}

/* The closest encloser of ${name}, which is proved not to be there; or NULL. */
static inline ldns_rdf *
judge_encloser(struct judge *j, const ldns_rdf *name)
{
	const ldns_rr *cover;

	if (judge_find(j->authority, NULL, LDNS_RR_TYPE_NSEC3) != NULL)
		return judge_nsec3_encloser(j, name);
	cover = judge_denial(j, name, JUDGE_COVERED);
	return cover == NULL ? NULL : judge_nsec_encloser(cover, name);
}

static inline void
judge_nxdomain(struct judge *j)
{
	ldns_rdf *encloser = judge_encloser(j, j->name), *star;

	if (encloser == NULL) {
		judge_fault(j, "nothing proves that the name is not there");
		return;
	}
	star = judge_wildcard(encloser);
	if (judge_denial(j, star, JUDGE_COVERED) == NULL)
		judge_fault(j, "nothing proves that there is no wildcard");
	ldns_rdf_deep_free(star);
	ldns_rdf_deep_free(encloser);
}

static inline void
judge_nodata(struct judge *j)
{
	ldns_rdf *encloser, *star;

	if (judge_has_not(j, j->name, j->type))
		return;
	encloser = judge_encloser(j, j->name);
	if (encloser == NULL) {
		judge_fault(j, "nothing proves that the type is not there");
		return;
	}
	star = judge_wildcard(encloser);
	/* RFC 5155, 8.6: an opt-out that covers the next closer name is enough
	 * for a DS, and for what is empty but for delegations. */
	if (!j->opt_out && !judge_has_not(j, star, j->type))
		judge_fault(j, "nothing proves it of the wildcard either");
	ldns_rdf_deep_free(star);
	ldns_rdf_deep_free(encloser);
}

static inline void
judge_referral(struct judge *j, const ldns_rr *ns)
{
	const ldns_rdf *cut = ldns_rr_owner(ns);
	ldns_rdf *encloser;

	if (judge_find(j->authority, cut, LDNS_RR_TYPE_DS) != NULL ||
	    judge_has_not(j, cut, LDNS_RR_TYPE_DS))
		return;
	encloser = judge_nsec3_encloser(j, cut);
	if (encloser == NULL || !j->opt_out)
		judge_fault(j, "nothing proves that there is no DS");
	ldns_rdf_deep_free(encloser);
}

/* A set that an RRSIG says comes from a wildcard (RFC 4035, 5.3.4). */
static inline void
judge_expanded(struct judge *j, const ldns_rdf *owner, unsigned labels)
{
	ldns_rdf *next = judge_suffix(owner, labels + 1), *encloser;
	bool proved;

	if (judge_find(j->authority, NULL, LDNS_RR_TYPE_NSEC3) != NULL)
		proved = judge_denial(j, next, JUDGE_COVERED) != NULL;
	else {
		encloser = judge_encloser(j, owner);
		proved = encloser != NULL &&
		    ldns_dname_label_count(encloser) == labels;
		ldns_rdf_deep_free(encloser);
	}
	if (!proved)
		judge_fault(j, "nothing proves that a wildcard stands in");
	j->expected++;
	ldns_rdf_deep_free(next);
}

/* The set of ${rr} in ${list}, and the signatures over it, verified. */
static inline void
judge_set(struct judge *j, const ldns_rr_list *list, const ldns_rr *rr)
{
	const ldns_rdf *owner = ldns_rr_owner(rr);
	ldns_rr_type type = ldns_rr_get_type(rr);
	ldns_rr_list *set = ldns_rr_list_new(), *good = ldns_rr_list_new();
	unsigned sigs = 0, labels = ldns_dname_label_count(owner);

	labels -= judge_is_wildcard(owner);
	for (size_t i = 0; i < ldns_rr_list_rr_count(list); i++) {
		ldns_rr *other = ldns_rr_list_rr(list, i);

		if (ldns_rr_get_type(other) == type &&
		    ldns_dname_compare(ldns_rr_owner(other), owner) == 0)
			ldns_rr_list_push_rr(set, other);
	}
	for (size_t i = 0; i < ldns_rr_list_rr_count(list); i++) {
		ldns_rr *sig = ldns_rr_list_rr(list, i);
		unsigned signed_labels;

		if (ldns_rr_get_type(sig) != LDNS_RR_TYPE_RRSIG ||
		    ldns_rdf2rr_type(ldns_rr_rrsig_typecovered(sig)) != type ||
		    ldns_dname_compare(ldns_rr_owner(sig), owner) != 0)
			continue;
		sigs++;
		if (ldns_verify_rrsig_keylist(set, sig, j->keys, good) !=
		    LDNS_STATUS_OK)
			judge_fault(j, "a signature is wrong");
		if (ldns_rr_ttl(sig) != ldns_rr_ttl(rr))
			judge_fault(j, "a signature has another TTL");
		signed_labels = ldns_rdf2native_int8(ldns_rr_rrsig_labels(sig));
		/* An address beside the answer is of no weight. */
		if (signed_labels < labels && list != j->additional)
			judge_expanded(j, owner, signed_labels);
	}
	if (sigs == 0)
		judge_fault(j, "a set is not signed");
	ldns_rr_list_free(set);
	ldns_rr_list_free(good);
}

/* What is not signed: a CNAME made from a DNAME, the NS of a delegation, and
 * addresses below one. */
static inline bool
judge_may_lack(
    const struct judge *j, const ldns_rr_list *list, const ldns_rr *rr)
{
	const ldns_rdf *owner = ldns_rr_owner(rr);

	if (list == j->authority)
		return ldns_rr_get_type(rr) == LDNS_RR_TYPE_NS &&
		    ldns_dname_compare(owner, j->apex) != 0;
	if (list == j->additional)
		return judge_find(j->glue, owner, ldns_rr_get_type(rr)) != NULL;
	if (ldns_rr_get_type(rr) != LDNS_RR_TYPE_CNAME)
		return false;
	for (size_t i = 0; i < ldns_rr_list_rr_count(list); i++) {
		const ldns_rr *dname = ldns_rr_list_rr(list, i);

		if (ldns_rr_get_type(dname) == LDNS_RR_TYPE_DNAME &&
		    ldns_dname_is_subdomain(owner, ldns_rr_owner(dname)))
			return true;
	}
	return false;
}

/* The record at ${n} is not the first of its set, or the same as another. */
static inline bool
judge_seen(struct judge *j, const ldns_rr_list *list, size_t n)
{
	const ldns_rr *rr = ldns_rr_list_rr(list, n);
	bool seen = false;

	for (size_t i = 0; i < n; i++) {
		const ldns_rr *other = ldns_rr_list_rr(list, i);

		if (ldns_rr_compare(rr, other) == 0)
			judge_fault(j, "a record comes twice");
		if (ldns_rr_get_type(rr) == ldns_rr_get_type(other) &&
		    ldns_dname_compare(
			ldns_rr_owner(rr), ldns_rr_owner(other)) == 0)
			seen = true;
	}
	return seen;
}

static inline void
judge_section(struct judge *j, const ldns_rr_list *list)
{
	for (size_t i = 0; i < ldns_rr_list_rr_count(list); i++) {
		const ldns_rr *rr = ldns_rr_list_rr(list, i);
		bool seen = judge_seen(j, list, i);

		if (ldns_rr_get_type(rr) == LDNS_RR_TYPE_RRSIG) {
			if (j->type != LDNS_RR_TYPE_RRSIG &&
			    judge_find(list, ldns_rr_owner(rr),
				ldns_rdf2rr_type(
				    ldns_rr_rrsig_typecovered(rr))) == NULL)
				judge_fault(j, "a signature of nothing");
		} else if (!seen && !judge_may_lack(j, list, rr))
			judge_set(j, list, rr);
	}
}

/* Follow the CNAMEs of the answer; whether what was asked for is at the end. */
static inline bool
judge_follow(struct judge *j)
{
	for (unsigned hops = 0; hops < 32; hops++) {
		const ldns_rr *cname =
		    judge_find(j->answer, j->name, LDNS_RR_TYPE_CNAME);

		/* For ANY, one that a DNAME makes is none. */
		if ((j->type != LDNS_RR_TYPE_ANY || cname == NULL ||
			!judge_may_lack(j, j->answer, cname)) &&
		    judge_find(j->answer, j->name, j->type) != NULL)
			return true;
		if (cname == NULL)
			return false;
		j->name = ldns_rr_rdf(cname, 0);
	}
	return true; /* a loop proves itself */
}

/*
 * words = judge_message(j, message, len): what is wrong with an answer that was
 * asked for with DO of the zone j->apex with the keys j->keys, or NULL.
 * j->opt_out tells whether it rests on an opt-out, j->expected how many
 * wildcards it proved.
 */
static inline const char *
judge_message(struct judge *j, const uint8_t *message, size_t len)
{
	const ldns_rr *question, *ns;
	bool positive;

	j->fault = NULL;
	j->opt_out = false;
	j->expected = 0;
	if (ldns_wire2pkt(&j->pkt, message, len) != LDNS_STATUS_OK)
		return "the message is none";
	j->answer = ldns_pkt_answer(j->pkt);
	j->authority = ldns_pkt_authority(j->pkt);
	j->additional = ldns_pkt_additional(j->pkt);
	question = ldns_rr_list_rr(ldns_pkt_question(j->pkt), 0);
	j->name = ldns_rr_owner(question);
	j->type = ldns_rr_get_type(question);
	positive = judge_follow(j);
	ns = judge_find(j->authority, NULL, LDNS_RR_TYPE_NS);
	judge_section(j, j->answer);
	judge_section(j, j->authority);
	judge_section(j, j->additional);
	if (ldns_pkt_get_rcode(j->pkt) == LDNS_RCODE_YXDOMAIN ||
	    !judge_below(j->name, j->apex))
		positive = true;
	if (!positive && ns != NULL)
		judge_referral(j, ns);
	else if (!positive &&
	    judge_find(j->authority, j->apex, LDNS_RR_TYPE_SOA) == NULL)
		judge_fault(j, "there is no SOA");
	else if (!positive && ldns_pkt_get_rcode(j->pkt) == LDNS_RCODE_NXDOMAIN)
		judge_nxdomain(j);
	else if (!positive)
		judge_nodata(j);
	if (positive && ldns_pkt_get_rcode(j->pkt) == LDNS_RCODE_NXDOMAIN)
		judge_fault(j, "it is there and not there");
	ldns_pkt_free(j->pkt);
	j->pkt = NULL;
	return j->fault;
}

#endif
