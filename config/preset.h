/*
 * Presets: what checks of one kind of server have in common.  A preset says
 * what a check asks of an endpoint, in which order, and what a steering file
 * need not write.  Data only: the reader of checks takes defaults from it, the
 * probes send its requests and judge their answers.
 */
#ifndef CONFIG_PRESET_H
#define CONFIG_PRESET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Expected HTTP codes are ranges: 200-299 is {200, 299}. */
struct code_range {
	uint16_t first, last;
};

/* One request of a check, and the answer with which it passes. */
struct preset_step {
	const char *path;         /* NULL: the path of the check */
	struct code_range expect; /* first 0: the codes of the check */
	/*
	 * The body is JSON, and one object of the array ${list} at its top
	 * names the model of the check as its ${member}.  NULL: no body is
	 * looked at.  A step with a list is left out where the check names no
	 * model.
	 */
	const char *list, *member;
};

struct preset {
	const char *name; /* as in "preset: vllm" */
	/* Defaults of the keys of a check. */
	uint16_t port; /* 0: the one of the scheme */
	const char *path;
	struct code_range expect;
	bool takes_model; /* the key "model" is accepted */
	/* In this order, each after the one before it has passed. */
	const struct preset_step *steps;
	size_t n_steps;
};

/* preset = preset_at(index): the presets, from 0; NULL after the last.  The
 * first one is that of a check which names none. */
const struct preset *preset_at(size_t index);

/* preset = preset_find(name): the preset of that name, or NULL. */
const struct preset *preset_find(const char *name);

#endif
