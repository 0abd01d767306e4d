/*
 * Puts the verdicts of checks together, and holds back what comes up too soon.
 * Called by the daemon; does nothing but arithmetic.
 */
#include "probes/panel.h"

#include <stdio.h>
#include <string.h>

void
panel_init(struct panel *panel)
{
	memset(panel, 0, sizeof(*panel));
	panel->passing_ms = -1;
	panel->held_ms = -1;
}

/* --- one check --- */

/* What decides over it: its generations when they are down. */
static const struct verdict *
deciding(const struct panel_vote *vote)
{
	bool engine_down = vote->deep != NULL &&
	    vote->deep->health == HEALTH_DOWN &&
	    vote->plan->health == HEALTH_UP;

	return engine_down ? vote->deep : vote->plan;
}

/* What is not as it should be in a check that is up: a failure that is no
 * verdict yet is none of that. */
static const char *
flaw(const struct panel_vote *vote)
{
	if (vote->plan->degraded[0] != '\0')
		return vote->plan->degraded;
	return vote->deep != NULL ? vote->deep->degraded : "";
}

static void
give(char reason[STATE_REASON], const struct panel_vote *vote,
    const struct verdict *of, const char *words)
{
	const char *before =
	    of != vote->plan && words[0] != '\0' ? STATE_DEEP : "";

	snprintf(reason, STATE_REASON, "%s%.*s", before,
	    (int)(STATE_REASON - 1 - strlen(before)), words);
}

/* --- all of them --- */

struct count {
	unsigned up, down;
	size_t worst; /* the one whose reason is told */
};

/* Of those that are down the first, else of those with a reason, else any. */
static bool
is_worse(const struct verdict *a, const struct verdict *b)
{
	bool a_down = a->health == HEALTH_DOWN;
	bool b_down = b->health == HEALTH_DOWN;

	if (a_down != b_down)
		return a_down;
	return a->reason[0] != '\0' && b->reason[0] == '\0';
}

static struct count
count_votes(const struct panel_vote *votes, size_t n)
{
	struct count c = {0, 0, 0};

	for (size_t i = 0; i < n; i++) {
		const struct verdict *v = deciding(&votes[i]);

		c.up += v->health == HEALTH_UP;
		c.down += v->health == HEALTH_DOWN;
		if (is_worse(v, deciding(&votes[c.worst])))
			c.worst = i;
	}
	return c;
}

/* What the checks say, time aside. */
static enum state_health
health_by(const struct count *c, size_t n, unsigned need)
{
	if (c->up >= need)
		return HEALTH_UP;
	return n - c->down < need ? HEALTH_DOWN : HEALTH_UNKNOWN;
}

/* The first flaw of one that is up, or the reason of one that is down. */
static void
find_degraded(
    const struct panel_vote *votes, size_t n, char degraded[STATE_REASON])
{
	degraded[0] = '\0';
	for (size_t i = 0; i < n && degraded[0] == '\0'; i++) {
		const struct verdict *v = deciding(&votes[i]);

		if (v->health == HEALTH_DOWN)
			give(degraded, &votes[i], v, v->reason);
		else if (v->health == HEALTH_UP)
			snprintf(degraded, STATE_REASON, "%s", flaw(&votes[i]));
	}
}

/* --- time --- */

/* How often it went down of late, this time too. */
static unsigned
count_downs(
    struct panel *panel, const struct damping_config *d, int64_t mono_ms)
{
	unsigned recent = 0, times;

	panel->down_ms[panel->downs % PANEL_DOWNS] = mono_ms;
	panel->downs++;
	times = panel->downs < PANEL_DOWNS ? panel->downs : PANEL_DOWNS;
	for (unsigned i = 0; i < times; i++)
		recent += mono_ms - panel->down_ms[i] <= (int64_t)d->within_ms;
	return recent;
}

/* It goes down: how long will it be held there, when its checks pass again?
 * What goes down soon after a hold has ended is held for twice as long. */
static void
note_down(struct panel *panel, const struct damping_config *d, int64_t mono_ms)
{
	unsigned recent;
	bool again = panel->hold_ms > 0 &&
	    mono_ms - panel->held_ms <= (int64_t)d->within_ms;

	if (d->changes == 0)
		return;
	recent = count_downs(panel, d, mono_ms);
	if (!again && recent < d->changes) {
		panel->hold_ms = 0;
		return;
	}
	panel->hold_ms = again ? 2 * panel->hold_ms : d->hold_ms;
	if (panel->hold_ms > d->max_hold_ms)
		panel->hold_ms = d->max_hold_ms;
	panel->held_ms = mono_ms + (int64_t)panel->hold_ms;
}

/* Its checks pass, and it is down: is it up again now? */
static bool
comes_back(
    struct panel *panel, const struct panel_rules *rules, int64_t mono_ms)
{
	if (panel->passing_ms < 0)
		panel->passing_ms = mono_ms;
	return mono_ms >= panel->held_ms &&
	    mono_ms - panel->passing_ms >= (int64_t)rules->fail_back_ms;
}

static void
say_waiting(const struct panel *panel, const struct panel_rules *rules,
    int64_t mono_ms, struct verdict *v)
{
	if (mono_ms < panel->held_ms)
		snprintf(v->reason, sizeof(v->reason),
		    "passes, held down since it was down too often");
	else
		snprintf(v->reason, sizeof(v->reason),
		    "passes, up when it has for %llu s",
		    (unsigned long long)(rules->fail_back_ms + 999) / 1000);
}

void
panel_restore(struct panel *panel, const struct damping_config *d,
    int64_t held_ms, int64_t hold_ms, int64_t wall_ms, int64_t mono_ms)
{
	int64_t left = held_ms - wall_ms, most = (int64_t)d->max_hold_ms;

	if (held_ms < 0 || hold_ms <= 0 || d->changes == 0 ||
	    panel->hold_ms > 0)
		return;
	if (hold_ms > most)
		hold_ms = most;
	panel->hold_ms = (uint64_t)hold_ms;
	panel->held_ms = mono_ms + (left < hold_ms ? left : hold_ms);
}

int64_t
panel_held(const struct panel *panel, int64_t wall_ms, int64_t mono_ms)
{
	if (panel->hold_ms == 0)
		return -1;
	return wall_ms + panel->held_ms - mono_ms;
}

/* --- the state --- */

static bool
turn(struct panel *panel, const struct panel_rules *rules,
    enum state_health health, int64_t wall_ms, int64_t mono_ms,
    struct verdict *v)
{
	if (health == v->health)
		return false;
	if (health == HEALTH_DOWN && v->health == HEALTH_UP &&
	    !rules->maintenance)
		note_down(panel, &rules->damping, mono_ms);
	v->turned = v->health != HEALTH_UNKNOWN;
	v->health = health;
	v->since_ms = wall_ms;
	return true;
}

/* The streak that is told: of the check that decides next. */
static void
take_streak(const struct panel_vote *vote, struct verdict *v)
{
	const struct verdict *of = deciding(vote);

	/* Generations that begin to fail say more than requests that pass. */
	if (of == vote->plan && vote->deep != NULL && vote->deep->fails > 0 &&
	    of->fails == 0 && of->health == HEALTH_UP)
		of = vote->deep;
	v->passes = of->passes;
	v->fails = of->fails;
	give(v->reason, vote, of, of->reason);
}

/* Not later than it was: the wall clock may have been set back. */
static int64_t
last_check(const struct panel_vote *votes, size_t n)
{
	int64_t last = 0;

	for (size_t i = 0; i < n; i++)
		if (votes[i].plan->checked_ms > last)
			last = votes[i].plan->checked_ms;
	return last;
}

bool
panel_judge(struct panel *panel, const struct panel_rules *rules,
    const struct panel_vote *votes, size_t n, int64_t wall_ms, int64_t mono_ms,
    struct verdict *v)
{
	struct count c = count_votes(votes, n);
	enum state_health health = health_by(&c, n, rules->need);
	bool was_degraded = v->degraded[0] != '\0', changed;

	take_streak(&votes[c.worst], v);
	v->checked_ms = last_check(votes, n);
	/* What is not known any more was what it was. */
	if (health == HEALTH_UNKNOWN)
		health = v->health;
	if (v->health != HEALTH_DOWN || health != HEALTH_UP) {
		panel->passing_ms = -1;
	} else if (!comes_back(panel, rules, mono_ms)) {
		say_waiting(panel, rules, mono_ms, v);
		health = HEALTH_DOWN;
	}
	changed = turn(panel, rules, health, wall_ms, mono_ms, v);
	if (v->health == HEALTH_UP) {
		panel->passing_ms = -1;
		find_degraded(votes, n, v->degraded);
	} else {
		v->degraded[0] = '\0';
	}
	return changed ||
	    (v->health == HEALTH_UP &&
		was_degraded != (v->degraded[0] != '\0'));
}

int64_t
panel_next(const struct panel *panel, const struct panel_rules *rules,
    const struct verdict *v, int64_t mono_ms)
{
	int64_t at;

	if (v->health != HEALTH_DOWN || panel->passing_ms < 0)
		return -1;
	at = panel->passing_ms + (int64_t)rules->fail_back_ms;
	if (panel->held_ms > at)
		at = panel->held_ms;
	return at > mono_ms ? at : mono_ms;
}
