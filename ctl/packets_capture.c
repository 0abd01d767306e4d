/*
 * Queries in packets as tcpdump and others record them: pcap and pcapng, over
 * Ethernet, Linux "cooked" and bare IP, IPv4 and IPv6, UDP to port 53.  What is
 * in fragments is passed over.  Called by packets.c.
 */
#include <string.h>

#include "ctl/packets.h"
#include "dns/wire/protocol.h"
#include "dns/wire/wire.h"

#define PORT 53
#define PROTOCOL_UDP 17

/* Kinds of links, as the format numbers them. */
enum {
	LINK_NULL = 0,
	LINK_ETHERNET = 1,
	LINK_RAW_OLD = 12,
	LINK_RAW = 101,
	LINK_COOKED = 113,
	LINK_IPV4 = 228,
	LINK_IPV6 = 229,
	LINK_COOKED_2 = 276
};

struct capture {
	packets_call *call;
	void *context;
	struct packets_found *found;
	bool little; /* numbers of the file are so */
};

static uint32_t
get(const struct capture *c, const uint8_t *p, unsigned octets)
{
	uint32_t n = 0;

	for (unsigned i = 0; i < octets; i++)
		n |= (uint32_t)p[i] << 8 * (c->little ? i : octets - 1 - i);
	return n;
}

static void
take_udp(const struct capture *c, const struct address *from, const uint8_t *p,
    size_t len)
{
	if (len < 8 + DNS_HEADER || wire_get16(p + 2) != PORT ||
	    p[8 + 2] & 0x80) {
		c->found->skipped++;
		return;
	}
	c->found->queries++;
	c->call(c->context, from, false, p + 8, len - 8);
}

static void
take_ipv4(const struct capture *c, const uint8_t *p, size_t len)
{
	size_t head = (size_t)(p[0] & 15) * 4, all;
	struct address from = {.family = 4};

	all = len < 20 ? 0 : wire_get16(p + 2);
	if (head < 20 || all < head || all > len || p[9] != PROTOCOL_UDP ||
	    wire_get16(p + 6) & 0x3fff) {
		c->found->skipped++;
		return;
	}
	memcpy(from.bytes, p + 12, 4);
	take_udp(c, &from, p + head, all - head);
}

static void
take_ipv6(const struct capture *c, const uint8_t *p, size_t len)
{
	struct address from = {.family = 6};
	size_t all = len < 40 ? 0 : wire_get16(p + 4);

	if (len < 40 || all > len - 40 || p[6] != PROTOCOL_UDP) {
		c->found->skipped++;
		return;
	}
	memcpy(from.bytes, p + 8, 16);
	take_udp(c, &from, p + 40, all);
}

/* Octets before the IP header; ${len} and more for what has none. */
static size_t
link_head(uint32_t link, const uint8_t *p, size_t len)
{
	size_t head = 14;

	switch (link) {
	case LINK_NULL:
		return 4;
	case LINK_COOKED:
		return 16;
	case LINK_COOKED_2:
		return 20;
	case LINK_RAW_OLD:
	case LINK_RAW:
	case LINK_IPV4:
	case LINK_IPV6:
		return 0;
	case LINK_ETHERNET:
		/* Tags of virtual networks. */
		while (head + 2 <= len && head < 22 &&
		    (wire_get16(p + head - 2) == 0x8100 ||
			wire_get16(p + head - 2) == 0x88a8))
			head += 4;
		return head;
	default:
		return len;
	}
}

static void
take_packet(
    const struct capture *c, uint32_t link, const uint8_t *p, size_t len)
{
	size_t head = link_head(link, p, len);

	if (head < len && p[head] >> 4 == 4)
		take_ipv4(c, p + head, len - head);
	else if (head < len && p[head] >> 4 == 6)
		take_ipv6(c, p + head, len - head);
	else
		c->found->skipped++;
}

static void
read_pcap(struct capture *c, const uint8_t *p, size_t len)
{
	uint32_t link = get(c, p + 20, 4) & 0xffff;
	size_t at = 24;

	while (len - at >= 16) {
		uint32_t size = get(c, p + at + 8, 4);

		at += 16;
		if (size > len - at)
			break;
		c->found->done = at;
		take_packet(c, link, p + at, size);
		at += size;
	}
	c->found->cut = at != len;
}

/* Interfaces of a section, as far as they are looked at. */
#define INTERFACES 64

struct section {
	uint32_t link[INTERFACES];
	uint32_t n;
};

/* A block of ${size} octets, its head of 8 and its tail of 4 among them. */
static void
take_block(struct capture *c, struct section *s, uint32_t type,
    const uint8_t *p, size_t size)
{
	uint32_t interface, len;

	if (type == 1 && size >= 20) {
		if (s->n < INTERFACES)
			s->link[s->n++] = get(c, p + 8, 2);
		return;
	}
	if (type == 6 && size >= 32) {
		interface = get(c, p + 8, 4);
		len = get(c, p + 20, 4);
		if (interface < s->n && len <= size - 32) {
			take_packet(c, s->link[interface], p + 28, len);
			return;
		}
	}
	if (type == 6 || type == 3 || type == 2)
		c->found->skipped++;
}

static void
read_pcapng(struct capture *c, const uint8_t *p, size_t len)
{
	struct section s = {.n = 0};
	size_t at = 0;

	while (len - at >= 12) {
		uint32_t type, size;

		if (memcmp(p + at, "\x0a\x0d\x0d\x0a", 4) == 0) {
			c->little = p[at + 8] == 0x4d;
			s.n = 0;
		}
		type = get(c, p + at, 4);
		size = get(c, p + at + 4, 4);
		if (size < 12 || size > len - at || size % 4 != 0)
			break;
		c->found->done = at;
		take_block(c, &s, type, p + at, size);
		at += size;
	}
	c->found->cut = at != len;
}

int
packets_capture(const uint8_t *octets, size_t len, packets_call *call,
    void *context, struct packets_found *found)
{
	/* With times in microseconds and in nanoseconds. */
	static const uint8_t little[] = {0xd4, 0xc3, 0xb2, 0xa1};
	static const uint8_t little_ns[] = {0x4d, 0x3c, 0xb2, 0xa1};
	static const uint8_t big[] = {0xa1, 0xb2, 0xc3, 0xd4};
	static const uint8_t big_ns[] = {0xa1, 0xb2, 0x3c, 0x4d};
	struct capture c = {call, context, found, false};

	if (len < 24)
		return -1;
	if (memcmp(octets, "\x0a\x0d\x0d\x0a", 4) == 0) {
		read_pcapng(&c, octets, len);
		return 0;
	}
	c.little =
	    memcmp(octets, little, 4) == 0 || memcmp(octets, little_ns, 4) == 0;
	if (!c.little && memcmp(octets, big, 4) != 0 &&
	    memcmp(octets, big_ns, 4) != 0)
		return -1;
	read_pcap(&c, octets, len);
	return 0;
}
