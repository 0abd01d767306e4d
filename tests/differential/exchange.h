/*
 * One question with the answers of all servers, and what a rule wants to know
 * about it.  Called by the comparison and the rules of the differential test;
 * asks nobody.
 */
#ifndef TESTS_DIFFERENTIAL_EXCHANGE_H
#define TESTS_DIFFERENTIAL_EXCHANGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tests/differential/family.h"
#include "tests/differential/message.h"
#include "tests/differential/peers.h"

enum {
	T_A = 1,
	T_NS = 2,
	T_CNAME = 5,
	T_SOA = 6,
	T_HINFO = 13,
	T_MX = 15,
	T_AAAA = 28,
	T_SRV = 33,
	T_DNAME = 39,
	T_DS = 43,
	T_RRSIG = 46,
	T_NSEC = 47,
	T_NSEC3 = 50,
	T_HTTPS = 65,
	T_ANY = 255
};

struct exchange {
	uint16_t type;
	bool dnssec_ok;
	uint8_t name[255]; /* in lower case */
	/* The zones of the family, and their apexes as wire. */
	const struct family *family;
	uint8_t apexes[FAMILY_ZONES][255];
	struct reply *replies[SERVERS];
	/* Our answer as it came. */
	const uint8_t *message;
	size_t lens[SERVERS]; /* of all answers, in octets */
	/* The answer of this server was replaced by ours as a whole. */
	bool taken[SERVERS];
};

/* i = exchange_zone(x, name): the number of the family's zone that ${name} is
 * looked up in, for DS that above an apex; FAMILY_ZONES when it is in none. */
size_t exchange_zone(const struct exchange *x, const uint8_t *name);

/* i = exchange_last_zone(x, r): the same for the name at which the chain of
 * CNAMEs in ${r} ends. */
size_t exchange_last_zone(const struct exchange *x, const struct reply *r);

/* true when ${name} is at or behind a delegation in the zone that our answer
 * ends in. */
bool is_behind_cut(const struct exchange *x, const uint8_t *name);

/* true when the replies are the same; both are sorted. */
bool same_reply(const struct reply *a, const struct reply *b);

/* n = reply_count_type(r, section, type). */
size_t reply_count_type(
    const struct reply *r, enum section section, uint16_t type);

/* true when ${r} has this very record in this section. */
bool reply_has(const struct reply *r, const struct rr *rr);

/* reply_add(r, rr): a copy of a record of another reply. */
void reply_add(struct reply *r, const struct rr *rr);

/* type = rr_set(rr): of the set that the record is in or, being its signature,
 * with. */
uint16_t rr_set(const struct rr *rr);

/* true for what proves a denial: NSEC, NSEC3 and their signatures. */
bool rr_is_proof(const struct rr *rr);

/* target = rr_host(rr): the name of the host that the record names, where it
 * is of a type with additional records; NULL when it is not. */
const uint8_t *rr_host(const struct rr *rr);

/* rr = reply_cname(r, name): of the answer section, at ${name}; or NULL. */
const struct rr *reply_cname(const struct reply *r, const uint8_t *name);

/* Our longest chain: a first CNAME, and those at the 11 names we follow. */
#define OUR_CHAIN 12

/* The chain of CNAMEs in an answer section. */
struct chain {
	size_t hops;
	uint8_t to[255]; /* where it ends */
};
void chain_follow(
    const struct exchange *x, const struct reply *r, struct chain *c);

/* true = take_ours(x, server): put our answer in place of that server's. */
bool take_ours(struct exchange *x, enum server server);

/* wire_to_text(name, out). */
void wire_to_text(const uint8_t *name, char out[NAME_TEXT]);

#endif
