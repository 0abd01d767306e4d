/*
 * Messages of the health protocol of gRPC: two small ones, made and read by
 * hand (protobuf encoding: a field is a key, its number and its type, and a
 * value).  Called by an attempt; sends nothing.
 */
#include "probes/ask/grpc.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/number.h"

/* Before each message: whether it is compressed, and its length. */
#define FRAME 5

#define RESOURCE_EXHAUSTED 8

/* Types of protobuf fields. */
enum { VARINT = 0, FIXED64 = 1, LENGTH = 2, FIXED32 = 5 };

size_t
grpc_request(const char *service, char out[GRPC_REQUEST_MAX])
{
	size_t len = strnlen(service, GRPC_SERVICE_MAX);
	unsigned char *p = (unsigned char *)out + FRAME;

	/* string service = 1; left out when it is empty. */
	if (len > 0) {
		*p++ = 1 << 3 | LENGTH;
		*p++ = (unsigned char)((len & 0x7f) | (len > 0x7f ? 0x80 : 0));
		if (len > 0x7f)
			*p++ = (unsigned char)(len >> 7);
		memcpy(p, service, len);
		p += len;
	}
	len = (size_t)(p - ((unsigned char *)out + FRAME));
	memset(out, 0, FRAME);
	out[FRAME - 2] = (char)(len >> 8);
	out[FRAME - 1] = (char)(len & 0xff);
	return FRAME + len;
}

/* --- the answer --- */

void
grpc_begin(struct grpc_answer *answer)
{
	memset(answer, 0, sizeof(*answer));
}

void
grpc_read(struct grpc_answer *answer, const char *data, size_t len)
{
	size_t room = sizeof(answer->data) - answer->len;

	answer->more = answer->more || len > room;
	len = len < room ? len : room;
	memcpy(answer->data + answer->len, data, len);
	answer->len += len;
}

static int
hex(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c = (char)(c | 0x20);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* The text of grpc-message, which is percent-encoded. */
static void
decode(const char *value, char out[STATE_REASON])
{
	size_t n = 0;

	for (; *value != '\0' && n + 1 < STATE_REASON; value++) {
		int c = (unsigned char)*value;

		if (c == '%' && hex(value[1]) >= 0 && hex(value[2]) >= 0) {
			c = hex(value[1]) * 16 + hex(value[2]);
			value += 2;
		}
		out[n++] = (char)(c < 0x20 || c > 0x7e ? '?' : c);
	}
	out[n] = '\0';
}

void
grpc_header(struct grpc_answer *answer, const char *name, const char *value)
{
	uint64_t status;

	if (strcasecmp(name, "grpc-status") == 0) {
		answer->headed = true;
		answer->status =
		    number_parse(value, strlen(value), 0, 999, &status) == 0
		    ? (unsigned)status
		    : 2;
	} else if (strcasecmp(name, "grpc-message") == 0) {
		decode(value, answer->words);
	}
}

/* The next number of a message; false at its end, or where it is none. */
static bool
take_varint(const unsigned char **p, const unsigned char *end, uint64_t *out)
{
	*out = 0;
	for (unsigned shift = 0; shift < 64 && *p < end; shift += 7) {
		unsigned char c = *(*p)++;

		*out |= (uint64_t)(c & 0x7f) << shift;
		if ((c & 0x80) == 0)
			return true;
	}
	return false;
}

/* Pass over a value of ${type}; false where the message ends before it. */
static bool
skip(const unsigned char **p, const unsigned char *end, unsigned type)
{
	uint64_t n = 0;

	if (type == VARINT)
		return take_varint(p, end, &n);
	if (type == LENGTH && !take_varint(p, end, &n))
		return false;
	if (type == FIXED64)
		n = 8;
	if (type == FIXED32)
		n = 4;
	if ((type != LENGTH && type != FIXED64 && type != FIXED32) ||
	    n > (uint64_t)(end - *p))
		return false;
	*p += n;
	return true;
}

/* The status of a HealthCheckResponse, field 1, of which the last one counts;
 * -1 when the message is none. */
static int64_t
status_of(const struct grpc_answer *answer)
{
	const unsigned char *p = answer->data, *end = p + answer->len;
	uint64_t key, value;
	int64_t status = 0;
	size_t len;

	if (answer->len < FRAME || answer->more || p[0] != 0)
		return -1;
	len =
	    (size_t)p[1] << 24 | (size_t)p[2] << 16 | (size_t)p[3] << 8 | p[4];
	p += FRAME;
	if (len != (size_t)(end - p))
		return -1;
	while (p < end) {
		if (!take_varint(&p, end, &key))
			return -1;
		if (key == (1 << 3 | VARINT)) {
			if (!take_varint(&p, end, &value))
				return -1;
			status = value < 1000 ? (int64_t)value : 999;
		} else if (!skip(&p, end, (unsigned)(key & 7))) {
			return -1;
		}
	}
	return status;
}

/* Codes of gRPC that a server of health answers with. */
static const char *
name_of(unsigned status)
{
	static const char *const names[] = {"ok", "cancelled", "unknown",
	    "invalid argument", "deadline exceeded", "not found",
	    "already exists", "permission denied", "resource exhausted",
	    "failed precondition", "aborted", "out of range", "unimplemented",
	    "internal", "unavailable", "data loss", "unauthenticated"};

	return status < sizeof(names) / sizeof(names[0]) ? names[status]
							 : "no known status";
}

bool
grpc_full(const struct grpc_answer *answer)
{
	return answer->headed && answer->status == RESOURCE_EXHAUSTED;
}

bool
grpc_judge(const struct grpc_answer *answer, char reason[STATE_REASON])
{
	static const char *const states[] = {
	    "UNKNOWN", "SERVING", "NOT_SERVING", "SERVICE_UNKNOWN"};
	int64_t status = status_of(answer);

	if (!answer->headed) {
		snprintf(reason, STATE_REASON, "grpc: no grpc-status");
	} else if (answer->status != 0) {
		snprintf(reason, STATE_REASON, "%sgrpc: status %u (%s)%s%.40s",
		    grpc_full(answer) ? "busy: " : "", answer->status,
		    name_of(answer->status),
		    answer->words[0] != '\0' ? ": " : "", answer->words);
	} else if (status < 0) {
		snprintf(reason, STATE_REASON, "grpc: no health in the answer");
	} else if (status != 1) {
		snprintf(reason, STATE_REASON, "grpc: %s",
		    status < 4 ? states[status] : "a state that nobody knows");
	} else {
		return true;
	}
	return false;
}
