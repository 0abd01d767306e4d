/*
 * Lists what was said by hand as events.  Called by meridianctl events; writes
 * nothing.
 */
#include "ctl/events_hand.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/clock.h"
#include "base/hash.h"
#include "base/text.h"
#include "ctl/override_object.h"
#include "ctl/override_text.h"
#include "node/page_json.h"
#include "state/reader.h"

#define LINE_MAX_LEN 2048

/* A row comes here so long after it was said, at most, and is news. */
#define LATE_MS 60000

static int
by_time(const void *left, const void *right)
{
	const struct events_hand_item *a = left, *b = right;

	if (a->at_ms != b->at_ms)
		return a->at_ms < b->at_ms ? -1 : 1;
	if (a->row == NULL || b->row == NULL)
		return (b->row == NULL) - (a->row == NULL);
	return a->row->number < b->row->number ? -1 : 1;
}

/* --- nodes that were forgotten --- */

/* One that begins again is full. */
static void
take_begin(void *context, bool full)
{
	struct events_hand *hand = context;

	(void)full;
	hand->n_forgotten = 0;
}

static void
take_forgotten(void *context, const struct state_forgotten *row)
{
	struct events_hand *hand = context;
	struct state_forgotten *grown;

	if (row->shared != STATE_SHARED_ACCEPTED)
		return;
	grown = array_grow(hand->forgotten, hand->n_forgotten,
	    &hand->size_forgotten, sizeof(*grown), 2 * SCHEMA_FORGOTTEN_MAX);
	if (grown == NULL)
		return;
	hand->forgotten = grown;
	grown[hand->n_forgotten++] = *row;
}

static void
take_commit(void *context)
{
	(void)context;
}

static int
read_forgotten(const char *path, struct events_hand *hand, struct errbuf *eb)
{
	static const struct state_sink sink = {.begin = take_begin,
	    .forgotten = take_forgotten,
	    .commit = take_commit};
	struct state_reader *reader = state_reader_create(path);
	int status = -1;

	if (reader == NULL)
		return errbuf_error(eb, NULL, "no memory");
	state_reader_follow(reader, TABLES_FORGOTTEN);
	if (state_reader_poll(reader, &sink, hand, eb) >= 0)
		status = 0;
	state_reader_destroy(reader);
	return status;
}

/* Add those that are new; a row that is written again as the node that has it
 * begins again is not. */
static void
add_forgotten(struct events_hand *hand, struct events_hand_mark *since)
{
	uint64_t last = since->forgotten;

	for (size_t i = 0; i < hand->n_forgotten; i++) {
		const struct state_forgotten *row = &hand->forgotten[i];

		if (row->sequence <= since->forgotten)
			continue;
		if (row->at_ms > since->until_ms - LATE_MS)
			hand->item[hand->n++] = (struct events_hand_item){
			    .at_ms = row->at_ms, .forgotten = row};
		if (row->sequence > last)
			last = row->sequence;
	}
	since->forgotten = last;
}

/* --- overrides --- */

/* Where nodes share, who comes to the end of a length first says so for all, by
 * a row that comes within this time. */
#define END_COMES_MS 3000

/* By its id, as its number may be another one later. */
static uint64_t
key_of(const struct state_override *row, enum events_hand_what what)
{
	return row->id[0] != '\0'
	    ? hash_bytes(row->id, strlen(row->id), what)
	    : hash_bytes(&row->number, sizeof(row->number), what);
}

static bool
is_told(const struct events_hand_mark *mark, const struct state_override *row,
    enum events_hand_what what)
{
	return u64map_get(&mark->told, key_of(row, what)) != U64MAP_NONE;
}

/* Without memory it may be told again. */
static void
note(struct events_hand_mark *mark, const struct state_override *row,
    enum events_hand_what what)
{
	(void)u64map_add(&mark->told, key_of(row, what), 0);
}

/* Add an event, if it is not told. */
static void
add(struct events_hand *hand, struct events_hand_mark *mark,
    const struct state_override *row, enum events_hand_what what, int64_t at_ms)
{
	if (is_told(mark, row, what))
		return;
	note(mark, row, what);
	hand->item[hand->n++] =
	    (struct events_hand_item){.at_ms = at_ms, .row = row, .what = what};
}

/* Its length is over, and the row that says so, if one will, is there or would
 * be. */
static bool
is_over(
    const struct events_hand *hand, size_t i, int64_t now_ms, int64_t *at_ms)
{
	const struct override_trail *trail = &hand->trail;
	const struct state_override *row = &trail->row[i];
	uint32_t next = trail->next[i];
	struct override_end end;

	override_trail_end(trail, i, now_ms, &end);
	if (end.how != OVERRIDE_OVER ||
	    (next != OVERRIDE_TRAIL_NONE &&
		override_trail_is_end_of_length(&trail->row[next])))
		return false;
	*at_ms = end.at_ms;
	return row->shared != STATE_SHARED_ACCEPTED ||
	    now_ms - end.at_ms >= END_COMES_MS;
}

/* Add the events of row number ${i} that are not told. */
static void
add_row(struct events_hand *hand, size_t i, struct events_hand_mark *mark,
    int64_t now_ms)
{
	const struct state_override *row = &hand->trail.row[i];
	bool told = is_told(mark, row, EVENTS_SAID);
	int64_t at_ms;

	add(hand, mark, row, EVENTS_SAID, row->at_ms);
	if (is_over(hand, i, now_ms, &at_ms))
		add(hand, mark, row, EVENTS_OVER, at_ms);
	if (row->shared != STATE_SHARED_REFUSED)
		return;
	/* What is told only now says it itself. */
	if (told)
		add(hand, mark, row, EVENTS_REFUSED, now_ms);
	else
		note(mark, row, EVENTS_REFUSED);
}

int
events_hand_read(const char *path, struct events_hand *hand,
    struct events_hand_mark *since, int64_t now_ms, struct errbuf *eb)
{
	*hand = (struct events_hand){.n = 0};
	if (override_trail_read(path, &hand->trail, eb) != 0 ||
	    read_forgotten(path, hand, eb) != 0)
		return -1;
	hand->item = calloc(
	    3 * hand->trail.n + hand->n_forgotten + 1, sizeof(*hand->item));
	if (hand->item == NULL)
		return errbuf_error(eb, NULL, "no memory");
	for (size_t i = 0; i < hand->trail.n; i++)
		add_row(hand, i, since, now_ms);
	add_forgotten(hand, since);
	qsort(hand->item, hand->n, sizeof(*hand->item), by_time);
	since->until_ms = now_ms;
	return 0;
}

void
events_hand_forget(struct events_hand_mark *mark)
{
	u64map_finish(&mark->told);
}

void
events_hand_finish(struct events_hand *hand)
{
	override_trail_finish(&hand->trail);
	free(hand->forgotten);
	free(hand->item);
}

/* "node eu-west forgotten by ann@host: region closed (said at node us-east)" */
static void
say_forgotten(struct text *t, const struct state_forgotten *row)
{
	text_add(t, "node ");
	override_text_add(t, row->name);
	text_add(t, " forgotten by ");
	override_text_add(t, row->author);
	if (row->reason[0] != '\0')
		text_add(t, ": ");
	override_text_add(t, row->reason);
	text_add(t, " (said at node ");
	override_text_add(t, row->node);
	text_add(t, ")");
}

/* "region eu-west drained until 14:05:10Z by ann@host: new switches (override
 * 12)", "region eu-west no longer drained: the length of override 12 is over".
 */
static void
say(struct text *t, const struct events_hand_item *item)
{
	struct state_override row;

	if (item->row == NULL) {
		say_forgotten(t, item->forgotten);
		return;
	}
	row = *item->row;
	if (item->what == EVENTS_REFUSED) {
		override_text_what(t, &row);
		text_add(
		    t, ": override %llu, ", (unsigned long long)row.number);
		override_text_who(t, &row);
		text_add(t,
		    ", was refused by other nodes, and is in force nowhere: "
		    "%s",
		    row.refused);
		return;
	}
	if (item->what == EVENTS_OVER) {
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

static json_t *
forgotten_object(const struct state_forgotten *row, const char *words)
{
	return json_pack("{sI ss so so so so so}", "at_ms",
	    (json_int_t)row->at_ms, "event", "node forgotten", "words",
	    page_json_string(words), "node", page_json_string(row->name),
	    "author", page_json_string(row->author), "reason",
	    page_json_string(row->reason), "said_at",
	    page_json_string(row->node));
}

static json_t *
override_object(const struct events_hand_item *item, const char *words)
{
	static const char *const events[] = {[EVENTS_SAID] = "override",
	    [EVENTS_OVER] = "override over",
	    [EVENTS_REFUSED] = "override refused"};
	json_t *object =
	    json_pack("{sI ss ss}", "at_ms", (json_int_t)item->at_ms, "event",
		events[item->what], "words", words);
	json_t *row = override_text_object(item->row);

	if (object != NULL && row != NULL)
		(void)json_object_update(object, row);
	override_object_share(object, item->row);
	json_decref(row);
	return object;
}

static void
print_object(const struct events_hand_item *item, const char *words)
{
	json_t *object = item->row != NULL
	    ? override_object(item, words)
	    : forgotten_object(item->forgotten, words);
	char when[CLOCK_TEXT], *line;

	json_object_set_new(
	    object, "at", json_string(clock_format(item->at_ms, when)));
	line = json_dumps(object, JSON_COMPACT);
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
