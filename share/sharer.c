/*
 * What is due in the sharer, its beginning and its end.  Called by the loop of
 * meridian-share; never waits for etcd, for the state database or for a file.
 */
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "share/alone.h"
#include "share/key.h"
#include "share/sharer_parts.h"

/* Changes of an endpoint are to be with all nodes within a second: what others
 * say is written at once, and what is due is looked for so often. */
#define TICK_MS 50

/* The row of this node moves, and vantages of others are shown to live, so
 * often. */
#define BEAT_MS 1000

/* The watch has so long to bring what was faster than an override of ours. */
#define LATE_MS 2000

/* Say again that this node lives, by a key that is bound to its lease. */
static void
say_self(struct sharer *s, int64_t now_ms)
{
	struct key key = {KEY_NODE, {""}, 0};
	char name[KEY_TEXT];
	struct text value;

	if (now_ms - s->said_ms < NODES_SAY_MS &&
	    s->lease == link_lease(s->link))
		return;
	if (s->lease != link_lease(s->link))
		outgoing_unleased(s->outgoing);
	s->lease = link_lease(s->link);
	s->said_ms = now_ms;
	(void)snprintf(key.name[0], sizeof(key.name[0]), "%s", s->self.name);
	text_init(&value, BLOCK_BYTES);
	nodes_say(&s->self, clock_wall_ms(), &value);
	s->told = s->self.link[0] != '\0';
	if (value.data == NULL ||
	    key_build(s->config->share.prefix, &key, name) == 0 ||
	    link_bind(s->link, name, value.data) != 0 ||
	    link_claim(s->link, name) != 0)
		log_error("node %s cannot be told: no memory", s->self.name);
	text_finish(&value);
}

/* The own row moves while this process lives, and vantages of others while the
 * link does. */
static void
beat(struct sharer *s, int64_t now_ms)
{
	union schema_row row;
	int64_t lasts_ms;
	size_t keys;

	if (!s->ready || s->again ||
	    (s->beat_ms != 0 && now_ms - s->beat_ms < BEAT_MS))
		return;
	s->beat_ms = now_ms;
	memset(&row, 0, sizeof(row));
	row.node = s->self;
	row.node.seen_ms = clock_wall_ms();
	keys = link_reads(s->link, &lasts_ms);
	if (row.node.link[0] == '\0' && lasts_ms >= SHARER_READING_MS)
		(void)snprintf(row.node.link, sizeof(row.node.link),
		    STATE_LINK_READS "%zu keys so far", keys);
	state_recorder_put(s->recorder, TABLE_NODE, &row);
	s->changed = true;
	(void)unlike_look(
	    s->unlike, &s->self, s->nodes, row.node.seen_ms, now_ms);
	if (link_state(s->link) != LINK_CUT) {
		picture_beat(s->picture, clock_wall_ms());
		sharer_put_demand(s);
	}
	sharer_commit(s);
}

static void
on_tick(uv_timer_t *timer)
{
	struct sharer *s = timer->data;
	int64_t now_ms = clock_mono_ms();

	if (s->anew) {
		sharer_stop(s);
		return;
	}
	if (link_lease(s->link) != 0) {
		say_self(s, now_ms);
		sharer_say_demand(s);
	}
	/* Only the process that has the name goes on with what it had. */
	if (s->link != NULL && link_may_write(s->link) &&
	    s->noted != s->lease) {
		s->noted = s->lease;
		alone_note(s->lock, s->lease);
	}
	sharer_say_reading(s);
	beat(s, now_ms);
	sharer_control(s);
	sharer_commit(s);
	sharer_sweep(s);
	sharer_send(s);
	if (link_state(s->link) == LINK_LIVE && shared_trail_late(s->trail) &&
	    now_ms - s->late_ms > LATE_MS) {
		s->late_ms = now_ms;
		link_read_again(s->link);
	}
	sharer_say_again(s, now_ms);
}

/* --- beginning and end --- */

void
sharer_stop(struct sharer *s)
{
	if (s->stopping)
		return;
	s->stopping = true;
	/* Calls to etcd may still be answered while the lease is given back:
	 * nothing follows from them any more. */
	s->ready = s->changed = false;
	wanted_stop(s->wanted);
	link_stop(s->link);
	judge_stop(s->judge);
	s->judge = NULL;
	state_watch_stop(s->watch);
	state_recorder_stop(s->recorder);
	uv_close((uv_handle_t *)&s->tick, NULL);
}

void
sharer_describe(struct sharer *s, const struct server_config *config)
{
	struct endpoint_address at;
	char text[ADDRESS_TEXT];

	(void)snprintf(s->self.name, sizeof(s->self.name), "%s", config->node);
	(void)snprintf(
	    s->self.vantage, sizeof(s->self.vantage), "%s", config->vantage);
	(void)snprintf(s->self.region, sizeof(s->self.region), "%s",
	    config->vantage_region != NULL ? config->vantage_region : "");
	(void)snprintf(
	    s->self.version, sizeof(s->self.version), "%s", MERIDIAN_VERSION);
	s->self.address[0] = '\0';
	if (server_share_address(config, &at))
		(void)snprintf(s->self.address, sizeof(s->self.address), "%s",
		    endpoint_address_format(&at, text));
}

int
sharer_begin(struct sharer *s)
{
	const struct server_config *config = s->config;

	s->self.cut_ms = -1;
	sharer_describe(s, config);
	s->nodes = nodes_create();
	s->unlike = unlike_create();
	s->trail = shared_trail_create();
	s->own_demand = own_demand_create(s->self.name);
	s->others_demand = others_demand_create();
	s->picture = picture_create(s->self.name, &sharer_picture_calls, s);
	s->outgoing = outgoing_create(config->share.prefix, s->self.name,
	    (int64_t)config->stale_after_ms);
	if (s->nodes == NULL || s->unlike == NULL || s->trail == NULL ||
	    s->picture == NULL || s->outgoing == NULL ||
	    s->own_demand == NULL || s->others_demand == NULL ||
	    sharer_control_begin(s) != 0)
		return -1;
	s->recorder = state_recorder_carry(
	    s->loop, config->state, s->self.name, &sharer_recorder_calls, s);
	if (s->recorder == NULL)
		return -1;
	state_recorder_forget_after(s->recorder, config->stale_forget_ms);
	s->watch = state_watch_start(
	    s->loop, config->state, TABLES_SHARE, &sharer_local_calls, s);
	if (s->watch == NULL)
		return -1;
	uv_timer_init(s->loop, &s->tick);
	s->tick.data = s;
	uv_timer_start(&s->tick, on_tick, TICK_MS, TICK_MS);
	return 0;
}

void
sharer_end(struct sharer *s)
{
	if (s->batch != NULL)
		outgoing_done(s->outgoing, s->batch, false, 0);
	sharer_control_end(s);
	outgoing_destroy(s->outgoing);
	picture_destroy(s->picture);
	shared_trail_destroy(s->trail);
	own_demand_destroy(s->own_demand);
	others_demand_destroy(s->others_demand);
	nodes_destroy(s->nodes);
	unlike_destroy(s->unlike);
	forgotten_finish(&s->forgotten);
}
