/*
 * meridianctl explain: which answer a client would get, and why.  Walks the
 * ladder with the code that serves queries, over the files and the state
 * database as they are now; asks no running server.
 */
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/clock.h"
#include "ctl/command.h"
#include "dns/wire/name.h"
#include "dns/wire/protocol.h"
#include "dns/zone/lookup.h"
#include "dns/zone/type.h"
#include "steering/ladder.h"

/* Networks of one address that are shown. */
#define NETWORKS 16

struct question {
	const char *name, *type_text;
	struct prefix client;
	uint8_t wire[NAME_MAX_WIRE]; /* lower case */
	size_t len;
	uint16_t type;
};

/* Add what ${more}, which is given up, has to ${object}. */
static void
add_all(json_t *object, json_t *more)
{
	(void)json_object_update_new(object, more);
}

static const char *const step_names[] = {
    [STEP_FENCE] = "fence",
    [STEP_USABLE] = "usable",
    [STEP_SPLIT] = "split",
    [STEP_RANK] = "rank",
    [STEP_PICK] = "pick",
    [STEP_RESORT] = "last resort",
    [STEP_FAMILY] = "family",
    [STEP_TTL] = "ttl",
};

static void
take_step(void *context, enum ladder_step step, const char *text)
{
	json_array_append_new(context,
	    json_pack("{ss ss}", "step", step_names[step], "text", text));
}

static json_t *
name_object(const uint8_t *wire)
{
	char text[NAME_TEXT];

	return json_string(name_format(wire, text));
}

static json_t *
prefix_text(const struct prefix *p)
{
	char text[ADDRESS_TEXT];

	return json_string(prefix_format(p, text));
}

/* What geography and networks know of the client. */
static json_t *
place_object(const struct generation *g, const struct steering_config *config,
    const struct address *client)
{
	uint32_t networks[NETWORKS];
	struct place place;
	json_t *list = json_array();
	size_t n =
	    map_place(g->geography, config, client, &place, networks, NETWORKS);

	for (size_t i = 0; i < n; i++)
		json_array_append_new(
		    list, json_string(config->networks[networks[i]].name));
	return json_pack("{ss? ss? so so so so}", "continent",
	    place.continent[0] ? place.continent : NULL, "country",
	    place.country[0] ? place.country : NULL, "latitude",
	    place.has_position ? json_real(place.latitude) : json_null(),
	    "longitude",
	    place.has_position ? json_real(place.longitude) : json_null(),
	    "asn", place.asn ? json_integer(place.asn) : json_null(),
	    "networks", list);
}

/* The addresses of a prebuilt set. */
static void
append_addresses(json_t *list, const struct answer_set *set)
{
	const uint8_t *at = set->image;

	for (unsigned i = 0; i < set->count; i++) {
		unsigned len = (unsigned)at[10] << 8 | at[11];
		struct address a = {.family = len == 4 ? 4 : 6};
		char text[ADDRESS_TEXT];

		memcpy(a.bytes, at + 12, len);
		json_array_append_new(
		    list, json_string(address_format(&a, text)));
		at += 12 + len;
	}
}

static json_t *
endpoint_list(const struct generation *g, const struct question *q,
    const struct decision *d)
{
	json_t *list = json_array();

	for (unsigned i = 0; i < d->n; i++) {
		const struct policy_endpoint *e =
		    &g->policy->endpoints[d->endpoint[i]];
		json_t *addresses = json_array();

		append_addresses(addresses, &e->sets[answer_form(q->type)]);
		json_array_append_new(list,
		    json_pack("{ss ss ss so}", "endpoint", e->key.endpoint,
			"pool", e->key.pool, "region",
			g->policy->regions[e->region].name, "addresses",
			addresses));
	}
	return list;
}

static json_t *
answer_object(const struct generation *g, const struct question *q,
    const struct decision *d)
{
	static const char *const kinds[] = {
	    [ANSWER_RECORDS] = "endpoints",
	    [ANSWER_NODATA] = "nodata",
	    [ANSWER_STATIC] = "records of the zone file",
	    [ANSWER_SERVFAIL] = "servfail",
	};
	json_t *list = NULL;

	if (d->kind == ANSWER_RECORDS)
		list = endpoint_list(g, q, d);
	return json_pack("{ss so* sI si sb sb}", "kind", kinds[d->kind],
	    "endpoints", list, "ttl", (json_int_t)d->ttl_s, "scope",
	    (int)d->scope, "stale", (int)d->stale, "last_resort",
	    (int)d->resort);
}

static json_t *
health_object(const struct generation *g, const struct health *health,
    const struct errbuf *eb)
{
	int64_t now = clock_mono_ms(), age = health_age_ms(health, now);

	return json_pack("{ss so sb ss?}", "database", g->config->state,
	    "age_ms", age >= 0 ? json_integer(age) : json_null(), "stale",
	    (int)health_stale(health, now), "trouble",
	    errbuf_ok(eb) ? NULL : eb->text);
}

/* Walk the ladder for a service, and write down its ${steps}: 0, or -1 without
 * memory. */
static int
walk(const struct generation *g, uint32_t zone, uint32_t service,
    const struct question *q, const struct live *live, json_t *steps,
    struct decision *out)
{
	const struct policy_zone *pz = &g->policy->zones[zone];
	const struct policy_service *s = &pz->services[service];
	const struct client client = {q->client.address, q->client.length};
	const struct answer_request request = {.zone = zone,
	    .service = service,
	    .form = answer_form(q->type),
	    .owner = q->wire,
	    .owner_len = (uint8_t)q->len,
	    .client = &client};
	const struct map_key key = {
	    .config = pz->config,
	    .service = &pz->config->services[s->config_index],
	};
	struct ladder_trace trace = {.step = take_step, .context = steps};
	struct address inside;

	ladder_client(&client.address, &inside);
	map_place(g->geography, pz->config, &inside, &trace.place, NULL, 0);
	if (map_rule(g->geography, &key, &inside, &trace.rule) != 0)
		return -1;
	ladder_decide(s, g->policy, live, &request, &trace, out);
	return 0;
}

static int
explain_service(const struct generation *g, uint32_t zone, uint32_t service,
    const struct question *q, json_t *root)
{
	const struct policy_zone *pz = &g->policy->zones[zone];
	struct errbuf *eb = malloc(sizeof(*eb));
	struct health *health = NULL;
	struct live *live = NULL;
	json_t *steps = json_array();
	struct decision decision;
	struct address inside;
	int status = CTL_FAILED;

	if (eb != NULL) {
		errbuf_init(eb);
		health = command_health(g->config, eb);
	}
	if (health != NULL)
		live = health_live(health, g->policy, clock_mono_ms());
	if (live != NULL &&
	    walk(g, zone, service, q, live, steps, &decision) == 0) {
		ladder_client(&q->client.address, &inside);
		add_all(root,
		    json_pack("{ss so so sO so}", "service",
			pz->services[service].name, "place",
			place_object(g, pz->config, &inside), "health",
			health_object(g, health, eb), "steps", steps, "answer",
			answer_object(g, q, &decision)));
		status = CTL_OK;
	} else {
		add_all(root, json_pack("{ss}", "error", "no memory"));
	}
	json_decref(steps);
	live_destroy(live);
	health_destroy(health);
	free(eb);
	return status;
}

/* What the zone file says at a name that no service steers for this type. */
static json_t *
static_answer(enum lookup_kind kind, const struct zone_node *node,
    const struct question *q)
{
	const struct rrset *set = zone_node_rrset(node, q->type);
	json_t *o;
	const char *text;

	if (kind == LOOKUP_NXDOMAIN)
		text = "nxdomain";
	else if (kind == LOOKUP_CUT)
		text = "referral";
	else if (kind == LOOKUP_DNAME)
		text = "dname";
	else if (set != NULL)
		text = "records of the zone file";
	else if (node->flags & NODE_HAS_CNAME)
		text = "cname";
	else if (q->type == TYPE_ANY &&
	    (node->n_rrsets > 0 || node->service != ZONE_NO_SERVICE))
		text = "one record that says no (RFC 8482)";
	else
		text = "nodata";
	o = json_pack("{ss si}", "kind", text, "scope", 0);
	if (set != NULL)
		add_all(o,
		    json_pack("{sI sI}", "count", (json_int_t)set->count, "ttl",
			(json_int_t)set->ttl_s));
	return o;
}

static const char *
match_text(enum lookup_kind kind)
{
	static const char *const texts[] = {
	    [LOOKUP_FOUND] = "exact",
	    [LOOKUP_WILDCARD] = "wildcard",
	    [LOOKUP_CUT] = "below a delegation",
	    [LOOKUP_DNAME] = "below a DNAME",
	    [LOOKUP_NXDOMAIN] = "no such name",
	};

	return texts[kind];
}

static int
explain(const struct generation *g, const struct question *q, json_t *root)
{
	const struct zone_node *node;
	const struct zone *zone;
	enum lookup_kind kind;
	uint32_t number;

	add_all(root,
	    json_pack("{so ss so}", "name", name_object(q->wire), "type",
		q->type_text, "client", prefix_text(&q->client)));
	zone = zone_table_find(g->zones, q->wire, q->len, &number);
	if (zone == NULL) {
		add_all(root,
		    json_pack("{so}", "error",
			json_sprintf("%s is in no zone of this node: REFUSED",
			    q->name)));
		return CTL_FAILED;
	}
	kind = lookup_name(zone, q->wire, q->len, &node);
	add_all(root,
	    json_pack("{so sI ss so}", "zone", name_object(zone_apex(zone)),
		"serial", (json_int_t)zone_serial(zone), "match",
		match_text(kind), "owner", name_object(node->name)));
	if ((kind == LOOKUP_FOUND || kind == LOOKUP_WILDCARD) &&
	    node->service != ZONE_NO_SERVICE && answer_form(q->type) != FORMS)
		return explain_service(g, number, node->service, q, root);
	add_all(
	    root, json_pack("{so}", "answer", static_answer(kind, node, q)));
	return CTL_OK;
}

static void
print_place(const json_t *place)
{
	const json_t *networks = json_object_get(place, "networks"), *n;
	size_t i;

	printf("place       country %s, continent %s",
	    command_text(place, "country"), command_text(place, "continent"));
	if (json_is_real(json_object_get(place, "latitude")))
		printf(", at %.1f %.1f",
		    json_real_value(json_object_get(place, "latitude")),
		    json_real_value(json_object_get(place, "longitude")));
	if (json_is_integer(json_object_get(place, "asn")))
		printf(", AS%lld",
		    (long long)json_integer_value(
			json_object_get(place, "asn")));
	json_array_foreach(networks, i, n)
	    printf("%s%s", i == 0 ? ", networks " : ", ", json_string_value(n));
	printf("\n");
}

static void
print_health(const json_t *health)
{
	const char *trouble =
	    json_string_value(json_object_get(health, "trouble"));
	const json_t *age = json_object_get(health, "age_ms");

	if (json_is_integer(age))
		printf("health      %.1f s old%s\n",
		    (double)json_integer_value(age) / 1000,
		    json_is_true(json_object_get(health, "stale")) ? ", STALE"
								   : "");
	else
		printf("health      nothing is known: no vantage has "
		       "written %s\n",
		    command_text(health, "database"));
	if (trouble != NULL)
		printf("            %s", trouble);
}

static void
print_steps(const json_t *steps)
{
	const json_t *step;
	size_t i;

	json_array_foreach(steps, i, step) printf("%2zu %-8s %s\n", i + 1,
	    strcmp(command_text(step, "step"), "last resort") == 0
		? "resort"
		: command_text(step, "step"),
	    command_text(step, "text"));
}

static void
print_answer(const json_t *answer)
{
	const json_t *list = json_object_get(answer, "endpoints"), *e, *a;
	const json_t *ttl = json_object_get(answer, "ttl");
	size_t i, k;

	printf("answer      ");
	json_array_foreach(list, i, e)
	{
		json_array_foreach(json_object_get(e, "addresses"), k, a)
		    printf("%s ", json_string_value(a));
		printf("(%s of %s in %s) ", command_text(e, "endpoint"),
		    command_text(e, "pool"), command_text(e, "region"));
	}
	if (list == NULL)
		printf("%s ", command_text(answer, "kind"));
	if (json_is_integer(ttl))
		printf("TTL %lld ", (long long)json_integer_value(ttl));
	printf("scope /%lld\n",
	    (long long)json_integer_value(json_object_get(answer, "scope")));
	if (json_is_true(json_object_get(answer, "stale")))
		printf("            told with it: health is stale\n");
	if (json_is_true(json_object_get(answer, "last_resort")))
		printf("            told with it: last resort in use\n");
}

static void
print_text(const json_t *root)
{
	printf("question    %s %s for %s\n", command_text(root, "name"),
	    command_text(root, "type"), command_text(root, "client"));
	printf("zone        %s serial %lld\n", command_text(root, "zone"),
	    (long long)json_integer_value(json_object_get(root, "serial")));
	printf("owner       %s (%s%s)\n", command_text(root, "owner"),
	    command_text(root, "match"),
	    json_object_get(root, "service") ? ", a service" : "");
	if (json_object_get(root, "service") != NULL) {
		print_place(json_object_get(root, "place"));
		print_health(json_object_get(root, "health"));
		print_steps(json_object_get(root, "steps"));
	}
	print_answer(json_object_get(root, "answer"));
}

/* Say what is wrong with the word ${what}, if any, and how it should be. */
/* An option without a letter. */
enum { CLIENT = 256 };

static const struct options_usage usage = {
    .program = "meridianctl explain",
    .synopsis = "meridianctl [-c FILE] explain NAME [TYPE] --client PREFIX "
		"[--json]",
    .about =
	"Says which answer a client of PREFIX gets for NAME, and why, step by\n"
	"step.  TYPE is A unless given.\n",
    .rows =
	(const struct option_row[]){
	    {CLIENT, "client", "PREFIX",
		"an address or a prefix: 203.0.113.0/24"},
	    {'j', "json", NULL, "print one JSON object"},
	    {0},
	},
};

/* Read the words of a question; -1, or the exit status when it is none. */
static int
read_question(const struct options *o, const char *client, struct question *q)
{
	int n = o->n_words, len;

	if (n < 1 || n > 2)
		return options_refuse(
		    o, "a name, and perhaps a type, are needed");
	if (client == NULL)
		return options_refuse(o, "--client is missing");
	q->name = o->words[0];
	q->type_text = n == 2 ? o->words[1] : "A";
	len = name_parse(q->name, NULL, q->wire);
	if (len < 0)
		return options_refuse(o, "\"%s\" is no domain name", q->name);
	if (type_parse(q->type_text, &q->type) != 0)
		return options_refuse(
		    o, "\"%s\" is no record type", q->type_text);
	/* Bits after the length are cleared: a person may give any address of
	 * the network. */
	if (prefix_parse(client, &q->client) == -1)
		return options_refuse(
		    o, "\"%s\" is no address or prefix", client);
	/* A server decides for the sender then (RFC 7871, 7.1.2). */
	if (q->client.length == 0)
		return options_refuse(
		    o, "\"%s\" names no client: who is the resolver?", client);
	q->len = (size_t)len;
	name_lower(q->wire, q->wire, q->len);
	return -1;
}

/* -1 to go on; else the exit status. */
static int
parse_question(int argc, char **argv, struct question *q, bool *json)
{
	const char *client = NULL;
	struct options options;
	int key;

	options_begin(&options, &usage, argc, argv);
	while ((key = options_next(&options)) >= 0) {
		if (key == CLIENT)
			client = options.value;
		else
			*json = true;
	}
	if (options.status >= 0)
		return options.status;
	return read_question(&options, client, q);
}

static int
run(const char *path, int argc, char **argv)
{
	struct question question;
	struct generation *g;
	bool json = false;
	json_t *root;
	int status;

	status = parse_question(argc, argv, &question, &json);
	if (status >= 0)
		return status;
	g = command_load(path);
	if (g == NULL)
		return CTL_FAILED;
	root = json_object();
	status = explain(g, &question, root);
	if (json) {
		json_dumpf(root, stdout, JSON_INDENT(2) | JSON_PRESERVE_ORDER);
		putchar('\n');
	} else if (status == CTL_OK) {
		print_text(root);
	} else {
		fprintf(stderr, "%s\n", command_text(root, "error"));
	}
	json_decref(root);
	generation_release(g);
	return status;
}

const struct command command_explain = {
    .name = "explain",
    .summary = "which answer a client gets, and why",
    .run = run,
};
