/*
 * What operators said, as a set of the last rows.  Called by the overlay and by
 * those that list or try overrides; reads no file.
 */
#include "steering/overrides.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/log.h"
#include "config/scalar.h"
#include "state/override_clock.h"

#define MILLION 1000000

/* Targets that are kept: no operator has named so many. */
#define ITEMS_MAX 65536

static const char *const words[OVERRIDE_WHATS] = {
    [OVERRIDE_DRAIN] = "drain",
    [OVERRIDE_FORCE] = "force",
    [OVERRIDE_WEIGHT] = "weight",
    [OVERRIDE_FREEZE] = "freeze",
    [OVERRIDE_CANARY] = "canary",
};

const char *
override_what_word(enum override_what what)
{
	return words[what];
}

void
overrides_init(struct overrides *o)
{
	*o = (struct overrides){0};
}

void
overrides_finish(struct overrides *o)
{
	free(o->item);
	overrides_init(o);
}

int
overrides_copy(struct overrides *to, const struct overrides *from)
{
	overrides_init(to);
	to->item = calloc(from->n > 0 ? from->n : 1, sizeof(*to->item));
	if (to->item == NULL)
		return -1;
	if (from->n > 0)
		memcpy(to->item, from->item, from->n * sizeof(*to->item));
	to->n = from->n;
	to->size = from->n > 0 ? from->n : 1;
	to->last = from->last;
	to->version = from->version;
	return 0;
}

/* "POOL 10%": the share is what comes after the last space. */
static bool
read_canary(const char *value, struct overrides_item *out)
{
	const char *space = strrchr(value, ' ');
	size_t len;

	if (space == NULL || space == value)
		return false;
	len = (size_t)(space - value);
	memcpy(out->pool, value, len);
	out->pool[len] = '\0';
	return scalar_parse_share(space + 1, MILLION, &out->ppm) == 0;
}

static bool
read_value(const char *value, struct overrides_item *out)
{
	out->off = strcmp(value, "off") == 0 ||
	    (out->what == OVERRIDE_CANARY &&
		strcmp(value, OVERRIDE_AGAIN) == 0);
	if (out->off)
		return true;
	switch (out->what) {
	case OVERRIDE_DRAIN:
		return true;
	case OVERRIDE_FORCE:
		out->up = strcmp(value, "up") == 0;
		return out->up || strcmp(value, "down") == 0;
	case OVERRIDE_WEIGHT:
		return scalar_parse_share(
			   value, OVERRIDE_WEIGHT_MAX, &out->ppm) == 0;
	case OVERRIDE_FREEZE:
		return strcmp(value, "on") == 0;
	case OVERRIDE_CANARY:
		return read_canary(value, out);
	case OVERRIDE_WHATS:
		break;
	}
	return false;
}

/* What the words of ${row} mean; false when they mean nothing. */
static bool
read_row(const struct state_override *row, struct overrides_item *out)
{
	bool undrain = strcmp(row->action, "undrain") == 0;
	unsigned what = OVERRIDE_DRAIN;

	*out = (struct overrides_item){.row = *row};
	out->kind = override_target_kind(row->kind);
	while (!undrain && what < OVERRIDE_WHATS &&
	    strcmp(row->action, words[what]) != 0)
		what++;
	out->what = (enum override_what)what;
	if (what == OVERRIDE_WHATS || out->kind == TARGET_KINDS ||
	    !read_value(row->value, out))
		return false;
	out->off |= undrain;
	return true;
}

static bool
same_target(const struct overrides_item *a, const struct overrides_item *b)
{
	return a->what == b->what && a->kind == b->kind &&
	    strcmp(a->row.target, b->row.target) == 0;
}

/* The same saying, which may have got another number while it was shared; not
 * another one with the same number in another file. */
static bool
same_saying(const struct state_override *a, const struct state_override *b)
{
	if (a->id[0] != '\0' && b->id[0] != '\0')
		return strcmp(a->id, b->id) == 0;
	return a->number == b->number && a->at_ms == b->at_ms &&
	    strcmp(a->action, b->action) == 0 &&
	    strcmp(a->value, b->value) == 0;
}

/* Where ${item} is on the monotonic clock.  A wall clock that was set makes
 * nothing longer than it was said to be. */
static void
place(struct overrides_item *item, int64_t mono_ms, int64_t wall_ms)
{
	int64_t age = override_clock_age(&item->row, mono_ms, wall_ms);

	item->began_ms = mono_ms - age;
	item->until_ms = item->row.length_ms < 0
	    ? INT64_MAX
	    : item->began_ms + item->row.length_ms;
}

static void
complain(struct overrides *o, const struct state_override *row)
{
	if (!o->said)
		log_warn("override %" PRIu64 " makes no sense (%s %s %s %s): "
			 "it is left out, and others like it",
		    row->number, row->action, row->kind, row->target,
		    row->value);
	o->said = true;
}

/* Put ${new} where its number belongs.  False without room. */
static bool
insert(struct overrides *o, const struct overrides_item *new)
{
	struct overrides_item *grown =
	    array_grow(o->item, o->n, &o->size, sizeof(*grown), ITEMS_MAX);
	size_t at = o->n;

	if (grown == NULL) {
		if (!o->said)
			log_warn("override %" PRIu64 ": no memory for it",
			    new->row.number);
		o->said = true;
		return false;
	}
	o->item = grown;
	while (at > 0 && grown[at - 1].row.number > new->row.number)
		at--;
	memmove(&grown[at + 1], &grown[at], (o->n - at) * sizeof(*grown));
	grown[at] = *new;
	o->n++;
	return true;
}

static void
take_out(struct overrides *o, size_t i)
{
	o->n--;
	memmove(&o->item[i], &o->item[i + 1], (o->n - i) * sizeof(o->item[0]));
}

/* ${was}, which is known of a target, stands although ${new} comes. */
static bool
stands(const struct overrides *o, const struct overrides_item *was,
    const struct overrides_item *new)
{
	if (new->row.number > was->row.number)
		return false;
	/* A file that was made anew counts from one again. */
	return !o->taking || was->listed || new->row.at_ms <= was->row.at_ms;
}

bool
overrides_is_refused(const struct state_override *row)
{
	return row->shared == STATE_SHARED_REFUSED;
}

/* ${row} was refused: what was known of it goes. */
static void
refuse(struct overrides *o, const struct state_override *row)
{
	for (size_t i = 0; i < o->n; i++) {
		if (!same_saying(&o->item[i].row, row))
			continue;
		take_out(o, i);
		o->version++;
		return;
	}
}

/* Item ${i} is known, and ${row} is the same saying: what became of sharing it
 * may be news.  Its times are those of our own clock. */
static void
renew(struct overrides *o, size_t i, const struct state_override *row)
{
	struct overrides_item item = o->item[i];

	if (item.row.number == row->number && item.row.shared == row->shared)
		return;
	item.row = *row;
	take_out(o, i);
	o->version++;
	(void)insert(o, &item);
}

bool
overrides_take(struct overrides *o, const struct state_override *row,
    int64_t mono_ms, int64_t wall_ms)
{
	struct overrides_item new;
	size_t i = 0;

	if (!read_row(row, &new)) {
		complain(o, row);
		return false;
	}
	if (row->number > o->last)
		o->last = row->number;
	o->wall_ms = wall_ms;
	if (overrides_is_refused(row)) {
		refuse(o, row);
		return false;
	}
	new.listed = o->taking;
	while (i < o->n && !same_target(&o->item[i], &new))
		i++;
	if (i < o->n && same_saying(&o->item[i].row, row)) {
		o->item[i].listed |= new.listed;
		renew(o, i, row);
		return false;
	}
	if (i < o->n && stands(o, &o->item[i], &new))
		return false;
	place(&new, mono_ms, wall_ms);
	if (new.what == OVERRIDE_WEIGHT)
		new.from_ppm = i < o->n
		    ? overrides_weight(&o->item[i], new.began_ms)
		    : MILLION;
	else if (i < o->n)
		new.from_ppm = overrides_out(&o->item[i], new.began_ms);
	if (i < o->n)
		take_out(o, i);
	o->version++;
	return insert(o, &new);
}

void
overrides_begin(struct overrides *o, bool full)
{
	o->taking = true;
	for (size_t i = 0; full && i < o->n; i++)
		o->item[i].listed = false;
}

void
overrides_commit(struct overrides *o)
{
	int64_t before_ms = o->wall_ms - STATE_OVERRIDES_AGE_MS;

	o->taking = false;
	for (size_t i = o->n; i > 0; i--) {
		const struct overrides_item *item = &o->item[i - 1];
		int64_t over_ms = item->off ? item->row.at_ms
		    : item->row.length_ms < 0
		    ? INT64_MAX
		    : item->row.at_ms + item->row.length_ms;

		if (!item->listed && over_ms < before_ms) {
			take_out(o, i - 1);
			o->version++;
		}
	}
}

void
overrides_pass(struct overrides *o, int64_t ms)
{
	for (size_t i = 0; i < o->n; i++) {
		o->item[i].began_ms -= ms;
		if (o->item[i].until_ms != INT64_MAX)
			o->item[i].until_ms -= ms;
	}
}

bool
overrides_in_force(const struct overrides_item *item, int64_t mono_ms)
{
	return !item->off && mono_ms < item->until_ms;
}

int64_t
overrides_left_ms(const struct overrides_item *item, int64_t mono_ms)
{
	if (item->until_ms == INT64_MAX)
		return -1;
	return item->until_ms > mono_ms ? item->until_ms - mono_ms : 0;
}

bool
overrides_ramping(const struct overrides_item *item, int64_t mono_ms)
{
	return (item->what == OVERRIDE_DRAIN ||
		   item->what == OVERRIDE_WEIGHT) &&
	    mono_ms < item->until_ms &&
	    mono_ms - item->began_ms < item->row.ramp_ms;
}

/* Where it is between what was before and ${to}. */
static uint32_t
on_the_way(const struct overrides_item *item, uint32_t to, int64_t mono_ms)
{
	int64_t age = mono_ms - item->began_ms;

	if (!overrides_ramping(item, mono_ms))
		return to;
	if (age < 0)
		return item->from_ppm;
	/* A ramp of 8000 years times a million fits a double well enough. */
	return (uint32_t)((double)item->from_ppm +
	    ((double)to - item->from_ppm) * (double)age /
		(double)item->row.ramp_ms);
}

uint32_t
overrides_out(const struct overrides_item *item, int64_t mono_ms)
{
	if (item->what != OVERRIDE_DRAIN || mono_ms >= item->until_ms)
		return 0;
	return on_the_way(item, item->off ? 0 : MILLION, mono_ms);
}

uint32_t
overrides_weight(const struct overrides_item *item, int64_t mono_ms)
{
	if (item->what != OVERRIDE_WEIGHT || mono_ms >= item->until_ms)
		return MILLION;
	return on_the_way(item, item->off ? MILLION : item->ppm, mono_ms);
}

int64_t
overrides_next_ms(const struct overrides *o, int64_t mono_ms)
{
	int64_t next = -1;

	for (size_t i = 0; i < o->n; i++) {
		int64_t left = overrides_left_ms(&o->item[i], mono_ms);

		if (overrides_in_force(&o->item[i], mono_ms) && left >= 0 &&
		    (next < 0 || left < next))
			next = left;
	}
	return next;
}

const struct overrides_item *
overrides_find(const struct overrides *o, enum override_what what,
    enum target_kind kind, const char *target)
{
	for (size_t i = 0; i < o->n; i++)
		if (o->item[i].what == what && o->item[i].kind == kind &&
		    strcmp(o->item[i].row.target, target) == 0)
			return &o->item[i];
	return NULL;
}
