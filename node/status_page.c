/*
 * Writes the status: the node in one piece, then its lists item by item.
 * Called in the thread of the pages.
 */
#include "node/status_page.h"

#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "node/geo_items.h"
#include "node/latency_items.h"
#include "node/labels.h"
#include "node/laid_page.h"
#include "node/nodes_page.h"
#include "node/page_json.h"
#include "node/reload_page.h"
#include "node/status_items.h"

/* One item of a list is one line. */
#define ITEM_FLAGS JSON_PRESERVE_ORDER

static json_t *
number(const counter *c)
{
	return json_integer((json_int_t)counter_read(c));
}

/* The names of the vantages that are blind. */
static json_t *
blind_list(const struct vantages *all)
{
	json_t *list = json_array();

	for (size_t i = 0; all != NULL && i < all->n; i++)
		if (all->of[i].blind)
			json_array_append_new(
			    list, page_json_string(all->of[i].name));
	return list;
}

/* What operators said, beside the state database. */
static json_t *
kept_object(const struct keeper_report *kept)
{
	return json_pack("{sI so}", "lacking", (json_int_t)kept->lacking,
	    "mirror",
	    kept->trouble[0] != '\0' ? page_json_string(kept->trouble)
				     : json_null());
}

json_t *
status_page_health(const struct page *page)
{
	const struct health_report *h = &page->view.health;
	char when[CLOCK_TEXT];

	return json_pack("{so so sb so so so so so so sI}", "cut",
	    h->cut ? json_string(clock_format(h->cut_ms, when)) : json_null(),
	    "age_ms",
	    h->heard ? json_integer(page->now_ms - h->alive_ms) : json_null(),
	    "stale", page_is_stale(page), "blind", blind_list(h->vantages),
	    "database",
	    page_json_string(page->view.served->generation->config->state),
	    "trouble",
	    h->trouble[0] != '\0' ? page_json_string(h->trouble) : json_null(),
	    "odd", h->odd[0] != '\0' ? page_json_string(h->odd) : json_null(),
	    "disk", h->looked ? status_item_disk(&h->room) : json_null(),
	    "kept", kept_object(&h->kept), "changes",
	    (json_int_t)page->view.changes);
}

static json_t *
queries_object(const struct counters *sum)
{
	json_t *o = json_object(), *codes = json_object();

	for (size_t i = 0; i < TRANSPORTS; i++)
		json_object_set_new(
		    o, labels_transports[i], number(&sum->queries[i]));
	for (size_t i = 0; i < LABELS_RCODES; i++)
		json_object_set_new(codes, labels_rcodes[i].name,
		    number(&sum->rcode[labels_rcodes[i].code]));
	json_object_set_new(o, "rcode", codes);
	json_object_set_new(o, "client_subnet", number(&sum->ecs));
	json_object_set_new(o, "truncated", number(&sum->truncated));
	json_object_set_new(o, "dropped", number(&sum->dropped));
	json_object_set_new(o, "unsent", number(&sum->unsent));
	return o;
}

static json_t *
tcp_object(const struct counters *sum)
{
	json_t *closed = json_object();

	for (size_t i = 0; i < TCP_ENDS; i++)
		json_object_set_new(
		    closed, labels_tcp_ends[i], number(&sum->tcp_ended[i]));
	return json_pack("{sI so so so}", "open",
	    (json_int_t)page_tcp_open(sum), "accepted",
	    number(&sum->tcp_accepted), "refused", number(&sum->tcp_refused),
	    "closed", closed);
}

static json_t *
rate_limit_object(const struct page *page, const struct counters *sum)
{
	const struct server_config *config =
	    page->view.served->generation->config;
	json_t *drop = json_object(), *slip = json_object();

	for (size_t i = 0; i < RRL_KINDS; i++) {
		json_object_set_new(
		    drop, labels_rrl[i], number(&sum->rrl_dropped[i]));
		json_object_set_new(
		    slip, labels_rrl[i], number(&sum->rrl_slipped[i]));
	}
	return json_pack("{sb so so}", "on", config->rate_limit.responses > 0,
	    "dropped", drop, "slipped", slip);
}

/* The files that are kept for a start that finds errors, and since when those
 * are served that were kept. */
static json_t *
last_good_object(const struct page *page)
{
	const struct archivist_report *a = &page->view.archive;
	int64_t served_ms = page->view.reload.last_good_ms;
	char kept[CLOCK_TEXT], served[CLOCK_TEXT];

	return json_pack("{so so sI so}", "served",
	    served_ms != 0 ? json_string(clock_format(served_ms, served))
			   : json_null(),
	    "kept",
	    a->at_ms != 0 ? json_string(clock_format(a->at_ms, kept))
			  : json_null(),
	    "files", (json_int_t)a->files, "trouble",
	    a->trouble[0] != '\0' ? page_json_string(a->trouble) : json_null());
}

static json_t *
query_log_object(const struct query_log_report *log)
{
	json_t *dropped = json_object();

	for (size_t i = 0; i < QUERY_LOG_LOSSES; i++)
		json_object_set_new(dropped, query_log_losses[i],
		    json_integer((json_int_t)log->dropped[i]));
	return json_pack("{sb sb si sI so so}", "on", log->on, "connected",
	    log->connected, "sample", (int)log->sample, "frames",
	    (json_int_t)log->logged, "dropped", dropped, "trouble",
	    log->trouble[0] != '\0' ? page_json_string(log->trouble)
				    : json_null());
}

static json_t *
history_object(const struct page *page)
{
	const struct historian_report *h = &page->view.history;

	return json_pack("{sb so so so sI sI sI}", "on", (int)h->on, "file",
	    page_json_string(h->path), "trouble",
	    h->why[0] != '\0' ? page_json_string(h->why) : json_null(),
	    "age_ms",
	    h->written_ms >= 0
		? json_integer((json_int_t)(page->now_ms - h->written_ms))
		: json_null(),
	    "written", (json_int_t)h->written, "lost", (json_int_t)h->lost,
	    "bytes", (json_int_t)h->bytes);
}

/* What tells whether another node would answer the same. */
static json_t *
fingerprint_object(const struct fingerprint *f)
{
	return json_pack("{ss ss ss ss ss}", "zones", f->zones, "steering",
	    f->steering, "presets", f->presets, "geography", f->geography,
	    "latency", f->latency);
}

/* All but the lists; the object stays open. */
static size_t
write_node(struct page *page, size_t item, struct text *out)
{
	const struct counters *sum = page_sum(page);
	char when[CLOCK_TEXT];

	(void)item;
	page_json_add(out,
	    json_pack("{ss si ss sb so so so so so so so so so so so so}",
		"version", MERIDIAN_VERSION, "pid", (int)getpid(), "started",
		clock_format(page->view.started_ms, when), "serving",
		page->view.server != NULL, "reload",
		reload_page_object(&page->view.reload, true), "last_good",
		last_good_object(page), "fingerprint",
		fingerprint_object(&page->view.served->generation->fingerprint),
		"share", nodes_page_share(page), "health",
		status_page_health(page), "geography",
		geo_items_object(
		    page->view.served->generation, &page->view.follow),
		"latency", latency_items_object(&page->view.latency), "queries",
		queries_object(sum), "tcp", tcp_object(sum), "rate_limit",
		rate_limit_object(page, sum), "query_log",
		query_log_object(&page->view.query_log), "history",
		history_object(page)),
	    JSON_INDENT(2) | JSON_PRESERVE_ORDER);
	if (!out->failed)
		out->len -= strlen("\n}");
	return PAGE_PART_ENDS;
}

/* Begin a list of the object, or go on to its next item. */
static void
separate(struct text *out, size_t item, const char *name, char bracket)
{
	if (item == 0)
		text_add(out, ",\n  \"%s\": %c\n    ", name, bracket);
	else
		text_add(out, ",\n    ");
}

static size_t
write_zones(struct page *page, size_t i, struct text *out)
{
	const struct generation *g = page->view.served->generation;

	for (; i < g->n_zones && !page_full(out); i++) {
		separate(out, i, "zones", '[');
		page_json_add(out, status_item_zone(g, i), ITEM_FLAGS);
	}
	if (i < g->n_zones)
		return i;
	text_add(out, "\n  ]");
	return PAGE_PART_ENDS;
}

/* Add what slot number ${i} has counted to its region, of whatever pool. */
static void
add_count(json_t *regions, const struct page *page, uint32_t i)
{
	const char *region = labels_region(page->slots[i].name.region);
	json_int_t before =
	    json_integer_value(json_object_get(regions, region));

	json_object_set_new(regions, region,
	    json_integer(before + (json_int_t)page_slot_count(page, i)));
}

/* The service of slot number ${i} of the page, with the answers of each of its
 * regions; the number of the next service's first. */
static size_t
write_service(struct page *page, size_t i, struct text *out)
{
	const char *mine = page->slots[i].name.service;
	json_t *regions = json_object();
	char name[NAME_TEXT];

	for (; i < page->n_slots; i++) {
		if (strcmp(page->slots[i].name.service, mine) != 0)
			break;
		add_count(regions, page, (uint32_t)i);
	}
	page_json_add(
	    out, json_string(labels_name(mine, name)), JSON_ENCODE_ANY);
	text_add(out, ": ");
	page_json_add(out, regions, ITEM_FLAGS);
	return i;
}

/* Answers by service and region, as an object of objects. */
static size_t
write_services(struct page *page, size_t i, struct text *out)
{
	if (i == 0 && page_sort_slots(page) != 0)
		out->failed = true;
	if (i == 0 && page->n_slots == 0)
		text_add(out, ",\n  \"services\": {");
	while (i < page->n_slots && !page_full(out)) {
		separate(out, i, "services", '{');
		i = write_service(page, i, out);
	}
	if (i < page->n_slots)
		return i;
	text_add(out, "\n  }");
	return PAGE_PART_ENDS;
}

/* ${service} with since when it does so, which only the server knows. */
static json_t *
service_since(json_t *service, int64_t since_ms)
{
	char when[CLOCK_TEXT];

	json_object_set_new(
	    service, "since", json_string(clock_format(since_ms, when)));
	json_object_set_new(service, "since_ms", json_integer(since_ms));
	return service;
}

/* How each service does.  ${page} keeps how far the list has come: a number of
 * all services would not tell the zone of one. */
static size_t
write_outlook(struct page *page, size_t item, struct text *out)
{
	const struct served *served = page->view.served;
	const struct policy *policy = served->generation->policy;

	for (; page->zone < policy->n_zones; page->zone++, page->service = 0) {
		const struct policy_zone *zone = &policy->zones[page->zone];

		for (; page->service < zone->n_services; page->service++) {
			if (page_full(out))
				return item;
			separate(out, item, "outlook", '[');
			page_json_add(out,
			    service_since(
				status_item_service(served->outlook, zone,
				    &zone->services[page->service]),
				served->since_ms[item++]),
			    ITEM_FLAGS);
		}
	}
	if (item == 0)
		text_add(out, ",\n  \"outlook\": [");
	text_add(out, "\n  ]");
	return PAGE_PART_ENDS;
}

static size_t
write_vantages(struct page *page, size_t i, struct text *out)
{
	const struct vantages *v = page->view.health.vantages;
	size_t n = v != NULL ? v->n : 0;

	if (n == 0)
		text_add(out, ",\n  \"vantages\": [");
	for (; i < n && !page_full(out); i++) {
		separate(out, i, "vantages", '[');
		page_json_add(out, status_item_vantage(&v->of[i], page->now_ms),
		    ITEM_FLAGS);
	}
	if (i < n)
		return i;
	text_add(out, "\n  ]");
	return PAGE_PART_ENDS;
}

/* The files of networks, of all zones.  ${page} keeps how far it has come, as
 * for the outlook. */
static size_t
write_network_files(struct page *page, size_t item, struct text *out)
{
	const struct generation *g = page->view.served->generation;

	if (item == 0)
		page->zone = page->service = 0;
	for (; page->zone < g->n_zones; page->zone++, page->service = 0) {
		const struct steering_config *s = g->steering[page->zone];

		for (; s != NULL && page->service < s->n_networks;
		     page->service++) {
			json_t *file;

			if (page_full(out))
				return item;
			file = geo_items_network(g, page->zone, page->service);
			if (file == NULL)
				continue;
			separate(out, item++, "network_files", '[');
			page_json_add(out, file, ITEM_FLAGS);
		}
	}
	if (item == 0)
		text_add(out, ",\n  \"network_files\": [");
	text_add(out, "\n  ]");
	return PAGE_PART_ENDS;
}

static size_t
write_endpoints(struct page *page, size_t i, struct text *out)
{
	const struct policy *policy = page->view.served->generation->policy;
	const struct live *live = page->view.served->live;
	const struct loads_look look = page_look(page);

	if (policy->n_endpoints == 0)
		text_add(out, ",\n  \"endpoints\": [");
	for (; i < policy->n_endpoints && !page_full(out); i++) {
		separate(out, i, "endpoints", '[');
		page_json_add(out, status_item_endpoint(policy, live, &look, i),
		    ITEM_FLAGS);
	}
	if (i < policy->n_endpoints)
		return i;
	text_add(out, "\n  ]\n}\n");
	return PAGE_PART_ENDS;
}

static size_t (*const parts[])(struct page *, size_t, struct text *) = {
    write_node,
    write_zones,
    write_services,
    write_outlook,
    write_vantages,
    write_network_files,
    laid_page_overrides,
    laid_page_keeps,
    laid_page_factors,
    laid_page_ramps,
    write_endpoints,
};

const struct page_kind status_page = {
    .parts = parts,
    .n_parts = sizeof(parts) / sizeof(parts[0]),
};
