/*
 * A month that never was, in the real files: a steering file, a state database
 * and a history, each through its own writer.  Every rule of advice has one
 * thing planted for it: just beyond its threshold, and advise and report name
 * it; just within, and nothing is said.
 */
#include <check.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "advice/advice.h"
#include "base/clock.h"
#include "config/country.h"
#include "ctl/command.h"
#include "ctl/facts.h"
#include "ctl/report_table.h"
#include "state/editor.h"
#include "steering/geo/place.h"
#include "tests/unit/month_fixture.h"

/* Answers an hour of each service, and how many of them were looked up: so
 * many that a hundredth of a threshold is a whole number. */
#define ANSWERS 1000000
#define SAMPLE 10

/* ${part} of a threshold: beyond it, or within. */
static double
off(bool beyond, double threshold)
{
	return threshold * (beyond ? 1.01 : 0.99);
}

/* --- the files --- */

/* Endpoints by pool, in the order of the file. */
static const struct {
	const char *pool, *name, *region, *more;
} endpoints[] = {
    {"web", "us-a", "us-east", ""},
    {"web", "us-b", "us-east", ""},
    {"web", "eu-a", "eu-west", ""},
    {"web", "eu-b", "eu-west", ""},
    {"web", "ap-a", "ap-south", ""},
    {"web", "ap-b", "ap-south", ""},
    {"full", "us-f", "us-east", ", capacity: 400"},
    {"full", "eu-f", "eu-west", ", capacity: 200"},
    {"full", "ap-f", "ap-south", ", capacity: 200"},
    {"uneven", "us-w", "us-east", ", weight: 20"},
    {"uneven", "us-x", "us-east", ", weight: 20"},
    {"uneven", "eu-x", "eu-west", ""},
    {"caches", "us-1", "us-east", ""},
    {"caches", "us-2", "us-east", ""},
    {"caches", "us-3", "us-east", ""},
    {"caches", "eu-1", "eu-west", ""},
    {"spare", "us-s", "us-east", ""},
    {"spare", "sa-s", "sa-east", ""},
    {"near", "us-n", "us-east", ""},
    {"near", "eu-n", "eu-west", ""},
    {"next", "us-v2", "us-east", ""},
    {"next", "eu-v2", "eu-west", ""},
    {"lonely", "us-l", "us-east", ""},
    {"lonely", "eu-l", "eu-west", ""},
    {"lonely", "eu-m", "eu-west", ""},
    {"pair", "us-p", "us-east", ""},
    {"pair", "us-q", "us-east", ""},
    {"pair", "eu-p", "eu-west", ""},
    {"pair", "eu-q", "eu-west", ""},
};

static const char head[] =
    "regions:\n"
    "  us-east: {at: [39.0, -77.5]}\n"
    "  eu-west: {at: [53.3, -6.3]}\n"
    "  ap-south: {at: [19.1, 72.9]}\n"
    "  sa-east: {at: [-23.5, -46.6]}\n"
    "checks:\n"
    "  alive: {path: /, every: 5s, timeout: 2s, fall: 3, rise: 2}\n"
    "pools:\n";

static const char services[] =
    "services:\n"
    "  plain: {pool: web}\n"
    "  heavy: {pool: full}\n"
    "  weighed: {pool: uneven}\n"
    "  \"*.img\": {pool: caches}\n"
    "  idle: {pool: spare}\n"
    "  far: {pool: near}\n"
    "  fenced:\n"
    "    pool: web\n"
    "    fence:\n"
    "      - clients: {countries: [US, IE]}\n"
    "        regions: [us-east, eu-west]\n"
    "  held:\n"
    "    pool: web\n"
    "    fence:\n"
    "      - clients: {countries: [US, IE, IN]}\n"
    "        regions: [us-east, eu-west, ap-south]\n"
    "        hard: true\n"
    "  lone:\n"
    "    pool: lonely\n"
    "    fence:\n"
    "      - {clients: {countries: [US]}, regions: [us-east]}\n"
    "  one:\n"
    "    pool: pair\n"
    "    fence:\n"
    "      - {clients: {countries: [US]}, regions: [us-east]}\n"
    "  shared: {split: {web: 95, next: 5}}\n"
    "  blind: {pool: web}\n"
    "  narrow: {pool: web, sticky: {ipv4: 24, ipv6: 48}}\n"
    "  six: {pool: web}\n"
    "  broken: {pool: web}\n"
    "  moved: {pool: web}\n";

static void
write_steering(bool beyond)
{
	const size_t n = sizeof(endpoints) / sizeof(endpoints[0]);
	char text[16384];
	size_t len = (size_t)snprintf(text, sizeof(text), "%s", head);

	for (size_t i = 0; i < n; i++) {
		if (i == 0 ||
		    strcmp(endpoints[i - 1].pool, endpoints[i].pool) != 0)
			len += (size_t)snprintf(text + len, sizeof(text) - len,
			    "  %s:\n%s    check: alive\n    endpoints:\n",
			    endpoints[i].pool,
			    strcmp(endpoints[i].pool, "caches") == 0
				? "    kind: edge\n"
				: "");
		len += (size_t)snprintf(text + len, sizeof(text) - len,
		    "      - {name: %s, region: %s, address: [192.0.2.%zu, "
		    "\"2001:db8::%zu\"]%s}\n",
		    endpoints[i].name, endpoints[i].region, i + 1, i + 1,
		    endpoints[i].more);
	}
	/* What is down is seen after 17 s at most. */
	snprintf(text + len, sizeof(text) - len,
	    "%s  late: {pool: web, ttl: {max: %us, min: 5s}}\n", services,
	    beyond ? 104U : 102U);
	month_write("example.yaml", text);
}

static void
write_files(bool beyond)
{
	month_write("example.zone",
	    "$ORIGIN example.\n"
	    "@ 3600 SOA ns1 root 1 3600 600 86400 60\n"
	    "@ 3600 NS ns1\n"
	    "ns1 3600 A 192.0.2.53\n");
	month_write("meridian.yaml",
	    "listen: 127.0.0.1:5300\n"
	    "state: state.db\n"
	    "geo: geo.mmdb\n"
	    "advise: {thresholds: {availability: 5}}\n"
	    "zones:\n"
	    "  - {name: example, records: example.zone, steering: "
	    "example.yaml}\n");
	write_steering(beyond);
}

/* --- the state database --- */

static void
add_down(struct state_writer *w, const char *pool, const char *endpoint,
    int64_t at_ms, int64_t ms)
{
	const struct state_endpoint of =
	    month_endpoint("example", pool, endpoint);

	month_add_down(w, &of, "refused <&>", at_ms, ms);
}

/* Nobody knew it before. */
static void
add_first(struct state_writer *w, const char *pool, const char *endpoint,
    int64_t at_ms)
{
	struct state_event e = {.at_ms = at_ms,
	    .zone = "example",
	    .before = HEALTH_UNKNOWN,
	    .after = HEALTH_UP};

	snprintf(e.pool, sizeof(e.pool), "%s", pool);
	snprintf(e.endpoint, sizeof(e.endpoint), "%s", endpoint);
	month_ok(w, state_writer_add(w, TABLE_EVENT, &e));
}

static void
add_load(struct state_writer *w, const char *pool, const char *endpoint,
    double saturation, double max_running, int64_t first_token_us)
{
	struct state_load row = month_load("example", pool, endpoint);

	row.measured_ms = clock_wall_ms();
	row.saturation = saturation;
	row.max_running = max_running;
	row.first_token_us = first_token_us;
	month_ok(w, state_writer_put(w, TABLE_LOAD, &row));
}

static void
add_certificate(struct state_writer *w, int64_t end_ms)
{
	struct state_endpoint row = month_endpoint("example", "web", "ap-b");

	row.certificate_ms = end_ms;
	month_ok(w, state_writer_put(w, TABLE_ENDPOINT, &row));
}

/* Down ${n} times for ${ms} each, evenly over the month. */
static void
add_downs(struct state_writer *w, const char *pool, const char *endpoint,
    unsigned n, int64_t ms, int64_t from_ms)
{
	for (unsigned i = 0; i < n; i++)
		add_down(w, pool, endpoint,
		    from_ms + (DAYS * DAY_MS - HOUR_MS) / n * i + HOUR_MS / 2,
		    ms);
}

static void
add_loads(struct state_writer *w, bool beyond)
{
	/* What eu-west has with what us-east leaves to it, of 200. */
	double sum = off(beyond, 1) * 200;

	add_load(w, "full", "eu-f", 60 / 200.0, NAN, -1);
	add_load(w, "full", "us-f", (sum - 60) / 400, NAN, -1);
	add_load(w, "full", "ap-f", 20 / 200.0, NAN, -1);
	/* Half of the weight, and so much less of the capacity. */
	add_load(w, "uneven", "us-w", NAN, 1000, -1);
	add_load(
	    w, "uneven", "us-x", NAN, 1000 * (2 * off(beyond, 1.5) - 1), -1);
	add_load(w, "caches", "us-1", 0.3 * off(beyond, 2), NAN, -1);
	add_load(w, "caches", "us-2", 0.3, NAN, -1);
	add_load(w, "caches", "us-3", 0.3, NAN, -1);
	for (size_t i = 0; i < 2; i++) {
		static const char *const stable[] = {"us-a", "eu-a"};
		static const char *const canary[] = {"us-v2", "eu-v2"};

		add_load(w, "web", stable[i], NAN, NAN, 100000);
		add_load(w, "next", canary[i], NAN, NAN,
		    (int64_t)(off(beyond, 1.3) * 100000));
	}
}

static void
say_override(bool beyond, int64_t now_ms)
{
	struct state_editor *editor = state_editor_create(month_state);
	struct state_override row = {
	    .at_ms = now_ms - (int64_t)(off(beyond, 7) * (double)DAY_MS),
	    .action = "drain",
	    .kind = "endpoint",
	    .target = "ap-a",
	    .length_ms = -1,
	    .author = "ops"};

	ck_assert_ptr_nonnull(editor);
	ck_assert_int_eq(state_editor_open(editor), 0);
	ck_assert_int_eq(state_editor_say(editor, &row), 0);
	state_editor_destroy(editor);
}

static void
write_state(bool beyond, int64_t now_ms)
{
	int64_t from_ms = now_ms - DAYS * DAY_MS;
	double month = (double)(DAYS * DAY_MS);
	struct state_writer *w = month_open_state("one");

	add_loads(w, beyond);
	add_certificate(
	    w, now_ms + (int64_t)(off(!beyond, 21) * (double)DAY_MS));
	/* 4 times a day; failed checks are fall + 1. */
	add_downs(w, "web", "us-b", beyond ? 121 : 119, 15000, from_ms);
	/* One of two endpoints; of the other pool one of six was down, too. */
	add_downs(w, "next", "us-v2", 3,
	    (int64_t)((off(beyond, 0.02) * month + 40.0 * 15000) / 3), from_ms);
	add_downs(w, "near", "us-n", 1, (int64_t)(off(beyond, 0.05) * month),
	    from_ms);
	month_close_state(w);
	if (!beyond)
		month_close_state(month_open_state("two"));
	say_override(beyond, now_ms);
}

/* --- the history --- */

#define MAX_ROWS 256

struct rows {
	struct history_traffic traffic[MAX_ROWS];
	struct history_scope scope[MAX_ROWS];
	struct history_place place[MAX_ROWS];
	struct history_failover failover[8];
	size_t n_traffic, n_scope, n_place, n_failover;
};

static void
add_traffic(struct rows *rows, const char *service, const char *pool,
    const char *region, const char *reason, bool subnet, double share)
{
	ck_assert_uint_lt(rows->n_traffic, MAX_ROWS);
	rows->traffic[rows->n_traffic++] = (struct history_traffic){service,
	    pool, region, reason, subnet, (uint64_t)llround(share * ANSWERS)};
}

static void
add_scope(struct rows *rows, const char *service, unsigned length, double share)
{
	ck_assert_uint_lt(rows->n_scope, MAX_ROWS);
	rows->scope[rows->n_scope++] = (struct history_scope){
	    service, 4, length, (uint64_t)llround(share * ANSWERS)};
}

static void
add_place(struct rows *rows, const char *service, const char *region,
    const char *country, double share)
{
	struct history_place place = {.service = service,
	    .region = region,
	    .asn = 64500,
	    .samples = (uint64_t)llround(share * ANSWERS / SAMPLE)};

	ck_assert_uint_lt(rows->n_place, MAX_ROWS);
	memcpy(place.country, country, strlen(country) + 1);
	rows->place[rows->n_place++] = place;
}

/* Clients of whom no country was looked up. */
static void
add_anyone(struct rows *rows, const char *service, const char *pool,
    const char *region, double share)
{
	add_traffic(rows, service, pool, region, "first", true, share / 2);
	add_traffic(rows, service, pool, region, "first", false, share / 2);
}

/* Clients of ${country}, who all get ${region} as their first. */
static void
add_clients(struct rows *rows, const char *service, const char *pool,
    const char *region, const char *country, double share)
{
	add_traffic(rows, service, pool, region, "first", true, share / 2);
	add_traffic(rows, service, pool, region, "first", false, share / 2);
	add_place(rows, service, region, country, share);
	add_scope(rows, service, 16, share / 2);
}

/* As the regions are meant, but for ${less} of the answers. */
static void
add_usual(struct rows *rows, const char *service, const char *pool, double less)
{
	add_clients(rows, service, pool, "us-east", "US", 0.4 - less);
	add_clients(rows, service, pool, "eu-west", "IE", 0.3);
	add_clients(rows, service, pool, "ap-south", "IN", 0.3);
}

/* The share of clients of Brazil whom one more region there brings the mean of
 * all ${km} nearer. */
static double
share_of_brazil(double km)
{
	const struct country *br = country_find("BR");

	return km / place_distance_km(br->latitude, br->longitude, 39.0, -77.5);
}

static void
add_places_planted(struct rows *rows, bool beyond)
{
	double br = share_of_brazil(off(beyond, 1000));
	double none = off(beyond, 0.01), unknown = off(beyond, 0.001);
	double half = off(beyond, 0.5);

	add_clients(rows, "far.example", "near", "us-east", "BR", br);
	add_clients(rows, "far.example", "near", "eu-west", "IE", 1 - br);
	add_clients(rows, "fenced.example", "web", "ap-south", "IN", none);
	add_clients(rows, "fenced.example", "web", "eu-west", "IE", 1 - none);
	add_clients(rows, "held.example", "web", "us-east", "", unknown);
	add_usual(rows, "held.example", "web", unknown);
	add_clients(rows, "lone.example", "lonely", "us-east", "US", half);
	add_clients(rows, "lone.example", "lonely", "eu-west", "IE", 1 - half);
	add_clients(rows, "one.example", "pair", "us-east", "US", half);
	add_clients(rows, "one.example", "pair", "eu-west", "IE", 1 - half);
}

static void
add_answers_planted(struct rows *rows, bool beyond)
{
	double idle = off(!beyond, 0.001), canary = off(beyond, 0.0125) + 0.05;
	double blind = off(beyond, 0.8), narrow = off(beyond, 0.25);
	double part = off(beyond, 0.25), tenth = off(beyond, 0.1);
	double resort = off(beyond, 0.001);

	add_anyone(rows, "idle.example", "spare", "us-east", 1 - idle);
	add_anyone(rows, "idle.example", "spare", "sa-east", idle);
	add_usual(rows, "shared.example", "web", canary);
	add_clients(rows, "shared.example", "next", "us-east", "US", canary);
	add_traffic(
	    rows, "blind.example", "web", "us-east", "first", false, blind);
	add_traffic(
	    rows, "blind.example", "web", "us-east", "first", true, 1 - blind);
	add_traffic(
	    rows, "narrow.example", "web", "us-east", "first", true, 0.5);
	add_traffic(
	    rows, "narrow.example", "web", "us-east", "first", false, 0.5);
	add_scope(rows, "narrow.example", 24, narrow);
	add_scope(rows, "narrow.example", 16, 0.5 - narrow);
	add_usual(rows, "six.example", "web", part);
	add_traffic(
	    rows, "six.example", "web", "us-east", "nodata", true, part);
	add_usual(rows, "broken.example", "web", resort);
	add_traffic(rows, "broken.example", "", "", "none", true, resort);
	add_usual(rows, "moved.example", "web", tenth);
	add_traffic(
	    rows, "moved.example", "web", "eu-west", "failover", true, tenth);
}

static void
fill(struct rows *rows, bool beyond)
{
	memset(rows, 0, sizeof(*rows));
	add_usual(rows, "plain.example", "web", 0);
	add_usual(rows, "heavy.example", "full", 0);
	add_anyone(rows, "weighed.example", "uneven", "us-east", 1);
	add_anyone(rows, "*.img.example", "caches", "us-east", 1);
	add_usual(rows, "late.example", "web", 0);
	add_places_planted(rows, beyond);
	add_answers_planted(rows, beyond);
}

/* The first time that us-b is down, it leaves the answers 300 ms after the
 * verdict. */
static void
add_failover(struct rows *rows, int64_t from_ms)
{
	rows->failover[rows->n_failover++] = (struct history_failover){
	    "plain.example", "web", "us-b", false, from_ms + HOUR_MS / 2 + 300};
}

static void
write_history(bool beyond, int64_t now_ms)
{
	int64_t from_ms = now_ms - DAYS * DAY_MS;
	static struct rows rows;

	fill(&rows, beyond);
	add_failover(&rows, from_ms);
	month_write_history(&(const struct history_batch){.sample = SAMPLE,
				.traffic = rows.traffic,
				.n_traffic = rows.n_traffic,
				.scope = rows.scope,
				.n_scope = rows.n_scope,
				.place = rows.place,
				.n_place = rows.n_place,
				.failover = rows.failover,
				.n_failover = rows.n_failover},
	    from_ms);
}

/* --- the month --- */

struct month {
	struct generation *g;
	struct facts facts;
	struct advice advice;
};

static void
look_at(struct month *m, int64_t now_ms)
{
	static struct errbuf eb;
	struct facts_wish wish = {
	    .from_ms = now_ms - DAYS * DAY_MS, .to_ms = now_ms, .spots = true};

	errbuf_init(&eb);
	m->g = command_load_quietly(month_config);
	ck_assert_ptr_nonnull(m->g);
	ck_assert_msg(
	    facts_collect(&m->facts, m->g, &wish, &eb) == 0, "%s", eb.text);
	advice_find(&m->facts.advice, &m->g->config->advise, &m->advice);
}

static void
begin(struct month *m, bool beyond)
{
	int64_t now_ms = clock_wall_ms();

	month_make_folder();
	write_files(beyond);
	write_state(beyond, now_ms);
	write_history(beyond, now_ms);
	look_at(m, now_ms);
}

static void
end(struct month *m)
{
	advice_finish(&m->advice);
	facts_finish(&m->facts);
	generation_release(m->g);
	month_remove_folder();
}

static const struct planted {
	enum advise_rule rule;
	const char *subject;
} planted[] = {
    {ADVISE_N1, "full without us-east"},
    {ADVISE_WEIGHTS, "uneven/us-w"},
    {ADVISE_HOT_NAME, "caches/us-1"},
    {ADVISE_UNUSED_REGION, "sa-east"},
    {ADVISE_FAR_CLIENTS, "far.example"},
    {ADVISE_NO_RULE, "fenced.example"},
    {ADVISE_UNKNOWN_CLIENTS, "held.example"},
    {ADVISE_SINGLE_REGION, "one.example"},
    {ADVISE_SINGLE_ENDPOINT, "lone.example"},
    {ADVISE_SINGLE_VANTAGE, "vantages"},
    {ADVISE_FAILOVER_TIME, "late.example"},
    {ADVISE_FLAPPING, "web/us-b"},
    {ADVISE_AVAILABILITY, "near/us-n"},
    {ADVISE_CERTIFICATE, "web/ap-b"},
    {ADVISE_CANARY_SHARE, "shared.example"},
    {ADVISE_CANARY_HEALTH, "shared.example"},
    {ADVISE_CANARY_LATENCY, "shared.example"},
    {ADVISE_NO_SUBNET, "blind.example"},
    {ADVISE_NARROW_SCOPES, "narrow.example"},
    {ADVISE_NO_FAMILY, "six.example"},
    {ADVISE_LAST_RESORT, "broken.example"},
    {ADVISE_ELSEWHERE, "moved.example"},
    {ADVISE_OVERRIDE, "drain endpoint ap-a"},
};

#define PLANTED (sizeof(planted) / sizeof(planted[0]))
_Static_assert(PLANTED == ADVISE_RULES, "one for each rule");

static bool
is_found(const struct month *m, const struct planted *p)
{
	for (size_t i = 0; i < m->advice.n; i++)
		if (m->advice.findings[i].rule == p->rule &&
		    strcmp(m->advice.findings[i].subject, p->subject) == 0)
			return true;
	return false;
}

static bool
is_planted(const struct advice_finding *f)
{
	for (size_t i = 0; i < PLANTED; i++)
		if (planted[i].rule == f->rule &&
		    strcmp(planted[i].subject, f->subject) == 0)
			return true;
	return false;
}

static void
say_missing(const struct month *m)
{
	for (size_t i = 0; i < m->facts.n_missing; i++)
		printf("not known: %s\n", m->facts.missing[i]);
}

START_TEST(all_that_was_planted_is_found_and_no_more)
{
	struct month m;

	begin(&m, true);
	say_missing(&m);
	for (size_t i = 0; i < m.advice.n; i++)
		ck_assert_msg(is_planted(&m.advice.findings[i]), "%s of %s: %s",
		    advise_rules[m.advice.findings[i].rule].name,
		    m.advice.findings[i].subject,
		    m.advice.findings[i].evidence);
	for (size_t i = 0; i < PLANTED; i++)
		ck_assert_msg(is_found(&m, &planted[i]), "%s of %s",
		    advise_rules[planted[i].rule].name, planted[i].subject);
	end(&m);
}
END_TEST

/* All that ${write} prints, to be freed. */
static char *
printed(const struct report *report,
    void (*write)(const struct report *report, FILE *to))
{
	char *text = NULL;
	size_t len;
	FILE *to = open_memstream(&text, &len);

	ck_assert_ptr_nonnull(to);
	write(report, to);
	ck_assert_int_eq(fclose(to), 0);
	return text;
}

/* Some line has all words of ${words}. */
static bool
has_line(const char *text, const char *const words[4])
{
	for (const char *line = text; *line != '\0';) {
		size_t len = strcspn(line, "\n");
		char copy[1024];
		size_t i = 0;

		snprintf(copy, sizeof(copy), "%.*s", (int)len, line);
		while (i < 4 && words[i] != NULL && strstr(copy, words[i]))
			i++;
		if (i == 4 || words[i] == NULL)
			return true;
		line += len + (line[len] == '\n');
	}
	return false;
}

/* What was planted, as the tables have it. */
static const char *const reported[][4] = {
    {"sa-east", "712800", "0.01 %"},
    {"moved.example", "10.10 %"},
    {"broken.example", "0.10 %"},
    {"six.example", "25.25 %"},
    {"blind.example", "19.20 %"},
    {"narrow.example", "129.8"},
    {"shared.example", "next", "canary", "6.26 %"},
    {"next", "us-v2", "97.9"},
    {"near", "us-n", "94.950 %"},
    {"web", "us-b", "121", "1815"},
    {"10.3", "plain.example", "web", "us-b"},
    {"BR", "7235", "us-east"},
    {"not known", "us-east"},
    {"us-n", "refused <&>"},
};

START_TEST(the_report_has_what_was_planted)
{
	struct report report;
	struct month m;
	char *text;

	begin(&m, true);
	ck_assert_int_eq(report_make(&report, &m.facts), 0);
	text = printed(&report, report_text);
	for (size_t i = 0; i < sizeof(reported) / sizeof(reported[0]); i++)
		ck_assert_msg(has_line(text, reported[i]), "%s %s",
		    reported[i][0], reported[i][1]);
	free(text);
	text = printed(&report, report_csv);
	ck_assert_ptr_nonnull(
	    strstr(text, "table,zone,region,endpoints,up\r\n"));
	ck_assert_ptr_nonnull(strstr(text, "\r\nregions,sa-east,712800,"));
	/* Numbers that a program reads. */
	ck_assert_ptr_null(strstr(text, " %,"));
	ck_assert_ptr_null(strstr(text, ",/"));
	free(text);
	report_finish(&report);
	end(&m);
}
END_TEST

/* One file, that fetches nothing and runs nothing. */
START_TEST(the_page_is_escaped_and_needs_nothing_else)
{
	static const char *const absent[] = {"refused <&>",
	    "http:", "https:", "src=", "url(", "@import", "<script", "<link"};
	struct report report;
	struct month m;
	char *text;

	begin(&m, true);
	ck_assert_int_eq(report_make(&report, &m.facts), 0);
	text = printed(&report, report_html);
	for (size_t i = 0; i < sizeof(absent) / sizeof(absent[0]); i++)
		ck_assert_msg(strstr(text, absent[i]) == NULL, "%s", absent[i]);
	ck_assert_ptr_nonnull(strstr(text, "refused &lt;&amp;&gt;"));
	ck_assert_ptr_nonnull(strstr(text, "<svg "));
	ck_assert_ptr_nonnull(strstr(text, "class=\"down\""));
	ck_assert_ptr_nonnull(strstr(text, "</html>\n"));
	free(text);
	report_finish(&report);
	end(&m);
}
END_TEST

START_TEST(just_within_all_thresholds_nothing_is_said)
{
	struct month m;

	begin(&m, false);
	say_missing(&m);
	for (size_t i = 0; i < m.advice.n; i++)
		ck_abort_msg("%s of %s: %s",
		    advise_rules[m.advice.findings[i].rule].name,
		    m.advice.findings[i].subject,
		    m.advice.findings[i].evidence);
	end(&m);
}
END_TEST

/* Two days of what exists for two days are all of its life: six times down are
 * three a day, and ten are five. */
START_TEST(what_is_young_is_measured_by_its_own_days)
{
	static const struct planted flaps = {ADVISE_FLAPPING, "web/us-b"},
				    lasts = {ADVISE_AVAILABILITY, "near/us-n"},
				    rests = {ADVISE_FLAPPING, "web/eu-a"};
	int64_t now_ms = clock_wall_ms(), from_ms = now_ms - 2 * DAY_MS;
	struct state_writer *w;
	struct report report;
	struct month m;
	char *text;

	month_make_folder();
	write_files(true);
	w = month_open_state("one");
	add_first(w, "web", "us-b", from_ms);
	add_first(w, "web", "eu-a", from_ms);
	add_first(w, "near", "us-n", from_ms);
	for (int64_t i = 0; i < 10; i++) {
		int64_t at_ms = from_ms + (i + 1) * 4 * HOUR_MS;

		add_down(w, "web", "us-b", at_ms, 15000);
		if (i < 6)
			add_down(w, "web", "eu-a", at_ms, 15000);
	}
	add_down(w, "near", "us-n", from_ms + HOUR_MS, 2 * DAY_MS / 5);
	month_close_state(w);
	write_history(true, now_ms);
	look_at(&m, now_ms);
	ck_assert(is_found(&m, &flaps));
	ck_assert(is_found(&m, &lasts));
	ck_assert(!is_found(&m, &rests));
	ck_assert_int_eq(report_make(&report, &m.facts), 0);
	text = printed(&report, report_text);
	ck_assert(has_line(
	    text, (const char *const[4]){"near", "us-n", "80.000 %", NULL}));
	free(text);
	report_finish(&report);
	end(&m);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("ctl/month");
	TCase *tcase = tcase_create("month");
	SRunner *runner;
	int failed;

	tcase_set_timeout(tcase, 60);
	tcase_add_test(tcase, all_that_was_planted_is_found_and_no_more);
	tcase_add_test(tcase, the_report_has_what_was_planted);
	tcase_add_test(tcase, the_page_is_escaped_and_needs_nothing_else);
	tcase_add_test(tcase, just_within_all_thresholds_nothing_is_said);
	tcase_add_test(tcase, what_is_young_is_measured_by_its_own_days);
	suite_add_tcase(suite, tcase);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
