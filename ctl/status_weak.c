/*
 * Finds weak endpoints in a status.  Called by status_verdict.c; prints
 * nothing.
 */
#include "ctl/status_weak.h"

#include "ctl/command.h"
#include "ctl/status_maintenance.h"

/* Endpoints that are named; the others are counted. */
#define NAMES 4

#define DAY_MS (INT64_C(24) * 3600 * 1000)

static void
add_name(struct text *t, const json_t *e, size_t n)
{
	text_add(t, "%s%s of %s", n > 1 ? "; " : "",
	    command_text(e, "endpoint"), command_text(e, "pool"));
}

static void
add_others(struct text *t, size_t n)
{
	if (n > NAMES)
		text_add(t, " and %zu more", n - NAMES);
}

/* Why a vantage that counts finds it degraded; NULL: none does. */
static const char *
why_degraded(const json_t *e)
{
	const json_t *view;
	size_t i;

	json_array_foreach(json_object_get(e, "views"), i, view)
	{
		const char *words =
		    json_string_value(json_object_get(view, "degraded"));

		if (words != NULL && words[0] != '\0' &&
		    command_is_true(view, "counts"))
			return words;
	}
	return NULL;
}

bool
status_weak_degraded(struct text *t, const json_t *root)
{
	const json_t *e;
	size_t i, n = 0;

	json_array_foreach(json_object_get(root, "endpoints"), i, e)
	{
		const char *why = why_degraded(e);

		if (why == NULL || status_maintenance_has(e) || ++n > NAMES)
			continue;
		add_name(t, e, n);
		text_add(t, ": %s", why);
	}
	add_others(t, n);
	return n > 0;
}

/* Until the first of its certificates ends; INT64_MAX: nobody has seen one. */
static int64_t
left_ms(const json_t *e, int64_t now_ms)
{
	int64_t least = INT64_MAX;
	const json_t *view;
	size_t i;

	json_array_foreach(json_object_get(e, "views"), i, view)
	{
		const json_t *ends =
		    json_object_get(view, "certificate_ends_ms");

		if (json_is_integer(ends) &&
		    json_integer_value(ends) - now_ms < least)
			least = json_integer_value(ends) - now_ms;
	}
	return least;
}

bool
status_weak_certificates(struct text *t, const json_t *root, int64_t now_ms)
{
	const json_t *e;
	size_t i, n = 0;

	json_array_foreach(json_object_get(root, "endpoints"), i, e)
	{
		int64_t left = left_ms(e, now_ms);
		int64_t days = (left < 0 ? -left : left) / DAY_MS;

		if (left >= STATUS_CERTIFICATE_DAYS * DAY_MS || ++n > NAMES)
			continue;
		add_name(t, e, n);
		text_add(t, " %s %lld day%s", left < 0 ? "ended" : "ends in",
		    (long long)days, days == 1 ? "" : "s");
		if (left < 0)
			text_add(t, " ago");
	}
	add_others(t, n);
	return n > 0;
}
