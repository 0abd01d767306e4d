/*
 * Which site this node shares with: a random id of 128 bits, in hexadecimal, at
 * the key `site` in etcd and in the state database of each node, so that the
 * database of another site overrules nothing.  A copy of a database is of the
 * same site.
 * Kept by the link, which asks for the key before each reading; pure but for
 * the random numbers of a new id.
 *
 * - An etcd that has none gets it from a node that holds one, as after it was
 *   wiped.  Where nobody holds one a new one is made, once etcd has been empty
 *   for as long as a lease lasts: nodes that hold one and are not cut off would
 *   have written theirs by then.  The first to write it is right.
 * - A state database that holds none takes that of etcd.
 * - Where the two differ nothing is shared.
 */
#ifndef SHARE_SITE_H
#define SHARE_SITE_H

#include <stdbool.h>
#include <stdint.h>

#include "share/etcd/etcd_answer.h"
#include "state/rows.h"

struct site {
	char held[STATE_ID];  /* by the state database; "": none */
	char made[STATE_ID];  /* a new one, where one was needed, or "" */
	char there[STATE_ID]; /* by etcd, as it was heard last, or "" */
	/* At which revision the key has to have been written last for ours to
	 * be written there; 0: there has to be none. */
	int64_t expects;
	int64_t empty_ms; /* monotonic: etcd was empty first; 0: it was not */
	bool founded;     /* etcd has the id that was made here */
};

enum site_step {
	SITE_SHARE, /* it is the same, or is taken from etcd */
	SITE_WAIT,  /* somebody else may hold one: ask again */
	SITE_WRITE, /* site_id() is to be written, as `expects` has it */
	SITE_OTHER, /* nothing is shared */
	SITE_ODD    /* nor is it with an etcd whose id makes no sense */
};

/*
 * step = site_hear(site, pair): the key holds ${pair}.
 * step = site_lacks(site, empty, lease_ms, now_ms): there is no such key in
 * etcd, and, ${empty}, no trail; ${now_ms} is monotonic.
 * site_wrote(site): what site_id() is was written there.
 */
enum site_step site_hear(struct site *site, const struct etcd_pair *pair);
enum site_step site_lacks(
    struct site *site, bool empty, int64_t lease_ms, int64_t now_ms);
void site_wrote(struct site *site);

/* id = site_id(site): that this node holds, or has made. */
const char *site_id(const struct site *site);

/* site_take(site): the state database holds what etcd has, from now on. */
void site_take(struct site *site);

/* Room for words about a site. */
#define SITE_WORDS STATE_LINK

/* site_words(step, path, key, out): why nothing is shared, and what to do, for
 * the state database ${path} and the ${key}: of SITE_OTHER or SITE_ODD. */
void site_words(enum site_step step, const char *path, const char *key,
    char out[SITE_WORDS]);

#endif
