/*
 * One writer for a history: each keeps the numbers of its names in memory, so
 * what a second one writes would break the first.  Called by writer.c; keeps
 * out no reader and no backup.
 */
#include <errno.h>
#include <string.h>

#include "base/file_lock.h"
#include "state/history/writer_parts.h"

/* What is behind the name of the history. */
#define LOCK_ENDING "-lock"

int
history_hold(struct history_writer *w)
{
	w->taken = false;
	if (w->lock < 0)
		w->lock = file_lock_take(w->path, LOCK_ENDING);
	if (w->lock >= 0)
		return 0;
	w->taken = errno == EWOULDBLOCK;
	if (w->taken)
		return database_say(&w->d,
		    "another meridiand writes it: give each node a file of its "
		    "own, history: {file: ...}, or end that one");
	if (errno == ENOENT)
		return database_say(&w->d, "its folder does not exist");
	return database_say(&w->d,
	    "its lock, the same name and \"" LOCK_ENDING
	    "\", cannot be made: %s",
	    strerror(errno));
}

void
history_release(struct history_writer *w)
{
	if (w->lock >= 0)
		file_lock_give(w->lock);
	w->lock = -1;
}

bool
history_writer_taken(const struct history_writer *w)
{
	return w->taken;
}
