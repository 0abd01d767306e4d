/*
 * Prints the load of one endpoint.  Called by meridianctl probe; asks nobody.
 */
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "ctl/columns.h"
#include "ctl/command.h"
#include "ctl/probe_load.h"

/* All that it was looked for as. */
static void
add_names(struct text *t, const json_t *field)
{
	const json_t *names = json_object_get(field, "names"), *name;
	size_t i;

	text_add(t, "missing: ");
	json_array_foreach(names, i, name)
	    text_add(t, "%s%s", i > 0 ? ", " : "", json_string_value(name));
}

/* What there is under the name that was found; of what grows a rate takes
 * two readings. */
static void
add_value(struct text *t, const json_t *field)
{
	double value = json_number_value(json_object_get(field, "value"));
	const char *kind = command_text(field, "kind");
	long long series = command_number(field, "series");

	if (!json_is_number(json_object_get(field, "value"))) {
		text_add(t, "no number, in %s", command_text(field, "found"));
		return;
	}
	if (strcmp(kind, "gauge") == 0)
		text_add(t, "%g", value);
	else if (strcmp(kind, "counter") == 0)
		text_add(t, "%.15g in all", value);
	else
		text_add(t, "%.15g counted in all", value);
	text_add(t, ", in %s", command_text(field, "found"));
	if (series > 1)
		text_add(t, ", %lld series", series);
	if (strcmp(kind, "gauge") != 0)
		text_add(t, "; it takes two readings");
	if (command_is_true(field, "refused"))
		text_add(t, "; refused: it is not within %g to %g",
		    json_number_value(json_object_get(field, "min")),
		    json_number_value(json_object_get(field, "max")));
}

static void
print_field(const json_t *field)
{
	struct text t;

	text_init(&t, 65536);
	if (json_is_null(json_object_get(field, "found")))
		add_names(&t, field);
	else
		add_value(&t, field);
	printf("  %-15s %-19s ", command_text(field, "field"),
	    command_text(field, "unit"));
	columns_wrap(stdout, 38, 6, t.data != NULL ? t.data : "");
	text_finish(&t);
}

static void
print_saturation(const json_t *load)
{
	const json_t *saturation = json_object_get(load, "saturation");
	struct text t;

	text_init(&t, 4096);
	if (json_is_number(saturation))
		text_add(&t, "saturation %.0f %%: %s",
		    json_number_value(saturation) * 100,
		    command_text(load, "saturation_of"));
	else
		text_add(&t, "saturation not known: %s",
		    command_text(load, "saturation_of"));
	columns_wrap(stdout, 0, 2, t.data != NULL ? t.data : "");
	text_finish(&t);
}

void
probe_load_print(const json_t *load)
{
	const char *reason = json_string_value(json_object_get(load, "reason"));
	const json_t *field;
	size_t i;

	printf("load: GET %s://%s%s (%s)", command_text(load, "scheme"),
	    command_text(load, "at"), command_text(load, "path"),
	    command_text(load, "format"));
	if (json_object_get(load, "took_ms") != NULL)
		printf(", %lld ms", command_number(load, "took_ms"));
	putchar('\n');
	json_array_foreach(json_object_get(load, "fields"), i, field)
	    print_field(field);
	if (reason != NULL)
		columns_wrap(stdout, 0, 2, reason);
	if (command_is_true(load, "read"))
		print_saturation(load);
}
