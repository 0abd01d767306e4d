/*
 * What controllers decided of pools that nobody has any more, and left in etcd,
 * as when the last node that had one was killed.  Called by who deletes it
 * there; changes nothing.
 */
#include <string.h>

#include "share/controls_private.h"

static bool
is_old(const struct sheet *sheet, int64_t before)
{
	for (size_t i = 0; i < sheet->n_blocks; i++)
		if (sheet->blocks[i].revision == 0 ||
		    sheet->blocks[i].revision > before)
			return false;
	return sheet->n_blocks > 0;
}

/* A node whose files have the pool holds its lock, or takes it within a second.
 */
static bool
is_left(const struct controls *c, const struct sheet *sheet, int64_t before)
{
	uint32_t step_s;

	return !sheet->flying && is_old(sheet, before) &&
	    !locks_wanted(c->locks, sheet->zone, sheet->pool, &step_s) &&
	    locks_holder(c->locks, sheet->zone, sheet->pool)[0] == '\0';
}

static void
add(struct controls_left *left, const struct sheet *sheet,
    const struct sheet_block *block)
{
	struct key *key = &left->key[left->n];

	*key = (struct key){.kind = sheet->kind, .number = block->number};
	memcpy(key->name[0], sheet->zone, sizeof(sheet->zone));
	memcpy(key->name[1], sheet->name, sizeof(sheet->name));
	left->revision[left->n++] = block->revision;
}

bool
controls_left(
    const struct controls *c, int64_t before, struct controls_left *left)
{
	for (size_t i = 0; c->read && i < c->n; i++) {
		const struct sheet *sheet = c->sheets[i];

		if (!is_left(c, sheet, before))
			continue;
		left->n = 0;
		memcpy(left->zone, sheet->zone, sizeof(left->zone));
		memcpy(left->pool, sheet->pool, sizeof(left->pool));
		for (size_t k = 0; k < sheet->n_blocks; k++)
			add(left, sheet, &sheet->blocks[k]);
		return true;
	}
	return false;
}
