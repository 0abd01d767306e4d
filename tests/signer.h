/*
 * Signs zones with ldns, for tests: a key, a zone as text in, a signed zone as
 * text out.  Included by tests only.
 */
#ifndef TESTS_SIGNER_H
#define TESTS_SIGNER_H

#include <ldns/ldns.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* What never happens ends the program, be it a test suite or not. */
#define SIGNER_MUST(holds)                                               \
	do {                                                             \
		if (!(holds)) {                                          \
			fprintf(stderr, "%s:%d: not so: %s\n", __FILE__, \
			    __LINE__, #holds);                           \
			abort();                                         \
		}                                                        \
	} while (0)

enum signer_chain { SIGNER_NSEC, SIGNER_NSEC3, SIGNER_OPT_OUT };

struct signer {
	ldns_key_list *keys;
	ldns_rr_list *public_keys; /* DNSKEY records */
	enum signer_chain chain;
	uint16_t iterations;
	uint8_t salt_len;
	uint8_t salt[8];
};

/* signer_take_key(signer, key, apex, ttl_s, from, until): one more key of the
 * zone ${apex}, whose signatures are good from ${from} until ${until}, in
 * seconds as time() has them. */
static inline void
signer_take_key(struct signer *s, ldns_key *key, const char *apex,
    uint32_t ttl_s, uint32_t from, uint32_t until)
{
	ldns_rr *rr;

	ldns_key_set_pubkey_owner(key, ldns_dname_new_frm_str(apex));
	ldns_key_set_flags(key, LDNS_KEY_ZONE_KEY | LDNS_KEY_SEP_KEY);
	ldns_key_set_origttl(key, ttl_s);
	ldns_key_set_inception(key, from);
	ldns_key_set_expiration(key, until);
	rr = ldns_key2rr(key);
	ldns_rr_set_ttl(rr, ttl_s);
	ldns_key_set_keytag(key, ldns_calc_keytag(rr));
	ldns_key_list_push_key(s->keys, key);
	ldns_rr_list_push_rr(s->public_keys, rr);
}

/* signer_add_key(signer, apex, ttl_s): a new one, good from a day ago for a
 * month. */
static inline void
signer_add_key(struct signer *s, const char *apex, uint32_t ttl_s)
{
	ldns_key *key =
	    ldns_key_new_frm_algorithm(LDNS_SIGN_ECDSAP256SHA256, 256);
	uint32_t now = (uint32_t)time(NULL);

	SIGNER_MUST(key != NULL);
	signer_take_key(s, key, apex, ttl_s, now - 86400, now + 30 * 86400);
}

/* signer_start(signer, chain): without a key. */
static inline void
signer_start(struct signer *s, enum signer_chain chain)
{
	memset(s, 0, sizeof(*s));
	s->chain = chain;
	s->keys = ldns_key_list_new();
	s->public_keys = ldns_rr_list_new();
}

/* signer_init(signer, apex, ttl_s, chain): with one key. */
static inline void
signer_init(
    struct signer *s, const char *apex, uint32_t ttl_s, enum signer_chain chain)
{
	signer_start(s, chain);
	signer_add_key(s, apex, ttl_s);
}

static inline void
signer_finish(struct signer *s)
{
	ldns_key_list_free(s->keys);
	ldns_rr_list_deep_free(s->public_keys);
}

/* What becomes of signatures that are there already. */
static inline int
signer_keep(ldns_rr *rr, void *arg)
{
	(void)rr;
	(void)arg;
	return LDNS_SIGNATURE_LEAVE_ADD_NEW;
}

/* The zone of ${text}, with the key, not yet signed. */
static inline ldns_dnssec_zone *
signer_read(const struct signer *s, const char *text, ldns_rr_list *new_rrs)
{
	FILE *in = fmemopen((void *)(uintptr_t)text, strlen(text), "r");
	ldns_dnssec_zone *zone = ldns_dnssec_zone_new();
	ldns_zone *plain = NULL;
	int line = 0;

	SIGNER_MUST(in != NULL);
	SIGNER_MUST(ldns_zone_new_frm_fp_l(&plain, in, NULL, 3600,
			LDNS_RR_CLASS_IN, &line) == LDNS_STATUS_OK);
	fclose(in);
	SIGNER_MUST(ldns_dnssec_zone_add_rr(zone, ldns_zone_soa(plain)) ==
	    LDNS_STATUS_OK);
	for (size_t i = 0; i < ldns_rr_list_rr_count(ldns_zone_rrs(plain)); i++)
		SIGNER_MUST(ldns_dnssec_zone_add_rr(zone,
				ldns_rr_list_rr(ldns_zone_rrs(plain), i)) ==
		    LDNS_STATUS_OK);
	ldns_zone_free(plain);
	for (size_t i = 0; i < ldns_rr_list_rr_count(s->public_keys); i++) {
		ldns_rr *key =
		    ldns_rr_clone(ldns_rr_list_rr(s->public_keys, i));

		ldns_rr_list_push_rr(new_rrs, key);
		SIGNER_MUST(
		    ldns_dnssec_zone_add_rr(zone, key) == LDNS_STATUS_OK);
	}
	return zone;
}

/* The record of a type that a name has, or NULL. */
static inline const ldns_rr *
signer_find(const ldns_dnssec_name *name, ldns_rr_type type)
{
	for (const ldns_dnssec_rrsets *set = name->rrsets; set != NULL;
	     set = set->next)
		if (set->type == type)
			return set->rrs->rr;
	return NULL;
}

/* Whether an opt-out may leave ${name} out of the chain: it is, and all that is
 * below it, nothing but delegations without DS (RFC 5155, 7.1). */
static inline bool
signer_opts_out(const ldns_dnssec_zone *zone, const ldns_dnssec_name *name)
{
	for (const ldns_rbnode_t *n = ldns_rbtree_first(zone->names);
	     n != LDNS_RBTREE_NULL;
	     n = ldns_rbtree_next((ldns_rbnode_t *)(uintptr_t)n)) {
		const ldns_dnssec_name *other = n->data;

		if (other->is_glue || other->rrsets == NULL ||
		    (ldns_dname_compare(other->name, name->name) != 0 &&
			!ldns_dname_is_subdomain(other->name, name->name)))
			continue;
		if (signer_find(other, LDNS_RR_TYPE_NS) == NULL ||
		    signer_find(other, LDNS_RR_TYPE_DS) != NULL ||
		    signer_find(other, LDNS_RR_TYPE_SOA) != NULL)
			return false;
	}
	return true;
}

/* The order of NSEC3 records. */
static inline int
signer_by_owner(const void *a, const void *b)
{
	const ldns_dnssec_name *const *x = a, *const *y = b;

	return ldns_dname_compare(
	    ldns_rr_owner((*x)->nsec), ldns_rr_owner((*y)->nsec));
}

/* Sign a changed NSEC3 again. */
static inline void
signer_again(struct signer *s, ldns_dnssec_name *name)
{
	ldns_rr_list *set = ldns_rr_list_new(), *sigs;
	ldns_dnssec_rrs *old = name->nsec_signatures;

	ldns_rr_list_push_rr(set, name->nsec);
	sigs = ldns_sign_public(set, s->keys);
	for (size_t i = 0; i < ldns_rr_list_rr_count(sigs); i++) {
		SIGNER_MUST(old != NULL);
		ldns_rr_free(old->rr);
		old->rr = ldns_rr_list_rr(sigs, i);
		old = old->next;
	}
	SIGNER_MUST(old == NULL);
	ldns_rr_list_free(sigs);
	ldns_rr_list_free(set);
}

/* Take what an opt-out need not have out of the chain; ldns sets the flag, but
 * leaves everything in. */
static inline void
signer_opt_out(struct signer *s, ldns_dnssec_zone *zone)
{
	ldns_dnssec_name *kept[1000] = {NULL};
	size_t n = 0;

	for (ldns_rbnode_t *node = ldns_rbtree_first(zone->names);
	     node != LDNS_RBTREE_NULL; node = ldns_rbtree_next(node)) {
		ldns_dnssec_name *name =
		    (ldns_dnssec_name *)(uintptr_t)node->data;

		if (name->nsec == NULL)
			continue;
		if (!signer_opts_out(zone, name)) {
			SIGNER_MUST(n < 1000);
			kept[n++] = name;
			continue;
		}
		ldns_rr_free(name->nsec);
		ldns_dnssec_rrs_deep_free(name->nsec_signatures);
		name->nsec = NULL;
		name->nsec_signatures = NULL;
	}
	qsort(kept, n, sizeof(kept[0]), signer_by_owner);
	for (size_t i = 0; i < n; i++) {
		ldns_rdf *label =
		    ldns_dname_label(ldns_rr_owner(kept[(i + 1) % n]->nsec), 0);
		char *text = ldns_rdf2str(label);
		ldns_rdf *next;

		text[strlen(text) - 1] = '\0'; /* the dot */
		next =
		    ldns_rdf_new_frm_str(LDNS_RDF_TYPE_NSEC3_NEXT_OWNER, text);
		SIGNER_MUST(next != NULL);
		ldns_rdf_deep_free(ldns_rr_set_rdf(kept[i]->nsec, next, 4));
		ldns_rdf_deep_free(label);
		free(text);
		signer_again(s, kept[i]);
	}
}

/* text = signer_sign(signer, text): the signed zone; free() it. */
static inline char *
signer_sign(struct signer *s, const char *text)
{
	ldns_rr_list *new_rrs = ldns_rr_list_new();
	ldns_dnssec_zone *zone = signer_read(s, text, new_rrs);
	ldns_status status;
	char *out = NULL;
	size_t size = 0;
	FILE *file;

	if (s->chain == SIGNER_NSEC)
		status = ldns_dnssec_zone_sign_flg(
		    zone, new_rrs, s->keys, signer_keep, NULL, 0);
	else
		status = ldns_dnssec_zone_sign_nsec3_flg(zone, new_rrs, s->keys,
		    signer_keep, NULL, 1,
		    s->chain == SIGNER_OPT_OUT ? LDNS_NSEC3_VARS_OPTOUT_MASK
					       : 0,
		    s->iterations, s->salt_len, s->salt, 0);
	SIGNER_MUST(status == LDNS_STATUS_OK);
	if (s->chain == SIGNER_OPT_OUT)
		signer_opt_out(s, zone);
	file = open_memstream(&out, &size);
	SIGNER_MUST(file != NULL);
	ldns_dnssec_zone_print(file, zone);
	fclose(file);
	ldns_dnssec_zone_deep_free(zone);
	ldns_rr_list_free(new_rrs);
	return out;
}

#endif
