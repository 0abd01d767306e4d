/*
 * One endpoint while it is probed: its turns, what its checks find, its row and
 * its events.  Called by the prober on its loop.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "probes/prober_parts.h"
#include "probes/schedule.h"

/* --- rows --- */

void
probe_mark(struct probe *p)
{
	/* An address that clients are led to by a CNAME has no row. */
	if (p->dirty || (p->address != NULL && !p->target->published))
		return;
	p->dirty = true;
	p->next_dirty = p->prober->dirty;
	p->prober->dirty = p;
}

static void
fill_key(const struct probe *p, char vantage[STATE_NAME], char zone[STATE_ZONE],
    char pool[STATE_NAME], char endpoint[STATE_NAME])
{
	snprintf(vantage, STATE_NAME, "%s", p->prober->vantage);
	snprintf(zone, STATE_ZONE, "%s", p->target->key.zone);
	snprintf(pool, STATE_NAME, "%s", p->target->key.pool);
	snprintf(endpoint, STATE_NAME, "%s", p->target->key.endpoint);
}

void
probe_unmark(struct probe *p)
{
	struct probe **at = &p->prober->dirty;

	if (!p->dirty)
		return;
	while (*at != p)
		at = &(*at)->next_dirty;
	*at = p->next_dirty;
	p->dirty = false;
}

/* Why the endpoint is as it is.  What keeps us from looking matters more than
 * what we saw before; of a name both do. */
static void
fill_reason(const struct probe *p, char reason[STATE_REASON])
{
	const struct named *n = p->named;
	const char *why = p->verdict.reason, *name = "", *blind = p->blind;

	if (n != NULL)
		name = n->words;
	for (size_t i = 0; n != NULL && i < n->n && blind[0] == '\0'; i++)
		blind = n->addresses[i]->blind;
	if (blind[0] != '\0')
		snprintf(reason, STATE_REASON, "%s", blind);
	else if (why[0] != '\0' && name[0] != '\0')
		snprintf(reason, STATE_REASON, "%.*s; %.*s",
		    STATE_REASON / 2 - 2, why, STATE_REASON / 2 - 1, name);
	else
		snprintf(
		    reason, STATE_REASON, "%s", why[0] != '\0' ? why : name);
}

void
probe_fill(const struct probe *p, struct state_endpoint *row)
{
	const struct verdict *v = &p->verdict;

	memset(row, 0, sizeof(*row));
	fill_key(p, row->vantage, row->zone, row->pool, row->endpoint);
	row->health = v->health;
	fill_reason(p, row->reason);
	row->since_ms = v->since_ms;
	row->checked_ms = v->checked_ms;
	row->passes = v->passes;
	row->fails = v->fails;
	row->connect_us = p->connect_us;
	row->first_byte_us = p->first_byte_us;
	row->certificate_ms = row->first_token_us = -1;
}

void
probe_fill_address(const struct probe *p, struct state_address *row)
{
	const struct verdict *v = &p->verdict;

	memset(row, 0, sizeof(*row));
	fill_key(p, row->vantage, row->zone, row->pool, row->endpoint);
	address_format(&p->address->to.address, row->address);
	row->health = v->health;
	fill_reason(p, row->reason);
	row->since_ms = v->since_ms;
	row->checked_ms = v->checked_ms;
	row->passes = v->passes;
	row->fails = v->fails;
	row->connect_us = p->connect_us;
	row->first_byte_us = p->first_byte_us;
	row->resolved_ms = p->address->seen_wall_ms;
}

/* An event has its own row and is never overwritten, unlike the endpoint's. */
static void
record_event(
    const struct probe *p, enum state_health before, const char *reason)
{
	struct state_event event;

	memset(&event, 0, sizeof(event));
	fill_key(p, event.vantage, event.zone, event.pool, event.endpoint);
	event.at_ms = p->verdict.since_ms;
	event.before = before;
	event.after = p->verdict.health;
	snprintf(event.reason, sizeof(event.reason), "%s", reason);
	state_recorder_event(p->prober->recorder, &event);
}

/* --- checks --- */

/* A check of ${p} could not be made: that is no failure of the endpoint. */
static void
went_blind(struct probe *p, const char *reason)
{
	struct prober *pr = p->prober;

	bool before = p->blind[0] != '\0';

	if (strcmp(p->blind, reason) == 0)
		return;
	snprintf(p->blind, sizeof(p->blind), "%s", reason);
	probe_mark(p);
	if (p->address != NULL)
		probe_mark(p->address->whole);
	if (before)
		return;
	pr->blind_reasons |=
	    pr->blind_news && strcmp(pr->blind_reason, reason) != 0;
	pr->blind_news = true;
	snprintf(pr->blind_reason, sizeof(pr->blind_reason), "%s", reason);
}

static void
say_change(const struct probe *p, enum state_health before, const char *reason)
{
	const struct target *t = p->target;
	char at[ADDRESS_TEXT + 8] = "", shown[ADDRESS_TEXT];

	if (p->address != NULL)
		snprintf(at, sizeof(at), " at %s",
		    address_format(&p->address->to.address, shown));
	if (p->verdict.health == HEALTH_DOWN)
		log_warn("%s %s %s%s is down: %s", t->key.zone, t->key.pool,
		    t->key.endpoint, at, reason);
	else
		log_info("%s %s %s%s is up%s", t->key.zone, t->key.pool,
		    t->key.endpoint, at, before == HEALTH_DOWN ? " again" : "");
}

void
probe_note(const struct probe *p, enum state_health before, const char *reason)
{
	say_change(p, before, reason);
	/* Of one address of several the endpoint's own change is the event. */
	if (p->address == NULL)
		record_event(p, before, reason);
}

/* The end of a check: count it, and write what came of it. */
static void
on_result(void *context, const struct attempt_result *result)
{
	struct probe *p = context;
	struct verdict *v = &p->verdict;
	const struct check_config *check = p->target->check;
	enum state_health before = v->health;
	bool changed;

	p->attempt = NULL;
	if (result->outcome == ATTEMPT_UNMADE) {
		went_blind(p, result->reason);
		return;
	}
	if (p->blind[0] != '\0') {
		p->blind[0] = '\0';
		p->prober->blind_news = true;
	}
	if (result->outcome != ATTEMPT_FAILED)
		changed = verdict_pass(v, check->rise, clock_wall_ms());
	else
		changed = verdict_fail(
		    v, check->fall, result->reason, clock_wall_ms());
	if (result->outcome == ATTEMPT_FAILED)
		log_debug("%s %s %s failed: %s", p->target->key.zone,
		    p->target->key.pool, p->target->key.endpoint,
		    result->reason);
	p->connect_us = result->connect_us;
	p->first_byte_us = result->first_byte_us;
	probe_mark(p);
	if (changed)
		probe_note(p, before, v->reason);
	if (p->address != NULL)
		named_judge(p->address->whole->named);
}

static const struct attempt_calls calls = {.done = on_result};

static struct attempt_ask
ask_of(const struct probe *p)
{
	return (struct attempt_ask){.to = p->target->addresses,
	    .n = p->target->n_addresses,
	    .check = p->target->check};
}

static void on_turn(uv_timer_t *timer);

static void
await_turn(struct probe *p, uint64_t turn_ms)
{
	uint64_t now = uv_now(&p->prober->loop);

	p->turn_ms = turn_ms;
	uv_timer_start(
	    &p->timer, on_turn, turn_ms > now ? turn_ms - now : 0, 0);
}

void
probe_begin(struct probe *p)
{
	const struct target *t = p->target;

	if (p->named != NULL)
		named_begin(p->named);
	if (p->named != NULL || t->check == NULL)
		return;
	await_turn(p,
	    schedule_first(uv_now(&p->prober->loop), t->hash,
		t->check->every_ms, p->prober->window_ms));
}

/* Await the next turn.  Those that passed are not made up for: their number. */
static uint64_t
await_next(struct probe *p)
{
	const struct check_config *check = p->target->check;
	uint64_t every = check->every_ms;
	uint64_t phase = schedule_phase(p->target->hash, every);
	uint64_t now = uv_now(&p->prober->loop);
	uint64_t next =
	    schedule_after(p->turn_ms, phase, every, check->timeout_ms);

	if (next > now) {
		await_turn(p, next);
		return 0;
	}
	await_turn(p, schedule_next(now, phase, every));
	return (now - next) / every + 1;
}

/* Not by the time of the loop, which stands still while it works. */
static void
note_lateness(struct probe *p, uint64_t turn_ms, uint64_t missed)
{
	uint64_t now = uv_hrtime() / 1000000;

	lateness_turn(
	    &p->prober->lateness, now > turn_ms ? now - turn_ms : 0, missed);
}

static void
on_turn(uv_timer_t *timer)
{
	struct probe *p = timer->data;
	uint64_t turn_ms = p->turn_ms;
	struct attempt_ask ask;

	if (p->attempt != NULL)
		attempt_expire(p->attempt);
	note_lateness(p, turn_ms, await_next(p));
	ask = ask_of(p);
	p->attempt = attempt_start(p->prober->checker, &ask, &calls, p);
	if (p->attempt == NULL)
		went_blind(p, "probe: no memory");
}

bool
probe_follow(struct probe *p, const struct target *target)
{
	bool same = target_same(p->target, target);
	struct attempt_ask ask;

	p->target = target;
	ask = ask_of(p);
	/* What an old check found says nothing of what nobody checks. */
	if (!same && target->check == NULL) {
		verdict_init(&p->verdict, clock_wall_ms());
		probe_mark(p);
	}
	if (p->named != NULL) {
		named_follow(p->named, same);
		return same;
	}
	if (same) {
		if (p->attempt != NULL)
			attempt_follow(p->attempt, &ask);
		return true;
	}
	if (p->attempt != NULL)
		attempt_cancel(p->attempt);
	p->attempt = NULL;
	uv_timer_stop(&p->timer);
	if (p->prober->checking)
		probe_begin(p);
	return false;
}

struct probe *
probe_create(struct prober *pr, const struct target *target)
{
	struct probe *p = calloc(1, sizeof(*p));

	if (p == NULL)
		return NULL;
	p->prober = pr;
	p->target = target;
	p->connect_us = p->first_byte_us = -1;
	verdict_init(&p->verdict, clock_wall_ms());
	if (target->name != NULL && (p->named = named_create(p)) == NULL) {
		free(p);
		return NULL;
	}
	uv_timer_init(&pr->loop, &p->timer);
	p->timer.data = p;
	return p;
}

static void
on_probe_closed(uv_handle_t *handle)
{
	struct probe *p = handle->data;

	free(p->address);
	free(p);
}

void
probe_close(struct probe *p)
{
	if (p->attempt != NULL)
		attempt_cancel(p->attempt);
	if (p->named != NULL)
		named_close(p->named);
	uv_close((uv_handle_t *)&p->timer, on_probe_closed);
}
