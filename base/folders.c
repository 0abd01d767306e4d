/*
 * Which files lie in which folders.  Called by loaders when a file they read
 * names another; reads none of them.
 */
#include "base/folders.h"

#include <stdlib.h>
#include <string.h>

#include "base/file_identity.h"

struct folders {
	size_t n;
	char *list[]; /* real paths */
};

/* Add the folder of ${path}, which has been resolved and is taken over. */
static void
add(struct folders *folders, char *path)
{
	if (path != NULL)
		folders->list[folders->n++] = path;
}

/* The folder of a path: "/a/b" of "/a/b/c", "." of "c". */
static char *
folder_of(const char *path)
{
	const char *slash = strrchr(path, '/');

	if (slash == NULL)
		return strdup(".");
	return slash == path ? strdup("/")
			     : strndup(path, (size_t)(slash - path));
}

struct folders *
folders_create(const char *path, const char *const *more, size_t n)
{
	struct folders *folders =
	    calloc(1, sizeof(*folders) + (n + 2) * sizeof(char *));
	char *named = folder_of(path), *real = realpath(path, NULL);

	if (folders == NULL || named == NULL) {
		free(folders);
		free(named);
		free(real);
		return NULL;
	}
	add(folders, realpath(named, NULL));
	if (real != NULL)
		add(folders, folder_of(real));
	for (size_t i = 0; i < n; i++)
		add(folders, realpath(more[i], NULL));
	free(named);
	free(real);
	return folders;
}

void
folders_destroy(struct folders *folders)
{
	if (folders == NULL)
		return;
	for (size_t i = 0; i < folders->n; i++)
		free(folders->list[i]);
	free(folders);
}

/* Whether the real path is the folder, or in it or below. */
static bool
is_below(const char *path, const char *folder)
{
	size_t len = strlen(folder);

	if (strcmp(folder, "/") == 0)
		return true;
	return strncmp(path, folder, len) == 0 &&
	    (path[len] == '/' || path[len] == '\0');
}

static bool
is_inside(const struct folders *folders, const char *real)
{
	for (size_t i = 0; i < folders->n; i++)
		if (is_below(real, folders->list[i]))
			return true;
	return false;
}

bool
folders_hold(const struct folders *folders, const char *path)
{
	char *real = realpath(path, NULL), *folder = NULL;
	bool inside;

	/* A file that is not there has a folder that may be. */
	if (real == NULL && (folder = folder_of(path)) != NULL)
		real = realpath(folder, NULL);
	inside = real != NULL && is_inside(folders, real);
	free(folder);
	free(real);
	return inside;
}

bool
folders_hold_open(const struct folders *folders, const char *path, int fd)
{
	struct file_identity named, opened;
	char *real = realpath(path, NULL);
	/* Links may have been changed between open() and realpath(): what was
	 * opened must be what was judged. */
	bool inside = real != NULL && is_inside(folders, real) &&
	    file_identify(real, &named) == 0 &&
	    file_identify_open(fd, &opened) == 0 &&
	    named.device == opened.device && named.inode == opened.inode;

	free(real);
	return inside;
}
