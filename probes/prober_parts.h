/*
 * The prober from inside, for its files: prober.c, which has the loop, probe.c,
 * which has one endpoint, and prober_reload.c.  No other file includes it.
 */
#ifndef PROBES_PROBER_PARTS_H
#define PROBES_PROBER_PARTS_H

#include <stdbool.h>
#include <stdint.h>
#include <uv.h>

#include "probes/attempt.h"
#include "probes/lateness.h"
#include "probes/reminder.h"
#include "probes/target.h"
#include "probes/verdict.h"
#include "state/recorder.h"

struct prober;

/* A target while it is probed. */
struct probe {
	struct prober *prober;
	const struct target *target; /* in the table in use */
	uv_timer_t timer;            /* its next turn, which is at: */
	uint64_t turn_ms;            /* time of the loop */
	struct attempt *attempt;     /* the check under way, or NULL */
	struct verdict verdict;
	int64_t connect_us, first_byte_us; /* of the last check; -1 */
	char blind[STATE_REASON]; /* why the last could not be made; or "" */
	bool dirty;               /* its row is to be written */
	struct probe *next_dirty;
};

struct prober {
	uv_loop_t loop;
	const char *path;
	char *state;
	char vantage[STATE_NAME];
	struct target_table *table;
	struct probe **probes; /* one for each target, in the same order */
	struct http_checker *checker;
	struct state_recorder *recorder;
	uv_timer_t tick, begin;
	uint64_t window_ms; /* that first checks are spread over */
	uv_signal_t hangup, terminate, interrupt;
	struct probe *dirty; /* rows to be written at the next tick */
	int64_t committed_ms;
	/* Of endpoints that cannot be checked, since the last line about them
	 * in the log: whether there is news, and more than one reason. */
	bool blind_news, blind_reasons;
	char blind_reason[STATE_REASON]; /* of the last one */
	/* As they were logged: of endpoints that cannot be checked, of the
	 * schedule, of the state database. */
	struct reminder blind_trouble, late_trouble, state_trouble;
	struct lateness lateness;
	unsigned in_time; /* windows of it in a row */
	int64_t began_ms; /* monotonic */
	bool ready;       /* to write rows */
	bool sweep;       /* all rows are given, and are all there are */
	bool checking, stopping;
	bool reloading, reload_again;
};

/* Endpoints that a reload made, took away or changed. */
struct prober_changes {
	size_t n;
	char names[256]; /* of the first of them */
};

/* p = probe_create(prober, target): a probe without a turn yet; its health is
 * unknown.  NULL without memory. */
struct probe *probe_create(struct prober *pr, const struct target *target);

/* probe_close(p): end it; it must not be in the list of dirty ones.  Frees
 * itself while the loop runs on. */
void probe_close(struct probe *p);

/* probe_begin(p): have its first check soon, whatever turn it had. */
void probe_begin(struct probe *p);

/* same = probe_follow(p, target): go on with ${target}, which has the same key
 * as the last one.  False when it is checked in another way. */
bool probe_follow(struct probe *p, const struct target *target);

/* probe_mark(p): its row is to be written.  probe_fill(p, row): what that is.
 */
void probe_mark(struct probe *p);
void probe_fill(const struct probe *p, struct state_endpoint *row);

/* prober_flush(prober): give what changed to the database, and a heartbeat when
 * it is time. */
void prober_flush(struct prober *pr);

/* prober_reload(prober): read all files in a thread of the pool, and go on with
 * what they say, or as before when they have errors.  While that is under way,
 * do it again afterwards. */
void prober_reload(struct prober *pr);

/* The lines of the log.  prober_say_state(prober, why): nothing can be written,
 * NULL: it can again.  prober_say_troubles(prober): now and then, what else is
 * wrong, and what goes on.  prober_note_change(changes, key): for the line of
 * prober_say_reload(). */
void prober_say_start(struct prober *pr);
void prober_say_end(const struct prober *pr, int signal_number);
void prober_say_state(struct prober *pr, const char *why);
void prober_say_troubles(struct prober *pr);
void prober_note_change(
    struct prober_changes *changes, const struct endpoint_key *key);
void prober_say_reload(const struct prober *pr, struct prober_changes *fresh,
    struct prober_changes *gone, struct prober_changes *other);

#endif
