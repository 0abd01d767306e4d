/*
 * The files that something was made from, as they were when they were opened,
 * and whether they are still the same, so that a reload need not read them
 * again.  Filled by loaders, asked before the next load.
 */
#ifndef BASE_INPUTS_H
#define BASE_INPUTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/file_identity.h"

/*
 * A file that was changed less than this before it was opened counts as changed
 * at the next look: a second change within one tick of the file system's clock
 * (2 s where it is coarsest) would not show in its times.
 */
#define INPUTS_SETTLED_NS INT64_C(2000000000)

struct input {
	char *path; /* as it was opened */
	struct file_identity identity;
	bool read; /* it was opened; else it was looked at alone */
};

/* A file that is read from a copy of it, wherever that lies. */
struct input_copy {
	const char *path, *copy;
};

/* A file that is read from memory: as another process holds it. */
struct input_text {
	const char *path, *text;
	size_t len;
};

/* Begins as all zero; inputs_finish() frees what it holds. */
struct inputs {
	struct input *files;
	size_t n, size;
	bool unsettled; /* one was changed just before it was opened */
	/* In place of all files on disk; NULL: these are read. */
	const struct input_text *texts;
	size_t n_texts;
	/* The same of copies, the caller's, as last_good.h has them. */
	const struct input_copy *copies;
	size_t n_copies;
};

/* from = inputs_source(inputs, path): where ${path} is to be opened: there, or
 * at its copy.  NULL, with ENOENT in errno, when there are copies and none of
 * it.  Of NULL inputs the path itself. */
const char *inputs_source(const struct inputs *inputs, const char *path);

/* on_disk = inputs_on_disk(inputs): files are read as they lie at their paths;
 * true for NULL. */
bool inputs_on_disk(const struct inputs *inputs);

/*
 * path = inputs_add(inputs, path, fd): remember that ${path} was opened as
 * ${fd}, of which nothing has been read yet.  The path as it is kept, which
 * lives as long as ${inputs}; NULL without memory or when ${fd} cannot be
 * looked at.
 */
const char *inputs_add(struct inputs *inputs, const char *path, int fd);

/* inputs_note(inputs, path): remember ${path} as it is now, or that it is not
 * there, without opening it.  0, or -1 without memory. */
int inputs_note(struct inputs *inputs, const char *path);

/* inputs_repeat(inputs, before, i): remember file number ${i} of ${before} as
 * it was when that was made.  0, or -1 without memory. */
int inputs_repeat(struct inputs *inputs, const struct inputs *before, size_t i);

/* i = inputs_find(inputs, path): the number of the first file of that path;
 * SIZE_MAX when there is none. */
size_t inputs_find(const struct inputs *inputs, const char *path);

/* same = inputs_same(a, b): both have the same files in the same order, each as
 * the other has it. */
bool inputs_same(const struct inputs *a, const struct inputs *b);

/*
 * path = inputs_changed(inputs): the first path that is another file by now, or
 * whose file was written to since it was added; NULL when none is.
 * same = inputs_unchanged(inputs): none is, for certain: none was changed just
 * before it was added.
 */
const char *inputs_changed(const struct inputs *inputs);
bool inputs_unchanged(const struct inputs *inputs);

/* inputs_finish(inputs): free what it holds and make it empty. */
void inputs_finish(struct inputs *inputs);

#endif
