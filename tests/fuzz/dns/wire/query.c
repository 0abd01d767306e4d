/*
 * Fuzzes query_parse(): any bytes as a message.  What was read must stand in
 * it, mean the same in either case of letters, and nothing may hide behind it.
 */
#include <stdint.h>
#include <string.h>

#include "dns/wire/cookie.h"
#include "dns/wire/edns.h"
#include "dns/wire/query.h"
#include "tests/fuzz/walker.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Larger than any UDP query of sense; the fuzzer stays below. */
#define LARGEST 4096

static void
check_question(const struct query *q, const uint8_t *message, size_t len)
{
	size_t at = 0;

	require(q->question == message + DNS_HEADER);
	require(q->question_len == q->name_len + 4u);
	require(DNS_HEADER + q->question_len <= len);
	while (q->name[at] != 0) {
		require(q->name[at] <= 63);
		at += q->name[at] + 1u;
	}
	require(at + 1 == q->name_len && q->name_len <= NAME_MAX_WIRE);
	for (size_t i = 0; i < q->name_len; i++) {
		require(q->name[i] < 'A' || q->name[i] > 'Z');
		require((q->name[i] | 0x20) == (q->question[i] | 0x20));
	}
	require(q->type == wire_get16(q->question + q->name_len));
	require(q->class == wire_get16(q->question + q->name_len + 2));
}

static void
check_subnet(const struct subnet *s)
{
	unsigned bits = s->family == 1 ? 32 : s->family == 2 ? 128 : 0;

	if (!s->present)
		return;
	require(s->family <= 2 && s->source_len <= bits);
	for (unsigned i = s->source_len; i < 128; i++)
		require(!(s->address.bytes[i / 8] >> (7 - i % 8) & 1));
}

static void
check_edns(const struct query *q, const uint8_t *message, size_t len)
{
	if (!q->edns) {
		require(q->udp_size == 512 && !q->dnssec_ok);
		require(q->edns_version == 0 && q->options == 0);
		require(!q->subnet.present);
	}
	require(!q->cookie_valid);
	if (q->options & CAME_COOKIE) {
		require(q->cookie_len == 8 ||
		    (q->cookie_len >= 16 && q->cookie_len <= 40));
		require(q->cookie >= message + DNS_HEADER);
		require(q->cookie + q->cookie_len <= message + len);
	}
	check_subnet(&q->subnet);
}

/* With the letters of the name turned round it is the same query. */
static void
check_case(const struct query *q, enum query_verdict verdict,
    const uint8_t *message, size_t len)
{
	static uint8_t turned[LARGEST];
	struct query other;

	memcpy(turned, message, len);
	for (size_t i = 0; i < q->name_len; i++)
		if (q->name[i] >= 'a' && q->name[i] <= 'z')
			turned[DNS_HEADER + i] ^= 0x20;
	require(query_parse(turned, len, &other) == verdict);
	require(other.name_len == q->name_len);
	require(memcmp(other.name, q->name, q->name_len) == 0);
}

/* One octet more or less, and it is no query any more. */
static void
check_length(enum query_verdict verdict, const uint8_t *message, size_t len)
{
	static uint8_t longer[LARGEST + 1];
	struct query other;

	if (verdict != QUERY_OK && verdict != QUERY_COOKIE)
		return;
	memcpy(longer, message, len);
	longer[len] = 0;
	require(query_parse(longer, len + 1, &other) == QUERY_FORMERR);
	require(other.options == 0 && !other.subnet.present);
	require(query_parse(message, len - 1, &other) == QUERY_FORMERR);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	enum query_verdict verdict;
	struct query q;

	if (size > LARGEST)
		return 0;
	verdict = query_parse(data, size, &q);
	require((verdict == QUERY_SILENCE) ==
	    (size < DNS_HEADER || (data[2] & 0x80) != 0));
	if (verdict == QUERY_SILENCE)
		return 0;
	require(q.id == wire_get16(data) && q.flags == wire_get16(data + 2));
	require((verdict == QUERY_NOTIMP) == ((data[2] & 0x78) != 0));
	if (verdict == QUERY_OK)
		require(q.has_question && wire_get16(data + 4) == 1);
	if (verdict == QUERY_COOKIE)
		require(!q.has_question && q.options & CAME_COOKIE);
	if (verdict == QUERY_BADVERS)
		require(q.edns && q.edns_version != 0);
	check_edns(&q, data, size);
	if (q.has_question) {
		check_question(&q, data, size);
		check_case(&q, verdict, data, size);
	}
	check_length(verdict, data, size);
	return 0;
}
