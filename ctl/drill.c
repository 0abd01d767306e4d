/*
 * meridianctl drill: drains something for a while, watches, and ends it by
 * itself when something else breaks down.  That it ends is in the override: it
 * has a length, whatever becomes of this program.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/text.h"
#include "ctl/command.h"
#include "ctl/drill_report.h"
#include "ctl/drill_safety.h"
#include "ctl/override_say.h"
#include "ctl/progress.h"

#define FORM "drill KIND TARGET --for LENGTH"

/* Looks: often enough that a tenth of a second more or less is seen. */
#define LOOK_MS 250

/* The safety rule is asked less often: it reads the database in full. */
#define SAFETY_MS 2000

/* Nobody drills what nobody can watch: after so long without a look it is
 * undone. */
#define BLIND_MS 10000

/* Watched before and after it, unless an option says otherwise. */
#define SETTLE_MS 10000

/* The load of another region that ends a drill. */
#define LIMIT 0.95

enum {
	DRILL_STATUS_COMPLETE = 0,
	DRILL_STATUS_REFUSED = OVERRIDE_REFUSED,
	DRILL_STATUS_UNABLE = OVERRIDE_UNABLE,
	DRILL_STATUS_UNDONE = 3,
	DRILL_STATUS_INTERRUPTED = 4
};

struct drill {
	const char *path;
	struct override_wish wish;
	struct server_config *config;
	struct drill_safety *safety;
	struct drill_watch *watch;
	struct drill_outcome outcome;
	bool json;                /* what is said on the way is for people */
	int64_t said_ms, safe_ms; /* monotonic clock */
	int report;               /* descriptor for JSON; -1: text */
};

static volatile sig_atomic_t stopped;

static void
on_signal(int number)
{
	stopped = number;
}

/* Ctrl-C and an end of the terminal undo a drill. */
static void
take_signals(void)
{
	struct sigaction action = {.sa_handler = on_signal};

	sigemptyset(&action.sa_mask);
	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
	sigaction(SIGHUP, &action, NULL);
	signal(SIGPIPE, SIG_IGN);
}

/* What is said on the way goes to standard error, where JSON is wanted. */
static void
move_output(struct drill *d)
{
	d->report = -1;
	if (!d->json)
		return;
	d->report = dup(STDOUT_FILENO);
	if (d->report >= 0)
		(void)dup2(STDERR_FILENO, STDOUT_FILENO);
}

static void
tell(struct drill *d)
{
	fflush(stdout);
	if (d->report >= 0) {
		(void)dup2(d->report, STDOUT_FILENO);
		close(d->report);
		drill_report_json(d->watch, &d->outcome);
	} else {
		drill_report_text(d->watch, &d->outcome);
	}
	fflush(stdout);
}

static void
pause_look(void)
{
	const struct timespec pause = {.tv_nsec = LOOK_MS * 1000000L};

	nanosleep(&pause, NULL);
}

/* Watch for ${ms}, or until somebody stops it. */
static void
settle(struct drill *d, int64_t ms)
{
	int64_t end = clock_mono_ms() + ms;

	while (!stopped && clock_mono_ms() < end) {
		(void)drill_watch_look(d->watch);
		pause_look();
	}
	(void)drill_watch_look(d->watch);
}

/* --- the drain --- */

/* The safety rule first, in words, before anything is done. */
static int
say_rule(struct drill *d)
{
	struct override_wish wish = d->wish;

	wish.dry_run = true;
	puts("the safety rule first: what would be left");
	return override_say(d->path, &wish);
}

static void
undo(struct drill *d, const char *why)
{
	struct override_wish wish = {.row = d->wish.row, .anyway = true};

	(void)snprintf(
	    wish.row.action, sizeof(wish.row.action), "%s", "undrain");
	(void)snprintf(
	    wish.row.reason, sizeof(wish.row.reason), "drill: %.200s", why);
	wish.row.number = 0;
	wish.row.at_ms = 0;
	wish.row.length_ms = -1;
	wish.row.ramp_ms = 0;
	wish.row.forced = 0;
	drill_watch_note(d->watch, "undone: %s", why);
	if (override_say(d->path, &wish) != OVERRIDE_SAID)
		fputs("meridianctl drill: cannot be undone by hand: it ends by "
		      "its own length\n",
		    stderr);
}

/* --- watching --- */

static bool
end_with(struct drill *d, enum drill_end end, const char *why)
{
	d->outcome.end = end;
	(void)snprintf(d->outcome.why, sizeof(d->outcome.why), "%s", why);
	return true;
}

/* The safety rule, and whether it is in force still, now and then. */
static bool
is_unsafe(struct drill *d)
{
	char why[DRILL_TEXT];
	int64_t now = clock_mono_ms();
	enum drill_safe safe;

	if (now - d->safe_ms < SAFETY_MS)
		return false;
	d->safe_ms = now;
	safe = drill_safety_check(d->safety, &d->wish.row, why);
	if (safe == DRILL_UNSAFE)
		return end_with(d, DRILL_UNDONE, why);
	if (safe == DRILL_ENDED)
		return end_with(d, DRILL_INTERRUPTED,
		    "somebody else ended the drain, or said another one");
	return false;
}

/* Whether it has to end before its time. */
static bool
has_to_end(struct drill *d)
{
	char why[DRILL_TEXT];

	if (stopped)
		return end_with(d, DRILL_INTERRUPTED,
		    stopped == SIGINT ? "Ctrl-C" : "asked to end by a signal");
	if (drill_watch_look(d->watch) != 0 &&
	    clock_mono_ms() - d->watch->seen_ms > BLIND_MS)
		return end_with(d, DRILL_BLIND,
		    "meridiand does not answer, so that nobody can watch");
	if (drill_watch_breach(d->watch, d->wish.limit, why))
		return end_with(d, DRILL_UNDONE, why);
	return is_unsafe(d);
}

static void
show(const struct drill *d, struct progress *progress)
{
	const struct drill_region *worst = NULL;
	char line[128];

	for (size_t i = 0; i < d->watch->n; i++)
		if (!d->watch->region[i].drilled &&
		    (worst == NULL || d->watch->region[i].load > worst->load))
			worst = &d->watch->region[i];
	snprintf(line, sizeof(line), "%.60s %.0f%%",
	    worst != NULL ? worst->name : "load",
	    worst != NULL && worst->load > 0 ? worst->load * 100 : 0);
	progress_show(progress, "drill",
	    (double)(clock_mono_ms() - d->said_ms) /
		(double)d->wish.row.length_ms,
	    line);
}

/* Until its length is over, or it has to end. */
static void
watch(struct drill *d)
{
	int64_t end = d->said_ms + d->wish.row.length_ms;
	struct progress progress;
	bool over = false;

	progress_begin(&progress, stderr, d->json);
	while (!over && clock_mono_ms() < end) {
		over = has_to_end(d);
		if (over)
			break;
		show(d, &progress);
		pause_look();
	}
	progress_end(&progress);
	d->outcome.lasted_ms = clock_mono_ms() - d->said_ms;
	if (over && strncmp(d->outcome.why, "somebody", 8) != 0)
		undo(d, d->outcome.why);
}

static int
status_of(enum drill_end end)
{
	switch (end) {
	case DRILL_COMPLETE:
		return DRILL_STATUS_COMPLETE;
	case DRILL_INTERRUPTED:
		return DRILL_STATUS_INTERRUPTED;
	case DRILL_UNDONE:
	case DRILL_BLIND:
	default:
		return DRILL_STATUS_UNDONE;
	}
}

static int
drill(struct drill *d)
{
	int status = say_rule(d);
	char why[DRILL_TEXT];

	if (status != OVERRIDE_SAID || d->wish.dry_run)
		return status;
	if (drill_watch_look(d->watch) != 0) {
		fprintf(stderr,
		    "meridianctl drill: not begun: nobody can watch: %s\n",
		    d->watch->trouble);
		return DRILL_STATUS_UNABLE;
	}
	settle(d, d->wish.settle_ms);
	if (stopped) {
		fputs("meridianctl drill: not begun\n", stderr);
		return DRILL_STATUS_INTERRUPTED;
	}
	if (!d->wish.anyway && drill_watch_full(d->watch, d->wish.limit, why)) {
		fprintf(stderr,
		    "meridianctl drill: refused: %s: make room first, raise "
		    "--limit, or say --force-anyway\n",
		    why);
		return DRILL_STATUS_REFUSED;
	}
	/* Its length begins as it is said. */
	d->said_ms = clock_mono_ms();
	drill_watch_phase(d->watch, DRILL_DURING);
	status = override_say(d->path, &d->wish);
	if (status != OVERRIDE_SAID)
		return status;
	watch(d);
	drill_watch_phase(d->watch, DRILL_AFTER);
	if (d->outcome.end != DRILL_INTERRUPTED)
		settle(d, d->wish.settle_ms);
	tell(d);
	return status_of(d->outcome.end);
}

static int
open_all(struct drill *d)
{
	struct errbuf *eb = malloc(sizeof(*eb));

	d->watch = calloc(1, sizeof(*d->watch));
	if (eb != NULL) {
		errbuf_init(eb);
		d->config = server_config_load(d->path, eb);
		if (d->config == NULL)
			command_print_messages(eb);
	}
	free(eb);
	if (d->config == NULL || d->watch == NULL)
		return -1;
	if (d->config->http.port == 0) {
		fputs("meridianctl drill: meridiand has no pages (key "
		      "\"http\"), so that nobody can watch\n",
		    stderr);
		return -1;
	}
	d->safety = drill_safety_open(d->path);
	return d->safety != NULL
	    ? drill_watch_begin(d->watch, d->config, &d->wish.row)
	    : -1;
}

static const struct options_usage usage = {
    .program = "meridianctl drill",
    .synopsis =
	"meridianctl [-c FILE] drill KIND TARGET --for LENGTH\n"
	"         [--settle LENGTH] [--limit SHARE] [--reason TEXT]\n"
	"         [--author NAME] [--force-anyway] [--dry-run] [--json]",
    .about =
	"Drains what TARGET names for a while, watches what becomes of its "
	"clients, and\nundoes it when another region breaks down or has a load "
	"above the limit.  It\nends after LENGTH whatever becomes of this "
	"program; Ctrl-C ends it at once.\n"
	"Status: 0 complete, 1 refused (safety, wait, no such target), 2 "
	"cannot be done,\n3 undone by itself, 4 ended by hand.\n",
    .rows =
	(const struct option_row[]){
	    {OVERRIDE_FOR, "for", "LENGTH",
		"how long: 90s, 10m, 2h; it ends by itself then"},
	    {OVERRIDE_SETTLE, "settle", "LENGTH",
		"how long to watch before and after it (10s)"},
	    {OVERRIDE_LIMIT, "limit", "SHARE",
		"the load of another region that ends it (95%)"},
	    OVERRIDE_ROWS_ALL,
	    {0},
	},
};

static int
run(const char *path, int argc, char **argv)
{
	struct drill d = {.path = path, .report = -1};
	struct options o;
	int status =
	    override_words_read(&d.wish, &o, &usage, "drain", argc, argv);

	if (status < 0)
		status = override_words_target(&d.wish, &o, 0, FORM);
	if (status >= 0)
		return status;
	if (d.wish.row.length_ms < 0)
		return options_refuse(
		    &o, "a drill needs an end: --for LENGTH (90s, 10m, 2h)");
	if (d.wish.row.reason[0] == '\0')
		(void)snprintf(
		    d.wish.row.reason, sizeof(d.wish.row.reason), "drill");
	if (d.wish.settle_ms == 0)
		d.wish.settle_ms = SETTLE_MS;
	if (!(d.wish.limit > 0))
		d.wish.limit = LIMIT;
	d.json = d.wish.json;
	d.wish.json = false;
	take_signals();
	move_output(&d);
	status = open_all(&d) == 0 ? drill(&d) : DRILL_STATUS_UNABLE;
	if (d.watch != NULL)
		drill_watch_end(d.watch);
	free(d.watch);
	drill_safety_close(d.safety);
	server_config_destroy(d.config);
	return status;
}

const struct command command_drill = {
    .name = "drill",
    .summary = "drain something for a while, watch, and report",
    .run = run,
};
