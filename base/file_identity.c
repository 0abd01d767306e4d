/*
 * Identities of files by stat(2).  Called by loaders and by the reader of the
 * state database; opens nothing.
 */
#include "base/file_identity.h"

#include <string.h>
#include <sys/stat.h>

static int64_t
nanoseconds(const struct timespec *time)
{
	return (int64_t)time->tv_sec * 1000000000 + time->tv_nsec;
}

static void
identify(const struct stat *st, struct file_identity *out)
{
	out->device = st->st_dev;
	out->inode = st->st_ino;
	out->size = (uint64_t)st->st_size;
	out->changed_ns = nanoseconds(&st->st_ctim);
	out->modified_ns = nanoseconds(&st->st_mtim);
}

int
file_identify(const char *path, struct file_identity *out)
{
	struct stat st;

	memset(out, 0, sizeof(*out));
	if (stat(path, &st) != 0)
		return -1;
	identify(&st, out);
	return 0;
}

int
file_identify_open(int fd, struct file_identity *out)
{
	struct stat st;

	memset(out, 0, sizeof(*out));
	if (fstat(fd, &st) != 0)
		return -1;
	identify(&st, out);
	return 0;
}

bool
file_identity_same(const struct file_identity *a, const struct file_identity *b)
{
	return a->device == b->device && a->inode == b->inode &&
	    a->size == b->size && a->changed_ns == b->changed_ns &&
	    a->modified_ns == b->modified_ns;
}
