/*
 * Finds presets by name.  Called by the reader of checks; judges none.
 */
#include "config/preset_store.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct stored {
	const char *name;
	const unsigned char *text;
	size_t len;
	bool read;
	struct preset *preset; /* once it is read without an error */
};

struct preset_store {
	size_t n;
	struct stored of[];
};

struct preset_store *
preset_store_create(void)
{
	struct preset_store *store;
	size_t n = 0;

	while (preset_shipped(n) != NULL)
		n++;
	store = calloc(1, sizeof(*store) + n * sizeof(store->of[0]));
	for (size_t i = 0; store != NULL && i < n; i++) {
		const struct preset_text *from = preset_shipped(i);

		store->of[i].name = from->name;
		store->of[i].text = from->text;
		store->of[i].len = from->len;
		store->n = n;
	}
	return store;
}

void
preset_store_destroy(struct preset_store *store)
{
	if (store == NULL)
		return;
	for (size_t i = 0; i < store->n; i++)
		preset_destroy(store->of[i].preset);
	free(store);
}

const char *
preset_store_name(const struct preset_store *store, size_t index)
{
	return index < store->n ? store->of[index].name : NULL;
}

const struct preset *
preset_store_find(
    struct preset_store *store, const char *name, struct errbuf *eb)
{
	for (size_t i = 0; i < store->n; i++) {
		struct stored *found = &store->of[i];
		char path[96];

		if (strcmp(found->name, name) != 0)
			continue;
		snprintf(path, sizeof(path), "preset %s", name);
		if (!found->read)
			found->preset = preset_parse(found->name, path,
			    (const char *)found->text, found->len, eb);
		found->read = true;
		return found->preset;
	}
	return NULL;
}
