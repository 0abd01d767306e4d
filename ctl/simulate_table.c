/* Prints what runs of the simulator came to.  Called by meridianctl simulate;
 * reads nothing but the runs it is given. */
#include "ctl/simulate_table.h"

#include <math.h>
#include <string.h>

#include "ctl/columns.h"

/* Columns of a name: of a region that has a row, of what several runs differ
 * by. */
#define NAME 18
#define WHAT 14

/* "12 %", and with a digit or two where that is what matters; returns out. */
static const char *
share(double part, char out[16])
{
	double percent = 100 * part;

	if (isnan(part))
		snprintf(out, 16, "-");
	else if (percent > 0 && percent < 0.005)
		snprintf(out, 16, "<0.01 %%");
	else
		snprintf(out, 16, "%.*f %%",
		    percent < 9.995       ? 2
			: percent < 99.95 ? 1
					  : 0,
		    percent);
	return out;
}

/* In the unit of capacity; returns out. */
static const char *
amount(double value, char out[16])
{
	if (isnan(value))
		snprintf(out, 16, "-");
	else
		snprintf(out, 16, "%.*f", value < 99.95 ? 1 : 0, value);
	return out;
}

static void
print_head(const struct simulated *run, const char *about, FILE *to)
{
	char text[1024];

	fprintf(to, "%s\n", run->service);
	snprintf(text, sizeof(text), "%s: %s", run->scenario, about);
	fputs("  ", to);
	columns_wrap(to, 2, 4, text);
	fputs("  ", to);
	columns_wrap(to, 2, 4, run->settings);
	putc('\n', to);
}

static void
print_region(const struct simulated_region *r, FILE *to)
{
	char name[COLUMNS_CUT], text[6][16];

	fprintf(to, "%-*s %8s %8s %9s %9s %9s %9s\n", NAME,
	    columns_cut(r->name, NAME, name), amount(r->demand, text[0]),
	    amount(r->capacity, text[1]), share(r->mean, text[2]),
	    share(r->most, text[3]), share(r->over, text[4]),
	    amount(r->excess, text[5]));
}

/* How far from the least that can be. */
static void
print_excess(const struct simulated *run, FILE *to)
{
	char text[2][16];

	fprintf(to, "load above capacity     %s, %s at least",
	    amount(run->excess, text[0]), amount(run->least, text[1]));
	if (run->least > 0)
		fprintf(to, ": %.2f times that", run->excess / run->least);
	putc('\n', to);
}

void
simulate_table_run(const struct simulated *run, FILE *to)
{
	char text[2][16];

	print_head(run, run->about, to);
	fprintf(to, "%-*s %8s %8s %9s %9s %9s %9s\n", NAME, "region", "demand",
	    "capacity", "load mean", "most", "time over", "excess");
	for (size_t i = 0; i < run->n_regions; i++)
		print_region(&run->regions[i], to);
	fprintf(to, "\nsteered by              %s\n", run->law);
	print_excess(run, to);
	fprintf(to, "clients moved           %s a minute, %s in the worst\n",
	    share(run->moved, text[0]), share(run->moved_most, text[1]));
	fprintf(to, "away from the nearest   %s, and %s sent to what is down\n",
	    share(run->away, text[0]), share(run->lost, text[1]));
	fprintf(to,
	    "busiest endpoint        %.2f times its region, %s moved a "
	    "minute\n",
	    run->unevenness, share(run->moved_endpoint, text[0]));
	fprintf(to, "answered by caches      %s\n", share(run->hits, text[0]));
	fprintf(to, "queries                 %.1f a second\n", run->queries);
}

static void
print_row_head(const char *what, FILE *to)
{
	fprintf(to, "%-*s %9s %9s %8s %8s %9s %8s %8s\n", WHAT, what,
	    "time over", "most", "excess", "least", "moved/min", "away",
	    "queries");
}

static void
print_row(const char *what, const struct simulated *run, FILE *to)
{
	char name[COLUMNS_CUT], text[6][16];

	fprintf(to, "%-*s %9s %9s %8s %8s %9s %8s %6.1f/s\n", WHAT,
	    columns_cut(what, WHAT, name), share(run->over, text[0]),
	    share(run->most, text[1]), amount(run->excess, text[2]),
	    amount(run->least, text[3]), share(run->moved, text[4]),
	    share(run->away, text[5]), run->queries);
}

void
simulate_table_laws(const struct simulated *runs, size_t n, FILE *to)
{
	print_head(&runs[0], runs[0].about, to);
	print_row_head("law", to);
	for (size_t i = 0; i < n; i++)
		print_row(runs[i].law, &runs[i], to);
}

void
simulate_table_without(const struct simulated *runs, size_t n, FILE *to)
{
	print_head(&runs[0], "each region in turn goes down and stays so", to);
	print_row_head("down", to);
	for (size_t i = 0; i < n; i++)
		print_row(runs[i].subject, &runs[i], to);
}
