/* Judges what is known of all nodes.  Called by meridianctl status; asks no
 * node. */
#include "ctl/status_nodes.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "ctl/columns.h"
#include "ctl/command.h"
#include "ctl/status_text.h"
#include "ctl/status_verdict.h"
#include "node/node_items.h"
#include "node/page_json.h"
#include "state/node_parts.h"

struct view {
	const struct server_config *config;
	const struct nodes_read *known;
	struct node_most most; /* of the known */
	int64_t wall_ms;
	bool
	    deaf; /* this node does not hear the others, or does not write it */
	json_t *nodes, *findings;
	int status;
};

static void
find(struct view *v, int status, const char *name, const struct text *t,
    const char *advice)
{
	/* The worst first; there is one at most. */
	size_t at = status == STATUS_BAD ? 0 : json_array_size(v->findings);

	if (status > v->status)
		v->status = status;
	json_array_insert_new(v->findings, at,
	    json_pack("{ss so so}", "finding", name, "text",
		page_json_string(t->data != NULL ? t->data : "no memory"),
		"advice", advice != NULL ? json_string(advice) : json_null()));
}

/* --- one node --- */

static int64_t
age_ms(const struct view *v, int64_t at_ms)
{
	return v->wall_ms > at_ms ? v->wall_ms - at_ms : 0;
}

static bool
is_of(const struct state_vantage *one, const struct state_node *node)
{
	return node_is_own(node) ? one->node[0] == '\0'
				 : strcmp(one->node, node->name) == 0;
}

static bool
is_fresh(const struct view *v, const struct state_vantage *one)
{
	return one->lease_until_ms != 0 &&
	    age_ms(v, one->heartbeat_ms) <= (int64_t)v->config->stale_after_ms;
}

static json_t *
vantage_list(const struct view *v, const struct state_node *node)
{
	const struct nodes_read *known = v->known;
	json_t *list = json_array();

	for (size_t i = 0; i < known->n_vantages; i++) {
		const struct state_vantage *one = &known->vantage[i];

		if (!is_of(one, node))
			continue;
		json_array_append_new(list,
		    json_pack("{ss so sI sb}", "vantage", one->name, "region",
			one->region[0] != '\0' ? json_string(one->region)
					       : json_null(),
			"age_ms", (json_int_t)age_ms(v, one->heartbeat_ms),
			"fresh", (int)is_fresh(v, one)));
	}
	return list;
}

static json_t *
lock_list(const struct view *v, const struct state_node *node)
{
	json_t *list = json_array();

	for (size_t i = 0; i < v->known->n_locks; i++) {
		const struct state_lock *lock = &v->known->lock[i];

		if (strcmp(lock->node, node->name) == 0)
			json_array_append_new(list,
			    json_pack("{ss ss sI}", "zone", lock->zone, "pool",
				lock->pool, "token", (json_int_t)lock->token));
	}
	return list;
}

static json_t *
node_object(const struct view *v, const struct state_node *node)
{
	json_t *object = node_items_object(node, &v->most, v->wall_ms);

	(void)json_object_update_new(object,
	    json_pack("{sI sI sI so so}", "revision",
		(json_int_t)node->revision, "rows_in",
		(json_int_t)node->rows_in, "keys_out",
		(json_int_t)node->keys_out, "vantages", vantage_list(v, node),
		"locks", lock_list(v, node)));
	return object;
}

/* --- what differs --- */

static const char *
value_of(const json_t *node, const char *key)
{
	return json_string_value(json_object_get(node, key));
}

/* A node that says something else at ${part} than most do. */
static void
find_other(struct view *v, enum node_part part)
{
	const struct node_part_words *words = &node_part_words[part];
	const struct nodes_read *known = v->known;
	const char *best = v->most.value[part];
	size_t same = v->most.same[part];
	struct text t;

	for (size_t i = 0; i < known->n; i++) {
		const struct state_node *node = &known->node[i];

		if (!node_differs(node, part, best, v->wall_ms))
			continue;
		text_init(&t, 512);
		text_add(&t,
		    "node %s %s: %s, where %zu other%s %s; clients may get "
		    "other answers from it",
		    node->name, words->words, node_part(node, part), same,
		    same == 1 ? " has" : "s have", best);
		find(v, STATUS_DEGRADED, "nodes differ", &t, words->advice);
		text_finish(&t);
	}
}

/* --- what is wrong --- */

/* Its meridian-share runs, and its rows stand still: ${what} says which. */
static void
find_unwritten(struct view *v, const char *name, const char *what)
{
	const char *disk = room_words(v->known->room.state);
	struct text t;

	text_init(&t, 1024);
	text_add(&t,
	    "meridian-share of this node, %s, runs but does not write %s%s%s: "
	    "%s",
	    name, v->config->state, disk[0] != '\0' ? ", and " : "", disk,
	    what);
	find(v, STATUS_BAD, "not written", &t,
	    "its log says why; see also the disk and the rights of that file");
	text_finish(&t);
}

static void
find_own_silent(struct view *v, const json_t *node)
{
	const char *name = command_text(node, "node");
	char ago[32], what[96];
	struct text t;

	(void)snprintf(what, sizeof(what),
	    "what is known of the others is %s old",
	    columns_ago(command_number(node, "age_ms"), ago));
	if (v->known->carried) {
		find_unwritten(v, name, what);
		return;
	}
	text_init(&t, 512);
	text_add(&t, "meridian-share of this node, %s, does not run: %s", name,
	    what);
	find(v, STATUS_BAD, "not sharing", &t,
	    "start it: see meridian-share(8)");
	text_finish(&t);
}

static bool
is_unwritten(const char *link)
{
	return strncmp(link, STATE_LINK_STATE, strlen(STATE_LINK_STATE)) == 0;
}

/* What to do about the link of a node that is heard. */
static const char *
advise_trouble(const char *link)
{
	if (strncmp(link, STATE_LINK_READS, strlen(STATE_LINK_READS)) == 0)
		return "wait: it ends by itself, and the log of its "
		       "meridian-share says when";
	if (is_unwritten(link))
		return "see there the log of meridian-share, the disk, and the "
		       "rights of that file; it is tried again by itself";
	return "see there the log of meridian-share, and whether each member "
	       "of etcd answers; it is tried again by itself";
}

static void
find_link(struct view *v, const json_t *node)
{
	bool silent = command_is_true(node, "silent");
	const char *cut = value_of(node, "cut"), *link = value_of(node, "link");
	const char *name = command_text(node, "node");
	char ago[32];
	struct text t;

	if (silent && command_is_true(node, "this")) {
		find_own_silent(v, node);
		return;
	}
	/* What is not heard here is no fault of theirs. */
	if (v->deaf && !command_is_true(node, "this"))
		return;
	text_init(&t, 512);
	if (cut != NULL) {
		text_add(&t, "node %s is cut off since %s%s%s", name, cut,
		    link != NULL ? ": " : "", link != NULL ? link : "");
		find(v, STATUS_DEGRADED, "node cut off", &t,
		    link != NULL && node_link_stuck(link)
			? STATUS_ADVICE_SITE
			: "see whether it reaches etcd; it decides for its own "
			  "region alone meanwhile");
	} else if (silent) {
		text_add(&t, "node %s was not heard for %s%s", name,
		    columns_ago(command_number(node, "age_ms"), ago),
		    link != NULL && strcmp(link, STATE_LINK_ENDED) == 0
			? ": " STATE_LINK_ENDED
			: "");
		find(v, STATUS_DEGRADED, "node silent", &t,
		    "see whether it runs, and its meridian-share reaches etcd; "
		    "one that is gone for good: meridianctl forget node");
	} else if (link != NULL) {
		text_add(&t, "node %s: %s", name, link);
		find(v, STATUS_DEGRADED, "node troubled", &t,
		    advise_trouble(link));
	}
	text_finish(&t);
}

/* A node that is heard and says so, whose vantage is not. */
static void
find_vantage(struct view *v, const struct state_node *node)
{
	char ago[32];
	struct text t;

	/* Where its database is not written, that is what is found. */
	if (v->deaf || node_is_silent(node, v->wall_ms) || node->cut_ms >= 0 ||
	    is_unwritten(node->link))
		return;
	for (size_t i = 0; i < v->known->n_vantages; i++) {
		const struct state_vantage *one = &v->known->vantage[i];

		if (!is_of(one, node) || is_fresh(v, one) ||
		    strcmp(one->name, node->vantage) != 0)
			continue;
		text_init(&t, 512);
		text_add(&t,
		    "node %s is linked, and its vantage %s was not heard for "
		    "%s: what it finds does not count",
		    node->name, one->name,
		    columns_ago(age_ms(v, one->heartbeat_ms), ago));
		find(v, STATUS_DEGRADED, "vantage stale", &t,
		    "see there whether meridian-probe runs and can write the "
		    "state database");
		text_finish(&t);
	}
}

static bool
has_vantage(const struct view *v, const char *name)
{
	for (size_t i = 0; i < v->known->n_vantages; i++)
		if (strcmp(v->known->vantage[i].name, name) == 0)
			return true;
	return false;
}

/* Two nodes have the same vantage; of more, each is told with the first.  What
 * is not there is of nodes that check nothing. */
static void
find_twin(struct view *v, const struct state_node *node)
{
	const struct nodes_read *known = v->known;
	const struct state_node *twin =
	    node_twin(known->node, known->n, node, v->wall_ms);
	struct text t;

	if (twin == NULL || twin > node || !has_vantage(v, node->vantage))
		return;
	text_init(&t, 512);
	text_add(&t,
	    "nodes %s and %s both say that vantage %s is theirs: one counts, "
	    "the other tells nothing",
	    twin->name, node->name, node->vantage);
	find(v, STATUS_DEGRADED, "vantage twice", &t, STATUS_ADVICE_TWIN);
	text_finish(&t);
}

static bool
is_deaf(const struct nodes_read *known, int64_t wall_ms)
{
	for (size_t i = 0; i < known->n; i++) {
		const struct state_node *node = &known->node[i];

		if (node_is_own(node) && node->cut_ms < 0 &&
		    !node_is_silent(node, wall_ms))
			return false;
	}
	return true;
}

static void
find_own(struct view *v)
{
	bool shares = v->config->share.n_etcd > 0;
	struct text t;

	for (size_t i = 0; i < v->known->n; i++)
		if (node_is_own(&v->known->node[i]))
			return;
	if (shares && v->known->carried) {
		find_unwritten(v, v->config->node, "nothing is known yet");
		return;
	}
	text_init(&t, 512);
	text_add(&t, "node %s shares with nobody: %s", v->config->node,
	    shares ? "its meridian-share has not run yet"
		   : "its file has no share");
	find(v, STATUS_BAD, "not sharing", &t,
	    shares ? "start it: see meridian-share(8)"
		   : "see share in meridian.yaml(5)");
	text_finish(&t);
}

static const char *
part_name(enum node_part part)
{
	return part == NODE_LATENCY ? "round trips" : node_part_words[part].key;
}

/* "; node b says nothing of its presets, geography": it may differ there. */
static void
add_unsaid(const struct view *v, struct text *t)
{
	for (size_t i = 0; i < v->known->n; i++) {
		const struct state_node *node = &v->known->node[i];
		size_t n = 0;

		for (int p = 0; p < NODE_PARTS; p++) {
			if (node_part(node, (enum node_part)p)[0] != '\0')
				continue;
			if (n++ == 0)
				text_add(t, "; node %s says nothing of its ",
				    node->name);
			text_add(t, "%s%s", n > 1 ? ", " : "",
			    part_name((enum node_part)p));
		}
	}
}

static void
find_well(struct view *v)
{
	struct text t, unsaid;

	if (v->status != STATUS_WELL)
		return;
	text_init(&t, 4096);
	text_init(&unsaid, 2048);
	add_unsaid(v, &unsaid);
	text_add(&t, "%zu node%s, all heard, %s%s", v->known->n,
	    v->known->n == 1 ? "" : "s",
	    unsaid.len == 0 ? "with the same files and version"
			    : "and alike in all that they say",
	    unsaid.data != NULL ? unsaid.data : "");
	find(v, STATUS_WELL, "well", &t, NULL);
	text_finish(&unsaid);
	text_finish(&t);
}

json_t *
status_nodes_object(const struct server_config *config,
    const struct nodes_read *known, int64_t wall_ms)
{
	struct view v = {.config = config,
	    .known = known,
	    .wall_ms = wall_ms,
	    .deaf = is_deaf(known, wall_ms),
	    .nodes = json_array(),
	    .findings = json_array()};
	const json_t *node;
	size_t i;

	node_most_find(known->node, known->n, wall_ms, &v.most);
	for (i = 0; i < known->n; i++)
		json_array_append_new(
		    v.nodes, node_object(&v, &known->node[i]));
	find_own(&v);
	json_array_foreach(v.nodes, i, node)
	{
		find_link(&v, node);
		find_vantage(&v, &known->node[i]);
		find_twin(&v, &known->node[i]);
	}
	for (i = 0; i < NODE_PARTS; i++)
		find_other(&v, (enum node_part)i);
	find_well(&v);
	return json_pack("{si so so}", "status", v.status, "findings",
	    v.findings, "nodes", v.nodes);
}

/* --- what is printed --- */

static void
print_vantages(const json_t *list)
{
	const json_t *one;
	char ago[32];
	size_t i;

	json_array_foreach(list, i, one)
	    printf("  vantage  %s, %s%s\n", command_text(one, "vantage"),
		columns_ago(command_number(one, "age_ms"), ago),
		command_is_true(one, "fresh") ? "" : ", NOT FRESH");
}

static void
print_locks(const json_t *list)
{
	const json_t *one;
	size_t i;

	json_array_foreach(list, i, one) printf("  controls %s of %s\n",
	    command_text(one, "pool"), command_text(one, "zone"));
}

static void
print_node(const json_t *node)
{
	char ago[32], name[COLUMNS_CUT];

	printf("%-20s %-16s %-10s %-10s %s\n",
	    columns_cut(command_text(node, "node"), 20, name),
	    command_text(node, "region"), command_text(node, "version"),
	    command_is_true(node, "this")
		? "this one"
		: columns_ago(command_number(node, "age_ms"), ago),
	    value_of(node, "cut") != NULL         ? "CUT OFF"
		: command_is_true(node, "silent") ? "SILENT"
		: value_of(node, "link") != NULL  ? "link troubled"
						  : "linked");
	printf("  asked at %s\n", command_text(node, "address"));
	printf("  serves   zones %s, steering %s,\n           presets %s, "
	       "geography %s,\n           round trips %s\n",
	    command_text(node, "zones"), command_text(node, "steering"),
	    command_text(node, "presets"), command_text(node, "geography"),
	    command_text(node, "latency"));
	if (command_is_true(node, "this"))
		printf(
		    "  share:   revision %lld, %lld rows in, %lld keys out\n",
		    command_number(node, "revision"),
		    command_number(node, "rows_in"),
		    command_number(node, "keys_out"));
	if (value_of(node, "link") != NULL) {
		fputs("  link:    ", stdout);
		columns_wrap(stdout, 11, 11, value_of(node, "link"));
	}
	print_vantages(json_object_get(node, "vantages"));
	print_locks(json_object_get(node, "locks"));
}

static void
print_text(const json_t *root)
{
	const json_t *node;
	size_t i;

	status_text_findings(json_object_get(root, "findings"));
	json_array_foreach(json_object_get(root, "nodes"), i, node)
	{
		putchar('\n');
		print_node(node);
	}
}

int
status_nodes(const char *path, bool json)
{
	static struct errbuf eb;
	struct nodes_read known = {0};
	struct server_config *config;
	json_t *root = NULL;
	int status = STATUS_BAD;

	errbuf_init(&eb);
	config = server_config_glance(path, &eb);
	if (config == NULL || nodes_read(config->state, &known, &eb) != 0)
		command_print_messages(&eb);
	else
		root = status_nodes_object(config, &known, clock_wall_ms());
	if (root != NULL) {
		status = (int)command_number(root, "status");
		if (json)
			command_print_object(root);
		else
			print_text(root);
	}
	json_decref(root);
	nodes_read_finish(&known);
	server_config_destroy(config);
	return status;
}
