/* Nodes whose page is looked at, and the browser; see page.h. */
#include "tests/system/page.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define PYTHON "/usr/bin/python3"
#define LOG "browser.log"

/* Room for a browser under a busy machine; a part takes a quarter. */
#define BROWSE_MS 150000
#define HEALTHY_MS 20000

/* Of ten countries; each asks some hundred times. */
static const char *const clients[] = {"84.128.0.0/24", "81.2.69.0/24",
    "8.8.8.0/24", "24.48.0.0/24", "103.21.124.0/24", "133.11.0.0/24",
    "200.147.3.0/24", "1.128.0.0/24", "41.0.0.0/24", "78.160.0.0/24"};
#define ASKED 200

bool
page_browser(void)
{
	static const char *const needed[] = {
	    "/usr/bin/chromium", "/usr/bin/chromedriver", PYTHON};

	for (size_t i = 0; i < sizeof(needed) / sizeof(needed[0]); i++) {
		if (access(needed[i], X_OK) == 0)
			continue;
		printf(
		    "%s is not installed: see .ci/packages-peers\n", needed[i]);
		return false;
	}
	return true;
}

static void
write_steering(struct node *node)
{
	const uint16_t *port = node->standin_port;

	node_steering(node,
	    "regions:\n"
	    "  us-east: {at: [39.0, -77.5]}\n"
	    "  eu-west: {at: [53.3, -6.3]}\n"
	    "  ap-south: {at: [19.1, 72.9]}\n"
	    "checks:\n"
	    "  llm: {preset: vllm, every: 250ms, timeout: 200ms, fall: 2, "
	    "rise: 2}\n"
	    "pools:\n"
	    "  chat-v1:\n"
	    "    check: llm\n"
	    "    endpoints:\n"
	    "      - {name: us-a, region: us-east, address: 192.0.2.1, "
	    "check_at: \"127.0.0.1:%u\"}\n"
	    "      - {name: us-b, region: us-east, address: 192.0.2.2, "
	    "check_at: \"127.0.0.1:%u\"}\n"
	    "      - {name: eu-a, region: eu-west, address: 192.0.2.3, "
	    "check_at: \"127.0.0.1:%u\"}\n"
	    "      - {name: ap-a, region: ap-south, address: 192.0.2.4, "
	    "check_at: \"127.0.0.1:%u\"}\n"
	    "  chat-v2:\n"
	    "    check: llm\n"
	    "    endpoints:\n"
	    "      - {name: us-v2, region: us-east, address: 192.0.2.5, "
	    "check_at: \"127.0.0.1:%u\"}\n"
	    "  embed:\n"
	    "    endpoints:\n"
	    "      - {name: us-e, region: us-east, address: 192.0.2.6}\n"
	    "      - {name: eu-e, region: eu-west, address: 192.0.2.7}\n"
	    "services:\n"
	    "  chat: {split: {chat-v1: 90, chat-v2: 10}}\n"
	    "  ramped: {split: {chat-v1: 100, chat-v2: 0},\n"
	    "    ramp: {to: 20%%, step: 10%%, every: 1s, hold: 1s}}\n"
	    "  embed: {pool: embed}\n"
	    "  batch: {pool: embed, rank: {listed: [eu-west, us-east]}}\n",
	    port[0], port[0], port[PAGE_EU], port[2], port[0]);
}

static void
ask_around(struct node *node)
{
	for (int i = 0; i < ASKED; i++)
		for (size_t k = 0; k < sizeof(clients) / sizeof(clients[0]);
		     k++)
			(void)node_ask(node,
			    i % 4 == 0 ? "embed.inference.example."
				       : "chat.inference.example.",
			    "A", clients[k]);
}

/* Nodes that share, as a carrier has them: this one is cut off, one is silent
 * and has other files.  Their rows are newer than any that is read. */
static void
tell_nodes(struct node *node)
{
	const char *out = node_sql(node,
	    "INSERT INTO node (name, region, vantage, version, zones, origin,"
	    " cut_ms, seen_ms, sequence) SELECT name, region, region, '0.1.0',"
	    " zones, origin, cut, unixepoch() * 1000 - age, row +"
	    " (SELECT max(sequence) FROM (SELECT sequence FROM endpoint UNION"
	    " SELECT sequence FROM vantage UNION SELECT sequence FROM "
	    "override))"
	    " + 1000 FROM (SELECT 1 row, 'here' name, 'us-east' region,"
	    " 'a1' zones, '' origin, unixepoch() * 1000 cut, 0 age"
	    " UNION SELECT 2, 'eu-west', 'eu-west', 'a1', 'eu-west', NULL, "
	    "60000"
	    " UNION SELECT 3, 'a-node-of-a-long-name-in-ap-1', 'ap-south', "
	    "'b2',"
	    " 'a-node-of-a-long-name-in-ap-1', NULL, 3600000);"
	    "INSERT INTO lock (zone, pool, node, token, sequence) SELECT"
	    " 'inference.example.com', 'v1', 'eu-west', 1, max(sequence) + 1"
	    " FROM node");

	ck_assert_str_eq(out, "");
}

void
page_start(struct node *node, struct harness *h, bool shares)
{
	const char *out;
	char config[256];

	node_init(node, h);
	/* The country of each client is looked up, so that few are enough. */
	(void)snprintf(config, sizeof(config),
	    "history: {sample: 1, every: 1s}\n%s",
	    shares ? "node: here\nshare: {etcd: \"http://127.0.0.1:9\"}\n"
		   : "");
	node_config(node, config);
	node_records(node, node_zone);
	write_steering(node);
	node_standins(node);
	node_check(node);
	node_serve(node);
	HARNESS_WAIT(HEALTHY_MS,
	    strcmp(node_sql(node,
		       "SELECT count(*) FROM endpoint WHERE health = 'up'"),
		"5\n") == 0);
	ck_assert_int_eq(node_ctl(node, &out, "weight", "endpoint",
			     "inference.example/chat-v1/us-b", "50%", "--for",
			     "2h", "--reason", "a slow disk"),
	    0);
	if (shares)
		tell_nodes(node);
	ask_around(node);
}

pid_t
page_begin(
    struct node *node, const char *part, const char *first, const char *second)
{
	char base[64];

	snprintf(base, sizeof(base), "http://127.0.0.1:%u", node->http);
	harness_write(node->h, LOG, "%s", "");
	return harness_start(node->h, LOG, PYTHON, "-B",
	    "tests/browser/status_page.py", part,
	    harness_built(node->h, "page"), base, first, second, NULL);
}

void
page_end(struct node *node, pid_t pid)
{
	int status = harness_wait(node->h, pid, BROWSE_MS);
	const char *log = harness_read(node->h, harness_path(node->h, LOG));

	printf("%s", log);
	ck_assert_msg(status == 0, "%s", log);
}

void
page_stop(struct node *node)
{
	harness_stop(node->h, node->probe);
	harness_stop(node->h, node->server);
}
