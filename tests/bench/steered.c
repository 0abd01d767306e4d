/*
 * Writes the steering file of the benchmarks, loads it and asks it.  Called by
 * scopes.c and hits.c; starts no server and reads no file but the geography it
 * is given.
 */
#include "tests/bench/steered.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Room for the file: 400 services of 80 characters, and the rest. */
#define MAX_TEXT 131072
/* In place of a region's number: of a private block. */
#define FIRST_PRIVATE UINT8_MAX

struct steered {
	struct steering_config *config;
	struct map_set *maps;
	struct policy *policy;
	struct live *live;
};

/* Where providers have their data centres.  The first two, four and twelve are
 * the regions of the benchmark. */
static const struct {
	const char *name;
	double latitude, longitude;
} places[STEERED_MAX_REGIONS] = {{"us-east", 39.0, -77.5},
    {"eu-west", 53.3, -6.3}, {"us-west", 45.6, -121.2},
    {"ap-southeast", 1.3, 103.8}, {"ap-northeast", 35.7, 139.7},
    {"ap-south", 19.1, 72.9}, {"sa-east", -23.5, -46.6},
    {"eu-central", 50.1, 8.7}, {"us-central", 41.3, -95.9},
    {"eu-north", 59.3, 18.1}, {"me-central", 25.2, 55.3},
    {"af-south", -33.9, 18.4}};

struct text {
	char bytes[MAX_TEXT];
	size_t n;
};

static void fail(const char *what) __attribute__((noreturn));
static void
fail(const char *what)
{
	fprintf(stderr, "steered zone: %s\n", what);
	exit(1);
}

static void add(struct text *text, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
static void
add(struct text *text, const char *format, ...)
{
	va_list arguments;
	int n;

	va_start(arguments, format);
	n = vsnprintf(
	    text->bytes + text->n, MAX_TEXT - text->n, format, arguments);
	va_end(arguments);
	if (n < 0 || (size_t)n >= MAX_TEXT - text->n)
		fail("its steering file is too long");
	text->n += (size_t)n;
}

/* A pool of ${each} endpoints in each region, with the keys ${more}. */
static void
add_pool(struct text *text, const char *name, const char *more, size_t regions,
    size_t each)
{
	add(text, "  %s:\n%s    endpoints:\n", name, more);
	for (size_t r = 0; r < regions; r++)
		for (size_t e = 0; e < each; e++)
			add(text,
			    "      - {name: e%zu-%zu, region: %s, "
			    "address: 192.0.2.%zu}\n",
			    r, e, places[r].name, r * each + e + 1);
}

static void
write_file(struct text *text, size_t regions, const char *services)
{
	add(text, "regions:\n");
	for (size_t r = 0; r < regions; r++)
		add(text, "  %s: {at: [%.1f, %.1f]}\n", places[r].name,
		    places[r].latitude, places[r].longitude);
	add(text, "pools:\n");
	add_pool(text, "v1", "", regions, 1);
	add_pool(text, "v2", "", regions, 1);
	add_pool(text, "p2", "", regions, 2);
	add_pool(text, "p12", "", regions, STEERED_MAX_PICKS);
	add_pool(text, "sites", "    kind: edge\n    spread: 3\n", regions,
	    STEERED_MAX_PICKS);
	add(text, "services:\n%s", services);
}

struct steered *
steered_create(
    const struct geography *geo, size_t regions, const char *services)
{
	struct steered *s = calloc(1, sizeof(*s));
	struct text *text = calloc(1, sizeof(*text));
	struct policy_input input = {"bench.example", NULL};
	struct errbuf eb;

	if (s == NULL || text == NULL)
		fail("no memory");
	errbuf_init(&eb);
	write_file(text, regions, services);
	s->config =
	    steering_config_parse("scopes.yaml", text->bytes, text->n, &eb);
	free(text);
	if (s->config == NULL)
		fail(eb.text);
	input.config = s->config;
	s->maps = map_set_create(geo);
	if (s->maps == NULL)
		fail("no memory");
	s->policy = policy_build(&input, 1, s->maps, NULL, &eb);
	if (s->policy == NULL)
		fail(eb.text);
	s->live = live_create(s->policy);
	if (s->live == NULL)
		fail("no memory");
	memset(s->live->endpoint, USABLE_YES, s->live->n_endpoints);
	live_judge(s->live, s->policy);
	return s;
}

void
steered_destroy(struct steered *s)
{
	if (s == NULL)
		return;
	live_destroy(s->live);
	policy_destroy(s->policy);
	map_set_destroy(s->maps);
	steering_config_destroy(s->config);
	free(s);
}

static const struct policy_service *
service_at(const struct steered *s, size_t service)
{
	return &s->policy->zones[0].services[service];
}

static struct address
address_of(uint32_t network)
{
	return (struct address){4,
	    {(uint8_t)(network >> 16), (uint8_t)(network >> 8),
		(uint8_t)network}};
}

void
steered_ask_name(const struct steered *s, size_t service, const uint8_t *owner,
    uint8_t len, uint32_t network, struct decision *out)
{
	struct client client = {address_of(network), 24};
	struct answer_request request = {.form = FORM_IPV4,
	    .owner = owner,
	    .owner_len = len,
	    .client = &client,
	    .sender = &client.address};

	ladder_decide(
	    service_at(s, service), s->policy, s->live, &request, NULL, out);
}

void
steered_ask(const struct steered *s, size_t service, uint32_t network,
    struct decision *out)
{
	static const uint8_t owner[] = "\1s\5bench\7example";

	steered_ask_name(s, service, owner, sizeof(owner), network, out);
}

unsigned
steered_length(const struct decision *decision)
{
	return decision->scope > 24 ? 24 : decision->scope;
}

uint8_t
steered_first(
    const struct steered *s, size_t service, uint32_t network, unsigned *length)
{
	struct address address = address_of(network);
	struct map_leaf leaf;

	map_lookup(service_at(s, service)->map, &address, &leaf);
	*length = leaf.depth > 24 ? 24 : leaf.depth;
	if (leaf.private_length > 0)
		return FIRST_PRIVATE;
	for (unsigned i = 0; i < leaf.class->n; i++)
		if (leaf.class->inside >> leaf.class->order[i] & 1)
			return leaf.class->order[i];
	return FIRST_PRIVATE - 1;
}

size_t
steered_leaves(const struct steered *s, size_t service)
{
	return map_size(service_at(s, service)->map).leaves;
}
