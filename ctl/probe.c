/*
 * meridianctl probe: checks one endpoint once, now and from this machine, with
 * the code that the probe daemon has, and shows each step and what was judged.
 * Writes nothing to the state database.
 */
#include <inttypes.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <uv.h>

#include "base/clock.h"
#include "ctl/command.h"
#include "ctl/probe_load.h"
#include "ctl/probe_target.h"
#include "ctl/probe_text.h"
#include "probes/ask/attempt.h"
#include "probes/ask/body.h"

/* Exit statuses, beside that of a wrong command line. */
enum { PROBE_UP = 0, PROBE_WEAK = 1, PROBE_DOWN = 2, PROBE_UNMADE = 3 };

/* Options without a letter. */
enum { CHECK = 256, DEEP, LOAD };

static const struct options_usage usage = {
    .program = "meridianctl probe",
    .synopsis = "meridianctl [-c FILE] probe ENDPOINT [--check NAME]\n"
		"         [--deep | --load] [--json]",
    .about =
	"Checks ENDPOINT once, now and from this machine, as the probe daemon\n"
	"does, by all its checks, and shows each step, its times and what was\n"
	"judged.  ENDPOINT is a name, POOL/NAME or ZONE/POOL/NAME.  Ends with\n"
	"0 when it is up, 1 when it is degraded or busy, 2 when it is down,\n"
	"and 3 when that could not be found out.  With --load nothing is\n"
	"checked: it ends with 0 when it is known how full it is, 1 when\n"
	"metrics were read that do not tell, or with a value that makes no\n"
	"sense, 2 when none were read.\n",
    .rows =
	(const struct option_row[]){
	    {CHECK, "check", "NAME", "this check in place of its own"},
	    {DEEP, "deep", NULL, "its generation too"},
	    {LOAD, "load", NULL, "read its load, in place of a check"},
	    {'j', "json", NULL, "print one JSON object"},
	    {0},
	},
};

struct wishes {
	const char *name, *check;
	bool deep, load, json;
};

static int
read_wishes(int argc, char **argv, struct wishes *out)
{
	struct options o;
	int key;

	options_begin(&o, &usage, argc, argv);
	while ((key = options_next(&o)) >= 0) {
		if (key == CHECK)
			out->check = o.value;
		else if (key == DEEP)
			out->deep = true;
		else if (key == LOAD)
			out->load = true;
		else
			out->json = true;
	}
	if (o.status >= 0)
		return o.status;
	if (o.n_words != 1)
		return options_refuse(&o, "one endpoint is needed");
	if (out->deep && out->load)
		return options_refuse(&o, "--deep and --load are two things");
	out->name = o.words[0];
	return -1;
}

/* --- what was found, as JSON --- */

static const char *const outcomes[] = {[ATTEMPT_PASSED] = "up",
    [ATTEMPT_DEGRADED] = "degraded",
    [ATTEMPT_BUSY] = "busy",
    [ATTEMPT_FAILED] = "down",
    [ATTEMPT_UNMADE] = "not judged"};

static void
set_time(json_t *object, const char *key, int64_t us)
{
	json_object_set_new(
	    object, key, us >= 0 ? json_integer(us) : json_null());
}

static void
set_text(json_t *object, const char *key, const char *text)
{
	json_object_set_new(object, key,
	    text != NULL && text[0] != '\0' ? json_string(text) : json_null());
}

static void
set_answer(json_t *object, const struct http_answer *answer)
{
	char ends[CLOCK_TEXT];
	int64_t ends_ms = answer->certificate_ends_ms;

	set_time(object, "connect_us", answer->connect_us);
	set_time(object, "tls_us", answer->tls_us);
	set_time(object, "first_byte_us", answer->first_byte_us);
	if (answer->status != 0)
		json_object_set_new(
		    object, "status", json_integer(answer->status));
	if (answer->protocol != 0)
		json_object_set_new(
		    object, "protocol", json_integer(answer->protocol));
	json_object_set_new(object, "reused", json_boolean(answer->reused));
	if (answer->retry_after_s >= 0)
		json_object_set_new(object, "retry_after_s",
		    json_integer(answer->retry_after_s));
	if (ends_ms == 0)
		return;
	set_text(object, "certificate_ends", clock_format(ends_ms, ends));
	json_object_set_new(object, "certificate_days",
	    json_integer((ends_ms - clock_wall_ms()) / 86400000));
}

/* A check under way. */
struct running {
	json_t *steps;
	struct attempt_result result;
	bool done;
};

static void
on_step(void *context, const struct attempt_step *step)
{
	struct running *r = context;
	const struct check_step *asked = step->step;
	json_t *object = json_object();
	char address[ADDRESS_TEXT];

	set_text(object, "at", endpoint_address_format(step->to, address));
	set_text(object, "step", asked->name);
	if (step->answer != NULL)
		set_answer(object, step->answer);
	set_time(object, "total_us", step->total_us);
	json_object_set_new(object, "body_rules",
	    json_integer((json_int_t)asked->n_has + (json_int_t)asked->n_lacks +
		(json_int_t)asked->n_loading + (json_int_t)asked->n_json));
	set_text(object, "judged",
	    step->outcome == ATTEMPT_PASSED ? "passed"
					    : outcomes[step->outcome]);
	set_text(object, "reason", step->reason);
	json_array_append_new(r->steps, object);
}

static void
on_done(void *context, const struct attempt_result *result)
{
	struct running *r = context;

	r->result = *result;
	r->done = true;
}

/* Run one plan; what came of it goes to ${key} of ${root}. */
static enum attempt_outcome
run_plan(uv_loop_t *loop, struct http_checker *checker,
    const struct attempt_ask *ask, json_t *root, const char *key)
{
	static const struct attempt_calls calls = {
	    .done = on_done, .trace = on_step};
	struct running r = {.steps = json_array()};
	json_t *object = json_object();

	if (attempt_start(checker, ask, &calls, &r) == NULL) {
		r.result.outcome = ATTEMPT_UNMADE;
		snprintf(r.result.reason, sizeof(r.result.reason),
		    "probe: no memory");
		r.done = true;
	}
	while (!r.done)
		uv_run(loop, UV_RUN_ONCE);
	set_text(object, "judged", outcomes[r.result.outcome]);
	set_text(object, "reason", r.result.reason);
	if (ask->deep && r.result.outcome == ATTEMPT_PASSED)
		set_time(object, "first_token_us", r.result.total_us);
	json_object_set_new(object, "steps", r.steps);
	json_object_set_new(root, key, object);
	return r.result.outcome;
}

/* --- the whole --- */

/* Of two outcomes the one that says more. */
static enum attempt_outcome
worse(enum attempt_outcome a, enum attempt_outcome b)
{
	static const int rank[] = {[ATTEMPT_PASSED] = 0,
	    [ATTEMPT_BUSY] = 1,
	    [ATTEMPT_DEGRADED] = 2,
	    [ATTEMPT_UNMADE] = 3,
	    [ATTEMPT_FAILED] = 4};

	return rank[a] >= rank[b] ? a : b;
}

static bool
is_up(enum attempt_outcome outcome)
{
	return outcome != ATTEMPT_FAILED && outcome != ATTEMPT_UNMADE;
}

/* What checks is with. */
struct tools {
	uv_loop_t loop;
	struct http_checker *checker;
	struct program_host *programs;
};

/* One check: its requests, and then, where they are wanted and it is up, its
 * generation: as a daemon does. */
static enum attempt_outcome
run_check(struct tools *tools, const struct target_check *c,
    const struct endpoint_key *key, bool deep, json_t *root)
{
	const struct check_config *check = c->check;
	struct attempt_ask ask = {.to = c->addresses,
	    .n = c->n_addresses,
	    .check = check,
	    .programs = tools->programs,
	    .key = key};
	enum attempt_outcome outcome;

	set_text(root, "check", check->name);
	set_text(root, "preset", check->preset);
	json_object_set_new(root, "fall", json_integer(check->fall));
	outcome =
	    run_plan(&tools->loop, tools->checker, &ask, root, "requests");
	ask.deep = true;
	if (deep && check->deep.n_steps > 0 && is_up(outcome))
		outcome = worse(outcome,
		    run_plan(&tools->loop, tools->checker, &ask, root, "deep"));
	set_text(root, "judged", outcomes[outcome]);
	return outcome;
}

/* What ${n} checks make of the endpoint, of which ${need} must be up: what it
 * can do without and fails makes it degraded. */
static enum attempt_outcome
judge(const enum attempt_outcome *of, size_t n, size_t need)
{
	enum attempt_outcome worst = ATTEMPT_PASSED;
	size_t up = 0, down = 0;

	for (size_t i = 0; i < n; i++) {
		up += is_up(of[i]);
		down += of[i] == ATTEMPT_FAILED;
		if (is_up(of[i]))
			worst = worse(worst, of[i]);
	}
	if (up >= need)
		return down > 0 ? ATTEMPT_DEGRADED : worst;
	return n - down < need ? ATTEMPT_FAILED : ATTEMPT_UNMADE;
}

/* Its checks one after the other. */
static enum attempt_outcome
run_checks(const struct probe_target *t, bool deep, json_t *root)
{
	enum attempt_outcome of[CHECK_SET_MAX], outcome = ATTEMPT_UNMADE;
	struct tools tools;
	json_t *checks = json_array();

	if (uv_loop_init(&tools.loop) != 0)
		return outcome;
	tools.checker = http_checker_create(&tools.loop);
	tools.programs =
	    program_host_create(&tools.loop, PROGRAM_AT_ONCE, false);
	if (tools.checker != NULL && tools.programs != NULL) {
		for (size_t i = 0; i < t->n_checks; i++) {
			json_t *object = json_object();

			of[i] = run_check(&tools, &t->checks[i],
			    &t->target->key, deep, object);
			json_array_append_new(checks, object);
		}
		outcome = judge(of, t->n_checks, t->need);
	}
	http_checker_close(tools.checker);
	program_host_close(tools.programs);
	uv_run(&tools.loop, UV_RUN_DEFAULT);
	uv_loop_close(&tools.loop);
	json_object_set_new(root, "checks", checks);
	return outcome;
}

static int
probe(const struct probe_target *t, bool deep, json_t *root)
{
	static const int statuses[] = {[ATTEMPT_PASSED] = PROBE_UP,
	    [ATTEMPT_DEGRADED] = PROBE_WEAK,
	    [ATTEMPT_BUSY] = PROBE_WEAK,
	    [ATTEMPT_FAILED] = PROBE_DOWN,
	    [ATTEMPT_UNMADE] = PROBE_UNMADE};
	enum attempt_outcome outcome;

	json_object_set_new(root, "need", json_integer(t->need));
	outcome = run_checks(t, deep, root);
	set_text(root, "judged", outcomes[outcome]);
	return statuses[outcome];
}

static int
read_load(const struct probe_target *t, json_t *root)
{
	static const int statuses[] = {[PROBE_LOAD_KNOWN] = PROBE_UP,
	    [PROBE_LOAD_LACKING] = PROBE_WEAK,
	    [PROBE_LOAD_UNREAD] = PROBE_DOWN,
	    [PROBE_LOAD_UNMADE] = PROBE_UNMADE};
	const struct check_config *check = probe_target_load(t)->check;

	set_text(root, "check", check->name);
	set_text(root, "preset", check->preset);
	return statuses[probe_load_read(t, root)];
}

static int
show(const struct probe_target *t, const struct wishes *w)
{
	json_t *root = json_object();
	int status;

	set_text(root, "zone", t->target->key.zone);
	set_text(root, "pool", t->target->key.pool);
	set_text(root, "endpoint", t->target->key.endpoint);
	status = w->load ? read_load(t, root) : probe(t, w->deep, root);
	if (w->json)
		command_print_object(root);
	else
		probe_text_print(root);
	json_decref(root);
	return status;
}

/* Some check has a generation, or it is said that none has. */
static bool
has_deep(const struct probe_target *t)
{
	for (size_t i = 0; i < t->n_checks; i++)
		if (t->checks[i].check->deep.n_steps > 0)
			return true;
	fprintf(stderr,
	    "the check %s has no generation: write \"deep: true\" there\n",
	    t->checks[0].check->name);
	return false;
}

/* The same of load. */
static bool
has_load(const struct probe_target *t)
{
	if (probe_target_load(t) != NULL)
		return true;
	fprintf(stderr,
	    "the check %s reads no load: write \"load: true\" there\n",
	    t->checks[0].check->name);
	return false;
}

static int
run(const char *path, int argc, char **argv)
{
	struct wishes wishes = {0};
	struct probe_target target;
	int status = read_wishes(argc, argv, &wishes);

	if (status >= 0)
		return status;
	status = PROBE_UNMADE;
	if (probe_target_open(path, wishes.name, wishes.check, &target) == 0 &&
	    (!wishes.deep || has_deep(&target)) &&
	    (!wishes.load || has_load(&target)))
		status = show(&target, &wishes);
	probe_target_close(&target);
	return status;
}

const struct command command_probe = {
    .name = "probe",
    .summary = "check an endpoint once, now, and show each step",
    .run = run,
};
