/* One ramp and what is stored of it.  Called by ramps.c on the loop of the
 * prober. */
#include "probes/control/ramp_walker.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Of the time between two steps so much is lost by an end that nobody saw
 * coming: a row is written so often, and no more often than each second. */
#define HEARTBEATS 10
#define HEARTBEAT_MIN_MS 1000
#define HEARTBEAT_MAX_MS 30000

/* After a pause of this process nothing was seen for longer than this. */
#define PASSED_MAX_MS 2000

#define WHOLE_PPM 1e6

struct ramp_walker *
ramp_walker_create(const struct ramp_plan *plan)
{
	struct ramp_walker *w = calloc(1, sizeof(*w));

	if (w == NULL)
		return NULL;
	w->plan = plan;
	w->written_ms = -1;
	w->view = ramp_view_create(plan);
	if (w->view != NULL)
		return w;
	free(w);
	return NULL;
}

void
ramp_walker_destroy(struct ramp_walker *w)
{
	if (w == NULL)
		return;
	ramp_view_destroy(w->view);
	free(w);
}

void
ramp_walker_leave(struct ramp_walker *w)
{
	w->walking = false;
	w->written_ms = -1;
}

/* --- beginning --- */

static void
begin_anew(struct ramp_walker *w, struct ramp_now now)
{
	ramp_begin(&w->ramp, &w->plan->config);
	w->since_ms = now.wall_ms;
}

static uint32_t
as_ppm(double share)
{
	return share > 0 ? (uint32_t)lround(fmin(share, 1) * WHOLE_PPM) : 0;
}

/* Go on where the stored row is; false when it is of another ramp. */
static bool
resume(struct ramp_walker *w)
{
	const struct state_ramp *row = &w->stored;
	enum ramp_state state;

	if (!w->known || strcmp(row->made_for, w->plan->config.made_for) != 0 ||
	    ramp_state_parse(row->state, &state) != 0 || isnan(row->share))
		return false;
	ramp_resume(&w->ramp, &w->plan->config, state, as_ppm(row->share),
	    row->next_ms > row->at_ms ? (uint64_t)(row->next_ms - row->at_ms)
				      : 0,
	    row->reason);
	w->since_ms = row->since_ms;
	return true;
}

static void
tell_begin(bool another, double start, double to, char words[STATE_REASON])
{
	snprintf(words, STATE_REASON, "ramp begins %sat %g%%, to %g%%",
	    another ? "anew, as it is another one, " : "", start, to);
}

static void
tell_again(double start, char words[STATE_REASON])
{
	snprintf(words, STATE_REASON, "ramp begins again at %g%%", start);
}

static void
begin(struct ramp_walker *w, struct ramp_now now, char words[STATE_REASON])
{
	w->walking = true;
	w->looked_ms = now.mono_ms;
	w->written_ms = -1;
	if (resume(w))
		return;
	begin_anew(w, now);
	tell_begin(w->known, w->plan->config.start_ppm / 1e4,
	    w->plan->config.to_ppm / 1e4, words);
}

/* --- what operators say --- */

/* The last that is in force of ${what} and is of this service; NULL. */
static const struct overrides_item *
said(const struct ramp_walker *w, const struct overrides *overrides,
    enum override_what what, int64_t mono_ms)
{
	for (size_t i = overrides->n; i > 0; i--) {
		const struct overrides_item *item = &overrides->item[i - 1];

		if (item->what == what && item->kind == TARGET_SERVICE &&
		    overrides_in_force(item, mono_ms) &&
		    override_target_name(item->row.target, w->plan->name))
			return item;
	}
	return NULL;
}

/* When somebody last said that it begins again, by the wall clock; -1. */
static int64_t
said_again(const struct ramp_walker *w, const struct overrides *overrides)
{
	int64_t at_ms = -1;

	for (size_t i = 0; i < overrides->n; i++) {
		const struct overrides_item *item = &overrides->item[i];

		if (item->what == OVERRIDE_CANARY &&
		    strcmp(item->row.value, OVERRIDE_AGAIN) == 0 &&
		    override_target_name(item->row.target, w->plan->name) &&
		    item->row.at_ms > at_ms)
			at_ms = item->row.at_ms;
	}
	return at_ms;
}

/* It waits, as somebody has said; false: nobody has. */
static bool
pause(struct ramp_walker *w, const struct overrides *overrides,
    struct ramp_now now)
{
	const struct overrides_item *canary =
	    said(w, overrides, OVERRIDE_CANARY, now.mono_ms);
	const struct overrides_item *freeze =
	    said(w, overrides, OVERRIDE_FREEZE, now.mono_ms);
	char reason[RAMP_REASON];

	if (canary == NULL && freeze == NULL)
		return false;
	if (canary != NULL)
		snprintf(reason, sizeof(reason), "%.31s by hand, %.40s",
		    canary->row.value, canary->row.author);
	else
		snprintf(reason, sizeof(reason), "frozen by hand, %.40s",
		    freeze->row.author);
	ramp_pause(&w->ramp, canary != NULL, reason);
	return true;
}

/* --- going on --- */

/* What has become of it since ${before}, for events: what is most important
 * first, as long names are cut. */
static void
tell(const struct ramp *is, const struct ramp *before, char words[STATE_REASON])
{
	double from = before->share_ppm / 1e4, share = is->share_ppm / 1e4;

	if (is->state == RAMP_BACK)
		snprintf(words, STATE_REASON,
		    "ramp back from %g%% to %g%%: %.46s", from, share,
		    is->reason);
	else if (is->state == RAMP_DONE)
		snprintf(words, STATE_REASON, "ramp done, at %g%%", share);
	else
		snprintf(words, STATE_REASON, "ramp from %g%% to %g%%%s", from,
		    share, is->state == RAMP_HOLDING ? ", its end" : "");
}

static int64_t
heartbeat_ms(const struct ramp_walker *w)
{
	int64_t ms = (int64_t)w->plan->config.every_ms / HEARTBEATS;

	return ms < HEARTBEAT_MIN_MS ? HEARTBEAT_MIN_MS
	    : ms > HEARTBEAT_MAX_MS  ? HEARTBEAT_MAX_MS
				     : ms;
}

/* Its end is not looked at any more: nothing of it changes. */
static bool
is_over(const struct ramp *ramp)
{
	return ramp->state == RAMP_BACK || ramp->state == RAMP_DONE;
}

static void
go_on(struct ramp_walker *w, const struct seers *seers,
    const struct overrides *overrides, struct ramp_now now,
    char words[STATE_REASON])
{
	struct ramp_look looks[RAMP_SIDES];
	struct ramp before = w->ramp;
	int64_t passed_ms = now.mono_ms - w->looked_ms;

	w->looked_ms = now.mono_ms;
	ramp_view_look(w->view, seers, now.mono_ms, looks);
	if (is_over(&w->ramp) && said_again(w, overrides) > w->since_ms) {
		begin_anew(w, now);
		w->written_ms = -1;
		tell_again(w->ramp.share_ppm / 1e4, words);
		return;
	}
	if (is_over(&w->ramp) || pause(w, overrides, now) ||
	    !ramp_walk(&w->ramp, &w->plan->config, &looks[RAMP_CANARY],
		&looks[RAMP_STABLE],
		(uint64_t)(passed_ms < PASSED_MAX_MS ? passed_ms
						     : PASSED_MAX_MS)))
		return;
	w->since_ms = now.wall_ms;
	w->written_ms = -1;
	tell(&w->ramp, &before, words);
}

bool
ramp_walker_step(struct ramp_walker *w, const struct seers *seers,
    const struct overrides *overrides, struct ramp_now now,
    char words[STATE_REASON])
{
	words[0] = '\0';
	if (!w->walking)
		begin(w, now, words);
	else
		go_on(w, seers, overrides, now, words);
	return w->written_ms < 0 || w->waited != w->ramp.waits ||
	    (!is_over(&w->ramp) &&
		now.mono_ms - w->written_ms >= heartbeat_ms(w));
}

void
ramp_walker_row(
    struct ramp_walker *w, struct ramp_now now, struct state_ramp *row)
{
	const struct ramp *ramp = &w->ramp;
	uint32_t next;

	*row = (struct state_ramp){.share = ramp->share_ppm / WHOLE_PPM,
	    .next = (double)NAN,
	    .next_ms = -1,
	    .since_ms = w->since_ms,
	    .at_ms = now.wall_ms};
	snprintf(row->zone, sizeof(row->zone), "%s", w->plan->zone);
	snprintf(row->service, sizeof(row->service), "%s", w->plan->service);
	snprintf(row->made_for, sizeof(row->made_for), "%s",
	    w->plan->config.made_for);
	snprintf(row->pool, sizeof(row->pool), "%s", w->plan->config.pool);
	snprintf(
	    row->state, sizeof(row->state), "%s", ramp_state_name(ramp->state));
	snprintf(row->reason, sizeof(row->reason), "%s", ramp->reason);
	if (!is_over(ramp))
		row->next_ms = now.wall_ms + (int64_t)ramp->left_ms;
	if (!ramp->waits && ramp_next(ramp, &w->plan->config, &next))
		row->next = next / WHOLE_PPM;
	w->stored = w->told = *row;
	w->known = true;
	w->waited = ramp->waits;
	w->written_ms = now.mono_ms;
}

/* --- where another one walks it --- */

/* Where ${row} is; -1 when that is no ramp. */
static int
read_row(const struct state_ramp *row, struct ramp *out)
{
	*out = (struct ramp){.share_ppm = as_ppm(row->share)};
	if (isnan(row->share) || ramp_state_parse(row->state, &out->state) != 0)
		return -1;
	snprintf(out->reason, sizeof(out->reason), "%.*s",
	    (int)sizeof(out->reason) - 1, row->reason);
	return 0;
}

/* A row of before comes late, or what a holder did without its lock is void:
 * shares only grow, and what is over begins at the start. */
static bool
is_late(
    const struct ramp_walker *w, const struct ramp *was, const struct ramp *is)
{
	if (is_over(was) && !is_over(is))
		return is->share_ppm > w->plan->config.start_ppm;
	return is->state != RAMP_BACK && is->share_ppm < was->share_ppm;
}

bool
ramp_walker_hear(struct ramp_walker *w, const struct state_ramp *row,
    char words[STATE_REASON])
{
	const struct state_ramp told = w->told;
	bool another = strcmp(told.made_for, row->made_for) != 0;
	struct ramp is, was;

	words[0] = '\0';
	w->stored = *row;
	w->known = true;
	if (read_row(row, &is) != 0 ||
	    strcmp(row->made_for, w->plan->config.made_for) != 0)
		return false;
	if (another || read_row(&told, &was) != 0) {
		tell_begin(told.made_for[0] != '\0', is.share_ppm / 1e4,
		    w->plan->config.to_ppm / 1e4, words);
	} else {
		if (is_late(w, &was, &is))
			return false;
		if (is_over(&was) && !is_over(&is))
			tell_again(is.share_ppm / 1e4, words);
		else if (is.share_ppm != was.share_ppm || is.state != was.state)
			tell(&is, &was, words);
	}
	w->told = *row;
	return is.state == RAMP_BACK;
}
