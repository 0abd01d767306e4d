/*
 * A month of a node in a folder of its own: files of one zone, a state database
 * and a history of traffic, each through its own writer.  For unit tests of
 * what meridianctl finds in them, one node at a time.
 */
#ifndef TESTS_UNIT_MONTH_FIXTURE_H
#define TESTS_UNIT_MONTH_FIXTURE_H

#include <check.h>
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "state/history/writer.h"
#include "state/writer.h"

#define DAYS 30
#define HOURS (DAYS * 24)
#define HOUR_MS INT64_C(3600000)
#define DAY_MS (24 * HOUR_MS)

#define MONTH_PATH 128

static char month_folder[64], month_config[MONTH_PATH], month_state[MONTH_PATH],
    month_history[MONTH_PATH];

/* --- the folder --- */

static inline void
month_path(char out[MONTH_PATH], const char *name)
{
	snprintf(out, MONTH_PATH, "%s/%s", month_folder, name);
}

/* A file of here by another name. */
static inline void
month_link(const char *from, const char *name)
{
	char here[PATH_MAX], full[3 * PATH_MAX], to[MONTH_PATH];

	ck_assert_ptr_nonnull(getcwd(here, sizeof(here)));
	snprintf(full, sizeof(full), "%s%s%s", from[0] == '/' ? "" : here,
	    from[0] == '/' ? "" : "/", from);
	ck_assert_msg(access(full, R_OK) == 0, "%s", full);
	month_path(to, name);
	ck_assert_int_eq(symlink(full, to), 0);
}

static inline void
month_write(const char *name, const char *text)
{
	char path[MONTH_PATH];
	FILE *to;

	month_path(path, name);
	to = fopen(path, "w");
	ck_assert_ptr_nonnull(to);
	fputs(text, to);
	ck_assert_int_eq(fclose(to), 0);
}

/* The geography that ships, beside the tests, as geo.mmdb. */
static inline void
month_link_geography(void)
{
	char here[PATH_MAX], from[PATH_MAX + 64];
	ssize_t n = readlink("/proc/self/exe", here, sizeof(here) - 1);

	ck_assert_int_gt(n, 0);
	here[n] = '\0';
	for (int up = 0; up < 4; up++)
		*strrchr(here, '/') = '\0';
	snprintf(from, sizeof(from), "%s/geo/iptoasn-country.mmdb", here);
	month_link(from, "geo.mmdb");
}

/* An empty one, but for the geography; the others are example.yaml and
 * example.zone, and meridian.yaml. */
static inline void
month_make_folder(void)
{
	snprintf(
	    month_folder, sizeof(month_folder), "/tmp/meridian-month-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(month_folder));
	month_path(month_config, "meridian.yaml");
	month_path(month_state, "state.db");
	month_path(month_history, "history.db");
	month_link_geography();
}

static inline void
month_remove_folder(void)
{
	static const char *const names[] = {"meridian.yaml", "example.yaml",
	    "example.zone", "geo.mmdb", "state.db", "state.db-wal",
	    "state.db-shm", "history.db", "history.db-wal", "history.db-shm",
	    "history.db-lock"};
	char path[MONTH_PATH];

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		month_path(path, names[i]);
		(void)unlink(path);
	}
	(void)rmdir(month_folder);
}

/* --- the state database --- */

static inline void
month_ok(struct state_writer *w, int status)
{
	ck_assert_msg(status == 0, "%s", state_writer_why(w));
}

static inline struct state_writer *
month_open_state(const char *vantage)
{
	struct state_writer *w =
	    state_writer_create(month_state, vantage, getpid(), vantage);

	ck_assert_ptr_nonnull(w);
	month_ok(w, state_writer_open(w));
	month_ok(w, state_writer_begin(w));
	return w;
}

static inline void
month_close_state(struct state_writer *w)
{
	month_ok(w, state_writer_commit(w));
	state_writer_abandon(w);
}

/* A row with nothing known but whose it is. */
static inline struct state_endpoint
month_endpoint(const char *zone, const char *pool, const char *endpoint)
{
	struct state_endpoint row = {.health = HEALTH_UP,
	    .connect_us = -1,
	    .first_byte_us = -1,
	    .first_token_us = -1,
	    .certificate_ms = -1,
	    .maintenance_ms = -1,
	    .held_ms = -1,
	    .hold_ms = -1};

	snprintf(row.zone, sizeof(row.zone), "%s", zone);
	snprintf(row.pool, sizeof(row.pool), "%s", pool);
	snprintf(row.endpoint, sizeof(row.endpoint), "%s", endpoint);
	return row;
}

static inline struct state_load
month_load(const char *zone, const char *pool, const char *endpoint)
{
	struct state_load row = {.saturation = NAN,
	    .waiting = NAN,
	    .running = NAN,
	    .max_running = NAN,
	    .kv_cache = NAN,
	    .utilization = NAN,
	    .preemptions = NAN,
	    .requests = NAN,
	    .errors = NAN,
	    .tokens = NAN,
	    .busy = NAN,
	    .first_token_us = -1,
	    .first_token_95_us = -1,
	    .token_us = -1};

	snprintf(row.zone, sizeof(row.zone), "%s", zone);
	snprintf(row.pool, sizeof(row.pool), "%s", pool);
	snprintf(row.endpoint, sizeof(row.endpoint), "%s", endpoint);
	return row;
}

/* Down for ${ms} from then on. */
static inline void
month_add_down(struct state_writer *w, const struct state_endpoint *of,
    const char *reason, int64_t at_ms, int64_t ms)
{
	struct state_event e = {
	    .at_ms = at_ms, .before = HEALTH_UP, .after = HEALTH_DOWN};

	memcpy(e.zone, of->zone, sizeof(e.zone));
	memcpy(e.pool, of->pool, sizeof(e.pool));
	memcpy(e.endpoint, of->endpoint, sizeof(e.endpoint));
	snprintf(e.reason, sizeof(e.reason), "%s", reason);
	month_ok(w, state_writer_add(w, TABLE_EVENT, &e));
	e.at_ms += ms;
	e.before = HEALTH_DOWN;
	e.after = HEALTH_UP;
	month_ok(w, state_writer_add(w, TABLE_EVENT, &e));
}

/* --- the history --- */

/* The rows of ${like} in each hour from ${from_ms} on; its failovers are in the
 * first alone. */
static inline void
month_write_history(const struct history_batch *like, int64_t from_ms)
{
	struct history_writer *w =
	    history_writer_create(month_history, UINT64_C(1) << 30);
	struct history_batch batch = *like;

	ck_assert_ptr_nonnull(w);
	ck_assert_msg(history_writer_open(w) == 0, "%s", history_writer_why(w));
	batch.node = "test";
	batch.run = 1;
	for (int64_t i = 0; i < HOURS; i++) {
		batch.number = (uint64_t)i + 1;
		batch.minute_ms = from_ms + i * HOUR_MS;
		batch.n_failover = i == 0 ? like->n_failover : 0;
		ck_assert_msg(history_writer_write(w, &batch) == 0, "%s",
		    history_writer_why(w));
	}
	history_writer_destroy(w);
}

#endif
