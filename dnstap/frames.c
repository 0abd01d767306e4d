/*
 * Frames by their lengths, control frames by libfstrm.  Called as frames.h
 * says; what it is given to read may be anything.
 */
#include "dnstap/frames.h"

#include <fstrm.h>
#include <string.h>

#include "dnstap/message.h"

/* What the frames carry: the name of the format in START, READY and ACCEPT. */
static const uint8_t content[] = "protobuf:dnstap.Dnstap";
#define CONTENT_LEN (sizeof(content) - 1)

static const fstrm_control_type types[] = {
    [FRAMES_READY] = FSTRM_CONTROL_READY,
    [FRAMES_ACCEPT] = FSTRM_CONTROL_ACCEPT,
    [FRAMES_START] = FSTRM_CONTROL_START,
    [FRAMES_STOP] = FSTRM_CONTROL_STOP,
    [FRAMES_FINISH] = FSTRM_CONTROL_FINISH,
};

static bool
names_content(enum frames_control which)
{
	return which != FRAMES_STOP && which != FRAMES_FINISH;
}

size_t
frames_put_control(enum frames_control which, uint8_t out[FRAMES_CONTROL_MAX])
{
	struct fstrm_control *c = fstrm_control_init();
	size_t n = FRAMES_CONTROL_MAX;

	fstrm_control_set_type(c, types[which]);
	if (names_content(which))
		fstrm_control_add_field_content_type(c, content, CONTENT_LEN);
	if (fstrm_control_encode(c, out, &n, FSTRM_CONTROL_FLAG_WITH_HEADER) !=
	    fstrm_res_success)
		n = 0;
	fstrm_control_destroy(&c);
	return n;
}

static uint32_t
get32(const uint8_t *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 |
	    (uint32_t)p[2] << 8 | p[3];
}

void
frames_put_head(uint8_t out[FRAMES_HEAD], size_t len)
{
	for (int i = 0; i < FRAMES_HEAD; i++)
		out[i] = (uint8_t)(len >> (24 - 8 * i));
}

static enum frames_control
which_control(const struct fstrm_control *c)
{
	fstrm_control_type type;

	if (fstrm_control_get_type(c, &type) != fstrm_res_success)
		return FRAMES_UNKNOWN;
	for (unsigned i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		if (types[i] == type &&
		    (!names_content(i) ||
			fstrm_control_match_field_content_type(
			    c, content, CONTENT_LEN) == fstrm_res_success))
			return i;
	return FRAMES_UNKNOWN;
}

/* A length of 0, the length of the control frame, and the frame. */
static enum frames_kind
next_control(const uint8_t *octets, size_t len, struct frames_item *item)
{
	struct fstrm_control *c;
	enum frames_kind kind = FRAMES_BAD;

	item->size = (size_t)2 * FRAMES_HEAD;
	if (len < item->size)
		return FRAMES_MORE;
	item->size += get32(octets + FRAMES_HEAD);
	if (item->size > FRAMES_CONTROL_MAX)
		return FRAMES_BAD;
	if (len < item->size)
		return FRAMES_MORE;
	c = fstrm_control_init();
	if (fstrm_control_decode(c, octets, item->size,
		FSTRM_CONTROL_FLAG_WITH_HEADER) == fstrm_res_success) {
		kind = FRAMES_CONTROL;
		item->control = which_control(c);
	}
	fstrm_control_destroy(&c);
	return kind;
}

enum frames_kind
frames_next(const uint8_t *octets, size_t len, struct frames_item *item)
{
	item->size = FRAMES_HEAD;
	if (len < item->size)
		return FRAMES_MORE;
	item->len = get32(octets);
	if (item->len == 0)
		return next_control(octets, len, item);
	if (item->len > DNSTAP_FRAME_MAX)
		return FRAMES_BAD;
	item->size += item->len;
	if (len < item->size)
		return FRAMES_MORE;
	item->data = octets + FRAMES_HEAD;
	return FRAMES_DATA;
}
