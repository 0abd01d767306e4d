/*
 * Narrows a status.  Called by meridianctl status; takes things out of the
 * object it is given, and adds none.
 */
#include "ctl/status_select.h"

#include <string.h>
#include <strings.h>

#include "base/nearest.h"
#include "ctl/command.h"

/* Keep of the list ${key} what ${keep} says. */
static size_t
filter(json_t *root, const char *key,
    bool (*keep)(const json_t *item, const void *context), const void *context)
{
	json_t *list = json_object_get(root, key), *kept = json_array(), *item;
	size_t i, n;

	json_array_foreach(list, i, item) if (keep(item, context))
	    json_array_append(kept, item);
	n = json_array_size(kept);
	json_object_set_new(root, key, kept);
	return n;
}

static bool
is(const json_t *item, const char *key, const char *word)
{
	return strcasecmp(command_text(item, key), word) == 0;
}

/* Is ${name} the service: whole, with or without the last dot, or as the
 * steering file has it, without the zone? */
static bool
is_service(const json_t *service, const char *name)
{
	const char *whole = command_text(service, "service");
	size_t len = strlen(whole), given = strlen(name);
	size_t zone = strlen(command_text(service, "zone"));

	if (given > 0 && name[given - 1] == '.')
		given--;
	if (strncasecmp(whole, name, given) != 0)
		return false;
	/* After it: nothing, or a dot and the zone's name. */
	return len == given || (whole[given] == '.' && len == given + 1 + zone);
}

/* What a name means. */
struct wanted {
	const char *name;
	const json_t *services; /* of that very name */
};

/* Has one of the ${services} this pool of this zone? */
static bool
serves(const json_t *services, const char *zone, const char *pool)
{
	const json_t *s, *p;
	size_t i, k;

	json_array_foreach(services, i, s)
	{
		if (!is(s, "zone", zone))
			continue;
		json_array_foreach(json_object_get(s, "pools"), k,
		    p) if (strcmp(command_text(p, "pool"), pool) ==
		    0) return true;
	}
	return false;
}

static bool
names_service(const json_t *service, const void *context)
{
	return is_service(service, context);
}

static bool
wants_service(const json_t *service, const void *context)
{
	const struct wanted *w = context;
	const json_t *p;
	size_t i;

	if (is_service(service, w->name) || is(service, "zone", w->name))
		return true;
	json_array_foreach(json_object_get(service, "pools"), i,
	    p) if (is(p, "pool", w->name)) return true;
	return false;
}

static bool
wants_endpoint(const json_t *e, const void *context)
{
	const struct wanted *w = context;

	return is(e, "zone", w->name) || is(e, "pool", w->name) ||
	    is(e, "region", w->name) || is(e, "endpoint", w->name) ||
	    serves(
		w->services, command_text(e, "zone"), command_text(e, "pool"));
}

/* Is the event of an endpoint that was left in ${root}? */
static bool
is_of_endpoint(const json_t *event, const void *root)
{
	const json_t *e;
	size_t i;

	json_array_foreach(json_object_get(root, "endpoints"), i,
	    e) if (is(e, "zone", command_text(event, "zone")) &&
	    strcmp(command_text(e, "pool"), command_text(event, "pool")) == 0 &&
	    strcmp(command_text(e, "endpoint"),
		command_text(event, "endpoint")) == 0) return true;
	return false;
}

/* The name nearest to ${name}, of a service, pool, region or endpoint. */
static const char *
find_near(const json_t *root, const char *name)
{
	static const char *const keys[] = {"pool", "region", "endpoint"};
	struct nearest n;
	const json_t *item;
	size_t i;

	nearest_init(&n, name);
	json_array_foreach(json_object_get(root, "outlook"), i, item)
	    nearest_offer(&n, command_text(item, "service"));
	json_array_foreach(json_object_get(root, "endpoints"), i,
	    item) for (size_t k = 0; k < sizeof(keys) / sizeof(keys[0]); k++)
	    nearest_offer(&n, command_text(item, keys[k]));
	return n.best;
}

bool
status_select_name(json_t *root, const char *name, const char **near)
{
	json_t *all = json_copy(root), *mine = json_copy(root);
	struct wanted wanted = {.name = name};
	size_t n;

	filter(mine, "outlook", names_service, name);
	wanted.services = json_object_get(mine, "outlook");
	n = filter(root, "outlook", wants_service, &wanted);
	n += filter(root, "endpoints", wants_endpoint, &wanted);
	filter(root, "events", is_of_endpoint, root);
	*near = NULL;
	if (n == 0) {
		*near = find_near(all, name);
		(void)json_object_update(root, all);
	}
	json_decref(mine);
	json_decref(all);
	return n > 0;
}

static bool
is_not_healthy(const json_t *service, const void *context)
{
	(void)context;
	return !is(service, "state", "healthy");
}

static bool
is_not_up(const json_t *endpoint, const void *context)
{
	(void)context;
	return !is(endpoint, "usable", "up");
}

static bool
is_not_fresh(const json_t *vantage, const void *context)
{
	(void)context;
	return !is(vantage, "state", "fresh") ||
	    command_is_true(vantage, "blind");
}

void
status_select_down(json_t *root)
{
	filter(root, "outlook", is_not_healthy, NULL);
	filter(root, "endpoints", is_not_up, NULL);
	filter(root, "vantages", is_not_fresh, NULL);
}
