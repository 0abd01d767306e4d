/*
 * The manifest of a backup.  Called by meridianctl backup and restore; opens no
 * database.
 */
#include "ctl/backup_set.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "ctl/command.h"

/* The version of its form. */
#define FORM 1

/* No manifest is as large. */
#define MANIFEST_MAX 65536

const char *const backup_part_names[BACKUP_PARTS] = {
    [BACKUP_STATE] = "state.db",
    [BACKUP_MIRROR] = "state.db.mirror",
    [BACKUP_HISTORY] = "history.db",
};

static int say(char why[BACKUP_WHY], const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

static int
say(char why[BACKUP_WHY], const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	(void)vsnprintf(why, BACKUP_WHY, fmt, args);
	va_end(args);
	return -1;
}

const char *
backup_set_path(const char *folder, enum backup_part part, char out[PATH_MAX])
{
	snprintf(out, PATH_MAX, "%s/%s", folder, backup_part_names[part]);
	return out;
}

int
backup_set_measure(
    struct backup_set *set, const char *folder, char why[BACKUP_WHY])
{
	char path[PATH_MAX];

	for (unsigned i = 0; i < BACKUP_PARTS; i++) {
		struct backup_file *file = &set->part[i];

		backup_set_path(folder, i, path);
		file->there = access(path, F_OK) == 0;
		if (file->there &&
		    last_good_measure(path, &file->size, &file->hash) != 0)
			return say(why, "%s: cannot be read: %s", path,
			    strerror(errno));
	}
	return 0;
}

/* --- writing --- */

static json_t *
list_parts(const struct backup_set *set)
{
	json_t *list = json_array();
	char hash[24];

	for (unsigned i = 0; i < BACKUP_PARTS; i++) {
		const struct backup_file *file = &set->part[i];

		if (!file->there)
			continue;
		snprintf(hash, sizeof(hash), "%016" PRIx64, file->hash);
		json_array_append_new(list,
		    json_pack("{ss sI ss}", "name", backup_part_names[i],
			"size", (json_int_t)file->size, "hash", hash));
	}
	return list;
}

static int
put(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0640);
	FILE *to = fd >= 0 ? fdopen(fd, "w") : NULL;
	int status;

	if (to == NULL) {
		if (fd >= 0)
			close(fd);
		return -1;
	}
	status =
	    fprintf(to, "%s\n", text) > 0 && fflush(to) == 0 && fsync(fd) == 0
	    ? 0
	    : -1;
	return fclose(to) == 0 ? status : -1;
}

int
backup_set_write(
    const struct backup_set *set, const char *folder, char why[BACKUP_WHY])
{
	char path[PATH_MAX], made[CLOCK_TEXT];
	json_t *root = json_pack("{si ss ss sI ss ss si sb so}",
	    "meridian_backup", FORM, "version", set->version, "made",
	    clock_format(set->made_ms, made), "made_ms",
	    (json_int_t)set->made_ms, "node", set->node, "state", set->state,
	    "schema", (int)set->schema, "last_good", set->files.set != 0,
	    "files", list_parts(set));
	char *text = root != NULL ? json_dumps(root, JSON_INDENT(2)) : NULL;
	int status = -1;

	snprintf(path, sizeof(path), "%s/" BACKUP_MANIFEST, folder);
	if (text == NULL)
		say(why, "no memory, or a path that is not UTF-8");
	else if (put(path, text) != 0)
		say(why, "%s: cannot be written: %s", path, strerror(errno));
	else
		status = 0;
	free(text);
	json_decref(root);
	return status;
}

/* --- reading --- */

static int
copy_text(const json_t *root, const char *key, char *out, size_t size)
{
	const char *text = json_string_value(json_object_get(root, key));

	return text != NULL && strlen(text) < size &&
		snprintf(out, size, "%s", text) >= 0
	    ? 0
	    : -1;
}

static int
read_part(struct backup_set *set, const json_t *entry)
{
	const char *name = json_string_value(json_object_get(entry, "name"));
	const char *hash = json_string_value(json_object_get(entry, "hash"));
	json_int_t size = json_integer_value(json_object_get(entry, "size"));
	char *end;

	for (unsigned i = 0; name != NULL && hash != NULL && i < BACKUP_PARTS;
	     i++) {
		if (strcmp(name, backup_part_names[i]) != 0)
			continue;
		errno = 0;
		set->part[i] = (struct backup_file){
		    true, (uint64_t)size, strtoull(hash, &end, 16)};
		return size >= 0 && errno == 0 && strlen(hash) == 16 &&
			*end == '\0'
		    ? 0
		    : -1;
	}
	return -1;
}

static int
read_root(struct backup_set *set, const json_t *root)
{
	const json_t *files = json_object_get(root, "files"), *entry;
	long long schema = command_number(root, "schema");
	size_t i;

	if (command_number(root, "meridian_backup") != FORM ||
	    copy_text(root, "version", set->version, sizeof(set->version)) !=
		0 ||
	    copy_text(root, "node", set->node, sizeof(set->node)) != 0 ||
	    copy_text(root, "state", set->state, sizeof(set->state)) != 0 ||
	    schema < 0 || schema > INT_MAX || !json_is_array(files))
		return -1;
	set->schema = (unsigned)schema;
	set->made_ms = command_number(root, "made_ms");
	json_array_foreach(
	    files, i, entry) if (read_part(set, entry) != 0) return -1;
	return set->part[BACKUP_STATE].there ? 0 : -1;
}

/* Each part is what the manifest says. */
static int
check_parts(
    const struct backup_set *set, const char *folder, char why[BACKUP_WHY])
{
	char path[PATH_MAX];

	for (unsigned i = 0; i < BACKUP_PARTS; i++) {
		const struct backup_file *file = &set->part[i];
		uint64_t size, hash;

		if (!file->there)
			continue;
		backup_set_path(folder, i, path);
		if (last_good_measure(path, &size, &hash) != 0)
			return say(why, "%s: cannot be read: %s", path,
			    strerror(errno));
		if (size != file->size || hash != file->hash)
			return say(why,
			    "%s: damaged: it is not what was backed up", path);
	}
	return 0;
}

static int
read_files(struct backup_set *set, const char *folder, char why[BACKUP_WHY])
{
	char state[PATH_MAX], path[PATH_MAX];
	char *text = NULL;
	struct errbuf *eb = malloc(sizeof(*eb));
	size_t len;
	int status = -1;

	if (eb == NULL)
		return say(why, "no memory");
	errbuf_init(eb);
	snprintf(state, sizeof(state), "%s/" BACKUP_LAST_GOOD, folder);
	snprintf(path, sizeof(path),
	    "%s/" BACKUP_LAST_GOOD "/" LAST_GOOD_MANIFEST, folder);
	if (file_read(path, NULL, LAST_GOOD_MAX_MANIFEST, &text, &len, NULL,
		eb) == 0 &&
	    last_good_parse(text, len, state, &set->files, eb) == 0 &&
	    last_good_verify(&set->files, eb) == 0)
		status = 0;
	else
		say(why, "%.*s", (int)strcspn(eb->text, "\n"), eb->text);
	free(text);
	free(eb);
	return status;
}

int
backup_set_read(
    struct backup_set *set, const char *folder, char why[BACKUP_WHY])
{
	char path[PATH_MAX];
	json_error_t wrong;
	struct stat st;
	json_t *root;
	bool files;

	memset(set, 0, sizeof(*set));
	snprintf(path, sizeof(path), "%s/" BACKUP_MANIFEST, folder);
	if (stat(folder, &st) == 0 && !S_ISDIR(st.st_mode))
		return say(why,
		    "%s: is no folder: unpack the backup, as tar -xf does, and "
		    "name what comes out",
		    folder);
	if (stat(path, &st) != 0)
		return say(
		    why, "%s: %s: it is no backup", path, strerror(errno));
	root = S_ISREG(st.st_mode) && st.st_size <= MANIFEST_MAX
	    ? json_load_file(path, JSON_REJECT_DUPLICATES, &wrong)
	    : NULL;
	if (root == NULL || read_root(set, root) != 0) {
		json_decref(root);
		return say(why,
		    "%s: damaged, or of a newer release: nothing is restored",
		    path);
	}
	files = command_is_true(root, "last_good");
	json_decref(root);
	if (check_parts(set, folder, why) != 0)
		return -1;
	return files ? read_files(set, folder, why) : 0;
}

void
backup_set_finish(struct backup_set *set)
{
	last_good_finish(&set->files);
}
