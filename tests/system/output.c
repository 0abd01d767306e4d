/*
 * Compares the output of a program with what is expected of it.  Called by
 * system tests; runs nothing.
 */
#include "tests/system/output.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "tests/system/node.h"

void
output_contains(const char *out, const char *want)
{
	ck_assert_msg(
	    strstr(out, want) != NULL, "no \"%s\" in:\n%s", want, out);
}

void
output_says(const char *out, const char *want)
{
	ck_assert_msg(strstr(node_unwrap(out), want) != NULL,
	    "no \"%s\" in:\n%s", want, out);
}

bool
output_tells(const char *out, const char *want)
{
	char *flat = strdup(out);
	size_t n = 0;
	bool found;

	ck_assert_ptr_nonnull(flat);
	for (const char *c = out; *c != '\0'; c++)
		if (strchr(" \n", *c) == NULL)
			flat[n++] = *c;
		else if (n > 0 && flat[n - 1] != ' ')
			flat[n++] = ' ';
	flat[n] = '\0';
	found = strstr(flat, want) != NULL;
	free(flat);
	return found;
}

void
output_means(const char *out, const char *want)
{
	ck_assert_msg(output_tells(out, want), "no \"%s\" in:\n%s", want, out);
}

void
output_fits(const char *out)
{
	for (size_t len; *out != '\0'; out += len + (out[len] == '\n')) {
		len = strcspn(out, "\n");
		ck_assert_msg(
		    len <= 80, "%zu columns: %.*s", len, (int)len, out);
	}
}
