/*
 * Looks at an override before it is said.  Called by override_say.c; a check
 * that fails says why in words, and changes nothing.
 */
#include "ctl/override_check.h"

#include <stdlib.h>
#include <string.h>

#include "config/scalar.h"
#include "ctl/columns.h"
#include "ctl/override_text.h"
#include "steering/override_target.h"
#include "steering/safety_said.h"

/* --- targets --- */

/* Endpoints that both mean. */
static size_t
shared(const struct override_look *look, const struct state_override *other)
{
	const struct policy *policy = look->g->policy;
	bool *reached = calloc(policy->n_endpoints + 1, sizeof(bool));
	size_t n = 0;

	if (reached == NULL)
		return 0;
	(void)override_target_endpoints(
	    policy, override_target_kind(other->kind), other->target, reached);
	for (size_t i = 0; i < policy->n_endpoints; i++)
		n += reached[i] && look->reach->endpoint[i];
	free(reached);
	return n;
}

/* The next row in force, from number ${i} on, that is ${about} endpoints of
 * ours, and not said of the very target of ${row}; NULL after the last. */
static const struct state_override *
next_other(const struct override_look *look, const char *about,
    const struct state_override *row, size_t *i, size_t *n)
{
	struct override_end end;

	for (; *i < look->trail->n; ++*i) {
		const struct state_override *other = &look->trail->row[*i];

		override_trail_end(look->trail, *i, look->now_ms, &end);
		if (end.how != OVERRIDE_IN_FORCE ||
		    state_override_same(row, other) ||
		    strcmp(about, state_override_about(other)) != 0)
			continue;
		*n = shared(look, other);
		if (*n == 0)
			continue;
		++*i;
		return other;
	}
	return NULL;
}

/* What no undrain ends. */
static void
say_drained_by_file(struct text *t, const struct override_look *look)
{
	const struct policy *policy = look->g->policy;
	size_t n = 0;

	for (size_t i = 0; i < policy->n_endpoints; i++)
		n += look->reach->endpoint[i] && policy->endpoints[i].drained;
	if (n > 0)
		text_add(t,
		    "; %zu endpoint%s of it %s drained by the file (drained: "
		    "true)",
		    n, text_plural(n), n == 1 ? "is" : "are");
}

/* Who else is ${about} them. */
static void
say_others(struct text *t, const struct override_look *look, const char *about,
    const struct state_override *row)
{
	const struct state_override *other;
	size_t i = 0, n;

	while ((other = next_other(look, about, row, &i, &n)) != NULL) {
		text_add(t, "; %zu endpoint%s of it still %s: ", n,
		    text_plural(n), n == 1 ? "is" : "are");
		override_text_what(t, other);
		text_add(t, " (override %llu), undo: ",
		    (unsigned long long)other->number);
		override_text_undo(t, look->path, other);
	}
}

void
override_check_rest(struct text *t, const struct override_look *look,
    const struct state_override *row)
{
	say_others(t, look, state_override_about(row), row);
	if (strcmp(row->action, "undrain") == 0)
		say_drained_by_file(t, look);
}

void
override_check_drained(struct text *t, const struct override_look *look,
    const struct state_override *row)
{
	say_others(t, look, "drain", row);
	say_drained_by_file(t, look);
}

/* What ${row} ends is not in force: say so, and whatever else is. */
static void
say_not_in_force(struct text *t, const struct override_look *look,
    const struct state_override *row)
{
	text_add(t, "%s ", row->kind);
	override_text_add(t, row->target);
	text_add(t, " %s", override_text_not(row));
	override_check_rest(t, look, row);
	if (look->reach->endpoints > 0)
		return;
	text_add(t, "; ");
	override_reach_nothing(t, look->g->policy, row);
}

bool
override_check_target(const struct override_look *look,
    const struct state_override *row, struct text *why)
{
	/* That a ramp begins again ends what there is, or nothing. */
	if (override_text_again(row))
		return true;
	if (override_text_ends(row)) {
		/* It may be of something that has left the files. */
		if (override_trail_in_force(look->trail, row, look->now_ms) !=
		    NULL)
			return true;
		say_not_in_force(why, look, row);
		return false;
	}
	if (look->reach->endpoints > 0 || look->reach->services > 0)
		return true;
	override_reach_nothing(why, look->g->policy, row);
	return false;
}

/* --- the wait --- */

static const char *const moving[] = {"drain", "undrain", "force", "weight"};

static bool
changes_regions(const struct state_override *row)
{
	for (size_t i = 0; i < sizeof(moving) / sizeof(moving[0]); i++)
		if (strcmp(row->action, moving[i]) == 0)
			return strcmp(row->kind, "region") == 0;
	return false;
}

/* When ${row} last changed what it is of: when it was said, or its length was
 * over. */
static int64_t
changed_ms(const struct state_override *row, int64_t now_ms)
{
	int64_t until = override_text_until(row);

	return until >= 0 && until <= now_ms ? until : row->at_ms;
}

/* The longest wait of the zones that have region number ${region}. */
static uint64_t
wait_of(const struct policy *policy, size_t region)
{
	uint64_t wait_ms = 0;

	for (size_t i = 0; i < policy->n_zones; i++) {
		const struct policy_zone *zone = &policy->zones[i];
		size_t n = zone->config != NULL ? zone->config->n_regions : 0;

		for (size_t k = 0; k < n; k++)
			if (zone->regions[k] == region &&
			    zone->config->safety.wait_ms > wait_ms)
				wait_ms = zone->config->safety.wait_ms;
	}
	return wait_ms;
}

/* How long ${row} has to wait for ${region} after ${other}; 0 or less: not. */
static int64_t
left_ms(const struct override_look *look, const struct state_override *other,
    size_t region)
{
	const struct policy *policy = look->g->policy;
	int64_t ago_ms = look->now_ms - changed_ms(other, look->now_ms);
	int64_t wait_ms;

	if (!look->reach->region[region] || !changes_regions(other) ||
	    !override_target_region(
		other->target, policy->regions[region].name))
		return 0;
	wait_ms = (int64_t)wait_of(policy, region);
	/* Said in times to come: the clock was set back, by who knows what. */
	return wait_ms > 0 && ago_ms > -wait_ms ? wait_ms - ago_ms : 0;
}

static void
say_wait(struct text *why, const struct override_look *look,
    const struct state_override *other, size_t region, int64_t left)
{
	char ago[32], wait[SCALAR_MS_TEXT];
	const char *name = look->g->policy->regions[region].name;
	uint64_t wait_ms = wait_of(look->g->policy, region);

	text_add(why, "region %s was changed %s ago (override %llu, ", name,
	    columns_ago(look->now_ms - changed_ms(other, look->now_ms), ago),
	    (unsigned long long)other->number);
	override_text_who(why, other);
	text_add(why,
	    "), and safety waits %s between two changes: %lld s are left",
	    scalar_show_ms(wait_ms, wait), (long long)(left + 999) / 1000);
}

bool
override_check_wait(const struct override_look *look,
    const struct state_override *row, struct text *why)
{
	const struct state_override *before =
	    override_trail_in_force(look->trail, row, look->now_ms);

	/* That it lasts longer, or is said again, changes no answer. */
	if (!changes_regions(row) ||
	    (before != NULL && strcmp(before->value, row->value) == 0 &&
		!override_text_ends(row)))
		return true;
	for (size_t i = look->trail->n; i-- > 0;)
		for (size_t r = 0; r < look->g->policy->n_regions; r++) {
			const struct state_override *other =
			    &look->trail->row[i];
			int64_t left = left_ms(look, other, r);

			if (left <= 0)
				continue;
			say_wait(why, look, other, r, left);
			return false;
		}
	return true;
}

/* --- the safety rule --- */

int
override_check_safety(const struct override_look *look, struct health *health,
    const struct state_override *row, struct text *why)
{
	const struct state_override **in_force =
	    calloc(look->trail->n + 1, sizeof(*in_force));
	struct safety_said said = {
	    .policy = look->g->policy, .health = health, .row = in_force};
	struct override_end end;
	int status;

	if (in_force == NULL)
		return -1;
	for (size_t i = 0; i < look->trail->n; i++) {
		override_trail_end(look->trail, i, look->now_ms, &end);
		if (end.how == OVERRIDE_IN_FORCE)
			in_force[said.n++] = &look->trail->row[i];
	}
	status = safety_said(&said, row, why);
	free(in_force);
	return status;
}
