/*
 * Reads the trail of what operators said, and finds how each of it ended.
 * Called by what says, lists and explains overrides; writes nothing.
 */
#include "ctl/override_trail.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/hash.h"
#include "base/intern.h"
#include "ctl/override_text.h"
#include "state/mirror.h"
#include "state/override_clock.h"
#include "state/reader.h"

/* 90 days of one a minute. */
#define ROWS_MAX 131072

static void
take(void *context, const struct state_override *row)
{
	struct override_trail *trail = context;
	struct state_override *grown = array_grow(
	    trail->row, trail->n, &trail->size, sizeof(*grown), ROWS_MAX);

	trail->failed = trail->failed || grown == NULL;
	if (grown == NULL)
		return;
	trail->row = grown;
	grown[trail->n++] = *row;
}

/* One that the database lacks as it was lost, or is an older copy: meridiand
 * keeps it in force. */
static void
take_mirrored(void *context, const struct state_override *row)
{
	const struct override_trail *trail = context;

	for (size_t i = 0; i < trail->n; i++)
		if (trail->row[i].number == row->number)
			return;
	take(context, row);
}

static int
by_number(const void *left, const void *right)
{
	const struct state_override *a = left, *b = right;

	return a->number < b->number ? -1 : a->number > b->number;
}

int
override_trail_read(
    const char *path, struct override_trail *trail, struct errbuf *eb)
{
	struct state_reader *reader = state_reader_create(path);
	struct mirror_reader mirror = {
	    .override = take_mirrored, .context = trail};
	int n = -1;

	*trail = (struct override_trail){.n = 0};
	if (reader != NULL)
		n = state_reader_overrides(reader, ROWS_MAX, take, trail, eb);
	state_reader_destroy(reader);
	(void)mirror_load(path, &mirror);
	if (reader == NULL || trail->failed) {
		trail->n = 0;
		return errbuf_error(eb, NULL, "no memory");
	}
	for (size_t i = 0; i < trail->n; i++)
		trail->row[i].at_ms = override_clock_at(&trail->row[i]);
	if (trail->n > 1)
		qsort(trail->row, trail->n, sizeof(*trail->row), by_number);
	if (override_trail_link(trail) != 0) {
		trail->n = 0;
		return errbuf_error(eb, NULL, "no memory");
	}
	return n < 0 ? -1 : 0;
}

static uint64_t
hash_row(const void *member)
{
	const struct state_override *row =
	    *(const struct state_override *const *)member;
	const char *about = state_override_about(row);
	uint64_t hash = hash_bytes(row->target, strlen(row->target), 0);

	hash = hash_bytes(row->kind, strlen(row->kind), hash);
	return hash_bytes(about, strlen(about), hash);
}

static bool
equal_rows(const void *left, const void *right)
{
	return state_override_same(*(const struct state_override *const *)left,
	    *(const struct state_override *const *)right);
}

int
override_trail_link(struct override_trail *trail)
{
	static const struct intern_kind kind = {
	    .size = sizeof(const struct state_override *),
	    .max = ROWS_MAX,
	    .hash = hash_row,
	    .equal = equal_rows};
	struct intern table;
	/* By what it is about: the first that was met, from the end. */
	uint32_t *last = malloc((trail->n + 1) * sizeof(*last));
	int status = -1;

	intern_init(&table, &kind);
	free(trail->next);
	trail->next = malloc((trail->n + 1) * sizeof(*trail->next));
	if (last == NULL || trail->next == NULL)
		goto out;
	for (size_t i = trail->n; i-- > 0;) {
		const struct state_override *row = &trail->row[i];
		size_t known = table.n;
		uint32_t number;

		/* What was refused ends nothing, and is ended by nothing. */
		trail->next[i] = OVERRIDE_TRAIL_NONE;
		if (row->shared == STATE_SHARED_REFUSED)
			continue;
		number = intern_number(&table, &row);
		if (number == INTERN_NONE)
			goto out;
		trail->next[i] =
		    number < known ? last[number] : OVERRIDE_TRAIL_NONE;
		last[number] = (uint32_t)i;
	}
	status = 0;
out:
	intern_finish(&table);
	free(last);
	return status;
}

void
override_trail_finish(struct override_trail *trail)
{
	free(trail->row);
	free(trail->next);
}

bool
override_trail_is_end_of_length(const struct state_override *row)
{
	static const char reason[] = "the length of override ";

	return strcmp(row->author, "meridian-share") == 0 &&
	    strncmp(row->reason, reason, strlen(reason)) == 0;
}

void
override_trail_end(const struct override_trail *trail, size_t i, int64_t now_ms,
    struct override_end *out)
{
	const struct state_override *row = &trail->row[i], *later = NULL;
	int64_t until = override_text_until(row);

	*out = (struct override_end){.how = OVERRIDE_IN_FORCE, .at_ms = -1};
	if (row->shared == STATE_SHARED_REFUSED) {
		out->how = OVERRIDE_VOID;
		return;
	}
	if (override_text_ends(row)) {
		out->how = OVERRIDE_IS_END;
		return;
	}
	if (trail->next[i] != OVERRIDE_TRAIL_NONE)
		later = &trail->row[trail->next[i]];
	/* Whatever the clock of this node has it: all tell the same. */
	if (later != NULL && override_trail_is_end_of_length(later)) {
		out->how = OVERRIDE_OVER;
		out->at_ms =
		    until >= 0 && until < later->at_ms ? until : later->at_ms;
		return;
	}
	/* What was over by then was not ended by it. */
	if (later != NULL && (until < 0 || later->at_ms < until)) {
		*out = (struct override_end){.how = override_text_ends(later)
			? OVERRIDE_ENDED
			: OVERRIDE_REPLACED,
		    .at_ms = later->at_ms,
		    .by = later};
		return;
	}
	if (until >= 0 && until <= now_ms) {
		out->how = OVERRIDE_OVER;
		out->at_ms = until;
	}
}

const struct state_override *
override_trail_in_force(const struct override_trail *trail,
    const struct state_override *like, int64_t now_ms)
{
	struct override_end end;

	for (size_t i = trail->n; i-- > 0;) {
		if (!state_override_same(&trail->row[i], like) ||
		    trail->row[i].shared == STATE_SHARED_REFUSED)
			continue;
		override_trail_end(trail, i, now_ms, &end);
		return end.how == OVERRIDE_IN_FORCE ? &trail->row[i] : NULL;
	}
	return NULL;
}
