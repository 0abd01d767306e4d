/*
 * meridianctl restore: brings back from a backup what a node has lost, and says
 * what that was, while everything runs.  Takes away nothing that is there, and
 * ends nothing that operators said.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ctl/backup_set.h"
#include "ctl/command.h"
#include "ctl/restore_show.h"
#include "state/backup.h"

struct restore {
	const char *folder;
	struct restore_show show;
	bool json;
	struct server_config *config; /* NULL: the node's file is lost */
	struct backup_set set;
	const char *state; /* path of the state database */
	char why[BACKUP_WHY];
};

static int
say(struct restore *r, const char *path, const char *verb)
{
	snprintf(r->why, sizeof(r->why), "%s: cannot be %s: %s", path, verb,
	    strerror(errno));
	return -1;
}

/* --- the databases --- */

static int
restore_state(struct restore *r)
{
	char from[PATH_MAX], why[STATE_BACKUP_WHY];
	struct state_restored was;

	backup_set_path(r->folder, BACKUP_STATE, from);
	if (state_restore(r->state, from, r->show.dry_run, &was, why) != 0) {
		snprintf(r->why, sizeof(r->why), "%s", why);
		return -1;
	}
	restore_show_state(&r->show, r->state, &was);
	return 0;
}

static int
write_piece(int from, int to)
{
	char piece[65536];
	ssize_t n = read(from, piece, sizeof(piece));

	if (n > 0 && write(to, piece, (size_t)n) != n)
		return -1;
	return n > 0 ? 1 : (int)n;
}

/* Copy ${from} to ${to}, which is new, with the mode of the former. */
static int
copy_file(struct restore *r, const char *from, const char *to)
{
	int in = open(from, O_RDONLY | O_CLOEXEC), out, more = 1;
	struct stat st;

	if (in < 0 || fstat(in, &st) != 0)
		return say(r, from, "read");
	(void)unlink(to);
	out = open(to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (out >= 0 && fchmod(out, st.st_mode & 0777) == 0)
		while ((more = write_piece(in, out)) > 0)
			continue;
	if (out < 0 || more < 0 || fsync(out) != 0 || close(out) != 0) {
		(void)say(r, to, "written");
		if (out >= 0)
			(void)unlink(to);
		close(in);
		return -1;
	}
	close(in);
	return 0;
}

/* A part that is put in its place if nothing is there. */
static int
place(struct restore *r, enum backup_part part, const char *to)
{
	char from[PATH_MAX], new[PATH_MAX], log[PATH_MAX];

	if (!r->set.part[part].there)
		return 0;
	/* What a death left of another restore, which may be all of it. */
	snprintf(new, sizeof(new), "%s.new", to);
	if (!r->show.dry_run)
		(void)unlink(new);
	if (access(to, F_OK) == 0) {
		restore_show_part(&r->show, to, true);
		return 0;
	}
	snprintf(log, sizeof(log), "%s-wal", to);
	if (access(log, F_OK) == 0) {
		errno = EEXIST;
		return say(r, log, "left there: move it away");
	}
	if (r->show.dry_run) {
		restore_show_part(&r->show, to, false);
		return 0;
	}
	backup_set_path(r->folder, part, from);
	if (copy_file(r, from, new) != 0)
		return -1;
	/* Unlike a name that is taken by rename(), not in place of what came
	 * meanwhile. */
	if (link(new, to) != 0 && errno != EEXIST)
		return say(r, to, "made");
	(void)unlink(new);
	restore_show_part(&r->show, to, false);
	return 0;
}

static int
place_parts(struct restore *r)
{
	char mirror[PATH_MAX], history[PATH_MAX];
	const char *slash = strrchr(r->state, '/');

	snprintf(mirror, sizeof(mirror), "%s.mirror", r->state);
	if (r->config != NULL)
		snprintf(
		    history, sizeof(history), "%s", r->config->history.file);
	else
		snprintf(history, sizeof(history), "%.*shistory.db",
		    slash != NULL ? (int)(slash - r->state) + 1 : 0, r->state);
	return place(r, BACKUP_MIRROR, mirror) == 0
	    ? place(r, BACKUP_HISTORY, history)
	    : -1;
}

/* --- the files --- */

/* Put ${file} in its place. */
static int
put_back(struct restore *r, const struct last_good_file *file)
{
	char new[PATH_MAX];

	if (r->show.dry_run || !r->show.files)
		return 0;
	snprintf(new, sizeof(new), "%s.new", file->path);
	if (copy_file(r, file->copy, new) != 0)
		return -1;
	return rename(new, file->path) == 0 ? 0 : say(r, file->path, "written");
}

/* Files that are not what they were. */
static int
compare_files(struct restore *r)
{
	size_t n = 0;

	for (size_t i = 0; i < r->set.files.n; i++) {
		const struct last_good_file *file = &r->set.files.files[i];
		bool there = access(file->path, F_OK) == 0;
		uint64_t size = 0, hash = 0;

		if (there && last_good_measure(file->path, &size, &hash) == 0 &&
		    size == file->size && hash == file->hash)
			continue;
		n++;
		restore_show_file(&r->show, file, there);
		if (put_back(r, file) != 0)
			return -1;
	}
	restore_show_files(&r->show, n, r->set.files.n);
	return 0;
}

/* The last files that loaded, for a node that has lost them. */
static int
restore_last_good(struct restore *r)
{
	struct errbuf *eb = malloc(sizeof(*eb));
	struct last_good is = {0};
	char *folder = last_good_folder(r->state), why[LAST_GOOD_WHY];
	int status = 0;

	if (eb == NULL || folder == NULL) {
		free(eb);
		free(folder);
		return say(r, r->state, "looked at");
	}
	errbuf_init(eb);
	if (r->set.files.set != 0 && !r->show.dry_run &&
	    last_good_read(r->state, &is, eb) != 1) {
		status = last_good_copy(&r->set.files, folder, why);
		if (status == 0)
			restore_show_part(&r->show, folder, false);
		else
			snprintf(r->why, sizeof(r->why), "%s", why);
	}
	last_good_finish(&is);
	free(folder);
	free(eb);
	return status;
}

/* --- all of it --- */

static void
open_config(struct restore *r, const char *path)
{
	struct errbuf *eb = malloc(sizeof(*eb));

	if (eb != NULL) {
		errbuf_init(eb);
		r->config = server_config_glance(path, eb);
	}
	free(eb);
	r->state = r->config != NULL ? r->config->state : r->set.state;
}

static int
restore_all(struct restore *r, const char *path)
{
	if (backup_set_read(&r->set, r->folder, r->why) != 0)
		return -1;
	restore_show_begin(&r->show, r->json, &r->set);
	open_config(r, path);
	return restore_state(r) == 0 && place_parts(r) == 0 &&
		restore_last_good(r) == 0
	    ? compare_files(r)
	    : -1;
}

static const struct options_usage usage = {
    .program = "meridianctl restore",
    .synopsis = "meridianctl [-c FILE] restore FOLDER [--dry-run] [--files] "
		"[--json]",
    .about =
	"Brings back what the node has lost from the backup in FOLDER, while "
	"everything\nruns: what was said by hand, events, measured round "
	"trips, the traffic history.\nWhat is there stays, and what was ended "
	"since the backup stays ended.\nStatus: 0 done, 1 refused: the backup "
	"is damaged or of a newer release.\n",
    .rows =
	(const struct option_row[]){
	    {'n', "dry-run", NULL, "say what would be back, and do nothing"},
	    {'f', "files", NULL,
		"put the files of the node that are lost or changed in their "
		"places"},
	    {'j', "json", NULL, "print one JSON object"},
	    {0},
	},
};

static int
run(const char *path, int argc, char **argv)
{
	struct options options;
	struct restore *r = calloc(1, sizeof(*r));
	int key, status = CTL_OK;

	if (r == NULL)
		return CTL_FAILED;
	options_begin(&options, &usage, argc, argv);
	while ((key = options_next(&options)) >= 0) {
		r->show.dry_run |= key == 'n';
		r->show.files |= key == 'f';
		r->json |= key == 'j';
	}
	if (options.status >= 0) {
		status = options.status;
	} else if (options.n_words != 1) {
		status = options_refuse(
		    &options, "a FOLDER is needed, and it alone");
	} else {
		r->folder = options.words[0];
		if (restore_all(r, path) != 0) {
			fprintf(stderr, "meridianctl restore: refused: %s\n",
			    r->why);
			status = CTL_FAILED;
		}
	}
	restore_show_end(&r->show, status == CTL_OK);
	backup_set_finish(&r->set);
	server_config_destroy(r->config);
	free(r);
	return status;
}

const struct command command_restore = {
    .name = "restore",
    .summary = "bring back from a backup what was lost",
    .run = run,
};
