/*
 * meridianctl top: a node as it is now, again and again on a terminal, once
 * where there is none.  Asks meridiand alone and changes nothing.
 */
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/number.h"
#include "config/scalar.h"
#include "ctl/command.h"
#include "ctl/top_read.h"
#include "ctl/top_text.h"

/* What is shown are rates of a minute: more often there is nothing new. */
#define EVERY_MS 1000
#define EVERY_LEAST_MS 100
#define EVERY_MOST_MS 3600000

#define TIMES_MAX 1000000

/* A page takes milliseconds; one that takes longer is told of. */
#define PATIENCE_MS 5000

/* The last line of a terminal is free, so that nothing scrolls; who reports no
 * size has the usual one. */
#define LINES_USUAL 24

#define CTRL_C 3

enum { EVERY = 256, TIMES };

static const struct options_usage usage = {
    .program = "meridianctl top",
    .synopsis =
	"meridianctl [-c FILE] top [--every LENGTH] [--times N] [--json]",
    .about = "Shows regions, services, what was said by hand, vantages and "
	     "events as they are\nnow: on a terminal until q or Ctrl-C, else "
	     "once.  Status: 0 done, 1 no server.\n",
    .rows =
	(const struct option_row[]){
	    {EVERY, "every", "LENGTH", "look so often (1s)"},
	    {TIMES, "times", "N", "end after so many looks"},
	    {'j', "json", NULL, "one JSON object a line"},
	    {0},
	},
};

struct top {
	int64_t every_ms;
	uint64_t times; /* 0: until it is ended */
	bool json;
	struct top_screen screen;
	bool keys; /* those of standard input come one by one */
	struct termios before;
};

static volatile sig_atomic_t stopped;

static void
on_signal(int number)
{
	stopped = number;
}

/* --- the command line --- */

static int
read_length(struct options *o, int64_t *ms)
{
	if (scalar_parse_ms(o->value, ms) != 0 || *ms < EVERY_LEAST_MS ||
	    *ms > EVERY_MOST_MS)
		return options_refuse(o,
		    "--every takes a length from 100ms to 1h, not \"%s\"",
		    o->value);
	return -1;
}

static int
read_words(struct top *top, int argc, char **argv)
{
	struct options o;
	int key, status = -1;

	*top = (struct top){.every_ms = EVERY_MS};
	options_begin(&o, &usage, argc, argv);
	while (status < 0 && (key = options_next(&o)) >= 0) {
		if (key == EVERY)
			status = read_length(&o, &top->every_ms);
		else if (key == 'j')
			top->json = true;
		else if (number_parse(o.value, strlen(o.value), 1, TIMES_MAX,
			     &top->times) != 0)
			status = options_refuse(
			    &o, "--times takes a number, not \"%s\"", o.value);
	}
	if (status >= 0 || o.status >= 0)
		return status >= 0 ? status : o.status;
	if (o.n_words > 0)
		return options_refuse(
		    &o, "\"%s\" is a word too many", o.words[0]);
	return -1;
}

/* --- the terminal --- */

static size_t
lines_now(void)
{
	struct winsize size;

	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_row > 1)
		return size.ws_row - 1U;
	return LINES_USUAL - 1;
}

static bool
is_screen(void)
{
	const char *term = getenv("TERM");

	return isatty(STDOUT_FILENO) == 1 && term != NULL && *term != '\0' &&
	    strcmp(term, "dumb") != 0;
}

/* A screen of its own, as that of an editor, so that what was printed before is
 * there again afterwards; no cursor, and no key is shown. */
static void
take_screen(struct top *top)
{
	const char *no_colour = getenv("NO_COLOR");
	struct sigaction action = {.sa_handler = on_signal};
	struct termios raw;

	top->screen.to = stdout;
	if (top->json || !is_screen())
		return;
	top->screen.lines = lines_now();
	top->screen.colour = no_colour == NULL || *no_colour == '\0';
	sigemptyset(&action.sa_mask);
	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
	sigaction(SIGHUP, &action, NULL);
	if (tcgetattr(STDIN_FILENO, &top->before) == 0) {
		raw = top->before;
		raw.c_lflag &= ~(tcflag_t)(ICANON | ECHO | ISIG);
		top->keys = tcsetattr(STDIN_FILENO, TCSANOW, &raw) == 0;
	}
	fputs("\033[?1049h\033[?25l\033[2J", stdout);
}

static void
give_screen(const struct top *top)
{
	if (top->screen.lines == 0)
		return;
	fputs("\033[?25h\033[?1049l", stdout);
	fflush(stdout);
	if (top->keys)
		(void)tcsetattr(STDIN_FILENO, TCSANOW, &top->before);
}

/* Wait until the next look; false: a key or a signal ends it. */
static bool
wait_next(const struct top *top)
{
	struct pollfd in = {top->keys ? STDIN_FILENO : -1, POLLIN, 0};
	int64_t end = clock_mono_ms() + top->every_ms, now;
	char key;

	while (!stopped && (now = clock_mono_ms()) < end) {
		if (poll(&in, 1, (int)(end - now)) <= 0)
			continue;
		if (read(STDIN_FILENO, &key, 1) != 1 || key == 'q' ||
		    key == 'Q' || key == CTRL_C)
			return false;
	}
	return !stopped;
}

/* --- looks --- */

static int
look(struct top *top, struct fetch *fetch, char why[FETCH_WHY])
{
	json_t *root = top_read(fetch, why);

	if (top->screen.lines > 0)
		top->screen.lines = lines_now();
	if (root == NULL) {
		if (top->screen.lines > 0)
			top_text_trouble(&top->screen, why);
		return -1;
	}
	if (top->json) {
		json_dumpf(root, stdout, JSON_COMPACT | JSON_PRESERVE_ORDER);
		putchar('\n');
		fflush(stdout);
	} else {
		top_text_print(&top->screen, root);
	}
	json_decref(root);
	return 0;
}

static int
run_for(const struct server_config *config, void *context, struct errbuf *eb)
{
	struct top *top = context;
	struct fetch *fetch = fetch_open(config);
	char why[FETCH_WHY] = "no memory";
	int status = -1;

	if (fetch == NULL)
		return errbuf_error(eb, NULL, "%s", why);
	fetch_hurry(fetch, PATIENCE_MS);
	take_screen(top);
	if (top->times == 0 && top->screen.lines == 0)
		top->times = 1;
	for (uint64_t n = 1;; n++) {
		status = look(top, fetch, why);
		if (n == top->times || ferror(stdout) || !wait_next(top))
			break;
		if (top->screen.lines == 0 && !top->json)
			putchar('\n');
	}
	give_screen(top);
	fetch_close(fetch);
	return status == 0 ? 0 : errbuf_error(eb, NULL, "%s", why);
}

static int
run(const char *path, int argc, char **argv)
{
	struct top top;
	int status = read_words(&top, argc, argv);

	return status >= 0 ? status : command_on_node(path, run_for, &top);
}

const struct command command_top = {
    "top", "the node as it is now, again and again on a terminal", run};
