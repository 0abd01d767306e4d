/* Writes runs of the simulator as CSV, for a spreadsheet or a program.  Called
 * by meridianctl simulate; reads nothing but the run it is given. */
#include "ctl/simulate_csv.h"

#include <math.h>

#include "ctl/csv.h"

static void
print_number(FILE *to, double number, int decimals)
{
	putc(',', to);
	if (!isnan(number))
		fprintf(to, "%.*f", decimals, number);
}

void
simulate_csv_head(FILE *to)
{
	fputs("scenario,subject,law,seconds,region,capacity,load,keep,demand,"
	      "moved,"
	      "away,lost,hits,queries\n",
	    to);
}

void
simulate_csv_rows(const struct simulated *run, FILE *to)
{
	const struct simulated_cell *cell = run->cells;

	for (size_t i = 0; i < run->n_steps; i++) {
		const struct simulated_step *step = &run->steps[i];

		for (size_t r = 0; r < run->n_regions; r++, cell++) {
			csv_field(to, run->scenario);
			putc(',', to);
			csv_field(to, run->subject);
			putc(',', to);
			csv_field(to, run->law);
			print_number(to, step->at_s, 0);
			putc(',', to);
			csv_field(to, run->regions[r].name);
			print_number(to, cell->capacity, 3);
			print_number(to, cell->load, 3);
			print_number(to, cell->keep, 4);
			print_number(to, step->demand, 3);
			print_number(to, step->moved, 6);
			print_number(to, step->away, 4);
			print_number(to, step->lost, 4);
			print_number(to, step->hits, 4);
			print_number(to, step->queries, 2);
			putc('\n', to);
		}
	}
}
