/* Copies of hooks.  Called by meridian-probe, whose threads outlive a file. */
#include "config/hook.h"

static const char *
copy_text(struct arena *arena, const char *text, bool *failed)
{
	const char *copy = text != NULL ? arena_strdup(arena, text) : NULL;

	*failed = *failed || (text != NULL && copy == NULL);
	return copy;
}

static const char *const *
copy_texts(
    struct arena *arena, const char *const *texts, size_t n, bool *failed)
{
	const char **copy = arena_array(arena, n + 1, sizeof(*copy));

	if (copy == NULL) {
		*failed = true;
		return NULL;
	}
	for (size_t i = 0; i < n; i++)
		copy[i] = copy_text(arena, texts[i], failed);
	return copy;
}

struct hook_config *
hook_copy(struct arena *arena, const struct hook_config *from)
{
	struct hook_config *copy = arena_alloc(arena, sizeof(*copy));
	bool failed = copy == NULL;
	size_t n = 0;

	if (failed)
		return NULL;
	*copy = *from;
	/* The file may be gone before the copy is. */
	copy->at.file = NULL;
	copy->pools_at = NULL;
	copy->name = copy_text(arena, from->name, &failed);
	copy->url = copy_text(arena, from->url, &failed);
	copy->secret_file = copy_text(arena, from->secret_file, &failed);
	copy->ca = copy_text(arena, from->ca, &failed);
	copy->pools = copy_texts(arena, from->pools, from->n_pools, &failed);
	while (from->argv != NULL && from->argv[n] != NULL)
		n++;
	if (from->argv != NULL)
		copy->argv = copy_texts(arena, from->argv, n, &failed);
	return failed ? NULL : copy;
}
