/*
 * The votes of the health model: of each endpoint that the policy has, what
 * each vantage said last.
 */
#ifndef STEERING_VOTES_H
#define STEERING_VOTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/address.h"
#include "base/u64map.h"
#include "state/endpoint_key.h"
#include "steering/geo/place.h"
#include "steering/rounds.h"
#include "steering/vantage.h"

/* votes_find(): no such endpoint. */
#define VOTES_NONE UINT32_MAX

/* One vantage's last word on one endpoint. */
struct vote {
	int64_t checked_ms; /* wall clock of the vantage */
	int64_t since_ms;   /* the same: since when its health is what it is */
	int64_t seen_ms;    /* our monotonic clock, when news of a check came */
	int64_t same_ms;    /* its health was the same for so long by then */
	int64_t deep_ms;    /* the same of a streak of generations; -1: it was
			       there when the vote came first */
	uint32_t passes, fails;
	uint32_t life;   /* of the vantage's place in the table */
	uint32_t change; /* the last change that had it */
	uint16_t vantage;
	uint8_t health; /* enum state_health */
	bool deep;      /* the streak is that of its generations */
};

/* What all vantages said last of one thing. */
struct ballot {
	struct vote *of;
	size_t n, size;
	/* Decided last by votes that counted, which stays while none does
	 * (quorum.h); -1: nothing was. */
	int8_t last;
};

/* What they said of one address of a name. */
struct address_votes {
	struct address address;
	struct ballot ballot;
};

/* What they decided of one endpoint last (jury.h). */
struct decided {
	uint64_t basis;   /* on which that stands; 0: on none */
	int64_t until_ms; /* our monotonic clock: it does not from there on */
	int8_t usable;    /* enum usable */
	bool presumed, heard;
	/* The same clock: since when it has been up; INT64_MAX: it is not. */
	bool up_known;
	int64_t up_from_ms;
};

/* What they said of one endpoint. */
struct endpoint_votes {
	uint64_t hash;           /* of the key */
	struct endpoint_key key; /* of these texts */
	char *zone, *pool, *name;
	struct round *round; /* of its pool */
	uint64_t place;      /* of its region (vantage_place()) */
	struct place_point at;
	struct ballot ballot;
	/* Where its addresses are those of a name: in their order, as
	 * votes_address() has it. */
	struct address_votes *address;
	size_t n_addresses, size_addresses;
	uint32_t wanted; /* the last policy that had it */
	uint32_t number; /* its number there */
	struct decided decided;
};

struct votes {
	struct endpoint_votes *endpoint;
	size_t n, size;
	struct u64map index; /* numbers of endpoints, by the hash of the key */
	uint64_t numbering;  /* another one whenever one got or lost its own */
	/* A vote has turned, or the last check behind it, since whoever looks
	 * for blind vantages made it false. */
	bool turned;
};

/* votes_init(votes), votes_finish(votes): nothing; and free what is there. */
void votes_init(struct votes *votes);
void votes_finish(struct votes *votes);

/* number = votes_find(votes, hash, key): or VOTES_NONE. */
uint32_t votes_find(
    const struct votes *votes, uint64_t hash, const struct endpoint_key *key);

/* number = votes_add(votes, hash, key): a new endpoint, without a vote or a
 * round.  VOTES_NONE without memory. */
uint32_t votes_add(
    struct votes *votes, uint64_t hash, const struct endpoint_key *key);

/*
 * status = votes_cast(votes, ballot, vote, mono_ms): take the word of a vantage
 * on an endpoint or an address of ${votes}.  It is news of a check when it
 * tells of another one than before.  0, or -1 without memory.
 */
int votes_cast(struct votes *votes, struct ballot *ballot,
    const struct vote *vote, int64_t mono_ms);

/*
 * ballot = votes_address(endpoint, address): what was said of this ${address},
 * nothing if it is new.  IPv4 goes before IPv6, and lesser ones before greater
 * ones.  NULL without memory, and when there are LIVE_MAX_KNOWN others.
 */
struct ballot *votes_address(
    struct endpoint_votes *endpoint, const struct address *address);

/*
 * votes_sweep(votes, vantages, change, wanted): at the end of the full change
 * ${change}, forget the votes that it does not have of vantages that it has
 * votes of, those of vantages that are no more, and the endpoints that the
 * policy ${wanted} has not.
 */
void votes_sweep(struct votes *votes, const struct vantage_table *vantages,
    uint32_t change, uint32_t wanted);

#endif
