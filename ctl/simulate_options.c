/* Reads the command line of meridianctl simulate by a table: of each option the
 * form, the range, what is usual and where it goes. */
#include "ctl/simulate_options.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/nearest.h"
#include "base/number.h"
#include "config/scalar.h"
#include "ctl/simulate_plan.h"

#define PPM 1000000
#define DAY_S 86400

/* A resolver takes some hundred bytes, and each network behind one that
 * forwards client subnets as much: 280 MB were measured of the most. */
#define RESOLVERS_MOST 100000
#define NETWORKS_MOST 1000
#define CACHES_MOST 2000000

/* Of an uneven network, which is a /16, there are as many. */
#define UNEVEN_PARTS 16

/* No option here has a letter but -j and -q. */
enum key {
	REGION = 256,
	POOL,
	ENDPOINT,
	FOR,
	SETTLE,
	LOAD,
	DEMAND,
	RESOLVERS,
	ZIPF,
	SUBNETS,
	NETWORKS,
	UNEVEN,
	REQUESTS,
	TTL,
	STRETCH,
	STRETCH_TO,
	HELD,
	LAG,
	NOISE,
	SEED,
	TIMES,
	SWING,
	LATE,
	TO,
	OVER,
	LAW,
	COMPARE,
	CSV,
	SVG
};

static const struct option_row options[] = {
    {REGION, "region", "NAME", "that it happens to (that with most clients)"},
    {POOL, "pool", "NAME", "that grows (the last of the split)"},
    {ENDPOINT, "endpoint", "NAME", "that is slow (the first of the region)"},
    {FOR, "for", "TIME", "it lasts (by scenario: 30m, 1h, 24h)"},
    {SETTLE, "settle", "TIME", "goes before, and is not judged (15m)"},
    {LOAD, "load", "SHARE", "all demand, of all capacity (85%)"},
    {DEMAND, "demand", "LIST",
	"where it is: us-east=30%,eu-west=70% (by addresses)"},
    {RESOLVERS, "resolvers", "N", "that ask (400)"},
    {ZIPF, "zipf", "X", "how uneven their sizes are (0.9)"},
    {SUBNETS, "subnets", "N", "of the largest forward client subnets (10)"},
    {NETWORKS, "networks", "N", "of clients behind each of these (100)"},
    {UNEVEN, "uneven", NULL, "they differ in size as real ones do"},
    {REQUESTS, "requests", "N", "of all clients a second (10000)"},
    {TTL, "ttl", "TIME", "of answers (the file's ttl: max)"},
    {STRETCH, "stretch", "SHARE", "of resolvers keep answers longer (0%)"},
    {STRETCH_TO, "stretch-to", "TIME", "so long at least (5m)"},
    {HELD, "held", "TIME", "a request is worked on (20s)"},
    {LAG, "lag", "TIME", "metrics are late (5s)"},
    {NOISE, "noise", "SHARE", "of what answers are counted (20%)"},
    {SEED, "seed", "N", "of all that is drawn (1)"},
    {TIMES, "times", "X", "flash: so many times the demand (2)"},
    {SWING, "swing", "SHARE", "wave: of demand, by the hour (30%)"},
    {LATE, "late", "TIME", "slow-metrics: so late (1m)"},
    {TO, "to", "SHARE", "ramp: its end (20%)"},
    {OVER, "over", "TIME", "drain: it takes so long (0s)"},
    {LAW, "law", "NAME",
	"product, nearest, weights, least, headroom, reactive"},
    {COMPARE, "compare", NULL, "all laws, a row for each"},
    {CSV, "csv", "FILE", "write a row for each moment and region"},
    {SVG, "svg", "FILE", "write a plot"},
    {'j', "json", NULL, "print one JSON object"},
    {'q', "quiet", NULL, "no bar while it runs"},
    {0},
};

static const struct options_usage usage = {
    .program = "meridianctl simulate",
    .synopsis =
	"meridianctl [-c FILE] simulate [SERVICE] [SCENARIO ...] [OPTION ...]",
    .about =
	"Tries what happens to a service before it does: resolvers with "
	"caches ask, the\n"
	"files decide as the server would, load is steered as meridian-probe "
	"would.\n"
	"Scenarios: steady, wave, flash, outage, slow-metrics, slow, ramp, "
	"drain, n-1.\n"
	"Status: 0 done, 1 it cannot be simulated, or written.\n",
    .rows = options,
};

/* Forms of values. */
enum form { NUMBER, DECIMAL, SHARE, SECONDS };

/* Options that are a number; the range is of what is stored: millionths,
 * seconds. */
static const struct number_row {
	int key;
	enum form form;
	uint32_t min, max;
	size_t offset;
} numbers[] = {
#define AT(field) offsetof(struct simulate_options, field)
    {FOR, SECONDS, 60, 7 * DAY_S, AT(for_s)},
    {SETTLE, SECONDS, 0, DAY_S, AT(settle_s)},
    {LOAD, SHARE, PPM / 100, 10 * PPM, AT(load)},
    {RESOLVERS, NUMBER, 1, RESOLVERS_MOST, AT(resolvers)},
    {ZIPF, DECIMAL, 0, 3 * PPM, AT(zipf)},
    {SUBNETS, NUMBER, 0, RESOLVERS_MOST, AT(subnets)},
    {NETWORKS, NUMBER, 1, NETWORKS_MOST, AT(networks)},
    {REQUESTS, NUMBER, 1, 100000000, AT(requests)},
    {TTL, SECONDS, 1, DAY_S, AT(ttl_s)},
    {STRETCH, SHARE, 0, PPM, AT(stretch)},
    {STRETCH_TO, SECONDS, 1, DAY_S, AT(stretch_s)},
    {HELD, SECONDS, 1, 3600, AT(held_s)},
    {LAG, SECONDS, 0, 600, AT(lag_s)},
    {NOISE, SHARE, 0, PPM, AT(noise)},
    {SEED, NUMBER, 0, UINT32_MAX, AT(seed)},
    {TIMES, DECIMAL, 0, 100 * PPM, AT(times)},
    {SWING, SHARE, 0, PPM, AT(swing)},
    {LATE, SECONDS, 0, 600, AT(late_s)},
    {TO, SHARE, 0, PPM, AT(to)},
    {OVER, SECONDS, 0, DAY_S, AT(over_s)},
#undef AT
};

static const char *
name_of(int key)
{
	const struct option_row *row = options;

	while (row->key != key)
		row++;
	return row->name;
}

static int
parse(const struct number_row *row, const char *text, uint32_t *out)
{
	int64_t n = 0;
	uint64_t whole;

	switch (row->form) {
	case NUMBER:
		if (number_parse(
			text, strlen(text), row->min, row->max, &whole) != 0)
			return -1;
		*out = (uint32_t)whole;
		return 0;
	case SHARE:
		if (scalar_parse_share(text, row->max, out) != 0)
			return -1;
		return *out < row->min ? -1 : 0;
	case DECIMAL:
		if (number_decimal(text, strlen(text), 6, &n) != 0)
			return -1;
		break;
	case SECONDS:
		if (scalar_parse_ms(text, &n) != 0 || n % 1000 != 0)
			return -1;
		n /= 1000;
		break;
	}
	if (n < row->min || n > row->max)
		return -1;
	*out = (uint32_t)n;
	return 0;
}

/* What is accepted, of an option that has another value. */
static int
refuse(const struct options *o, const struct number_row *row)
{
	char min[SCALAR_MS_TEXT], max[SCALAR_MS_TEXT];

	switch (row->form) {
	case NUMBER:
		return options_refuse(o,
		    "--%s \"%s\": a whole number from %" PRIu32 " to %" PRIu32
		    " is accepted",
		    name_of(row->key), o->value, row->min, row->max);
	case DECIMAL:
		return options_refuse(o,
		    "--%s \"%s\": a number from %g to %g is accepted",
		    name_of(row->key), o->value, row->min / (double)PPM,
		    row->max / (double)PPM);
	case SHARE:
		return options_refuse(o,
		    "--%s \"%s\": a share from %g%% to %g%% is accepted",
		    name_of(row->key), o->value, 100.0 * row->min / PPM,
		    100.0 * row->max / PPM);
	case SECONDS:
		break;
	}
	return options_refuse(o,
	    "--%s \"%s\": a duration of whole seconds (5s, 1m, 2h) from %s to "
	    "%s is accepted",
	    name_of(row->key), o->value,
	    scalar_show_ms(UINT64_C(1000) * row->min, min),
	    scalar_show_ms(UINT64_C(1000) * row->max, max));
}

/* A number.  -1 to go on; else the exit status. */
static int
read_number(struct simulate_options *out, int key, const struct options *o)
{
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		const struct number_row *row = &numbers[i];
		uint32_t value;

		if (row->key != key)
			continue;
		if (parse(row, o->value, &value) != 0)
			return refuse(o, row);
		memcpy((char *)out + row->offset, &value, sizeof(value));
	}
	return -1;
}

static int
read_law(struct simulate_options *out, const struct options *o)
{
	struct nearest nearest;

	nearest_init(&nearest, o->value);
	for (unsigned i = 0; i < RIVALS; i++) {
		const char *name = rivals_name((enum rival)i);

		nearest_offer(&nearest, name);
		if (strcmp(name, o->value) == 0) {
			out->law = (enum rival)i;
			return -1;
		}
	}
	return options_refuse(o, "there is no law \"%s\"%s%s%s", o->value,
	    nearest.best != NULL ? "; did you mean \"" : "",
	    nearest.best != NULL ? nearest.best : "",
	    nearest.best != NULL ? "\"?" : "");
}

/* -1 to go on; else the exit status. */
static int
read_option(struct simulate_options *out, int key, const struct options *o)
{
	switch (key) {
	case REGION:
		out->region = o->value;
		return -1;
	case POOL:
		out->pool = o->value;
		return -1;
	case ENDPOINT:
		out->endpoint = o->value;
		return -1;
	case UNEVEN:
		out->uneven = true;
		return -1;
	case DEMAND:
		out->demand = o->value;
		return -1;
	case CSV:
		out->csv = o->value;
		return -1;
	case SVG:
		out->svg = o->value;
		return -1;
	case COMPARE:
		out->compare = true;
		return -1;
	case 'j':
		out->json = true;
		return -1;
	case 'q':
		out->quiet = true;
		return -1;
	case LAW:
		return read_law(out, o);
	default:
		return read_number(out, key, o);
	}
}

/* What several options say together. */
static int
check(const struct simulate_options *s, const struct options *o)
{
	uint64_t each = (uint64_t)s->networks * (s->uneven ? UNEVEN_PARTS : 1);
	uint64_t caches = s->resolvers + s->subnets * each;

	if (s->subnets > s->resolvers)
		return options_refuse(o,
		    "--subnets %" PRIu32 ": there are %" PRIu32 " resolvers",
		    s->subnets, s->resolvers);
	if (caches > CACHES_MOST)
		return options_refuse(o,
		    "%" PRIu32 " resolvers with %" PRIu32 " networks each are "
		    "too many: --resolvers and --subnets times --networks%s "
		    "may come to %d, which take some 300 MB",
		    s->subnets, s->networks,
		    s->uneven ? " times 16 (--uneven)" : "", CACHES_MOST);
	if (s->compare && s->law != RIVAL_NONE)
		return options_refuse(o,
		    "--law and --compare exclude each "
		    "other");
	if (o->n_words > SIMULATE_SCENARIOS)
		return options_refuse(o,
		    "a service and at most %d scenarios "
		    "are accepted",
		    SIMULATE_SCENARIOS - 1);
	return -1;
}

int
simulate_options_read(struct simulate_options *out, int argc, char **argv)
{
	struct options o;
	int key, status = -1;

	*out = (struct simulate_options){
	    .settle_s = 900,
	    .held_s = 20,
	    .lag_s = 5,
	    .late_s = 60,
	    .stretch_s = 300,
	    .resolvers = 400,
	    .subnets = 10,
	    .networks = 100,
	    .requests = 10000,
	    .seed = 1,
	    .load = 850000,
	    .noise = 200000,
	    .swing = 300000,
	    .to = 200000,
	    .zipf = 900000,
	    .times = 2 * PPM,
	    .law = RIVAL_NONE,
	};
	options_begin(&o, &usage, argc, argv);
	while (status < 0 && (key = options_next(&o)) >= 0)
		status = read_option(out, key, &o);
	if (status >= 0 || o.status >= 0)
		return status >= 0 ? status : o.status;
	status = check(out, &o);
	if (status >= 0)
		return status;
	for (int i = 0; i < o.n_words; i++)
		out->words[out->n_words++] = o.words[i];
	return -1;
}
