/* Starts, stops and sums up the workers.  Called by main() and its pages. */
#include "dns/serve/server.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "dns/answer/samples.h"
#include "dns/serve/crowd.h"
#include "dns/serve/stream.h"
#include "dns/serve/udp.h"

struct worker {
	pthread_t thread;
	bool started;
	const struct listener *listener; /* a UDP worker's */
	struct stream_worker *stream;    /* a stream worker's */
	const struct published *snapshot;
	const atomic_bool *stop;
	struct counters *counters;
	struct tap *tap; /* NULL: none */
};

struct server {
	atomic_bool stop;
	size_t n;
	struct worker *workers;
	struct tap *taps;            /* one a worker; NULL: none */
	struct crowd_total *clients; /* of TCP */
};

static void *
run_worker(void *argument)
{
	struct worker *w = argument;

	if (w->stream != NULL)
		stream_serve(w->stream);
	else
		udp_serve(
		    w->listener, w->snapshot, w->counters, w->tap, w->stop);
	return NULL;
}

/* Workers take no signals: those belong to the control thread. */
static int
start_thread(struct worker *w)
{
	sigset_t all, before;
	int status;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	status = pthread_create(&w->thread, NULL, run_worker, w);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	w->started = status == 0;
	return status;
}

static struct worker *
add_worker(struct server *s, const struct published *snapshot)
{
	struct worker *w = &s->workers[s->n];

	w->counters = calloc(1, sizeof(*w->counters));
	if (w->counters == NULL)
		return NULL;
	w->counters->samples = ring_create(SAMPLE_RING);
	if (w->counters->samples == NULL) {
		free(w->counters);
		return NULL;
	}
	w->snapshot = snapshot;
	w->stop = &s->stop;
	w->tap = s->taps != NULL ? &s->taps[s->n] : NULL;
	s->n++;
	return w;
}

/* The workers of one of ${copies} cores: a stream for all its listeners, a UDP
 * for each. */
static int
start_core(struct server *s, struct listener *listeners, size_t n,
    size_t copies, const struct published *snapshot)
{
	struct worker *w = add_worker(s, snapshot);

	if (w == NULL)
		return -1;
	w->stream = stream_create(
	    listeners, n, snapshot, w->counters, w->tap, s->clients, copies);
	if (w->stream == NULL || start_thread(w) != 0)
		return -1;
	for (size_t i = 0; i < n; i++) {
		w = add_worker(s, snapshot);
		if (w == NULL)
			return -1;
		w->listener = &listeners[i];
		if (start_thread(w) != 0)
			return -1;
	}
	return 0;
}

static struct crowd_total *
count_clients(void)
{
	uint64_t seed;

	/* So early after boot that there is no randomness, it waits. */
	if (getrandom(&seed, sizeof(seed), 0) != sizeof(seed))
		return NULL;
	return crowd_total_create(seed);
}

size_t
server_workers(size_t n, size_t copies)
{
	return copies * (n + 1);
}

struct server *
server_start(struct listener *listeners, size_t n, size_t copies,
    const struct published *snapshot, struct tap *taps, struct errbuf *eb)
{
	struct server *s = calloc(1, sizeof(*s));

	if (s == NULL)
		goto fail;
	s->taps = taps;
	s->workers = calloc(server_workers(n, copies), sizeof(*s->workers));
	s->clients = count_clients();
	if (s->workers == NULL || s->clients == NULL)
		goto fail;
	for (size_t i = 0; i < copies; i++)
		if (start_core(s, listeners + i * n, n, copies, snapshot) != 0)
			goto fail;
	return s;
fail:
	errbuf_error(eb, NULL, "cannot start the workers");
	server_stop(s);
	return NULL;
}

void
server_stop(struct server *s)
{
	if (s == NULL)
		return;
	atomic_store(&s->stop, true);
	for (size_t i = 0; i < s->n; i++)
		if (s->workers[i].started && s->workers[i].stream != NULL)
			stream_stop(s->workers[i].stream);
	for (size_t i = 0; i < s->n; i++) {
		if (s->workers[i].started)
			pthread_join(s->workers[i].thread, NULL);
		stream_destroy(s->workers[i].stream);
		ring_destroy(s->workers[i].counters->samples);
		free(s->workers[i].counters);
	}
	crowd_total_destroy(s->clients);
	free(s->workers);
	free(s);
}

static void
add_all(counter *to, const counter *from, size_t n)
{
	for (size_t i = 0; i < n; i++)
		counter_add(&to[i], counter_read(&from[i]));
}

void
server_sum(const struct server *s, struct counters *out)
{
	/* What is fixed is nothing but counters. */
	const size_t n = COUNTERS_FIXED / sizeof(counter);

	memset((void *)out, 0, COUNTERS_FIXED);
	for (size_t i = 0; s != NULL && i < s->n; i++)
		add_all(
		    (counter *)out, (const counter *)s->workers[i].counters, n);
}

/* Add up ${n} counters, ${offset} octets from the start of those of a worker.
 */
static void
sum_table(const struct server *s, size_t offset, uint64_t *out, size_t n)
{
	memset(out, 0, n * sizeof(*out));
	for (size_t i = 0; s != NULL && i < s->n; i++) {
		const counter *from =
		    (const counter *)((const char *)s->workers[i].counters +
			offset);

		for (size_t k = 0; k < n; k++)
			out[k] += counter_read(&from[k]);
	}
}

void
server_sum_outcome(
    const struct server *s, uint32_t slot, uint64_t out[COUNTER_CELLS])
{
	sum_table(s,
	    offsetof(struct counters, outcome) +
		slot * sizeof(((struct counters *)0)->outcome[0]),
	    out, COUNTER_CELLS);
}

void
server_sum_scope(
    const struct server *s, uint32_t slot, uint64_t out[COUNTER_SCOPES])
{
	sum_table(s,
	    offsetof(struct counters, scope) +
		slot * sizeof(((struct counters *)0)->scope[0]),
	    out, COUNTER_SCOPES);
}

uint64_t
server_sum_demand(const struct server *s, uint32_t slot)
{
	uint64_t n;

	sum_table(s, offsetof(struct counters, demand) + slot * sizeof(counter),
	    &n, 1);
	return n;
}

struct ring *
server_samples(const struct server *s, size_t i)
{
	return i < s->n ? s->workers[i].counters->samples : NULL;
}
