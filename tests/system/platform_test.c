/*
 * The example of a whole platform that ships, zones/platform: meridianctl check
 * finds nothing in it, and each of its services answers as its comments say.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "tests/system/node.h"

/* The line of ${text} that begins with ${key} becomes ${line}. */
static void
replace_line(char *text, size_t size, const char *key, const char *line)
{
	char *at = strstr(text, key), *end, *rest;

	ck_assert_msg(at != NULL && (at == text || at[-1] == '\n'),
	    "no line %s in the example", key);
	end = strchr(at, '\n');
	ck_assert_ptr_nonnull(end);
	rest = strdup(end);
	ck_assert_ptr_nonnull(rest);
	ck_assert_uint_lt(
	    (size_t)(at - text) + strlen(line) + strlen(rest), size);
	snprintf(at, size - (size_t)(at - text), "%s%s", line, rest);
	free(rest);
}

/* Round trips that were measured: from Telekom's network in Germany the way to
 * us-east is as good as that to eu-west, which costs more. */
static const char measured[] = "prefix,region,milliseconds,samples\n"
			       "84.128.0.0/12,us-east,88,20\n"
			       "84.128.0.0/12,eu-west,81,20\n"
			       "DE,us-east,90,400\n"
			       "DE,eu-west,25,400\n"
			       "JP,ap-northeast,12,80\n"
			       "JP,us-west,105,80\n";

/* What is in the database after a while: round trips, and what the vantage got
 * for the names of the load balancers. */
static void
fill_database(struct node *node)
{
	static const char *const addresses[][2] = {{"use1", "192.0.2.70"},
	    {"usw2", "192.0.2.71"}, {"euw1", "198.51.100.70"},
	    {"apn1", "203.0.113.70"}};
	long long now = clock_wall_ms();
	const char *out;
	char sql[768];

	harness_write(node->h, "measured.csv", "%s", measured);
	ck_assert_msg(node_ctl(node, &out, "latency", "import",
			  harness_path(node->h, "measured.csv")) == 0,
	    "%s", out);
	snprintf(sql, sizeof(sql),
	    "INSERT INTO vantage (name, version, heartbeat_ms, sequence, "
	    "lease_until_ms) VALUES ('ns1', 't', %lld, 1, %lld)",
	    now, now + 600000);
	node_sql(node, sql);
	for (size_t i = 0; i < 4; i++) {
		snprintf(sql, sizeof(sql),
		    "INSERT INTO address (vantage, zone, pool, endpoint, "
		    "address, health, since_ms, checked_ms, resolved_ms, "
		    "sequence) VALUES ('ns1', 'platform.example.com', 'app', "
		    "'%s', '%s', 'up', %lld, %lld, %lld, %zu)",
		    addresses[i][0], addresses[i][1], now, now, now, i + 2);
		node_sql(node, sql);
	}
}

/* The files as they ship, on ports of the test. */
static void
start(struct node *node, struct harness *h)
{
	static const char *const same[] = {"platform.yaml", "platform.zone"};
	char text[8192], line[512];

	node_init(node, h);
	for (size_t i = 0; i < 2; i++) {
		snprintf(line, sizeof(line), "zones/platform/%s", same[i]);
		harness_write(h, same[i], "%s", harness_read(h, line));
	}
	snprintf(text, sizeof(text), "%s",
	    harness_read(h, "zones/platform/meridian.yaml"));
	snprintf(line, sizeof(line), "listen: ['127.0.0.1:%u']", node->port);
	replace_line(text, sizeof(text), "listen: ", line);
	snprintf(line, sizeof(line), "http: 127.0.0.1:%u", node->http);
	replace_line(text, sizeof(text), "http: ", line);
	snprintf(line, sizeof(line), "state: state.db\ngeo: [%s]",
	    harness_built(h, "geo/iptoasn-country.mmdb"));
	replace_line(text, sizeof(text), "user: ", line);
	harness_write(h, "meridian.yaml", "%s", text);
	fill_database(node);
	node_serve(node);
}

#define TELEKOM "84.128.0.0/24"
#define US "4.0.0.0/24"
#define DE "85.0.0.0/24"
#define JP "126.0.0.0/24"
#define NOWHERE "240.0.0.0/24"

static const struct {
	const char *what, *name, *type, *subnet;
	const char *data; /* of the first record; "" for none */
} rows[] = {
    {"the API is nearest", "chat", "A", DE, "198.51.100.10"},
    {"where two regions are near equal the cheaper one has it", "chat", "A",
	TELEKOM, "192.0.2.11"},
    {"in Japan too", "chat", "A", JP, "203.0.113.10"},
    {"by IPv6 as well", "chat", "AAAA", DE, "2001:db8:2::10"},
    {"browsers learn the same addresses", "chat", "HTTPS", DE,
	"1 . alpn=h2,http/1.1 ipv4hint=198.51.100.10 "
	"ipv6hint=2001:db8:2::10"},
    {"the canary alone", "preview", "A", DE, "192.0.2.20"},
    {"an image of a region with one cache", "cat.img", "A", JP, "203.0.113.40"},
    {"a load balancer by the addresses of its name", "app", "A", DE,
	"198.51.100.70"},
    {"records of Europeans stay there", "vault", "A", DE, "198.51.100.60"},
    {"and those of the unknown", "vault", "A", NOWHERE, "198.51.100.60"},
    {"others go to the nearest", "vault", "A", US, "192.0.2.60"},
    {"the page is not served while the API is up", "chat", "A", US,
	"192.0.2.10"},
};

START_TEST(the_example_of_a_platform_serves_as_it_says)
{
	struct harness *h = harness_create();
	struct node node;
	const char *out, *data;

	start(&node, h);
	ck_assert_msg(
	    node_ctl(&node, &out, "check", "--files") == 0, "%s", out);
	ck_assert_msg(strstr(out, "warning:") == NULL, "%s", out);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char name[128];

		snprintf(name, sizeof(name), "%s.platform.example.com.",
		    rows[i].name);
		data = node_ask(&node, name, rows[i].type, rows[i].subnet);
		ck_assert_msg(strcmp(data, rows[i].data) == 0, "%s: %s",
		    rows[i].what, data);
	}
	harness_destroy(h);
}
END_TEST

int
main(void)
{
	const struct harness_case cases[] = {
	    {"platform", the_example_of_a_platform_serves_as_it_says, 0},
	};

	return harness_main("the example of a platform", cases, 1);
}
