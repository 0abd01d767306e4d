/*
 * Steering files whose endpoints are names, and whose services make HTTPS and
 * SVCB records: what is read of them, and what is refused, each row a sentence,
 * a text and all that is said of it.
 */
#include "config/steering.h"

#include "tests/unit/config_fixture.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* A file whose one endpoint, or whose service, has these keys. */
#define R "regions: {a: {at: [1, 2]}}\n"
#define ENDPOINT(keys)                                                  \
	"pools: {p: {endpoints: [{name: x, region: a, " keys "}]}}\n" R \
	"services: {s: {pool: p}}\n"
#define ADDRESSES                                                \
	"pools: {p: {endpoints: [{name: x, region: a, address: " \
	"192.0.2.1}]}}\n"
#define SERVICE(keys) "services: {s: {pool: p, " keys "}}\n" R ADDRESSES

/* Labels of 63 octets. */
#define LONG "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa."
#define LONG_3 LONG LONG LONG
#define LAST_61 "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"

static const struct config_row refused[] = {
    {"a name without a dot", ENDPOINT("cname: lb"),
	"f:1:53: error: cname: \"lb\" has no dot: write the name in full "
	"(lb.eu-west-1.example.net)\n"},
    {"an address as a name", ENDPOINT("cname: 192.0.2.1"),
	"f:1:53: error: cname: \"192.0.2.1\" is an address, expected a domain "
	"name: addresses are given as \"address\"\n"},
    {"the root", ENDPOINT("cname: ."),
	"f:1:53: error: cname: expected a domain name in full "
	"(lb.eu-west-1.example.net), found \".\"\n"},
    {"an empty label", ENDPOINT("cname: a..net"),
	"f:1:53: error: cname: expected a domain name in full "
	"(lb.eu-west-1.example.net), found \"a..net\"\n"},
    {"a list of names", ENDPOINT("cname: [a.net, b.net]"),
	"f:1:53: error: cname: expected a domain name in full "
	"(lb.eu-west-1.example.net), found a list\n"},
    {"a name with a port", ENDPOINT("cname: lb.example.net:443"),
	"f:1:53: error: cname: \"lb.example.net:443\" has a ':', and no host "
	"is called so: write its name alone (lb.eu-west-1.example.net)\n"},
    {"a URL as a name", ENDPOINT("cname: https://lb.example.net/"),
	"f:1:53: error: cname: \"https://lb.example.net/\" has a ':', and no "
	"host is called so: write its name alone "
	"(lb.eu-west-1.example.net)\n"},
    {"a path after a name", ENDPOINT("cname: lb.example.net/chat"),
	"f:1:53: error: cname: \"lb.example.net/chat\" has a '/', and no host "
	"is called so: write its name alone (lb.eu-west-1.example.net)\n"},
    {"a wildcard as a name", ENDPOINT("cname: \"*.example.net\""),
	"f:1:53: error: cname: \"*.example.net\" has a '*', and no host is "
	"called so: write its name alone (lb.eu-west-1.example.net)\n"},
    {"an escape in a name", ENDPOINT("cname: l\\098.net"),
	"f:1:53: error: cname: \"l\\098.net\" has a '\\', and no host is "
	"called so: write its name alone (lb.eu-west-1.example.net)\n"},
    {"an address and a name", ENDPOINT("address: 192.0.2.1, cname: a.net"),
	"f:1:66: error: \"address\" and \"cname\" exclude each other\n"},
    {"names and addresses in one pool",
	"pools: {p: {endpoints: [{name: x, region: a, cname: x.net},\n"
	"  {name: y, region: a, address: 192.0.2.1}]}}\n" R
	"services: {s: {pool: p}}\n",
	"f:2:3: error: endpoint \"y\" has addresses, but \"x\" in line 1 has a "
	"cname: they cannot be mixed\n"},
    {"names and addresses in the pools of a service, of weight 0 too",
	"pools: {p: {endpoints: [{name: x, region: a, address: 192.0.2.1}]},\n"
	"  q: {endpoints: [{name: y, region: a, cname: y.net}]}}\n" R
	"services: {s: {split: {p: 1, q: 0}}}\n",
	"f:4:12: error: service 's': endpoint \"y\" in line 2 has a cname, but "
	"\"x\" in line 1 has addresses: they cannot be mixed\n"},
    {"two answers of names",
	"pools: {p: {endpoints: [{name: x, region: a, cname: x.net}]}}\n" R
	"services: {s: {pool: p, answers: 2}}\n",
	"f:3:12: error: service 's': answers: 2, but endpoint \"x\" in line 1 "
	"has a cname, of which an answer has one (RFC 1034, 3.6.2)\n"},
    {"an SVCB record of a name",
	"pools: {p: {endpoints: [{name: x, region: a, cname: x.net}]}}\n" R
	"services: {s: {pool: p, svcb: {alpn: h2}}}\n",
	"f:3:12: error: service 's': \"svcb\" is no data of a name with a "
	"CNAME, and endpoint \"x\" in line 1 has a cname (RFC 1034, 3.6.2): "
	"the record is one of the name it leads to\n"},
    {"a record that is a word", SERVICE("https: h2"),
	"f:1:32: error: https: expected {alpn: [h2, h3], port: 8443}, found "
	"\"h2\"\n"},
    {"a key of no record", SERVICE("https: {ports: 1}"),
	"f:1:33: error: unknown key \"ports\", did you mean \"port\"?\n"},
    {"hints, which are made", SERVICE("https: {ipv4hint: 192.0.2.1}"),
	"f:1:33: error: unknown key \"ipv4hint\", known are: priority, target, "
	"alpn, no_default_alpn, port, ech, dohpath, ohttp, mandatory\n"},
    {"an alias", SERVICE("https: {priority: 0}"),
	"f:1:43: error: priority: expected a whole number from 1 to 65535, "
	"found "
	"\"0\"\n"},
    {"a port too high", SERVICE("https: {port: 65536}"),
	"f:1:39: error: port: expected a whole number from 1 to 65535, found "
	"\"65536\"\n"},
    {"no default protocol and no other",
	SERVICE("https: {no_default_alpn: true}"),
	"f:1:32: error: https: no_default_alpn without alpn leaves clients no "
	"protocol (RFC 9460, 7.1.1)\n"},
    {"a key for ECH that is no base 64", SERVICE("https: {ech: \"*\"}"),
	"f:1:38: error: ech: expected an ECHConfigList in base 64, found "
	"\"*\"\n"},
    {"one that is cut short", SERVICE("https: {ech: AAUAAQ==}"),
	"f:1:38: error: ech: expected an ECHConfigList in base 64, found "
	"\"AAUAAQ==\"\n"},
    {"a path without its variable", SERVICE("svcb: {dohpath: /query}"),
	"f:1:41: error: dohpath: expected a path with the variable dns "
	"(\"/dns-query{?dns}\"; RFC 9461, 5), found \"/query\"\n"},
    {"what is mandatory is not there",
	SERVICE("https: {alpn: h2, mandatory: [alpn, port]}"),
	"f:1:54: error: mandatory: names port, which the record does not have "
	"(RFC 9460, 8)\n"},
    {"what is mandatory is switched off",
	SERVICE("svcb: {ohttp: false, mandatory: ohttp}"),
	"f:1:57: error: mandatory: names ohttp, which the record does not have "
	"(RFC 9460, 8)\n"},
    {"a hint is mandatory", SERVICE("https: {mandatory: ipv4hint}"),
	"f:1:44: error: mandatory: ipv4hint cannot be mandatory: not every "
	"client is sent to an address of that family\n"},
    {"mandatory twice", SERVICE("https: {alpn: h2, mandatory: [alpn, alpn]}"),
	"f:1:61: error: mandatory: alpn is listed twice\n"},
    {"mandatory of no key", SERVICE("https: {mandatory: host}"),
	"f:1:44: error: mandatory: expected a key of the record (alpn, "
	"no_default_alpn, port, ech, dohpath, ohttp), found \"host\"\n"},
    {"several protocols in one text, as a zone file has them",
	SERVICE("https: {alpn: \"h2,h3\"}"),
	"f:1:39: error: alpn: \"h2,h3\" is one protocol: write several as a "
	"list: [h2, h3]\n"},
    {"a target with a port", SERVICE("https: {target: a.net:8443}"),
	"f:1:41: error: target: \"a.net:8443\" has a ':', and no host is "
	"called so: write its name alone (lb.eu-west-1.example.net)\n"},
    {"a target without a dot", SERVICE("https: {target: host}"),
	"f:1:41: error: target: \"host\" has no dot: write the name in full "
	"(lb.eu-west-1.example.net)\n"},
};

START_TEST(refuses)
{
	static struct errbuf eb;
	struct steering_config *config;

	errbuf_init(&eb);
	config = steering_config_parse(
	    "f", refused[_i].text, strlen(refused[_i].text), &eb);
	config_row_check(&refused[_i], &eb);
	ck_assert_ptr_null(config);
}
END_TEST

static struct steering_config *
parse(const char *text)
{
	static struct errbuf eb;
	struct steering_config *config;

	errbuf_init(&eb);
	config = steering_config_parse("f", text, strlen(text), &eb);
	ck_assert_msg(config != NULL && eb.text[0] == '\0', "%s", eb.text);
	return config;
}

/* Names are kept in one form: in lower case, with the last dot. */
START_TEST(reads_names)
{
	static const struct {
		const char *text, *name;
	} rows[] = {
	    {ENDPOINT("cname: LB.eu-west-1.Example.net"),
		"lb.eu-west-1.example.net."},
	    {ENDPOINT("cname: lb.net."), "lb.net."},
	    {ENDPOINT("cname: lb."), "lb."},
	    {ENDPOINT("cname: _x.a-b.net"), "_x.a-b.net."},
	    {ENDPOINT("cname: " LONG_3 LAST_61), LONG_3 LAST_61 "."},
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct steering_config *config = parse(rows[i].text);

		ck_assert_str_eq(
		    config->pools[0].endpoints[0].cname, rows[i].name);
		ck_assert(config->services[0].cname);
		steering_config_destroy(config);
	}
}
END_TEST

/* One octet more than a name may have. */
START_TEST(refuses_a_name_that_is_too_long)
{
	const char *text = ENDPOINT("cname: " LONG_3 LAST_61 "b");
	static struct errbuf eb;

	errbuf_init(&eb);
	ck_assert_ptr_null(steering_config_parse("f", text, strlen(text), &eb));
	ck_assert_ptr_nonnull(strstr(eb.text, "expected a domain name"));
}
END_TEST

START_TEST(reads_records)
{
	struct steering_config *config =
	    parse(SERVICE("https: {priority: 2, target: \".\", alpn: [h2, "
			  "h3], no_default_alpn: true, port: 8443, ech: "
			  "AAIBAg==, mandatory: [port, alpn]}, svcb: {target: "
			  "A.net, dohpath: \"/q{?dns}\", ohttp: true}"));
	const struct service_config *s = &config->services[0];

	ck_assert(!s->cname);
	ck_assert_uint_eq(s->https->priority, 2);
	ck_assert_str_eq(s->https->target, ".");
	ck_assert_uint_eq(s->https->n_alpn, 2);
	ck_assert_str_eq(s->https->alpn[1], "h3");
	ck_assert(s->https->no_default_alpn);
	ck_assert_uint_eq(s->https->port, 8443);
	ck_assert_uint_eq(s->https->n_ech, 4);
	ck_assert_uint_eq(s->https->mandatory, 1 << 1 | 1 << 3);
	ck_assert_uint_eq(s->svcb->priority, 1);
	ck_assert_str_eq(s->svcb->target, "a.net.");
	ck_assert_str_eq(s->svcb->dohpath, "/q{?dns}");
	ck_assert(s->svcb->ohttp && !s->svcb->no_default_alpn);
	ck_assert_uint_eq(s->svcb->port, 0);
	steering_config_destroy(config);
	config = parse(SERVICE("answers: 2"));
	ck_assert_ptr_null(config->services[0].https);
	ck_assert_ptr_null(config->services[0].svcb);
	steering_config_destroy(config);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("config_forms");
	TCase *tc = tcase_create("forms");

	tcase_add_loop_test(tc, refuses, 0, (int)COUNT(refused));
	tcase_add_test(tc, reads_names);
	tcase_add_test(tc, refuses_a_name_that_is_too_long);
	tcase_add_test(tc, reads_records);
	suite_add_tcase(suite, tc);
	return config_run(suite);
}
