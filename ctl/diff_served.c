/*
 * Compiles what the server serves from its page of files.  Called by
 * meridianctl diff; the server only hands out what it read.
 */
#include "ctl/diff_served.h"

#include <stdlib.h>
#include <string.h>

#include "base/file_identity.h"
#include "base/text.h"
#include "ctl/command.h"
#include "ctl/fetch.h"
#include "node/kept.h"
#include "node/latencies.h"

#define PAGE "/api/v1/files"
/* Longer than any file that is read. */
#define TEXT_MAX_BYTES ((size_t)1 << 30)

/* The page is none that we know. */
static int
broken(struct errbuf *eb)
{
	return errbuf_error(
	    eb, NULL, "the page %s of meridiand makes no sense", PAGE);
}

/* The strings of ${list}, each followed by ${end}, to ${out}. */
static void
join(const json_t *list, const char *end, struct text *out)
{
	const json_t *item;
	size_t i;

	text_init(out, TEXT_MAX_BYTES);
	json_array_foreach(list, i, item)
	{
		text_bytes(
		    out, json_string_value(item), json_string_length(item));
		text_bytes(out, end, strlen(end));
	}
}

/* The files of networks that a steering file names, each as its prefixes; to be
 * freed by drop_networks().  -1 with an error. */
static int
take_networks(const json_t *list, struct input_text *texts, struct errbuf *eb)
{
	const json_t *item;
	size_t i;

	json_array_foreach(list, i, item)
	{
		struct text text;

		texts[i].path =
		    json_string_value(json_object_get(item, "file"));
		join(json_object_get(item, "prefixes"), "\n", &text);
		texts[i].text = text.data;
		texts[i].len = text.len;
		if (texts[i].path == NULL || text.failed || text.data == NULL)
			return broken(eb);
	}
	return 0;
}

static void
drop_networks(struct input_text *texts, size_t n)
{
	for (size_t i = 0; texts != NULL && i < n; i++)
		free((char *)(uintptr_t)texts[i].text);
	free(texts);
}

/* The steering file ${path} of a zone of the page.  NULL with an error. */
static struct steering_config *
take_steering(const json_t *zone, const char *path, struct errbuf *eb)
{
	const json_t *networks = json_object_get(zone, "networks");
	size_t n = json_array_size(networks);
	struct input_text *texts = calloc(n + 1, sizeof(*texts));
	struct inputs inputs = {.texts = texts, .n_texts = n};
	struct steering_config *config = NULL;
	struct text text;

	join(json_object_get(zone, "text"), "", &text);
	if (texts == NULL || text.failed || text.data == NULL)
		broken(eb);
	else if (take_networks(networks, texts, eb) == 0)
		config = steering_config_make(
		    path, text.data, text.len, &inputs, eb);
	text_finish(&text);
	inputs_finish(&inputs);
	drop_networks(texts, n);
	return config;
}

static int
take_zones(struct diff_served *s, struct errbuf *eb)
{
	const json_t *zones = json_object_get(s->page, "zones"), *zone;
	size_t i;

	s->zones = calloc(json_array_size(zones) + 1, sizeof(*s->zones));
	if (s->zones == NULL)
		return errbuf_error(eb, NULL, "no memory for zones");
	json_array_foreach(zones, i, zone)
	{
		const char *path =
		    json_string_value(json_object_get(zone, "steering"));

		s->zones[i].zone =
		    json_string_value(json_object_get(zone, "zone"));
		s->n_zones++;
		if (s->zones[i].zone == NULL)
			return broken(eb);
		if (path == NULL)
			continue;
		s->zones[i].config = take_steering(zone, path, eb);
		if (s->zones[i].config == NULL)
			return -1;
	}
	return 0;
}

static int64_t
number(const json_t *object, const char *key)
{
	return (int64_t)json_integer_value(json_object_get(object, key));
}

/* Is the database on disk the one that the server read? */
static bool
is_there(const json_t *database, const char *path)
{
	const struct file_identity was = {
	    .device = (uint64_t)number(database, "device"),
	    .inode = (uint64_t)number(database, "inode"),
	    .size = (uint64_t)number(database, "size"),
	    .changed_ns = number(database, "changed_ns"),
	    .modified_ns = number(database, "modified_ns")};
	struct file_identity is;

	return file_identify(path, &is) == 0 && file_identity_same(&was, &is);
}

/* The databases that the server read, if they are still there; 0, or -1. */
static int
list_databases(
    const json_t *list, const char **paths, struct mark *at, struct errbuf *eb)
{
	const json_t *database;
	size_t i;

	json_array_foreach(list, i, database)
	{
		paths[i] = json_string_value(json_object_get(database, "path"));
		at[i] = (struct mark){paths[i], 0, 0};
		if (paths[i] == NULL) {
			broken(eb);
			return -1;
		}
		if (!is_there(database, paths[i]))
			return errbuf_error(eb, NULL,
			    "%s is not what meridiand serves by: it was "
			    "replaced, and is taken up once it was read whole, "
			    "or by a reload; ask again then",
			    paths[i]);
	}
	return 0;
}

static int
take_geography(struct diff_served *s, struct errbuf *eb)
{
	const json_t *list = json_object_get(s->page, "databases");
	size_t n = json_array_size(list);
	const char **paths = calloc(n + 1, sizeof(const char *));
	struct mark *at = calloc(n + 1, sizeof(*at));

	if (paths == NULL || at == NULL)
		errbuf_error(eb, NULL, "no memory for geography");
	else if (list_databases(list, paths, at, eb) == 0)
		s->geography = geography_load(paths, at, n, NULL, eb);
	free(paths);
	free(at);
	return s->geography != NULL ? 0 : -1;
}

static bool
ranks_by_latency(const struct diff_served *s)
{
	for (size_t z = 0; z < s->n_zones; z++) {
		const struct steering_config *config = s->zones[z].config;

		for (size_t i = 0; config != NULL && i < config->n_services;
		     i++)
			if (config->services[i].rank == RANK_LATENCY)
				return true;
	}
	return false;
}

/* The round trips of ${new}; it has none where nothing of it asks for them, so
 * that they are read here if what is served does. */
static const struct latency *
take_latency(
    struct diff_served *s, const struct generation *new, struct errbuf *eb)
{
	if (new->latency != NULL || !ranks_by_latency(s))
		return new->latency;
	s->latency = latencies_read(new->config->state, eb);
	return kept_part(s->latency);
}

/* What was fetched, as a policy. */
static int
compile(struct diff_served *s, const struct generation *new, struct errbuf *eb)
{
	if (take_zones(s, eb) != 0 || take_geography(s, eb) != 0)
		return -1;
	s->maps = map_set_create(s->geography);
	if (s->maps == NULL)
		return errbuf_error(eb, NULL, "no memory for maps");
	map_set_measure(s->maps, take_latency(s, new, eb));
	s->policy = policy_build(s->zones, s->n_zones, s->maps, NULL, eb);
	return s->policy != NULL ? 0 : -1;
}

/* The page, to ${s}. */
static int
fetch(struct diff_served *s, const struct server_config *config,
    struct errbuf *eb)
{
	char why[FETCH_WHY], *body = fetch_page(config, PAGE, why);

	if (body == NULL)
		return errbuf_error(eb, NULL, "%s", why);
	s->page = json_loads(body, 0, NULL);
	free(body);
	s->source = json_pack("{sO sO sO sO}", "version",
	    json_object_get(s->page, "version"), "pid",
	    json_object_get(s->page, "pid"), "loaded",
	    json_object_get(s->page, "loaded"), "path",
	    json_object_get(s->page, "path"));
	return s->source != NULL ? 0 : broken(eb);
}

struct diff_served *
diff_served_load(const struct generation *new, struct errbuf *eb)
{
	struct diff_served *s = calloc(1, sizeof(*s));

	if (s == NULL)
		errbuf_error(eb, NULL, "no memory");
	else if (fetch(s, new->config, eb) == 0 && compile(s, new, eb) == 0)
		return s;
	diff_served_destroy(s);
	return NULL;
}

void
diff_served_destroy(struct diff_served *s)
{
	if (s == NULL)
		return;
	policy_destroy(s->policy);
	map_set_destroy(s->maps);
	kept_release(s->latency);
	geography_destroy(s->geography);
	for (size_t i = 0; i < s->n_zones; i++)
		steering_config_destroy(
		    (struct steering_config *)(uintptr_t)s->zones[i].config);
	free(s->zones);
	json_decref(s->page);
	json_decref(s->source);
	free(s);
}
