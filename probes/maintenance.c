/*
 * Maintenance while endpoints are probed: whether one is in a window, and what
 * hooks are told when that ends.  Called by probes and by the prober on its
 * loop; what counts for answers is none of its business.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/text.h"
#include "probes/prober_parts.h"

/* Between two looks at all endpoints. */
#define LOOK_MS 1000

/* Of the reason of a window, in that of an event: the rest is for what
 * happened. */
#define REASON_CUT 40

static struct probe *
whole_of(struct probe *p)
{
	return p->address != NULL ? p->address->whole : p;
}

/* It is in a window until ${until_ms}. */
static void
begin(struct probe *p, int64_t until_ms, const char *reason)
{
	if (p->maintenance_ms < 0)
		p->prober->maintenance_began++;
	p->in_maintenance = true;
	if (p->maintenance_ms == until_ms &&
	    strcmp(p->maintenance, reason) == 0)
		return;
	p->maintenance_ms = until_ms;
	snprintf(p->maintenance, sizeof(p->maintenance), "%.*s",
	    (int)sizeof(p->maintenance) - 1, reason);
	probe_mark(p);
}

bool
maintenance_look(struct probe *p)
{
	const struct target *t = p->target;
	struct maintenance_state state;

	p = whole_of(p);
	if (t->n_maintenance > 0 &&
	    maintenance_now(t->maintenance, t->n_maintenance,
		clock_wall_ms() / 1000, &state))
		begin(p, state.until_s * 1000, state.reason);
	else
		p->in_maintenance = false;
	return p->in_maintenance;
}

/* --- its end --- */

static void
tell(struct probe *p, enum state_health now)
{
	const struct verdict *v = &p->verdict;
	const char *why = now == HEALTH_DEGRADED ? v->degraded : v->reason;
	char reason[2 * STATE_REASON] = "", since[CLOCK_TEXT];
	const struct endpoint_key *key = &p->target->key;
	struct hook_change change;

	/* That it is up but not as it should be has no time of its own. */
	if (now != HEALTH_DEGRADED)
		snprintf(reason, sizeof(reason), "%s since %s, ",
		    state_health_name(now), clock_format(v->since_ms, since));
	snprintf(reason + strlen(reason), sizeof(reason) - strlen(reason),
	    "after maintenance%s%s", why[0] != '\0' ? ": " : "", why);
	if (now != HEALTH_UP)
		log_warn("%s %s %s is %s after maintenance%s%s", key->zone,
		    key->pool, key->endpoint, state_health_name(now),
		    why[0] != '\0' ? ": " : "", why);
	if (now == p->told)
		return;
	probe_change(p, p->told, -1, reason, &change);
	p->told = now;
	prober_tell(p->prober, &change);
}

void
maintenance_end(struct probe *p)
{
	enum state_health now;

	p = whole_of(p);
	p->judged = true;
	if (p->in_maintenance || p->maintenance_ms < 0)
		return;
	now = probe_told(&p->verdict);
	if (now != HEALTH_UNKNOWN)
		tell(p, now);
	p->maintenance_ms = -1;
	p->maintenance[0] = '\0';
	p->prober->maintenance_ended++;
	probe_mark(p);
}

/* --- rows and events --- */

void
maintenance_mark(const struct probe *p, char reason[STATE_REASON])
{
	char why[STATE_REASON];
	bool said = p->maintenance[0] != '\0';

	snprintf(why, sizeof(why), "%s", reason);
	snprintf(reason, STATE_REASON, STATE_MAINTENANCE "%s%.*s%s",
	    said ? " (" : "", REASON_CUT, p->maintenance, said ? ")" : "");
	if (why[0] != '\0')
		snprintf(reason + strlen(reason), STATE_REASON - strlen(reason),
		    ": %s", why);
}

void
maintenance_restore(struct probe *p, const struct state_endpoint *row)
{
	if (p->judged || p->told != HEALTH_UNKNOWN)
		return;
	p->told = row->told;
	/* An older release told hooks all that it wrote. */
	if (p->told == HEALTH_UNKNOWN && row->maintenance_ms < 0)
		p->told = row->health;
	if (p->maintenance_ms >= 0)
		return;
	p->maintenance_ms = row->maintenance_ms;
	memcpy(p->maintenance, row->maintenance, sizeof(p->maintenance));
}

/* --- all of them --- */

static void
say(size_t n, const char *what)
{
	if (n > 0)
		log_info("maintenance %s for %zu endpoint%s", what, n,
		    text_plural(n));
}

void
maintenance_tick(struct prober *pr)
{
	int64_t now = clock_mono_ms();

	if (now - pr->looked_ms < LOOK_MS)
		return;
	pr->looked_ms = now;
	for (size_t i = 0; i < pr->table->n; i++) {
		struct probe *p = pr->probes[i];

		if (p->target->n_maintenance == 0 && p->maintenance_ms < 0)
			continue;
		/* What was found before this run is not news. */
		if (!maintenance_look(p) && p->judged)
			maintenance_end(p);
	}
	say(pr->maintenance_began, "begins");
	say(pr->maintenance_ended, "is over");
	pr->maintenance_began = pr->maintenance_ended = 0;
}
