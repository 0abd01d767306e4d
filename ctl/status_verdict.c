/*
 * Judges a status.  Called by meridianctl status; looks at nothing but the
 * object it is given.
 */
#include "ctl/status_verdict.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "ctl/columns.h"
#include "ctl/command.h"
#include "ctl/status_hand.h"
#include "ctl/status_ramps.h"
#include "ctl/status_maintenance.h"
#include "ctl/status_weak.h"
#include "state/aside.h"
#include "state/node_parts.h"

/* Of a finding: names are listed as far as they fit. */
#define TEXT_MAX 4096
#define NAMES 3

struct verdict {
	json_t *findings;
	int status;
};

/* Add "2 of 5 services", "all 5 services". */
static void
add_count(struct text *t, size_t n, size_t all, const char *what)
{
	if (n == all && n > 1)
		text_add(t, "all %zu %ss", n, what);
	else
		text_add(t, "%zu of %zu %s%s", n, all, what, text_plural(all));
}

/* Add a finding with ${text}, which is freed. */
static void
find(struct verdict *v, int status, const char *finding, struct text *text,
    const char *advice)
{
	if (status > v->status)
		v->status = status;
	json_array_append_new(v->findings,
	    json_pack("{ss ss ss?}", "finding", finding, "text",
		text->data != NULL ? text->data : "", "advice", advice));
	text_finish(text);
}

static void
judge_server(struct verdict *v, const json_t *root)
{
	const json_t *server = json_object_get(root, "server");
	struct text t;

	if (command_is_true(server, "running"))
		return;
	text_init(&t, TEXT_MAX);
	text_add(&t, "%s", command_text(server, "why"));
	find(v, STATUS_BAD, "no server", &t,
	    command_is_true(server, "files")
		? "start meridiand; one that hangs needs a restart, and its "
		  "log "
		  "may say why; what follows is what one that starts now would "
		  "do"
		: "the files have errors: meridianctl check says which; "
		  "meridiand goes on with what it loaded, and started with "
		  "them serves the last files that loaded, if it kept them");
}

/* What is in maintenance counts as in none. */
static bool
has_state(const json_t *service, const char *state)
{
	return strcmp(command_text(service, "state"), state) == 0 &&
	    !command_is_true(service, "maintenance");
}

/* Add the names of the services in state ${state}, of which there are ${n}. */
static void
add_names(struct text *t, const json_t *services, const char *state, size_t n)
{
	const char *before = ": ";
	size_t i, named = 0;
	json_t *s;

	json_array_foreach(services, i, s)
	{
		const char *name = command_text(s, "service");

		if (!has_state(s, state))
			continue;
		if (named++ == NAMES) {
			text_add(t, " and %zu more", n - NAMES);
			return;
		}
		text_add(t, "%s%s", before, name);
		before = ", ";
	}
}

static size_t
count_state(const json_t *services, const char *state)
{
	size_t i, n = 0;
	json_t *s;

	json_array_foreach(services, i, s) n += has_state(s, state);
	return n;
}

static void
judge_last_resort(struct verdict *v, const json_t *root)
{
	const json_t *services = json_object_get(root, "outlook");
	size_t n = count_state(services, "last-resort");
	struct text t;

	if (n == 0)
		return;
	text_init(&t, TEXT_MAX);
	add_count(&t, n, json_array_size(services), "service");
	text_add(&t, " with nothing healthy");
	add_names(&t, services, "last-resort", n);
	find(v, STATUS_BAD, "last resort", &t,
	    "mend what is below each endpoint that is down, or take the "
	    "service elsewhere; meridianctl explain says what a client gets");
}

/* What to do first about health that is stale. */
static const char *
mend_stale(const json_t *health)
{
	const json_t *disk = json_object_get(health, "disk");

	if (json_is_false(json_object_get(disk, "writable")))
		return "the state database cannot be written: mend that first, "
		       "as below";
	if (json_is_string(json_object_get(health, "trouble")))
		return "the state database cannot be read: mend that first, as "
		       "below";
	return "is meridian-probe running, with the same state database? its "
	       "log says why it does not check";
}

static void
judge_stale(struct verdict *v, const json_t *root)
{
	const json_t *health = json_object_get(root, "health");
	const json_t *age = json_object_get(health, "age_ms");
	char ago[32];
	struct text t;

	if (!command_is_true(health, "stale"))
		return;
	text_init(&t, TEXT_MAX);
	if (json_is_integer(age))
		text_add(&t, "no vantage was heard for %s; health is as old",
		    columns_ago(json_integer_value(age), ago));
	else if (json_array_size(json_object_get(root, "vantages")) > 0)
		text_add(&t,
		    "no vantage was heard since the state database was "
		    "opened; health is older");
	else
		text_add(&t,
		    "no vantage was ever heard; nothing is known of health");
	find(v, STATUS_BAD, "stale", &t, mend_stale(health));
}

/* Services with a pool that another, its origin, or its standby endpoints serve
 * for: clients notice nothing, but an operator wants to know. */
static void
judge_alternates(struct verdict *v, const json_t *root)
{
	const json_t *s, *p;
	size_t i, k, n = 0;
	struct text t;

	text_init(&t, TEXT_MAX);
	json_array_foreach(json_object_get(root, "outlook"), i, s)
	{
		json_array_foreach(json_object_get(s, "pools"), k, p)
		{
			const char *origin =
			    json_string_value(json_object_get(p, "origin"));

			if (command_is_true(s, "maintenance"))
				continue;
			if (origin == NULL && !command_is_true(p, "standby"))
				continue;
			if (n++ >= NAMES)
				continue;
			text_add(&t,
			    "%s%s: %s has nothing usable for some clients: ",
			    n > 1 ? "; " : "", command_text(s, "service"),
			    command_text(p, "pool"));
			if (origin != NULL)
				text_add(&t, "its origin %s serves", origin);
			else
				text_add(&t, "its standby endpoints serve");
		}
	}
	if (n > NAMES)
		text_add(&t, " and %zu more", n - NAMES);
	if (n > 0)
		find(v, STATUS_DEGRADED, "served by another", &t,
		    "mend what is below each endpoint of the pool that is "
		    "down; it gives back by itself");
	else
		text_finish(&t);
}

/* Endpoints that are up, and not as they should be. */
static void
judge_weak(struct verdict *v, const json_t *root)
{
	struct text t;

	text_init(&t, TEXT_MAX);
	if (status_weak_degraded(&t, root))
		find(v, STATUS_DEGRADED, "degraded endpoints", &t,
		    "clients are still sent to them; mend what is said of "
		    "each");
	else
		text_finish(&t);
	text_init(&t, TEXT_MAX);
	if (status_weak_unjudged(&t, root))
		find(v, STATUS_DEGRADED, "endpoints not judged", &t,
		    "their health is what it was, however long ago: mend what "
		    "is said of each where its vantage runs");
	else
		text_finish(&t);
	text_init(&t, TEXT_MAX);
	if (status_weak_certificates(&t, root, clock_wall_ms()))
		find(v, STATUS_DEGRADED, "certificates about to end", &t,
		    "renew them: checks with verify fail when they have");
	else
		text_finish(&t);
}

/* Every vantage has ended in good order: health is of before, and not old
 * enough yet to be called stale. */
static void
judge_ended(struct verdict *v, const json_t *root)
{
	const json_t *vantages = json_object_get(root, "vantages"), *one;
	size_t i, left = 0;
	struct text t;

	json_array_foreach(vantages, i, one) left +=
	    !command_is_true(one, "ended");
	if (left > 0 || json_array_size(vantages) == 0 ||
	    command_is_true(json_object_get(root, "health"), "stale"))
		return;
	text_init(&t, TEXT_MAX);
	text_add(&t, "every vantage has ended; health is of before");
	find(v, STATUS_DEGRADED, "nobody checks", &t, "start meridian-probe");
}

/* This node does not hear the others: that is no fault of their vantages. */
static bool
is_deaf(const json_t *root)
{
	const json_t *share = json_object_get(root, "share");

	return json_is_string(
		   json_object_get(json_object_get(root, "health"), "cut")) ||
	    (json_is_object(share) &&
		strcmp(command_text(share, "link"), "linked") != 0);
}

/* While some vantage is heard: those that are not, but for what ended in good
 * order. */
static void
judge_vantages(struct verdict *v, const json_t *root)
{
	const json_t *vantages = json_object_get(root, "vantages"), *one;
	bool deaf = is_deaf(root);
	size_t i, n = 0;
	struct text t;

	if (command_is_true(json_object_get(root, "health"), "stale"))
		return;
	text_init(&t, TEXT_MAX);
	json_array_foreach(vantages, i, one)
	{
		const json_t *age = json_object_get(one, "age_ms");
		char ago[32];

		if (strcmp(command_text(one, "state"), "stale") != 0 ||
		    command_is_true(one, "ended") ||
		    (deaf && json_is_string(json_object_get(one, "node"))))
			continue;
		text_add(&t, "%s%s", n++ > 0 ? ", " : "nothing is heard of ",
		    command_text(one, "vantage"));
		if (json_is_integer(age))
			text_add(&t, " for %s",
			    columns_ago(json_integer_value(age), ago));
	}
	if (n == 0) {
		text_finish(&t);
		return;
	}
	text_add(&t, "; what it says does not count");
	find(v, STATUS_DEGRADED, "vantage stale", &t,
	    "is its meridian-probe running? its log says why it does not "
	    "check; one that is gone for good is forgotten after stale: "
	    "{forget}, or with its node by meridianctl forget node");
}

/* What to do about a link. */
static const char *
advise_link(const char *link, const char *trouble)
{
	if (strcmp(link, "cut") == 0 && trouble != NULL &&
	    node_link_stuck(trouble))
		return STATUS_ADVICE_SITE;
	if (strcmp(link, "ended") == 0)
		return "start meridian-share, and see its log; the others are "
		       "heard again by itself";
	if (strcmp(link, "unwritten") == 0)
		return "meridian-share runs, but does not write the state "
		       "database: its log says why";
	return "see whether meridian-share reaches etcd (meridianctl status "
	       "--all); the others are heard again by itself";
}

/* What this node says of others is what it knew.  Why, as its meridian-share
 * wrote it. */
static void
judge_cut(struct verdict *v, const json_t *root)
{
	const json_t *health = json_object_get(root, "health");
	const json_t *share = json_object_get(root, "share");
	const char *trouble =
	    json_string_value(json_object_get(share, "trouble"));
	struct text t;

	if (!json_is_string(json_object_get(health, "cut")))
		return;
	text_init(&t, TEXT_MAX);
	text_add(&t,
	    "cut off from the nodes that it shares with since %s%s%s; its "
	    "vantages count in their own regions, elsewhere the last verdicts "
	    "stay",
	    command_text(health, "cut"), trouble != NULL ? ": " : "",
	    trouble != NULL ? trouble : "");
	find(v, STATUS_DEGRADED, "node cut off", &t,
	    advise_link(command_text(share, "link"), trouble));
}

static bool
has_own_vantage(const json_t *vantages)
{
	const json_t *one;
	size_t i;

	json_array_foreach(vantages, i, one)
	{
		if (!json_is_string(json_object_get(one, "node")))
			return true;
	}
	return false;
}

/* Another node has the vantage of this one, which checks something. */
static void
judge_twin(struct verdict *v, const json_t *root)
{
	const json_t *share = json_object_get(root, "share");
	struct text t;

	if (!json_is_string(json_object_get(share, "same_vantage")) ||
	    !has_own_vantage(json_object_get(root, "vantages")))
		return;
	text_init(&t, TEXT_MAX);
	text_add(&t,
	    "node %s says that the vantage of this one is its own: one counts, "
	    "the other tells nothing",
	    command_text(share, "same_vantage"));
	find(v, STATUS_DEGRADED, "vantage twice", &t, STATUS_ADVICE_TWIN);
}

/* Vantages whose own network is in trouble. */
static void
judge_blind(struct verdict *v, const json_t *root)
{
	const json_t *one;
	size_t i, n = 0;
	struct text t;

	text_init(&t, TEXT_MAX);
	json_array_foreach(json_object_get(root, "vantages"), i, one)
	{
		if (!command_is_true(one, "blind"))
			continue;
		text_add(&t,
		    "%s%s finds down %lld of %lld endpoints outside its region "
		    "that others find up",
		    n++ > 0 ? "; " : "", command_text(one, "vantage"),
		    command_number(one, "missed"),
		    command_number(one, "compared"));
	}
	if (n == 0) {
		text_finish(&t);
		return;
	}
	text_add(&t, "; what it says does not count there");
	find(v, STATUS_DEGRADED, "vantage blind", &t,
	    "see whether its host reaches the endpoints: routes, firewall, "
	    "name servers; it counts again by itself");
}

/* The first error among ${messages}, without its last octet, the end of the
 * line. */
static void
add_first_error(struct text *t, const char *messages)
{
	const char *at = strstr(messages, "error: ");

	while (at != NULL && at > messages && at[-1] != '\n')
		at--;
	if (at == NULL)
		at = messages;
	text_bytes(t, at, strcspn(at, "\n"));
}

/* What a restart would do while the files have errors. */
static const char *
until_mended(const json_t *root)
{
	const json_t *kept =
	    json_object_get(json_object_get(root, "server"), "last_good");

	return json_is_string(json_object_get(kept, "kept")) &&
		!json_is_string(json_object_get(kept, "trouble"))
	    ? "mend the file until meridianctl check finds no error, then "
	      "meridianctl reload; meridiand, restarted before, would serve "
	      "the last files that loaded"
	    : "mend the file until meridianctl check finds no error, then "
	      "meridianctl reload; do not restart meridiand before: it would "
	      "not start";
}

/* A start found errors, and the last files that loaded are served. */
static bool
judge_last_good(struct verdict *v, const json_t *server)
{
	const json_t *kept = json_object_get(server, "last_good");
	struct text t;

	if (!json_is_string(json_object_get(kept, "served")))
		return false;
	text_init(&t, TEXT_MAX);
	text_add(&t,
	    "meridiand found errors in the files when it started, and serves "
	    "the last that loaded, of %s: ",
	    command_text(kept, "served"));
	add_first_error(
	    &t, command_text(json_object_get(server, "reload"), "messages"));
	find(v, STATUS_DEGRADED, "last good files served", &t,
	    "mend the file until meridianctl check finds no error, then "
	    "meridianctl reload");
	return true;
}

static void
judge_reload(struct verdict *v, const json_t *root)
{
	const json_t *reload =
	    json_object_get(json_object_get(root, "server"), "reload");
	bool adopted = command_is_true(reload, "adopted");
	long long held = command_number(reload, "zones_held");
	struct text t;

	if (reload == NULL || command_is_true(reload, "ok") ||
	    judge_last_good(v, json_object_get(root, "server")))
		return;
	text_init(&t, TEXT_MAX);
	if (adopted)
		text_add(&t, "the last load at %s left %lld zone%s as %s: ",
		    command_text(reload, "at"), held, text_plural((size_t)held),
		    held == 1 ? "it was" : "they were");
	else
		text_add(&t,
		    "the last reload failed at %s, the old "
		    "configuration is still served: ",
		    command_text(reload, "at"));
	add_first_error(&t, command_text(reload, "messages"));
	find(v, STATUS_DEGRADED, adopted ? "zones held" : "reload failed", &t,
	    adopted ? "mend the file, then meridianctl reload"
		    : until_mended(root));
}

/* A file that has errors now, whatever was loaded. */
static void
judge_files(struct verdict *v, const json_t *root)
{
	const json_t *server = json_object_get(root, "server");
	struct text t;

	if (!command_is_true(server, "running") ||
	    !json_is_false(json_object_get(server, "files")) ||
	    !command_is_true(json_object_get(server, "reload"), "ok"))
		return;
	text_init(&t, TEXT_MAX);
	text_add(&t,
	    "meridian.yaml has errors; meridiand goes on with what it loaded "
	    "before");
	find(v, STATUS_DEGRADED, "files with errors", &t, until_mended(root));
}

/* Databases that are older than the operator wants them. */
static void
judge_ages(struct verdict *v, const json_t *root)
{
	const json_t *geography = json_object_get(root, "geography"), *one;
	size_t i, n = 0;
	struct text t;
	char ago[32];

	text_init(&t, TEXT_MAX);
	json_array_foreach(json_object_get(geography, "databases"), i, one)
	{
		if (!command_is_true(one, "old"))
			continue;
		text_add(&t, "%s%s was built %s ago", n++ > 0 ? ", " : "",
		    command_text(one, "file"),
		    columns_ago(command_number(one, "age_ms"), ago));
	}
	if (n == 0) {
		text_finish(&t);
		return;
	}
	text_add(&t, "; geo_max_age is %s",
	    columns_ago(command_number(geography, "max_age_ms"), ago));
	find(v, STATUS_DEGRADED, "geography old", &t,
	    "does what fetches new databases still run? meridiand reads a new "
	    "one when it is there; where none is to be had, set geo_max_age "
	    "higher");
}

/* What lies on disk cannot be read. */
static void
judge_follow(struct verdict *v, const json_t *root)
{
	const json_t *follow =
	    json_object_get(json_object_get(root, "geography"), "follow");
	struct text t;

	if (!json_is_string(json_object_get(follow, "trouble")))
		return;
	text_init(&t, TEXT_MAX);
	text_add(&t,
	    "since %s a file on disk is not read, and what it was before is "
	    "served: %s",
	    command_text(follow, "trouble_since"),
	    command_text(follow, "trouble"));
	find(v, STATUS_DEGRADED, "not followed", &t,
	    "put a whole file in its place: it is read when it changes");
}

/* Services rank by round trips, and there are none or they are not read. */
static void
judge_latency(struct verdict *v, const json_t *root)
{
	const json_t *latency = json_object_get(root, "latency");
	bool troubled = json_is_string(json_object_get(latency, "trouble"));
	struct text t;

	if (!json_is_object(latency) ||
	    (!troubled &&
		(!command_is_true(latency, "known") ||
		    command_number(latency, "round_trips") > 0)))
		return;
	text_init(&t, TEXT_MAX);
	if (troubled) {
		text_add(&t,
		    "round trips are not read, what was known counts: "
		    "%s",
		    command_text(latency, "trouble"));
		find(v, STATUS_DEGRADED, "latency not read", &t,
		    "an import that was not finished is run again with "
		    "meridianctl latency import; else see the state database");
		return;
	}
	text_add(&t,
	    "services rank by latency, and there is no round trip "
	    "that is not too old: they go by distance");
	find(v, STATUS_DEGRADED, "no round trips", &t,
	    "does what measures still run? See meridianctl latency import, and "
	    "latency_max_age");
}

/* The server's word on the database; where there is no server, our own. */
static void
judge_database(struct verdict *v, const json_t *root)
{
	bool running =
	    command_is_true(json_object_get(root, "server"), "running");
	const json_t *from =
	    json_object_get(root, running ? "health" : "state");
	struct text t;

	if (!json_is_string(json_object_get(from, "trouble")))
		return;
	text_init(&t, TEXT_MAX);
	text_add(&t, "%s cannot read %s: %s",
	    running ? "meridiand" : "meridianctl",
	    command_text(from, "database"), command_text(from, "trouble"));
	if (running)
		text_add(&t, "; it answers from what it knew");
	find(v, STATUS_DEGRADED, "database unreadable", &t,
	    "if it is missing, start meridian-probe, which makes it; if it is "
	    "corrupt, move it, its -wal and its -shm away: a new one is made "
	    "and filled within a round of checks; see meridian-operations(7)");
}

/* The disk of the database: nobody else can say why nothing is written there.
 * The server's word; where there is none, our own. */
static void
judge_disk(struct verdict *v, const json_t *root)
{
	bool running =
	    command_is_true(json_object_get(root, "server"), "running");
	const json_t *from =
	    json_object_get(root, running ? "health" : "state");
	const json_t *disk = json_object_get(from, "disk");
	const json_t *left = json_object_get(disk, "free_bytes");
	struct text t;

	if (!json_is_string(json_object_get(disk, "trouble")))
		return;
	text_init(&t, TEXT_MAX);
	text_add(&t, "%s: %s, %lld KiB are free",
	    command_text(from, "database"), command_text(disk, "trouble"),
	    (long long)json_integer_value(left) / 1024);
	find(v, STATUS_DEGRADED, "database disk", &t,
	    command_is_true(disk, "writable")
		? "make room: once it is full, answers go by what was known "
		  "then"
		: "what meridian-probe finds cannot be written, and answers go "
		  "by what was known; mend that: nothing needs a restart; see "
		  "meridian-operations(7)");
}

/* One that was corrupt lies beside the database, until somebody has seen it. */
static void
judge_aside(struct verdict *v, const json_t *root)
{
	const json_t *state = json_object_get(root, "state");
	const json_t *since = json_object_get(state, "set_aside_ms");
	char ago[32];
	struct text t;

	if (!json_is_integer(since))
		return;
	text_init(&t, TEXT_MAX);
	text_add(&t, "%s was corrupt %s ago, and is %s" ASIDE_SUFFIX " now",
	    command_text(state, "database"),
	    columns_ago(clock_wall_ms() - json_integer_value(since), ago),
	    command_text(state, "database"));
	find(v, STATUS_DEGRADED, "database set aside", &t,
	    "a new one is in use; the old one has the events of before, and "
	    "measured round trips; a disk that is failing does this again: see "
	    "the log of the kernel; remove the file when all is clear");
}

/* What operators said, and how far ramps are, beside the database: what that
 * lacks counts all the same; without a mirror it would not, after a start. */
static void
judge_kept(struct verdict *v, const json_t *root)
{
	const json_t *health = json_object_get(root, "health");
	const json_t *kept = json_object_get(health, "kept");
	long long lacking = command_number(kept, "lacking");
	struct text t;

	if (lacking > 0) {
		text_init(&t, TEXT_MAX);
		text_add(&t,
		    "%s lacks %lld row%s of what was said by hand or of ramps, "
		    "as it was lost, made anew or is an older copy; meridiand "
		    "goes by them all the same, and writes them back",
		    command_text(health, "database"), lacking,
		    text_plural((size_t)lacking));
		find(v, STATUS_DEGRADED, "kept by meridiand", &t,
		    "if it stays so, the database cannot be written: see the "
		    "log of meridiand; meridianctl overrides lists them");
	}
	if (!json_is_string(json_object_get(kept, "mirror")))
		return;
	text_init(&t, TEXT_MAX);
	text_add(&t, "the mirror beside %s: %s",
	    command_text(health, "database"), command_text(kept, "mirror"));
	find(v, STATUS_DEGRADED, "mirror", &t,
	    "what was said by hand would be lost with the database: mend the "
	    "folder or the disk");
}

/* The query log is not written. */
static void
judge_query_log(struct verdict *v, const json_t *root)
{
	const json_t *log = json_object_get(root, "query_log");
	struct text t;

	if (!json_is_string(json_object_get(log, "trouble")))
		return;
	text_init(&t, TEXT_MAX);
	text_add(&t, "%s", command_text(log, "trouble"));
	find(v, STATUS_DEGRADED, "query log", &t,
	    "clients get their answers all the same; what was not logged is "
	    "counted by meridian_query_log_dropped_total");
}

/* The history of traffic is not written. */
static void
judge_history(struct verdict *v, const json_t *root)
{
	const json_t *history = json_object_get(root, "history");
	struct text t;

	if (!json_is_string(json_object_get(history, "trouble")))
		return;
	text_init(&t, TEXT_MAX);
	text_add(&t, "%s: %s", command_text(history, "file"),
	    command_text(history, "trouble"));
	find(v, STATUS_DEGRADED, "history", &t,
	    "clients get their answers all the same; counts wait for some "
	    "minutes, then they are lost: mend that, nothing needs a restart");
}

/* How meridian-probe begins to say that its files have errors. */
#define FILES "the files have errors"

/* The probe's own word, where it has pages: that it cannot write, above all. */
static void
judge_probe(struct verdict *v, const json_t *root)
{
	const json_t *probe = json_object_get(root, "probe");
	struct text t;

	if (probe == NULL || command_is_true(probe, "well"))
		return;
	text_init(&t, TEXT_MAX);
	text_add(&t, "meridian-probe: %s", command_text(probe, "words"));
	/* Its files alone: it writes what it finds. */
	find(v, STATUS_DEGRADED, "probe", &t,
	    strncmp(command_text(probe, "words"), FILES, strlen(FILES)) == 0
		? "its checks go on; mend the files until meridianctl check "
		  "finds no error, then meridianctl reload"
		: "what is not written ages, and meridiand answers from what "
		  "it "
		  "knew; the log of meridian-probe says since when; see "
		  "meridian-operations(7)");
}

/* Rows that the server leaves out, with the command that removes them. */
static void
judge_odd_rows(struct verdict *v, const json_t *root)
{
	const json_t *health = json_object_get(root, "health");
	struct text t;

	if (!json_is_string(json_object_get(health, "odd")))
		return;
	text_init(&t, TEXT_MAX);
	text_add(&t, "in %s %s", command_text(health, "database"),
	    command_text(health, "odd"));
	find(v, STATUS_DEGRADED, "odd rows", &t, NULL);
}

/* Only this program cannot read it: nothing is wrong with the node. */
static void
judge_own_reading(struct verdict *v, const json_t *root)
{
	const json_t *state = json_object_get(root, "state");
	struct text t;

	if (!command_is_true(json_object_get(root, "server"), "running") ||
	    !json_is_string(json_object_get(state, "trouble")) ||
	    json_is_string(
		json_object_get(json_object_get(root, "health"), "trouble")))
		return;
	text_init(&t, TEXT_MAX);
	text_add(&t,
	    "meridianctl cannot read %s: %s; reasons and changes are "
	    "missing below",
	    command_text(state, "database"), command_text(state, "trouble"));
	find(v, STATUS_WELL, "database unreadable here", &t,
	    "look as the user that meridiand runs as, or as root");
}

/* How many endpoints there are, and how many are down, by region: an object of
 * pairs.  NULL without memory. */
static json_t *
count_regions(const json_t *endpoints)
{
	json_t *regions = json_object(), *e;
	size_t i;

	json_array_foreach(endpoints, i, e)
	{
		const char *region = command_text(e, "region");
		json_t *counts = json_object_get(regions, region);
		bool down = strcmp(command_text(e, "usable"), "down") == 0;

		if (command_number(e, "weight") == 0)
			continue;
		if (counts == NULL) {
			counts = json_pack("{si si}", "all", 0, "down", 0);
			json_object_set_new(regions, region, counts);
		}
		json_integer_set(json_object_get(counts, "all"),
		    command_number(counts, "all") + 1);
		json_integer_set(json_object_get(counts, "down"),
		    command_number(counts, "down") + down);
	}
	return regions;
}

/* "nothing is up in us-east (4 endpoints); " where that is so, but not when it
 * is so everywhere. */
static void
add_dead_regions(struct text *t, const json_t *endpoints)
{
	json_t *regions = count_regions(endpoints), *counts;
	const char *region, *before = "nothing is up in ";
	size_t dead = 0, named = 0;

	json_object_foreach(regions, region, counts) dead +=
	    command_number(counts, "down") == command_number(counts, "all");
	if (dead == json_object_size(regions))
		dead = 0;
	json_object_foreach(regions, region, counts)
	{
		long long all = command_number(counts, "all");

		if (named == dead || named == NAMES)
			break;
		if (command_number(counts, "down") < all)
			continue;
		text_add(t, "%s%s (%lld endpoint%s)", before, region, all,
		    text_plural((size_t)all));
		before = ", ";
		named++;
	}
	if (dead > named)
		text_add(t, " and %zu more", dead - named);
	if (dead > 0)
		text_add(t, "; ");
	json_decref(regions);
}

static void
judge_degraded(struct verdict *v, const json_t *root)
{
	const json_t *services = json_object_get(root, "outlook");
	const json_t *endpoints = json_object_get(root, "endpoints"), *e;
	size_t n = count_state(services, "degraded"), down = 0, i;
	struct text t;

	json_array_foreach(endpoints, i, e) down +=
	    strcmp(command_text(e, "usable"), "down") == 0 &&
	    command_number(e, "weight") > 0 && !status_maintenance_has(e) &&
	    !status_hand_out(e);
	if (n == 0 && (down == 0 || json_array_size(services) > 0))
		return;
	text_init(&t, TEXT_MAX);
	add_dead_regions(&t, endpoints);
	if (n > 0) {
		add_count(&t, n, json_array_size(services), "service");
		add_names(&t, services, "degraded", n);
		text_add(&t, "; ");
	}
	add_count(&t, down, json_array_size(endpoints), "endpoint");
	text_add(&t, " down");
	find(v, STATUS_DEGRADED, "degraded", &t,
	    "every client has an endpoint; what is wrong is below each that "
	    "is down");
}

/* Where somebody works: no reason to call anybody. */
static void
judge_maintenance(struct verdict *v, const json_t *root)
{
	struct text t;

	text_init(&t, TEXT_MAX);
	if (status_maintenance_list(&t, root))
		find(v, STATUS_WELL, "maintenance", &t, NULL);
	else
		text_finish(&t);
}

/* What an operator wanted: no reason to call anybody. */
static void
judge_hand(struct verdict *v, const json_t *root)
{
	struct text t;

	text_init(&t, TEXT_MAX);
	if (status_hand_list(&t, root))
		find(v, STATUS_WELL, "by hand", &t,
		    "meridianctl overrides says what each reaches, and how it "
		    "is ended");
	else
		text_finish(&t);
}

/* Somebody was told that it counts here, and it does not any more. */
static void
judge_refused(struct verdict *v, const json_t *root)
{
	struct text t;

	text_init(&t, TEXT_MAX);
	if (status_hand_list_refused(&t, root))
		find(v, STATUS_WELL, "override refused", &t,
		    "say it again, or what else is to be with that target: "
		    "this line goes then, or after 7 days");
	else
		text_finish(&t);
}

/* What changes by a plan. */
static void
judge_ramps(struct verdict *v, const json_t *root)
{
	struct text t;

	text_init(&t, TEXT_MAX);
	if (status_ramps_list(&t, root))
		find(v, STATUS_WELL, "ramps", &t,
		    "meridianctl canary SERVICE tells more of one");
	else
		text_finish(&t);
}

static void
say_well(struct verdict *v, const json_t *root)
{
	const json_t *endpoints = json_object_get(root, "endpoints"), *e;
	const json_t *services = json_object_get(root, "outlook"), *s;
	size_t n = json_array_size(services), unchecked = 0, quiet = 0;
	size_t drained = 0, hand = 0, i;
	struct text t;

	json_array_foreach(endpoints, i, e)
	{
		const char *usable = command_text(e, "usable");

		unchecked += strcmp(usable, "unchecked") == 0;
		drained += strcmp(usable, "drained") == 0;
	}
	json_array_foreach(services, i, s)
	{
		bool by_hand = command_is_true(s, "by_hand");

		hand += by_hand;
		quiet += command_is_true(s, "maintenance") && !by_hand;
	}
	n -= quiet + hand;
	text_init(&t, TEXT_MAX);
	if (n > 0)
		text_add(&t, "%zu service%s healthy, ", n, text_plural(n));
	if (quiet > 0)
		text_add(&t, "%zu in maintenance, ", quiet);
	if (hand > 0)
		text_add(&t, "%zu with endpoints out by hand, ", hand);
	text_add(&t, "%zu endpoint%s", json_array_size(endpoints),
	    text_plural(json_array_size(endpoints)));
	if (unchecked > 0)
		text_add(&t, " (%zu not checked yet)", unchecked);
	if (drained > 0)
		text_add(&t, ", %zu drained", drained);
	find(v, STATUS_WELL, "well", &t, NULL);
}

int
status_verdict(json_t *root)
{
	struct verdict v = {.findings = json_array()};

	judge_server(&v, root);
	judge_last_resort(&v, root);
	judge_stale(&v, root);
	judge_ended(&v, root);
	judge_cut(&v, root);
	judge_twin(&v, root);
	judge_vantages(&v, root);
	judge_blind(&v, root);
	judge_reload(&v, root);
	judge_files(&v, root);
	judge_database(&v, root);
	judge_disk(&v, root);
	judge_aside(&v, root);
	judge_kept(&v, root);
	judge_query_log(&v, root);
	judge_history(&v, root);
	judge_probe(&v, root);
	judge_odd_rows(&v, root);
	judge_follow(&v, root);
	judge_latency(&v, root);
	judge_ages(&v, root);
	judge_alternates(&v, root);
	judge_degraded(&v, root);
	judge_weak(&v, root);
	if (v.status == STATUS_WELL)
		say_well(&v, root);
	judge_maintenance(&v, root);
	judge_hand(&v, root);
	judge_refused(&v, root);
	judge_ramps(&v, root);
	judge_own_reading(&v, root);
	(void)json_object_update_new(root,
	    json_pack("{si so}", "status", v.status, "findings", v.findings));
	return v.status;
}
