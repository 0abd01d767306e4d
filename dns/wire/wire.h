/*
 * Numbers in network order, and a writing cursor whose overflow sticks and is
 * looked at once after a run of writes.  Used where messages are read and made.
 */
#ifndef DNS_WIRE_WIRE_H
#define DNS_WIRE_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

static inline uint16_t
wire_get16(const uint8_t *p)
{
	return (uint16_t)(p[0] << 8 | p[1]);
}

static inline uint32_t
wire_get32(const uint8_t *p)
{
	return (uint32_t)wire_get16(p) << 16 | wire_get16(p + 2);
}

static inline void
wire_put16(uint8_t *p, uint16_t n)
{
	p[0] = (uint8_t)(n >> 8);
	p[1] = (uint8_t)n;
}

static inline void
wire_put32(uint8_t *p, uint32_t n)
{
	wire_put16(p, (uint16_t)(n >> 16));
	wire_put16(p + 2, (uint16_t)n);
}

/* A message that is being written. */
struct writer {
	uint8_t *data;
	size_t len, room;
	bool full; /* something did not fit, and was not written at all */
};

/* p = writer_take(w, n): room for ${n} octets, or NULL and full. */
static inline uint8_t *
writer_take(struct writer *w, size_t n)
{
	uint8_t *p = w->data + w->len;

	if (w->full || n > w->room - w->len) {
		w->full = true;
		return NULL;
	}
	w->len += n;
	return p;
}

static inline void
writer_bytes(struct writer *w, const void *data, size_t n)
{
	uint8_t *p = writer_take(w, n);

	if (p != NULL)
		memcpy(p, data, n);
}

#endif
