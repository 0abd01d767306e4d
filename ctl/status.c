/*
 * meridianctl status: every endpoint with what meridiand holds of it and what
 * each vantage says of it, as a table or as JSON.  Asks the running server, and
 * reads the state database; where no server answers, it decides from the files
 * as one would.
 */
#include <getopt.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "ctl/command.h"
#include "ctl/fetch.h"
#include "ctl/status_text.h"
#include "state/endpoint_key.h"
#include "state/reader.h"
#include "node/status_page.h"

/* Changes of health that are shown. */
#define EVENTS 10

/* All rows of the state database, as they came. */
struct rows {
	struct state_vantage *vantage;
	struct state_endpoint *endpoint;
	size_t n_vantages, n_endpoints;
	json_t *events;
	bool failed;
};

static void
put(json_t *object, const char *key, json_t *value)
{
	(void)json_object_set_new(object, key, value);
}

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

/* Append one of ${size} octets to an array whose length is a power of two less
 * or more; NULL without memory. */
static void *
append(void *array, size_t n, const void *row, size_t size)
{
	if ((n & (n - 1)) == 0)
		array = reallocarray(array, n == 0 ? 1 : 2 * n, size);
	if (array != NULL)
		memcpy((char *)array + n * size, row, size);
	return array;
}

static void
take_vantage(void *context, const struct state_vantage *row)
{
	struct rows *rows = context;
	void *array =
	    append(rows->vantage, rows->n_vantages, row, sizeof(*row));

	rows->failed |= array == NULL;
	if (array == NULL)
		return;
	rows->vantage = array;
	rows->n_vantages++;
}

static void
take_endpoint(void *context, const struct state_endpoint *row)
{
	struct rows *rows = context;
	void *array =
	    append(rows->endpoint, rows->n_endpoints, row, sizeof(*row));

	rows->failed |= array == NULL;
	if (array == NULL)
		return;
	rows->endpoint = array;
	rows->n_endpoints++;
}

/* The last changes, newest first. */
static void
take_event(void *context, const struct state_event *event)
{
	json_t *o = json_object();

	put(o, "at", when(event->at_ms));
	put(o, "at_ms", json_integer(event->at_ms));
	put(o, "vantage", json_string(event->vantage));
	put(o, "zone", json_string(event->zone));
	put(o, "pool", json_string(event->pool));
	put(o, "endpoint", json_string(event->endpoint));
	put(o, "before", json_string(state_health_name(event->before)));
	put(o, "after", json_string(state_health_name(event->after)));
	put(o, "reason", json_string(event->reason));
	json_array_append_new(context, o);
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
		json_t *o = json_object();

		put(o, "vantage", json_string(v->name));
		put(o, "version", json_string(v->version));
		put(o, "age_ms", json_integer(age));
		put(o, "fresh", json_boolean(age <= (int64_t)stale_after_ms));
		json_array_append_new(list, o);
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
	json_t *o = json_object();

	put(o, "vantage", json_string(row->vantage));
	put(o, "health", json_string(state_health_name(row->health)));
	put(o, "reason", json_string(row->reason));
	put(o, "since", when(row->since_ms));
	put(o, "since_ms", json_integer(row->since_ms));
	put(o, "checked", when(row->checked_ms));
	put(o, "passes", json_integer(row->passes));
	put(o, "fails", json_integer(row->fails));
	put(o, "connect_ms", milliseconds(row->connect_us));
	put(o, "first_byte_ms", milliseconds(row->first_byte_us));
	return o;
}

static const char *
text_of(const json_t *endpoint, const char *name)
{
	const char *text = json_string_value(json_object_get(endpoint, name));

	return text != NULL ? text : "";
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
		struct endpoint_key key = {
		    .zone = text_of(e, "zone"),
		    .pool = text_of(e, "pool"),
		    .endpoint = text_of(e, "endpoint"),
		};
		json_t *views = json_array();

		for (size_t r = first_row(rows, &key);
		     r < rows->n_endpoints && order_of(rows, r, &key) == 0; r++)
			json_array_append_new(
			    views, view_object(&rows->endpoint[r]));
		put(e, "views", views);
	}
}

/* What meridiand says of itself: whether it answers, how its last reload went,
 * its endpoints.  ${endpoints} becomes theirs, or stays NULL. */
static json_t *
server_object(const struct server_config *config, json_t **endpoints)
{
	char why[FETCH_WHY] = "its status page is no JSON";
	char *body = fetch_page(config, "/api/v1/status", why);
	json_t *page = NULL, *o = json_object();

	if (body != NULL)
		page = json_loads(body, 0, NULL);
	put(o, "running", json_boolean(page != NULL));
	if (page != NULL) {
		(void)json_object_set(o, "pid", json_object_get(page, "pid"));
		(void)json_object_set(
		    o, "reload", json_object_get(page, "reload"));
		(void)json_object_set(
		    o, "health", json_object_get(page, "health"));
		*endpoints = json_incref(json_object_get(page, "endpoints"));
	} else {
		put(o, "why", json_string(why));
	}
	json_decref(page);
	free(body);
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
	struct generation *g = command_load(path, false);
	struct health *health = NULL;
	struct live *live = NULL;
	json_t *list = NULL;

	errbuf_init(eb);
	if (g != NULL)
		health = command_health(g->config, eb);
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
	json_t *root = json_object(), *endpoints = NULL;
	int status = CTL_OK;

	if (read_rows(config, &rows, eb) != 0) {
		command_print_messages(eb);
		status = CTL_FAILED;
	}
	put(root, "server", server_object(config, &endpoints));
	put(root, "vantages", vantage_list(&rows, config->stale_after_ms));
	if (endpoints == NULL)
		endpoints = endpoints_of_files(path, eb);
	if (endpoints == NULL) {
		endpoints = json_array();
		status = CTL_FAILED;
	}
	add_views(endpoints, &rows);
	put(root, "endpoints", endpoints);
	put(root, "events", rows.events);
	if (json) {
		json_dumpf(root, stdout, JSON_INDENT(2) | JSON_PRESERVE_ORDER);
		putchar('\n');
	} else {
		status_text_print(root);
	}
	json_decref(root);
	free(rows.vantage);
	free(rows.endpoint);
	return status;
}

int
command_status(const char *path, int argc, char **argv)
{
	static const struct option options[] = {
	    {"json", no_argument, NULL, 'j'}, {0}};
	static struct errbuf eb;
	struct server_config *config;
	bool json = false;
	int option, status;

	optind = 0;
	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (option != 'j')
			return CTL_USAGE;
		json = true;
	}
	if (optind != argc) {
		fputs("usage: meridianctl -c FILE status [--json]\n", stderr);
		return CTL_USAGE;
	}
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
