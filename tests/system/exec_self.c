/*
 * A library for LD_PRELOAD under valgrind: there /proc/self/exe is valgrind,
 * and a program that starts itself once more would start that.  The name of the
 * program is in EXEC_SELF.  Loaded by memcheck_test.c only.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int
execvp(const char *file, char *const argv[])
{
	const char *self = getenv("EXEC_SELF");

	if (self != NULL && strcmp(file, "/proc/self/exe") == 0)
		file = self;
	return execv(file, argv);
}
