/*
 * Frames in a growing buffer.  Called by both ends of a helper process; does no
 * input or output.
 */
#include "base/frame.h"

#include <stdlib.h>
#include <string.h>

struct header {
	uint32_t kind, len;
};

void
frame_init(struct frame_buffer *b, size_t max)
{
	memset(b, 0, sizeof(*b));
	b->max = max;
}

void
frame_finish(struct frame_buffer *b)
{
	free(b->data);
	frame_init(b, b->max);
}

size_t
frame_bytes(const struct frame_buffer *b)
{
	return b->end - b->start;
}

unsigned char *
frame_room(struct frame_buffer *b, size_t want)
{
	size_t bytes = frame_bytes(b), size = b->size;
	unsigned char *grown;

	if (b->start > 0 && (bytes == 0 || b->size - b->end < want)) {
		memmove(b->data, b->data + b->start, bytes);
		b->start = 0;
		b->end = bytes;
	}
	if (b->size - b->end >= want)
		return b->data + b->end;
	if (want > b->max - bytes)
		return NULL;
	while (size - bytes < want)
		size = size == 0 ? FRAME_MAX : 2 * size;
	if (size > b->max)
		size = b->max;
	grown = realloc(b->data, size);
	if (grown == NULL)
		return NULL;
	b->data = grown;
	b->size = size;
	return b->data + b->end;
}

void
frame_filled(struct frame_buffer *b, size_t n)
{
	b->end += n;
}

int
frame_put(struct frame_buffer *b, uint32_t kind, const void *data, size_t len)
{
	struct header header = {kind, (uint32_t)len};
	unsigned char *room;

	if (len > FRAME_MAX)
		return -1;
	room = frame_room(b, sizeof(header) + len);
	if (room == NULL)
		return -1;
	memcpy(room, &header, sizeof(header));
	if (len > 0)
		memcpy(room + sizeof(header), data, len);
	frame_filled(b, sizeof(header) + len);
	return 0;
}

int
frame_take(struct frame_buffer *b, struct frame *frame)
{
	size_t bytes = frame_bytes(b);
	struct header header;

	if (bytes < sizeof(header))
		return 0;
	memcpy(&header, b->data + b->start, sizeof(header));
	if (header.len > FRAME_MAX)
		return -1;
	if (bytes - sizeof(header) < header.len)
		return 0;
	frame->kind = header.kind;
	frame->len = header.len;
	frame->data = b->data + b->start + sizeof(header);
	b->start += sizeof(header) + header.len;
	return 1;
}
