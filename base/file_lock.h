/*
 * One process for a job, by a lock that the kernel takes back when the process
 * ends, however it does.  Called by who carries the rows of a state database
 * and by who writes a history; a lock keeps out nobody who does not ask for it.
 */
#ifndef BASE_FILE_LOCK_H
#define BASE_FILE_LOCK_H

#include <stdbool.h>

/*
 * lock = file_lock_take(path, ending): hold the lock of the file ${path}, a
 * file beside it with ${ending} behind its name, which is made and stays, until
 * file_lock_give(lock) or the end of this process.  -1 with errno: EWOULDBLOCK
 * when another one holds it, else why it cannot be made.
 */
int file_lock_take(const char *path, const char *ending);
void file_lock_give(int lock);

/* held = file_lock_held(path, ending): some process has that lock.  False, too,
 * where that cannot be seen.  Who takes it in the instant of the look is told
 * that another one holds it. */
bool file_lock_held(const char *path, const char *ending);

#endif
