/*
 * Fuzzes respond() over loaded zones with every kind of name: parent and child,
 * wildcards, DNAMEs, cuts, empty non-terminals, chains, loops, services; two of
 * them signed, by NSEC and by NSEC3 with opt-out.  What comes back is taken
 * apart and held against the zone as it was loaded.
 *
 * The first octet says which zones, which way the query comes, and whether the
 * rest is a message or a recipe for one.
 */
#include "dns/answer/respond.h"
#include "dns/answer/source.h"
#include "dns/wire/edns.h"
#include "dns/wire/query.h"
#include "dns/zone/zone_table.h"
#include "dns/zone/zonefile.h"
#include "tests/chain.h"
#include "tests/fuzz/recipe.h"
#include "tests/fuzz/truth.h"
#include "tests/fuzz/walker.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define SOA \
	"@ 300 SOA n h 1 2 3 4 60\n@ 300 NS n\nn 300 A 192.0.2.1\n$TTL 300\n"

static const struct {
	const char *apex, *text;
} texts[] = {
    {"e.",
	SOA
	"n AAAA 2001:db8::1\n@ MX 1 n\n@ MX 2 a\n"
	"a A 192.0.2.2\na A 192.0.2.3\na TXT x\n"
	"c CNAME a\nb.c.d A 192.0.2.4\n*.w A 192.0.2.5\n"
	"e.w TXT x\n*.e.w CNAME a\n*.x CNAME b.x\nt CNAME t\n"
	"d.a CNAME e.a\ne.a CNAME d.a\n"
	"f DNAME a.w\ng DNAME g.g\nh DNAME e.\n"
	"s NS n.s\ns NS a\ns NS n.o.\ns DS 1 8 200 00\nn.s A 192.0.2.6\n"
	"k NS n.k\nk DS 1 8 200 00\nn.k A 192.0.2.7\n"
	"b CNAME x.s\n*.b CNAME b.f\ni CNAME a.k\nj CNAME a.o.\n"
	"l A 192.0.2.8\n*.l TXT x\nm SRV 1 1 1 l\nm SVCB 0 l\n"
	"m HTTPS 1 . port=1\n*.s.q A 192.0.2.9\n"
	"z DNAME aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
	"aaaa.aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
	"aaaaaa.aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
	"aaaaaaa.a\n"},
    {"k.e.", SOA "a A 192.0.2.10\nb CNAME a.e.\nc DNAME w.e.\n"},
    {"o.",
	SOA "a A 192.0.2.11\nb CNAME b.e.\nc DNAME e.\n* TXT x\n"
	    "s NS n.s\nn.s A 192.0.2.12\n"},
    {".",
	SOA "e NS n.e.\nn.e A 192.0.2.13\ne DS 1 8 200 00\na.b A 192.0.2.14\n"
	    "o NS n.e\nc CNAME a.e\n* MX 1 n\nd DNAME c\n"},
    {"y.",
	SOA "@ NSEC a NS SOA RRSIG NSEC\na A 192.0.2.15\n"
	    "a NSEC c A RRSIG NSEC\nc CNAME b.w\nc NSEC d CNAME RRSIG NSEC\n"
	    "d NS n.d\nn.d A 192.0.2.16\nd NSEC f.g NS RRSIG NSEC\n"
	    "f.g MX 1 n\nf.g MX 2 a.w\nf.g NSEC n MX RRSIG NSEC\n"
	    "n NSEC s A RRSIG NSEC\ns NS n.s\ns NS n\nn.s A 192.0.2.17\n"
	    "s DS 1 8 200 00\ns NSEC t NS DS RRSIG NSEC\n"
	    "t DNAME w\nt NSEC *.w DNAME RRSIG NSEC\n"
	    "*.w A 192.0.2.18\n*.w NSEC *.x A RRSIG NSEC\n"
	    "*.x CNAME b.w.t.\n*.x NSEC @ CNAME RRSIG NSEC\n"},
    {"t.",
	SOA "@ NSEC3PARAM 1 0 2 aa\na A 192.0.2.19\nd NS n.d\n"
	    "n.d A 192.0.2.20\nd.e NS n.y.\nd.*.e NS n.y.\n"
	    "f.g TXT x\ns NS n.s\nn.s A 192.0.2.21\ns DS 1 8 200 00\n"
	    "z DNAME x.y.\n*.w CNAME b.x.y.\na.v.w A 192.0.2.22\n"},
};
#define ZONES (sizeof(texts) / sizeof(texts[0]))

/* The last two are signed; of the last, the chain leaves out d and e and what
 * is below e. */
#define FIRST_SIGNED (ZONES - 2)
static const struct chain_name chain[] = {
    {"t.", "NS SOA RRSIG NSEC3PARAM", {0}}, {"n.t.", "A RRSIG", {0}},
    {"a.t.", "A RRSIG", {0}}, {"g.t.", "", {0}}, {"f.g.t.", "TXT RRSIG", {0}},
    {"s.t.", "NS DS RRSIG", {0}}, {"z.t.", "DNAME RRSIG", {0}},
    {"w.t.", "", {0}}, {"*.w.t.", "CNAME RRSIG", {0}}, {"v.w.t.", "", {0}},
    {"a.v.w.t.", "A RRSIG", {0}}, {NULL, NULL, {0}}};

/* Which of the zones are served together. */
static const uint8_t groups[] = {0x7, 0x1, 0xf, 0x8, 0x30, 0x3f};
#define GROUPS (sizeof(groups) / sizeof(groups[0]))

/* Steered names of the zone e.; what the source says of each is by its number,
 * the same every time. */
static const char *const steered[] = {
    "l.e.", "p.e.", "*.p.e.", "*.r.e.", "v.e."};
static const uint8_t steered_flags[] = {0, NODE_SERVICE_CNAME,
    NODE_SERVICE_HTTPS, NODE_SERVICE_CNAME,
    NODE_SERVICE_HTTPS | NODE_SERVICE_SVCB};
#define SERVICES (sizeof(steered) / sizeof(steered[0]))

static struct zone *zones[ZONES];
static struct zone_table *sets[GROUPS];

static const uint8_t image[] = {
    0xc0, 0x0c, 0, 1, 0, 1, 0, 0, 0, 0, 0, 4, 203, 0, 113, 1};

static const struct answer_set a_set = {image, sizeof(image), 1};
static const uint8_t ipv6[28] = {
    0xc0, 0x0c, 0, 28, 0, 1, 0, 0, 0, 0, 0, 16, 0x20, 1, 0xd, 0xb8};
static const struct answer_set ipv6_set = {ipv6, sizeof(ipv6), 1};
static const uint8_t cname[] = {
    0xc0, 0x0c, 0, 5, 0, 1, 0, 0, 0, 0, 0, 5, 1, 'a', 1, 'e', 0};
static const struct answer_set cname_set = {cname, sizeof(cname), 1};
/* 1 . alpn=h2 key667=a, and where hints go. */
static const uint8_t https[] = {0xc0, 0x0c, 0, 65, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1,
    0, 0, 1, 0, 3, 2, 'h', '2', 0x2, 0x9b, 0, 1, 'a'};
static const struct answer_binding binding = {https, sizeof(https), 22, 22};

static void
toy_answer(const void *snapshot, const struct answer_request *request,
    struct answer *out)
{
	static const enum answer_kind kinds[SERVICES] = {ANSWER_STATIC,
	    ANSWER_RECORDS, ANSWER_RECORDS, ANSWER_RECORDS, ANSWER_SERVFAIL};

	(void)snapshot;
	require(request->service < SERVICES);
	require(name_length(request->owner) == request->owner_len);
	memset(out, 0, sizeof(*out));
	out->kind = request->form == FORM_IPV6 ? ANSWER_NODATA
					       : kinds[request->service];
	out->n_sets = out->kind == ANSWER_RECORDS;
	out->sets[0] = request->form == FORM_CNAME ? &cname_set : &a_set;
	out->ipv6[0] = &ipv6_set;
	out->binding = &binding;
	out->scope = request->client->address.family == 4 ? 17 : 41;
	out->ttl_s = 30;
	out->outcome = UINT32_MAX;
}

static const struct answer_source toy_source = {toy_answer};

/* The text of a zone; with its chain, and signatures, which are none. */
static const char *
zone_text(size_t i)
{
	static const uint8_t salt[] = {0xaa};
	const struct nsec3_params params = {2, NSEC3_SHA1, 1, salt};
	static char text[8192], signed_text[16384];
	size_t len = strlen(texts[i].text);

	memcpy(text, texts[i].text, len + 1);
	if (i < FIRST_SIGNED)
		return text;
	if (i == ZONES - 1)
		chain_text(text + len, sizeof(text) - len, chain, &params,
		    NSEC3_OPT_OUT, -1);
	chain_sign(text, signed_text, sizeof(signed_text));
	return signed_text;
}

static void
load(void)
{
	static struct zone_service services[SERVICES];
	static struct errbuf eb;

	for (size_t i = 0; i < SERVICES; i++) {
		require(name_parse(steered[i], NULL, services[i].owner) > 0);
		services[i].flags = steered_flags[i];
	}
	for (size_t i = 0; i < ZONES; i++) {
		const char *text = zone_text(i);
		uint8_t apex[NAME_MAX_WIRE];

		errbuf_init(&eb);
		require(name_parse(texts[i].apex, NULL, apex) > 0);
		zones[i] = zonefile_parse("zone", text, strlen(text), apex,
		    services, i == 0 ? SERVICES : 0, &eb);
		if (zones[i] == NULL)
			fprintf(stderr, "%s", eb.text);
		require(zones[i] != NULL);
	}
	for (size_t g = 0; g < GROUPS; g++) {
		const struct zone *list[ZONES];
		size_t n = 0;

		for (size_t i = 0; i < ZONES; i++)
			if (groups[g] >> i & 1)
				list[n++] = zones[i];
		sets[g] = zone_table_create(list, n);
		require(sets[g] != NULL);
	}
}

/* Nobody who did not ask for signatures gets any. */
static void
check_dnssec(const struct query *q, const struct walk *w)
{
	static const uint16_t types[] = {TYPE_RRSIG, TYPE_NSEC, 50};

	for (size_t i = 0; !q->dnssec_ok && i < 3; i++)
		require(q->type == types[i] || q->type == TYPE_ANY ||
		    (walk_has(w, 0, types[i]) == NULL &&
			walk_has(w, 1, types[i]) == NULL &&
			walk_has(w, 2, types[i]) == NULL));
}

/* Who did, gets a proof with each denial, and with each set what signs it. */
static void
check_proof(
    const struct zone_table *set, const struct query *q, const struct walk *w)
{
	const struct zone *zone;
	uint32_t index;

	zone = zone_table_find(set, q->name, q->name_len, &index);
	if (zone == NULL || !zone_signed(zone) || !q->dnssec_ok || w->tc ||
	    q->type == TYPE_DS)
		return;
	require(w->rcode != RCODE_SERVFAIL);
	require(walk_has(w, 0, TYPE_RRSIG) != NULL ||
	    walk_has(w, 1, TYPE_RRSIG) != NULL);
	if (w->counts[0] == 0 && walk_has(w, 1, TYPE_DS) == NULL)
		require(walk_has(w, 1, TYPE_NSEC) != NULL ||
		    walk_has(w, 1, TYPE_NSEC3) != NULL);
}

static void
check_subnet(const struct query *q, const struct walk *w)
{
	for (size_t at = 0; at < w->options_len;) {
		const uint8_t *option = w->options + at;
		size_t len = wire_get16(option + 2);

		at += 4 + len;
		if (wire_get16(option) != EDNS_CLIENT_SUBNET)
			continue;
		require(q->subnet.present && len >= 4);
		require(wire_get16(option + 4) == q->subnet.family);
		require(option[6] == q->subnet.source_len);
		require(len == 4u + (q->subnet.source_len + 7u) / 8);
		require(option[7] <= (q->subnet.family == 1 ? 32 : 128));
		require(q->subnet.source_len > 0 || option[7] == 0);
	}
}

static void
check(const struct zone_table *set, enum transport transport,
    const uint8_t *query, size_t len, const uint8_t *reply, size_t n)
{
	static struct walk w;
	struct query q;
	enum query_verdict verdict = query_parse(query, len, &q);

	if (n == 0) {
		require(verdict == QUERY_SILENCE);
		return;
	}
	require(memcmp(reply, query, 2) == 0);
	require((reply[2] & 0x78) == (query[2] & 0x78));
	walk_message(&w, reply, n);
	require(w.opt == q.edns);
	if (transport == TRANSPORT_UDP)
		require(n <= 512 || (n <= 1232 && n <= q.udp_size));
	else
		require(!w.tc);
	if (verdict != QUERY_OK ||
	    (transport == TRANSPORT_TCP && q.options & CAME_TIMEOUT)) {
		require(w.n == 0);
		return;
	}
	walk_is_dns(reply, n);
	require(memcmp(reply + DNS_HEADER, q.question, q.question_len) == 0);
	walk_no_twins(&w);
	check_subnet(&q, &w);
	check_dnssec(&q, &w);
	if (q.class == CLASS_IN && q.type != TYPE_AXFR && q.type != TYPE_IXFR) {
		truth_check(set, &q, &w);
		check_proof(set, &q, &w);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct snapshot snapshot = {
	    .source = &toy_source, .udp_size = 1232};
	static struct counters counters;
	static uint8_t reply[MESSAGE_MAX], again[MESSAGE_MAX];
	const struct address source = {.family = 4, .bytes = {192, 0, 2, 1}};
	struct responder responder = {.counters = &counters};
	uint8_t made[RECIPE_MAX];
	enum transport transport;
	const uint8_t *query = data + 1;
	size_t len, n;

	if (zones[0] == NULL)
		load();
	if (size == 0)
		return 0;
	snapshot.zones = sets[data[0] % GROUPS];
	transport = data[0] & 0x10 ? TRANSPORT_TCP : TRANSPORT_UDP;
	len = size - 1;
	if (!(data[0] & 0x20)) {
		len = recipe_query(data + 1, size - 1, made);
		query = made;
	}
	n = respond(&responder, &snapshot, transport, &source, query, len,
	    reply, sizeof(reply));
	check(snapshot.zones, transport, query, len, reply, n);
	/* The same question, the same answer. */
	require(respond(&responder, &snapshot, transport, &source, query, len,
		    again, sizeof(again)) == n);
	require(memcmp(reply, again, n) == 0);
	return 0;
}
