/*
 * What etcd says.  Called by the link, on the loop of meridian-share; never
 * waits.
 */
#include <string.h>

#include "base/clock.h"
#include "share/key.h"
#include "share/sharer_parts.h"

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
		sharer_put_node(s, nodes_lost(s->nodes, key.name[0]));
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
	nodes_begin(s->nodes);
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

/* Whose key was not read is not there any more. */
static void
end_nodes(struct sharer *s)
{
	size_t i = 0;
	const struct state_node *node;

	nodes_end(s->nodes);
	while ((node = nodes_next(s->nodes, &i)) != NULL)
		if (strcmp(node->link, STATE_LINK_ENDED) == 0)
			sharer_put_node(s, node);
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
	end_nodes(s);
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
