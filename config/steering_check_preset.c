/*
 * Which preset a check names.  Called by the reader of checks; reads no preset
 * itself.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/inputs.h"
#include "base/nearest.h"
#include "config/preset_folder.h"
#include "config/shown.h"
#include "config/steering_check.h"
#include "config/steering_parts.h"

/* Room for the names of all presets, in a message for a person. */
#define KNOWN_SIZE 768

struct known {
	struct nearest nearest;
	char text[KNOWN_SIZE], best[SCHEMA_NAME_MAX + 1];
	size_t used;
};

static void
add_known(struct known *known, const char *name)
{
	const char *before = known->nearest.best;

	nearest_offer(&known->nearest, name);
	/* The name may be gone before the message is made. */
	if (known->nearest.best != before) {
		snprintf(known->best, sizeof(known->best), "%s", name);
		known->nearest.best = known->best;
	}
	if (known->used + strlen(name) + 3 > sizeof(known->text))
		return;
	known->used += (size_t)snprintf(known->text + known->used,
	    sizeof(known->text) - known->used, "%s%s",
	    known->used > 0 ? ", " : "", name);
}

/* Those in the folder of the operator first, where it can be looked at. */
static void
find_known(struct schema *s, struct known *known)
{
	const struct steering_reader *reader = s->context;
	const char *folder = reader->config->presets, *name;
	struct preset_names own = {.n = 0};
	struct errbuf *eb;

	eb = folder != NULL && inputs_on_disk(s->inputs) ? malloc(sizeof(*eb))
							 : NULL;
	if (eb != NULL) {
		/* That it is not there was said. */
		errbuf_init(eb);
		(void)preset_folder_names(folder, &own, eb);
	}
	free(eb);
	for (size_t i = 0; i < own.n; i++)
		add_known(known, own.names[i]);
	preset_names_finish(&own);
	for (size_t i = 0;
	     (name = preset_store_name(reader->presets, i)) != NULL; i++)
		add_known(known, name);
}

/* No preset has the name that ${value} is. */
static void
unknown_preset(struct schema *s, const struct yaml_node *value)
{
	char shown[SHOWN_SIZE];
	struct known known;

	known.used = 0;
	known.text[0] = '\0';
	nearest_init(&known.nearest, value->text);
	find_known(s, &known);
	shown_text(value->text, shown);
	if (strcmp(value->text, "https") == 0)
		schema_error(s, value,
		    "%s is a scheme: write \"preset: http\" and \"scheme: "
		    "https\"",
		    shown);
	else if (strcmp(value->text, "ping") == 0 ||
	    strcmp(value->text, "icmp") == 0)
		schema_error(s, value,
		    "there is no check of a host alone, found %s: write "
		    "\"preset: http\" and a path that shows that the server is "
		    "well (path: /health)",
		    shown);
	else if (known.nearest.best != NULL)
		errbuf_error(s->eb, &value->at,
		    "unknown preset %s, did you mean \"%s\"?", shown,
		    known.nearest.best);
	else
		errbuf_error(s->eb, &value->at,
		    "unknown preset %s, known are: %s, and files NAME.yaml in "
		    "the folder of the key \"presets\"; http asks any server, "
		    "by port and path",
		    shown, known.text);
}

void
steering_read_preset(struct schema *s, const struct yaml_node *value,
    const struct schema_key *key, void *preset)
{
	struct steering_reader *reader = s->context;
	unsigned before = s->eb->errors;
	const struct preset *found;

	(void)key;
	if (value->kind != YAML_SCALAR || yaml_empty(value)) {
		schema_expected(s, value, "the name of a preset (http, vllm)");
		return;
	}
	found = preset_store_find(reader->presets, value->text, s->eb);
	/* Without it nothing is said of what the check needs. */
	*(const struct preset **)preset = found;
	if (found == NULL && s->eb->errors == before)
		unknown_preset(s, value);
}
