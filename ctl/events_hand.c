/*
 * Lists what was said by hand as events.  Called by meridianctl events; writes
 * nothing.
 */
#include "ctl/events_hand.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "ctl/override_object.h"
#include "ctl/override_text.h"

#define LINE_MAX_LEN 2048

static int
by_time(const void *left, const void *right)
{
	const struct events_hand_item *a = left, *b = right;

	if (a->at_ms != b->at_ms)
		return a->at_ms < b->at_ms ? -1 : 1;
	return a->row->number < b->row->number ? -1 : 1;
}

/* Add the events of row number ${i} that are new. */
static void
add_row(struct events_hand *hand, size_t i,
    const struct events_hand_mark *since, int64_t now_ms)
{
	const struct state_override *row = &hand->trail.row[i];
	struct override_end end;

	if (row->number > since->number)
		hand->item[hand->n++] =
		    (struct events_hand_item){row->at_ms, row, false};
	override_trail_end(&hand->trail, i, now_ms, &end);
	if (end.how == OVERRIDE_OVER && end.at_ms > since->until_ms)
		hand->item[hand->n++] =
		    (struct events_hand_item){end.at_ms, row, true};
}

int
events_hand_read(const char *path, struct events_hand *hand,
    struct events_hand_mark *since, int64_t now_ms, struct errbuf *eb)
{
	*hand = (struct events_hand){.n = 0};
	if (override_trail_read(path, &hand->trail, eb) != 0)
		return -1;
	hand->item = calloc(2 * hand->trail.n + 1, sizeof(*hand->item));
	if (hand->item == NULL)
		return errbuf_error(eb, NULL, "no memory");
	for (size_t i = 0; i < hand->trail.n; i++)
		add_row(hand, i, since, now_ms);
	qsort(hand->item, hand->n, sizeof(*hand->item), by_time);
	if (hand->trail.n > 0)
		since->number = hand->trail.row[hand->trail.n - 1].number;
	since->until_ms = now_ms;
	return 0;
}

void
events_hand_finish(struct events_hand *hand)
{
	override_trail_finish(&hand->trail);
	free(hand->item);
}

/* "region eu-west drained until 14:05:10Z by ann@host: new switches (override
 * 12)", "region eu-west no longer drained: the length of override 12 is over".
 */
static void
say(struct text *t, const struct events_hand_item *item)
{
	struct state_override row = *item->row;

	if (item->over) {
		/* As if somebody had ended it. */
		(void)snprintf(row.value, sizeof(row.value), "off");
		override_text_what(t, &row);
		text_add(t, ": the length of override %llu, ",
		    (unsigned long long)row.number);
		override_text_who(t, &row);
		text_add(t, ", is over");
		return;
	}
	override_text_what(t, &row);
	text_add(t, " ");
	if (!override_text_ends(&row)) {
		override_text_when(t, &row, row.at_ms);
		text_add(t, " ");
	}
	override_text_who(t, &row);
	text_add(t, " (override %llu%s)", (unsigned long long)row.number,
	    row.forced ? ", against the safety rule" : "");
	if (row.shared == STATE_SHARED_REFUSED)
		text_add(t,
		    "; refused by other nodes, and in force nowhere: %s",
		    row.refused);
}

static void
print_object(const struct events_hand_item *item, const char *words)
{
	json_t *object =
	    json_pack("{sI ss ss}", "at_ms", (json_int_t)item->at_ms, "event",
		item->over ? "override over" : "override", "words", words);
	json_t *row = override_text_object(item->row);
	char when[CLOCK_TEXT], *line;

	if (object != NULL && row != NULL)
		(void)json_object_update(object, row);
	override_object_share(object, item->row);
	json_object_set_new(
	    object, "at", json_string(clock_format(item->at_ms, when)));
	line = json_dumps(object, JSON_COMPACT);
	json_decref(row);
	json_decref(object);
	if (line != NULL)
		puts(line);
	free(line);
}

void
events_hand_print(const struct events_hand_item *item, bool json)
{
	char when[CLOCK_TEXT];
	struct text t;

	text_init(&t, LINE_MAX_LEN);
	say(&t, item);
	if (t.data != NULL && json)
		print_object(item, t.data);
	else if (t.data != NULL)
		printf("%s  %s\n", clock_format(item->at_ms, when), t.data);
	text_finish(&t);
}
