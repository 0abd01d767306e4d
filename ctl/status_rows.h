/* What the state database says, for a status: reasons, since when, events. */
#ifndef CTL_STATUS_ROWS_H
#define CTL_STATUS_ROWS_H

#include <jansson.h>
#include <stdbool.h>

#include "base/errbuf.h"
#include "state/rows.h"

/* Changes of health that are shown. */
#define STATUS_EVENTS 10

/* Begins as all zero. */
struct status_rows {
	struct state_endpoint *endpoint;
	size_t n, size;
	/* Of addresses of names. */
	struct state_address *address;
	size_t n_addresses, size_addresses;
	json_t *events; /* newest first */
	bool failed;
};

/* status = status_rows_read(path, rows, eb): read all of the state database
 * ${path}.  0, or -1 with an error: what was read by then stays. */
int status_rows_read(
    const char *path, struct status_rows *rows, struct errbuf *eb);

/*
 * status_rows_add(rows, endpoints, vantages): add to each object of the list
 * ${endpoints}, as "views", what each vantage says of it, and whether that
 * counts beside what others say, by the states in the list ${vantages}; and to
 * each of its "addresses", where it has some, the same of that.
 */
void status_rows_add(
    struct status_rows *rows, json_t *endpoints, const json_t *vantages);

/* status_rows_finish(rows): free what they hold. */
void status_rows_finish(struct status_rows *rows);

#endif
