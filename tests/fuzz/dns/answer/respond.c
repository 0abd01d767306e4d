/*
 * Fuzzes respond(): any bytes as a query over a small zone with every kind of
 * node and an answer source of a few lines.  What comes back must be a whole
 * message that answers the query, within the room that was given.
 */
#include <stdint.h>
#include <string.h>

#include "dns/answer/respond.h"
#include "dns/answer/rrl.h"
#include "dns/answer/source.h"
#include "dns/wire/query.h"
#include "dns/zone/zone_builder.h"
#include "dns/zone/zone_table.h"
#include "tests/fuzz/walker.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const uint8_t image[] = {
    0xc0, 0x0c, 0, 1, 0, 1, 0, 0, 0, 0, 0, 4, 203, 0, 113, 1};

static const struct answer_set set = {image, sizeof(image), 1};
static const uint8_t cname[] = {
    0xc0, 0x0c, 0, 5, 0, 1, 0, 0, 0, 0, 0, 5, 1, 'n', 1, 'e', 0};
static const struct answer_set cname_set = {cname, sizeof(cname), 1};
/* 1 . alpn=h2 key667=a, and where hints go. */
static const uint8_t https[] = {0xc0, 0x0c, 0, 65, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1,
    0, 0, 1, 0, 3, 2, 'h', '2', 0x2, 0x9b, 0, 1, 'a'};
static const struct answer_binding binding = {https, sizeof(https), 22, 22};

static void
toy_answer(const void *snapshot, const struct answer_request *request,
    struct answer *out)
{
	static const struct answer_set none;

	(void)snapshot;
	memset(out, 0, sizeof(*out));
	out->kind = (enum answer_kind)(request->turn % 4);
	out->n_sets = out->kind == ANSWER_RECORDS ? 2 : 0;
	out->sets[0] = out->sets[1] = &set;
	if (request->form == FORM_CNAME) {
		out->sets[0] = &cname_set;
		out->n_sets = out->n_sets > 0;
	}
	out->binding = &binding;
	out->ipv6[0] = out->ipv6[1] = &none;
	out->scope = request->client->source_len;
	out->ttl_s = 30;
	out->stale = request->turn >> 2 & 1;
	out->resort = request->turn >> 3 & 1;
}

static const struct answer_source toy_source = {toy_answer};

static void
add(struct zone_builder *b, const char *name, uint16_t type, const char *rdata,
    size_t len)
{
	static struct errbuf eb;
	uint8_t owner[NAME_MAX_WIRE];

	if (name_parse(name, NULL, owner) < 0 ||
	    zone_builder_add(b, NULL, owner, type, 300, (const uint8_t *)rdata,
		len, &eb) != 0)
		abort();
}

#define ADD(b, name, type, rdata) add(b, name, type, rdata, sizeof(rdata) - 1)

static const struct zone_table *
make_zones(void)
{
	static struct errbuf eb;
	const struct zone *list[1];
	struct zone_builder *b;
	uint8_t owner[NAME_MAX_WIRE];

	errbuf_init(&eb);
	name_parse("e.", NULL, owner);
	b = zone_builder_create(owner);
	ADD(b, "e.", TYPE_SOA,
	    "\1n\1e\0\1h\1e\0\0\0\0\1\0\0\0\1\0\0\0\1\0\0\0\1\0\0\0\1");
	ADD(b, "e.", TYPE_NS, "\1n\1e\0");
	ADD(b, "n.e.", TYPE_A, "\1\2\3\4");
	ADD(b, "*.w.e.", TYPE_CNAME, "\1a\1w\1e\0");
	ADD(b, "c.e.", TYPE_CNAME, "\1d\1e\0");
	ADD(b, "d.e.", TYPE_DNAME, "\1d\1d\1e\0");
	ADD(b, "s.e.", TYPE_NS, "\1n\1s\1e\0");
	ADD(b, "n.s.e.", TYPE_A, "\1\2\3\4");
	ADD(b, "x.y.z.e.", TYPE_A, "\1\2\3\4");
	ADD(b, "g.e.", TYPE_A, "\1\2\3\4");
	name_parse("g.e.", NULL, owner);
	if (zone_builder_service(b, NULL, owner, 0, 0, &eb) != 0)
		abort();
	name_parse("*.g.e.", NULL, owner);
	if (zone_builder_service(b, NULL, owner, 1,
		NODE_SERVICE_HTTPS | NODE_SERVICE_SVCB, &eb) != 0)
		abort();
	name_parse("l.e.", NULL, owner);
	if (zone_builder_service(b, NULL, owner, 2, NODE_SERVICE_CNAME, &eb) !=
	    0)
		abort();
	list[0] = zone_builder_finish(b, &eb);
	if (list[0] == NULL)
		abort();
	return zone_table_create(list, 1);
}

static struct snapshot snapshot = {.source = &toy_source,
    .udp_size = 1232,
    .identity = {.version = "v",
	.name = "n",
	.nsid = (const uint8_t *)"n",
	.nsid_len = 1,
	.cookies.n = 1}};
static struct counters counters;
static struct responder responder = {.counters = &counters};
static const struct address source = {.family = 4, .bytes = {192, 0, 2, 1}};

/* One answer of a kind in a second: the first goes out as without a limit, the
 * second empty, the third not at all. */
static void
check_limit(const uint8_t *data, size_t size)
{
	static const struct rrl_settings settings = {.responses = 1,
	    .window_ms = 1000,
	    .slip = 2,
	    .ipv4 = 24,
	    .ipv6 = 56,
	    .table = 1024};
	static struct rrl *rrl;
	static uint8_t whole[512], limited[512];
	static struct walk w;
	uint64_t turn = responder.turn;
	size_t n, sent = 0, slipped = 0;

	if (rrl == NULL)
		rrl = rrl_create(&settings, 1);
	require(rrl != NULL);
	n = respond(&responder, &snapshot, TRANSPORT_UDP, &source, data, size,
	    whole, sizeof(whole));
	snapshot.rrl = rrl;
	responder.mono_ms += 3600000;
	for (int i = 0; i < 3; i++) {
		size_t len;

		responder.turn = turn;
		len = respond(&responder, &snapshot, TRANSPORT_UDP, &source,
		    data, size, limited, sizeof(limited));
		if (len == 0)
			continue;
		walk_message(&w, limited, len);
		require(len <= n && memcmp(limited, whole, 2) == 0);
		if (len == n && memcmp(limited, whole, n) == 0)
			sent++;
		else
			slipped += w.tc && w.n == 0;
		require(sent + slipped > 0);
	}
	snapshot.rrl = NULL;
	require(n == 0 ? sent + slipped == 0 : sent > 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static uint8_t reply[MESSAGE_MAX];
	static struct walk w;

	if (snapshot.zones == NULL)
		snapshot.zones = make_zones();
	for (int t = 0; t < TRANSPORTS; t++) {
		size_t room = t == TRANSPORT_UDP ? 512 : sizeof(reply);
		size_t n = respond(&responder, &snapshot, (enum transport)t,
		    &source, data, size, reply, room);
		struct query q;

		require(
		    (n == 0) == (query_parse(data, size, &q) == QUERY_SILENCE));
		if (n == 0)
			continue;
		require(n <= room && memcmp(reply, data, 2) == 0);
		walk_message(&w, reply, n);
		require(w.opt == q.edns);
		require(!w.tc || t == TRANSPORT_UDP);
	}
	check_limit(data, size);
	return 0;
}
