/*
 * meridianctl events: changes of health as the state database keeps them, with
 * how long it was so before, and what was said by hand, in the order of time;
 * and those to come while it waits for them.  Reads alone.
 */
#include <fnmatch.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/array.h"
#include "base/clock.h"
#include "base/hash.h"
#include "base/number.h"
#include "base/u64map.h"
#include "ctl/columns.h"
#include "ctl/command.h"
#include "ctl/events_hand.h"
#include "node/page_json.h"
#include "state/endpoint_key.h"
#include "state/reader.h"

#define LAST 50

/* Those that the table keeps, and as many that may come while it is read. */
#define EVENTS_MAX (2 * (size_t)SCHEMA_EVENTS_MAX)

enum { SINCE = 256, LAST_N, ZONE, POOL, ENDPOINT, FOLLOW, JSON, COUNT };

static const struct option_row rows[] = {
    {SINCE, "since", "LENGTH", "those of the last 90s, 15m, 6h or 7d"},
    {LAST_N, "last", "N", "the last N of them (50 without --since)"},
    {ZONE, "zone", "PATTERN", "of zones like it (*.example)"},
    {POOL, "pool", "PATTERN", "of pools like it"},
    {ENDPOINT, "endpoint", "PATTERN", "of endpoints like it"},
    {FOLLOW, "follow", NULL, "go on with those to come, until Ctrl-C"},
    {JSON, "json", NULL, "one object a line"},
    {COUNT, "count", NULL, "only how many"},
    {0},
};

static const struct options_usage usage = {
    .program = "meridianctl events",
    .synopsis =
	"meridianctl [-c FILE] events [--since LENGTH] [--pool PATTERN] "
	"...",
    .about = "Prints changes of health, and what was said by hand, oldest "
	     "first.  Status: 0\ndone, 1 the state database cannot be "
	     "read.\n",
    .rows = rows,
};

struct wish {
	int64_t since_ms;                   /* 0: all */
	uint64_t last;                      /* 0: all */
	const char *zone, *pool, *endpoint; /* patterns, or NULL */
	bool follow, json, count;
};

struct list {
	struct state_event *event; /* newest first */
	size_t n, size;
	bool failed;
};

/* What there is of one reading, and how far it was told. */
struct reading {
	struct list list;
	struct events_hand hand;
	size_t hand_told;
	uint64_t skip; /* so many of the first are not told */
};

struct told {
	uint64_t sequence; /* of the last event */
	struct events_hand_mark hand;
};

/* --- what is wanted --- */

/* "90s", "15m", "6h", "7d"; -1 when it is none. */
static int64_t
parse_length(const char *text)
{
	static const struct {
		char unit;
		int64_t ms;
	} units[] = {
	    {'s', 1000}, {'m', 60000}, {'h', 3600000}, {'d', 86400000}};
	size_t len = strlen(text);
	uint64_t n;

	for (size_t i = 0; len > 1 && i < sizeof(units) / sizeof(units[0]); i++)
		if (text[len - 1] == units[i].unit &&
		    number_parse(text, len - 1, 1, 100000, &n) == 0)
			return (int64_t)n * units[i].ms;
	return -1;
}

static bool
is_like(const char *pattern, const char *text)
{
	return pattern == NULL || fnmatch(pattern, text, 0) == 0;
}

static bool
is_wanted(const struct wish *wish, const struct state_event *e)
{
	return (wish->since_ms == 0 || e->at_ms >= wish->since_ms) &&
	    is_like(wish->zone, e->zone) && is_like(wish->pool, e->pool) &&
	    is_like(wish->endpoint, e->endpoint);
}

/* Read the command line; -1 to go on, else the exit status. */
static int
read_words(struct wish *wish, int argc, char **argv)
{
	struct options o;
	int64_t length;
	bool said = false;
	int key;

	*wish = (struct wish){.last = LAST};
	options_begin(&o, &usage, argc, argv);
	while ((key = options_next(&o)) >= 0) {
		if (key == SINCE) {
			length = parse_length(o.value);
			if (length < 0)
				return options_refuse(&o,
				    "--since takes a length (90s, 15m, 6h, "
				    "7d), not \"%s\"",
				    o.value);
			wish->since_ms = clock_wall_ms() - length;
		} else if (key == LAST_N) {
			said = true;
			if (number_parse(o.value, strlen(o.value), 1,
				EVENTS_MAX, &wish->last) != 0)
				return options_refuse(&o,
				    "--last takes a number, not \"%s\"",
				    o.value);
		} else if (key == ZONE) {
			wish->zone = o.value;
		} else if (key == POOL) {
			wish->pool = o.value;
		} else if (key == ENDPOINT) {
			wish->endpoint = o.value;
		} else {
			wish->follow = wish->follow || key == FOLLOW;
			wish->json = wish->json || key == JSON;
			wish->count = wish->count || key == COUNT;
		}
	}
	if (o.status >= 0)
		return o.status;
	if (o.n_words > 0)
		return options_refuse(
		    &o, "\"%s\" is a word too many", o.words[0]);
	if (wish->count && wish->follow)
		return options_refuse(&o, "--count ends, --follow does not");
	if ((wish->since_ms != 0 || wish->count) && !said)
		wish->last = 0;
	return -1;
}

/* --- what there is --- */

static void
take(void *context, const struct state_event *event)
{
	struct list *list = context;
	struct state_event *grown = array_grow(
	    list->event, list->n, &list->size, sizeof(*grown), EVENTS_MAX);

	list->failed = list->failed || grown == NULL;
	if (grown == NULL)
		return;
	list->event = grown;
	grown[list->n++] = *event;
}

static bool
same_view(const struct state_event *a, const struct state_event *b)
{
	return strcmp(a->vantage, b->vantage) == 0 &&
	    strcmp(a->zone, b->zone) == 0 && strcmp(a->pool, b->pool) == 0 &&
	    strcmp(a->endpoint, b->endpoint) == 0;
}

static uint64_t
hash_view(const struct state_event *e)
{
	const struct endpoint_key key = {e->zone, e->pool, e->endpoint};

	return hash_bytes(
	    e->vantage, strlen(e->vantage), endpoint_key_hash(&key));
}

/* The number of the event before number ${i} of the same endpoint, seen from
 * the same vantage; U64MAP_NONE: none is kept.  ${last} is what was of each. */
static uint32_t
take_before(const struct list *list, size_t i, struct u64map *last)
{
	uint64_t hash = hash_view(&list->event[i]);
	uint32_t before = U64MAP_NONE, n;
	size_t at;

	for (n = u64map_first(last, hash, &at); n != U64MAP_NONE;
	     n = u64map_next(last, hash, &at))
		/* The smaller a number is, the newer is its event. */
		if (same_view(&list->event[n], &list->event[i]) &&
		    (before == U64MAP_NONE || n < before))
			before = n;
	(void)u64map_add(last, hash, (uint32_t)i);
	return before;
}

/* --- what is printed --- */

/* How long, in the unit that says most. */
static const char *
show_length(int64_t ms, char out[32])
{
	return columns_ago(ms < 0 ? 0 : ms, out);
}

static void
print_text(const struct state_event *e, int64_t was_ms)
{
	char when[CLOCK_TEXT], length[32];

	/* Of a ramp, which has no health: its reason begins with its service.
	 */
	if (e->endpoint[0] == '\0') {
		printf("%s  %s canary %s of %s\n", clock_format(e->at_ms, when),
		    e->zone, e->pool, e->reason);
		return;
	}
	printf("%s  %s %s %s: %s to %s", clock_format(e->at_ms, when), e->zone,
	    e->pool, e->endpoint, state_health_name(e->before),
	    state_health_name(e->after));
	if (was_ms >= 0)
		printf(" after %s", show_length(was_ms, length));
	printf(", seen from %s", e->vantage);
	if (e->reason[0] != '\0')
		printf(": %s", e->reason);
	putchar('\n');
}

static void
print_json(const struct state_event *e, int64_t was_ms)
{
	char when[CLOCK_TEXT], *line;
	bool quiet = strncmp(e->reason, STATE_MAINTENANCE,
			 strlen(STATE_MAINTENANCE)) == 0;
	json_t *object = json_pack("{ss sI so so so so ss ss so so sb}", "at",
	    clock_format(e->at_ms, when), "at_ms", (json_int_t)e->at_ms,
	    "vantage", page_json_string(e->vantage), "zone",
	    page_json_string(e->zone), "pool", page_json_string(e->pool),
	    "endpoint", page_json_string(e->endpoint), "before",
	    state_health_name(e->before), "after", state_health_name(e->after),
	    "was_ms", was_ms >= 0 ? json_integer(was_ms) : json_null(),
	    "reason", page_json_string(e->reason), "maintenance", (int)quiet);

	line = json_dumps(object, JSON_COMPACT);
	json_decref(object);
	if (line != NULL)
		puts(line);
	free(line);
}

/* Whether what was said by hand is wanted: where endpoints are asked for it is
 * not, as what it reaches is in the files alone. */
static bool
wants_hand(const struct wish *wish, const struct events_hand_item *item)
{
	return wish->zone == NULL && wish->pool == NULL &&
	    wish->endpoint == NULL &&
	    (wish->since_ms == 0 || item->at_ms >= wish->since_ms);
}

/* How many are wanted and newer than ${after}. */
static uint64_t
count_wanted(const struct reading *r, const struct wish *wish, uint64_t after)
{
	uint64_t n = 0;

	for (size_t i = 0; i < r->list.n; i++)
		n += r->list.event[i].sequence > after &&
		    is_wanted(wish, &r->list.event[i]);
	for (size_t i = 0; i < r->hand.n; i++)
		n += wants_hand(wish, &r->hand.item[i]);
	return n;
}

/* Print what was said by hand up to ${until_ms}. */
static void
print_hand(struct reading *r, const struct wish *wish, int64_t until_ms)
{
	for (; r->hand_told < r->hand.n; r->hand_told++) {
		const struct events_hand_item *item =
		    &r->hand.item[r->hand_told];

		if (item->at_ms > until_ms)
			return;
		if (!wants_hand(wish, item))
			continue;
		if (r->skip > 0)
			r->skip--;
		else
			events_hand_print(item, wish->json);
	}
}

/* Print those that are wanted and newer than number ${after}, oldest first; the
 * newest number. */
static uint64_t
print_list(struct reading *r, const struct wish *wish, uint64_t after)
{
	const struct list *list = &r->list;
	struct u64map last;
	uint64_t newest = after, n = count_wanted(r, wish, after);

	if (wish->count) {
		printf("%" PRIu64 "\n", n);
		return newest;
	}
	if (wish->last != 0 && after == 0 && n > wish->last)
		r->skip = n - wish->last;
	u64map_init(&last);
	for (size_t i = list->n; i-- > 0;) {
		const struct state_event *e = &list->event[i];
		uint32_t before = take_before(list, i, &last);
		int64_t was_ms = before != U64MAP_NONE
		    ? e->at_ms - list->event[before].at_ms
		    : -1;

		if (e->sequence > newest)
			newest = e->sequence;
		if (e->sequence <= after || !is_wanted(wish, e))
			continue;
		print_hand(r, wish, e->at_ms);
		if (r->skip > 0)
			r->skip--;
		else if (wish->json)
			print_json(e, was_ms);
		else
			print_text(e, was_ms);
	}
	print_hand(r, wish, INT64_MAX);
	u64map_finish(&last);
	return newest;
}

/* One reading; 0, or -1 with an error. */
static int
look(struct state_reader *reader, const char *path, const struct wish *wish,
    struct told *told, struct errbuf *eb)
{
	struct reading r = {.skip = 0};
	int n = state_reader_events(reader, EVENTS_MAX, take, &r.list, eb);

	if (r.list.failed)
		n = errbuf_error(eb, NULL, "no memory");
	if (n >= 0)
		n = events_hand_read(
		    path, &r.hand, &told->hand, clock_wall_ms(), eb);
	if (n >= 0)
		told->sequence = print_list(&r, wish, told->sequence);
	events_hand_finish(&r.hand);
	free(r.list.event);
	return n < 0 ? -1 : 0;
}

static int
run_for(const struct server_config *config, void *context, struct errbuf *eb)
{
	const char *path = config->state;
	struct state_reader *reader = state_reader_create(path);
	const struct wish *wish = context;
	struct told told = {.sequence = 0};
	int status;

	if (reader == NULL)
		return errbuf_error(eb, NULL, "no memory");
	status = look(reader, path, wish, &told, eb);
	/* A database that is away for a while is no end. */
	while (wish->follow && status == 0 && fflush(stdout) == 0) {
		sleep(1);
		errbuf_init(eb);
		(void)look(reader, path, wish, &told, eb);
	}
	events_hand_forget(&told.hand);
	state_reader_destroy(reader);
	return status;
}

static int
run(const char *path, int argc, char **argv)
{
	struct wish wish;
	int status = read_words(&wish, argc, argv);

	return status >= 0 ? status : command_on_node(path, run_for, &wish);
}

const struct command command_events = {
    "events", "changes of health, and what was said by hand", run};
