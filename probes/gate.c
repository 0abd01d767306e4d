/* Places and who waits for them.  Called by tasks; starts nothing itself. */
#include "probes/gate.h"

#include <stdlib.h>

#include "config/server.h"

/* What is not a request needs descriptors too: see gate_default(). */
#define OTHER_FILES 64

/* Urgent ones in a row, where others wait. */
#define URGENT_ROW 3

/* In order of arrival. */
struct line {
	struct gate_visit *first, **end;
};

struct gate {
	uv_timer_t timer; /* somebody left: let others in */
	unsigned limit, taken;
	unsigned slow;           /* of those that are taken */
	unsigned row;            /* urgent ones let in, one after the other */
	struct line lines[2][2]; /* [urgent][slow] */
	uint64_t number;         /* of the last that came to wait */
	uint64_t waiting, waited, worst_ms;
};

static uint64_t
now_ms(void)
{
	return uv_hrtime() / 1000000;
}

/*
 * A quarter of the descriptors: http_lane.c keeps connections in the other
 * three, so that all together fit.  Above PROBE_CONCURRENCY the memory of
 * checks that hang counts more than that some of them come late.
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

/* One that needs more than there are goes when it is alone. */
static bool
has_room(const struct gate *gate, const struct gate_visit *v)
{
	return gate->taken == 0 || gate->taken + v->places <= gate->limit;
}

/* The same of the half that slow ones may take. */
static bool
has_share(const struct gate *gate, const struct gate_visit *v)
{
	return !v->slow || gate->slow == 0 ||
	    gate->slow + v->places <= gate->limit / 2;
}

static void
take(struct gate *gate, const struct gate_visit *v)
{
	gate->taken += v->places;
	if (v->slow)
		gate->slow += v->places;
	gate->row = v->urgent ? gate->row + 1 : 0;
}

static void
unlink_visit(struct gate *gate, struct gate_visit *v)
{
	struct line *line = &gate->lines[v->urgent][v->slow];

	*v->at = v->next;
	if (v->next != NULL)
		v->next->at = v->at;
	else
		line->end = v->at;
	v->waits = false;
	gate->waiting--;
}

/* The first that waits, of those that have their share. */
static struct gate_visit *
first_of(const struct gate *gate, bool urgent)
{
	struct gate_visit *quick = gate->lines[urgent][0].first;
	struct gate_visit *slow = gate->lines[urgent][1].first;

	if (slow != NULL && !has_share(gate, slow))
		slow = NULL;
	if (quick == NULL || slow == NULL)
		return quick != NULL ? quick : slow;
	return quick->number < slow->number ? quick : slow;
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
	for (int i = 0; i < 4; i++) {
		struct line *line = &gate->lines[i / 2][i % 2];

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
	struct line *line = &gate->lines[v->urgent][v->slow];

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
gate_leave(struct gate *gate, unsigned places, bool slow)
{
	gate->taken -= places;
	if (slow)
		gate->slow -= places;
	look_again(gate);
}

void
gate_figures(const struct gate *gate, struct gate_figures *out)
{
	*out = (struct gate_figures){.limit = gate->limit,
	    .taken = gate->taken,
	    .waiting = gate->waiting,
	    .waited = gate->waited};
}

/* The oldest of each line may be still waiting. */
uint64_t
gate_worst_ms(struct gate *gate)
{
	uint64_t worst_ms;

	for (int i = 0; i < 4; i++)
		if (gate->lines[i / 2][i % 2].first != NULL)
			note_wait(gate, gate->lines[i / 2][i % 2].first);
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
