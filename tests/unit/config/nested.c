/*
 * Pools that are services: each row a sentence, a steering file and all that is
 * said of it, to the last column.
 */
#include "config/steering.h"

#include "tests/unit/config_fixture.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* The rest of a file around ${pools} and ${services}. */
#define NEST(pools, services)                                      \
	"regions: {a: {at: [1, 2]}, b: {at: [3, 4]}}\n"            \
	"pools:\n  p: {endpoints: [{name: x, region: a, address: " \
	"192.0.2.1}]}\n"                                           \
	"  q: {endpoints: [{name: y, region: b, address: "         \
	"192.0.2.2}]}\n" pools "services:\n" services

static const struct config_row refused[] = {
    {"a pool that is a service has no endpoints",
	NEST("  n: {service: t, endpoints: [{name: z, region: a, address: "
	     "192.0.2.3}]}\n",
	    "  s: {pool: n}\n  t: {pool: p}\n  u: {pool: q}\n"),
	"f:5:19: error: \"endpoints\" and \"service\" exclude each other: a "
	"pool has endpoints or is a service\n"},
    {"nor anything that is of endpoints",
	NEST("  n: {service: t, min_up: 50%, families: mixed, drained: true, "
	     "slow_start: 1m}\n",
	    "  s: {pool: n}\n  t: {pool: p}\n  u: {pool: q}\n"),
	"f:5:19: error: \"min_up\" and \"service\" exclude each other: the "
	"pools of the service have their own\n"
	"f:5:49: error: \"drained\" and \"service\" exclude each other: the "
	"pools of the service have their own\n"
	"f:5:64: error: \"slow_start\" and \"service\" exclude each other: "
	"the pools of the service have their own\n"
	"f:5:32: error: \"families\" and \"service\" exclude each other: the "
	"pools of the service have their own\n"},
    {"nor what is of standby endpoints and of edges",
	NEST("  n: {service: t, trickle: 1%, kind: edge, spread: 2, origin: "
	     "p}\n",
	    "  s: {pool: n}\n  t: {pool: p}\n  u: {pool: q}\n"),
	"f:5:19: error: \"trickle\" and \"service\" exclude each other: the "
	"pools of the service have their own\n"
	"f:5:32: error: \"kind\" and \"service\" exclude each other: the pools "
	"of the service have their own\n"
	"f:5:44: error: \"spread\" and \"service\" exclude each other: the "
	"pools of the service have their own\n"
	"f:5:55: error: \"origin\" and \"service\" exclude each other: the "
	"pools of the service have their own\n"},
    {"nor a check",
	"checks: {c: {}}\n" NEST("  n: {service: t, check: c}\n",
	    "  s: {pool: n}\n  t: {pool: p}\n  u: {pool: q}\n"),
	"f:6:19: error: \"check\" and \"service\" exclude each other: the "
	"pools "
	"of the service have checks of their own\n"},
    {"a service that is not there",
	NEST("  n: {service: chat}\n  m: {service: }\n",
	    "  char: {pool: n}\n  t: {pool: p}\n  u: {pool: q}\n"),
	"f:5:16: error: unknown service \"chat\", did you mean \"char\"?\n"
	"f:6:7: error: service: expected the name of a service, found "
	"nothing\n"},
    {"a service in place of a pool that is one",
	NEST("", "  t: {split: {s: 1, p: 1}}\n  s: {pool: q}\n"),
	"f:6:15: error: \"s\" is a service: add a pool that is it, \"inner: "
	"{service: s}\", and name that pool here\n"},
    {"a service inside itself",
	NEST("  n: {service: s}\n",
	    "  s: {split: {p: 1, n: 1}}\n  t: {pool: q}\n"),
	"f:5:16: error: services nest in a circle, s > s: a service may not be "
	"inside itself\n"},
    {"a circle of several, seen from outside, and with a weight of 0",
	NEST("  n: {service: t}\n  m: {service: u}\n",
	    "  s: {pool: n}\n  t: {split: {m: 1, p: 1}}\n"
	    "  u: {split: {q: 1, n: 0}}\n"),
	"f:5:16: error: services nest in a circle, t > u > t: a service may "
	"not "
	"be inside itself\n"},
    {"five deep",
	NEST("  a1: {service: s1}\n  a2: {service: s2}\n  a3: {service: s3}\n"
	     "  a4: {service: s4}\n  a5: {service: s5}\n",
	    "  s5: {split: {p: 1, q: 1}}\n  s0: {pool: a1}\n  s1: {pool: a2}\n"
	    "  s2: {pool: a3}\n  s3: {pool: a4}\n  s4: {pool: a5}\n"),
	"f:12:3: error: services nest 5 deep, s0 > s1 > s2 > s3 > s4 > s5: at "
	"most 4 is accepted\n"},
    {"more than 64 ways: 5 * 13",
	NEST("  a: {service: t}\n  b: {service: t}\n  c: {service: t}\n"
	     "  d: {service: t}\n  e: {service: t}\n  f: {service: u}\n"
	     "  g: {service: u}\n  h: {service: u}\n  i: {service: u}\n"
	     "  j: {service: u}\n  k: {service: u}\n  l: {service: s}\n",
	    "  s: {split: {a: 1, b: 1, c: 1, d: 1, e: 1}}\n"
	    "  t: {split: {f: 1, g: 1, h: 1, i: 1, j: 1, k: 1, p: 1}}\n"
	    "  u: {split: {p: 1, q: 1}}\n  v: {pool: l}\n"),
	"f:18:3: error: service \"s\" leads to pools in 65 ways through the "
	"services inside it, at most 64 are accepted: let its split, or one of "
	"theirs, name fewer pools\n"},
    {"a region of a service inside is missing in the order",
	NEST("  n: {service: t}\n",
	    "  s: {split: {n: 1, p: 1}, rank: {listed: [a]}}\n  t: {pool: "
	    "q}\n"),
	"f:7:43: error: listed: region \"b\" is missing, the service has "
	"endpoints there\n"},
};

static const struct config_row warnings[] = {
    {"what of a service inside does not count",
	NEST("  n: {service: t}\n",
	    "  s: {pool: n}\n"
	    "  t: {split: {p: 1, q: 0}, ecs: off, answers: 3, https: {alpn: "
	    "h2}}\n"),
	"f:7:3: warning: service \"t\" is inside \"s\": its \"ecs\" does not "
	"count for clients of \"s\", whose client subnets all do\n"
	"f:7:3: warning: service \"t\" is inside \"s\": its \"answers\", 3, "
	"does not count for clients of \"s\", who get 1\n"
	"f:7:3: warning: service \"t\" is inside \"s\": its \"https\" does not "
	"count for clients of \"s\", which has none\n"
	"f:7:3: warning: service \"t\" is inside \"s\": its pool \"q\" of "
	"weight 0 is never used for clients of \"s\", for the last resort is "
	"that of \"s\"\n"},
    {"four deep and 64 ways are accepted",
	NEST("  a1: {service: s1}\n  a2: {service: s2}\n  a3: {service: s3}\n"
	     "  a4: {service: s4}\n  b1: {service: s1}\n  b2: {service: s2}\n"
	     "  b3: {service: s3}\n  b4: {service: s4}\n"
	     "  c1: {service: s1}\n  d1: {service: s1}\n",
	    "  s0: {split: {a1: 1, b1: 1, c1: 1, d1: 1}}\n"
	    "  s1: {split: {a2: 1, b2: 1}}\n  s2: {split: {a3: 1, b3: 1}}\n"
	    "  s3: {split: {a4: 1, b4: 1}}\n  s4: {split: {p: 1, q: 1}}\n"),
	""},
    {"families differ between a pool and a service",
	NEST("  n: {service: t}\n"
	     "  r: {endpoints: [{name: z, region: b, address: [192.0.2.9, "
	     "\"2001:db8::9\"]}]}\n",
	    "  s: {split: {r: 1, n: 1}}\n  t: {split: {p: 1, q: 1}}\n"),
	"f:8:3: warning: pool \"n\" has only IPv4, but pool \"r\" has IPv4 and "
	"IPv6: clients sent to the former get no IPv6 address, nor do others "
	"of their resolver for \"ttl: min\"; those with IPv6 alone lose the "
	"service\n"},
};

START_TEST(refuses)
{
	config_rows(refused, COUNT(refused), false);
}
END_TEST

START_TEST(warns)
{
	config_rows(warnings, COUNT(warnings), true);
}
END_TEST

START_TEST(finds_the_service_of_a_pool_that_is_one)
{
	static const char text[] = NEST("  n: {service: t}\n",
	    "  s: {pool: n}\n  t: {split: {p: 1, q: 1}}\n");
	struct steering_config *config;
	struct errbuf eb;

	errbuf_init(&eb);
	config = steering_config_parse("f", text, strlen(text), &eb);
	ck_assert_msg(config != NULL, "%s", eb.text);
	ck_assert_ptr_eq(config->pools[2].service, &config->services[1]);
	ck_assert_uint_eq(config->pools[2].n_endpoints, 0);
	ck_assert_uint_eq(config->pools[2].checks.n, 0);
	ck_assert_ptr_null(config->pools[0].service);
	steering_config_destroy(config);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("config_nested");
	TCase *tcase = tcase_create("rows");

	tcase_add_test(tcase, refuses);
	tcase_add_test(tcase, warns);
	tcase_add_test(tcase, finds_the_service_of_a_pool_that_is_one);
	suite_add_tcase(suite, tcase);
	return config_run(suite);
}
