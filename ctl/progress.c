/* Draws a bar on a terminal while something takes time.  Called by meridianctl
 * where that may be; writes to nothing but a terminal. */
#include "ctl/progress.h"

#include <math.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "ctl/columns.h"

/* Columns of the bar, and of what it is about. */
#define BAR 20
#define WHAT 16

/* More often no eye sees. */
#define EVERY_MS 100

/* An estimate before this would jump about. */
#define KNOWN_MS 500

void
progress_begin(struct progress *p, FILE *to, bool quiet)
{
	*p = (struct progress){.to = to,
	    .shown = !quiet && isatty(fileno(to)) == 1,
	    .began_ms = clock_mono_ms()};
	p->last_ms = p->began_ms - EVERY_MS;
}

const char *
progress_line(const char *what, double done, const char *rate,
    int64_t elapsed_ms, char out[PROGRESS_LINE])
{
	char bar[BAR + 1], name[COLUMNS_CUT], left[48] = "";
	double part = fmin(fmax(done, 0), 1);
	size_t full = (size_t)(part * BAR);

	memset(bar, '.', BAR);
	memset(bar, '#', full);
	bar[BAR] = '\0';
	if (elapsed_ms >= KNOWN_MS && part > 0) {
		double ms = (double)elapsed_ms * (1 - part) / part;
		char time[32];

		/* Up: nothing is left of what is not done is no answer. */
		snprintf(left, sizeof(left), ", %s left",
		    columns_ago((long long)(ceil(ms / 1000) * 1000), time));
	}
	snprintf(out, PROGRESS_LINE, "%-*s [%s] %3d %%%s%s%s", WHAT,
	    columns_cut(what, WHAT, name), bar, (int)(part * 100),
	    rate != NULL ? "  " : "", rate != NULL ? rate : "", left);
	return out;
}

void
progress_show(
    struct progress *p, const char *what, double done, const char *rate)
{
	int64_t now = clock_mono_ms();
	char line[PROGRESS_LINE];

	if (!p->shown || now - p->last_ms < EVERY_MS)
		return;
	p->last_ms = now;
	p->drawn = true;
	/* The rest of a longer line before is wiped. */
	fprintf(p->to, "\r%s\033[K",
	    progress_line(what, done, rate, now - p->began_ms, line));
	fflush(p->to);
}

void
progress_end(struct progress *p)
{
	if (!p->drawn)
		return;
	fputs("\r\033[K", p->to);
	fflush(p->to);
	p->drawn = false;
}
