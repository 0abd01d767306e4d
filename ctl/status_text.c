/*
 * The status of a node as text for a person: what is wrong, the services, the
 * endpoints by zone, pool and region, the node, the last changes.  Called by
 * meridianctl status; reads nothing but the object it is given.
 */
#include "ctl/status_text.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "ctl/columns.h"
#include "ctl/command.h"
#include "ctl/load_text.h"
#include "ctl/status_maintenance.h"
#include "ctl/status_weak.h"

/* Widths of columns. */
#define SERVICE 34
#define STATE 11
#define NAME 28
#define USABLE 10

/* A clock that differs by less is an ordinary one. */
#define CLOCKS_AGREE_MS 10000
/* The way of a heartbeat takes a moment: two hours less that are two hours. */
#define ROUND_MS 30000

/* Files of networks that are shown. */
#define FILES 5

/* Of one line before it is wrapped. */
#define LINE_MAX 4096

static bool
is(const json_t *object, const char *key, const char *word)
{
	return strcmp(command_text(object, key), word) == 0;
}

/* Print ${t}, and free it, where ${used} columns are taken. */
static void
end_line(struct text *t, size_t used, size_t indent)
{
	columns_wrap(stdout, used, indent, t->data != NULL ? t->data : "");
	text_finish(t);
}

void
status_text_findings(const json_t *list)
{
	const json_t *f;
	size_t i;

	json_array_foreach(list, i, f)
	{
		const char *advice =
		    json_string_value(json_object_get(f, "advice"));
		char name[COLUMNS_CUT];
		bool well = is(f, "finding", "well") ||
		    is(f, "finding", "maintenance") ||
		    is(f, "finding", "by hand");

		columns_cut(command_text(f, "finding"), COLUMNS / 2, name);
		for (char *c = name; !well && *c != '\0'; c++)
			if (*c >= 'a' && *c <= 'z')
				*c = (char)(*c - 'a' + 'A');
		printf("%s: ", name);
		columns_wrap(
		    stdout, strlen(name) + 2, 4, command_text(f, "text"));
		if (advice != NULL) {
			fputs("    ", stdout);
			columns_wrap(stdout, 4, 4, advice);
		}
	}
}

/* Services. */

/* ", pool" of each that answers, and what share of its weight is left. */
static void
add_pools(struct text *t, const json_t *pools)
{
	const char *before = "";
	const json_t *p;
	size_t i;

	json_array_foreach(pools, i, p)
	{
		if (!command_is_true(p, "in_use"))
			continue;
		text_add(t, "%s%s", before, command_text(p, "pool"));
		if (json_is_string(json_object_get(p, "origin")))
			text_add(t, " (by its origin %s)",
			    command_text(p, "origin"));
		else if (command_is_true(p, "standby"))
			text_add(t, " (by its standby endpoints)");
		before = ", ";
	}
}

/* " for 3 min" of what a vantage says, or of a service, when it is known. */
static void
add_since(struct text *t, const json_t *of)
{
	long long since = command_number(of, "since_ms");
	char ago[32], *blank;

	if (since <= 0)
		return;
	columns_ago(clock_wall_ms() - since, ago);
	blank = strchr(ago, ' ');
	text_add(t, " for" COLUMNS_JOIN "%.*s" COLUMNS_JOIN "%s",
	    (int)(blank - ago), ago, blank + 1);
}

static void
print_service(const json_t *s)
{
	const json_t *resort = json_object_get(s, "last_resort");
	const char *name = command_text(s, "service"), *state;
	char cut[COLUMNS_CUT];
	struct text t;

	text_init(&t, LINE_MAX);
	if (is(s, "state", "last-resort")) {
		state = "LAST RESORT";
		text_add(&t, "%s for %s", command_text(resort, "answer"),
		    command_text(resort, "clients"));
	} else {
		state = command_is_true(s, "by_hand")   ? "by hand"
		    : command_is_true(s, "maintenance") ? "maintenance"
		    : is(s, "state", "degraded")        ? "DEGRADED"
							: "healthy";
		add_pools(&t, json_object_get(s, "pools"));
	}
	if (!is(s, "state", "healthy")) {
		text_add(&t, "; %lld of %lld up", command_number(s, "up"),
		    command_number(s, "endpoints"));
		add_since(&t, s);
	}
	if (command_number(s, "unchecked") > 0)
		text_add(
		    &t, "; %lld not checked", command_number(s, "unchecked"));
	if (command_is_true(s, "stale"))
		text_add(&t, "; health is stale");
	printf("%-*s %-*s ", SERVICE, columns_cut(name, SERVICE, cut), STATE,
	    state);
	end_line(&t, SERVICE + STATE + 2, SERVICE + STATE + 2);
}

static void
print_services(const json_t *list)
{
	const json_t *s;
	size_t i;

	if (json_array_size(list) == 0)
		return;
	printf(
	    "\n%-*s %-*s %s\n", SERVICE, "service", STATE, "state", "in use");
	json_array_foreach(list, i, s) print_service(s);
}

/* Endpoints. */

/* Those of the views of ${e} that count, to be given up by json_decref(). */
static json_t *
counting_views(const json_t *e)
{
	json_t *all = json_array(), *v;
	size_t i;

	json_array_foreach(json_object_get(e, "views"), i,
	    v) if (command_is_true(v, "counts")) json_array_append(all, v);
	return all;
}

/* How many of the ${views} say what the server holds, and how fast it was. */
static void
add_views(struct text *t, const json_t *e, const json_t *views)
{
	const json_t *v, *slowest = NULL;
	size_t i, agree = 0;

	json_array_foreach(views, i, v)
	{
		const json_t *ms = json_object_get(v, "first_byte_ms");

		agree += is(v, "health", command_text(e, "usable"));
		if (json_is_real(ms) &&
		    (slowest == NULL ||
			json_real_value(ms) > json_real_value(slowest)))
			slowest = ms;
	}
	if (!command_is_true(e, "checked")) {
		text_add(t, "its pool has no check");
		return;
	}
	if (json_array_size(views) == 0) {
		text_add(t, "no vantage has checked it");
	} else if (json_array_size(views) == 1) {
		v = json_array_get(views, 0);
		text_add(t, "%s", command_text(v, "vantage"));
		add_since(t, v);
	} else {
		text_add(
		    t, "%zu of %zu vantages", agree, json_array_size(views));
	}
	if (slowest != NULL)
		text_add(t, ", %.1f ms", json_real_value(slowest));
}

/* Who does not count, and why. */
static void
print_aside(const json_t *e)
{
	json_t *aside = json_object_get(json_object_get(e, "votes"), "aside");
	const char *vantage;
	struct text t;
	json_t *why;

	if (json_object_size(aside) == 0)
		return;
	text_init(&t, LINE_MAX);
	json_object_foreach(aside, vantage, why)
	    text_add(&t, "%s%s (%s)", t.len == 0 ? "do not count: " : ", ",
		vantage, json_string_value(why));
	fputs("      ", stdout);
	end_line(&t, 6, 8);
}

/* Up, and not as it should be. */
static bool
is_degraded(const json_t *view)
{
	const char *why = json_string_value(json_object_get(view, "degraded"));

	return is(view, "health", "up") && why != NULL && why[0] != '\0';
}

/* Said of what is up too: trouble with a name, whose addresses are old then,
 * and with the vantage itself, whose check cannot be made. */
static bool
is_of_all(const char *reason)
{
	return reason != NULL &&
	    (strncmp(reason, "name: ", 6) == 0 ||
		strstr(reason, "; name: ") != NULL ||
		status_weak_is_unjudged(reason));
}

/* Each vantage that has something to complain of. */
static void
print_complaints(const json_t *views)
{
	const json_t *v;
	size_t i;

	json_array_foreach(views, i, v)
	{
		const char *reason =
		    json_string_value(json_object_get(v, "reason"));
		struct text t;

		if (is_degraded(v))
			reason = command_text(v, "degraded");
		else if (is(v, "health", "up") && !is_of_all(reason))
			continue;
		text_init(&t, LINE_MAX);
		text_add(&t, "%s: %s", command_text(v, "vantage"),
		    is_degraded(v) ? "degraded" : command_text(v, "health"));
		/* That is of its health, which is up for longer. */
		if (!is_degraded(v))
			add_since(&t, v);
		if (reason != NULL && reason[0] != '\0')
			text_add(&t, ": %s", reason);
		fputs("      ", stdout);
		end_line(&t, 6, 8);
	}
}

/* The addresses that its name has, where a name has them; of what is not up,
 * what vantages complain of. */
static void
print_addresses(const json_t *e)
{
	const json_t *list = json_object_get(e, "addresses"), *a;
	size_t i;

	if (list != NULL && json_array_size(list) == 0)
		printf("      no address of %s is known: it is answered to "
		       "nobody\n",
		    command_text(e, "resolve"));
	json_array_foreach(list, i, a)
	{
		json_t *views = counting_views(a);

		printf("      %s %s\n", command_text(a, "address"),
		    is(a, "usable", "down") ? "DOWN"
					    : command_text(a, "usable"));
		print_complaints(views);
		json_decref(views);
	}
}

static void
print_load(const json_t *e)
{
	struct text t;

	if (!json_is_object(json_object_get(e, "load")))
		return;
	text_init(&t, LINE_MAX);
	load_text_say(&t, json_object_get(e, "load"));
	fputs("      ", stdout);
	end_line(&t, 6, 8);
}

static void
print_maintenance(const json_t *e)
{
	struct text t;

	if (!status_maintenance_has(e))
		return;
	text_init(&t, LINE_MAX);
	status_maintenance_say(&t, e);
	fputs("      ", stdout);
	end_line(&t, 6, 8);
}

/* What was said by hand of it. */
static void
print_hand(const json_t *e)
{
	const json_t *one;
	size_t i;

	json_array_foreach(json_object_get(e, "by_hand"), i, one)
	{
		fputs("      ", stdout);
		columns_wrap(stdout, 6, 8, command_text(one, "words"));
	}
}

static void
print_endpoint(const json_t *e)
{
	const char *usable = command_text(e, "usable");
	json_t *views = counting_views(e);
	char cut[COLUMNS_CUT];
	struct text t;

	text_init(&t, LINE_MAX);
	if (command_is_true(e, "standby"))
		text_add(&t, "standby");
	if (command_number(e, "weight") == 0)
		text_add(&t, "%sweight 0", t.len > 0 ? ", " : "");
	else if (json_is_real(json_object_get(e, "weight_share")))
		text_add(&t, "%s%g %% of its weight", t.len > 0 ? ", " : "",
		    100 * json_real_value(json_object_get(e, "weight_share")));
	if (!is(e, "usable", "down")) {
		if (t.len > 0)
			text_add(&t, ", ");
		add_views(&t, e, views);
	}
	printf("    %-*s %-*s%s", NAME,
	    columns_cut(command_text(e, "endpoint"), NAME, cut),
	    t.len > 0 ? USABLE : 0,
	    strcmp(usable, "down") == 0 ? "DOWN" : usable,
	    t.len > 0 ? " " : "");
	end_line(&t, 4 + NAME + USABLE + 2, 8);
	print_hand(e);
	print_complaints(views);
	print_aside(e);
	json_decref(views);
	print_maintenance(e);
	print_load(e);
	print_addresses(e);
}

/* The number of the first endpoint after ${first} of another zone or pool. */
static size_t
end_of_pool(const json_t *list, size_t first)
{
	const json_t *one = json_array_get(list, first);
	size_t i = first + 1;

	while (i < json_array_size(list) &&
	    is(json_array_get(list, i), "pool", command_text(one, "pool")) &&
	    is(json_array_get(list, i), "zone", command_text(one, "zone")))
		i++;
	return i;
}

/* Whether one before ${i} is in the same region. */
static bool
was_region(const json_t *list, size_t first, size_t i)
{
	const char *region = command_text(json_array_get(list, i), "region");

	for (size_t k = first; k < i; k++)
		if (is(json_array_get(list, k), "region", region))
			return true;
	return false;
}

/* What the region of endpoint ${e} keeps of its clients, where that is not all,
 * and why, by the rows ${keeps} of the controller. */
static void
print_keep(const json_t *e, const json_t *keeps)
{
	const json_t *part = json_object_get(e, "region_keeps"), *row;
	size_t i;

	if (!json_is_real(part))
		return;
	printf(", keeps %.3g %% of its clients", 100 * json_real_value(part));
	json_array_foreach(
	    keeps, i, row) if (is(row, "zone", command_text(e, "zone")) &&
	    is(row, "pool", command_text(e, "pool")) &&
	    is(row, "region", command_text(e, "region")) &&
	    json_number_value(json_object_get(row, "keep")) < 1)
	{
		char cut[COLUMNS_CUT];

		printf(": %s",
		    columns_cut(command_text(row, "reason"), COLUMNS, cut));
	}
}

/* The endpoints from ${i} to ${end} in the region of the first; ${keeps}
 * as in print_keep(). */
static void
print_region(const json_t *list, size_t i, size_t end, const json_t *keeps)
{
	const char *region = command_text(json_array_get(list, i), "region");
	size_t all = 0, up = 0, drained = 0, first = i;
	char cut[COLUMNS_CUT];

	for (; i < end; i++) {
		const json_t *e = json_array_get(list, i);

		if (!is(e, "region", region) ||
		    command_number(e, "weight") == 0)
			continue;
		all++;
		up += is(e, "usable", "up");
		drained += is(e, "usable", "drained");
	}
	printf("  %s: %zu of %zu up", columns_cut(region, COLUMNS / 2, cut), up,
	    all);
	if (drained > 0)
		printf(", %zu drained", drained);
	print_keep(json_array_get(list, first), keeps);
	putchar('\n');
	for (i = first; i < end; i++)
		if (is(json_array_get(list, i), "region", region))
			print_endpoint(json_array_get(list, i));
}

/* By zone, pool and region: the server lists each pool's endpoints together,
 * those of weight 0 last. */
static void
print_endpoints(const json_t *list, const json_t *keeps)
{
	size_t i = 0;

	while (i < json_array_size(list)) {
		const json_t *e = json_array_get(list, i);
		size_t end = end_of_pool(list, i), first = i;
		char zone[COLUMNS_CUT], pool[COLUMNS_CUT];

		printf("\n%s  %s\n",
		    columns_cut(command_text(e, "zone"), COLUMNS / 2, zone),
		    columns_cut(
			command_text(e, "pool"), COLUMNS / 2 - 2, pool));
		for (; i < end; i++)
			if (!was_region(list, first, i))
				print_region(list, i, end, keeps);
	}
}

/* The node. */

static void
print_server(const json_t *server)
{
	const json_t *reload = json_object_get(server, "reload");
	const json_t *kept = json_object_get(server, "last_good");
	struct text t;

	if (!command_is_true(server, "running"))
		return;
	printf("meridiand   process %lld, version %s, since %s\n",
	    command_number(server, "pid"), command_text(server, "version"),
	    command_text(server, "started"));
	printf("last load   %s at %s\n",
	    command_is_true(reload, "ok") ? "good"
		: command_is_true(reload, "adopted")
		? "with errors in some zones"
		: "FAILED",
	    command_text(reload, "at"));
	if (json_is_string(json_object_get(kept, "served")))
		printf("serving     the last files that loaded, of %s\n",
		    command_text(kept, "served"));
	if (json_is_string(json_object_get(kept, "trouble"))) {
		text_init(&t, LINE_MAX);
		text_add(&t,
		    "last good   not kept for a start that finds errors: %s",
		    command_text(kept, "trouble"));
		columns_wrap(stdout, 0, 12, t.data != NULL ? t.data : "");
		text_finish(&t);
	}
}

/* "clocks differ by 2 h" */
static void
add_clocks(struct text *t, const json_t *v)
{
	long long ahead = command_number(v, "clock_ahead_ms");
	char ago[32];

	if (ahead < 0)
		ahead = -ahead;
	if (ahead >= 4 * ROUND_MS)
		ahead += ROUND_MS;
	if (ahead >= CLOCKS_AGREE_MS)
		text_add(t, ", clocks differ by %s", columns_ago(ahead, ago));
}

static void
print_vantage(const json_t *v)
{
	const json_t *age = json_object_get(v, "age_ms");
	char ago[32], cut[COLUMNS_CUT];
	struct text t;

	text_init(&t, LINE_MAX);
	text_add(
	    &t, "%s, ", columns_cut(command_text(v, "vantage"), NAME, cut));
	if (json_is_string(json_object_get(v, "region")))
		text_add(&t, "in %s, ",
		    columns_cut(command_text(v, "region"), NAME, cut));
	if (command_is_true(v, "ended") &&
	    json_is_string(json_object_get(v, "node")))
		text_add(&t, "the lease of its node %s has ended, ",
		    columns_cut(command_text(v, "node"), NAME, cut));
	else if (command_is_true(v, "ended"))
		text_add(&t, "ended, ");
	else if (is(v, "state", "stale"))
		text_add(&t, "STALE, ");
	if (command_is_true(v, "blind"))
		text_add(&t, "BLIND (misses %lld of %lld), ",
		    command_number(v, "missed"), command_number(v, "compared"));
	if (json_is_integer(age))
		text_add(&t, "heard %s ago",
		    columns_ago(json_integer_value(age), ago));
	else
		text_add(&t, "last heartbeat %s, not heard since",
		    command_text(v, "heartbeat"));
	add_clocks(&t, v);
	fputs("vantage     ", stdout);
	end_line(&t, 12, 12);
}

/* A line of databases and files of networks, by ${head}, for the first. */
static void
print_file(const char *head, size_t i, struct text *t)
{
	printf("%-11s ", i == 0 ? head : "");
	end_line(t, 12, 14);
}

static void
print_networks(const json_t *files)
{
	const json_t *file;
	struct text t;
	size_t i;

	json_array_foreach(files, i, file)
	{
		text_init(&t, LINE_MAX);
		if (i == FILES) {
			text_add(&t, "and %zu more files, see --json",
			    json_array_size(files) - FILES);
			print_file("networks", i, &t);
			return;
		}
		text_add(&t, "%s, %lld prefix%s, read at %s",
		    command_text(file, "file"),
		    command_number(file, "prefixes"),
		    command_number(file, "prefixes") == 1 ? "" : "es",
		    command_text(file, "loaded"));
		print_file("networks", i, &t);
	}
}

/* What services that rank by latency go by; null where none does. */
static void
print_latency(const json_t *latency)
{
	struct text t;
	char ago[32];
	size_t n;

	if (!json_is_object(latency))
		return;
	text_init(&t, LINE_MAX);
	n = (size_t)command_number(latency, "round_trips");
	text_add(&t, "%zu round trip%s to %lld region%s", n, text_plural(n),
	    command_number(latency, "regions"),
	    text_plural((size_t)command_number(latency, "regions")));
	if (json_is_integer(json_object_get(latency, "age_ms")))
		text_add(&t, ", measured %s ago",
		    columns_ago(command_number(latency, "age_ms"), ago));
	print_file("latency", 0, &t);
}

/* Which databases answer, and how old they are. */
static void
print_geography(const json_t *root, const json_t *files)
{
	const json_t *geography = json_object_get(root, "geography");
	const json_t *list = json_object_get(geography, "databases"), *one;
	long long pending =
	    command_number(json_object_get(geography, "follow"), "pending");
	struct text t;
	char ago[32];
	size_t i;

	json_array_foreach(list, i, one)
	{
		text_init(&t, LINE_MAX);
		text_add(&t, "%s, %s", command_text(one, "file"),
		    command_text(one, "type"));
		if (json_is_string(json_object_get(one, "built")))
			text_add(&t, ", built %.10s, %s%s ago",
			    command_text(one, "built"),
			    command_is_true(one, "old") ? "OLD: " : "",
			    columns_ago(command_number(one, "age_ms"), ago));
		print_file("geography", i, &t);
	}
	print_networks(files);
	print_latency(json_object_get(root, "latency"));
	if (pending == 0)
		return;
	printf("followed    %lld file%s changed on disk, not read yet\n",
	    pending, text_plural((size_t)pending));
}

/* "b, c" of a list of names. */
static void
add_names(struct text *t, const json_t *list)
{
	const json_t *name;
	size_t i;

	json_array_foreach(list, i, name)
	    text_add(t, "%s%s", i > 0 ? ", " : "", json_string_value(name));
}

/* The link to other nodes in a line, where there is one. */
static void
print_share(const json_t *share)
{
	const json_t *silent = json_object_get(share, "silent");
	const json_t *differ = json_object_get(share, "differ");
	const char *link = command_text(share, "link");
	const char *trouble =
	    json_string_value(json_object_get(share, "trouble"));
	struct text t;

	if (!json_is_object(share))
		return;
	text_init(&t, LINE_MAX);
	text_add(&t, "node %s ", command_text(share, "node"));
	if (strcmp(link, "cut") == 0)
		text_add(&t, "CUT OFF since %s", command_text(share, "cut"));
	else if (strcmp(link, "ended") == 0)
		text_add(&t, "NOT SHARING: meridian-share does not run");
	else if (strcmp(link, "unwritten") == 0)
		text_add(&t,
		    "NOT WRITTEN: meridian-share runs, but does not write the "
		    "state database");
	else
		text_add(&t, "linked");
	text_add(&t, ", %lld of %lld node%s fresh",
	    command_number(share, "heard"), command_number(share, "nodes"),
	    text_plural((size_t)command_number(share, "nodes")));
	if (json_array_size(silent) > 0) {
		text_add(&t, ", SILENT: ");
		add_names(&t, silent);
	}
	if (json_array_size(differ) > 0) {
		text_add(&t, ", DIFFERENT: ");
		add_names(&t, differ);
		text_add(&t, " (status --all)");
	}
	if (trouble != NULL)
		text_add(&t, "; %s", trouble);
	fputs("share       ", stdout);
	end_line(&t, 12, 12);
}

static void
print_node(const json_t *root)
{
	const json_t *health = json_object_get(root, "health"), *v;
	const json_t *age = json_object_get(health, "age_ms");
	char ago[32];
	struct text t;
	size_t i;

	putchar('\n');
	print_server(json_object_get(root, "server"));
	if (health != NULL) {
		text_init(&t, LINE_MAX);
		if (json_is_integer(age))
			text_add(&t, "%s old",
			    columns_ago(json_integer_value(age), ago));
		else
			text_add(&t, "no vantage heard yet");
		text_add(&t, ", %s", command_text(health, "database"));
		fputs("health      ", stdout);
		end_line(&t, 12, 12);
	}
	print_share(json_object_get(root, "share"));
	print_geography(root, json_object_get(root, "network_files"));
	json_array_foreach(json_object_get(root, "vantages"), i, v)
	    print_vantage(v);
}

static void
add_health_change(struct text *t, const json_t *e)
{
	const char *reason = json_string_value(json_object_get(e, "reason"));

	text_add(t, "%s %s %s: %s to %s, seen from %s", command_text(e, "zone"),
	    command_text(e, "pool"), command_text(e, "endpoint"),
	    command_text(e, "before"), command_text(e, "after"),
	    command_text(e, "vantage"));
	if (reason != NULL && reason[0] != '\0')
		text_add(t, " (%s)", reason);
}

static void
print_events(const json_t *list)
{
	const json_t *e;
	size_t i;

	if (json_array_size(list) > 0)
		printf("\nlast changes\n");
	json_array_foreach(list, i, e)
	{
		char ago[32];
		struct text t;

		text_init(&t, LINE_MAX);
		/* Of a ramp. */
		if (strcmp(command_text(e, "endpoint"), "-") == 0)
			text_add(&t, "%s canary %s of %s",
			    command_text(e, "zone"), command_text(e, "pool"),
			    command_text(e, "reason"));
		else
			add_health_change(&t, e);
		printf("%7s ago  ",
		    columns_ago(
			clock_wall_ms() - command_number(e, "at_ms"), ago));
		end_line(&t, 13, 13);
	}
}

void
status_text_print(const json_t *root)
{
	status_text_findings(json_object_get(root, "findings"));
	print_services(json_object_get(root, "outlook"));
	print_endpoints(
	    json_object_get(root, "endpoints"), json_object_get(root, "keeps"));
	print_node(root);
	print_events(json_object_get(root, "events"));
}
