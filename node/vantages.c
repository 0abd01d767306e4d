/*
 * Makes and compares the lists of vantages, and counts their owners.  Called by
 * the follower and the board, in the control thread and in that of the pages.
 */
#include "node/vantages.h"

#include <stdlib.h>
#include <string.h>

static int
by_name(const void *a, const void *b)
{
	const struct health_vantage *x = a, *y = b;

	return strcmp(x->name, y->name);
}

struct vantages *
vantages_create(const struct health *health, int64_t mono_ms)
{
	size_t n = health_vantages(health, mono_ms, NULL, 0);
	struct vantages *v = calloc(1, sizeof(*v) + n * sizeof(v->of[0]));

	if (v == NULL)
		return NULL;
	atomic_init(&v->owners, 1);
	v->n = health_vantages(health, mono_ms, v->of, n);
	qsort(v->of, v->n, sizeof(v->of[0]), by_name);
	return v;
}

struct vantages *
vantages_share(struct vantages *v)
{
	if (v != NULL)
		atomic_fetch_add(&v->owners, 1);
	return v;
}

void
vantages_release(struct vantages *v)
{
	if (v != NULL && atomic_fetch_sub(&v->owners, 1) == 1)
		free(v);
}

bool
vantages_same(const struct vantages *a, const struct vantages *b)
{
	size_t n = a != NULL ? a->n : 0;

	if (n != (b != NULL ? b->n : 0))
		return false;
	for (size_t i = 0; i < n; i++)
		if (strcmp(a->of[i].name, b->of[i].name) != 0 ||
		    a->of[i].state != b->of[i].state ||
		    a->of[i].ended != b->of[i].ended ||
		    a->of[i].blind != b->of[i].blind ||
		    strcmp(a->of[i].region, b->of[i].region) != 0)
			return false;
	return true;
}

int64_t
vantages_age_ms(const struct health_vantage *v, int64_t mono_ms)
{
	return v->arrived_ms >= 0 ? mono_ms - v->arrived_ms : -1;
}
