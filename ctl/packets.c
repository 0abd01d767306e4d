/*
 * Queries of dnstap files, and those that responses show.  Called as packets.h
 * says.
 */
#include "ctl/packets.h"

#include <string.h>

#include "dns/wire/protocol.h"
#include "dns/wire/wire.h"
#include "dnstap/frames.h"
#include "dnstap/message.h"

#define OPTION_SUBNET 8 /* RFC 7871, 6 */

/* Behind the name at ${at}; 0 when the message ends in it. */
static size_t
skip_name(const uint8_t *m, size_t len, size_t at)
{
	while (at < len && m[at] != 0 && m[at] < 0xc0)
		at += (size_t)m[at] + 1;
	if (at >= len)
		return 0;
	at += m[at] == 0 ? 1 : 2;
	return at <= len ? at : 0;
}

/* The client subnet among the options from ${at} to ${end}; its octets, header
 * and all, or 0. */
static size_t
find_subnet(const uint8_t *m, size_t at, size_t end, size_t *where)
{
	while (end - at >= 4) {
		size_t size = 4 + (size_t)wire_get16(m + at + 2);

		if (size > end - at)
			return 0;
		if (wire_get16(m + at) == OPTION_SUBNET && size >= 8 &&
		    size <= 8 + 16) {
			*where = at;
			return size;
		}
		at += size;
	}
	return 0;
}

/* An OPT record with the client subnet of the one in the response, whose
 * records begin at ${at}. */
static size_t
put_subnet(const uint8_t *m, size_t len, size_t at, uint8_t *out)
{
	unsigned records = (unsigned)wire_get16(m + 6) + wire_get16(m + 8) +
	    wire_get16(m + 10);

	for (; records > 0; records--) {
		size_t end, size, where;

		at = skip_name(m, len, at);
		if (at == 0 || len - at < 10)
			return 0;
		end = at + 10 + wire_get16(m + at + 8);
		if (end > len)
			return 0;
		if (wire_get16(m + at) != TYPE_OPT) {
			at = end;
			continue;
		}
		size = find_subnet(m, at + 10, end, &where);
		if (size == 0)
			return 0;
		memset(out, 0, 11);
		wire_put16(out + 1, TYPE_OPT);
		wire_put16(out + 3, 1232);
		wire_put16(out + 9, (uint16_t)size);
		memcpy(out + 11, m + where, size);
		out[11 + 7] = 0; /* the scope is the server's */
		return 11 + size;
	}
	return 0;
}

size_t
packets_question(const uint8_t *m, size_t len, uint8_t out[PACKETS_QUESTION])
{
	size_t end, opt;

	if (len < DNS_HEADER || !(m[2] & 0x80) || wire_get16(m + 4) != 1)
		return 0;
	end = skip_name(m, len, DNS_HEADER);
	if (end == 0 || len - end < 4 || end + 4 > DNS_HEADER + 260)
		return 0;
	end += 4;
	memcpy(out, m, end);
	/* The opcode and RD stay. */
	out[2] = m[2] & 0x79;
	out[3] = 0;
	memset(out + 6, 0, 6);
	opt = put_subnet(m, len, end, out + end);
	out[11] = opt > 0;
	return end + opt;
}

/* The frames of a file; ${of_responses}: queries are made from these. */
static bool
read_frames(const uint8_t *octets, size_t len, bool of_responses,
    packets_call *call, void *context, struct packets_found *found)
{
	uint8_t question[PACKETS_QUESTION];
	struct frames_item item;
	enum frames_kind kind;
	struct dnstap_message m;
	const size_t size = len;

	while ((kind = frames_next(octets, len, &item)) == FRAMES_DATA ||
	    (kind == FRAMES_CONTROL && item.control != FRAMES_STOP)) {
		void *data = kind == FRAMES_DATA
		    ? dnstap_unpack(item.data, item.len, &m)
		    : NULL;
		struct dnstap_octets query = {NULL, 0};

		octets += item.size;
		len -= item.size;
		found->done = size - len;
		if (data != NULL && !m.response && !of_responses)
			query = m.query;
		if (data != NULL && m.response && of_responses)
			query = (struct dnstap_octets){question,
			    packets_question(
				m.answer.data, m.answer.len, question)};
		if (query.len > 0 && m.client.address.family != 0) {
			found->queries++;
			call(context, &m.client.address, m.stream, query.data,
			    query.len);
		} else if (kind == FRAMES_DATA &&
		    (data == NULL || m.response == of_responses)) {
			found->skipped++;
		}
		dnstap_free(data);
	}
	return kind == FRAMES_CONTROL || (kind == FRAMES_MORE && len == 0);
}

int
packets_read(const uint8_t *octets, size_t len, packets_call *call,
    void *context, struct packets_found *found)
{
	struct frames_item item;

	*found = (struct packets_found){0};
	if (frames_next(octets, len, &item) != FRAMES_CONTROL)
		return packets_capture(octets, len, call, context, found);
	if (item.control != FRAMES_START)
		return -1;
	found->cut = !read_frames(octets, len, false, call, context, found);
	if (found->queries == 0)
		found->cut =
		    !read_frames(octets, len, true, call, context, found);
	return 0;
}
