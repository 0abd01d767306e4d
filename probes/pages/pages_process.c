/* Reads /proc.  Called in the thread of the pages, as that takes a while with
 * many descriptors. */
#include "probes/pages/pages_process.h"

#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

/* The entries of /proc/self/fd but for ".", ".." and the one that reads them;
 * -1 when it cannot be read. */
static int64_t
count_descriptors(void)
{
	DIR *dir = opendir("/proc/self/fd");
	int64_t n = -3;

	if (dir == NULL)
		return -1;
	while (readdir(dir) != NULL)
		n++;
	closedir(dir);
	return n;
}

/* In octets; -1. */
static int64_t
resident(void)
{
	FILE *file = fopen("/proc/self/statm", "re");
	long long pages = -1;
	char line[128] = "", *end;

	if (file == NULL)
		return -1;
	/* All of it, then what is in memory. */
	if (fgets(line, sizeof(line), file) != NULL &&
	    strtoll(line, &end, 10) >= 0 && *end == ' ')
		pages = strtoll(end, NULL, 10);
	fclose(file);
	return pages < 0 ? -1 : pages * sysconf(_SC_PAGESIZE);
}

static void
gauge(struct text *out, const char *name, const char *help, int64_t value)
{
	if (value >= 0)
		text_add(out,
		    "# HELP process_%s %s\n# TYPE process_%s gauge\n"
		    "process_%s %lld\n",
		    name, help, name, name, (long long)value);
}

void
pages_process(struct text *out)
{
	struct rlimit limit;

	gauge(out, "open_fds", "Descriptors in use.", count_descriptors());
	if (getrlimit(RLIMIT_NOFILE, &limit) == 0)
		gauge(out, "max_fds", "Descriptors that may be in use.",
		    (int64_t)limit.rlim_cur);
	gauge(out, "resident_memory_bytes", "Memory in use.", resident());
}
