/*
 * Drives the requests of one check and puts their answers together.  Called by
 * the daemon.
 */
#include "probes/ask/attempt.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/clock.h"
#include "probes/ask/body.h"
#include "probes/ask/grpc.h"
#include "probes/ask/step.h"

/* One of the addresses. */
struct branch {
	struct attempt *attempt;
	const struct endpoint_address *to;
	unsigned step;
	/* One of them is under way, or this branch is over. */
	struct http_check *request;
	struct program *program;
	struct body *body;        /* of its answer, where it matters; or NULL */
	struct grpc_answer *grpc; /* the same of a step of gRPC */
	/* Monotonic, of the request and of the first octet of its body, or 0;
	 * that of an event stream is a token. */
	int64_t began_us, body_us;
	bool stream;
	bool alone; /* the request of this step has a new connection */
	struct attempt_result result;
};

struct attempt {
	struct http_checker *checker;
	struct attempt_ask ask;
	const struct attempt_calls *calls;
	void *context;
	int64_t deadline_ms; /* monotonic */
	uint64_t group;      /* of its connections; 0: each has its own */
	bool keeps;          /* them, for the next attempt */
	size_t running;
	size_t n;
	struct branch branches[];
};

static int64_t
now_us(void)
{
	return (int64_t)(uv_hrtime() / 1000);
}

/* Add " at 192.0.2.1:8000" to the reason, which is cut where both do not fit.
 */
static void
name_address(struct attempt_result *result, const struct endpoint_address *at)
{
	char shown[ADDRESS_TEXT], reason[STATE_REASON];
	int room;

	endpoint_address_format(at, shown);
	memcpy(reason, result->reason, sizeof(reason));
	room = (int)(sizeof(result->reason) - strlen(shown) - sizeof(" at "));
	snprintf(result->reason, sizeof(result->reason), "%.*s at %s", room,
	    reason, shown);
}

static int64_t
slowest(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

/* A time that not all have is none. */
static int64_t
slowest_of_all(int64_t a, int64_t b)
{
	return a < 0 || b < 0 ? -1 : slowest(a, b);
}

/* Of two certificates the one that ends first; 0 is none. */
static int64_t
first_end(int64_t a, int64_t b)
{
	return a == 0 || (b != 0 && b < a) ? b : a;
}

/* The result over all addresses.  A failure at one of them counts more than
 * that another one could not be asked, and that more than the rest. */
static void
put_together(const struct attempt *a, struct attempt_result *out)
{
	static const int rank[] = {[ATTEMPT_PASSED] = 0,
	    [ATTEMPT_BUSY] = 1,
	    [ATTEMPT_DEGRADED] = 2,
	    [ATTEMPT_UNMADE] = 3,
	    [ATTEMPT_FAILED] = 4};
	const struct branch *worst = &a->branches[0];
	int64_t connect_us = 0, first_byte_us = 0, total_us = -1;
	int64_t retry_after_s = -1, ends_ms = 0;

	for (size_t i = 0; i < a->n; i++) {
		const struct attempt_result *r = &a->branches[i].result;

		if (rank[r->outcome] > rank[worst->result.outcome])
			worst = &a->branches[i];
		connect_us = slowest_of_all(connect_us, r->connect_us);
		first_byte_us = slowest_of_all(first_byte_us, r->first_byte_us);
		total_us = slowest(total_us, r->total_us);
		retry_after_s = slowest(retry_after_s, r->retry_after_s);
		ends_ms = first_end(ends_ms, r->certificate_ends_ms);
	}
	*out = worst->result;
	out->connect_us = connect_us;
	out->first_byte_us = first_byte_us;
	out->total_us = total_us;
	out->retry_after_s = retry_after_s;
	out->certificate_ends_ms = ends_ms;
	if (a->n > 1 && out->reason[0] != '\0' &&
	    out->outcome != ATTEMPT_UNMADE)
		name_address(out, worst->to);
}

/* The last step of each address closes its connection; where that was not
 * reached, it is closed now. */
static void
leave_connections(const struct attempt *a)
{
	if (a->group != 0 && !a->keeps)
		http_checker_end_group(a->checker, a->group);
}

static void
finish(struct attempt *a)
{
	const struct attempt_calls *calls = a->calls;
	struct attempt_result result;
	void *context = a->context;

	put_together(a, &result);
	leave_connections(a);
	free(a);
	calls->done(context, &result);
}

static const struct check_plan *
plan_of(const struct attempt *a)
{
	return a->ask.deep ? &a->ask.check->deep : &a->ask.check->plan;
}

static const struct check_step *
step_of(const struct branch *b)
{
	return &plan_of(b->attempt)->steps[b->step];
}

static void
forget_answer(struct branch *b)
{
	free(b->body);
	free(b->grpc);
	b->body = NULL;
	b->grpc = NULL;
}

/* The end of a branch.  Reasons of later steps say of which. */
static void
end_branch(struct branch *b, enum attempt_outcome outcome, const char *reason)
{
	bool later = b->step > 0 && strncmp(reason, "body: ", 6) != 0 &&
	    (outcome == ATTEMPT_FAILED || outcome == ATTEMPT_BUSY);

	b->request = NULL;
	b->program = NULL;
	b->attempt->running--;
	b->result.outcome = outcome;
	forget_answer(b);
	snprintf(b->result.reason, sizeof(b->result.reason), "%s%s%s",
	    later ? step_of(b)->name : "", later ? ": " : "", reason);
}

static void on_answer(void *context, const struct http_answer *answer);

static void
on_body(void *context, const char *data, size_t len)
{
	struct branch *b = context;

	if (b->body_us == 0)
		b->body_us = now_us();
	if (b->grpc != NULL)
		grpc_read(b->grpc, data, len);
	else if (b->body != NULL)
		body_read(b->body, data, len);
}

/* Make ready to read what ${step} is answered.  0, or -1 without memory. */
static int
await_body(struct branch *b, const struct check_step *step)
{
	forget_answer(b);
	b->stream = false;
	b->body_us = 0;
	b->began_us = now_us();
	if (step->kind == STEP_GRPC) {
		b->grpc = malloc(sizeof(*b->grpc));
		if (b->grpc == NULL)
			return -1;
		grpc_begin(b->grpc);
	} else if (body_matters(step)) {
		b->body = malloc(sizeof(*b->body));
		if (b->body == NULL)
			return -1;
		body_init(b->body, step);
	}
	return 0;
}

/* All steps have passed: in the time that they should take? */
static void
end_steps(struct branch *b)
{
	const struct check_config *check = b->attempt->ask.check;
	int64_t ms = b->result.total_us / 1000;
	char reason[STATE_REASON];

	if (b->attempt->ask.deep || check->slower_ms == 0 ||
	    ms <= (int64_t)check->slower_ms) {
		end_branch(b, ATTEMPT_PASSED, "");
		return;
	}
	snprintf(reason, sizeof(reason), "slow: %" PRId64 " ms", ms);
	end_branch(b, ATTEMPT_DEGRADED, reason);
}

static void
on_header(void *context, const char *name, const char *value)
{
	static const char stream[] = "text/event-stream";
	struct branch *b = context;
	struct attempt *a = b->attempt;

	if (strcasecmp(name, "content-type") == 0)
		b->stream = strncasecmp(value, stream, strlen(stream)) == 0;
	if (b->grpc != NULL)
		grpc_header(b->grpc, name, value);
	if (a->calls->header != NULL)
		a->calls->header(a->context, name, value);
}

static void on_ended(void *context, const struct program_answer *answer);

static void
run_program(struct branch *b, uint64_t left_ms)
{
	const struct attempt_ask *ask = &b->attempt->ask;
	struct step_environment env;

	if (ask->programs == NULL ||
	    !step_environment(ask->check, ask->key, b->to, &env)) {
		end_branch(b, ATTEMPT_UNMADE,
		    "probe: exec: the name of the model is too long");
		return;
	}
	b->program = program_start(
	    ask->programs, step_of(b)->argv, env.list, left_ms, on_ended, b);
	if (b->program == NULL)
		end_branch(b, ATTEMPT_UNMADE, "probe: no memory");
}

static void
send_request(struct branch *b, uint64_t left_ms)
{
	const struct attempt *a = b->attempt;
	struct http_request request;
	char body[GRPC_REQUEST_MAX];

	if (await_body(b, step_of(b)) != 0) {
		end_branch(b, ATTEMPT_UNMADE, "probe: no memory");
		return;
	}
	step_request(a->ask.check, step_of(b), b->to, &request, body);
	if (b->body != NULL || b->grpc != NULL || a->ask.deep)
		request.take = on_body;
	if (a->calls->header != NULL || b->grpc != NULL || a->ask.deep)
		request.header = on_header;
	request.timeout_ms = left_ms;
	request.group = b->alone ? 0 : a->group;
	request.last = !a->keeps && b->step + 1 == plan_of(a)->n_steps;
	b->request = http_check_start(a->checker, &request, on_answer, b);
	if (b->request == NULL)
		end_branch(b, ATTEMPT_UNMADE, "probe: no memory");
}

/* Begin the next step, or end the branch when there is none. */
static void
go_on(struct branch *b)
{
	const struct attempt *a = b->attempt;
	int64_t left = a->deadline_ms - clock_mono_ms();

	b->request = NULL;
	b->program = NULL;
	if (b->step == plan_of(a)->n_steps)
		end_steps(b);
	else if (left <= 0)
		end_branch(b, ATTEMPT_FAILED, "timeout");
	else if (step_of(b)->kind == STEP_EXEC)
		run_program(b, (uint64_t)left);
	else
		send_request(b, (uint64_t)left);
}

/* What a whole answer with an expected code says. */
static enum attempt_outcome
judge_content(const struct branch *b, char reason[STATE_REASON])
{
	if (b->body != NULL && !body_judge(b->body, reason))
		return ATTEMPT_FAILED;
	if (b->grpc == NULL || grpc_judge(b->grpc, reason))
		return ATTEMPT_PASSED;
	return grpc_full(b->grpc) ? ATTEMPT_BUSY : ATTEMPT_FAILED;
}

/* How a reason begins of a server that says that it is loading. */
#define LOADING "loading: "

/* Judge an answer: its code first, then how it ended, then what it says. */
static enum attempt_outcome
judge_answer(const struct branch *b, const struct http_answer *answer,
    char reason[STATE_REASON])
{
	enum step_code code =
	    step_code(step_of(b), answer->status, answer->retry_after_s);

	snprintf(reason, STATE_REASON, "%s", answer->reason);
	if (answer->outcome == HTTP_UNMADE)
		return ATTEMPT_UNMADE;
	if (answer->status != 0 && code == STEP_UNEXPECTED) {
		snprintf(reason, STATE_REASON, "status %u", answer->status);
		return ATTEMPT_FAILED;
	}
	if (answer->outcome == HTTP_FAILED)
		return ATTEMPT_FAILED;
	if (code == STEP_BUSY) {
		snprintf(
		    reason, STATE_REASON, "busy: status %u", answer->status);
		return ATTEMPT_BUSY;
	}
	return judge_content(b, reason);
}

/* The same, and of one that fails, whether that is since it is loading. */
static enum attempt_outcome
judge(const struct branch *b, const struct http_answer *answer,
    char reason[STATE_REASON])
{
	enum attempt_outcome outcome = judge_answer(b, answer, reason);
	char words[STATE_REASON];

	if (outcome != ATTEMPT_FAILED || b->body == NULL ||
	    !body_is_loading(b->body))
		return outcome;
	memcpy(words, reason, sizeof(words));
	snprintf(reason, STATE_REASON, LOADING "%.*s",
	    (int)(STATE_REASON - sizeof(LOADING)), words);
	return outcome;
}

/* How long a step took; a generation that streams is as quick as its first
 * token, and the rest of it says how long a text was asked for. */
static int64_t
time_of(const struct branch *b, const struct http_answer *answer)
{
	return b->attempt->ask.deep && b->stream && b->body_us != 0
	    ? b->body_us - b->began_us
	    : answer->total_us;
}

static void
note_answer(struct branch *b, const struct http_answer *answer)
{
	struct attempt_result *r = &b->result;

	if (b->step == 0) {
		r->connect_us = answer->connect_us;
		r->first_byte_us = answer->first_byte_us;
	}
	r->total_us = slowest(r->total_us, time_of(b, answer));
	r->retry_after_s = answer->retry_after_s;
	r->status = answer->status;
	r->certificate_ends_ms =
	    first_end(r->certificate_ends_ms, answer->certificate_ends_ms);
}

/* A step was judged: go on, or end the branch, and with the last of them the
 * attempt. */
static void
end_step(struct branch *b, enum attempt_outcome outcome, const char *reason,
    const struct http_answer *answer, int64_t total_us)
{
	struct attempt *a = b->attempt;
	const struct attempt_step step = {.to = b->to,
	    .step = step_of(b),
	    .answer = answer,
	    .total_us = total_us,
	    .outcome = outcome,
	    .reason = outcome == ATTEMPT_PASSED ? "" : reason};

	if (a->calls->trace != NULL)
		a->calls->trace(a->context, &step);
	if (outcome == ATTEMPT_PASSED) {
		b->step++;
		b->alone = false;
		go_on(b);
	} else {
		end_branch(b, outcome, reason);
	}
	if (a->running == 0)
		finish(a);
}

/*
 * A server of gRPC that ends its connections at an age says so (GOAWAY of
 * HTTP/2), answers what it still has, and closes: of that answer libcurl 7.88
 * leaves out the trailers, where the status is.  Nothing is wrong with it.
 */
static bool
lost_trailers(const struct branch *b, const struct http_answer *answer)
{
	return b->grpc != NULL && !b->grpc->headed && answer->reused &&
	    answer->outcome == HTTP_ANSWERED && answer->status == 200;
}

static void
on_answer(void *context, const struct http_answer *answer)
{
	struct branch *b = context;
	enum attempt_outcome outcome;
	char reason[STATE_REASON];

	if (lost_trailers(b, answer)) {
		b->alone = true;
		go_on(b);
		if (b->attempt->running == 0)
			finish(b->attempt);
		return;
	}
	note_answer(b, answer);
	outcome = judge(b, answer, reason);
	end_step(b, outcome, reason, answer, time_of(b, answer));
}

static void
on_ended(void *context, const struct program_answer *answer)
{
	static const enum attempt_outcome outcomes[] = {
	    [PROGRAM_PASSED] = ATTEMPT_PASSED,
	    [PROGRAM_DEGRADED] = ATTEMPT_DEGRADED,
	    [PROGRAM_FAILED] = ATTEMPT_FAILED,
	    [PROGRAM_UNMADE] = ATTEMPT_UNMADE};
	struct branch *b = context;

	b->result.total_us = slowest(b->result.total_us, answer->total_us);
	end_step(b, outcomes[answer->outcome], answer->reason, NULL,
	    answer->total_us);
}

struct attempt *
attempt_start(struct http_checker *checker, const struct attempt_ask *ask,
    const struct attempt_calls *calls, void *context)
{
	size_t n = ask->n;
	struct attempt *a = calloc(1, sizeof(*a) + n * sizeof(a->branches[0]));

	if (a == NULL)
		return NULL;
	a->checker = checker;
	a->ask = *ask;
	a->calls = calls;
	a->context = context;
	a->deadline_ms = clock_mono_ms() + (int64_t)plan_of(a)->timeout_ms;
	a->keeps = ask->check->client.reuse && ask->group != 0;
	if (a->keeps)
		a->group = ask->group;
	else if (plan_of(a)->n_steps > 1)
		a->group = http_checker_group(checker);
	a->n = a->running = n;
	for (size_t i = 0; i < n; i++) {
		struct branch *b = &a->branches[i];

		b->attempt = a;
		b->to = &ask->to[i];
		b->result.connect_us = b->result.first_byte_us = -1;
		b->result.total_us = b->result.retry_after_s = -1;
		go_on(b);
	}
	/* Not one request could be sent: the same as no attempt. */
	if (a->running == 0) {
		free(a);
		return NULL;
	}
	return a;
}

void
attempt_follow(struct attempt *attempt, const struct attempt_ask *ask)
{
	attempt->ask = *ask;
	for (size_t i = 0; i < attempt->n; i++) {
		struct branch *b = &attempt->branches[i];

		b->to = &ask->to[i];
		if (b->body != NULL)
			body_follow(b->body, step_of(b));
	}
}

void
attempt_expire(struct attempt *attempt)
{
	size_t left = attempt->running;

	/* The last one frees the attempt, so it is not looked at after that. */
	for (size_t i = 0; left > 0; i++) {
		struct branch *b = &attempt->branches[i];

		if (b->request == NULL && b->program == NULL)
			continue;
		left--;
		if (b->request != NULL)
			http_check_expire(b->request);
		else
			program_expire(b->program);
	}
}

void
attempt_cancel(struct attempt *attempt)
{
	for (size_t i = 0; i < attempt->n; i++) {
		if (attempt->branches[i].request != NULL)
			http_check_cancel(attempt->branches[i].request);
		if (attempt->branches[i].program != NULL)
			program_cancel(attempt->branches[i].program);
		forget_answer(&attempt->branches[i]);
	}
	leave_connections(attempt);
	free(attempt);
}
