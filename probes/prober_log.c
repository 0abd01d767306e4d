/*
 * What the prober says in the log: its start and end, what is wrong, for as
 * long as it lasts, and what a reload changed.  Called by the prober on its
 * loop; a change of health is said where it is decided, in probe.c.
 */
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/text.h"
#include "probes/prober_parts.h"

/* At most one line of the log in so much time says what cannot be checked: a
 * host that is out of descriptors would have one a tick. */
#define SAY_MS 10000

/* Windows in a row in which the schedule is kept, before that is said: one that
 * is nearly too much for this machine would be said again and again. */
#define WINDOWS_IN_TIME 3

/* Names that a line has of what a reload changed. */
#define NAMES 3

void
prober_say_start(struct prober *pr)
{
	uint64_t rate = target_table_rate(pr->table);

	pr->began_ms = clock_mono_ms();
	log_info("meridian-probe %s: vantage %s checks %zu endpoint%s of %zu "
		 "zone%s by %zu check%s, %" PRIu64 ".%" PRIu64
		 " a second, and writes %s",
	    MERIDIAN_VERSION, pr->vantage, pr->table->n,
	    text_plural(pr->table->n), pr->table->n_zones,
	    text_plural(pr->table->n_zones), pr->table->n_checks,
	    text_plural(pr->table->n_checks), rate / 1000, rate % 1000 / 100,
	    pr->state);
	if (pr->table->n_names > 0)
		log_info("looks up %zu name%s of endpoints", pr->table->n_names,
		    text_plural(pr->table->n_names));
	if (pr->table->n == 0)
		log_warn("there is nothing to check: no pool has a check");
}

void
prober_say_end(const struct prober *pr, int signal_number)
{
	log_info("ended by SIG%s after %" PRId64 " s: vantage %s gives its "
		 "lease back",
	    signal_number == SIGTERM ? "TERM" : "INT",
	    (clock_mono_ms() - pr->began_ms) / 1000, pr->vantage);
}

void
prober_say_state(struct prober *pr, const char *why)
{
	const char *words = why != NULL ? why : "";
	int64_t now = clock_mono_ms(), lasted_s;

	lasted_s = reminder_lasts_s(&pr->state_trouble, now);
	if (!reminder_set(&pr->state_trouble, words, now))
		return;
	if (why != NULL)
		log_error("state: %s: %s; checks go on", pr->state, why);
	else
		log_info("state: %s is written again, after %" PRId64 " s",
		    pr->state, lasted_s);
}

/* An endpoint with a name cannot be checked where one of its addresses cannot.
 */
bool
prober_blind(const struct probe *p)
{
	for (size_t i = 0; p->named != NULL && i < p->named->n; i++)
		if (probe_blind(p->named->addresses[i])[0] != '\0')
			return true;
	return probe_blind(p)[0] != '\0';
}

static size_t
count_blind(const struct prober *pr)
{
	size_t blind = 0;

	for (size_t i = 0; i < pr->table->n; i++)
		blind += prober_blind(pr->probes[i]);
	return blind;
}

static size_t
count_names(const struct prober *pr)
{
	size_t n = 0;

	for (size_t i = 0; i < pr->table->n; i++)
		n += pr->probes[i]->named != NULL &&
		    pr->probes[i]->named->words[0] != '\0';
	return n;
}

/* One line for all names with trouble, with the last of them. */
static void
say_names(struct prober *pr, int64_t now)
{
	struct reminder *r = &pr->names_trouble;
	size_t n;

	if (pr->names_news && (r->said_ms == 0 || now - r->said_ms >= SAY_MS)) {
		n = count_names(pr);
		if (n > 0)
			log_warn(
			    "trouble with %zu of %zu names (%s): what they "
			    "had before stays in use",
			    n, pr->table->n_names, pr->names_words);
		else if (r->words[0] != '\0')
			log_info(
			    "no trouble with names any more, after %" PRId64
			    " s",
			    reminder_lasts_s(r, now));
		(void)reminder_set(r, n > 0 ? pr->names_words : "", now);
		r->said_ms = now;
		pr->names_news = false;
	} else if (reminder_due(r, now)) {
		log_warn("for %" PRId64
			 " s now: trouble with %zu of %zu names (%s)",
		    reminder_lasts_s(r, now), count_names(pr),
		    pr->table->n_names, r->words);
	}
}

/* One line for all endpoints that cannot be checked now, however many. */
static void
say_blind(struct prober *pr, int64_t now)
{
	struct reminder *r = &pr->blind_trouble;
	size_t blind;

	if (pr->blind_news && (r->said_ms == 0 || now - r->said_ms >= SAY_MS)) {
		blind = count_blind(pr);
		if (blind > 0)
			log_warn("cannot check %zu of %zu endpoints (%s%s): "
				 "their health stays as it was",
			    blind, pr->table->n, pr->blind_reason,
			    pr->blind_reasons ? ", and other reasons" : "");
		else if (r->words[0] != '\0')
			log_info("can check all endpoints again, after "
				 "%" PRId64 " s",
			    reminder_lasts_s(r, now));
		(void)reminder_set(r, blind > 0 ? pr->blind_reason : "", now);
		r->said_ms = now;
		pr->blind_news = pr->blind_reasons = false;
	} else if (reminder_due(r, now)) {
		log_warn("for %" PRId64
			 " s now: cannot check %zu of %zu endpoints (%s)",
		    reminder_lasts_s(r, now), count_blind(pr), pr->table->n,
		    r->words);
	}
}

/* Of the time since the last call, did the loop work for nearly all? */
static bool
is_busy(struct prober *pr)
{
	uint64_t now = uv_hrtime(), idle = uv_metrics_idle_time(&pr->loop);
	uint64_t all_ns = now - pr->busy_ns, idle_ns = idle - pr->idle_ns;

	pr->busy_ns = now;
	pr->idle_ns = idle;
	return idle_ns < all_ns / 10;
}

/* Checks wait for others, as the limit has it: said before what comes of that.
 * Where the loop has no time for more, no other limit would help. */
static void
say_full(struct prober *pr, int64_t now)
{
	static const char words[] =
	    "raise `concurrency` in `probe:` (without it, LimitNOFILE of "
	    "systemd or ulimit -n), or lower the timeouts of what does not "
	    "answer";
	struct reminder *r = &pr->full_trouble;
	bool was = r->words[0] != '\0';
	struct gate_figures f;
	uint64_t waited, worst_ms;

	if (now - pr->full_looked_ms < SAY_MS)
		return;
	gate_figures(pr->gate, &f);
	waited = f.waited - pr->waited;
	if (waited < f.waiting)
		waited = f.waiting;
	worst_ms = gate_worst_ms(pr->gate);
	pr->full_looked_ms = now;
	pr->waited = f.waited;
	if (is_busy(pr))
		waited = 0;
	pr->calm = waited == 0 ? pr->calm + 1 : 0;
	if (waited > 0 && (!was || reminder_due(r, now)))
		log_warn("%" PRIu64 " checks at once are the limit: in the "
			 "last %d s %" PRIu64 " waited for others, the longest "
			 "for %" PRIu64 " ms: %s",
		    f.limit, SAY_MS / 1000, waited, worst_ms, words);
	else if (was && pr->calm == WINDOWS_IN_TIME)
		log_info("no check waits for others any more, after %" PRId64
			 " s",
		    reminder_lasts_s(r, now));
	if (waited > 0 || pr->calm >= WINDOWS_IN_TIME)
		(void)reminder_set(r, waited > 0 ? words : "", now);
}

/* Numbers change with each window, and are no news. */
static void
say_late(struct prober *pr, int64_t now)
{
	const char *advice = pr->full_trouble.words[0] != '\0'
	    ? "they wait for others, see `concurrency`"
	    : "one meridian-probe cannot do more on this machine: raise "
	      "`every`, or give it a faster core";
	struct reminder *r = &pr->late_trouble;
	char words[LATENESS_WORDS];
	bool was = r->words[0] != '\0';

	if (!lateness_look(&pr->lateness, now, words))
		return;
	pr->in_time = words[0] == '\0' ? pr->in_time + 1 : 0;
	if (!was && words[0] != '\0') {
		log_warn("checks are late: %s: %s", words, advice);
		(void)reminder_set(r, words, now);
	} else if (was && pr->in_time >= WINDOWS_IN_TIME) {
		log_info("checks are in time again, after %" PRId64 " s",
		    reminder_lasts_s(r, now));
		(void)reminder_set(r, "", now);
	} else if (words[0] != '\0' && reminder_due(r, now)) {
		log_warn("for %" PRId64 " s now checks are late: %s: %s",
		    reminder_lasts_s(r, now), words, advice);
	}
}

void
prober_say_troubles(struct prober *pr)
{
	int64_t now = clock_mono_ms();

	say_blind(pr, now);
	say_names(pr, now);
	say_full(pr, now);
	say_late(pr, now);
	if (reminder_due(&pr->state_trouble, now))
		log_error("state: %s: for %" PRId64 " s now: %s; checks go on, "
			  "and nothing of them is written",
		    pr->state, reminder_lasts_s(&pr->state_trouble, now),
		    pr->state_trouble.words);
}

void
prober_note_change(
    struct prober_changes *changes, const struct endpoint_key *key)
{
	size_t len = strlen(changes->names);

	if (changes->n++ < NAMES)
		snprintf(changes->names + len, sizeof(changes->names) - len,
		    "%s%s %s %s", len > 0 ? ", " : " (", key->zone, key->pool,
		    key->endpoint);
}

/* The names that were noted, to their end. */
static const char *
names(struct prober_changes *changes)
{
	size_t len = strlen(changes->names);

	if (changes->n > 0)
		snprintf(changes->names + len, sizeof(changes->names) - len,
		    "%s)", changes->n > NAMES ? ", ..." : "");
	return changes->names;
}

void
prober_say_reload(const struct prober *pr, struct prober_changes *fresh,
    struct prober_changes *gone, struct prober_changes *other)
{
	log_info("reloaded: %zu endpoints; %zu new%s; %zu gone%s; %zu with "
		 "another check or address%s",
	    pr->table->n, fresh->n, names(fresh), gone->n, names(gone),
	    other->n, names(other));
}
