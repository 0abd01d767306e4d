/*
 * What vantages left in etcd that are gone, and whose they are.  Called by who
 * deletes it there; changes nothing of the picture, which hears of that by the
 * watch.
 */
#include <string.h>

#include "share/picture_private.h"

/* Nobody has written anything of it since. */
static bool
is_left(const struct seer *seer, int64_t before)
{
	size_t n = seer->described_revision != 0 ? 1 : 0;

	if (seer->own || seer->held || seer->described_revision > before)
		return false;
	for (size_t i = 0; i < SHELVES; i++) {
		n += seer->shelf[i].n;
		for (size_t j = 0; j < seer->shelf[i].n; j++)
			if (seer->shelf[i].slots[j].revision > before)
				return false;
	}
	return n > 0;
}

static void
add(struct picture_left *left, const struct seer *seer, enum key_kind kind,
    uint64_t number, int64_t revision)
{
	struct key *key = &left->key[left->n];

	*key = (struct key){.kind = kind, .number = number};
	memcpy(key->name[0], seer->name, sizeof(seer->name));
	left->revision[left->n++] = revision;
}

bool
picture_left(const struct picture *p, int64_t before, struct picture_left *left)
{
	const struct seer *seer = NULL;

	left->n = 0;
	for (size_t i = 0; i < p->n && seer == NULL; i++)
		if (is_left(p->seers[i], before))
			seer = p->seers[i];
	for (size_t i = 0; seer != NULL && i < SHELVES; i++)
		for (size_t j = 0;
		     j < seer->shelf[i].n && left->n < PICTURE_LEFT_KEYS; j++)
			add(left, seer, (enum key_kind)(KEY_VERDICT + i),
			    seer->shelf[i].slots[j].number,
			    seer->shelf[i].slots[j].revision);
	left->last = seer != NULL && left->n < PICTURE_LEFT_KEYS;
	/* What names it goes last. */
	if (left->last && seer->described_revision != 0)
		add(left, seer, KEY_VANTAGE, 0, seer->described_revision);
	return seer != NULL;
}

const char *
picture_vantage_of(
    const struct picture *p, const char *node, size_t *i, int64_t *revision)
{
	while (*i < p->n) {
		const struct seer *seer = p->seers[(*i)++];

		if (seer->own || strcmp(seer->row.node, node) != 0)
			continue;
		*revision = seer->described_revision;
		return seer->name;
	}
	return NULL;
}
