/*
 * A ring of records of any length in memory of a fixed size, from one thread
 * that writes to one that reads, with no lock and no system call: neither ever
 * waits for the other, and where there is no room the writer gets none.
 *
 * Ordering: a record is written before the writer's position moves past it
 * (release), and read after that position was seen (acquire); the same the
 * other way round for the room of what was read.
 */
#ifndef BASE_RING_H
#define BASE_RING_H

#include <stddef.h>
#include <stdint.h>

struct ring;

/*
 * ring = ring_create(size): an empty ring of ${size} bytes, a power of two and
 * at least 64.  They cost no memory before they are written for the first time.
 * NULL without memory.
 */
struct ring *ring_create(size_t size);

/* ring_destroy(ring): free it; neither side uses it any more.  NULL is fine. */
void ring_destroy(struct ring *ring);

/*
 * The writer: data = ring_room(ring, len): room for a record of ${len} bytes,
 * aligned to 8; NULL when there is none.  ring_put(ring): the record that was
 * made room for is written, for the reader to see.
 */
void *ring_room(struct ring *ring, size_t len);
void ring_put(struct ring *ring);

/*
 * The reader: data = ring_first(ring, len): the oldest record, and its length;
 * NULL when there is none.  ring_take(ring): that record is done with.
 */
const void *ring_first(struct ring *ring, size_t *len);
void ring_take(struct ring *ring);

#endif
