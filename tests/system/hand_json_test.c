/*
 * What is said by hand, told to scripts: each of these commands prints one
 * object with --json, of what it did or would do, and none when it is refused.
 */
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "tests/system/node.h"
#include "tests/system/output.h"

#define SERVICE "one.inference.example"

static const json_t *
member(const json_t *object, const char *key)
{
	const json_t *value = json_object_get(object, key);

	ck_assert_msg(value != NULL, "no member %s", key);
	return value;
}

static void
is_text(const json_t *object, const char *key, const char *want)
{
	const char *text = json_string_value(member(object, key));

	ck_assert_msg(text != NULL && strcmp(text, want) == 0,
	    "%s is %s, not %s", key, text != NULL ? text : "no text", want);
}

/* All that was printed is one object. */
static json_t *
object_of(const char *out)
{
	json_t *object = json_loads(out, 0, NULL);

	ck_assert_msg(json_is_object(object), "no object: %s", out);
	return object;
}

START_TEST(what_is_said_is_an_object)
{
	static const struct {
		const char *command[6], *action;
		bool undo;
	} rows[] = {
	    {{"drain", "endpoint", "us", "--for", "10m"}, "drain", true},
	    {{"undrain", "endpoint", "us"}, "undrain", false},
	    {{"force", "endpoint", "eu", "up"}, "force", true},
	    {{"force", "endpoint", "eu", "off"}, "force", false},
	    {{"weight", "endpoint", "eu", "50%"}, "weight", true},
	    {{"freeze", "pool", "v1"}, "freeze", true},
	};
	struct harness *h = harness_create();
	struct node node;
	const char *out;
	json_t *object;

	node_init(&node, h);
	node_standins(&node);
	node_pair(&node, "", "every: 100ms, timeout: 1500ms");
	node_serve(&node);
	node_check(&node);
	HARNESS_WAIT(15000, node_ctl(&node, &out, "status") == 0);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const char *const *c = rows[i].command;

		ck_assert_int_eq(
		    harness_run(h, &out, "meridianctl", "-c",
			harness_path(h, "meridian.yaml"), c[0], "--json",
			"--author", "ann", c[1], c[2], c[3], c[4], NULL),
		    0);
		object = object_of(out);
		is_text(object, "action", rows[i].action);
		is_text(object, "author", "ann");
		ck_assert(json_is_false(member(object, "dry_run")));
		ck_assert(json_is_true(member(object, "taken")));
		ck_assert_int_eq(json_integer_value(member(object, "number")),
		    (json_int_t)i + 1);
		ck_assert_int_eq(json_integer_value(member(
				     member(object, "reaches"), "endpoints")),
		    i < 5 ? 1 : 2);
		ck_assert_int_eq(
		    json_is_string(member(object, "undo")), rows[i].undo);
		json_decref(object);
	}
	harness_destroy(h);
}
END_TEST

START_TEST(what_would_be_said_is_one_and_what_is_refused_is_none)
{
	struct harness *h = harness_create();
	struct node node;
	const char *out;
	json_t *object;

	node_init(&node, h);
	node_standins(&node);
	node_pair(&node, "", "every: 100ms, timeout: 1500ms");
	node_serve(&node);
	node_check(&node);
	HARNESS_WAIT(15000, node_ctl(&node, &out, "status") == 0);
	ck_assert_int_eq(
	    node_ctl(&node, &out, "drain", "region", "us-east", "-n", "-j"), 0);
	object = object_of(out);
	ck_assert(json_is_true(member(object, "dry_run")));
	ck_assert(json_is_false(member(object, "taken")));
	ck_assert(json_is_null(member(object, "undo")));
	json_decref(object);
	ck_assert_int_eq(
	    node_ctl(&node, &out, "drain", "region", "*", "--json"), 1);
	ck_assert_ptr_null(strchr(out, '{'));
	output_contains(out, "meridianctl drain: refused: ");
	ck_assert_int_eq(node_ctl(&node, &out, "drain", "region", "*",
			     "--force-anyway", "--json"),
	    0);
	object = object_of(out);
	ck_assert(json_is_string(member(object, "against")));
	json_decref(object);
	ck_assert_int_eq(node_ctl(&node, &out, "canary", SERVICE, "--json"), 0);
	object = object_of(out);
	is_text(object, "service", SERVICE);
	ck_assert(json_is_false(member(object, "planned")));
	ck_assert(json_is_null(member(object, "ramp")));
	json_decref(object);
	harness_destroy(h);
}
END_TEST

int
main(void)
{
	const struct harness_case cases[] = {
	    {"said", what_is_said_is_an_object, 0},
	    {"refused", what_would_be_said_is_one_and_what_is_refused_is_none,
		0},
	};

	return harness_main(
	    "hand_json", cases, sizeof(cases) / sizeof(cases[0]));
}
