/*
 * Lists of what is laid over health.  Called by the follower and by pages.
 */
#include "node/laid.h"

#include <stdlib.h>
#include <string.h>

static void
destroy(struct laid *laid)
{
	free(laid->override);
	free(laid->keep);
	free(laid->factor);
	free(laid->ramp);
	free(laid);
}

static int
take_overrides(struct laid *laid, const struct overrides *o, int64_t ahead_ms)
{
	laid->override = calloc(o->n + 1, sizeof(*laid->override));
	if (laid->override == NULL)
		return -1;
	for (size_t i = 0; i < o->n; i++) {
		const struct overrides_item *item = &o->item[i];

		if (item->off)
			continue;
		laid->override[laid->n_overrides++] =
		    (struct laid_override){.row = item->row,
			.until_ms = item->until_ms == INT64_MAX
			    ? INT64_MAX
			    : item->until_ms + ahead_ms,
			.listed = item->listed};
	}
	return 0;
}

/* A copy of ${n} rows of ${size} bytes; NULL without memory. */
static void *
copy(const void *rows, size_t n, size_t size)
{
	void *out = calloc(n + 1, size);

	if (out != NULL && n > 0)
		memcpy(out, rows, n * size);
	return out;
}

static int
take_ramps(struct laid *laid, const struct overlay *overlay)
{
	const struct state_ramp *ramp;
	bool lacking;
	size_t n = 0;

	while (overlay_ramp_row(overlay, n, &lacking) != NULL)
		n++;
	laid->ramp = calloc(n + 1, sizeof(*laid->ramp));
	if (laid->ramp == NULL)
		return -1;
	for (size_t i = 0; i < n; i++) {
		ramp = overlay_ramp_row(overlay, i, &lacking);
		if (ramp != NULL)
			laid->ramp[laid->n_ramps++] = *ramp;
	}
	return 0;
}

static size_t
count_unlisted(const struct overrides *o)
{
	size_t n = 0;

	for (size_t i = 0; i < o->n; i++)
		n += !o->item[i].listed;
	return n;
}

bool
laid_same(const struct laid *laid, const struct overlay *overlay)
{
	return laid != NULL && laid->version == overlay_version(overlay) &&
	    laid->unlisted == count_unlisted(overlay_overrides(overlay));
}

struct laid *
laid_create(const struct overlay *overlay, int64_t ahead_ms)
{
	struct laid *laid = calloc(1, sizeof(*laid));
	const struct state_factor *factors;
	const struct state_keep *keeps;

	if (laid == NULL)
		return NULL;
	atomic_init(&laid->owners, 1);
	laid->version = overlay_version(overlay);
	laid->unlisted = count_unlisted(overlay_overrides(overlay));
	keeps = overlay_keeps(overlay, &laid->n_keeps);
	factors = overlay_factors(overlay, &laid->n_factors);
	laid->keep = copy(keeps, laid->n_keeps, sizeof(*keeps));
	laid->factor = copy(factors, laid->n_factors, sizeof(*factors));
	if (laid->keep != NULL && laid->factor != NULL &&
	    take_overrides(laid, overlay_overrides(overlay), ahead_ms) == 0 &&
	    take_ramps(laid, overlay) == 0)
		return laid;
	destroy(laid);
	return NULL;
}

struct laid *
laid_share(struct laid *laid)
{
	if (laid != NULL)
		atomic_fetch_add(&laid->owners, 1);
	return laid;
}

void
laid_release(struct laid *laid)
{
	if (laid != NULL && atomic_fetch_sub(&laid->owners, 1) == 1)
		destroy(laid);
}

size_t
laid_in_force(const struct laid *laid, int64_t mono_ms)
{
	size_t n = 0;

	for (size_t i = 0; laid != NULL && i < laid->n_overrides; i++)
		n += mono_ms < laid->override[i].until_ms;
	return n;
}
