/*
 * Asks the safety rule again while a drill lasts, by what checks find now and
 * by all that was said.
 */
#include "ctl/drill_safety.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "ctl/command.h"
#include "ctl/override_check.h"

#define WORDS_MAX 16384

struct drill_safety {
	const char *path;
	struct generation *g;
	struct errbuf eb;
};

struct drill_safety *
drill_safety_open(const char *path)
{
	struct drill_safety *s = calloc(1, sizeof(*s));

	if (s == NULL)
		return NULL;
	s->path = path;
	s->g = command_load_quietly(path);
	if (s->g != NULL)
		return s;
	free(s);
	return NULL;
}

void
drill_safety_close(struct drill_safety *s)
{
	if (s == NULL)
		return;
	generation_release(s->g);
	free(s);
}

/* All that was said but ${row} itself: the rule compares without and with it.
 */
static void
leave_out(struct override_trail *trail, const struct state_override *row)
{
	size_t kept = 0;

	for (size_t i = 0; i < trail->n; i++)
		if (trail->row[i].number != row->number)
			trail->row[kept++] = trail->row[i];
	trail->n = kept;
}

static enum drill_safe
check(struct drill_safety *s, struct override_trail *trail,
    const struct state_override *row, struct text *why)
{
	const struct state_override *now =
	    override_trail_in_force(trail, row, clock_wall_ms());
	struct override_reach reach;
	struct override_look look = {.path = s->path,
	    .g = s->g,
	    .trail = trail,
	    .reach = &reach,
	    .now_ms = clock_wall_ms()};
	struct health *health;
	enum drill_safe safe = DRILL_SAFE;

	if (now == NULL || now->number != row->number)
		return DRILL_ENDED;
	leave_out(trail, row);
	health = command_health_found(s->g, &s->eb);
	if (row->forced == 0 && health != NULL &&
	    override_trail_link(trail) == 0 &&
	    override_reach_find(s->g->policy, row, &reach) == 0) {
		if (override_check_safety(&look, health, row, why) == 1)
			safe = DRILL_UNSAFE;
		override_reach_finish(&reach);
	}
	health_destroy(health);
	return safe;
}

enum drill_safe
drill_safety_check(struct drill_safety *s, const struct state_override *row,
    char why[DRILL_TEXT])
{
	struct override_trail trail = {0};
	struct text words;
	enum drill_safe safe = DRILL_SAFE;

	errbuf_init(&s->eb);
	text_init(&words, WORDS_MAX);
	if (override_trail_read(s->g->config->state, &trail, &s->eb) == 0)
		safe = check(s, &trail, row, &words);
	(void)snprintf(why, DRILL_TEXT, "the safety rule is broken: %.300s",
	    words.data != NULL ? words.data : "");
	text_finish(&words);
	override_trail_finish(&trail);
	return safe;
}
