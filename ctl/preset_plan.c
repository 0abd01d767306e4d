/*
 * Prints the steps of a preset.  Called by the printer of presets; reads no
 * file.
 */
#include "ctl/preset_plan.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "ctl/columns.h"
#include "ctl/command.h"

/* "     passes    200", with what is long in lines of 80 columns. */
static void
print_row(const char *title, const struct text *t)
{
	if (t->data == NULL)
		return;
	printf("     %-9s ", title);
	columns_wrap(stdout, 15, 17, t->data);
}

static void
add_list(struct text *t, const json_t *list, const char *between)
{
	const json_t *item;
	size_t i;

	json_array_foreach(list, i, item)
	    text_add(t, "%s%s", i > 0 ? between : "", json_string_value(item));
}

/* What the body of an answer must and must not say. */
static void
add_rules(struct text *t, const json_t *step)
{
	const json_t *item;
	size_t i;

	json_array_foreach(json_object_get(step, "has"), i, item)
	    text_add(t, ", and its body holds \"%s\"", json_string_value(item));
	json_array_foreach(json_object_get(step, "lacks"), i, item) text_add(
	    t, ", and its body has no \"%s\"", json_string_value(item));
	json_array_foreach(json_object_get(step, "json"), i, item)
	{
		const char *is = json_string_value(json_object_get(item, "is"));
		const char *is_not =
		    json_string_value(json_object_get(item, "is_not"));

		text_add(
		    t, ", and in its JSON %s is ", command_text(item, "path"));
		if (is != NULL)
			text_add(t, "%s", is);
		else if (is_not != NULL)
			text_add(t, "not %s", is_not);
		else
			text_add(t, "there");
	}
}

static void
print_passes(const json_t *step)
{
	struct text t;

	text_init(&t, 65536);
	add_list(&t, json_object_get(step, "expect"), ", ");
	add_rules(&t, step);
	print_row("passes", &t);
	text_finish(&t);
}

static void
print_busy(const json_t *step)
{
	const json_t *busy = json_object_get(step, "busy");
	struct text t;

	text_init(&t, 4096);
	add_list(&t, busy, ", ");
	if (command_is_true(step, "busy_retry_after"))
		text_add(&t, "%s503 with Retry-After",
		    json_array_size(busy) > 0 ? ", " : "");
	if (t.len > 0)
		print_row("is busy", &t);
	text_finish(&t);
}

/* What of those that fail tells that it is loading. */
static void
print_loading(const json_t *step)
{
	const json_t *list = json_object_get(step, "loading");
	struct text t;

	if (json_array_size(list) == 0)
		return;
	text_init(&t, 65536);
	text_add(&t, "one that fails, and its body holds: ");
	add_list(&t, list, ", or: ");
	print_row("loads", &t);
	text_finish(&t);
}

static void
print_fails(const json_t *step)
{
	const json_t *rules = json_object_get(step, "json"), *item;
	struct text t;
	size_t i;

	text_init(&t, 65536);
	text_add(&t, "any other code; no whole answer in time");
	if (json_array_size(rules) > 0 ||
	    json_array_size(json_object_get(step, "has")) > 0 ||
	    json_array_size(json_object_get(step, "lacks")) > 0)
		text_add(&t, "; a body that says otherwise");
	json_array_foreach(rules, i, item)
	{
		const char *words =
		    json_string_value(json_object_get(item, "words"));

		if (words != NULL)
			text_add(&t, " (\"body: %s\")", words);
	}
	print_row("fails", &t);
	text_finish(&t);
}

static void
print_sends(const json_t *step)
{
	const char *body =
	    json_string_value(json_object_get(step, "request_body"));
	const json_t *value;
	struct text t;
	const char *name;

	json_object_foreach(
	    (json_t *)json_object_get(step, "headers"), name, value)
	{
		text_init(&t, 65536);
		text_add(&t, "%s: %s", name, json_string_value(value));
		print_row("header", &t);
		text_finish(&t);
	}
	if (body == NULL)
		return;
	text_init(&t, 1 << 17);
	text_add(&t, "%s", body);
	print_row("body", &t);
	text_finish(&t);
}

/* A step that is no request: in words, for it has no codes. */
static bool
print_other_step(size_t number, const char *kind)
{
	static const struct {
		const char *kind, *asks, *passes, *fails;
	} others[] = {
	    {"tcp", "a TCP connection, and \"send\" of the check",
		"it comes to be, and \"receive\" comes back",
		"refused, closed, or not in time"},
	    {"tls", "a TLS connection, and \"send\" of the check",
		"a certificate that is good for the host, and \"receive\"",
		"refused, closed, no handshake, or not in time"},
	    {"grpc", "grpc.health.v1.Health/Check of \"service\" of the check",
		"SERVING", "any other answer, or none in time"},
	};

	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		if (strcmp(kind, others[i].kind) != 0)
			continue;
		printf("  %zu. %s\n     passes    %s\n     fails     %s\n",
		    number, others[i].asks, others[i].passes, others[i].fails);
		return true;
	}
	return false;
}

static void
print_step(size_t number, const json_t *step)
{
	if (print_other_step(number, command_text(step, "kind")))
		return;
	printf("  %zu. %s %s%s\n", number, command_text(step, "method"),
	    command_text(step, "path"),
	    command_is_true(step, "only_with_model")
		? ", where the check names a model"
		: "");
	print_sends(step);
	print_passes(step);
	print_busy(step);
	print_fails(step);
	print_loading(step);
}

const char *
preset_plan_ms(const json_t *object, const char *key, char out[SCALAR_MS_TEXT])
{
	long long ms = command_number(object, key);

	if (ms == 0)
		return "off";
	return scalar_show_ms((uint64_t)ms, out);
}

void
preset_plan_print(const json_t *plan, const char *title)
{
	char every[SCALAR_MS_TEXT], timeout[SCALAR_MS_TEXT];
	long long rise = command_number(plan, "rise");
	const json_t *step;
	size_t i;

	if (!json_is_object(plan))
		return;
	printf("%s: every %s, timeout %s; down after %lld failures, up after "
	       "%lld pass%s\n",
	    title, preset_plan_ms(plan, "every_ms", every),
	    preset_plan_ms(plan, "timeout_ms", timeout),
	    command_number(plan, "fall"), rise, rise == 1 ? "" : "es");
	json_array_foreach(json_object_get(plan, "steps"), i, step)
	    print_step(i + 1, step);
}
