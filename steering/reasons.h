/*
 * Why a steered answer names what it names: one small number, which counters,
 * history, query log, explain and pages share.  Set by the ladder, for every
 * way through it; dns/ carries the number and knows no more of it.
 */
#ifndef STEERING_REASONS_H
#define STEERING_REASONS_H

#include <stdbool.h>

#include "dns/answer/source.h"

/*
 * In the order of the steps that they come from, the first step first.  An
 * answer has the reason of the last resort, if it is one; else of the pool, if
 * that is not the client's own; else of its region, of which it is said why it
 * is not the first: the first in the client's order, inside its fence, of those
 * where the pool has endpoints.
 *
 * The numbers are kept in files: new reasons come at the end.
 */
enum reason {
	REASON_FIRST,    /* the first region of the client's order */
	REASON_FAILOVER, /* the first one has nothing usable, or comes back
			    from that step by step */
	REASON_DRAINED,  /* the first one is drained, or on its way */
	REASON_LOAD,     /* the first one passes the client on: spill */
	REASON_POOL,     /* the client's pool by the split, or the pool before
			    an origin, has nothing usable: another pool */
	REASON_STANDBY,  /* the pool has nothing usable: its standby */
	/* Last resorts. */
	REASON_SPARE,       /* a pool without a weight */
	REASON_UNFENCED,    /* outside a soft fence */
	REASON_AS_IF_UP,    /* all as if they were up */
	REASON_ALL_DRAINED, /* nothing but what is drained is left */
	REASON_RECORDS,     /* the records of the zone file */
	REASON_NONE,        /* SERVFAIL */
	/* What was chosen has no address of the family that is asked for. */
	REASON_NODATA,
	REASONS
};
_Static_assert((int)REASONS <= (int)ANSWER_REASONS, "counters have room");

/*
 * name = reason_name(number): "first", "failover", "drained", "load", "pool",
 * "standby", "spare", "unfenced", "as_if_up", "all_drained", "records", "none",
 * "nodata"; "other" for a number that is no reason.
 */
const char *reason_name(unsigned number);

/* words = reason_words(number): the same as a sentence without its full stop,
 * for people. */
const char *reason_words(unsigned number);

/* is = reason_is_resort(number): a last resort. */
bool reason_is_resort(unsigned number);

#endif
