/*
 * What meridiand tells below /api/v1/: each path answers as meridian-api(7)
 * shows it, what cannot be answered says so, and what changes is in the stream
 * soon, once, and again for who comes back.
 */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/text.h"
#include "tests/system/events.h"
#include "tests/system/large.h"

#define MANUAL "man/meridian-api.7"
#define CHECK "every: 100ms, timeout: 1500ms, fall: 1, rise: 1"

/* How many failovers are measured: the median counts. */
#define FAILOVERS 5
#define IN_STREAM_MS 1000

static json_t *
get(struct node *node, const char *path)
{
	const char *body = node_page(node, path);
	json_error_t error;
	json_t *object = json_loads(body, 0, &error);

	ck_assert_msg(object != NULL, "%s: %s: %s", path, error.text, body);
	return object;
}

/* The list ${key} of a page has something. */
static bool
has_items(struct node *node, const char *path, const char *key)
{
	json_t *object = get(node, path);
	bool has = json_array_size(json_object_get(object, key)) > 0;

	json_decref(object);
	return has;
}

static void
start(struct node *node, struct harness *h)
{
	node_init(node, h);
	node_standin(node, 0);
	node_standin(node, 1);
	node_pair(node, "", CHECK);
	node_serve(node);
	node_check(node);
	HARNESS_WAIT(20000,
	    has_items(node, "/api/v1/endpoints?usable=up&region=eu-west",
		"endpoints") &&
		has_items(node, "/api/v1/endpoints?usable=up&region=us-east",
		    "endpoints"));
}

static void
finish(struct node *node)
{
	harness_stop(node->h, node->probe);
	harness_stop(node->h, node->server);
	harness_destroy(node->h);
}

/* --- as the manual shows it --- */

/* The first object that the section of ${path} shows. */
static json_t *
manual_example(struct harness *h, const char *path)
{
	const char *text = harness_read(h, MANUAL), *from, *to;
	char section[64];
	json_error_t error;
	json_t *object;

	snprintf(section, sizeof(section), ".Ss %s\n", path);
	from = strstr(text, section);
	ck_assert_msg(from != NULL, "%s has no section %s", MANUAL, path);
	from = strstr(from, "\n.Bd -literal");
	ck_assert_ptr_nonnull(from);
	from = strchr(from + 1, '\n');
	to = strstr(from, "\n.Ed");
	object = json_loadb(from, (size_t)(to - from), 0, &error);
	ck_assert_msg(object != NULL, "%s: the example is no JSON: line %d: %s",
	    path, error.line, error.text);
	return object;
}

static bool
same_type(const json_t *shown, const json_t *is)
{
	return json_is_null(shown) || json_is_null(is) ||
	    (json_is_number(shown) && json_is_number(is)) ||
	    (json_is_boolean(shown) && json_is_boolean(is)) ||
	    json_typeof(shown) == json_typeof(is);
}

/* Whether an object is a table by names that are not members: those of regions.
 */
static bool
is_by_name(const char *key)
{
	return strcmp(key, "regions") == 0;
}

/* All that ${shown} has, ${is} has too, of the same type. */
static void
compare(const char *path, const char *at, const json_t *shown, const json_t *is)
{
	const char *key;
	json_t *member;

	ck_assert_msg(is != NULL, "%s: no %s", path, at);
	ck_assert_msg(
	    same_type(shown, is), "%s: %s is of another type", path, at);
	if (json_is_array(shown) && json_is_array(is))
		for (size_t i = 0; i < json_array_size(is); i++)
			if (json_array_size(shown) > 0)
				compare(path, at, json_array_get(shown, 0),
				    json_array_get(is, i));
	if (!json_is_object(shown) || !json_is_object(is) || is_by_name(at))
		return;
	json_object_foreach((json_t *)(uintptr_t)shown, key, member)
	    compare(path, key, member, json_object_get(is, key));
}

/* The page of traffic tells where clients of ${country} are sent. */
static bool
tells_country(struct node *node, const char *country)
{
	json_t *object = get(node, "/api/v1/traffic"), *row;
	json_t *rows =
	    json_object_get(json_object_get(object, "countries"), "rows");
	bool tells = false;
	size_t i;

	(void)node_pair_answer(node);
	json_array_foreach(rows, i, row) tells |=
	    strcmp(json_string_value(json_object_get(row, "country")),
		country) == 0;
	json_decref(object);
	return tells;
}

static double
rate_of(struct node *node)
{
	json_t *object = get(node, "/api/v1/services");
	double rate =
	    json_number_value(json_object_get(object, "answers_per_second"));

	json_decref(object);
	return rate;
}

START_TEST(each_path_is_as_the_manual_shows_it)
{
	static const struct {
		const char *path, *list;
	} paths[] = {
	    {"/api/v1/services", "services"},
	    {"/api/v1/regions", "regions"},
	    {"/api/v1/endpoints", "endpoints"},
	    {"/api/v1/vantages", "vantages"},
	    {"/api/v1/overrides", "overrides"},
	    {"/api/v1/events", "events"},
	    {"/api/v1/traffic", "services"},
	};
	struct harness *h = harness_create();
	json_t *shown, *is;
	struct node node;

	start(&node, h);
	ck_assert_int_eq(node_ctl(&node, NULL, "drain", "region", "us-east",
			     "--for", "10m", "--reason", "new switches"),
	    0);
	HARNESS_WAIT(30000, node_pair_answer(&node) == 2 && rate_of(&node) > 0);
	/* node_pair_answer() asks for a client in Germany; one answer of some
	 * is looked up. */
	HARNESS_WAIT(40000, tells_country(&node, "DE"));
	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		HARNESS_WAIT(
		    10000, has_items(&node, paths[i].path, paths[i].list));
		shown = manual_example(h, paths[i].path);
		is = get(&node, paths[i].path);
		compare(paths[i].path, "the page", shown, is);
		json_decref(shown);
		json_decref(is);
	}
	finish(&node);
}
END_TEST

/* --- what they say --- */

/* The value of ${key} of the item of ${list} whose ${by} is ${name}, as JSON;
 * lives until the next call. */
static const char *
said(struct node *node, const char *path, const char *list, const char *by,
    const char *name, const char *key)
{
	static char text[4096];
	json_t *object = get(node, path), *item;
	json_t *items = json_object_get(object, list);
	size_t i;

	text[0] = '\0';
	json_array_foreach(items, i, item)
	{
		const char *is = json_string_value(json_object_get(item, by));
		char *value;

		if (is == NULL || strcmp(is, name) != 0)
			continue;
		value = json_dumps(json_object_get(item, key),
		    JSON_ENCODE_ANY | JSON_COMPACT | JSON_REAL_PRECISION(4));
		snprintf(text, sizeof(text), "%s", value);
		free(value);
	}
	json_decref(object);
	return text;
}

#define SERVICE "one.inference.example"

START_TEST(a_drain_is_told_with_who_and_until_when)
{
	struct harness *h = harness_create();
	struct node node;
	const char *drained;

	start(&node, h);
	ck_assert_int_eq(node_ctl(&node, NULL, "drain", "region", "eu-west",
			     "--for", "10m", "--reason", "new switches"),
	    0);
	HARNESS_WAIT(10000, node_pair_answer(&node) == 1);
	drained = said(&node, "/api/v1/regions", "regions", "region", "eu-west",
	    "drained");
	ck_assert_ptr_nonnull(strstr(drained, "\"number\":1"));
	ck_assert_ptr_nonnull(strstr(drained, "\"reason\":\"new switches\""));
	ck_assert_ptr_nonnull(strstr(drained, "\"until_ms\":"));
	ck_assert_ptr_nonnull(strstr(drained, "\"author\":\""));
	ck_assert_str_eq(said(&node, "/api/v1/regions", "regions", "region",
			     "eu-west", "health"),
	    "\"drained\"");
	ck_assert_str_eq(said(&node, "/api/v1/services", "services", "service",
			     SERVICE, "overrides"),
	    "[1]");
	ck_assert_str_eq(said(&node, "/api/v1/services", "services", "service",
			     SERVICE, "drained"),
	    "1");
	ck_assert_str_eq(said(&node, "/api/v1/endpoints?usable=drained",
			     "endpoints", "endpoint", "eu", "region"),
	    "\"eu-west\"");
	ck_assert_str_eq(said(&node, "/api/v1/endpoints?usable=drained",
			     "endpoints", "endpoint", "us", "region"),
	    "");
	/* What was answered is told as a rate, of the pool and the region. */
	HARNESS_WAIT(30000, node_pair_answer(&node) == 1 && rate_of(&node) > 0);
	ck_assert_ptr_nonnull(
	    strstr(said(&node, "/api/v1/services?service=" SERVICE, "services",
		       "service", SERVICE, "split"),
		"\"set\":1.0,\"now\":1.0,\"served\":1.0"));
	ck_assert_ptr_nonnull(strstr(said(&node, "/api/v1/traffic", "services",
					 "service", SERVICE, "regions"),
	    "\"us-east\":"));
	finish(&node);
}
END_TEST

/* Each question and the status that it gets. */
static const struct {
	const char *method, *path;
	int status;
} questions[] = {
    {"GET", "/", 200},
    {"GET", "/page/index.html", 200},
    {"GET", "/page/nix.html", 404},
    {"GET", "/page/", 404},
    {"GET", "/page/../../etc/passwd", 404},
    {"GET", "/page/%2e%2e/meridian.yaml", 404},
    {"GET", "/api/v1/nix", 404},
    {"GET", "/api/v1/services?limit=1000", 200},
    {"GET", "/api/v1/services?limit=0", 400},
    {"GET", "/api/v1/services?limit=1001", 400},
    {"GET", "/api/v1/services?limit=-1", 400},
    {"GET", "/api/v1/services?limit=", 400},
    {"GET", "/api/v1/services?service=ONE.inference.example.", 200},
    {"GET", "/api/v1/services?service=nix.example", 404},
    {"GET", "/api/v1/services?service=", 404},
    {"GET", "/api/v1/services?after=zzz", 200},
    {"GET", "/api/v1/services?after=%00", 400},
    {"GET", "/api/v1/traffic?service=nix.example", 404},
    {"GET", "/api/v1/endpoints?after=nonsense", 400},
    {"GET", "/api/v1/endpoints?after=:", 400},
    {"GET", "/api/v1/endpoints?after=-1:a", 400},
    {"GET", "/api/v1/endpoints?after=7:a/b/c", 200},
    {"GET", "/api/v1/endpoints?after=", 400},
    {"GET", "/api/v1/endpoints?usable=well", 400},
    {"GET", "/api/v1/endpoints?usable=unchecked", 200},
    {"GET", "/api/v1/endpoints?usable=&region=", 200},
    {"GET", "/api/v1/endpoints?pool=nix", 404},
    {"GET", "/api/v1/endpoints?zone=nix", 404},
    {"GET", "/api/v1/endpoints?zone=inference.example&pool=v1", 200},
    {"GET", "/api/v1/endpoints?after=99999999999999999999:a", 200},
    {"GET", "/api/v1/endpoints?service=nix", 404},
    {"GET", "/api/v1/endpoints?region=nix", 404},
    {"GET", "/api/v1/events?since=x", 400},
    {"GET", "/api/v1/events?since=0&after=5&limit=1", 200},
    {"GET", "/api/v1/explain?name=" SERVICE "&client=84.128.0.0/24", 200},
    {"GET", "/api/v1/explain?name=" SERVICE "&country=DE", 200},
    {"GET", "/api/v1/explain?name=" SERVICE "&country=de", 200},
    {"GET", "/api/v1/explain?name=" SERVICE "&country=D", 400},
    {"GET", "/api/v1/explain?name=" SERVICE "&country=ZZ", 400},
    {"GET", "/api/v1/explain?name=nix.example&country=DE", 404},
    {"GET", "/api/v1/explain?country=DE", 400},
    {"POST", "/api/v1/services", 405},
    {"DELETE", "/api/v1/overrides", 405},
};

START_TEST(what_makes_no_sense_is_refused)
{
	struct harness *h = harness_create();
	struct node node;
	char url[256];

	start(&node, h);
	for (size_t i = 0; i < sizeof(questions) / sizeof(questions[0]); i++) {
		const char *body = "";
		int status;

		snprintf(url, sizeof(url), "http://127.0.0.1:%u%s", node.http,
		    questions[i].path);
		status = harness_http(h, questions[i].method, url, &body);
		ck_assert_msg(status == questions[i].status, "%s %s: %d: %s",
		    questions[i].method, questions[i].path, status, body);
	}
	finish(&node);
}
END_TEST

/* Names with what JSON, URLs, HTML and scripts have for themselves: as the file
 * has them, as a URL has them, and as all pages do. */
static const struct {
	const char *file, *url, *name;
} odd[] = {
    {"__proto__", "__proto__", "__proto__"},
    {"constructor", "constructor", "constructor"},
    {"x<b>y", "x%3Cb%3Ey", "x<b>y"},
    {"a&b", "a%26b", "a&b"},
    {"a#b", "a%23b", "a#b"},
    {"a%41", "a%2541", "a%41"},
    {"a+b", "a%2Bb", "a+b"},
    {"a/b?c=d", "a%2Fb%3Fc%3Dd", "a/b?c=d"},
    {"a\\\"b", "a%5C%22b", "a\\\"b"},
    {"a\\032b", "a%5C032b", "a\\032b"},
    {"a\\200b", "a%5C200b", "a\\200b"},
    {"a\\.b", "a%5C.b", "a\\.b"},
    {"*.wild", "*.wild", "*.wild"},
    {"UPPER", "UPPER", "upper"},
};

static void
ask_odd(struct node *node, size_t i)
{
	char name[128], path[256];
	json_t *object;

	snprintf(name, sizeof(name), "%s.inference.example", odd[i].name);
	for (int k = 0; k < 2; k++) {
		const char *list = k == 0 ? "services" : "traffic";

		snprintf(path, sizeof(path),
		    "/api/v1/%s?service=%s.inference.example", list,
		    odd[i].url);
		ck_assert_msg(strcmp(said(node, path, "services", "service",
					 name, "service"),
				  "") != 0,
		    "%s: not in %s", name, path);
	}
	snprintf(path, sizeof(path),
	    "/api/v1/endpoints?service=%s.inference.example", odd[i].url);
	ck_assert_msg(has_items(node, path, "endpoints"), "%s", path);
	snprintf(path, sizeof(path),
	    "/api/v1/explain?name=%s.inference.example&client=192.0.2.0/24",
	    odd[i].url);
	object = get(node, path);
	ck_assert_msg(
	    json_is_object(json_object_get(object, "answer")), "%s", path);
	json_decref(object);
}

START_TEST(odd_names_are_told_as_they_are)
{
	struct harness *h = harness_create();
	struct node node;
	struct text t;
	const char *out;

	node_init(&node, h);
	node_config(&node, "");
	node_records(&node, node_zone);
	text_init(&t, 65536);
	text_add(&t,
	    "regions: {__proto__: {at: [39, -77]}, constructor: {at: [5, 5]}}\n"
	    "pools: {toString: {endpoints: [{name: __proto__, region: "
	    "__proto__, address: 192.0.2.1}, {name: valueOf, region: "
	    "constructor, address: 192.0.2.2}]}}\nservices:\n");
	for (size_t i = 0; i < sizeof(odd) / sizeof(odd[0]); i++)
		text_add(&t, "  '%s': {pool: toString}\n", odd[i].file);
	node_steering(&node, "%s", t.data);
	text_finish(&t);
	node_serve(&node);
	for (size_t i = 0; i < sizeof(odd) / sizeof(odd[0]); i++)
		ask_odd(&node, i);
	ck_assert_str_eq(said(&node, "/api/v1/regions", "regions", "region",
			     "__proto__", "health"),
	    "\"up\"");
	/* Prometheus reads them, too. */
	harness_write(h, "metrics.txt", "%s", node_page(&node, "/metrics"));
	ck_assert_int_eq(harness_run(h, &out, "/bin/sh", "-c",
			     "command -v promtool >/dev/null || exit 0; "
			     "promtool check metrics <\"$0\"",
			     harness_path(h, "metrics.txt"), NULL),
	    0);
	harness_stop(h, node.server);
	harness_destroy(h);
}
END_TEST

START_TEST(a_country_is_explained)
{
	struct harness *h = harness_create();
	struct node node;
	json_t *object;
	const char *client;

	start(&node, h);
	object = get(&node, "/api/v1/explain?name=" SERVICE "&country=de");
	ck_assert_str_eq(
	    json_string_value(json_object_get(object, "country")), "DE");
	client = json_string_value(json_object_get(
	    json_array_get(json_object_get(object, "outcomes"), 0), "client"));
	ck_assert_ptr_nonnull(client);
	ck_assert_ptr_nonnull(strstr(
	    json_string_value(json_object_get(object, "client")), client));
	ck_assert_uint_gt(json_array_size(json_object_get(object, "steps")), 2);
	ck_assert_str_eq(json_string_value(json_object_get(
			     json_object_get(object, "place"), "country")),
	    "DE");
	json_decref(object);
	finish(&node);
}
END_TEST

/* --- the stream --- */

START_TEST(a_failover_is_in_the_stream_within_a_second)
{
	struct harness *h = harness_create();
	int64_t ms[FAILOVERS], began;
	struct events events;
	struct node node;

	start(&node, h);
	events_open(&events, &node, NULL);
	events_expect(&events, "\"what\":\"all\"");
	for (int i = 0; i < FAILOVERS; i++) {
		bool down = i % 2 == 0;

		node_order(&node, 1, down ? "health=down" : "health=up");
		HARNESS_WAIT(20000, node_pair_answer(&node) == (down ? 1 : 2));
		began = harness_ms();
		/* What it was before may have been told together with that. */
		events_expect(&events,
		    down ? "\"after\":\"down\"}" : "\"after\":\"up\"}");
		ms[i] = harness_ms() - began;
		events_expect(&events,
		    down ? "\"after\":\"degraded\"}"
			 : "\"after\":\"healthy\"}");
		events_expect(&events, "event: event\n");
	}
	printf("measured: a failover was in the stream %lld ms after it was "
	       "in the answers (median)\n",
	    (long long)harness_within(ms, FAILOVERS, 50));
	ck_assert_int_le(harness_within(ms, FAILOVERS, 50), IN_STREAM_MS);
	ck_assert(node_metric(&node, "meridian_http_streams") == 1);
	events_close(&events);
	HARNESS_WAIT(10000, node_metric(&node, "meridian_http_streams") == 0);
	finish(&node);
}
END_TEST

START_TEST(who_comes_back_gets_what_it_missed)
{
	struct harness *h = harness_create();
	struct events events;
	char id[64];
	struct node node;

	start(&node, h);
	events_open(&events, &node, NULL);
	events_expect(&events, "\"what\":\"all\"");
	snprintf(id, sizeof(id), "%s", events.id);
	events_close(&events);
	node_order(&node, 1, "health=down");
	HARNESS_WAIT(20000, node_pair_answer(&node) == 1);
	events_open(&events, &node, id);
	events_expect(&events, "\"after\":\"down\"}");
	ck_assert_ptr_null(strstr(events.text, "\"all\""));
	events_close(&events);
	/* Of another run nothing is known. */
	harness_stop(h, node.server);
	node_serve(&node);
	events_open(&events, &node, id);
	events_expect(&events, "\"what\":\"all\"");
	events_expect(&events, "event: tick\n");
	events_close(&events);
	finish(&node);
}
END_TEST

/* --- many services and endpoints --- */

#define CHANGES 20
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define OVERVIEW_MS 10000
#else
#define OVERVIEW_MS 2000
#endif
#define MANY 256

/* Someone who reads all that the status page does, again and again. */
struct onlooker {
	pthread_t thread;
	uint16_t port;
	atomic_bool *stop;
	atomic_size_t n;
	int64_t ms[MANY];
	size_t most; /* bytes of one round */
};

/* All of a page, in bytes; 0: it did not come. */
static size_t
fetch(uint16_t port, const char *path)
{
	int fd = large_connect(port, SOCK_STREAM);
	char text[128], part[16384];
	size_t all = 0;
	ssize_t n;

	snprintf(text, sizeof(text), "GET %s HTTP/1.0\r\n\r\n", path);
	if (fd < 0)
		return 0;
	if (send(fd, text, strlen(text), MSG_NOSIGNAL) > 0)
		while ((n = recv(fd, part, sizeof(part), 0)) > 0)
			all += (size_t)n;
	close(fd);
	return all;
}

static void *
look_on(void *argument)
{
	static const char *const paths[] = {"/", "/api/v1/services?limit=1000",
	    "/api/v1/regions", "/api/v1/vantages", "/api/v1/overrides",
	    "/api/v1/events", "/api/v1/traffic?limit=1000"};
	struct onlooker *o = argument;

	while (!atomic_load(o->stop) && o->n < MANY) {
		int64_t began = harness_ms();
		size_t all = 0;

		for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++)
			all += fetch(o->port, paths[i]);
		if (all > o->most)
			o->most = all;
		o->ms[o->n++] = harness_ms() - began;
	}
	return NULL;
}

/* Turn the endpoints of a pool so often that a client who reads nothing of
 * the stream is ended. */
static void
drop_one(struct node *node)
{
	int room = 4096, fd = large_connect(node->http, SOCK_STREAM);
	static const char ask[] = "GET /api/v1/stream HTTP/1.0\r\n\r\n";

	setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &room, sizeof(room));
	ck_assert_int_gt(send(fd, ask, strlen(ask), MSG_NOSIGNAL), 0);
	HARNESS_WAIT(90000,
	    *node_sql(node,
		"UPDATE endpoint SET sequence = (SELECT max(sequence) FROM "
		"endpoint) + 1, health = CASE health WHEN 'up' THEN 'down' "
		"ELSE 'up' END WHERE pool = 'p7'") == '\0' &&
		node_metric(node, "meridian_http_streams_dropped_total") == 1);
	close(fd);
}

START_TEST(many_services_are_told_soon_and_hold_back_no_health)
{
	static struct onlooker onlooker;
	struct harness *h = harness_create();
	struct large_watcher watcher;
	atomic_bool stop = false;
	int64_t seen[CHANGES], overview, change;
	struct events events;
	struct node node;
	json_t *object;
	size_t services;

	large_start(&node, h);
	object = get(&node, "/api/v1/services?limit=1000");
	services = (size_t)json_integer_value(json_object_get(object, "total"));
	ck_assert_uint_ge(services, 500);
	ck_assert_uint_eq(
	    json_array_size(json_object_get(object, "services")), services);
	json_decref(object);
	events_open(&events, &node, NULL);
	large_watch(&watcher, &node, &stop);
	onlooker.port = node.http;
	onlooker.stop = &stop;
	ck_assert_int_eq(
	    pthread_create(&onlooker.thread, NULL, look_on, &onlooker), 0);
	for (int i = 0; i < CHANGES; i++)
		seen[i] = large_change(&node, &watcher, i % 2 ? 2 : 1);
	/* What came and went between two looks is no news; this stays. */
	(void)large_change(&node, &watcher, 1);
	events_expect(&events, "\"pool\":\"watched\",\"endpoint\":\"eu\"");
	HARNESS_WAIT(30000, onlooker.n >= 5);
	atomic_store(&stop, true);
	pthread_join(watcher.thread, NULL);
	pthread_join(onlooker.thread, NULL);
	overview = harness_within(onlooker.ms, onlooker.n, 50);
	change = harness_within(seen, CHANGES, 50);
	printf("measured: %zu services and 60,002 endpoints: the overview, "
	       "%zu bytes, in %lld ms (median of %zu); beside it a change was "
	       "in the answers after %lld ms (median of %d)\n",
	    services, onlooker.most, (long long)overview, onlooker.n,
	    (long long)change, CHANGES);
	ck_assert_int_le(overview, OVERVIEW_MS);
	ck_assert_int_le(change, LARGE_SEEN_MS);
	events_close(&events);
	drop_one(&node);
	harness_stop(h, node.server);
	harness_destroy(h);
}
END_TEST

int
main(void)
{
	const struct harness_case cases[] = {
	    {"pages", each_path_is_as_the_manual_shows_it, 0},
	    {"drain", a_drain_is_told_with_who_and_until_when, 0},
	    {"questions", what_makes_no_sense_is_refused, 0},
	    {"odd names", odd_names_are_told_as_they_are, 0},
	    {"country", a_country_is_explained, 0},
	    {"stream", a_failover_is_in_the_stream_within_a_second, 0},
	    {"back", who_comes_back_gets_what_it_missed, 0},
	    {"many", many_services_are_told_soon_and_hold_back_no_health, 180},
	};
	return harness_main(
	    "system: api", cases, sizeof(cases) / sizeof(cases[0]));
}
