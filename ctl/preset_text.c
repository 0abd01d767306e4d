/*
 * Prints presets.  Called by meridianctl preset; reads no file.
 */
#include "ctl/preset_text.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "ctl/columns.h"
#include "ctl/command.h"
#include "ctl/preset_plan.h"

/* --- the list --- */

/* The folder of a file; "" of what ships. */
static size_t
folder_len(const json_t *preset)
{
	const char *file = json_string_value(json_object_get(preset, "file"));
	const char *slash = file != NULL ? strrchr(file, '/') : NULL;

	return slash != NULL ? (size_t)(slash - file) : 0;
}

static void
print_line(const json_t *preset)
{
	const char *name = command_text(preset, "preset");
	struct text t;

	text_init(&t, 4096);
	text_add(&t, "%s%s", command_text(preset, "about"),
	    command_is_true(preset, "replaces_shipped")
		? " (in place of the one that ships)"
		: "");
	printf("  %-12s ", name);
	columns_wrap(stdout, strlen(name) > 12 ? strlen(name) + 3 : 15, 15,
	    t.data != NULL ? t.data : "");
	text_finish(&t);
}

void
preset_text_list(const json_t *presets)
{
	const char *before = NULL;
	size_t i, before_len = 0;
	const json_t *preset;

	json_array_foreach(presets, i, preset)
	{
		const char *file =
		    json_string_value(json_object_get(preset, "file"));
		size_t len = folder_len(preset);

		if (file == NULL && i == 0)
			puts("presets that ship:");
		else if (file != NULL &&
		    (before == NULL || len != before_len ||
			strncmp(file, before, len) != 0))
			printf("your own, in %.*s:\n", (int)len, file);
		print_line(preset);
		before = file;
		before_len = len;
	}
}

/* --- load --- */

static void
add_name(struct text *t, const json_t *name)
{
	const char *by = json_string_value(json_object_get(name, "divide_by"));
	json_t *labels = json_object_get(name, "labels");
	const json_t *value;
	const char *label;
	bool first = true;

	text_add(t, "%s", command_text(name, "name"));
	json_object_foreach(labels, label, value)
	{
		text_add(t, "%s%s=\"%s\"", first ? "{" : ",", label,
		    json_string_value(value));
		first = false;
	}
	text_add(t, "%s%s%s", first ? "" : "}", by != NULL ? " / " : "",
	    by != NULL ? by : "");
}

static void
print_metric(const json_t *metric)
{
	double scale = json_number_value(json_object_get(metric, "scale"));
	const char *kind = command_text(metric, "kind");
	const char *over = command_text(metric, "over");
	const json_t *name;
	struct text t;
	size_t i;

	text_init(&t, 65536);
	json_array_foreach(json_object_get(metric, "names"), i, name)
	{
		text_add(&t, "%s", i > 0 ? ", else " : "");
		add_name(&t, name);
	}
	if (scale < 1 || scale > 1)
		text_add(&t, ", times %g", scale);
	/* Buckets are always added up. */
	printf("  %-15s %-19s %s%s\n      ", command_text(metric, "field"),
	    command_text(metric, "unit"),
	    strcmp(kind, "histogram") != 0 ? over : "",
	    strcmp(kind, "gauge") == 0         ? ""
		: strcmp(kind, "counter") == 0 ? ", of a counter"
					       : "of a histogram");
	columns_wrap(stdout, 6, 6, t.data != NULL ? t.data : "");
	text_finish(&t);
}

static void
print_load(const json_t *load)
{
	char every[SCALAR_MS_TEXT], timeout[SCALAR_MS_TEXT];
	char stale[SCALAR_MS_TEXT], smooth[SCALAR_MS_TEXT];
	long long port = command_number(load, "port");
	const json_t *metric;
	size_t i;

	if (!json_is_object(load))
		return;
	fputs("load: GET ", stdout);
	if (port != 0)
		printf(":%lld", port);
	printf("%s (%s), every %s, timeout %s, stale %s,\n  smooth %s; each "
	       "field by the first name that is there:\n",
	    command_text(load, "path"), command_text(load, "format"),
	    preset_plan_ms(load, "every_ms", every),
	    preset_plan_ms(load, "timeout_ms", timeout),
	    preset_plan_ms(load, "stale_ms", stale),
	    preset_plan_ms(load, "smooth_ms", smooth));
	json_array_foreach(json_object_get(load, "metrics"), i, metric)
	    print_metric(metric);
}

void
preset_text_print(const json_t *preset)
{
	const char *file = json_string_value(json_object_get(preset, "file"));
	long long port = command_number(preset, "port");

	printf("%s: %s\n", command_text(preset, "preset"),
	    command_text(preset, "about"));
	printf("from: %s%s\n", file != NULL ? file : "this program",
	    command_is_true(preset, "replaces_shipped")
		? ", in place of the one that ships"
		: "");
	if (port != 0)
		printf("port: %lld\n", port);
	printf("model: %s\n", command_text(preset, "model"));
	preset_plan_print(json_object_get(preset, "plan"), "requests");
	preset_plan_print(json_object_get(preset, "deep"), "deep");
	print_load(json_object_get(preset, "load"));
}
