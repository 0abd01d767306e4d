/*
 * Fuzzes answers from signed zones: NSEC, NSEC3, with salt, with opt-out, each
 * signed by ldns when the target begins.  A judge that knows only the zone's
 * key verifies each answer: its signatures, and that what is denied is denied
 * in full.
 */
#include "dns/answer/respond.h"
#include "dns/wire/query.h"
#include "dns/zone/zone_table.h"
#include "dns/zone/zonefile.h"
#include "tests/fuzz/recipe.h"
#include "tests/fuzz/truth.h"
#include "tests/fuzz/walker.h"

#include "tests/judge.h"
#include "tests/signer.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char text[] =
    "$ORIGIN e.\n$TTL 300\n"
    "@ SOA n h 1 2 3 4 60\n@ NS n\n@ MX 1 n\nn A 192.0.2.1\n"
    "a A 192.0.2.2\na A 192.0.2.3\na TXT x\n"
    "c CNAME a\nb.c.d A 192.0.2.4\n*.w A 192.0.2.5\n"
    "e.w TXT x\n*.e.w CNAME a\n*.x CNAME b.x\nt CNAME t\n"
    "f DNAME a.w\nh DNAME e.\n"
    "s NS n.s\ns NS a\nn.s A 192.0.2.6\n"
    "k NS n.k\nk DS 1 13 2 "
    "0101010101010101010101010101010101010101010101010101010101010101\n"
    "n.k A 192.0.2.7\n"
    "b CNAME x.s\n*.b CNAME b.f\ni CNAME a.k\nj CNAME a.o.\n"
    "l A 192.0.2.8\n*.l TXT x\nm SRV 1 1 1 l\n*.s.q A 192.0.2.9\n"
    "a.b.o NS n.s\n*.u CNAME x.n\n";
static const char *const glue_text[] = {
    "n.s.e. A 192.0.2.6", "n.k.e. A 192.0.2.7"};

static const struct {
	enum signer_chain chain;
	uint16_t iterations;
	const char *salt;
} ways[] = {{SIGNER_NSEC, 0, ""}, {SIGNER_NSEC3, 0, ""},
    {SIGNER_NSEC3, 3, "salt"}, {SIGNER_OPT_OUT, 0, ""}};
#define WAYS (sizeof(ways) / sizeof(ways[0]))

static struct zone_table *sets[WAYS];
static struct judge judges[WAYS];

static void
sign(size_t way, ldns_rr_list *glue)
{
	/* Lives as long as its keys are needed: for ever. */
	static struct signer signers[WAYS];
	static struct errbuf eb;
	struct signer *s = &signers[way];
	const struct zone *list[1];
	char *signed_text;

	signer_init(s, "e.", 300, ways[way].chain);
	s->iterations = ways[way].iterations;
	s->salt_len = (uint8_t)strlen(ways[way].salt);
	memcpy(s->salt, ways[way].salt, s->salt_len);
	signed_text = signer_sign(s, text);
	errbuf_init(&eb);
	list[0] = zonefile_parse("zone", signed_text, strlen(signed_text),
	    (const uint8_t *)"\1e", NULL, 0, &eb);
	if (list[0] == NULL)
		fprintf(stderr, "%s", eb.text);
	require(list[0] != NULL);
	free(signed_text);
	sets[way] = zone_table_create(list, 1);
	require(sets[way] != NULL);
	judges[way] = (struct judge){.keys = s->public_keys,
	    .apex = ldns_dname_new_frm_str("e."),
	    .glue = glue};
}

static void
load(void)
{
	ldns_rr_list *glue = ldns_rr_list_new();

	for (size_t i = 0; i < sizeof(glue_text) / sizeof(glue_text[0]); i++) {
		ldns_rr *rr = NULL;

		require(ldns_rr_new_frm_str(&rr, glue_text[i], 0, NULL, NULL) ==
		    LDNS_STATUS_OK);
		ldns_rr_list_push_rr(glue, rr);
	}
	for (size_t way = 0; way < WAYS; way++)
		sign(way, glue);
}

/* A chain without an end, or with too many names: who asked goes on where it
 * stops, so that it proves nothing about what comes then. */
static bool
is_endless(const struct walk *w)
{
	static const char words[] = "CNAME chain";
	bool endless = false;

	for (size_t at = 0; at < w->options_len;) {
		const uint8_t *option = w->options + at;
		size_t len = wire_get16(option + 2);

		endless = endless ||
		    (wire_get16(option) == EDNS_ERROR && len > sizeof(words) &&
			memcmp(option + 6, words, strlen(words)) == 0);
		at += 4 + len;
	}
	return endless;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct snapshot snapshot = {.udp_size = 1232};
	static struct counters counters;
	static uint8_t reply[MESSAGE_MAX];
	static struct walk w;
	const struct address source = {.family = 4, .bytes = {192, 0, 2, 1}};
	struct responder responder = {.counters = &counters};
	uint8_t query[RECIPE_MAX];
	enum transport transport;
	const char *fault;
	struct query q;
	size_t way, len, n;

	if (sets[0] == NULL)
		load();
	if (size < 3)
		return 0;
	way = data[0] % WAYS;
	transport = data[0] & 0x10 ? TRANSPORT_UDP : TRANSPORT_TCP;
	snapshot.zones = sets[way];
	len = recipe_query(data + 1, size - 1, query);
	require(query_parse(query, len, &q) == QUERY_OK);
	n = respond(&responder, &snapshot, transport, &source, query, len,
	    reply, sizeof(reply));
	walk_message(&w, reply, n);
	walk_no_twins(&w);
	truth_check(snapshot.zones, &q, &w);
	if (!q.dnssec_ok || transport == TRANSPORT_UDP ||
	    w.rcode == RCODE_REFUSED || is_endless(&w))
		return 0;
	fault = judge_message(&judges[way], reply, n);
	if (fault != NULL) {
		ldns_pkt *pkt = NULL;

		fprintf(stderr, "%s\n", fault);
		if (ldns_wire2pkt(&pkt, reply, n) == LDNS_STATUS_OK)
			ldns_pkt_print(stderr, pkt);
		abort();
	}
	return 0;
}
