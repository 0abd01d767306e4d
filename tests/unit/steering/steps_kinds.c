/*
 * The second half of the table of the ladder (steps.c): round trips, edges,
 * addresses of names, CNAMEs and HTTPS, each with the words in which explain
 * says why.
 */
#include "steering/ladder.h"

#include "tests/unit/steering_steps.h"

static const struct row rows[] = {
    /* Round trips: measured ones go before distances. */
    {.what = "the shortest way that was measured",
	.service = "{pool: v1, rank: latency}",
	.measured = true,
	.gets = "s1 /4 60 s",
	.step = STEP_RANK,
	.says = "south, by round trip: south 20 ms (prefix 20.1.0.0/16, 7 "
		"samples), north 25 ms (prefix 20.1.0.0/16, 7 samples), far 60 "
		"ms (prefix 20.1.0.0/16, 7 samples)"},
    {.what = "of a client of whom none was",
	.service = "{pool: v1, rank: latency}",
	.client = BRANCH,
	.measured = true,
	.gets = "s1 /4 60 s",
	.step = STEP_RANK,
	.says = "south, no round trip is known, by distance: south 111 km, "
		"north 5449 km, far 9922 km"},
    {.what = "near equal: the cheaper one first",
	.service = "{pool: v1, rank: latency, near_equal: 5ms}",
	.measured = true,
	.gets = "n1 /16 60 s",
	.step = STEP_RANK,
	.says = "north, by round trip: near equal (within 5 ms): north 25 ms "
		"(prefix 20.1.0.0/16, 7 samples) at cost 1.5, south 20 ms "
		"(prefix 20.1.0.0/16, 7 samples) at cost 3; then far 60 ms "
		"(prefix 20.1.0.0/16, 7 samples)"},
    {.what = "not near enough",
	.service = "{pool: v1, rank: latency, near_equal: 4.9ms}",
	.measured = true,
	.gets = "s1 /4 60 s",
	.step = STEP_RANK,
	.says = "south, by round trip: south 20 ms (prefix 20.1.0.0/16, 7 "
		"samples), north 25 ms (prefix 20.1.0.0/16, 7 samples), far 60 "
		"ms (prefix 20.1.0.0/16, 7 samples)"},
    {.what = "a share of the best",
	.service = "{pool: v1, rank: latency, near_equal: 25%}",
	.measured = true,
	.gets = "n1 /16 60 s",
	.step = STEP_RANK,
	.says = "north, by round trip: near equal (within 25 %): north 25 ms "
		"(prefix 20.1.0.0/16, 7 samples) at cost 1.5, south 20 ms "
		"(prefix 20.1.0.0/16, 7 samples) at cost 3; then far 60 ms "
		"(prefix 20.1.0.0/16, 7 samples)"},
    {.what = "what was measured does not count where it is not asked for",
	.service = "{pool: v1}",
	.measured = true,
	.gets = "n1 /16 60 s",
	.step = STEP_RANK,
	.says = "north, by distance: north 0 km, south 5560 km, far 6012 km"},
    {.what = "a fence goes before any round trip",
	.service = "{pool: v1, rank: latency, fence: [{clients: all, regions: "
		   "[far]}]}",
	.measured = true,
	.gets = "f1 /4 60 s",
	.step = STEP_RANK,
	.says = "far, by round trip: south 20 ms (prefix 20.1.0.0/16, 7 "
		"samples), north 25 ms (prefix 20.1.0.0/16, 7 samples), far 60 "
		"ms (prefix 20.1.0.0/16, 7 samples); skipped: south is outside "
		"the fence; skipped: north is outside the fence"},
    /* Edges: a name lives on one site of the region, or on a few. */
    {.what = "by the name, whoever asks, and for longer",
	.service = "{pool: sites}",
	.gets = "e2 /0 300 s",
	.step = STEP_PICK,
	.says = "e2: 1 of 3 usable, by the hash of the name"},
    {.what = "another client has the same",
	.service = "{pool: sites}",
	.client = BRANCH,
	.gets = "e2 /0 300 s",
	.step = STEP_PICK,
	.says = "e2: 1 of 3 usable, by the hash of the name"},
    {.what = "the site of the name is down: another one has it",
	.service = "{pool: sites}",
	.health = "e1 down, e2 down",
	.gets = "e3 /0 300 s",
	.step = STEP_PICK,
	.says = "e3: the only one that is usable"},
    {.what = "no site is up: the origin, which is no last resort",
	.service = "{pool: sites}",
	.health = "e1 down, e2 down, e3 down",
	.gets = "f3 /0 300 s",
	.step = STEP_SPLIT,
	.says = "sites: nothing is usable for this client: its origin spare"},
    {.what = "nor is the origin: the sites as if they were up",
	.service = "{pool: sites}",
	.health = "all down",
	.gets = "e2 /0 5 s",
	.step = STEP_RESORT,
	.says = "all: every endpoint counts as up"},
    {.what = "a name on two sites: the position of the client says which",
	.service = "{pool: hot}",
	.gets = "h1 /15 300 s",
	.step = STEP_PICK,
	.says = "h1: 1 of 3 usable, by the client's position among those of "
		"the name"},
    {.what = "of another client",
	.service = "{pool: hot}",
	.client = "20.9.0.1",
	.gets = "h2 /15 300 s",
	.step = STEP_PICK,
	.says = "h2: 1 of 3 usable, by the client's position among those of "
		"the name"},
    /* Addresses of names: as usable as the best of them. */
    {.what = "one of its addresses is up",
	.service = "{pool: balanced}",
	.health = "ln has 1 of 3, ls has 2 of 2",
	.gets = "ln /16 60 s",
	.step = STEP_USABLE,
	.says = "balanced: north 1 of 1 up, south 1 of 1 up"},
    {.what = "none is: the next region",
	.service = "{pool: balanced}",
	.health = "ln has 0 of 3, ls has 2 of 2",
	.gets = "ls /4 60 s",
	.step = STEP_RANK,
	.says = "south, by distance: north 0 km, south 5560 km; skipped: north "
		"0 of 1 up"},
    {.what = "none is known",
	.service = "{pool: balanced}",
	.health = "ln has 0 of 0, ls has 2 of 2",
	.gets = "ls /4 60 s",
	.step = STEP_RANK,
	.says = "south, by distance: north 0 km, south 5560 km; skipped: north "
		"0 of 1 up (of 1 no address is known)"},
    {.what = "no address of any is known: nothing can be answered",
	.service = "{pool: balanced}",
	.health = "ln has 0 of 0, ls has 0 of 0",
	.gets = "SERVFAIL /16 5 s",
	.step = STEP_RESORT,
	.says = "all: every endpoint counts as up"},
    {.what = "all have IPv4 alone today",
	.service = "{pool: balanced}",
	.health = "ln has 1 of 3, ls has 2 of 2",
	.form = FORM_IPV6,
	.gets = "NODATA /0 5 s",
	.step = STEP_FAMILY,
	.says = "endpoint ln has no IPv6 address: NODATA for 5 s (ttl min)"},
    /* CNAMEs, and HTTPS with the hints of A and AAAA. */
    {.what = "the name of the nearest",
	.service = "{pool: cdn}",
	.form = FORM_CNAME,
	.gets = "x2 /16 60 s",
	.step = STEP_PICK,
	.says = "x2: the only one that is usable"},
    {.what = "HTTPS names the endpoints of A",
	.service = "{pool: v1, https: {alpn: [h2]}}",
	.form = FORM_HTTPS,
	.gets = "n1 /16 60 s",
	.step = STEP_PICK,
	.says = "n1: the only one that is usable"},
    {.what = "also those without one family",
	.service = "{pool: mixed, https: {alpn: [h2]}}",
	.form = FORM_HTTPS,
	.gets = "m6 /16 60 s",
	.step = STEP_PICK,
	.says = "m6: the only one that is usable"},
    {.what = "a service without it has none",
	.service = "{pool: v1}",
	.form = FORM_HTTPS,
	.gets = "NODATA /0",
	.step = STEP_USABLE,
	.says = "no endpoint of the service has HTTPS: NODATA for everyone"},
};

START_TEST(each_step_comes_to_what_it_says)
{
	check_row(&rows[_i]);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("steering: steps of all kinds");
	TCase *tc = tcase_create("steps");

	tcase_add_loop_test(tc, each_step_comes_to_what_it_says, 0,
	    (int)(sizeof(rows) / sizeof(rows[0])));
	suite_add_tcase(suite, tc);
	return fixture_run(suite);
}
