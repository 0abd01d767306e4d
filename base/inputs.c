/*
 * Files as they were when they were read.  Called by loaders; reads nothing of
 * them.
 */
#include "base/inputs.h"

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

static const char *
add(struct inputs *inputs, const char *path,
    const struct file_identity *identity)
{
	struct input *input = array_grow(
	    inputs->files, inputs->n, &inputs->size, sizeof(*input), SIZE_MAX);

	if (input == NULL)
		return NULL;
	inputs->files = input;
	input += inputs->n;
	input->identity = *identity;
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
	    ? add(inputs, path, &identity)
	    : NULL;
}

int
inputs_note(struct inputs *inputs, const char *path)
{
	struct file_identity identity;

	(void)file_identify(path, &identity); /* all zero: not there */
	return add(inputs, path, &identity) != NULL ? 0 : -1;
}

const char *
inputs_changed(const struct inputs *inputs)
{
	for (size_t i = 0; i < inputs->n; i++) {
		struct file_identity now;

		(void)file_identify(inputs->files[i].path, &now);
		if (memcmp(&now, &inputs->files[i].identity, sizeof(now)) != 0)
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
