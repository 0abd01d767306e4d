/*
 * Sums of a history by what they are asked for.  Called as history_sum(); reads
 * rows of counts in the order of time and adds them up in memory, one sum for
 * each row that is given.
 */
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/intern.h"
#include "state/history/packed.h"
#include "state/history/reader_parts.h"
#include "state/history/schema.h"

/* Sums of one question, at most: some 600 MB. */
#define SUMS_MAX 8000000

/* What sums are told apart by: ranks of names, and numbers. */
struct key {
	int64_t at_ms;
	uint32_t service, pool, region, reason, country;
	uint32_t number; /* AS number, or family and length of a scope */
};

struct sum {
	struct key key;
	uint64_t answers, subnets, samples;
};

/* A table of rows of counts. */
struct source {
	const char *sql; /* the time; path, or service; what, region; counts */
	unsigned n;      /* counts in a row */
	bool path;
};

struct summing {
	struct history_reader *r;
	const struct history_question *q;
	struct history_answer *answer;
	struct intern sums;
	struct reader_path only; /* READER_NONE: all */
	uint32_t country;        /* only; READER_NONE: all */
	uint32_t *sample;        /* of each day of the period */
	int64_t first_day, days;
	bool failed;
};

static uint64_t
hash_sum(const void *member)
{
	return hash_bytes(member, sizeof(struct key), 0);
}

static bool
equal_sums(const void *a, const void *b)
{
	return memcmp(a, b, sizeof(struct key)) == 0;
}

static const struct intern_kind sum_kind = {
    sizeof(struct sum), SUMS_MAX, hash_sum, equal_sums};

/* --- which rows --- */

static bool
is_of_places(unsigned by, const char *country)
{
	return (by & (HISTORY_COUNTRY | HISTORY_AS)) != 0 || country != NULL;
}

static int64_t
step_of(enum history_every every)
{
	return every == HISTORY_MINUTE ? CALENDAR_MINUTE_MS
	    : every == HISTORY_HOUR    ? CALENDAR_HOUR_MS
				       : CALENDAR_DAY_MS;
}

/* Counts that began at ${first_ms} are there for all of the period that was
 * counted. */
static bool
reaches(const struct summing *s, int64_t first_ms)
{
	const struct history_bounds *b = &s->r->bounds;
	int64_t hour = b->first_ms - b->first_ms % CALENDAR_HOUR_MS;

	return first_ms >= 0 && (s->q->from_ms >= first_ms || hour >= first_ms);
}

static enum history_every
choose(const struct summing *s)
{
	int64_t length = s->q->to_ms - s->q->from_ms;

	if (is_of_places(s->q->by, s->q->country) ||
	    (s->q->by & HISTORY_SCOPE) != 0)
		return HISTORY_DAY;
	if (s->q->every != HISTORY_AUTO)
		return s->q->every;
	if (length <= 3 * CALENDAR_HOUR_MS &&
	    reaches(s, s->r->bounds.first_minute_ms))
		return HISTORY_MINUTE;
	if (length <= 14 * CALENDAR_DAY_MS &&
	    reaches(s, s->r->bounds.first_hour_ms))
		return HISTORY_HOUR;
	return HISTORY_DAY;
}

static void
round_out(struct summing *s)
{
	struct history_answer *a = s->answer;
	int64_t step = step_of(a->every);

	a->from_ms = s->q->from_ms < 0 ? 0 : s->q->from_ms;
	a->from_ms -= a->from_ms % step;
	a->to_ms = s->q->to_ms < a->from_ms ? a->from_ms : s->q->to_ms;
	a->to_ms += (step - a->to_ms % step) % step;
}

/* --- adding up --- */

/* A sum of ${key} with nothing in it, of those columns that are asked for. */
static struct sum
empty(const struct summing *s, const struct key *key)
{
	unsigned by = s->q->by;
	struct sum sum;

	memset(&sum, 0, sizeof(sum)); /* hashed as it is */
	sum.key.at_ms = (by & HISTORY_TIME) != 0 ? key->at_ms : 0;
	sum.key.service =
	    (by & HISTORY_SERVICE) != 0 ? key->service : READER_NONE;
	sum.key.pool = (by & HISTORY_POOL) != 0 ? key->pool : READER_NONE;
	sum.key.region = (by & HISTORY_REGION) != 0 ? key->region : READER_NONE;
	sum.key.reason = (by & HISTORY_REASON) != 0 ? key->reason : READER_NONE;
	sum.key.country =
	    (by & HISTORY_COUNTRY) != 0 ? key->country : READER_NONE;
	sum.key.number =
	    (by & (HISTORY_AS | HISTORY_SCOPE)) != 0 ? key->number : 0;
	return sum;
}

/* Add ${n} of the key, if its time lies in the period. */
static void
add_count(
    struct summing *s, const struct key *key, uint64_t n, uint64_t subnets)
{
	int64_t day = key->at_ms / CALENDAR_DAY_MS - s->first_day;
	uint64_t one_in = day >= 0 && day < s->days ? s->sample[day] : 0;
	bool place = is_of_places(s->q->by, s->q->country);
	struct sum none, *sum;
	uint32_t at;

	if (n == 0 || key->at_ms < s->answer->from_ms ||
	    key->at_ms >= s->answer->to_ms)
		return;
	none = empty(s, key);
	at = intern_number(&s->sums, &none);
	if (at == INTERN_NONE) {
		s->failed = true;
		return;
	}
	sum = (struct sum *)s->sums.members + at;
	sum->answers += place && one_in > 0 ? n * one_in : n;
	sum->subnets += subnets;
	sum->samples += place ? n : 0;
}

static bool
is_wanted(const struct summing *s, const struct key *key)
{
	return (s->only.service == READER_NONE ||
		   s->only.service == key->service) &&
	    (s->only.pool == READER_NONE || s->only.pool == key->pool) &&
	    (s->only.region == READER_NONE || s->only.region == key->region) &&
	    (s->only.reason == READER_NONE || s->only.reason == key->reason) &&
	    (s->country == READER_NONE || s->country == key->country);
}

/* What a row is of; false when the file knows no such path. */
static bool
read_key(const struct summing *s, const struct source *source,
    sqlite3_stmt *stmt, struct key *key)
{
	int64_t what = sqlite3_column_int64(stmt, 2);
	int64_t more = sqlite3_column_int64(stmt, 3);
	uint32_t path;

	memset(key, 0, sizeof(*key));
	if (source->path) {
		path = u64map_get(
		    &s->r->path_of, (uint64_t)sqlite3_column_int64(stmt, 1));
		if (path == U64MAP_NONE)
			return false;
		key->service = s->r->paths[path].service;
		key->pool = s->r->paths[path].pool;
		key->region = s->r->paths[path].region;
		key->reason = s->r->paths[path].reason;
		return true;
	}
	key->service = reader_rank(s->r, sqlite3_column_int64(stmt, 1));
	key->pool = key->reason = READER_NONE;
	if ((s->q->by & HISTORY_AS) != 0) {
		key->number = what == HISTORY_SCHEMA_OTHER_AS ? HISTORY_OTHER_AS
							      : (uint32_t)what;
	} else if ((s->q->by & HISTORY_SCOPE) != 0) {
		key->number = (uint32_t)(what == 6) << 8 |
		    (uint32_t)(more >= 0 && more <= 128 ? more : 0);
	} else {
		key->country = reader_rank(s->r, what);
		key->region = reader_rank(s->r, more);
	}
	return true;
}

/* When the counts of a row begin. */
static int64_t
begin_of(const struct source *source, int64_t time)
{
	return source->n == 60 ? time * CALENDAR_HOUR_MS
	    : source->n == 24  ? time * CALENDAR_DAY_MS
			       : calendar_month_begin(time) * CALENDAR_DAY_MS;
}

static int
take_row(struct summing *s, const struct source *source, sqlite3_stmt *stmt)
{
	uint64_t count[PACKED_COUNTS], subnets[PACKED_COUNTS];
	int64_t step = step_of(s->answer->every), begin;
	struct key key;

	if (!read_key(s, source, stmt, &key) || !is_wanted(s, &key))
		return 0;
	if (packed_read(sqlite3_column_blob(stmt, 4),
		(size_t)sqlite3_column_bytes(stmt, 4), source->n, count) != 0 ||
	    packed_read(sqlite3_column_blob(stmt, 5),
		(size_t)sqlite3_column_bytes(stmt, 5), source->n, subnets) != 0)
		return database_spoiled(
		    &s->r->d, "corrupt: a row of counts makes no sense");
	begin = begin_of(source, sqlite3_column_int64(stmt, 0));
	for (unsigned i = 0; i < source->n; i++) {
		key.at_ms = begin + i * step;
		add_count(s, &key, count[i], subnets[i]);
	}
	return 0;
}

/* A row of a day that is not over. */
static void
take_open(struct summing *s, const struct source *source, sqlite3_stmt *stmt)
{
	int64_t n = sqlite3_column_int64(stmt, 4);
	struct key key;

	if (!read_key(s, source, stmt, &key) || !is_wanted(s, &key))
		return;
	key.at_ms = sqlite3_column_int64(stmt, 0) * CALENDAR_DAY_MS;
	add_count(s, &key, n > 0 ? (uint64_t)n : 0, 0);
}

static int
read_source(
    struct summing *s, const struct source *source, int64_t first, int64_t last)
{
	sqlite3_stmt *stmt;
	int code, status = 0;

	if (database_prepare(&s->r->d, source->sql, &stmt) != 0)
		return -1;
	(void)sqlite3_bind_int64(stmt, 1, first);
	(void)sqlite3_bind_int64(stmt, 2, last);
	while (status == 0 && !s->failed &&
	    (code = sqlite3_step(stmt)) != SQLITE_DONE) {
		if (code != SQLITE_ROW)
			status = database_failed(&s->r->d);
		else if (source->n == 1)
			take_open(s, source, stmt);
		else
			status = take_row(s, source, stmt);
	}
	sqlite3_finalize(stmt);
	if (s->failed)
		return database_say(&s->r->d,
		    "too many rows for the memory: ask for a shorter period, "
		    "or by less");
	return status;
}

/* --- what is asked --- */

static const struct source minutes = {
    "SELECT hour, path, 0, 0, answers, NULL FROM traffic_minutes"
    " WHERE hour >= ?1 AND hour <= ?2",
    60, true};
static const struct source hours = {
    "SELECT day, path, 0, 0, answers, NULL FROM traffic_hours"
    " WHERE day >= ?1 AND day <= ?2",
    24, true};
static const struct source days = {
    "SELECT month, path, 0, 0, answers, subnets FROM traffic_days"
    " WHERE month >= ?1 AND month <= ?2",
    32, true};
static const struct source scopes = {
    "SELECT month, service, family, length, answers, NULL FROM scope_days"
    " WHERE month >= ?1 AND month <= ?2",
    32, false};
static const struct source places[] = {
    {"SELECT month, service, country, region, samples, NULL"
     " FROM country_days WHERE month >= ?1 AND month <= ?2",
	32, false},
    {"SELECT day, service, country, region, samples FROM country_open"
     " WHERE day >= ?1 AND day <= ?2",
	1, false},
};
static const struct source as_numbers[] = {
    {"SELECT month, service, number, 0, samples, NULL FROM as_days"
     " WHERE month >= ?1 AND month <= ?2",
	32, false},
    {"SELECT day, service, number, 0, samples FROM as_open"
     " WHERE day >= ?1 AND day <= ?2",
	1, false},
};

static int
read_all(struct summing *s)
{
	struct calendar from, to;

	calendar_of(s->answer->from_ms, &from);
	calendar_of(s->answer->to_ms - 1, &to);
	if (is_of_places(s->q->by, s->q->country)) {
		const struct source *source =
		    (s->q->by & HISTORY_AS) != 0 ? as_numbers : places;

		return read_source(s, &source[0], from.month, to.month) == 0
		    ? read_source(s, &source[1], from.day, to.day)
		    : -1;
	}
	if ((s->q->by & HISTORY_SCOPE) != 0)
		return read_source(s, &scopes, from.month, to.month);
	if (s->answer->every == HISTORY_MINUTE)
		return read_source(s, &minutes, from.hour, to.hour);
	if (s->answer->every == HISTORY_HOUR)
		return read_source(s, &hours, from.day, to.day);
	return read_source(s, &days, from.month, to.month);
}

/* The sample of each day, and which is the last. */
static int
read_samples(struct summing *s)
{
	sqlite3_stmt *stmt;
	int code;

	if (database_prepare(&s->r->d,
		"SELECT day, one_in FROM sampled WHERE day >= ?1 AND day < ?2"
		" ORDER BY day",
		&stmt) != 0)
		return -1;
	(void)sqlite3_bind_int64(stmt, 1, s->first_day);
	(void)sqlite3_bind_int64(stmt, 2, s->first_day + s->days);
	while ((code = sqlite3_step(stmt)) == SQLITE_ROW) {
		int64_t one_in = sqlite3_column_int64(stmt, 1);

		if (one_in < 1 || one_in > UINT32_MAX)
			continue;
		s->answer->sample = (uint32_t)one_in;
		s->sample[sqlite3_column_int64(stmt, 0) - s->first_day] =
		    (uint32_t)one_in;
	}
	if (code != SQLITE_DONE)
		(void)database_failed(&s->r->d);
	sqlite3_finalize(stmt);
	return code == SQLITE_DONE ? 0 : -1;
}

static void
count_gap(void *context, int64_t from_ms, int64_t to_ms)
{
	uint64_t *minutes_left = context;

	*minutes_left -= (uint64_t)((to_ms - from_ms) / CALENDAR_MINUTE_MS);
}

/* --- what is given --- */

static int
order(uint64_t a, uint64_t b)
{
	return (a > b) - (a < b);
}

static int
by_key(const void *a, const void *b)
{
	const struct key *one = a, *other = b;
	const uint64_t left[] = {(uint64_t)one->at_ms, one->service, one->pool,
	    one->region, one->reason, one->country, one->number};
	const uint64_t right[] = {(uint64_t)other->at_ms, other->service,
	    other->pool, other->region, other->reason, other->country,
	    other->number};
	int by = 0;

	for (size_t i = 0; i < sizeof(left) / sizeof(left[0]) && by == 0; i++)
		by = order(left[i], right[i]);
	return by;
}

static const char *
text_of(const struct summing *s, unsigned by, uint32_t rank)
{
	return (s->q->by & by) != 0 ? reader_name(s->r, rank) : NULL;
}

static void
give(struct summing *s,
    void (*row)(void *context, const struct history_row *row), void *context)
{
	struct sum *sums = s->sums.members;

	if (s->sums.n > 0)
		qsort(sums, s->sums.n, sizeof(*sums), by_key);
	for (size_t i = 0; i < s->sums.n; i++) {
		const struct sum *sum = &sums[i];
		const struct history_row out = {.at_ms = sum->key.at_ms,
		    .service = text_of(s, HISTORY_SERVICE, sum->key.service),
		    .pool = text_of(s, HISTORY_POOL, sum->key.pool),
		    .region = text_of(s, HISTORY_REGION, sum->key.region),
		    .reason = text_of(s, HISTORY_REASON, sum->key.reason),
		    .country = text_of(s, HISTORY_COUNTRY, sum->key.country),
		    .asn = (s->q->by & HISTORY_AS) != 0 ? sum->key.number : 0,
		    .family = (s->q->by & HISTORY_SCOPE) == 0 ? 0
			: (sum->key.number & 256) != 0        ? 6
							      : 4,
		    .length = (s->q->by & HISTORY_SCOPE) != 0
			? sum->key.number & 255
			: 0,
		    .answers = sum->answers,
		    .subnets = sum->subnets,
		    .samples = sum->samples};

		row(context, &out);
	}
	s->answer->rows = s->sums.n;
}

/* The ranks of what is asked for alone; false when nobody has such a name. */
static bool
find_only(struct summing *s)
{
	const char *const text[] = {s->q->service, s->q->pool, s->q->region,
	    s->q->reason, s->q->country};
	uint32_t *const out[] = {&s->only.service, &s->only.pool,
	    &s->only.region, &s->only.reason, &s->country};
	bool found = true;

	for (size_t i = 0; i < sizeof(text) / sizeof(text[0]); i++) {
		*out[i] =
		    text[i] != NULL ? reader_find(s->r, text[i]) : READER_NONE;
		found = found && (text[i] == NULL || *out[i] != READER_NONE);
	}
	return found;
}

/* Of the period, what can hold anything: days of which there is no memory for a
 * sample are none. */
static int
prepare(struct summing *s, struct errbuf *eb)
{
	struct history_answer *a = s->answer;
	int64_t days_in = (a->to_ms - a->from_ms) / CALENDAR_DAY_MS + 2;

	s->first_day = a->from_ms / CALENDAR_DAY_MS;
	s->days =
	    days_in < 10 * HISTORY_DAYS_DAYS ? days_in : 10 * HISTORY_DAYS_DAYS;
	if (days_in > s->days)
		s->first_day = a->to_ms / CALENDAR_DAY_MS - s->days + 1;
	s->sample = calloc((size_t)s->days, sizeof(*s->sample));
	if (s->sample == NULL)
		return errbuf_error(eb, NULL, "no memory");
	a->counted_minutes =
	    (uint64_t)((a->to_ms - a->from_ms) / CALENDAR_MINUTE_MS);
	return history_gaps(
	    s->r, a->from_ms, a->to_ms, count_gap, &a->counted_minutes, eb);
}

int
history_sum(struct history_reader *r, const struct history_question *question,
    struct history_answer *answer,
    void (*row)(void *context, const struct history_row *row), void *context,
    struct errbuf *eb)
{
	struct summing s = {.r = r, .q = question, .answer = answer};
	int status;

	*answer = (struct history_answer){.every = choose(&s)};
	round_out(&s);
	intern_init(&s.sums, &sum_kind);
	status = prepare(&s, eb);
	if (status == 0 &&
	    (read_samples(&s) != 0 || (find_only(&s) && read_all(&s) != 0)))
		status = reader_failed(r, eb);
	if (status == 0)
		give(&s, row, context);
	intern_finish(&s.sums);
	free(s.sample);
	return status;
}
