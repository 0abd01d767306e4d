/*
 * meridianctl check and reload for scripts: one object with each message cut
 * into its parts, what was read, and the exit status that they have without
 * --json.
 */
#include <jansson.h>
#include <string.h>

#include "tests/system/node.h"

static json_t *
check_object(struct node *node, int status)
{
	const char *out;
	json_t *root;

	ck_assert_int_eq(
	    node_ctl(node, &out, "check", "--files", "--json"), status);
	root = json_loads(out, 0, NULL);
	ck_assert_msg(json_is_object(root), "no object alone: %s", out);
	return root;
}

static json_int_t
number(const json_t *object, const char *key)
{
	ck_assert_msg(
	    json_is_integer(json_object_get(object, key)), "no number %s", key);
	return json_integer_value(json_object_get(object, key));
}

START_TEST(what_is_wrong_is_cut_into_its_parts)
{
	struct harness *h = harness_create();
	const json_t *message;
	struct node node;
	json_t *root;

	node_init(&node, h);
	node_pair(&node, "", "every: 1s");
	root = check_object(&node, 0);
	ck_assert(json_is_true(json_object_get(root, "ok")));
	ck_assert_int_eq(number(root, "errors"), 0);
	ck_assert_int_eq(
	    number(json_object_get(root, "counts"), "endpoints"), 2);
	(void)number(root, "loaded_ms");
	json_decref(root);

	node_records(
	    &node, "@ 60 SOA ns h 1 2 3 4 5\n@ NS ns\nns A 300.1.1.1\n");
	root = check_object(&node, 1);
	ck_assert(json_is_false(json_object_get(root, "ok")));
	ck_assert_int_eq(number(root, "errors"), 1);
	ck_assert(json_is_null(json_object_get(root, "counts")));
	message = json_array_get(json_object_get(root, "messages"), 0);
	ck_assert_str_eq(
	    json_string_value(json_object_get(message, "severity")), "error");
	ck_assert_str_eq(json_string_value(json_object_get(message, "file")),
	    harness_path(h, "inference.zone"));
	ck_assert_int_eq(number(message, "line"), 3);
	ck_assert_int_eq(number(message, "column"), 6);
	ck_assert_str_eq(json_string_value(json_object_get(message, "text")),
	    "A: \"300.1.1.1\" is no IPv4 address");
	json_decref(root);
	harness_destroy(h);
}
END_TEST

START_TEST(a_reload_is_told_in_the_same_way)
{
	struct harness *h = harness_create();
	const json_t *messages;
	struct node node;
	const char *out;
	json_t *root;

	node_init(&node, h);
	node_pair(&node, "", "every: 1s");
	node_serve(&node);
	ck_assert_int_eq(node_ctl(&node, &out, "reload", "--json"), 0);
	root = json_loads(out, 0, NULL);
	ck_assert(json_is_true(json_object_get(root, "ok")));
	ck_assert_int_eq(number(root, "pid"), node.server);
	ck_assert_int_eq(number(root, "zones_held"), 0);
	ck_assert(json_is_null(json_object_get(root, "probe_pid")));
	json_decref(root);

	harness_write(h, "inference.yaml", "regions: nonsense\n");
	ck_assert_int_eq(node_ctl(&node, &out, "reload", "--json"), 1);
	root = json_loads(out, 0, NULL);
	ck_assert_msg(json_is_object(root), "no object alone: %s", out);
	ck_assert(json_is_false(json_object_get(root, "ok")));
	ck_assert(json_is_false(json_object_get(root, "adopted")));
	messages = json_object_get(root, "messages");
	ck_assert_uint_ge(json_array_size(messages), 1);
	ck_assert_int_eq(number(json_array_get(messages, 0), "line"), 1);
	json_decref(root);
	harness_stop(h, node.server);
	ck_assert_int_eq(node_ctl(&node, &out, "reload", "--json"), 1);
	ck_assert_ptr_null(strchr(out, '{'));
	harness_destroy(h);
}
END_TEST

int
main(void)
{
	const struct harness_case cases[] = {
	    {"json", what_is_wrong_is_cut_into_its_parts, 0},
	    {"reload", a_reload_is_told_in_the_same_way, 0},
	};

	return harness_main(
	    "check_json", cases, sizeof(cases) / sizeof(cases[0]));
}
