/* Keeps which nodes were forgotten.  Called by the sharer. */
#include "share/forgotten.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "state/schema.h"

void
forgotten_finish(struct forgotten *f)
{
	free(f->keys);
	*f = (struct forgotten){.n = 0};
}

void
forgotten_say(
    const struct state_forgotten *row, int64_t at_ms, struct text *out)
{
	const void *rows[] = {row};

	block_write(schema_table(TABLE_FORGOTTEN), rows, 1, at_ms, out);
}

static struct forgotten_key *
find(const struct forgotten *f, const char *name)
{
	for (size_t i = 0; i < f->n; i++)
		if (strcmp(f->keys[i].name, name) == 0)
			return &f->keys[i];
	return NULL;
}

static struct forgotten_key *
obtain(struct forgotten *f, const char *name)
{
	struct forgotten_key *key = find(f, name), *grown;

	if (key != NULL || strlen(name) >= sizeof(key->name))
		return key;
	grown =
	    array_grow(f->keys, f->n, &f->size, sizeof(*grown), FORGOTTEN_MAX);
	if (grown == NULL)
		return NULL;
	f->keys = grown;
	key = &f->keys[f->n++];
	*key = (struct forgotten_key){.revision = 0};
	(void)snprintf(key->name, sizeof(key->name), "%s", name);
	return key;
}

static void
drop(struct forgotten *f, struct forgotten_key *key)
{
	*key = f->keys[--f->n];
}

void
forgotten_begin(struct forgotten *f)
{
	for (size_t i = 0; i < f->n; i++)
		f->keys[i].seen = false;
}

void
forgotten_end(struct forgotten *f)
{
	for (size_t i = f->n; i-- > 0;)
		if (!f->keys[i].seen)
			drop(f, &f->keys[i]);
}

static void
take_row(void *context, const void *row)
{
	memcpy(context, row, sizeof(struct state_forgotten));
}

/* Its times are by our clock where it was written just now; else they are as
 * they stand there. */
static int
read_row(const struct forgotten_pair *pair, struct state_forgotten *row)
{
	struct block_clock clock = {.known = false};
	const struct block_of of = {.table = schema_table(TABLE_FORGOTTEN),
	    .owner = pair->name,
	    .clock = &clock,
	    .now_ms = pair->wall_ms};
	struct block_found found;
	int64_t at_ms;

	if (!block_at(pair->value, pair->len, &at_ms))
		return -1;
	if (pair->fresh)
		block_clock_hear(&clock, at_ms, pair->wall_ms, true);
	return block_read(&of, pair->value, pair->len, take_row, row, &found) ==
		    0 &&
		found.rows == 1
	    ? 0
	    : -1;
}

enum forgotten_news
forgotten_take(struct forgotten *f, const struct forgotten_pair *pair,
    struct state_forgotten *row)
{
	struct forgotten_key *key = obtain(f, pair->name);
	struct state_forgotten read = {.name = ""};

	if (key == NULL)
		return FORGOTTEN_ODD;
	key->seen = true;
	if (key->revision == pair->revision)
		return FORGOTTEN_KNOWN;
	/* One that makes no sense is known, too: it is swept when it is old. */
	key->revision = pair->revision;
	if (read_row(pair, &read) != 0)
		return FORGOTTEN_ODD;
	read.shared = STATE_SHARED_ACCEPTED;
	read.refused[0] = '\0';
	*row = read;
	return FORGOTTEN_NEWS;
}

void
forgotten_gone(struct forgotten *f, const char *name)
{
	struct forgotten_key *key = find(f, name);

	if (key != NULL)
		drop(f, key);
}

int64_t
forgotten_revision(const struct forgotten *f, const char *name)
{
	const struct forgotten_key *key = find(f, name);

	return key != NULL ? key->revision : 0;
}

const struct forgotten_key *
forgotten_old(const struct forgotten *f, int64_t before)
{
	for (size_t i = 0; i < f->n; i++)
		if (f->keys[i].revision <= before)
			return &f->keys[i];
	return NULL;
}
