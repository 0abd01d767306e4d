/*
 * Writes the metrics in the Prometheus text format.  Called in the thread of
 * the pages.
 */
#include "node/metrics_page.h"

#include <string.h>

#include "base/clock.h"
#include "node/geo_age.h"
#include "node/labels.h"
#include "node/metrics_decisions.h"
#include "node/metrics_endpoints.h"
#include "node/nodes_page.h"
#include "state/node_parts.h"
#include "web/metrics.h"
#include "web/stream_counts.h"

/* A domain name, in the form that all labels have. */
static void
name_label(struct text *t, const char *name, const char *value)
{
	char text[NAME_TEXT];

	metrics_label(t, name, labels_name(value, text));
}

static void
write_options(struct text *t, const struct counters *sum)
{
	metrics_head(t, "edns_options_total", "counter",
	    "Queries with an EDNS option; unknown ones are ignored.");
	for (size_t i = 0; i < COUNTER_OPTIONS; i++)
		text_add(t, "meridian_edns_options_total{option=\"%s\"} %llu\n",
		    labels_options[i],
		    (unsigned long long)counter_read(&sum->options[i]));
	metrics_head(t, "cookies_total", "counter",
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
	metrics_head(t, "queries_total", "counter", "Queries received.");
	for (size_t i = 0; i < TRANSPORTS; i++)
		text_add(t, "meridian_queries_total{transport=\"%s\"} %llu\n",
		    labels_transports[i],
		    (unsigned long long)counter_read(&sum->queries[i]));
	metrics_head(t, "answers_total", "counter", "Answers made.");
	for (size_t i = 0; i < TRANSPORTS; i++)
		text_add(t, "meridian_answers_total{transport=\"%s\"} %llu\n",
		    labels_transports[i],
		    (unsigned long long)counter_read(&sum->answers[i]));
	metrics_head(t, "responses_total", "counter", "Answers by rcode.");
	for (size_t i = 0; i < LABELS_RCODES; i++)
		text_add(t, "meridian_responses_total{rcode=\"%s\"} %llu\n",
		    labels_rcodes[i].name,
		    (unsigned long long)counter_read(
			&sum->rcode[labels_rcodes[i].code]));
	metrics_single(t, "truncated_total", "counter", "Answers with TC set.",
	    (double)counter_read(&sum->truncated));
	metrics_single(t, "dropped_total", "counter",
	    "Packets that got no answer: not queries, or from traps.",
	    (double)counter_read(&sum->dropped));
	metrics_single(t, "unsent_total", "counter",
	    "Answers that the socket did not take.",
	    (double)counter_read(&sum->unsent));
	metrics_single(t, "receive_errors_total", "counter",
	    "Failures of UDP sockets to receive.",
	    (double)counter_read(&sum->receive_errors));
	metrics_single(t, "edns_queries_total", "counter", "Queries with EDNS.",
	    (double)counter_read(&sum->edns));
	metrics_single(t, "ecs_queries_total", "counter",
	    "Queries with a client subnet.", (double)counter_read(&sum->ecs));
	write_options(t, sum);
}

static void
write_tcp(struct text *t, const struct counters *sum)
{
	metrics_single(t, "tcp_open", "gauge", "TCP connections that are open.",
	    (double)page_tcp_open(sum));
	metrics_single(t, "tcp_accepted_total", "counter",
	    "TCP connections accepted.",
	    (double)counter_read(&sum->tcp_accepted));
	metrics_single(t, "tcp_refused_total", "counter",
	    "TCP connections of clients that had enough of them.",
	    (double)counter_read(&sum->tcp_refused));
	metrics_head(t, "tcp_closed_total", "counter",
	    "TCP connections by why they ended.");
	for (size_t i = 0; i < TCP_ENDS; i++)
		text_add(t, "meridian_tcp_closed_total{reason=\"%s\"} %llu\n",
		    labels_tcp_ends[i],
		    (unsigned long long)counter_read(&sum->tcp_ended[i]));
}

static void
write_work(struct text *t, const struct counters *sum)
{
	uint64_t seen = 0;

	metrics_head(t, "work_seconds", "histogram",
	    "How long UDP workers had queries until the answers were with the "
	    "kernel, of one batch of queries in 64.");
	for (unsigned i = 0; i < COUNTER_WORK - 1; i++) {
		seen += counter_read(&sum->work[i]);
		text_add(t, "meridian_work_seconds_bucket{");
		metrics_bound(t, (double)(UINT64_C(2) << i) / 1e6);
		text_add(t, "} %llu\n", (unsigned long long)seen);
	}
	seen += counter_read(&sum->work[COUNTER_WORK - 1]);
	text_add(t,
	    "meridian_work_seconds_bucket{le=\"+Inf\"} %llu\n"
	    "meridian_work_seconds_sum %.9g\n"
	    "meridian_work_seconds_count %llu\n",
	    (unsigned long long)seen, (double)counter_read(&sum->work_ns) / 1e9,
	    (unsigned long long)seen);
}

static void
write_rate_limit(struct text *t, const struct counters *sum)
{
	metrics_head(t, "rate_limited_total", "counter",
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

/* Only where there is a history. */
static void
write_history(
    struct text *t, const struct page *page, const struct counters *sum)
{
	const struct historian_report *h = &page->view.history;

	if (!h->on)
		return;
	metrics_single(t, "history_writable", "gauge",
	    "1 while the history of traffic can be written.",
	    h->why[0] == '\0');
	metrics_single(t, "history_written_total", "counter",
	    "Batches of counts that are in the history.", (double)h->written);
	metrics_single(t, "history_lost_total", "counter",
	    "Batches of counts that could not be written.", (double)h->lost);
	metrics_single(t, "history_samples_dropped_total", "counter",
	    "Answers whose clients were not looked up, because a ring was "
	    "full or memory was out.",
	    (double)(counter_read(&sum->samples_dropped) + h->missed));
	metrics_single(t, "history_bytes", "gauge",
	    "Size of the history of traffic.", (double)h->bytes);
	if (h->written_ms >= 0)
		metrics_single(t, "history_age_seconds", "gauge",
		    "Since the last batch was written.",
		    (double)(page->now_ms - h->written_ms) / 1000);
}

/* Only where there is a log, or was one since the start. */
static void
write_query_log(struct text *t, const struct query_log_report *log)
{
	if (!log->on && log->logged == 0)
		return;
	/* One that was turned off waits for nobody. */
	if (log->on)
		metrics_single(t, "query_log_connected", "gauge",
		    "1 while the query log is written: its reader is there, "
		    "or its file is open.",
		    log->connected);
	metrics_single(t, "query_log_frames_total", "counter",
	    "Frames of the query log that were written.", (double)log->logged);
	metrics_head(t, "query_log_dropped_total", "counter",
	    "Messages that were due for the query log and are not in it: full "
	    "is a ring that was not emptied fast enough, disconnected no "
	    "reader or no file, disk a write that failed, size a file at its "
	    "max_size.");
	for (size_t i = 0; i < QUERY_LOG_LOSSES; i++)
		text_add(t,
		    "meridian_query_log_dropped_total{cause=\"%s\"} %llu\n",
		    query_log_losses[i], (unsigned long long)log->dropped[i]);
}

/* What workers counted, but for the answers of services. */
static size_t
write_counts(struct page *page, size_t item, struct text *out)
{
	const struct counters *sum = page_sum(page);

	(void)item;
	write_traffic(out, sum);
	write_work(out, sum);
	write_tcp(out, sum);
	write_rate_limit(out, sum);
	write_query_log(out, &page->view.query_log);
	write_history(out, page, sum);
	return PAGE_PART_ENDS;
}

static void
write_slot(const struct page *page, uint32_t i, struct text *out)
{
	const struct page_slot *slot = &page->slots[i];

	text_add(out, "meridian_steered_answers_total{");
	name_label(out, "service", slot->name.service);
	text_add(out, ",");
	metrics_label(out, "pool", slot->name.pool);
	text_add(out, ",");
	metrics_label(out, "region", labels_region(slot->name.region));
	text_add(out, "} %llu\n", (unsigned long long)page_slot_count(page, i));
}

static size_t
write_steered(struct page *page, size_t i, struct text *out)
{
	if (i == 0) {
		if (page_sort_slots(page) != 0)
			out->failed = true;
		metrics_single(out, "uncounted_outcomes", "gauge",
		    "Services by pool and region that have no counter of "
		    "their own, because there are too many.",
		    (double)outcomes_uncounted(page->source->outcomes));
		metrics_head(out, "steered_answers_total", "counter",
		    "Answers of services by the pool and the region they "
		    "name.");
	}
	for (; i < page->n_slots && !page_full(out); i++)
		write_slot(page, (uint32_t)i, out);
	return i < page->n_slots ? i : PAGE_PART_ENDS;
}

static size_t
write_health(struct page *page, size_t item, struct text *out)
{
	const struct health_report *h = &page->view.health;

	(void)item;
	if (h->heard)
		metrics_single(out, "health_age_seconds", "gauge",
		    "Since the freshest heartbeat of any vantage.",
		    (double)(page->now_ms - h->alive_ms) / 1000);
	metrics_single(out, "node_cut_off", "gauge",
	    "1 while this node is cut off from those that it shares with.",
	    h->cut);
	metrics_single(out, "health_stale", "gauge",
	    "1 while pools are checked and no vantage is fresh.",
	    page_is_stale(page));
	metrics_single(out, "state_readable", "gauge",
	    "1 while the state database can be read.", h->trouble[0] == '\0');
	metrics_single(out, "state_odd", "gauge",
	    "1 while rows of the state database are left out, because no "
	    "program gave them their sequence; the status says which.",
	    h->odd[0] != '\0');
	if (h->looked) {
		metrics_single(out, "state_disk_free_bytes", "gauge",
		    "Free on the disk of the state database, for a user that "
		    "is not root.",
		    (double)h->room.free_bytes);
		metrics_single(out, "state_disk_writable", "gauge",
		    "0 while the disk of the state database is full or "
		    "read-only.",
		    room_writable(h->room.state));
	}
	metrics_single(out, "overrides", "gauge",
	    "In force of what operators said by hand.",
	    (double)laid_in_force(h->laid, page->now_ms));
	metrics_single(out, "state_lacking", "gauge",
	    "Rows that operators said, and of ramps, which the state database "
	    "lacks and which count all the same.",
	    (double)h->kept.lacking);
	metrics_single(out, "mirror_written", "gauge",
	    "0 while the mirror of what operators said cannot be read or "
	    "written.",
	    h->kept.trouble[0] == '\0');
	metrics_single(out, "live_changes_total", "counter",
	    "Times that health changed what is answered, the start counted "
	    "and reloads not.",
	    (double)page->view.changes);
	return PAGE_PART_ENDS;
}

static void
vantage_value(
    struct text *out, const char *metric_name, const char *name, double value)
{
	text_add(out, "meridian_%s{", metric_name);
	metrics_label(out, "vantage", name);
	text_add(out, "} %.15g\n", value);
}

/* They are at most HEALTH_MAX_VANTAGES. */
static size_t
write_ages(struct page *page, size_t i, struct text *out)
{
	const struct vantages *all = page->view.health.vantages;
	size_t n = all != NULL ? all->n : 0;

	if (i == 0)
		metrics_head(out, "vantage_age_seconds", "gauge",
		    "Since the last heartbeat of each vantage came; missing "
		    "while none has since the database was opened.");
	for (; i < n && !page_full(out); i++) {
		int64_t age = vantages_age_ms(&all->of[i], page->now_ms);

		if (age >= 0)
			vantage_value(out, "vantage_age_seconds",
			    all->of[i].name, (double)age / 1000);
	}
	return i < n ? i : PAGE_PART_ENDS;
}

static size_t
write_votes(struct page *page, size_t i, struct text *out)
{
	const struct vantages *all = page->view.health.vantages;
	size_t n = all != NULL ? all->n : 0;

	if (i == 0)
		metrics_head(out, "vantage_fresh", "gauge",
		    "1 while a vantage is heard, so that it has a vote.");
	/* Nobody waits for one that has ended. */
	for (; i < n && !page_full(out); i++)
		if (!all->of[i].ended)
			vantage_value(out, "vantage_fresh", all->of[i].name,
			    all->of[i].state == VANTAGE_FRESH);
	return i < n ? i : PAGE_PART_ENDS;
}

static size_t
write_blind(struct page *page, size_t i, struct text *out)
{
	const struct vantages *all = page->view.health.vantages;
	size_t n = all != NULL ? all->n : 0;

	if (i == 0)
		metrics_head(out, "vantage_blind", "gauge",
		    "1 while a vantage is set aside, as it finds down what "
		    "the others find up.");
	for (; i < n && !page_full(out); i++)
		vantage_value(
		    out, "vantage_blind", all->of[i].name, all->of[i].blind);
	return i < n ? i : PAGE_PART_ENDS;
}

/* What is told of each node that shares, this one too. */
static size_t
write_node_gauge(struct page *page, size_t i, struct text *out,
    const char *name, const char *help,
    double (*value)(const struct state_node *node, int64_t wall_ms))
{
	const struct node_list *all = page->view.health.nodes;
	size_t n = all != NULL ? all->n : 0;

	if (!nodes_page_shares(page))
		return PAGE_PART_ENDS;
	if (i == 0)
		metrics_head(out, name, "gauge", help);
	for (; i < n && !page_full(out); i++) {
		text_add(out, "meridian_%s{", name);
		metrics_label(out, "node", all->row[i].name);
		text_add(out, "} %.15g\n", value(&all->row[i], page->wall_ms));
	}
	return i < n ? i : PAGE_PART_ENDS;
}

static double
node_age(const struct state_node *node, int64_t wall_ms)
{
	int64_t age_ms = wall_ms - node->seen_ms;

	return age_ms > 0 ? (double)age_ms / 1000 : 0;
}

static size_t
write_node_ages(struct page *page, size_t i, struct text *out)
{
	return write_node_gauge(page, i, out, "node_age_seconds",
	    "Since each node that shares was heard.", node_age);
}

static double
node_heard(const struct state_node *node, int64_t wall_ms)
{
	return !node_is_silent(node, wall_ms);
}

static size_t
write_node_heard(struct page *page, size_t i, struct text *out)
{
	return write_node_gauge(page, i, out, "node_heard",
	    "1 while a node that shares is heard.", node_heard);
}

/* By node and part, as people look for the part. */
static size_t
write_node_differs(struct page *page, size_t i, struct text *out)
{
	const struct node_list *all = page->view.health.nodes;
	size_t n = all != NULL ? all->n : 0;
	struct node_most most;

	if (!nodes_page_shares(page))
		return PAGE_PART_ENDS;
	if (i == 0)
		metrics_head(out, "node_differs", "gauge",
		    "1 while a node serves something else than most, so that "
		    "clients may get other answers from it, by part.");
	if (n > 0)
		node_most_find(all->row, n, page->wall_ms, &most);
	for (; i < n && !page_full(out); i++)
		for (int p = 0; p < NODE_PARTS; p++) {
			text_add(out, "meridian_node_differs{");
			metrics_label(out, "node", all->row[i].name);
			text_add(out, ",");
			metrics_label(out, "part", node_part_words[p].key);
			text_add(out, "} %d\n",
			    node_differs(&all->row[i], (enum node_part)p,
				most.value[p], page->wall_ms));
		}
	return i < n ? i : PAGE_PART_ENDS;
}

/* Services, by the outlook. */

/* What is told of each service. */
struct service_gauge {
	const char *name, *help;
	double (*value)(const struct served *served,
	    const struct outlook_service *outlook, size_t number);
};

/* From number ${i} of all services of the policy on, zone by zone. */
static size_t
write_service_gauge(struct page *page, size_t i, struct text *out,
    const struct service_gauge *gauge)
{
	const struct served *served = page->view.served;
	const struct policy *policy = served->generation->policy;

	if (i == 0) {
		metrics_head(out, gauge->name, "gauge", gauge->help);
		page->zone = page->service = 0;
	}
	while (page->zone < policy->n_zones && !page_full(out)) {
		const struct policy_zone *z = &policy->zones[page->zone];
		const struct policy_service *service;
		struct outlook_service outlook;

		if (page->service == z->n_services) {
			page->zone++;
			page->service = 0;
			continue;
		}
		service = &z->services[page->service++];
		outlook_service(served->outlook, service, &outlook);
		text_add(out, "meridian_%s{", gauge->name);
		name_label(out, "service", service->name);
		text_add(out, "} %.15g\n", gauge->value(served, &outlook, i));
		i++;
	}
	return page->zone < policy->n_zones ? i : PAGE_PART_ENDS;
}

static double
service_state(const struct served *served,
    const struct outlook_service *outlook, size_t number)
{
	(void)served;
	(void)number;
	return (double)outlook->state;
}

static double
service_since(const struct served *served,
    const struct outlook_service *outlook, size_t number)
{
	(void)outlook;
	return (double)served->since_ms[number] / 1000;
}

static double
service_up(const struct served *served, const struct outlook_service *outlook,
    size_t number)
{
	(void)served;
	(void)number;
	return outlook->up;
}

static double
service_endpoints(const struct served *served,
    const struct outlook_service *outlook, size_t number)
{
	(void)served;
	(void)number;
	return outlook->endpoints;
}

static size_t
write_service_states(struct page *page, size_t i, struct text *out)
{
	static const struct service_gauge gauge = {"service_state",
	    "0 healthy, 1 degraded, 2 some clients have nothing healthy and "
	    "get the last resort.",
	    service_state};

	return write_service_gauge(page, i, out, &gauge);
}

static size_t
write_service_since(struct page *page, size_t i, struct text *out)
{
	static const struct service_gauge gauge = {
	    "service_state_since_seconds", "Since when it is so.",
	    service_since};

	return write_service_gauge(page, i, out, &gauge);
}

static size_t
write_service_up(struct page *page, size_t i, struct text *out)
{
	static const struct service_gauge gauge = {"service_endpoints_up",
	    "Endpoints with a weight that are checked and up.", service_up};

	return write_service_gauge(page, i, out, &gauge);
}

static size_t
write_service_endpoints(struct page *page, size_t i, struct text *out)
{
	static const struct service_gauge gauge = {
	    "service_endpoints", "Endpoints with a weight.", service_endpoints};

	return write_service_gauge(page, i, out, &gauge);
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
		metrics_head(out, gauge->name, "gauge", gauge->help);
	for (; i < g->n_zones && !page_full(out); i++) {
		text_add(out, "meridian_%s{", gauge->name);
		name_label(out, "zone", g->config->zones[i].name);
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

/* Geography. */

/* A gauge of each database, of which there are few; without those of which
 * there is nothing to say. */
static void
database_gauge(struct text *out, const struct generation *g, const char *name,
    const char *help,
    double (*value)(const struct server_config *config,
	const struct geography_database *database))
{
	const struct geography_database *all;
	size_t n;

	all = geography_databases(g->geography, &n);
	metrics_head(out, name, "gauge", help);
	for (size_t i = 0; i < n; i++) {
		double is = value(g->config, &all[i]);

		if (is < 0)
			continue;
		text_add(out, "meridian_%s{", name);
		metrics_label(out, "file", all[i].path);
		text_add(out, ",");
		metrics_label(out, "type", all[i].type);
		text_add(out, "} %.15g\n", is);
	}
}

static double
database_built(const struct server_config *config,
    const struct geography_database *database)
{
	(void)config;
	return database->built_s > 0 ? (double)database->built_s : -1;
}

static double
database_old(const struct server_config *config,
    const struct geography_database *database)
{
	return geo_age_is_old(config, database, clock_wall_ms());
}

static void
write_maps(struct text *out, const struct map_set *maps)
{
	const struct map_size size = map_set_size(maps);

	metrics_single(out, "maps", "gauge",
	    "Maps from clients to regions, which services may share.",
	    (double)size.maps);
	metrics_single(out, "map_leaves", "gauge",
	    "Prefixes of all maps whose clients are alike.",
	    (double)size.leaves);
	metrics_single(out, "map_bytes", "gauge", "Memory of all maps.",
	    (double)size.bytes);
	metrics_single(out, "map_build_seconds", "gauge",
	    "What it took to make the maps that serve.",
	    (double)size.built_us / 1e6);
}

static size_t
write_geography(struct page *page, size_t item, struct text *out)
{
	const struct generation *g = page->view.served->generation;
	const struct renewer_report *follow = &page->view.follow;

	(void)item;
	if (g->config->n_geo > 0)
		metrics_single(out, "geography_build_timestamp_seconds",
		    "gauge", "When the oldest geographic database was built.",
		    (double)geography_built_s(g->geography));
	database_gauge(out, g, "geo_database_build_timestamp_seconds",
	    "When each geographic database was built; missing when it does "
	    "not say.",
	    database_built);
	database_gauge(out, g, "geo_database_old",
	    "1 while a geographic database is older than geo_max_age.",
	    database_old);
	metrics_single(out, "geography_loaded_timestamp_seconds", "gauge",
	    "When the geographic databases were read.",
	    (double)kept_at_ms(g->kept_geography) / 1000);
	write_maps(out, g->maps);
	metrics_head(out, "follows_total", "counter",
	    "Times that databases or files of networks were read again because "
	    "they had changed on disk, by how that ended.");
	text_add(out,
	    "meridian_follows_total{result=\"ok\"} %llu\n"
	    "meridian_follows_total{result=\"failed\"} %llu\n",
	    (unsigned long long)follow->done,
	    (unsigned long long)follow->failed);
	metrics_single(out, "follow_success", "gauge",
	    "0 while a database or a file of networks on disk cannot be read, "
	    "so that what it was before is served.",
	    follow->trouble[0] == '\0');
	metrics_single(out, "follow_pending_files", "gauge",
	    "Databases and files of networks that are others on disk than "
	    "those that are served.",
	    (double)follow->pending);
	return PAGE_PART_ENDS;
}

/* Round trips, where a service ranks by them. */
static size_t
write_latency(struct page *page, size_t item, struct text *out)
{
	const struct latencies_report *r = &page->view.latency;

	(void)item;
	if (!r->wanted)
		return PAGE_PART_ENDS;
	metrics_single(out, "latency_round_trips", "gauge",
	    "Measured round trips that regions are ranked by.",
	    (double)r->size.cells);
	metrics_single(out, "latency_newest_timestamp_seconds", "gauge",
	    "When the last of them was measured; 0: there is none.",
	    (double)r->newest_ms / 1000);
	metrics_single(out, "latency_rebuilds_total", "counter",
	    "Times that maps were made again because round trips changed.",
	    (double)r->done);
	metrics_single(out, "latency_success", "gauge",
	    "0 while the round trips in the state database are not used.",
	    r->trouble[0] == '\0');
	return PAGE_PART_ENDS;
}

/* When the file of each network was read; ${page} keeps how far the list has
 * come. */
static size_t
write_network_files(struct page *page, size_t i, struct text *out)
{
	const struct generation *g = page->view.served->generation;

	if (i == 0) {
		metrics_head(out, "network_file_loaded_timestamp_seconds",
		    "gauge",
		    "When the file of each network that has one was read.");
		page->zone = page->service = 0;
	}
	while (page->zone < g->n_zones && !page_full(out)) {
		const struct steering_config *s = g->steering[page->zone];
		const struct network_config *network;

		i++;
		if (s == NULL || page->service == s->n_networks) {
			page->zone++;
			page->service = 0;
			continue;
		}
		network = &s->networks[page->service++];
		if (network->file == NULL)
			continue;
		text_add(
		    out, "meridian_network_file_loaded_timestamp_seconds{");
		name_label(out, "zone", g->config->zones[page->zone].name);
		text_add(out, ",");
		metrics_label(out, "network", network->name);
		text_add(out, ",");
		metrics_label(out, "file", network->file);
		text_add(out, "} %.15g\n",
		    (double)kept_at_ms(g->kept_steering[page->zone]) / 1000);
	}
	return page->zone < g->n_zones ? i : PAGE_PART_ENDS;
}

/* Of the pages themselves. */
static size_t
write_streams(struct page *page, size_t item, struct text *out)
{
	const struct stream_counts *counts = page->source->streams;

	(void)item;
	if (counts == NULL)
		return PAGE_PART_ENDS;
	metrics_single(out, "http_streams", "gauge",
	    "Clients of the stream of changes.", (double)counts->open);
	metrics_single(out, "http_streams_dropped_total", "counter",
	    "Streams that were ended because their clients did not take them.",
	    (double)counts->dropped);
	metrics_single(out, "http_streams_refused_total", "counter",
	    "Clients that found as many streams open as may be.",
	    (double)counts->refused);
	return PAGE_PART_ENDS;
}

static size_t
write_node(struct page *page, size_t item, struct text *out)
{
	const struct reload_report *r = &page->view.reload;

	(void)item;
	metrics_head(
	    out, "reloads_total", "counter", "Reloads by how they ended.");
	text_add(out,
	    "meridian_reloads_total{result=\"ok\"} %llu\n"
	    "meridian_reloads_total{result=\"failed\"} %llu\n",
	    (unsigned long long)(r->done - r->failed),
	    (unsigned long long)r->failed);
	metrics_single(out, "reload_success", "gauge",
	    "1 when the last load was good.", r->ok);
	metrics_single(out, "reload_timestamp_seconds", "gauge",
	    "When the last load ended, well or not.", (double)r->at_ms / 1000);
	metrics_single(out, "last_good_served", "gauge",
	    "1 while the last files that loaded are served, as those of the "
	    "operator had errors at the start.",
	    r->last_good_ms != 0);
	if (page->view.archive.at_ms != 0)
		metrics_single(out, "last_good_timestamp_seconds", "gauge",
		    "When the last files that loaded were kept.",
		    (double)page->view.archive.at_ms / 1000);
	metrics_single(out, "start_time_seconds", "gauge",
	    "When the server started.", (double)page->view.started_ms / 1000);
	metrics_head(out, "build_info", "gauge", "The version that runs.");
	text_add(
	    out, "meridian_build_info{version=\"%s\"} 1\n", MERIDIAN_VERSION);
	return PAGE_PART_ENDS;
}

static size_t (*const parts[])(struct page *, size_t, struct text *) = {
    write_counts,
    write_steered,
    metrics_decisions,
    metrics_shares,
    metrics_scopes,
    metrics_endpoints,
    write_health,
    write_ages,
    write_votes,
    write_blind,
    write_node_ages,
    write_node_heard,
    write_node_differs,
    write_service_states,
    write_service_since,
    write_service_up,
    write_service_endpoints,
    write_serials,
    write_held,
    write_records,
    write_geography,
    write_latency,
    write_network_files,
    write_streams,
    write_node,
};

const struct page_kind metrics_page = {
    .parts = parts,
    .n_parts = sizeof(parts) / sizeof(parts[0]),
};
