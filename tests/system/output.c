/*
 * Compares the output of a program with what is expected of it.  Called by
 * system tests; runs nothing.
 */
#include "tests/system/output.h"

#include <check.h>
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

void
output_fits(const char *out)
{
	for (size_t len; *out != '\0'; out += len + (out[len] == '\n')) {
		len = strcspn(out, "\n");
		ck_assert_msg(
		    len <= 80, "%zu columns: %.*s", len, (int)len, out);
	}
}
