/*
 * Fuzzes respond(): any bytes as a query over a small zone with every kind of
 * node and an answer source of a few lines.  What comes back must be a header
 * that answers the query, within the room that was given.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "dns/name.h"
#include "dns/protocol.h"
#include "dns/respond.h"
#include "dns/source.h"
#include "dns/wire.h"
#include "dns/zoneset.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const uint8_t image[] = {
    0xc0, 0x0c, 0, 1, 0, 1, 0, 0, 0, 0, 0, 4, 203, 0, 113, 1};

static void
toy_answer(const void *snapshot, const struct answer_request *request,
    struct answer *out)
{
	(void)snapshot;
	memset(out, 0, sizeof(*out));
	out->kind = (enum answer_kind)(request->turn % 4);
	out->n_sets = out->kind == ANSWER_RECORDS ? 2 : 0;
	out->sets[0] = out->sets[1] =
	    (struct answer_set){image, sizeof(image), 1};
	out->scope = request->client->source_len;
	out->ttl_s = 30;
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

static const struct zone_set *
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
	if (zone_builder_service(b, NULL, owner, 0, &eb) != 0)
		abort();
	name_parse("*.g.e.", NULL, owner);
	if (zone_builder_service(b, NULL, owner, 1, &eb) != 0)
		abort();
	list[0] = zone_builder_finish(b, &eb);
	if (list[0] == NULL)
		abort();
	return zone_set_create(list, 1);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct snapshot snapshot;
	static struct counters counters;
	static struct responder responder;
	static uint8_t reply[RESPOND_MAX];
	const struct address source = {.family = 4, .bytes = {192, 0, 2, 1}};

	if (snapshot.zones == NULL) {
		snapshot.zones = make_zones();
		snapshot.source = &toy_source;
		snapshot.udp_size = 1232;
		responder.counters = &counters;
	}
	for (int t = 0; t < TRANSPORTS; t++) {
		size_t room = t == TRANSPORT_UDP ? 512 : sizeof(reply);
		size_t n = respond(&responder, &snapshot, (enum transport)t,
		    &source, data, size, reply, room);

		if (n == 0)
			continue;
		if (n < DNS_HEADER || n > room || size < DNS_HEADER ||
		    memcmp(reply, data, 2) != 0 || !(reply[2] & 0x80))
			abort();
	}
	return 0;
}
