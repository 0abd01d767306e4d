/*
 * The plots of a report, as SVG elements: answers by region over time, and
 * which endpoints were down when.  Called by report_html.c.
 */
#include <math.h>
#include <string.h>

#include "base/clock.h"
#include "ctl/report_table.h"
#include "ctl/svg.h"

/* Pixels. */
#define WIDTH 1040
#define LEFT 72
#define RIGHT 170
#define HEIGHT 260
#define TOP 12
#define FOOT 30
#define ROW 18

/* Lines differ by colour and by dashes, since in print there is no colour. */
#define COLOURS 8
#define DASHES 5

/* Endpoints that are drawn: those that were down the most. */
#define MOST_DRAWN 24
/* A time that is too short to be seen is drawn this wide. */
#define LEAST_WIDTH 1.5

static void
begin(FILE *to, int height, const char *label)
{
	fprintf(to,
	    "<svg viewBox=\"0 0 %d %d\" width=\"%d\" height=\"%d\" "
	    "role=\"img\" aria-label=\"",
	    WIDTH, height, WIDTH, height);
	svg_escape(to, label);
	fputs("\">\n", to);
}

/* "11-29" under days, "06:00" under hours. */
static void
draw_times(const struct svg_axis *x, FILE *to, int top, int bottom)
{
	int64_t step_s = (int64_t)svg_step_s(x->high - x->low, 8);
	int64_t first = ((int64_t)x->low + step_s - 1) / step_s;
	char text[CLOCK_TEXT];

	for (int64_t i = first; i * step_s <= (int64_t)x->high; i++) {
		double pixel = svg_at(x, (double)(i * step_s));

		clock_format(i * step_s * 1000, text);
		svg_line(to, "grid", pixel, top, pixel, bottom);
		text[step_s < 86400 ? 16 : 10] = '\0';
		svg_text(to, "x", pixel, bottom + 18,
		    text + (step_s < 86400 ? 11 : 5));
	}
}

static double
rate_at(const void *context, size_t i)
{
	return ((const struct report_line *)context)->rate[i];
}

static double
greatest(const struct report *report)
{
	double most = 0;

	for (size_t l = 0; l < report->n_lines; l++)
		for (size_t i = 0; i < report->n_steps; i++)
			most = fmax(most, report->lines[l].rate[i]);
	return most;
}

static void
draw_rates(const struct svg_axis *y, FILE *to)
{
	double step = svg_step(y->high, 5);
	char text[32];

	for (unsigned i = 0; i * step <= y->high; i++) {
		double at = i * step, pixel = svg_at(y, at);

		snprintf(text, sizeof(text), "%g/s", at);
		svg_line(to, at > 0 ? "grid" : "base", LEFT, pixel,
		    WIDTH - RIGHT, pixel);
		svg_text(to, "y", LEFT - 6, pixel + 4, text);
	}
}

void
report_plot_lines(const struct report *report, FILE *to)
{
	double from_s = (double)report->from_ms / 1000;
	double step_s = (double)report->step_ms / 1000;
	struct svg_axis x = {from_s,
	    from_s + step_s * (double)(report->n_steps - 1), LEFT,
	    WIDTH - RIGHT};
	struct svg_axis y = {0, greatest(report), HEIGHT - FOOT, TOP};
	char class[32];

	if (report->n_lines == 0 || report->n_steps < 2 || y.high <= 0)
		return;
	begin(to, HEIGHT, "Answers a second by region");
	draw_rates(&y, to);
	draw_times(&x, to, TOP, HEIGHT - FOOT);
	for (size_t l = 0; l < report->n_lines; l++) {
		double row = TOP + ROW * (double)l + 8;

		snprintf(class, sizeof(class), "s c%zu d%zu", l % COLOURS,
		    l % DASHES);
		svg_path(to, class, &x, &y, report->n_steps, rate_at,
		    &report->lines[l]);
		svg_line(to, class, WIDTH - RIGHT + 10, row, WIDTH - RIGHT + 36,
		    row);
		svg_text(to, "", WIDTH - RIGHT + 42, row + 4,
		    report->lines[l].region);
	}
	fputs("</svg>\n", to);
}

/* --- what was down --- */

/* The endpoints with the most time down, the worst first. */
static size_t
choose(const struct facts *facts, struct facts_ref chosen[MOST_DRAWN])
{
	size_t n = 0;

	for (size_t i = 0; i < facts->n_refs; i++) {
		int64_t down = facts_endpoint(facts, facts->refs[i])->down_ms;
		size_t at = n;

		if (down == 0)
			continue;
		while (at > 0 &&
		    facts_endpoint(facts, chosen[at - 1])->down_ms < down)
			at--;
		if (at == MOST_DRAWN)
			continue;
		n += n < MOST_DRAWN;
		memmove(&chosen[at + 1], &chosen[at],
		    (n - at - 1) * sizeof(chosen[0]));
		chosen[at] = facts->refs[i];
	}
	return n;
}

static void
draw_spells(const struct facts *facts, struct facts_ref ref,
    const struct svg_axis *x, double top, FILE *to)
{
	for (size_t i = 0; i < facts->n_spells; i++) {
		const struct facts_spell *s = &facts->spells[i];
		double from = svg_at(x, (double)s->from_ms / 1000);
		double until = svg_at(x, (double)s->to_ms / 1000);

		if (s->ref.pool != ref.pool || s->ref.endpoint != ref.endpoint)
			continue;
		fprintf(to,
		    "<rect class=\"down\" x=\"%.1f\" y=\"%.1f\" "
		    "width=\"%.1f\" height=\"%d\"/>\n",
		    from, top + 3, fmax(until - from, LEAST_WIDTH), ROW - 6);
	}
}

void
report_plot_spells(const struct report *report, FILE *to)
{
	const struct facts *facts = report->facts;
	const struct advice_facts *a = &facts->advice;
	struct svg_axis x = {(double)a->from_ms / 1000, (double)a->to_ms / 1000,
	    LEFT, WIDTH - RIGHT};
	struct facts_ref chosen[MOST_DRAWN];
	size_t n = choose(facts, chosen);
	int height = TOP + (int)n * ROW;
	char name[160];

	if (n == 0)
		return;
	begin(to, height + FOOT, "Times that endpoints were down");
	draw_times(&x, to, TOP, height);
	for (size_t i = 0; i < n; i++) {
		double top = TOP + (double)i * ROW;

		svg_line(to, "grid", LEFT, top + ROW, WIDTH - RIGHT, top + ROW);
		draw_spells(facts, chosen[i], &x, top, to);
		snprintf(name, sizeof(name), "%s/%s",
		    facts->pools[chosen[i].pool].name,
		    facts_endpoint(facts, chosen[i])->name);
		svg_text(to, "", WIDTH - RIGHT + 6, top + ROW - 5, name);
	}
	fputs("</svg>\n", to);
}
