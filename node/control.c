/*
 * The control thread: everything of meridiand that is not the answering of
 * queries.  Called by main(); builds aside, publishes one pointer, waits until
 * no worker sees the old, frees it.
 */
#include "node/control.h"

#include <malloc.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/daemon.h"
#include "base/log.h"
#include "dns/answer/rrl.h"
#include "node/identity.h"
#include "steering/ladder.h"
#include "node/pages.h"

/* How often staleness is looked at when the database says nothing. */
#define TICK_MS 250
/* The first answers wait for the first health, but not longer than this. */
#define FIRST_HEALTH_MS 1000
/* A reload gets about a tenth of what a worker gets of a busy core. */
#define RELOAD_NICE 10
/* How long a cookie secret of our own is the first; it verifies as long again,
 * so that every cookie of its hour is good to its end. */
#define SECRET_LIFE_MS (24 * 3600 * 1000)

static void
destroy_snapshot(struct snapshot *snapshot)
{
	if (snapshot != NULL)
		cookie_forget(&snapshot->identity.cookies);
	free(snapshot);
}

/* The secrets of the file, or our own. */
static void
give_secrets(const struct control *c, const struct server_config *config,
    struct cookie_secrets *out)
{
	if (!config->cookies || config->cookie_secrets != NULL)
		return;
	*out = c->secrets;
	out->require = config->cookies_require;
}

static struct stream_limits
stream_limits(const struct control *c, const struct tcp_config *tcp)
{
	return (struct stream_limits){
	    .connections = tcp->connections < c->connection_room
		? tcp->connections
		: c->connection_room,
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
rate_limit(const struct control *c, const struct rate_limit_config *config,
    struct rrl **out)
{
	const struct rrl_settings settings = {
	    .responses = config->responses,
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
	if (c->rrl != NULL && rrl_same(c->rrl, &settings)) {
		*out = c->rrl;
		return 0;
	}
	if (getrandom(&seed, sizeof(seed), 0) == sizeof(seed))
		*out = rrl_create(&settings, seed);
	return *out != NULL ? 0 : -1;
}

/* Publish the generation's parts with ${live}, and free the live before. */
static int
publish(struct control *c, struct generation *g, struct live *live)
{
	struct snapshot *next = calloc(1, sizeof(*next)), *before;

	if (next == NULL ||
	    rate_limit(c, &g->config->rate_limit, &next->rrl) != 0) {
		free(next);
		return -1;
	}
	next->zones = g->zones;
	next->maps = g->maps;
	next->policy = g->policy;
	next->live = live;
	next->source = &ladder_source;
	next->udp_size = g->config->udp_size;
	next->tcp = stream_limits(c, &g->config->tcp);
	next->identity = g->identity;
	give_secrets(c, g->config, &next->identity.cookies);
	before = publish_set(&c->published, next);
	publish_wait();
	c->snapshot = next;
	destroy_snapshot(before);
	if (c->live != live)
		live_destroy(c->live);
	if (c->rrl != next->rrl)
		rrl_destroy(c->rrl);
	c->rrl = next->rrl;
	c->live = live;
	return 0;
}

/* Health may have changed: work out what is usable, publish if it differs. */
static void
refresh(struct control *c)
{
	struct live *live =
	    health_live(c->health, c->generation->policy, clock_mono_ms());

	if (live == NULL || (c->live != NULL && live_equal(live, c->live))) {
		live_destroy(live);
		return;
	}
	if (publish(c, c->generation, live) != 0)
		live_destroy(live);
	else
		c->live_changes++;
}

/* Zones whose records have errors, which were told. */
static void
say_held(const struct generation *g)
{
	for (size_t i = 0; i < g->n_zones; i++)
		if (g->held[i])
			log_error("zone %s: has errors: %s",
			    g->config->zones[i].name,
			    zone_available(g->zone[i])
				? "served with the records it had"
				: "not served, who asks gets SERVFAIL");
}

static void
start_serving(struct control *c)
{
	struct errbuf *eb = &c->start_messages;

	if (c->server != NULL || c->stopping)
		return;
	uv_timer_stop(&c->first);
	errbuf_init(eb);
	c->server = server_start(
	    c->listeners, c->n_listen, c->copies, &c->published, eb);
	if (c->server == NULL) {
		daemon_log_messages(eb);
		c->failed = true;
		raise(SIGTERM);
		return;
	}
	log_info("serving %zu zones with %zu services",
	    c->generation->n_zones - c->generation->zones_held,
	    pages_services(c->generation));
	say_held(c->generation);
}

static void
on_begin(void *context, bool full)
{
	struct control *c = context;

	health_begin(c->health, full);
}

static void
on_vantage(void *context, const struct state_vantage *row)
{
	struct control *c = context;

	health_vantage(c->health, row, clock_mono_ms(), clock_wall_ms());
}

static void
on_endpoint(void *context, const struct state_endpoint *row)
{
	struct control *c = context;

	health_endpoint(c->health, row);
}

static void
on_commit(void *context)
{
	struct control *c = context;

	health_commit(c->health);
	refresh(c);
	start_serving(c);
}

static void
on_trouble(void *context, const char *why)
{
	struct control *c = context;

	if (why != NULL && strcmp(why, c->trouble_text) == 0)
		return;
	c->trouble = why != NULL;
	if (why == NULL) {
		log_info("state database: readable again");
		c->trouble_text[0] = '\0';
		return;
	}
	snprintf(c->trouble_text, sizeof(c->trouble_text), "%s", why);
	log_warn("state database: %s; answering from what is known",
	    c->trouble_text);
	start_serving(c);
}

static const struct state_watch_calls watch_calls = {
    .sink =
	{
	    .begin = on_begin,
	    .vantage = on_vantage,
	    .endpoint = on_endpoint,
	    .commit = on_commit,
	},
    .trouble = on_trouble,
};

static void
follow_state(struct control *c)
{
	state_watch_stop(c->watch);
	c->watch = NULL;
	/* What was said of another file is no news of this one. */
	c->trouble = false;
	c->trouble_text[0] = '\0';
	if (!generation_is_checked(c->generation)) {
		start_serving(c);
		return;
	}
	c->watch = state_watch_start(
	    &c->loop, c->generation->config->state, &watch_calls, c);
	if (c->watch == NULL)
		on_trouble(c, "cannot start the process that reads it");
}

/* What the sockets are cannot change without a restart: say so. */
static void
warn_of_restart(const struct server_config *a, const struct server_config *b)
{
	bool same = a->n_listen == b->n_listen && a->workers == b->workers &&
	    a->http.port == b->http.port &&
	    (a->http.port == 0 ||
		address_equal(&a->http.address, &b->http.address));

	for (size_t i = 0; same && i < a->n_listen; i++)
		same = a->listen[i].port == b->listen[i].port &&
		    address_equal(&a->listen[i].address, &b->listen[i].address);
	if (!same)
		log_warn("listen, http or workers changed: these take effect "
			 "at the next start");
}

/* Take what a reload loaded into service. */
static void
adopt(struct control *c, struct generation *next)
{
	struct generation *before = c->generation;
	const struct server_config *config = next->config;
	struct live *live;

	health_configure(c->health, config->stale_after_ms, config->stale_then);
	live = health_live(c->health, next->policy, clock_mono_ms());
	if (live == NULL || publish(c, next, live) != 0) {
		live_destroy(live);
		generation_release(next);
		log_error("no memory to publish: still serving the old");
		c->report.failed += c->report.ok;
		c->report.ok = c->report.adopted = false;
		return;
	}
	c->generation = next;
	warn_of_restart(before->config, config);
	if (strcmp(before->config->state, config->state) != 0 ||
	    generation_is_checked(before) != generation_is_checked(next))
		follow_state(c);
	generation_release(before);
	/* A large zone that was replaced leaves as much behind as it had. */
	malloc_trim(0);
	say_held(next);
	log_info("reloaded: %zu zones (%zu read, %zu unchanged) with %zu "
		 "services, geography %s, in %lld ms",
	    next->n_zones, next->zones_read, next->zones_kept,
	    pages_services(next), next->maps_kept ? "unchanged" : "read",
	    (long long)c->report.took_ms);
}

/* All that the files say, with what only a server needs of it.  What has not
 * changed is taken from the generation that is served, which stays as it is
 * while a reload is under way. */
static struct generation *
load(const struct control *c, struct errbuf *eb)
{
	struct generation *g =
	    generation_load(c->path, &c->slots, c->generation, false, eb);

	if (g == NULL || identity_load(g->config, &g->identity, eb) == 0)
		return g;
	generation_release(g);
	return NULL;
}

/* What came of a load, whose messages are there.  After one that failed the
 * zones that were held back are so still. */
static void
report(struct reload_report *r, const struct generation *g)
{
	r->ok = g != NULL && g->zones_held == 0;
	r->adopted = g != NULL;
	r->zones_read = g != NULL ? g->zones_read : 0;
	r->zones_kept = g != NULL ? g->zones_kept : 0;
	r->geography_kept = g != NULL && g->maps_kept;
	if (g != NULL)
		r->zones_held = g->zones_held;
}

static void
load_in_background(uv_work_t *work)
{
	struct control *c = work->data;

	/* On Linux this is the thread's own: queries go before reloads. */
	(void)setpriority(PRIO_PROCESS, 0, RELOAD_NICE);
	errbuf_init(&c->reload_messages);
	c->loaded = load(c, &c->reload_messages);
}

static void start_reload(struct control *c);

static void
on_loaded(uv_work_t *work, int status)
{
	struct control *c = work->data;
	struct reload_report *r = &c->report;

	(void)status;
	c->reloading = false;
	r->at_ms = clock_wall_ms();
	r->took_ms = clock_mono_ms() - c->reload_began_ms;
	r->messages = c->reload_messages;
	report(r, c->loaded);
	r->failed += !r->ok;
	daemon_log_messages(&r->messages);
	if (c->stopping) {
		generation_release(c->loaded);
	} else if (c->loaded != NULL) {
		adopt(c, c->loaded);
	} else {
		log_error("reload failed: still serving what was there");
	}
	c->loaded = NULL;
	r->done++;
	if (c->again && !c->stopping)
		start_reload(c);
}

/* One at a time; a signal that comes meanwhile starts another behind it. */
static void
start_reload(struct control *c)
{
	c->again = c->reloading;
	if (c->reloading)
		return;
	c->reloading = true;
	c->reload_began_ms = clock_mono_ms();
	c->reload.data = c;
	if (uv_queue_work(
		&c->loop, &c->reload, load_in_background, on_loaded) != 0) {
		c->reloading = false;
		log_error("cannot start a reload");
	}
}

static void
on_hangup(uv_signal_t *handle, int number)
{
	(void)number;
	start_reload(handle->data);
}

/* Say once that health got stale, and once that it is fresh again. */
static void
say_stale(struct control *c)
{
	int64_t now = clock_mono_ms(), age = health_age_ms(c->health, now);
	bool stale = age >= 0 && health_stale(c->health, now);

	if (stale == c->stale)
		return;
	c->stale = stale;
	if (stale)
		log_warn("health is stale: no vantage has written for %lld s",
		    (long long)age / 1000);
	else
		log_info("health is fresh again");
}

/* A secret of our own grows old too (RFC 7873, 7.1). */
static void
roll_secrets(struct control *c)
{
	int64_t now = clock_mono_ms();

	if (now - c->rolled_ms < SECRET_LIFE_MS)
		return;
	c->rolled_ms = now;
	cookie_roll(&c->secrets);
	if (publish(c, c->generation, c->live) != 0)
		log_error("no memory to publish a new secret");
}

static void
on_tick(uv_timer_t *timer)
{
	struct control *c = timer->data;

	roll_secrets(c);
	if (c->watch == NULL && generation_is_checked(c->generation))
		follow_state(c);
	say_stale(c);
	refresh(c);
}

static void
on_first(uv_timer_t *timer)
{
	struct control *c = timer->data;

	log_warn("no health is known yet: all endpoints count as up");
	start_serving(c);
}

static void
on_terminate(uv_signal_t *handle, int number)
{
	struct control *c = handle->data;

	(void)number;
	if (c->stopping)
		return;
	c->stopping = true;
	server_stop(c->server);
	c->server = NULL;
	http_stop(c->http);
	state_watch_stop(c->watch);
	uv_close((uv_handle_t *)&c->hangup, NULL);
	uv_close((uv_handle_t *)&c->terminate, NULL);
	uv_close((uv_handle_t *)&c->interrupt, NULL);
	uv_close((uv_handle_t *)&c->tick, NULL);
	uv_close((uv_handle_t *)&c->first, NULL);
	if (c->reloading)
		uv_stop(&c->loop);
}

static void
take_signal(
    struct control *c, uv_signal_t *handle, uv_signal_cb call, int number)
{
	uv_signal_init(&c->loop, handle);
	handle->data = c;
	uv_signal_start(handle, call, number);
}

static int
start_pages(struct control *c)
{
	const struct server_config *config = c->generation->config;
	struct errbuf *eb = &c->start_messages;

	if (config->http.port == 0)
		return 0;
	errbuf_init(eb);
	c->http = http_start(
	    &c->loop, &config->http, control_pages, CONTROL_PAGES, c, eb);
	if (c->http != NULL)
		return 0;
	daemon_log_messages(eb);
	return -1;
}

struct control *
control_create(const char *path, uint32_t connection_room, struct errbuf *eb)
{
	struct control *c = calloc(1, sizeof(*c));
	const struct server_config *config;

	if (c == NULL) {
		errbuf_error(eb, NULL, "no memory");
		return NULL;
	}
	c->path = path;
	c->connection_room = connection_room;
	c->started_ms = c->report.at_ms = clock_wall_ms();
	c->health = health_create();
	c->outcomes = outcomes_create(COUNTER_OUTCOMES);
	c->sum = calloc(1, sizeof(*c->sum));
	if (c->health == NULL || c->outcomes == NULL || c->sum == NULL) {
		errbuf_error(eb, NULL, "no memory");
		goto fail;
	}
	c->slots.slot = outcomes_slot;
	c->slots.context = c->outcomes;
	cookie_roll(&c->secrets);
	c->rolled_ms = clock_mono_ms();
	c->generation = load(c, eb);
	if (c->generation == NULL)
		goto fail;
	c->report.messages = *eb;
	report(&c->report, c->generation);
	config = c->generation->config;
	health_configure(c->health, config->stale_after_ms, config->stale_then);
	return c;
fail:
	control_destroy(c);
	return NULL;
}

/*
 * Nobody wants what is being read any more.  Its thread is not waited for: not
 * here, and not in exit(), where libuv would.  The kernel frees what it holds.
 */
static void
abandon_reload(void)
{
	log_info("ended during a reload, which is given up");
	_exit(0);
}

int
control_run(
    struct control *c, struct listener *listeners, size_t n, size_t copies)
{
	c->listeners = listeners;
	c->n_listen = n;
	c->copies = copies;
	if (uv_loop_init(&c->loop) != 0)
		return -1;
	refresh(c);
	take_signal(c, &c->hangup, on_hangup, SIGHUP);
	take_signal(c, &c->terminate, on_terminate, SIGTERM);
	take_signal(c, &c->interrupt, on_terminate, SIGINT);
	uv_timer_init(&c->loop, &c->tick);
	uv_timer_init(&c->loop, &c->first);
	c->tick.data = c->first.data = c;
	uv_timer_start(&c->tick, on_tick, TICK_MS, TICK_MS);
	uv_timer_start(&c->first, on_first, FIRST_HEALTH_MS, 0);
	if (c->snapshot == NULL || start_pages(c) != 0) {
		c->failed = true;
		on_terminate(&c->terminate, SIGTERM);
	} else {
		follow_state(c);
	}
	daemon_take_reloads();
	while (uv_run(&c->loop, UV_RUN_DEFAULT) != 0 && !c->reloading)
		continue;
	if (c->reloading)
		abandon_reload();
	uv_loop_close(&c->loop);
	return c->failed ? -1 : 0;
}

void
control_destroy(struct control *c)
{
	if (c == NULL)
		return;
	destroy_snapshot(c->snapshot);
	cookie_forget(&c->secrets);
	rrl_destroy(c->rrl);
	live_destroy(c->live);
	generation_release(c->generation);
	health_destroy(c->health);
	outcomes_destroy(c->outcomes);
	free(c->sum);
	free(c);
}
