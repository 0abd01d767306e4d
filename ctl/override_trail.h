/*
 * All that operators said, as the state database keeps it, in the order in
 * which it was said, and how each of it ended.  For meridianctl, which reads it
 * once; a daemon follows what is in force by itself.
 */
#ifndef CTL_OVERRIDE_TRAIL_H
#define CTL_OVERRIDE_TRAIL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/errbuf.h"
#include "state/rows.h"

struct override_trail {
	struct state_override *row; /* the first that was said first */
	/* Of each the next that is the same, OVERRIDE_TRAIL_NONE: there is
	 * none. */
	uint32_t *next;
	size_t n, size;
	bool failed; /* no memory */
};
#define OVERRIDE_TRAIL_NONE UINT32_MAX

/* How a row ended. */
struct override_end {
	enum override_how {
		OVERRIDE_IN_FORCE,
		OVERRIDE_IS_END,   /* it is an end itself */
		OVERRIDE_OVER,     /* its length was */
		OVERRIDE_ENDED,    /* by a row that is an end */
		OVERRIDE_VOID,     /* it never counted: others refused it */
		OVERRIDE_REPLACED, /* by a later one of its kind and target */
	} how;
	int64_t at_ms; /* wall clock; of all but the first two */
	const struct state_override *by; /* of the last two */
};

/* status = override_trail_read(path, trail, eb): all that the state database
 * ${path} has, and what its mirror has beside (state/mirror.h).  0, or -1 with
 * an error, and then what the mirror has.  override_trail_finish(trail): free
 * what it holds, an empty one too. */
int override_trail_read(
    const char *path, struct override_trail *trail, struct errbuf *eb);
void override_trail_finish(struct override_trail *trail);

/* status = override_trail_link(trail): find the next of each of its rows.  0,
 * or -1 without memory.  What was read is linked; one whose rows were changed
 * since is to be linked again. */
int override_trail_link(struct override_trail *trail);

/* is = override_trail_is_end_of_length(row): nodes that share said by it that
 * the length of another is over. */
bool override_trail_is_end_of_length(const struct state_override *row);

/* override_trail_end(trail, i, now_ms, out): how row number ${i} is, and ended.
 */
void override_trail_end(const struct override_trail *trail, size_t i,
    int64_t now_ms, struct override_end *out);

/* row = override_trail_in_force(trail, like, now_ms): the one in force that is
 * the same as ${like}; NULL when there is none. */
const struct state_override *override_trail_in_force(
    const struct override_trail *trail, const struct state_override *like,
    int64_t now_ms);

#endif
