/*
 * Builds snapshots aside, publishes one pointer, waits, frees.  Called by the
 * control thread; the only file that publishes.
 */
#include "node/publisher.h"

#include <stdlib.h>
#include <sys/random.h>

#include "base/clock.h"
#include "base/log.h"
#include "dns/answer/rrl.h"
#include "dns/answer/snapshot.h"
#include "steering/ladder.h"

/* How long a cookie secret of our own signs new cookies; for as long again it
 * only verifies old ones.  A cookie lives for an hour (RFC 9018, 4.3), so none
 * ends before its time. */
#define SECRET_LIFE_MS (24 * 3600 * 1000)
/* Without memory for a new one; a log line a minute is bearable. */
#define SECRET_RETRY_MS (60 * 1000)

struct publisher {
	struct published slot; /* a snapshot, which workers follow */
	struct served *served; /* what it is made of */
	struct rrl *rrl;       /* lives on while its settings do */
	/* The cookies of a node that has no file of secrets. */
	struct cookie_secrets secrets;
	int64_t rolled_ms; /* monotonic clock */
	uint32_t connection_room;
};

struct publisher *
publisher_create(uint32_t connection_room)
{
	struct publisher *p = calloc(1, sizeof(*p));

	if (p == NULL)
		return NULL;
	p->connection_room = connection_room;
	cookie_roll(&p->secrets);
	p->rolled_ms = clock_mono_ms();
	return p;
}

static void
destroy_snapshot(struct snapshot *snapshot)
{
	if (snapshot != NULL)
		cookie_forget(&snapshot->identity.cookies);
	free(snapshot);
}

void
publisher_destroy(struct publisher *p)
{
	if (p == NULL)
		return;
	destroy_snapshot(publish_set(&p->slot, NULL));
	cookie_forget(&p->secrets);
	rrl_destroy(p->rrl);
	served_release(p->served);
	free(p);
}

const struct published *
publisher_slot(const struct publisher *p)
{
	return &p->slot;
}

struct served *
publisher_served(const struct publisher *p)
{
	return p->served;
}

/* The node's own secrets, where no file has any. */
static void
give_secrets(const struct publisher *p, const struct server_config *config,
    struct cookie_secrets *out)
{
	if (!config->cookies || config->cookie_secrets != NULL)
		return;
	*out = p->secrets;
	out->require = config->cookies_require;
}

static struct stream_limits
stream_limits(const struct publisher *p, const struct tcp_config *tcp)
{
	return (struct stream_limits){
	    .connections = tcp->connections < p->connection_room
		? tcp->connections
		: p->connection_room,
	    .per_client = tcp->per_client,
	    .ipv4 = tcp->ipv4,
	    .ipv6 = tcp->ipv6,
	    .idle_ms = (uint32_t)tcp->idle_ms,
	    .stall_ms = (uint32_t)tcp->stall_ms,
	};
}

/* The rate limit that ${config} wants to ${out}: none, the one there is, whose
 * counts go on, or a new one.  -1 without memory. */
static int
rate_limit(const struct publisher *p, const struct rate_limit_config *config,
    struct rrl **out)
{
	const struct rrl_settings settings = {
	    .responses = config->responses,
	    .all = config->all,
	    .window_ms = (uint32_t)config->window_ms,
	    .slip = config->slip,
	    .ipv4 = config->ipv4,
	    .ipv6 = config->ipv6,
	    .table = config->table,
	    .exempt = config->exempt,
	    .n_exempt = config->n_exempt,
	};
	uint64_t seed;

	*out = NULL;
	if (config->responses == 0)
		return 0;
	if (p->rrl != NULL && rrl_same(p->rrl, &settings)) {
		*out = p->rrl;
		return 0;
	}
	if (getrandom(&seed, sizeof(seed), 0) == sizeof(seed))
		*out = rrl_create(&settings, seed);
	return *out != NULL ? 0 : -1;
}

static struct snapshot *
make_snapshot(const struct publisher *p, const struct served *served)
{
	const struct generation *g = served->generation;
	struct snapshot *snapshot = calloc(1, sizeof(*snapshot));

	if (snapshot == NULL ||
	    rate_limit(p, &g->config->rate_limit, &snapshot->rrl) != 0) {
		free(snapshot);
		return NULL;
	}
	snapshot->zones = g->zones;
	snapshot->maps = g->maps;
	snapshot->policy = g->policy;
	snapshot->live = served->live;
	snapshot->source = &ladder_source;
	snapshot->sample =
	    g->config->history.on ? g->config->history.sample : 0;
	snapshot->udp_size = g->config->udp_size;
	snapshot->tcp = stream_limits(p, &g->config->tcp);
	snapshot->identity = g->identity;
	give_secrets(p, g->config, &snapshot->identity.cookies);
	return snapshot;
}

/* Make ${served} what workers see; when this returns none sees the one before.
 * -1 without memory. */
static int
replace(struct publisher *p, const struct served *served)
{
	struct snapshot *next = make_snapshot(p, served), *before;

	if (next == NULL)
		return -1;
	before = publish_set(&p->slot, next);
	publish_wait();
	destroy_snapshot(before);
	if (p->rrl != next->rrl)
		rrl_destroy(p->rrl);
	p->rrl = next->rrl;
	return 0;
}

int
publisher_publish(
    struct publisher *p, struct generation *generation, struct live *live)
{
	struct served *next = served_create(generation, live);

	if (next == NULL || replace(p, next) != 0) {
		served_release(next);
		return -1;
	}
	served_release(p->served);
	p->served = next;
	return 0;
}

void
publisher_tick(struct publisher *p, int64_t mono_ms)
{
	struct cookie_secrets kept;

	if (p->served == NULL || mono_ms - p->rolled_ms < SECRET_LIFE_MS)
		return;
	kept = p->secrets;
	cookie_roll(&p->secrets);
	if (replace(p, p->served) == 0) {
		p->rolled_ms = mono_ms;
	} else {
		log_error("no memory to publish a new secret");
		p->secrets = kept;
		p->rolled_ms += SECRET_RETRY_MS;
	}
	cookie_forget(&kept);
}
