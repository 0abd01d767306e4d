/*
 * Keeps the files that loaded: a new set of copies beside the one before, whose
 * copies it takes over by links where files have not changed, and then the
 * manifest in one step.  Called by meridiand in the background; what it wrote
 * of a set that cannot be finished is removed, now or by the next one.
 */
#include "config/last_good.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/array.h"
#include "base/clock.h"
#include "base/hash.h"
#include "base/number.h"
#include "base/text.h"

/* The group may look: the daemons run as users of one group. */
#define FOLDER_MODE 0750
#define MANIFEST_MODE 0640

/* Of the room that is left on the disk a set takes no more than one part in so
 * many: the state database lies there, too. */
#define ROOM_PART 2

/* A set on its way. */
struct writing {
	struct last_good next;
	const struct last_good *before;
	char *why;
};

static int say(struct writing *w, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

static int
say(struct writing *w, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	(void)vsnprintf(w->why, LAST_GOOD_WHY, fmt, args);
	va_end(args);
	return -1;
}

static int
cannot(struct writing *w, const char *path, const char *verb)
{
	return say(w, "%s: cannot be %s: %s", path, verb, strerror(errno));
}

/* --- which files --- */

static int
by_path(const void *a, const void *b)
{
	const struct last_good_file *one = a, *other = b;

	return strcmp(one->path, other->path);
}

static int
add_file(struct writing *w, const struct input *input)
{
	struct last_good *next = &w->next;
	struct last_good_file *file = array_grow(next->files, next->n,
	    &next->size, sizeof(*file), LAST_GOOD_MAX_FILES);

	if (file == NULL)
		return say(w, "more files than a set may have, or no memory");
	next->files = file;
	file += next->n;
	*file = (struct last_good_file){.path = strdup(input->path),
	    .size = input->identity.size,
	    .identity = input->identity};
	if (file->path == NULL)
		return say(w, "no memory");
	next->n++;
	/* Its line in the manifest would be two. */
	if (strchr(file->path, '\n') != NULL)
		return say(w, "the path of a file has more than one line");
	return 0;
}

/* A file that was read twice is in it once. */
static int
drop_doubles(struct writing *w)
{
	struct last_good *next = &w->next;
	struct last_good_file *files = next->files;
	size_t kept = 0;

	if (files == NULL)
		return say(w, "no file was read");
	if (next->n > 1)
		qsort(files, next->n, sizeof(*files), by_path);
	for (size_t i = 0; i < next->n; i++) {
		struct last_good_file *file = &files[i];
		struct last_good_file *last =
		    kept > 0 ? &files[kept - 1] : NULL;

		if (last == NULL || strcmp(last->path, file->path) != 0) {
			files[kept++] = *file;
			continue;
		}
		if (!file_identity_same(&last->identity, &file->identity))
			say(w, "%s: was written while it was read", file->path);
		free(file->path);
	}
	next->n = kept;
	return w->why[0] == '\0' ? 0 : -1;
}

static int
list_files(struct writing *w, const struct inputs *const *inputs, size_t n)
{
	uint64_t bytes = 0;

	/* What was looked at alone is no file that loaded: one that is not
	 * there, or secrets, which are for probes. */
	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < inputs[i]->n; k++)
			if (inputs[i]->files[k].read &&
			    add_file(w, &inputs[i]->files[k]) != 0)
				return -1;
	if (drop_doubles(w) != 0)
		return -1;
	for (size_t i = 0; i < w->next.n; i++)
		bytes += w->next.files[i].size;
	if (bytes > LAST_GOOD_MAX_BYTES)
		return say(w, "the files have more than %" PRIu64 " GiB",
		    LAST_GOOD_MAX_BYTES >> 30);
	return 0;
}

/* The same file in the set before; NULL when it is not in it as it is. */
static const struct last_good_file *
find_before(const struct writing *w, const struct last_good_file *file)
{
	const struct last_good_file *was = NULL;

	if (w->before->n > 0)
		was = bsearch(file, w->before->files, w->before->n,
		    sizeof(*file), by_path);
	return was != NULL &&
		file_identity_same(&was->identity, &file->identity)
	    ? was
	    : NULL;
}

static bool
is_there(const struct writing *w, const char *node)
{
	if (w->before->set == 0 || w->before->n != w->next.n ||
	    strcmp(w->before->node, node) != 0)
		return false;
	for (size_t i = 0; i < w->next.n; i++)
		if (find_before(w, &w->next.files[i]) == NULL ||
		    access(w->before->files[i].copy, F_OK) != 0)
			return false;
	return true;
}

/* --- copies --- */

static int
write_all(int fd, const unsigned char *data, size_t len)
{
	while (len > 0) {
		ssize_t n = write(fd, data, len);

		if (n < 0 && errno != EINTR)
			return -1;
		if (n > 0) {
			data += n;
			len -= (size_t)n;
		}
	}
	return 0;
}

/* From ${from} to ${to}, piece by piece, with the hash of it. */
static int
pump(int from, int to, struct last_good_file *file)
{
	unsigned char *piece = malloc(LAST_GOOD_PIECE);
	size_t used = 0;
	ssize_t n = 1;

	file->size = file->hash = 0;
	while (piece != NULL && n > 0) {
		n = read(from, piece + used, LAST_GOOD_PIECE - used);
		if (n < 0 && errno == EINTR) {
			n = 1;
			continue;
		}
		used += n > 0 ? (size_t)n : 0;
		if (used < LAST_GOOD_PIECE && (n != 0 || used == 0))
			continue;
		if (write_all(to, piece, used) != 0) {
			n = -1;
			break;
		}
		file->hash = last_good_hash(file->hash, piece, used);
		file->size += used;
		used = 0;
	}
	free(piece);
	return piece != NULL && n == 0 ? 0 : -1;
}

/* Who may read the file may read its copy, and nobody else. */
static int
take_mode(int to, const struct stat *st, struct last_good_file *file)
{
	file->mode = (unsigned)st->st_mode & 0777;
	if (fchown(to, (uid_t)-1, st->st_gid) != 0)
		/* A group that is not ours: of it what anybody may. */
		file->mode = (file->mode & 0707) | (file->mode & 07) << 3;
	return fchmod(to, (mode_t)(file->mode | S_IRUSR));
}

/* Write what ${from} holds to the copy of ${file}. */
static int
write_copy(struct writing *w, struct last_good_file *file, int from)
{
	struct stat st;
	int to, status;

	if (fstat(from, &st) != 0)
		return cannot(w, file->path, "read");
	to = open(file->copy, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (to < 0)
		return cannot(w, file->copy, "written");
	status = take_mode(to, &st, file);
	if (status == 0)
		status = pump(from, to, file);
	if (status == 0)
		status = fsync(to);
	return close(to) == 0 && status == 0 ? 0
					     : cannot(w, file->copy, "written");
}

/* Copy the open file ${from}, which is to be as it was read. */
static int
copy_open(struct writing *w, struct last_good_file *file, int from)
{
	struct file_identity is;

	if (file_identify_open(from, &is) != 0)
		return cannot(w, file->path, "read");
	if (!file_identity_same(&is, &file->identity))
		return say(w,
		    "%s: is another file by now than what is served: reload",
		    file->path);
	if (write_copy(w, file, from) != 0)
		return -1;
	/* Not what is half of one file and half of another. */
	if (file_identify_open(from, &is) != 0 ||
	    !file_identity_same(&is, &file->identity))
		return say(
		    w, "%s: was written while it was copied", file->path);
	return 0;
}

static int
copy_file(struct writing *w, struct last_good_file *file)
{
	int from = open(file->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	int status;

	if (from < 0)
		return cannot(w, file->path, "read");
	status = copy_open(w, file, from);
	close(from);
	return status;
}

/* "12-chat.yaml": what is odd in a name is not in that of its copy. */
static int
name_copy(struct writing *w, size_t i)
{
	struct last_good_file *file = &w->next.files[i];
	const char *slash = strrchr(file->path, '/');
	char name[100];
	size_t n = 0;

	for (const char *c = slash != NULL ? slash + 1 : file->path;
	     *c != '\0' && n + 1 < sizeof(name); c++)
		name[n++] = (*c >= 'a' && *c <= 'z') ||
			(*c >= 'A' && *c <= 'Z') || (*c >= '0' && *c <= '9') ||
			strchr("-_.", *c) != NULL
		    ? *c
		    : '_';
	name[n] = '\0';
	return asprintf(&file->copy, "%s/%" PRIu64 "/%zu-%s", w->next.folder,
		   w->next.set, i + 1, name) < 0
	    ? say(w, "no memory")
	    : 0;
}

/* Whether what has to be copied leaves room on the disk. */
static int
check_room(struct writing *w)
{
	struct statvfs room;
	uint64_t need = 0;

	for (size_t i = 0; i < w->next.n; i++)
		if (find_before(w, &w->next.files[i]) == NULL)
			need += w->next.files[i].size;
	if (statvfs(w->next.folder, &room) != 0)
		return cannot(w, w->next.folder, "looked at");
	if (need > (uint64_t)room.f_bavail * room.f_frsize / ROOM_PART)
		return say(w,
		    "the disk has no room: %" PRIu64 " MiB to be copied would "
		    "take more than half of what is left",
		    need >> 20);
	return 0;
}

static int
copy_all(struct writing *w)
{
	for (size_t i = 0; i < w->next.n; i++) {
		struct last_good_file *file = &w->next.files[i];
		const struct last_good_file *was = find_before(w, file);

		if (name_copy(w, i) != 0)
			return -1;
		if (was != NULL && link(was->copy, file->copy) == 0) {
			file->mode = was->mode;
			file->size = was->size;
			file->hash = was->hash;
		} else if (copy_file(w, file) != 0) {
			return -1;
		}
	}
	return 0;
}

/* --- the manifest --- */

static void
make_manifest(const struct last_good *lg, struct text *t)
{
	text_init(t, LAST_GOOD_MAX_MANIFEST);
	text_add(t,
	    "meridian-last-good 1\nset %" PRIu64 "\nat %" PRId64 "\nnode %s\n",
	    lg->set, lg->at_ms, lg->node);
	for (size_t i = 0; i < lg->n; i++) {
		const struct last_good_file *file = &lg->files[i];
		const struct file_identity *is = &file->identity;

		text_add(t,
		    "file %u %" PRIu64 " %" PRIu64 " %" PRIu64 " %" PRIu64
		    " %" PRId64 " %" PRId64 " %s %s\n",
		    file->mode, file->size, file->hash, is->device, is->inode,
		    is->changed_ns, is->modified_ns,
		    strrchr(file->copy, '/') + 1, file->path);
	}
	if (!t->failed)
		text_add(
		    t, "end %" PRIu64 "\n", hash_bytes(t->data, t->len, 0));
}

static int
sync_folder(struct writing *w, const char *path)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC), status;

	if (fd < 0)
		return cannot(w, path, "read");
	status = fsync(fd);
	close(fd);
	return status == 0 ? 0 : cannot(w, path, "written");
}

/* Write ${t} to the file ${new} and give it the name ${path}. */
static int
put_manifest(
    struct writing *w, const struct text *t, const char *new, const char *path)
{
	int fd =
	    open(new, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW,
		MANIFEST_MODE);
	int status;

	if (fd < 0)
		return cannot(w, new, "written");
	status = write_all(fd, (const unsigned char *)t->data, t->len);
	if (status == 0)
		status = fsync(fd);
	if (close(fd) != 0 || status != 0 || rename(new, path) != 0)
		return cannot(w, new, "written");
	return sync_folder(w, w->next.folder);
}

/* From now on this set counts. */
static int
commit(struct writing *w)
{
	char set[PATH_MAX], new[PATH_MAX], path[PATH_MAX];
	const char *folder = w->next.folder;
	struct text t;
	int status;

	snprintf(set, sizeof(set), "%s/%" PRIu64, folder, w->next.set);
	snprintf(new, sizeof(new), "%s/" LAST_GOOD_MANIFEST ".new", folder);
	snprintf(path, sizeof(path), "%s/" LAST_GOOD_MANIFEST, folder);
	if (sync_folder(w, set) != 0)
		return -1;
	make_manifest(&w->next, &t);
	status = t.failed ? say(w, "the manifest has no room in memory")
			  : put_manifest(w, &t, new, path);
	text_finish(&t);
	return status;
}

/* --- the folders --- */

/* Remove the set ${name} in ${folder}. */
static void
remove_set(int folder, const char *name)
{
	int fd = openat(
	    folder, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
	DIR *set = fd >= 0 ? fdopendir(fd) : NULL;
	const struct dirent *entry;

	if (set == NULL) {
		if (fd >= 0)
			close(fd);
		return;
	}
	while ((entry = readdir(set)) != NULL)
		if (entry->d_name[0] != '.')
			(void)unlinkat(dirfd(set), entry->d_name, 0);
	closedir(set);
	(void)unlinkat(folder, name, AT_REMOVEDIR);
}

/* All sets but ${keep}: folders that are called by a number. */
static void
remove_others(const char *path, uint64_t keep)
{
	DIR *folder = opendir(path);
	const struct dirent *entry;
	uint64_t number;

	if (folder == NULL)
		return;
	while ((entry = readdir(folder)) != NULL)
		if (number_parse(entry->d_name, strlen(entry->d_name), 1,
			UINT64_MAX, &number) == 0 &&
		    number != keep)
			remove_set(dirfd(folder), entry->d_name);
	closedir(folder);
}

static int
make_folders(struct writing *w)
{
	char set[PATH_MAX];

	if (mkdir(w->next.folder, FOLDER_MODE) != 0 && errno != EEXIST)
		return cannot(w, w->next.folder, "made");
	/* What was left by a death in between. */
	remove_others(w->next.folder, w->before->set);
	snprintf(set, sizeof(set), "%s/%" PRIu64, w->next.folder, w->next.set);
	if (mkdir(set, FOLDER_MODE) != 0)
		return cannot(w, set, "made");
	return 0;
}

static int
write_set(struct writing *w)
{
	if (make_folders(w) != 0)
		return -1;
	if (check_room(w) == 0 && copy_all(w) == 0 && commit(w) == 0)
		return 0;
	remove_others(w->next.folder, w->before->set);
	return -1;
}

int
last_good_write(struct last_good *now, const char *state, const char *node,
    const struct inputs *const *inputs, size_t n, char why[LAST_GOOD_WHY])
{
	struct writing w = {.before = now, .why = why};
	int status = -1;

	why[0] = '\0';
	w.next.folder = last_good_folder(state);
	w.next.node = strdup(node);
	w.next.set = now->set + 1;
	w.next.at_ms = clock_wall_ms();
	if (w.next.folder == NULL || w.next.node == NULL ||
	    strchr(node, '\n') != NULL)
		say(&w, "no memory, or a path of more than one line");
	else if (list_files(&w, inputs, n) == 0)
		status = is_there(&w, node) ? 0 : write_set(&w);
	if (status == 0 && w.next.n > 0 && w.next.files[0].copy != NULL) {
		last_good_finish(now);
		*now = w.next;
		remove_others(now->folder, now->set);
		return 1;
	}
	last_good_finish(&w.next);
	return status;
}

/* The file ${i} of ${from}, in the folder of the set that is being written. */
static int
add_copy(struct writing *w, const struct last_good *from, size_t i)
{
	const struct last_good_file *file = &from->files[i];
	const struct input input = {
	    .path = file->path, .identity = file->identity, .read = true};
	struct last_good_file *next;
	int in, status;

	if (add_file(w, &input) != 0)
		return -1;
	next = &w->next.files[i];
	if (asprintf(&next->copy, "%s/%" PRIu64 "/%s", w->next.folder,
		w->next.set, strrchr(file->copy, '/') + 1) < 0) {
		next->copy = NULL;
		return say(w, "no memory");
	}
	in = open(file->copy, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (in < 0)
		return cannot(w, file->copy, "read");
	status = write_copy(w, next, in);
	close(in);
	if (status == 0 && next->hash != file->hash)
		return say(
		    w, "%s: was written while it was copied", next->copy);
	return status;
}

int
last_good_copy(
    const struct last_good *from, const char *folder, char why[LAST_GOOD_WHY])
{
	static const struct last_good none;
	struct writing w = {.before = &none, .why = why};
	int status = 0;

	why[0] = '\0';
	w.next.folder = strdup(folder);
	w.next.node = strdup(from->node);
	w.next.set = from->set;
	w.next.at_ms = from->at_ms;
	if (w.next.folder == NULL || w.next.node == NULL)
		status = say(&w, "no memory");
	else
		status = make_folders(&w);
	for (size_t i = 0; i < from->n && status == 0; i++)
		status = add_copy(&w, from, i);
	if (status == 0)
		status = commit(&w);
	last_good_finish(&w.next);
	return status;
}
