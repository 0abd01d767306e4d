/*
 * One endpoint while it is probed: its checks, its state by what they find, its
 * row and its events.  Called by the prober on its loop.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "probes/prober_parts.h"
#include "probes/checks/schedule.h"

/* --- rows --- */

static void
mark(struct probe *p)
{
	if (p->dirty)
		return;
	p->dirty = true;
	p->next_dirty = p->prober->dirty;
	p->prober->dirty = p;
}

void
probe_mark(struct probe *p)
{
	/* An address that clients are led to by a CNAME has no row. */
	if (p->address != NULL && !p->target->published)
		return;
	p->row = true;
	mark(p);
}

static void
on_load(void *context)
{
	struct probe *p = context;

	p->load_row = true;
	mark(p);
}

static void
on_load_turned(void *context, uint64_t late_ms, uint64_t missed)
{
	struct probe *p = context;

	tally_load_turn(&p->prober->tally, late_ms, missed);
}

static void
on_load_ended(void *context, enum load_reading what, const char *reason)
{
	struct probe *p = context;

	tally_load(&p->prober->tally, p->load_tally, what, reason);
}

static const struct load_task_calls load_calls = {
    .changed = on_load, .turned = on_load_turned, .ended = on_load_ended};

void
probe_mark_all(struct probe *p)
{
	probe_mark(p);
	if (p->load != NULL)
		on_load(p);
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
	const char *why = p->verdict.reason, *name = "",
		   *blind = probe_blind(p);

	if (n != NULL)
		name = n->words;
	for (size_t i = 0; n != NULL && i < n->n && blind[0] == '\0'; i++)
		blind = probe_blind(n->addresses[i]);
	if (blind[0] != '\0')
		snprintf(reason, STATE_REASON, "%s", blind);
	else if (why[0] != '\0' && name[0] != '\0')
		snprintf(reason, STATE_REASON, "%.*s; %.*s",
		    STATE_REASON / 2 - 2, why, STATE_REASON / 2 - 1, name);
	else
		snprintf(
		    reason, STATE_REASON, "%s", why[0] != '\0' ? why : name);
}

static void
fill_hold(const struct probe *p, int64_t *held_ms, int64_t *hold_ms)
{
	*held_ms = panel_held(&p->panel, clock_wall_ms(), clock_mono_ms());
	*hold_ms = *held_ms < 0 ? -1 : (int64_t)p->panel.hold_ms;
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
	snprintf(row->degraded, sizeof(row->degraded), "%s", v->degraded);
	row->certificate_ms = p->certificate_ms;
	row->first_token_us = p->first_token_us;
	row->maintenance_ms = p->maintenance_ms;
	snprintf(
	    row->maintenance, sizeof(row->maintenance), "%s", p->maintenance);
	row->told = p->told;
	fill_hold(p, &row->held_ms, &row->hold_ms);
}

void
probe_fill_load(const struct probe *p, struct state_load *row)
{
	memset(row, 0, sizeof(*row));
	fill_key(p, row->vantage, row->zone, row->pool, row->endpoint);
	if (p->load != NULL)
		load_task_row(p->load, row);
}

void
probe_fill_address(const struct probe *p, struct state_address *row)
{
	const struct verdict *v = &p->verdict;

	memset(row, 0, sizeof(*row));
	fill_key(p, row->vantage, row->zone, row->pool, row->endpoint);
	address_format(&p->address->address, row->address);
	row->health = v->health;
	fill_reason(p, row->reason);
	row->since_ms = v->since_ms;
	row->checked_ms = v->checked_ms;
	row->passes = v->passes;
	row->fails = v->fails;
	row->connect_us = p->connect_us;
	row->first_byte_us = p->first_byte_us;
	row->resolved_ms = p->address->seen_wall_ms;
	fill_hold(p, &row->held_ms, &row->hold_ms);
}

enum state_health
probe_told(const struct verdict *v)
{
	return v->health == HEALTH_UP && v->degraded[0] != '\0'
	    ? HEALTH_DEGRADED
	    : v->health;
}

int64_t
probe_stood_ms(const struct probe *p, int64_t now_ms)
{
	const struct verdict *v = &p->verdict;

	if (probe_told(v) == HEALTH_DEGRADED)
		return p->weak_ms > 0 ? now_ms - p->weak_ms : -1;
	if (v->health == HEALTH_UP && p->weak_ms > v->since_ms)
		return now_ms - p->weak_ms;
	return now_ms - v->since_ms;
}

void
probe_change(const struct probe *p, enum state_health before, int64_t was_ms,
    const char *reason, struct hook_change *change)
{
	struct state_event *event = &change->event;

	memset(change, 0, sizeof(*change));
	fill_key(p, event->vantage, event->zone, event->pool, event->endpoint);
	event->at_ms = clock_wall_ms();
	event->before = before;
	event->after = probe_told(&p->verdict);
	snprintf(event->reason, sizeof(event->reason), "%s", reason);
	change->was_ms = before == HEALTH_UNKNOWN ? -1 : was_ms;
	snprintf(
	    change->region, sizeof(change->region), "%s", p->target->region);
}

/* An event has its own row and is never overwritten, unlike the endpoint's. */
static void
record_event(struct probe *p, enum state_health before, int64_t was_ms,
    const char *reason)
{
	struct hook_change change;

	probe_change(p, before, was_ms, reason, &change);
	if (p->in_maintenance)
		maintenance_mark(p, change.event.reason);
	state_recorder_event(p->prober->recorder, &change.event);
	p->prober->events++;
	/* What came in maintenance and is over was told to nobody; that
	 * something is up at first is no news. */
	if (p->in_maintenance && before == HEALTH_UNKNOWN &&
	    change.event.after == HEALTH_UP)
		p->told = HEALTH_UP;
	if (p->in_maintenance || p->told == change.event.after)
		return;
	p->told = change.event.after;
	prober_tell(p->prober, &change);
}

/* --- the state --- */

/* How long it was what it was, " after 3 h". */
static const char *
show_length(int64_t ms, char out[32])
{
	static const struct {
		int64_t ms;
		const char *unit;
	} units[] = {
	    {86400000, "d"}, {3600000, "h"}, {60000, "min"}, {1000, "s"}};

	out[0] = '\0';
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++)
		if (ms >= 2 * units[i].ms || units[i].ms == 1000) {
			snprintf(out, 32, " after %" PRId64 " %s",
			    ms / units[i].ms, units[i].unit);
			break;
		}
	return out;
}

static void
say_change(const struct probe *p, enum state_health before, int64_t was_ms,
    const char *reason)
{
	const struct target *t = p->target;
	bool quiet =
	    (p->address != NULL ? p->address->whole : p)->in_maintenance;
	const char *in = quiet ? " in maintenance" : "";
	void (*bad)(const char *fmt, ...) = quiet ? log_info : log_warn;
	char at[ADDRESS_TEXT + 8] = "", shown[ADDRESS_TEXT], length[32] = "";

	if (p->address != NULL)
		snprintf(at, sizeof(at), " at %s",
		    address_format(&p->address->address, shown));
	if (before != HEALTH_UNKNOWN && was_ms >= 0)
		show_length(was_ms, length);
	if (p->verdict.health == HEALTH_DOWN)
		bad("%s %s %s%s is down%s%s: %s", t->key.zone, t->key.pool,
		    t->key.endpoint, at, in, length, reason);
	else if (probe_told(&p->verdict) == HEALTH_DEGRADED)
		bad("%s %s %s%s is degraded%s%s: %s", t->key.zone, t->key.pool,
		    t->key.endpoint, at, in, length, p->verdict.degraded);
	else
		log_info("%s %s %s%s is up%s%s%s", t->key.zone, t->key.pool,
		    t->key.endpoint, at,
		    before == HEALTH_DOWN || before == HEALTH_DEGRADED
			? " again"
			: "",
		    in, length);
}

void
probe_note(struct probe *p, enum state_health before, int64_t was_ms,
    const char *reason)
{
	if (before == HEALTH_DEGRADED ||
	    probe_told(&p->verdict) == HEALTH_DEGRADED)
		p->weak_ms = clock_wall_ms();
	say_change(p, before, was_ms, reason);
	/* Of one address of several the endpoint's own change is the event. */
	if (p->address == NULL)
		record_event(p, before, was_ms, reason);
}

static void on_later(uv_timer_t *timer);

static void
await_later(struct probe *p, const struct panel_rules *rules)
{
	int64_t now = clock_mono_ms();
	int64_t at = panel_next(&p->panel, rules, &p->verdict, now);

	if (at < 0)
		uv_timer_stop(&p->later);
	else
		uv_timer_start(
		    &p->later, on_later, (uint64_t)(at - now) + 1, 0);
}

/* What counts for the endpoint as a whole, of checks that may say different
 * things: it has passed for as long as the most cautious of them asks, and is
 * damped by the first that says how. */
static struct panel_rules
rules_of(const struct probe *p, bool maintenance)
{
	const struct target *t = p->target;
	struct panel_rules rules = {
	    .need = t->need, .maintenance = maintenance};

	for (size_t i = 0; i < t->n_checks; i++) {
		const struct check_config *check = t->checks[i].check;

		if (check->fail_back_ms > rules.fail_back_ms)
			rules.fail_back_ms = check->fail_back_ms;
		if (rules.damping.changes == 0)
			rules.damping = check->damping;
	}
	/* One for which there was no memory cannot be up. */
	if (rules.need > p->n_checks)
		rules.need = (unsigned)p->n_checks;
	return rules;
}

void
probe_judge(struct probe *p)
{
	const struct panel_rules rules = rules_of(p, maintenance_look(p));
	struct panel_vote votes[CHECK_SET_MAX];
	struct verdict *v = &p->verdict;
	enum state_health before = probe_told(v);
	int64_t now = clock_wall_ms(), was_ms = probe_stood_ms(p, now);

	for (size_t i = 0; i < p->n_checks; i++)
		votes[i] = probe_check_vote(p->checks[i]);
	if (panel_judge(
		&p->panel, &rules, votes, p->n_checks, now, clock_mono_ms(), v))
		probe_note(p, before, was_ms,
		    probe_told(v) == HEALTH_DEGRADED ? v->degraded : v->reason);
	probe_mark(p);
	if (p->address != NULL)
		named_judge(p->address->whole->named);
	maintenance_end(p);
	await_later(p, &rules);
}

static void
on_later(uv_timer_t *timer)
{
	probe_judge(timer->data);
}

const char *
probe_blind(const struct probe *p)
{
	for (size_t i = 0; i < p->n_checks; i++)
		if (p->checks[i]->blind[0] != '\0')
			return p->checks[i]->blind;
	return "";
}

void
probe_find_certificate(struct probe *p)
{
	p->certificate_ms = -1;
	for (size_t i = 0; i < p->n_checks; i++) {
		int64_t ends = p->checks[i]->certificate_ms;

		if (ends >= 0 &&
		    (p->certificate_ms < 0 || ends < p->certificate_ms))
			p->certificate_ms = ends;
	}
}

const struct probe_check *
probe_first_deep(const struct probe *p)
{
	for (size_t i = 0; i < p->n_checks; i++)
		if (p->checks[i]->deep != NULL)
			return p->checks[i];
	return NULL;
}

/* --- its checks --- */

void
probe_begin(struct probe *p)
{
	if (p->named != NULL)
		named_begin(p->named);
	for (size_t i = 0; i < p->n_checks; i++)
		probe_check_begin(p->checks[i]);
	if (p->load != NULL)
		load_task_begin(p->load);
}

/* One of its handles is closed; the last one frees it. */
static void
close_one(struct probe *p)
{
	if (--p->open > 0)
		return;
	free(p->address);
	free(p);
}

static void
on_later_closed(uv_handle_t *handle)
{
	close_one(handle->data);
}

/* Check number ${at} of its target is new; NULL without memory. */
static struct probe_check *
add_check(struct probe *p, size_t at)
{
	const struct target *t = p->target;
	struct probe_check *c = probe_check_create(p, at);

	if (c != NULL)
		p->checks[p->n_checks++] = c;
	else
		log_error("%s %s %s: no memory for check %s", t->key.zone,
		    t->key.pool, t->key.endpoint, t->checks[at].check->name);
	return c;
}

/* Which of the ${n} checks ${was}, of the target ${old}, goes on as ${check}:
 * the one of its name; or, for ${renamed} ones, what asks the same, and what
 * was the ${only} one and is.  ${n} when none does. */
static size_t
find_before(const struct target *old, struct probe_check *const *was, size_t n,
    const struct target_check *check, bool renamed, bool only)
{
	size_t i = 0;

	for (; i < n; i++) {
		const struct target_check *before;

		if (was[i] == NULL)
			continue;
		before = &old->checks[was[i]->at];
		if (renamed
			? only || target_check_same(before, check)
			: strcmp(before->check->name, check->check->name) == 0)
			break;
	}
	return i;
}

/* Those of ${was} that go on as checks of ${t}, to ${now}, by number; what is
 * left of ${was} does not. */
static void
pair_checks(const struct target *old, struct probe_check **was, size_t n,
    const struct target *t, struct probe_check **now)
{
	bool only = n == 1 && t->n_checks == 1;

	for (int renamed = 0; renamed < 2; renamed++)
		for (size_t i = 0; i < t->n_checks; i++) {
			size_t k = now[i] != NULL
			    ? n
			    : find_before(old, was, n, &t->checks[i],
				  renamed != 0, only);

			if (k == n)
				continue;
			now[i] = was[k];
			was[k] = NULL;
		}
}

/* The checks of its target, which was ${old}: those that stay keep what they
 * know. */
static void
follow_checks(struct probe *p, const struct target *old)
{
	const struct target *t = p->target;
	struct probe_check *was[CHECK_SET_MAX], *now[CHECK_SET_MAX] = {NULL};
	size_t n = p->n_checks;

	memcpy(was, p->checks, sizeof(was));
	pair_checks(old, was, n, t, now);
	p->n_checks = 0;
	for (size_t i = 0; i < t->n_checks; i++) {
		if (now[i] == NULL) {
			struct probe_check *c = add_check(p, i);

			if (c != NULL && p->prober->checking)
				probe_check_begin(c);
			continue;
		}
		p->checks[p->n_checks++] = now[i];
		probe_check_follow(now[i], i,
		    target_check_same(&old->checks[now[i]->at], &t->checks[i]));
	}
	for (size_t i = 0; i < n; i++)
		if (was[i] != NULL)
			probe_check_close(was[i]);
}

static void
on_load_closed(uv_handle_t *handle)
{
	struct load_task *load = handle->data;
	struct probe *p = load->context;

	free(load);
	close_one(p);
}

/* What is measured stays, where load is still wanted. */
static void
follow_load(struct probe *p)
{
	const struct target *t = p->target;
	bool wanted = t->load_at != NULL;

	if (wanted)
		p->load_tally =
		    tally_find(&p->prober->tally, t->key.zone, t->load->name);
	if (p->load != NULL && wanted) {
		load_task_follow(p->load, t->load, t->load_at);
		return;
	}
	if (p->load != NULL)
		load_task_close(p->load, on_load_closed);
	p->load = wanted ? malloc(sizeof(*p->load)) : NULL;
	if (p->load == NULL)
		return;
	load_task_init(p->load, &p->prober->owner, &load_calls, p, t->load,
	    t->load_at, t->hash * UINT64_C(0xd1342543de82ef95));
	p->open++;
	if (p->prober->checking)
		load_task_begin(p->load);
}

bool
probe_follow(struct probe *p, const struct target *target)
{
	const struct target *old = p->target;
	bool same = target_same(old, target);

	p->target = target;
	/* What an old check found says nothing of what nobody checks. */
	if (!same && target->n_checks == 0) {
		verdict_init(&p->verdict, clock_wall_ms());
		probe_mark(p);
	}
	follow_load(p);
	if (p->named != NULL) {
		named_follow(p->named, same);
		return same;
	}
	follow_checks(p, old);
	if (same)
		return true;
	uv_timer_stop(&p->later);
	p->certificate_ms = p->first_token_us = -1;
	/* What is left of them, and how many it needs now, may say more than
	 * all did. */
	if (p->n_checks > 0)
		probe_judge(p);
	return false;
}

void
probe_restore(struct probe *p, const struct state_endpoint *row)
{
	struct panel_rules rules;

	if (p->verdict.checked_ms == 0) {
		p->connect_us = row->connect_us;
		p->first_byte_us = row->first_byte_us;
		p->first_token_us = row->first_token_us;
		p->certificate_ms = row->certificate_ms;
		p->panel.recalled = true;
	}
	verdict_restore(&p->verdict, row);
	for (size_t i = 0; i < p->n_checks; i++)
		probe_check_restore(p->checks[i], row);
	rules = rules_of(p, false);
	panel_restore(&p->panel, &rules.damping, row->held_ms, row->hold_ms,
	    clock_wall_ms(), clock_mono_ms());
	maintenance_restore(p, row);
}

struct probe *
probe_create(struct prober *pr, const struct target *target)
{
	struct probe *p = calloc(1, sizeof(*p));

	if (p == NULL)
		return NULL;
	p->prober = pr;
	p->target = target;
	p->connect_us = p->first_byte_us = p->first_token_us = -1;
	p->certificate_ms = p->maintenance_ms = -1;
	p->told = HEALTH_UNKNOWN;
	verdict_init(&p->verdict, clock_wall_ms());
	panel_init(&p->panel);
	if (target->name != NULL && (p->named = named_create(p)) == NULL) {
		free(p);
		return NULL;
	}
	uv_timer_init(&pr->loop, &p->later);
	p->later.data = p;
	p->open = 1;
	for (size_t i = 0; p->named == NULL && i < target->n_checks; i++)
		(void)add_check(p, i);
	follow_load(p);
	return p;
}

void
probe_close(struct probe *p)
{
	if (p->named != NULL)
		named_close(p->named);
	for (size_t i = 0; i < p->n_checks; i++)
		probe_check_close(p->checks[i]);
	if (p->load != NULL)
		load_task_close(p->load, on_load_closed);
	uv_close((uv_handle_t *)&p->later, on_later_closed);
}
