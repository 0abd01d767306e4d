/*
 * The prober from inside, for its files: prober.c, which has the loop, probe.c,
 * which has one endpoint, probe_check.c, which has one check of it, and
 * prober_reload.c.  No other file includes it.
 */
#ifndef PROBES_PROBER_PARTS_H
#define PROBES_PROBER_PARTS_H

#include <stdbool.h>
#include <stdint.h>
#include <uv.h>

#include "probes/hooks/hooks.h"
#include "probes/checks/lateness.h"
#include "probes/control/control.h"
#include "probes/control/ramps.h"
#include "probes/load/load_task.h"
#include "probes/pages/pages.h"
#include "probes/checks/panel.h"
#include "base/reminder.h"
#include "probes/names/resolver.h"
#include "probes/target.h"
#include "probes/checks/task.h"
#include "probes/checks/verdict.h"
#include "state/recorder.h"

/* Addresses that are kept of a name: answers of DNS that clients get have no
 * more. */
#define NAMED_MAX 32

/* Results wait for at most this long and are then written in one transaction: a
 * change of health must be in the answers within 250 ms. */
#define PROBER_TICK_MS 100

struct prober;
struct prober_held;
struct named;

/* What a probe of one address of a name has beside: its target is here, the
 * address in it; and when an answer had it last. */
struct probe_address {
	struct probe *whole; /* the endpoint's */
	struct address address;
	struct target target;
	/* Of ${target}: each check with its own port. */
	struct target_check checks[CHECK_SET_MAX];
	struct endpoint_address to[CHECK_SET_MAX];
	int64_t seen_wall_ms;
	uint64_t seen_ms; /* time of the loop, as are others of names */
	uint64_t ttl_ms;
};

/* One check of a probe. */
struct probe_check {
	struct probe *probe;
	size_t at;                /* among the checks of its target */
	struct task plan;         /* its requests */
	struct task *deep;        /* its generations; NULL: there are none */
	int64_t certificate_ms;   /* wall clock: when the first ends; -1 */
	char blind[STATE_REASON]; /* why the last could not be made; or "" */
	size_t tally;             /* where it is counted */
	unsigned open;            /* handles that are not closed yet */
};

/* A target while it is probed: an endpoint, or one address of a name that an
 * endpoint has. */
struct probe {
	struct prober *prober;
	const struct target *target; /* in the table in use */
	/* In the order of the target; none where it has a name, whose addresses
	 * have them. */
	struct probe_check *checks[CHECK_SET_MAX];
	size_t n_checks;
	struct load_task *load; /* its load; NULL: nobody asks for it */
	size_t load_tally;      /* where readings of it are counted */
	struct panel panel;
	uv_timer_t later; /* the panel has to be asked again, by time alone */
	unsigned open;    /* handles that are not closed yet */
	struct verdict verdict;            /* of the endpoint as a whole */
	int64_t connect_us, first_byte_us; /* of the last check; -1 */
	int64_t first_token_us;            /* of the last generation; -1 */
	int64_t certificate_ms; /* wall clock: when the first ends; -1 */
	/* Of an endpoint: it is in maintenance, until when and why, as it was
	 * seen last; -1: it is not, and all that it was is told. */
	bool in_maintenance;
	int64_t maintenance_ms; /* wall clock */
	char maintenance[STATE_REASON];
	bool judged; /* in this run */
	/* Wall clock: when it became degraded, or ceased to be while up, in
	 * this run; 0: it did not. */
	int64_t weak_ms;
	enum state_health told; /* to hooks, last; HEALTH_UNKNOWN: nothing */
	bool dirty;             /* it has rows to be written: */
	bool row, load_row;     /* its own, and that of its load */
	struct probe *next_dirty;
	struct named *named;           /* its target has a name; or NULL */
	struct probe_address *address; /* it is one of a name; or NULL */
};

/* The addresses that the name of an endpoint has, each with its probe, and when
 * it is looked up. */
struct named {
	struct probe *whole;
	struct resolver_lookup *lookup; /* under way, or NULL */
	uv_timer_t timer;   /* the next lookup or end of an address */
	uint64_t lookup_ms; /* when that is due */
	bool known[2];      /* the last lookup had an answer for IPv4, IPv6 */
	unsigned failures, lookups;
	char
	    words[STATE_REASON]; /* what is wrong with it: "name: ..."; or "" */
	size_t n;
	struct probe *addresses[NAMED_MAX];
};

struct prober {
	uv_loop_t loop;
	const char *path;
	char *state;
	char vantage[STATE_NAME];
	struct target_table *table;
	struct probe **probes; /* one for each target, in the same order */
	struct http_checker *checker;
	struct program_host *programs;
	struct gate *gate;
	struct task_owner owner; /* of all tasks */
	struct state_recorder *recorder;
	uv_timer_t tick, begin;
	uint64_t window_ms; /* that first checks are spread over */
	uv_signal_t hangup, terminate, interrupt;
	struct probe *dirty; /* rows to be written at the next tick */
	int64_t committed_ms;
	int64_t gave_back_ms; /* room that is not needed; monotonic */
	/* Of endpoints that cannot be checked, since the last line about them
	 * in the log: whether there is news, and more than one reason. */
	bool blind_news, blind_reasons;
	char blind_reason[STATE_REASON]; /* of the last one */
	/* As they were logged: of endpoints that cannot be checked, of the
	 * schedule, of checks that wait for others, of the state database. */
	struct reminder blind_trouble, late_trouble, full_trouble,
	    state_trouble;
	int64_t full_looked_ms;    /* monotonic */
	uint64_t waited;           /* checks, so far, at that time */
	unsigned calm;             /* windows in which none did, in a row */
	uint64_t busy_ns, idle_ns; /* of the loop, at that time */
	struct resolver *resolver;
	uint64_t keep_ms; /* addresses that a name does not have any more */
	bool names_news;  /* another name has trouble, or one none any more */
	char names_words[REMINDER_WORDS / 2]; /* of the last one */
	struct reminder names_trouble;
	struct lateness lateness;
	struct tally tally;
	struct hooks *hooks;
	struct control *control;
	struct ramps *ramps;
	struct prober_held *held; /* changes that hooks are not told yet */
	size_t n_held, size_held;
	uint64_t events;                 /* that were given to be written */
	struct pages *pages;             /* NULL: nobody asked for them */
	int64_t published_ms, ticked_ms; /* monotonic */
	uint64_t lag_ms;   /* the worst since they were published */
	unsigned in_time;  /* windows of it in a row */
	int64_t began_ms;  /* monotonic */
	int64_t looked_ms; /* monotonic: for maintenance */
	/* Endpoints for which it began and ended, since that was logged. */
	size_t maintenance_began, maintenance_ended;
	bool ready; /* to write rows */
	bool sweep; /* all rows are given, and are all there are */
	bool checking, stopping;
	bool reloading, reload_again;
	bool not_reloaded; /* the files had errors then */
};

/* Endpoints that a reload made, took away or changed. */
struct prober_changes {
	size_t n;
	char names[256]; /* of the first of them */
};

/* p = probe_create(prober, target): a probe without a turn yet; its health is
 * unknown.  NULL without memory. */
struct probe *probe_create(struct prober *pr, const struct target *target);

/* probe_close(p): end it; it must not be in the list of dirty ones.  Frees
 * itself while the loop runs on. */
void probe_close(struct probe *p);

/* probe_begin(p): have its first check soon, whatever turn it had. */
void probe_begin(struct probe *p);

/* same = probe_follow(p, target): go on with ${target}, which has the same key
 * as the last one.  False when it is checked in another way. */
bool probe_follow(struct probe *p, const struct target *target);

/* probe_judge(p): one of its checks has a result.  why = probe_blind(p): why
 * one of them could not be made the last time, or "".
 * probe_find_certificate(p): one has seen a certificate.  c =
 * probe_first_deep(p): the first with generations, or NULL. */
void probe_judge(struct probe *p);
const char *probe_blind(const struct probe *p);
void probe_find_certificate(struct probe *p);
const struct probe_check *probe_first_deep(const struct probe *p);

/*
 * c = probe_check_create(p, at): number ${at} of the checks of the target of
 * ${p}, without a turn yet; NULL without memory.  probe_check_close(c): end it;
 * it frees itself while the loop runs on, and looks at ${p} no more.
 * probe_check_begin(c): have its first turn soon.  probe_check_follow(c, at,
 * same): it is number ${at} of another target now, and asks the ${same} or not.
 * probe_check_vote(c): what it says of the endpoint.  probe_check_restore(c,
 * row): what an earlier run left of the endpoint.
 */
struct probe_check *probe_check_create(struct probe *p, size_t at);
void probe_check_close(struct probe_check *c);
void probe_check_begin(struct probe_check *c);
void probe_check_follow(struct probe_check *c, size_t at, bool same);
struct panel_vote probe_check_vote(const struct probe_check *c);
void probe_check_restore(
    struct probe_check *c, const struct state_endpoint *row);

/* probe_mark(p): its row is to be written.  probe_fill(p, row): what that is.
 */
void probe_mark(struct probe *p);

/* probe_mark_all(p): that of its load too.  probe_fill_load(p, row): what that
 * is. */
void probe_mark_all(struct probe *p);
void probe_fill_load(const struct probe *p, struct state_load *row);
void probe_fill(const struct probe *p, struct state_endpoint *row);

/* probe_fill_address(p, row): the same of an address.  probe_unmark(p): its row
 * is not to be written, as it is taken away.  probe_note(p, before, reason):
 * the state of an endpoint is another than ${before}, which it was for
 * ${was_ms}: to the events and the log. */
void probe_fill_address(const struct probe *p, struct state_address *row);
void probe_unmark(struct probe *p);
void probe_note(struct probe *p, enum state_health before, int64_t was_ms,
    const char *reason);

/* probe_change(p, before, was_ms, reason, change): what hooks are told of that.
 */
void probe_change(const struct probe *p, enum state_health before,
    int64_t was_ms, const char *reason, struct hook_change *change);

/*
 * in = maintenance_look(p): whether the endpoint of ${p} is in maintenance now;
 * ${p} may be one of its addresses.  maintenance_end(p): a check has said how
 * it is: when it is not in maintenance any more, hooks are told what they were
 * not.
 * maintenance_mark(p, reason): put that before the reason of an event.
 * maintenance_restore(p, row): what an earlier run left.
 * maintenance_tick(prober): now and then, for all.
 */
bool maintenance_look(struct probe *p);
void maintenance_end(struct probe *p);
void maintenance_mark(const struct probe *p, char reason[STATE_REASON]);
void maintenance_restore(struct probe *p, const struct state_endpoint *row);
void maintenance_tick(struct prober *pr);

/* health = probe_told(v): as people are told: degraded is a state of its own.
 */
enum state_health probe_told(const struct verdict *v);

/* ms = probe_stood_ms(p, now_ms): how long it has been so, at ${now_ms} (wall
 * clock); -1 is not known: an earlier run found it degraded.  That it is
 * degraded begins and ends while its health stays. */
int64_t probe_stood_ms(const struct probe *p, int64_t now_ms);

/* probe_restore(p, row): what an earlier run left of it. */
void probe_restore(struct probe *p, const struct state_endpoint *row);

/* probe_own_tasks(prober): before any probe is made, once its loop and its
 * checker are there. */
void probe_own_tasks(struct prober *pr);

/*
 * named_create(p): for a probe whose target has a name, as probe_create().
 * named_close(n): end it and the probes of its addresses.  named_begin(n): look
 * it up soon, and check what is known of it.  named_follow(n, same): the target
 * of its probe is another now, and ${same} or not.  named_restore(n, row): an
 * address that an earlier run had.  named_judge(n): one of its probes has a
 * result.  named_mark(n): all its rows are to be written.  named_forget(n): all
 * rows of its addresses are taken away.
 */
struct named *named_create(struct probe *p);
void named_close(struct named *n);
void named_begin(struct named *n);
void named_follow(struct named *n, bool same);
void named_restore(struct named *n, const struct state_address *row);
void named_judge(struct named *n);
void named_mark(struct named *n);
void named_forget(struct named *n);

/*
 * prober_tell(prober, change): hooks are to be told, when the events that were
 * given so far are written, or cannot be.
 * prober_tell_written(prober, all): tell them what is so far, or all.
 */
void prober_tell(struct prober *pr, const struct hook_change *change);
void prober_tell_written(struct prober *pr, bool all);

/* prober_flush(prober): give what changed to the database, and a heartbeat when
 * it is time. */
void prober_flush(struct prober *pr);

/* prober_reload(prober): read all files in a thread of the pool, and go on with
 * what they say, or as before when they have errors.  While that is under way,
 * do it again afterwards. */
void prober_reload(struct prober *pr);

/* blind = prober_blind(probe): it cannot be checked, or one of its addresses
 * cannot. */
bool prober_blind(const struct probe *p);

/* prober_publish(prober): after each tick: what the pages say. */
void prober_publish(struct prober *pr);

/* n = prober_places(config): how many checks are under way at once. */
unsigned prober_places(const struct server_config *config);

/* prober_share(prober, config): the controllers step only where this node may,
 * as ${config} has it. */
void prober_share(struct prober *pr, const struct server_config *config);

/* resolver = prober_resolver(prober, config): that looks names up as ${config}
 * says.  NULL without memory. */
struct resolver *prober_resolver(
    struct prober *pr, const struct server_config *config);

/* The lines of the log.  prober_say_state(prober, why): nothing can be written,
 * NULL: it can again.  prober_say_troubles(prober): now and then, what else is
 * wrong, and what goes on.  prober_note_change(changes, key): for the line of
 * prober_say_reload(). */
void prober_say_start(struct prober *pr);
void prober_say_end(const struct prober *pr, int signal_number);
void prober_say_state(struct prober *pr, const char *why);
void prober_say_troubles(struct prober *pr);
void prober_note_change(
    struct prober_changes *changes, const struct endpoint_key *key);
void prober_say_reload(const struct prober *pr, struct prober_changes *fresh,
    struct prober_changes *gone, struct prober_changes *other);

#endif
