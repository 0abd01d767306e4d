/*
 * Finds who said what an answer goes by, why, and until when.  Called by
 * meridianctl explain; decides nothing.
 */
#include "ctl/explain_hand.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "ctl/command.h"
#include "ctl/override_text.h"
#include "ctl/status_hand.h"
#include "node/page_json.h"
#include "steering/override_target.h"

/* Whether ${row} is of the explained service itself. */
static bool
is_of_service(const json_t *root, const struct state_override *row)
{
	const struct policy_service service = {
	    .name = command_text(root, "service")};

	return override_target_kind(row->kind) == TARGET_SERVICE &&
	    override_target_service(row->target, &service);
}

/* Whether ${row}, in force, is one that ${root} goes by. */
static bool
counts(const json_t *root, const struct state_override *row)
{
	const json_t *e;
	size_t i;

	if (is_of_service(root, row))
		return true;
	if (strcmp(row->action, "freeze") == 0)
		return false;
	json_array_foreach(json_object_get(root, "said"), i, e)
	{
		if (status_hand_means(row, e))
			return true;
	}
	return false;
}

void
explain_hand_add(json_t *root, const char *path)
{
	int64_t now_ms = clock_wall_ms();
	struct errbuf *eb = malloc(sizeof(*eb));
	struct override_trail trail;
	json_t *list = json_array();

	if (eb == NULL || json_object_get(root, "service") == NULL)
		goto out;
	errbuf_init(eb);
	(void)override_trail_read(path, &trail, eb);
	for (size_t i = 0; i < trail.n; i++) {
		struct override_end end;
		json_t *object;
		char *words;

		override_trail_end(&trail, i, now_ms, &end);
		if (end.how != OVERRIDE_IN_FORCE ||
		    !counts(root, &trail.row[i]))
			continue;
		words = status_hand_words(&trail.row[i], now_ms);
		object = override_text_object(&trail.row[i]);
		json_object_set_new(object, "words",
		    page_json_string(words != NULL ? words : ""));
		json_array_append_new(list, object);
		free(words);
	}
	override_trail_finish(&trail);
	json_object_set(root, "by_hand", list);
out:
	json_decref(list);
	free(eb);
}
