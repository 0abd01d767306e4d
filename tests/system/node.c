/* Nodes for system tests.  Called by them only. */
#include "tests/system/node.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char node_zone[] = "$TTL 300\n"
			 "@ SOA ns1 hostmaster 1 3600 600 86400 60\n"
			 "@ NS ns1\n"
			 "ns1 A 192.0.2.53\n"
			 "www A 192.0.2.80\n"
			 "*.wild TXT \"anything\"\n"
			 "sub NS ns.sub\n"
			 "ns.sub A 192.0.2.54\n";

/* Room for a program under a sanitizer to start on a busy machine. */
#define START_MS 20000

void
node_init(struct node *node, struct harness *h)
{
	memset(node, 0, sizeof(*node));
	node->h = h;
	node->port = harness_port(h);
	node->http = harness_port(h);
	for (int i = 0; i < NODE_STANDINS; i++)
		node->standin_port[i] = harness_port(h);
}

void
node_config(struct node *node, const char *extra)
{
	harness_write(node->h, "meridian.yaml",
	    "listen: [\"127.0.0.1:%u\", \"[::1]:%u\"]\n"
	    "http: 127.0.0.1:%u\n"
	    "state: state.db\n"
	    "vantage: test\n"
	    "geo: [%s]\n"
	    "zones:\n"
	    "  - {name: inference.example, records: inference.zone, "
	    "steering: inference.yaml}\n"
	    "%s",
	    node->port, node->port, node->http,
	    harness_built(node->h, "geo/iptoasn-country.mmdb"), extra);
}

void
node_records(struct node *node, const char *text)
{
	harness_write(node->h, "inference.zone", "%s", text);
}

void
node_steering(struct node *node, const char *fmt, ...)
{
	char text[16384];
	va_list args;
	int n;

	va_start(args, fmt);
	n = vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	ck_assert_int_lt(n, (int)sizeof(text));
	harness_write(node->h, "inference.yaml", "%s", text);
}

static bool
answers(struct node *node)
{
	struct ask question = {.port = node->port,
	    .name = "inference.example.",
	    .type = "SOA",
	    .timeout_ms = START_MS};
	static struct reply reply;

	return ask(&question, &reply);
}

/* A query before that could wait in a socket, and be answered and counted in
 * the middle of the test. */
static bool
serves(struct node *node, size_t logged)
{
	const char *path = harness_path(node->h, "meridiand.log");

	return strstr(harness_read(node->h, path) + logged, " serving ") !=
	    NULL;
}

void
node_serve(struct node *node)
{
	const char *path = harness_path(node->h, "meridiand.log");
	size_t logged = strlen(harness_read(node->h, path));

	node->server = harness_start(node->h, "meridiand.log", "meridiand",
	    "-c", harness_path(node->h, "meridian.yaml"), NULL);
	HARNESS_WAIT(START_MS,
	    !harness_running(node->h, node->server) || serves(node, logged));
	ck_assert_msg(harness_running(node->h, node->server) && answers(node),
	    "%s", harness_read(node->h, path));
}

void
node_check(struct node *node)
{
	node->probe = harness_start(node->h, "probe.log", "meridian-probe",
	    "-c", harness_path(node->h, "meridian.yaml"), NULL);
}

static const char *
standin_url(struct node *node, int i, const char *path, char *out, size_t size)
{
	snprintf(
	    out, size, "http://127.0.0.1:%u%s", node->standin_port[i], path);
	return out;
}

void
node_standin(struct node *node, int i)
{
	char at[64], name[32], url[128];

	snprintf(at, sizeof(at), "127.0.0.1:%u", node->standin_port[i]);
	snprintf(name, sizeof(name), "standin-%d", i);
	node->standin[i] = harness_start(node->h, "standins.log",
	    harness_built(node->h, "tests/demo/standin"), at, "--name", name,
	    "--model", "test-model", NULL);
	standin_url(node, i, "/health", url, sizeof(url));
	HARNESS_WAIT(START_MS, harness_http(node->h, "GET", url, NULL) == 200);
}

void
node_standins(struct node *node)
{
	for (int i = 0; i < NODE_STANDINS; i++)
		node_standin(node, i);
}

void
node_order(struct node *node, int i, const char *order)
{
	char path[128], url[192];

	snprintf(path, sizeof(path), "/control?%s", order);
	standin_url(node, i, path, url, sizeof(url));
	ck_assert_int_eq(harness_http(node->h, "PUT", url, NULL), 200);
}

bool
node_reply(struct node *node, const char *name, const char *type,
    const char *subnet, struct reply *reply)
{
	struct ask question = {
	    .port = node->port, .name = name, .type = type, .subnet = subnet};

	return ask(&question, reply);
}

const char *
node_ask(
    struct node *node, const char *name, const char *type, const char *subnet)
{
	static struct reply reply;

	if (!node_reply(node, name, type, subnet, &reply) ||
	    reply.n_answer == 0)
		return "";
	return reply.answer[0].data;
}

const char *
node_page(struct node *node, const char *path)
{
	char url[128];
	const char *body = "";

	snprintf(url, sizeof(url), "http://127.0.0.1:%u%s", node->http, path);
	return harness_http(node->h, "GET", url, &body) == 200 ? body : "";
}

const char *
node_unwrap(const char *out)
{
	static const char goes_on[] = "\n            ";
	static char text[65536];
	size_t used = 0;

	while (*out != '\0' && used + 1 < sizeof(text)) {
		bool broken = strncmp(out, goes_on, strlen(goes_on)) == 0;

		text[used++] = broken ? ' ' : *out;
		out += broken ? strlen(goes_on) : 1;
	}
	text[used] = '\0';
	return text;
}

const char *
node_words(const char *out)
{
	static char text[65536];
	size_t used = 0;

	for (; *out != '\0' && used + 1 < sizeof(text); out++) {
		bool blank = *out == ' ' || *out == '\n';

		if (!blank)
			text[used++] = *out;
		else if (used > 0 && text[used - 1] != ' ')
			text[used++] = ' ';
	}
	text[used] = '\0';
	return text;
}

double
node_metric(struct node *node, const char *name)
{
	const char *line = node_page(node, "/metrics");
	size_t len = strlen(name);

	while (line != NULL && *line != '\0') {
		if (strncmp(line, name, len) == 0 && line[len] == ' ')
			return strtod(line + len, NULL);
		line = strchr(line, '\n');
		line = line != NULL ? line + 1 : NULL;
	}
	return -1;
}

const char *
node_sql(struct node *node, const char *sql)
{
	const char *out = "";

	harness_run(node->h, &out, "/usr/bin/sqlite3", "-cmd", ".timeout 5000",
	    harness_path(node->h, "state.db"), sql, NULL);
	return out;
}

void
node_pair(struct node *node, const char *extra, const char *check)
{
	node_config(node, extra);
	node_records(node, node_zone);
	node_steering(node,
	    "regions:\n"
	    "  us-east: {at: [39.0, -77.5]}\n"
	    "  eu-west: {at: [53.3, -6.3]}\n"
	    "checks:\n"
	    "  llm: {preset: vllm, %s}\n"
	    "pools:\n"
	    "  v1:\n"
	    "    check: llm\n"
	    "    endpoints:\n"
	    "      - {name: us, region: us-east, address: 192.0.2.1, "
	    "check_at: \"127.0.0.1:%u\"}\n"
	    "      - {name: eu, region: eu-west, address: 192.0.2.2, "
	    "check_at: \"127.0.0.1:%u\"}\n"
	    "services:\n"
	    "  one: {pool: v1}\n",
	    check, node->standin_port[0], node->standin_port[1]);
}

int
node_pair_answer(struct node *node)
{
	const char *data =
	    node_ask(node, "one.inference.example.", "A", "84.128.0.0/24");

	return data[0] == '\0' ? 0 : data[strlen(data) - 1] - '0';
}
