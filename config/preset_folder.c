/*
 * Looks for the operator's own presets.  Called by meridianctl; reads none.
 */
#include "config/preset_folder.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "config/scalar.h"

#define ENDING ".yaml"

struct glance {
	const char *folder;
	struct arena *arena;
};

static void *
fill(struct schema *s, const struct yaml_node *root)
{
	static const struct schema_key key = {.name = "presets"};
	const struct yaml_node *value = yaml_find(root, "presets");
	struct glance *glance = schema_array(s, 1, sizeof(*glance));

	if (glance == NULL)
		return NULL;
	glance->arena = s->arena;
	if (value != NULL)
		scalar_path(s, value, &key, &glance->folder);
	return glance;
}

char *
preset_folder_glance(const char *path, struct errbuf *eb)
{
	struct glance *glance = schema_glance(path, eb, fill);
	char *folder = NULL;

	if (glance == NULL)
		return NULL;
	if (glance->folder != NULL)
		folder = strdup(glance->folder);
	arena_destroy(glance->arena);
	return folder;
}

/* Hidden files are those of editors. */
static int
is_preset(const struct dirent *entry)
{
	size_t len = strlen(entry->d_name), ending = strlen(ENDING);

	return entry->d_name[0] != '.' && len > ending &&
	    strcmp(entry->d_name + len - ending, ENDING) == 0;
}

int
preset_folder_names(
    const char *folder, struct preset_names *out, struct errbuf *eb)
{
	const struct mark at = {.file = folder};
	struct dirent **entries;
	int n = scandir(folder, &entries, is_preset, alphasort);

	*out = (struct preset_names){.names = NULL};
	if (n < 0)
		return errbuf_error(eb, &at, "%s", strerror(errno));
	out->names = calloc((size_t)n + 1, sizeof(*out->names));
	for (int i = 0; i < n; i++) {
		size_t len = strlen(entries[i]->d_name) - strlen(ENDING);

		if (out->names != NULL)
			out->names[out->n] = strndup(entries[i]->d_name, len);
		if (out->names != NULL && out->names[out->n] != NULL)
			out->n++;
		free(entries[i]);
	}
	free(entries);
	return 0;
}

void
preset_names_finish(struct preset_names *names)
{
	for (size_t i = 0; i < names->n; i++)
		free(names->names[i]);
	free(names->names);
	*names = (struct preset_names){.names = NULL};
}
