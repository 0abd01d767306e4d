/*
 * Room for the state database on its disk: whether whoever writes it can, as
 * far as the file system says.  For those that read it and do not write: the
 * reading process of meridiand, and meridianctl.
 */
#ifndef STATE_ROOM_H
#define STATE_ROOM_H

#include <stdbool.h>
#include <stdint.h>

/* From well to worst.  Full is what a transaction of a few pages may not fit
 * into; little is what the log, the pages that it is emptied into, and a copy
 * of both may not. */
enum room_state {
	ROOM_ENOUGH,
	ROOM_LITTLE,
	ROOM_NO_FILES, /* what is there can be written, and nothing made */
	ROOM_FULL,
	ROOM_READ_ONLY,
	ROOM_STATES
};

#define ROOM_LITTLE_BYTES ((uint64_t)16 << 20)
#define ROOM_FULL_BYTES ((uint64_t)64 << 10)

struct room {
	enum room_state state;
	uint64_t free_bytes; /* for a user that is not root */
};

/*
 * status = room_look(path, room): look at the file system of ${path}, or of its
 * folder where there is no such file.  ${room} is how it was at the last look,
 * ROOM_ENOUGH at first: it is well again with some to spare, so that a figure
 * that swings is no news each time.  0, or -1 when there is no such folder;
 * ${room} is as it was then.
 */
int room_look(const char *path, struct room *room);

/* writable = room_writable(state): whether what is found can be written, as far
 * as the disk is concerned. */
bool room_writable(enum room_state state);

/* words = room_words(state): what is wrong, "" when nothing is. */
const char *room_words(enum room_state state);

#endif
