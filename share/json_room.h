/*
 * Memory for jansson, which takes a piece for each number and text that it
 * reads, and gives it back a moment later.
 */
#ifndef SHARE_JSON_ROOM_H
#define SHARE_JSON_ROOM_H

/*
 * json_room_use(): from here on small pieces come from one room, which is empty
 * again when all of them were given back; what is large, or finds it full, is
 * taken as ever.  A tenth of what reading a block takes.  Without memory for
 * the room nothing changes.  To be called before jansson is used, by a process
 * that uses it in one thread.
 */
void json_room_use(void);

#endif
