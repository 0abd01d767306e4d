/*
 * The tables of traffic: by region, with what clients got in place of their
 * first, and by country, with where it is sent and how far that is.  Called by
 * report_table.c.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "ctl/report_table.h"
#include "steering/geo/latency.h"
#include "steering/geo/place.h"

/* Light goes and comes back so many kilometres of glass in a millisecond; real
 * paths are half as long again. */
#define KM_A_MS 67.0

#define MAX_COUNTRIES 1024

/* Regions of one name are one, in whatever zone. */
struct regions {
	const char *name[LATENCY_MAX_REGIONS];
	double answers[LATENCY_MAX_REGIONS];
	size_t n;
};

static size_t
region_number(struct regions *regions, const char *name)
{
	size_t i = 0;

	while (i < regions->n && strcmp(regions->name[i], name) != 0)
		i++;
	if (i == LATENCY_MAX_REGIONS)
		return i - 1;
	if (i == regions->n) {
		regions->n++;
		regions->name[i] = name;
		regions->answers[i] = 0;
	}
	return i;
}

static void
sum_regions(const struct facts *facts, struct regions *regions)
{
	for (size_t i = 0; i < facts->advice.n_services; i++) {
		const struct advice_service *s = &facts->services[i];
		const struct advice_zone *zone = &facts->advice.zones[s->zone];

		for (size_t r = 0; r < zone->n_regions; r++)
			if ((s->regions >> r & 1) != 0 || s->region[r] > 0)
				regions->answers[region_number(regions,
				    zone->regions[r].name)] += s->region[r];
	}
}

static void
add_regions(struct report *report)
{
	struct report_table *t = report_table(report);
	struct regions *regions =
	    facts_array(report->facts, 1, sizeof(*regions));
	double all = 0;

	*t = (struct report_table){.name = "Traffic by region",
	    .key = "regions",
	    .about = "Answers that named endpoints of each region, counted "
		     "exactly.",
	    .empty = "no traffic was counted",
	    .columns = {{"region", "region", false},
		{"answers", "answers", true}, {"share", "share", true}},
	    .n_columns = 3};
	if (regions == NULL)
		return;
	sum_regions(report->facts, regions);
	for (size_t i = 0; i < regions->n; i++)
		all += regions->answers[i];
	for (size_t i = 0; all > 0 && i < regions->n; i++) {
		struct report_row *row = report_row(report, t);

		if (row == NULL)
			return;
		row->cell[0] = regions->name[i];
		row->cell[1] = report_cell(report, "%.0f", regions->answers[i]);
		row->cell[2] = report_cell(
		    report, "%.2f %%", 100 * regions->answers[i] / all);
	}
}

static const char *
percent(struct report *report, double part, double whole)
{
	return whole > 0 ? report_cell(report, "%.2f %%", 100 * part / whole)
			 : "";
}

static int
by_answers(const void *a, const void *b)
{
	const struct advice_service *const *x = a, *const *y = b;

	return (*x)->answers > (*y)->answers ? -1
	    : (*x)->answers < (*y)->answers  ? 1
					     : strcmp((*x)->name, (*y)->name);
}

static void
add_services(struct report *report)
{
	struct facts *facts = report->facts;
	struct report_table *t = report_table(report);
	const struct advice_service **s =
	    facts_array(facts, facts->advice.n_services, sizeof(*s));
	size_t n = 0;

	*t = (struct report_table){.name = "Traffic by service",
	    .key = "services",
	    .about = "What clients got: the first region of their order, "
		     "another one, the last resort, or no address of the "
		     "family they asked for.",
	    .empty = "no traffic was counted",
	    .columns = {{"service", "service", false},
		{"answers", "answers", true}, {"first", "first", true},
		{"elsewhere", "elsewhere", true},
		{"last resort", "last_resort", true},
		{"no address", "nodata", true}, {"subnet", "subnet", true}},
	    .n_columns = 7};
	for (size_t i = 0; s != NULL && i < facts->advice.n_services; i++)
		if (facts->services[i].answers > 0)
			s[n++] = &facts->services[i];
	if (n > 0)
		qsort(s, n, sizeof(*s), by_answers);
	for (size_t i = 0; i < n; i++) {
		struct report_row *row = report_row(report, t);

		if (row == NULL)
			return;
		row->cell[0] = s[i]->name;
		row->cell[1] = report_cell(report, "%.0f", s[i]->answers);
		row->cell[2] = percent(report, s[i]->first, s[i]->answers);
		row->cell[3] = percent(report, s[i]->elsewhere, s[i]->answers);
		row->cell[4] = percent(report, s[i]->resort, s[i]->answers);
		row->cell[5] = percent(report, s[i]->nodata, s[i]->answers);
		row->cell[6] = percent(report, s[i]->subnet, s[i]->answers);
	}
}

/* --- countries --- */

struct country {
	char code[3];
	double answers;
	double km, ms; /* times answers of those it is known of */
	double known, measured, timed;
	struct {
		const char *name;
		double answers;
	} regions[STEERING_MAX_REGIONS];
	size_t n_regions;
};

struct countries {
	struct country list[MAX_COUNTRIES];
	size_t n;
};

static struct country *
country_of(struct countries *all, const char *code)
{
	size_t i = 0;

	while (i < all->n && strcmp(all->list[i].code, code) != 0)
		i++;
	if (i == MAX_COUNTRIES)
		return NULL;
	if (i == all->n) {
		all->list[all->n++] = (struct country){.answers = 0};
		memcpy(all->list[i].code, code, sizeof(all->list[i].code));
	}
	return &all->list[i];
}

/* Measured, of the clients of the country as a whole; NAN: it was not. */
static double
measured_ms(const struct latency *latency, const char *code, const char *region)
{
	const struct latency_cell *cells;
	uint32_t row;
	size_t n;

	if (latency == NULL || code[0] == '\0')
		return NAN;
	row = latency_of_country(latency, code);
	if (row == LATENCY_NONE)
		return NAN;
	cells = latency_cells(latency, row, &n);
	for (size_t i = 0; i < n; i++)
		if (strcmp(latency_region(latency, cells[i].region), region) ==
		    0)
			return cells[i].rtt_us / 1000.0;
	return NAN;
}

static void
add_to_region(struct country *to, const char *name, double answers)
{
	size_t i = 0;

	while (i < to->n_regions && strcmp(to->regions[i].name, name) != 0)
		i++;
	if (i == STEERING_MAX_REGIONS)
		return;
	if (i == to->n_regions) {
		to->regions[i].name = name;
		to->regions[i].answers = 0;
		to->n_regions++;
	}
	to->regions[i].answers += answers;
}

static void
add_region_of(struct country *to, const struct facts *facts,
    const struct advice_country *c, const struct advice_region *r,
    double answers)
{
	double km, ms = measured_ms(facts->g->latency, c->code, r->name);

	to->answers += answers;
	add_to_region(to, r->name, answers);
	if (c->has_position) {
		km = place_distance_km(
		    c->latitude, c->longitude, r->latitude, r->longitude);
		to->known += answers;
		to->km += answers * km;
		to->ms += answers * (isnan(ms) ? km / KM_A_MS : ms);
		to->timed += answers;
		to->measured += isnan(ms) ? 0 : answers;
	}
}

static void
sum_countries(const struct facts *facts, struct countries *all)
{
	for (size_t i = 0; i < facts->advice.n_services; i++) {
		const struct advice_service *s = &facts->services[i];
		const struct advice_zone *zone = &facts->advice.zones[s->zone];

		for (size_t c = 0; c < s->n_countries; c++) {
			struct country *to =
			    country_of(all, s->countries[c].code);

			for (size_t r = 0; to != NULL && r < zone->n_regions;
			     r++)
				if (s->countries[c].region[r] > 0)
					add_region_of(to, facts,
					    &s->countries[c], &zone->regions[r],
					    s->countries[c].region[r]);
		}
	}
}

static int
by_traffic(const void *a, const void *b)
{
	const struct country *x = a, *y = b;

	return x->answers > y->answers ? -1
	    : x->answers < y->answers  ? 1
				       : strcmp(x->code, y->code);
}

static void
fill_country(struct report *report, struct report_row *row,
    const struct country *c, double all)
{
	size_t most = 0;

	row->cell[0] = c->code[0] != '\0' ? report_cell(report, "%s", c->code)
					  : "not known";
	row->cell[1] = report_cell(report, "%.0f", c->answers);
	row->cell[2] = percent(report, c->answers, all);
	for (size_t i = 1; i < c->n_regions; i++)
		if (c->regions[i].answers > c->regions[most].answers)
			most = i;
	if (c->n_regions > 0) {
		row->cell[3] = c->regions[most].name;
		row->cell[4] =
		    percent(report, c->regions[most].answers, c->answers);
	}
	if (c->known <= 0)
		return;
	row->cell[5] = report_cell(report, "%.0f", c->km / c->known);
	row->cell[6] = report_cell(report, "%.0f", c->ms / c->timed);
	row->cell[7] = c->measured >= c->timed ? "measured"
	    : c->measured > 0                  ? "in part"
					       : "by distance";
}

static void
add_countries(struct report *report)
{
	struct facts *facts = report->facts;
	struct report_table *t = report_table(report);
	struct countries *all = facts_array(facts, 1, sizeof(*all));
	double sum = 0;

	*t = (struct report_table){.name = "Traffic by country",
	    .key = "countries",
	    .about = facts->sample > 0
		? report_cell(report,
		      "Where clients are sent, and the round trip to expect: "
		      "estimated from 1 answer in %u.",
		      facts->sample)
		: "Where clients are sent, and the round trip to expect.",
	    .empty = "no answer was looked up",
	    .columns = {{"country", "country", false},
		{"answers", "answers", true}, {"share", "share", true},
		{"most go to", "region", false}, {"of it", "of_it", true},
		{"km", "km", true}, {"ms", "round_trip_ms", true},
		{"ms is", "ms_is", false}},
	    .n_columns = 8};
	if (all == NULL)
		return;
	sum_countries(facts, all);
	if (all->n > 0)
		qsort(all->list, all->n, sizeof(all->list[0]), by_traffic);
	for (size_t i = 0; i < all->n; i++)
		sum += all->list[i].answers;
	for (size_t i = 0; i < all->n; i++) {
		struct report_row *row = report_row(report, t);

		if (row == NULL)
			return;
		fill_country(report, row, &all->list[i], sum);
	}
}

void
report_traffic(struct report *report)
{
	add_regions(report);
	add_services(report);
	add_countries(report);
}
