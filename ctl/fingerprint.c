/*
 * meridianctl fingerprint: hashes of what is served and of the files as they
 * are on disk, and whether they differ.  Asks the server and reads the files;
 * decides nothing.
 */
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "ctl/columns.h"
#include "ctl/command.h"
#include "ctl/fetch.h"
#include "node/page_json.h"

#define PAGE "/api/v1/status"

/* Exit statuses, as those of diff(1). */
enum { PRINT_SAME, PRINT_DIFFERS, PRINT_UNKNOWN };

static const struct {
	const char *key, *name; /* of the object, and for people */
} parts[] = {
    {"zones", "zones"},
    {"steering", "steering"},
    {"presets", "presets"},
    {"geography", "geography"},
    {"latency", "round trips"},
};

#define PARTS (sizeof(parts) / sizeof(parts[0]))

static const struct options_usage usage = {
    .program = "meridianctl fingerprint",
    .synopsis = "meridianctl [-c FILE] fingerprint [--json]",
    .about = "Prints hashes of the zones, the steering, the presets, the "
	     "geography and the\n"
	     "round trips that are served, and of what is on disk: nodes with "
	     "the same give\n"
	     "the same answers.\n"
	     "Status: 0 served is what is on disk, 1 it differs, 2 one of the "
	     "two is not\n"
	     "known.\n",
    .rows =
	(const struct option_row[]){
	    {'j', "json", NULL, "print one JSON object"},
	    {0},
	},
};

/* What the files on disk are; null with errors on standard error. */
static json_t *
on_disk(const char *path)
{
	struct generation *g = command_load_quietly(path);
	json_t *object;

	if (g == NULL)
		return json_null();
	object = json_pack("{ss ss ss ss ss ss}", "version", MERIDIAN_VERSION,
	    "zones", g->fingerprint.zones, "steering", g->fingerprint.steering,
	    "presets", g->fingerprint.presets, "geography",
	    g->fingerprint.geography, "latency", g->fingerprint.latency);
	generation_release(g);
	return object;
}

/* What the server serves; null with ${why} it does not say. */
static json_t *
served(const struct server_config *config, char why[FETCH_WHY])
{
	char *body = fetch_page(config, PAGE, why);
	json_t *page = body != NULL ? json_loads(body, 0, NULL) : NULL;
	json_t *object = json_object_get(page, "fingerprint");

	if (object != NULL) {
		object = json_deep_copy(object);
		json_object_set(
		    object, "version", json_object_get(page, "version"));
	} else if (body != NULL) {
		(void)snprintf(why, FETCH_WHY,
		    "meridiand is older than this meridianctl: restart it to "
		    "upgrade it");
	}
	json_decref(page);
	free(body);
	return object != NULL ? object : json_null();
}

/* A server of an older release does not say all. */
static bool
same(const json_t *a, const json_t *b, const char *key)
{
	const json_t *left = json_object_get(a, key);
	const json_t *right = json_object_get(b, key);

	return left == NULL || right == NULL || json_equal(left, right);
}

static void
print_row(const json_t *root, const char *key, const char *name)
{
	const json_t *now = json_object_get(root, "served");
	const json_t *disk = json_object_get(root, "disk");
	bool known = json_object_get(now, key) != NULL && json_is_object(disk);

	printf("%-13s%-19s%s\n", name, command_text(now, key),
	    known && same(now, disk, key) ? "the same"
					  : command_text(disk, key));
}

static void
print_text(const json_t *root)
{
	const json_t *now = json_object_get(root, "served");

	printf("%-13s%-19s%s\n", "", "served", "on disk");
	for (size_t i = 0; i < PARTS; i++)
		print_row(root, parts[i].key, parts[i].name);
	print_row(root, "version", "version");
	if (command_is_true(root, "differs"))
		columns_wrap(stdout, 0, 0,
		    "Served is not what is on disk: see what a reload changes "
		    "with meridianctl diff, then meridianctl reload");
	if (!json_is_object(now))
		columns_wrap(stdout, 0, 0, command_text(root, "trouble"));
}

static int
judge(json_t *root)
{
	const json_t *now = json_object_get(root, "served");
	const json_t *disk = json_object_get(root, "disk");
	bool known = json_is_object(now) && json_is_object(disk);
	bool differs = false;

	for (size_t i = 0; known && i < PARTS; i++)
		differs |= !same(now, disk, parts[i].key);
	json_object_set_new(
	    root, "differs", known ? json_boolean(differs) : json_null());
	if (!known)
		return PRINT_UNKNOWN;
	return differs ? PRINT_DIFFERS : PRINT_SAME;
}

static int
show(const char *path, const struct server_config *config, bool json)
{
	char why[FETCH_WHY] = "";
	json_t *now = served(config, why);
	json_t *root = json_pack("{so so so}", "served", now, "disk",
	    on_disk(path), "trouble",
	    json_is_object(now) ? json_null() : page_json_string(why));
	int status = judge(root);

	if (json)
		command_print_object(root);
	else
		print_text(root);
	json_decref(root);
	return status;
}

static int
run(const char *path, int argc, char **argv)
{
	static struct errbuf eb;
	struct server_config *config;
	struct options o;
	bool json = false;
	int status;

	options_begin(&o, &usage, argc, argv);
	while (options_next(&o) >= 0)
		json = true;
	if (o.status >= 0)
		return o.status;
	if (o.n_words > 0)
		return options_refuse(
		    &o, "\"%s\" is a word too many", o.words[0]);
	errbuf_init(&eb);
	config = server_config_glance(path, &eb);
	if (config == NULL) {
		command_print_messages(&eb);
		return PRINT_UNKNOWN;
	}
	status = show(path, config, json);
	server_config_destroy(config);
	return status;
}

const struct command command_fingerprint = {
    .name = "fingerprint",
    .summary = "hashes of what is served, and of the files",
    .run = run,
};
