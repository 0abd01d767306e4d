/*
 * The control thread: everything of meridiand that is not the answering of
 * queries or the writing of pages.  Called by main(); decides when its parts
 * work, never how.
 */
#include "node/control.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <uv.h>

#include "base/clock.h"
#include "base/daemon.h"
#include "base/log.h"
#include "base/text.h"
#include "dns/serve/server.h"
#include "node/announcer.h"
#include "node/archivist.h"
#include "node/board.h"
#include "node/chronicle.h"
#include "node/demands.h"
#include "node/follower.h"
#include "node/historian.h"
#include "node/latencies.h"
#include "node/loads.h"
#include "node/publisher.h"
#include "node/query_log.h"
#include "node/reloader.h"
#include "node/renewer.h"
#include "node/site.h"
#include "node/traffic.h"
#include "steering/outcomes.h"

/* How often staleness is looked at when the database says nothing. */
#define TICK_MS 250
/* The first answers wait for the first health, but not longer than this. */
#define FIRST_HEALTH_MS 1000
/* And for round trips, which may be a million: ranked by distance first, their
 * clients would move twice. */
#define FIRST_LATENCY_MS 10000

struct control {
	uv_loop_t loop;
	uv_signal_t hangup, terminate, interrupt;
	uv_timer_t tick;  /* staleness moves on without any news */
	uv_timer_t first; /* an end to waiting for the first health */
	bool healthy;     /* it came, or is not waited for any more */
	bool begun;       /* services were looked at since then */
	bool measured;    /* round trips are not waited for any more */

	struct outcomes *outcomes, *scopes;
	struct reloader *reloader;
	struct renewer *renewer;
	struct archivist *archivist;
	struct follower *follower;
	struct latencies *latencies;
	struct loads *loads;
	struct demands *demands;
	struct announcer *announcer;
	struct query_log *query_log;
	struct publisher *publisher;
	struct chronicle *chronicle;
	struct traffic *traffic;
	struct historian *historian;
	struct board *board;
	struct site *site;
	int64_t started_ms; /* monotonic clock */
	/* Times that health changed what is published: what is usable, or a
	 * change that has begun, which bounds TTLs.  The first is that of the
	 * start; a reload is none. */
	uint64_t changes;

	struct listener *listeners; /* the caller's */
	size_t n_listen, copies;
	struct tap *taps; /* of the workers, for the query log */
	/* As they were at the start. */
	struct endpoint_address http;
	unsigned workers;
	struct server *server; /* NULL until the first health is known */

	struct errbuf messages; /* of the start */
	bool stopping, failed;
};

/* What is served has taken the place of ${before}, which no worker sees any
 * more. */
static void
tell_traffic(struct control *c, const struct served *before)
{
	const struct served *now = publisher_served(c->publisher);
	const struct policy *policy = now->generation->policy;

	if (c->server != NULL && before != NULL &&
	    before->generation->policy == policy)
		traffic_changed(c->traffic, policy, before->live, now->live,
		    clock_wall_ms());
}

/* Serve ${g} with ${live}, which is taken over: change number ${changes}. */
static int
serve(struct control *c, struct generation *g, struct live *live,
    uint64_t changes)
{
	struct served *before = publisher_served(c->publisher);
	int status = -1;

	if (live == NULL)
		return -1;
	if (before != NULL)
		served_share(before);
	if (publisher_publish(c->publisher, g, live) == 0) {
		status = 0;
		tell_traffic(c, before);
	}
	served_release(before);
	if (status != 0)
		return -1;
	c->changes = changes;
	chronicle_services(c->chronicle, publisher_served(c->publisher));
	board_show_served(c->board, publisher_served(c->publisher), changes);
	return 0;
}

/* Health may have changed: work out what is usable, publish if it differs. */
static void
refresh(struct control *c)
{
	const struct served *served = publisher_served(c->publisher);
	struct generation *g = reloader_generation(c->reloader);
	struct live *live = follower_live(c->follower, g->policy);
	bool same =
	    live != NULL && served != NULL && live_equal(live, served->live);

	if (same && c->begun == c->healthy) {
		live_destroy(live);
		return;
	}
	/* Without memory the next tick tries again. */
	if (serve(c, g, live, c->changes + !same) == 0)
		c->begun = c->healthy;
}

/* Health is known, or is not waited for any longer. */
static void
begin_health(struct control *c)
{
	c->healthy = true;
	chronicle_begin(c->chronicle);
	refresh(c);
}

/* Zones whose records have errors; what is wrong was logged. */
static void
log_held(const struct generation *g)
{
	for (size_t i = 0; i < g->n_zones; i++)
		if (g->held[i])
			log_error("zone %s: has errors: %s",
			    g->config->zones[i].name,
			    zone_available(g->zone[i])
				? "served with the records it had"
				: "not served, clients get SERVFAIL");
}

static void
start_serving(struct control *c)
{
	const struct generation *g = reloader_generation(c->reloader);
	size_t zones, services;

	if (c->server != NULL || c->stopping || !c->healthy ||
	    !(c->measured || latencies_settled(c->latencies)))
		return;
	uv_timer_stop(&c->first);
	errbuf_init(&c->messages);
	board_begin_start(c->board);
	c->server = server_start(c->listeners, c->n_listen, c->copies,
	    publisher_slot(c->publisher), c->taps, &c->messages);
	board_end_start(c->board, c->server);
	if (c->server == NULL) {
		daemon_log_messages(&c->messages);
		c->failed = true;
		raise(SIGTERM);
		return;
	}
	if (traffic_start(c->traffic, c->server) != 0)
		log_error("cannot start the thread that counts traffic: there "
			  "is no history of it");
	zones = g->n_zones - g->zones_held;
	services = generation_services(g);
	log_info("serving %zu zone%s with %zu service%s", zones,
	    text_plural(zones), services, text_plural(services));
	log_held(g);
}

/* The follower knows what can be known. */
static void
on_health(void *context)
{
	struct control *c = context;
	struct health_report report;

	begin_health(c);
	follower_report(c->follower, &report);
	board_show_health(c->board, &report);
	chronicle_vantages(
	    c->chronicle, &report, reloader_generation(c->reloader)->config);
	start_serving(c);
}

/* Round trips are known, or cannot be, or maps were made from them. */
static void
on_latency(void *context)
{
	struct control *c = context;

	board_show_latency(c->board, latencies_report(c->latencies));
	start_serving(c);
}

/* Follow the database of ${g}: what is said by hand may come at any time.
 * Round trips first: whether they are waited for is asked as soon as health is
 * known. */
static void
follow(struct control *c, const struct generation *g)
{
	latencies_follow(c->latencies,
	    generation_ranks_by_latency(g) ? g->config->state : NULL);
	board_show_latency(c->board, latencies_report(c->latencies));
	follower_follow(
	    c->follower, g->config->state, generation_is_checked(g));
	demands_follow(c->demands, g->config->state, g->config->node);
	query_log_follow(c->query_log, g->config);
	historian_follow(c->historian, &g->config->history, g->config->node);
	/* For pages alone. */
	loads_follow(c->loads, &c->loop,
	    generation_is_checked(g) && c->http.port != 0 ? g->config->state
							  : NULL);
}

/* What the node started with for sockets and threads stays until it ends: say
 * so at each reload whose ${config} wants other ones, in the log and to whoever
 * asked for the reload. */
static void
warn_of_restart(const struct control *c, const struct server_config *config,
    struct errbuf *said)
{
	static const char later[] = "listen, http or workers changed: these "
				    "take effect at the next start";
	struct mark file = {config->path, 0, 0};
	bool same = config->n_listen == c->n_listen &&
	    config->workers == c->workers &&
	    config->http.port == c->http.port &&
	    (c->http.port == 0 ||
		address_equal(&config->http.address, &c->http.address));

	for (size_t i = 0; same && i < c->n_listen; i++) {
		const struct endpoint_address *at = &c->listeners[i].at;

		same = config->listen[i].port == at->port &&
		    address_equal(&config->listen[i].address, &at->address);
	}
	if (same)
		return;
	log_warn("%s", later);
	errbuf_warn(said, &file, "%s", later);
}

static void
count_class(void *context, uint32_t slot, uint64_t *cells)
{
	*cells = server_sum_demand(context, slot);
}

static void
count_slot(void *context, uint32_t slot, uint64_t *cells)
{
	server_sum_outcome(context, slot, cells);
}

static void
count_scopes(void *context, uint32_t slot, uint64_t *cells)
{
	server_sum_scope(context, slot, cells);
}

/* What was loaded last is served: counters of services that have left may be
 * given to others. */
static void
adopt_outcomes(struct control *c)
{
	size_t uncounted;

	traffic_settle(c->traffic);
	(void)outcomes_adopt(
	    demands_outcomes(c->demands), count_class, c->server);
	(void)outcomes_adopt(c->scopes, count_scopes, c->server);
	uncounted = outcomes_adopt(c->outcomes, count_slot, c->server);
	if (uncounted > 0)
		log_warn("%zu outcomes (services by pool and region) are not "
			 "counted: there are counters for %u; answers are not "
			 "affected, meridian_steered_answers_total is",
		    uncounted, (unsigned)COUNTER_OUTCOMES);
}

/* Take what a reload loaded into service. */
static int
on_adopt(void *context, struct generation *next, struct errbuf *said)
{
	struct control *c = context;
	const struct generation *before = reloader_generation(c->reloader);

	follower_configure(c->follower, next->config);
	if (follower_adopt(c->follower, next->policy) != 0 ||
	    serve(c, next, follower_live(c->follower, next->policy),
		c->changes) != 0) {
		follower_configure(c->follower, before->config);
		/* Going back needs no memory. */
		(void)follower_adopt(c->follower, before->policy);
		return -1;
	}
	adopt_outcomes(c);
	archivist_keep(c->archivist, &c->loop, next);
	/* What was followed changes nothing of that. */
	if (said != NULL) {
		warn_of_restart(c, next->config, said);
		log_held(next);
	}
	return 0;
}

/* A reload began or ended.  Only now is what it loaded the reloader's. */
static void
on_reload(void *context)
{
	struct control *c = context;

	board_show_reload(c->board, reloader_report(c->reloader));
	follow(c, reloader_generation(c->reloader));
}

/* What is followed on disk was read again, or could not be. */
static void
on_renewal(void *context)
{
	struct control *c = context;

	board_show_follow(c->board, renewer_report(c->renewer));
}

/* The files of what is served were kept, or could not be. */
static void
on_archive(void *context)
{
	struct control *c = context;

	board_show_archive(c->board, archivist_report(c->archivist));
}

static void
on_hangup(uv_signal_t *handle, int number)
{
	struct control *c = handle->data;

	(void)number;
	reloader_reload(c->reloader, &c->loop);
}

/* What workers counted of clients of pools that are controlled by load. */
static void
write_demand(struct control *c)
{
	if (c->server != NULL && demands_due(c->demands, clock_mono_ms()))
		demands_write(c->demands, c->server, clock_mono_ms());
}

static void
show_query_log(struct control *c)
{
	struct query_log_report report;

	query_log_report(c->query_log, &report);
	board_show_query_log(c->board, &report);
}

/* What was counted of traffic. */
static void
write_history(struct control *c)
{
	struct historian_report report;

	historian_tick(c->historian);
	historian_report(c->historian, &report);
	board_show_history(c->board, &report);
}

static void
on_tick(uv_timer_t *timer)
{
	struct control *c = timer->data;

	publisher_tick(c->publisher, clock_mono_ms());
	follower_tick(c->follower);
	chronicle_tick(c->chronicle, clock_mono_ms());
	reloader_tick(c->reloader, &c->loop);
	renewer_tick(c->renewer, &c->loop);
	archivist_tick(c->archivist, &c->loop);
	latencies_tick(c->latencies);
	write_demand(c);
	announcer_tick(
	    c->announcer, reloader_generation(c->reloader), clock_mono_ms());
	show_query_log(c);
	write_history(c);
	refresh(c);
}

/* Round trips are not waited for any longer. */
static void
on_unmeasured(uv_timer_t *timer)
{
	struct control *c = timer->data;

	log_warn("round trips are not known yet: regions are ranked by "
		 "distance");
	c->measured = true;
	start_serving(c);
}

/* The rounds of all pools are open: what nobody has judged counts as up. */
static void
on_first(uv_timer_t *timer)
{
	struct control *c = timer->data;

	if (!c->healthy)
		log_warn("no health is known yet: all endpoints count as up");
	begin_health(c);
	start_serving(c);
	if (c->server == NULL && !c->stopping)
		uv_timer_start(timer, on_unmeasured,
		    FIRST_LATENCY_MS - FIRST_HEALTH_MS, 0);
}

/* Pages look at the workers' counters: they end first. */
static void
on_terminate(uv_signal_t *handle, int number)
{
	struct control *c = handle->data;

	if (c->stopping)
		return;
	c->stopping = true;
	/* One that could not start has said so. */
	if (!c->failed)
		chronicle_end(c->started_ms, number);
	site_stop(c->site);
	traffic_stop(c->traffic);
	historian_stop(c->historian);
	server_stop(c->server);
	follower_stop(c->follower);
	latencies_stop(c->latencies);
	loads_stop(c->loads);
	demands_stop(c->demands);
	announcer_stop(c->announcer);
	query_log_stop(c->query_log);
	uv_close((uv_handle_t *)&c->hangup, NULL);
	uv_close((uv_handle_t *)&c->terminate, NULL);
	uv_close((uv_handle_t *)&c->interrupt, NULL);
	uv_close((uv_handle_t *)&c->tick, NULL);
	uv_close((uv_handle_t *)&c->first, NULL);
	renewer_stop(c->renewer);
	archivist_stop(c->archivist);
	/* A file system may keep waiting who looks at its files. */
	if (reloader_stop(c->reloader) || renewer_busy(c->renewer) ||
	    latencies_busy(c->latencies) || archivist_busy(c->archivist))
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
start_site(struct control *c)
{
	const struct server_config *config =
	    reloader_generation(c->reloader)->config;

	if (config->http.port == 0)
		return 0;
	errbuf_init(&c->messages);
	c->site = site_start(&config->http, c->board, c->outcomes, c->loads,
	    c->traffic, &c->messages);
	if (c->site != NULL)
		return 0;
	daemon_log_messages(&c->messages);
	return -1;
}

/* The parts, but for what they are to work with. */
static int
make_parts(struct control *c, const char *path, uint32_t connection_room)
{
	static const struct reloader_calls calls = {
	    .adopt = on_adopt, .changed = on_reload};
	struct policy_outcomes slots = {
	    .begin = outcomes_begin, .slot = outcomes_slot};

	c->outcomes = outcomes_create(COUNTER_OUTCOMES, COUNTER_CELLS);
	c->scopes = outcomes_create(COUNTER_SERVICES, COUNTER_SCOPES);
	slots.context = c->outcomes;
	slots.scopes = c->scopes;
	c->demands = demands_create(&c->loop);
	c->announcer = announcer_create(&c->loop);
	if (c->demands == NULL || c->announcer == NULL)
		return -1;
	slots.demand = demands_outcomes(c->demands);
	slots.max_demand = COUNTER_DEMAND;
	c->query_log = query_log_create(c->outcomes);
	c->chronicle = chronicle_create();
	c->board = board_create();
	c->publisher = publisher_create(connection_room);
	c->follower = follower_create(&c->loop, on_health, c);
	c->loads = loads_create();
	c->archivist = archivist_create(on_archive, c);
	c->reloader = reloader_create(path, &slots, &calls, c);
	if (c->reloader != NULL) {
		c->renewer = renewer_create(c->reloader, on_renewal, c);
		c->latencies =
		    latencies_create(c->reloader, &c->loop, on_latency, c);
	}
	if (c->outcomes != NULL && c->scopes != NULL && c->board != NULL)
		c->traffic = traffic_create(c->outcomes, c->scopes, c->board);
	if (c->traffic != NULL)
		c->historian = historian_create(&c->loop, c->traffic);
	return c->historian != NULL && c->chronicle != NULL &&
		c->publisher != NULL && c->follower != NULL &&
		c->renewer != NULL && c->latencies != NULL &&
		c->loads != NULL && c->archivist != NULL && c->query_log != NULL
	    ? 0
	    : -1;
}

struct control *
control_create(
    const char *path, bool strict, uint32_t connection_room, struct errbuf *eb)
{
	struct control *c = calloc(1, sizeof(*c));
	const struct generation *g = NULL;

	if (c == NULL || make_parts(c, path, connection_room) != 0)
		errbuf_error(eb, NULL, "no memory");
	else
		g = reloader_first(c->reloader, strict, eb);
	if (g == NULL) {
		control_destroy(c);
		return NULL;
	}
	c->http = g->config->http;
	c->workers = g->config->workers;
	c->started_ms = clock_mono_ms();
	chronicle_start(g);
	adopt_outcomes(c);
	follower_configure(c->follower, g->config);
	if (follower_adopt(c->follower, g->policy) != 0) {
		errbuf_error(eb, NULL, "no memory");
		control_destroy(c);
		return NULL;
	}
	board_show_reload(c->board, reloader_report(c->reloader));
	return c;
}

/* Something is being loaded, or files are being looked at. */
static bool
is_reading(const struct control *c)
{
	return reloader_busy(c->reloader) || renewer_busy(c->renewer) ||
	    latencies_busy(c->latencies) || archivist_busy(c->archivist);
}

/*
 * Nobody wants what is being read any more.  Its thread is not waited for: not
 * here, and not in exit(), where libuv would.  The kernel frees what it holds.
 * The exit status is that of main().
 */
static void
abandon_reload(bool failed)
{
	log_info("ended while files were being read, which is given up");
	_exit(failed ? 1 : 0);
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
	c->taps = query_log_taps(c->query_log, server_workers(n, copies));
	if (publisher_served(c->publisher) == NULL || c->taps == NULL ||
	    start_site(c) != 0) {
		c->failed = true;
		on_terminate(&c->terminate, SIGTERM);
	} else {
		follow(c, reloader_generation(c->reloader));
		archivist_keep(
		    c->archivist, &c->loop, reloader_generation(c->reloader));
	}
	daemon_take_reloads();
	while (uv_run(&c->loop, UV_RUN_DEFAULT) != 0 && !is_reading(c))
		continue;
	if (is_reading(c))
		abandon_reload(c->failed);
	uv_loop_close(&c->loop);
	return c->failed ? -1 : 0;
}

void
control_destroy(struct control *c)
{
	if (c == NULL)
		return;
	historian_destroy(c->historian);
	traffic_destroy(c->traffic);
	publisher_destroy(c->publisher);
	board_destroy(c->board);
	chronicle_destroy(c->chronicle);
	renewer_destroy(c->renewer);
	archivist_destroy(c->archivist);
	latencies_destroy(c->latencies);
	reloader_destroy(c->reloader);
	follower_destroy(c->follower);
	loads_destroy(c->loads);
	demands_destroy(c->demands);
	announcer_destroy(c->announcer);
	query_log_destroy(c->query_log);
	outcomes_destroy(c->outcomes);
	outcomes_destroy(c->scopes);
	free(c);
}
