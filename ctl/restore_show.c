/* Prints what came back from a backup.  Called by meridianctl restore; changes
 * nothing. */
#include "ctl/restore_show.h"

#include <stdio.h>

#include "base/clock.h"
#include "base/text.h"
#include "ctl/command.h"
#include "node/page_json.h"

static const char *
done(const struct restore_show *show)
{
	return show->dry_run ? "would be back" : "back";
}

static void
append(struct restore_show *show, const char *list, json_t *item)
{
	json_array_append_new(json_object_get(show->root, list), item);
}

void
restore_show_begin(
    struct restore_show *show, bool json, const struct backup_set *set)
{
	char when[CLOCK_TEXT];

	clock_format(set->made_ms, when);
	if (json)
		show->root = json_pack("{s{so ss ss} sb s[] s[]}", "backup",
		    "node", page_json_string(set->node), "made", when,
		    "version", set->version, "dry_run", (int)show->dry_run,
		    "parts", "files");
	else
		printf("backup of %s, made %s by version %s: it is whole\n",
		    set->node, when, set->version);
}

/* --- rows of the state database --- */

static void
print_rows(const struct restore_show *show, size_t n, const char *what)
{
	if (n > 0)
		printf("  %zu %s%s %s\n", n, what, text_plural(n), done(show));
}

static void
print_state(const struct restore_show *show, const char *path,
    const struct state_restored *was)
{
	printf("%s: what is there stays\n", path);
	print_rows(show, was->overrides, "row of what was said by hand");
	print_rows(show, was->events, "event");
	print_rows(show, was->round_trips, "measured round trip");
	print_rows(show, was->ramps, "ramp");
	if (was->overrides + was->events + was->round_trips + was->ramps == 0)
		puts("  it has all that the backup has");
	if (was->in_force > 0)
		printf("  %zu of what was said %s in force again: see "
		       "meridianctl overrides\n",
		    was->in_force, show->dry_run ? "would be" : "is");
	if (was->ended > 0)
		printf("  %zu of what was said has been ended since, and stays "
		       "ended\n",
		    was->ended);
	if (was->odd > 0)
		printf("  %zu row%s of the backup make no sense, and are left "
		       "out\n",
		    was->odd, text_plural(was->odd));
}

void
restore_show_state(struct restore_show *show, const char *path,
    const struct state_restored *was)
{
	if (show->root == NULL) {
		print_state(show, path, was);
		return;
	}
	json_object_set_new(show->root, "state",
	    json_pack("{so sI sI sI sI sI sI sI}", "path",
		page_json_string(path), "overrides", (json_int_t)was->overrides,
		"events", (json_int_t)was->events, "round_trips",
		(json_int_t)was->round_trips, "ramps", (json_int_t)was->ramps,
		"in_force", (json_int_t)was->in_force, "ended",
		(json_int_t)was->ended, "left_out", (json_int_t)was->odd));
}

/* --- files --- */

void
restore_show_part(struct restore_show *show, const char *path, bool stays)
{
	if (show->root != NULL)
		append(show, "parts",
		    json_pack("{so sb}", "path", page_json_string(path),
			"stays", (int)stays));
	else if (stays)
		printf("%s: is there, and stays\n", path);
	else
		printf("%s: %s\n", path, done(show));
}

void
restore_show_file(
    struct restore_show *show, const struct last_good_file *file, bool there)
{
	if (show->root != NULL)
		append(show, "files",
		    json_pack("{so sb so sb}", "path",
			page_json_string(file->path), "there", (int)there,
			"copy", page_json_string(file->copy), "put_back",
			show->files && !show->dry_run));
	else
		printf("%s: %s; %s %s\n", file->path,
		    there ? "is not what it was" : "is not there",
		    show->files ? done(show) : "as it was:", file->copy);
}

void
restore_show_files(struct restore_show *show, size_t n, size_t all)
{
	if (show->root != NULL)
		json_object_set_new(show->root, "files_same",
		    json_integer((json_int_t)(all - n)));
	else if (n == 0 && all > 0)
		printf("%zu files of the node are what they were\n", all);
	else if (n > 0 && !show->files)
		puts("restore --files puts these in their places");
}

void
restore_show_end(struct restore_show *show, bool all)
{
	if (show->root != NULL && all) {
		command_print_object(show->root);
	}
	json_decref(show->root);
	show->root = NULL;
}
