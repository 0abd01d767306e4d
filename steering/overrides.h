/*
 * What operators said by hand: of each target the last, whether it is in force,
 * and until when.  Fed by whoever follows the state database, and kept while
 * that is away: a file that is lost, new or an older copy ends nothing.
 *
 * Of two rows about the same the one with the higher number counts; of one that
 * the file lacks, and one that was said later to a file that counts anew, that
 * one.  Lengths are counted on the caller's monotonic clock from when a row is
 * first seen, and by the wall clock until then.
 */
#ifndef STEERING_OVERRIDES_H
#define STEERING_OVERRIDES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "state/rows.h"
#include "steering/override_target.h"

/* What it is about; what ends it is about the same. */
enum override_what {
	OVERRIDE_DRAIN,
	OVERRIDE_FORCE,
	OVERRIDE_WEIGHT,
	OVERRIDE_FREEZE,
	OVERRIDE_CANARY,
	OVERRIDE_WHATS
};

/* Weights beyond this, in millionths of what the file says, are nothing that
 * anybody can want. */
#define OVERRIDE_WEIGHT_MAX (100 * UINT32_C(1000000))

/* The value of a canary that lets a ramp begin anew, and ends like "off" what
 * was said before. */
#define OVERRIDE_AGAIN "again"

struct overrides_item {
	struct state_override row;
	enum override_what what;
	enum target_kind kind;
	bool off;     /* it ends what was said before, and does nothing */
	bool up;      /* of force */
	uint32_t ppm; /* of weight and canary */
	char pool[STATE_NAME]; /* of canary */
	bool listed;           /* the state database has it */
	/* Of a drain, how much was out before it; of a weight, that one. */
	uint32_t from_ppm;
	int64_t began_ms; /* monotonic clock */
	int64_t until_ms; /* the same; INT64_MAX: until somebody ends it */
};

struct overrides {
	struct overrides_item *item; /* in the order of their numbers */
	size_t n, size;
	uint64_t last;    /* the highest number that was seen */
	uint64_t version; /* grows when any of them changes */
	bool taking;      /* a change of the database */
	int64_t wall_ms;  /* when the last row was taken; 0: none was */
	bool said;        /* that a row makes no sense, or that memory is out */
};

/* overrides_init(o): nothing was said.  overrides_finish(o): free them. */
void overrides_init(struct overrides *o);
void overrides_finish(struct overrides *o);

/* overrides_copy(to, from): make ${to}, which was finished or never used, the
 * same.  0, or -1 without memory, and ${to} is empty. */
int overrides_copy(struct overrides *to, const struct overrides *from);

/*
 * overrides_begin(o, full): a change of the state database comes; a ${full} one
 * has all rows.
 * news = overrides_take(o, row, mono_ms, wall_ms): take one; true when it is
 * the last of its target now and was not known.  One that makes no sense is
 * left out, and the first is logged; one that was refused is left out, too, and
 * forgotten if it was known: who refuses it writes the row again that was last
 * before it.
 * overrides_commit(o): that was all of the change: what a full one
 * lacked stays, and is not listed.  What is long over is forgotten.
 *
 * Between a begin and a commit, overrides_take() is of the database; at other
 * times it is of what was kept elsewhere, and changes no `listed`.
 */
void overrides_begin(struct overrides *o, bool full);
bool overrides_take(struct overrides *o, const struct state_override *row,
    int64_t mono_ms, int64_t wall_ms);
void overrides_commit(struct overrides *o);

/* overrides_pass(o, ms): the caller's monotonic clock is set back by ${ms},
 * which went by all the same. */
void overrides_pass(struct overrides *o, int64_t ms);

/* out = overrides_is_refused(row): other nodes refused it, so that it counts
 * nowhere. */
bool overrides_is_refused(const struct state_override *row);

/* in_force = overrides_in_force(item, mono_ms): it does something now. */
bool overrides_in_force(const struct overrides_item *item, int64_t mono_ms);

/* ms = overrides_left_ms(item, mono_ms): how long it is in force yet; -1: until
 * somebody ends it. */
int64_t overrides_left_ms(const struct overrides_item *item, int64_t mono_ms);

/*
 * out = overrides_out(item, mono_ms): how much of its target a drain, or the
 * end of one, has out, in millionths: on the way from what was out before while
 * it ramps.
 * weight = overrides_weight(item, mono_ms): the same of a weight, or its end:
 * how much of their weight endpoints have.
 * ramping = overrides_ramping(item, mono_ms): it is on the way.
 */
uint32_t overrides_out(const struct overrides_item *item, int64_t mono_ms);
uint32_t overrides_weight(const struct overrides_item *item, int64_t mono_ms);
bool overrides_ramping(const struct overrides_item *item, int64_t mono_ms);

/* ms = overrides_next_ms(o, mono_ms): until one of them ends; -1: none does. */
int64_t overrides_next_ms(const struct overrides *o, int64_t mono_ms);

/* item = overrides_find(o, what, kind, target): the last of that; NULL. */
const struct overrides_item *overrides_find(const struct overrides *o,
    enum override_what what, enum target_kind kind, const char *target);

/* word = override_what_word(what): "drain", "force", "weight", "freeze",
 * "canary". */
const char *override_what_word(enum override_what what);

#endif
