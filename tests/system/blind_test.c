/*
 * A vantage whose network is in trouble: three probes with a region each, one
 * of which is cut off from all regions but its own.  It is set aside, and said
 * to be blind, and answers stay right; then it sees again.
 *
 * Each probe has files of its own, with its own way to the servers: what the
 * one that is cut off reaches in other regions is a stand-in that fails when
 * it is told.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/system/node.h"

/* The stand-ins: for all regions as the others see them, but for eu-b; for
 * its own and the other regions as the one that will be cut off does. */
enum { OTHERS, OWN, OUTSIDE, EU_B };

/* Clients near each region, and what is there. */
static const char *const near[] = {
    "4.0.0.0/24", "84.128.0.0/24", "126.0.0.0/24"};
static const char *const prefix[] = {"192.0.2.1", "192.0.2.2", "192.0.2.3"};
#define REGIONS 3

#define STEERING                                                           \
	"regions:\n"                                                       \
	"  us-east: {at: [39.0, -77.5]}\n"                                 \
	"  eu-west: {at: [53.3, -6.3]}\n"                                  \
	"  ap-northeast: {at: [35.7, 139.7]}\n"                            \
	"checks:\n"                                                        \
	"  llm: {preset: vllm, model: test-model, every: 400ms, timeout: " \
	"300ms, fall: 2, rise: 2, quorum: all}\n"                          \
	"pools:\n"                                                         \
	"  v1:\n"                                                          \
	"    check: llm\n"                                                 \
	"    endpoints:\n"                                                 \
	"      - {name: us-a, region: us-east, address: 192.0.2.10, "      \
	"check_at: \"127.0.0.1:%u\"}\n"                                    \
	"      - {name: us-b, region: us-east, address: 192.0.2.11, "      \
	"check_at: \"127.0.0.1:%u\"}\n"                                    \
	"      - {name: eu-a, region: eu-west, address: 192.0.2.20, "      \
	"check_at: \"127.0.0.1:%u\"}\n"                                    \
	"      - {name: eu-b, region: eu-west, address: 192.0.2.21, "      \
	"check_at: \"127.0.0.1:%u\"}\n"                                    \
	"      - {name: ap-a, region: ap-northeast, address: 192.0.2.30, " \
	"check_at: \"127.0.0.1:%u\"}\n"                                    \
	"      - {name: ap-b, region: ap-northeast, address: 192.0.2.31, " \
	"check_at: \"127.0.0.1:%u\"}\n"                                    \
	"services:\n"                                                      \
	"  one: {pool: v1, answers: 2}\n"

/* Files of a probe that is called ${name}; ${cut}: it is the one that is cut
 * off later. */
static void
write_probe(struct node *node, const char *name, const char *region, bool cut)
{
	const uint16_t *port = node->standin_port;
	unsigned own = port[cut ? OWN : OTHERS];
	unsigned other = port[cut ? OUTSIDE : OTHERS];
	char steering[64], file[64];

	snprintf(steering, sizeof(steering), "%s.steering.yaml", name);
	snprintf(file, sizeof(file), "%s.yaml", name);
	harness_write(node->h, steering, STEERING, own, own, other,
	    (unsigned)port[cut ? OUTSIDE : EU_B], other, other);
	harness_write(node->h, file,
	    "listen: [\"127.0.0.1:%u\"]\n"
	    "state: state.db\n"
	    "vantage: {name: %s, region: %s}\n"
	    "geo: none\n"
	    "zones:\n"
	    "  - {name: inference.example, records: inference.zone, "
	    "steering: %s}\n",
	    node->port, name, region, steering);
}

static void
start_probe(struct node *node, const char *name)
{
	char file[64], log[64];

	snprintf(file, sizeof(file), "%s.yaml", name);
	snprintf(log, sizeof(log), "%s.log", name);
	harness_start(node->h, log, "meridian-probe", "-c",
	    harness_path(node->h, file), NULL);
}

static void
prepare(struct node *node, struct harness *h)
{
	unsigned port;

	node_init(node, h);
	node_standins(node);
	node_config(node, "");
	node_records(node, node_zone);
	port = node->standin_port[OTHERS];
	node_steering(node, STEERING, port, port, port, port, port, port);
	write_probe(node, "x", "us-east", true);
	write_probe(node, "y", "eu-west", false);
	write_probe(node, "z", "ap-northeast", false);
}

/* The region that a client near region ${i} is sent to; -1: none. */
static int
sent_to(struct node *node, int i)
{
	const char *data =
	    node_ask(node, "one.inference.example.", "A", near[i]);

	for (int k = 0; k < REGIONS; k++)
		if (strncmp(data, prefix[k], strlen(prefix[k])) == 0)
			return k;
	return -1;
}

/* Clients of all regions are sent to their own. */
static bool
all_at_home(struct node *node)
{
	for (int i = 0; i < REGIONS; i++)
		if (sent_to(node, i) != i)
			return false;
	return true;
}

static bool
is_blind(struct node *node)
{
	return node_metric(node, "meridian_vantage_blind{vantage=\"x\"}") == 1;
}

/* Wait until x is blind, or not, and all the while nobody is sent elsewhere. */
static void
wait_at_home(struct node *node, bool blind)
{
	int64_t end = harness_ms() + 20000;

	while (is_blind(node) != blind) {
		ck_assert_int_lt(harness_ms(), end);
		for (int i = 0; i < REGIONS; i++)
			ck_assert_msg(sent_to(node, i) == i, "%s: %d", near[i],
			    sent_to(node, i));
	}
}

/* How often the server's log has ${words}. */
static int
said(struct node *node, const char *words)
{
	const char *at =
	    harness_read(node->h, harness_path(node->h, "meridiand.log"));
	int n = 0;

	while ((at = strstr(at, words)) != NULL) {
		at++;
		n++;
	}
	return n;
}

#define BLIND                                                                  \
	"vantage x: blind: it finds down 4 of 4 endpoints outside its region " \
	"that other vantages find up"

/* What people are told while x is blind. */
static void
is_said(struct node *node)
{
	const char *out;

	ck_assert_int_eq(said(node, BLIND), 1);
	ck_assert_int_eq(node_ctl(node, &out, "status"), 1);
	ck_assert_msg(
	    strncmp(out, "VANTAGE BLIND: x finds down 4 of 4", 34) == 0, "%s",
	    out);
	ck_assert_msg(
	    strstr(out, "x, in us-east, BLIND (misses 4 of 4)") != NULL, "%s",
	    out);
	ck_assert_ptr_nonnull(strstr(out, "y, in eu-west, heard"));
	out = node_page(node, "/api/v1/status");
	ck_assert(strstr(out, "\"blind\": true") != NULL);
	ck_assert(strstr(out, "\"region\": \"us-east\"") != NULL);
	ck_assert_int_eq(node_ctl(node, &out, "explain",
			     "one.inference.example", "--client", near[1]),
	    0);
	ck_assert_msg(
	    strstr(node_unwrap(out),
		"vantage x is blind, and counts in its own region alone") !=
		NULL,
	    "%s", out);
	ck_assert_msg(
	    strstr(node_unwrap(out), "x does not count (blind)") != NULL, "%s",
	    out);
	ck_assert(
	    node_metric(node, "meridian_vantage_blind{vantage=\"y\"}") == 0);
}

START_TEST(test_cut_off)
{
	struct harness *h = harness_create();
	struct node node;
	const char *out;

	prepare(&node, h);
	node_serve(&node);
	start_probe(&node, "x");
	start_probe(&node, "y");
	start_probe(&node, "z");
	HARNESS_WAIT(20000,
	    node_metric(&node,
		"meridian_service_endpoints_up{service=\"one.inference."
		"example\"}") == 6);
	HARNESS_WAIT(10000, node_ctl(&node, &out, "status") == 0);
	ck_assert_str_eq(
	    node_sql(&node, "SELECT region FROM vantage WHERE name = 'y'"),
	    "eu-west\n");

	ck_assert(all_at_home(&node));
	/* With a quorum of all, one word of x would empty both regions. */
	node_order(&node, OUTSIDE, "health=down");
	wait_at_home(&node, true);
	is_said(&node);
	/* The others are still believed where it is not. */
	node_order(&node, EU_B, "health=down");
	HARNESS_WAIT(10000,
	    node_metric(&node,
		"meridian_endpoint_up{zone=\"inference.example\",pool=\"v1\","
		"endpoint=\"eu-b\",region=\"eu-west\"}") == 0);
	ck_assert(all_at_home(&node));
	node_order(&node, EU_B, "health=up");
	/* And it is in its own region. */
	node_order(&node, OWN, "health=down");
	HARNESS_WAIT(10000, sent_to(&node, 0) == 1);
	node_order(&node, OWN, "health=up");
	HARNESS_WAIT(10000, all_at_home(&node));

	node_order(&node, OUTSIDE, "health=up");
	wait_at_home(&node, false);
	ck_assert_int_eq(said(&node, "vantage x: sees again"), 1);
	ck_assert_int_eq(said(&node, "vantage x: blind"), 1);
	HARNESS_WAIT(10000, node_ctl(&node, &out, "status") == 0);
	ck_assert(all_at_home(&node));
	harness_destroy(h);
}
END_TEST

/* Regions are found by their names. */
START_TEST(test_unknown_region)
{
	struct harness *h = harness_create();
	struct node node;
	const char *out;

	prepare(&node, h);
	write_probe(&node, "x", "us-esat", true);
	ck_assert_int_eq(harness_run(h, &out, "meridianctl", "-c",
			     harness_path(h, "x.yaml"), "check", NULL),
	    0);
	ck_assert_msg(strstr(out,
			  "x.yaml:3:28: warning: vantage: no steering file "
			  "has the region \"us-esat\", did you mean "
			  "\"us-east\"?") != NULL,
	    "%s", out);
	harness_destroy(h);
}
END_TEST

int
main(void)
{
	const struct harness_case cases[] = {
	    {"a vantage that is cut off", test_cut_off, 120},
	    {"a vantage in no region of the files", test_unknown_region, 60},
	};

	return harness_main("blind", cases, sizeof(cases) / sizeof(cases[0]));
}
