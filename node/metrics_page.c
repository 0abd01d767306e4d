/*
 * Writes the metrics in the Prometheus text format.  Called in the thread of
 * the pages.
 */
#include "node/metrics_page.h"

#include <string.h>

#include "node/labels.h"

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
	for (;;) {
		size_t plain = strcspn(value, "\n\"\\");

		text_bytes(t, value, plain);
		value += plain;
		if (*value == '\0')
			break;
		text_add(t, "\\%c", *value == '\n' ? 'n' : *value);
		value++;
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
	for (size_t i = 0; i < COUNTER_OPTIONS; i++)
		text_add(t, "meridian_edns_options_total{option=\"%s\"} %llu\n",
		    labels_options[i],
		    (unsigned long long)counter_read(&sum->options[i]));
	metric(t, "cookies_total", "counter",
	    "Cookies that queries brought: first has no server cookie yet, "
	    "bad is not of a secret of ours.");
	for (size_t i = COOKIE_FIRST; i < COOKIE_STATES; i++)
		text_add(t, "meridian_cookies_total{state=\"%s\"} %llu\n",
		    labels_cookies[i],
		    (unsigned long long)counter_read(&sum->cookies[i]));
}

static void
write_traffic(struct text *t, const struct counters *sum)
{
	metric(t, "queries_total", "counter", "Queries received.");
	for (size_t i = 0; i < TRANSPORTS; i++)
		text_add(t, "meridian_queries_total{transport=\"%s\"} %llu\n",
		    labels_transports[i],
		    (unsigned long long)counter_read(&sum->queries[i]));
	metric(t, "answers_total", "counter", "Answers made.");
	for (size_t i = 0; i < TRANSPORTS; i++)
		text_add(t, "meridian_answers_total{transport=\"%s\"} %llu\n",
		    labels_transports[i],
		    (unsigned long long)counter_read(&sum->answers[i]));
	metric(t, "responses_total", "counter", "Answers by rcode.");
	for (size_t i = 0; i < LABELS_RCODES; i++)
		text_add(t, "meridian_responses_total{rcode=\"%s\"} %llu\n",
		    labels_rcodes[i].name,
		    (unsigned long long)counter_read(
			&sum->rcode[labels_rcodes[i].code]));
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

static void
write_tcp(struct text *t, const struct counters *sum)
{
	single(t, "tcp_open", "gauge", "TCP connections that are open.",
	    (double)page_tcp_open(sum));
	single(t, "tcp_accepted_total", "counter", "TCP connections accepted.",
	    (double)counter_read(&sum->tcp_accepted));
	single(t, "tcp_refused_total", "counter",
	    "TCP connections of clients that had enough of them.",
	    (double)counter_read(&sum->tcp_refused));
	metric(t, "tcp_closed_total", "counter",
	    "TCP connections by why they ended.");
	for (size_t i = 0; i < TCP_ENDS; i++)
		text_add(t, "meridian_tcp_closed_total{reason=\"%s\"} %llu\n",
		    labels_tcp_ends[i],
		    (unsigned long long)counter_read(&sum->tcp_ended[i]));
}

static void
write_rate_limit(struct text *t, const struct counters *sum)
{
	metric(t, "rate_limited_total", "counter",
	    "Answers that rate limiting dropped or sent empty.");
	for (size_t i = 0; i < RRL_KINDS; i++)
		text_add(t,
		    "meridian_rate_limited_total{kind=\"%s\",action=\"drop\"} "
		    "%llu\n"
		    "meridian_rate_limited_total{kind=\"%s\",action=\"slip\"} "
		    "%llu\n",
		    labels_rrl[i],
		    (unsigned long long)counter_read(&sum->rrl_dropped[i]),
		    labels_rrl[i],
		    (unsigned long long)counter_read(&sum->rrl_slipped[i]));
}

/* What workers counted, but for the answers of services. */
static size_t
write_counts(struct page *page, size_t item, struct text *out)
{
	const struct counters *sum = page_sum(page);

	(void)item;
	write_traffic(out, sum);
	write_tcp(out, sum);
	write_rate_limit(out, sum);
	return PAGE_PART_ENDS;
}

static void
write_slot(struct text *out, const char *service, const char *region,
    const counter *count)
{
	text_add(out, "meridian_steered_answers_total{");
	label(out, "service", service);
	text_add(out, ",");
	label(out, "region", labels_region(region));
	text_add(out, "} %llu\n", (unsigned long long)counter_read(count));
}

static size_t
write_steered(struct page *page, size_t i, struct text *out)
{
	struct outcomes *outcomes = page->source->outcomes;
	const struct counters *sum = page_sum(page);
	uint32_t n = outcomes_count(outcomes);

	if (i == 0)
		metric(out, "steered_answers_total", "counter",
		    "Answers of services by the region they name.");
	for (; i < n && !page_full(out); i++) {
		const char *service, *region;

		outcomes_name(outcomes, (uint32_t)i, &service, &region);
		write_slot(out, service, region, &sum->outcome[i]);
	}
	return i < n ? i : PAGE_PART_ENDS;
}

static void
write_endpoint(struct text *out, const struct policy *policy,
    const struct policy_endpoint *e, enum usable usable)
{
	if (usable == USABLE_UNCHECKED)
		return;
	text_add(out, "meridian_endpoint_up{");
	label(out, "zone", e->key.zone);
	text_add(out, ",");
	label(out, "pool", e->key.pool);
	text_add(out, ",");
	label(out, "endpoint", e->key.endpoint);
	text_add(out, ",");
	label(out, "region", policy->regions[e->region].name);
	text_add(out, "} %d\n", usable == USABLE_YES);
}

static size_t
write_endpoints(struct page *page, size_t i, struct text *out)
{
	const struct served *served = page->view.served;
	const struct policy *policy = served->generation->policy;

	if (i == 0)
		metric(out, "endpoint_up", "gauge",
		    "1 up, 0 down; missing while nobody has checked it.");
	for (; i < policy->n_endpoints && !page_full(out); i++)
		write_endpoint(out, policy, &policy->endpoints[i],
		    live_told(served->live, i));
	return i < policy->n_endpoints ? i : PAGE_PART_ENDS;
}

static size_t
write_health(struct page *page, size_t item, struct text *out)
{
	const struct health_report *h = &page->view.health;

	(void)item;
	if (h->heard)
		single(out, "health_age_seconds", "gauge",
		    "Since the freshest heartbeat of any vantage.",
		    (double)(page->now_ms - h->alive_ms) / 1000);
	single(out, "health_stale", "gauge",
	    "1 while pools are checked and no vantage is fresh.",
	    page_is_stale(page));
	single(out, "state_readable", "gauge",
	    "1 while the state database can be read.", h->trouble[0] == '\0');
	single(out, "live_changes_total", "counter",
	    "Times that health changed what is answered, the start counted "
	    "and reloads not.",
	    (double)page->view.changes);
	return PAGE_PART_ENDS;
}

/* A gauge of each zone. */
struct zone_gauge {
	const char *name, *help;
	size_t (*value)(const struct generation *g, size_t zone);
};

static size_t
write_gauge(const struct page *page, size_t i, struct text *out,
    const struct zone_gauge *gauge)
{
	const struct generation *g = page->view.served->generation;

	if (i == 0)
		metric(out, gauge->name, "gauge", gauge->help);
	for (; i < g->n_zones && !page_full(out); i++) {
		text_add(out, "meridian_%s{", gauge->name);
		label(out, "zone", g->config->zones[i].name);
		text_add(out, "} %zu\n", gauge->value(g, i));
	}
	return i < g->n_zones ? i : PAGE_PART_ENDS;
}

static size_t
serial(const struct generation *g, size_t zone)
{
	return zone_serial(g->zone[zone]);
}

static size_t
held(const struct generation *g, size_t zone)
{
	return g->held[zone];
}

static size_t
records(const struct generation *g, size_t zone)
{
	return zone_records(g->zone[zone]);
}

static size_t
write_serials(struct page *page, size_t i, struct text *out)
{
	static const struct zone_gauge gauge = {
	    "zone_serial", "SOA serial of each zone.", serial};

	return write_gauge(page, i, out, &gauge);
}

static size_t
write_held(struct page *page, size_t i, struct text *out)
{
	static const struct zone_gauge gauge = {"zone_held",
	    "1 while its records have errors: the zone is as it was before.",
	    held};

	return write_gauge(page, i, out, &gauge);
}

static size_t
write_records(struct page *page, size_t i, struct text *out)
{
	static const struct zone_gauge gauge = {
	    "zone_records", "Records of each zone.", records};

	return write_gauge(page, i, out, &gauge);
}

static size_t
write_node(struct page *page, size_t item, struct text *out)
{
	const struct reload_report *r = &page->view.reload;

	(void)item;
	metric(out, "reloads_total", "counter", "Reloads by how they ended.");
	text_add(out,
	    "meridian_reloads_total{result=\"ok\"} %llu\n"
	    "meridian_reloads_total{result=\"failed\"} %llu\n",
	    (unsigned long long)(r->done - r->failed),
	    (unsigned long long)r->failed);
	single(out, "reload_success", "gauge", "1 when the last load was good.",
	    r->ok);
	single(out, "reload_timestamp_seconds", "gauge", "When it ended.",
	    (double)r->at_ms / 1000);
	single(out, "start_time_seconds", "gauge", "When the server started.",
	    (double)page->view.started_ms / 1000);
	metric(out, "build_info", "gauge", "The version that runs.");
	text_add(
	    out, "meridian_build_info{version=\"%s\"} 1\n", MERIDIAN_VERSION);
	return PAGE_PART_ENDS;
}

static size_t (*const parts[])(struct page *, size_t, struct text *) = {
    write_counts,
    write_steered,
    write_endpoints,
    write_health,
    write_serials,
    write_held,
    write_records,
    write_node,
};

const struct page_kind metrics_page = {
    .parts = parts,
    .n_parts = sizeof(parts) / sizeof(parts[0]),
};
