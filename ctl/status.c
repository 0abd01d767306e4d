/*
 * meridianctl status: every endpoint of the node's files with what each vantage
 * says of it, as a table or as JSON.  Reads the state database; asks meridiand
 * itself only whether it is there.
 */
#include <getopt.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "ctl/command.h"
#include "state/reader.h"

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

/* What each vantage says of one endpoint. */
static json_t *
view_list(const struct rows *rows, const struct policy_endpoint *e)
{
	json_t *list = json_array();

	for (size_t i = 0; i < rows->n_endpoints; i++) {
		const struct state_endpoint *row = &rows->endpoint[i];
		json_t *o;

		if (strcmp(row->zone, e->zone) != 0 ||
		    strcmp(row->pool, e->pool) != 0 ||
		    strcmp(row->endpoint, e->name) != 0)
			continue;
		o = json_object();
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
		json_array_append_new(list, o);
	}
	return list;
}

static const char *
usable_word(uint8_t usable)
{
	return usable == USABLE_YES ? "up"
	    : usable == USABLE_NO   ? "down"
				    : "unchecked";
}

static json_t *
endpoint_list(const struct generation *g, const struct live *live,
    const struct rows *rows)
{
	json_t *list = json_array();

	for (size_t i = 0; i < g->policy->n_endpoints; i++) {
		const struct policy_endpoint *e = &g->policy->endpoints[i];
		json_t *o = json_object();

		put(o, "zone", json_string(e->zone));
		put(o, "region", json_string(e->region));
		put(o, "pool", json_string(e->pool));
		put(o, "endpoint", json_string(e->name));
		put(o, "usable", json_string(usable_word(live->endpoint[i])));
		put(o, "views", view_list(rows, e));
		json_array_append_new(list, o);
	}
	return list;
}

/* Whether meridiand answers, and how its last reload went. */
static json_t *
server_object(const struct server_config *config)
{
	struct errbuf *eb = malloc(sizeof(*eb));
	json_t *page = NULL, *o = json_object();
	char *body;

	if (eb == NULL)
		return o;
	errbuf_init(eb);
	body = command_fetch(config, "/api/v1/status", eb);
	if (body != NULL)
		page = json_loads(body, 0, NULL);
	put(o, "running", json_boolean(page != NULL));
	if (page != NULL) {
		(void)json_object_set(o, "pid", json_object_get(page, "pid"));
		(void)json_object_set(
		    o, "reload", json_object_get(page, "reload"));
		(void)json_object_set(
		    o, "health", json_object_get(page, "health"));
	}
	json_decref(page);
	free(body);
	free(eb);
	return o;
}

static const char *
text_of(const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));

	return text != NULL && text[0] != '\0' ? text : "-";
}

/* "3 s", "12 min", "4 h", "9 d": how long ago. */
static void
print_ago(char *out, size_t size, int64_t ms)
{
	long long s = ms / 1000;

	if (s < 120)
		snprintf(out, size, "%lld s", s < 0 ? 0 : s);
	else if (s < 7200)
		snprintf(out, size, "%lld min", s / 60);
	else if (s < 172800)
		snprintf(out, size, "%lld h", s / 3600);
	else
		snprintf(out, size, "%lld d", s / 86400);
}

static void
print_view(const json_t *view)
{
	int64_t since = json_integer_value(json_object_get(view, "since_ms"));
	const json_t *first = json_object_get(view, "first_byte_ms");
	char ago[32] = "-", latency[32] = "-";

	if (since > 0)
		print_ago(ago, sizeof(ago), clock_wall_ms() - since);
	if (json_is_real(first))
		snprintf(latency, sizeof(latency), "%.1f ms",
		    json_real_value(first));
	printf("  %-12s %-8s %-8s %-9s %s\n", text_of(view, "vantage"),
	    text_of(view, "health"), ago, latency, text_of(view, "reason"));
}

static void
print_endpoints(const json_t *list)
{
	static const char *const head =
	    "%-20s %-12s %-14s %-16s %-10s  %-12s %-8s %-8s %-9s %s\n";
	const json_t *e, *view;
	size_t i, k;

	printf(head, "zone", "region", "pool", "endpoint", "usable", "vantage",
	    "health", "since", "latency", "reason");
	json_array_foreach(list, i, e)
	{
		const json_t *views = json_object_get(e, "views");

		printf("%-20s %-12s %-14s %-16s %-10s", text_of(e, "zone"),
		    text_of(e, "region"), text_of(e, "pool"),
		    text_of(e, "endpoint"), text_of(e, "usable"));
		if (json_array_size(views) == 0)
			printf("  no vantage has checked it\n");
		json_array_foreach(views, k, view)
		{
			if (k > 0)
				printf("%-76s", "");
			print_view(view);
		}
	}
}

static void
print_events(const json_t *list)
{
	const json_t *e;
	size_t i;

	if (json_array_size(list) > 0)
		printf("\nlast changes\n");
	json_array_foreach(list, i, e)
	{
		char ago[32];

		print_ago(ago, sizeof(ago),
		    clock_wall_ms() -
			json_integer_value(json_object_get(e, "at_ms")));
		printf("%8s ago  %s %s %s: %s to %s, seen from %s (%s)\n", ago,
		    text_of(e, "zone"), text_of(e, "pool"),
		    text_of(e, "endpoint"), text_of(e, "before"),
		    text_of(e, "after"), text_of(e, "vantage"),
		    text_of(e, "reason"));
	}
}

static void
print_text(const json_t *root)
{
	const json_t *server = json_object_get(root, "server"), *v;
	size_t i;

	if (json_is_true(json_object_get(server, "running")))
		printf("meridiand  running, process %lld, last load %s\n",
		    (long long)json_integer_value(
			json_object_get(server, "pid")),
		    json_is_true(json_object_get(
			json_object_get(server, "reload"), "ok"))
			? "good"
			: "FAILED (meridianctl check says why)");
	else
		printf("meridiand  does not answer on its http address\n");
	json_array_foreach(json_object_get(root, "vantages"), i, v)
	{
		char ago[32];

		print_ago(ago, sizeof(ago),
		    json_integer_value(json_object_get(v, "age_ms")));
		printf("vantage    %s, heartbeat %s ago%s\n",
		    text_of(v, "vantage"), ago,
		    json_is_true(json_object_get(v, "fresh")) ? "" : ", STALE");
	}
	printf("\n");
	print_endpoints(json_object_get(root, "endpoints"));
	print_events(json_object_get(root, "events"));
}

/* The whole status as JSON, from which the table is printed too. */
static json_t *
status_object(const struct generation *g, const struct rows *rows,
    const struct live *live)
{
	json_t *root = json_object();

	put(root, "server", server_object(g->config));
	put(root, "vantages", vantage_list(rows, g->config->stale_after_ms));
	put(root, "endpoints", endpoint_list(g, live, rows));
	(void)json_object_set(root, "events", rows->events);
	return root;
}

static int
show(const struct generation *g, bool json)
{
	struct errbuf *eb = malloc(sizeof(*eb));
	struct rows rows = {0};
	struct health *health = NULL;
	struct live *live = NULL;
	int status = CTL_FAILED;
	json_t *root;

	if (eb == NULL)
		return CTL_FAILED;
	errbuf_init(eb);
	rows.events = json_array();
	if (read_rows(g->config, &rows, eb) != 0)
		command_print_messages(eb);
	else
		status = CTL_OK;
	errbuf_init(eb);
	health = command_health(g->config, eb);
	if (health != NULL)
		live = health_live(health, g->policy, clock_mono_ms());
	if (live != NULL) {
		root = status_object(g, &rows, live);
		if (json)
			json_dumpf(
			    root, stdout, JSON_INDENT(2) | JSON_PRESERVE_ORDER);
		else
			print_text(root);
		json_decref(root);
	} else {
		status = CTL_FAILED;
	}
	live_destroy(live);
	health_destroy(health);
	free(rows.vantage);
	free(rows.endpoint);
	json_decref(rows.events);
	free(eb);
	return status;
}

int
command_status(const char *path, int argc, char **argv)
{
	static const struct option options[] = {
	    {"json", no_argument, NULL, 'j'}, {0}};
	struct generation *g;
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
	g = command_load(path, false);
	if (g == NULL)
		return CTL_FAILED;
	status = show(g, json);
	generation_destroy(g);
	return status;
}
