/*
 * Finds what is in maintenance in a status.  Called by its collector, its
 * verdict and its text; decides nothing for a client.
 */
#include "ctl/status_maintenance.h"

#include <string.h>

#include "ctl/command.h"
#include "ctl/status_hand.h"

/* Endpoints that are named; the others are counted. */
#define NAMES 4

static bool
same(const json_t *a, const json_t *b, const char *key)
{
	return strcmp(command_text(a, key), command_text(b, key)) == 0;
}

/* --- endpoints --- */

/* Of the views that count, the one whose window ends last. */
static json_t *
find_window(const json_t *e, int64_t now_ms)
{
	const json_t *view, *found = NULL;
	long long last = now_ms;
	size_t i;

	json_array_foreach(json_object_get(e, "views"), i, view)
	{
		long long until = command_number(view, "maintenance_until_ms");

		if (!command_is_true(view, "counts") || until <= last)
			continue;
		last = until;
		found = view;
	}
	if (found == NULL)
		return json_null();
	return json_pack("{sO sI sO}", "until",
	    json_object_get(found, "maintenance_until"), "until_ms",
	    (json_int_t)last, "reason",
	    json_object_get(found, "maintenance_reason"));
}

bool
status_maintenance_has(const json_t *e)
{
	return json_is_object(json_object_get(e, "maintenance"));
}

void
status_maintenance_say(struct text *t, const json_t *e)
{
	const json_t *window = json_object_get(e, "maintenance");
	const char *reason =
	    json_string_value(json_object_get(window, "reason"));

	text_add(t, "in maintenance until %s", command_text(window, "until"));
	if (reason != NULL && reason[0] != '\0')
		text_add(t, " (%s)", reason);
}

static bool
is_down(const json_t *e)
{
	return strcmp(command_text(e, "usable"), "down") == 0 &&
	    command_number(e, "weight") > 0;
}

/* Out of the answers, on purpose or not. */
static bool
is_missing(const json_t *e)
{
	return is_down(e) ||
	    (strcmp(command_text(e, "usable"), "drained") == 0 &&
		command_number(e, "weight") > 0);
}

/* --- services --- */

static bool
has_pool(const json_t *service, const json_t *e)
{
	const json_t *p;
	size_t i;

	json_array_foreach(json_object_get(service, "pools"), i, p)
	{
		if (same(p, e, "pool") && command_number(p, "weight") > 0)
			return true;
	}
	return false;
}

struct downs {
	/* Endpoints; of these, in maintenance or taken out by hand; of those,
	 * the latter. */
	long long all, quiet, hand;
};

/* Those of the pools that ${service} names, or of its zone. */
static struct downs
count_downs(const json_t *root, const json_t *service, bool zone)
{
	struct downs n = {0, 0, 0};
	const json_t *e;
	size_t i;

	json_array_foreach(json_object_get(root, "endpoints"), i, e)
	{
		if (!same(e, service, "zone") || !is_missing(e) ||
		    (!zone && !has_pool(service, e)))
			continue;
		n.all++;
		n.quiet += status_maintenance_has(e) || status_hand_out(e);
		n.hand += status_hand_out(e);
	}
	return n;
}

/* Services inside it, and what serves for its pools, are in none of these: then
 * it goes by the whole zone. */
static bool
is_expected(const json_t *root, const json_t *service, bool *hand)
{
	long long missing = command_number(service, "endpoints") -
	    command_number(service, "up") -
	    command_number(service, "unchecked");
	struct downs n = count_downs(root, service, false);

	if (n.all < missing)
		n = count_downs(root, service, true);
	*hand = n.hand > 0;
	return n.quiet > 0 && n.quiet == n.all;
}

void
status_maintenance_add(json_t *root, int64_t now_ms)
{
	json_t *e, *s;
	size_t i;

	json_array_foreach(json_object_get(root, "endpoints"), i, e)
	{
		json_object_set_new(e, "maintenance", find_window(e, now_ms));
	}
	json_array_foreach(json_object_get(root, "outlook"), i, s)
	{
		bool hand = false;
		bool expected =
		    strcmp(command_text(s, "state"), "degraded") == 0 &&
		    is_expected(root, s, &hand);

		json_object_set_new(s, "maintenance", json_boolean(expected));
		json_object_set_new(
		    s, "by_hand", json_boolean(expected && hand));
	}
}

bool
status_maintenance_list(struct text *t, const json_t *root)
{
	const json_t *endpoints = json_object_get(root, "endpoints"), *e;
	size_t i, n = 0, down = 0, named = 0;

	json_array_foreach(endpoints, i, e)
	{
		n += status_maintenance_has(e);
		down += status_maintenance_has(e) && is_down(e);
	}
	if (n == 0)
		return false;
	text_add(t, "%zu of %zu endpoint%s, %zu of them down: ", n,
	    json_array_size(endpoints), text_plural(json_array_size(endpoints)),
	    down);
	json_array_foreach(endpoints, i, e)
	{
		if (!status_maintenance_has(e) || named == NAMES)
			continue;
		text_add(t, "%s%s of %s ", named++ > 0 ? "; " : "",
		    command_text(e, "endpoint"), command_text(e, "pool"));
		status_maintenance_say(t, e);
	}
	if (n > named)
		text_add(t, " and %zu more", n - named);
	return true;
}
