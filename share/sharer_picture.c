/*
 * The sharer, and the picture of what other nodes say: what follows from it
 * goes to the state database.  Called by the picture.
 */
#include <string.h>

#include "base/clock.h"
#include "share/sharer_parts.h"

static void
picture_begins(void *context, bool full)
{
	struct sharer *s = context;
	const struct state_node *node;
	size_t i = 0;

	if (!full)
		return;
	state_recorder_replace(s->recorder);
	s->changed = true;
	while ((node = nodes_next(s->nodes, &i)) != NULL)
		sharer_put_node(s, node);
	others_demand_again(s->others_demand);
	sharer_put_demand(s);
	sharer_control_again(s);
}

static void
picture_puts(void *context, enum state_table table, const union schema_row *row)
{
	struct sharer *s = context;

	state_recorder_put(s->recorder, table, row);
	s->self.rows_in++;
}

static void
picture_takes(
    void *context, enum state_table table, const union schema_row *row)
{
	struct sharer *s = context;

	state_recorder_take(s->recorder, table, row);
	s->changed = true;
}

static void
picture_commits(void *context, bool urgent)
{
	struct sharer *s = context;

	/* A transaction costs what many rows do: the next one has these. */
	s->changed |= urgent;
}

static void
picture_own_key(void *context, const struct key *key, const char *value,
    size_t len, int64_t revision)
{
	struct sharer *s = context;
	const char *node;

	outgoing_found(s->outgoing, key, value, len, revision);
	node = outgoing_claimed(s->outgoing, key->name[0]);
	if (key->kind == KEY_LIVE && node != NULL)
		odd_log_say(&s->odd, ODD_CLAIMED,
		    "node %s says that vantage %s is its own, so that what "
		    "this node finds is told to nobody: give each node a "
		    "`vantage` of its own",
		    node, key->name[0]);
}

static void
picture_odd(void *context, const char *vantage, const char *words)
{
	struct sharer *s = context;

	odd_log_say(&s->odd, ODD_VANTAGE, "vantage %s: %s", vantage, words);
}

const struct picture_calls sharer_picture_calls = {.begin = picture_begins,
    .put = picture_puts,
    .take = picture_takes,
    .commit = picture_commits,
    .own = picture_own_key,
    .odd = picture_odd};
