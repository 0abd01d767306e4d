/*
 * How many checks are under way at once: whoever wants to ask an address takes
 * a place, or waits until there is one, in order.  One gate for all tasks of
 * the daemon, on its loop; it starts nothing itself and knows nothing of
 * checks.
 *
 * What held its places for long the last time, as an endpoint does that does
 * not answer, may take half of them, and together with what was not tried yet
 * three quarters: so those that answer find places however many hang, at a
 * start too.  Programs may take PROGRAM_AT_ONCE, and these the same parts of
 * that.
 * What is urgent goes first, three times in a row where others wait.
 */
#ifndef PROBES_CHECKS_GATE_H
#define PROBES_CHECKS_GATE_H

#include <stdbool.h>
#include <stdint.h>
#include <uv.h>

struct gate;

/* How long it had its places the last time: for most of its time, or not; or
 * there was none. */
enum gate_pace { GATE_QUICK, GATE_UNTRIED, GATE_SLOW, GATE_PACES };

/* What somebody has, and gives back. */
struct gate_pass {
	unsigned places;
	enum gate_pace pace;
	bool program;
};

/* One that comes to the gate; of its owner, who fills in the first part. */
struct gate_visit {
	void (*enter)(void *context); /* it has waited, and has its places */
	void *context;
	struct gate_pass pass;
	bool urgent;
	/* Of the gate, while it waits: */
	bool waits;
	uint64_t since_ms, number;
	struct gate_visit *next, **at;
};

struct gate_figures {
	uint64_t limit, taken; /* places */
	uint64_t waiting;      /* now */
	uint64_t waited;       /* how many had to so far */
};

/* n = gate_default(files): places of a process that may have so many files
 * open. */
unsigned gate_default(uint64_t files);

/* gate = gate_create(loop, limit): NULL without memory. */
struct gate *gate_create(uv_loop_t *loop, unsigned limit);

/* gate_limit(gate, limit): another limit from now on; nobody is sent out. */
void gate_limit(struct gate *gate, unsigned limit);

/* in = gate_enter(gate, visit): take the places now; false: it waits, and
 * enter() is called later. */
bool gate_enter(struct gate *gate, struct gate_visit *visit);

/* gate_forget(gate, visit): it waits no more, if it did. */
void gate_forget(struct gate *gate, struct gate_visit *visit);

/* gate_leave(gate, pass): give back what was taken.  Calls nobody before the
 * loop has turned. */
void gate_leave(struct gate *gate, const struct gate_pass *pass);

/* gate_figures(gate, out): what is so now.  ms = gate_worst_ms(gate): the
 * longest that one has waited since the last call. */
void gate_figures(const struct gate *gate, struct gate_figures *out);
uint64_t gate_worst_ms(struct gate *gate);

/* gate_close(gate): free it once the loop has turned; nobody may wait.  NULL is
 * fine. */
void gate_close(struct gate *gate);

#endif
