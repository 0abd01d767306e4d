/*
 * The writer of the query log: takes from the taps, names what was decided,
 * packs it, and gives it to the sink.  A thread of its own, started by the
 * control thread's side; the only one that touches the sink.
 *
 * Memory is bounded: a ring a worker and one batch of frames.  While frames can
 * go nowhere, what the taps take is let go and counted, so that what comes
 * first once they can is of then; while a reader is slow the rings fill, and
 * the taps drop and count.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "dns/wire/name.h"
#include "dnstap/frames.h"
#include "dnstap/message.h"
#include "node/labels.h"
#include "node/query_log_parts.h"
#include "steering/reasons.h"

/* Frames that wait to be taken by the sink; two of the longest fit. */
#define BATCH_ROOM ((size_t)3 * DNSTAP_FRAME_MAX)
/* Between two looks at the taps.  What TAP_RING holds takes thrice as long to
 * come at 50,000 messages a second, each of them taken. */
#define PAUSE_MS 10
/* service, pool, region, reason. */
#define EXTRA_TEXT (NAME_TEXT + 3 * 64 + 64)

struct writer {
	struct query_log *log;
	struct query_log_orders *orders;
	struct sink *sink; /* NULL: the log is off */
	size_t next_tap;   /* whose turn it is */
	uint8_t *batch;
	size_t start, end;     /* octets of it that are yet to be written */
	bool troubled;         /* the log file of the daemon says so */
	uint64_t lost_at_once; /* when that was said */
};

static uint64_t
lost(const struct query_log *q)
{
	uint64_t sum = 0;

	for (int i = 0; i < SINK_LOSSES; i++)
		sum += counter_read(&q->dropped[i]);
	for (size_t i = 0; i < q->n; i++)
		sum += counter_read(&q->taps[i].dropped);
	return sum;
}

/* Say what is wrong, or that it is well again, once. */
static void
say(struct writer *w, const char *trouble)
{
	bool troubled = trouble[0] != '\0';

	if (troubled && !w->troubled) {
		w->lost_at_once = lost(w->log);
		log_warn("query log: %s; answers do not wait for it", trouble);
	} else if (!troubled && w->troubled) {
		log_info("query log: it is written again; %llu messages were "
			 "not",
		    (unsigned long long)(lost(w->log) - w->lost_at_once));
	}
	w->troubled = troubled;
}

static void
show(struct writer *w, bool ready)
{
	struct query_log *q = w->log;
	const struct query_log_orders *o = w->sink != NULL ? w->orders : NULL;
	const char *trouble = o != NULL ? sink_trouble(w->sink) : "";

	pthread_mutex_lock(&q->lock);
	q->on = o != NULL;
	q->connected = ready;
	q->sample = o != NULL ? o->config.sample : 0;
	snprintf(q->trouble, sizeof(q->trouble), "%s", trouble);
	pthread_mutex_unlock(&q->lock);
	say(w, trouble);
}

/* Frames of the batch that end before octet ${to}, or there. */
static uint64_t
count_frames(const struct writer *w, size_t to)
{
	struct frames_item item;
	size_t at = 0;
	uint64_t n = 0;

	while (frames_next(w->batch + at, to - at, &item) == FRAMES_DATA) {
		at += item.size;
		n++;
	}
	return n;
}

/* What waits in the batch goes nowhere any more. */
static void
drop_batch(struct writer *w)
{
	uint64_t taken = count_frames(w, w->start);

	counter_add(&w->log->logged, taken);
	counter_add(&w->log->dropped[sink_loss(w->sink)],
	    count_frames(w, w->end) - taken);
	w->start = w->end = 0;
}

static void
close_sink(struct writer *w)
{
	if (w->sink == NULL)
		return;
	drop_batch(w);
	sink_destroy(w->sink);
	w->sink = NULL;
}

static bool
same_place(const struct query_log_orders *a, const struct query_log_orders *b)
{
	return a != NULL && a->config.path != NULL && b->config.path != NULL &&
	    a->config.socket == b->config.socket &&
	    a->config.max_bytes == b->config.max_bytes &&
	    strcmp(a->config.path, b->config.path) == 0;
}

/* Orders came: of a log elsewhere, of none, or of the same once more. */
static void
obey(struct writer *w, struct query_log_orders *orders)
{
	const struct query_log_config *config = &orders->config;

	if (same_place(w->orders, orders) && w->sink != NULL) {
		sink_look(w->sink);
	} else {
		close_sink(w);
		if (config->path != NULL)
			w->sink = config->socket
			    ? sink_create_socket(config->path)
			    : sink_create_file(config->path, config->max_bytes);
	}
	query_log_orders_destroy(w->orders);
	w->orders = orders;
	for (size_t i = 0; i < w->log->n; i++)
		tap_set(&w->log->taps[i], w->sink != NULL ? config->sample : 0);
}

/* Take new orders, and wait for some while the log is off.  False at the end.
 */
static bool
take_orders(struct writer *w)
{
	struct query_log *q = w->log;
	struct query_log_orders *orders;
	bool stopping;

	pthread_mutex_lock(&q->lock);
	while (w->sink == NULL && q->next == NULL && !q->stopping)
		pthread_cond_wait(&q->changed, &q->lock);
	orders = q->next;
	q->next = NULL;
	stopping = q->stopping;
	pthread_mutex_unlock(&q->lock);
	if (orders != NULL)
		obey(w, orders);
	if (w->sink == NULL)
		show(w, false);
	return !stopping;
}

static bool
is_logged(const struct query_log_config *config, const char *service)
{
	for (size_t i = 0; i < config->n_services; i++)
		if (strcmp(config->services[i], service) == 0)
			return true;
	return config->n_services == 0;
}

/* "service=... pool=... region=... reason=...", of the last resort without what
 * it has not; its octets. */
static int
print_decision(const struct tap_decision *decision,
    const struct outcome_name *name, const char *service, char *extra)
{
	const char *region = name->region[0] != '\0' ? name->region
	    : reason_is_resort(decision->reason)     ? "last-resort"
						     : "";

	return snprintf(extra, EXTRA_TEXT, "service=%s%s%s%s%s reason=%s",
	    service, name->pool[0] != '\0' ? " pool=" : "", name->pool,
	    region[0] != '\0' ? " region=" : "", region,
	    reason_name(decision->reason));
}

/*
 * Name what was decided to ${extra}, ${len} octets, 0 for what is not of a
 * service.  False when the message is of a service, or of none, that is not
 * logged.
 */
static bool
name_decision(const struct writer *w, const struct tap_record *r, char *extra,
    size_t *len)
{
	char service[NAME_TEXT] = "";
	struct outcome_name name;
	int n = 0;

	if (r->decision.outcome < outcomes_count(w->log->outcomes) &&
	    outcomes_name(w->log->outcomes, r->decision.outcome, &name)) {
		labels_name(name.service, service);
		n = print_decision(&r->decision, &name, service, extra);
	}
	if (r->response_len == 0)
		n += snprintf(extra + n, EXTRA_TEXT - (size_t)n,
		    "%sdropped=rate-limit", n > 0 ? " " : "");
	*len = (size_t)n;
	return is_logged(&w->orders->config, service);
}

/* A frame at the end of the batch. */
static void
add_frame(struct writer *w, const struct dnstap_message *m)
{
	uint8_t *head = w->batch + w->end;
	size_t n =
	    dnstap_pack(m, head + FRAMES_HEAD, DNSTAP_FRAME_MAX - FRAMES_HEAD);

	/* Nothing that came in a ring is longer. */
	if (n == 0)
		return;
	frames_put_head(head, n);
	w->end += FRAMES_HEAD + n;
}

static struct dnstap_octets
octets_of(const char *text)
{
	return (struct dnstap_octets){(const uint8_t *)text, strlen(text)};
}

static void
add_record(struct writer *w, const struct tap_record *r)
{
	enum query_log_messages which = w->orders->config.messages;
	char extra[EXTRA_TEXT];
	size_t len;
	struct dnstap_message m = {
	    .stream = r->flow.stream,
	    .client = r->flow.client,
	    .server = r->flow.server,
	    .query_ns = r->flow.wall_ns,
	    .identity = octets_of(w->orders->identity),
	    .version = octets_of(w->orders->version),
	};

	if (!name_decision(w, r, extra, &len))
		return;
	if (len > 0)
		m.extra = (struct dnstap_octets){(uint8_t *)extra, len};
	if (which != QUERY_LOG_RESPONSES) {
		m.query = (struct dnstap_octets){r->octets, r->query_len};
		add_frame(w, &m);
	}
	if (which == QUERY_LOG_QUERIES || r->response_len == 0)
		return;
	m.response = true;
	m.response_ns = r->response_ns;
	m.query = (struct dnstap_octets){NULL, 0};
	m.answer =
	    (struct dnstap_octets){r->octets + r->query_len, r->response_len};
	add_frame(w, &m);
}

/* Fill the batch from the taps, each in its turn.  True when there may be more
 * than it holds. */
static bool
fill(struct writer *w)
{
	const struct tap_record *r;

	for (size_t i = 0; i < w->log->n; i++) {
		struct tap *tap = &w->log->taps[w->next_tap];

		while ((r = tap_first(tap)) != NULL) {
			if (w->end + 2 * DNSTAP_FRAME_MAX > BATCH_ROOM)
				return true;
			add_record(w, r);
			tap_done(tap);
		}
		w->next_tap = (w->next_tap + 1) % w->log->n;
	}
	return false;
}

/* What the taps take now goes nowhere. */
static void
discard(struct writer *w)
{
	uint64_t n = 0;

	for (size_t i = 0; i < w->log->n; i++) {
		struct tap *tap = &w->log->taps[i];

		while (tap_first(tap) != NULL) {
			tap_done(tap);
			n++;
		}
	}
	counter_add(&w->log->dropped[sink_loss(w->sink)], n);
}

/* Write of the batch what the sink takes.  True when it took all. */
static bool
flush(struct writer *w, int64_t now_ms)
{
	int64_t n;

	if (w->start == w->end)
		return true;
	n = sink_write(w->sink, w->batch + w->start, w->end - w->start, now_ms);
	if (n < 0) {
		drop_batch(w);
		return true;
	}
	w->start += (size_t)n;
	if (w->start < w->end)
		return false;
	counter_add(&w->log->logged, count_frames(w, w->end));
	w->start = w->end = 0;
	return true;
}

/* One round; how long to wait before the next. */
static void
work(struct writer *w)
{
	int64_t now_ms = clock_mono_ms();
	bool ready = sink_tend(w->sink, now_ms), all = true, more = false;

	if (!ready) {
		drop_batch(w);
		discard(w);
	} else {
		if (w->start == w->end)
			more = fill(w);
		all = flush(w, now_ms);
	}
	show(w, ready);
	if (!all || !more)
		sink_wait(w->sink, PAUSE_MS, !all);
}

void *
query_log_write(void *log)
{
	struct writer w = {.log = log, .batch = malloc(BATCH_ROOM)};

	if (w.batch == NULL)
		log_error("query log: no memory: it is off");
	while (w.batch != NULL && take_orders(&w))
		if (w.sink != NULL)
			work(&w);
	if (w.sink != NULL && w.batch != NULL)
		work(&w);
	close_sink(&w);
	query_log_orders_destroy(w.orders);
	free(w.batch);
	pthread_mutex_lock(&w.log->lock);
	w.log->ended = true;
	pthread_cond_signal(&w.log->changed);
	pthread_mutex_unlock(&w.log->lock);
	return NULL;
}
