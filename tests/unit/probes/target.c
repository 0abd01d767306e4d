/* Tests of the table of targets: keys, addresses, what counts as the same. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "probes/target.h"

#define REGIONS      \
	"regions:\n" \
	"  here: {at: [1.0, 2.0]}\n"
#define SERVICES      \
	"services:\n" \
	"  www: {split: {p: 1}}\n"

/* One zone, named ${zone}, steered by the text ${yaml}. */
static struct target_table *
build(const char *zone, const char *yaml)
{
	struct zone_config zones[] = {{.name = zone}, {.name = "plain.test"}};
	struct server_config server = {.zones = zones, .n_zones = 2};
	struct steering_config *steering[2] = {NULL, NULL};
	struct errbuf *eb = malloc(sizeof(*eb));
	struct target_table *table;

	ck_assert_ptr_nonnull(eb);
	errbuf_init(eb);
	steering[0] =
	    steering_config_parse("test.yaml", yaml, strlen(yaml), eb);
	ck_assert_msg(steering[0] != NULL, "%s", eb->text);
	table = target_table_build(&server, steering, eb);
	ck_assert_msg(table != NULL, "%s", eb->text);
	/* Nothing of the config may be needed from here on. */
	steering_config_destroy(steering[0]);
	free(eb);
	return table;
}

static const struct {
	const char *what, *check, *endpoint, *addresses;
} rows[] = {
    {"both families, the check's port", "{preset: http, port: 81}",
	"address: [192.0.2.1, \"2001:db8::1\", 192.0.2.2]",
	"192.0.2.1:81 192.0.2.2:81 [2001:db8::1]:81 "},
    {"only IPv4", "{preset: http, port: 81, families: [ipv4]}",
	"address: [192.0.2.1, \"2001:db8::1\"]", "192.0.2.1:81 "},
    {"only IPv6", "{preset: http, port: 81, families: [ipv6]}",
	"address: [192.0.2.1, \"2001:db8::1\"]", "[2001:db8::1]:81 "},
    {"other addresses to ask, with and without a port",
	"{preset: http, port: 81}",
	"address: 192.0.2.1, check_at: [192.0.2.9, \"192.0.2.9:82\"]",
	"192.0.2.9:81 192.0.2.9:82 "},
    {"other addresses, of the check's families only",
	"{preset: vllm, families: [ipv6]}",
	"address: 192.0.2.1, check_at: [192.0.2.9, \"2001:db8::9\"]",
	"[2001:db8::9]:8000 "},
};

static struct target_table *
build_row(const char *check, const char *endpoint)
{
	char yaml[1024];

	snprintf(yaml, sizeof(yaml),
	    REGIONS
	    "checks:\n  c: %s\npools:\n  p:\n    check: c\n"
	    "    endpoints:\n      - {name: e, region: here, %s}\n" SERVICES,
	    check, endpoint);
	return build("example.test", yaml);
}

START_TEST(addresses)
{
	struct target_table *table =
	    build_row(rows[_i].check, rows[_i].endpoint);
	char all[256] = "", one[ADDRESS_TEXT];
	size_t len = 0;

	ck_assert_uint_eq(table->n, 1);
	ck_assert_uint_eq(table->targets[0].n_checks, 1);
	for (size_t i = 0; i < table->targets[0].checks[0].n_addresses; i++)
		len += (size_t)snprintf(all + len, sizeof(all) - len, "%s ",
		    endpoint_address_format(
			&table->targets[0].checks[0].addresses[i], one));
	ck_assert_msg(
	    strcmp(all, rows[_i].addresses) == 0, "%s: %s", rows[_i].what, all);
	target_table_destroy(table);
}
END_TEST

static const char two_pools[] = REGIONS
    "checks:\n"
    "  c: {preset: http}\n"
    "pools:\n"
    "  q:\n"
    "    check: c\n"
    "    endpoints:\n"
    "      - {name: b, region: here, address: 192.0.2.2}\n"
    "      - {name: a, region: here, address: 192.0.2.1}\n"
    "  p:\n"
    "    check: c\n"
    "    endpoints: [{name: a, region: here, address: 192.0.2.1}]\n"
    "  unchecked:\n"
    "    endpoints: [{name: a, region: here, address: 192.0.2.1}]\n" SERVICES;

static size_t
find(const struct target_table *table, const char *zone, const char *endpoint)
{
	return target_find(table,
	    &(struct endpoint_key){
		.zone = zone, .pool = "q", .endpoint = endpoint});
}

START_TEST(keys)
{
	struct target_table *table = build("Example.TEST", two_pools);

	ck_assert_uint_eq(table->n, 3);
	ck_assert_str_eq(table->targets[0].key.zone, "example.test");
	ck_assert_str_eq(table->targets[0].key.pool, "p");
	ck_assert_str_eq(table->targets[1].key.pool, "q");
	ck_assert_str_eq(table->targets[1].key.endpoint, "a");
	ck_assert_str_eq(table->targets[2].key.endpoint, "b");
	ck_assert_ptr_eq(table->targets[0].checks[0].check,
	    table->targets[2].checks[0].check);
	ck_assert_uint_ne(table->targets[0].hash, table->targets[1].hash);
	ck_assert_uint_eq(find(table, "example.test", "b"), 2);
	ck_assert_uint_eq(find(table, "example.test", "c"), 3);
	ck_assert_uint_eq(find(table, "other.test", "b"), 3);
	ck_assert_uint_eq(find(table, "EXAMPLE.test", "b"), 2);
	target_table_destroy(table);
}
END_TEST

static const struct {
	const char *what, *check, *endpoint;
	bool same;
} changes[] = {
    {"nothing", "{preset: http, port: 81}", "address: 192.0.2.1", true},
    {"what the streaks must reach",
	"{preset: http, port: 81, fall: 9, rise: 9}", "address: 192.0.2.1",
	true},
    {"weight", "{preset: http, port: 81}", "address: 192.0.2.1, weight: 9",
	true},
    {"an address", "{preset: http, port: 81}", "address: 192.0.2.2", false},
    {"an address more", "{preset: http, port: 81}",
	"address: [192.0.2.1, 192.0.2.2]", false},
    {"the port", "{preset: http, port: 82}", "address: 192.0.2.1", false},
    {"the period", "{preset: http, port: 81, every: 6s}", "address: 192.0.2.1",
	false},
    {"the timeout", "{preset: http, port: 81, timeout: 1s}",
	"address: 192.0.2.1", false},
    {"the preset", "{preset: vllm, port: 81}", "address: 192.0.2.1", false},
    {"the scheme", "{preset: http, port: 81, scheme: https}",
	"address: 192.0.2.1", false},
    {"the path", "{preset: http, port: 81, path: /x}", "address: 192.0.2.1",
	false},
    {"the host", "{preset: http, port: 81, host: x.test}", "address: 192.0.2.1",
	false},
    {"the codes", "{preset: http, port: 81, expect: 204}", "address: 192.0.2.1",
	false},
    {"a name in place of an address", "{preset: http, port: 81}",
	"resolve: lb.example.net", false},
};

START_TEST(sameness)
{
	struct target_table *before =
	    build_row("{preset: http, port: 81}", "address: 192.0.2.1");
	struct target_table *after =
	    build_row(changes[_i].check, changes[_i].endpoint);

	ck_assert_msg(target_same(&before->targets[0], &after->targets[0]) ==
		changes[_i].same,
	    "%s", changes[_i].what);
	ck_assert_int_eq(endpoint_key_compare(
			     &before->targets[0].key, &after->targets[0].key),
	    0);
	target_table_destroy(before);
	target_table_destroy(after);
}
END_TEST

/* Two addresses, and 64 for all else. */
START_TEST(too_few_descriptors_are_told)
{
	struct target_table *table = build_row(
	    "{preset: http, port: 81}", "address: [192.0.2.1, 192.0.2.2]");
	struct errbuf *eb = malloc(sizeof(*eb));

	ck_assert_ptr_nonnull(eb);
	errbuf_init(eb);
	target_table_warn(table, 66, eb);
	ck_assert_str_eq(eb->text, "");
	target_table_warn(table, 65, eb);
	ck_assert(errbuf_ok(eb));
	ck_assert_ptr_nonnull(strstr(eb->text,
	    "warning: 2 addresses are checked, but only 65 files may be open "
	    "at once"));
	free(eb);
	target_table_destroy(table);
}
END_TEST

/* What one zone with a check at ${every} has, and one with none. */
START_TEST(what_there_is_to_do_is_counted)
{
	struct target_table *table = build_row(
	    "{preset: http, port: 81, every: 4s}", "address: 192.0.2.1");

	ck_assert_uint_eq(table->n, 1);
	ck_assert_uint_eq(table->n_zones, 1);
	ck_assert_uint_eq(table->n_checks, 1);
	ck_assert_str_eq(table->checks[0]->name, "c");
	ck_assert_uint_eq(target_table_rate(table), 250);
	target_table_destroy(table);
	table = build("Example.TEST", two_pools);
	ck_assert_uint_eq(table->n_zones, 1);
	ck_assert_uint_eq(table->n_checks, 1);
	target_table_destroy(table);
}
END_TEST

START_TEST(a_missing_file_of_authorities_is_told)
{
	struct target_table *table = build_row(
	    "{scheme: https, ca: /nonexistent/ca.pem}", "address: 192.0.2.1");
	struct errbuf *eb = malloc(sizeof(*eb));

	ck_assert_ptr_nonnull(eb);
	errbuf_init(eb);
	target_table_warn(table, 1000, eb);
	ck_assert(errbuf_ok(eb));
	ck_assert_ptr_nonnull(strstr(eb->text,
	    "warning: ca: /nonexistent/ca.pem: No such file or directory: "
	    "check \"c\" cannot be made until it can be read"));
	free(eb);
	target_table_destroy(table);
}
END_TEST

/* What becomes of an endpoint that a name has, with and without a check. */
static const struct {
	const char *what, *pool, *endpoint;
	const char *name; /* NULL: there is no target, or one without a name */
	bool there, published, private, ipv4, ipv6;
	uint64_t http;
} names[] = {
    {"a name", "check: c", "resolve: lb.example.net", "lb.example.net", true,
	true, false, true, true, 2},
    {"private ones are allowed", "check: c",
	"resolve: lb.example.net, allow_private: true", "lb.example.net", true,
	true, true, true, true, 2},
    {"the families of the check", "check: v4", "resolve: lb.example.net",
	"lb.example.net", true, true, false, true, false, 2},
    {"nobody checks it: its addresses are looked up all the same",
	"min_up: 50%", "resolve: lb.example.net", "lb.example.net", true, true,
	false, true, true, 0},
    {"the target of a CNAME has no rows", "check: c", "cname: lb.example.net",
	"lb.example.net.", true, false, true, true, true, 2},
    {"one that is checked elsewhere is not looked up", "check: c",
	"cname: lb.example.net, check_at: 192.0.2.1", NULL, true, false, false,
	true, true, 1},
    {"a CNAME that nobody checks is nothing to do", "min_up: 50%",
	"cname: lb.example.net", NULL, false, false, false, false, false, 0},
    {"addresses that nobody checks are nothing to do", "min_up: 50%",
	"address: 192.0.2.1", NULL, false, false, false, false, false, 0},
};

START_TEST(names_of_endpoints)
{
	struct target_table *table;
	char yaml[1024];

	snprintf(yaml, sizeof(yaml),
	    REGIONS "checks: {c: {port: 81}, v4: {families: ipv4}}\n"
		    "pools:\n  p:\n    %s\n"
		    "    endpoints:\n      - {name: e, region: here, %s}\n"
		    "  q: {check: v4, endpoints: [{name: f, region: here, "
		    "weight: 1, address: 192.0.2.9}]}\n"
		    "  r: {check: c, endpoints: [{name: f, region: here, "
		    "weight: 1, address: 192.0.2.9}]}\n"
		    "services:\n  www: {pool: p}\n"
		    "  others: {split: {q: 1, r: 1}}\n",
	    names[_i].pool, names[_i].endpoint);
	table = build("example.test", yaml);
	ck_assert_msg(table->n == 2u + names[_i].there, "%s", names[_i].what);
	ck_assert_uint_eq(table->http, 2 + names[_i].http);
	ck_assert_uint_eq(table->n_names, names[_i].name != NULL);
	ck_assert_uint_eq(table->n_all_zones, 2);
	ck_assert_str_eq(table->zones[1], "plain.test");
	if (names[_i].name != NULL) {
		const struct target *t = &table->targets[0];

		ck_assert_str_eq(t->name, names[_i].name);
		ck_assert(t->published == names[_i].published);
		ck_assert(t->allow_private == names[_i].private);
		ck_assert(t->ipv4 == names[_i].ipv4);
		ck_assert(t->ipv6 == names[_i].ipv6);
		ck_assert(t->n_checks == 0 || t->checks[0].n_addresses == 0);
	}
	target_table_destroy(table);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("probes_target");
	TCase *tcase = tcase_create("target");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_loop_test(
	    tcase, addresses, 0, (int)(sizeof(rows) / sizeof(rows[0])));
	tcase_add_test(tcase, keys);
	tcase_add_loop_test(
	    tcase, sameness, 0, (int)(sizeof(changes) / sizeof(changes[0])));
	tcase_add_test(tcase, too_few_descriptors_are_told);
	tcase_add_test(tcase, what_there_is_to_do_is_counted);
	tcase_add_test(tcase, a_missing_file_of_authorities_is_told);
	tcase_add_loop_test(tcase, names_of_endpoints, 0,
	    (int)(sizeof(names) / sizeof(names[0])));
	suite_add_tcase(suite, tcase);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
