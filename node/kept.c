/*
 * Parts that outlive generations.  Called by generation.c.
 */
#include "node/kept.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"

struct kept {
	atomic_uint owners;
	void *part;
	void (*destroy)(void *part);
	struct inputs inputs;
	char *messages; /* warnings, as lines */
	unsigned warnings, lost;
	int64_t made_ms; /* monotonic clock */
	int64_t at_ms;   /* wall clock */
};

struct kept *
kept_create(void *part, void (*destroy)(void *part), struct inputs *inputs,
    const struct errbuf *eb, struct errbuf_mark since)
{
	struct kept *kept = calloc(1, sizeof(*kept));
	char *messages = strdup(eb->text + since.len);

	if (kept == NULL || messages == NULL) {
		free(kept);
		free(messages);
		inputs_finish(inputs);
		destroy(part);
		return NULL;
	}
	*kept = (struct kept){.owners = 1,
	    .part = part,
	    .destroy = destroy,
	    .inputs = *inputs,
	    .messages = messages,
	    .warnings = eb->warnings - since.warnings,
	    .lost = eb->lost - since.lost,
	    .made_ms = clock_mono_ms(),
	    .at_ms = clock_wall_ms()};
	/* These are whose who had the files read. */
	kept->inputs.copies = NULL;
	kept->inputs.n_copies = 0;
	*inputs = (struct inputs){0};
	return kept;
}

bool
kept_fresh(const struct kept *kept)
{
	return kept != NULL && inputs_unchanged(&kept->inputs);
}

const char *
kept_changed(const struct kept *kept)
{
	return inputs_changed(&kept->inputs);
}

struct kept *
kept_share(struct kept *kept)
{
	if (kept != NULL)
		atomic_fetch_add(&kept->owners, 1);
	return kept;
}

void
kept_repeat(const struct kept *kept, struct errbuf *eb)
{
	errbuf_repeat(eb, kept->messages, kept->warnings, kept->lost);
}

void
kept_release(struct kept *kept)
{
	if (kept == NULL || atomic_fetch_sub(&kept->owners, 1) > 1)
		return;
	kept->destroy(kept->part);
	inputs_finish(&kept->inputs);
	free(kept->messages);
	free(kept);
}

void *
kept_part(const struct kept *kept)
{
	return kept == NULL ? NULL : kept->part;
}

int64_t
kept_age_ms(const struct kept *kept)
{
	return clock_mono_ms() - kept->made_ms;
}

int64_t
kept_at_ms(const struct kept *kept)
{
	return kept->at_ms;
}

const struct inputs *
kept_inputs(const struct kept *kept)
{
	return &kept->inputs;
}
