/*
 * What the writer takes away, in small steps: events past their bounds, rows of
 * its own vantage that nobody writes any more, vantages that are silent for
 * long; the leases of daemons of this machine that are gone; and that old round
 * trips count.  Called by writer.c at each commit; never touches what a living
 * vantage wrote.
 */
#include <inttypes.h>
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "state/sequence.h"
#include "state/writer_parts.h"

/* How long a vantage is watched before it is taken for silent, whatever its
 * heartbeat says: a clock may have jumped.  A living one writes once a second,
 * and has lost its lease after half of this. */
#define WATCH_MS (2 * (int64_t)LEASE_MS)

/* Leases of others are looked at so often. */
#define LEASES_MS 1000

/* Names that one line of the log has. */
#define NAMES 3

/* What a step may still take away, so that it stays short. */
struct budget {
	int64_t rows;
	bool more; /* it was too small */
};

/* The vantages that a step has forgotten, for one line of the log. */
struct forgotten {
	char names[NAMES * (STATE_NAME + 2)];
	size_t n;
};

void
writer_prune_begin(struct state_writer *w)
{
	w->warned = w->sweeping = false;
	w->prune_at_ms = w->leases_at_ms = clock_mono_ms();
	w->measures_at_ms = w->prune_at_ms;
	w->silent = w->sequence;
	w->silent_at_ms = w->prune_at_ms + WATCH_MS;
}

/* Rows with a sequence that nobody gave are not ours to remove: say so once in
 * each opening of the file. */
static int
warn_of_odd(struct state_writer *w)
{
	char words[SEQUENCE_WORDS];
	int found = 0;

	if (!w->warned)
		found = sequence_odd(w->sql.stmt[WRITER_ODD],
		    sequence_most(clock_wall_ms()), words);
	if (found < 0)
		return writer_failed(w);
	if (found == 1)
		log_warn("%s: %s", w->path, words);
	w->warned |= found == 1;
	return 0;
}

/* Step a DELETE that takes a number of rows as its parameter ${limit}, and take
 * what it took from the budget.  True when it took all there are. */
static int
take_away(struct state_writer *w, sqlite3_stmt *stmt, int limit,
    struct budget *budget, bool *all)
{
	int64_t gone;

	(void)sqlite3_bind_int64(stmt, limit, budget->rows);
	if (writer_step(w, stmt) != 0)
		return -1;
	gone = sqlite3_changes(w->d.db);
	*all = gone < budget->rows;
	budget->rows -= gone;
	budget->more |= !*all;
	return 0;
}

/* The oldest rows of a table that are too many or too old, and those that would
 * always be the newest. */
static int
prune_table(struct state_writer *w, enum state_table which, bool *more)
{
	const struct table_bound *bound = &schema_table(which)->bound;
	sqlite3_stmt **of = w->sql.of[which], *stmt = of[WRITER_PRUNE_ODD];
	struct budget budget = {.rows = WRITER_PRUNE_STEP};
	int64_t excess;
	bool all;

	if (bound->time == NULL)
		return 0;
	(void)sqlite3_bind_int64(stmt, 1, sequence_most(clock_wall_ms()));
	if (take_away(w, stmt, 2, &budget, &all) != 0 ||
	    writer_number(w, of[WRITER_COUNT], &excess) != 0)
		return -1;
	excess -= bound->rows;
	stmt = of[excess > 0 ? WRITER_PRUNE_ROWS : WRITER_PRUNE_AGE];
	(void)sqlite3_bind_int64(stmt, 1, clock_wall_ms() - bound->age_ms);
	if (excess > 0 && excess < budget.rows)
		budget.rows = excess;
	if (take_away(w, stmt, 2, &budget, &all) != 0)
		return -1;
	*more |= budget.more;
	return 0;
}

static int
prune_tables(struct state_writer *w)
{
	int64_t now = clock_mono_ms();
	bool more = false;

	if (now < w->prune_at_ms)
		return 0;
	if (warn_of_odd(w) != 0)
		return -1;
	for (size_t i = 0; i < STATE_TABLES; i++)
		if (prune_table(w, (enum state_table)i, &more) != 0)
			return -1;
	/* When there may be more, the next commit goes on. */
	if (!more)
		w->prune_at_ms = now + WRITER_PRUNE_MS;
	return 0;
}

/* Rows of ${vantage} below the sequence ${below}, and those that nobody gave
 * theirs. */
static int
take_rows(struct state_writer *w, const char *vantage, int64_t below,
    struct budget *budget, bool *all)
{
	*all = true;
	for (size_t i = 0; i < STATE_TABLES && *all; i++) {
		sqlite3_stmt *stmt = w->sql.of[i][WRITER_FORGET_VANTAGE];

		if (stmt == NULL)
			continue;
		(void)sqlite3_bind_text(stmt, 1, vantage, -1, SQLITE_STATIC);
		(void)sqlite3_bind_int64(stmt, 2, below);
		(void)sqlite3_bind_int64(
		    stmt, 3, sequence_most(clock_wall_ms()));
		if (take_away(w, stmt, 4, budget, all) != 0)
			return -1;
	}
	return 0;
}

/* Readers read all rows again at each removal, so they hear of the last one
 * alone: until then they see endpoints that nobody has. */
static void
removed(struct state_writer *w)
{
	w->removed = ++w->sequence;
}

static int
sweep(struct state_writer *w)
{
	struct budget budget = {.rows = WRITER_SWEEP_STEP};
	bool all;

	if (!w->sweeping)
		return 0;
	if (take_rows(w, w->vantage, (int64_t)w->begun, &budget, &all) != 0)
		return -1;
	w->sweeping = !all;
	if (all)
		removed(w);
	return 0;
}

/* The next vantage that did not write while it was watched and that, by its
 * last heartbeat, is silent for long.  1, 0 for none, -1. */
static int
next_silent(
    struct state_writer *w, enum writer_statement which, char name[STATE_NAME])
{
	sqlite3_stmt *stmt = w->sql.stmt[which];
	int64_t now = clock_wall_ms();
	const char *text;
	int code;

	writer_bind_text(w, which, 1, w->vantage);
	writer_bind_int(w, which, 2, now - w->forget_ms);
	writer_bind_int(w, which, 3, now + w->forget_ms);
	/* One without a row of its own has no number to be compared. */
	writer_bind_int(w, which, 4, (int64_t)w->silent);
	writer_bind_int(w, which, 5, sequence_most(now));
	code = sqlite3_step(stmt);
	if (code == SQLITE_ROW) {
		text = (const char *)sqlite3_column_text(stmt, 0);
		snprintf(name, STATE_NAME, "%s", text != NULL ? text : "");
	} else if (code != SQLITE_DONE) {
		return writer_failed(w);
	}
	sqlite3_reset(stmt);
	return code == SQLITE_ROW;
}

static void
note_forgotten(struct forgotten *f, const char *name)
{
	size_t len = strlen(f->names);

	if (f->n < NAMES)
		snprintf(f->names + len, sizeof(f->names) - len, "%s%s",
		    len > 0 ? ", " : "", name);
	f->n++;
}

static void
say_forgotten(const struct forgotten *f, int64_t forget_ms)
{
	char more[40] = "";

	if (f->n == 0)
		return;
	if (f->n > NAMES)
		snprintf(more, sizeof(more), " and %zu more", f->n - NAMES);
	log_info("vantages forgotten: %s%s, silent for more than the %" PRId64
		 " h that forget of stale: says",
	    f->names, more, forget_ms / 3600000);
}

/* One vantage, or a part of its rows.  Its own row goes last, so that what is
 * left is found again.  1, 0 when there is none, -1. */
static int
forget_one(struct state_writer *w, struct budget *budget, struct forgotten *f)
{
	char name[STATE_NAME];
	bool all, carries = w->carrier != NULL;
	int found = next_silent(
	    w, carries ? WRITER_SILENT_CARRIED : WRITER_SILENT, name);

	if (found == 0 && !carries)
		found = next_silent(w, WRITER_ORPHAN, name);
	if (found != 1)
		return found;
	if (take_rows(w, name, INT64_MAX, budget, &all) != 0)
		return -1;
	if (!all)
		return 1;
	writer_bind_text(w, WRITER_STRIKE, 1, name);
	if (writer_step(w, w->sql.stmt[WRITER_STRIKE]) != 0)
		return -1;
	budget->rows--;
	note_forgotten(f, name);
	removed(w);
	return 1;
}

static int
forget_silent(struct state_writer *w)
{
	struct budget budget = {.rows = WRITER_SWEEP_STEP};
	int64_t now = clock_mono_ms();
	struct forgotten f = {.names = ""};
	int found = 1;

	if (w->forget_ms == 0 || now < w->silent_at_ms)
		return 0;
	while (found == 1 && budget.rows > 0)
		found = forget_one(w, &budget, &f);
	if (found < 0)
		return -1;
	say_forgotten(&f, w->forget_ms);
	if (found == 1)
		return 0;
	if (w->carrier != NULL &&
	    carrier_forget_nodes(w, clock_wall_ms() - w->forget_ms) != 0)
		return -1;
	w->silent = w->sequence;
	w->silent_at_ms = now + WRITER_PRUNE_MS;
	return 0;
}

/* A vantage of this machine that has lost its lease, and whose daemon is sure
 * to be gone.  1 with its name and owner, 0, -1. */
static int
next_gone(
    struct state_writer *w, char name[STATE_NAME], struct lease_owner *owner)
{
	sqlite3_stmt *stmt = w->sql.stmt[WRITER_LEASES];
	int64_t now = clock_wall_ms();
	int code, found = 0;

	writer_bind_text(w, WRITER_LEASES, 1, w->vantage);
	writer_bind_text(w, WRITER_LEASES, 2, w->me.host);
	writer_bind_text(w, WRITER_LEASES, 3, w->me.boot);
	writer_bind_int(w, WRITER_LEASES, 4, now);
	/* One that ends later than any may was set by another clock. */
	writer_bind_int(w, WRITER_LEASES, 5, now + LEASE_MS);
	while (!found && (code = sqlite3_step(stmt)) == SQLITE_ROW) {
		const char *text = (const char *)sqlite3_column_text(stmt, 0);

		writer_owner(stmt, 1, owner);
		found = text != NULL && lease_owner_dead(owner, &w->me);
		if (found)
			snprintf(name, STATE_NAME, "%s", text);
	}
	if (!found && code != SQLITE_DONE)
		return writer_failed(w);
	sqlite3_reset(stmt);
	return found;
}

/*
 * A daemon that was killed did not give its lease back.  It was one of this
 * boot and of this space of process numbers, and has no process any more: so
 * nobody looks for its vantage, which is what an ended lease says.  Its lease
 * ran out before, so that a daemon that is started again at once keeps its
 * say.
 */
static int
end_leases(struct state_writer *w)
{
	int64_t now = clock_mono_ms();
	struct lease_owner owner = {.pid = 0};
	char name[STATE_NAME] = "";
	int found;

	if (now < w->leases_at_ms)
		return 0;
	while ((found = next_gone(w, name, &owner)) == 1) {
		if (writer_drop_lease(w, name, owner.id) != 0)
			return -1;
		log_info("vantage %s: process %" PRId64
			 " is gone: its lease is ended, and with it what it "
			 "says of health",
		    name, owner.pid);
	}
	w->leases_at_ms = now + LEASES_MS;
	return found;
}

/* Round trips that nobody has measured for long count no more: one step a
 * commit. */
static int
age_measures(struct state_writer *w)
{
	int64_t now = clock_mono_ms();
	size_t aged = 0;
	int more;

	if (w->measures_ms == 0 || now < w->measures_at_ms)
		return 0;
	more = measures_age(&w->d, &w->sql.measures,
	    clock_wall_ms() - w->measures_ms, &w->sequence, &aged);
	if (more < 0)
		return writer_fail(w);
	if (aged > 0)
		log_info("latency: %zu round trips count no more: measured "
			 "more than the %" PRId64
			 " h ago that latency_max_age says",
		    aged, w->measures_ms / 3600000);
	if (more == 0)
		w->measures_at_ms = now + WRITER_MEASURES_MS;
	return 0;
}

int
writer_prune(struct state_writer *w)
{
	if (w->carrier != NULL)
		return prune_tables(w) == 0 ? forget_silent(w) : -1;
	if (prune_tables(w) != 0 || end_leases(w) != 0 || age_measures(w) != 0)
		return -1;
	return sweep(w) == 0 ? forget_silent(w) : -1;
}
