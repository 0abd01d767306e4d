/*
 * The loop of meridian-probe: turns, verdicts, rows, reloads, the end.  Called
 * by main(); never waits for the state database or for a file.
 */
#include "probes/prober.h"

#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/daemon.h"
#include "base/log.h"
#include "probes/attempt.h"
#include "probes/schedule.h"
#include "probes/verdict.h"
#include "state/recorder.h"

/* Results wait for at most this long and are then written in one transaction: a
 * change of health must be in the answers within 250 ms. */
#define TICK_MS 100

/* A vantage without a heartbeat is stale to the readers of the state database
 * after `stale.after`, which is 30 s where the file is silent. */
#define HEARTBEAT_MS 1000

/* At most one line of the log in so much time says what cannot be checked: a
 * host that is out of descriptors would have one a tick. */
#define SAY_MS 10000

/* How long the first checks wait for the state of the last run, which says what
 * was up and since when.  Checks must not wait for a database that is locked.
 */
#define RESTORE_MS 1000

struct prober;

/* A target while it is probed. */
struct probe {
	struct prober *prober;
	const struct target *target; /* in the table in use */
	uv_timer_t timer;            /* its next turn, which is at: */
	uint64_t turn_ms;            /* time of the loop */
	struct attempt *attempt;     /* the check under way, or NULL */
	struct verdict verdict;
	int64_t connect_us, first_byte_us; /* of the last check; -1 */
	char blind[STATE_REASON]; /* why the last could not be made; or "" */
	bool dirty;               /* its row is to be written */
	struct probe *next_dirty;
};

struct prober {
	uv_loop_t loop;
	const char *path;
	char *state;
	char vantage[STATE_NAME];
	struct target_table *table;
	struct probe **probes; /* one for each target, in the same order */
	struct http_checker *checker;
	struct state_recorder *recorder;
	uv_timer_t tick, begin;
	uv_signal_t hangup, terminate, interrupt;
	struct probe *dirty; /* rows to be written at the next tick */
	int64_t committed_ms;
	/* Of endpoints that cannot be checked, since the last line about them
	 * in the log: whether there is news, and more than one reason. */
	bool blind_news, blind_reasons;
	int64_t said_ms;
	char blind_reason[STATE_REASON]; /* of the last one */
	char trouble[256]; /* of the state database, as it was logged */
	bool ready;        /* to write rows */
	bool sweep;        /* all rows are given, and are all there are */
	bool checking, stopping;
	bool reloading, reload_again;
};

/* A reload on its way through the thread pool. */
struct reload {
	uv_work_t work;
	struct prober *prober;
	struct server_config *config;
	struct target_table *table;
	struct errbuf messages;
};

/* --- rows --- */

static void
mark_dirty(struct probe *p)
{
	if (p->dirty)
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

static void
fill_row(const struct probe *p, struct state_endpoint *row)
{
	const struct verdict *v = &p->verdict;

	memset(row, 0, sizeof(*row));
	fill_key(p, row->vantage, row->zone, row->pool, row->endpoint);
	row->health = v->health;
	/* What keeps us from looking matters more than what we saw before. */
	memcpy(row->reason, p->blind[0] != '\0' ? p->blind : v->reason,
	    sizeof(row->reason));
	row->since_ms = v->since_ms;
	row->checked_ms = v->checked_ms;
	row->passes = v->passes;
	row->fails = v->fails;
	row->connect_us = p->connect_us;
	row->first_byte_us = p->first_byte_us;
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

/* Give what changed to the database, and a heartbeat when it is time. */
static void
flush(struct prober *pr)
{
	int64_t now = clock_mono_ms();
	struct state_endpoint row;
	struct probe *p;

	if (pr->dirty == NULL && !pr->sweep &&
	    now - pr->committed_ms < HEARTBEAT_MS - TICK_MS)
		return;
	while ((p = pr->dirty) != NULL) {
		pr->dirty = p->next_dirty;
		p->dirty = false;
		fill_row(p, &row);
		state_recorder_endpoint(pr->recorder, &row);
	}
	if (pr->sweep)
		state_recorder_sweep(pr->recorder);
	pr->sweep = false;
	state_recorder_commit(pr->recorder);
	pr->committed_ms = now;
}

/* One line for all endpoints that cannot be checked now, however many. */
static void
say_blind(struct prober *pr)
{
	int64_t now = clock_mono_ms();
	size_t blind = 0;

	if (!pr->blind_news || (pr->said_ms != 0 && now - pr->said_ms < SAY_MS))
		return;
	for (size_t i = 0; i < pr->table->n; i++)
		blind += pr->probes[i]->blind[0] != '\0';
	if (blind > 0)
		log_warn("cannot check %zu of %zu endpoints (%s%s): their "
			 "health stays as it was",
		    blind, pr->table->n, pr->blind_reason,
		    pr->blind_reasons ? ", and other reasons" : "");
	else
		log_info("can check all endpoints again");
	pr->blind_news = pr->blind_reasons = false;
	pr->said_ms = now;
}

static void
on_tick(uv_timer_t *timer)
{
	struct prober *pr = timer->data;

	flush(pr);
	say_blind(pr);
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
	mark_dirty(p);
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

	if (p->verdict.health == HEALTH_DOWN)
		log_warn("%s %s %s is down: %s", t->key.zone, t->key.pool,
		    t->key.endpoint, reason);
	else
		log_info("%s %s %s is up%s", t->key.zone, t->key.pool,
		    t->key.endpoint, before == HEALTH_DOWN ? " again" : "");
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
	if (result->outcome == ATTEMPT_PASSED)
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
	mark_dirty(p);
	if (changed) {
		say_change(p, before, v->reason);
		record_event(p, before, v->reason);
	}
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

static void
await_first(struct probe *p)
{
	const struct target *t = p->target;

	await_turn(p,
	    schedule_first(
		uv_now(&p->prober->loop), t->hash, t->check->every_ms));
}

static void
await_next(struct probe *p)
{
	const struct check_config *check = p->target->check;
	uint64_t every = check->every_ms;
	uint64_t phase = schedule_phase(p->target->hash, every);
	uint64_t now = uv_now(&p->prober->loop);
	uint64_t next =
	    schedule_after(p->turn_ms, phase, every, check->timeout_ms);

	/* Turns that passed are not made up for. */
	await_turn(p, next > now ? next : schedule_next(now, phase, every));
}

static void
on_turn(uv_timer_t *timer)
{
	struct probe *p = timer->data;

	if (p->attempt != NULL)
		attempt_expire(p->attempt);
	await_next(p);
	p->attempt = attempt_start(p->prober->checker, p->target, on_result, p);
	if (p->attempt == NULL)
		went_blind(p, "probe: no memory");
}

static void
begin_checking(struct prober *pr)
{
	if (pr->checking || pr->stopping)
		return;
	pr->checking = true;
	uv_timer_stop(&pr->begin);
	uv_update_time(&pr->loop);
	for (size_t i = 0; i < pr->table->n; i++)
		await_first(pr->probes[i]);
}

static void
on_begin(uv_timer_t *timer)
{
	begin_checking(timer->data);
}

/* A probe without a turn yet; its health is unknown. */
static struct probe *
probe_create(struct prober *pr, const struct target *target)
{
	struct probe *p = calloc(1, sizeof(*p));

	if (p == NULL)
		return NULL;
	p->prober = pr;
	p->target = target;
	p->connect_us = p->first_byte_us = -1;
	verdict_init(&p->verdict, clock_wall_ms());
	uv_timer_init(&pr->loop, &p->timer);
	p->timer.data = p;
	return p;
}

static void
on_probe_closed(uv_handle_t *handle)
{
	free(handle->data);
}

/* ${p} must not be in the list of dirty ones. */
static void
probe_close(struct probe *p)
{
	if (p->attempt != NULL)
		attempt_cancel(p->attempt);
	uv_close((uv_handle_t *)&p->timer, on_probe_closed);
}

/* --- the state database --- */

/* The endpoint of ${p} is in no file any more: its row is deleted, now or when
 * rows can be written again. */
static void
forget(struct prober *pr, const struct probe *p)
{
	struct state_endpoint row;

	fill_row(p, &row);
	if (pr->ready)
		state_recorder_forget(pr->recorder, &row);
}

/* One row of the last run, of an endpoint that may be gone by now. */
static void
on_restored(void *context, const struct state_endpoint *row)
{
	struct prober *pr = context;
	struct endpoint_key key = endpoint_key_of(row);
	size_t i = target_find(pr->table, &key);
	struct probe *p;

	if (i == pr->table->n)
		return;
	p = pr->probes[i];
	if (p->verdict.checked_ms == 0) {
		p->connect_us = row->connect_us;
		p->first_byte_us = row->first_byte_us;
	}
	verdict_restore(&p->verdict, row);
}

/* The database can be written.  All rows are written again: it may be a new
 * file, or one that missed what happened while it could not be written.  What
 * it has besides is of endpoints that are gone. */
static void
on_ready(void *context)
{
	struct prober *pr = context;

	pr->ready = true;
	for (size_t i = 0; i < pr->table->n; i++)
		mark_dirty(pr->probes[i]);
	pr->sweep = true;
	begin_checking(pr);
}

/* The database cannot be written, or NULL: it can again.  Checks do not wait.
 */
static void
on_trouble(void *context, const char *why)
{
	struct prober *pr = context;

	if (why == NULL && pr->trouble[0] != '\0')
		log_info("state: %s is written again", pr->state);
	else if (why != NULL && strcmp(why, pr->trouble) != 0)
		log_error("state: %s: %s; checks go on", pr->state, why);
	snprintf(
	    pr->trouble, sizeof(pr->trouble), "%s", why != NULL ? why : "");
	if (why == NULL)
		return;
	pr->ready = false;
	begin_checking(pr);
}

/* --- reload --- */

static void
load(uv_work_t *work)
{
	struct reload *r = work->data;

	r->table = target_table_load(r->prober->path, &r->config, &r->messages);
}

/* Probes for what is new in ${table}, NULL for what stays; -1 and none without
 * memory. */
static int
create_new(
    struct prober *pr, const struct target_table *table, struct probe **probes)
{
	const struct target_table *old = pr->table;
	size_t i, k = 0;

	for (i = 0; i < table->n; i++) {
		while (k < old->n &&
		    endpoint_key_compare(
			&old->targets[k].key, &table->targets[i].key) < 0)
			k++;
		if (k < old->n &&
		    endpoint_key_compare(
			&old->targets[k].key, &table->targets[i].key) == 0)
			continue;
		probes[i] = probe_create(pr, &table->targets[i]);
		if (probes[i] == NULL)
			break;
	}
	if (i == table->n)
		return 0;
	while (i-- > 0)
		if (probes[i] != NULL)
			probe_close(probes[i]);
	return -1;
}

/* Let a probe go on with ${target}, which has the same key as its last one. */
static void
follow(struct probe *p, const struct target *target)
{
	bool same = target_same(p->target, target);

	p->target = target;
	if (same) {
		if (p->attempt != NULL)
			attempt_follow(p->attempt, target);
		return;
	}
	if (p->attempt != NULL)
		attempt_cancel(p->attempt);
	p->attempt = NULL;
	if (p->prober->checking)
		await_first(p);
}

/* Replace the table by ${table}, which is taken; -1 without memory. */
static int
adopt(struct prober *pr, struct target_table *table)
{
	struct target_table *old = pr->table;
	struct probe **probes = calloc(table->n + 1, sizeof(struct probe *));
	size_t k = 0, fresh = 0, gone = 0;

	if (probes == NULL || create_new(pr, table, probes) != 0) {
		free(probes);
		return -1;
	}
	flush(pr); /* so that probes that are closed are not dirty */
	http_checker_refresh(pr->checker);
	for (size_t i = 0; i <= table->n; i++) {
		while (k < old->n &&
		    (i == table->n ||
			endpoint_key_compare(&old->targets[k].key,
			    &table->targets[i].key) < 0)) {
			forget(pr, pr->probes[k]);
			probe_close(pr->probes[k++]);
			gone++;
		}
		if (i == table->n)
			break;
		if (probes[i] == NULL) {
			probes[i] = pr->probes[k++];
			follow(probes[i], &table->targets[i]);
		} else {
			mark_dirty(probes[i]);
			if (pr->checking)
				await_first(probes[i]);
			fresh++;
		}
	}
	free(pr->probes);
	pr->probes = probes;
	pr->table = table;
	target_table_destroy(old);
	log_info("reloaded: %zu endpoints, %zu new, %zu gone", table->n, fresh,
	    gone);
	return 0;
}

static void begin_reload(struct prober *pr);

/* The files are read: go on with the new table, or with the old one if the
 * files have errors. */
static void
on_loaded(uv_work_t *work, int status)
{
	struct reload *r = work->data;
	struct prober *pr = r->prober;

	(void)status;
	pr->reloading = false;
	if (pr->stopping)
		goto out;
	daemon_log_messages(&r->messages);
	if (r->table == NULL) {
		log_error("not reloaded: the checks go on as they were");
	} else if (adopt(pr, r->table) != 0) {
		log_error("not reloaded: no memory");
	} else {
		r->table = NULL;
		state_recorder_forget_after(
		    pr->recorder, r->config->stale_forget_ms);
		if (strcmp(r->config->state, pr->state) != 0 ||
		    strcmp(r->config->vantage, pr->vantage) != 0)
			log_warn("another \"state\" or \"vantage\" takes a "
				 "restart");
	}
	if (pr->reload_again)
		begin_reload(pr);
out:
	target_table_destroy(r->table);
	server_config_destroy(r->config);
	free(r);
}

/* Read all files in a thread of the pool: with many endpoints that takes longer
 * than a check may be late. */
static void
begin_reload(struct prober *pr)
{
	struct reload *r = calloc(1, sizeof(*r));

	pr->reload_again = false;
	if (r == NULL) {
		log_error("not reloaded: no memory");
		return;
	}
	r->prober = pr;
	r->work.data = r;
	errbuf_init(&r->messages);
	uv_queue_work(&pr->loop, &r->work, load, on_loaded);
	pr->reloading = true;
}

static void
on_hangup(uv_signal_t *handle, int signal_number)
{
	struct prober *pr = handle->data;

	(void)signal_number;
	if (pr->reloading)
		pr->reload_again = true;
	else
		begin_reload(pr);
}

/* --- beginning and end --- */

/* Close every handle: the loop ends when the last one is closed, which is when
 * the recorder has written what it was given. */
static void
on_end(uv_signal_t *handle, int signal_number)
{
	struct prober *pr = handle->data;

	(void)signal_number;
	pr->stopping = true;
	flush(pr);
	for (size_t i = 0; i < pr->table->n; i++)
		probe_close(pr->probes[i]);
	state_recorder_stop(pr->recorder);
	http_checker_close(pr->checker);
	uv_close((uv_handle_t *)&pr->tick, NULL);
	uv_close((uv_handle_t *)&pr->begin, NULL);
	uv_close((uv_handle_t *)&pr->hangup, NULL);
	uv_close((uv_handle_t *)&pr->terminate, NULL);
	uv_close((uv_handle_t *)&pr->interrupt, NULL);
}

static void
watch_signal(struct prober *pr, uv_signal_t *handle, uv_signal_cb call,
    int signal_number)
{
	uv_signal_init(&pr->loop, handle);
	handle->data = pr;
	uv_signal_start(handle, call, signal_number);
}

static int
create_probes(struct prober *pr)
{
	pr->probes = calloc(pr->table->n + 1, sizeof(struct probe *));
	if (pr->probes == NULL)
		return -1;
	for (size_t i = 0; i < pr->table->n; i++) {
		pr->probes[i] = probe_create(pr, &pr->table->targets[i]);
		if (pr->probes[i] == NULL)
			return -1;
	}
	return 0;
}

/* Make all that the loop needs.  After a failure the process ends, so nothing
 * is undone. */
static int
begin(struct prober *pr, const struct server_config *config)
{
	static const struct state_recorder_calls calls = {
	    on_restored, on_ready, on_trouble};

	snprintf(pr->vantage, sizeof(pr->vantage), "%s", config->vantage);
	pr->state = strdup(config->state);
	if (pr->state == NULL || uv_loop_init(&pr->loop) != 0 ||
	    create_probes(pr) != 0)
		goto no_memory;
	pr->checker = http_checker_create(&pr->loop);
	if (pr->checker == NULL) {
		log_error("cannot make requests: no memory, or a libcurl that "
			  "is not built with OpenSSL");
		return -1;
	}
	uv_timer_init(&pr->loop, &pr->tick);
	uv_timer_init(&pr->loop, &pr->begin);
	pr->tick.data = pr->begin.data = pr;
	uv_timer_start(&pr->tick, on_tick, TICK_MS, TICK_MS);
	uv_timer_start(&pr->begin, on_begin, RESTORE_MS, 0);
	watch_signal(pr, &pr->hangup, on_hangup, SIGHUP);
	watch_signal(pr, &pr->terminate, on_end, SIGTERM);
	watch_signal(pr, &pr->interrupt, on_end, SIGINT);
	pr->recorder =
	    state_recorder_start(&pr->loop, pr->state, pr->vantage, &calls, pr);
	if (pr->recorder == NULL) {
		log_error("state: cannot start the process that writes %s",
		    pr->state);
		return -1;
	}
	state_recorder_forget_after(pr->recorder, config->stale_forget_ms);
	log_info(
	    "probing %zu endpoints from vantage %s", pr->table->n, pr->vantage);
	return 0;
no_memory:
	log_error("no memory");
	return -1;
}

int
prober_run(const char *path, const struct server_config *config,
    struct target_table *table)
{
	static struct prober pr;

	pr.path = path;
	pr.table = table;
	if (begin(&pr, config) != 0)
		return -1;
	daemon_take_reloads();
	uv_run(&pr.loop, UV_RUN_DEFAULT);
	uv_loop_close(&pr.loop);
	target_table_destroy(pr.table);
	free(pr.probes);
	free(pr.state);
	return 0;
}
