/*
 * Checks by a program of the operator, `exec` of a check.  Called by the reader
 * of checks; runs nothing.
 */
#include <string.h>

#include "config/check_defaults.h"
#include "config/scalar.h"
#include "config/steering_check.h"

/* Arguments of a program, and octets of them all: far more than a check needs,
 * far less than the kernel takes. */
#define EXEC_MAX_ARGUMENTS 64
#define EXEC_MAX_BYTES ((size_t)16 << 10)

/* In place of a preset: one step, whose program the check names. */
static const struct preset_step program_steps[] = {
    {.step = {.kind = STEP_EXEC, .name = "exec"}}};
static const struct preset program_preset = {.about = "a program",
    .name = "exec",
    .model = MODEL_OPTIONAL,
    .plan = {.steps = program_steps, .n_steps = 1},
    .load = {.smooth_ms = LOAD_SMOOTH_MS}};

/* The last part of a path, for reasons. */
static const char *
last_part(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash != NULL ? slash + 1 : path;
}

/* [program, argument...]; the program is a path, as other files are. */
void
steering_read_exec(struct schema *s, const struct yaml_node *value,
    const struct schema_key *key, void *out)
{
	struct check_reading *reading = out;
	const struct yaml_node *program = value->first;
	const char **argv;
	size_t n = 0, bytes = 0;

	if (value->kind != YAML_LIST || value->n == 0 ||
	    value->n > EXEC_MAX_ARGUMENTS || yaml_empty(program)) {
		schema_expected(s, value,
		    "a program and its arguments, at most %d "
		    "([/usr/local/bin/check-gpu, \"--fast\"])",
		    EXEC_MAX_ARGUMENTS);
		return;
	}
	argv = schema_array(s, value->n + 1, sizeof(*argv));
	if (argv == NULL)
		return;
	scalar_path(s, program, key, &argv[n++]);
	for (const struct yaml_node *node = program->next; node != NULL;
	     node = node->next) {
		if (node->kind != YAML_SCALAR) {
			schema_expected(s, node, "a text: no shell reads it");
			return;
		}
		bytes += strlen(node->text);
		argv[n++] = schema_strdup(s, node->text);
	}
	if (bytes > EXEC_MAX_BYTES)
		schema_error(s, value,
		    "its arguments have more than %zu octets", EXEC_MAX_BYTES);
	if (argv[0] == NULL)
		return;
	reading->own.argv = argv;
	reading->own.name = last_part(argv[0]);
	reading->preset = &program_preset;
}
