/*
 * What meridianctl history prints: a table, comma-separated values, or JSON.
 */
#ifndef CTL_HISTORY_SHOW_H
#define CTL_HISTORY_SHOW_H

#include <stdbool.h>

#include "state/history/reader.h"

/* Beside enum history_by: whether the client's subnet was in the query. */
#define HISTORY_SHOW_SUBNET 4096U

struct history_show {
	struct history_question question;
	const char *wanted; /* the service, as it was written; or NULL */
	bool failovers, csv, json;
};

/* status = history_show(reader, show, eb): read and print.  0, or -1 with an
 * error. */
int history_show(struct history_reader *reader, const struct history_show *show,
    struct errbuf *eb);

#endif
