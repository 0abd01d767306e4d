/* Vantages by their heartbeats.  Called by who controls, with what the state
 * database says. */
#include "probes/control/seers.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "steering/vantage.h"

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
	*grown = (struct seer){.moved_ms = -1, .place = PLACE_NONE};
	snprintf(grown->name, sizeof(grown->name), "%s", name);
	return (uint32_t)s->n++;
}

void
seers_begin(struct seers *s)
{
	for (size_t i = 0; i < s->n; i++)
		s->list[i].listed = false;
}

void
seers_take(struct seers *s, const struct state_vantage *row, int64_t now_ms)
{
	uint32_t number = seers_find(s, row->name);
	struct seer *seer;

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
	seer->place = vantage_place(row->region);
}

void
seers_commit(struct seers *s)
{
	for (size_t i = 0; i < s->n; i++)
		if (!s->list[i].listed)
			s->list[i].moved_ms = -1;
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

void
seers_finish(struct seers *s)
{
	free(s->list);
	*s = (struct seers){.n = 0};
}
