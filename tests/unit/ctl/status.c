/*
 * What a status comes to: the exit status and the worst thing, whatever else is
 * wrong; and what a name or --down leaves of it.
 */
#include <check.h>
#include <jansson.h>
#include <string.h>

#include "ctl/status_select.h"
#include "ctl/status_verdict.h"

#define RUNNING "server: {running: true, reload: {ok: true, adopted: true}}"
#define FRESH "health: {stale: false, age_ms: 100, trouble: null}"
#define UP "{zone: z, pool: p, endpoint: a, region: r, usable: up, weight: 1}"
#define DOWN \
	"{zone: z, pool: p, endpoint: b, region: s, usable: down, weight: 1}"
#define IDLE                                                                \
	"{zone: z, pool: p, endpoint: c, region: s, usable: down, weight: " \
	"0}"
#define HEALTHY "{service: 'a.z', zone: z, state: healthy, pools: []}"
#define DEGRADED "{service: 'b.z', zone: z, state: degraded, pools: []}"
#define RESORT "{service: 'c.z', zone: z, state: 'last-resort', pools: []}"

/* A status in short JSON: quotes, which are left out around words, are put
 * there. */
static json_t *
read_status(const char *text)
{
	char quoted[4096];
	size_t n = 0;
	json_error_t error;
	json_t *root;

	quoted[n++] = '{';
	while (*text != '\0') {
		size_t word = strspn(text,
		    "abcdefghijklmnopqrstuvwxyz_-/.ABCDEFGHIJKLMNOPQRSTUVWXYZ");
		bool plain = word == 4 &&
		    (strncmp(text, "true", 4) == 0 ||
			strncmp(text, "null", 4) == 0);

		plain |= word == 5 && strncmp(text, "false", 5) == 0;
		ck_assert_uint_lt(n + word + 4, sizeof(quoted));
		if (*text == '\'') {
			word = strcspn(text + 1, "'");
			quoted[n++] = '"';
			memcpy(quoted + n, text + 1, word);
			n += word;
			quoted[n++] = '"';
			text += word + 2;
		} else if (word == 0) {
			quoted[n++] = *text++;
		} else {
			if (!plain)
				quoted[n++] = '"';
			memcpy(quoted + n, text, word);
			n += word;
			if (!plain)
				quoted[n++] = '"';
			text += word;
		}
	}
	quoted[n++] = '}';
	root = json_loadb(quoted, n, 0, &error);
	ck_assert_msg(root != NULL, "%s: %.*s", error.text, (int)n, quoted);
	return root;
}

/* Each status, its exit status, and the first finding. */
static const struct {
	const char *says, *status;
	int exit_status;
	const char *finding, *text;
} statuses[] = {
    {"all is well",
	RUNNING ", " FRESH ", outlook: [" HEALTHY "], endpoints: [" UP "]", 0,
	"well", "1 service healthy, 1 endpoint"},
    {"the edges are down, and their origin serves",
	RUNNING ", " FRESH ", outlook: [{service: 'a.z', zone: z, state: "
		"degraded, pools: [{pool: cache, origin: web}]}]",
	1, "served by another",
	"a.z: cache has nothing usable for some clients: its origin web "
	"serves"},
    {"standby endpoints serve",
	RUNNING ", " FRESH ", outlook: [{service: 'a.z', zone: z, state: "
		"degraded, pools: [{pool: v, standby: true, origin: null}]}]",
	1, "served by another",
	"a.z: v has nothing usable for some clients: its standby endpoints "
	"serve"},
    {"an endpoint of weight 0 that is down is no fault",
	RUNNING ", " FRESH ", outlook: [" HEALTHY "], endpoints: [" UP "," IDLE
		"]",
	0, "well", "1 service healthy, 2 endpoints"},
    {"a service is degraded",
	RUNNING ", " FRESH ", outlook: [" HEALTHY "," DEGRADED
		"], endpoints: [" UP "," DOWN "]",
	1, "degraded",
	"nothing is up in s (1 endpoint); 1 of 2 services: b.z; 1 of 2 "
	"endpoints down"},
    {"a region is down as a whole",
	RUNNING ", " FRESH ", outlook: [" DEGRADED "], endpoints: [" UP "," DOWN
		"," DOWN "]",
	1, "degraded", "nothing is up in s (2 endpoints); 1 of 1 service: b.z"},
    {"many regions are",
	RUNNING ", " FRESH ", outlook: [" DEGRADED "], endpoints: [" UP "," DOWN
		", {region: t, usable: down, weight: 1}, {region: u, usable: "
		"down, weight: 1}, {region: v, usable: down, weight: 1}]",
	1, "degraded",
	"nothing is up in s (1 endpoint), t (1 endpoint), u (1 endpoint) and 1 "
	"more; 1 of 1 service: b.z"},
    {"a last resort is worse",
	RUNNING ", " FRESH ", outlook: [" DEGRADED "," RESORT
		"], endpoints: [" DOWN "]",
	2, "last resort", "1 of 2 services with nothing healthy: c.z"},
    {"all is down",
	RUNNING ", " FRESH ", outlook: [" RESORT "," RESORT
		"], endpoints: [" DOWN "]",
	2, "last resort", "all 2 services with nothing healthy: c.z, c.z"},
    {"many names are not all listed",
	RUNNING ", " FRESH ", outlook: [" DEGRADED "," DEGRADED "," DEGRADED
		"," DEGRADED "," DEGRADED "]",
	1, "degraded", "all 5 services: b.z, b.z, b.z and 2 more; "},
    {"nobody checks", RUNNING ", health: {stale: true, age_ms: 180000}", 2,
	"stale", "no vantage was heard for 3 min"},
    {"nobody ever did", RUNNING ", health: {stale: true, age_ms: null}", 2,
	"stale", "no vantage was ever heard"},
    {"nobody did since a start",
	RUNNING
	", health: {stale: true, age_ms: null}, vantages: [{vantage: eu, "
	"state: stale}]",
	2, "stale", "no vantage was heard since the state database was"},
    {"one vantage of two is blind",
	RUNNING ", " FRESH ", vantages: [{vantage: eu, state: fresh, blind: "
		"true, missed: 7, compared: 8}, {vantage: us, state: fresh, "
		"blind: false, missed: 0, compared: 4}]",
	1, "vantage blind",
	"eu finds down 7 of 8 endpoints outside its region that others find "
	"up; what it says does not count there"},
    {"one vantage of two is silent",
	RUNNING ", " FRESH ", vantages: [{vantage: eu, state: stale, ended: "
		"false, age_ms: 200000}, {vantage: us, state: fresh}]",
	1, "vantage stale", "nothing is heard of eu for 3 min; "},
    {"what a node that is cut off does not hear is no fault of others",
	RUNNING ", health: {stale: false, age_ms: 1000, cut: noon}, share: "
		"{link: cut, trouble: 'timed out'}, vantages: [{vantage: eu, "
		"node: b, state: stale, ended: false, age_ms: 200000}, "
		"{vantage: us, state: fresh}]",
	1, "node cut off",
	"cut off from the nodes that it shares with since "
	"noon: timed out; "},
    {"another node has its vantage",
	RUNNING ", " FRESH ", share: {link: linked, same_vantage: b}, "
		"vantages: [{vantage: us, state: fresh}]",
	1, "vantage twice", "node b says that the vantage of this one is "},
    {"where nobody checks that is nothing",
	RUNNING ", " FRESH ", share: {link: linked, same_vantage: b}, "
		"vantages: [{vantage: us, node: b, state: fresh}]",
	0, "well", "0 endpoints"},
    {"all have ended",
	RUNNING ", " FRESH ", vantages: [{vantage: eu, state: fresh, ended: "
		"true, age_ms: 2000}]",
	1, "nobody checks", "every vantage has ended; "},
    {"one that ended in good order is none",
	RUNNING ", " FRESH ", vantages: [{vantage: eu, state: stale, ended: "
		"true, age_ms: 200000}, {vantage: us, state: fresh}]",
	0, "well", "0 endpoints"},
    {"no server, whatever the files would give",
	"server: {running: false, why: silent, files: true}, " FRESH
	", outlook: [" RESORT "]",
	2, "no server", "silent"},
    {"the server cannot read the database",
	RUNNING ", health: {stale: false, database: /s.db, trouble: corrupt}",
	1, "database unreadable", "meridiand cannot read /s.db: corrupt; "},
    {"its disk is full",
	RUNNING ", health: {stale: false, database: /s.db, disk: {free_bytes: "
		"12288, writable: false, trouble: 'its disk is full'}}",
	1, "database disk", "/s.db: its disk is full, 12 KiB are free"},
    {"one that was corrupt lies beside it",
	RUNNING ", " FRESH ", state: {database: /s.db, set_aside_ms: 1}", 1,
	"database set aside", "/s.db was corrupt "},
    {"none does",
	RUNNING ", " FRESH ", state: {database: /s.db, set_aside_ms: null}", 0,
	"well", "0 endpoints"},
    {"it lacks what was said by hand",
	RUNNING ", health: {stale: false, database: /s.db, kept: {lacking: 2, "
		"mirror: null}}",
	1, "kept by meridiand",
	"/s.db lacks 2 rows of what was said by hand or of ramps, "},
    {"it lacks nothing, and has no mirror",
	RUNNING ", health: {stale: false, database: /s.db, kept: {lacking: 0, "
		"mirror: 'no room'}}",
	1, "mirror", "the mirror beside /s.db: no room"},
    {"rows make no sense",
	RUNNING ", health: {stale: false, database: /s.db, odd: 'a row is "
		"odd'}",
	1, "odd rows", "in /s.db a row is odd"},
    {"a database is old",
	RUNNING ", " FRESH
		", geography: {max_age_ms: 2592000000, databases: [{file: "
		"/a.mmdb, old: false, age_ms: 1}, {file: /b.mmdb, old: true, "
		"age_ms: 3456000000}]}",
	1, "geography old", "/b.mmdb was built 40 d ago; geo_max_age is 30 d"},
    {"no database is",
	RUNNING ", " FRESH
		", geography: {max_age_ms: 2592000000, databases: [{file: "
		"/a.mmdb, old: false, age_ms: 1}], follow: {trouble: null}}",
	0, "well", "0 endpoints"},
    {"what is on disk cannot be read",
	RUNNING ", " FRESH
		", geography: {follow: {trouble: 'm.yaml:4: error: /a.mmdb: "
		"cut short', trouble_since: noon}}",
	1, "not followed",
	"since noon a file on disk is not read, and what it was before is "
	"served: m.yaml:4: error: /a.mmdb: cut short"},
    {"only this program cannot",
	RUNNING ", " FRESH ", state: {database: /s.db, trouble: denied}", 0,
	"well", "0 endpoints"},
    {"a reload failed",
	"server: {running: true, reload: {ok: false, adopted: false, at: "
	"noon, messages: 'x: warning: odd\\nx.yaml:3: error: bad\\n'}}, " FRESH,
	1, "reload failed",
	"the last reload failed at noon, the old configuration is still "
	"served: x.yaml:3: error: bad"},
    {"a zone was held back",
	"server: {running: true, reload: {ok: false, adopted: true, at: noon, "
	"zones_held: 1, messages: 'x: error: bad\\n'}}, " FRESH,
	1, "zones held",
	"the last load at noon left 1 zone as it was: x: error: bad"},
};

START_TEST(the_worst_comes_first)
{
	json_t *root = read_status(statuses[_i].status), *first;
	int status = status_verdict(root);
	const char *finding = NULL, *text = NULL;

	ck_assert_msg(status == statuses[_i].exit_status, "%s: %d",
	    statuses[_i].says, status);
	ck_assert_int_eq(
	    json_integer_value(json_object_get(root, "status")), status);
	first = json_array_get(json_object_get(root, "findings"), 0);
	ck_assert_int_eq(
	    json_unpack(first, "{ss ss}", "finding", &finding, "text", &text),
	    0);
	ck_assert_msg(strcmp(finding, statuses[_i].finding) == 0 &&
		strstr(text, statuses[_i].text) == text,
	    "%s: %s: %s", statuses[_i].says, finding, text);
	json_decref(root);
}
END_TEST

/* A node whose services share pools across zones. */
static const char node[] =
    "outlook: [{service: 'chat.a', zone: a, state: healthy, pools: [{pool: "
    "v}, {pool: w}]}, {service: 'embed.a', zone: a, state: degraded, pools: "
    "[{pool: w}]}, {service: 'a.b', zone: b, state: 'last-resort', pools: "
    "[{pool: v}]}], endpoints: [{zone: a, pool: v, endpoint: one, region: us, "
    "usable: up}, {zone: a, pool: w, endpoint: two, region: us, usable: "
    "down}, {zone: a, pool: w, endpoint: three, region: eu, usable: "
    "unchecked}, {zone: b, pool: v, endpoint: one, region: eu, usable: up}], "
    "vantages: [{state: fresh}, {state: stale}], events: [{zone: a, pool: w, "
    "endpoint: two}, {zone: b, pool: v, endpoint: one}]";

/* Each name, and how many services, endpoints and events it leaves. */
static const struct {
	const char *says, *name;
	size_t services, endpoints, events;
	const char *near;
} names[] = {
    {"a service with all its pools", "chat.a", 1, 3, 1, NULL},
    {"in any case, with the last dot", "CHAT.A.", 1, 3, 1, NULL},
    {"without its zone", "embed", 1, 2, 1, NULL},
    {"a pool of two zones, with its services", "v", 2, 2, 1, NULL},
    {"a region", "EU", 0, 2, 1, NULL},
    {"an endpoint", "three", 0, 1, 0, NULL},
    {"a zone", "b", 1, 1, 1, NULL},
    /* A zone, and a service of another one. */
    {"all that has the name", "a", 3, 4, 2, NULL},
    {"a slip", "thre", 0, 0, 0, "three"},
    {"nothing", "zzzzzzzz", 0, 0, 0, NULL},
};

static size_t
size_of(const json_t *root, const char *key)
{
	return json_array_size(json_object_get(root, key));
}

START_TEST(a_name_leaves_what_it_means)
{
	json_t *root = read_status(node);
	const char *near;
	bool found = status_select_name(root, names[_i].name, &near);

	if (names[_i].services + names[_i].endpoints > 0) {
		ck_assert_msg(found &&
			size_of(root, "outlook") == names[_i].services &&
			size_of(root, "endpoints") == names[_i].endpoints &&
			size_of(root, "events") == names[_i].events,
		    "%s: %zu, %zu, %zu", names[_i].says,
		    size_of(root, "outlook"), size_of(root, "endpoints"),
		    size_of(root, "events"));
	} else {
		ck_assert(!found);
		ck_assert_pstr_eq(near, names[_i].near);
	}
	json_decref(root);
}
END_TEST

START_TEST(down_leaves_what_is_not_well)
{
	json_t *root = read_status(node);

	status_select_down(root);
	ck_assert_uint_eq(size_of(root, "outlook"), 2);
	ck_assert_uint_eq(size_of(root, "endpoints"), 2);
	ck_assert_uint_eq(size_of(root, "vantages"), 1);
	json_decref(root);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("ctl_status");
	TCase *tests = tcase_create("status");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_loop_test(tests, the_worst_comes_first, 0,
	    (int)(sizeof(statuses) / sizeof(statuses[0])));
	tcase_add_loop_test(tests, a_name_leaves_what_it_means, 0,
	    (int)(sizeof(names) / sizeof(names[0])));
	tcase_add_test(tests, down_leaves_what_is_not_well);
	suite_add_tcase(suite, tests);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed != 0;
}
