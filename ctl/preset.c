/*
 * meridianctl preset: which presets the steering files of a node may name, and
 * what one of them asks.  Asks no server, and reads no more of a steering file
 * than which folder has presets.
 */
#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/nearest.h"
#include "config/preset_folder.h"
#include "config/preset_store.h"
#include "ctl/command.h"
#include "ctl/preset_object.h"
#include "ctl/preset_text.h"

static const struct options_usage usage = {
    .program = "meridianctl preset",
    .synopsis = "meridianctl [-c FILE] preset [NAME] [--json]",
    .about =
	"Lists the presets that checks may name: those that ship, and those "
	"in\n"
	"the folders that the steering files of the node name.  With NAME it\n"
	"shows all of one: what is asked, what passes, fails or is busy, its\n"
	"metrics and its defaults.\n"
	"Status: 0 shown, 1 none of that name, or one has errors.\n",
    .rows =
	(const struct option_row[]){
	    {'j', "json", NULL, "print one JSON object"},
	    {0},
	},
};

/* --- the folders of the node --- */

struct folders {
	char **paths;
	size_t n;
};

static void
add_folder(struct folders *folders, char *path)
{
	char **more;

	for (size_t i = 0; path != NULL && i < folders->n; i++)
		if (strcmp(folders->paths[i], path) == 0) {
			free(path);
			return;
		}
	if (path == NULL)
		return;
	more = realloc(folders->paths, (folders->n + 1) * sizeof(*more));
	if (more == NULL) {
		free(path);
		return;
	}
	folders->paths = more;
	folders->paths[folders->n++] = path;
}

/* Those of all zones.  A machine without a node has presets too. */
static void
find_folders(const char *path, struct folders *folders, struct errbuf *eb)
{
	struct server_config *config;

	if (access(path, F_OK) != 0 && errno == ENOENT) {
		fprintf(
		    stderr, "there is no %s: only presets that ship\n", path);
		return;
	}
	config = server_config_glance(path, eb);
	for (size_t i = 0; config != NULL && i < config->n_zones; i++)
		if (config->zones[i].steering != NULL)
			add_folder(folders,
			    preset_folder_glance(
				config->zones[i].steering, eb));
	server_config_destroy(config);
}

static void
folders_finish(struct folders *folders)
{
	for (size_t i = 0; i < folders->n; i++)
		free(folders->paths[i]);
	free(folders->paths);
}

/* --- presets --- */

/* What is looked for, and what was found. */
struct search {
	const char *name; /* NULL: all, a line each */
	json_t *presets;
	struct nearest nearest;
	struct errbuf *eb;
};

static void
add_preset(struct search *search, struct preset_store *store, const char *name)
{
	const struct preset *preset;
	bool own;

	if (search->name != NULL && strcmp(search->name, name) != 0) {
		nearest_offer(&search->nearest, name);
		return;
	}
	preset = preset_store_find(store, name, search->eb);
	if (preset == NULL)
		return;
	own = preset->file != NULL && preset_store_ships(name);
	json_array_append_new(search->presets,
	    search->name != NULL ? preset_object(preset, own)
				 : preset_object_line(preset, own));
}

static void
add_folder_presets(struct search *search, const char *folder)
{
	struct preset_store *store = preset_store_create();
	struct preset_names names;

	if (store == NULL)
		return;
	preset_store_extend(store, folder, NULL);
	if (preset_folder_names(folder, &names, search->eb) == 0)
		for (size_t i = 0; i < names.n; i++)
			add_preset(search, store, names.names[i]);
	preset_names_finish(&names);
	preset_store_destroy(store);
}

/* Of one by name those of folders take the place of the one that ships. */
static void
find_presets(struct search *search, const struct folders *folders)
{
	struct preset_store *store = preset_store_create();
	const char *name;

	for (size_t i = 0; search->name != NULL && i < folders->n; i++)
		add_folder_presets(search, folders->paths[i]);
	if (search->name == NULL || json_array_size(search->presets) == 0)
		for (size_t i = 0; store != NULL &&
		     (name = preset_store_name(store, i)) != NULL;
		     i++)
			add_preset(search, store, name);
	for (size_t i = 0; search->name == NULL && i < folders->n; i++)
		add_folder_presets(search, folders->paths[i]);
	preset_store_destroy(store);
}

/* --- the command --- */

static int
show(const struct search *search, bool json)
{
	const char *best = search->nearest.best;
	const json_t *preset;
	size_t i;

	if (search->name != NULL && json_array_size(search->presets) == 0) {
		if (errbuf_ok(search->eb))
			fprintf(stderr, "there is no preset %s%s%s%s\n",
			    search->name, best != NULL ? ", did you mean " : "",
			    best != NULL ? best : "", best != NULL ? "?" : "");
		return CTL_FAILED;
	}
	if (json) {
		json_t *root = json_pack("{sO}", "presets", search->presets);

		command_print_object(root);
		json_decref(root);
	} else if (search->name == NULL) {
		preset_text_list(search->presets);
	} else {
		json_array_foreach(search->presets, i, preset)
		    preset_text_print(preset);
	}
	return errbuf_ok(search->eb) ? CTL_OK : CTL_FAILED;
}

static int
look(const char *path, const char *name, bool json)
{
	struct errbuf *eb = malloc(sizeof(*eb));
	struct search search = {
	    .name = name, .presets = json_array(), .eb = eb};
	struct folders folders = {.n = 0};
	int status = CTL_FAILED;

	nearest_init(&search.nearest, name != NULL ? name : "");
	if (eb != NULL) {
		errbuf_init(eb);
		find_folders(path, &folders, eb);
		find_presets(&search, &folders);
		status = show(&search, json);
		command_print_messages(eb);
	}
	folders_finish(&folders);
	json_decref(search.presets);
	free(eb);
	return status;
}

static int
run(const char *path, int argc, char **argv)
{
	struct options o;
	bool json = false;

	options_begin(&o, &usage, argc, argv);
	while (options_next(&o) >= 0)
		json = true;
	if (o.status >= 0)
		return o.status;
	if (o.n_words > 1)
		return options_refuse(
		    &o, "\"%s\" is a word too many", o.words[1]);
	return look(path, o.n_words == 1 ? o.words[0] : NULL, json);
}

const struct command command_preset = {
    .name = "preset",
    .summary = "list presets, or show what one asks",
    .run = run,
};
