/*
 * The sharer and the state database of this node: what its own programs wrote
 * goes to what this node has to say, and what others say is written.  Called by
 * the sharer's loop.
 */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/daemon.h"
#include "base/log.h"
#include "share/alone.h"
#include "share/sharer_parts.h"
#include "state/node_parts.h"
#include "transfer/tls_files.h"

/* --- what the local database has --- */

static void
on_begin(void *context, bool full)
{
	struct sharer *s = context;

	sharer_time(s);
	outgoing_sink.begin(s->outgoing, full);
	own_demand_begin(s->own_demand);
	controls_sink.begin(s->controls, full);
	s->local_full = full;
	if (!full)
		return;
	s->local_known = false;
	s->local_site[0] = '\0';
	s->local_followed = 0;
	shared_trail_local_begin(s->trail);
	locks_local_begin(s->locks);
}

/* One of a name that this node does not have any more, and that ended in good
 * order, may be of another node by now. */
static bool
is_given_up(const struct sharer *s, const struct state_vantage *row)
{
	return row->lease_until_ms == 0 &&
	    strcmp(row->name, s->config->vantage) != 0;
}

static void
on_vantage(void *context, const struct state_vantage *row)
{
	struct sharer *s = context;
	bool own = row->node[0] == '\0' && !is_given_up(s, row);

	picture_own(s->picture, row->name, own);
	/* While this runs the others are to hear that it has ended. */
	if (own || !s->local_full)
		outgoing_sink.vantage(s->outgoing, row);
}

static void
on_endpoint(void *context, const struct state_endpoint *row)
{
	struct sharer *s = context;

	outgoing_sink.endpoint(s->outgoing, row);
}

static void
on_address(void *context, const struct state_address *row)
{
	struct sharer *s = context;

	outgoing_sink.address(s->outgoing, row);
}

static void
on_load(void *context, const struct state_load *row)
{
	struct sharer *s = context;

	outgoing_sink.load(s->outgoing, row);
}

/* What meridiand serves. */
static void
on_served(void *context, const struct state_served *row)
{
	struct sharer *s = context;
	struct state_node *self = &s->self;

	memcpy(self->zones, row->zones, sizeof(self->zones));
	memcpy(self->steering, row->steering, sizeof(self->steering));
	memcpy(self->geography, row->geography, sizeof(self->geography));
	memcpy(self->presets, row->presets, sizeof(self->presets));
	memcpy(self->latency, row->latency, sizeof(self->latency));
	s->said_ms = s->beat_ms = 0;
}

static void
on_keep(void *context, const struct state_keep *row)
{
	struct sharer *s = context;

	controls_sink.keep(s->controls, row);
}

static void
on_factor(void *context, const struct state_factor *row)
{
	struct sharer *s = context;

	controls_sink.factor(s->controls, row);
}

static void
on_ramp(void *context, const struct state_ramp *row)
{
	struct sharer *s = context;

	controls_sink.ramp(s->controls, row);
}

static void
on_lock(void *context, const struct state_lock *row)
{
	struct sharer *s = context;

	locks_local(s->locks, row);
}

static void
on_override(void *context, const struct state_override *row)
{
	struct sharer *s = context;
	enum link_state state = link_state(s->link);
	unsigned long long number = (unsigned long long)row->number;

	/* Before etcd was read nobody knows what it has. */
	switch (shared_trail_local(
	    s->trail, row, state == LINK_CUT || state == LINK_BEGINS)) {
	case SHARED_LOCAL_KNOWN:
		break;
	case SHARED_LOCAL_ODD:
		log_error("override %llu in %s has a number that no node gave, "
			  "so that it counts on this node alone: end the "
			  "programs of this node, take it away (sqlite3 %s "
			  "'DELETE FROM override WHERE number = %llu'), and "
			  "start them again",
		    number, s->config->state, s->config->state, number);
		break;
	case SHARED_LOCAL_FULL:
		log_error("override %llu is not shared: no memory, or more "
			  "than %d of them",
		    number, SHARED_TRAIL_ROWS);
		break;
	}
}

static void
on_node(void *context, const struct state_node *row)
{
	struct sharer *s = context;

	if (!s->local_full || !node_is_own(row))
		return;
	/* The node may have had another name.  Of two sites it is the other
	 * one. */
	if (row->site[0] != '\0' &&
	    (s->local_site[0] == '\0' ||
		strcmp(row->site, link_site(s->link)) != 0))
		memcpy(s->local_site, row->site, sizeof(s->local_site));
	if (strcmp(row->name, s->self.name) == 0)
		s->local_followed = row->followed;
}

static void
on_forgotten(void *context, const struct state_forgotten *row)
{
	sharer_forget_wish(context, row);
}

static void
on_demand(void *context, const struct state_demand *row)
{
	struct sharer *s = context;

	own_demand_row(s->own_demand, row);
}

/* What cannot be used may be mended while this runs: it is read again when it
 * changes. */
static void
say_files(const struct share_config *share)
{
	const struct tls_files files = {
	    share->ca, share->certificate, share->key};
	struct errbuf *eb = malloc(sizeof(*eb));

	if (eb == NULL || !server_share_secure(share)) {
		free(eb);
		return;
	}
	errbuf_init(eb);
	tls_files_check(&files, clock_wall_ms(), &share->at, eb);
	daemon_log_messages(eb);
	free(eb);
}

/* Another state database is in the place of the one before, of another site
 * than that.  One that was lost, or is new, is of none, and goes on. */
static bool
is_of_another_site(const struct sharer *s)
{
	return s->link != NULL &&
	    strcmp(s->local_site, link_held_site(s->link)) != 0 &&
	    (s->local_site[0] != '\0' || link_site(s->link)[0] == '\0');
}

static void
know_local(struct sharer *s)
{
	bool mine = s->local_site[0] != '\0';

	s->stamped |= mine && strcmp(s->local_site, link_site(s->link)) == 0;
	if (mine)
		shared_trail_follow(s->trail, s->local_followed);
	shared_trail_local_end(
	    s->trail, !mine && (s->stamped || !link_founded(s->link)));
	s->local_known = true;
	if (s->ready && s->again) {
		s->again = false;
		picture_again(s->picture, clock_wall_ms());
	}
}

static void
start_link(struct sharer *s)
{
	say_files(&s->config->share);
	s->link = link_start(s->loop, &s->config->share, &sharer_link_calls, s);
	if (s->link == NULL ||
	    link_hold_site(s->link, s->config->state, s->local_site) != 0) {
		log_error("nothing is shared: no memory");
		link_stop(s->link);
		s->link = NULL;
		return;
	}
	link_began(s->link, alone_noted(s->lock));
}

static void
on_commit(void *context)
{
	struct sharer *s = context;

	outgoing_sink.commit(s->outgoing);
	own_demand_commit(s->own_demand, clock_mono_ms());
	controls_sink.commit(s->controls);
	if (s->local_full && is_of_another_site(s)) {
		log_warn("state: another state database is in the place of %s: "
			 "what is shared begins anew",
		    s->config->state);
		s->anew = true;
		return;
	}
	if (s->local_full)
		know_local(s);
	/* What is ours has to be known before it is met in etcd. */
	if (s->link == NULL && !s->stopping)
		start_link(s);
	sharer_control(s);
	sharer_take_trail(s);
	sharer_commit(s);
	sharer_send(s);
}

/* Who cannot read can rarely write, which the recorder says; the log has this
 * one only where that can. */
static void
on_trouble(void *context, const char *why)
{
	struct sharer *s = context;

	sharer_say_unread(s, why);
}

/* The log has it. */
static void
on_odd(void *context, const char *what)
{
	(void)context;
	(void)what;
}

const struct state_watch_calls sharer_local_calls = {
    .sink = {.begin = on_begin,
	.vantage = on_vantage,
	.endpoint = on_endpoint,
	.address = on_address,
	.load = on_load,
	.override = on_override,
	.demand = on_demand,
	.served = on_served,
	.keep = on_keep,
	.factor = on_factor,
	.ramp = on_ramp,
	.lock = on_lock,
	.node = on_node,
	.forgotten = on_forgotten,
	.commit = on_commit},
    .trouble = on_trouble,
    .odd = on_odd,
};

/* --- what is written to it --- */

static void
on_ready(void *context)
{
	struct sharer *s = context;

	s->ready = true;
	/* It may be another one, of which nothing is known. */
	s->local_known = false;
	s->again = true;
	s->self.followed = 0;
	s->self.site[0] = '\0';
	s->beat_ms = 0;
	state_watch_again(s->watch);
}

static void
on_state(void *context, const char *why)
{
	struct sharer *s = context;

	sharer_say_state(s, why);
	s->ready = s->ready && why == NULL;
}

static void
on_refused(void *context, const char *why)
{
	struct sharer *s = context;

	odd_log_say(&s->odd, ODD_REFUSED, "state: %s", why);
}

const struct state_recorder_calls sharer_recorder_calls = {
    .ready = on_ready, .trouble = on_state, .refused = on_refused};

void
sharer_put(
    struct sharer *s, enum state_table table, const union schema_row *row)
{
	state_recorder_put(s->recorder, table, row);
	s->changed = true;
	s->self.rows_in++;
}

void
sharer_commit(struct sharer *s)
{
	if (s->changed)
		state_recorder_commit(s->recorder);
	s->changed = false;
}

static void
put_demand(void *context, const struct state_demand *row)
{
	union schema_row out = {.demand = *row};

	sharer_put(context, TABLE_DEMAND, &out);
}

void
sharer_put_demand(struct sharer *s)
{
	others_demand_give(
	    s->others_demand, clock_mono_ms(), clock_wall_ms(), put_demand, s);
}
