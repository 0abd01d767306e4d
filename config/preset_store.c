/*
 * Finds presets by name.  Called by the reader of checks; judges none.
 */
#include "config/preset_store.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/file.h"
#include "base/hash.h"
#include "base/inputs.h"

/* A path is no longer than this: PATH_MAX of the kernel. */
#define PATH_SIZE 4096

/* One that was asked for, and is not there or has an error without a preset. */
struct found {
	struct found *next;
	char *name;
	bool wrong; /* it has errors, which were said */
	struct preset *preset;
};

struct preset_store {
	const char *folder; /* of the operator's own, or NULL */
	struct inputs *inputs;
	struct found *found;
};

struct preset_store *
preset_store_create(void)
{
	return calloc(1, sizeof(struct preset_store));
}

void
preset_store_extend(
    struct preset_store *store, const char *folder, struct inputs *inputs)
{
	store->folder = folder;
	store->inputs = inputs;
}

void
preset_store_destroy(struct preset_store *store)
{
	struct found *next;

	if (store == NULL)
		return;
	for (struct found *f = store->found; f != NULL; f = next) {
		next = f->next;
		preset_destroy(f->preset);
		free(f->name);
		free(f);
	}
	free(store);
}

const char *
preset_store_name(const struct preset_store *store, size_t index)
{
	const struct preset_text *text = preset_shipped(index);

	(void)store;
	return text != NULL ? text->name : NULL;
}

/* --- the operator's own --- */

/* The files may be texts that another process holds, or copies. */
static bool
is_there(const struct inputs *inputs, const char *path)
{
	/* One that cannot be looked at is said when it is read. */
	if (inputs != NULL && inputs->copies != NULL)
		return inputs_source(inputs, path) != NULL;
	if (inputs == NULL || inputs->texts == NULL)
		return access(path, F_OK) == 0 ||
		    (errno != ENOENT && errno != ENOTDIR);
	for (size_t i = 0; i < inputs->n_texts; i++)
		if (strcmp(inputs->texts[i].path, path) == 0)
			return true;
	return false;
}

/* ${path}, which is not there, and its like that nobody reads: said once, in
 * place of a preset that is unknown, or that ships. */
static bool
has_other_ending(const struct preset_store *store, const char *name,
    const char *path, struct errbuf *eb)
{
	char other[PATH_SIZE];
	const struct mark at = {.file = other};

	snprintf(other, sizeof(other), "%s/%s.yml", store->folder, name);
	if (strlen(path) + 1 >= sizeof(other) ||
	    !is_there(store->inputs, other))
		return false;
	errbuf_error(eb, &at,
	    "is not read: the file of a preset ends in "
	    ".yaml: call it %s",
	    path);
	return true;
}

/* own = find_own(store, name, eb, out): false when there is no such file; else
 * ${out} is what is in it, NULL with errors. */
static bool
find_own(struct preset_store *store, const char *name, struct errbuf *eb,
    struct preset **out)
{
	char path[PATH_SIZE], *text;
	size_t len;
	int n;

	if (store->folder == NULL || strchr(name, '/') != NULL)
		return false;
	n = snprintf(path, sizeof(path), "%s/%s.yaml", store->folder, name);
	if (n < 0 || (size_t)n >= sizeof(path))
		return false;
	if (!is_there(store->inputs, path) &&
	    has_other_ending(store, name, path, eb))
		return true;
	if (!is_there(store->inputs, path)) {
		/* It may be there at the next look. */
		if (store->inputs != NULL && inputs_on_disk(store->inputs))
			(void)inputs_note(store->inputs, path);
		return false;
	}
	*out = NULL;
	if (file_read(path, NULL, PRESET_MAX_BYTES, &text, &len, store->inputs,
		eb) != 0)
		return true;
	*out = preset_parse(name, path, text, len, eb);
	free(text);
	if (*out != NULL)
		(*out)->file = arena_strdup((*out)->arena, path);
	return true;
}

/* --- both --- */

static const struct preset_text *
shipped_text(const char *name)
{
	const struct preset_text *text;

	for (size_t i = 0; (text = preset_shipped(i)) != NULL; i++)
		if (strcmp(text->name, name) == 0)
			return text;
	return NULL;
}

bool
preset_store_ships(const char *name)
{
	return shipped_text(name) != NULL;
}

static struct preset *
find_shipped(const char *name, struct errbuf *eb)
{
	const struct preset_text *text = shipped_text(name);
	char path[96];

	if (text == NULL)
		return NULL;
	snprintf(path, sizeof(path), "preset %s", name);
	return preset_parse(
	    name, path, (const char *)text->text, text->len, eb);
}

const struct preset *
preset_store_find(
    struct preset_store *store, const char *name, struct errbuf *eb)
{
	unsigned before = eb->errors;
	struct found *f;

	for (f = store->found; f != NULL; f = f->next) {
		if (strcmp(f->name, name) != 0)
			continue;
		if (f->wrong)
			errbuf_follows(eb);
		return f->preset;
	}
	f = calloc(1, sizeof(*f));
	if (f == NULL || (f->name = strdup(name)) == NULL) {
		free(f);
		errbuf_error(eb, NULL, "preset %s: memory is out", name);
		return NULL;
	}
	if (!find_own(store, name, eb, &f->preset))
		f->preset = find_shipped(name, eb);
	f->wrong = eb->errors != before;
	f->next = store->found;
	store->found = f;
	return f->preset;
}

/* A sum: the order in which they were asked for does not count. */
uint64_t
preset_store_hash(const struct preset_store *store)
{
	uint64_t sum = 0;

	for (const struct found *f = store->found; f != NULL; f = f->next)
		if (f->preset != NULL)
			sum += hash_mix(hash_bytes(f->name, strlen(f->name), 0),
			    f->preset->hash);
	return sum;
}
