/* One look at the state database.  Called by what serves nobody; keeps
 * nothing. */
#include "node/generation_health.h"

#include "base/clock.h"
#include "state/reader.h"
#include "steering/health_row.h"

static void
begin(void *context, bool full)
{
	health_begin(context, full);
}

static void
take(void *context, enum state_table table, const union schema_row *row)
{
	health_row(context, table, row, clock_mono_ms(), clock_wall_ms());
}

static void
commit(void *context)
{
	health_commit(context, clock_mono_ms());
}

/* Of what checks found alone. */
static void
take_found(void *context, enum state_table table, const union schema_row *row)
{
	if (table == TABLE_VANTAGE || table == TABLE_ENDPOINT ||
	    table == TABLE_ADDRESS)
		take(context, table, row);
}

static const struct state_sink all = {
    .begin = begin, .row = take, .commit = commit};
static const struct state_sink found_alone = {
    .begin = begin, .row = take_found, .commit = commit};

struct health *
generation_health(
    const struct generation *generation, bool found, struct errbuf *eb)
{
	const struct server_config *config = generation->config;
	struct state_reader *reader = state_reader_create(config->state);
	struct health *health = health_create();

	if (reader == NULL || health == NULL ||
	    health_adopt(health, generation->policy, clock_mono_ms()) != 0) {
		state_reader_destroy(reader);
		health_destroy(health);
		return NULL;
	}
	health_configure(health, config->stale_after_ms, config->stale_then);
	health_allow_missed(health, config->blind_ppm);
	(void)state_reader_poll(
	    reader, found ? &found_alone : &all, health, eb);
	state_reader_destroy(reader);
	return health;
}
