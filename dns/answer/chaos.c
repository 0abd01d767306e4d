/*
 * Answers questions of class CH.  Called by respond(); allocates nothing.
 */
#include "dns/answer/chaos.h"

#include <string.h>

#include "dns/wire/edns.h"
#include "dns/wire/protocol.h"

#define IS_NAME(query, wire)                  \
	((query)->name_len == sizeof(wire) && \
	    memcmp((query)->name, wire, sizeof(wire)) == 0)

/* The text at a name.  False when no name of ours, else it may be NULL. */
static bool
find_text(const struct identity *identity, const struct query *query,
    const char **text)
{
	if (IS_NAME(query, "\7version\4bind") ||
	    IS_NAME(query, "\7version\6server")) {
		*text = identity->version;
		return true;
	}
	if (IS_NAME(query, "\10hostname\4bind") ||
	    IS_NAME(query, "\2id\6server")) {
		*text = identity->name;
		return true;
	}
	return false;
}

static void
add_text(struct reply *reply, const char *text)
{
	uint8_t rdata[1 + IDENTITY_MAX];
	size_t len = strnlen(text, IDENTITY_MAX), at;

	rdata[0] = (uint8_t)len;
	memcpy(rdata + 1, text, len);
	/* Not to be kept: the next answer may come from another server. */
	at = reply_record(
	    reply, SECTION_ANSWER, DNS_HEADER, TYPE_TXT, 0, rdata, len + 1);
	if (at != 0)
		wire_put16(reply->w.data + at + 4, CLASS_CH);
}

void
chaos_answer(const struct identity *identity, const struct query *query,
    struct reply *reply)
{
	const char *text;

	if (!find_text(identity, query, &text)) {
		reply->rcode = RCODE_REFUSED;
		reply->notes |= NOTE_NOT_AUTHORITATIVE;
	} else if (text == NULL) {
		reply->rcode = RCODE_REFUSED;
		reply->notes |= NOTE_PROHIBITED;
	} else {
		reply->authoritative = true;
		if (query->type == TYPE_TXT || query->type == TYPE_ANY)
			add_text(reply, text);
		if (reply->w.full)
			reply_truncate(reply);
	}
}
