/*
 * Load in words.  Called by meridianctl status and explain; reads nothing but
 * the object it is given (node/load_items.h).
 */
#include "ctl/load_text.h"

#include "ctl/columns.h"
#include "ctl/command.h"

static void
add_comma(struct text *t, size_t first)
{
	if (t->len > first)
		text_add(t, ", ");
}

/* A number of ${key}, as ${format} has it, if it is known. */
static void
say(struct text *t, size_t first, const json_t *load, const char *key,
    double scale, const char *before, const char *after)
{
	const json_t *value = json_object_get(load, key);

	if (!json_is_number(value))
		return;
	add_comma(t, first);
	text_add(t, "%s%.*f%s", before, scale > 99 ? 0 : 1,
	    json_number_value(value) * scale, after);
}

static void
say_count(struct text *t, size_t first, const json_t *load, const char *key,
    const char *word)
{
	const json_t *value = json_object_get(load, key);

	if (!json_is_number(value))
		return;
	add_comma(t, first);
	text_add(t, "%.*g %s", 4, json_number_value(value), word);
}

/* What is known of one that is. */
static void
say_parts(struct text *t, const json_t *load)
{
	size_t first = t->len;

	if (json_is_number(json_object_get(load, "saturation")))
		text_add(t, " %.0f %%",
		    json_number_value(json_object_get(load, "saturation")) *
			100);
	else
		text_add(t, " unknown");
	say_count(t, first, load, "waiting", "waiting");
	say_count(t, first, load, "running", "running");
	say(t, first, load, "kv_cache", 100, "cache ", " %");
	say(t, first, load, "first_token_ms", 1, "first token ", " ms");
	say(t, first, load, "tokens_per_s", 1, "", " tokens a second");
}

void
load_text_say(struct text *t, const json_t *load)
{
	const char *reason = json_string_value(json_object_get(load, "reason"));
	char ago[32];

	if (!json_is_object(load))
		return;
	text_add(t, "load");
	if (command_is_true(load, "stale"))
		text_add(t, " stale since %s, %s ago",
		    command_text(load, "measured"),
		    columns_ago(command_number(load, "age_ms"), ago));
	else
		say_parts(t, load);
	if (reason != NULL && reason[0] != '\0')
		text_add(t, " (%s)", reason);
}
