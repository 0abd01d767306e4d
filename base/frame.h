/*
 * Frames in a buffer: a kind, a length, that many bytes.  What a daemon and its
 * helper processes say to each other (helper.h), both ends of one program on
 * one machine.  Grows to a maximum given at birth; reads and writes nothing.
 */
#ifndef BASE_FRAME_H
#define BASE_FRAME_H

#include <stddef.h>
#include <stdint.h>

/* The most a frame carries: a row with all texts at their longest, and some. */
#define FRAME_MAX 4096

struct frame {
	uint32_t kind;
	size_t len;
	const unsigned char *data; /* in the buffer, not aligned */
};

struct frame_buffer {
	unsigned char *data;
	size_t start, end; /* what is in it */
	size_t size, max;
};

/* frame_init(b, max): an empty buffer of at most ${max} bytes. */
void frame_init(struct frame_buffer *b, size_t max);

/* frame_finish(b): free what ${b} holds; it is empty then. */
void frame_finish(struct frame_buffer *b);

/* n = frame_bytes(b): the bytes in ${b}, frame headers counted. */
size_t frame_bytes(const struct frame_buffer *b);

/*
 * frame_put(b, kind, data, len): append a frame.  0, or -1 when ${len} is over
 * FRAME_MAX, ${b} would pass its maximum or memory is out: ${b} is as it was.
 */
int frame_put(
    struct frame_buffer *b, uint32_t kind, const void *data, size_t len);

/*
 * p = frame_room(b, want): room for ${want} bytes after what is in ${b}, NULL
 * as above.  frame_filled(b, n) says that ${n} bytes were put there.
 */
unsigned char *frame_room(struct frame_buffer *b, size_t want);
void frame_filled(struct frame_buffer *b, size_t n);

/*
 * status = frame_take(b, frame): take the first frame out of ${b}; its data is
 * valid until something is put there, or ${b} is finished.  1, 0 when no frame
 * is whole yet, -1 when what is there is no frame.
 */
int frame_take(struct frame_buffer *b, struct frame *frame);

#endif
