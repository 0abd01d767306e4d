/* Judges what operators say by the safety rule.  Called by meridianctl and
 * meridian-share; changes nothing. */
#include "steering/safety_said.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "steering/live.h"
#include "steering/override_target.h"
#include "steering/safety.h"

/* It ends something, and does nothing itself. */
static bool
ends(const struct state_override *row)
{
	return strcmp(row->action, "undrain") == 0 ||
	    strcmp(row->value, "off") == 0;
}

static void
lay(struct live *live, const struct policy *policy,
    const struct state_override *row, bool *scratch)
{
	bool drain = strcmp(row->action, "drain") == 0;
	bool up = strcmp(row->value, "up") == 0;

	if (ends(row) || (!drain && strcmp(row->action, "force") != 0))
		return;
	memset(scratch, 0, policy->n_endpoints * sizeof(*scratch));
	(void)override_target_endpoints(
	    policy, override_target_kind(row->kind), row->target, scratch);
	for (size_t i = 0; i < policy->n_endpoints; i++) {
		if (!scratch[i])
			continue;
		if (drain)
			live_drain(live, i);
		else
			live_force(live, i, up);
	}
}

/* What is live once all that is in force has come in, but, when ${instead} is
 * not NULL, what is the same as that, which is laid on last. */
static struct live *
live_with(const struct safety_said *said, const struct state_override *instead)
{
	const struct policy *policy = said->policy;
	struct live *live = health_live(said->health, policy, clock_mono_ms());
	bool *scratch = calloc(policy->n_endpoints + 1, sizeof(bool));

	if (live == NULL || scratch == NULL) {
		live_destroy(live);
		free(scratch);
		return NULL;
	}
	for (size_t i = 0; i < said->n; i++)
		if (instead == NULL ||
		    !state_override_same(said->row[i], instead))
			lay(live, policy, said->row[i], scratch);
	if (instead != NULL)
		lay(live, policy, instead, scratch);
	free(scratch);
	live_judge(live, policy);
	return live;
}

int
safety_said(const struct safety_said *said, const struct state_override *row,
    struct text *words)
{
	struct live *before = live_with(said, NULL);
	struct live *after = live_with(said, row);
	struct safety_breach breach;
	int status = -1;

	if (before != NULL && after != NULL)
		status =
		    safety_check(said->policy, before, after, &breach, words);
	if (status == 1 && breach.classes > 1)
		text_add(words,
		    "; so would %u more class%s of clients, of %u service%s "
		    "in all",
		    breach.classes - 1, breach.classes == 2 ? "" : "es",
		    breach.services, breach.services == 1 ? "" : "s");
	live_destroy(before);
	live_destroy(after);
	return status;
}
