/*
 * Prints a check by hand.  Called by meridianctl probe; asks nobody.
 */
#include "ctl/probe_text.h"

#include <stdio.h>
#include <string.h>

#include "ctl/command.h"
#include "ctl/probe_load.h"

/* ", connect 1.2 ms"; nothing of a time that is not known. */
static void
print_time(const json_t *step, const char *key, const char *words)
{
	const json_t *us = json_object_get(step, key);

	if (json_is_integer(us))
		printf(", %s %.1f ms", words,
		    (double)json_integer_value(us) / 1e3);
}

static void
print_protocol(long long protocol)
{
	if (protocol == 20)
		printf(", HTTP/2");
	else if (protocol != 0)
		printf(", HTTP/%lld.%lld", protocol / 10, protocol % 10);
}

static void
print_step(const json_t *step)
{
	const char *reason = json_string_value(json_object_get(step, "reason"));
	long long rules = command_number(step, "body_rules");
	long long status = command_number(step, "status");

	printf("  %s  %s: %s%s%s\n", command_text(step, "at"),
	    command_text(step, "step"), command_text(step, "judged"),
	    reason != NULL ? ": " : "", reason != NULL ? reason : "");
	if (status != 0)
		printf("    status %lld", status);
	else
		printf("    no status");
	print_protocol(command_number(step, "protocol"));
	print_time(step, "connect_us", "connect");
	print_time(step, "tls_us", "TLS");
	print_time(step, "first_byte_us", "first byte");
	print_time(step, "total_us", "total");
	if (command_is_true(step, "reused"))
		printf(", the connection of the step before");
	putchar('\n');
	if (json_object_get(step, "retry_after_s") != NULL)
		printf("    asks to come again after %lld s\n",
		    command_number(step, "retry_after_s"));
	if (json_object_get(step, "certificate_ends") != NULL)
		printf("    certificate until %s, %lld days\n",
		    command_text(step, "certificate_ends"),
		    command_number(step, "certificate_days"));
	if (rules > 0 && strcmp(command_text(step, "judged"), "passed") == 0)
		printf("    body: %lld rule%s hold%s\n", rules,
		    rules == 1 ? "" : "s", rules == 1 ? "s" : "");
}

static void
print_plan(const json_t *check, const char *key, const char *title)
{
	const json_t *plan = json_object_get(check, key), *step;
	size_t i;

	if (plan == NULL)
		return;
	printf("%s:\n", title);
	json_array_foreach(json_object_get(plan, "steps"), i, step)
	    print_step(step);
	if (json_is_integer(json_object_get(plan, "first_token_us")))
		printf("  first token after %.1f ms\n",
		    (double)command_number(plan, "first_token_us") / 1e3);
}

/* Of the plan that is as the check is; or NULL. */
static const char *
reason_of(const json_t *check)
{
	static const char *const keys[] = {"deep", "requests"};
	const char *judged = command_text(check, "judged");

	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		const json_t *plan = json_object_get(check, keys[i]);
		const char *reason =
		    json_string_value(json_object_get(plan, "reason"));

		if (plan != NULL && reason != NULL &&
		    strcmp(command_text(plan, "judged"), judged) == 0)
			return reason;
	}
	return NULL;
}

static void
print_judged(const json_t *check, const char *name)
{
	const char *judged = command_text(check, "judged");
	const char *reason = reason_of(check);
	long long fall = command_number(check, "fall");

	printf("%s%s%s%s%s\n", name, name[0] != '\0' ? ": " : "", judged,
	    reason != NULL ? ": " : "", reason != NULL ? reason : "");
	if (strcmp(judged, "down") == 0 && fall > 1)
		printf(
		    "(a daemon takes it as down after %lld of these)\n", fall);
}

static void
print_endpoint(const json_t *root)
{
	printf("%s %s %s", command_text(root, "zone"),
	    command_text(root, "pool"), command_text(root, "endpoint"));
}

void
probe_text_print(const json_t *root)
{
	const json_t *checks = json_object_get(root, "checks"), *check;
	size_t i, n = json_array_size(checks);

	if (json_object_get(root, "load") != NULL) {
		print_endpoint(root);
		printf(", check %s, preset %s\n", command_text(root, "check"),
		    command_text(root, "preset"));
		probe_load_print(json_object_get(root, "load"));
		return;
	}
	if (n != 1) {
		print_endpoint(root);
		printf(", %lld of %zu checks must be up\n",
		    command_number(root, "need"), n);
	}
	json_array_foreach(checks, i, check)
	{
		const char *name = command_text(check, "check");

		if (n == 1)
			print_endpoint(root);
		printf("%scheck %s, preset %s\n", n == 1 ? ", " : "", name,
		    command_text(check, "preset"));
		print_plan(check, "requests", "requests");
		print_plan(check, "deep", "deep");
		print_judged(check, n == 1 ? "" : name);
	}
	if (n != 1)
		printf("%s\n", command_text(root, "judged"));
}
