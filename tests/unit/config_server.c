/*
 * meridian.yaml: what is read, what is implied, and what is said of each
 * mistake, to the last column.
 */
#include "config/server.h"

#include <stdio.h>
#include <unistd.h>

#include "config_fixture.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* The keys that must be there, behind the one under test. */
#define L "listen: 127.0.0.1:5353\n"
#define Z "zones: [{name: z.example, records: z.zone}]\n"

static struct errbuf eb;

static struct server_config *
parse(const char *path, const char *text)
{
	errbuf_init(&eb);
	return server_config_parse(path, text, strlen(text), &eb);
}

static struct server_config *
accepted(const char *says, const char *text)
{
	struct server_config *config = parse("/etc/meridian/f", text);

	ck_assert_msg(config != NULL && eb.len == 0, "%s: %s", says, eb.text);
	return config;
}

START_TEST(reads_every_key)
{
	struct server_config *config = accepted("every key",
	    "listen: [0.0.0.0, \"[::]:5353\", \"::1\"]\n"
	    "http: \"[::1]:8053\"\n"
	    "user: meridian\n"
	    "state: state.db\n"
	    "vantage: us-east\n"
	    "geo: [city.mmdb, /usr/share/asn.mmdb]\n"
	    "zones:\n"
	    "  - {name: Inference.Example., records: i.zone, steering: "
	    "i.yaml}\n"
	    "  - {name: 0/25.2.0.192.in-addr.arpa, records: /zones/r}\n"
	    "stale: {after: 1m, then: down}\n"
	    "workers: 4\n"
	    "udp_size: 4096\n");
	char text[ADDRESS_TEXT];

	ck_assert_str_eq(config->path, "/etc/meridian/f");
	ck_assert_uint_eq(config->n_listen, 3);
	ck_assert_str_eq(
	    endpoint_address_format(&config->listen[0], text), "0.0.0.0:53");
	ck_assert_str_eq(
	    endpoint_address_format(&config->listen[1], text), "[::]:5353");
	ck_assert_str_eq(
	    endpoint_address_format(&config->listen[2], text), "[::1]:53");
	ck_assert_str_eq(
	    endpoint_address_format(&config->http, text), "[::1]:8053");
	ck_assert_str_eq(config->user, "meridian");
	ck_assert_str_eq(config->state, "/etc/meridian/state.db");
	ck_assert_str_eq(config->vantage, "us-east");
	ck_assert_uint_eq(config->n_geo, 2);
	ck_assert_str_eq(config->geo[0], "/etc/meridian/city.mmdb");
	ck_assert_str_eq(config->geo[1], "/usr/share/asn.mmdb");
	ck_assert_uint_eq(config->geo_at[1].line, 6);
	ck_assert_uint_eq(config->geo_at[1].column, 18);
	ck_assert_uint_eq(config->n_zones, 2);
	ck_assert_str_eq(config->zones[0].name, "Inference.Example");
	ck_assert_str_eq(config->zones[0].records, "/etc/meridian/i.zone");
	ck_assert_str_eq(config->zones[0].steering, "/etc/meridian/i.yaml");
	ck_assert_uint_eq(config->zones[0].at.line, 8);
	ck_assert_uint_eq(config->zones[0].at.column, 5);
	ck_assert_str_eq(config->zones[1].name, "0/25.2.0.192.in-addr.arpa");
	ck_assert_str_eq(config->zones[1].records, "/zones/r");
	ck_assert_ptr_null(config->zones[1].steering);
	ck_assert_uint_eq(config->stale_after_ms, 60000);
	ck_assert_uint_eq(config->stale_then, STALE_DOWN);
	ck_assert_uint_eq(config->workers, 4);
	ck_assert_uint_eq(config->udp_size, 4096);
	server_config_destroy(config);
}
END_TEST

START_TEST(fills_in_the_defaults)
{
	struct server_config *config = accepted("defaults", L Z);

	ck_assert_uint_eq(config->n_listen, 1);
	ck_assert_uint_eq(config->http.port, 0);
	ck_assert_ptr_null(config->user);
	ck_assert_str_eq(config->state, "/var/lib/meridian/state.db");
	ck_assert_str_eq(config->vantage, "local");
	ck_assert_uint_eq(config->n_geo, 0);
	ck_assert_uint_eq(config->stale_after_ms, 30000);
	ck_assert_uint_eq(config->stale_then, STALE_KEEP);
	ck_assert_uint_eq(config->workers, 0);
	ck_assert_uint_eq(config->udp_size, 1232);
	server_config_destroy(config);
	config = accepted("half of stale", "stale: {then: up}\n" L Z);
	ck_assert_uint_eq(config->stale_after_ms, 30000);
	ck_assert_uint_eq(config->stale_then, STALE_UP);
	server_config_destroy(config);
	config = accepted("one database", "geo: x.mmdb\n" L Z);
	ck_assert_uint_eq(config->n_geo, 1);
	ck_assert_uint_eq(config->geo_at[0].column, 6);
	server_config_destroy(config);
}
END_TEST

static const struct config_row refused[] = {
    {"an empty mapping", "{}\n",
	"f:1:1: error: the key \"listen\" is missing\n"
	"f:1:1: error: the key \"zones\" is missing\n"},
    {"an unknown key", "lsten: [::1]\n",
	"f:1:1: error: unknown key \"lsten\", did you mean \"listen\"?\n"
	"f:1:1: error: the key \"listen\" is missing\n"
	"f:1:1: error: the key \"zones\" is missing\n"},
    {"an unknown key beside the others", "worker: 4\n" L Z,
	"f:1:1: error: unknown key \"worker\", did you mean \"workers\"?\n"},
    {"a list", "[a]\n",
	"f:1:1: error: expected a mapping (key: value), found a list\n"},
    {"an address that is a name", "listen: localhost\n" Z,
	"f:1:9: error: listen: expected an address or address:port (192.0.2.1, "
	"\"[2001:db8::1]:53\"), found \"localhost\"\n"},
    {"two faults in one list",
	"listen: [127.0.0.1:x, 127.0.0.1, \"::1:53:\", 127.0.0.1:65536]\n" Z,
	"f:1:10: error: listen: expected an address or address:port "
	"(192.0.2.1, \"[2001:db8::1]:53\"), found \"127.0.0.1:x\"\n"
	"f:1:34: error: listen: expected an address or address:port "
	"(192.0.2.1, \"[2001:db8::1]:53\"), found \"::1:53:\"\n"
	"f:1:45: error: listen: expected an address or address:port "
	"(192.0.2.1, \"[2001:db8::1]:53\"), found \"127.0.0.1:65536\"\n"},
    {"port 0", "listen: 127.0.0.1:0\n" Z,
	"f:1:9: error: listen: expected an address or address:port (192.0.2.1, "
	"\"[2001:db8::1]:53\"), found \"127.0.0.1:0\"\n"},
    {"an address twice, once with its port",
	"listen: [127.0.0.1, \"127.0.0.1:53\"]\n" Z,
	"f:1:21: error: listen: 127.0.0.1:53 is listed twice\n"},
    {"no address", "listen: []\n" Z,
	"f:1:9: error: listen: the list is empty, expected at least 1\n"},
    {"nothing behind listen", "listen:\n" Z,
	"f:1:1: error: listen: the list is empty, expected at least 1\n"},
    {"http without a port", "http: 127.0.0.1\n" L Z,
	"f:1:7: error: http: expected address:port (127.0.0.1:8053), found "
	"\"127.0.0.1\"\n"},
    {"http with a bare port", "http: 8053\n" L Z,
	"f:1:7: error: http: expected address:port (127.0.0.1:8053), found "
	"\"8053\"\n"},
    {"two addresses for http", "http: [127.0.0.1:1]\n" L Z,
	"f:1:7: error: http: expected address:port (127.0.0.1:8053), found a "
	"list\n"},
    {"a user without a name", "user: \"\"\n" L Z,
	"f:1:7: error: user: expected a text of 1 to 32 printable characters, "
	"found \"\"\n"},
    {"an empty path", "state: \n" L Z,
	"f:1:1: error: state: expected a text of 1 to 4095 printable "
	"characters, found nothing\n"},
    {"a path with a line break", "state: \"a\\nb\"\n" L Z,
	"f:1:8: error: state: expected a text of 1 to 4095 printable "
	"characters, found \"a?b\"\n"},
    {"a vantage with a blank", "vantage: us east\n" L Z,
	"f:1:10: error: expected a name of 1 to 63 letters, digits, \"-\", "
	"\"_\" or \".\", found \"us east\"\n"},
    {"a list of vantages", "vantage: [a]\n" L Z,
	"f:1:10: error: vantage: expected a name, found a list\n"},
    {"nine databases", "geo: [a, b, c, d, e, f, g, h, i]\n" L Z,
	"f:1:6: error: geo: the list has 9 items, at most 8 are accepted\n"},
    {"a database that is a mapping", "geo: [{a: b}]\n" L Z,
	"f:1:7: error: geo: expected a text of 1 to 4095 printable characters, "
	"found a mapping\n"},
    {"a period without its unit", "stale: {after: 30}\n" L Z,
	"f:1:16: error: after: expected a duration with its unit (ms, s, m, h) "
	"from 100ms to 24h, found \"30\"\n"},
    {"a period below 100 ms", "stale: {after: 50ms}\n" L Z,
	"f:1:16: error: after: expected a duration (200ms, 5s, 1m, 2h) from "
	"100ms to 24h, found \"50ms\"\n"},
    {"a word that is none", "stale: {then: forget}\n" L Z,
	"f:1:15: error: then: expected keep, up or down, found \"forget\"\n"},
    {"stale without its keys", "stale: 30s\n" L Z,
	"f:1:8: error: stale: expected a mapping (key: value), found "
	"\"30s\"\n"},
    {"more workers than cores of any machine", "workers: 257\n" L Z,
	"f:1:10: error: workers: expected a whole number from 0 to 256, found "
	"\"257\"\n"},
    {"workers in words", "workers: auto\n" L Z,
	"f:1:10: error: workers: expected a whole number from 0 to 256, found "
	"\"auto\"\n"},
    {"answers below what RFC 6891 allows", "udp_size: 511\n" L Z,
	"f:1:11: error: udp_size: expected a whole number from 512 to 4096, "
	"found \"511\"\n"},
    {"answers that no path carries", "udp_size: 65535\n" L Z,
	"f:1:11: error: udp_size: expected a whole number from 512 to 4096, "
	"found \"65535\"\n"},
    {"zones in a mapping", "zones: {z.example: z.zone}\n" L,
	"f:1:8: error: zones: expected a list of {name, records, steering}, "
	"found a mapping\n"},
    {"no zone", "zones: []\n" L,
	"f:1:8: error: zones: the list is empty, expected at least 1\n"},
    {"a zone that is a word", "zones: [z.example]\n" L,
	"f:1:9: error: zones: expected a mapping (key: value), found "
	"\"z.example\"\n"},
    {"a zone without records and a name", "zones: [{}]\n" L,
	"f:1:9: error: zones: the key \"name\" is missing\n"
	"f:1:9: error: zones: the key \"records\" is missing\n"},
    {"a zone's key that is misspelt",
	"zones: [{name: z.example, record: z.zone}]\n" L,
	"f:1:27: error: unknown key \"record\", did you mean \"records\"?\n"
	"f:1:9: error: zones: the key \"records\" is missing\n"},
    {"an empty label", "zones: [{name: z..example, records: z.zone}]\n" L,
	"f:1:16: error: name: expected the name of a zone (inference.example), "
	"found \"z..example\"\n"},
    {"the root is not served", "zones: [{name: ., records: z.zone}]\n" L,
	"f:1:16: error: name: expected the name of a zone (inference.example), "
	"found \".\"\n"},
    {"a name with a blank", "zones: [{name: z example, records: z.zone}]\n" L,
	"f:1:16: error: name: expected the name of a zone (inference.example), "
	"found \"z example\"\n"},
    {"a zone twice in another spelling",
	"zones: [{name: z.example, records: a},\n {name: y.example, records: "
	"b}, {name: Z.Example., records: c}]\n" L,
	"f:2:33: error: zone \"Z.Example\" stands a second time, it was in "
	"line 1 already\n"},
    {"a key twice", "listen: \"::1\"\nlisten: \"::1\"\n" Z,
	"f:2:1: error: key \"listen\" stands a second time, it was in line 1 "
	"already\n"},
    {"a long value is cut",
	"workers: "
	"éééééééééééééééééééééééééééééééééééééééééééééééééééééééééééé\n" L Z,
	"f:1:10: error: workers: expected a whole number from 0 to 256, found "
	"\"ééééééééééééééééééééééééééééééééééééé...\"\n"},
};

static const struct config_row warned[] = {
    {"metrics for everyone", "http: 0.0.0.0:8053\n" L Z,
	"f:1:7: warning: http: 0.0.0.0:8053 is not a loopback address: whoever "
	"reaches it reads metrics and status\n"},
    {"and on IPv6", "http: \"[2001:db8::1]:8053\"\n" L Z,
	"f:1:7: warning: http: [2001:db8::1]:8053 is not a loopback address: "
	"whoever reaches it reads metrics and status\n"},
};

static void
check_rows(const struct config_row *rows, size_t n, bool loaded)
{
	for (size_t i = 0; i < n; i++) {
		struct server_config *config = parse("f", rows[i].text);

		config_row_check(&rows[i], &eb);
		ck_assert_msg((config != NULL) == loaded, "%s", rows[i].says);
		server_config_destroy(config);
	}
}

START_TEST(refuses)
{
	check_rows(refused, COUNT(refused), false);
}
END_TEST

START_TEST(warns)
{
	check_rows(warned, COUNT(warned), true);
}
END_TEST

#define L60 "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz01234567"

START_TEST(measures_names_of_zones)
{
	static const struct {
		const char *says, *name;
		bool ok;
	} names[] = {{"a label of 63", "abc" L60, true},
	    {"a label of 64", "abcd" L60, false},
	    {"253 in all", L60 ".ab" L60 "." L60 "." L60 ".abcdefg", true},
	    {"the last dot does not count",
		L60 ".ab" L60 "." L60 "." L60 ".abcdefg.", true},
	    {"254 in all", L60 ".ab" L60 "." L60 "." L60 ".abcdefgh", false}};

	for (size_t i = 0; i < COUNT(names); i++) {
		struct server_config *config;
		char text[512];

		snprintf(text, sizeof(text),
		    L "zones: [{name: %s, records: z}]\n", names[i].name);
		config = parse("f", text);
		ck_assert_msg(
		    (config != NULL) == names[i].ok, "%s", names[i].says);
		server_config_destroy(config);
	}
}
END_TEST

START_TEST(reads_a_file)
{
	char folder[] = "/tmp/meridian-test-XXXXXX", path[64];
	struct server_config *config;
	FILE *file;

	ck_assert_ptr_nonnull(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/m.yaml", folder);
	errbuf_init(&eb);
	ck_assert_ptr_null(server_config_load(path, &eb));
	ck_assert_ptr_nonnull(strstr(eb.text, "m.yaml: error: cannot open"));
	file = fopen(path, "w");
	ck_assert_ptr_nonnull(file);
	ck_assert(fputs(L Z, file) >= 0);
	ck_assert_int_eq(fclose(file), 0);
	/* An error of a file before does not spoil this one. */
	ck_assert_uint_eq(eb.errors, 1);
	config = server_config_load(path, &eb);
	ck_assert_ptr_nonnull(config);
	ck_assert_uint_eq(eb.errors, 1);
	ck_assert_int_eq(
	    strncmp(config->zones[0].records, folder, strlen(folder)), 0);
	server_config_destroy(config);
	server_config_destroy(NULL);
	unlink(path);
	rmdir(folder);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("config_server");
	TCase *tcase = tcase_create("server");

	tcase_add_test(tcase, reads_every_key);
	tcase_add_test(tcase, fills_in_the_defaults);
	tcase_add_test(tcase, refuses);
	tcase_add_test(tcase, warns);
	tcase_add_test(tcase, measures_names_of_zones);
	tcase_add_test(tcase, reads_a_file);
	suite_add_tcase(suite, tcase);
	return config_run(suite);
}
