/*
 * Keeps the vantages and says how far each is to be believed.  Called by the
 * health model; knows no endpoint.
 */
#include "steering/vantage.h"

#include <string.h>

#include "base/hash.h"
#include "base/log.h"

/*
 * A daemon that lives writes every second, and loses its lease when it has not
 * for five (state/lease.h).  One that was read, and not heard for as long, is
 * dead, and its votes stop counting beside those of the living.
 */
#define SILENT_MS 5000

uint64_t
vantage_place(const char *region)
{
	uint64_t hash;

	if (region == NULL || region[0] == '\0')
		return PLACE_NONE;
	hash = hash_bytes(region, strlen(region), 0);
	return hash != PLACE_NONE ? hash : 1;
}

void
vantage_begin(struct vantage_table *table, bool full)
{
	for (uint32_t i = 0; i < table->n; i++) {
		table->of[i].full = false;
		if (full)
			table->of[i].listed = false;
	}
}

uint32_t
vantage_find(const struct vantage_table *table, const char *name)
{
	for (uint32_t i = 0; i < table->n; i++)
		if (strcmp(table->of[i].name, name) == 0)
			return i;
	return VANTAGE_NONE;
}

/* The one that is missed least: one that is not fresh before one that is, then
 * one that wrote longest ago. */
static struct vantage *
least(struct vantage_table *table, int64_t mono_ms)
{
	struct vantage *least = NULL;
	bool least_fresh = false;

	for (uint32_t i = 0; i < table->n; i++) {
		struct vantage *v = &table->of[i];
		bool fresh = vantage_state(table, v, mono_ms) == VANTAGE_FRESH;

		if (least == NULL || fresh < least_fresh ||
		    (fresh == least_fresh && v->sequence < least->sequence)) {
			least = v;
			least_fresh = fresh;
		}
	}
	return least;
}

/* A place for a new one; NULL when all that are there are worth more. */
static struct vantage *
make_room(struct vantage_table *table, const struct state_vantage *row,
    bool full, int64_t mono_ms)
{
	struct vantage *v;

	if (table->n < VANTAGE_MAX)
		return &table->of[table->n++];
	v = least(table, mono_ms);
	/* One that writes now is fresh, one that is only read is not. */
	if (vantage_state(table, v, mono_ms) != VANTAGE_FRESH &&
	    (!full || row->sequence > v->sequence))
		return v;
	if (!table->dropped)
		log_warn("health: more than %d vantages: those that wrote "
			 "longest ago are not heard",
		    VANTAGE_MAX);
	table->dropped = true;
	return NULL;
}

static struct vantage *
add(struct vantage_table *table, const struct state_vantage *row, bool full,
    int64_t mono_ms)
{
	struct vantage *v = make_room(table, row, full, mono_ms);

	if (v == NULL)
		return NULL;
	*v = (struct vantage){.life = v->life};
	v->life++;
	memcpy(v->name, row->name, sizeof(v->name));
	v->arrived_ms = v->since_ms = -1;
	return v;
}

/* The heartbeat of ${v} was seen to move. */
static void
hear(struct vantage_table *table, struct vantage *v, int64_t ahead_ms,
    int64_t mono_ms)
{
	if (vantage_state(table, v, mono_ms) != VANTAGE_FRESH)
		v->since_ms = mono_ms;
	v->moved = true;
	v->arrived_ms = v->last_ms = mono_ms;
	v->ahead_ms = ahead_ms;
}

void
vantage_take(struct vantage_table *table, const struct state_vantage *row,
    bool full, int64_t mono_ms, int64_t wall_ms)
{
	uint32_t number = vantage_find(table, row->name);
	bool new = number == VANTAGE_NONE;
	struct vantage *v =
	    new ? add(table, row, full, mono_ms) : &table->of[number];

	if (v == NULL)
		return;
	/*
	 * What comes while we follow was written just now.  What is read when
	 * the database was opened may be from long ago, or from an older copy
	 * of it: it makes nobody fresh, and nobody fresh older.
	 */
	if (!full && (new || row->heartbeat_ms != v->heartbeat_ms)) {
		hear(table, v, row->heartbeat_ms - wall_ms, mono_ms);
	} else if (new || row->heartbeat_ms < v->heartbeat_ms ||
	    (row->heartbeat_ms > v->heartbeat_ms &&
		vantage_state(table, v, mono_ms) == VANTAGE_STALE)) {
		v->moved = false;
		v->last_ms = mono_ms;
	}
	v->heartbeat_ms = row->heartbeat_ms;
	v->sequence = row->sequence;
	v->ended = row->lease_until_ms == 0;
	v->listed = true;
	memcpy(v->version, row->version, sizeof(v->version));
	memcpy(v->region, row->region, sizeof(v->region));
	memcpy(v->node, row->node, sizeof(v->node));
	v->place = vantage_place(v->region);
}

void
vantage_copy(struct vantage_table *to, const struct vantage_table *from)
{
	memcpy(to->of, from->of, from->n * sizeof(from->of[0]));
	to->n = from->n;
	to->stale_after_ms = from->stale_after_ms;
	to->dropped = from->dropped;
}

enum vantage_state
vantage_state(
    const struct vantage_table *table, const struct vantage *v, int64_t mono_ms)
{
	if (mono_ms - v->last_ms > (int64_t)table->stale_after_ms)
		return VANTAGE_STALE;
	return v->moved ? VANTAGE_FRESH : VANTAGE_KNOWN;
}

enum vantage_trust
vantage_trust(
    const struct vantage_table *table, const struct vantage *v, int64_t mono_ms)
{
	enum vantage_state state = vantage_state(table, v, mono_ms);

	if (state == VANTAGE_STALE)
		return TRUST_OLD;
	if (v->ended ||
	    (state == VANTAGE_KNOWN && mono_ms - v->last_ms > SILENT_MS))
		return TRUST_LAST;
	return TRUST_LIVE;
}

bool
vantage_any_fresh(const struct vantage_table *table, int64_t mono_ms)
{
	for (uint32_t i = 0; i < table->n; i++)
		if (vantage_state(table, &table->of[i], mono_ms) ==
		    VANTAGE_FRESH)
			return true;
	return false;
}
