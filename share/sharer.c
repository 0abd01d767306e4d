/*
 * What etcd says, and what is due.  Called by the loop of meridian-share; never
 * waits for etcd, for the state database or for a file.
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

/* --- what etcd has --- */

void
sharer_put_node(struct sharer *s, const struct state_node *node)
{
	union schema_row row;

	if (node == NULL || strcmp(node->name, s->self.name) == 0)
		return;
	memset(&row, 0, sizeof(row));
	row.node = *node;
	sharer_put(s, TABLE_NODE, &row);
}

static void
take_node(struct sharer *s, const struct key *key, const struct etcd_pair *pair,
    bool fresh)
{
	const struct state_node *node = nodes_take(s->nodes, key->name[0],
	    pair->value.data, pair->value.len, clock_wall_ms(), fresh);

	if (strcmp(key->name[0], s->self.name) == 0 && fresh &&
	    pair->lease != link_lease(s->link))
		link_doubt_claim(s->link);
	if (node == NULL)
		odd_log_say(&s->odd, ODD_NODE,
		    "node %s says something that makes no sense, which is "
		    "left out",
		    key->name[0]);
	else
		nodes_heard(s->nodes, key->name[0], pair->mod_revision);
	sharer_put_node(s, node);
}

static void
take_demand(
    struct sharer *s, const struct key *key, const struct etcd_pair *pair)
{
	char why[BLOCK_WHY];

	if (strcmp(key->name[0], s->self.name) != 0 &&
	    others_demand_take(s->others_demand, key, pair->value.data,
		pair->value.len, why) != 0)
		odd_log_say(&s->odd, ODD_DEMAND,
		    "demand for pool %s/%s, as node %s says: %s", key->name[1],
		    key->name[2], key->name[0], why);
}

/* All up to ${revision} is known. */
static void
know(struct sharer *s, int64_t revision)
{
	if (revision > 0 && (uint64_t)revision > s->self.revision)
		s->self.revision = (uint64_t)revision;
}

/* What is no id is none. */
static void
take_site(struct sharer *s, const struct etcd_bytes *value)
{
	size_t len = value->len < sizeof(s->site) ? value->len : 0;

	memcpy(s->site, value->data, len);
	s->site[len] = '\0';
}

/* etcd is of the site that was found when it was asked. */
static bool
is_our_site(const struct sharer *s)
{
	return s->site[0] != '\0' && strcmp(s->site, link_site(s->link)) == 0;
}

/* A key that holds something, by a reading, or just now (${fresh}). */
static void
take_pair(struct sharer *s, const struct etcd_pair *pair, bool fresh)
{
	struct key key;

	/* Keys of later releases are none of ours. */
	if (key_parse(s->config->share.prefix, pair->key.data, pair->key.len,
		&key) != 0 ||
	    sharer_control_put(s, &key, pair) ||
	    sharer_trail_put(s, &key, pair, fresh))
		return;
	switch (key.kind) {
	case KEY_NODE:
		take_node(s, &key, pair, fresh);
		break;
	case KEY_LIVE:
	case KEY_VANTAGE:
	case KEY_VERDICT:
	case KEY_ADDRESS:
	case KEY_LOAD:
		picture_put(s->picture, &key, pair->value.data, pair->value.len,
		    pair->mod_revision);
		break;
	case KEY_DEMAND:
		take_demand(s, &key, pair);
		break;
	case KEY_CALENDAR:
		sharer_sweep_hear(s, pair);
		break;
	case KEY_FORGOTTEN:
		sharer_forget_hear(s, &key, pair, fresh);
		break;
	case KEY_SITE:
		take_site(s, &pair->value);
		break;
	case KEY_GENERATION:
	case KEY_PRUNED:
	case KEY_OVERRIDE:
	case KEY_RAMP:
	case KEY_KEEP:
	case KEY_FACTOR:
	case KEY_LOCK:
	case KEY_KINDS:
		break;
	}
}

static void
take_gone(struct sharer *s, const struct etcd_pair *pair)
{
	struct key key;

	if (key_parse(s->config->share.prefix, pair->key.data, pair->key.len,
		&key) != 0 ||
	    sharer_control_gone(s, &key) || sharer_trail_gone(s, &key, pair))
		return;
	if (key.kind == KEY_NODE)
		nodes_lost(s->nodes, key.name[0]);
	else if (key.kind == KEY_CALENDAR)
		calendar_gone(&s->calendar);
	else if (key.kind == KEY_FORGOTTEN)
		forgotten_gone(&s->forgotten, key.name[0]);
	else if (key.kind == KEY_SITE)
		s->site[0] = '\0';
	else if (key.kind == KEY_DEMAND)
		others_demand_gone(s->others_demand, &key);
	else
		picture_delete(s->picture, &key, pair->mod_revision);
}

static void
on_reading(void *context, bool anew)
{
	struct sharer *s = context;

	sharer_time(s);
	outgoing_reading(s->outgoing, anew);
	picture_begin(s->picture, true);
	shared_trail_begin(s->trail);
	calendar_begin(&s->calendar);
	forgotten_begin(&s->forgotten);
	others_demand_begin(s->others_demand);
	/* What was read of locks and rows counts when it is whole. */
	s->read = false;
	s->site[0] = '\0';
	locks_reading(s->locks);
	controls_reading(s->controls);
}

static void
on_keys(void *context, const struct etcd_found *found)
{
	struct sharer *s = context;

	for (size_t i = 0; i < found->n; i++)
		take_pair(s, &found->pairs[i], false);
}

static bool
on_read(void *context, int64_t revision)
{
	struct sharer *s = context;

	sharer_time(s);
	if (!is_our_site(s))
		return false;
	/* It went back with a backup that was restored. */
	s->self.revision = 0;
	know(s, revision);
	if (link_founded(s->link) && !s->stamped) {
		/* Its trail is that of the site before etcd is filled. */
		shared_trail_found(s->trail);
		memcpy(s->self.site, s->site, sizeof(s->self.site));
	}
	shared_trail_end(s->trail);
	if (shared_trail_behind(s->trail)) {
		sharer_fill(s);
		return false;
	}
	sharer_say_read(s);
	s->filling = false;
	calendar_end(&s->calendar);
	forgotten_end(&s->forgotten);
	others_demand_end(s->others_demand);
	locks_read(s->locks);
	controls_read(s->controls);
	s->read = true;
	if (picture_end(s->picture, clock_wall_ms(), clock_mono_ms()) != 0)
		return false;
	outgoing_read(s->outgoing, revision);
	sharer_control(s);
	sharer_take_trail(s);
	sharer_commit(s);
	return true;
}

static void
on_events(void *context, const struct etcd_event *events, size_t n)
{
	struct sharer *s = context;

	sharer_time(s);
	picture_begin(s->picture, false);
	for (size_t i = 0; i < n; i++) {
		know(s, events[i].pair.mod_revision);
		if (events[i].deleted)
			take_gone(s, &events[i].pair);
		else
			take_pair(s, &events[i].pair, true);
	}
	if (picture_end(s->picture, clock_wall_ms(), clock_mono_ms()) != 0 ||
	    shared_trail_behind(s->trail) || !is_our_site(s))
		link_read_again(s->link);
	sharer_control(s);
	sharer_take_trail(s);
	sharer_commit(s);
	sharer_send(s);
}

static void
on_state(void *context, enum link_state state, const char *words)
{
	struct sharer *s = context;
	int64_t now_ms = clock_mono_ms();

	sharer_say_link(
	    s, state, reminder_set(&s->link_trouble, words, now_ms), now_ms);
	sharer_say_trouble(s);
	/* What others heard of the trouble is over. */
	if (state == LINK_LIVE && words[0] == '\0' && s->told)
		s->said_ms = 0;
	sharer_send(s);
}

const struct link_calls sharer_link_calls = {.begin = on_reading,
    .keys = on_keys,
    .end = on_read,
    .events = on_events,
    .state = on_state};

/* --- time --- */

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

	if (!s->ready || !s->local_known ||
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
