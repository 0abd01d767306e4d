/*
 * Fuzzes the EDNS options: any bytes as the RDATA of an OPT record, read by a
 * second reader here, and the options of the answer held against those of the
 * query.  A cookie that came back is brought again, and must be good.
 */
#include <stdint.h>
#include <string.h>

#include "dns/answer/respond.h"
#include "dns/wire/cookie.h"
#include "dns/wire/edns.h"
#include "dns/zone/zone_table.h"
#include "dns/zone/zonefile.h"
#include "tests/fuzz/walker.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define OPTIONS_MAX 2048
#define NOW_S 1700000000u

static const uint8_t nsid[] = "node 7";

/* What the second reader made of the options. */
struct came {
	bool good; /* all can be read */
	bool nsid, keepalive, timeout;
	const uint8_t *cookie;
	size_t cookie_len;
	const uint8_t *subnet;
	size_t subnet_len;
};

static bool
is_subnet(const uint8_t *s, size_t len)
{
	unsigned bits;

	if (len < 4 || s[0] != 0 || s[1] > 2 || s[3] != 0)
		return false;
	bits = s[1] == 1 ? 32 : s[1] == 2 ? 128 : 0;
	if (s[2] > bits || len != 4u + (s[2] + 7u) / 8)
		return false;
	/* No bit behind the prefix. */
	return s[2] % 8 == 0 || (s[len - 1] & (0xff >> s[2] % 8)) == 0;
}

static void
read_again(const uint8_t *data, size_t size, struct came *came)
{
	*came = (struct came){.good = true};
	for (size_t at = 0, len; at < size; at += 4 + len) {
		const uint8_t *value = data + at + 4;

		came->good = size - at >= 4 &&
		    size - at - 4 >= (len = wire_get16(data + at + 2));
		if (!came->good)
			return;
		switch (wire_get16(data + at)) {
		case 3:
			came->nsid = true;
			break;
		case 8:
			came->good =
			    came->subnet == NULL && is_subnet(value, len);
			came->subnet = value;
			came->subnet_len = len;
			break;
		case 10:
			if (came->cookie != NULL)
				break;
			came->good = len == 8 || (len >= 16 && len <= 40);
			came->cookie = value;
			came->cookie_len = len;
			break;
		case 11:
			came->keepalive = true;
			came->timeout = came->timeout || len > 0;
			break;
		default:
			break;
		}
		if (!came->good)
			return;
	}
}

/* One option of the reply; where a cookie is, or NULL. */
static const uint8_t *
check_option(const uint8_t *option, size_t len, const struct came *came,
    enum transport transport)
{
	const uint8_t *value = option + 4;

	switch (wire_get16(option)) {
	case 3:
		require(came->nsid && len == sizeof(nsid) - 1);
		require(memcmp(value, nsid, len) == 0);
		return NULL;
	case 8:
		require(came->subnet != NULL && len == came->subnet_len);
		require(memcmp(value, came->subnet, 3) == 0);
		require(memcmp(value + 4, came->subnet + 4, len - 4) == 0);
		return NULL;
	case 10:
		require(came->cookie != NULL && len == COOKIE_LEN);
		require(memcmp(value, came->cookie, COOKIE_CLIENT) == 0);
		return value;
	case 11:
		require(came->keepalive && transport == TRANSPORT_TCP);
		require(len == 2 && wire_get16(value) == 300);
		return NULL;
	case 15:
		require(len >= 2);
		return NULL;
	default:
		fprintf(stderr, "option %u\n", wire_get16(option));
		abort();
	}
}

static const uint8_t *
check_options(
    const struct walk *w, const struct came *came, enum transport transport)
{
	const uint8_t *cookie = NULL;
	unsigned seen = 0;

	for (size_t at = 0; at < w->options_len;) {
		const uint8_t *option = w->options + at;
		size_t len = wire_get16(option + 2);
		const uint8_t *found =
		    check_option(option, len, came, transport);
		unsigned bit = 1u << wire_get16(option);

		if (found != NULL)
			cookie = found;
		require(bit == 1u << 15 || !(seen & bit));
		seen |= bit;
		at += 4 + len;
	}
	if (!came->good) {
		require((seen & ~(1u << 15)) == 0);
		return NULL;
	}
	require(!came->nsid || seen & 1u << 3);
	require(came->subnet == NULL || seen & 1u << 8);
	require(came->cookie == NULL || cookie != NULL);
	require(
	    !came->keepalive || transport == TRANSPORT_UDP || seen & 1u << 11);
	return cookie;
}

/* A query for a.e., or one without a question. */
static size_t
make_query(uint8_t *out, bool question, const uint8_t *options, size_t size)
{
	static const uint8_t asked[] = {1, 'a', 1, 'e', 0, 0, 1, 0, 1};
	static const uint8_t opt[] = {0, 0, 41, 4, 0, 0, 0, 0, 0};
	uint8_t *p = out + DNS_HEADER;

	memset(out, 0, DNS_HEADER);
	out[5] = question;
	out[11] = 1;
	if (question) {
		memcpy(p, asked, sizeof(asked));
		p += sizeof(asked);
	}
	memcpy(p, opt, sizeof(opt));
	p += sizeof(opt);
	wire_put16(p, (uint16_t)size);
	if (size > 0)
		memcpy(p + 2, options, size);
	return (size_t)(p + 2 + size - out);
}

static const struct zone_table *
make_zones(void)
{
	static const char text[] = "@ 9 SOA a a 1 2 3 4 5\n@ 9 NS a\n"
				   "a 9 A 192.0.2.1\n";
	static const uint8_t apex[] = "\1e";
	static struct errbuf eb;
	const struct zone *list[1];

	errbuf_init(&eb);
	list[0] =
	    zonefile_parse("zone", text, sizeof(text) - 1, apex, NULL, 0, &eb);
	require(list[0] != NULL);
	return zone_table_create(list, 1);
}

static struct snapshot snapshot = {.udp_size = 1232};
static struct counters counters;
static struct responder responder = {
    .counters = &counters, .wall_s = NOW_S, .keepalive_ds = 300};
static const struct address source = {.family = 4, .bytes = {192, 0, 2, 1}};

/* The cookie that we gave is good for an hour, and comes back as it is for half
 * of that. */
static void
bring_again(const uint8_t *cookie, uint32_t later_s)
{
	static uint8_t query[512], reply[MESSAGE_MAX];
	static struct walk w;
	uint8_t option[4 + COOKIE_LEN] = {0, 10, 0, COOKIE_LEN};
	uint64_t before = counter_read(&counters.cookies[COOKIE_VALID]);
	struct came came;
	const uint8_t *again;
	size_t len, n;

	memcpy(option + 4, cookie, COOKIE_LEN);
	responder.wall_s = NOW_S + later_s;
	read_again(option, sizeof(option), &came);
	len = make_query(query, true, option, sizeof(option));
	n = respond(&responder, &snapshot, TRANSPORT_UDP, &source, query, len,
	    reply, sizeof(reply));
	walk_message(&w, reply, n);
	require(w.rcode == RCODE_NOERROR && w.counts[0] == 1);
	require(counter_read(&counters.cookies[COOKIE_VALID]) == before + 1);
	again = check_options(&w, &came, TRANSPORT_UDP);
	require(
	    (memcmp(again, option + 4, COOKIE_LEN) == 0) == (later_s < 1800));
	responder.wall_s = NOW_S;
}

static void
setup(void)
{
	snapshot.zones = make_zones();
	snapshot.identity.nsid = nsid;
	snapshot.identity.nsid_len = sizeof(nsid) - 1;
	snapshot.identity.cookies.n = 2;
	memset(snapshot.identity.cookies.secret, 0x5a,
	    sizeof(snapshot.identity.cookies.secret));
	memset(snapshot.identity.cookies.secret[1], 0xa5, COOKIE_SECRET);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static uint8_t query[OPTIONS_MAX + 64], reply[MESSAGE_MAX];
	static struct walk w;
	enum transport transport;
	const uint8_t *cookie;
	struct came came;
	size_t len, n;

	if (snapshot.zones == NULL)
		setup();
	if (size == 0 || size > OPTIONS_MAX)
		return 0;
	transport = data[0] & 1 ? TRANSPORT_TCP : TRANSPORT_UDP;
	snapshot.identity.cookies.require = (data[0] & 2) != 0;
	read_again(data + 1, size - 1, &came);
	len = make_query(query, !(data[0] & 4), data + 1, size - 1);
	n = respond(&responder, &snapshot, transport, &source, query, len,
	    reply, sizeof(reply));
	walk_message(&w, reply, n);
	require(w.opt && n <= 512);
	if (!came.good)
		require(w.rcode == RCODE_FORMERR && w.n == 0);
	cookie = check_options(&w, &came, transport);
	if (came.good && !(data[0] & 7))
		require(w.rcode == RCODE_NOERROR && w.counts[0] == 1);
	if (cookie != NULL)
		bring_again(cookie, (data[0] >> 3) * 110u);
	return 0;
}
