/*
 * Finds in a status what was done by hand.  Called by its collector, its
 * verdict and its text; decides nothing for a client.
 */
#include "ctl/status_hand.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "ctl/command.h"
#include "ctl/override_text.h"
#include "node/page_json.h"
#include "steering/override_target.h"

/* Overrides that are named; the others are counted. */
#define NAMES 3
#define WORDS_MAX 2048

/* What was refused is told for so long: by then somebody has looked. */
#define REFUSED_MS (INT64_C(7) * 24 * 3600 * 1000)

char *
status_hand_words(const struct state_override *row, int64_t now_ms)
{
	struct text t;

	text_init(&t, WORDS_MAX);
	override_text_what(&t, row);
	text_add(&t, " ");
	override_text_when(&t, row, now_ms);
	text_add(&t, " ");
	override_text_who(&t, row);
	text_add(&t, " (override %llu)", (unsigned long long)row->number);
	if (!t.failed)
		return t.data;
	text_finish(&t);
	return NULL;
}

/* --- which endpoints --- */

/* Whether ${service} of the status has the pool of ${e}.  Services inside it
 * name none of their pools here. */
static bool
has_pool(const json_t *service, const json_t *e)
{
	const json_t *p;
	size_t i;

	if (strcmp(command_text(service, "zone"), command_text(e, "zone")) != 0)
		return false;
	json_array_foreach(json_object_get(service, "pools"), i, p)
	{
		if (strcmp(command_text(p, "pool"), command_text(e, "pool")) ==
		    0)
			return true;
	}
	return false;
}

static bool
means_service(const json_t *root, const char *target, const json_t *e)
{
	const json_t *s;
	size_t i;

	json_array_foreach(json_object_get(root, "outlook"), i, s)
	{
		const struct policy_service service = {
		    .name = command_text(s, "service")};

		if (override_target_service(target, &service) && has_pool(s, e))
			return true;
	}
	return false;
}

bool
status_hand_means(const struct state_override *row, const json_t *e)
{
	const struct endpoint_key key = {command_text(e, "zone"),
	    command_text(e, "pool"), command_text(e, "endpoint")};

	switch (override_target_kind(row->kind)) {
	case TARGET_REGION:
		return override_target_region(
		    row->target, command_text(e, "region"));
	case TARGET_POOL:
		return override_target_pool(row->target, key.zone, key.pool);
	case TARGET_ENDPOINT:
		return override_target_endpoint(row->target, &key);
	case TARGET_SERVICE:
	case TARGET_KINDS:
	default:
		return false;
	}
}

static bool
means(const json_t *root, const struct state_override *row, const json_t *e)
{
	return override_target_kind(row->kind) == TARGET_SERVICE
	    ? means_service(root, row->target, e)
	    : status_hand_means(row, e);
}

/* Add ${row} to the endpoints that it reaches. */
static void
mark(json_t *root, const struct state_override *row, const char *words)
{
	json_t *e;
	size_t i;

	json_array_foreach(json_object_get(root, "endpoints"), i, e)
	{
		if (!means(root, row, e))
			continue;
		json_array_append_new(json_object_get(e, "by_hand"),
		    json_pack("{sI so so so}", "number",
			(json_int_t)row->number, "action",
			page_json_string(row->action), "value",
			page_json_string(row->value), "words",
			page_json_string(words)));
	}
}

void
status_hand_add(
    json_t *root, const struct override_trail *trail, int64_t now_ms)
{
	json_t *list = json_array(), *e;
	struct override_end end;
	size_t i;

	json_array_foreach(json_object_get(root, "endpoints"), i, e)
	{
		json_object_set_new(e, "by_hand", json_array());
	}
	for (i = 0; i < trail->n; i++) {
		const struct state_override *row = &trail->row[i];
		json_t *object;
		char *words;

		override_trail_end(trail, i, now_ms, &end);
		if (end.how != OVERRIDE_IN_FORCE)
			continue;
		words = status_hand_words(row, now_ms);
		if (words == NULL)
			break;
		object = override_text_object(row);
		json_object_set_new(object, "words", page_json_string(words));
		json_array_append_new(list, object);
		mark(root, row, words);
		free(words);
	}
	json_object_set_new(root, "overrides", list);
}

/* --- what was refused --- */

/* Who said it was told "this node only" then, and nothing since. */
static bool
is_refused_here(const struct override_trail *trail, size_t i, const char *node,
    int64_t now_ms)
{
	const struct state_override *row = &trail->row[i];

	if (row->shared != STATE_SHARED_REFUSED ||
	    strcmp(row->node, node) != 0 || now_ms - row->at_ms > REFUSED_MS)
		return false;
	for (size_t j = i + 1; j < trail->n; j++)
		if (state_override_same(row, &trail->row[j]))
			return false;
	return true;
}

void
status_hand_add_refused(json_t *root, const struct override_trail *trail,
    const char *node, int64_t now_ms)
{
	json_t *list = json_array();
	char when[CLOCK_TEXT];
	struct text t;

	for (size_t i = 0; i < trail->n; i++) {
		const struct state_override *row = &trail->row[i];

		if (!is_refused_here(trail, i, node, now_ms))
			continue;
		text_init(&t, WORDS_MAX);
		text_add(
		    &t, "override %llu, ", (unsigned long long)row->number);
		override_text_what(&t, row);
		text_add(&t, ", said here %s ", clock_format(row->at_ms, when));
		override_text_who(&t, row);
		text_add(&t, ", was refused by other nodes: ");
		override_text_add(&t, row->refused);
		json_array_append_new(list, page_json_string(t.data));
		text_finish(&t);
	}
	json_object_set_new(root, "overrides_refused", list);
}

bool
status_hand_list_refused(struct text *t, const json_t *root)
{
	const json_t *list = json_object_get(root, "overrides_refused"), *one;
	size_t i, n = json_array_size(list);

	json_array_foreach(list, i, one)
	{
		if (i < NAMES)
			text_add(t, "%s%s", i > 0 ? "; " : "",
			    json_string_value(one));
	}
	if (n > NAMES)
		text_add(t, " and %zu more", n - NAMES);
	return n > 0;
}

/* --- what is out --- */

bool
status_hand_out(const json_t *e)
{
	const char *usable = command_text(e, "usable");
	const json_t *one;
	size_t i;

	if (strcmp(usable, "drained") == 0)
		return true;
	json_array_foreach(json_object_get(e, "by_hand"), i, one)
	{
		if (strcmp(usable, "down") == 0 &&
		    strcmp(command_text(one, "action"), "force") == 0 &&
		    strcmp(command_text(one, "value"), "down") == 0)
			return true;
	}
	return false;
}

/* Whether nothing that was said by hand has drained ${e}, which is drained. */
static bool
by_file(const json_t *e)
{
	const json_t *one;
	size_t i;

	if (strcmp(command_text(e, "usable"), "drained") != 0)
		return false;
	json_array_foreach(json_object_get(e, "by_hand"), i, one)
	{
		if (strcmp(command_text(one, "action"), "drain") == 0)
			return false;
	}
	return true;
}

bool
status_hand_list(struct text *t, const json_t *root)
{
	const json_t *list = json_object_get(root, "overrides"), *one;
	size_t i, n = json_array_size(list), file = 0;

	json_array_foreach(list, i, one)
	{
		if (i < NAMES)
			text_add(t, "%s%s", i > 0 ? "; " : "",
			    command_text(one, "words"));
	}
	if (n > NAMES)
		text_add(t, " and %zu more", n - NAMES);
	json_array_foreach(json_object_get(root, "endpoints"), i, one) file +=
	    by_file(one);
	/* With a service in a service some may be drained by hand, too. */
	if (file > 0)
		text_add(t, "%s%zu endpoint%s drained%s", n > 0 ? "; " : "",
		    file, text_plural(file),
		    n > 0 ? " besides" : " by the file (drained: true)");
	return n > 0 || file > 0;
}
