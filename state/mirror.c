/*
 * The mirror of what was said by hand.  Called by meridiand, by the editor and
 * by the writing process; opens no database.
 */
#include "state/mirror.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/number.h"
#include "state/row_text.h"
#include "state/schema.h"
#include "state/sequence.h"

#define NEW_SUFFIX MIRROR_SUFFIX ".new"

/* As the database itself: the daemons may run as different users. */
#define MODE 0660

void
mirror_begin(struct text *t, uint64_t last)
{
	text_add(t,
	    "# What operators said by hand, and how far ramps have come, as\n"
	    "# meridiand knows it: meridian-state(5).  It is written anew at\n"
	    "# each change; what is changed here is not read before a start.\n"
	    "last %" PRIu64 "\n",
	    last);
}

static void
add_row(struct text *t, enum state_table table, const void *row)
{
	text_add(t, "%s", schema_table(table)->name);
	row_text_add(t, schema_table(table), row);
	text_add(t, "\n");
}

void
mirror_override(struct text *t, const struct state_override *row)
{
	add_row(t, TABLE_OVERRIDE, row);
}

void
mirror_ramp(struct text *t, const struct state_ramp *row)
{
	add_row(t, TABLE_RAMP, row);
}

void
mirror_end(struct text *t)
{
	text_add(t, "end\n");
}

/* A number above all that operators can have come to was given by nobody. */
static void
note_last(struct mirror_reader *reader, uint64_t number)
{
	if (number > reader->last && number <= (uint64_t)SEQUENCE_FLOOR)
		reader->last = number;
}

static int
read_override(struct mirror_reader *reader, const char *text, size_t len)
{
	struct state_override row;

	if (row_text_read(text, len, schema_table(TABLE_OVERRIDE), &row) != 0 ||
	    row.number > (uint64_t)SEQUENCE_FLOOR)
		return -1;
	note_last(reader, row.number);
	if (reader->override != NULL)
		reader->override(reader->context, &row);
	return 0;
}

static int
read_ramp(struct mirror_reader *reader, const char *text, size_t len)
{
	struct state_ramp row;

	if (row_text_read(text, len, schema_table(TABLE_RAMP), &row) != 0)
		return -1;
	if (reader->ramp != NULL)
		reader->ramp(reader->context, &row);
	return 0;
}

static int
read_last(struct mirror_reader *reader, const char *text, size_t len)
{
	uint64_t last;

	if (len < 2 ||
	    number_parse(
		text + 1, len - 1, 0, (uint64_t)SEQUENCE_FLOOR, &last) != 0)
		return -1;
	note_last(reader, last);
	return 0;
}

/* The first word of a line, and what reads what follows it. */
static const struct {
	const char *word;
	int (*read)(struct mirror_reader *reader, const char *text, size_t len);
} kinds[] = {
    {"last", read_last},
    {"override", read_override},
    {"ramp", read_ramp},
};

/* Lines of a later release, with other words, are left out. */
static int
read_line(struct mirror_reader *reader, const char *line, size_t len)
{
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		size_t word = strlen(kinds[i].word);

		if (len > word && memcmp(line, kinds[i].word, word) == 0 &&
		    line[word] == ' ')
			return kinds[i].read(reader, line + word, len - word);
	}
	return 0;
}

static bool
ends(const char *line, size_t len)
{
	return len == 3 && memcmp(line, "end", len) == 0;
}

void
mirror_parse(const char *text, size_t len, struct mirror_reader *reader)
{
	const char *at = text, *end = text + len;
	unsigned number = 0;
	bool whole = false;

	reader->last = 0;
	reader->bad_line = reader->n_bad = 0;
	while (at < end && !whole) {
		const char *stop = memchr(at, '\n', (size_t)(end - at));
		size_t n = (size_t)((stop != NULL ? stop : end) - at);

		number++;
		whole = ends(at, n);
		if (read_line(reader, at, n) != 0 && reader->n_bad++ == 0)
			reader->bad_line = number;
		at = stop != NULL ? stop + 1 : end;
	}
	/* It was cut off, and nobody knows how much it had. */
	if (!whole && reader->n_bad++ == 0)
		reader->bad_line = number + 1;
}

/* Read all of ${fd} to a new buffer; -1 with errno. */
static int
read_all(int fd, char **data, size_t *len)
{
	struct stat st;
	ssize_t n = 1;

	if (fstat(fd, &st) != 0)
		return -1;
	if (!S_ISREG(st.st_mode) || st.st_size > (off_t)MIRROR_MAX) {
		errno = S_ISREG(st.st_mode) ? EFBIG : EINVAL;
		return -1;
	}
	*data = malloc((size_t)st.st_size + 1);
	if (*data == NULL)
		return -1;
	for (*len = 0; *len < (size_t)st.st_size && n > 0; *len += (size_t)n) {
		n = read(fd, *data + *len, (size_t)st.st_size - *len);
		if (n < 0 && errno == EINTR)
			n = 0;
		else if (n < 0) {
			free(*data);
			return -1;
		} else if (n == 0) {
			break;
		}
	}
	return 0;
}

/* Read the mirror of ${path} to a new buffer: as mirror_load(). */
static int
read_mirror(const char *path, char **data, size_t *len)
{
	char name[PATH_MAX];
	int fd, status;

	snprintf(name, sizeof(name), "%s" MIRROR_SUFFIX, path);
	/* A pipe in its place stops nobody. */
	fd = open(name, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0)
		return errno == ENOENT ? 0 : -1;
	status = read_all(fd, data, len);
	close(fd);
	return status == 0 ? 1 : -1;
}

int
mirror_load(const char *path, struct mirror_reader *reader)
{
	char *data;
	size_t len;
	int status;

	reader->last = 0;
	reader->bad_line = reader->n_bad = 0;
	status = read_mirror(path, &data, &len);
	if (status != 1)
		return status;
	mirror_parse(data, len, reader);
	free(data);
	return 1;
}

bool
mirror_is(const char *path, const char *text, size_t len)
{
	size_t found;
	char *data;
	bool is;

	if (read_mirror(path, &data, &found) != 1)
		return false;
	is = found == len && memcmp(data, text, len) == 0;
	free(data);
	return is;
}

static int
write_all(int fd, const char *text, size_t len)
{
	while (len > 0) {
		ssize_t n = write(fd, text, len);

		if (n < 0 && errno != EINTR)
			return -1;
		if (n > 0) {
			text += n;
			len -= (size_t)n;
		}
	}
	return 0;
}

/* So that the new name is on the disk as well. */
static int
sync_folder(const char *path)
{
	char folder[PATH_MAX];
	const char *slash = strrchr(path, '/');
	int fd, status;

	snprintf(folder, sizeof(folder), "%.*s",
	    slash != NULL ? (int)(slash - path) + 1 : 1,
	    slash != NULL ? path : ".");
	fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return -1;
	status = fsync(fd);
	close(fd);
	return status;
}

int
mirror_save(const char *path, const char *text, size_t len)
{
	char name[PATH_MAX], new[PATH_MAX];
	int fd, status;

	snprintf(name, sizeof(name), "%s" MIRROR_SUFFIX, path);
	snprintf(new, sizeof(new), "%s" NEW_SUFFIX, path);
	fd = open(
	    new, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, MODE);
	if (fd < 0)
		return -1;
	/* Whatever the umask is; of a file of another user it is as it is. */
	(void)fchmod(fd, MODE);
	status = write_all(fd, text, len);
	if (status == 0)
		status = fsync(fd);
	if (close(fd) != 0)
		status = -1;
	if (status == 0)
		status = rename(new, name);
	return status == 0 ? sync_folder(path) : -1;
}
