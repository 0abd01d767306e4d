/*
 * Draws what meridianctl top shows: regions, services, what was said by hand,
 * vantages and events, as many lines of each as there is room for.  Called once
 * for each look; keeps nothing.
 */
#include "ctl/top_text.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "ctl/columns.h"
#include "ctl/command.h"

/* Where there is no terminal: services, and lines of the other lists. */
#define PLAIN_SERVICES 20
#define PLAIN_OTHERS 10

/* On a small terminal this much of a list is there all the same. */
#define LEAST 3

#define NUMBER 32
#define STATE (COLUMNS_CUT + 16) /* with its colour */
#define LINE_MAX_BYTES 1024

struct drawing {
	const struct top_screen *screen;
	size_t left; /* lines */
};

/* --- lines --- */

/* One line, cut at the 80th column; nothing where there is no room. */
static void line(struct drawing *d, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

static void
line(struct drawing *d, const char *fmt, ...)
{
	char text[LINE_MAX_BYTES];
	va_list args;

	if (d->left == 0)
		return;
	d->left--;
	va_start(args, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	/* Columns that have nothing leave their blanks. */
	for (size_t n = strlen(text); n > 0 && text[n - 1] == ' '; n--)
		text[n - 1] = '\0';
	/* What a line of before had beyond this one is wiped. */
	fprintf(d->screen->to, "%s%s\n", text,
	    d->screen->lines > 0 ? "\033[K" : "");
}

static size_t
at_most(size_t n, size_t most)
{
	return n < most ? n : most;
}

static void
say_more(struct drawing *d, size_t n, const char *what)
{
	if (n > 0)
		line(d, "  and %zu more %s%s", n, what, text_plural(n));
}

/* The word of a state, ${width} columns wide, in its colour. */
static const char *
state(const struct drawing *d, const char *word, int width, char out[STATE])
{
	static const struct {
		const char *word, *colour;
	} colours[] = {{"up", "32"}, {"healthy", "32"}, {"fresh", "32"},
	    {"degraded", "33"}, {"drained", "33"}, {"blind", "33"},
	    {"down", "31"}, {"last-resort", "31"}, {"stale", "31"}};
	char cut[COLUMNS_CUT];

	columns_cut(word, (size_t)width, cut);
	snprintf(out, STATE, "%-*s", width, cut);
	for (size_t i = 0;
	     d->screen->colour && i < sizeof(colours) / sizeof(*colours); i++)
		if (strcmp(word, colours[i].word) == 0)
			snprintf(out, STATE, "\033[%sm%-*s\033[0m",
			    colours[i].colour, width, cut);
	return out;
}

/* --- numbers --- */

static const char *
rate(const json_t *n, char out[NUMBER])
{
	double value = json_number_value(n);

	if (!json_is_number(n))
		return "-";
	snprintf(out, NUMBER, "%.*f", value < 100 ? 1 : 0, value);
	return out;
}

static const char *
share(const json_t *n, int digits, char out[NUMBER])
{
	if (!json_is_number(n))
		return "-";
	snprintf(out, NUMBER, "%.*f %%", digits, json_number_value(n) * 100);
	return out;
}

static const char *
ratio(const json_t *object, const char *up, const char *of, char out[NUMBER])
{
	snprintf(out, NUMBER, "%lld/%lld", command_number(object, up),
	    command_number(object, of));
	return out;
}

/* "43 min left" */
static const char *
left(const json_t *object, char out[NUMBER + 8])
{
	char time[32];

	if (!json_is_integer(json_object_get(object, "left_ms")) ||
	    !json_is_integer(json_object_get(object, "until_ms")))
		return "no end";
	snprintf(out, NUMBER + 8, "%s left",
	    columns_ago(command_number(object, "left_ms"), time));
	return out;
}

/* --- what there is --- */

static void
draw_head(struct drawing *d, const json_t *root, size_t unwell)
{
	const json_t *health = json_object_get(root, "health");
	const json_t *age = json_object_get(health, "age_ms");
	char at[CLOCK_TEXT], n[NUMBER], ago[32];
	size_t services = json_array_size(json_object_get(root, "services"));

	line(d, "%s  %s answers a second, health %s%s%s",
	    clock_format(command_number(root, "now_ms"), at),
	    rate(json_object_get(root, "answers_per_second"), n),
	    !json_is_integer(age) ? "never heard" : "heard ",
	    !json_is_integer(age) ? ""
				  : columns_ago(json_integer_value(age), ago),
	    json_is_integer(age) ? " ago" : "");
	line(d, "%zu of %zu service%s not healthy%s", unwell, services,
	    text_plural(services),
	    command_is_true(health, "stale") ? "; HEALTH IS STALE" : "");
}

static void
draw_regions(struct drawing *d, const json_t *list, size_t most)
{
	const json_t *r;
	size_t i;

	line(d, "%s", "");
	line(d, "%-20s %-9s %9s %9s %7s %7s  %s", "region", "health", "up",
	    "a second", "load", "keep", "by hand");
	json_array_foreach(list, i, r)
	{
		const json_t *drained = json_object_get(r, "drained");
		char name[COLUMNS_CUT], word[STATE], up[NUMBER], n[NUMBER];
		char load[NUMBER], keep[NUMBER], until[NUMBER + 8];

		if (i == most)
			break;
		line(d, "%-20s %s %9s %9s %7s %7s  %.12s",
		    columns_cut(command_text(r, "region"), 20, name),
		    state(d, command_text(r, "health"), 9, word),
		    ratio(json_object_get(r, "endpoints"), "up", "total", up),
		    rate(json_object_get(r, "answers_per_second"), n),
		    share(json_object_get(
			      json_object_get(r, "load"), "saturation"),
			0, load),
		    share(json_object_get(r, "keep"), 0, keep),
		    json_is_object(drained) ? left(drained, until) : "");
	}
	say_more(d, json_array_size(list) - at_most(i, most), "region");
}

/* The split of a service that has one: what is served, and what is set. */
static void
draw_split(struct drawing *d, const json_t *split)
{
	struct text t;
	const json_t *p;
	size_t i;
	char cut[COLUMNS_CUT];

	if (json_array_size(split) < 2)
		return;
	text_init(&t, LINE_MAX_BYTES);
	json_array_foreach(split, i, p)
	{
		char served[NUMBER], set[NUMBER];

		text_add(&t, "%s%s %s of %s", i > 0 ? ", " : "",
		    columns_cut(command_text(p, "pool"), 24, cut),
		    share(json_object_get(p, "served"), 1, served),
		    share(json_object_get(p, "now"), 1, set));
	}
	line(d, "    %s", t.data != NULL ? columns_cut(t.data, 76, cut) : "");
	text_finish(&t);
}

/* The worst first, then those that answer most. */
static int
compare_services(const void *a, const void *b)
{
	const json_t *const one = *(json_t *const *)a;
	const json_t *const other = *(json_t *const *)b;
	const char *key = "answers_per_second";
	bool first = strcmp(command_text(one, "state"), "healthy") != 0;
	bool second = strcmp(command_text(other, "state"), "healthy") != 0;
	double more = json_number_value(json_object_get(other, key)) -
	    json_number_value(json_object_get(one, key));

	if (first != second)
		return second - first;
	if (more != 0)
		return more > 0 ? 1 : -1;
	return strcmp(
	    command_text(one, "service"), command_text(other, "service"));
}

static void
draw_service(struct drawing *d, const json_t *s)
{
	char name[COLUMNS_CUT], word[STATE], n[NUMBER], up[NUMBER], ttl[NUMBER];
	bool by_hand = json_array_size(json_object_get(s, "overrides")) > 0;

	snprintf(ttl, sizeof(ttl), "%lld s",
	    command_number(json_object_get(s, "ttl"), "used_s"));
	line(d, "%-32s %s %9s %9s %7s %s",
	    columns_cut(command_text(s, "service"), 32, name),
	    state(d, command_text(s, "state"), 11, word),
	    ratio(s, "up", "endpoints", up),
	    rate(json_object_get(s, "answers_per_second"), n), ttl,
	    by_hand ? "by hand" : "");
	draw_split(d, json_object_get(s, "split"));
}

static void
draw_services(struct drawing *d, json_t **service, size_t n, size_t most)
{
	size_t end, i;

	line(d, "%s", "");
	line(d, "%-32s %-11s %9s %9s %7s", "service", "state", "up", "a second",
	    "TTL");
	end = d->left > most ? d->left - most : 0;
	for (i = 0; i < n && d->left > end + 1; i++)
		draw_service(d, service[i]);
	say_more(d, n - i, "service");
}

/* A reason of fewer characters says nothing. */
#define LEAST_REASON 12

/* What is said, by whom and how long yet; why, as far as there is room. */
static void
draw_override(struct drawing *d, const json_t *o)
{
	static const size_t width = COLUMNS - sizeof("by hand  ");
	char text[LINE_MAX_BYTES], cut[COLUMNS_CUT], end[NUMBER + 8];
	char target[COLUMNS_CUT], author[COLUMNS_CUT];
	bool value = json_string_length(json_object_get(o, "value")) > 0;
	size_t used;

	snprintf(text, sizeof(text),
	    "%s %s %s%s%s by %s, %s: ", command_text(o, "action"),
	    command_text(o, "kind"),
	    columns_cut(command_text(o, "target"), 20, target),
	    value ? " " : "", value ? command_text(o, "value") : "",
	    columns_cut(command_text(o, "author"), 12, author), left(o, end));
	used = strlen(text);
	if (used + LEAST_REASON <= width)
		snprintf(text + used, sizeof(text) - used, "%s",
		    columns_cut(command_text(o, "reason"), width - used, cut));
	line(d, "by hand  %s", columns_cut(text, width, cut));
}

static void
draw_hand(struct drawing *d, const json_t *list, size_t most)
{
	const json_t *o;
	size_t i;

	if (json_array_size(list) == 0)
		return;
	line(d, "%s", "");
	json_array_foreach(list, i, o)
	{
		if (i == most)
			break;
		draw_override(d, o);
	}
	say_more(d, json_array_size(list) - at_most(i, most), "override");
}

static void
draw_vantages(struct drawing *d, const json_t *list, size_t most)
{
	const json_t *v;
	size_t i;

	line(d, "%s", "");
	json_array_foreach(list, i, v)
	{
		const json_t *age = json_object_get(v, "age_ms");
		char name[COLUMNS_CUT], word[STATE], ago[32];
		bool blind = command_is_true(v, "blind");

		if (i == most)
			break;
		line(d, "vantage  %-24s %s %s%s",
		    columns_cut(command_text(v, "vantage"), 24, name),
		    state(
			d, blind ? "blind" : command_text(v, "state"), 8, word),
		    json_is_integer(age)
			? columns_ago(json_integer_value(age), ago)
			: "never heard",
		    json_is_integer(age) ? " ago" : "");
	}
	if (i == 0)
		line(d, "vantage  none is heard");
	say_more(d, json_array_size(list) - at_most(i, most), "vantage");
}

/* Events of health; of a ramp one has no endpoint. */
static void
draw_events(struct drawing *d, const json_t *list, size_t most)
{
	const json_t *e;
	size_t i;

	line(d, "%s", "");
	json_array_foreach(list, i, e)
	{
		const char *endpoint = command_text(e, "endpoint");
		bool ramp = strcmp(endpoint, "-") == 0;
		char text[LINE_MAX_BYTES], cut[COLUMNS_CUT], at[CLOCK_TEXT];

		if (i == most)
			break;
		bool said =
		    json_string_length(json_object_get(e, "reason")) > 0;

		snprintf(text, sizeof(text), "%s %s%s%s%s%s%s%s",
		    command_text(e, "pool"), ramp ? "canary" : endpoint,
		    ramp ? "" : " ", ramp ? "" : command_text(e, "before"),
		    ramp ? "" : " to ", ramp ? "" : command_text(e, "after"),
		    said ? ": " : "", said ? command_text(e, "reason") : "");
		clock_format(command_number(e, "at_ms"), at);
		line(d, "%s  %s", at,
		    columns_cut(text, COLUMNS - 2 - strlen(at), cut));
	}
	if (i == 0)
		line(d, "no event yet");
}

/* --- all of it --- */

/* Lines of a list of ${n} in what is left, when ${others} lines are needed for
 * what follows. */
static size_t
room(const struct drawing *d, size_t others)
{
	if (d->screen->lines == 0)
		return PLAIN_OTHERS;
	return d->left > others + LEAST ? d->left - others : LEAST;
}

static void
begin(struct drawing *d, const struct top_screen *screen)
{
	*d = (struct drawing){
	    screen, screen->lines > 0 ? screen->lines : SIZE_MAX};
	if (screen->lines > 0)
		fputs("\033[H", screen->to);
}

static void
end(const struct top_screen *screen)
{
	if (screen->lines > 0)
		fputs("\033[J", screen->to);
	fflush(screen->to);
}

static json_t **
sorted(const json_t *list, size_t *unwell)
{
	size_t n = json_array_size(list);
	json_t **service = calloc(n + 1, sizeof(json_t *));

	*unwell = 0;
	if (service == NULL)
		return NULL;
	for (size_t i = 0; i < n; i++) {
		service[i] = json_array_get(list, i);
		*unwell +=
		    strcmp(command_text(service[i], "state"), "healthy") != 0;
	}
	qsort(service, n, sizeof(json_t *), compare_services);
	return service;
}

void
top_text_print(const struct top_screen *screen, json_t *root)
{
	const json_t *services = json_object_get(root, "services");
	const json_t *hand = json_object_get(root, "overrides");
	const json_t *vantages = json_object_get(root, "vantages");
	size_t unwell, n_hand = at_most(json_array_size(hand), LEAST + 1);
	size_t n_vantages = at_most(json_array_size(vantages), LEAST + 1);
	json_t **service = sorted(services, &unwell);
	struct drawing d;
	/* Of each list its lines, a blank one, and of events a few. */
	size_t below = n_hand + n_vantages + 2 + 1 + LEAST + LEAST;

	if (service == NULL)
		return;
	begin(&d, screen);
	draw_head(&d, root, unwell);
	draw_regions(
	    &d, json_object_get(root, "regions"), room(&d, below + 4 + LEAST));
	draw_services(&d, service, json_array_size(services),
	    screen->lines > 0 ? room(&d, below) : 2 * PLAIN_SERVICES);
	draw_hand(&d, hand, room(&d, n_vantages + 2 + 1 + LEAST));
	draw_vantages(&d, vantages, room(&d, 1 + LEAST));
	draw_events(&d, json_object_get(root, "events"), room(&d, 1));
	free(service);
	end(screen);
}

void
top_text_trouble(const struct top_screen *screen, const char *why)
{
	begin(&(struct drawing){0}, screen);
	fputs("NO SERVER: ", screen->to);
	columns_wrap(screen->to, 11, 4, why);
	end(screen);
}
