/*
 * Whole files into memory by read(2), and paths beside paths.  Called by
 * loaders; maps nothing.
 */
#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/array.h"
#include "base/inputs.h"

/* Read what the descriptor holds; -1 with errno, EFBIG past ${max} bytes.  The
 * size may have changed since it was looked up: ${expect} is a guess. */
static int
read_all(int fd, size_t max, size_t expect, char **data, size_t *len)
{
	size_t size = expect + 2, used = 0;
	char *buffer = malloc(size), *larger;

	if (buffer == NULL)
		return -1;
	for (;;) {
		ssize_t n;

		/* One byte at least to read to, and the NUL. */
		larger = array_reserve(buffer, used, 2, &size, 1, SIZE_MAX);
		if (larger == NULL)
			goto fail;
		buffer = larger;
		n = read(fd, buffer + used, size - used - 1);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			goto fail;
		if (n == 0)
			break;
		used += (size_t)n;
		if (used > max) {
			errno = EFBIG;
			goto fail;
		}
	}
	buffer[used] = '\0';
	*data = buffer;
	*len = used;
	return 0;
fail:
	free(buffer);
	return -1;
}

/* The file cannot be opened, or what ${verb} says, for the reason in errno:
 * said at ${at}, or at the file itself when that is NULL.  Returns -1. */
static int
cannot(struct errbuf *eb, const struct mark *at, const char *path,
    const char *verb)
{
	struct mark self = {path, 0, 0};
	const char *reason = strerror(errno);

	return at != NULL
	    ? errbuf_error(eb, at, "cannot %s \"%s\": %s", verb, path, reason)
	    : errbuf_error(eb, &self, "cannot %s: %s", verb, reason);
}

/* The same of a file that is not what it should be. */
static int
refuse(struct errbuf *eb, const struct mark *at, const char *path,
    const char *words)
{
	struct mark self = {path, 0, 0};

	return at != NULL ? errbuf_error(eb, at, "\"%s\" %s", path, words)
			  : errbuf_error(eb, &self, "%s", words);
}

/* The same from the texts of ${inputs}. */
static int
copy_text(const char *path, const struct mark *at, size_t max, char **data,
    size_t *len, const struct inputs *inputs, struct errbuf *eb)
{
	const struct input_text *text = inputs->texts;
	size_t i = 0;

	while (i < inputs->n_texts && strcmp(text[i].path, path) != 0)
		i++;
	if (i == inputs->n_texts)
		return refuse(eb, at, path, "is not among the texts");
	if (text[i].len > max)
		return refuse(eb, at, path, "is too large");
	*data = malloc(text[i].len + 1);
	if (*data == NULL)
		return refuse(eb, at, path, "cannot be copied: no memory");
	memcpy(*data, text[i].text, text[i].len);
	(*data)[text[i].len] = '\0';
	*len = text[i].len;
	return 0;
}

int
file_read(const char *path, const struct mark *at, size_t max, char **data,
    size_t *len, struct inputs *inputs, struct errbuf *eb)
{
	const char *from = inputs_source(inputs, path);
	char larger[64];
	struct stat st;
	int fd = -1, status = -1;

	if (inputs != NULL && inputs->texts != NULL)
		return copy_text(path, at, max, data, len, inputs, eb);
	/* A FIFO must not block a reload. */
	if (from != NULL)
		fd = open(from, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0)
		return cannot(eb, at, path, "open");
	snprintf(larger, sizeof(larger), "is larger than %zu bytes", max);
	if (fstat(fd, &st) != 0)
		cannot(eb, at, path, "stat");
	else if (!S_ISREG(st.st_mode))
		refuse(eb, at, path, "is not a regular file");
	else if (inputs != NULL && inputs_add(inputs, path, fd) == NULL)
		refuse(eb, at, path, "cannot be remembered: no memory");
	else if ((uintmax_t)st.st_size > max)
		refuse(eb, at, path, larger);
	else if (read_all(fd, max, (size_t)st.st_size, data, len) != 0)
		cannot(eb, at, path, "read");
	else
		status = 0;
	close(fd);
	return status;
}

bool
file_is_utf16(const char *data, size_t len)
{
	return len >= 2 &&
	    (memcmp(data, "\xff\xfe", 2) == 0 ||
		memcmp(data, "\xfe\xff", 2) == 0 ||
		(data[0] == '\0') != (data[1] == '\0'));
}

char *
file_beside(const char *base, const char *name)
{
	const char *slash = strrchr(base, '/');
	char *path;

	if (name[0] == '/' || slash == NULL)
		return strdup(name);
	if (asprintf(&path, "%.*s/%s", (int)(slash - base), base, name) < 0)
		return NULL;
	return path;
}
