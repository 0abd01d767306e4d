/* Ramps in a status.  Called by its collector and its verdict. */
#include "ctl/status_ramps.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "ctl/command.h"
#include "node/page_json.h"
#include "state/reader.h"

#define WORDS_MAX 1024

/* One that went back is news for a week; one that walks is written each half a
 * minute at least. */
#define BACK_MS (INT64_C(7) * 24 * 3600 * 1000)
#define WALKED_MS (INT64_C(2) * 60 * 1000)

/* "chat: chat-v2 at 10%, walking, 15% at 2026-11-29T13:40:00Z". */
static void
add_words(struct text *t, const struct state_ramp *row)
{
	char when[CLOCK_TEXT];

	text_add(t, "%s: %s at %g%%, %s", row->service, row->pool,
	    row->share * 100, row->state);
	if (strcmp(row->state, "back") != 0 &&
	    clock_wall_ms() - row->at_ms > WALKED_MS)
		text_add(t, ", nobody walks it since %s",
		    clock_format(row->at_ms, when));
	else if (row->reason[0] != '\0')
		text_add(t, ", %s", row->reason);
	else if (!isnan(row->next) && row->next_ms >= 0)
		text_add(t, ", %g%% at %s", row->next * 100,
		    clock_format(row->next_ms, when));
}

/* A ramp that is done is over, and the share is to be found in the answers. */
static bool
is_news(const struct state_ramp *row)
{
	if (strcmp(row->state, "back") == 0)
		return clock_wall_ms() - row->since_ms < BACK_MS;
	return strcmp(row->state, "done") != 0;
}

/* Rows stay when a ramp leaves the files, and one that is changed is another:
 * whether the services have it that ${row} is of. */
static bool
is_in_files(const json_t *services, const struct state_ramp *row)
{
	const json_t *one;
	size_t i;

	json_array_foreach(services, i, one)
	{
		if (strcmp(command_text(one, "ramp"), row->made_for) == 0 &&
		    strcmp(command_text(one, "zone"), row->zone) == 0)
			return true;
	}
	return false;
}

/* What is made, and of which services. */
struct taking {
	json_t *list;
	const json_t *services;
};

static void
take(void *context, const struct state_ramp *row)
{
	const struct taking *taking = context;
	struct text t;

	if (!is_news(row) || !is_in_files(taking->services, row))
		return;
	text_init(&t, WORDS_MAX);
	add_words(&t, row);
	json_array_append_new(taking->list,
	    json_pack("{so so so so sf so so so so so}", "zone",
		page_json_string(row->zone), "service",
		page_json_string(row->service), "pool",
		page_json_string(row->pool), "state",
		page_json_string(row->state), "share", row->share, "next",
		isnan(row->next) ? json_null() : json_real(row->next),
		"next_at",
		row->next_ms >= 0 ? page_json_time(row->next_ms) : json_null(),
		"since", page_json_time(row->since_ms), "reason",
		page_json_string(row->reason), "words",
		page_json_string(t.data != NULL ? t.data : "")));
	text_finish(&t);
}

static void
on_begin(void *context, bool full)
{
	(void)context;
	(void)full;
}

static void
on_commit(void *context)
{
	(void)context;
}

void
status_ramps_add(json_t *root, const char *state)
{
	static const struct state_sink sink = {
	    .begin = on_begin, .ramp = take, .commit = on_commit};
	struct state_reader *reader = state_reader_create(state);
	struct taking taking = {json_array(), json_object_get(root, "outlook")};
	struct errbuf eb;

	/* That it cannot be read is told by the other rows. */
	errbuf_init(&eb);
	if (reader != NULL) {
		state_reader_follow(reader, 1u << TABLE_RAMP);
		(void)state_reader_poll(reader, &sink, &taking, &eb);
	}
	state_reader_destroy(reader);
	json_object_set_new(root, "ramps", taking.list);
}

bool
status_ramps_list(struct text *t, const json_t *root)
{
	const json_t *list = json_object_get(root, "ramps"), *one;
	size_t i;

	json_array_foreach(list, i, one)
	{
		text_add(
		    t, "%s%s", i > 0 ? "; " : "", command_text(one, "words"));
	}
	return json_array_size(list) > 0;
}
