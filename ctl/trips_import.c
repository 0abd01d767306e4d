/*
 * meridianctl latency import: a file of round trips into the state database,
 * all of it or nothing.  Called by trips.c; reads no state but that.
 */
#include "ctl/trips.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/daemon.h"
#include "base/file.h"
#include "base/text.h"
#include "ctl/command.h"
#include "ctl/progress.h"
#include "state/editor.h"

/* 4,000,000 lines of the longest clients and regions. */
#define FILE_MAX ((size_t)640 << 20)

/* A piece of standard input. */
#define PIECE ((size_t)1 << 20)

/* What is imported, as the editor asks for it. */
struct import {
	const struct latency_file *file;
	const struct latency_regions *regions;
	int64_t now_ms;
	bool replace;
	struct progress progress;
};

/* As the command was given. */
struct wish {
	const char *file;
	bool dry, replace, json;
};

static const struct options_usage usage = {
    .program = "meridianctl latency import",
    .synopsis = "meridianctl [-c FILE] latency import [--dry-run] [--json]\n"
		"         [--replace] FILE",
    .about = "Puts the measured round trips of FILE, - for standard input, "
	     "into the state\n"
	     "database.  A line is\n\n"
	     "    prefix or country or AS number, region, milliseconds, "
	     "samples\n\n"
	     "as in \"192.0.2.0/24,eu-west,12.5,40\"; samples may be left out. "
	     " A file with an\n"
	     "error changes nothing.  Status: 0 done, 1 errors.\n",
    .rows =
	(const struct option_row[]){
	    {'n', "dry-run", NULL, "read and check the file, write nothing"},
	    {'r', "replace", NULL,
		"forget what was known before, neither smoothed by it nor "
		"beside it"},
	    {'j', "json", NULL, "print one JSON object"},
	    {0},
	},
};

/* All of standard input; NULL with an error. */
static char *
read_input(size_t *len, struct errbuf *eb)
{
	char *data = NULL;
	size_t room = 0, n;

	*len = 0;
	do {
		if (*len + PIECE >= room) {
			char *grown =
			    realloc(data, room = 2 * room + 2 * PIECE);

			if (grown == NULL || *len > FILE_MAX) {
				free(grown != NULL ? grown : data);
				errbuf_error(eb, NULL,
				    "standard input: no memory for so much");
				return NULL;
			}
			data = grown;
		}
		n = fread(data + *len, 1, PIECE, stdin);
		*len += n;
	} while (n > 0);
	if (ferror(stdin) == 0)
		return data;
	free(data);
	errbuf_error(eb, NULL, "standard input cannot be read");
	return NULL;
}

static int
read_file(const char *name, const struct latency_regions *regions,
    struct latency_file *out, struct errbuf *eb)
{
	bool input = strcmp(name, "-") == 0;
	char *data = NULL;
	size_t len = 0;
	int status = 0;

	if (input)
		data = read_input(&len, eb);
	else
		(void)file_read(name, NULL, FILE_MAX, &data, &len, NULL, eb);
	status = data == NULL ? -1
			      : latency_file_read(input ? "stdin" : name, data,
				    len, regions, out, eb);
	free(data);
	return status;
}

static void
make_row(void *context, size_t i, struct state_latency *out)
{
	struct import *import = context;
	const struct latency_measure *m = &import->file->measures[i];
	char client[ADDRESS_TEXT];

	progress_show(&import->progress, "round trips",
	    (double)i / (double)import->file->n, NULL);
	snprintf(out->client, sizeof(out->client), "%s",
	    latency_file_show(m, client));
	snprintf(out->region, sizeof(out->region), "%s",
	    import->regions->names[m->region]);
	out->smoothed_us = m->us;
	out->samples = m->samples;
	out->measured_ms = import->now_ms;
}

/* The file that is created, and those beside it, belong to the daemons. */
static int
become_user(const struct server_config *config, struct errbuf *eb)
{
	if (config->user == NULL || geteuid() != 0)
		return 0;
	if (!daemon_is_user(config->user))
		return errbuf_error(eb, &config->user_at,
		    "user: there is no user %s", config->user);
	return daemon_become(config->user);
}

/* Before which time, of the wall clock, what was measured counts no more; 0: it
 * all counts. */
static int64_t
oldest(const struct server_config *config, const struct import *import)
{
	if (import->replace)
		return import->now_ms;
	return config->latency_max_age_ms != 0
	    ? import->now_ms - (int64_t)config->latency_max_age_ms
	    : 0;
}

static int
write_rows(const struct server_config *config, struct import *import,
    struct state_import *done, struct errbuf *eb)
{
	int64_t before_ms = oldest(config, import);
	struct state_editor *editor = state_editor_create(config->state);
	const struct mark at = {.file = config->state};
	int status = -1;

	if (editor == NULL)
		return errbuf_error(eb, NULL, "no memory");
	if (import->replace)
		state_editor_replace(editor);
	if (state_editor_open(editor) == 0 &&
	    state_editor_measure(
		editor, import->file->n, make_row, import, done) == 0 &&
	    (before_ms == 0 || state_editor_age(editor, before_ms, done) == 0))
		status = 0;
	else
		errbuf_error(
		    eb, &at, "state database: %s", state_editor_why(editor));
	state_editor_destroy(editor);
	return status;
}

/* How far an import came that did not come to its end. */
static void
say_half(const struct state_import *done, size_t n)
{
	size_t written = done->created + done->moved + done->same;

	if (written > 0)
		fprintf(stderr,
		    "%zu of %zu round trips were written; none of them counts "
		    "until an import is finished: run it again\n",
		    written, n);
}

static void
say_json(const struct latency_file *file, const struct state_import *done,
    const struct wish *wish, int64_t ms)
{
	json_t *root = json_pack("{sb sI sI sI sI sI sI sI}", "dry_run",
	    (int)wish->dry, "round_trips", (json_int_t)file->n, "new",
	    (json_int_t)done->created, "moved", (json_int_t)done->moved, "same",
	    (json_int_t)done->same, "joined", (json_int_t)file->joined, "aged",
	    (json_int_t)done->aged, "took_ms", (json_int_t)ms);

	command_print_object(root);
	json_decref(root);
}

static void
say_done(const struct latency_file *file, const struct state_import *done,
    const struct wish *wish, int64_t ms)
{
	if (wish->json) {
		say_json(file, done, wish, ms);
		return;
	}
	if (wish->dry) {
		printf("ok: %zu round trip%s; nothing written\n", file->n,
		    text_plural(file->n));
		return;
	}
	printf("ok: %zu round trip%s in %" PRId64 " ms: %zu new, %zu moved, "
	       "%zu as before\n",
	    file->n, text_plural(file->n), ms, done->created, done->moved,
	    done->same);
	if (file->joined > 0)
		printf("%zu line%s of a client and region that had one: their "
		       "means by samples\n",
		    file->joined, text_plural(file->joined));
	if (done->aged > 0)
		printf("%zu %s count no more\n", done->aged,
		    wish->replace ? "that the file has not"
				  : "older than latency_max_age");
}

static int
import(const struct server_config *config,
    const struct latency_regions *regions, const struct wish *wish,
    struct errbuf *eb)
{
	struct latency_file file = {0};
	struct state_import done = {0};
	struct import import = {
	    .file = &file, .regions = regions, .replace = wish->replace};
	int64_t began_ms = clock_mono_ms();
	int status = read_file(wish->file, regions, &file, eb);

	import.now_ms = clock_wall_ms();
	if (status == 0 && file.n == 0)
		status = errbuf_error(eb, NULL, "%s: no round trip in it",
		    strcmp(wish->file, "-") == 0 ? "stdin" : wish->file);
	if (status == 0 && !wish->dry) {
		progress_begin(&import.progress, stderr, wish->json);
		status = become_user(config, eb);
		if (status == 0)
			status = write_rows(config, &import, &done, eb);
		progress_end(&import.progress);
		if (status != 0)
			say_half(&done, file.n);
	}
	if (status == 0)
		say_done(&file, &done, wish, clock_mono_ms() - began_ms);
	latency_file_finish(&file);
	return status;
}

int
trips_import(const char *path, int argc, char **argv)
{
	struct errbuf *eb = malloc(sizeof(*eb));
	struct latency_regions regions = {0};
	struct server_config *config;
	struct options options;
	struct wish wish = {.dry = false};
	int key, status;

	options_begin(&options, &usage, argc, argv);
	while ((key = options_next(&options)) >= 0) {
		wish.dry |= key == 'n';
		wish.replace |= key == 'r';
		wish.json |= key == 'j';
	}
	status = options.status;
	if (status < 0 && options.n_words != 1)
		status = options_refuse(
		    &options, "one FILE is needed, - for standard input");
	if (status >= 0 || eb == NULL) {
		free(eb);
		return status >= 0 ? status : CTL_FAILED;
	}
	errbuf_init(eb);
	config = trips_node(path, &regions, eb);
	if (config != NULL) {
		wish.file = options.words[0];
		status = import(config, &regions, &wish, eb);
		trips_node_end(config, &regions);
	}
	command_print_messages(eb);
	free(eb);
	return config != NULL && status == 0 ? CTL_OK : CTL_FAILED;
}
