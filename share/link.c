/*
 * Keeps a lease in etcd, reads all that is shared, and follows it.  Called by
 * the sharer; decides nothing about what is shared.
 */
#include "share/link.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "share/etcd/etcd_txn.h"
#include "state/rows.h"

/* How often it is looked what is due. */
#define TICK_MS 100

/* A lease is renewed so many times while it lasts, so that two in a row may be
 * lost. */
#define RENEWALS 4

/* Keys of a page: 512 blocks of 25 kB are more than etcd sends at once, so that
 * fewer are asked for then. */
#define PAGE_MAX 512
#define PAGE_MIN 1

/* Between two readings, when one was not believed or broke off. */
#define AGAIN_MS 200
#define AGAIN_MAX_MS 5000

/* A call that gives the lease back has so long; it is the last. */
#define GIVE_BACK_MS 1000

/* A key that is bound to the lease. */
struct bound {
	char *key, *value;
	int64_t lease; /* with which it is written; 0: it is to be */
	struct bound *next;
};

enum reading { IDLE, READING, WATCHING };

/* What etcd may refuse while it renews leases, for which a user needs no role
 * and a database no space. */
enum { READS, WRITES, USES };

struct link {
	struct etcd *etcd;
	uv_timer_t timer;
	const struct link_calls *calls;
	void *context;
	char *prefix;
	char end[ETCD_KEY_MAX];
	struct etcd_bytes end_key;
	int64_t lease_ms;
	enum link_state state;
	char words[STATE_LINK];
	/* The lease; and monotonic: when it was begun or renewed last. */
	int64_t lease, kept_ms, asked_ms;
	struct etcd_call *lease_call, *bind_call, *page_call;
	/* Monotonic: when etcd refused it first and last; 0: it does not.  And
	 * how, the last time. */
	int64_t refused_ms[USES], refused_last_ms[USES];
	char refusal[160];
	bool relieved; /* it does not any more, which is to be told */
	struct bound *bound;
	/* The reading. */
	enum reading reading;
	struct etcd_header header;
	char *last; /* the last key of the last page, and a NUL */
	size_t last_len;
	int64_t page;
	struct etcd_watch *watch;
	bool torn; /* its stream has ended, and it begins another */
	int64_t again_ms, pause_ms; /* monotonic: the next may begin */
	bool anew;                  /* the next reading is of another history */
	/* What is known may lack something, so that it is read again; and what
	 * is being read is of a history that ended. */
	bool doubt, broken;
	bool stopping;
};

/* --- its state --- */

static void
set_state(struct link *l, enum link_state state, const char *words)
{
	char fit[sizeof(l->words)];

	/* What is compared is as long as what was kept. */
	(void)snprintf(fit, sizeof(fit), "%s", words);
	if (l->stopping || (l->state == state && strcmp(l->words, fit) == 0))
		return;
	l->state = state;
	memcpy(l->words, fit, sizeof(l->words));
	l->calls->state(l->context, state, l->words);
}

/* What is wrong now, or nothing. */
static void
note(struct link *l, const char *words)
{
	set_state(l, l->state, words);
}

/* etcd refuses what this node reads or writes. */
static bool
is_refused(const struct link *l)
{
	return l->refused_ms[READS] != 0 || l->refused_ms[WRITES] != 0;
}

static void
take_outcome(struct link *l, int use, const struct etcd_answer *answer)
{
	bool was = is_refused(l);

	if (answer->outcome == ETCD_OK) {
		l->refused_ms[use] = 0;
		l->relieved |= was && !is_refused(l);
		return;
	}
	if (answer->outcome != ETCD_REFUSED && answer->outcome != ETCD_FAILED)
		return;
	l->refused_last_ms[use] = clock_mono_ms();
	if (l->refused_ms[use] == 0)
		l->refused_ms[use] = l->refused_last_ms[use];
	(void)snprintf(l->refusal, sizeof(l->refusal), "%.150s", answer->words);
}

void
link_wrote(struct link *l, const struct etcd_answer *answer)
{
	if (!l->stopping)
		take_outcome(l, WRITES, answer);
}

/* --- the lease --- */

/* It is gone: another is asked for at once, whatever was asked of this one. */
static void
forget_lease(struct link *l)
{
	etcd_cancel(l->lease_call);
	l->lease_call = NULL;
	l->lease = 0;
	l->asked_ms = 0;
	for (struct bound *b = l->bound; b != NULL; b = b->next)
		b->lease = 0;
}

static void
on_let_go(void *context, const struct etcd_answer *answer)
{
	(void)context;
	(void)answer;
}

/* Others would take what this node said last for fresh: its lease goes, now or
 * when it is over. */
static void
let_lease_go(struct link *l)
{
	int64_t lease = l->lease;

	forget_lease(l);
	if (lease != 0)
		(void)etcd_lease_revoke(l->etcd, lease, on_let_go, l);
}

static void
look_whether_cut(struct link *l, int64_t now_ms)
{
	char words[sizeof(l->words)];

	if (now_ms - l->kept_ms >= l->lease_ms)
		set_state(l, LINK_CUT,
		    l->words[0] != '\0' ? l->words : "etcd does not answer");
	if (l->relieved)
		note(l, "");
	l->relieved = false;
	for (int use = READS; use < USES; use++) {
		if (l->state == LINK_CUT || l->refused_ms[use] == 0 ||
		    l->refused_last_ms[use] - l->refused_ms[use] < l->lease_ms)
			continue;
		(void)snprintf(words, sizeof(words),
		    "etcd refuses what this node %s: %s",
		    use == READS ? "reads" : "writes", l->refusal);
		let_lease_go(l);
		set_state(l, LINK_CUT, words);
	}
}

/* Etcd answers again.  What is followed may have a gap; a reading that is under
 * way or to come has none. */
static void
come_back(struct link *l)
{
	if (l->reading == WATCHING)
		l->doubt = true;
	l->again_ms = 0;
	l->pause_ms = AGAIN_MS;
	set_state(l, LINK_READS, "");
}

static void
on_lease(void *context, const struct etcd_answer *answer)
{
	struct link *l = context;

	l->lease_call = NULL;
	if (answer->outcome == ETCD_OK && answer->ttl_s > 0) {
		l->lease = answer->lease;
		/* It was begun or renewed after it was asked for. */
		l->kept_ms = l->asked_ms;
		if (l->state == LINK_CUT && !is_refused(l))
			come_back(l);
	} else if (answer->outcome == ETCD_NO_LEASE ||
	    answer->outcome == ETCD_OK) {
		forget_lease(l);
	} else {
		note(l, answer->words);
	}
}

static void
keep_lease(struct link *l, int64_t now_ms)
{
	int64_t every_ms = l->lease_ms / RENEWALS;

	if (l->lease_call != NULL || now_ms - l->asked_ms < every_ms)
		return;
	l->asked_ms = now_ms;
	l->lease_call = l->lease == 0
	    ? etcd_lease_grant(l->etcd, (l->lease_ms + 999) / 1000, on_lease, l)
	    : etcd_lease_keep(l->etcd, l->lease, on_lease, l);
	etcd_within(l->lease_call, l->lease_ms / 2);
}

/* --- what is bound to it --- */

static void
free_bound(struct bound *b)
{
	free(b->key);
	free(b->value);
	free(b);
}

static void
on_bound(void *context, const struct etcd_answer *answer)
{
	struct link *l = context;

	l->bind_call = NULL;
	if (answer->outcome == ETCD_NO_LEASE)
		forget_lease(l);
	if (answer->outcome != ETCD_OK)
		note(l, answer->words);
	take_outcome(l, WRITES, answer);
	for (struct bound *b = l->bound; b != NULL; b = b->next)
		if (b->lease < 0)
			b->lease = answer->outcome == ETCD_OK ? -b->lease : 0;
}

/* Write what is not written with this lease.  While that is under way its lease
 * stands there with a minus. */
static void
bind_keys(struct link *l)
{
	struct etcd_txn *txn;

	if (l->lease == 0 || l->bind_call != NULL)
		return;
	txn = etcd_txn_create();
	if (txn == NULL)
		return;
	for (struct bound *b = l->bound; b != NULL; b = b->next) {
		if (b->lease == l->lease || etcd_txn_ops(txn) == ETCD_TXN_OPS)
			continue;
		b->lease = -l->lease;
		etcd_txn_put(
		    txn, etcd_text(b->key), etcd_text(b->value), l->lease);
	}
	if (etcd_txn_ops(txn) == 0) {
		etcd_txn_destroy(txn);
		return;
	}
	l->bind_call = etcd_txn_send(l->etcd, txn, on_bound, l);
}

static struct bound *
find_bound(struct link *l, const char *key)
{
	for (struct bound *b = l->bound; b != NULL; b = b->next)
		if (strcmp(b->key, key) == 0)
			return b;
	return NULL;
}

int
link_bind(struct link *l, const char *key, const char *value)
{
	struct bound *b = find_bound(l, key);
	char *copy;

	if (b != NULL && strcmp(b->value, value) == 0)
		return 0;
	copy = strdup(value);
	if (copy == NULL)
		return -1;
	if (b == NULL) {
		b = calloc(1, sizeof(*b));
		if (b == NULL || (b->key = strdup(key)) == NULL) {
			free(b);
			free(copy);
			return -1;
		}
		b->next = l->bound;
		l->bound = b;
	}
	free(b->value);
	b->value = copy;
	b->lease = 0;
	return 0;
}

/* --- the reading --- */

static void read_page(struct link *l);

static void
stop_watch(struct link *l)
{
	if (l->watch != NULL)
		etcd_watch_stop(l->watch);
	l->watch = NULL;
}

/* Nothing that was read can be gone on with: begin again, later each time. */
static void
give_up_reading(struct link *l)
{
	int64_t now_ms = clock_mono_ms();

	stop_watch(l);
	if (l->page_call != NULL)
		etcd_cancel(l->page_call);
	l->page_call = NULL;
	l->reading = IDLE;
	l->again_ms = now_ms + l->pause_ms;
	l->pause_ms =
	    l->pause_ms * 2 < AGAIN_MAX_MS ? l->pause_ms * 2 : AGAIN_MAX_MS;
	if (l->state == LINK_LIVE)
		set_state(l, LINK_READS, l->words);
}

static void
on_events(void *context, const struct etcd_event *events, size_t n)
{
	struct link *l = context;

	if (!l->stopping && !l->doubt && !l->broken)
		l->calls->events(l->context, events, n);
}

/* What was torn may go on in another history: a backup that was restored, and
 * written to since, looks like the one before.  So all is read again. */
static void
on_stream(void *context, bool live, const char *words)
{
	struct link *l = context;

	if (!live) {
		l->torn = true;
		note(l, words);
		return;
	}
	if (l->torn) {
		l->torn = false;
		l->anew = l->doubt = true;
	} else if (l->state != LINK_CUT) {
		set_state(l, LINK_LIVE, "");
	}
}

static void
on_watch_ended(void *context, enum etcd_watch_end why, const char *words)
{
	struct link *l = context;

	l->watch = NULL;
	if (why == ETCD_WATCH_HISTORY)
		l->anew = true;
	l->doubt = true;
	note(l, words);
}

static void
follow(struct link *l)
{
	const struct etcd_watch_use use = {.events = on_events,
	    .link = on_stream,
	    .ended = on_watch_ended,
	    .context = l};

	l->watch = etcd_watch_begin(
	    l->etcd, etcd_text(l->prefix), l->end_key, &l->header, &use);
	if (l->watch == NULL) {
		give_up_reading(l);
		return;
	}
	l->reading = WATCHING;
	l->torn = false;
	l->pause_ms = AGAIN_MS;
	if (l->state != LINK_CUT)
		set_state(l, LINK_LIVE, "");
}

/* The next page begins after the last key of this one. */
static int
turn_page(struct link *l, const struct etcd_found *found)
{
	const struct etcd_bytes *key;
	char *last;

	if (found->n == 0)
		return -1;
	key = &found->pairs[found->n - 1].key;
	last = malloc(key->len + 1);
	if (last == NULL)
		return -1;
	memcpy(last, key->data, key->len);
	last[key->len] = '\0';
	free(l->last);
	l->last = last;
	l->last_len = key->len + 1;
	return 0;
}

static void
on_page(void *context, const struct etcd_answer *answer)
{
	struct link *l = context;
	bool first = l->last == NULL;

	l->page_call = NULL;
	take_outcome(l, READS, answer);
	if (answer->outcome == ETCD_TOO_LARGE && l->page > PAGE_MIN) {
		l->page /= 2;
		read_page(l);
		return;
	}
	if (answer->outcome != ETCD_OK ||
	    (!first && answer->header.cluster != l->header.cluster)) {
		if (answer->outcome != ETCD_OK)
			note(l, answer->words);
		give_up_reading(l);
		return;
	}
	if (first) {
		l->anew |= answer->header.cluster != l->header.cluster;
		l->header = answer->header;
		l->calls->begin(l->context, l->anew);
		l->anew = false;
	}
	l->calls->keys(l->context, &answer->found);
	if (!answer->found.more) {
		if (l->calls->end(l->context, l->header.revision))
			follow(l);
		else
			give_up_reading(l);
		return;
	}
	if (turn_page(l, &answer->found) == 0)
		read_page(l);
	else
		give_up_reading(l);
}

static void
read_page(struct link *l)
{
	const struct etcd_range range = {.key = l->last == NULL
		? etcd_text(l->prefix)
		: (struct etcd_bytes){l->last, l->last_len},
	    .end = l->end_key,
	    .revision = l->last == NULL ? 0 : l->header.revision,
	    .limit = l->page};

	l->reading = READING;
	l->page_call = etcd_range(l->etcd, &range, on_page, l);
	if (l->page_call == NULL)
		give_up_reading(l);
}

/* Nobody who doubts again and again may keep a reading from its end: one that
 * is to come is begun when it is due, and one that is under way is followed by
 * another. */
static void
heed_doubt(struct link *l)
{
	if (!l->broken && (!l->doubt || l->reading == READING))
		return;
	l->doubt = l->broken = false;
	if (l->reading != IDLE)
		give_up_reading(l);
}

static void
keep_reading(struct link *l, int64_t now_ms)
{
	heed_doubt(l);
	if (l->reading != IDLE || now_ms < l->again_ms)
		return;
	free(l->last);
	l->last = NULL;
	read_page(l);
}

void
link_read_again(struct link *l)
{
	l->doubt = true;
}

/* --- beginning and end --- */

static void
on_told(void *context, enum etcd_news news, const char *words)
{
	struct link *l = context;

	switch (news) {
	case ETCD_NEWS_HISTORY:
		l->anew = true;
		l->broken = true;
		break;
	case ETCD_NEWS_FAILED:
		if (l->state != LINK_CUT)
			note(l, words);
		break;
	case ETCD_NEWS_ANSWERS:
		note(l, "");
		break;
	}
}

static void
on_timer(uv_timer_t *timer)
{
	struct link *l = timer->data;
	int64_t now_ms = clock_mono_ms();

	keep_lease(l, now_ms);
	bind_keys(l);
	keep_reading(l, now_ms);
	look_whether_cut(l, now_ms);
}

struct link *
link_start(uv_loop_t *loop, const struct share_config *config,
    const struct link_calls *calls, void *context)
{
	struct link *l = calloc(1, sizeof(*l));
	const struct etcd_options options = {.endpoints = config->etcd,
	    .n_endpoints = config->n_etcd,
	    .ca = config->ca,
	    .certificate = config->certificate,
	    .key = config->key,
	    .user = config->user,
	    .password_file = config->password_file,
	    .told = on_told,
	    .context = l};

	if (l == NULL)
		return NULL;
	l->prefix = strdup(config->prefix);
	l->etcd = etcd_create(loop, &options);
	if (l->prefix == NULL || l->etcd == NULL) {
		etcd_close(l->etcd);
		free(l->prefix);
		free(l);
		return NULL;
	}
	l->calls = calls;
	l->context = context;
	l->lease_ms = (int64_t)config->lease_ms;
	l->end_key = etcd_prefix_end(etcd_text(l->prefix), l->end);
	l->page = PAGE_MAX;
	l->pause_ms = AGAIN_MS;
	l->kept_ms = clock_mono_ms();
	uv_timer_init(loop, &l->timer);
	l->timer.data = l;
	uv_timer_start(&l->timer, on_timer, 0, TICK_MS);
	return l;
}

static void
on_closed(uv_handle_t *handle)
{
	struct link *l = handle->data;
	struct bound *b;

	while ((b = l->bound) != NULL) {
		l->bound = b->next;
		free_bound(b);
	}
	free(l->last);
	free(l->prefix);
	free(l);
}

static void
close_all(struct link *l)
{
	etcd_close(l->etcd);
	uv_close((uv_handle_t *)&l->timer, on_closed);
}

static void
on_given_back(void *context, const struct etcd_answer *answer)
{
	(void)answer;
	close_all(context);
}

void
link_stop(struct link *l)
{
	struct etcd_call *call = NULL;

	if (l == NULL)
		return;
	l->stopping = true;
	uv_timer_stop(&l->timer);
	stop_watch(l);
	etcd_cancel(l->lease_call);
	etcd_cancel(l->bind_call);
	etcd_cancel(l->page_call);
	if (l->lease != 0)
		call = etcd_lease_revoke(l->etcd, l->lease, on_given_back, l);
	if (call == NULL)
		close_all(l);
	else
		etcd_within(call, GIVE_BACK_MS);
}

enum link_state
link_state(const struct link *l)
{
	return l != NULL ? l->state : LINK_BEGINS;
}

int64_t
link_lease(const struct link *l)
{
	return l != NULL ? l->lease : 0;
}

struct etcd *
link_etcd(struct link *l)
{
	return l->etcd;
}
