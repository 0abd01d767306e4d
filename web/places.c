/*
 * A table of connections and the rules for it.  Called by http.c in the thread
 * of the server; knows nothing of sockets or of HTTP.
 */
#include "web/places.h"

#include <stddef.h>

void
places_init(struct places *p)
{
	for (size_t i = 0; i < PLACES; i++)
		p->place[i] = (struct place){.fd = -1};
}

struct place *
places_take(struct places *p, int fd, bool local, int64_t now_ms)
{
	struct place *unused = NULL;
	size_t others = 0;

	for (size_t i = 0; i < PLACES; i++) {
		if (p->place[i].fd >= 0)
			others += !p->place[i].local;
		else if (unused == NULL)
			unused = &p->place[i];
	}
	if (unused == NULL || (!local && others >= PLACES - PLACES_LOCAL))
		return NULL;
	*unused = (struct place){
	    .fd = fd, .local = local, .since_ms = now_ms, .moved_ms = now_ms};
	return unused;
}

void
places_leave(struct place *place)
{
	place->fd = -1;
}

struct place *
places_find(struct places *p, int fd)
{
	for (size_t i = 0; i < PLACES; i++)
		if (p->place[i].fd == fd && fd >= 0)
			return &p->place[i];
	return NULL;
}

void
places_busy(struct place *place, bool busy, int64_t now_ms)
{
	place->busy = busy;
	place->stream = place->waits = false;
	place->since_ms = place->moved_ms = now_ms;
}

bool
places_stream(struct places *p, struct place *place)
{
	unsigned all = 0, others = 0;

	for (size_t i = 0; i < PLACES; i++) {
		if (p->place[i].fd < 0 || !p->place[i].stream)
			continue;
		all++;
		others += !p->place[i].local;
	}
	if (all >= PLACES_STREAMS ||
	    (!place->local && others >= PLACES_STREAMS - PLACES_STREAMS_LOCAL))
		return false;
	place->stream = true;
	return true;
}

/* Must ${place} give way to a client that has none? */
static bool
may_go(const struct place *place, bool local, int64_t now_ms)
{
	if (place->fd < 0 || place->ended || (place->local && !local))
		return false;
	if (place->stream)
		return !place->waits &&
		    now_ms - place->moved_ms >= PLACES_STALL_MS;
	return !place->busy || now_ms - place->moved_ms >= PLACES_STALL_MS ||
	    now_ms - place->since_ms >= PLACES_SLOW_MS;
}

/* Is ${a} worth less than ${b}?  Those who want no page are. */
static bool
goes_first(const struct place *a, const struct place *b)
{
	if (a->busy != b->busy)
		return !a->busy;
	return a->since_ms < b->since_ms;
}

struct place *
places_victim(struct places *p, bool local, int64_t now_ms)
{
	struct place *victim = NULL;

	for (size_t i = 0; i < PLACES; i++) {
		struct place *place = &p->place[i];

		if (may_go(place, local, now_ms) &&
		    (victim == NULL || goes_first(place, victim)))
			victim = place;
	}
	return victim;
}

/* Has it had its time? */
static bool
is_overdue(const struct place *place, int64_t now_ms)
{
	if (place->stream)
		return !place->waits &&
		    now_ms - place->moved_ms > PLACES_STREAM_MS;
	return now_ms - place->since_ms >
	    (place->busy ? PLACES_PAGE_MS : PLACES_REQUEST_MS);
}

struct place *
places_overdue(struct places *p, int64_t now_ms)
{
	for (size_t i = 0; i < PLACES; i++) {
		struct place *place = &p->place[i];

		if (place->fd >= 0 && !place->ended &&
		    is_overdue(place, now_ms))
			return place;
	}
	return NULL;
}
