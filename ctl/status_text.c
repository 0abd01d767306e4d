/*
 * The status of a node as a table for a person.  Called by meridianctl status;
 * reads nothing but the object it is given.
 */
#include "ctl/status_text.h"

#include <stdio.h>

#include "base/clock.h"
#include "ctl/command.h"

/* "3 s", "12 min", "4 h", "9 d": how long ago. */
static void
print_ago(char *out, size_t size, int64_t ms)
{
	long long s = ms / 1000;

	if (s < 120)
		snprintf(out, size, "%lld s", s < 0 ? 0 : s);
	else if (s < 7200)
		snprintf(out, size, "%lld min", s / 60);
	else if (s < 172800)
		snprintf(out, size, "%lld h", s / 3600);
	else
		snprintf(out, size, "%lld d", s / 86400);
}

static void
print_view(const json_t *view)
{
	int64_t since = json_integer_value(json_object_get(view, "since_ms"));
	const json_t *first = json_object_get(view, "first_byte_ms");
	char ago[32] = "-", latency[32] = "-";

	if (since > 0)
		print_ago(ago, sizeof(ago), clock_wall_ms() - since);
	if (json_is_real(first))
		snprintf(latency, sizeof(latency), "%.1f ms",
		    json_real_value(first));
	printf("  %-12s %-8s %-8s %-9s %s\n", command_text(view, "vantage"),
	    command_text(view, "health"), ago, latency,
	    command_text(view, "reason"));
}

static void
print_endpoints(const json_t *list)
{
	static const char *const head =
	    "%-20s %-12s %-14s %-16s %-10s  %-12s %-8s %-8s %-9s %s\n";
	const json_t *e, *view;
	size_t i, k;

	printf(head, "zone", "region", "pool", "endpoint", "usable", "vantage",
	    "health", "since", "latency", "reason");
	json_array_foreach(list, i, e)
	{
		const json_t *views = json_object_get(e, "views");

		printf("%-20s %-12s %-14s %-16s %-10s", command_text(e, "zone"),
		    command_text(e, "region"), command_text(e, "pool"),
		    command_text(e, "endpoint"), command_text(e, "usable"));
		if (json_array_size(views) == 0)
			printf("  %s\n",
			    json_is_true(json_object_get(e, "checked"))
				? "no vantage has checked it"
				: "its pool has no check");
		json_array_foreach(views, k, view)
		{
			if (k > 0)
				printf("%-76s", "");
			print_view(view);
		}
	}
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

		print_ago(ago, sizeof(ago),
		    clock_wall_ms() -
			json_integer_value(json_object_get(e, "at_ms")));
		printf("%8s ago  %s %s %s: %s to %s, seen from %s (%s)\n", ago,
		    command_text(e, "zone"), command_text(e, "pool"),
		    command_text(e, "endpoint"), command_text(e, "before"),
		    command_text(e, "after"), command_text(e, "vantage"),
		    command_text(e, "reason"));
	}
}

/* What meridiand itself says. */
static void
print_server(const json_t *server)
{
	const json_t *reload = json_object_get(server, "reload");
	const json_t *health = json_object_get(server, "health");
	const json_t *trouble = json_object_get(health, "trouble");
	const json_t *odd = json_object_get(health, "odd");

	if (!json_is_true(json_object_get(server, "running"))) {
		printf("meridiand  unknown: %s\n", command_text(server, "why"));
		return;
	}
	printf("meridiand  running, process %lld, last load %s\n",
	    (long long)json_integer_value(json_object_get(server, "pid")),
	    json_is_true(json_object_get(reload, "ok"))
		? "good"
		: "FAILED (meridianctl check says why)");
	if (json_is_string(trouble))
		printf(
		    "           cannot read the state database, answers from "
		    "what it knew: %s\n",
		    json_string_value(trouble));
	if (json_is_string(odd))
		printf("           in the state database %s\n",
		    json_string_value(odd));
}

void
status_text_print(const json_t *root)
{
	const json_t *v;
	size_t i;

	print_server(json_object_get(root, "server"));
	json_array_foreach(json_object_get(root, "vantages"), i, v)
	{
		char ago[32];

		print_ago(ago, sizeof(ago),
		    json_integer_value(json_object_get(v, "age_ms")));
		printf("vantage    %s, heartbeat %s ago%s\n",
		    command_text(v, "vantage"), ago,
		    json_is_true(json_object_get(v, "fresh")) ? "" : ", STALE");
	}
	printf("\n");
	print_endpoints(json_object_get(root, "endpoints"));
	print_events(json_object_get(root, "events"));
}
