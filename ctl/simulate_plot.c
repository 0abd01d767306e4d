/*
 * Plots a run of the simulator: below each other the load by region, what each
 * keeps, clients moved a minute, hits of caches and queries a second.  Called
 * by meridianctl simulate; reads nothing but the run it is given.
 */
#include "ctl/simulate_plot.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "ctl/columns.h"
#include "ctl/svg.h"

/* Pixels. */
#define WIDTH 1040
#define LEFT 64
#define RIGHT 280 /* names of regions */
#define HEAD 76   /* title and settings */
#define GAP 46    /* between two panels: the title of the lower */
#define FOOT 44
#define ROW 15        /* of text */
#define CHARACTER 6.4 /* as wide as one is, about */

/* Rows of what happens; what finds no room in them has a line alone. */
#define MARK_ROWS 5

/* Columns of the name of a region. */
#define NAME 16

/* Lines differ by colour and by dashes, since in print there is no colour. */
#define COLOURS 8
#define DASHES 5

static const char style[] =
    "<style>\n"
    "text{font:12px sans-serif;fill:#333}\n"
    ".back{fill:#fff}.over{fill:#d33;fill-opacity:.08}\n"
    ".h{font-size:18px;font-weight:bold}.p{font-weight:bold}\n"
    ".y{text-anchor:end}.x{text-anchor:middle}.l{font-weight:bold}\n"
    "line,path{fill:none;stroke-width:1}\n"
    ".grid{stroke:#888;stroke-opacity:.25}.base{stroke:#888}\n"
    ".limit{stroke:#c22;stroke-width:1.5;stroke-dasharray:7 4}\n"
    ".limits{fill:#c22}\n"
    ".mark{stroke:#555;stroke-dasharray:2 3}\n"
    ".s{stroke-width:2;stroke-linejoin:round}\n"
    ".lead{stroke:#888;stroke-opacity:.6}\n"
    ".c0{stroke:#2f7cc4}.c1{stroke:#c96a00}.c2{stroke:#25875f}\n"
    ".c3{stroke:#b8458a}.c4{stroke:#8465cf}.c5{stroke:#98790a}\n"
    ".c6{stroke:#2a8ba3}.c7{stroke:#7a7a7a}\n"
    ".all{stroke:#333;stroke-width:1.5}\n"
    ".d1{stroke-dasharray:9 3}.d2{stroke-dasharray:3 2}\n"
    ".d3{stroke-dasharray:10 3 2 3}.d4{stroke-dasharray:14 3 4 3}\n"
    "@media screen and (prefers-color-scheme:dark){\n"
    ".back{fill:#14171c}text{fill:#d8dbe0}.limit{stroke:#f66}\n"
    ".limits{fill:#f66}.mark{stroke:#aab}.over{fill-opacity:.16}\n"
    ".c0{stroke:#5aa2e6}.c1{stroke:#ef9a3c}.c2{stroke:#4cba8b}\n"
    ".c3{stroke:#e07ab5}.c4{stroke:#a893ea}.c5{stroke:#cdb04a}\n"
    ".c6{stroke:#55bcd4}.c7{stroke:#a9a9a9}.all{stroke:#d8dbe0}}\n"
    "</style>\n";

/* What a line shows at a step. */
struct line {
	const struct simulated *run;
	size_t region;
};

struct panel {
	const char *title;
	int height;
	bool regions; /* a line for each; else one of all */
	bool limit;   /* the capacity is drawn */
	double least; /* the axis reaches so far at least */
	double (*value)(const void *line, size_t step);
	double unit; /* of the axis */
	const char *after;
};

static const struct simulated_cell *
cell_of(const void *line, size_t step)
{
	const struct line *l = line;

	return &l->run->cells[step * l->run->n_regions + l->region];
}

/* Of the capacity; without one there is no line. */
static double
load_of(const void *line, size_t step)
{
	const struct simulated_cell *cell = cell_of(line, step);

	return cell->capacity > 0 ? cell->load / cell->capacity : NAN;
}

static double
keep_of(const void *line, size_t step)
{
	return cell_of(line, step)->keep;
}

static double
moved_of(const void *line, size_t step)
{
	return ((const struct line *)line)->run->steps[step].moved;
}

static double
hits_of(const void *line, size_t step)
{
	return ((const struct line *)line)->run->steps[step].hits;
}

static double
queries_of(const void *line, size_t step)
{
	return ((const struct line *)line)->run->steps[step].queries;
}

static const struct panel panels[] = {
    {"load of each region, of its capacity", 290, true, true, 1.2, load_of, 100,
	" %"},
    {"what each region keeps of those who come to it", 100, true, false, 1,
	keep_of, 100, " %"},
    {"clients moved a minute", 70, false, false, 0.01, moved_of, 100, " %"},
    {"answered by caches of resolvers", 70, false, false, 1, hits_of, 100,
	" %"},
    {"queries a second that the servers see", 70, false, false, 1, queries_of,
	1, ""},
};

#define PANELS (sizeof(panels) / sizeof(panels[0]))

struct plot {
	const struct simulated *run;
	FILE *to;
	struct svg_axis x; /* seconds */
	int top, bottom;   /* of the panels */
};

static size_t
lines_of(const struct plot *plot, const struct panel *panel)
{
	return panel->regions ? plot->run->n_regions : 1;
}

/* Where an axis ends: at a line across, so that none is left out. */
static double
highest(const struct plot *plot, const struct panel *panel, double *step)
{
	struct line line = {.run = plot->run};
	double most = panel->least;

	for (; line.region < lines_of(plot, panel); line.region++)
		for (size_t i = 0; i < plot->run->n_steps; i++)
			most = fmax(most, panel->value(&line, i));
	*step = svg_step(most * panel->unit, (unsigned)panel->height / 35) /
	    panel->unit;
	return *step * ceil(most / *step - 1e-6);
}

/* The lines across, with their numbers. */
static void
draw_grid(const struct plot *plot, const struct panel *panel,
    const struct svg_axis *y, double step)
{
	unsigned n = (unsigned)lround(y->high / step);
	char text[32];

	for (unsigned i = 0; i <= n; i++) {
		double v = i * step, at = svg_at(y, v);

		svg_line(plot->to, i > 0 ? "grid" : "base", plot->x.from, at,
		    plot->x.to, at);
		snprintf(text, sizeof(text), "%.3g%s", v * panel->unit,
		    panel->after);
		svg_text(plot->to, "y", plot->x.from - 6, at + 4, text);
	}
}

static void
draw_limit(const struct plot *plot, const struct svg_axis *y)
{
	double at = svg_at(y, 1);

	fprintf(plot->to,
	    "<rect class=\"over\" x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" "
	    "height=\"%.1f\"/>\n",
	    plot->x.from, y->to, plot->x.to - plot->x.from, at - y->to);
	svg_line(plot->to, "limit", plot->x.from, at, plot->x.to, at);
	svg_text(plot->to, "limits", plot->x.from + 4, at - 4, "capacity");
}

static void
draw_lines(const struct plot *plot, const struct panel *panel,
    const struct svg_axis *y)
{
	const struct simulated *run = plot->run;
	struct line line = {.run = run};
	struct svg_axis x = plot->x; /* from the first step to the last */
	char class[64];

	x.from = svg_at(&plot->x, run->steps[0].at_s);
	x.to = svg_at(&plot->x, run->steps[run->n_steps - 1].at_s);
	for (; line.region < lines_of(plot, panel); line.region++) {
		snprintf(class, sizeof(class), "s c%zu d%zu",
		    line.region % COLOURS, line.region % DASHES);
		svg_path(plot->to, panel->regions ? class : "all", &x, y,
		    run->n_steps, panel->value, &line);
	}
}

/* --- names of regions beside the ends of their lines --- */

struct label {
	size_t region;
	double at, wanted; /* pixels from above */
};

static int
by_place(const void *a, const void *b)
{
	const struct label *x = a, *y = b;

	if (x->wanted != y->wanted)
		return x->wanted < y->wanted ? -1 : 1;
	return x->region < y->region ? -1 : 1;
}

/* No two lie on each other, and none below ${bottom}: from above each goes down
 * as far as it must, then from below up. */
static void
part_labels(struct label *labels, size_t n, double top, double bottom)
{
	double row = fmin(ROW, (bottom - top) / (double)n), limit = top;

	qsort(labels, n, sizeof(*labels), by_place);
	for (size_t i = 0; i < n; i++) {
		labels[i].at = fmax(labels[i].wanted, limit);
		limit = labels[i].at + row;
	}
	limit = bottom;
	for (size_t i = n; i-- > 0;) {
		labels[i].at = fmin(labels[i].at, limit);
		limit = labels[i].at - row;
	}
}

static void
draw_label(const struct plot *plot, const struct label *label)
{
	const struct simulated_region *r = &plot->run->regions[label->region];
	double x = plot->x.to + 6;
	char class[32], text[160], name[COLUMNS_CUT];

	snprintf(class, sizeof(class), "s c%zu d%zu", label->region % COLOURS,
	    label->region % DASHES);
	svg_line(plot->to, "lead", plot->x.to, label->wanted, x + 8, label->at);
	svg_line(plot->to, class, x + 8, label->at, x + 40, label->at);
	if (r->over > 0)
		snprintf(text, sizeof(text), "%s, %.1f %% of time over",
		    columns_cut(r->name, NAME, name), 100 * r->over);
	else
		snprintf(text, sizeof(text), "%s, never over",
		    columns_cut(r->name, NAME, name));
	svg_text(plot->to, "", x + 44, label->at + 4, text);
}

static void
draw_labels(const struct plot *plot, const struct panel *panel,
    const struct svg_axis *y)
{
	const struct simulated *run = plot->run;
	struct label *labels = calloc(run->n_regions, sizeof(*labels));

	if (labels == NULL)
		return;
	for (size_t r = 0; r < run->n_regions; r++) {
		struct line line = {run, r};
		double last = panel->value(&line, run->n_steps - 1);

		labels[r].region = r;
		labels[r].wanted = svg_at(y, isnan(last) ? 0 : last);
	}
	part_labels(labels, run->n_regions, y->to, plot->bottom);
	for (size_t r = 0; r < run->n_regions; r++)
		draw_label(plot, &labels[r]);
	free(labels);
}

/* --- what happens --- */

/* Place all marks, and draw them when ${draw}; returns the rows they take. */
static size_t
place_marks(const struct plot *plot, int top, bool draw)
{
	double ends[MARK_ROWS] = {0};
	size_t rows = 0;

	for (size_t i = 0; i < plot->run->n_marks; i++) {
		const struct simulated_mark *mark = &plot->run->marks[i];
		double x = svg_at(&plot->x, mark->at_s), y = top;
		double width = CHARACTER * (double)strlen(mark->text);
		double from = fmin(x, WIDTH - width - 4);
		size_t row = 0;

		while (row < MARK_ROWS && ends[row] > from)
			row++;
		if (row < MARK_ROWS) {
			y += ROW * (double)row;
			ends[row] = from + width + 8;
			rows = row + 1 > rows ? row + 1 : rows;
		}
		if (draw)
			svg_line(plot->to, "mark", x, y, x, plot->bottom);
		if (draw && row < MARK_ROWS)
			svg_text(
			    plot->to, "", from + 3, y + 0.7 * ROW, mark->text);
	}
	return rows;
}

/* --- the whole --- */

/* "0:05"; of days "26:00". */
static void
draw_times(const struct plot *plot)
{
	double step = svg_step_s(plot->x.high, 8);
	unsigned n = (unsigned)(plot->x.high / step);
	char text[32];

	for (unsigned i = 0; i <= n; i++) {
		double x = svg_at(&plot->x, i * step);
		unsigned minutes = (unsigned)lround(i * step / 60);

		snprintf(
		    text, sizeof(text), "%u:%02u", minutes / 60, minutes % 60);
		svg_line(plot->to, "grid", x, plot->top, x, plot->bottom + 4);
		svg_text(plot->to, "x", x, plot->bottom + 18, text);
	}
	svg_text(plot->to, "x", (plot->x.from + plot->x.to) / 2,
	    plot->bottom + 36, "hours:minutes");
}

static int
draw_panel(const struct plot *plot, const struct panel *panel, int top)
{
	int bottom = top + panel->height;
	struct svg_axis y = {.low = 0, .from = bottom, .to = top};
	double step;

	y.high = highest(plot, panel, &step);
	svg_text(plot->to, "p", plot->x.from, top - 8, panel->title);
	draw_grid(plot, panel, &y, step);
	if (panel->limit)
		draw_limit(plot, &y);
	draw_lines(plot, panel, &y);
	if (panel->limit)
		draw_labels(plot, panel, &y);
	return bottom + GAP;
}

static void
draw_head(const struct plot *plot)
{
	const struct simulated *run = plot->run;
	char title[512];

	snprintf(title, sizeof(title), "%s: %s, %s", run->service,
	    run->scenario, run->law);
	svg_text(plot->to, "h", LEFT, 26, title);
	svg_text(plot->to, "", LEFT, 46, run->about);
	svg_text(plot->to, "", LEFT, 62, run->settings);
}

/* Lay out ${run}; returns its height. */
static int
plot_init(struct plot *plot, const struct simulated *run, FILE *to)
{
	*plot = (struct plot){.run = run,
	    .to = to,
	    .x = {.low = 0,
		.high = run->steps[run->n_steps - 1].at_s,
		.from = LEFT,
		.to = WIDTH - RIGHT}};
	if (plot->x.high <= plot->x.low)
		plot->x.high = plot->x.low + 60;
	plot->top = HEAD + ROW * (int)place_marks(plot, HEAD, false) + GAP / 2;
	plot->bottom = plot->top - GAP;
	for (size_t i = 0; i < PANELS; i++)
		plot->bottom += panels[i].height + GAP;
	return plot->bottom + FOOT;
}

static void
draw(const struct plot *plot)
{
	int y = plot->top;

	draw_head(plot);
	draw_times(plot);
	(void)place_marks(plot, HEAD, true);
	for (size_t i = 0; i < PANELS; i++)
		y = draw_panel(plot, &panels[i], y);
}

void
simulate_plot(const struct simulated *runs, size_t n, FILE *to)
{
	struct plot plot;
	int height = 0;

	for (size_t i = 0; i < n; i++)
		height += plot_init(&plot, &runs[i], to);
	fprintf(to,
	    "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" "
	    "height=\"%d\" viewBox=\"0 0 %d %d\" role=\"img\">\n<title>",
	    WIDTH, height, WIDTH, height);
	svg_escape(to, n > 0 ? runs[0].service : "");
	fprintf(to, ", simulated</title>\n%s", style);
	fprintf(to, "<rect class=\"back\" width=\"%d\" height=\"%d\"/>\n",
	    WIDTH, height);
	height = 0;
	for (size_t i = 0; i < n; i++) {
		int own = plot_init(&plot, &runs[i], to);

		fprintf(to, "<g transform=\"translate(0,%d)\">\n", height);
		draw(&plot);
		fputs("</g>\n", to);
		height += own;
	}
	fputs("</svg>\n", to);
}
