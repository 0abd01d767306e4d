/*
 * The vantages of the picture: who they are, whether their lease lives, and
 * what is said of them in the log.  Called by the files of the picture alone.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "share/picture_private.h"

/* How long the local row of a vantage whose lease lives counts as held; it is
 * written again with each heartbeat. */
#define LIVE_MS 60000

/* What is left out of a vantage is said at most so often. */
#define COMPLAIN_MS 60000

static void
clear_shelves(struct seer *seer)
{
	for (size_t i = 0; i < SHELVES; i++) {
		for (size_t j = 0; j < seer->shelf[i].n; j++)
			free(seer->shelf[i].slots[j].rows);
		free(seer->shelf[i].slots);
		seer->shelf[i] = (struct shelf){.n = 0};
	}
}

void
picture_destroy_seer(struct seer *seer)
{
	clear_shelves(seer);
	free(seer);
}

/* --- words --- */

void
picture_complain(struct seer *seer, const char *fmt, ...)
{
	va_list args;

	if (seer->bad++ > 0)
		return;
	va_start(args, fmt);
	vsnprintf(seer->why, sizeof(seer->why), fmt, args);
	va_end(args);
}

void
picture_say_complaints(struct picture *p)
{
	char words[PICTURE_WORDS + 64];

	if (p->away[0] != '\0' &&
	    (p->away_said_ms == 0 ||
		p->mono_ms - p->away_said_ms >= COMPLAIN_MS)) {
		snprintf(words, sizeof(words),
		    "there is no room for it: at most %d vantages are heard, "
		    "with names of at most %d characters",
		    PICTURE_VANTAGES, STATE_NAME - 1);
		p->calls.odd(p->context, p->away, words);
		p->away[0] = '\0';
		p->away_said_ms = p->mono_ms;
	}
	for (size_t i = 0; i < p->n; i++) {
		struct seer *seer = p->seers[i];

		if (seer->bad == 0 ||
		    (seer->said_ms != 0 &&
			p->mono_ms - seer->said_ms < COMPLAIN_MS))
			continue;
		seer->said_ms = p->mono_ms;
		if (seer->bad == 1)
			snprintf(words, sizeof(words), "%s", seer->why);
		else
			snprintf(words, sizeof(words), "%s (and %llu more)",
			    seer->why, (unsigned long long)seer->bad - 1);
		seer->bad = 0;
		p->calls.odd(p->context, seer->name, words);
	}
}

/* --- vantages --- */

struct seer *
picture_find_seer(const struct picture *p, const char *name)
{
	for (size_t i = 0; i < p->n; i++)
		if (strcmp(p->seers[i]->name, name) == 0)
			return p->seers[i];
	return NULL;
}

struct seer *
picture_make_seer(struct picture *p, const char *name)
{
	struct seer *seer = picture_find_seer(p, name);

	if (seer != NULL)
		return seer;
	if (p->n == PICTURE_VANTAGES || strlen(name) >= STATE_NAME ||
	    (seer = calloc(1, sizeof(*seer))) == NULL) {
		snprintf(
		    p->away, sizeof(p->away), "%.*s", STATE_NAME - 1, name);
		return NULL;
	}
	snprintf(seer->name, sizeof(seer->name), "%s", name);
	p->seers[p->n++] = seer;
	return seer;
}

void
picture_own(struct picture *p, const char *vantage, bool own)
{
	struct seer *seer = picture_make_seer(p, vantage);

	if (seer == NULL || seer->own == own)
		return;
	/* What was held of it is not of others; nor is there anything to take
	 * away: its rows are written by this node. */
	for (size_t i = 0; i < SHELVES; i++)
		for (size_t j = 0; j < seer->shelf[i].n; j++)
			picture_uncount(p, seer->shelf[i].slots[j].rows);
	for (size_t i = 0; i < SHELVES; i++)
		p->held.blocks -= seer->shelf[i].n;
	clear_shelves(seer);
	*seer = (struct seer){.own = own};
	snprintf(seer->name, sizeof(seer->name), "%s", vantage);
}

/* Its row as the local database is to have it. */
void
picture_put_seer(struct picture *p, struct seer *seer)
{
	union schema_row row = {.vantage = seer->row};

	memcpy(row.vantage.name, seer->name, sizeof(seer->name));
	/* It was never heard what it is. */
	if (row.vantage.node[0] == '\0')
		row.vantage.node[0] = '?';
	if (seer->live || row.vantage.heartbeat_ms == 0)
		row.vantage.heartbeat_ms = p->wall_ms;
	row.vantage.lease_until_ms = seer->live ? p->wall_ms + LIVE_MS : 0;
	seer->row.heartbeat_ms = row.vantage.heartbeat_ms;
	picture_open(p, true);
	p->calls.put(p->context, TABLE_VANTAGE, &row);
	seer->known = true;
	seer->news = false;
}

void
picture_give_seer(struct picture *p, struct seer *seer)
{
	if (seer->news || !seer->known)
		picture_put_seer(p, seer);
}

static void
take_vantage(void *context, const void *row)
{
	memcpy(context, row, sizeof(struct state_vantage));
}

/* Two nodes say that it is theirs: its rows may be of either, and do not count.
 */
static void
contest(struct picture *p, struct seer *seer, const char *node)
{
	picture_complain(seer,
	    "nodes %s and %s both say that it is theirs, so that it does not "
	    "count: give one of them another vantage",
	    seer->row.node, node);
	seer->contested = true;
	seer->news |= seer->live;
	seer->live = false;
	p->held.refused++;
}

/* The row of ${staged}: 0, or -1, which is complained of. */
static int
read_seer(
    struct picture *p, const struct staged *staged, struct state_vantage *out)
{
	struct seer *seer = staged->seer;
	const struct block_of of = {.table = schema_table(TABLE_VANTAGE),
	    .owner = seer->name,
	    .clock = &seer->clock,
	    .now_ms = p->wall_ms};
	struct block_found found;

	memset(out, 0, sizeof(*out));
	if (block_read(&of, staged->value, staged->len, take_vantage, out,
		&found) != 0 ||
	    found.rows != 1 || out->node[0] == '\0') {
		picture_complain(seer, "its key: %s",
		    found.why[0] != '\0' ? found.why : "it names no node");
		p->held.refused++;
		return -1;
	}
	if (strcmp(out->node, p->node) == 0) {
		/* What is said of one that this node had once. */
		if (staged->kind == KEY_VANTAGE)
			return -1;
		picture_complain(seer,
		    "it says that it is of this node, which has no such "
		    "vantage: give each node a name of its own");
		p->held.refused++;
		return -1;
	}
	out->heartbeat_ms = seer->row.heartbeat_ms;
	return 0;
}

static void
set_row(struct seer *seer, const struct state_vantage *row)
{
	seer->news |= memcmp(&seer->row, row, sizeof(*row)) != 0;
	seer->row = *row;
}

void
picture_describe(struct picture *p, const struct staged *staged)
{
	struct seer *seer = staged->seer;
	struct state_vantage row;

	seer->described = false;
	seer->described_seen = staged->value != NULL;
	seer->described_revision = staged->value != NULL ? staged->revision : 0;
	if (staged->value == NULL || read_seer(p, staged, &row) != 0)
		return;
	seer->described = true;
	/* The other key says it, too, and first. */
	if (!seer->live && !seer->contested)
		set_row(seer, &row);
}

void
picture_hear_vantage(struct picture *p, const struct staged *staged)
{
	struct seer *seer = staged->seer;
	struct state_vantage row;

	seer->seen = seer->held = true;
	if (read_seer(p, staged, &row) != 0)
		return;
	/* A clean reading knows nothing of what was before. */
	if (!p->full &&
	    (seer->contested ||
		(seer->live && strcmp(seer->row.node, row.node) != 0))) {
		contest(p, seer, row.node);
		return;
	}
	set_row(seer, &row);
	seer->news |= !seer->live;
	seer->live = true;
	seer->contested = false;
}

void
picture_end_lease(struct seer *seer)
{
	seer->held = false;
	seer->news |= seer->live;
	seer->live = seer->contested = false;
}
