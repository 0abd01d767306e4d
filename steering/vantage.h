/*
 * The vantages of the health model: which there are, and how far each is to be
 * believed now.  Ages are by arrival on our own monotonic clock: a wall clock,
 * ours or theirs, is looked at for people alone.
 */
#ifndef STEERING_VANTAGE_H
#define STEERING_VANTAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "state/rows.h"

/* A vantage is a machine that runs a probe: nobody has as many. */
#define VANTAGE_MAX 1024

/* vantage_find(): no such vantage. */
#define VANTAGE_NONE UINT32_MAX

enum vantage_state {
	VANTAGE_STALE, /* silent for stale_after */
	VANTAGE_KNOWN, /* read when the database was opened, not heard since */
	VANTAGE_FRESH  /* its heartbeat was seen to move */
};

/* What the votes of a vantage are worth now.  A greater one decides alone,
 * where it has an opinion. */
enum vantage_trust {
	TRUST_OLD,   /* `then` decides, or the last verdict */
	TRUST_LAST,  /* the last verdict, of one that looks no more */
	TRUST_BLIND, /* live, and set aside: see health.h */
	TRUST_LIVE
};

/* Whether a vantage sees (blind.h). */
enum sight_state {
	SIGHT_CLEAR,
	SIGHT_DOUBTED, /* it finds down alone, for less than a round */
	SIGHT_BLIND    /* for longer than that */
};

struct sight {
	uint8_t state;    /* enum sight_state */
	bool counts;      /* it is heard: its votes are compared */
	bool turning;     /* what was counted last is against a state */
	int64_t since_ms; /* and has been since then, without a break */
	uint32_t compared, missed; /* endpoints, as blind.h has it */
	int64_t round_ms;          /* the longest of theirs */
};

struct vantage {
	char name[STATE_NAME];
	char region[STATE_NAME]; /* where it looks from, or "" */
	uint64_t place;          /* the hash of that, or PLACE_NONE */
	struct sight sight;
	char version[sizeof(((struct state_vantage *)NULL)->version)];
	uint64_t sequence;     /* the last it wrote */
	char node[STATE_NAME]; /* its rows came from; "": it is of this one */
	/* Of this place in the table: votes of an earlier life are nobody's. */
	uint32_t life;
	bool listed; /* the last full change had it, or one since */
	bool full;   /* the change that is being taken is, with votes of it */
	bool moved;  /* its heartbeat was seen to move since it was read */
	bool ended;  /* it gave its lease back */
	int64_t heartbeat_ms; /* its wall clock */
	int64_t ahead_ms;     /* of ours, when that came; 0: none came */
	/* Our monotonic clock: when a heartbeat came, and when it became fresh
	 * by one, -1 for never; when it was heard or, not heard yet, read. */
	int64_t arrived_ms, since_ms, last_ms;
};

struct vantage_table {
	struct vantage of[VANTAGE_MAX];
	uint32_t n;
	uint64_t stale_after_ms;
	bool dropped; /* one found no room, which was logged */
};

/*
 * place = vantage_place(region): the hash of the name of a region, by which
 * vantages and endpoints are compared; PLACE_NONE for none, NULL or "".
 */
#define PLACE_NONE 0
uint64_t vantage_place(const char *region);

/* away = vantage_set_aside(vantage, place): its votes on endpoints in the
 * region ${place} do not count, as it is blind there or may be. */
static inline bool
vantage_set_aside(const struct vantage *vantage, uint64_t place)
{
	return vantage->sight.state != SIGHT_CLEAR &&
	    (vantage->place == PLACE_NONE || vantage->place != place);
}

/* vantage_begin(table, full): a change begins. */
void vantage_begin(struct vantage_table *table, bool full);

/*
 * vantage_take(table, row, full, mono_ms, wall_ms): take a row of the change.
 * Where there are more than VANTAGE_MAX the freshest win: those heard of, then
 * those that wrote last.
 */
void vantage_take(struct vantage_table *table, const struct state_vantage *row,
    bool full, int64_t mono_ms, int64_t wall_ms);

/* number = vantage_find(table, name): or VANTAGE_NONE. */
uint32_t vantage_find(const struct vantage_table *table, const char *name);

/* vantage_copy(to, from): what ${from} holds, to ${to}. */
void vantage_copy(struct vantage_table *to, const struct vantage_table *from);

/* state = vantage_state(table, vantage, mono_ms). */
enum vantage_state vantage_state(const struct vantage_table *table,
    const struct vantage *vantage, int64_t mono_ms);

/* trust = vantage_trust(table, vantage, mono_ms): never TRUST_BLIND, which
 * depends on what the vote is about. */
enum vantage_trust vantage_trust(const struct vantage_table *table,
    const struct vantage *vantage, int64_t mono_ms);

/* fresh = vantage_any_fresh(table, mono_ms): one of them is, at least. */
bool vantage_any_fresh(const struct vantage_table *table, int64_t mono_ms);

#endif
