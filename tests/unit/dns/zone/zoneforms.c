/*
 * Zones with steered names that answer with CNAMEs, or with HTTPS and SVCB:
 * what may be beside a service, and which address hints of the zone file are
 * left out.
 */
#include "tests/unit/zone_fixture.h"

#include "dns/wire/protocol.h"
#include "dns/wire/wire.h"

#define HEAD                                                           \
	"$ORIGIN example.\n$TTL 300\n@ SOA ns hostmaster 1 2 3 4 60\n" \
	"@ NS ns\nns A 192.0.2.1\n"

static struct errbuf eb;

static struct zone *
load(const char *more, const char *owner, uint8_t flags)
{
	struct zone_service service = {
	    .at = {"steering", 3, 4}, .flags = flags};
	const uint8_t apex[] = "\7example";
	char text[4096];

	snprintf(text, sizeof(text), HEAD "%s", more);
	name_parse(owner, NULL, service.owner);
	errbuf_init(&eb);
	return zonefile_parse(
	    "zone", text, strlen(text), apex, &service, 1, &eb);
}

static const struct {
	const char *says, *more, *service;
	uint8_t flags;
	const char *messages;
} rows[] = {
    {"a CNAME of the zone file is its last resort", "led CNAME a.net.\n",
	"led.example.", NODE_SERVICE_CNAME, ""},
    {"names may be below it", "x.led A 192.0.2.1\n", "led.example.",
	NODE_SERVICE_CNAME, ""},
    {"a wildcard", "", "*.led.example.", NODE_SERVICE_CNAME, ""},
    {"at the apex", "", "example.", NODE_SERVICE_CNAME,
	"steering:3:4: error: service example.: cannot be a CNAME: it is the "
	"apex of the zone, which has other data (RFC 1034, 3.6.2)\n"},
    {"beside an address", "led A 192.0.2.1\n", "led.example.",
	NODE_SERVICE_CNAME,
	"steering:3:4: error: service led.example.: cannot be a CNAME: the "
	"zone file has A there at zone:6 (RFC 1034, 3.6.2)\n"},
    {"beside a text after a CNAME", "led CNAME a.net.\nled TXT x\n",
	"led.example.", NODE_SERVICE_CNAME,
	"zone:7:1: error: led.example.: TXT beside a CNAME, which stands at "
	"line 6 (RFC 2181, 10.1)\n"
	"steering:3:4: error: service led.example.: cannot be a CNAME: the "
	"zone file has TXT there at zone:7 (RFC 1034, 3.6.2)\n"},
    {"at a delegation", "led NS ns\n", "led.example.", NODE_SERVICE_CNAME,
	"steering:3:4: error: service led.example.: cannot be steered: the "
	"servers answer to which this name is delegated: led.example.\n"},
    {"hosts that NS, MX and SRV name are no CNAME (RFC 2181, 10.3)",
	"@ NS led\n@ MX 1 led\nx SRV 1 1 1 led\n", "led.example.",
	NODE_SERVICE_CNAME,
	"zone:6:1: warning: example. NS: the host led.example. is a CNAME "
	"(RFC 2181, 10.3)\n"
	"zone:7:1: warning: example. MX: the host led.example. is a CNAME "
	"(RFC 2181, 10.3)\n"
	"zone:8:1: warning: x.example. SRV: the host led.example. is a CNAME "
	"(RFC 2181, 10.3)\n"},
    {"a CNAME beside a service of addresses", "led CNAME a.net.\n",
	"led.example.", NODE_SERVICE_HTTPS,
	"steering:3:4: error: service led.example.: cannot be steered: the "
	"zone file has a CNAME at led.example.\n"},
};

START_TEST(beside)
{
	struct zone *zone =
	    load(rows[_i].more, rows[_i].service, rows[_i].flags);

	ck_assert_msg(strcmp(eb.text, rows[_i].messages) == 0, "%s: %s",
	    rows[_i].says, eb.text);
	ck_assert((zone == NULL) == (eb.errors > 0));
	if (zone != NULL)
		ck_assert(fixture_node(zone, rows[_i].service)->flags &
		    NODE_SERVICE_CNAME);
	zone_destroy(zone);
}
END_TEST

/* What is served of the RDATA of each record, in hexadecimal. */
static const struct {
	const char *says, *more;
	uint16_t type;
	unsigned warnings;
	const char *rdata[3]; /* NULL after the last */
} hints[] = {
    {"hints go, other parameters stay",
	"web HTTPS 1 . alpn=h2 port=443 ipv4hint=192.0.2.1,192.0.2.2 "
	"ech=AAAA ipv6hint=2001:db8::1 key667=a\n",
	TYPE_HTTPS, 1,
	{"000100"
	 "00010003026832"
	 "0003000201bb"
	 "00050003000000"
	 "029b000161"}},
    {"hints go from what is mandatory",
	"web SVCB 1 . mandatory=alpn,ipv4hint,port alpn=h2 port=443 "
	"ipv4hint=192.0.2.1\n",
	TYPE_SVCB, 1,
	{"000100"
	 "0000000400010003"
	 "00010003026832"
	 "0003000201bb"}},
    {"nothing is left of what is mandatory",
	"web SVCB 1 . mandatory=ipv4hint,ipv6hint ipv4hint=192.0.2.1 "
	"ipv6hint=2001:db8::1\n",
	TYPE_SVCB, 1, {"000100"}},
    {"by its own name", "web HTTPS 1 WEB ipv4hint=192.0.2.1\n", TYPE_HTTPS, 1,
	{"0001"
	 "03574542076578616d706c6500"}},
    {"of another name they stay", "web HTTPS 1 ns ipv4hint=192.0.2.1\n",
	TYPE_HTTPS, 0,
	{"0001"
	 "026e73076578616d706c6500"
	 "00040004c0000201"}},
    {"of another zone they stay", "web HTTPS 1 a. ipv4hint=192.0.2.1\n",
	TYPE_HTTPS, 0,
	{"0001"
	 "016100"
	 "00040004c0000201"}},
    {"AliasMode is as it was", "web HTTPS 0 ns\n", TYPE_HTTPS, 0,
	{"0000"
	 "026e73076578616d706c6500"}},
    {"several records, one without a hint",
	"web HTTPS 1 . alpn=h2 ipv4hint=192.0.2.1\nweb HTTPS 2 .\n"
	"web HTTPS 3 . ipv6hint=2001:db8::1\n",
	TYPE_HTTPS, 2,
	{"000100"
	 "00010003026832",
	    "000200", "000300"}},
    {"those that differed in their hints are one",
	"web HTTPS 1 . ipv4hint=192.0.2.1\nweb HTTPS 1 . ipv4hint=192.0.2.2\n",
	TYPE_HTTPS, 3, {"000100"}},
};

START_TEST(stale_hints)
{
	struct zone *zone = load(hints[_i].more, "web.example.", 0);
	const struct zone_node *node;
	const struct rrset *set;
	const uint8_t *at;
	char hex[256];
	size_t n = 0;

	ck_assert_msg(zone != NULL, "%s", eb.text);
	ck_assert_msg(eb.warnings == hints[_i].warnings, "%s: %s",
	    hints[_i].says, eb.text);
	node = fixture_node(zone, "web.example.");
	set = zone_node_rrset(node, hints[_i].type);
	at = set->image;
	for (; n < 3 && hints[_i].rdata[n] != NULL; n++) {
		size_t len = wire_get16(at + 10);

		fixture_hex(at + RECORD_FIXED, len, hex);
		ck_assert_msg(strcmp(hex, hints[_i].rdata[n]) == 0, "%s: %s",
		    hints[_i].says, hex);
		at += RECORD_FIXED + len;
	}
	ck_assert_uint_eq(set->count, n);
	ck_assert_ptr_eq(at, set->image + set->size);
	zone_destroy(zone);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("dns_zone_forms");
	TCase *tc = tcase_create("forms");
	SRunner *runner;
	int failed;

	tcase_add_loop_test(
	    tc, beside, 0, (int)(sizeof(rows) / sizeof(rows[0])));
	tcase_add_loop_test(
	    tc, stale_hints, 0, (int)(sizeof(hints) / sizeof(hints[0])));
	suite_add_tcase(suite, tc);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
