/*
 * Finds weak endpoints in a status.  Called by status_verdict.c; prints
 * nothing.
 */
#include "ctl/status_weak.h"

#include <string.h>

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

/* The endpoints of which ${why} says something, with that; false: none. */
static bool
add_reasons(struct text *t, const json_t *root,
    const char *(*why)(const json_t *endpoint))
{
	const json_t *e;
	size_t i, n = 0;

	json_array_foreach(json_object_get(root, "endpoints"), i, e)
	{
		const char *reason = why(e);

		if (reason == NULL || ++n > NAMES)
			continue;
		add_name(t, e, n);
		text_add(t, ": %s", reason);
	}
	add_others(t, n);
	return n > 0;
}

/* Why ${e} is degraded, or NULL: it is not, or in maintenance. */
static const char *
find_weakness(const json_t *e)
{
	const char *why = json_string_value(json_object_get(e, "degraded"));

	return why == NULL || status_maintenance_has(e) ? NULL : why;
}

bool
status_weak_degraded(struct text *t, const json_t *root)
{
	return add_reasons(t, root, find_weakness);
}

bool
status_weak_is_unjudged(const char *reason)
{
	return strncmp(reason, "probe: ", strlen("probe: ")) == 0;
}

/* What keeps a vantage from judging ${e}, or NULL. */
static const char *
find_hindrance(const json_t *e)
{
	const json_t *v;
	size_t i;

	json_array_foreach(json_object_get(e, "views"), i, v)
	{
		const char *reason =
		    json_string_value(json_object_get(v, "reason"));

		if (reason != NULL && command_is_true(v, "counts") &&
		    status_weak_is_unjudged(reason))
			return reason;
	}
	return NULL;
}

bool
status_weak_unjudged(struct text *t, const json_t *root)
{
	return add_reasons(t, root, find_hindrance);
}

bool
status_weak_certificates(struct text *t, const json_t *root, int64_t now_ms)
{
	const json_t *e;
	size_t i, n = 0;

	json_array_foreach(json_object_get(root, "endpoints"), i, e)
	{
		const json_t *ends = json_object_get(e, "certificate_ends_ms");
		int64_t left = json_integer_value(ends) - now_ms;
		int64_t days = (left < 0 ? -left : left) / DAY_MS;

		if (!json_is_integer(ends) ||
		    left >= STATUS_CERTIFICATE_DAYS * DAY_MS || ++n > NAMES)
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
