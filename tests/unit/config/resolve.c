/*
 * Tests the names of endpoints (`resolve`): what goes with them, what does not,
 * and that none lies in a zone of the node itself.
 */
#include "config/steering_resolve.h"

#include "config/domain.h"
#include "tests/unit/config_fixture.h"

#define FILE_OF(endpoints)                         \
	"regions: {a: {at: [1, 2]}}\n"             \
	"checks: {c: {}, v4: {families: ipv4}}\n"  \
	"services: {s: {pool: p}, t: {pool: q}}\n" \
	"pools:\n"                                 \
	"  q: {check: v4, endpoints: [{name: y, "  \
	"region: a, address: 192.0.2.9}]}\n"       \
	"  p: {check: c, endpoints: [" endpoints "]}"

static const struct config_row rows[] = {
    {"a name", FILE_OF("{name: x, region: a, resolve: lb.example.net}"), ""},
    {"names and addresses in one pool: families are mixed by nature",
	FILE_OF("{name: x, region: a, resolve: lb.example.net}, {name: y, "
		"region: a, address: 192.0.2.1}, {name: z, region: a, "
		"address: [192.0.2.2, \"2001:db8::2\"]}"),
	"f:6:76: warning: endpoint \"y\" in region \"a\" has only IPv4, but "
	"endpoint \"z\" in region \"a\" has IPv4 and IPv6: clients sent to the "
	"former get no IPv6 address, nor do others of their resolver for "
	"\"ttl: min\"; those with IPv6 alone lose the service\n"},
    {"private addresses of a name",
	FILE_OF("{name: x, region: a, resolve: lb.example.net, "
		"allow_private: true}"),
	""},
    {"private addresses of an address",
	FILE_OF("{name: x, region: a, address: 10.0.0.1, allow_private: true}"),
	"f:6:69: error: allow_private: is of addresses that a name has, and "
	"endpoint \"x\" has no \"resolve\"\n"},
    {"both", FILE_OF("{name: x, region: a, address: 192.0.2.1, resolve: a.b}"),
	"f:6:70: error: \"address\" and \"resolve\" exclude each other\n"},
    {"a name with an address to probe",
	FILE_OF("{name: x, region: a, resolve: a.b, check_at: 192.0.2.1}"),
	"f:6:64: error: \"check_at\" and \"resolve\" exclude each other: each "
	"address of the name is checked itself\n"},
    {"an address as the name",
	FILE_OF("{name: x, region: a, resolve: 192.0.2.1}"),
	"f:6:59: error: resolve: \"192.0.2.1\" is an address, expected a "
	"domain name: addresses are given as \"address\"\n"},
    {"no name", FILE_OF("{name: x, region: a, resolve: \"a..b\"}"),
	"f:6:59: error: resolve: expected a domain name in full "
	"(lb.eu-west-1.example.net), found \"a..b\"\n"},
    {"a name with a port",
	FILE_OF("{name: x, region: a, resolve: \"lb.example.net:80\"}"),
	"f:6:59: error: resolve: \"lb.example.net:80\" has a ':', and no host "
	"is called so: write its name alone (lb.eu-west-1.example.net)\n"},
    {"a name that is meant in the zone",
	FILE_OF("{name: x, region: a, resolve: lb}"),
	"f:6:59: error: resolve: \"lb\" has no dot: write the name in full "
	"(lb.eu-west-1.example.net)\n"},
};

START_TEST(reads_names)
{
	const struct config_row *row = &rows[_i];
	struct errbuf eb;

	errbuf_init(&eb);
	steering_config_destroy(
	    steering_config_parse("f", row->text, strlen(row->text), &eb));
	config_row_check(row, &eb);
}
END_TEST

START_TEST(keeps_a_name_in_its_canonical_form)
{
	static const char text[] =
	    FILE_OF("{name: x, region: a, resolve: LB.Example.NET.}");
	struct errbuf eb;
	struct steering_config *config;

	errbuf_init(&eb);
	config = steering_config_parse("f", text, strlen(text), &eb);
	ck_assert_ptr_nonnull(config);
	ck_assert_str_eq(
	    config->pools[1].endpoints[0].resolve, "lb.example.net");
	ck_assert_uint_eq(config->pools[1].endpoints[0].n_ipv4, 0);
	ck_assert(!config->pools[1].endpoints[0].allow_private);
	steering_config_destroy(config);
}
END_TEST

static const struct {
	const char *name, *zone;
	bool inside;
} names[] = {
    {"example.net", "example.net", true},
    {"lb.example.net", "example.net", true},
    {"a.b.example.net", "example.net", true},
    {"example.net", "lb.example.net", false},
    {"lbexample.net", "example.net", false},
    {"lb.example.org", "example.net", false},
    {"x\\.example.net", "example.net", false},
    {"x\\\\.example.net", "example.net", true},
    {"example.net", ".", true},
};

START_TEST(knows_what_is_in_a_zone)
{
	ck_assert_msg(
	    domain_inside(names[_i].name, names[_i].zone) == names[_i].inside,
	    "%s in %s", names[_i].name, names[_i].zone);
}
END_TEST

/* Answers of the node would follow from themselves. */
START_TEST(refuses_names_of_its_own_zones)
{
	static const char node[] =
	    "listen: 127.0.0.1\n"
	    "zones: [{name: example.org, records: o}, {name: Example.NET, "
	    "records: n, steering: s}]\n";
	static const char file[] =
	    FILE_OF("{name: x, region: a, resolve: lb.example.com}, {name: y, "
		    "region: a, resolve: lb.example.net}");
	struct errbuf eb;
	struct server_config *server;
	struct steering_config *steering;

	errbuf_init(&eb);
	server = server_config_parse("n", node, strlen(node), &eb);
	steering = steering_config_parse("f", file, strlen(file), &eb);
	ck_assert_ptr_nonnull(server);
	ck_assert_ptr_nonnull(steering);
	steering_resolve_check(server, steering, &eb);
	ck_assert_str_eq(eb.text,
	    "f:6:76: error: resolve: lb.example.net lies in the zone "
	    "example.net, which this node serves itself: its answers would "
	    "follow from themselves\n");
	steering_config_destroy(steering);
	server_config_destroy(server);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("config_resolve");
	TCase *tc = tcase_create("resolve");

	tcase_add_loop_test(tc, reads_names, 0, sizeof(rows) / sizeof(rows[0]));
	tcase_add_test(tc, keeps_a_name_in_its_canonical_form);
	tcase_add_loop_test(
	    tc, knows_what_is_in_a_zone, 0, sizeof(names) / sizeof(names[0]));
	tcase_add_test(tc, refuses_names_of_its_own_zones);
	suite_add_tcase(suite, tc);
	return config_run(suite);
}
