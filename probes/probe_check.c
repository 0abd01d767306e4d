/*
 * One check of an endpoint while it is probed: its requests and its generations
 * on their schedules, and what each finds.  Called by probes on their loop;
 * judges no endpoint.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/hash.h"
#include "base/log.h"
#include "probes/prober_parts.h"

static const struct target_check *
asked(const struct probe_check *c)
{
	return &c->probe->target->checks[c->at];
}

static const struct check_config *
config_of(const struct probe_check *c)
{
	return asked(c)->check;
}

/* The load of the endpoint, where answers to this check tell it; or NULL. */
static struct load_task *
load_of(const struct probe_check *c)
{
	const struct probe *p = c->probe;

	if (p->target->load != config_of(c))
		return NULL;
	return p->address != NULL ? p->address->whole->load : p->load;
}

/* --- results --- */

/* It could not be made: that is no failure of the endpoint. */
static void
went_blind(struct probe_check *c, const char *reason)
{
	struct prober *pr = c->probe->prober;
	bool before = c->blind[0] != '\0';

	if (strcmp(c->blind, reason) == 0)
		return;
	snprintf(c->blind, sizeof(c->blind), "%s", reason);
	probe_mark(c->probe);
	if (c->probe->address != NULL)
		probe_mark(c->probe->address->whole);
	if (before)
		return;
	pr->blind_reasons |=
	    pr->blind_news && strcmp(pr->blind_reason, reason) != 0;
	pr->blind_news = true;
	snprintf(pr->blind_reason, sizeof(pr->blind_reason), "%s", reason);
}

/* Generations begin when the endpoint answers: spread over their period, so
 * that a start costs a region no wave of them.  An engine that was dead is
 * looked at soon after its page is back. */
static void
begin_deep(struct probe_check *c)
{
	const struct verdict *plan = &c->plan.verdict;
	const struct check_config *check = config_of(c);

	if (c->deep == NULL || plan->health != HEALTH_UP)
		return;
	if (!c->deep->waits)
		task_begin(c->deep, check->deep.every_ms);
	else if (c->deep->verdict.health == HEALTH_DOWN &&
	    plan->passes == check->plan.rise)
		task_begin(c->deep, check->every_ms);
}

static void
say_failed(const struct probe_check *c, bool deep, const char *reason)
{
	const struct target *t = c->probe->target;
	bool several = t->n_checks > 1;

	log_debug("%s %s %s failed: %s%s%s%s", t->key.zone, t->key.pool,
	    t->key.endpoint, several ? config_of(c)->name : "",
	    several ? ": " : "", deep ? STATE_DEEP : "", reason);
}

/* The times that are told of an endpoint are those of its first check. */
static void
take_times(struct probe_check *c, const struct attempt_result *result)
{
	struct probe *p = c->probe;

	if (c == p->checks[0]) {
		p->connect_us = result->connect_us;
		p->first_byte_us = result->first_byte_us;
	}
	if (result->certificate_ends_ms > 0) {
		c->certificate_ms = result->certificate_ends_ms;
		probe_find_certificate(p);
	}
}

static void
take_generation(struct probe_check *c, const struct attempt_result *result)
{
	struct load_task *load = load_of(c);
	struct probe *p = c->probe;

	if (load != NULL && result->outcome != ATTEMPT_FAILED)
		meter_busy(&load->meter, result->outcome == ATTEMPT_BUSY);
	if (c == probe_first_deep(p))
		p->first_token_us =
		    result->outcome == ATTEMPT_PASSED ? result->total_us : -1;
}

/* The end of an attempt: count it, and write what came of it. */
static void
on_judged(void *context, struct task *task, const struct attempt_result *result)
{
	struct probe_check *c = context;
	struct prober *pr = c->probe->prober;
	bool deep = task == c->deep;

	tally_result(&pr->tally, c->tally, deep, result);
	if (result->outcome == ATTEMPT_UNMADE) {
		went_blind(c, result->reason);
		return;
	}
	if (c->blind[0] != '\0') {
		c->blind[0] = '\0';
		pr->blind_news = true;
	}
	if (result->outcome == ATTEMPT_FAILED)
		say_failed(c, deep, result->reason);
	if (deep) {
		take_generation(c, result);
	} else {
		take_times(c, result);
		begin_deep(c);
	}
	probe_judge(c->probe);
}

static void
on_header(void *context, const char *name, const char *value)
{
	struct load_task *load = load_of(context);

	if (load != NULL)
		load_task_header(load, name, value);
}

static void
on_turned(void *context, uint64_t late_ms, uint64_t missed)
{
	struct probe_check *c = context;
	struct prober *pr = c->probe->prober;

	lateness_turn(&pr->lateness, late_ms, missed);
	tally_turn(&pr->tally, late_ms, missed);
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

struct panel_vote
probe_check_vote(const struct probe_check *c)
{
	return (struct panel_vote){
	    .name = c->probe->target->n_checks > 1 ? config_of(c)->name : NULL,
	    .plan = &c->plan.verdict,
	    .deep = c->deep != NULL ? &c->deep->verdict : NULL};
}

/* --- its tasks --- */

static struct attempt_ask
ask_of(const struct probe_check *c, bool deep)
{
	const struct target_check *check = asked(c);

	return (struct attempt_ask){.to = check->addresses,
	    .n = check->n_addresses,
	    .check = check->check,
	    .deep = deep,
	    .programs = c->probe->prober->programs,
	    .key = &c->probe->target->key};
}

/* Checks of one endpoint have phases of their own, so that they do not come all
 * at once; that of the only one follows from the endpoint alone. */
static uint64_t
hash_of(const struct probe_check *c)
{
	const char *name = config_of(c)->name;
	uint64_t hash = c->probe->target->hash;

	return c->at == 0 ? hash : hash_bytes(name, strlen(name), hash);
}

static void
find_tally(struct probe_check *c)
{
	c->tally = tally_find(&c->probe->prober->tally,
	    c->probe->target->key.zone, config_of(c)->name);
}

/* One of its handles is closed; the last one frees it. */
static void
on_closed(uv_handle_t *handle)
{
	struct task *task = handle->data;
	struct probe_check *c = task->context;

	if (task != &c->plan)
		free(task);
	if (--c->open == 0)
		free(c);
}

/* The generations that it asks for now, and no others. */
static void
follow_deep(struct probe_check *c, bool same)
{
	struct attempt_ask ask = ask_of(c, true);
	bool wanted = config_of(c)->deep.n_steps > 0;

	if (c->deep != NULL && wanted && same) {
		task_follow(c->deep, &ask);
		return;
	}
	if (c->deep != NULL)
		task_close(c->deep, on_closed);
	c->deep = wanted ? malloc(sizeof(*c->deep)) : NULL;
	if (c->deep == NULL)
		return;
	task_init(c->deep, &c->probe->prober->owner, c, &ask,
	    hash_of(c) * UINT64_C(0x9e3779b97f4a7c15), clock_wall_ms());
	c->open++;
}

struct probe_check *
probe_check_create(struct probe *p, size_t at)
{
	struct probe_check *c = calloc(1, sizeof(*c));
	struct attempt_ask ask;

	if (c == NULL)
		return NULL;
	c->probe = p;
	c->at = at;
	c->certificate_ms = -1;
	find_tally(c);
	ask = ask_of(c, false);
	task_init(
	    &c->plan, &p->prober->owner, c, &ask, hash_of(c), clock_wall_ms());
	c->open = 1;
	follow_deep(c, false);
	return c;
}

void
probe_check_close(struct probe_check *c)
{
	if (c->deep != NULL)
		task_close(c->deep, on_closed);
	task_close(&c->plan, on_closed);
}

void
probe_check_begin(struct probe_check *c)
{
	task_begin(&c->plan, c->probe->prober->window_ms);
	begin_deep(c);
}

void
probe_check_follow(struct probe_check *c, size_t at, bool same)
{
	struct attempt_ask ask;

	c->at = at;
	find_tally(c);
	ask = ask_of(c, false);
	if (same) {
		task_follow(&c->plan, &ask);
		follow_deep(c, true);
		return;
	}
	task_stop(&c->plan);
	c->certificate_ms = -1;
	c->plan.ask = ask;
	c->plan.hash = hash_of(c);
	follow_deep(c, false);
	if (c->probe->prober->checking)
		probe_check_begin(c);
}

/* --- what an earlier run left --- */

/* What the ${reason} of an endpoint that is down begins with where generations
 * of ${c} are down: "deep: ", after the name of one of several checks. */
static const char *
find_deep(const struct probe_check *c, const char *reason)
{
	const char *name = config_of(c)->name;
	char begin[STATE_NAME + sizeof(": " STATE_DEEP)];

	if (c->probe->target->n_checks > 1)
		snprintf(begin, sizeof(begin), "%s: %s", name, STATE_DEEP);
	else
		snprintf(begin, sizeof(begin), "%s", STATE_DEEP);
	for (; reason != NULL; reason = strstr(reason, "; ")) {
		reason += strspn(reason, "; ");
		if (strncmp(reason, begin, strlen(begin)) == 0)
			return reason + strlen(begin);
	}
	return NULL;
}

/*
 * What is known of the endpoint is known of its only check; generations that
 * had brought it down stay down until one passes: its requests passed then.  Of
 * several checks the row does not say which were down: where the endpoint was,
 * each has to pass as often as one that was down; where it was up, it stays so
 * until they have failed.
 */
void
probe_check_restore(struct probe_check *c, const struct state_endpoint *row)
{
	bool several = c->probe->target->n_checks > 1;
	bool down = row->health == HEALTH_DOWN;
	struct state_endpoint own = *row;
	const char *deep = NULL;

	if (several && !down)
		return;
	if (several) {
		own.passes = own.fails = 0;
		own.reason[0] = '\0';
	}
	if (c->deep != NULL && down)
		deep = find_deep(c, row->reason);
	if (deep != NULL) {
		if (!several)
			snprintf(own.reason, sizeof(own.reason), "%s", deep);
		verdict_restore(&c->deep->verdict, &own);
		own.health = HEALTH_UP;
		own.reason[0] = '\0';
	}
	verdict_restore(&c->plan.verdict, &own);
}
