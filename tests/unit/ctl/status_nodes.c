/* What is said of all nodes, by what the state database has of them. */
#include <check.h>
#include <stdio.h>
#include <string.h>

#include "ctl/status_nodes.h"

#define NOW INT64_C(1000000000000)

/* Four nodes, the first of which is this one: how old each row is, since when
 * it is cut off (0: it is not), and its zones. */
static const struct {
	struct {
		int64_t age_ms, cut_ms;
		const char *zones, *version;
	} node[4];
	size_t n;
	int status;
	const char *finding, *about; /* the first; what its text has */
} rows[] = {
    {{{0, 0, "a", "1"}, {9000, 0, "a", "1"}, {9000, 0, "a", "1"}}, 3, 0, "well",
	"3 nodes"},
    {{{0, 0, "a", "1"}, {9000, 0, "b", "1"}, {9000, 0, "a", "1"}}, 3, 1,
	"nodes differ", "node n1 serves other zones: b, where 2 others have a"},
    {{{0, 0, "a", "1"}, {9000, 0, "b", "1"}}, 2, 1, "nodes differ",
	"node n1 serves other zones: b, where 1 other has a"},
    /* Nobody knows what a node serves that has not said so. */
    {{{0, 0, "a", "1"}, {9000, 0, "", "1"}}, 2, 0, "well", "2 nodes"},
    {{{0, 0, "a", "1"}, {9000, 0, "a", "2"}, {9000, 0, "a", "1"}}, 3, 1,
	"nodes differ", "n1 runs another version"},
    /* What is silent may serve something else by now. */
    {{{0, 0, "a", "1"}, {60000, 0, "b", "1"}}, 2, 1, "node silent",
	"node n1 was not heard for 60 s"},
    {{{0, 5000, "a", "1"}, {9000, 0, "a", "1"}}, 2, 1, "node cut off", "n0"},
    {{{60000, 0, "a", "1"}, {60000, 0, "a", "1"}}, 2, 2, "not sharing",
	"meridian-share of this node, n0, does not run"},
    {{{0}}, 0, 2, "not sharing", "here shares with nobody"},
};

static struct state_node
node_of(size_t i, size_t k)
{
	struct state_node node = {
	    .seen_ms = NOW - rows[i].node[k].age_ms, .cut_ms = -1};

	(void)snprintf(node.name, sizeof(node.name), "n%zu", k);
	(void)snprintf(
	    node.origin, sizeof(node.origin), "%s", k == 0 ? "" : node.name);
	(void)snprintf(
	    node.zones, sizeof(node.zones), "%s", rows[i].node[k].zones);
	(void)snprintf(node.steering, sizeof(node.steering), "s");
	(void)snprintf(node.geography, sizeof(node.geography), "g");
	(void)snprintf(
	    node.version, sizeof(node.version), "%s", rows[i].node[k].version);
	if (rows[i].node[k].cut_ms > 0)
		node.cut_ms = NOW - rows[i].node[k].cut_ms;
	return node;
}

START_TEST(what_is_wrong_is_found)
{
	const struct server_config config = {
	    .node = "here", .stale_after_ms = 30000};
	struct state_node nodes[4];
	const struct nodes_read known = {.node = nodes, .n = rows[_i].n};
	json_t *root;
	const json_t *first;

	for (size_t k = 0; k < rows[_i].n; k++)
		nodes[k] = node_of((size_t)_i, k);
	root = status_nodes_object(&config, &known, NOW);
	ck_assert_ptr_nonnull(root);
	first = json_array_get(json_object_get(root, "findings"), 0);
	ck_assert_str_eq(json_string_value(json_object_get(first, "finding")),
	    rows[_i].finding);
	ck_assert_msg(strstr(json_string_value(json_object_get(first, "text")),
			  rows[_i].about) != NULL,
	    "%s", json_string_value(json_object_get(first, "text")));
	ck_assert_int_eq(json_integer_value(json_object_get(root, "status")),
	    rows[_i].status);
	json_decref(root);
}
END_TEST

/* What three nodes say of their presets and round trips, and what is said of
 * that. */
static const struct {
	const char *presets[3], *latency[3], *about;
} others[] = {
    {{"p", "p", "p"}, {"none", "1f", "none"},
	"node n1 ranks by other round trips: 1f, where 2 others have none"},
    {{"p", "q", "p"}, {"1f", "1f", "1f"},
	"node n1 checks by other presets: q, where 2 others have p"},
    /* One of an older release does not say. */
    {{"p", "", "p"}, {"1f", "", "1f"},
	"3 nodes, all heard, and alike in all that they say; node n1 says "
	"nothing of its presets, round trips"},
    {{"p", "p", "p"}, {"1f", "1f", "1f"},
	"3 nodes, all heard, with the same files and version"},
};

START_TEST(presets_and_round_trips_count)
{
	const struct server_config config = {
	    .node = "n0", .stale_after_ms = 30000};
	struct state_node nodes[3];
	const struct nodes_read known = {.node = nodes, .n = 3};
	const char *text;
	json_t *root;

	for (size_t k = 0; k < 3; k++) {
		nodes[k] = node_of(0, k);
		(void)snprintf(nodes[k].presets, sizeof(nodes[k].presets), "%s",
		    others[_i].presets[k]);
		(void)snprintf(nodes[k].latency, sizeof(nodes[k].latency), "%s",
		    others[_i].latency[k]);
	}
	root = status_nodes_object(&config, &known, NOW);
	text = json_string_value(json_object_get(
	    json_array_get(json_object_get(root, "findings"), 0), "text"));
	ck_assert_msg(strstr(text, others[_i].about) != NULL, "%s", text);
	json_decref(root);
}
END_TEST

START_TEST(vantages_and_locks_are_those_of_the_node)
{
	const struct server_config config = {
	    .node = "n0", .stale_after_ms = 30000};
	struct state_node nodes[2] = {node_of(0, 0), node_of(0, 1)};
	struct state_vantage vantages[2] = {
	    {.name = "mine", .heartbeat_ms = NOW, .lease_until_ms = NOW},
	    {.name = "theirs", .node = "n1", .heartbeat_ms = NOW}};
	struct state_lock locks[1] = {
	    {.zone = "z.example", .pool = "p", .node = "n1", .token = 7}};
	const struct nodes_read known = {.node = nodes,
	    .n = 2,
	    .vantage = vantages,
	    .n_vantages = 2,
	    .lock = locks,
	    .n_locks = 1};
	json_t *root = status_nodes_object(&config, &known, NOW);
	const json_t *list = json_object_get(root, "nodes"), *one;

	one = json_array_get(
	    json_object_get(json_array_get(list, 0), "vantages"), 0);
	ck_assert_str_eq(
	    json_string_value(json_object_get(one, "vantage")), "mine");
	ck_assert(json_is_true(json_object_get(one, "fresh")));
	ck_assert_uint_eq(
	    json_array_size(json_object_get(json_array_get(list, 0), "locks")),
	    0);
	one = json_array_get(
	    json_object_get(json_array_get(list, 1), "vantages"), 0);
	/* Its lease has ended. */
	ck_assert(json_is_false(json_object_get(one, "fresh")));
	one = json_array_get(
	    json_object_get(json_array_get(list, 1), "locks"), 0);
	ck_assert_int_eq(json_integer_value(json_object_get(one, "token")), 7);
	json_decref(root);
}
END_TEST

/* A node, its vantage, and what is said of it. */
static const struct {
	const char *link;
	int64_t age_ms, cut_ms, heard_ms, lease_until_ms;
	const char *vantage, *finding, *about;
} others_of[] = {
    {"", 0, -1, 0, NOW, "v", "well", "2 nodes"},
    {"no space", 0, -1, 0, NOW, "v", "node troubled", "node n1: no space"},
    {"", 0, -1, 31000, NOW, "v", "vantage stale",
	"node n1 is linked, and its vantage v was not heard for 31 s"},
    {"", 0, -1, 0, 0, "v", "vantage stale", "its vantage v"},
    /* Its disk is full, of which the rest follows. */
    {STATE_LINK_STATE "written: disk full", 0, -1, 31000, NOW, "v",
	"node troubled", "disk full"},
    /* It had that name before. */
    {"", 0, -1, 31000, NOW, "u", "well", "2 nodes"},
    /* What is not heard says nothing of its vantage. */
    {"", 60000, -1, 60000, NOW, "v", "node silent", "n1"},
    /* Its lease ended, and that of its vantage with it. */
    {STATE_LINK_ENDED, 2000, -1, 2000, 0, "v", "node silent",
	"node n1 was not heard for 2 s: its lease has ended"},
    {"", 0, 1000, 60000, NOW, "v", "node cut off", "n1"},
};

START_TEST(trouble_of_another_node_is_found)
{
	const struct server_config config = {
	    .node = "n0", .stale_after_ms = 30000};
	struct state_node nodes[2] = {node_of(0, 0), node_of(0, 1)};
	struct state_vantage vantage = {.node = "n1",
	    .heartbeat_ms = NOW - others_of[_i].heard_ms,
	    .lease_until_ms = others_of[_i].lease_until_ms};
	const struct nodes_read known = {
	    .node = nodes, .n = 2, .vantage = &vantage, .n_vantages = 1};
	const json_t *list, *one;
	json_t *root;

	(void)snprintf(
	    vantage.name, sizeof(vantage.name), "%s", others_of[_i].vantage);
	(void)snprintf(nodes[1].vantage, sizeof(nodes[1].vantage), "v");
	(void)snprintf(
	    nodes[1].link, sizeof(nodes[1].link), "%s", others_of[_i].link);
	nodes[1].seen_ms = NOW - others_of[_i].age_ms;
	nodes[1].cut_ms = others_of[_i].cut_ms;
	root = status_nodes_object(&config, &known, NOW);
	list = json_object_get(root, "findings");
	ck_assert_uint_eq(json_array_size(list), 1);
	one = json_array_get(list, 0);
	ck_assert_str_eq(json_string_value(json_object_get(one, "finding")),
	    others_of[_i].finding);
	ck_assert_msg(strstr(json_string_value(json_object_get(one, "text")),
			  others_of[_i].about) != NULL,
	    "%s", json_string_value(json_object_get(one, "text")));
	json_decref(root);
}
END_TEST

/* What is wrong at this node, and the one finding, whose words and advice have
 * ${about} and ${advice}. */
static const struct {
	const char *link;
	int64_t age_ms, cut_ms;
	bool carried;
	const char *finding, *about, *advice;
} own[] = {
    {"timed out", 0, 60000, true, "node cut off", "node n0 is cut off",
	"reaches etcd"},
    {"", 60000, -1, false, "not sharing", "n0, does not run", "start it"},
    {"", 60000, -1, true, "not written", "n0, runs but does not write",
	"its log"},
    {STATE_LINK_SITE ": move it away", 0, 60000, true, "node cut off",
	"move it away", "does not pass by itself"},
    {"what etcd has " STATE_LINK_NO_SITE, 0, 60000, true, "node cut off",
	"n0 is cut off", "does not pass by itself"},
};

/* Two others fell silent, and a vantage of theirs, while it did not listen. */
START_TEST(who_does_not_hear_finds_no_fault_with_others)
{
	const struct server_config config = {
	    .node = "n0", .state = "/s/state.db", .stale_after_ms = 30000};
	struct state_node nodes[3] = {
	    node_of(0, 1), node_of(0, 2), node_of(0, 0)};
	struct state_vantage vantage = {
	    .name = "v", .node = "n1", .heartbeat_ms = NOW - 60000};
	const struct nodes_read known = {.node = nodes,
	    .n = 3,
	    .vantage = &vantage,
	    .n_vantages = 1,
	    .carried = own[_i].carried};
	const json_t *list, *one;
	json_t *root;

	nodes[0].seen_ms = NOW - 20000;
	(void)snprintf(nodes[0].vantage, sizeof(nodes[0].vantage), "v");
	nodes[1].seen_ms = NOW - 60000;
	(void)snprintf(
	    nodes[2].link, sizeof(nodes[2].link), "%s", own[_i].link);
	nodes[2].seen_ms = NOW - own[_i].age_ms;
	nodes[2].cut_ms = own[_i].cut_ms < 0 ? -1 : NOW - own[_i].cut_ms;
	root = status_nodes_object(&config, &known, NOW);
	list = json_object_get(root, "findings");
	ck_assert_uint_eq(json_array_size(list), 1);
	one = json_array_get(list, 0);
	ck_assert_str_eq(json_string_value(json_object_get(one, "finding")),
	    own[_i].finding);
	ck_assert_ptr_nonnull(strstr(
	    json_string_value(json_object_get(one, "text")), own[_i].about));
	ck_assert_ptr_nonnull(strstr(
	    json_string_value(json_object_get(one, "advice")), own[_i].advice));
	json_decref(root);
}
END_TEST

/* Two nodes that say the same vantage is theirs, how long ago the second was
 * heard, and whether anybody checks as it. */
static const struct {
	const char *vantage;
	int64_t age_ms;
	bool checks;
	const char *finding, *text;
} twins[] = {
    {"us", 0, true, "vantage twice",
	"nodes n0 and n1 both say that vantage us is theirs: one counts, the "
	"other tells nothing"},
    {"us", 60000, true, "node silent", "node n1 was not heard for 60 s"},
    {"us", 0, false, "well",
	"2 nodes, all heard, with the same files and version"},
    {"eu", 0, true, "well",
	"2 nodes, all heard, with the same files and version"},
};

START_TEST(a_vantage_of_two_nodes_is_told)
{
	const struct server_config config = {
	    .node = "n0", .stale_after_ms = 30000};
	struct state_node nodes[2] = {node_of(0, 0), node_of(0, 1)};
	struct state_vantage vantage = {
	    .name = "us", .heartbeat_ms = NOW, .lease_until_ms = NOW};
	const struct nodes_read known = {.node = nodes,
	    .n = 2,
	    .vantage = &vantage,
	    .n_vantages = twins[_i].checks};
	const json_t *list, *one;
	json_t *root;

	for (size_t k = 0; k < 2; k++) {
		const char *part = "p";

		(void)snprintf(nodes[k].vantage, sizeof(nodes[k].vantage), "%s",
		    k == 0 ? "us" : twins[_i].vantage);
		(void)snprintf(
		    nodes[k].presets, sizeof(nodes[k].presets), "%s", part);
		(void)snprintf(
		    nodes[k].latency, sizeof(nodes[k].latency), "%s", part);
	}
	nodes[1].seen_ms = NOW - twins[_i].age_ms;
	root = status_nodes_object(&config, &known, NOW);
	list = json_object_get(root, "findings");
	ck_assert_uint_eq(json_array_size(list), 1);
	one = json_array_get(list, 0);
	ck_assert_str_eq(json_string_value(json_object_get(one, "finding")),
	    twins[_i].finding);
	ck_assert_str_eq(
	    json_string_value(json_object_get(one, "text")), twins[_i].text);
	json_decref(root);
}
END_TEST

/* Every finding but that all is well comes with what to do. */
START_TEST(each_trouble_has_an_advice)
{
	static const char *const links[] = {"timed out",
	    STATE_LINK_READS "7 keys so far",
	    "its state database cannot be written: full"};
	const struct server_config config = {
	    .node = "n0", .stale_after_ms = 30000};
	struct state_node nodes[2] = {node_of(0, 0), node_of(0, 1)};
	const struct nodes_read known = {.node = nodes, .n = 2};
	const json_t *one;
	json_t *root;

	(void)snprintf(nodes[1].link, sizeof(nodes[1].link), "%s", links[_i]);
	root = status_nodes_object(&config, &known, NOW);
	one = json_array_get(json_object_get(root, "findings"), 0);
	ck_assert_str_eq(json_string_value(json_object_get(one, "finding")),
	    "node troubled");
	ck_assert(json_is_string(json_object_get(one, "advice")));
	json_decref(root);
}
END_TEST

/* Its rows stand still, or there are none, while its meridian-share runs. */
START_TEST(who_runs_and_does_not_write_does_not_share)
{
	const struct server_config config = {.node = "n0",
	    .state = "/s/state.db",
	    .stale_after_ms = 30000,
	    .share = {.n_etcd = 1}};
	struct state_node node = node_of(0, 0);
	struct nodes_read known = {.node = &node,
	    .n = _i == 0,
	    .carried = true,
	    .room = {.state = ROOM_FULL}};
	const json_t *one;
	json_t *root;

	node.seen_ms = NOW - 60000;
	root = status_nodes_object(&config, &known, NOW);
	one = json_array_get(json_object_get(root, "findings"), 0);
	ck_assert_str_eq(
	    json_string_value(json_object_get(one, "finding")), "not written");
	ck_assert_str_eq(json_string_value(json_object_get(one, "text")),
	    _i == 0 ? "meridian-share of this node, n0, runs but does not "
		      "write /s/state.db, and its disk is full: what is known "
		      "of the others is 60 s old"
		    : "meridian-share of this node, n0, runs but does not "
		      "write /s/state.db, and its disk is full: nothing is "
		      "known yet");
	ck_assert_int_eq(
	    json_integer_value(json_object_get(root, "status")), 2);
	json_decref(root);
	/* Without it there is nobody who could write. */
	known.carried = false;
	root = status_nodes_object(&config, &known, NOW);
	one = json_array_get(json_object_get(root, "findings"), 0);
	ck_assert_str_eq(
	    json_string_value(json_object_get(one, "finding")), "not sharing");
	json_decref(root);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("ctl: status_nodes");
	TCase *tcase = tcase_create("status_nodes");
	SRunner *runner;
	int failed;

	tcase_add_loop_test(tcase, presets_and_round_trips_count, 0,
	    sizeof(others) / sizeof(others[0]));
	tcase_add_loop_test(
	    tcase, what_is_wrong_is_found, 0, sizeof(rows) / sizeof(rows[0]));
	tcase_add_loop_test(tcase, trouble_of_another_node_is_found, 0,
	    sizeof(others_of) / sizeof(others_of[0]));
	tcase_add_loop_test(tcase, who_does_not_hear_finds_no_fault_with_others,
	    0, sizeof(own) / sizeof(own[0]));
	tcase_add_loop_test(tcase, a_vantage_of_two_nodes_is_told, 0,
	    sizeof(twins) / sizeof(twins[0]));
	tcase_add_loop_test(tcase, each_trouble_has_an_advice, 0, 3);
	tcase_add_loop_test(
	    tcase, who_runs_and_does_not_write_does_not_share, 0, 2);
	tcase_add_test(tcase, vantages_and_locks_are_those_of_the_node);
	suite_add_tcase(suite, tcase);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
