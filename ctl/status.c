/*
 * meridianctl status: every endpoint with what meridiand holds of it and what
 * each vantage says of it, as a table or as JSON.  Asks the running server, and
 * reads the state database; where no server answers, it decides from the files
 * as one would.
 */
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/clock.h"
#include "ctl/command.h"
#include "ctl/fetch.h"
#include "ctl/status_text.h"
#include "node/page_json.h"
#include "node/status_page.h"
#include "state/endpoint_key.h"
#include "state/reader.h"

/* Changes of health that are shown. */
#define EVENTS 10

/* Rows that are taken, of each kind: 16 vantages of a million endpoints. */
#define ROWS_MAX ((size_t)1 << 24)

/* All rows of the state database, as they came. */
struct rows {
	struct state_vantage *vantage;
	struct state_endpoint *endpoint;
	size_t n_vantages, size_vantages, n_endpoints, size_endpoints;
	json_t *events;
	bool failed;
};

static json_t *
milliseconds(int64_t us)
{
	return us < 0 ? json_null() : json_real((double)us / 1000);
}

static json_t *
when(int64_t wall_ms)
{
	char text[CLOCK_TEXT];

	return wall_ms > 0 ? json_string(clock_format(wall_ms, text))
			   : json_null();
}

static void
ignore_begin(void *context, bool full)
{
	(void)context;
	(void)full;
}

static void
ignore_commit(void *context)
{
	(void)context;
}

static void
take_vantage(void *context, const struct state_vantage *row)
{
	struct rows *rows = context;
	struct state_vantage *grown = array_grow(rows->vantage,
	    rows->n_vantages, &rows->size_vantages, sizeof(*grown), ROWS_MAX);

	rows->failed |= grown == NULL;
	if (grown == NULL)
		return;
	rows->vantage = grown;
	grown[rows->n_vantages++] = *row;
}

static void
take_endpoint(void *context, const struct state_endpoint *row)
{
	struct rows *rows = context;
	struct state_endpoint *grown = array_grow(rows->endpoint,
	    rows->n_endpoints, &rows->size_endpoints, sizeof(*grown), ROWS_MAX);

	rows->failed |= grown == NULL;
	if (grown == NULL)
		return;
	rows->endpoint = grown;
	grown[rows->n_endpoints++] = *row;
}

/* The last changes, newest first. */
static void
take_event(void *context, const struct state_event *event)
{
	json_array_append_new(context,
	    json_pack("{so sI so so so so ss ss so}", "at", when(event->at_ms),
		"at_ms", (json_int_t)event->at_ms, "vantage",
		page_json_string(event->vantage), "zone",
		page_json_string(event->zone), "pool",
		page_json_string(event->pool), "endpoint",
		page_json_string(event->endpoint), "before",
		state_health_name(event->before), "after",
		state_health_name(event->after), "reason",
		page_json_string(event->reason)));
}

static int
read_rows(
    const struct server_config *config, struct rows *rows, struct errbuf *eb)
{
	static const struct state_sink sink = {
	    .begin = ignore_begin,
	    .vantage = take_vantage,
	    .endpoint = take_endpoint,
	    .commit = ignore_commit,
	};
	struct state_reader *reader = state_reader_create(config->state);
	int status;

	if (reader == NULL)
		return errbuf_error(eb, NULL, "no memory");
	status = state_reader_poll(reader, &sink, rows, eb);
	if (status >= 0 &&
	    state_reader_events(reader, EVENTS, take_event, rows->events, eb) <
		0)
		status = -1;
	state_reader_destroy(reader);
	if (rows->failed)
		return errbuf_error(eb, NULL, "no memory");
	return status < 0 ? -1 : 0;
}

static json_t *
vantage_list(const struct rows *rows, uint64_t stale_after_ms)
{
	json_t *list = json_array();
	int64_t now = clock_wall_ms();

	for (size_t i = 0; i < rows->n_vantages; i++) {
		const struct state_vantage *v = &rows->vantage[i];
		int64_t age = now - v->heartbeat_ms;

		json_array_append_new(list,
		    json_pack("{so so sI sb}", "vantage",
			page_json_string(v->name), "version",
			page_json_string(v->version), "age_ms", (json_int_t)age,
			"fresh", age <= (int64_t)stale_after_ms));
	}
	return list;
}

/* The rows of one endpoint next to each other, in the order of their vantages.
 */
static int
by_key_vantage(const void *a, const void *b)
{
	const struct state_endpoint *x = a, *y = b;
	struct endpoint_key one = endpoint_key_of(x), two = endpoint_key_of(y);
	int order = endpoint_key_compare(&one, &two);

	return order != 0 ? order : strcmp(x->vantage, y->vantage);
}

/* The order of row ${i} and ${key}. */
static int
order_of(const struct rows *rows, size_t i, const struct endpoint_key *key)
{
	struct endpoint_key row = endpoint_key_of(&rows->endpoint[i]);

	return endpoint_key_compare(&row, key);
}

/* The number of the first row that is not before ${key}. */
static size_t
first_row(const struct rows *rows, const struct endpoint_key *key)
{
	size_t low = 0, high = rows->n_endpoints;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (order_of(rows, mid, key) < 0)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

static json_t *
view_object(const struct state_endpoint *row)
{
	return json_pack("{so ss so so sI so sI sI so so}", "vantage",
	    page_json_string(row->vantage), "health",
	    state_health_name(row->health), "reason",
	    page_json_string(row->reason), "since", when(row->since_ms),
	    "since_ms", (json_int_t)row->since_ms, "checked",
	    when(row->checked_ms), "passes", (json_int_t)row->passes, "fails",
	    (json_int_t)row->fails, "connect_ms", milliseconds(row->connect_us),
	    "first_byte_ms", milliseconds(row->first_byte_us));
}

/* Add to each endpoint what each vantage says of it. */
static void
add_views(json_t *endpoints, const struct rows *rows)
{
	json_t *e;
	size_t i;

	if (rows->n_endpoints > 0)
		qsort(rows->endpoint, rows->n_endpoints,
		    sizeof(rows->endpoint[0]), by_key_vantage);
	json_array_foreach(endpoints, i, e)
	{
		struct endpoint_key key;
		json_t *views = json_array();

		json_object_set_new(e, "views", views);
		if (json_unpack(e, "{ss ss ss}", "zone", &key.zone, "pool",
			&key.pool, "endpoint", &key.endpoint) != 0)
			continue;
		for (size_t r = first_row(rows, &key);
		     r < rows->n_endpoints && order_of(rows, r, &key) == 0; r++)
			json_array_append_new(
			    views, view_object(&rows->endpoint[r]));
	}
}

/* What meridiand says of itself: whether it answers, how its last reload went,
 * its endpoints.  ${endpoints} becomes theirs, or stays NULL. */
static json_t *
server_object(const struct server_config *config, json_t **endpoints)
{
	char why[FETCH_WHY] = "its status page is no JSON";
	char *body = fetch_page(config, "/api/v1/status", why);
	json_t *page = NULL, *pid, *reload, *health, *o;

	if (body != NULL)
		page = json_loads(body, 0, NULL);
	free(body);
	if (json_unpack(page, "{so so so sO}", "pid", &pid, "reload", &reload,
		"health", &health, "endpoints", endpoints) == 0)
		o = json_pack("{sb sO sO sO}", "running", 1, "pid", pid,
		    "reload", reload, "health", health);
	else
		o = json_pack(
		    "{sb so}", "running", 0, "why", page_json_string(why));
	json_decref(page);
	return o;
}

static json_t *
endpoint_list(const struct policy *policy, const struct live *live)
{
	json_t *list = json_array();

	for (size_t i = 0; i < policy->n_endpoints; i++)
		json_array_append_new(
		    list, status_page_endpoint(policy, live, i));
	return list;
}

/* The endpoints as a server that started now would hold them; NULL when the
 * files have errors, which were printed. */
static json_t *
endpoints_of_files(const char *path, struct errbuf *eb)
{
	struct generation *g = command_load(path);
	struct health *health = NULL;
	struct live *live = NULL;
	json_t *list = NULL;

	errbuf_init(eb);
	if (g != NULL)
		health = command_health(g, eb);
	if (health != NULL)
		live = health_live(health, g->policy, clock_mono_ms());
	if (live != NULL)
		list = endpoint_list(g->policy, live);
	live_destroy(live);
	health_destroy(health);
	generation_release(g);
	return list;
}

/* Collect and print; what cannot be had is said, and the rest shown. */
static int
show(const char *path, const struct server_config *config, bool json,
    struct errbuf *eb)
{
	struct rows rows = {.events = json_array()};
	json_t *server, *endpoints = NULL, *root;
	int status = CTL_OK;

	if (read_rows(config, &rows, eb) != 0) {
		command_print_messages(eb);
		status = CTL_FAILED;
	}
	server = server_object(config, &endpoints);
	if (endpoints == NULL)
		endpoints = endpoints_of_files(path, eb);
	if (endpoints == NULL) {
		endpoints = json_array();
		status = CTL_FAILED;
	}
	add_views(endpoints, &rows);
	root = json_pack("{so so so so}", "server", server, "vantages",
	    vantage_list(&rows, config->stale_after_ms), "endpoints", endpoints,
	    "events", rows.events);
	if (json) {
		json_dumpf(root, stdout, JSON_INDENT(2) | JSON_PRESERVE_ORDER);
		putchar('\n');
	} else {
		status_text_print(root);
	}
	if (root == NULL)
		status = CTL_FAILED;
	json_decref(root);
	free(rows.vantage);
	free(rows.endpoint);
	return status;
}

static const struct options_usage usage = {
    .program = "meridianctl status",
    .synopsis = "meridianctl [-c FILE] status [--json]",
    .about = "Shows every endpoint: what meridiand holds of it, and what each "
	     "vantage\n"
	     "says of it; vantages, and the last changes of health.\n",
    .rows =
	(const struct option_row[]){
	    {'j', "json", NULL, "print one JSON object"},
	    {0},
	},
};

static int
run(const char *path, int argc, char **argv)
{
	static struct errbuf eb;
	struct options options;
	struct server_config *config;
	bool json = false;
	int status;

	options_begin(&options, &usage, argc, argv);
	while (options_next(&options) >= 0)
		json = true;
	if (options.status >= 0)
		return options.status;
	if (options.n_words > 0)
		return options_refuse(
		    &options, "\"%s\" is a word too many", options.words[0]);
	errbuf_init(&eb);
	config = server_config_load(path, &eb);
	if (config == NULL) {
		command_print_messages(&eb);
		return CTL_FAILED;
	}
	status = show(path, config, json, &eb);
	server_config_destroy(config);
	return status;
}

const struct command command_status = {
    .name = "status",
    .summary = "endpoints and their health",
    .run = run,
};
