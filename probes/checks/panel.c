/*
 * Puts the verdicts of checks together, and holds back what comes up too soon.
 * Called by the daemon; does nothing but arithmetic.
 */
#include "probes/checks/panel.h"

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

/* Whose streak counts: generations that begin to fail say more than requests
 * that pass. */
static const struct verdict *
streak_of(const struct panel_vote *vote)
{
	const struct verdict *of = deciding(vote);

	if (of == vote->plan && vote->deep != NULL && vote->deep->fails > 0 &&
	    of->fails == 0 && of->health == HEALTH_UP)
		return vote->deep;
	return of;
}

/* Add the ${words} of ${of} to ${reason}, which may hold those of others: one
 * of several checks is named. */
static void
add_reason(char reason[STATE_REASON], const struct panel_vote *vote,
    const struct verdict *of, const char *words)
{
	size_t len = strlen(reason);
	bool named = vote->name != NULL;

	if (words[0] != '\0')
		snprintf(reason + len, STATE_REASON - len, "%s%s%s%s%s",
		    len > 0 ? "; " : "", named ? vote->name : "",
		    named ? ": " : "", of != vote->plan ? STATE_DEEP : "",
		    words);
}

/* --- all of them --- */

struct count {
	unsigned up, down;
};

static struct count
count_votes(const struct panel_vote *votes, size_t n)
{
	struct count c = {0, 0};

	for (size_t i = 0; i < n; i++) {
		const struct verdict *v = deciding(&votes[i]);

		c.up += v->health == HEALTH_UP;
		c.down += v->health == HEALTH_DOWN;
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

/* Why it is down: all that are, in the order of the file. */
static void
find_reason(const struct panel_vote *votes, size_t n, char reason[STATE_REASON])
{
	for (size_t i = 0; i < n; i++) {
		const struct verdict *v = deciding(&votes[i]);

		if (v->health == HEALTH_DOWN)
			add_reason(reason, &votes[i], v, v->reason);
	}
}

/* What is not as it should be of one that is up: checks that it can do without
 * and that are down, and flaws of others. */
static void
find_degraded(
    const struct panel_vote *votes, size_t n, char degraded[STATE_REASON])
{
	for (size_t i = 0; i < n; i++) {
		const struct verdict *v = deciding(&votes[i]);

		if (v->health == HEALTH_DOWN)
			add_reason(degraded, &votes[i], v, v->reason);
		else if (v->health == HEALTH_UP)
			add_reason(degraded, &votes[i], votes[i].plan,
			    flaw(&votes[i]));
	}
}

/* --- the streak --- */

/* A check that may turn, by how near it is to that. */
struct near {
	const struct panel_vote *vote;
	uint32_t streak;
};

/* Put it among the ${n} of ${list}: the nearest first, else as in the file. */
static void
insert(
    struct near *list, size_t n, const struct panel_vote *vote, uint32_t streak)
{
	for (; n > 0 && list[n - 1].streak < streak; n--)
		list[n] = list[n - 1];
	list[n] = (struct near){vote, streak};
}

/*
 * The check with which the endpoint turns.  One that is up, or not known yet,
 * is down when so many have failed that too few are left: what one check more
 * or less does not change has no streak of failures.  One that is down is up
 * when as many as it lacks have passed; held down, it has the shortest streak
 * of those that it needs.
 */
static const struct panel_vote *
find_turning(const struct panel_vote *votes, size_t n, unsigned need,
    const struct count *c, bool down)
{
	struct near list[CHECK_SET_MAX] = {{votes, 0}};
	size_t most = 0, at;

	if (!down)
		at = n - c->down - need;
	else
		at = c->up < need ? need - c->up - 1 : need - 1;
	for (size_t i = 0; i < n; i++) {
		enum state_health health = deciding(&votes[i])->health;
		const struct verdict *of = streak_of(&votes[i]);

		if (!down && health != HEALTH_DOWN)
			insert(list, most++, &votes[i], of->fails);
		if (down && (health == HEALTH_UP) == (c->up >= need))
			insert(list, most++, &votes[i], of->passes);
	}
	return at < most ? list[at].vote : votes;
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

/* What is told of the one with which it turns; what it is down for, else. */
static void
tell(const struct panel_vote *votes, size_t n, unsigned need,
    const struct count *c, struct verdict *v)
{
	enum state_health health = health_by(c, n, need);
	bool down = health == HEALTH_DOWN || v->health == HEALTH_DOWN;
	const struct panel_vote *turning =
	    find_turning(votes, n, need, c, down);
	const struct verdict *of = streak_of(turning);
	char reason[STATE_REASON] = "";

	v->passes = of->passes;
	v->fails = of->fails;
	if (health != HEALTH_UP)
		find_reason(votes, n, reason);
	if (reason[0] == '\0')
		add_reason(reason, turning, of, of->reason);
	/* What an earlier run said stays until this one knows more. */
	if (reason[0] != '\0' || health == HEALTH_UP || !down)
		memcpy(v->reason, reason, sizeof(v->reason));
}

/* It may be earlier than it was: the wall clock may have been set back.  Before
 * the first check of this run it is that of an earlier one. */
static int64_t
last_check(const struct panel_vote *votes, size_t n, const struct verdict *v)
{
	int64_t last = 0;

	for (size_t i = 0; i < n; i++)
		if (votes[i].plan->checked_ms > last)
			last = votes[i].plan->checked_ms;
	return last > 0 ? last : v->checked_ms;
}

/* Some check has no verdict of this run yet. */
static bool
is_open(const struct panel_vote *votes, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (votes[i].plan->health == HEALTH_UNKNOWN ||
		    (votes[i].deep != NULL &&
			votes[i].deep->health == HEALTH_UNKNOWN))
			return true;
	return false;
}

/* What an earlier run found stays until all checks have looked, so that a
 * restart is no news. */
static void
note_degraded(struct panel *panel, const struct panel_vote *votes, size_t n,
    struct verdict *v)
{
	char degraded[STATE_REASON] = "";

	find_degraded(votes, n, degraded);
	if (panel->recalled && degraded[0] == '\0' && is_open(votes, n))
		return;
	panel->recalled = false;
	memcpy(v->degraded, degraded, sizeof(v->degraded));
}

bool
panel_judge(struct panel *panel, const struct panel_rules *rules,
    const struct panel_vote *votes, size_t n, int64_t wall_ms, int64_t mono_ms,
    struct verdict *v)
{
	struct count c = count_votes(votes, n);
	enum state_health health = health_by(&c, n, rules->need);
	bool was_degraded = v->degraded[0] != '\0', changed;

	tell(votes, n, rules->need, &c, v);
	v->checked_ms = last_check(votes, n, v);
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
		note_degraded(panel, votes, n, v);
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
