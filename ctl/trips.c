/*
 * meridianctl latency: measured round trips into the state database and out of
 * it.  Calls the files of its words; decides nothing.
 */
#include "ctl/trips.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "config/server_steering.h"
#include "ctl/command.h"
#include "state/reader.h"

/* As many as a map tells apart, over all zones. */
#define REGIONS_MAX 65535

/* Names of regions as they are collected: copies, for their files are closed
 * before they are used. */
struct names {
	char **name;
	size_t n, size;
};

static int
add_names(
    void *context, const char *zone, const struct steering_config *steering)
{
	struct names *names = context;

	(void)zone;
	for (size_t i = 0; i < steering->n_regions; i++) {
		char **grown = array_grow(names->name, names->n, &names->size,
		    sizeof(*grown), REGIONS_MAX);
		char *copy = strdup(steering->regions[i].name);

		if (grown != NULL)
			names->name = grown;
		if (grown == NULL || copy == NULL) {
			free(copy);
			return -1;
		}
		names->name[names->n++] = copy;
	}
	return 0;
}

static int
by_name(const void *left, const void *right)
{
	return strcmp(*(char *const *)left, *(char *const *)right);
}

static void
sort_names(struct names *names)
{
	size_t kept = 0;

	if (names->n > 1)
		qsort(names->name, names->n, sizeof(*names->name), by_name);
	for (size_t i = 0; i < names->n; i++) {
		if (kept > 0 &&
		    strcmp(names->name[kept - 1], names->name[i]) == 0)
			free(names->name[i]);
		else
			names->name[kept++] = names->name[i];
	}
	names->n = kept;
}

static void
free_names(char **name, size_t n)
{
	for (size_t i = 0; i < n; i++)
		free(name[i]);
	free(name);
}

struct server_config *
trips_node(const char *path, struct latency_regions *regions, struct errbuf *eb)
{
	struct server_config *config = server_config_load(path, eb);
	struct names names = {0};

	if (config == NULL)
		return NULL;
	if (server_each_steering(config, NULL, eb, add_names, &names) != 0) {
		if (eb->errors == 0)
			errbuf_error(eb, NULL, "no memory for regions");
		free_names(names.name, names.n);
		server_config_destroy(config);
		return NULL;
	}
	sort_names(&names);
	regions->names = (const char *const *)names.name;
	regions->n = names.n;
	return config;
}

void
trips_node_end(struct server_config *config, struct latency_regions *regions)
{
	char **names;

	memcpy(&names, &regions->names, sizeof(names));
	free_names(names, regions->n);
	server_config_destroy(config);
}

/* Whom rows are given to. */
struct taker {
	void (*take)(void *context, const struct state_latency *row);
	void *context;
};

static void
on_begin(void *context, bool full)
{
	(void)context;
	(void)full;
}

static void
on_row(void *context, const struct state_latency *row)
{
	const struct taker *taker = context;

	taker->take(taker->context, row);
}

static void
on_commit(void *context)
{
	(void)context;
}

int
trips_read(const struct server_config *config,
    void (*take)(void *context, const struct state_latency *row), void *context,
    struct errbuf *eb)
{
	static const struct state_sink sink = {
	    .begin = on_begin, .latency = on_row, .commit = on_commit};
	struct taker taker = {take, context};
	struct state_reader *reader = state_reader_create(config->state);
	int status = -1;

	if (reader == NULL)
		return errbuf_error(eb, NULL, "no memory");
	state_reader_follow(reader, TABLES_LATENCY);
	status = state_reader_poll(reader, &sink, &taker, eb);
	if (status == 0)
		errbuf_error(eb, NULL,
		    "another release is changing the state database: try "
		    "again");
	state_reader_destroy(reader);
	return status == 1 ? 0 : -1;
}

static int
run(const char *path, int argc, char **argv)
{
	static const struct option_command words[] = {
	    {"import", "put measured round trips into the state database"},
	    {"export", "print them as a file that import reads"},
	    {"show", "what is stored, smoothed and how old"},
	    {0},
	};
	static const struct options_usage usage = {
	    .program = "meridianctl latency",
	    .synopsis = "meridianctl [-c FILE] latency import|export|show ...",
	    .about = "Measured round trips, by which services with \"rank: "
		     "latency\" order\ntheir regions.  Each word has a --help "
		     "of its own:\n",
	    .commands = words,
	};
	static int (*const runs[])(const char *path, int argc, char **argv) = {
	    trips_import, trips_export, trips_show};
	struct options options;

	options_begin(&options, &usage, argc, argv);
	(void)options_next(&options);
	if (options.status >= 0)
		return options.status;
	if (options.n_words == 0)
		return options_refuse(
		    &options, "import, export or show is needed");
	for (size_t i = 0; i < sizeof(runs) / sizeof(runs[0]); i++)
		if (strcmp(options.words[0], words[i].name) == 0)
			return runs[i](path, options.n_words, options.words);
	return options_no_command(&options, options.words[0]);
}

const struct command command_latency = {
    .name = "latency",
    .summary = "measured round trips: import, export, show",
    .run = run,
};
