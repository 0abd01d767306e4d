/* Writes the pieces of a plot.  Called by simulate_plot.c. */
#include "ctl/svg.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "base/utf8.h"

double
svg_at(const struct svg_axis *axis, double value)
{
	double part = (value - axis->low) / (axis->high - axis->low);

	return axis->from + fmin(fmax(part, 0), 1) * (axis->to - axis->from);
}

double
svg_step(double span, unsigned most)
{
	double power = pow(10, floor(log10(span / most)));
	double steps = span / most / power;

	if (steps <= 1)
		return power;
	if (steps <= 2)
		return 2 * power;
	return steps <= 5 ? 5 * power : 10 * power;
}

double
svg_step_s(double span_s, unsigned most)
{
	static const double steps[] = {60, 120, 300, 600, 900, 1800, 3600, 7200,
	    10800, 21600, 43200, 86400};

	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++)
		if (span_s / steps[i] <= most)
			return steps[i];
	return 86400 * ceil(span_s / 86400 / most);
}

/* Characters below a blank are none of XML 1.0, section 2.2; those that are
 * have no place in a label. */
static bool
is_plain(const char *at, size_t size)
{
	if (size == 1)
		return (unsigned char)at[0] >= ' ' && at[0] != 0x7f;
	/* U+FFFE and U+FFFF. */
	return size == 2 || size == 4 || strncmp(at, "\xef\xbf", 2) != 0 ||
	    (unsigned char)at[2] < 0xbe;
}

void
svg_escape(FILE *to, const char *text)
{
	size_t left = strlen(text);

	while (left > 0) {
		size_t size = utf8_size(text, left);

		if (size == 0 || !is_plain(text, size))
			putc('?', to);
		else if (text[0] == '&')
			fputs("&amp;", to);
		else if (text[0] == '<')
			fputs("&lt;", to);
		else if (text[0] == '>')
			fputs("&gt;", to);
		else if (text[0] == '"')
			fputs("&quot;", to);
		else
			fwrite(text, 1, size, to);
		size += size == 0;
		text += size;
		left -= size;
	}
}

void
svg_text(FILE *to, const char *class, double x, double y, const char *text)
{
	fprintf(to, "<text class=\"%s\" x=\"%.1f\" y=\"%.1f\">", class, x, y);
	svg_escape(to, text);
	fputs("</text>\n", to);
}

void
svg_line(
    FILE *to, const char *class, double x1, double y1, double x2, double y2)
{
	fprintf(to,
	    "<line class=\"%s\" x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" "
	    "y2=\"%.1f\"/>\n",
	    class, x1, y1, x2, y2);
}

void
svg_path(FILE *to, const char *class, const struct svg_axis *x,
    const struct svg_axis *y, size_t n,
    double (*value)(const void *context, size_t i), const void *context)
{
	size_t pixels = (size_t)fabs(x->to - x->from) + 1;
	size_t bin = n / pixels + 1;
	bool down = false;

	fprintf(to, "<path class=\"%s\" d=\"", class);
	for (size_t i = 0; i < n; i += bin) {
		double most = NAN,
		       part = (double)i / (double)(n > 1 ? n - 1 : 1);

		for (size_t j = i; j < i + bin && j < n; j++)
			most = fmax(most, value(context, j));
		if (!isnan(most))
			fprintf(to, "%c%.1f %.1f", down ? 'L' : 'M',
			    x->from + part * (x->to - x->from),
			    svg_at(y, most));
		down = !isnan(most);
	}
	fputs("\"/>\n", to);
}
