/*
 * Collects a status.  Called by meridianctl status; asks the server, reads the
 * state database and, where no server answers, the files; judges nothing.
 */
#include "ctl/status_collect.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "ctl/command.h"
#include "ctl/fetch.h"
#include "ctl/nodes_read.h"
#include "ctl/status_hand.h"
#include "ctl/status_maintenance.h"
#include "ctl/status_ramps.h"
#include "ctl/status_rows.h"
#include "node/geo_items.h"
#include "node/loads.h"
#include "node/node_items.h"
#include "node/page_json.h"
#include "node/status_items.h"
#include "node/vantages.h"
#include "state/aside.h"
#include "steering/outlook.h"

#define PAGE "/api/v1/status"

/* Lists that a status always has, be they empty. */
static const char *const lists[] = {"zones", "outlook", "vantages",
    "network_files", "endpoints", "keeps", "overrides", "ramps", "events"};

/* Move ${key} of ${from} to ${to}, if it is there. */
static void
move(json_t *to, json_t *from, const char *key)
{
	json_t *value = json_object_get(from, key);

	if (value != NULL)
		json_object_set(to, key, value);
}

/* What meridiand says.  Of the counters, which are for /metrics, nothing. */
static json_t *
take_page(json_t *page)
{
	static const char *const of_server[] = {
	    "pid", "version", "started", "serving", "reload", "last_good"};
	static const char *const of_node[] = {"health", "geography", "latency",
	    "query_log", "history", "zones", "outlook", "vantages",
	    "network_files", "endpoints", "keeps"};
	json_t *server = json_pack("{sb}", "running", 1);
	json_t *root = json_pack("{so}", "server", server);

	for (size_t i = 0; i < sizeof(of_server) / sizeof(of_server[0]); i++)
		move(server, page, of_server[i]);
	for (size_t i = 0; i < sizeof(of_node) / sizeof(of_node[0]); i++)
		move(root, page, of_node[i]);
	return root;
}

/* The server's word; NULL with ${why} there is none. */
static json_t *
ask_server(const struct server_config *config, char why[FETCH_WHY])
{
	char *body = fetch_page(config, PAGE, why);
	json_t *page, *root = NULL;

	if (body == NULL)
		return NULL;
	page = json_loads(body, 0, NULL);
	free(body);
	if (json_is_array(json_object_get(page, "outlook")))
		root = take_page(page);
	else if (page != NULL)
		snprintf(why, FETCH_WHY,
		    "meridiand is older than this meridianctl: restart it to "
		    "upgrade it");
	else
		snprintf(why, FETCH_WHY, "the page %s is no JSON", PAGE);
	json_decref(page);
	return root;
}

/* Without a server. */

static json_t *
service_list(const struct policy *policy, const struct live *live)
{
	struct outlook *outlook = outlook_create(policy, live);
	json_t *list = json_array();

	for (size_t i = 0; outlook != NULL && i < policy->n_zones; i++)
		for (size_t k = 0; k < policy->zones[i].n_services; k++)
			json_array_append_new(list,
			    status_item_service(outlook, &policy->zones[i],
				&policy->zones[i].services[k]));
	outlook_destroy(outlook);
	return list;
}

/* One look sees no heartbeat come: ages are by the wall clocks. */
static json_t *
vantage_list(const struct server_config *config, const struct health *health,
    int64_t now)
{
	struct vantages *v = vantages_create(health, now);
	json_t *list = json_array();

	for (size_t i = 0; v != NULL && i < v->n; i++) {
		int64_t age = clock_wall_ms() - v->of[i].heartbeat_ms;
		json_t *item = status_item_vantage(&v->of[i], now);

		json_object_set_new(
		    item, "age_ms", json_integer(age > 0 ? age : 0));
		json_object_set_new(item, "state",
		    json_string(age > (int64_t)config->stale_after_ms
			    ? "stale"
			    : "fresh"));
		json_array_append_new(list, item);
	}
	vantages_release(v);
	return list;
}

/* With what the state database says of them beside their health. */
static json_t *
endpoint_list(const struct generation *g, const struct health *health,
    const struct live *live, int64_t now)
{
	struct vantages *vantages = vantages_create(health, now);
	const struct loads_look look = {.loads = loads_read(g->config->state),
	    .vantages = vantages,
	    .mono_ms = now};
	json_t *list = json_array();

	for (size_t i = 0; look.loads != NULL && i < g->policy->n_endpoints;
	     i++)
		json_array_append_new(
		    list, status_item_endpoint(g->policy, live, &look, i));
	loads_destroy(look.loads);
	vantages_release(vantages);
	return list;
}

/* As a server that started now would have it. */
static void
add_decided(json_t *root, const struct generation *g,
    const struct health *health, const struct live *live, int64_t now)
{
	static const struct errbuf no_trouble;
	json_t *about = command_health_object(g->config, health, &no_trouble);
	json_t *zones = json_array();
	json_t *files = json_array();

	for (size_t i = 0; i < g->n_zones; i++)
		json_array_append_new(zones, status_item_zone(g, i));
	for (size_t i = 0; i < g->n_zones; i++)
		for (size_t k = 0;
		     g->steering[i] != NULL && k < g->steering[i]->n_networks;
		     k++)
			if (g->steering[i]->networks[k].file != NULL)
				json_array_append_new(
				    files, geo_items_network(g, i, k));
	if (!generation_is_checked(g))
		json_object_set_new(about, "stale", json_false());
	(void)json_object_update_new(root,
	    json_pack("{so so so so so so so}", "health", about, "geography",
		geo_items_object(g, NULL), "zones", zones, "outlook",
		service_list(g->policy, live), "vantages",
		vantage_list(g->config, health, now), "network_files", files,
		"endpoints", endpoint_list(g, health, live, now)));
}

/* Decide from the files; they have errors when server.files is false. */
static json_t *
decide(const char *path, const char *why)
{
	static struct errbuf eb;
	struct generation *g = command_load(path);
	struct health *health = NULL;
	struct live *live = NULL;
	int64_t now = clock_mono_ms();
	json_t *root = json_pack("{s{sb so sb}}", "server", "running", 0, "why",
	    page_json_string(why), "files", g != NULL);

	errbuf_init(&eb);
	if (g != NULL)
		health = command_health(g, &eb);
	if (health != NULL)
		live = health_live(health, g->policy, now);
	if (live != NULL)
		add_decided(root, g, health, live, now);
	live_destroy(live);
	health_destroy(health);
	generation_release(g);
	return root;
}

/* Why the database cannot be read: the message, without where it is from. */
static json_t *
reason_of(const struct errbuf *eb)
{
	static const char about[] = "state database: ";
	const char *at = strstr(eb->text, about);
	const char *text = at != NULL ? at + strlen(about) : eb->text;
	char line[256];

	snprintf(line, sizeof(line), "%.*s", (int)strcspn(text, "\n"), text);
	return page_json_string(line);
}

/* Add what was said by hand. */
static void
add_hand(json_t *root, const struct server_config *config, struct errbuf *eb)
{
	struct override_trail trail;

	/* That it cannot be read is told by the other rows. */
	errbuf_init(eb);
	(void)override_trail_read(config->state, &trail, eb);
	status_hand_add(root, &trail, clock_wall_ms());
	status_hand_add_refused(root, &trail, config->node, clock_wall_ms());
	override_trail_finish(&trail);
}

/* Add how this node shares, null where it shares with nobody. */
static void
add_share(json_t *root, const struct server_config *config, struct errbuf *eb)
{
	struct nodes_read known = {0};
	json_t *share = json_null();

	errbuf_init(eb);
	/* That it cannot be read is told by the other rows. */
	if (config->share.n_etcd > 0 &&
	    nodes_read(config->state, &known, eb) == 0)
		share = node_items_share(
		    config->node, known.node, known.n, clock_wall_ms());
	/* Who runs and cannot write has not ended. */
	if (known.carried && strcmp(command_text(share, "link"), "ended") == 0)
		json_object_set_new(share, "link", json_string("unwritten"));
	json_object_set_new(root, "share", share);
	nodes_read_finish(&known);
}

/* Add what the state database says, or why it says nothing. */
static void
add_state(json_t *root, const struct server_config *config, struct errbuf *eb)
{
	struct status_rows rows = {0};
	struct room room = {0};
	int64_t aside_ms = aside_since_ms(config->state);
	bool looked = room_look(config->state, &room) == 0;
	json_t *trouble = json_null();

	errbuf_init(eb);
	if (status_rows_read(config->state, &rows, eb) != 0)
		trouble = reason_of(eb);
	status_rows_add(&rows, json_object_get(root, "endpoints"),
	    json_object_get(root, "vantages"));
	add_hand(root, config, eb);
	add_share(root, config, eb);
	status_ramps_add(root, config->state);
	status_maintenance_add(root, clock_wall_ms());
	json_object_set(root, "events", rows.events);
	json_object_set_new(root, "state",
	    json_pack("{ss so so so}", "database", config->state, "trouble",
		trouble, "disk", looked ? status_item_disk(&room) : json_null(),
		"set_aside_ms",
		aside_ms >= 0 ? json_integer(aside_ms) : json_null()));
	status_rows_finish(&rows);
}

/* Add what meridian-probe says of itself, where it has pages. */
static void
add_probe(json_t *root, const struct server_config *config)
{
	bool well = false;
	char *words;

	if (config->probe.http.port == 0)
		return;
	words = fetch_health(&config->probe.http, &well);
	json_object_set_new(root, "probe",
	    json_pack("{sb so}", "well", well, "words",
		page_json_string(words != NULL ? words : "no memory")));
	free(words);
}

/* The word of a server whose file has errors, which are no reason not to ask
 * it; ${config} is what can be read of ${path}, or NULL. */
static json_t *
ask_damaged(const char *path, const struct server_config *config)
{
	char why[FETCH_WHY];
	json_t *root = NULL;

	if (config == NULL || config->http.port == 0)
		snprintf(why, sizeof(why),
		    "%s has errors, so that meridiand cannot be asked", path);
	else
		root = ask_server(config, why);
	if (root == NULL)
		root = json_pack("{s{sb so}}", "server", "running", 0, "why",
		    page_json_string(why));
	json_object_set_new(
	    json_object_get(root, "server"), "files", json_false());
	return root;
}

/* What can be seen of a node's file with errors, or the last of it that loaded,
 * which says where to ask, too.  NULL when there is neither. */
static struct server_config *
glance(const char *path, struct errbuf *eb)
{
	struct server_config *config = server_config_glance(path, eb);
	struct errbuf *said = malloc(sizeof(*said));

	if (config == NULL && said != NULL) {
		errbuf_init(said);
		config = last_good_config(path, said);
	}
	free(said);
	return config;
}

json_t *
status_collect(const char *path)
{
	static struct errbuf eb;
	char why[FETCH_WHY];
	struct server_config *config;
	json_t *root = NULL;

	errbuf_init(&eb);
	config = server_config_load(path, &eb);
	if (config == NULL) {
		command_print_messages(&eb);
		config = glance(path, &eb);
		root = ask_damaged(path, config);
	} else {
		root = ask_server(config, why);
		if (root == NULL)
			root = decide(path, why);
	}
	for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++)
		if (json_object_get(root, lists[i]) == NULL)
			json_object_set_new(root, lists[i], json_array());
	if (config != NULL) {
		add_state(root, config, &eb);
		add_probe(root, config);
	}
	server_config_destroy(config);
	return root;
}
