/*
 * Files of a node in a folder of its own, loaded as generations, for the unit
 * tests of node/.  Included by tests only; one at a time.
 */
#ifndef TESTS_NODE_FIXTURE_H
#define TESTS_NODE_FIXTURE_H

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "node/generation.h"

static char node_folder[] = "/tmp/meridian-node-XXXXXX";
static char node_files[16][80];
static size_t n_node_files;

static inline const char *
node_path(const char *name)
{
	static char path[80];

	snprintf(path, sizeof(path), "%s/%s", node_folder, name);
	return path;
}

static inline void
node_write(const char *name, const char *text)
{
	const char *path = node_path(name);
	FILE *f = fopen(path, "w");
	size_t i = 0;

	ck_assert_ptr_nonnull(f);
	fputs(text, f);
	fclose(f);
	while (i < n_node_files && strcmp(node_files[i], path) != 0)
		i++;
	ck_assert_uint_lt(i, 16);
	snprintf(node_files[i], sizeof(node_files[i]), "%s", path);
	if (i == n_node_files)
		n_node_files++;
}

/* The generation of m.yaml; ${before} may be NULL. */
static inline struct generation *
node_load(const struct generation *before)
{
	struct errbuf *eb = malloc(sizeof(*eb));
	struct generation *g;

	ck_assert_ptr_nonnull(eb);
	errbuf_init(eb);
	g = generation_load(node_path("m.yaml"), NULL, before, eb);
	ck_assert_msg(g != NULL, "%s", eb->text);
	free(eb);
	return g;
}

static inline void
node_begin(void)
{
	ck_assert_ptr_nonnull(mkdtemp(node_folder));
}

static inline void
node_end(void)
{
	for (size_t i = 0; i < n_node_files; i++)
		unlink(node_files[i]);
	rmdir(node_folder);
}

#endif
