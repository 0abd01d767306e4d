/*
 * Presets: what checks of one kind of server have in common, each a small YAML
 * file, meridian-presets(5).  A preset says what a check asks of an endpoint,
 * in which order, where its load is read, and what a steering file need not
 * write.  The reader of checks makes a check of it; probes know none.
 */
#ifndef CONFIG_PRESET_H
#define CONFIG_PRESET_H

#include <stdbool.h>
#include <stddef.h>

#include "config/check.h"

/* Limits of one file.  Those that ship have two steps and a dozen metrics. */
#define PRESET_MAX_BYTES ((size_t)64 << 10)
#define PRESET_MAX_STEPS 16
#define PRESET_MAX_LISTED 32

enum preset_model { MODEL_NONE, MODEL_OPTIONAL, MODEL_REQUIRED };

/*
 * A step before it is one of a check: {path}, {models_path} and {model} are
 * still in its texts, and what it leaves out is that of the check.
 */
struct preset_step {
	struct check_step step;
	bool with_model; /* it is left out where the check names no model */
};

struct preset_plan {
	const struct preset_step *steps;
	size_t n_steps;
	uint64_t every_ms, timeout_ms; /* 0: not said */
	bool names_model;              /* one has {model} in it */
};

struct preset {
	struct mark at;   /* of its name */
	const char *name; /* as in "preset: vllm" */
	const char *about;
	const char *file; /* that it is of; NULL: it ships */
	/* Defaults of the keys of a check. */
	uint16_t port; /* 0: the one of the scheme */
	const char *path;
	const char *models_path;
	const struct code_range *expect;
	size_t n_expect;
	enum preset_model model;
	struct preset_plan plan, deep;
	struct load_config load; /* without a path: it tells none */
	uint64_t hash;           /* of its keys and values */
	struct arena *arena;     /* that holds all of it */
};

/*
 * preset = preset_parse(name, path, text, len, eb): from the ${len} bytes of
 * ${text}, which are the preset ${name}; ${path} is what marks show.  NULL with
 * errors in ${eb}.  The caller owns it.
 */
struct preset *preset_parse(const char *name, const char *path,
    const char *text, size_t len, struct errbuf *eb);

/* preset_destroy(preset): free it.  NULL is fine. */
void preset_destroy(struct preset *preset);

/* A preset that ships, as text that every program has in it. */
struct preset_text {
	const char *name;
	const unsigned char *text;
	size_t len;
};

/* text = preset_shipped(index): in the order of their names; NULL after the
 * last.  Generated from probes/presets. */
const struct preset_text *preset_shipped(size_t index);

#endif
