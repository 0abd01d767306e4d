/* Writes a file beside its place and puts it there when it is whole.  Called by
 * meridianctl simulate. */
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
	fprintf(
	    stderr, "meridianctl simulate: %s: %s\n", path, strerror(errno));
	return -1;
}

int
simulate_output_open(struct simulate_output *out, const char *path)
{
	struct text beside;
	struct stat st;

	*out = (struct simulate_output){.path = path};
	if (path == NULL)
		return 0;
	/* A pipe or a device is no file to be put in another's place. */
	if (stat(path, &st) == 0 && !S_ISREG(st.st_mode)) {
		out->to = fopen(path, "w");
		return out->to != NULL ? 0 : refuse(path);
	}
	text_init(&beside, FILENAME_MAX);
	text_add(&beside, "%s.new", path);
	out->beside = beside.failed ? NULL : beside.data;
	if (out->beside == NULL) {
		text_finish(&beside);
		errno = ENAMETOOLONG;
		return refuse(path);
	}
	out->to = fopen(out->beside, "w");
	return out->to != NULL ? 0 : refuse(path);
}

int
simulate_output_keep(struct simulate_output *out)
{
	bool failed;

	if (out->to == NULL)
		return 0;
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
