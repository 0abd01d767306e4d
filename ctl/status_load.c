/*
 * Load as JSON and in words.  Called by meridianctl status; reads nothing.
 */
#include "ctl/status_load.h"

#include <math.h>
#include <string.h>

#include "base/clock.h"
#include "node/page_json.h"

static json_t *
number(double value)
{
	return isnan(value) ? json_null() : json_real(value);
}

static json_t *
milliseconds(int64_t us)
{
	return us < 0 ? json_null() : json_real((double)us / 1000);
}

json_t *
status_load_object(const struct state_load *row)
{
	char text[CLOCK_TEXT];
	json_t *load = json_pack("{so so so so so so so so}", "saturation",
	    number(row->saturation), "waiting", number(row->waiting), "running",
	    number(row->running), "max_running", number(row->max_running),
	    "kv_cache", number(row->kv_cache), "utilization",
	    number(row->utilization), "preemptions_per_s",
	    number(row->preemptions), "requests_per_s", number(row->requests));

	if (load == NULL)
		return NULL;
	json_object_set_new(load, "errors_per_s", number(row->errors));
	json_object_set_new(load, "tokens_per_s", number(row->tokens));
	json_object_set_new(load, "busy", number(row->busy));
	json_object_set_new(
	    load, "first_token_ms", milliseconds(row->first_token_us));
	json_object_set_new(
	    load, "first_token_95_ms", milliseconds(row->first_token_95_us));
	json_object_set_new(load, "token_ms", milliseconds(row->token_us));
	json_object_set_new(load, "measured",
	    row->measured_ms > 0
		? json_string(clock_format(row->measured_ms, text))
		: json_null());
	json_object_set_new(load, "source", page_json_string(row->source));
	json_object_set_new(load, "reason", page_json_string(row->reason));
	return load;
}

/* --- words --- */

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

void
status_load_say(struct text *t, const json_t *load)
{
	const char *reason = json_string_value(json_object_get(load, "reason"));
	size_t first;

	if (!json_is_object(load))
		return;
	text_add(t, "load");
	first = t->len;
	if (json_is_number(json_object_get(load, "saturation")))
		text_add(t, " %.0f %%",
		    json_number_value(json_object_get(load, "saturation")) *
			100);
	else
		text_add(t, " not known");
	say_count(t, first, load, "waiting", "waiting");
	say_count(t, first, load, "running", "running");
	say(t, first, load, "kv_cache", 100, "cache ", " %");
	say(t, first, load, "first_token_ms", 1, "first token ", " ms");
	say(t, first, load, "tokens_per_s", 1, "", " tokens a second");
	if (reason != NULL && reason[0] != '\0')
		text_add(t, " (%s)", reason);
}
