/*
 * Rows of a batch as numbers and texts in a frame.  Called by both ends of the
 * process that writes a history.
 */
#include "state/history/recorder_frame.h"

#include <string.h>

size_t
history_parts_texts(enum history_frame kind)
{
	static const unsigned char texts[HISTORY_ASIDE + 1] = {
	    [HISTORY_BEGIN] = 1,     /* node */
	    [HISTORY_TRAFFIC] = 4,   /* service, pool, region, reason */
	    [HISTORY_SCOPES] = 1,    /* service */
	    [HISTORY_PLACES] = 3,    /* service, region, country */
	    [HISTORY_FAILOVERS] = 3, /* service, pool, endpoint */
	};

	return texts[kind];
}

size_t
history_parts_pack(enum history_frame kind, const struct history_parts *parts,
    unsigned char out[FRAME_MAX])
{
	size_t len = sizeof(parts->number);

	memcpy(out, parts->number, len);
	for (size_t i = 0; i < history_parts_texts(kind); i++) {
		size_t n = strnlen(parts->text[i], HISTORY_TEXT - 1);

		memcpy(out + len, parts->text[i], n);
		out[len + n] = '\0';
		len += n + 1;
	}
	return len;
}

int
history_parts_take(const struct frame *frame, struct history_parts *parts)
{
	size_t at = sizeof(parts->number);

	if (frame->kind > HISTORY_ASIDE || frame->len < at)
		return -1;
	memcpy(parts->number, frame->data, at);
	for (size_t i = 0;
	     i < history_parts_texts((enum history_frame)frame->kind); i++) {
		const unsigned char *end =
		    memchr(frame->data + at, '\0', frame->len - at);

		if (end == NULL)
			return -1;
		parts->text[i] = (const char *)frame->data + at;
		at = (size_t)(end - frame->data) + 1;
	}
	return at == frame->len ? 0 : -1;
}
