/* Vantages by their heartbeats.  Called by who controls, with what the state
 * database says. */
#include "probes/control/seers.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"

int
seers_init(struct seers *s, const struct judged *judged, int64_t now_ms)
{
	*s = (struct seers){
	    .judged = judged, .jury = judged_jury(judged, now_ms)};
	return s->jury != NULL ? 0 : -1;
}

void
seers_finish(struct seers *s)
{
	jury_destroy(s->jury);
	free(s->list);
	*s = (struct seers){.n = 0};
}

uint32_t
seers_find(struct seers *s, const char *name)
{
	struct seer *grown;

	for (size_t i = 0; i < s->n; i++)
		if (strcmp(s->list[i].name, name) == 0)
			return (uint32_t)i;
	grown =
	    array_grow(s->list, s->n, &s->size, sizeof(*s->list), SEERS_MAX);
	if (grown == NULL)
		return SEER_NONE;
	s->list = grown;
	grown = &s->list[s->n];
	*grown = (struct seer){.moved_ms = -1, .vantage = VANTAGE_NONE};
	snprintf(grown->name, sizeof(grown->name), "%s", name);
	return (uint32_t)s->n++;
}

void
seers_begin(struct seers *s, bool full)
{
	jury_begin(s->jury, full);
	s->full = full;
	for (size_t i = 0; full && i < s->n; i++)
		s->list[i].listed = false;
}

void
seers_take(struct seers *s, const struct state_vantage *row, int64_t now_ms,
    int64_t wall_ms)
{
	uint32_t number = seers_find(s, row->name);
	struct seer *seer;

	jury_vantage(s->jury, row, now_ms, wall_ms);
	if (number == SEER_NONE)
		return;
	seer = &s->list[number];
	/* The first that is read may be of any age. */
	if (seer->heartbeat_ms != 0 && seer->heartbeat_ms != row->heartbeat_ms)
		seer->moved_ms = now_ms;
	if (row->lease_until_ms == 0)
		seer->moved_ms = -1;
	seer->heartbeat_ms = row->heartbeat_ms;
	seer->listed = true;
	seer->foreign = row->node[0] != '\0';
}

void
seers_endpoint(struct seers *s, const struct state_endpoint *row)
{
	jury_endpoint(s->jury, row);
}

void
seers_address(struct seers *s, const struct state_address *row)
{
	jury_address(s->jury, row);
}

void
seers_commit(struct seers *s, int64_t now_ms)
{
	jury_commit(s->jury, now_ms);
	for (size_t i = 0; s->full && i < s->n; i++)
		if (!s->list[i].listed)
			s->list[i].moved_ms = -1;
	s->full = false;
	for (size_t i = 0; i < s->n; i++)
		s->list[i].vantage =
		    jury_find_vantage(s->jury, s->list[i].name);
}

void
seers_sit(struct seers *s, int64_t now_ms)
{
	jury_sit(s->jury, s->judged->policy, now_ms);
}

void
seers_say(const struct seers *s, const struct endpoint_key *key,
    struct quorum_verdict *out)
{
	jury_say(s->jury, s->judged->policy, key, out);
}

bool
seers_aside(const struct seers *s, uint32_t number, uint64_t place)
{
	return jury_sets_aside(s->jury, s->list[number].vantage, place);
}

bool
seers_hear(const struct seers *s, uint32_t number, uint64_t place)
{
	return jury_hears(s->jury, s->list[number].vantage, place);
}

bool
seers_fresh(const struct seers *s, uint32_t number, int64_t now_ms)
{
	const struct seer *seer = &s->list[number];

	return seer->moved_ms >= 0 && now_ms - seer->moved_ms < SEERS_FRESH_MS;
}

int64_t
seers_heard_ms(const struct seers *s, uint32_t number)
{
	const struct seer *seer = &s->list[number];

	return seer->foreign && seer->moved_ms >= 0 ? seer->moved_ms
						    : INT64_MIN;
}

bool
seers_lead(const struct seers *s, const char *vantage, int64_t now_ms)
{
	bool lives = false;

	for (uint32_t i = 0; i < s->n; i++) {
		int order = strcmp(s->list[i].name, vantage);

		if (!seers_fresh(s, i, now_ms) || s->list[i].foreign)
			continue;
		if (order < 0)
			return false;
		lives = lives || order == 0;
	}
	return lives;
}
