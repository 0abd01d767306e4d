/*
 * How much room the disk of the state database has.  Called by the reading
 * process and by meridianctl; opens no file, which would end SQLite's locks
 * when it is closed.
 */
#include "state/room.h"

#include <stdio.h>
#include <string.h>
#include <sys/statvfs.h>

static int
look_at_folder(const char *path, struct statvfs *is)
{
	const char *slash = strrchr(path, '/');
	char folder[4096] = ".";

	if (slash != NULL && (size_t)(slash - path) >= sizeof(folder) - 1)
		return -1;
	if (slash != NULL)
		(void)snprintf(folder, sizeof(folder), "%.*s",
		    (int)(slash - path) + (slash == path), path);
	return statvfs(folder, is);
}

/* What was too little is enough when there is a quarter more than that. */
static bool
is_below(uint64_t bytes, uint64_t limit, bool was)
{
	return bytes < (was ? limit + limit / 4 : limit);
}

int
room_look(const char *path, struct room *room)
{
	enum room_state was = room->state;
	struct statvfs is;

	if (statvfs(path, &is) != 0 && look_at_folder(path, &is) != 0)
		return -1;
	room->free_bytes = (uint64_t)is.f_bavail * is.f_frsize;
	if ((is.f_flag & ST_RDONLY) != 0)
		room->state = ROOM_READ_ONLY;
	else if (is_below(room->free_bytes, ROOM_FULL_BYTES, was == ROOM_FULL))
		room->state = ROOM_FULL;
	/* File systems that make inodes as they are needed say that they have
	 * none at all. */
	else if (is.f_files > 0 && is.f_favail == 0)
		room->state = ROOM_NO_FILES;
	else if (is_below(room->free_bytes, ROOM_LITTLE_BYTES,
		     was == ROOM_LITTLE || was == ROOM_FULL))
		room->state = ROOM_LITTLE;
	else
		room->state = ROOM_ENOUGH;
	return 0;
}

bool
room_writable(enum room_state state)
{
	return state < ROOM_FULL;
}

const char *
room_words(enum room_state state)
{
	static const char *const words[ROOM_STATES] = {
	    [ROOM_ENOUGH] = "",
	    [ROOM_LITTLE] = "its disk is nearly full",
	    [ROOM_NO_FILES] = "its disk has no inodes left",
	    [ROOM_FULL] = "its disk is full",
	    [ROOM_READ_ONLY] = "its file system is read-only",
	};

	return words[state];
}
