/*
 * meridianctl backup: copies the databases of a node, as they are at one
 * moment, and the last files that loaded, to a new folder, while everything
 * runs.  Changes nothing else.
 */
#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "ctl/backup_draft.h"
#include "ctl/backup_set.h"
#include "ctl/command.h"
#include "ctl/progress.h"
#include "node/page_json.h"
#include "state/backup.h"
#include "state/mirror.h"

struct backup {
	struct server_config *config;
	struct backup_set set;
	struct backup_draft draft;
	struct progress progress;
	bool json;
	char why[BACKUP_WHY];
};

static int
say(struct backup *b, const char *path, const char *verb)
{
	snprintf(b->why, sizeof(b->why), "%s: cannot be %s: %s", path, verb,
	    strerror(errno));
	return -1;
}

/* The node's file; of one with errors what is to be seen of it. */
static int
open_config(struct backup *b, const char *path)
{
	struct errbuf *eb = malloc(sizeof(*eb));

	if (eb != NULL) {
		errbuf_init(eb);
		b->config = server_config_glance(path, eb);
		if (b->config == NULL)
			b->config = last_good_config(path, eb);
		if (b->config == NULL)
			command_print_messages(eb);
	}
	free(eb);
	return b->config != NULL ? 0 : -1;
}

static void
whole_path(const char *path, char out[PATH_MAX])
{
	char *whole = realpath(path, NULL);

	snprintf(out, PATH_MAX, "%s", whole != NULL ? whole : path);
	free(whole);
}

struct copying {
	struct backup *backup;
	enum backup_part part;
};

static void
on_copied(void *context, double part)
{
	const struct copying *copying = context;

	progress_show(&copying->backup->progress,
	    backup_part_names[copying->part], part, NULL);
}

static int
copy_database(struct backup *b, const char *from, enum backup_part part)
{
	char to[PATH_MAX], why[STATE_BACKUP_WHY];
	struct copying copying = {b, part};
	const struct state_backup_watch watch = {on_copied, &copying};

	if (access(from, F_OK) != 0)
		return 0;
	if (state_backup(from, backup_set_path(b->draft.path, part, to), &watch,
		why) == 0)
		return 0;
	snprintf(b->why, sizeof(b->why), "%s", why);
	return -1;
}

/* The mirror, which is read whole or not at all. */
static int
copy_mirror(struct backup *b)
{
	char to[PATH_MAX], from[PATH_MAX];
	struct errbuf *eb;
	char *text = NULL;
	size_t len;
	int status = 0;

	snprintf(from, sizeof(from), "%s" MIRROR_SUFFIX, b->config->state);
	if (access(from, F_OK) != 0)
		return 0;
	eb = malloc(sizeof(*eb));
	if (eb == NULL)
		return say(b, from, "read");
	errbuf_init(eb);
	backup_set_path(b->draft.path, BACKUP_STATE, to);
	if (file_read(from, NULL, MIRROR_MAX, &text, &len, NULL, eb) != 0 ||
	    mirror_save(to, text, len) != 0)
		status = say(b, from, "copied");
	free(text);
	free(eb);
	return status;
}

static int
copy_files(struct backup *b)
{
	struct errbuf *eb = malloc(sizeof(*eb));
	char to[PATH_MAX + 16], why[LAST_GOOD_WHY];
	int found, status = 0;

	if (eb == NULL)
		return say(b, b->draft.path, "written");
	errbuf_init(eb);
	found = last_good_read(b->config->state, &b->set.files, eb);
	if (found == 1 && last_good_verify(&b->set.files, eb) != 0)
		found = -1;
	if (found < 0) {
		/* They are of no use: all else is. */
		command_print_messages(eb);
		last_good_finish(&b->set.files);
	}
	free(eb);
	if (found != 1)
		return 0;
	snprintf(to, sizeof(to), "%s/" BACKUP_LAST_GOOD, b->draft.path);
	status = last_good_copy(&b->set.files, to, why);
	if (status != 0)
		snprintf(b->why, sizeof(b->why), "%s", why);
	return status;
}

static int
copy_all(struct backup *b)
{
	char to[PATH_MAX], why[STATE_BACKUP_WHY];

	if (access(b->config->state, F_OK) != 0)
		return say(b, b->config->state, "read");
	if (copy_database(b, b->config->state, BACKUP_STATE) != 0 ||
	    copy_database(b, b->config->history.file, BACKUP_HISTORY) != 0 ||
	    copy_mirror(b) != 0 || copy_files(b) != 0)
		return -1;
	if (state_backup_check(backup_set_path(b->draft.path, BACKUP_STATE, to),
		&b->set.schema, why) != 0) {
		snprintf(b->why, sizeof(b->why), "%s", why);
		return -1;
	}
	snprintf(
	    b->set.version, sizeof(b->set.version), "%s", MERIDIAN_VERSION);
	b->set.made_ms = clock_wall_ms();
	whole_path(b->config->path, b->set.node);
	whole_path(b->config->state, b->set.state);
	return backup_set_measure(&b->set, b->draft.path, b->why) == 0 &&
		backup_set_write(&b->set, b->draft.path, b->why) == 0
	    ? backup_draft_commit(&b->draft, b->why)
	    : -1;
}

static void
tell(const struct backup *b)
{
	char when[CLOCK_TEXT];

	printf("backup of %s in %s\n", b->set.node, b->draft.folder);
	printf("made       %s, by version %s\n",
	    clock_format(b->set.made_ms, when), b->set.version);
	for (unsigned i = 0; i < BACKUP_PARTS; i++)
		if (b->set.part[i].there)
			printf("%-16s %llu bytes\n", backup_part_names[i],
			    (unsigned long long)b->set.part[i].size);
	if (b->set.files.set != 0)
		printf("%-16s %zu files, of %s\n", BACKUP_LAST_GOOD,
		    b->set.files.n, clock_format(b->set.files.at_ms, when));
	else
		puts("no files: meridiand has kept none");
}

static json_t *
parts_object(const struct backup *b)
{
	json_t *parts = json_object();

	for (unsigned i = 0; i < BACKUP_PARTS; i++)
		if (b->set.part[i].there)
			json_object_set_new(parts, backup_part_names[i],
			    json_integer((json_int_t)b->set.part[i].size));
	return parts;
}

static void
tell_json(const struct backup *b)
{
	char made[CLOCK_TEXT], kept[CLOCK_TEXT];
	json_t *files = json_null(), *root;

	if (b->set.files.set != 0)
		files =
		    json_pack("{sI ss}", "count", (json_int_t)b->set.files.n,
			"kept", clock_format(b->set.files.at_ms, kept));
	root = json_pack("{so so ss ss so so}", "node",
	    page_json_string(b->set.node), "folder",
	    page_json_string(b->draft.folder), "made",
	    clock_format(b->set.made_ms, made), "version", b->set.version,
	    "bytes", parts_object(b), "files", files);
	command_print_object(root);
	json_decref(root);
}

static const struct options_usage usage = {
    .program = "meridianctl backup",
    .synopsis = "meridianctl [-c FILE] backup FOLDER [--json]",
    .about =
	"Copies the state database, the traffic history and the last files "
	"that loaded to\na new FOLDER, as they are at one moment, while "
	"everything runs.\nStatus: 0 made, 1 not made.\n",
    .rows =
	(const struct option_row[]){
	    {'j', "json", NULL, "print one JSON object"},
	    {0},
	},
};

static int
run(const char *path, int argc, char **argv)
{
	struct options options;
	struct backup *b;
	bool json = false;
	int status = CTL_FAILED;

	options_begin(&options, &usage, argc, argv);
	while (options_next(&options) >= 0)
		json = true;
	if (options.status >= 0)
		return options.status;
	if (options.n_words != 1)
		return options_refuse(&options,
		    "a FOLDER is needed, and it "
		    "alone");
	b = calloc(1, sizeof(*b));
	if (b == NULL || open_config(b, path) != 0) {
		free(b);
		return CTL_FAILED;
	}
	b->json = json;
	progress_begin(&b->progress, stderr, json);
	if (backup_draft_begin(&b->draft, options.words[0], b->why) == 0 &&
	    copy_all(b) == 0)
		status = CTL_OK;
	progress_end(&b->progress);
	if (status == CTL_OK) {
		if (b->json)
			tell_json(b);
		else
			tell(b);
	} else {
		fprintf(stderr, "meridianctl backup: not made: %s\n", b->why);
	}
	backup_draft_finish(&b->draft);
	backup_set_finish(&b->set);
	server_config_destroy(b->config);
	free(b);
	return status;
}

const struct command command_backup = {
    .name = "backup",
    .summary = "copy databases and files, while everything runs",
    .run = run,
};
