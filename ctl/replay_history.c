/*
 * From sums by service and country to queries.  Called by meridianctl replay.
 */
#include "ctl/replay_history.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "ctl/command.h"
#include "dns/wire/name.h"
#include "dns/wire/protocol.h"
#include "dns/wire/wire.h"
#include "state/history/reader.h"
#include "steering/geo/cover.h"

/* Countries that are remembered; there are 250 codes. */
#define COUNTRIES 512

struct spots {
	char country[3];
	unsigned n; /* 0 or REPLAY_SPOTS */
	uint32_t at[REPLAY_SPOTS];
};

struct work {
	const struct generation *generation;
	replay_history_call *ask;
	void *context;
	uint64_t *others;
	size_t n;
	struct spots spots[COUNTRIES];
};

static bool
is_in(const struct work *w, const struct cover_leaf *leaf, const char *country)
{
	return strcmp(geography_place(w->generation->geography, leaf->value)
			  ->country,
		   country) == 0;
}

/* Spot number i is at the address after (i + 1/2) of REPLAY_SPOTS of all that
 * the country has. */
static void
find_spots(const struct work *w, struct spots *s)
{
	const struct cover *cover =
	    geography_cover(w->generation->geography, 4);
	uint64_t all = 0, before = 0;

	for (size_t i = 0; i < cover->n; i++)
		if (is_in(w, &cover->leaves[i], s->country))
			all += UINT64_C(1) << (32 - cover->leaves[i].depth);
	for (size_t i = 0; all > 0 && i < cover->n && s->n < REPLAY_SPOTS;
	     i++) {
		const struct cover_leaf *leaf = &cover->leaves[i];
		uint64_t size, next;

		if (!is_in(w, leaf, s->country))
			continue;
		size = UINT64_C(1) << (32 - leaf->depth);
		while (s->n < REPLAY_SPOTS &&
		    (next = (2 * s->n + 1) * all / (2 * REPLAY_SPOTS)) <
			before + size)
			s->at[s->n++] =
			    (uint32_t)((leaf->hi >> 32) + next - before);
		before += size;
	}
}

/* Those of ${country}; NULL when there are none. */
static const struct spots *
spots_of(struct work *w, const char *country)
{
	struct spots *s = w->spots;

	while (s < w->spots + w->n && strcmp(s->country, country) != 0)
		s++;
	if (s == w->spots + COUNTRIES || strlen(country) != 2)
		return NULL;
	if (s == w->spots + w->n) {
		w->n++;
		memcpy(s->country, country, 3);
		find_spots(w, s);
	}
	return s->n > 0 ? s : NULL;
}

/* A query for the addresses of a service; its octets, 0 when it has no name. */
static size_t
make_query(const char *service, uint8_t out[PACKETS_QUESTION])
{
	static const uint8_t root[] = {0};
	int len = name_parse(service, root, out + DNS_HEADER);

	if (len <= 0)
		return 0;
	memset(out, 0, DNS_HEADER);
	out[5] = 1;
	wire_put16(out + DNS_HEADER + len, TYPE_A);
	wire_put16(out + DNS_HEADER + len + 2, CLASS_IN);
	return DNS_HEADER + (size_t)len + 4;
}

static void
take_row(void *context, const struct history_row *row)
{
	struct work *w = context;
	const struct spots *s = spots_of(w, row->country);
	uint8_t query[PACKETS_QUESTION];
	size_t len = make_query(row->service, query);

	if (s == NULL || len == 0) {
		*w->others += row->answers;
		return;
	}
	for (unsigned i = 0; i < s->n; i++) {
		struct address from = {.family = 4};
		uint64_t n =
		    row->answers * (i + 1) / s->n - row->answers * i / s->n;

		wire_put32(from.bytes, s->at[i]);
		if (n > 0)
			w->ask(w->context, &from, query, len, n);
	}
}

/* Of the last ${length_ms}. */
static struct history_question
ask_period(unsigned by, int64_t length_ms)
{
	int64_t now = clock_wall_ms();

	return (struct history_question){
	    .by = by, .from_ms = now - length_ms, .to_ms = now};
}

static void
add_answers(void *context, const struct history_row *row)
{
	*(uint64_t *)context += row->answers;
}

uint64_t
replay_history_size(const struct generation *generation, int64_t length_ms)
{
	const struct history_question question = ask_period(0, length_ms);
	struct history_answer answer;
	struct history_reader *reader;
	static struct errbuf eb;
	uint64_t n = 0;

	/* What is wrong with it is said by who reads it. */
	errbuf_init(&eb);
	reader = history_reader_open(generation->config->history.file, &eb);
	if (reader != NULL)
		(void)history_sum(
		    reader, &question, &answer, add_answers, &n, &eb);
	history_reader_close(reader);
	return n;
}

int
replay_history(const struct generation *generation, int64_t length_ms,
    replay_history_call *ask, void *context, uint64_t *others)
{
	static struct errbuf eb;
	const struct history_question question =
	    ask_period(HISTORY_SERVICE | HISTORY_COUNTRY, length_ms);
	struct history_answer answer;
	struct history_reader *reader;
	struct work *w = calloc(1, sizeof(*w));
	int status = -1;

	*others = 0;
	errbuf_init(&eb);
	reader = history_reader_open(generation->config->history.file, &eb);
	if (w != NULL && reader != NULL) {
		w->generation = generation;
		w->ask = ask;
		w->context = context;
		w->others = others;
		status =
		    history_sum(reader, &question, &answer, take_row, w, &eb);
	}
	command_print_messages(&eb);
	history_reader_close(reader);
	free(w);
	return status;
}
