/* Ages of overrides.  Called by all that reads or writes them; keeps nothing.
 */
#include "state/override_clock.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "state/boot.h"

/* Two clocks are read one after the other, and one of them is trimmed: less
 * than this was set by nobody. */
#define SLACK_MS 2000

void
override_clock_set(struct state_override *row, int64_t age_ms)
{
	int64_t steady_ms = clock_mono_ms() - age_ms;

	/* Of what was said before this boot its clock knows nothing. */
	(void)snprintf(row->boot, sizeof(row->boot), "%s",
	    steady_ms >= 0 ? state_boot() : "");
	row->steady_ms = steady_ms >= 0 ? steady_ms : -1;
}

bool
override_clock_is_set(const struct state_override *row, int64_t mono_ms)
{
	return row->boot[0] != '\0' && row->steady_ms >= 0 &&
	    strcmp(row->boot, state_boot()) == 0 &&
	    row->steady_ms <= mono_ms + SLACK_MS;
}

int64_t
override_clock_age(
    const struct state_override *row, int64_t mono_ms, int64_t wall_ms)
{
	int64_t age_ms = override_clock_is_set(row, mono_ms)
	    ? mono_ms - row->steady_ms
	    : wall_ms - row->at_ms;

	return age_ms > 0 ? age_ms : 0;
}

int64_t
override_clock_at(const struct state_override *row)
{
	int64_t mono_ms = clock_mono_ms(), wall_ms = clock_wall_ms(), at_ms;

	if (!override_clock_is_set(row, mono_ms))
		return row->at_ms;
	at_ms = wall_ms - (mono_ms - row->steady_ms);
	return at_ms > row->at_ms + SLACK_MS || at_ms < row->at_ms - SLACK_MS
	    ? at_ms
	    : row->at_ms;
}
