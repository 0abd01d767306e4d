/*
 * What the files of the reader of a history share.  No other file includes it.
 */
#ifndef STATE_HISTORY_READER_PARTS_H
#define STATE_HISTORY_READER_PARTS_H

#include "base/u64map.h"
#include "state/database.h"
#include "state/history/calendar.h"
#include "state/history/reader.h"

/* No name, of a rank. */
#define READER_NONE UINT32_MAX

/* Where an answer came from: ranks of names. */
struct reader_path {
	uint32_t service, pool, region, reason;
};

struct history_reader {
	struct database d;
	char *path;
	/* Names in alphabetical order: a rank is a place in it. */
	char **name;
	size_t n_names, size_names;
	struct reader_path *paths;
	size_t n_paths, size_paths;
	struct u64map rank_of, path_of; /* by their numbers in the file */
	struct history_bounds bounds;
};

/* status = reader_failed(r, eb): the last failure of the database, with its
 * path, to ${eb}.  -1. */
int reader_failed(struct history_reader *r, struct errbuf *eb);

/* text = reader_name(r, rank): "" where there is none. */
const char *reader_name(const struct history_reader *r, uint32_t rank);

/* rank = reader_rank(r, number), of a number in the file; reader_find(r, text),
 * of a text: READER_NONE when it is not known. */
uint32_t reader_rank(const struct history_reader *r, int64_t number);
uint32_t reader_find(const struct history_reader *r, const char *text);

#endif
