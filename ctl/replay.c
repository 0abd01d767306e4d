/*
 * meridianctl replay: recorded queries through the files as they are and
 * through others, with the difference in load.  Each query is answered twice by
 * what answers in the server; nothing is sent, and everything counts as up.
 */
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "config/scalar.h"
#include "ctl/command.h"
#include "ctl/packets.h"
#include "ctl/progress.h"
#include "ctl/replay_history.h"
#include "ctl/replay_tally.h"
#include "dns/answer/respond.h"
#include "dns/wire/query.h"
#include "node/labels.h"
#include "steering/geo/cover.h"
#include "steering/ladder.h"
#include "steering/outcomes.h"
#include "steering/reasons.h"

/* Exit statuses, as those of diff(1). */
enum { REPLAY_SAME, REPLAY_MOVES, REPLAY_FAILED };

/* Options without a letter. */
enum { FILES = 256, CSV, HISTORY };

/* The largest file that is read: it is kept in memory as a whole. */
#define FILE_MAX ((size_t)2 << 30)

static const struct options_usage usage = {
    .program = "meridianctl replay",
    .synopsis = "meridianctl [-c FILE] replay RECORD... --files NEW "
		"[--csv | --json]\n"
		"meridianctl [-c FILE] replay --history LENGTH --files NEW\n"
		"         [--csv | --json]",
    .about =
	"Takes the queries of each RECORD, dnstap, pcap or pcapng, through the "
	"files of\n"
	"the node as they are and through those of the node file NEW, and says "
	"how the\n"
	"load of regions and pools differs, and which countries move.\n"
	"Status: 0 nothing moves, 1 something does, 2 it could not be said.\n",
    .rows =
	(const struct option_row[]){
	    {FILES, "files", "NEW", "the file of a node to compare with"},
	    {HISTORY, "history", "LENGTH",
		"what the history counted in the last 24h or 7d"},
	    {CSV, "csv", NULL, "print comma-separated values"},
	    {'j', "json", NULL, "print one JSON object"},
	    {0},
	},
};

/* One of the two, with all that answers. */
struct side {
	struct generation *generation;
	struct outcomes *outcomes;
	struct live *live;
	struct snapshot snapshot;
	struct responder responder;
};

struct replay {
	struct side side[2];
	json_t *tally;
	/* How far it is: queries of the history, or the file that is read. */
	struct progress progress;
	uint64_t queries, size;
	const char *record;
	size_t len;
	struct packets_found found;
	uint8_t reply[MESSAGE_MAX];
};

static int
open_side(struct side *s, const char *path)
{
	struct policy_outcomes slots = {
	    .begin = outcomes_begin, .slot = outcomes_slot};

	s->outcomes = outcomes_create(COUNTER_OUTCOMES, COUNTER_CELLS);
	s->responder.counters = calloc(1, sizeof(*s->responder.counters));
	if (s->outcomes == NULL || s->responder.counters == NULL)
		return -1;
	slots.context = s->outcomes;
	s->generation = command_load_counted(path, &slots);
	if (s->generation == NULL)
		return -1;
	s->live = command_all_up(s->generation->policy);
	if (s->live == NULL)
		return -1;
	s->snapshot = (struct snapshot){.zones = s->generation->zones,
	    .maps = s->generation->maps,
	    .policy = s->generation->policy,
	    .live = s->live,
	    .source = &ladder_source,
	    .udp_size = MESSAGE_MAX};
	responder_tick(&s->responder);
	return 0;
}

static void
close_side(struct side *s)
{
	live_destroy(s->live);
	generation_release(s->generation);
	outcomes_destroy(s->outcomes);
	free(s->responder.counters);
}

/* Answer as the server would, over TCP: the answer is whole. */
static void
answer(struct replay *r, struct side *s, const struct address *client,
    const uint8_t *message, size_t len, struct replay_side *out)
{
	struct outcome_name name;

	*out = (struct replay_side){"", REPLAY_NONE, REPLAY_NONE};
	if (respond(&s->responder, &s->snapshot, TRANSPORT_TCP, client, message,
		len, r->reply, sizeof(r->reply)) == 0 ||
	    s->responder.outcome >= outcomes_count(s->outcomes) ||
	    !outcomes_name(s->outcomes, s->responder.outcome, &name))
		return;
	labels_name(name.service, out->service);
	out->region = out->pool = s->responder.reason == REASON_NODATA
	    ? REPLAY_NODATA
	    : REPLAY_RESORT;
	if (name.region[0] != '\0')
		out->region = name.region;
	if (name.pool[0] != '\0')
		out->pool = name.pool;
}

/* Of the client subnet, or else of who sent the query. */
static const char *
country_of(const struct geography *geo, const struct address *client,
    const uint8_t *message, size_t len)
{
	struct query query;
	uint64_t hi, lo;

	if (query_parse(message, len, &query) == QUERY_OK &&
	    query.subnet.present && query.subnet.source_len > 0)
		client = &query.subnet.address;
	cover_key(client, &hi, &lo);
	return geography_place(geo,
	    cover_find(geography_cover(geo, client->family), hi, lo)->value)
	    ->country;
}

/* Of the record that is read, or of the history. */
static void
show(struct replay *r, uint64_t n)
{
	double done = 0;
	char count[48];

	r->queries += n;
	if (r->record != NULL)
		done = (double)r->found.done / (double)r->len;
	else if (r->size > 0)
		done = (double)r->queries / (double)r->size;
	snprintf(count, sizeof(count), "%llu queries",
	    (unsigned long long)r->queries);
	progress_show(&r->progress, r->record != NULL ? r->record : "history",
	    done, count);
}

static void
replay_queries(void *context, const struct address *client,
    const uint8_t *message, size_t len, uint64_t n)
{
	struct replay *r = context;
	struct replay_side before, after;

	answer(r, &r->side[0], client, message, len, &before);
	answer(r, &r->side[1], client, message, len, &after);
	replay_tally_add(r->tally, &before, &after,
	    country_of(r->side[0].generation->geography, client, message, len),
	    n);
	if (r->progress.shown)
		show(r, n);
}

static void
replay_query(void *context, const struct address *client, bool stream,
    const uint8_t *message, size_t len)
{
	(void)stream;
	replay_queries(context, client, message, len, 1);
}

/* What the history has, by country. */
static int
replay_counts(struct replay *r, int64_t length_ms)
{
	static const struct replay_side none = {"", REPLAY_NONE, REPLAY_NONE};
	uint64_t others;
	int status;

	progress_begin(&r->progress, stderr, false);
	if (r->progress.shown)
		r->size = replay_history_size(r->side[0].generation, length_ms);
	status = replay_history(
	    r->side[0].generation, length_ms, replay_queries, r, &others);
	progress_end(&r->progress);
	if (status != 0)
		return -1;
	replay_tally_add(r->tally, &none, &none, "", others);
	return 0;
}

static int
replay_file(struct replay *r, const char *path)
{
	static struct errbuf eb;
	const struct packets_found *found = &r->found;
	const char *slash = strrchr(path, '/');
	char *data = NULL;
	size_t len;
	int status;

	errbuf_init(&eb);
	if (file_read(path, NULL, FILE_MAX, &data, &len, NULL, &eb) != 0) {
		command_print_messages(&eb);
		return -1;
	}
	r->record = slash != NULL ? slash + 1 : path;
	r->len = len;
	progress_begin(&r->progress, stderr, false);
	status = packets_read(
	    (const uint8_t *)data, len, replay_query, r, &r->found);
	free(data);
	progress_end(&r->progress);
	if (status != 0)
		fprintf(stderr,
		    "meridianctl replay: %s is no file of dnstap, pcap or "
		    "pcapng\n",
		    path);
	else if (found->cut)
		fprintf(stderr,
		    "meridianctl replay: %s ends in the middle: its first %llu "
		    "queries count\n",
		    path, (unsigned long long)found->queries);
	if (status == 0 && found->skipped > 0)
		fprintf(stderr,
		    "meridianctl replay: %s: %llu frames or packets that are "
		    "no "
		    "queries were passed over\n",
		    path, (unsigned long long)found->skipped);
	return status;
}

static int
replay(
    struct replay *r, char *const *records, int n, int64_t length_ms, int form)
{
	if (length_ms > 0 && replay_counts(r, length_ms) != 0)
		return REPLAY_FAILED;
	for (int i = 0; i < n; i++)
		if (replay_file(r, records[i]) != 0)
			return REPLAY_FAILED;
	if (form == 'j') {
		command_print_object(r->tally);
	} else if (form == CSV) {
		replay_tally_csv(r->tally);
	} else {
		replay_tally_text(r->tally);
	}
	return command_number(r->tally, "moved") > 0 ? REPLAY_MOVES
						     : REPLAY_SAME;
}

static int
run(const char *path, int argc, char **argv)
{
	struct replay *r;
	struct options o;
	const char *new = NULL;
	int key, form = 0, status = REPLAY_FAILED;
	int64_t length_ms = 0;

	options_begin(&o, &usage, argc, argv);
	while ((key = options_next(&o)) >= 0) {
		if (key == FILES)
			new = o.value;
		else if (key != HISTORY)
			form = key;
		else if (scalar_parse_ms(o.value, &length_ms) != 0 ||
		    length_ms == 0)
			return options_refuse(&o,
			    "--history takes a length (24h, 7d), not \"%s\"",
			    o.value);
	}
	if (o.status >= 0)
		return o.status;
	if ((o.n_words == 0 && length_ms == 0) || new == NULL)
		return options_refuse(&o,
		    "recorded queries, or --history, and other files are "
		    "wanted: replay RECORD --files NEW");
	r = calloc(1, sizeof(*r));
	if (r != NULL)
		r->tally = replay_tally_create();
	if (r == NULL || r->tally == NULL)
		fputs("meridianctl: no memory\n", stderr);
	else if (open_side(&r->side[0], path) == 0 &&
	    open_side(&r->side[1], new) == 0)
		status = replay(r, o.words, o.n_words, length_ms, form);
	if (r != NULL) {
		close_side(&r->side[0]);
		close_side(&r->side[1]);
		json_decref(r->tally);
	}
	free(r);
	return status;
}

const struct command command_replay = {
    .name = "replay",
    .summary = "recorded queries through files, before they are loaded",
    .run = run,
};
