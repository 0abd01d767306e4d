/*
 * The health model: the jury, and what is laid over it, made into `live`.
 * Called by the threads that follow the database, never by a worker; asks no
 * endpoint itself.
 */
#include "steering/health.h"

#include <stdlib.h>
#include <string.h>

#include "steering/jury.h"
#include "steering/slow_start.h"
#include "steering/votes.h"

struct health {
	struct overlay *overlay;
	struct jury *jury;
};

struct health *
health_create(void)
{
	struct health *health = calloc(1, sizeof(*health));

	if (health == NULL)
		return NULL;
	health->overlay = overlay_create();
	health->jury = jury_create();
	if (health->overlay != NULL && health->jury != NULL)
		return health;
	health_destroy(health);
	return NULL;
}

void
health_destroy(struct health *health)
{
	if (health == NULL)
		return;
	overlay_destroy(health->overlay);
	jury_destroy(health->jury);
	free(health);
}

void
health_configure(
    struct health *health, uint64_t stale_after_ms, enum stale_then then)
{
	jury_configure(health->jury, stale_after_ms, then);
}

void
health_allow_missed(struct health *health, uint32_t ppm)
{
	jury_allow_missed(health->jury, ppm);
}

void
health_share(struct health *health, const char *node, int64_t mono_ms)
{
	jury_share(health->jury, node, mono_ms);
}

bool
health_cut(const struct health *health, int64_t mono_ms)
{
	return jury_cut(health->jury, mono_ms);
}

int
health_adopt(
    struct health *health, const struct policy *policy, int64_t mono_ms)
{
	overlay_adopt(health->overlay);
	return jury_adopt(health->jury, policy, mono_ms);
}

void
health_begin(struct health *health, bool full)
{
	overlay_begin(health->overlay, full);
	jury_begin(health->jury, full);
}

void
health_vantage(struct health *health, const struct state_vantage *row,
    int64_t mono_ms, int64_t wall_ms)
{
	jury_vantage(health->jury, row, mono_ms, wall_ms);
}

void
health_node(
    struct health *health, const struct state_node *row, int64_t mono_ms)
{
	jury_node(health->jury, row, mono_ms);
}

void
health_endpoint(struct health *health, const struct state_endpoint *row)
{
	jury_endpoint(health->jury, row);
}

void
health_address(struct health *health, const struct state_address *row)
{
	jury_address(health->jury, row);
}

void
health_commit(struct health *health, int64_t mono_ms)
{
	overlay_commit(health->overlay);
	jury_commit(health->jury, mono_ms);
}

/* --- what it says --- */

/* A live with room for the addresses of all names; NULL without memory. */
static struct live *
make_live(const struct health *health, const struct policy *policy)
{
	struct live *live = live_create(policy);

	if (live == NULL || policy->n_resolved == 0 ||
	    live_room(live, jury_addresses(health->jury)) == 0)
		return live;
	live_destroy(live);
	return NULL;
}

/* For how long an endpoint whose pool has a slow start has been up. */
static void
note_return(const struct health *health, const struct policy *policy,
    struct endpoint_votes *votes, struct live *live, uint32_t i)
{
	const struct policy_endpoint *e = &policy->endpoints[i];
	int64_t up_ms;

	if (!e->slow || e->check == STEERING_NONE)
		return;
	up_ms = jury_up_ms(health->jury, &policy->checks[e->check], votes);
	if (up_ms >= 0)
		live_came_back(live, i, up_ms);
}

/* Endpoint number ${i}, to ${live}.  Returns the seconds until a change that
 * has begun may alter it. */
static uint32_t
judge_endpoint(struct health *health, const struct policy *policy,
    struct live *live, uint32_t i)
{
	const struct policy_endpoint *e = &policy->endpoints[i];
	bool resolved = e->resolved != STEERING_NONE;
	struct endpoint_votes *votes;
	struct jury_word word;

	if (e->check == STEERING_NONE && !resolved) {
		live->endpoint[i] = USABLE_YES;
		return LIVE_NOT_PENDING;
	}
	votes = jury_votes(health->jury, policy, i);
	if (votes == NULL)
		return LIVE_NOT_PENDING;
	jury_judge(health->jury, policy, i, votes, &word);
	if (resolved) {
		live_resolve(live, policy, i, word.known, word.n);
	} else {
		live->endpoint[i] = (int8_t)word.verdict.usable;
		live->presumed[i] = word.verdict.presumed;
	}
	note_return(health, policy, votes, live, i);
	return word.verdict.pending_s;
}

struct overlay *
health_overlay(struct health *health)
{
	return health->overlay;
}

struct live *
health_live(struct health *health, const struct policy *policy, int64_t mono_ms)
{
	struct live *live = make_live(health, policy);

	if (live == NULL)
		return NULL;
	jury_sit(health->jury, policy, mono_ms);
	live->stale =
	    jury_vantages(health->jury)->n > 0 && health_stale(health, mono_ms);
	for (uint32_t i = 0; i < policy->n_endpoints; i++)
		live->pending_s[i] = judge_endpoint(health, policy, live, i);
	(void)overlay_apply(health->overlay, policy, live, mono_ms);
	slow_start_lay(live, policy);
	live_judge(live, policy);
	return live;
}

int64_t
health_age_ms(const struct health *health, int64_t mono_ms)
{
	const struct vantage_table *vantages = jury_vantages(health->jury);
	int64_t last = -1;

	for (uint32_t i = 0; i < vantages->n; i++)
		if (vantages->of[i].arrived_ms > last)
			last = vantages->of[i].arrived_ms;
	return last < 0 ? -1 : mono_ms - last;
}

size_t
health_vantages(const struct health *health, int64_t mono_ms,
    struct health_vantage *out, size_t size)
{
	const struct vantage_table *vantages = jury_vantages(health->jury);
	size_t n = 0;

	for (uint32_t i = 0; i < vantages->n; i++) {
		const struct vantage *v = &vantages->of[i];
		enum vantage_state state = vantage_state(vantages, v, mono_ms);

		if (!v->listed && state == VANTAGE_STALE)
			continue;
		if (n++ >= size)
			continue;
		out[n - 1] = (struct health_vantage){
		    .state = state,
		    .ended = v->ended,
		    .arrived_ms = v->arrived_ms,
		    .heartbeat_ms = v->heartbeat_ms,
		    .ahead_ms = v->ahead_ms,
		    .blind = v->sight.state == SIGHT_BLIND,
		    .compared = v->sight.compared,
		    .missed = v->sight.missed,
		};
		memcpy(out[n - 1].region, v->region, sizeof(out[n - 1].region));
		memcpy(out[n - 1].node, v->node, sizeof(out[n - 1].node));
		memcpy(out[n - 1].name, v->name, sizeof(v->name));
		memcpy(out[n - 1].version, v->version, sizeof(v->version));
	}
	return n;
}

bool
health_stale(const struct health *health, int64_t mono_ms)
{
	const struct vantage_table *vantages = jury_vantages(health->jury);

	for (uint32_t i = 0; i < vantages->n; i++)
		if (vantage_state(vantages, &vantages->of[i], mono_ms) !=
		    VANTAGE_STALE)
			return false;
	return true;
}
