/*
 * Counts answers by client and kind, and those of all kinds by client.  Called
 * by respond() for each answer over UDP when rate limiting is on; allocates
 * nothing then, and looks at one line of cache for each of the two.
 */
#include "dns/answer/rrl.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "dns/wire/protocol.h"
#include "dns/wire/query.h"
#include "dns/wire/reply.h"

/*
 * An entry is the moment at which all that was sent is paid for, when one
 * answer costs the second's fraction that it may take: a token bucket in one
 * number.  Before that moment it is in debt; after it, it is as good as none.
 *
 *	63       48 47    44 43                                      0
 *	|   tag    |  slip  |  paid, in thousandths of an answer     |
 *
 * In that unit a millisecond pays for exactly as much as the rate is, so no
 * division rounds the rate.
 */
#define ANSWER 1000
#define PAID_BITS 44
#define PAID_MASK ((UINT64_C(1) << PAID_BITS) - 1)
#define SLIP_SHIFT PAID_BITS
#define SLIP_MASK UINT64_C(15)
#define TAG_SHIFT 48

/* The entries that a key may be in: a line of cache. */
#define WAYS 8
#define LINE 64

/*
 * Workers read the clock once a batch, so that one may be earlier than what
 * another has written; never by more than this.  A moment farther ahead is
 * none: it is one long past, seen again when the number went round (after two
 * days at 100000 a second, after 55 years at 10).
 */
#define SKEW_MS 10000

/* Another worker may win the exchange; one that loses so often sends the
 * answer. */
#define TRIES 8

typedef _Atomic uint64_t entry;

struct rrl {
	struct rrl_settings settings; /* exempt: the copy after this struct */
	uint64_t seed;
	uint64_t window; /* of debt, in thousandths of an answer */
	/* Of one answer, of all kinds: entries count in the same unit, of which
	 * a second pays for `responses` answers and here for `all`. */
	uint64_t cost_all;
	size_t sets; /* - 1; a power of two */
	entry *entries;
};

struct rrl *
rrl_create(const struct rrl_settings *settings, uint64_t seed)
{
	size_t exempt = settings->n_exempt * sizeof(struct prefix), sets = 1;
	struct prefix *copy;
	struct rrl *rrl;
	void *entries;

	while (sets * WAYS < settings->table)
		sets *= 2;
	rrl = calloc(1, sizeof(*rrl) + exempt);
	if (rrl == NULL)
		return NULL;
	if (posix_memalign(&entries, LINE, sets * LINE) != 0) {
		free(rrl);
		return NULL;
	}
	/* All zero: no entry, and in memory before the first flood. */
	memset(entries, 0, sets * LINE);
	copy = (struct prefix *)(rrl + 1);
	if (exempt > 0)
		memcpy(copy, settings->exempt, exempt);
	rrl->settings = *settings;
	rrl->settings.exempt = copy;
	rrl->seed = seed;
	rrl->window = (uint64_t)settings->responses * settings->window_ms;
	if (settings->all > 0)
		rrl->cost_all = (ANSWER * (uint64_t)settings->responses +
				    settings->all / 2) /
		    settings->all;
	rrl->sets = sets - 1;
	rrl->entries = entries;
	return rrl;
}

void
rrl_destroy(struct rrl *rrl)
{
	if (rrl == NULL)
		return;
	free(rrl->entries);
	free(rrl);
}

bool
rrl_same(const struct rrl *rrl, const struct rrl_settings *settings)
{
	const struct rrl_settings *a = &rrl->settings, *b = settings;

	/* A prefix is octets without gaps. */
	return a->responses == b->responses && a->all == b->all &&
	    a->window_ms == b->window_ms && a->slip == b->slip &&
	    a->ipv4 == b->ipv4 && a->ipv6 == b->ipv6 && a->table == b->table &&
	    a->n_exempt == b->n_exempt &&
	    (a->n_exempt == 0 ||
		memcmp(a->exempt, b->exempt,
		    a->n_exempt * sizeof(struct prefix)) == 0);
}

/* The key of all answers to one client. */
static uint64_t
hash_client(const struct rrl *rrl, const struct address *client)
{
	struct {
		uint8_t bytes[16];
		uint64_t family;
	} key;
	struct address masked = *client;

	address_mask(&masked,
	    client->family == 4 ? rrl->settings.ipv4 : rrl->settings.ipv6);
	memcpy(key.bytes, masked.bytes, sizeof(key.bytes));
	key.family = masked.family;
	return hash_bytes(&key, sizeof(key), rrl->seed);
}

/* The key of those of one kind: of ${client}, the key of all, and the rest. */
static uint64_t
hash_kind(const struct rrl *rrl, uint64_t client, enum rrl_kind kind,
    const uint8_t *name, size_t len, uint16_t type)
{
	uint64_t rest = hash_bytes(name, len, rrl->seed);

	return hash_mix(hash_mix(client, rest), (uint64_t)kind << 16 | type);
}

/* How much of ${word} is not paid at ${now}, in thousandths of an answer. */
static uint64_t
debt(const struct rrl *rrl, uint64_t word, uint64_t now)
{
	uint64_t ahead = (word - now) & PAID_MASK;

	if (word == 0 ||
	    ahead > rrl->window + SKEW_MS * (uint64_t)rrl->settings.responses)
		return 0;
	return ahead < rrl->window ? ahead : rrl->window;
}

/*
 * The entry of ${tag} in the set, or the one that gives way to it: that with
 * the least debt, so that a flood of new keys pushes out what is as good as
 * none, and not what is being limited.  What it holds to ${word}.
 */
static entry *
choose(const struct rrl *rrl, entry *set, uint64_t tag, uint64_t now,
    uint64_t *word)
{
	uint64_t words[WAYS], least = UINT64_MAX;
	size_t chosen = 0;

	for (size_t i = 0; i < WAYS; i++) {
		words[i] = atomic_load_explicit(&set[i], memory_order_relaxed);
		if (words[i] >> TAG_SHIFT == tag) {
			*word = words[i];
			return &set[i];
		}
	}
	for (size_t i = 0; i < WAYS; i++) {
		uint64_t owed = debt(rrl, words[i], now);

		if (owed < least) {
			least = owed;
			chosen = i;
		}
	}
	*word = words[chosen];
	return &set[chosen];
}

/* What becomes of an answer that costs ${cost} of an entry in debt by ${*owed},
 * which is then what it owes after it. */
static enum rrl_verdict
charge(const struct rrl *rrl, uint64_t cost, uint64_t *owed, uint64_t *slip)
{
	if (*owed + cost <= rrl->window) {
		*owed += cost;
		return RRL_SEND;
	}
	if (rrl->settings.slip == 0 || ++*slip < rrl->settings.slip)
		return RRL_DROP;
	*slip = 0;
	return RRL_SLIP;
}

/*
 * The same for a new entry in the place of one in debt by ${*owed}, the least
 * there is.  It takes the debt over: no client gets rid of its debt by having
 * others push it out, and all together get no more than the entries allow.
 * When even the least debt leaves no answer, the table is too small for what
 * comes, which is no fault of a client that comes for the first time: it is
 * sent to TCP, if any is.
 */
static enum rrl_verdict
charge_new(const struct rrl *rrl, uint64_t cost, uint64_t *owed)
{
	if (*owed + cost > rrl->window)
		return rrl->settings.slip > 0 ? RRL_SLIP : RRL_DROP;
	*owed += cost;
	return RRL_SEND;
}

/* The entries that the key ${hash} may be in. */
static entry *
set_of(const struct rrl *rrl, uint64_t hash)
{
	return rrl->entries + (hash & rrl->sets) * WAYS;
}

/* Count an answer under the key ${hash}, which costs ${cost} there. */
static enum rrl_verdict
pay(struct rrl *rrl, int64_t now_ms, uint64_t hash, uint64_t cost)
{
	uint64_t now = (uint64_t)now_ms * rrl->settings.responses & PAID_MASK;
	uint64_t tag = hash >> TAG_SHIFT;
	entry *set = set_of(rrl, hash);

	for (size_t try = 0; try < TRIES; try++) {
		uint64_t word, before, owed, slip = 0, paid;
		entry *e = choose(rrl, set, tag, now, &word);
		enum rrl_verdict verdict;

		before = owed = debt(rrl, word, now);
		if (word >> TAG_SHIFT != tag) {
			verdict = charge_new(rrl, cost, &owed);
		} else {
			slip = owed > 0 ? word >> SLIP_SHIFT & SLIP_MASK : 0;
			verdict = charge(rrl, cost, &owed, &slip);
		}
		/* A worker whose clock is late leaves the moment alone. */
		paid = (owed == before ? word : now + owed) & PAID_MASK;
		if (atomic_compare_exchange_strong_explicit(e, &word,
			tag << TAG_SHIFT | slip << SLIP_SHIFT | paid,
			memory_order_relaxed, memory_order_relaxed))
			return verdict;
	}
	return RRL_SEND;
}

enum rrl_verdict
rrl_count(struct rrl *rrl, int64_t now_ms, const struct address *client,
    enum rrl_kind *kind, const uint8_t *name, size_t len, uint16_t type)
{
	uint64_t all = hash_client(rrl, client);
	enum rrl_verdict verdict;

	/* It is needed soon, and mostly in no cache. */
	__builtin_prefetch(set_of(rrl, all));
	verdict = pay(
	    rrl, now_ms, hash_kind(rrl, all, *kind, name, len, type), ANSWER);
	if (verdict != RRL_SEND || rrl->cost_all == 0)
		return verdict;
	verdict = pay(rrl, now_ms, all, rrl->cost_all);
	if (verdict != RRL_SEND)
		*kind = RRL_ALL;
	return verdict;
}

static enum rrl_kind
kind_of(const struct query *query, const struct reply *reply)
{
	if (!query->has_question)
		return RRL_ERROR;
	if (reply->rcode == RCODE_NXDOMAIN)
		return RRL_NXDOMAIN;
	if (reply->rcode != RCODE_NOERROR)
		return RRL_ERROR;
	/* Also one that was cut for its glue. */
	if (!reply->authoritative)
		return RRL_REFERRAL;
	return reply->truncated || reply->count[SECTION_ANSWER] > 0
	    ? RRL_ANSWER
	    : RRL_NODATA;
}

static bool
is_exempt(const struct rrl *rrl, const struct address *client)
{
	for (size_t i = 0; i < rrl->settings.n_exempt; i++)
		if (prefix_contains(&rrl->settings.exempt[i], client))
			return true;
	return false;
}

enum rrl_verdict
rrl_judge(struct rrl *rrl, int64_t now_ms, const struct address *client,
    const struct query *query, struct reply *reply, enum rrl_kind *kind)
{
	const uint8_t *name = query->name;
	size_t len = query->name_len;
	enum rrl_verdict verdict;

	*kind = kind_of(query, reply);
	/* Neither is counted, so that it takes nothing from clients that share
	 * a prefix with it. */
	if (query->cookie_valid || is_exempt(rrl, client))
		return RRL_SEND;
	if (*kind == RRL_ERROR) {
		len = 0;
	} else if (reply->shared != NULL) {
		name = reply->shared;
		len = reply->shared_len;
	}
	verdict = rrl_count(rrl, now_ms, client, kind, name, len,
	    *kind == RRL_ANSWER && !reply->aliased ? query->type : 0);
	if (verdict == RRL_SLIP) {
		reply_truncate(reply);
		/* What is true of the name is for the answer over TCP. */
		if (reply->rcode == RCODE_NXDOMAIN)
			reply->rcode = RCODE_NOERROR;
	}
	return verdict;
}
