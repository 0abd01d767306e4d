/* Writes a file beside its place and puts it there when it is whole.  Called by
 * subcommands. */
#include "ctl/simulate_output.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.h"

static int
refuse(const char *path)
{
	fprintf(stderr, "meridianctl: %s: %s\n", path, strerror(errno));
	return -1;
}

/* The name beside ${path}; NULL when that is too long. */
static char *
name_beside(const char *path)
{
	struct text beside;

	text_init(&beside, FILENAME_MAX);
	text_add(&beside, "%s.new", path);
	if (!beside.failed)
		return beside.data;
	text_finish(&beside);
	errno = ENAMETOOLONG;
	return NULL;
}

int
simulate_output_open(struct simulate_output *out, const char *path)
{
	struct stat st;

	*out = (struct simulate_output){.path = path};
	if (path == NULL)
		return 0;
	/* A pipe or a device is no file to be put in another's place. */
	if (stat(path, &st) == 0 && !S_ISREG(st.st_mode)) {
		out->to = fopen(path, "w");
		return out->to != NULL ? 0 : refuse(path);
	}
	out->beside = name_beside(path);
	if (out->beside == NULL || simulate_output_begin(out) == NULL)
		return out->beside == NULL ? refuse(path) : -1;
	/* Nothing is left of it when the program is ended before it writes. */
	fclose(out->to);
	out->to = NULL;
	(void)unlink(out->beside);
	return 0;
}

FILE *
simulate_output_begin(struct simulate_output *out)
{
	if (out->to != NULL || out->path == NULL)
		return out->to;
	out->to = fopen(out->beside, "w");
	if (out->to == NULL)
		(void)refuse(out->path);
	return out->to;
}

int
simulate_output_keep(struct simulate_output *out)
{
	bool failed;

	if (out->to == NULL)
		return out->path == NULL ? 0 : -1;
	failed = ferror(out->to) != 0;
	failed |= fclose(out->to) != 0;
	out->to = NULL;
	if (failed)
		return refuse(out->path);
	if (out->beside == NULL)
		return 0;
	if (rename(out->beside, out->path) != 0)
		return refuse(out->path);
	free(out->beside);
	out->beside = NULL;
	return 0;
}

void
simulate_output_drop(struct simulate_output *out)
{
	if (out->to != NULL)
		fclose(out->to);
	if (out->beside != NULL)
		(void)unlink(out->beside);
	free(out->beside);
	*out = (struct simulate_output){.path = NULL};
}
