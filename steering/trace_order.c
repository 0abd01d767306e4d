/*
 * Says what the ranking of a client says.  Called by trace.c when there is a
 * trace, never for a query.
 */
#include "steering/trace_order.h"

#include <inttypes.h>

#include "steering/clients_words.h"
#include "steering/geo/ranking.h"

static const struct service_config *
service_of(const struct walk *w)
{
	return &w->service->config->services[w->service->config_index];
}

/* ${n} of which ${unit} are one, without zeros at its end. */
static void
add_decimal(struct text *t, uint64_t n, uint64_t unit)
{
	uint64_t part = n % unit;
	int digits = 0;

	text_add(t, "%" PRIu64, n / unit);
	for (uint64_t u = unit; u > 1; u /= 10)
		digits++;
	for (; part > 0 && part % 10 == 0; digits--)
		part /= 10;
	if (part > 0)
		text_add(t, ".%0*" PRIu64, digits, part);
}

/* Microseconds or kilometres as they are shown. */
static void
add_way(struct text *t, const struct standing *s, uint64_t n)
{
	if (s->measured)
		add_decimal(t, n, 1000);
	else
		text_add(t, "%" PRIu64, n);
}

/* "eu-west 21 ms (AS64500, 3 samples)", "eu-west 1122 km (bias 10: counts as
 * 1009)". */
static void
add_standing(const struct walk *w, struct text *t, const struct standing *s)
{
	const struct region_config *r = &w->service->config->regions[s->region];
	const char *before = " (";
	char row[LATENCY_TEXT];

	text_add(t, "%s", r->name);
	if (!s->measured && !s->located)
		return;
	text_add(t, " ");
	add_way(t, s, s->measured ? s->cell.rtt_us : s->km);
	text_add(t, s->measured ? " ms" : " km");
	if (s->measured) {
		text_add(t, "%s%s", before,
		    latency_show(w->trace->ranking->latency, s->row, row));
		before = "; ";
		if (s->cell.samples > 0)
			text_add(t, ", %" PRIu32 " sample%s", s->cell.samples,
			    s->cell.samples > 1 ? "s" : "");
	}
	if (r->bias != 0) {
		text_add(t, "%sbias %d: counts as ", before, r->bias);
		add_way(t, s, s->counts / 100);
	}
	if (s->measured || r->bias != 0)
		text_add(t, ")");
}

/* " (within 15%)", or 10ms, or 200km. */
static void
add_near(struct text *t, const struct service_config *service)
{
	text_add(t, "near equal (within ");
	switch (service->near_kind) {
	case NEAR_SHARE:
		add_decimal(t, service->near_equal, 10000);
		text_add(t, " %%");
		break;
	case NEAR_TIME:
		add_decimal(t, service->near_equal, 1000);
		text_add(t, " ms");
		break;
	case NEAR_WAY:
		text_add(t, "%" PRIu32 " km", service->near_equal);
		break;
	case NEAR_NONE:
		break;
	}
	text_add(t, "): ");
}

/* Whether the band of number ${i} has others; its costs decided then. */
static bool
in_band(const struct ranking *ranking, unsigned i)
{
	const struct standing *s = &ranking->regions[i];

	return (i > 0 && s[-1].band == s->band) ||
	    (i + 1 < ranking->n && s[1].band == s->band);
}

static void
add_ranking(const struct walk *w, struct text *t)
{
	const struct service_config *service = service_of(w);
	const struct ranking *ranking = w->trace->ranking;
	bool bands = false;

	for (unsigned i = 0; i < ranking->n; i++)
		bands = bands || in_band(ranking, i);
	for (unsigned i = 0; i < ranking->n; i++) {
		const struct standing *s = &ranking->regions[i];
		bool begins = i == 0 || s[-1].band != s->band;

		if (i > 0)
			text_add(t, begins && bands ? "; then " : ", ");
		if (begins && in_band(ranking, i))
			add_near(t, service);
		add_standing(w, t, s);
		if (!in_band(ranking, i))
			continue;
		text_add(t, " at cost ");
		add_decimal(t, s->cost, STEERING_COST_UNIT);
	}
}

/* The order alone, where nobody knows more of it. */
static void
add_names(const struct walk *w, struct text *t)
{
	const struct client_class *class = w->class;
	const char *before = "";

	for (unsigned i = 0; i < class->n; i++) {
		if (!(class->lifted >> class->order[i] & 1))
			continue;
		text_add(t, "%s%s", before,
		    w->service->config->regions[class->order[i]].name);
		before = ", ";
	}
}

/* "by round trip, then by distance: ": of what the order is made. */
static void
add_how(const struct walk *w, struct text *t)
{
	const struct ranking *ranking = w->trace->ranking;
	bool latency = service_of(w)->rank == RANK_LATENCY;
	bool measured = ranking->regions[0].measured;
	const struct standing *last = &ranking->regions[ranking->n - 1];
	const char *how = "";

	if (measured)
		text_add(t, "by round trip");
	else if (latency)
		text_add(t, "no round trip is known, ");
	if (!last->measured)
		how = last->located ? "by distance"
		    : measured      ? "in the order of the file"
				    : "place not known: order of the file";
	text_add(t, "%s%s: ", measured && how[0] != '\0' ? ", then " : "", how);
}

void
trace_order(const struct walk *w, struct text *t)
{
	const struct service_config *service = service_of(w);
	const struct ladder_trace *trace = w->trace;

	if (service->rank == RANK_LISTED) {
		text_add(t, ", as listed: ");
		add_names(w, t);
		return;
	}
	if (service->rank == RANK_RULES && trace->order < service->n_orders) {
		text_add(t, ", rule %u of the rank (", trace->order + 1u);
		clients_words(t, w->service->config,
		    &service->orders[trace->order].clients);
		text_add(t, "): ");
		add_names(w, t);
		return;
	}
	text_add(t, ", ");
	if (service->rank == RANK_RULES)
		text_add(t, "no rule of the rank has this client, ");
	if (trace->ranking == NULL || trace->ranking->n == 0) {
		add_names(w, t);
		return;
	}
	add_how(w, t);
	add_ranking(w, t);
}
