/*
 * What the daemon counts of its checks, for its page: results, times, how late
 * they begin.  Plain numbers, added on the loop; the page works on a copy
 * (pages.h).  A check of a steering file has its own numbers, an endpoint has
 * none: series stay few however many endpoints there are.
 */
#ifndef PROBES_PAGES_TALLY_H
#define PROBES_PAGES_TALLY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "probes/ask/attempt.h"
#include "probes/load/load_task.h"

/* Checks with numbers of their own; what is beyond is counted together, under
 * the name "other".  Those of checks that left the files stay. */
#define TALLY_CHECKS 512

/* The words that reasons begin with (meridian-probe(8)), the last for what is
 * none of them. */
enum tally_kind {
	TALLY_REFUSED,
	TALLY_TIMEOUT,
	TALLY_RESET,
	TALLY_UNREACHABLE,
	TALLY_CONNECTION,
	TALLY_CLOSED,
	TALLY_STATUS,
	TALLY_BODY,
	TALLY_HEADERS,
	TALLY_TLS,
	TALLY_NOT_HTTP,
	TALLY_GRPC,
	TALLY_EXEC,
	TALLY_LOADING,
	TALLY_OTHER,
	TALLY_KINDS
};

/* Upper bounds of what is counted by time: from what a machine nearby takes to
 * the longest timeouts. */
#define TALLY_BOUNDS 13
extern const uint64_t tally_bounds_us[TALLY_BOUNDS];

struct tally_times {
	uint64_t count[TALLY_BOUNDS + 1]; /* the last: above all bounds */
	uint64_t sum_us;
};

enum tally_stage { TALLY_CONNECT, TALLY_FIRST_BYTE, TALLY_TOTAL, TALLY_STAGES };

/* Results and times of requests, or of generations. */
struct tally_part {
	uint64_t outcome[ATTEMPT_UNMADE + 1];
	uint64_t failed[TALLY_KINDS]; /* of these */
	struct tally_times times[TALLY_STAGES];
};

struct tally_check {
	char zone[STATE_ZONE], name[STATE_NAME];
	struct tally_part plan, deep;
	/* Readings of load; and of those without an answer the reasons. */
	uint64_t readings[LOAD_READINGS];
	uint64_t unread[TALLY_KINDS];
};

struct tally {
	size_t n;
	struct tally_check *checks;   /* of TALLY_CHECKS + 1 */
	struct tally_times late;      /* from a turn to its attempt */
	uint64_t missed;              /* turns that were left out */
	struct tally_times load_late; /* the same of readings of load */
	uint64_t load_missed;
};

/* status = tally_init(tally): nothing is counted.  -1 without memory.
 * tally_finish(tally): free it. */
int tally_init(struct tally *tally);
void tally_finish(struct tally *tally);

/* i = tally_find(tally, zone, name): the number of a check, which gets numbers
 * when it has none. */
size_t tally_find(struct tally *tally, const char *zone, const char *name);

/* tally_result(tally, i, deep, result): of the check ${i} one has ended. */
void tally_result(struct tally *tally, size_t i, bool deep,
    const struct attempt_result *result);

/* tally_turn(tally, late_ms, missed): as lateness_turn(). */
void tally_turn(struct tally *tally, uint64_t late_ms, uint64_t missed);

/* tally_load(tally, i, what, reason): of the check ${i} a reading of load has
 * ended.  tally_load_turn(tally, late_ms, missed): as tally_turn(). */
void tally_load(
    struct tally *tally, size_t i, enum load_reading what, const char *reason);
void tally_load_turn(struct tally *tally, uint64_t late_ms, uint64_t missed);

/* tally_copy(to, from): ${to} has the same numbers. */
void tally_copy(struct tally *to, const struct tally *from);

/* kind = tally_kind(reason): what a reason begins with, after the names of
 * steps and addresses.  name = tally_kind_name(kind): "refused", "not_http". */
enum tally_kind tally_kind(const char *reason);
const char *tally_kind_name(enum tally_kind kind);

#endif
