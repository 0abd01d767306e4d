/*
 * The writer of a history of traffic: batches in, one transaction each.  For
 * the writing process of meridiand, and for tests that make a history.
 */
#ifndef STATE_HISTORY_WRITER_H
#define STATE_HISTORY_WRITER_H

#include <stdbool.h>
#include <stdint.h>

#include "state/history/batch.h"

struct history_writer;

/* writer = history_writer_create(path, max_bytes): for the file at ${path},
 * which is to have at most ${max_bytes} in use; nothing is opened yet.  NULL
 * without memory.  history_writer_destroy(writer): close it; NULL is fine. */
struct history_writer *history_writer_create(
    const char *path, uint64_t max_bytes);
void history_writer_destroy(struct history_writer *writer);

/*
 * status = history_writer_open(writer): open or make the file, with a lock that
 * keeps other writers out until history_writer_destroy().  0, or -1 with
 * history_writer_why(writer), in words and without the path; also closed after
 * a failure of the calls below.
 * taken = history_writer_taken(writer): another writer has the lock.
 */
int history_writer_open(struct history_writer *writer);
const char *history_writer_why(const struct history_writer *writer);
bool history_writer_taken(const struct history_writer *writer);

/* same = history_writer_same(writer): the file is still the one that is open;
 * else it is let go of, with why. */
bool history_writer_same(struct history_writer *writer);

/*
 * status = history_writer_write(writer, batch): add what was counted to its
 * minute, hour and day, and take away a little of what is too old or too much.
 * A batch that was written before changes nothing.  0, or -1 with why: nothing
 * of it is written.
 */
int history_writer_write(
    struct history_writer *writer, const struct history_batch *batch);

/* status = history_writer_tidy(writer): all that a day's end leaves to do,
 * which history_writer_write() does by and by: for tests, and who makes a
 * history of many days at once.  0, or -1 with why. */
int history_writer_tidy(struct history_writer *writer);

/* bytes = history_writer_bytes(writer): pages in use, as of the last write. */
uint64_t history_writer_bytes(const struct history_writer *writer);

/* spoiled = history_writer_spoiled(writer): the last failure says that no
 * program can use the file any more.  moved = history_writer_set_aside(writer):
 * move it away, as aside_move(). */
bool history_writer_spoiled(const struct history_writer *writer);
int history_writer_set_aside(struct history_writer *writer);

#endif
