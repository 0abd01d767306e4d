/*
 * Keeps the last word of each vantage on each endpoint.  Called by loads.c;
 * opens no file and knows no policy.
 */
#include "node/load_table.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/u64map.h"
#include "steering/vantage.h"

#define ENDPOINTS_MAX ((size_t)1 << 20)

/* A row of load without its key, which is more than half of it. */
#define KEY_SIZE offsetof(struct state_load, measured_ms)
struct figures {
	unsigned char row[sizeof(struct state_load) - KEY_SIZE];
};

/* What one vantage says. */
struct word {
	const char *vantage; /* of the names */
	bool checked;        /* it has a row of the endpoint: */
	enum state_health health;
	char *degraded; /* NULL: it is not */
	int64_t certificate_ms;
	struct figures *figures; /* NULL: it has no row of its load */
	int64_t measured_ms;     /* as the row has it */
	int64_t at_ms; /* our monotonic clock: when that was, as far as we know;
			  earlier than that clock began: less than 0 */
};

struct entry {
	struct endpoint_key key; /* of texts of its own */
	char *texts[3];
	struct word *of;
	size_t n, size;
};

struct load_table {
	struct entry *entry;
	size_t n, size;
	struct u64map index; /* numbers of entries, by the hash of the key */
	char *name[VANTAGE_MAX];
	size_t n_names;
};

struct load_table *
load_table_create(void)
{
	struct load_table *t = calloc(1, sizeof(*t));

	if (t != NULL)
		u64map_init(&t->index);
	return t;
}

static void
finish_entry(struct entry *e)
{
	for (size_t i = 0; i < e->n; i++) {
		free(e->of[i].degraded);
		free(e->of[i].figures);
	}
	for (size_t i = 0; i < 3; i++)
		free(e->texts[i]);
	free(e->of);
}

void
load_table_destroy(struct load_table *t)
{
	if (t == NULL)
		return;
	for (size_t i = 0; i < t->n; i++)
		finish_entry(&t->entry[i]);
	for (size_t i = 0; i < t->n_names; i++)
		free(t->name[i]);
	u64map_finish(&t->index);
	free(t->entry);
	free(t);
}

/* --- places --- */

static struct entry *
find_entry(const struct load_table *t, const struct endpoint_key *key)
{
	uint64_t hash = endpoint_key_hash(key);
	size_t at;
	uint32_t number = u64map_first(&t->index, hash, &at);

	while (number != U64MAP_NONE &&
	    !endpoint_key_equal(&t->entry[number].key, key))
		number = u64map_next(&t->index, hash, &at);
	return number != U64MAP_NONE ? &t->entry[number] : NULL;
}

static struct entry *
add_entry(struct load_table *t, const struct endpoint_key *key)
{
	struct entry *grown =
	    array_grow(t->entry, t->n, &t->size, sizeof(*grown), ENDPOINTS_MAX);
	struct entry new = {.texts = {strdup(key->zone), strdup(key->pool),
				strdup(key->endpoint)}};

	if (grown != NULL)
		t->entry = grown;
	if (grown == NULL || new.texts[0] == NULL || new.texts[1] == NULL ||
	    new.texts[2] == NULL ||
	    u64map_add(&t->index, endpoint_key_hash(key), (uint32_t)t->n) !=
		0) {
		finish_entry(&new);
		return NULL;
	}
	new.key =
	    (struct endpoint_key){new.texts[0], new.texts[1], new.texts[2]};
	t->entry[t->n] = new;
	return &t->entry[t->n++];
}

static const char *
name_vantage(struct load_table *t, const char *vantage)
{
	for (size_t i = 0; i < t->n_names; i++)
		if (strcmp(t->name[i], vantage) == 0)
			return t->name[i];
	if (t->n_names == VANTAGE_MAX)
		return NULL;
	t->name[t->n_names] = strdup(vantage);
	return t->name[t->n_names] != NULL ? t->name[t->n_names++] : NULL;
}

static struct word *
find_word(const struct entry *e, const char *vantage)
{
	for (size_t i = 0; e != NULL && i < e->n; i++)
		if (strcmp(e->of[i].vantage, vantage) == 0)
			return &e->of[i];
	return NULL;
}

/* The word of ${vantage} on ${key}, made when there was none. */
static struct word *
place(struct load_table *t, const struct endpoint_key *key, const char *vantage)
{
	struct entry *e = find_entry(t, key);
	struct word *word = find_word(e, vantage), *grown;
	const char *name;

	if (word != NULL)
		return word;
	if (e == NULL)
		e = add_entry(t, key);
	name = e != NULL ? name_vantage(t, vantage) : NULL;
	if (name == NULL)
		return NULL;
	grown = array_grow(e->of, e->n, &e->size, sizeof(*grown), VANTAGE_MAX);
	if (grown == NULL)
		return NULL;
	e->of = grown;
	e->of[e->n] = (struct word){.vantage = name, .certificate_ms = -1};
	return &e->of[e->n++];
}

/* --- rows --- */

int
load_table_take_endpoint(struct load_table *t, const struct state_endpoint *row)
{
	const struct endpoint_key key = endpoint_key_of(row);
	struct word *word = place(t, &key, row->vantage);
	char *degraded = NULL;

	if (word == NULL)
		return -1;
	if (row->degraded[0] != '\0' &&
	    (degraded = strdup(row->degraded)) == NULL)
		return -1;
	free(word->degraded);
	word->degraded = degraded;
	word->certificate_ms = row->certificate_ms;
	word->health = row->health;
	word->checked = true;
	return 0;
}

/* When what ${row} tells was measured, by our monotonic clock.  News come at
 * once; what is read with all the rest is as old as the wall clock says, but
 * not older than what was known before it. */
static int64_t
measured_at(const struct state_load *row, const struct word *known, bool news,
    const struct load_arrival *arrival)
{
	int64_t age_ms = arrival->wall_ms - row->measured_ms, at_ms;
	bool had =
	    known != NULL && known->figures != NULL && known->measured_ms > 0;

	if (had && known->measured_ms == row->measured_ms)
		return known->at_ms;
	at_ms = arrival->mono_ms - (news || age_ms < 0 ? 0 : age_ms);
	return had && known->at_ms > at_ms ? known->at_ms : at_ms;
}

int
load_table_take(struct load_table *t, const struct state_load *row,
    const struct load_arrival *arrival)
{
	const struct endpoint_key key = {row->zone, row->pool, row->endpoint};
	const struct word *known = NULL;
	struct word *word = place(t, &key, row->vantage);

	if (word == NULL)
		return -1;
	if (word->figures == NULL &&
	    (word->figures = calloc(1, sizeof(*word->figures))) == NULL)
		return -1;
	if (arrival->before != NULL)
		known =
		    find_word(find_entry(arrival->before, &key), row->vantage);
	word->at_ms = measured_at(row, known, arrival->before == t, arrival);
	word->measured_ms = row->measured_ms;
	memcpy(word->figures->row, (const unsigned char *)row + KEY_SIZE,
	    sizeof(word->figures->row));
	return 0;
}

/* --- what is known --- */

static const struct health_vantage *
find_vantage(const struct load_look *look, const char *vantage)
{
	const struct vantages *vantages = look->vantages;

	for (size_t i = 0; vantages != NULL && i < vantages->n; i++)
		if (strcmp(vantages->of[i].name, vantage) == 0)
			return &vantages->of[i];
	return NULL;
}

/* ${vantage} lives, and sees what is in ${region}. */
static bool
has_vote(const struct load_look *look, const char *vantage, const char *region)
{
	const struct health_vantage *v = find_vantage(look, vantage);

	return v != NULL && v->state != VANTAGE_STALE && !v->ended &&
	    (!v->blind || strcmp(v->region, region) == 0);
}

/* How old ${row} of a vantage is that was measured at ${at_ms}.  Of other nodes
 * comes what changed: what did not is as of the last heartbeat, which is of our
 * clocks, as it was written here. */
static int64_t
age_of(
    const struct state_load *row, int64_t at_ms, const struct load_look *look)
{
	const struct health_vantage *v = find_vantage(look, row->vantage);
	int64_t heard_ms = at_ms;

	if (v != NULL && v->node[0] != '\0' && row->reason[0] == '\0')
		heard_ms = v->arrived_ms >= 0
		    ? v->arrived_ms
		    : look->mono_ms - (look->wall_ms - v->heartbeat_ms);
	if (heard_ms > at_ms)
		at_ms = heard_ms;
	return look->mono_ms > at_ms ? look->mono_ms - at_ms : 0;
}

/* It measured load, later than ${than} did. */
static bool
is_better(const struct word *word, const struct word *than)
{
	bool measured = word->measured_ms > 0;

	if (than == NULL)
		return true;
	if (measured != (than->measured_ms > 0))
		return measured;
	if (measured && word->at_ms != than->at_ms)
		return word->at_ms > than->at_ms;
	return strcmp(word->vantage, than->vantage) < 0;
}

static void
tell_load(const struct entry *e, const struct word *word,
    const struct load_look *look, struct load_view *out)
{
	memcpy((unsigned char *)&out->row + KEY_SIZE, word->figures->row,
	    sizeof(word->figures->row));
	snprintf(
	    out->row.vantage, sizeof(out->row.vantage), "%s", word->vantage);
	snprintf(out->row.zone, sizeof(out->row.zone), "%s", e->key.zone);
	snprintf(out->row.pool, sizeof(out->row.pool), "%s", e->key.pool);
	snprintf(out->row.endpoint, sizeof(out->row.endpoint), "%s",
	    e->key.endpoint);
	out->told = true;
	if (word->measured_ms > 0)
		out->age_ms = age_of(&out->row, word->at_ms, look);
}

/* What is not as it should be, as the first of those says that have a vote; of
 * all, where none has. */
static void
tell_flaws(const struct entry *e, const char *region,
    const struct load_look *look, struct load_view *out)
{
	const struct word *first = NULL;
	bool any = false;

	for (size_t i = 0; i < e->n; i++)
		any |= e->of[i].checked &&
		    has_vote(look, e->of[i].vantage, region);
	for (size_t i = 0; i < e->n; i++) {
		const struct word *word = &e->of[i];

		if (!word->checked)
			continue;
		out->checked = true;
		if (word->certificate_ms > 0 &&
		    (out->certificate_ms < 0 ||
			word->certificate_ms < out->certificate_ms))
			out->certificate_ms = word->certificate_ms;
		if (word->degraded != NULL &&
		    (!any || has_vote(look, word->vantage, region)) &&
		    (first == NULL ||
			strcmp(word->vantage, first->vantage) < 0))
			first = word;
	}
	if (first != NULL)
		snprintf(out->degraded, sizeof(out->degraded), "%s",
		    first->degraded);
}

size_t
load_table_opinions(const struct load_table *t, const struct endpoint_key *key,
    struct load_opinion *out, size_t size)
{
	const struct entry *e = find_entry(t, key);
	size_t n = 0;

	for (size_t i = 0; e != NULL && i < e->n && n < size; i++) {
		if (!e->of[i].checked)
			continue;
		out[n].health = e->of[i].health;
		snprintf(out[n].vantage, sizeof(out[n].vantage), "%s",
		    e->of[i].vantage);
		n++;
	}
	return n;
}

void
load_view_forget(struct load_view *view)
{
	static const double unknown = (double)NAN;
	struct state_load *row = &view->row;

	row->saturation = row->waiting = row->running = unknown;
	row->max_running = row->kv_cache = row->utilization = unknown;
	row->preemptions = row->requests = row->errors = unknown;
	row->tokens = row->busy = unknown;
	row->first_token_us = row->first_token_95_us = row->token_us = -1;
}

void
load_table_find(const struct load_table *t, const struct endpoint_key *key,
    const char *region, const struct load_look *look, struct load_view *out)
{
	const struct entry *e = find_entry(t, key);
	const struct word *best = NULL;

	memset(out, 0, sizeof(*out));
	load_view_forget(out);
	out->age_ms = out->certificate_ms = -1;
	for (size_t i = 0; e != NULL && i < e->n; i++)
		if (e->of[i].figures != NULL && is_better(&e->of[i], best))
			best = &e->of[i];
	if (best != NULL)
		tell_load(e, best, look, out);
	if (e != NULL)
		tell_flaws(e, region, look, out);
}
