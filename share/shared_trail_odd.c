/*
 * What makes no sense in etcd at the keys of overrides.  Called by the trail
 * and by who reads etcd; believes none of it.
 */
#include "share/shared_trail_private.h"

static struct odd *
find(struct shared_trail *t, uint64_t number)
{
	for (size_t i = 0; i < t->n_odd; i++)
		if (t->odd[i].number == number)
			return &t->odd[i];
	return NULL;
}

int64_t
shared_trail_odd_at(const struct shared_trail *t, uint64_t number)
{
	for (size_t i = 0; i < t->n_odd; i++)
		if (t->odd[i].number == number)
			return t->odd[i].revision;
	return 0;
}

bool
shared_trail_odd(struct shared_trail *t, uint64_t number, int64_t revision)
{
	struct odd *odd = find(t, number);
	bool news = odd == NULL;

	/* A row that stood there was written over. */
	if (t->read)
		shared_trail_empty(t, number, NULL);
	if (news && t->n_odd == SHARED_TRAIL_ODD)
		return false;
	if (news)
		odd = &t->odd[t->n_odd++];
	*odd = (struct odd){number, revision, true};
	return news;
}

void
shared_trail_odd_gone(struct shared_trail *t, uint64_t number)
{
	struct odd *odd = find(t, number);

	if (odd != NULL)
		*odd = t->odd[--t->n_odd];
}

void
shared_trail_odd_begin(struct shared_trail *t)
{
	for (size_t i = 0; i < t->n_odd; i++)
		t->odd[i].seen = false;
}

void
shared_trail_odd_end(struct shared_trail *t)
{
	size_t n = 0;

	for (size_t i = 0; i < t->n_odd; i++)
		if (t->odd[i].seen)
			t->odd[n++] = t->odd[i];
	t->n_odd = n;
}
