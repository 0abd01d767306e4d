/*
 * The pieces of a plot in SVG 1.1: escaped text, axes with round numbers,
 * lines that break where nothing is known.  Knows nothing of what is plotted.
 */
#ifndef CTL_SVG_H
#define CTL_SVG_H

#include <stddef.h>
#include <stdio.h>

/* An axis: values from ${low} to ${high} are at ${from} to ${to} pixels. */
struct svg_axis {
	double low, high, from, to;
};

/* at = svg_at(axis, value): the pixel of ${value}, no further than the ends. */
double svg_at(const struct svg_axis *axis, double value);

/* step = svg_step(span, most): a round number of which at most ${most}, 2 or
 * more, fit into ${span}: 1, 2 or 5 times a power of ten. */
double svg_step(double span, unsigned most);

/* s = svg_step_s(span_s, most): the same for time: minutes, hours or days. */
double svg_step_s(double span_s, unsigned most);

/* svg_escape(to, text): text as content or in quotes; what XML does not allow,
 * and what is no UTF-8, is printed as "?". */
void svg_escape(FILE *to, const char *text);

/* svg_text(to, class, x, y, text): a text; ${class} of the style sheet. */
void svg_text(
    FILE *to, const char *class, double x, double y, const char *text);

/* svg_line(to, class, x1, y1, x2, y2): a straight line. */
void svg_line(
    FILE *to, const char *class, double x1, double y1, double x2, double y2);

/*
 * svg_path(to, class, x, y, n, value, context): a line through value(context,
 * i), the greatest where several fall on one pixel; it breaks at NAN.  Number
 * ${i} of ${n} is at x(i) from the first to the last pixel of ${x}.
 */
void svg_path(FILE *to, const char *class, const struct svg_axis *x,
    const struct svg_axis *y, size_t n,
    double (*value)(const void *context, size_t i), const void *context);

#endif
