/*
 * meridianctl reload: sends SIGHUP to the meridiand of this node, whose process
 * its page of reloads names, and waits until that page says how the reload
 * ended; then to its meridian-probe, which the state database names.  The right
 * to do so is the kernel's to give, as for any signal.
 */
#include <errno.h>
#include <jansson.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <time.h>

#include "base/clock.h"
#include "base/text.h"
#include "ctl/command.h"
#include "ctl/fetch.h"
#include "state/reader.h"

/* A million records and a large map stay far below this. */
#define PATIENCE_MS 300000

/*
 * The pause between two looks at the page is an eighth of what was waited so
 * far: the end of a reload is seen soon as seen from its length, and a minute's
 * reload costs some hundred looks, of some hundred bytes each.
 */
#define LOOK_FIRST_MS 20
#define LOOK_LAST_MS 500
#define LOOK_SHARE 8

/* What the page says of the server and its reloads. */
struct reload_status {
	json_int_t pid, done, took_ms, zones_read, zones_unchanged, zones_held;
	int ok, adopted, under_way;
	char messages[ERRBUF_SIZE];
};

static bool
parse(const char *body, struct reload_status *out)
{
	json_t *root = json_loads(body, 0, NULL), *messages;
	bool good =
	    json_unpack(root, "{sI s{sI sb sb sb sI sI sI sI so}}", "pid",
		&out->pid, "reload", "done", &out->done, "under_way",
		&out->under_way, "ok", &out->ok, "adopted", &out->adopted,
		"took_ms", &out->took_ms, "zones_read", &out->zones_read,
		"zones_unchanged", &out->zones_unchanged, "zones_held",
		&out->zones_held, "messages", &messages) == 0;

	/* They are null while a reload is under way. */
	if (good)
		snprintf(out->messages, sizeof(out->messages), "%s",
		    json_is_string(messages) ? json_string_value(messages)
					     : "");
	json_decref(root);
	return good && out->pid > 1;
}

static int
look(const struct server_config *config, struct reload_status *out,
    struct errbuf *eb)
{
	char why[FETCH_WHY] = "its page of reloads makes no sense";
	char *body = fetch_page(config, "/api/v1/reload", why);
	bool good = body != NULL && parse(body, out);

	if (!good)
		errbuf_error(eb, NULL, "%s", why);
	free(body);
	return good ? 0 : -1;
}

static void
pause_between_looks(int64_t waited_ms)
{
	int64_t ms = waited_ms / LOOK_SHARE;
	struct timespec pause;

	if (ms < LOOK_FIRST_MS)
		ms = LOOK_FIRST_MS;
	if (ms > LOOK_LAST_MS)
		ms = LOOK_LAST_MS;
	pause = (struct timespec){.tv_nsec = ms * 1000000};
	nanosleep(&pause, NULL);
}

/* Wait until one more reload has ended and none is under way. */
static int
wait_for_end(const struct server_config *config, json_int_t before,
    struct reload_status *now, struct errbuf *eb)
{
	int64_t began = clock_mono_ms(), waited = 0;

	while (waited < PATIENCE_MS) {
		pause_between_looks(waited);
		if (look(config, now, eb) != 0)
			return -1;
		if (now->done > before && !now->under_way)
			return 0;
		waited = clock_mono_ms() - began;
	}
	return errbuf_error(eb, NULL, "the reload has not ended yet");
}

static int
reload(const struct server_config *config, struct reload_status *now,
    struct errbuf *eb)
{
	json_int_t before;

	if (look(config, now, eb) != 0)
		return -1;
	before = now->done;
	/* With one under way, ours is the one after it. */
	if (now->under_way)
		before++;
	if (kill((pid_t)now->pid, SIGHUP) != 0)
		return errbuf_error(eb, NULL, "cannot signal process %lld: %s",
		    now->pid, strerror(errno));
	return wait_for_end(config, before, now, eb);
}

/*
 * Tell the probe daemon of this node, if one runs.  It reads the same files,
 * which have just been found good, and logs how its reload went.  Its process
 * goes to ${pid}; 0: none was told.
 */
static int
reload_probe(
    const struct server_config *config, int64_t *pid, struct errbuf *eb)
{
	struct state_reader *reader = NULL;

	*pid = 0;
	/* A probe that runs makes the database. */
	if (access(config->state, F_OK) != 0 && errno == ENOENT)
		return 0;
	reader = state_reader_create(config->state);
	if (reader != NULL)
		*pid = state_reader_owner(reader, config->vantage, eb);
	state_reader_destroy(reader);
	/* What the operator asked for, a reload of meridiand, was done. */
	if (reader == NULL || *pid < 0) {
		command_print_messages(eb);
		fputs("meridian-probe was not asked to reload\n", stderr);
		return 0;
	}
	if (*pid != 0 && kill((pid_t)*pid, SIGHUP) != 0)
		return errbuf_error(eb, NULL, "cannot signal process %lld: %s",
		    (long long)*pid, strerror(errno));
	return 0;
}

static void
say_probe(const struct server_config *config, int64_t pid)
{
	if (pid > 0)
		printf("meridian-probe (process %lld) reloads too\n",
		    (long long)pid);
	else if (pid == 0)
		printf("no meridian-probe runs here as %s\n", config->vantage);
}

/* --- telling it --- */

static void
say_held(const struct reload_status *now)
{
	if (now->zones_held > 0)
		fprintf(stderr,
		    "%lld zone%s errors: served with the records that were "
		    "there, or not yet\n",
		    now->zones_held, now->zones_held == 1 ? " has" : "s have");
}

static void
print_object(const struct reload_status *now, int64_t probe)
{
	json_t *root = json_pack("{sb sb sI sI sI sI sI so so}", "ok", now->ok,
	    "adopted", now->adopted, "pid", now->pid, "took_ms", now->took_ms,
	    "zones_read", now->zones_read, "zones_unchanged",
	    now->zones_unchanged, "zones_held", now->zones_held, "probe_pid",
	    probe > 0 ? json_integer(probe) : json_null(), "messages",
	    command_messages(now->messages));

	command_print_object(root);
	json_decref(root);
}

/* The reload has ended: tell how, and tell the probe.  The exit status. */
static int
tell(const struct server_config *config, const struct reload_status *now,
    bool json, struct errbuf *eb)
{
	int64_t probe = 0;
	int told = 0;

	if (!json) {
		fputs(now->messages, stderr);
		if (now->adopted)
			printf("reloaded in %lld ms: %lld zone%s read, %lld "
			       "unchanged\n",
			    now->took_ms, now->zones_read,
			    text_plural((size_t)now->zones_read),
			    now->zones_unchanged);
		else
			fputs("reload failed: meridiand serves what it had\n",
			    stderr);
	}
	if (now->adopted)
		told = reload_probe(config, &probe, eb);
	if (json)
		print_object(now, told == 0 ? probe : 0);
	if (told != 0)
		command_print_messages(eb);
	else if (!json && now->adopted)
		say_probe(config, probe);
	if (!json && now->adopted)
		say_held(now);
	return now->adopted && now->ok && told == 0 ? CTL_OK : CTL_FAILED;
}

static const struct options_usage usage = {
    .program = "meridianctl reload",
    .synopsis = "meridianctl [-c FILE] reload [--json]",
    .about = "Makes meridiand and meridian-probe of this node read their files "
	     "again,\n"
	     "waits until meridiand has, and prints what it said.\n"
	     "Status: 0 all is served, 1 something is not: see the messages.\n",
    .rows =
	(const struct option_row[]){
	    {'j', "json", NULL, "print one JSON object"},
	    {0},
	},
};

static int
run(const char *path, int argc, char **argv)
{
	struct errbuf *eb = malloc(sizeof(*eb));
	struct reload_status *now = malloc(sizeof(*now));
	struct server_config *config = NULL;
	struct options o;
	bool json = false;
	int status;

	options_begin(&o, &usage, argc, argv);
	while (options_next(&o) >= 0)
		json = true;
	status = o.status;
	if (status < 0 && o.n_words > 0)
		status =
		    options_refuse(&o, "\"%s\" is a word too many", o.words[0]);
	if (status >= 0)
		goto out;
	status = CTL_FAILED;
	if (eb == NULL || now == NULL)
		goto out;
	errbuf_init(eb);
	config = server_config_load(path, eb);
	if (config != NULL && reload(config, now, eb) == 0) {
		status = tell(config, now, json, eb);
		goto out;
	}
	command_print_messages(eb);
	/* Where it answers is in the file. */
	if (config == NULL)
		fputs("reload failed: meridiand was not asked; if it "
		      "runs, it serves what it had\n",
		    stderr);
out:
	server_config_destroy(config);
	free(now);
	free(eb);
	return status;
}

const struct command command_reload = {
    .name = "reload",
    .summary = "make both daemons read their files again, and wait",
    .run = run,
};
