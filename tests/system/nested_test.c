/*
 * Services inside services, with the real programs: clients fail over through
 * two levels and come back, dig and explain agree on the answer and its scope
 * at each stage, and fences hold on the way.
 */
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "tests/system/node.h"
#include "tests/system/output.h"

/* A client in Germany and one in the United States. */
#define GERMAN "84.128.0.0/24"
#define AMERICAN "4.0.0.0/24"

/* Nearly all clients of chat go to europe, of europe to france, of france to
 * the pool a, one after the other: 0 is a, 1 is b in france, 2 is the spare one
 * in europe, 3 the one far away. */
static const char steering[] =
    "regions:\n"
    "  eu-west: {at: [48.9, 2.3]}\n"
    "  eu-north: {at: [59.3, 18.1]}\n"
    "  us-east: {at: [39.0, -77.5]}\n"
    "checks:\n"
    "  llm: {preset: vllm, model: test-model, every: 300ms, timeout: 1500ms, "
    "fall: 2, rise: 2}\n"
    "pools:\n"
    "  a: {check: llm, endpoints: [{name: a1, region: eu-west, address: "
    "192.0.2.1, check_at: \"127.0.0.1:%u\"}]}\n"
    "  b: {check: llm, endpoints: [{name: b1, region: eu-west, address: "
    "192.0.2.2, check_at: \"127.0.0.1:%u\"}]}\n"
    "  spare: {check: llm, endpoints: [{name: s1, region: eu-north, address: "
    "192.0.2.3, check_at: \"127.0.0.1:%u\"}]}\n"
    "  far: {check: llm, endpoints: [{name: f1, region: us-east, address: "
    "192.0.2.4, check_at: \"127.0.0.1:%u\"}]}\n"
    "  to-europe: {service: europe}\n"
    "  to-france: {service: france}\n"
    "services:\n"
    "  chat:\n"
    "    split: {to-europe: 999999, far: 1}\n"
    "    fence: [{clients: {countries: [US]}, regions: [us-east]}]\n"
    "    ttl: {max: 20s, min: 1s}\n"
    "  europe:\n"
    "    split: {to-france: 999999, spare: 1}\n"
    "    fence: [{clients: all, regions: [eu-west, eu-north], hard: true}]\n"
    "  france: {split: {a: 999999, b: 1}, ttl: {max: 10s, min: 1s}}\n";

static bool
are_all_up(struct node *node)
{
	const char *page = node_page(node, "/api/v1/status");

	return strstr(page, "\"usable\": \"up\"") != NULL &&
	    strstr(page, "\"usable\": \"unchecked\"") == NULL;
}

static void
start(struct node *node, struct harness *h)
{
	node_init(node, h);
	node_standins(node);
	node_config(node, "");
	node_records(node, node_zone);
	node_steering(node, steering, node->standin_port[0],
	    node->standin_port[1], node->standin_port[2],
	    node->standin_port[3]);
	node_check(node);
	node_serve(node);
	HARNESS_WAIT(10000,
	    strcmp(node_sql(node,
		       "select count(*) from endpoint where health = 'up'"),
		"4\n") == 0);
	/* And the server knows it: no scope changes under a test. */
	HARNESS_WAIT(5000, are_all_up(node));
}

static bool
is_given(struct node *node, const char *name, const char *client,
    const char *address)
{
	return strcmp(node_ask(node, name, "A", client), address) == 0;
}

/* The services that the step ${name} of ${root} is inside of, "europe >
 * france"; to be freed by text_finish(). */
static struct text
inside(const json_t *root, const char *name)
{
	const json_t *step, *service;
	struct text t;
	size_t i, k;

	text_init(&t, 1024);
	json_array_foreach(json_object_get(root, "steps"), i, step)
	{
		if (strcmp(json_string_value(json_object_get(step, "step")),
			name) != 0)
			continue;
		json_array_foreach(json_object_get(step, "inside"), k, service)
		    text_add(&t, "%s%s", k > 0 ? " > " : "",
			json_string_value(service));
	}
	text_add(&t, "%s", "");
	return t;
}

/* What dig shows of the answer of chat for ${client}. */
static const char *
dig(struct node *node, const char *client)
{
	char port[16], subnet[64];
	const char *out;

	snprintf(port, sizeof(port), "%u", node->port);
	snprintf(subnet, sizeof(subnet), "+subnet=%s", client);
	ck_assert_int_eq(harness_run(node->h, &out, "/usr/bin/dig",
			     "+nobadcookie", "+timeout=5", "@127.0.0.1", "-p",
			     port, "chat.inference.example", "A", subnet, NULL),
	    0);
	return out;
}

/* explain says of ${client} that it gets ${endpoint}, picked inside the
 * services ${way}; dig shows the same address with the same scope. */
static void
agrees(struct node *node, const char *client, const char *endpoint,
    const char *way)
{
	const json_t *answer, *first;
	char scope[64], address[64];
	struct text picked, ttl;
	const char *out;
	json_t *root;

	ck_assert_int_eq(
	    node_ctl(node, &out, "explain", "chat.inference.example",
		"--client", client, "--json"),
	    0);
	root = json_loads(out, 0, NULL);
	ck_assert_ptr_nonnull(root);
	answer = json_object_get(root, "answer");
	first = json_array_get(json_object_get(answer, "endpoints"), 0);
	ck_assert_str_eq(
	    json_string_value(json_object_get(first, "endpoint")), endpoint);
	picked = inside(root, "pick");
	ck_assert_str_eq(picked.data, way);
	/* The TTL is that of the service that was asked for. */
	ttl = inside(root, "ttl");
	ck_assert_str_eq(ttl.data, "");
	snprintf(scope, sizeof(scope), "/24/%d\n",
	    (int)json_integer_value(json_object_get(answer, "scope")));
	snprintf(address, sizeof(address), "%s",
	    json_string_value(
		json_array_get(json_object_get(first, "addresses"), 0)));
	out = dig(node, client);
	output_contains(out, scope);
	output_contains(out, address);
	text_finish(&picked);
	text_finish(&ttl);
	json_decref(root);
}

START_TEST(test_failover)
{
	struct harness *h = harness_create();
	struct node node;
	const char *out;

	start(&node, h);
	HARNESS_WAIT(5000,
	    is_given(&node, "chat.inference.example.", GERMAN, "192.0.2.1"));
	agrees(&node, GERMAN, "a1", "europe > france");
	/* Inside france another pool, then another of europe, then of chat. */
	harness_kill(h, node.standin[0]);
	HARNESS_WAIT(10000,
	    is_given(&node, "chat.inference.example.", GERMAN, "192.0.2.2"));
	agrees(&node, GERMAN, "b1", "europe > france");
	harness_kill(h, node.standin[1]);
	HARNESS_WAIT(10000,
	    is_given(&node, "chat.inference.example.", GERMAN, "192.0.2.3"));
	agrees(&node, GERMAN, "s1", "europe");
	harness_kill(h, node.standin[2]);
	HARNESS_WAIT(10000,
	    is_given(&node, "chat.inference.example.", GERMAN, "192.0.2.4"));
	agrees(&node, GERMAN, "f1", "");
	/* As itself europe has nothing but its last resort. */
	ck_assert(
	    !is_given(&node, "europe.inference.example.", GERMAN, "192.0.2.4"));
	ck_assert_int_eq(node_ctl(&node, &out, "status"), 2);
	output_says(out, "europe");
	/* And back, from the innermost. */
	node_standin(&node, 0);
	HARNESS_WAIT(10000,
	    is_given(&node, "chat.inference.example.", GERMAN, "192.0.2.1"));
	agrees(&node, GERMAN, "a1", "europe > france");
	/* Counted are chat, its pool, and the region of the choice. */
	ck_assert(
	    node_metric(&node,
		"meridian_steered_answers_total{service=\"chat."
		"inference.example\",pool=\"to-europe\",region=\"eu-north\"}") >
	    0);
	ck_assert(
	    node_metric(&node,
		"meridian_steered_answers_total{service=\"chat."
		"inference.example\",pool=\"to-europe\",region=\"eu-west\"}") >
	    0);
	harness_stop(h, node.server);
	harness_stop(h, node.probe);
	harness_destroy(h);
}
END_TEST

/* Clients of chat in the United States are kept there by its fence, and those
 * of europe, wherever they are, in Europe by its own: so nobody in the United
 * States goes to europe through chat. */
START_TEST(test_fences)
{
	struct harness *h = harness_create();
	struct node node;
	struct reply reply;
	const char *out;

	start(&node, h);
	HARNESS_WAIT(5000,
	    is_given(&node, "chat.inference.example.", AMERICAN, "192.0.2.4"));
	ck_assert(is_given(
	    &node, "europe.inference.example.", AMERICAN, "192.0.2.1"));
	agrees(&node, AMERICAN, "f1", "");
	ck_assert_int_eq(node_ctl(&node, &out, "explain",
			     "chat.inference.example", "--client", AMERICAN),
	    0);
	output_says(out,
	    "to-europe, the service europe: nothing usable for this client");
	ck_assert_int_eq(node_ctl(&node, &out, "explain",
			     "chat.inference.example", "--client", GERMAN),
	    0);
	output_says(out,
	    "europe: rule 1 (everyone) keeps this client in eu-west, "
	    "eu-north (hard)");
	output_says(out,
	    "europe > france: a1: the only one that is "
	    "usable");
	output_fits(out);
	/* The least max on the way. */
	ck_assert(
	    node_reply(&node, "chat.inference.example.", "A", GERMAN, &reply));
	ck_assert_uint_eq(reply.answer[0].ttl_s, 10);
	harness_stop(h, node.server);
	harness_stop(h, node.probe);
	harness_destroy(h);
}
END_TEST

int
main(void)
{
	const struct harness_case cases[] = {
	    {"failover", test_failover, 120},
	    {"fences", test_fences, 60},
	};

	return harness_main("nested", cases, sizeof(cases) / sizeof(cases[0]));
}
