/* Memory for jansson.  Called by main() of meridian-share, and by jansson. */
#include "share/json_room.h"

#include <jansson.h>
#include <stdalign.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

/* A block of 256 rows with twenty values each, at some 64 bytes a value, twice
 * over. */
#define ROOM_BYTES ((size_t)1 << 20)

/* Longer ones are few. */
#define PIECE_MAX 1024

static struct {
	char *data;
	size_t at;     /* up to here it is given away */
	size_t pieces; /* that are not back yet */
} room;

static void *
take(size_t size)
{
	const size_t align = alignof(max_align_t);
	size_t len = (size + align - 1) / align * align;
	void *piece;

	if (size > PIECE_MAX || len > ROOM_BYTES - room.at)
		return malloc(size);
	piece = room.data + room.at;
	room.at += len;
	room.pieces++;
	return piece;
}

static void
give_back(void *piece)
{
	/* As numbers: what is elsewhere may not be compared as a pointer. */
	if ((uintptr_t)piece - (uintptr_t)room.data >= ROOM_BYTES)
		free(piece);
	else if (--room.pieces == 0)
		room.at = 0;
}

void
json_room_use(void)
{
	if (room.data == NULL)
		room.data = malloc(ROOM_BYTES);
	if (room.data != NULL)
		json_set_alloc_funcs(take, give_back);
}
