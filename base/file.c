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

int
file_read(const char *path, size_t max, char **data, size_t *len,
    struct inputs *inputs, struct errbuf *eb)
{
	struct mark at = {path, 0, 0};
	struct stat st;
	/* A FIFO must not block a reload. */
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	int status = -1;

	if (fd < 0)
		return errbuf_error(
		    eb, &at, "cannot open: %s", strerror(errno));
	if (fstat(fd, &st) != 0)
		errbuf_error(eb, &at, "cannot stat: %s", strerror(errno));
	else if (!S_ISREG(st.st_mode))
		errbuf_error(eb, &at, "is not a regular file");
	else if (inputs != NULL && inputs_add(inputs, path, fd) == NULL)
		errbuf_error(eb, &at, "no memory to remember it");
	else if ((uintmax_t)st.st_size > max)
		errbuf_error(eb, &at, "is larger than %zu bytes", max);
	else if (read_all(fd, max, (size_t)st.st_size, data, len) != 0)
		errbuf_error(eb, &at, "cannot read: %s", strerror(errno));
	else
		status = 0;
	close(fd);
	return status;
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
