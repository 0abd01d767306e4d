/* Objects of overrides, as override_object.h says.  Changes nothing. */
#include "ctl/override_object.h"

#include <stdio.h>

#include "ctl/command.h"
#include "ctl/override_text.h"
#include "node/page_json.h"

#define UNDO_MAX 4096

json_t *
override_object_reach(const struct override_reach *reach)
{
	if (reach == NULL)
		return json_null();
	return json_pack("{sI sI sI sI}", "endpoints",
	    (json_int_t)reach->endpoints, "pools", (json_int_t)reach->pools,
	    "zones", (json_int_t)reach->zones, "services",
	    (json_int_t)reach->services);
}

json_t *
override_object_undo(const char *path, const struct state_override *row)
{
	struct text undo;
	json_t *text;

	text_init(&undo, UNDO_MAX);
	override_text_undo(&undo, path, row);
	text = page_json_string(undo.data != NULL ? undo.data : "");
	text_finish(&undo);
	return text;
}

void
override_object_share(json_t *object, const struct state_override *row)
{
	const char *word = row->shared == STATE_SHARED_ACCEPTED ? "accepted"
	    : row->shared == STATE_SHARED_OFFERED               ? "offered"
	    : row->shared == STATE_SHARED_REFUSED               ? "refused"
								: NULL;

	json_object_set_new(
	    object, "shared", word != NULL ? json_string(word) : json_null());
	json_object_set_new(object, "refused",
	    row->refused[0] != '\0' ? page_json_string(row->refused)
				    : json_null());
}

void
override_object_print(json_t *object)
{
	command_print_object(object);
	json_decref(object);
}
