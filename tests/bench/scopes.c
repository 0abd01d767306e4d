/*
 * What a resolver that sends client subnets has to keep: for maps by country
 * and by city, with 2, 4 and 12 regions, without a split, with splits, and with
 * several endpoints a region, beside the least that is possible; and what a
 * split errs when traffic is uneven.  `make bench-scopes` runs it in full,
 * `make check` a cut of it.  Exits with status 1 when a promise is broken.
 *
 * Every decision is made by the code that answers queries.
 *
 * Usage: scopes [DATABASE...]: in place of the two that $B has.
 */
#include <math.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/bench/population.h"
#include "tests/bench/steered.h"
#include "tests/full.h"

#define SEED 1
#define CLIENTS 1000000
/* Services that a deviation is taken over: of splits, and of picks. */
#define SPLITS 40
#define CUT_SPLITS 8
#define PICKS 6
#define CUT_PICKS 1

/* Without a split a resolver keeps at most so many times the least. */
#define MOST_OF_LEAST 1.1
/* Of the model: its errors are as uncertain as ours. */
#define SERVICES_OF_MODEL 40
/* Ways in which traffic is uneven, that errors are taken over. */
#define MAX_WAYS 4

static const unsigned blocks[] = {12, 14, 16};
static const unsigned shares[] = {1, 5, 50};
#define BLOCKS 3
#define SHARES 3

/*
 * What is promised of each split in each block: how many times fewer entries
 * than one a /24 with the country map and four regions, and how far its share
 * of uneven traffic is off, in points.  Figures of a model, in which the map
 * without a split came to 10.9.
 */
static const struct {
	double entries, error;
} promised[SHARES][BLOCKS] = {{{8.9, 0.12}, {6.2, 0.045}, {3.3, 0.022}},
    {{8.9, 0.57}, {6.2, 0.20}, {3.3, 0.06}},
    {{10.6, 1.60}, {9.4, 1.47}, {5.7, 0.09}}};

/* Kinds of services: none is split, some by blocks, some have several endpoints
 * a region, with sticky prefixes. */
static const struct {
	unsigned endpoints, sticky;
} picks[] = {{2, 16}, {2, 20}, {12, 16}, {12, 20}};
#define KINDS_OF_PICKS 4

#define PLAIN 0
#define FIRST_SPLIT 1
#define FIRST_PICK (FIRST_SPLIT + SHARES * BLOCKS)
#define KINDS (FIRST_PICK + KINDS_OF_PICKS)
#define MAX_TEXT 100000

static bool broken;

static void say(const char *format, ...) __attribute__((format(printf, 1, 2)));
static void
say(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	printf("measured: ");
	vprintf(format, arguments);
	printf("\n");
	va_end(arguments);
	fflush(stdout);
}

/* Say that ${value} breaks a promise, unless it ${holds}. */
static void
promise(bool holds, const char *what, double value, double limit)
{
	if (holds)
		return;
	printf("BROKEN: %s: %.3f, promised %.3f\n", what, value, limit);
	broken = true;
}

/* Services. */

/* The text of service number ${i} of a kind, which is its name's end. */
static void
describe(char *text, size_t *n, size_t kind, size_t i)
{
	size_t room = MAX_TEXT - *n;
	int added;

	if (kind == PLAIN)
		added =
		    snprintf(text + *n, room, "  plain-%zu: {pool: v1}\n", i);
	else if (kind < FIRST_PICK) {
		size_t split = kind - FIRST_SPLIT;
		unsigned share = shares[split / BLOCKS];

		added = snprintf(text + *n, room,
		    "  s%zu-%zu: {split: {v1: %u, v2: %u}, "
		    "split_block: {ipv4: %u}}\n",
		    kind, i, 100 - share, share, blocks[split % BLOCKS]);
	} else
		added = snprintf(text + *n, room,
		    "  p%zu-%zu: {pool: p%u, sticky: {ipv4: %u}}\n", kind, i,
		    picks[kind - FIRST_PICK].endpoints,
		    picks[kind - FIRST_PICK].sticky);
	if (added < 0 || (size_t)added >= room)
		abort();
	*n += (size_t)added;
}

/* A zone with ${each} services of each kind from ${first} on, before ${end}. */
static struct steered *
make_services(const struct geography *geo, size_t regions, size_t first,
    size_t end, size_t each)
{
	static char text[MAX_TEXT];
	size_t n = 0;

	for (size_t kind = first; kind < end; kind++)
		for (size_t i = 0; i < each; i++)
			describe(text, &n, kind, i);
	return steered_create(geo, regions, text);
}

/* Entries. */

/* How many prefixes hold the answers of ${service} for all ${networks}: those
 * in one prefix are answered once. */
static size_t
count_entries(const struct steered *steered, size_t service,
    const uint32_t *networks, size_t n)
{
	uint32_t end = 0;
	size_t entries = 0;

	for (size_t i = 0; i < n; i++) {
		struct decision d;
		unsigned free_bits;

		if (networks[i] < end)
			continue;
		steered_ask(steered, service, networks[i], &d);
		free_bits = 24 - steered_length(&d);
		end = ((networks[i] >> free_bits) + 1) << free_bits;
		entries++;
	}
	return entries;
}

#define MIXED 253

/* The first regions of all /24, then of all /23... up to the whole space, MIXED
 * where they differ: level[l] has 2^l of them. */
static void
find_levels(const struct steered *steered, uint8_t *level[25])
{
	unsigned length;

	for (unsigned l = 0; l <= 24; l++) {
		level[l] = malloc((size_t)1 << l);
		if (level[l] == NULL)
			abort();
	}
	for (uint32_t i = 0; i < POPULATION_NETWORKS;) {
		uint8_t region = steered_first(steered, PLAIN, i, &length);
		uint32_t size = UINT32_C(1) << (24 - length);

		memset(level[24] + i, region, size);
		i += size;
	}
	for (unsigned l = 24; l-- > 0;)
		for (uint32_t i = 0; i < UINT32_C(1) << l; i++)
			level[l][i] =
			    level[l + 1][2 * i] == level[l + 1][2 * i + 1]
			    ? level[l + 1][2 * i]
			    : MIXED;
}

/* The least: the number of widest prefixes, of those that hold some of
 * ${networks}, whose clients have one first region. */
static size_t
count_least(const struct steered *steered, const uint32_t *networks, size_t n)
{
	uint8_t *level[25];
	uint32_t end = 0;
	size_t least = 0;

	find_levels(steered, level);
	for (size_t i = 0; i < n; i++) {
		unsigned l = 24;

		if (networks[i] < end)
			continue;
		while (l > 0 && level[l - 1][networks[i] >> (25 - l)] != MIXED)
			l--;
		end = ((networks[i] >> (24 - l)) + 1) << (24 - l);
		least++;
	}
	for (unsigned l = 0; l <= 24; l++)
		free(level[l]);
	return least;
}

/* One row of the table: ${regions} over ${geo}. */
static void
show_entries(const struct geography *geo, const char *name, size_t regions,
    const uint32_t *networks, size_t n, bool country)
{
	struct steered *steered = make_services(geo, regions, 0, KINDS, 1);
	size_t least = count_least(steered, networks, n);
	double all = (double)n, factor[KINDS], limit;
	char what[128];

	for (size_t kind = 0; kind < KINDS; kind++)
		factor[kind] =
		    all / (double)count_entries(steered, kind, networks, n);
	say("%-8s %2zu %8zu %6.2f %6.2f | %5.2f %5.2f %5.2f | %5.2f %5.2f "
	    "%5.2f | %5.2f %5.2f %5.2f | %5.2f %5.2f %5.2f %5.2f",
	    name, regions, steered_leaves(steered, PLAIN), all / (double)least,
	    factor[0], factor[1], factor[2], factor[3], factor[4], factor[5],
	    factor[6], factor[7], factor[8], factor[9], factor[10], factor[11],
	    factor[12], factor[13]);
	steered_destroy(steered);
	limit = all / (double)least / MOST_OF_LEAST;
	snprintf(
	    what, sizeof(what), "%s map, %zu regions, no split", name, regions);
	promise(factor[PLAIN] >= limit, what, factor[PLAIN], limit);
	for (size_t i = 0; country && regions == 4 && i < SHARES * BLOCKS;
	     i++) {
		limit = promised[i / BLOCKS][i % BLOCKS].entries;
		snprintf(what, sizeof(what), "%u %% in blocks of %u: entries",
		    shares[i / BLOCKS], blocks[i % BLOCKS]);
		promise(factor[FIRST_SPLIT + i] >= limit, what,
		    factor[FIRST_SPLIT + i], limit);
	}
}

/* Errors. */

/* Where the traffic of a service goes, in each of its ways. */
struct parts {
	double endpoint[STEERED_MAX_ENDPOINTS][MAX_WAYS];
	double second[MAX_WAYS]; /* to the second pool */
	double all[MAX_WAYS];
	uint8_t region[STEERED_MAX_ENDPOINTS];
};

/* Uneven traffic: population_traffic(). */
struct traffic {
	float *networks;
	size_t ways;
};

static void
add_traffic(const struct traffic *traffic, uint32_t network,
    const struct decision *d, struct parts *parts)
{
	for (size_t way = 0; way < traffic->ways; way++) {
		double here =
		    (double)traffic->networks[network * traffic->ways + way];

		parts->endpoint[d->endpoint[0]][way] += here;
		parts->second[way] += d->member != 0 ? here : 0;
		parts->all[way] += here;
	}
	parts->region[d->endpoint[0]] = d->region;
}

/* Send all traffic to ${service}; what one prefix shares is asked for once. */
static void
send_traffic(const struct steered *steered, size_t service,
    const struct traffic *traffic, struct parts *parts)
{
	struct decision d;
	uint32_t end = 0;

	*parts = (struct parts){0};
	for (uint32_t i = 0; i < POPULATION_NETWORKS; i++) {
		if (traffic->networks[i * traffic->ways] == 0)
			continue;
		if (i >= end) {
			unsigned free_bits;

			steered_ask(steered, service, i, &d);
			free_bits = 24 - steered_length(&d);
			end = ((i >> free_bits) + 1) << free_bits;
			if (d.n == 0 || d.endpoint[0] >= STEERED_MAX_ENDPOINTS)
				abort();
		}
		add_traffic(traffic, i, &d, parts);
	}
}

/* The deviation of the share of traffic from what the file says, in points. */
static double
split_error(const struct geography *geo, size_t kind, size_t services,
    const struct traffic *traffic)
{
	struct steered *steered =
	    make_services(geo, 4, kind, kind + 1, services);
	size_t split = (kind - FIRST_SPLIT) / BLOCKS;
	double share = shares[split] / 100.0;
	double squares = 0;

	for (size_t i = 0; i < services; i++) {
		struct parts parts;

		send_traffic(steered, i, traffic, &parts);
		for (size_t way = 0; way < traffic->ways; way++)
			squares +=
			    pow(parts.second[way] / parts.all[way] - share, 2);
	}
	steered_destroy(steered);
	return 100 * sqrt(squares / (double)(services * traffic->ways));
}

/* The traffic of the busiest endpoint of each region, over regions. */
static double
sum_of_most(const struct parts *parts, size_t way)
{
	double most[STEERED_MAX_REGIONS] = {0}, sum = 0;

	for (size_t e = 0; e < STEERED_MAX_ENDPOINTS; e++) {
		double *m = &most[parts->region[e]];

		*m = fmax(*m, parts->endpoint[e][way]);
	}
	for (size_t r = 0; r < STEERED_MAX_REGIONS; r++)
		sum += most[r];
	return sum;
}

/* How many times its share the busiest endpoint of a region gets, on average
 * over services and, by their traffic, regions. */
static double
find_busiest(const struct geography *geo, size_t kind, size_t services,
    const struct traffic *traffic)
{
	struct steered *steered =
	    make_services(geo, 4, kind, kind + 1, services);
	double sum = 0;

	for (size_t i = 0; i < services; i++) {
		struct parts parts;

		send_traffic(steered, i, traffic, &parts);
		for (size_t way = 0; way < traffic->ways; way++)
			sum += sum_of_most(&parts, way) / parts.all[way];
	}
	steered_destroy(steered);
	return sum * picks[kind - FIRST_PICK].endpoints /
	    (double)(services * traffic->ways);
}

static void
show_splits(const struct geography *geo, const struct traffic *traffic)
{
	size_t services = (size_t)full_size(CUT_SPLITS, SPLITS);
	/* A deviation that is taken of n services is known to 1 / sqrt(2n). */
	double noise = sqrt(0.5 / (double)services + 0.5 / SERVICES_OF_MODEL);
	char what[128];

	say("uneven traffic, country map, 4 regions: error of a split, one "
	    "standard deviation of %zu services, in points",
	    services);
	say("split  in /12   /14   /16");
	for (size_t s = 0; s < SHARES; s++) {
		double error[BLOCKS];

		for (size_t b = 0; b < BLOCKS; b++) {
			double limit = promised[s][b].error * (1 + 2 * noise);

			error[b] = split_error(geo,
			    FIRST_SPLIT + s * BLOCKS + b, services, traffic);
			snprintf(what, sizeof(what),
			    "%u %% in blocks of %u: error", shares[s],
			    blocks[b]);
			promise(error[b] <= limit, what, error[b], limit);
		}
		say("%2u %%    %.3f %.3f %.3f", shares[s], error[0], error[1],
		    error[2]);
	}
}

static void
show_errors(const struct geography *geo)
{
	struct traffic traffic = {.ways = (size_t)full_size(2, MAX_WAYS)};
	size_t services = (size_t)full_size(CUT_PICKS, PICKS);

	traffic.networks = population_traffic(SEED, traffic.ways);
	show_splits(geo, &traffic);
	say("of equal endpoints the busiest of a region gets so many times its "
	    "share");
	for (size_t p = 0; p < KINDS_OF_PICKS; p++)
		say("%2u endpoints, sticky /%u: %.2f", picks[p].endpoints,
		    picks[p].sticky,
		    find_busiest(geo, FIRST_PICK + p, services, &traffic));
	free(traffic.networks);
}

static struct geography *
load(const char *path)
{
	struct geography *geo;
	struct errbuf eb;

	errbuf_init(&eb);
	geo = geography_load(&path, NULL, 1, NULL, &eb);
	if (geo == NULL) {
		fprintf(stderr, "scopes: %s\n", eb.text);
		exit(1);
	}
	return geo;
}

static void
show_map(const char *path, const char *name, bool country)
{
	static const size_t regions[] = {2, 4, 12};
	struct geography *geo = load(path);
	size_t n;
	uint32_t *networks = population_clients(CLIENTS, SEED, &n);

	say("%s, %d random clients in %zu /24; entries, as factor below one a "
	    "/24:",
	    path, CLIENTS, n);
	say("                           no      1 %% in blocks of   5 %% in "
	    "blocks of   50 %% in blocks of  2 endpoints  12 endpoints");
	say("map regions leaves  least  split | /12   /14   /16   | /12   /14 "
	    "  /16   | /12   /14   /16   | /16   /20   /16   /20");
	for (size_t i = 0; i < 3; i++)
		show_entries(geo, name, regions[i], networks, n, country);
	if (country)
		show_errors(geo);
	free(networks);
	geography_destroy(geo);
}

int
main(int argc, char **argv)
{
	const char *build = getenv("B");
	char path[512];

	for (int i = 1; i < argc; i++)
		show_map(argv[i], "given", false);
	if (argc == 1) {
		snprintf(path, sizeof(path), "%s/geo/iptoasn-country.mmdb",
		    build != NULL ? build : "build");
		show_map(path, "country", true);
		snprintf(path, sizeof(path), "%s/geo/city.mmdb",
		    build != NULL ? build : "build");
		show_map(path, "city", false);
	}
	return broken ? 1 : 0;
}
