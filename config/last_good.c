/*
 * Reads and verifies the last files that loaded, and finds them for a node
 * whose file has errors.  Called by daemons that start, and by meridianctl;
 * writes nothing.
 */
#include "config/last_good.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/array.h"
#include "base/file.h"
#include "base/hash.h"
#include "base/number.h"
#include "config/server.h"

/* The first line of a manifest, with the version of its form. */
#define FIRST_LINE "meridian-last-good 1"

/* Numbers of a line "file", before its path. */
#define FILE_NUMBERS 7

char *
last_good_folder(const char *state)
{
	char *folder;

	return asprintf(&folder, "%s" LAST_GOOD_SUFFIX, state) < 0 ? NULL
								   : folder;
}

void
last_good_finish(struct last_good *lg)
{
	for (size_t i = 0; i < lg->n; i++) {
		free(lg->files[i].path);
		free(lg->files[i].copy);
	}
	free(lg->files);
	free(lg->copies);
	free(lg->folder);
	free(lg->node);
	*lg = (struct last_good){0};
}

struct inputs
last_good_inputs(const struct last_good *lg)
{
	struct inputs inputs = {0};

	if (lg != NULL) {
		inputs.copies = lg->copies;
		inputs.n_copies = lg->n;
	}
	return inputs;
}

uint64_t
last_good_hash(uint64_t h, const void *data, size_t len)
{
	return hash_mix(h, hash_bytes(data, len, 0));
}

/* --- the manifest --- */

/* What is read: a place in the text, and where it ends. */
struct cursor {
	const char *at, *end;
	uint64_t hash; /* of all lines before this one */
};

/* The next line without its end; NULL when there is no whole one. */
static const char *
next_line(struct cursor *c, size_t *len)
{
	const char *line = c->at, *stop;

	stop =
	    line < c->end ? memchr(line, '\n', (size_t)(c->end - line)) : NULL;
	if (stop == NULL)
		return NULL;
	*len = (size_t)(stop - line);
	c->at = stop + 1;
	return line;
}

/* What follows "${word} " in the line; NULL when that is not its beginning. */
static const char *
after(const char *line, size_t *len, const char *word)
{
	size_t n = strlen(word);

	if (*len <= n || memcmp(line, word, n) != 0 || line[n] != ' ')
		return NULL;
	*len -= n + 1;
	return line + n + 1;
}

/* The next number of a line that has more after it. */
static int
take_number(const char **at, size_t *len, uint64_t *out)
{
	const char *space = memchr(*at, ' ', *len);
	size_t n;

	if (space == NULL)
		return -1;
	n = (size_t)(space - *at);
	if (number_parse(*at, n, 0, UINT64_MAX, out) != 0)
		return -1;
	*at += n + 1;
	*len -= n + 1;
	return 0;
}

/* Without a slash it cannot lead out of its folder. */
static bool
is_plain_name(const char *name, size_t len)
{
	return len > 0 && len < 200 && name[0] != '.' &&
	    memchr(name, '/', len) == NULL && memchr(name, '\0', len) == NULL;
}

/* "file MODE SIZE HASH DEVICE INODE CHANGED MODIFIED NAME PATH" */
static int
read_file(struct last_good *out, const char *at, size_t len)
{
	uint64_t number[FILE_NUMBERS];
	struct last_good_file *file;
	const char *space;
	size_t name;

	for (size_t i = 0; i < FILE_NUMBERS; i++)
		if (take_number(&at, &len, &number[i]) != 0)
			return -1;
	space = memchr(at, ' ', len);
	if (space == NULL || !is_plain_name(at, (size_t)(space - at)) ||
	    number[5] > INT64_MAX || number[6] > INT64_MAX ||
	    number[0] > 07777 || number[1] > LAST_GOOD_MAX_BYTES)
		return -1;
	name = (size_t)(space - at);
	file = array_grow(
	    out->files, out->n, &out->size, sizeof(*file), LAST_GOOD_MAX_FILES);
	if (file == NULL)
		return -1;
	out->files = file;
	file += out->n;
	*file = (struct last_good_file){.mode = (unsigned)number[0],
	    .size = number[1],
	    .hash = number[2],
	    .identity = {.device = number[3],
		.inode = number[4],
		.size = number[1],
		.changed_ns = (int64_t)number[5],
		.modified_ns = (int64_t)number[6]}};
	if (asprintf(&file->copy, "%s/%" PRIu64 "/%.*s", out->folder, out->set,
		(int)name, at) < 0)
		return -1;
	file->path = strndup(space + 1, len - name - 1);
	if (file->path == NULL) {
		free(file->copy);
		return -1;
	}
	out->n++;
	return file->path[0] != '\0' ? 0 : -1;
}

/* The lines before those of files. */
static int
read_head(struct cursor *c, struct last_good *out)
{
	uint64_t at_ms;
	const char *line;
	size_t len;

	line = next_line(c, &len);
	if (line == NULL || len != strlen(FIRST_LINE) ||
	    memcmp(line, FIRST_LINE, len) != 0)
		return -1;
	line = next_line(c, &len);
	if (line == NULL || (line = after(line, &len, "set")) == NULL ||
	    number_parse(line, len, 1, UINT64_MAX - 1, &out->set) != 0)
		return -1;
	line = next_line(c, &len);
	if (line == NULL || (line = after(line, &len, "at")) == NULL ||
	    number_parse(line, len, 0, INT64_MAX, &at_ms) != 0)
		return -1;
	out->at_ms = (int64_t)at_ms;
	line = next_line(c, &len);
	if (line == NULL || (line = after(line, &len, "node")) == NULL)
		return -1;
	out->node = strndup(line, len);
	return out->node != NULL ? 0 : -1;
}

static int
read_lines(struct cursor *c, struct last_good *out)
{
	const char *begin = c->at, *line, *rest;
	uint64_t hash;
	size_t len, whole;

	if (read_head(c, out) != 0)
		return -1;
	while ((line = next_line(c, &len)) != NULL) {
		whole = (size_t)(line - begin);
		rest = after(line, &len, "file");
		if (rest != NULL) {
			if (read_file(out, rest, len) != 0)
				return -1;
			continue;
		}
		rest = after(line, &len, "end");
		return rest != NULL && c->at == c->end &&
			number_parse(rest, len, 0, UINT64_MAX, &hash) == 0 &&
			hash == hash_bytes(begin, whole, 0)
		    ? 0
		    : -1;
	}
	return -1;
}

static int
list_copies(struct last_good *lg)
{
	lg->copies = calloc(lg->n + 1, sizeof(*lg->copies));
	if (lg->copies == NULL)
		return -1;
	for (size_t i = 0; i < lg->n; i++)
		lg->copies[i] =
		    (struct input_copy){lg->files[i].path, lg->files[i].copy};
	return 0;
}

int
last_good_parse(const char *text, size_t len, const char *folder,
    struct last_good *out, struct errbuf *eb)
{
	struct cursor c = {.at = text, .end = text + len};

	out->folder = strdup(folder);
	if (out->folder == NULL)
		return errbuf_error(eb, NULL, "no memory");
	if (read_lines(&c, out) != 0)
		return errbuf_error(eb, NULL,
		    "%s/" LAST_GOOD_MANIFEST ": is damaged, or of another "
		    "release: the files that were kept there are not used",
		    folder);
	return list_copies(out) == 0 ? 0 : errbuf_error(eb, NULL, "no memory");
}

int
last_good_read(const char *state, struct last_good *out, struct errbuf *eb)
{
	char *folder = last_good_folder(state), *path = NULL, *text = NULL;
	size_t len;
	int status = -1;

	if (folder == NULL ||
	    asprintf(&path, "%s/" LAST_GOOD_MANIFEST, folder) < 0) {
		path = NULL;
		errbuf_error(eb, NULL, "no memory");
	} else if (access(path, F_OK) != 0 && errno == ENOENT) {
		status = 0;
	} else if (file_read(path, NULL, LAST_GOOD_MAX_MANIFEST, &text, &len,
		       NULL, eb) == 0) {
		status =
		    last_good_parse(text, len, folder, out, eb) == 0 ? 1 : -1;
	}
	free(text);
	free(path);
	free(folder);
	return status;
}

/* --- the copies --- */

/* Read ${fd} to its end: its size and hash.  -1 with errno. */
static int
measure(int fd, uint64_t *size, uint64_t *hash)
{
	unsigned char *piece = malloc(LAST_GOOD_PIECE);
	size_t used = 0;
	ssize_t n = 1;

	*size = *hash = 0;
	if (piece == NULL)
		return -1;
	while (n > 0) {
		n = read(fd, piece + used, LAST_GOOD_PIECE - used);
		if (n < 0 && errno == EINTR) {
			n = 1;
			continue;
		}
		used += n > 0 ? (size_t)n : 0;
		if (used == LAST_GOOD_PIECE || (n == 0 && used > 0)) {
			*hash = last_good_hash(*hash, piece, used);
			*size += used;
			used = 0;
		}
	}
	free(piece);
	return n < 0 ? -1 : 0;
}

int
last_good_measure(const char *path, uint64_t *size, uint64_t *hash)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW);
	struct stat st;
	int status;

	if (fd < 0)
		return -1;
	status = fstat(fd, &st);
	if (status == 0 && !S_ISREG(st.st_mode)) {
		errno = EINVAL;
		status = -1;
	}
	if (status == 0)
		status = measure(fd, size, hash);
	close(fd);
	return status;
}

static int
verify(const struct last_good_file *file, struct errbuf *eb)
{
	uint64_t size, hash;

	if (last_good_measure(file->copy, &size, &hash) != 0)
		return errbuf_error(eb, NULL, "%s: cannot be read: %s",
		    file->copy, strerror(errno));
	return size == file->size && hash == file->hash
	    ? 0
	    : errbuf_error(eb, NULL,
		  "%s: is not what was kept: the files that were kept with it "
		  "are not used",
		  file->copy);
}

int
last_good_verify(const struct last_good *lg, struct errbuf *eb)
{
	for (size_t i = 0; i < lg->n; i++)
		if (verify(&lg->files[i], eb) != 0)
			return -1;
	return 0;
}

/* --- finding them --- */

/* The path at a line "state: PATH" of a file that is no YAML any more; NULL
 * when there is none.  The caller frees it. */
static char *
state_by_line(const char *path)
{
	struct errbuf *eb = malloc(sizeof(*eb));
	char *text = NULL, *state = NULL;
	const char *at;
	size_t len;

	if (eb == NULL)
		return NULL;
	errbuf_init(eb);
	if (file_read(path, NULL, LAST_GOOD_MAX_MANIFEST, &text, &len, NULL,
		eb) == 0) {
		at = strstr(text, "\nstate:");
		if (strncmp(text, "state:", 6) == 0)
			at = text + 6;
		else if (at != NULL)
			at += 7;
		if (at != NULL) {
			at += strspn(at, " \t\"'");
			len = strcspn(at, " \t\"'#\r\n");
			state = len > 0 ? strndup(at, len) : NULL;
		}
	}
	if (state != NULL) {
		char *whole = file_beside(path, state);

		free(state);
		state = whole;
	}
	free(text);
	free(eb);
	return state;
}

/* The state database of a node whose file may have errors or be gone. */
static char *
find_state(const char *path)
{
	struct errbuf *eb = malloc(sizeof(*eb));
	struct server_config *config = NULL;
	char *state = NULL;

	if (eb != NULL) {
		errbuf_init(eb);
		config = server_config_glance(path, eb);
	}
	if (config != NULL && config->state_at.line > 0)
		state = strdup(config->state);
	server_config_destroy(config);
	free(eb);
	if (state == NULL)
		state = state_by_line(path);
	return state != NULL ? state : strdup(SERVER_DEFAULT_STATE);
}

int
last_good_find(const char *path, struct last_good *out, struct errbuf *eb)
{
	char *state = find_state(path);
	int found;

	if (state == NULL)
		return errbuf_error(eb, NULL, "no memory");
	found = last_good_read(state, out, eb);
	free(state);
	if (found == 1 && (out->node == NULL || strcmp(out->node, path) != 0))
		return 0;
	if (found == 1 && last_good_verify(out, eb) != 0)
		return -1;
	return found;
}

struct server_config *
last_good_config(const char *path, struct errbuf *eb)
{
	struct server_config *config = NULL;
	struct last_good lg = {0};
	struct inputs inputs;

	if (last_good_find(path, &lg, eb) == 1) {
		inputs = last_good_inputs(&lg);
		config = server_config_read(path, &inputs, eb);
		inputs_finish(&inputs);
	}
	last_good_finish(&lg);
	return config;
}
