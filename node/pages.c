/*
 * Writes the pages of meridiand's HTTP.  Called in the control thread when
 * someone asks for one.
 */
#include "node/pages.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "node/control.h"

/* The codes that can be answered, by their IANA names. */
static const struct {
	unsigned code;
	const char *name;
} rcodes[] = {
    {0, "NOERROR"},
    {1, "FORMERR"},
    {2, "SERVFAIL"},
    {3, "NXDOMAIN"},
    {4, "NOTIMP"},
    {5, "REFUSED"},
    {6, "YXDOMAIN"},
    {9, "NOTAUTH"},
    {16, "BADVERS"},
    {23, "BADCOOKIE"},
};
#define N_RCODES (sizeof(rcodes) / sizeof(rcodes[0]))

static const char *const transports[TRANSPORTS] = {"udp", "tcp"};

static const char *const tcp_ends[TCP_ENDS] = {
    [TCP_END_PEER] = "client",
    [TCP_END_IDLE] = "idle",
    [TCP_END_STALLED] = "stalled",
    [TCP_END_FULL] = "full",
    [TCP_END_UNREAD] = "unread",
    [TCP_END_QUERY] = "query",
};

/* As enum edns_came numbers its bits. */
static const char *const options[COUNTER_OPTIONS] = {
    "nsid", "cookie", "tcp-keepalive", "unknown"};

static const char *const cookies[COOKIE_STATES] = {
    [COOKIE_FIRST] = "first",
    [COOKIE_VALID] = "valid",
    [COOKIE_EXPIRED] = "expired",
    [COOKIE_BAD] = "bad",
};

static const char *const rrl_kinds[RRL_KINDS] = {
    [RRL_ANSWER] = "answer",
    [RRL_REFERRAL] = "referral",
    [RRL_NODATA] = "nodata",
    [RRL_NXDOMAIN] = "nxdomain",
    [RRL_ERROR] = "error",
};

size_t
pages_services(const struct generation *g)
{
	size_t n = 0;

	for (size_t i = 0; i < g->policy->n_zones; i++)
		n += g->policy->zones[i].n_services;
	return n;
}

/* Add up what the workers counted; all zero before they run. */
static const struct counters *
sum_counters(struct control *c)
{
	if (c->server != NULL)
		server_sum(c->server, c->sum);
	return c->sum;
}

/* The head of a metric, as the Prometheus text format wants it once. */
static void
metric(struct text *t, const char *name, const char *type, const char *help)
{
	text_add(t, "# HELP meridian_%s %s\n# TYPE meridian_%s %s\n", name,
	    help, name, type);
}

/* A label's value: backslash, quote and newline are escaped. */
static void
label(struct text *t, const char *name, const char *value)
{
	text_add(t, "%s=\"", name);
	for (; *value != '\0'; value++) {
		if (*value == '\n')
			text_bytes(t, "\\n", 2);
		else if (*value == '"' || *value == '\\')
			text_add(t, "\\%c", *value);
		else
			text_bytes(t, value, 1);
	}
	text_bytes(t, "\"", 1);
}

static void
single(struct text *t, const char *name, const char *type, const char *help,
    double value)
{
	metric(t, name, type, help);
	text_add(t, "meridian_%s %.15g\n", name, value);
}

static void
write_options(struct text *t, const struct counters *sum)
{
	metric(t, "edns_options_total", "counter",
	    "Queries with an EDNS option; unknown ones are ignored.");
	for (int i = 0; i < COUNTER_OPTIONS; i++)
		text_add(t, "meridian_edns_options_total{option=\"%s\"} %llu\n",
		    options[i],
		    (unsigned long long)counter_read(&sum->options[i]));
	metric(t, "cookies_total", "counter",
	    "Cookies that queries brought: first has no server cookie yet, "
	    "bad is not of a secret of ours.");
	for (int i = COOKIE_FIRST; i < COOKIE_STATES; i++)
		text_add(t, "meridian_cookies_total{state=\"%s\"} %llu\n",
		    cookies[i],
		    (unsigned long long)counter_read(&sum->cookies[i]));
}

static void
write_traffic(struct text *t, const struct counters *sum)
{
	metric(t, "queries_total", "counter", "Queries received.");
	for (int i = 0; i < TRANSPORTS; i++)
		text_add(t, "meridian_queries_total{transport=\"%s\"} %llu\n",
		    transports[i],
		    (unsigned long long)counter_read(&sum->queries[i]));
	metric(t, "answers_total", "counter", "Answers made.");
	for (int i = 0; i < TRANSPORTS; i++)
		text_add(t, "meridian_answers_total{transport=\"%s\"} %llu\n",
		    transports[i],
		    (unsigned long long)counter_read(&sum->answers[i]));
	metric(t, "responses_total", "counter", "Answers by rcode.");
	for (size_t i = 0; i < N_RCODES; i++)
		text_add(t, "meridian_responses_total{rcode=\"%s\"} %llu\n",
		    rcodes[i].name,
		    (unsigned long long)counter_read(
			&sum->rcode[rcodes[i].code]));
	single(t, "truncated_total", "counter", "Answers with TC set.",
	    (double)counter_read(&sum->truncated));
	single(t, "dropped_total", "counter",
	    "Packets that got no answer: not queries, or from traps.",
	    (double)counter_read(&sum->dropped));
	single(t, "unsent_total", "counter",
	    "Answers that the socket did not take.",
	    (double)counter_read(&sum->unsent));
	single(t, "receive_errors_total", "counter",
	    "Failures of UDP sockets to receive.",
	    (double)counter_read(&sum->receive_errors));
	single(t, "edns_queries_total", "counter", "Queries with EDNS.",
	    (double)counter_read(&sum->edns));
	single(t, "ecs_queries_total", "counter",
	    "Queries with a client subnet.", (double)counter_read(&sum->ecs));
	write_options(t, sum);
}

/* Connections that are open; the counts are read one after the other. */
static uint64_t
tcp_open(const struct counters *sum)
{
	uint64_t ended = 0, accepted;

	for (int i = 0; i < TCP_ENDS; i++)
		ended += counter_read(&sum->tcp_ended[i]);
	accepted = counter_read(&sum->tcp_accepted);
	return accepted > ended ? accepted - ended : 0;
}

static void
write_tcp(struct text *t, const struct counters *sum)
{
	single(t, "tcp_open", "gauge", "TCP connections that are open.",
	    (double)tcp_open(sum));
	single(t, "tcp_accepted_total", "counter", "TCP connections accepted.",
	    (double)counter_read(&sum->tcp_accepted));
	single(t, "tcp_refused_total", "counter",
	    "TCP connections of clients that had enough of them.",
	    (double)counter_read(&sum->tcp_refused));
	metric(t, "tcp_closed_total", "counter",
	    "TCP connections by why they ended.");
	for (int i = 0; i < TCP_ENDS; i++)
		text_add(t, "meridian_tcp_closed_total{reason=\"%s\"} %llu\n",
		    tcp_ends[i],
		    (unsigned long long)counter_read(&sum->tcp_ended[i]));
}

static void
write_rate_limit(struct text *t, const struct counters *sum)
{
	metric(t, "rate_limited_total", "counter",
	    "Answers that rate limiting dropped or sent empty.");
	for (int i = 0; i < RRL_KINDS; i++)
		text_add(t,
		    "meridian_rate_limited_total{kind=\"%s\",action=\"drop\"} "
		    "%llu\n"
		    "meridian_rate_limited_total{kind=\"%s\",action=\"slip\"} "
		    "%llu\n",
		    rrl_kinds[i],
		    (unsigned long long)counter_read(&sum->rrl_dropped[i]),
		    rrl_kinds[i],
		    (unsigned long long)counter_read(&sum->rrl_slipped[i]));
}

/* The region of a slot as people read it. */
static const char *
outcome(const char *region)
{
	return region[0] != '\0' ? region : "last-resort";
}

static void
write_steered(struct text *t, struct control *c, const struct counters *sum)
{
	uint32_t n = outcomes_count(c->outcomes);

	metric(t, "steered_answers_total", "counter",
	    "Answers of services by the region they name.");
	for (uint32_t i = 0; i < n; i++) {
		const char *service, *region;

		outcomes_name(c->outcomes, i, &service, &region);
		text_add(t, "meridian_steered_answers_total{");
		label(t, "service", service);
		text_add(t, ",");
		label(t, "region", outcome(region));
		text_add(t, "} %llu\n",
		    (unsigned long long)counter_read(&sum->outcome[i]));
	}
}

static void
write_endpoints(struct text *t, const struct control *c)
{
	const struct policy *policy = c->generation->policy;

	metric(t, "endpoint_up", "gauge",
	    "1 up, 0 down; missing while nobody has checked it.");
	for (size_t i = 0; i < policy->n_endpoints; i++) {
		const struct policy_endpoint *e = &policy->endpoints[i];

		if (c->live->endpoint[i] == USABLE_UNCHECKED)
			continue;
		text_add(t, "meridian_endpoint_up{");
		label(t, "zone", e->zone);
		text_add(t, ",");
		label(t, "pool", e->pool);
		text_add(t, ",");
		label(t, "endpoint", e->name);
		text_add(t, ",");
		label(t, "region", e->region);
		text_add(t, "} %d\n", c->live->endpoint[i] == USABLE_YES);
	}
}

static void
write_zones(struct text *t, const struct control *c)
{
	const struct generation *g = c->generation;

	metric(t, "zone_serial", "gauge", "SOA serial of each zone.");
	for (size_t i = 0; i < g->n_zones; i++) {
		text_add(t, "meridian_zone_serial{");
		label(t, "zone", g->config->zones[i].name);
		text_add(t, "} %u\n", zone_serial(g->zone[i]));
	}
	metric(t, "zone_held", "gauge",
	    "1 while its records have errors: the zone is as it was before.");
	for (size_t i = 0; i < g->n_zones; i++) {
		text_add(t, "meridian_zone_held{");
		label(t, "zone", g->config->zones[i].name);
		text_add(t, "} %d\n", g->held[i]);
	}
	metric(t, "zone_records", "gauge", "Records of each zone.");
	for (size_t i = 0; i < g->n_zones; i++) {
		text_add(t, "meridian_zone_records{");
		label(t, "zone", g->config->zones[i].name);
		text_add(t, "} %zu\n", zone_records(g->zone[i]));
	}
}

/* Health that matters here is old. */
static bool
is_stale(const struct control *c, int64_t mono_ms)
{
	return generation_is_checked(c->generation) &&
	    health_stale(c->health, mono_ms);
}

static void
write_health(struct text *t, const struct control *c)
{
	int64_t now = clock_mono_ms(), age = health_age_ms(c->health, now);

	if (age >= 0)
		single(t, "health_age_seconds", "gauge",
		    "Since the freshest heartbeat of any vantage.",
		    (double)age / 1000);
	single(t, "health_stale", "gauge",
	    "1 while pools are checked and no vantage is fresh.",
	    is_stale(c, now));
	single(t, "state_readable", "gauge",
	    "1 while the state database can be read.", !c->trouble);
	single(t, "live_changes_total", "counter",
	    "Changes of what is usable that were published.",
	    (double)c->live_changes);
}

static void
write_node(struct text *t, const struct control *c)
{
	const struct reload_report *r = &c->report;

	metric(t, "reloads_total", "counter", "Reloads by how they ended.");
	text_add(t,
	    "meridian_reloads_total{result=\"ok\"} %llu\n"
	    "meridian_reloads_total{result=\"failed\"} %llu\n",
	    (unsigned long long)(r->done - r->failed),
	    (unsigned long long)r->failed);
	single(t, "reload_success", "gauge", "1 when the last load was good.",
	    r->ok);
	single(t, "reload_timestamp_seconds", "gauge", "When it ended.",
	    (double)r->at_ms / 1000);
	single(t, "start_time_seconds", "gauge", "When the server started.",
	    (double)c->started_ms / 1000);
	metric(t, "build_info", "gauge", "The version that runs.");
	text_add(
	    t, "meridian_build_info{version=\"%s\"} 1\n", MERIDIAN_VERSION);
}

static void
write_metrics(void *context, struct text *t)
{
	struct control *c = context;
	const struct counters *sum = sum_counters(c);

	write_traffic(t, sum);
	write_tcp(t, sum);
	write_rate_limit(t, sum);
	write_steered(t, c, sum);
	write_endpoints(t, c);
	write_health(t, c);
	write_zones(t, c);
	write_node(t, c);
}

/* For members that jansson takes over: without memory they are just absent. */
static void
put(json_t *object, const char *key, json_t *value)
{
	(void)json_object_set_new(object, key, value);
}

/* A text that may quote any bytes: what is no UTF-8 loses its odd ones. */
static json_t *
any_string(const char *text)
{
	json_t *string = json_string(text);
	char *copy = string == NULL ? strdup(text) : NULL;

	if (copy == NULL)
		return string;
	for (char *c = copy; *c != '\0'; c++)
		if ((unsigned char)*c > 0x7f)
			*c = '?';
	string = json_string(copy);
	free(copy);
	return string;
}

static json_t *
number(const counter *c)
{
	return json_integer((json_int_t)counter_read(c));
}

static json_t *
status_reload(const struct control *c)
{
	const struct reload_report *r = &c->report;
	json_t *o = json_object();
	char when[CLOCK_TEXT];

	put(o, "done", json_integer((json_int_t)r->done));
	put(o, "failed", json_integer((json_int_t)r->failed));
	put(o, "under_way", json_boolean(c->reloading));
	put(o, "ok", json_boolean(r->ok));
	put(o, "adopted", json_boolean(r->adopted));
	put(o, "at", json_string(clock_format(r->at_ms, when)));
	put(o, "took_ms", json_integer(r->took_ms));
	put(o, "zones_read", json_integer((json_int_t)r->zones_read));
	put(o, "zones_unchanged", json_integer((json_int_t)r->zones_kept));
	put(o, "zones_held", json_integer((json_int_t)r->zones_held));
	put(o, "geography_unchanged", json_boolean(r->geography_kept));
	put(o, "messages", any_string(r->messages.text));
	return o;
}

static json_t *
status_health(const struct control *c)
{
	int64_t now = clock_mono_ms(), age = health_age_ms(c->health, now);
	json_t *o = json_object();

	put(o, "age_ms", age >= 0 ? json_integer(age) : json_null());
	put(o, "stale", json_boolean(is_stale(c, now)));
	put(o, "database",
	    c->generation ? json_string(c->generation->config->state)
			  : json_null());
	put(o, "trouble",
	    c->trouble ? any_string(c->trouble_text) : json_null());
	put(o, "changes", json_integer((json_int_t)c->live_changes));
	return o;
}

static json_t *
status_queries(const struct counters *sum)
{
	json_t *o = json_object(), *codes = json_object();

	for (int i = 0; i < TRANSPORTS; i++)
		put(o, transports[i], number(&sum->queries[i]));
	for (size_t i = 0; i < N_RCODES; i++)
		put(codes, rcodes[i].name, number(&sum->rcode[rcodes[i].code]));
	put(o, "rcode", codes);
	put(o, "client_subnet", number(&sum->ecs));
	put(o, "truncated", number(&sum->truncated));
	put(o, "dropped", number(&sum->dropped));
	put(o, "unsent", number(&sum->unsent));
	return o;
}

static json_t *
status_tcp(const struct counters *sum)
{
	json_t *o = json_object(), *closed = json_object();

	put(o, "open", json_integer((json_int_t)tcp_open(sum)));
	put(o, "accepted", number(&sum->tcp_accepted));
	put(o, "refused", number(&sum->tcp_refused));
	for (int i = 0; i < TCP_ENDS; i++)
		put(closed, tcp_ends[i], number(&sum->tcp_ended[i]));
	put(o, "closed", closed);
	return o;
}

static json_t *
status_rate_limit(const struct control *c, const struct counters *sum)
{
	json_t *o = json_object(), *drop = json_object(), *slip = json_object();

	put(o, "on", json_boolean(c->rrl != NULL));
	for (int i = 0; i < RRL_KINDS; i++) {
		put(drop, rrl_kinds[i], number(&sum->rrl_dropped[i]));
		put(slip, rrl_kinds[i], number(&sum->rrl_slipped[i]));
	}
	put(o, "dropped", drop);
	put(o, "slipped", slip);
	return o;
}

static json_t *
status_zones(const struct control *c)
{
	const struct generation *g = c->generation;
	json_t *list = json_array();

	for (size_t i = 0; i < g->n_zones; i++) {
		json_t *o = json_object();

		put(o, "name", json_string(g->config->zones[i].name));
		put(o, "serial", json_integer(zone_serial(g->zone[i])));
		put(o, "held", json_boolean(g->held[i]));
		put(o, "records",
		    json_integer((json_int_t)zone_records(g->zone[i])));
		put(o, "services",
		    json_integer((json_int_t)g->policy->zones[i].n_services));
		json_array_append_new(list, o);
	}
	return list;
}

json_t *
pages_endpoints(const struct policy *policy, const struct live *live)
{
	static const char *const words[] = {
	    [USABLE_NO] = "down",
	    [USABLE_UNCHECKED] = "unchecked",
	    [USABLE_YES] = "up",
	};
	json_t *list = json_array();

	for (size_t i = 0; i < policy->n_endpoints; i++) {
		const struct policy_endpoint *e = &policy->endpoints[i];
		json_t *o = json_object();

		put(o, "zone", json_string(e->zone));
		put(o, "pool", json_string(e->pool));
		put(o, "endpoint", json_string(e->name));
		put(o, "region", json_string(e->region));
		put(o, "usable", json_string(words[live->endpoint[i]]));
		put(o, "checked", json_boolean(e->check != STEERING_NONE));
		json_array_append_new(list, o);
	}
	return list;
}

/* Answers by service and region, as an object of objects. */
static json_t *
status_services(const struct control *c, const struct counters *sum)
{
	uint32_t n = outcomes_count(c->outcomes);
	json_t *services = json_object();

	for (uint32_t i = 0; i < n; i++) {
		const char *service, *region;
		json_t *o;

		outcomes_name(c->outcomes, i, &service, &region);
		o = json_object_get(services, service);
		if (o == NULL) {
			o = json_object();
			put(services, service, o);
		}
		put(o, outcome(region), number(&sum->outcome[i]));
	}
	return services;
}

static void
write_status(void *context, struct text *t)
{
	struct control *c = context;
	const struct counters *sum = sum_counters(c);
	json_t *o = json_object();
	char when[CLOCK_TEXT], *dump;

	put(o, "version", json_string(MERIDIAN_VERSION));
	put(o, "pid", json_integer(getpid()));
	put(o, "started", json_string(clock_format(c->started_ms, when)));
	put(o, "serving", json_boolean(c->server != NULL));
	put(o, "reload", status_reload(c));
	put(o, "health", status_health(c));
	put(o, "queries", status_queries(sum));
	put(o, "tcp", status_tcp(sum));
	put(o, "rate_limit", status_rate_limit(c, sum));
	put(o, "zones", status_zones(c));
	put(o, "services", status_services(c, sum));
	put(o, "endpoints", pages_endpoints(c->generation->policy, c->live));
	dump = json_dumps(o, JSON_INDENT(2) | JSON_PRESERVE_ORDER);
	if (dump != NULL)
		text_add(t, "%s\n", dump);
	free(dump);
	json_decref(o);
}

const struct http_page control_pages[CONTROL_PAGES] = {
    {"/metrics", "text/plain; version=0.0.4; charset=utf-8", write_metrics},
    {"/api/v1/status", "application/json", write_status},
};
