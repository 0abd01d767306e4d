/* Three regions with a node each; see sites.h. */
#include "tests/system/sites.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "tests/system/clocks.h"

/* To start, or to agree, on a busy machine and under a sanitizer. */
#define PATIENCE_MS 60000

static const struct {
	const char *name, *at;
} regions[SITES] = {
    {"us-east", "39.0, -77.5"},
    {"eu-west", "53.3, -6.3"},
    {"ap-south", "19.1, 72.9"},
};

/* Short times, so that a test has many of them; a lease of three seconds
 * is one more than the shortest, for busy machines. */
static const char *const check =
    "every: 300ms, timeout: 1s, fall: 1, rise: 1, quorum: majority";

const char *
sites_file(int i)
{
	static const char *const files[] = {
	    "0/node.yaml", "1/node.yaml", "2/node.yaml"};

	return files[i];
}

static void
write_steering(struct sites *s)
{
	char text[8192];
	size_t len = 0;

#define ADD(...) \
	len += (size_t)snprintf(text + len, sizeof(text) - len, __VA_ARGS__)
	ADD("networks:\n");
	for (int i = 0; i < SITES; i++)
		ADD("  near%d: {prefixes: [5.%d.0.0/16], at: [%s]}\n", i, i,
		    regions[i].at);
	ADD("regions:\n");
	for (int i = 0; i < SITES; i++)
		ADD("  %s: {at: [%s]}\n", regions[i].name, regions[i].at);
	ADD("checks:\n  llm: {preset: vllm, model: test-model, %s}\npools:\n",
	    check);
	for (int pool = 0; pool < 2; pool++) {
		ADD("  v%d:\n    check: llm\n    endpoints:\n", pool + 1);
		for (int e = 0; e < 2 * SITES; e++)
			ADD("      - {name: %s-%d, region: %s, address: "
			    "192.0.2.%d, check_at: \"%s:%u\"}\n",
			    regions[e / 2].name, e % 2, regions[e / 2].name,
			    100 * pool + 10 * (e / 2) + 1 + e % 2,
			    s->network.address[e / 2][NETWORK_STANDIN],
			    s->site[e / 2].standin);
	}
	/* One that is controlled by load; nobody asks for it. */
	ADD("  v3:\n    check: llm\n    spill: {target: 85%%}\n"
	    "    endpoints:\n");
	for (int i = 0; i < SITES; i++)
		ADD("      - {name: %s, region: %s, address: 192.0.2.%d, "
		    "capacity: 100, check_at: \"%s:%u\"}\n",
		    regions[i].name, regions[i].name, 201 + i,
		    s->network.address[i][NETWORK_STANDIN], s->site[i].standin);
	ADD("services:\n"
	    "  one: {pool: v1}\n"
	    "  two: {split: {v1: 70, v2: 30}}\n"
	    "  named: {pool: v2, affinity: name, answers: 2}\n"
	    "  listed: {pool: v1, rank: {listed: [eu-west, us-east, "
	    "ap-south]}}\n"
	    "  held: {pool: v3}\n");
#undef ADD
	ck_assert_uint_lt(len, sizeof(text));
	harness_write(s->h, "inference.yaml", "%s", text);
	harness_write(s->h, "inference.zone", "%s", node_zone);
}

/* On loopback a node knows its own member alone: that one stopped is its link
 * cut. */
static void
write_node(struct sites *s, int i)
{
	struct site *site = &s->site[i];
	char members[256];

	if (s->network.spaces)
		(void)etcd_endpoints(&s->etcd, members, sizeof(members));
	else
		(void)snprintf(
		    members, sizeof(members), "%s", s->etcd.members[i].url);
	harness_write(s->h, sites_file(i),
	    "listen: [\"127.0.0.1:%u\", \"%s:%u\"]\n"
	    "http: 127.0.0.1:%u\n"
	    "state: state.db\n"
	    "vantage: {name: %s, region: %s}\n"
	    "node: %s\n"
	    "share: {etcd: [%s], address: \"%s:%u\", lease: 3s}\n"
	    "geo: [%s]\n"
	    "zones:\n"
	    "  - {name: inference.example, records: ../inference.zone, "
	    "steering: ../inference.yaml}\n",
	    site->port, s->network.address[i][NETWORK_NODE], site->port,
	    site->http, site->name, site->name, site->name, members,
	    s->network.address[i][NETWORK_NODE], site->port,
	    harness_built(s->h, "geo/iptoasn-country.mmdb"));
}

/* --- what runs --- */

static void
start_standin(struct sites *s, int i)
{
	char at[64];

	(void)snprintf(at, sizeof(at), "%s:%u",
	    s->network.address[i][NETWORK_STANDIN], s->site[i].standin);
	s->site[i].pid[SITE_STANDIN] = harness_start(s->h, "standins.log",
	    harness_built(s->h, "tests/demo/standin"), at, "--name",
	    s->site[i].name, "--model", "test-model", NULL);
}

/* With a clock that can be moved. */
static pid_t
start_with_clock(struct sites *s, int i, const char *log, const char *program)
{
	char name[32];

	(void)snprintf(name, sizeof(name), "%d/clock", i);
	return clocks_start(
	    s->h, name, log, program, harness_path(s->h, sites_file(i)));
}

static void
start_program(struct sites *s, int i, enum site_part part)
{
	static const char *const programs[] = {
	    [SITE_SERVER] = "meridiand",
	    [SITE_PROBE] = "meridian-probe",
	    [SITE_SHARE] = "meridian-share",
	};
	char log[64];

	(void)snprintf(log, sizeof(log), "%d/%s.log", i, programs[part]);
	s->site[i].pid[part] = s->clocks
	    ? start_with_clock(s, i, log, programs[part])
	    : harness_start(s->h, log, programs[part], "-c",
		  harness_path(s->h, sites_file(i)), NULL);
}

void
sites_run(struct sites *s, int i, enum site_part part)
{
	ck_assert_int_eq(s->site[i].pid[part], 0);
	network_enter(&s->network, i);
	if (part == SITE_STANDIN)
		start_standin(s, i);
	else
		start_program(s, i, part);
	network_enter(&s->network, -1);
}

void
sites_kill(struct sites *s, int i, enum site_part part)
{
	if (part == SITE_SERVER) {
		atomic_store(&s->site[i].asker->excused, true);
		atomic_fetch_add(&s->site[i].asker->kills, 1);
	}
	harness_kill(s->h, s->site[i].pid[part]);
	s->site[i].pid[part] = 0;
}

static bool
serves(struct sites *s, int i)
{
	static struct reply reply;
	struct ask question = {.port = s->site[i].port,
	    .name = "inference.example.",
	    .type = "SOA",
	    .timeout_ms = 1000};
	bool is;

	network_enter(&s->network, i);
	is = ask(&question, &reply);
	network_enter(&s->network, -1);
	return is;
}

void
sites_serve(struct sites *s, int i)
{
	sites_run(s, i, SITE_SERVER);
	HARNESS_WAIT(PATIENCE_MS, serves(s, i));
	atomic_store(&s->site[i].asker->excused, false);
}

void
sites_order(struct sites *s, int i, const char *order)
{
	char url[192];

	(void)snprintf(url, sizeof(url), "http://%s:%u/control?%s",
	    s->network.address[i][NETWORK_STANDIN], s->site[i].standin, order);
	network_enter(&s->network, i);
	HARNESS_WAIT(PATIENCE_MS, harness_http(s->h, "PUT", url, NULL) == 200);
	network_enter(&s->network, -1);
}

int
sites_left(struct sites *s, int status)
{
	network_enter(&s->network, -1);
	return status;
}

void
sites_clock(struct sites *s, int i, int64_t ms)
{
	char name[32];

	ck_assert(s->clocks);
	(void)snprintf(name, sizeof(name), "%d/clock", i);
	clocks_set(s->h, name, ms);
}

/* --- what nodes know --- */

const char *
sites_sql(struct sites *s, int i, const char *query)
{
	const char *out = "";
	char name[32];

	(void)snprintf(name, sizeof(name), "%d/state.db", i);
	(void)harness_run(s->h, &out, "/usr/bin/sqlite3", "-cmd",
	    ".timeout 5000", harness_path(s->h, name), query, NULL);
	return out;
}

/* What all nodes say alike, in lines.  Times are of each node's own clock, and
 * what a node writes of itself has no node or origin beside it. */
static const char picture[] =
    "SELECT 'endpoint', vantage, zone, pool, endpoint, health"
    " FROM endpoint ORDER BY 2, 3, 4, 5;"
    "SELECT 'vantage', name, region, lease_until_ms > 0"
    " FROM vantage ORDER BY 2;"
    "SELECT 'node', name, region, vantage, version, zones, steering, geography,"
    " cut_ms FROM node ORDER BY 2;"
    "SELECT 'override', number, id, action, kind, target, value, length_ms,"
    " ramp_ms, author, reason, forced, node, shared, refused"
    " FROM override ORDER BY 2;"
    "SELECT 'lock', zone, pool, node, token FROM lock ORDER BY 2, 3;"
    "SELECT 'factor', zone, pool, endpoint, sixteenths FROM factor"
    " ORDER BY 2, 3, 4;"
    "SELECT 'ramp', zone, service, pool, state, share FROM ramp"
    " ORDER BY 2, 3;";

bool
sites_same(struct sites *s)
{
	const char *first = sites_sql(s, 0, picture);

	for (int i = 1; i < SITES; i++)
		if (strcmp(first, sites_sql(s, i, picture)) != 0)
			return false;
	/* Nobody is cut off, each knows of all. */
	return strcmp(
		   sites_sql(s, 0, "SELECT count(*), count(cut_ms) FROM node"),
		   "3|0\n") == 0;
}

bool
sites_all_up(struct sites *s)
{
	/* Two pools of six, one of three, three vantages. */
	for (int i = 0; i < SITES; i++)
		if (strcmp(sites_sql(s, i,
			       "SELECT count(*) FROM endpoint WHERE health = "
			       "'up'"),
			"45\n") != 0)
			return false;
	return sites_same(s);
}

bool
sites_keep_same(struct sites *s)
{
	char query[1024], name[32];

	for (int i = 1; i < SITES; i++) {
		(void)snprintf(name, sizeof(name), "%d/state.db", i);
		(void)snprintf(query, sizeof(query),
		    "ATTACH '%s' AS other; SELECT count(*), max(abs(a.keep - "
		    "b.keep)) < 0.03 FROM keep a JOIN other.keep b USING "
		    "(zone, pool, region)",
		    harness_path(s->h, name));
		if (strcmp(sites_sql(s, 0, query), "3|1\n") != 0)
			return false;
	}
	return true;
}

void
sites_tell(struct sites *s)
{
	for (int i = 0; i < SITES; i++)
		printf("-- node %s:\n%s", s->site[i].name,
		    sites_sql(s, i, picture));
}

void
sites_pause(void)
{
	const struct timespec pause = {.tv_nsec = 50000000};

	nanosleep(&pause, NULL);
}

int64_t
sites_settle(struct sites *s, int ms)
{
	int64_t began = harness_ms();

	SITES_WAIT(s, ms, sites_same(s));
	return harness_ms() - began;
}

int
sites_given(struct sites *s, int i, int client)
{
	int given = atomic_load(&s->site[i].asker->given[client]);

	return given < 0 ? -1 : given % 100 / 10;
}

/* --- all of it --- */

struct place {
	const struct network *network;
	int region;
};

static void
enter_member(void *network, int i)
{
	network_enter(network, i);
}

static void
enter_region(void *place)
{
	const struct place *p = place;

	network_enter(p->network, p->region);
}

static void
prepare(struct sites *s)
{
	s->h = harness_create();
	network_create(&s->network, s->h);
	for (int i = 0; i < SITES; i++) {
		struct site *site = &s->site[i];
		char folder[16];

		site->name = regions[i].name;
		site->port = harness_port(s->h);
		site->http = harness_port(s->h);
		site->standin = harness_port(s->h);
		site->asker = asker_create();
		(void)snprintf(folder, sizeof(folder), "%d", i);
		ck_assert_int_eq(harness_run(s->h, NULL, "/bin/mkdir",
				     harness_path(s->h, folder), NULL),
		    0);
		s->places.host[i] = s->network.address[i][NETWORK_ETCD];
	}
	s->places.enter = enter_member;
	s->places.context = &s->network;
}

static void
start_asker(struct sites *s, int i)
{
	static struct place places[SITES];

	places[i] = (struct place){.network = &s->network, .region = i};
	s->site[i].asker->port = s->site[i].port;
	s->site[i].asker->name = "one.inference.example.";
	s->site[i].asker->enter = enter_region;
	s->site[i].asker->context = &places[i];
	asker_start(s->site[i].asker);
}

void
sites_begin(struct sites *s)
{
	bool clocks = s->clocks;

	/* What was measured is seen when the test fails later, too. */
	(void)setvbuf(stdout, NULL, _IOLBF, 0);
	memset(s, 0, sizeof(*s));
	s->clocks = clocks;
	prepare(s);
	etcd_start_at(&s->etcd, s->h, &s->places);
	write_steering(s);
	for (int i = 0; i < SITES; i++) {
		char name[32];

		(void)snprintf(name, sizeof(name), "%d/clock", i);
		clocks_make(s->h, name, 0);
		write_node(s, i);
		for (int part = SITE_PROBE; part < SITE_PARTS; part++)
			sites_run(s, i, (enum site_part)part);
		sites_serve(s, i);
		start_asker(s, i);
	}
	SITES_WAIT(s, PATIENCE_MS, sites_all_up(s));
	for (int i = 0; i < SITES; i++)
		for (int client = 0; client < ASKER_CLIENTS; client++)
			SITES_WAIT(s, PATIENCE_MS,
			    sites_given(s, i, client) == client);
}

void
sites_end(struct sites *s)
{
	unsigned long asked = 0, lost = 0, longest = 0;

	for (int i = 0; i < SITES; i++) {
		struct asker *a = s->site[i].asker;

		asker_stop(a);
		asked += atomic_load(&a->asked);
		lost += atomic_load(&a->lost);
		if (atomic_load(&a->longest_ms) > longest)
			longest = atomic_load(&a->longest_ms);
	}
	printf("measured: %lu questions in three regions, %lu without an "
	       "answer, the slowest answer after %lu ms\n",
	    asked, lost, longest);
	ck_assert_uint_eq(lost, 0);
	for (int i = 0; i < SITES; i++)
		for (int part = SITE_PARTS; part-- > 0;)
			if (s->site[i].pid[part] != 0)
				harness_stop(s->h, s->site[i].pid[part]);
	for (int i = 0; i < SITES; i++)
		asker_destroy(s->site[i].asker);
	etcd_finish(&s->etcd);
	network_finish(&s->network);
	harness_destroy(s->h);
}
