/*
 * The addresses of an endpoint that a name has: looked up when its TTL is over,
 * each with a probe and a row of its own, kept while the name cannot be looked
 * up, and for a while when answers have them no more.  Called by the prober on
 * its loop; sends no query itself.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/hash.h"
#include "base/log.h"
#include "config/domain.h"
#include "probes/prober_parts.h"
#include "probes/names/refusal.h"
#include "probes/names/resolver_answer.h"

/* Of a TTL: resolvers give what is left of it, and a name must not be looked up
 * all the time; and what holds a day may be wrong for an hour. */
#define TTL_MIN_MS 5000
#define TTL_MAX_MS (3600 * 1000)

/* Between tries while a name cannot be looked up: doubled each time. */
#define RETRY_FIRST_MS 5000
#define RETRY_LAST_MS (300 * 1000)

/* First lookups are spread so that there are no more in a second. */
#define LOOKUPS_A_SECOND 1000

/* Addresses end together at full moments of the loop's clock: readers read all
 * rows again when one was taken away. */
#define END_MS 10000

/* --- addresses --- */

static int
compare(const void *one, const void *other)
{
	const struct address *a = one, *b = other;

	if (a->family != b->family)
		return a->family < b->family ? -1 : 1;
	return memcmp(a->bytes, b->bytes, sizeof(a->bytes));
}

static struct probe *
find(const struct named *n, const struct address *a)
{
	for (size_t i = 0; i < n->n; i++)
		if (address_equal(&n->addresses[i]->address->address, a))
			return n->addresses[i];
	return NULL;
}

/* The target of ${at}, which may be a copy, has what is beside it. */
static void
link_target(struct probe_address *at)
{
	at->target.checks = at->checks;
	for (size_t i = 0; i < at->target.n_checks; i++)
		at->checks[i].addresses = &at->to[i];
}

/* What is checked is the endpoint's, but for the address.  Load is that of the
 * endpoint as a whole. */
static void
set_target(struct probe_address *at)
{
	const struct target *whole = at->whole->target;

	at->target = *whole;
	at->target.name = NULL;
	at->target.load_at = NULL;
	at->target.hash = hash_bytes(
	    at->address.bytes, sizeof(at->address.bytes), whole->hash);
	for (size_t i = 0; i < whole->n_checks; i++) {
		const struct check_config *check = whole->checks[i].check;

		at->to[i] = (struct endpoint_address){
		    .address = at->address, .port = check->port};
		at->checks[i] =
		    (struct target_check){.check = check, .n_addresses = 1};
	}
	link_target(at);
}

/* A probe for ${a}, which is among those of ${n} from now on; NULL without
 * memory, or room. */
static struct probe *
add(struct named *n, const struct address *a)
{
	struct prober *pr = n->whole->prober;
	struct probe_address *at;
	struct probe *p;

	if (n->n == NAMED_MAX)
		return NULL;
	at = calloc(1, sizeof(*at));
	if (at == NULL)
		return NULL;
	at->whole = n->whole;
	at->address = *a;
	set_target(at);
	p = probe_create(pr, &at->target);
	if (p == NULL) {
		free(at);
		return NULL;
	}
	p->address = at;
	n->addresses[n->n++] = p;
	return p;
}

static void
forget_row(const struct probe *p)
{
	struct prober *pr = p->prober;
	struct state_address row;

	if (!p->target->published)
		return;
	probe_fill_address(p, &row);
	if (pr->ready)
		state_recorder_forget_address(pr->recorder, &row);
	pr->committed_ms = 0; /* at the next tick, with nothing else or not */
}

/* At the least level: there may be thousands of names, and each change. */
static void
say_address(const struct named *n, const struct probe *p, const char *what)
{
	const struct target *t = n->whole->target;
	char shown[ADDRESS_TEXT];

	log_debug("%s %s %s: %s %s", t->key.zone, t->key.pool, t->key.endpoint,
	    address_format(&p->address->address, shown), what);
}

/* Take address number ${i} away. */
static void
drop(struct named *n, size_t i)
{
	struct probe *p = n->addresses[i];

	say_address(n, p, "is not used any more");
	forget_row(p);
	probe_unmark(p);
	probe_close(p);
	n->addresses[i] = n->addresses[--n->n];
}

/* --- what the addresses make of the endpoint --- */

/* Better: up before not judged before down; as it should be before degraded;
 * then the longer streak. */
static bool
is_better(const struct verdict *a, const struct verdict *b)
{
	static const int rank[] = {
	    [HEALTH_UP] = 2, [HEALTH_UNKNOWN] = 1, [HEALTH_DOWN] = 0};

	if (a->health != b->health)
		return rank[a->health] > rank[b->health];
	if ((a->degraded[0] != '\0') != (b->degraded[0] != '\0'))
		return a->degraded[0] == '\0';
	if (a->fails != b->fails)
		return a->fails < b->fails;
	return a->passes > b->passes;
}

static struct probe *
find_best(const struct named *n)
{
	struct probe *best = NULL;

	for (size_t i = 0; i < n->n; i++)
		if (best == NULL ||
		    is_better(&n->addresses[i]->verdict, &best->verdict))
			best = n->addresses[i];
	return best;
}

static int64_t
last_check(const struct named *n)
{
	int64_t last = n->whole->verdict.checked_ms;

	for (size_t i = 0; i < n->n; i++)
		if (n->addresses[i]->verdict.checked_ms > last)
			last = n->addresses[i]->verdict.checked_ms;
	return last;
}

/* ${words} of ${p}, "" where there are none. */
static void
say_at(const struct probe *p, const char *words, char out[STATE_REASON])
{
	char shown[ADDRESS_TEXT];

	out[0] = '\0';
	if (words[0] != '\0')
		snprintf(out, STATE_REASON, "%.40s at %s", words,
		    address_format(&p->address->address, shown));
}

/* Some check of ${p} has no verdict of this run. */
static bool
is_open(const struct probe *p)
{
	for (size_t i = 0; i < p->n_checks; i++)
		if (p->checks[i]->plan.taken == 0 ||
		    p->checks[i]->plan.verdict.health == HEALTH_UNKNOWN)
			return true;
	return false;
}

/* What an earlier run found stays until this one has looked. */
static void
take_degraded(struct probe *whole, const struct probe *best)
{
	const char *degraded = best->verdict.degraded;

	if (whole->panel.recalled && degraded[0] == '\0' && is_open(best))
		return;
	whole->panel.recalled = false;
	say_at(best, degraded, whole->verdict.degraded);
}

/* The endpoint is as its best address. */
static void
take_best(struct probe *whole, const struct probe *best)
{
	struct verdict *v = &whole->verdict;

	v->health = best->verdict.health;
	v->passes = best->verdict.passes;
	v->fails = best->verdict.fails;
	whole->connect_us = best->connect_us;
	whole->first_byte_us = best->first_byte_us;
	say_at(best, best->verdict.reason, v->reason);
	take_degraded(whole, best);
}

void
named_judge(struct named *n)
{
	struct probe *whole = n->whole, *best = find_best(n);
	struct verdict *v = &whole->verdict;
	enum state_health before = probe_told(v), was = v->health;
	int64_t was_ms = probe_stood_ms(whole, clock_wall_ms());

	probe_mark(whole);
	/* While one is not judged yet, it is not known that all are down. */
	if (best == NULL || best->verdict.health == HEALTH_UNKNOWN)
		return;
	v->checked_ms = last_check(n);
	take_best(whole, best);
	if (v->health != was) {
		v->turned = true;
		v->since_ms = clock_wall_ms();
	}
	if (probe_told(v) != before)
		probe_note(whole, before, was_ms,
		    probe_told(v) == HEALTH_DEGRADED ? v->degraded : v->reason);
}

void
named_mark(struct named *n)
{
	for (size_t i = 0; i < n->n; i++)
		probe_mark(n->addresses[i]);
}

void
named_forget(struct named *n)
{
	for (size_t i = 0; i < n->n; i++)
		forget_row(n->addresses[i]);
}

/* --- its turns --- */

static void on_turn(uv_timer_t *timer);

static uint64_t
now_ms(const struct named *n)
{
	return uv_now(&n->whole->prober->loop);
}

/* When address ${p} is taken away, unless an answer has it before. */
static uint64_t
end_of(const struct probe *p)
{
	const struct probe_address *at = p->address;
	uint64_t end = at->seen_ms + at->ttl_ms + p->prober->keep_ms;
	uint64_t grain = p->prober->keep_ms / 4;

	if (grain > END_MS)
		grain = END_MS;
	return (end / grain + 1) * grain;
}

/* Whether it can be said that answers do not have it any more. */
static bool
is_judged(const struct named *n, const struct probe *p)
{
	return n->known[p->address->address.family == 6];
}

static void
await(struct named *n)
{
	uint64_t next = UINT64_MAX, now = now_ms(n), end;

	if (n->lookup == NULL)
		next = n->lookup_ms;
	for (size_t i = 0; i < n->n; i++) {
		end = end_of(n->addresses[i]);
		if (is_judged(n, n->addresses[i]) && end < next)
			next = end;
	}
	if (next == UINT64_MAX)
		uv_timer_stop(&n->timer);
	else
		uv_timer_start(
		    &n->timer, on_turn, next > now ? next - now : 0, 0);
}

/* The next lookup is ${ms} from now, and up to a tenth later, so that names do
 * not go on in step. */
static void
look_up_in(struct named *n, uint64_t ms)
{
	uint64_t chance = hash_mix(n->whole->target->hash, n->lookups);

	n->lookup_ms = now_ms(n) + ms + chance % (ms / 10 + 1);
}

/* What is wrong with the name is ${words} now, "" nothing. */
static void
set_words(struct named *n, const char *words)
{
	struct prober *pr = n->whole->prober;
	char cut[sizeof(n->words)];

	snprintf(cut, sizeof(cut), "%s", words);
	if (strcmp(n->words, cut) == 0)
		return;
	memcpy(n->words, cut, sizeof(n->words));
	probe_mark(n->whole);
	pr->names_news = true;
	if (words[0] != '\0')
		snprintf(pr->names_words, sizeof(pr->names_words), "%.120s: %s",
		    n->whole->target->name, words + strlen("name: "));
}

static void
failed(struct named *n, const char *words)
{
	unsigned doublings = n->failures < 6 ? n->failures : 6;
	uint64_t ms = (uint64_t)RETRY_FIRST_MS << doublings;

	n->failures++;
	n->known[0] = n->known[1] = false;
	set_words(n, words);
	look_up_in(n, ms < RETRY_LAST_MS ? ms : RETRY_LAST_MS);
}

/* --- an answer --- */

/* The zone of this node that the name leads into, or NULL. */
static const char *
own_zone(const struct named *n, const struct resolver_answer *answer)
{
	const struct target_table *table = n->whole->prober->table;
	char name[DOMAIN_TEXT];

	for (size_t i = 0; i < answer->n_names; i++) {
		if (!domain_canonical(answer->names[i], name))
			continue;
		for (size_t k = 0; k < table->n_all_zones; k++)
			if (domain_inside(name, table->zones[k]))
				return table->zones[k];
	}
	return NULL;
}

/* The addresses of ${answer} that may be used, in order and each once, over
 * ${out}; their number.  Why the first other one may not goes to ${words}. */
static size_t
choose(const struct named *n, const struct resolver_answer *answer,
    struct address *out, char words[STATE_REASON])
{
	bool private = n->whole->target->allow_private;
	char shown[ADDRESS_TEXT];
	const char *what;
	size_t kept = 0;

	if (answer->n > 0)
		memcpy(out, answer->addresses, answer->n * sizeof(*out));
	if (answer->n > 1)
		qsort(out, answer->n, sizeof(*out), compare);
	for (size_t i = 0; i < answer->n; i++) {
		what = refusal_of(&out[i], private);
		if (what != NULL && words[0] == '\0')
			snprintf(words, STATE_REASON,
			    "name: %s is %s: not used",
			    address_format(&out[i], shown), what);
		if (what == NULL &&
		    (kept == 0 || !address_equal(&out[kept - 1], &out[i])))
			out[kept++] = out[i];
	}
	return kept;
}

static void
see(const struct named *n, struct probe *p, uint64_t ttl_ms)
{
	p->address->seen_ms = now_ms(n);
	p->address->seen_wall_ms = clock_wall_ms();
	p->address->ttl_ms = ttl_ms;
	probe_mark(p);
}

/* Make room for one more: what answers have not had for longest goes.  False
 * when the last one had them all. */
static bool
make_room(struct named *n)
{
	size_t oldest = 0;

	if (n->n < NAMED_MAX)
		return true;
	for (size_t i = 1; i < n->n; i++)
		if (n->addresses[i]->address->seen_ms <
		    n->addresses[oldest]->address->seen_ms)
			oldest = i;
	if (n->addresses[oldest]->address->seen_ms >= now_ms(n))
		return false;
	drop(n, oldest);
	return true;
}

/* An address that is new; -1 when there is no room. */
static int
take_new(struct named *n, const struct address *a, uint64_t ttl_ms)
{
	struct prober *pr = n->whole->prober;
	struct probe *p;

	if (!make_room(n) || (p = add(n, a)) == NULL)
		return -1;
	see(n, p, ttl_ms);
	say_address(n, p, "is new");
	if (pr->checking)
		probe_begin(p);
	return 0;
}

/*
 * The ${total} addresses of ${from}, in order: those that are known first, then
 * others, of IPv4 and IPv6 in turn, so that neither family takes all the room.
 * The number that found none.
 */
static size_t
take(struct named *n, const struct address *from, size_t total, uint64_t ttl_ms)
{
	size_t first[2] = {0, 0}, end[2], left = 0;
	struct probe *p;

	while (first[1] < total && from[first[1]].family == 4)
		first[1]++;
	end[0] = first[1];
	end[1] = total;
	for (size_t i = 0; i < total; i++)
		if ((p = find(n, &from[i])) != NULL)
			see(n, p, ttl_ms);
	for (int f = 0; first[0] < end[0] || first[1] < end[1]; f = !f) {
		if (first[f] == end[f])
			continue;
		if (find(n, &from[first[f]]) == NULL &&
		    (left > 0 || take_new(n, &from[first[f]], ttl_ms) != 0))
			left++;
		first[f]++;
	}
	return left;
}

/* What is wrong although there are addresses: ${words} of one that is not used,
 * or else a family that is not known, or too many. */
static void
note_success(struct named *n, const struct resolver_answer *answer,
    size_t total, size_t left, char words[STATE_REASON])
{
	for (int f = 0; f < 2; f++)
		if (words[0] == '\0' && answer->failed[f] != NULL)
			snprintf(words, STATE_REASON, "name: %s for %s",
			    answer->failed[f], f == 0 ? "A" : "AAAA");
	if (words[0] == '\0' && left > 0)
		snprintf(words, STATE_REASON,
		    "name: %zu addresses: %zu are not used", total, left);
	n->failures = 0;
	set_words(n, words);
}

static uint64_t
bounded_ttl(uint32_t ttl_s)
{
	uint64_t ms = (uint64_t)ttl_s * 1000;

	return ms < TTL_MIN_MS ? TTL_MIN_MS : ms > TTL_MAX_MS ? TTL_MAX_MS : ms;
}

static void
take_answer(struct named *n, const struct resolver_answer *answer)
{
	static struct address good[2 * RESOLVER_ADDRESSES];
	const char *zone = own_zone(n, answer), *why;
	char words[STATE_REASON] = "";
	uint64_t ttl_ms = bounded_ttl(answer->ttl_s);
	size_t total, left;

	if (zone != NULL && n->whole->target->published) {
		snprintf(words, sizeof(words),
		    "name: leads into our own zone %.50s", zone);
		failed(n, words);
		return;
	}
	total = choose(n, answer, good, words);
	if (total == 0) {
		why = answer->failed[0] != NULL ? answer->failed[0]
						: answer->failed[1];
		if (words[0] == '\0')
			snprintf(words, sizeof(words), "name: %s",
			    why != NULL ? why : "no address");
		failed(n, words);
		return;
	}
	n->known[0] = answer->failed[0] == NULL;
	n->known[1] = answer->failed[1] == NULL;
	left = take(n, good, total, ttl_ms);
	note_success(n, answer, total, left, words);
	look_up_in(n, ttl_ms);
}

static void
on_looked_up(void *context, const struct resolver_answer *answer)
{
	struct named *n = context;

	n->lookup = NULL;
	n->lookups++;
	take_answer(n, answer);
	await(n);
}

/* Look it up, or take away what its answers do not have any more. */
static void
on_turn(uv_timer_t *timer)
{
	struct named *n = timer->data;
	const struct target *target = n->whole->target;
	struct prober *pr = n->whole->prober;
	uint64_t now = now_ms(n);

	for (size_t i = n->n; i-- > 0;)
		if (is_judged(n, n->addresses[i]) &&
		    end_of(n->addresses[i]) <= now)
			drop(n, i);
	named_judge(n);
	if (n->lookup == NULL && n->lookup_ms <= now) {
		n->lookup = resolver_ask(pr->resolver, target->name,
		    target->ipv4, target->ipv6, on_looked_up, n);
		if (n->lookup == NULL)
			failed(n, "name: probe: no memory");
	}
	await(n);
}

/* --- beginning and end --- */

void
named_begin(struct named *n)
{
	uint64_t window =
	    n->whole->prober->table->n_names * 1000 / LOOKUPS_A_SECOND;

	for (size_t i = 0; i < n->n; i++)
		probe_begin(n->addresses[i]);
	n->lookup_ms = now_ms(n) + n->whole->target->hash % (window + 1);
	await(n);
}

/*
 * When an address of the last run counts as seen in an answer: now, since the
 * TTL of that answer is not known, but no later than the longest there is after
 * it was: a program that is started again and again keeps none for ever.
 */
static uint64_t
seen_before(const struct named *n, int64_t resolved_ms)
{
	int64_t over_ms = clock_wall_ms() - resolved_ms - TTL_MAX_MS;
	uint64_t now = now_ms(n);

	if (over_ms <= 0)
		return now;
	return (uint64_t)over_ms < now ? now - (uint64_t)over_ms : 0;
}

void
named_restore(struct named *n, const struct state_address *row)
{
	struct state_endpoint as = {.health = row->health,
	    .since_ms = row->since_ms,
	    .checked_ms = row->checked_ms,
	    .passes = row->passes,
	    .fails = row->fails};
	struct address a;
	struct probe *p;

	if (!n->whole->target->published ||
	    address_parse(row->address, &a) != 0 ||
	    refusal_of(&a, n->whole->target->allow_private) != NULL ||
	    (a.family == 4 ? !n->whole->target->ipv4 : !n->whole->target->ipv6))
		return;
	p = find(n, &a);
	if (p == NULL && (p = add(n, &a)) == NULL)
		return;
	memcpy(as.reason, row->reason, sizeof(as.reason));
	if (p->address->seen_wall_ms == 0) {
		p->address->seen_ms = seen_before(n, row->resolved_ms);
		p->address->seen_wall_ms = row->resolved_ms;
	}
	if (p->target->n_checks == 0)
		return;
	as.connect_us = row->connect_us;
	as.first_byte_us = row->first_byte_us;
	as.first_token_us = as.certificate_ms = as.maintenance_ms = -1;
	as.held_ms = row->held_ms;
	as.hold_ms = row->hold_ms;
	probe_restore(p, &as);
}

/* Addresses stay where the name does: they are checked in the new way. */
void
named_follow(struct named *n, bool same)
{
	const struct target *target = n->whole->target;
	struct prober *pr = n->whole->prober;

	for (size_t i = n->n; i-- > 0;) {
		struct probe *p = n->addresses[i];
		struct probe_address *at = p->address;
		bool ipv4 = at->address.family == 4;
		struct probe_address old = *at;

		link_target(&old);
		set_target(at);
		if (refusal_of(&at->address, target->allow_private) != NULL ||
		    (ipv4 ? !target->ipv4 : !target->ipv6)) {
			drop(n, i);
			continue;
		}
		p->target = &old.target;
		(void)probe_follow(p, &at->target);
	}
	if (same)
		return;
	if (n->lookup != NULL)
		resolver_cancel(n->lookup);
	n->lookup = NULL;
	n->failures = 0;
	if (pr->checking) {
		n->lookup_ms = now_ms(n);
		await(n);
	}
}

struct named *
named_create(struct probe *p)
{
	struct named *n = calloc(1, sizeof(*n));

	if (n == NULL)
		return NULL;
	n->whole = p;
	uv_timer_init(&p->prober->loop, &n->timer);
	n->timer.data = n;
	return n;
}

static void
on_closed(uv_handle_t *handle)
{
	free(handle->data);
}

void
named_close(struct named *n)
{
	if (n->lookup != NULL)
		resolver_cancel(n->lookup);
	for (size_t i = 0; i < n->n; i++)
		probe_close(n->addresses[i]);
	uv_close((uv_handle_t *)&n->timer, on_closed);
}
