/*
 * One endpoint while it is probed: its turns, what its checks find, its row and
 * its events.  Called by the prober on its loop.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "probes/prober_parts.h"
#include "probes/schedule.h"

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

	tally_load(&p->prober->tally, p->tally, what, reason);
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
	fill_hold(p, &row->held_ms, &row->hold_ms);
}

enum state_health
probe_told(const struct verdict *v)
{
	return v->health == HEALTH_UP && v->degraded[0] != '\0'
	    ? HEALTH_DEGRADED
	    : v->health;
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
	/* What came in maintenance and is over was told to nobody; that
	 * something is up at first is no news. */
	if (p->in_maintenance && before == HEALTH_UNKNOWN &&
	    change.event.after == HEALTH_UP)
		p->told = HEALTH_UP;
	if (p->in_maintenance || p->told == change.event.after)
		return;
	p->told = change.event.after;
	hooks_change(p->prober->hooks, &change);
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
		    address_format(&p->address->to.address, shown));
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

/* What all its checks say by now: its state, its row, an event. */
static void
judge(struct probe *p)
{
	const struct check_config *check = p->target->check;
	const struct panel_rules rules = {.need = 1,
	    .fail_back_ms = check->fail_back_ms,
	    .damping = check->damping,
	    .maintenance = maintenance_look(p)};
	const struct panel_vote vote = {.plan = &p->plan.verdict,
	    .deep = p->deep != NULL ? &p->deep->verdict : NULL};
	struct verdict *v = &p->verdict;
	enum state_health before = probe_told(v);
	int64_t now = clock_wall_ms(), was_ms = now - v->since_ms;

	if (panel_judge(&p->panel, &rules, &vote, 1, now, clock_mono_ms(), v))
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
	judge(timer->data);
}

/* Generations begin when the endpoint answers: spread over their period, so
 * that a start costs a region no wave of them.  An engine that was dead is
 * looked at soon after its page is back. */
static void
begin_deep(struct probe *p)
{
	const struct verdict *plan = &p->plan.verdict;
	const struct check_config *check = p->target->check;

	if (p->deep == NULL || plan->health != HEALTH_UP)
		return;
	if (!p->deep->waits)
		task_begin(p->deep, check->deep.every_ms);
	else if (p->deep->verdict.health == HEALTH_DOWN &&
	    plan->passes == check->plan.rise)
		task_begin(p->deep, check->every_ms);
}

/* The end of a check: count it, and write what came of it. */
static void
on_judged(void *context, struct task *task, const struct attempt_result *result)
{
	struct probe *p = context;

	tally_result(&p->prober->tally, p->tally, task == p->deep, result);
	if (result->outcome == ATTEMPT_UNMADE) {
		went_blind(p, result->reason);
		return;
	}
	if (p->blind[0] != '\0') {
		p->blind[0] = '\0';
		p->prober->blind_news = true;
	}
	if (result->outcome == ATTEMPT_FAILED)
		log_debug("%s %s %s failed: %s%s", p->target->key.zone,
		    p->target->key.pool, p->target->key.endpoint,
		    task == p->deep ? STATE_DEEP : "", result->reason);
	if (task == p->deep && p->load != NULL &&
	    result->outcome != ATTEMPT_FAILED)
		meter_busy(&p->load->meter, result->outcome == ATTEMPT_BUSY);
	if (task == p->deep) {
		p->first_token_us =
		    result->outcome == ATTEMPT_PASSED ? result->total_us : -1;
	} else {
		p->connect_us = result->connect_us;
		p->first_byte_us = result->first_byte_us;
		if (result->certificate_ends_ms > 0)
			p->certificate_ms = result->certificate_ends_ms;
		begin_deep(p);
	}
	judge(p);
}

static void
on_header(void *context, const char *name, const char *value)
{
	struct probe *p = context;

	if (p->load != NULL)
		load_task_header(p->load, name, value);
}

static void
on_turned(void *context, uint64_t late_ms, uint64_t missed)
{
	struct probe *p = context;

	lateness_turn(&p->prober->lateness, late_ms, missed);
	tally_turn(&p->prober->tally, late_ms, missed);
}

void
probe_own_tasks(struct prober *pr)
{
	pr->owner = (struct task_owner){.loop = &pr->loop,
	    .checker = pr->checker,
	    .gate = pr->gate,
	    .turned = on_turned,
	    .judged = on_judged,
	    .header = on_header};
}

static struct attempt_ask
ask_of(const struct probe *p, bool deep)
{
	return (struct attempt_ask){.to = p->target->addresses,
	    .n = p->target->n_addresses,
	    .check = p->target->check,
	    .deep = deep,
	    .programs = p->prober->programs,
	    .key = &p->target->key};
}

void
probe_begin(struct probe *p)
{
	const struct target *t = p->target;

	if (p->named != NULL)
		named_begin(p->named);
	if (p->named != NULL || t->check == NULL)
		return;
	task_begin(&p->plan, p->prober->window_ms);
	begin_deep(p);
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
on_closed(uv_handle_t *handle)
{
	struct task *task = handle->data;
	struct probe *p = task->context;

	if (task != &p->plan)
		free(task);
	close_one(p);
}

static void
on_later_closed(uv_handle_t *handle)
{
	close_one(handle->data);
}

/* The generations that its check asks for now, and no others. */
static void
follow_deep(struct probe *p, bool same)
{
	const struct check_config *check = p->target->check;
	struct attempt_ask ask = ask_of(p, true);
	bool wanted =
	    check != NULL && check->deep.n_steps > 0 && p->named == NULL;

	if (p->deep != NULL && wanted && same) {
		task_follow(p->deep, &ask);
		return;
	}
	if (p->deep != NULL)
		task_close(p->deep, on_closed);
	p->deep = wanted ? malloc(sizeof(*p->deep)) : NULL;
	p->first_token_us = -1;
	if (p->deep == NULL)
		return;
	task_init(p->deep, &p->prober->owner, p, &ask,
	    p->target->hash * UINT64_C(0x9e3779b97f4a7c15), clock_wall_ms());
	p->open++;
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
	bool wanted = t->check != NULL && t->load_at != NULL;

	if (p->load != NULL && wanted) {
		load_task_follow(p->load, t->check, t->load_at);
		return;
	}
	if (p->load != NULL)
		load_task_close(p->load, on_load_closed);
	p->load = wanted ? malloc(sizeof(*p->load)) : NULL;
	if (p->load == NULL)
		return;
	load_task_init(p->load, &p->prober->owner, &load_calls, p, t->check,
	    t->load_at, t->hash * UINT64_C(0xd1342543de82ef95));
	p->open++;
	if (p->prober->checking)
		load_task_begin(p->load);
}

static void
find_tally(struct probe *p)
{
	const struct target *t = p->target;

	if (t->check != NULL)
		p->tally =
		    tally_find(&p->prober->tally, t->key.zone, t->check->name);
}

bool
probe_follow(struct probe *p, const struct target *target)
{
	bool same = target_same(p->target, target);
	struct attempt_ask ask;

	p->target = target;
	find_tally(p);
	ask = ask_of(p, false);
	/* What an old check found says nothing of what nobody checks. */
	if (!same && target->check == NULL) {
		verdict_init(&p->verdict, clock_wall_ms());
		probe_mark(p);
	}
	if (p->named != NULL) {
		named_follow(p->named, same);
		return same;
	}
	follow_load(p);
	if (same) {
		task_follow(&p->plan, &ask);
		follow_deep(p, true);
		return true;
	}
	task_stop(&p->plan);
	uv_timer_stop(&p->later);
	p->certificate_ms = -1;
	p->plan.ask = ask;
	p->plan.hash = target->hash;
	follow_deep(p, false);
	if (p->prober->checking)
		probe_begin(p);
	return false;
}

/* What its generations had brought down stays so until one passes: its requests
 * passed then. */
static void
restore_checks(struct probe *p, const struct state_endpoint *row)
{
	struct state_endpoint deep = *row;
	bool engine_down = p->deep != NULL && row->health == HEALTH_DOWN &&
	    state_is_deep(row->reason);

	if (!engine_down) {
		verdict_restore(&p->plan.verdict, row);
		return;
	}
	snprintf(deep.reason, sizeof(deep.reason), "%s",
	    row->reason + strlen(STATE_DEEP));
	verdict_restore(&p->deep->verdict, &deep);
	deep.health = HEALTH_UP;
	deep.reason[0] = '\0';
	verdict_restore(&p->plan.verdict, &deep);
}

void
probe_restore(struct probe *p, const struct state_endpoint *row)
{
	if (p->verdict.checked_ms == 0) {
		p->connect_us = row->connect_us;
		p->first_byte_us = row->first_byte_us;
		p->first_token_us = row->first_token_us;
		p->certificate_ms = row->certificate_ms;
	}
	verdict_restore(&p->verdict, row);
	restore_checks(p, row);
	panel_restore(&p->panel, &p->target->check->damping, row->held_ms,
	    row->hold_ms, clock_wall_ms(), clock_mono_ms());
	maintenance_restore(p, row);
}

struct probe *
probe_create(struct prober *pr, const struct target *target)
{
	struct probe *p = calloc(1, sizeof(*p));
	struct attempt_ask ask;

	if (p == NULL)
		return NULL;
	p->prober = pr;
	p->target = target;
	find_tally(p);
	p->connect_us = p->first_byte_us = p->first_token_us = -1;
	p->certificate_ms = p->maintenance_ms = -1;
	p->told = HEALTH_UNKNOWN;
	verdict_init(&p->verdict, clock_wall_ms());
	panel_init(&p->panel);
	if (target->name != NULL && (p->named = named_create(p)) == NULL) {
		free(p);
		return NULL;
	}
	ask = ask_of(p, false);
	task_init(&p->plan, &pr->owner, p, &ask, target->hash, clock_wall_ms());
	uv_timer_init(&pr->loop, &p->later);
	p->later.data = p;
	p->open = 2;
	follow_deep(p, false);
	follow_load(p);
	return p;
}

void
probe_close(struct probe *p)
{
	if (p->named != NULL)
		named_close(p->named);
	if (p->deep != NULL)
		task_close(p->deep, on_closed);
	if (p->load != NULL)
		load_task_close(p->load, on_load_closed);
	task_close(&p->plan, on_closed);
	uv_close((uv_handle_t *)&p->later, on_later_closed);
}
