/*
 * meridianctl latency show: what is stored of round trips, what was smoothed
 * and how old it is; of an address, which row decides for each region.  Called
 * by latency.c; changes nothing.
 */
#include "ctl/trips.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/clock.h"
#include "base/nearest.h"
#include "ctl/columns.h"
#include "ctl/command.h"
#include "steering/geo/geography.h"

/* More are no table that a person reads: export has them. */
#define SHOW_MAX 100000

/* What is asked for. */
enum wanted { WANT_ALL, WANT_ADDRESS, WANT_CLIENT, WANT_REGION };

/* A row that is shown, or what all rows of a region come to. */
struct shown {
	struct state_latency row;
	unsigned rank; /* of an address: prefixes by their bits, AS, country */
	size_t count[3], aged; /* of a region, by enum latency_client */
};

struct show {
	enum wanted wanted;
	const char *word;
	struct latency_measure client; /* WANT_CLIENT, and WANT_ADDRESS */
	struct address address;
	const struct place *place; /* WANT_ADDRESS; NULL: of no database */
	bool json;
	struct shown *shown;
	size_t n, size, left; /* left out: more than SHOW_MAX */
};

static const struct options_usage usage = {
    .program = "meridianctl latency show",
    .synopsis = "meridianctl [-c FILE] latency show [--json]\n"
		"         [ADDRESS|PREFIX|COUNTRY|ASN|REGION]",
    .about = "Prints the round trips of a prefix and those inside and around "
	     "it, of a\n"
	     "country, an AS number or a region: what counts, what was "
	     "smoothed, from how\n"
	     "many samples, how old.  Of an address: which row decides for "
	     "each region.\n"
	     "Without a word: how many there are for each region.\n",
    .rows =
	(const struct option_row[]){
	    {'j', "json", NULL, "as JSON"},
	    {0},
	},
};

static struct shown *
add(struct show *s, const struct state_latency *row)
{
	struct shown *grown =
	    array_grow(s->shown, s->n, &s->size, sizeof(*grown), SHOW_MAX);

	if (grown == NULL) {
		s->left++;
		return NULL;
	}
	s->shown = grown;
	memset(&s->shown[s->n], 0, sizeof(*s->shown));
	s->shown[s->n].row = *row;
	return &s->shown[s->n++];
}

/* The one of the region of ${row}; NULL when it is the first. */
static struct shown *
find_region(struct show *s, const struct state_latency *row)
{
	/* Rows of a region often follow each other. */
	for (size_t i = s->n; i-- > 0;)
		if (strcmp(s->shown[i].row.region, row->region) == 0)
			return &s->shown[i];
	return NULL;
}

static void
count(struct show *s, const struct state_latency *row,
    const struct latency_measure *client)
{
	struct shown *of = find_region(s, row);

	if (of == NULL)
		of = add(s, row);
	if (of == NULL)
		return;
	of->aged += row->rtt_us < 0;
	of->count[client->client] += row->rtt_us >= 0;
	if (row->measured_ms > of->row.measured_ms)
		of->row.measured_ms = row->measured_ms;
}

/* How specific a row is for the address; 0: it says nothing of it. */
static unsigned
rank_of(const struct show *s, const struct latency_measure *client)
{
	switch ((enum latency_client)client->client) {
	case LATENCY_OF_PREFIX:
		return prefix_contains(&client->prefix, &s->address)
		    ? 3u + client->prefix.length
		    : 0;
	case LATENCY_OF_ASN:
		return s->place != NULL && client->asn == s->place->asn ? 2 : 0;
	case LATENCY_OF_COUNTRY:
		break;
	}
	return s->place != NULL &&
		strcmp(client->country, s->place->country) == 0
	    ? 1
	    : 0;
}

/* Keep the most specific row of each region that counts. */
static void
decide(struct show *s, const struct state_latency *row,
    const struct latency_measure *client)
{
	unsigned rank = rank_of(s, client);
	struct shown *of;

	if (rank == 0 || row->rtt_us < 0)
		return;
	of = find_region(s, row);
	if (of == NULL)
		of = add(s, row);
	if (of == NULL || rank <= of->rank)
		return;
	of->row = *row;
	of->rank = rank;
}

static bool
matches(const struct show *s, const struct latency_measure *client)
{
	const struct latency_measure *wanted = &s->client;

	if (client->client != wanted->client)
		return false;
	if (client->client == LATENCY_OF_ASN)
		return client->asn == wanted->asn;
	if (client->client == LATENCY_OF_COUNTRY)
		return strcmp(client->country, wanted->country) == 0;
	return prefix_contains(&client->prefix, &wanted->prefix.address) ||
	    prefix_contains(&wanted->prefix, &client->prefix.address);
}

static void
on_row(void *context, const struct state_latency *row)
{
	struct latency_measure client;
	struct show *s = context;
	char why[LATENCY_WHY];

	if (latency_file_client(row->client, &client, why) != 0)
		return;
	if (s->wanted == WANT_ALL)
		count(s, row, &client);
	else if (s->wanted == WANT_ADDRESS)
		decide(s, row, &client);
	else if (s->wanted == WANT_REGION ? strcmp(row->region, s->word) == 0
					  : matches(s, &client))
		(void)add(s, row);
}

/* Fastest first where one row decides for each region; else by client. */
static int
by_time(const void *left, const void *right)
{
	const struct shown *a = left, *b = right;

	if (a->row.rtt_us != b->row.rtt_us)
		return a->row.rtt_us < b->row.rtt_us ? -1 : 1;
	return strcmp(a->row.region, b->row.region);
}

static int
by_client(const void *left, const void *right)
{
	const struct shown *a = left, *b = right;
	int order = strcmp(a->row.client, b->row.client);

	return order != 0 ? order : strcmp(a->row.region, b->row.region);
}

/* Text. */

static const char *
show_ms(int64_t us, char out[32])
{
	if (us < 0)
		return "too old";
	snprintf(out, 32, "%" PRId64 ".%03" PRId64, us / 1000, us % 1000);
	return out;
}

static void
print_rows(const struct show *s, int64_t now_ms)
{
	char stored[32], smoothed[32], ago[32];

	printf("%-20s %-16s %11s %11s %9s %8s\n", "client", "region",
	    "counts ms", "smoothed", "samples", "age");
	for (size_t i = 0; i < s->n; i++) {
		const struct state_latency *row = &s->shown[i].row;

		printf("%-20s %-16s %11s %11s %9" PRIu32 " %8s\n", row->client,
		    row->region, show_ms(row->rtt_us, stored),
		    show_ms(row->smoothed_us, smoothed), row->samples,
		    columns_ago(now_ms - row->measured_ms, ago));
	}
}

static void
print_counts(const struct show *s, int64_t now_ms)
{
	char ago[32];

	printf("%-24s %9s %9s %9s %9s %10s\n", "region", "prefixes", "AS nos.",
	    "countries", "too old", "newest");
	for (size_t i = 0; i < s->n; i++) {
		const struct shown *of = &s->shown[i];

		printf("%-24s %9zu %9zu %9zu %9zu %10s\n", of->row.region,
		    of->count[LATENCY_OF_PREFIX], of->count[LATENCY_OF_ASN],
		    of->count[LATENCY_OF_COUNTRY], of->aged,
		    columns_ago(now_ms - of->row.measured_ms, ago));
	}
}

static void
print_text(const struct show *s)
{
	int64_t now_ms = clock_wall_ms();

	if (s->wanted == WANT_ADDRESS)
		printf("%s: AS%" PRIu32 ", country %s\n", s->word,
		    s->place != NULL ? s->place->asn : 0,
		    s->place != NULL && s->place->country[0] != '\0'
			? s->place->country
			: "-");
	if (s->n == 0)
		puts("no round trip is stored");
	else if (s->wanted == WANT_ALL)
		print_counts(s, now_ms);
	else
		print_rows(s, now_ms);
	if (s->left > 0)
		printf("and %zu more: latency export has them all\n", s->left);
}

/* JSON. */

static json_t *
object_of(const struct show *s, const struct shown *of)
{
	const struct state_latency *row = &of->row;

	if (s->wanted == WANT_ALL)
		return json_pack("{ss sI sI sI sI sI}", "region", row->region,
		    "prefixes", (json_int_t)of->count[LATENCY_OF_PREFIX],
		    "asns", (json_int_t)of->count[LATENCY_OF_ASN], "countries",
		    (json_int_t)of->count[LATENCY_OF_COUNTRY], "aged",
		    (json_int_t)of->aged, "measured_ms",
		    (json_int_t)row->measured_ms);
	return json_pack("{ss ss so sI sI sI}", "client", row->client, "region",
	    row->region, "rtt_us",
	    row->rtt_us >= 0 ? json_integer(row->rtt_us) : json_null(),
	    "smoothed_us", (json_int_t)row->smoothed_us, "samples",
	    (json_int_t)row->samples, "measured_ms",
	    (json_int_t)row->measured_ms);
}

static int
print_json(const struct show *s)
{
	json_t *rows = json_array(), *root;
	int status = 0;

	for (size_t i = 0; i < s->n; i++)
		status |=
		    json_array_append_new(rows, object_of(s, &s->shown[i]));
	root = json_pack(
	    "{so sI}", "latency", rows, "left_out", (json_int_t)s->left);
	if (root == NULL || status != 0) {
		json_decref(root);
		return -1;
	}
	command_print_object(root);
	json_decref(root);
	return 0;
}

/* What the word is. */

static int
read_word(
    struct show *s, const struct latency_regions *regions, struct errbuf *eb)
{
	char why[LATENCY_WHY];
	struct nearest nearest;

	if (s->word == NULL)
		return 0;
	nearest_init(&nearest, s->word);
	for (size_t i = 0; i < regions->n; i++) {
		nearest_offer(&nearest, regions->names[i]);
		if (strcmp(s->word, regions->names[i]) == 0)
			s->wanted = WANT_REGION;
	}
	if (s->wanted == WANT_REGION)
		return 0;
	s->wanted = address_parse(s->word, &s->address) == 0 ? WANT_ADDRESS
							     : WANT_CLIENT;
	if (latency_file_client(s->word, &s->client, why) == 0)
		return 0;
	if (nearest.best != NULL)
		return errbuf_error(eb, NULL,
		    "\"%s\" is no region of a steering file; did you mean %s?",
		    s->word, nearest.best);
	return errbuf_error(eb, NULL,
	    "\"%s\" is no address, prefix, country, AS number or region",
	    s->word);
}

/* The databases know country and AS number of an address. */
static const struct place *
find_place(const struct geography *geo, const struct address *address)
{
	uint64_t hi, lo;

	cover_key(address, &hi, &lo);
	return geography_place(geo,
	    cover_find(geography_cover(geo, address->family), hi, lo)->value);
}

static int
show(struct show *s, const struct server_config *config, struct errbuf *eb)
{
	struct geography *geo = NULL;
	int status = 0;

	if (s->wanted == WANT_ADDRESS) {
		geo = geography_load(
		    config->geo, config->geo_at, config->n_geo, NULL, eb);
		if (geo == NULL)
			return -1;
		s->place = find_place(geo, &s->address);
	}
	if (trips_read(config, on_row, s, eb) != 0) {
		geography_destroy(geo);
		return -1;
	}
	if (s->n > 1)
		qsort(s->shown, s->n, sizeof(*s->shown),
		    s->wanted == WANT_ADDRESS ? by_time : by_client);
	if (s->json)
		status = print_json(s);
	else
		print_text(s);
	geography_destroy(geo);
	return status;
}

int
trips_show(const char *path, int argc, char **argv)
{
	struct errbuf *eb = malloc(sizeof(*eb));
	struct latency_regions regions = {0};
	struct server_config *config;
	struct options options;
	struct show s = {.json = false};
	int status;

	options_begin(&options, &usage, argc, argv);
	while (options_next(&options) >= 0)
		s.json = true;
	status = options.status;
	if (status < 0 && options.n_words > 1)
		status = options_refuse(
		    &options, "\"%s\" is a word too many", options.words[1]);
	if (status >= 0 || eb == NULL) {
		free(eb);
		return status >= 0 ? status : CTL_FAILED;
	}
	s.word = options.n_words == 1 ? options.words[0] : NULL;
	errbuf_init(eb);
	config = trips_node(path, &regions, eb);
	if (config != NULL) {
		status = read_word(&s, &regions, eb);
		if (status == 0)
			status = show(&s, config, eb);
		trips_node_end(config, &regions);
	}
	command_print_messages(eb);
	free(s.shown);
	free(eb);
	return config != NULL && status == 0 ? CTL_OK : CTL_FAILED;
}
