/*
 * meridianctl history: what a server answered, as its history has it: sums of a
 * period by service, region, country and more.  Reads alone.
 */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/nearest.h"
#include "base/number.h"
#include "config/server.h"
#include "ctl/command.h"
#include "ctl/history_show.h"
#include "ctl/period.h"

#define DAY_MS INT64_C(86400000)

enum { FROM = 256, TO, LAST, BY, EVERY, FAILOVERS, CSV, JSON };

static const struct option_row rows[] = {
    {FROM, "from", "TIME", "from 2026-01-31 or 2026-01-31T13:00Z on"},
    {TO, "to", "TIME", "up to then; up to now without it"},
    {LAST, "last", "LENGTH", "the last 90m, 24h or 7d (24h without any)"},
    {BY, "by", "WHAT",
	"service, region, pool, reason, country, as, scope, subnet: more than "
	"one with commas between"},
    {EVERY, "every", "STEP", "a row each minute, hour or day"},
    {FAILOVERS, "failovers", NULL,
	"endpoints that left the answers or came back"},
    {CSV, "csv", NULL, "comma-separated values"},
    {JSON, "json", NULL, "one JSON object"},
    {0},
};

static const struct options_usage usage = {
    .program = "meridianctl history",
    .synopsis = "meridianctl [-c FILE] history [--last LENGTH] [--by WHAT] ... "
		"[SERVICE]",
    .about = "Prints how many answers the server on this machine gave, of all "
	     "services or one.\nStatus: 0 done, 1 there is no such history, "
	     "or it cannot be read.\n",
    .rows = rows,
};

/* --- the command line --- */

/* "90m", "24h", "7d"; -1 when it is none. */
static int64_t
parse_length(const char *text)
{
	static const char units[] = "smhd";
	static const int64_t unit_ms[] = {1000, 60000, 3600000, DAY_MS};
	size_t len = strlen(text);
	const char *unit = len > 1 ? strchr(units, text[len - 1]) : NULL;
	uint64_t n;

	if (unit == NULL || number_parse(text, len - 1, 1, 100000, &n) != 0)
		return -1;
	return (int64_t)n * unit_ms[unit - units];
}

/* A moment, or a day alone. */
static int
parse_time(const char *text, int64_t *ms)
{
	char full[32];
	int64_t seconds;
	bool day = strlen(text) == sizeof("2026-01-31") - 1;

	(void)snprintf(full, sizeof(full), "%s%s", text, day ? "T00:00Z" : "");
	if (strlen(text) >= sizeof(full) || clock_parse(full, &seconds) != 0)
		return -1;
	*ms = seconds * 1000;
	return 0;
}

static const struct {
	const char *name;
	unsigned by;
} by_names[] = {
    {"service", HISTORY_SERVICE},
    {"region", HISTORY_REGION},
    {"pool", HISTORY_POOL},
    {"reason", HISTORY_REASON},
    {"country", HISTORY_COUNTRY},
    {"as", HISTORY_AS},
    {"scope", HISTORY_SCOPE},
    {"subnet", HISTORY_SHOW_SUBNET},
};

/* What of the file is joined with what: country with service and region, the
 * others of places and scopes with service. */
static bool
can_join(unsigned by)
{
	unsigned of = by & (HISTORY_COUNTRY | HISTORY_AS | HISTORY_SCOPE);

	if (of == 0)
		return true;
	return (by &
		   ~(of | HISTORY_SERVICE |
		       (of == HISTORY_COUNTRY ? (unsigned)HISTORY_REGION
					      : 0U))) == 0 &&
	    (of & (of - 1)) == 0;
}

static int
parse_by(struct options *o, unsigned *by)
{
	const char *at = o->value;

	while (at != NULL) {
		size_t len = strcspn(at, ","), i = 0;

		for (; i < sizeof(by_names) / sizeof(by_names[0]); i++)
			if (strlen(by_names[i].name) == len &&
			    strncmp(by_names[i].name, at, len) == 0)
				break;
		if (i == sizeof(by_names) / sizeof(by_names[0]))
			return options_refuse(o,
			    "--by takes service, region, pool, reason, "
			    "country, as, scope or subnet, not \"%.*s\"",
			    (int)len, at);
		*by |= by_names[i].by;
		at = at[len] == ',' ? at + len + 1 : NULL;
	}
	if (!can_join(*by))
		return options_refuse(o,
		    "--by country goes with service and region, as and scope "
		    "with service: the others are not counted together");
	return -1;
}

static int
parse_every(struct options *o, struct history_question *q)
{
	static const char *const names[] = {"minute", "hour", "day"};

	for (int i = 0; i < 3; i++)
		if (strcmp(o->value, names[i]) == 0) {
			q->every = (enum history_every)(HISTORY_MINUTE + i);
			q->by |= HISTORY_TIME;
			return -1;
		}
	return options_refuse(
	    o, "--every takes minute, hour or day, not \"%s\"", o->value);
}

/* One option; -1 to go on. */
static int
take_option(struct options *o, int key, struct history_show *show)
{
	struct history_question *q = &show->question;
	int64_t length;

	switch (key) {
	case FROM:
	case TO:
		if (parse_time(
			o->value, key == FROM ? &q->from_ms : &q->to_ms) != 0)
			return options_refuse(o,
			    "--%s takes a time in UTC (2026-01-31, "
			    "2026-01-31T13:00Z), not \"%s\"",
			    key == FROM ? "from" : "to", o->value);
		return -1;
	case LAST:
		length = parse_length(o->value);
		if (length < 0)
			return options_refuse(o,
			    "--last takes a length (90m, 24h, 7d), not \"%s\"",
			    o->value);
		q->from_ms = clock_wall_ms() - length;
		return -1;
	case BY:
		return parse_by(o, &q->by);
	case EVERY:
		return parse_every(o, q);
	default:
		show->failovers = show->failovers || key == FAILOVERS;
		show->csv = show->csv || key == CSV;
		show->json = show->json || key == JSON;
		return -1;
	}
}

static int
check_words(struct options *o, struct history_show *show)
{
	struct history_question *q = &show->question;

	if (o->n_words > 1)
		return options_refuse(
		    o, "\"%s\" is a word too many", o->words[1]);
	if (show->csv && show->json)
		return options_refuse(o, "it is --csv or --json");
	if ((q->by &
		(HISTORY_COUNTRY | HISTORY_AS | HISTORY_SCOPE |
		    HISTORY_SHOW_SUBNET)) != 0 &&
	    (q->every == HISTORY_MINUTE || q->every == HISTORY_HOUR))
		return options_refuse(o,
		    "countries, AS numbers, scopes and subnets are kept by "
		    "day: --every day");
	show->wanted = o->n_words > 0 ? o->words[0] : NULL;
	return period_check(o, q->from_ms, &q->to_ms);
}

static int
read_words(struct history_show *show, int argc, char **argv)
{
	struct history_question *q = &show->question;
	int64_t now = clock_wall_ms();
	struct options o;
	int key, status;

	*show =
	    (struct history_show){.question = {.from_ms = -1, .to_ms = now}};
	options_begin(&o, &usage, argc, argv);
	while ((key = options_next(&o)) >= 0) {
		status = take_option(&o, key, show);
		if (status >= 0)
			return status;
	}
	if (o.status >= 0)
		return o.status;
	if (q->from_ms < 0)
		q->from_ms = q->to_ms - DAY_MS;
	return check_words(&o, show);
}

/* --- the service --- */

struct finding {
	const char *wanted, *found;
	size_t n; /* that begin with the word */
	bool same;
	const char *nearest; /* by its whole name or its first label */
	unsigned distance;
};

/* A slip of the word is no farther from it. */
static void
offer_near(struct finding *f, const char *name, size_t len)
{
	char part[HISTORY_TEXT];
	unsigned distance;

	(void)snprintf(part, sizeof(part), "%.*s", (int)len, name);
	distance = nearest_distance(f->wanted, part);
	if (distance * 3 > strlen(f->wanted) + 2 || distance >= f->distance)
		return;
	f->nearest = name;
	f->distance = distance;
}

static void
offer(void *context, const char *name)
{
	struct finding *f = context;
	size_t len = strlen(f->wanted);

	offer_near(f, name, strlen(name));
	offer_near(f, name, strcspn(name, "."));
	if (f->same)
		return;
	f->same = strcmp(name, f->wanted) == 0;
	if (f->same ||
	    (strncmp(name, f->wanted, len) == 0 && name[len] == '.')) {
		f->found = name;
		f->n++;
	}
}

/* The name as the history has it: whole, or its first labels when one alone
 * begins so. */
static int
find_service(
    struct history_reader *reader, struct history_show *show, struct errbuf *eb)
{
	char wanted[HISTORY_TEXT];
	struct finding f = {.wanted = wanted, .distance = NEAREST_MAX};
	size_t len = strlen(show->wanted);

	if (len > 1 && show->wanted[len - 1] == '.')
		len--;
	(void)snprintf(wanted, sizeof(wanted), "%.*s",
	    (int)(len < sizeof(wanted) ? len : sizeof(wanted) - 1),
	    show->wanted);
	for (char *at = wanted; *at != '\0'; at++)
		if (*at >= 'A' && *at <= 'Z')
			*at = (char)(*at - 'A' + 'a');
	if (history_names(reader, HISTORY_SERVICE, offer, &f, eb) != 0)
		return -1;
	show->question.service = f.found;
	if (f.found != NULL && (f.same || f.n == 1))
		return 0;
	if (f.n > 1)
		return errbuf_error(eb, NULL,
		    "%zu services of the history begin with \"%s\": write its "
		    "whole name",
		    f.n, wanted);
	if (f.nearest != NULL)
		return errbuf_error(eb, NULL,
		    "no answer of \"%s\" is in the history: did you mean "
		    "\"%s\"?",
		    wanted, f.nearest);
	return errbuf_error(eb, NULL,
	    "no answer of \"%s\" is in the history: meridianctl history says "
	    "of which there are",
	    wanted);
}

static int
run_for(const struct server_config *config, void *context, struct errbuf *eb)
{
	struct history_reader *reader =
	    history_reader_open(config->history.file, eb);
	struct history_show *show = context;
	int status = -1;

	if (reader == NULL)
		return -1;
	if (show->wanted == NULL || find_service(reader, show, eb) == 0)
		status = history_show(reader, show, eb);
	history_reader_close(reader);
	return status;
}

static int
run(const char *path, int argc, char **argv)
{
	struct history_show show;
	int status = read_words(&show, argc, argv);

	return status >= 0 ? status : command_on_node(path, run_for, &show);
}

const struct command command_history = {
    "history", "how many answers there were, by service, region, country", run};
