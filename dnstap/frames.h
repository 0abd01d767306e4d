/*
 * Frame streams: frames of octets one after the other, between a frame that
 * says what they are and one that ends them.  Called by what writes the query
 * log, to a file or to a socket, and by what reads such files; opens nothing.
 */
#ifndef DNSTAP_FRAMES_H
#define DNSTAP_FRAMES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Before each frame: its length in 32 bits, network order. */
#define FRAMES_HEAD 4
/* No control frame is longer, its own head and length counted. */
#define FRAMES_CONTROL_MAX (2 * FRAMES_HEAD + 512)

/* Two ends of a socket say READY and ACCEPT, START, frames, STOP and FINISH; a
 * file has START, frames and STOP. */
enum frames_control {
	FRAMES_READY,
	FRAMES_ACCEPT,
	FRAMES_START,
	FRAMES_STOP,
	FRAMES_FINISH,
	FRAMES_UNKNOWN /* or of another content than dnstap */
};

/* n = frames_put_control(which, out): write a control frame of dnstap; its
 * octets. */
size_t frames_put_control(
    enum frames_control which, uint8_t out[FRAMES_CONTROL_MAX]);

/* frames_put_head(out, len): write the head of a frame of ${len} octets. */
void frames_put_head(uint8_t out[FRAMES_HEAD], size_t len);

/*
 * What begins at some octets.
 */
enum frames_kind {
	FRAMES_MORE,    /* more octets have to come */
	FRAMES_DATA,    /* a frame: what it carries is at ${data} */
	FRAMES_CONTROL, /* a control frame: ${control} */
	FRAMES_BAD      /* nothing that can be one */
};

struct frames_item {
	size_t size; /* octets in all; of FRAMES_MORE how many are needed */
	const uint8_t *data; /* of ${len} octets */
	size_t len;
	enum frames_control control;
};

/* kind = frames_next(octets, len, item): what the ${len} octets begin with.  A
 * frame longer than DNSTAP_FRAME_MAX is bad. */
enum frames_kind frames_next(
    const uint8_t *octets, size_t len, struct frames_item *item);

#endif
