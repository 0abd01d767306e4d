/* Places and who waits for them.  Called by tasks; starts nothing itself. */
#include "probes/checks/gate.h"

#include <stdlib.h>

#include "config/server.h"
#include "probes/ask/program.h"

/* What is not a request needs descriptors too: see gate_default(). */
#define OTHER_FILES 64

/* Urgent ones in a row, where others wait. */
#define URGENT_ROW 3

/* Those that share a line, in order of arrival: requests by their pace, and
 * programs. */
#define PROGRAMS GATE_PACES
#define KINDS (2 * GATE_PACES)

struct line {
	struct gate_visit *first, **end;
};

struct gate {
	uv_timer_t timer; /* somebody left: let others in */
	unsigned limit;
	unsigned taken[KINDS]; /* places */
	unsigned row;          /* urgent ones let in, one after the other */
	struct line lines[2][KINDS]; /* the second: of urgent ones */
	uint64_t number;             /* of the last that came to wait */
	uint64_t waiting, waited, worst_ms;
};

static uint64_t
now_ms(void)
{
	return uv_hrtime() / 1000000;
}

/*
 * A quarter of the descriptors: http_lane.c keeps connections in the other
 * three, so that all together fit.  One that hangs takes 18 KiB of memory, and
 * 72 KiB in a handshake of TLS: PROBE_CONCURRENCY of them take 72 or 290 MiB,
 * and above that memory counts more than that checks of what hangs are late.
 * Of 10,000 endpoints every 5 s that answer, less than a hundred are under way.
 */
unsigned
gate_default(uint64_t files)
{
	uint64_t n = files / 4;

	n = n > OTHER_FILES ? n - OTHER_FILES : 0;
	if (n < PROBE_CONCURRENCY_MIN)
		return PROBE_CONCURRENCY_MIN;
	return n < PROBE_CONCURRENCY ? (unsigned)n : PROBE_CONCURRENCY;
}

static unsigned
kind_of(const struct gate_pass *pass)
{
	return pass->pace + (pass->program ? PROGRAMS : 0);
}

static unsigned
all_taken(const struct gate *gate)
{
	unsigned n = 0;

	for (unsigned i = 0; i < KINDS; i++)
		n += gate->taken[i];
	return n;
}

/* So many more of ${most}?  One that needs more than that goes when it is
 * alone. */
static bool
fits(unsigned taken, unsigned places, unsigned most)
{
	return taken == 0 || taken + places <= most;
}

static bool
has_room(const struct gate *gate, const struct gate_visit *v)
{
	return fits(all_taken(gate), v->pass.places, gate->limit);
}

/* The same of what its kind may take. */
static bool
has_share(const struct gate *gate, const struct gate_visit *v)
{
	const unsigned *taken = gate->taken + (v->pass.program ? PROGRAMS : 0);
	unsigned places = v->pass.places;
	unsigned most = v->pass.program ? PROGRAM_AT_ONCE : gate->limit;
	unsigned unsure = taken[GATE_UNTRIED] + taken[GATE_SLOW];

	if (v->pass.pace == GATE_SLOW &&
	    !fits(taken[GATE_SLOW], places, most / 2))
		return false;
	if (v->pass.pace != GATE_QUICK && !fits(unsure, places, most * 3 / 4))
		return false;
	return !v->pass.program ||
	    fits(taken[GATE_QUICK] + unsure, places, most);
}

static void
take(struct gate *gate, const struct gate_visit *v)
{
	gate->taken[kind_of(&v->pass)] += v->pass.places;
	gate->row = v->urgent ? gate->row + 1 : 0;
}

static struct line *
line_of(struct gate *gate, const struct gate_visit *v)
{
	return &gate->lines[v->urgent][kind_of(&v->pass)];
}

static void
unlink_visit(struct gate *gate, struct gate_visit *v)
{
	*v->at = v->next;
	if (v->next != NULL)
		v->next->at = v->at;
	else
		line_of(gate, v)->end = v->at;
	v->waits = false;
	gate->waiting--;
}

/* The first that waits, of those that have their share. */
static struct gate_visit *
first_of(const struct gate *gate, bool urgent)
{
	struct gate_visit *first = NULL, *v;

	for (unsigned i = 0; i < KINDS; i++) {
		v = gate->lines[urgent][i].first;
		if (v != NULL && has_share(gate, v) &&
		    (first == NULL || v->number < first->number))
			first = v;
	}
	return first;
}

/* Who goes next; one that needs many places is not overtaken. */
static struct gate_visit *
next_of(const struct gate *gate)
{
	bool urgent = gate->row < URGENT_ROW;
	struct gate_visit *v = first_of(gate, urgent);

	return v != NULL ? v : first_of(gate, !urgent);
}

/* Note how long ${v} has waited. */
static void
note_wait(struct gate *gate, const struct gate_visit *v)
{
	uint64_t ms = now_ms() - v->since_ms;

	if (ms > gate->worst_ms)
		gate->worst_ms = ms;
}

static void
let_in(uv_timer_t *timer)
{
	struct gate *gate = timer->data;
	struct gate_visit *v;

	while ((v = next_of(gate)) != NULL && has_room(gate, v)) {
		unlink_visit(gate, v);
		note_wait(gate, v);
		take(gate, v);
		v->enter(v->context);
	}
}

struct gate *
gate_create(uv_loop_t *loop, unsigned limit)
{
	struct gate *gate = calloc(1, sizeof(*gate));

	if (gate == NULL)
		return NULL;
	gate->limit = limit;
	for (unsigned i = 0; i < 2 * KINDS; i++) {
		struct line *line = &gate->lines[i / KINDS][i % KINDS];

		line->end = &line->first;
	}
	uv_timer_init(loop, &gate->timer);
	gate->timer.data = gate;
	return gate;
}

static void
look_again(struct gate *gate)
{
	if (gate->waiting > 0)
		uv_timer_start(&gate->timer, let_in, 0, 0);
}

void
gate_limit(struct gate *gate, unsigned limit)
{
	gate->limit = limit;
	look_again(gate);
}

bool
gate_enter(struct gate *gate, struct gate_visit *v)
{
	struct line *line = line_of(gate, v);

	/* Not before others that wait for nothing but room. */
	if (has_room(gate, v) && has_share(gate, v) && line->first == NULL &&
	    (gate->waiting == 0 || next_of(gate) == NULL)) {
		take(gate, v);
		return true;
	}
	v->waits = true;
	v->since_ms = now_ms();
	v->number = ++gate->number;
	v->next = NULL;
	v->at = line->end;
	*line->end = v;
	line->end = &v->next;
	gate->waiting++;
	gate->waited++;
	look_again(gate);
	return false;
}

void
gate_forget(struct gate *gate, struct gate_visit *v)
{
	if (!v->waits)
		return;
	unlink_visit(gate, v);
	look_again(gate);
}

void
gate_leave(struct gate *gate, const struct gate_pass *pass)
{
	gate->taken[kind_of(pass)] -= pass->places;
	look_again(gate);
}

void
gate_figures(const struct gate *gate, struct gate_figures *out)
{
	*out = (struct gate_figures){.limit = gate->limit,
	    .taken = all_taken(gate),
	    .waiting = gate->waiting,
	    .waited = gate->waited};
}

/* The oldest of each line may be still waiting. */
uint64_t
gate_worst_ms(struct gate *gate)
{
	uint64_t worst_ms;

	for (unsigned i = 0; i < 2 * KINDS; i++) {
		const struct line *line = &gate->lines[i / KINDS][i % KINDS];

		if (line->first != NULL)
			note_wait(gate, line->first);
	}
	worst_ms = gate->worst_ms;
	gate->worst_ms = 0;
	return worst_ms;
}

static void
on_closed(uv_handle_t *handle)
{
	free(handle->data);
}

void
gate_close(struct gate *gate)
{
	if (gate != NULL)
		uv_close((uv_handle_t *)&gate->timer, on_closed);
}
