/*
 * A region that comes back with `slow_start`, with the real daemons: it gets
 * its clients by and by, none goes back and forth, and a server that is killed
 * in the middle goes on where it was.
 */
#include <stdio.h>
#include <string.h>

#include "tests/system/node.h"

/* Of pools that have it. */
#define SLOW_MS 12000

/* Networks that are nearest to eu-west. */
#define CLIENTS 100

#define IN_EUROPE "192.0.2.2"
#define IN_AMERICA "192.0.2.1"

struct clients {
	char subnet[CLIENTS][32];
	bool back[CLIENTS]; /* it was sent to Europe again */
	int n;
};

static void
steer(struct node *node)
{
	node_steering(node,
	    "regions:\n"
	    "  us-east: {at: [39.0, -77.5]}\n"
	    "  eu-west: {at: [53.3, -6.3]}\n"
	    "checks:\n"
	    "  llm: {preset: vllm, every: 200ms, timeout: 3s, fall: 1, "
	    "rise: 1}\n"
	    "pools:\n"
	    "  v1:\n"
	    "    check: llm\n"
	    "    slow_start: %ds\n"
	    "    endpoints:\n"
	    "      - {name: us, region: us-east, address: " IN_AMERICA
	    ", check_at: \"127.0.0.1:%u\"}\n"
	    "      - {name: eu, region: eu-west, address: " IN_EUROPE
	    ", check_at: \"127.0.0.1:%u\"}\n"
	    "services:\n"
	    "  one: {pool: v1}\n",
	    SLOW_MS / 1000, node->standin_port[0], node->standin_port[1]);
}

static bool
is_sent_to(struct node *node, const char *subnet, const char *address)
{
	return strcmp(node_ask(node, "one.inference.example.", "A", subnet),
		   address) == 0;
}

/* Those of many networks that Europe serves while all is well. */
static void
find_clients(struct node *node, struct clients *c)
{
	c->n = 0;
	for (unsigned i = 0; i < 4096 && c->n < CLIENTS; i++) {
		char *subnet = c->subnet[c->n];

		snprintf(subnet, sizeof(c->subnet[0]), "%u.%u.%u.0/24",
		    77 + i % 18, i * 37 % 256, i * 101 % 256);
		if (is_sent_to(node, subnet, IN_EUROPE))
			c->back[c->n++] = false;
	}
	ck_assert_int_eq(c->n, CLIENTS);
}

/* How many Europe has.  Who was sent back stays there. */
static int
count_back(struct node *node, struct clients *c)
{
	int n = 0;

	for (int i = 0; i < c->n; i++) {
		bool back = is_sent_to(node, c->subnet[i], IN_EUROPE);

		ck_assert_msg(back || !c->back[i],
		    "%s was sent to Europe, and then away", c->subnet[i]);
		c->back[i] = back;
		n += back;
	}
	return n;
}

/* They may go away once. */
static void
begin_anew(struct clients *c)
{
	for (int i = 0; i < c->n; i++)
		c->back[i] = false;
}

START_TEST(it_gets_its_clients_by_and_by)
{
	struct harness *h = harness_create();
	int64_t began = harness_ms(), back;
	struct clients clients;
	struct node node;
	int n, least = CLIENTS, between = 0;

	node_init(&node, h);
	node_standin(&node, 0);
	node_standin(&node, 1);
	node_config(&node, "");
	node_records(&node, node_zone);
	steer(&node);
	node_serve(&node);
	node_check(&node);
	HARNESS_WAIT(10000,
	    strcmp(node_sql(&node,
		       "SELECT count(*) FROM endpoint WHERE health = 'up'"),
		"2\n") == 0);
	HARNESS_WAIT(10000, is_sent_to(&node, "4.0.0.0/24", IN_AMERICA));
	HARNESS_WAIT(10000, is_sent_to(&node, "84.128.0.0/24", IN_EUROPE));
	find_clients(&node, &clients);
	/* Until the other region has been there for long enough. */
	node_order(&node, 1, "health=down");
	HARNESS_WAIT(10000, is_sent_to(&node, clients.subnet[0], IN_AMERICA));
	HARNESS_WAIT(2 * SLOW_MS, harness_ms() - began > SLOW_MS + 2000);
	ck_assert_int_eq(count_back(&node, &clients), 0);
	node_order(&node, 1, "health=up");
	HARNESS_WAIT(10000, (n = count_back(&node, &clients)) > 0);
	back = harness_ms();
	while (n < CLIENTS) {
		int before = n;

		ck_assert_int_lt(harness_ms() - back, 3 * SLOW_MS);
		harness_pause();
		n = count_back(&node, &clients);
		least = n < least ? n : least;
		between += n != before;
		/* In the middle, as if it had lost its power. */
		if (n >= CLIENTS / 2 && before < CLIENTS / 2) {
			harness_kill(h, node.server);
			node_serve(&node);
			/* What it starts from was written a second ago. */
			begin_anew(&clients);
			n = count_back(&node, &clients);
			ck_assert_int_ge(n, CLIENTS / 4);
		}
	}
	printf("measured: from %d to %d of %d clients in %d steps, %lld ms\n",
	    least, n, CLIENTS, between, (long long)(harness_ms() - back));
	ck_assert_int_lt(least, CLIENTS / 2);
	ck_assert_int_ge(between, 4);
	ck_assert_int_ge(harness_ms() - back, SLOW_MS / 2);
	harness_stop(h, node.server);
	harness_stop(h, node.probe);
	harness_destroy(h);
}
END_TEST

int
main(void)
{
	const struct harness_case cases[] = {
	    {"by and by", it_gets_its_clients_by_and_by, 120},
	};

	return harness_main(
	    "slow start", cases, sizeof(cases) / sizeof(cases[0]));
}
