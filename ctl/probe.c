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
#include "probes/attempt.h"
#include "probes/body.h"

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
	"does, and shows each step, its times and what was judged.  ENDPOINT\n"
	"is a name, POOL/NAME or ZONE/POOL/NAME.  Ends with 0 when it is up,\n"
	"1 when it is degraded or busy, 2 when it is down, and 3 when that\n"
	"could not be found out.  With --load nothing is checked: it ends "
	"with\n"
	"0 when it is known how full it is, 1 when metrics were read that do\n"
	"not tell, or with a value that makes no sense, 2 when none were "
	"read.\n",
    .rows =
	(const struct option_row[]){
	    {CHECK, "check", "NAME", "another check than its own"},
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

static json_t *
describe(const struct probe_target *t)
{
	json_t *root = json_object();

	set_text(root, "zone", t->target->key.zone);
	set_text(root, "pool", t->target->key.pool);
	set_text(root, "endpoint", t->target->key.endpoint);
	set_text(root, "check", t->check.name);
	set_text(root, "preset", t->check.preset);
	json_object_set_new(root, "fall", json_integer(t->check.fall));
	return root;
}

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

/* Its requests, and then, where they are wanted and it is up, its generation:
 * as a daemon does. */
static int
probe(const struct probe_target *t, bool deep, json_t *root)
{
	static const int statuses[] = {[ATTEMPT_PASSED] = PROBE_UP,
	    [ATTEMPT_DEGRADED] = PROBE_WEAK,
	    [ATTEMPT_BUSY] = PROBE_WEAK,
	    [ATTEMPT_FAILED] = PROBE_DOWN,
	    [ATTEMPT_UNMADE] = PROBE_UNMADE};
	struct attempt_ask ask = {
	    .to = t->to, .n = t->n, .check = &t->check, .key = &t->target->key};
	enum attempt_outcome outcome = ATTEMPT_UNMADE;
	struct http_checker *checker;
	uv_loop_t loop;

	if (uv_loop_init(&loop) != 0)
		return PROBE_UNMADE;
	checker = http_checker_create(&loop);
	ask.programs = program_host_create(&loop, PROGRAM_AT_ONCE, false);
	if (checker != NULL && ask.programs != NULL) {
		outcome = run_plan(&loop, checker, &ask, root, "requests");
		ask.deep = true;
		if (deep && statuses[outcome] <= PROBE_WEAK)
			outcome = worse(outcome,
			    run_plan(&loop, checker, &ask, root, "deep"));
	}
	http_checker_close(checker);
	program_host_close(ask.programs);
	uv_run(&loop, UV_RUN_DEFAULT);
	uv_loop_close(&loop);
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

	return statuses[probe_load_read(t, root)];
}

static int
show(const struct probe_target *t, const struct wishes *w)
{
	json_t *root = describe(t);
	int status = w->load ? read_load(t, root) : probe(t, w->deep, root);

	if (w->json) {
		json_dumpf(root, stdout, JSON_INDENT(2) | JSON_PRESERVE_ORDER);
		putchar('\n');
	} else {
		probe_text_print(root);
	}
	json_decref(root);
	return status;
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
	if (probe_target_open(path, wishes.name, wishes.check, &target) == 0) {
		if (wishes.deep && target.check.deep.n_steps == 0)
			fprintf(stderr,
			    "the check %s has no generation: write \"deep: "
			    "true\" there\n",
			    target.check.name);
		else if (wishes.load && !target.check.load.wanted)
			fprintf(stderr,
			    "the check %s reads no load: write \"load: true\" "
			    "there\n",
			    target.check.name);
		else
			status = show(&target, &wishes);
	}
	probe_target_close(&target);
	return status;
}

const struct command command_probe = {
    .name = "probe",
    .summary = "check an endpoint once, now, and show each step",
    .run = run,
};
