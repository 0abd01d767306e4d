/*
 * Files as they were when they were read.  Called by loaders; reads nothing of
 * them.
 */
#include "base/inputs.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/array.h"

static bool
is_settled(const struct file_identity *identity)
{
	struct timespec now;
	int64_t now_ns;

	clock_gettime(CLOCK_REALTIME, &now);
	now_ns = (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
	/* A time in the future, by a clock that was set back, is not settled
	 * either. */
	return identity->changed_ns < now_ns - INPUTS_SETTLED_NS;
}

const char *
inputs_source(const struct inputs *inputs, const char *path)
{
	if (inputs == NULL || inputs->copies == NULL)
		return path;
	for (size_t i = 0; i < inputs->n_copies; i++)
		if (strcmp(inputs->copies[i].path, path) == 0)
			return inputs->copies[i].copy;
	errno = ENOENT;
	return NULL;
}

bool
inputs_on_disk(const struct inputs *inputs)
{
	return inputs == NULL ||
	    (inputs->texts == NULL && inputs->copies == NULL);
}

static const char *
add(struct inputs *inputs, const char *path,
    const struct file_identity *identity, bool read)
{
	struct input *input = array_grow(
	    inputs->files, inputs->n, &inputs->size, sizeof(*input), SIZE_MAX);

	if (input == NULL)
		return NULL;
	inputs->files = input;
	input += inputs->n;
	input->identity = *identity;
	input->read = read;
	input->path = strdup(path);
	if (input->path == NULL)
		return NULL;
	inputs->n++;
	if (!is_settled(identity))
		inputs->unsettled = true;
	return input->path;
}

const char *
inputs_add(struct inputs *inputs, const char *path, int fd)
{
	struct file_identity identity;

	return file_identify_open(fd, &identity) == 0
	    ? add(inputs, path, &identity, true)
	    : NULL;
}

int
inputs_note(struct inputs *inputs, const char *path)
{
	struct file_identity identity;

	(void)file_identify(path, &identity); /* all zero: not there */
	return add(inputs, path, &identity, false) != NULL ? 0 : -1;
}

int
inputs_repeat(struct inputs *inputs, const struct inputs *before, size_t i)
{
	const struct input *input = &before->files[i];

	if (add(inputs, input->path, &input->identity, input->read) == NULL)
		return -1;
	inputs->unsettled |= before->unsettled;
	return 0;
}

size_t
inputs_find(const struct inputs *inputs, const char *path)
{
	for (size_t i = 0; i < inputs->n; i++)
		if (strcmp(inputs->files[i].path, path) == 0)
			return i;
	return SIZE_MAX;
}

bool
inputs_same(const struct inputs *a, const struct inputs *b)
{
	if (a->n != b->n)
		return false;
	for (size_t i = 0; i < a->n; i++)
		if (strcmp(a->files[i].path, b->files[i].path) != 0 ||
		    !file_identity_same(
			&a->files[i].identity, &b->files[i].identity))
			return false;
	return true;
}

const char *
inputs_changed(const struct inputs *inputs)
{
	for (size_t i = 0; i < inputs->n; i++) {
		struct file_identity now;

		(void)file_identify(inputs->files[i].path, &now);
		if (!file_identity_same(&now, &inputs->files[i].identity))
			return inputs->files[i].path;
	}
	return NULL;
}

bool
inputs_unchanged(const struct inputs *inputs)
{
	return !inputs->unsettled && inputs_changed(inputs) == NULL;
}

void
inputs_finish(struct inputs *inputs)
{
	for (size_t i = 0; i < inputs->n; i++)
		free(inputs->files[i].path);
	free(inputs->files);
	*inputs = (struct inputs){0};
}
