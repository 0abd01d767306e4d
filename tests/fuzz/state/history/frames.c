/*
 * Fuzz target: any octets as what meridiand says to the process that writes a
 * history, and that to it.  Batches that come of it are written, and the file
 * is whole.
 */
#include <stdint.h>

#include "state/history/recorder_frame.h"
#include "state/history/waiting.h"
#include "state/trouble.h"
#include "tests/fuzz/history_file.h"

/* An input holds few frames. */
#define BYTES_MAX ((size_t)1 << 20)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* All frames; what is no frame ends it, as it does there. */
static void
take_all(struct frame_buffer *in, struct waiting *waiting)
{
	char words[TROUBLE_WORDS];
	struct frame frame;

	while (frame_take(in, &frame) == 1) {
		if (trouble_take(&frame, words) == 0)
			require(strlen(words) < sizeof(words));
		if (waiting_take(waiting, &frame) < 0)
			return;
	}
}

static void
write_all(struct waiting *waiting)
{
	const char *path = history_file_write((const uint8_t *)"c", 1);
	struct history_writer *w = history_writer_create(path, 1 << 20);
	const struct history_batch *batch;
	sqlite3_stmt *stmt;
	sqlite3 *db;

	require(w != NULL && history_writer_open(w) == 0);
	while ((batch = waiting_first(waiting)) != NULL) {
		if (history_writer_write(w, batch) != 0)
			require(history_writer_open(w) == 0);
		waiting_drop(waiting);
	}
	history_writer_destroy(w);
	require(sqlite3_open(path, &db) == SQLITE_OK);
	require(sqlite3_prepare_v2(
		    db, "PRAGMA quick_check(1)", -1, &stmt, NULL) == SQLITE_OK);
	require(sqlite3_step(stmt) == SQLITE_ROW);
	require(strcmp((const char *)sqlite3_column_text(stmt, 0), "ok") == 0);
	sqlite3_finalize(stmt);
	sqlite3_close(db);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct waiting *waiting = waiting_create();
	struct frame_buffer in;
	unsigned char *room;

	require(waiting != NULL);
	frame_init(&in, BYTES_MAX);
	room = size > 0 ? frame_room(&in, size) : NULL;
	if (room != NULL) {
		memcpy(room, data, size);
		frame_filled(&in, size);
		take_all(&in, waiting);
	}
	if (waiting_first(waiting) != NULL)
		write_all(waiting);
	waiting_destroy(waiting);
	frame_finish(&in);
	return 0;
}
