/*
 * meridianctl explain as a person uses it: whose data it is decided from, where
 * an alias leads, what was meant by a name that is none, and what is shown of a
 * client's place.
 */
#include <jansson.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "tests/system/node.h"
#include "tests/system/output.h"
#include "tests/unit/mmdb_record.h"

static const char steering[] =
    "regions:\n"
    "  us-east: {at: [39.0, -77.5], cost: 1.25}\n"
    "  eu-west: {at: [53.3, -6.3], bias: 10, cost: 2}\n"
    "networks:\n"
    "  office: {prefixes: [10.0.0.0/8], country: IE}\n"
    "pools:\n"
    "  v1:\n"
    "    endpoints:\n"
    "      - {name: us, region: us-east, address: 192.0.2.1}\n"
    "      - {name: eu, region: eu-west, address: 192.0.2.2}\n"
    "  v2:\n"
    "    endpoints:\n"
    "      - {name: new, region: us-east, address: 192.0.2.3}\n"
    "services:\n"
    "  chat: {pool: v1}\n"
    "  embed: {pool: v1}\n"
    "  near: {pool: v1, near_equal: 100%}\n"
    "  equal: {pool: v1, near_equal: 10000km}\n"
    "  canary: {split: {v1: 80, v2: 20}}\n"
    "  kept:\n"
    "    pool: v1\n"
    "    fence:\n"
    "      - {clients: {countries: [DE]}, regions: [us-east]}\n";

static const char records[] = "$TTL 300\n"
			      "@ SOA ns1 hostmaster 1 3600 600 86400 60\n"
			      "@ NS ns1\n"
			      "ns1 A 192.0.2.53\n"
			      "api CNAME chat\n"
			      "first CNAME api\n"
			      "*.any CNAME chat\n"
			      "away CNAME www.elsewhere.example.\n"
			      "round CNAME about\n"
			      "about CNAME round\n"
			      "old DNAME chat\n";

static void
start(struct node *node, struct harness *h)
{
	node_init(node, h);
	node_config(node, "");
	node_records(node, records);
	node_steering(node, "%s", steering);
	node_serve(node);
}

static void
lacks(const char *out, const char *word)
{
	ck_assert_msg(
	    strstr(out, word) == NULL, "\"%s\" is in:\n%s", word, out);
}

/* A file that was changed decides nothing until it is loaded; --files tries it.
 */
START_TEST(the_server_decides_not_the_files)
{
	struct harness *h = harness_create();
	struct node node;
	const char *out;
	char pid[64];

	start(&node, h);
	ck_assert_int_eq(node_ctl(&node, &out, "explain",
			     "chat.inference.example", "--client", "90.0.0.0"),
	    0);
	snprintf(pid, sizeof(pid),
	    "decided by  meridiand (process %d) with what it loaded at 20",
	    (int)node.server);
	ck_assert_msg(
	    strncmp(node_unwrap(out), pid, strlen(pid)) == 0, "%s", out);
	lacks(out, "has changed since");
	output_says(out, "answer      192.0.2.2 (eu of v1 in eu-west)");
	node_steering(&node,
	    "regions:\n"
	    "  mars: {at: [0, 1]}\n"
	    "pools:\n"
	    "  v2:\n"
	    "    endpoints:\n"
	    "      - {name: new, region: mars, address: 192.0.2.9}\n"
	    "services:\n"
	    "  chat: {pool: v2}\n");
	ck_assert_int_eq(node_ctl(&node, &out, "explain",
			     "chat.inference.example", "--client", "90.0.0.0"),
	    0);
	output_says(out, "answer      192.0.2.2 (eu of v1 in eu-west)");
	output_says(out, "inference.yaml has changed since");
	ck_assert_int_eq(
	    node_ctl(&node, &out, "explain", "chat.inference.example",
		"--client", "90.0.0.0", "--files"),
	    0);
	ck_assert_msg(strstr(out,
			  "decided by  the files and the state "
			  "database as they are now\n") == out,
	    "%s", out);
	output_says(out, "answer      192.0.2.9 (new of v2 in mars)");
	ck_assert_int_eq(node_ctl(&node, &out, "reload"), 0);
	ck_assert_int_eq(node_ctl(&node, &out, "explain",
			     "chat.inference.example", "--client", "90.0.0.0"),
	    0);
	output_says(out, "answer      192.0.2.9 (new of v2 in mars)");
	lacks(out, "has changed since");
	harness_stop(h, node.server);
	harness_destroy(h);
}
END_TEST

START_TEST(without_a_server_the_files_decide)
{
	struct harness *h = harness_create();
	struct node node;
	const char *out;

	start(&node, h);
	harness_stop(h, node.server);
	ck_assert_int_eq(node_ctl(&node, &out, "explain",
			     "chat.inference.example", "--client", "90.0.0.0"),
	    0);
	ck_assert_msg(strstr(out, "decided by  the files") == out, "%s", out);
	output_says(
	    out, "because meridiand does not answer at http://127.0.0.1");
	lacks(out, "?name=");
	output_says(out, "answer      192.0.2.2");
	ck_assert_int_eq(
	    node_ctl(&node, &out, "explain", "chat.inference.example",
		"--client", "90.0.0.0", "--json"),
	    0);
	output_says(out, "\"source\": \"files\"");
	output_says(out, "\"why\": \"meridiand does not answer");
	harness_destroy(h);
}
END_TEST

/* Each name, and what is said of where it leads. */
static const struct {
	const char *says, *name, *type, *want[3], *not_there;
} aliases[] = {
    {"an alias leads to the service", "api.inference.example", "A",
	{"alias       of chat.inference.example., which resolvers ask for next",
	    "owner       chat.inference.example. (exact, a service)",
	    "answer      192.0.2.2 (eu of v1 in eu-west)"},
	NULL},
    {"so do two", "first.inference.example", "AAAA",
	{"alias       of api.inference.example., ",
	    "alias       of chat.inference.example., ", "answer      nodata"},
	NULL},
    {"and a wildcard", "x.any.inference.example", "A",
	{"alias       of chat.inference.example., ", "answer      192.0.2.2"},
	NULL},
    {"one that leaves the node is the end", "away.inference.example", "A",
	{"alias       of www.elsewhere.example., ",
	    "owner       away.inference.example. (exact)", "answer      cname"},
	NULL},
    {"a circle has an end", "round.inference.example", "A",
	{"alias       of about.inference.example., ", "answer      cname"},
	NULL},
    {"a DNAME is named", "x.old.inference.example", "A",
	{"(below a DNAME)", "answer      dname"}, "alias       of"},
    {"who asks for the alias itself gets it", "api.inference.example", "CNAME",
	{"owner       api.inference.example. (exact)",
	    "answer      records of the zone file TTL 300"},
	"alias       of"},
};

START_TEST(an_alias_is_followed_to_its_service)
{
	struct harness *h = harness_create();
	struct node node;
	const char *out;

	start(&node, h);
	for (size_t i = 0; i < sizeof(aliases) / sizeof(aliases[0]); i++) {
		ck_assert_int_eq(
		    node_ctl(&node, &out, "explain", aliases[i].name,
			aliases[i].type, "--client", "90.0.0.0/24"),
		    0);
		for (int k = 0; k < 3 && aliases[i].want[k] != NULL; k++)
			ck_assert_msg(strstr(node_unwrap(out),
					  aliases[i].want[k]) != NULL,
			    "%s: no \"%s\" in:\n%s", aliases[i].says,
			    aliases[i].want[k], out);
		if (aliases[i].not_there != NULL)
			lacks(out, aliases[i].not_there);
	}
	harness_stop(h, node.server);
	harness_destroy(h);
}
END_TEST

/* Each name that is none, the exit status, and the name that is suggested. */
static const struct {
	const char *name;
	int status;
	const char *suggestion; /* NULL: none */
} slips[] = {
    {"chat", 1, "did you mean chat.inference.example?\n"},
    {"chat.inference.exmaple", 1, "did you mean chat.inference.example?\n"},
    {"chta.inference.example", 0, "did you mean chat.inference.example?\n"},
    {"Embeds.inference.example", 0, "did you mean embed.inference.example?\n"},
    {"nothing.like.it", 1, NULL},
    /* The zone's name alone makes no two names alike. */
    {"zzzz.inference.example", 0, NULL},
};

START_TEST(a_slip_suggests_a_service)
{
	struct harness *h = harness_create();
	struct node node;
	const char *out;

	start(&node, h);
	for (size_t i = 0; i < sizeof(slips) / sizeof(slips[0]); i++) {
		ck_assert_int_eq(node_ctl(&node, &out, "explain", slips[i].name,
				     "--client", "90.0.0.0/24"),
		    slips[i].status);
		if (slips[i].suggestion != NULL)
			output_says(out, slips[i].suggestion);
		else
			lacks(out, "did you mean");
	}
	harness_stop(h, node.server);
	harness_destroy(h);
}
END_TEST

/* What is known of a client is shown, and so is that nothing is. */
START_TEST(a_place_is_shown_as_far_as_it_is_known)
{
	struct harness *h = harness_create();
	struct node node;
	const char *out;

	start(&node, h);
	ck_assert_int_eq(
	    node_ctl(&node, &out, "explain", "kept.inference.example",
		"--client", "84.128.0.0/16"),
	    0);
	output_says(out, "place       country DE, continent EU, at ");
	output_says(out, "rule 1 (countries DE) keeps this client in us-east");
	ck_assert_int_eq(node_ctl(&node, &out, "explain",
			     "kept.inference.example", "--client", "10.1.2.3"),
	    0);
	output_says(out, "place       country IE, continent EU, at ");
	output_says(out, ", networks office");
	output_says(out, "no rule of the fence has this client: any region");
	ck_assert_int_eq(
	    node_ctl(&node, &out, "explain", "chat.inference.example",
		"--client", "240.0.0.0/24"),
	    0);
	output_says(out, "place       not known\n");
	lacks(out, "--resolver");
	ck_assert_int_eq(
	    node_ctl(&node, &out, "explain", "chat.inference.example",
		"--client", "192.168.1.0/24"),
	    0);
	output_says(out,
	    "place       not known the resolver's address decides: name it "
	    "with --resolver ADDRESS");
	output_says(out, "decided by the sender, of whom nothing is known\n");
	ck_assert_int_eq(
	    node_ctl(&node, &out, "explain", "chat.inference.example",
		"--client", "240.0.0.0/24"),
	    0);
	output_says(
	    out, "us-east, place not known: order of the file: us-east, ");
	ck_assert_int_eq(
	    node_ctl(&node, &out, "explain", "chat.inference.example",
		"--client", "84.128.0.0/16"),
	    0);
	output_says(out, "eu-west, by distance: eu-west ");
	output_says(out, " km (bias 10: counts as ");
	harness_stop(h, node.server);
	harness_destroy(h);
}
END_TEST

/* A node whose geography is one record of a database. */
static void
start_with_record(struct node *node, struct harness *h, const char *record)
{
	struct mmdb_writer *w = mmdb_create(6, 28);

	mmdb_insert(w, "73.0.0.0/8", mmdb_record(w, record));
	node_init(node, h);
	mmdb_save(w, harness_path(h, "city.mmdb"));
	harness_write(h, "meridian.yaml",
	    "listen: [\"127.0.0.1:%u\"]\n"
	    "http: 127.0.0.1:%u\n"
	    "geo: [city.mmdb]\n"
	    "zones: [{name: inference.example, records: inference.zone, "
	    "steering: inference.yaml}]\n",
	    node->port, node->http);
	node_records(node, records);
	node_steering(node, "%s", steering);
	node_serve(node);
}

/* City, subdivisions and how far off the position may be, where the database
 * says them. */
START_TEST(a_city_is_shown_with_what_it_lies_in)
{
	struct harness *h = harness_create();
	struct node node;
	const char *out;

	start_with_record(&node, h,
	    "{'city': {'geoname_id': 5375480, 'names': {'en': 'Mountain "
	    "View'}}, 'subdivisions': [{'iso_code': 'CA'}], 'country': "
	    "{'iso_code': 'US'}, 'continent': {'code': 'NA'}, 'location': "
	    "{'latitude': 37.4, 'longitude': -122.1, 'accuracy_radius': 20}}");
	ck_assert_int_eq(node_ctl(&node, &out, "explain",
			     "chat.inference.example", "--client", "73.1.2.3"),
	    0);
	output_says(out,
	    "place       Mountain View, US-CA, country US, continent NA, at "
	    "37.4 -122.1 give or take 20 km\n");
	ck_assert_int_eq(
	    node_ctl(&node, &out, "explain", "chat.inference.example",
		"--client", "73.1.2.3", "--json"),
	    0);
	output_says(out, "\"subdivisions\": [\n      \"US-CA\"\n    ]");
	output_says(out, "\"city\": \"Mountain View\"");
	output_says(out, "\"geoname\": 5375480");
	output_says(out, "\"accuracy_km\": 20");
	output_says(out, "\"located\": true");
	harness_stop(h, node.server);
	harness_destroy(h);
}
END_TEST

/* The numbers of a split are fields, so that no program reads them out of a
 * sentence. */
START_TEST(a_deal_is_shown_in_numbers)
{
	struct harness *h = harness_create();
	struct node node;
	const json_t *step, *deal = NULL, *shares;
	const char *out;
	json_t *root;
	double position, border;
	size_t i;

	start(&node, h);
	ck_assert_int_eq(
	    node_ctl(&node, &out, "explain", "canary.inference.example",
		"--client", "84.128.0.0/24", "--json"),
	    0);
	root = json_loads(out, 0, NULL);
	ck_assert_ptr_nonnull(root);
	json_array_foreach(json_object_get(root, "steps"), i,
	    step) if (json_object_get(step, "deal") != NULL) deal =
	    json_object_get(step, "deal");
	ck_assert_ptr_nonnull(deal);
	ck_assert_str_eq(
	    json_string_value(json_object_get(deal, "block")), "84.128.0.0/14");
	shares = json_object_get(deal, "shares");
	ck_assert_uint_eq(json_array_size(shares), 2);
	border =
	    json_real_value(json_object_get(json_array_get(shares, 0), "to"));
	ck_assert_double_eq_tol(border, 0.8, 1e-9);
	ck_assert_double_eq(
	    json_real_value(json_object_get(json_array_get(shares, 1), "to")),
	    1);
	position = json_real_value(json_object_get(deal, "position"));
	ck_assert_str_eq(json_string_value(json_object_get(deal, "pool")),
	    position < border ? "v1" : "v2");
	json_decref(root);
	/* And the text says them. */
	ck_assert_int_eq(
	    node_ctl(&node, &out, "explain", "canary.inference.example",
		"--client", "84.128.0.0/24"),
	    0);
	output_says(out, " % in the block 84.128.0.0/14: v");
	output_says(out, "(v1 from 0 % to 80 %, v2 from 80 % to 100 %)");
	/* No number is parted from its unit. */
	lacks(out, "\n            %");
	harness_stop(h, node.server);
	harness_destroy(h);
}
END_TEST

/* So are those of an order: what each region counts for, and its band. */
START_TEST(an_order_is_shown_in_numbers)
{
	struct harness *h = harness_create();
	const json_t *step, *order = NULL;
	struct node node;
	const char *out;
	json_t *root;
	size_t i;

	start(&node, h);
	ck_assert_int_eq(
	    node_ctl(&node, &out, "explain", "near.inference.example",
		"--client", "84.128.0.0/24", "--json"),
	    0);
	root = json_loads(out, 0, NULL);
	ck_assert_ptr_nonnull(root);
	json_array_foreach(json_object_get(root, "steps"), i,
	    step) if (json_object_get(step, "order") != NULL) order =
	    json_object_get(step, "order");
	ck_assert_uint_eq(json_array_size(order), 2);
	for (i = 0; i < 2; i++) {
		const json_t *region = json_array_get(order, i);
		int64_t km = json_integer_value(json_object_get(region, "km"));
		const char *name =
		    json_string_value(json_object_get(region, "region"));
		bool first = i == 0;

		ck_assert_str_eq(name, first ? "eu-west" : "us-east");
		ck_assert_int_gt(km, first ? 1000 : 6000);
		ck_assert_double_eq_tol(
		    json_real_value(json_object_get(region, "counts_km")),
		    (double)km * (first ? 0.9 : 1), 0.001);
		ck_assert_int_eq(
		    json_integer_value(json_object_get(region, "bias")),
		    first ? 10 : 0);
		ck_assert_double_eq(
		    json_real_value(json_object_get(region, "cost")),
		    first ? 2 : 1.25);
		ck_assert_int_eq(
		    json_integer_value(json_object_get(region, "band")),
		    (int)i + 1);
		ck_assert_ptr_null(json_object_get(region, "rtt_ms"));
	}
	json_decref(root);
	/* And the text says them, where cost decides. */
	ck_assert_int_eq(
	    node_ctl(&node, &out, "explain", "equal.inference.example",
		"--client", "84.128.0.0/24"),
	    0);
	output_says(out, "us-east, by distance: near equal (within 10000 km)");
	output_says(out, "at cost 1.25, eu-west");
	harness_stop(h, node.server);
	harness_destroy(h);
}
END_TEST

/* A terminal of 80 columns breaks no word, however long the steps are. */
START_TEST(no_line_is_wider_than_a_terminal)
{
	struct harness *h = harness_create();
	struct node node;
	const char *out;
	size_t lines = 0;

	start(&node, h);
	ck_assert_int_eq(
	    node_ctl(&node, &out, "explain", "kept.inference.example",
		"--client", "192.168.1.0/24"),
	    0);
	for (; *out != '\0'; lines++) {
		size_t len = strcspn(out, "\n");

		ck_assert_msg(len <= 80, "%.*s", (int)len, out);
		out += len + (out[len] == '\n');
	}
	ck_assert_uint_gt(lines, 14);
	harness_stop(h, node.server);
	harness_destroy(h);
}
END_TEST

/* Without a client subnet the resolver is the client, as in a query. */
START_TEST(a_resolver_decides_where_there_is_no_client)
{
	struct harness *h = harness_create();
	struct node node;
	const char *out;

	start(&node, h);
	ck_assert_int_eq(
	    node_ctl(&node, &out, "explain", "chat.inference.example",
		"--resolver", "90.0.0.53"),
	    0);
	output_says(out,
	    "question    chat.inference.example. A from the resolver "
	    "90.0.0.53, which names no client subnet\n");
	output_says(out, "country FR");
	output_says(out, "TTL 60 without a scope\n");
	ck_assert_int_eq(
	    node_ctl(&node, &out, "explain", "chat.inference.example",
		"--client", "0.0.0.0/0", "--resolver", "90.0.0.53"),
	    0);
	output_says(out, "country FR");
	output_says(out, "TTL 60 scope /0\n");
	harness_stop(h, node.server);
	harness_destroy(h);
}
END_TEST

/* Queries over HTTP, the status of the answer, and what is in it. */
static const struct {
	const char *query;
	int status;
	const char *want;
} pages[] = {
    {"?name=chat.inference.example&client=90.0.0.0%2f24", 200,
	"\"source\": \"server\""},
    {"?client=90.0.0.0/24&type=AAAA&name=%63hat.inference.example&more=1", 200,
	"\"kind\": \"nodata\""},
    {"?name=chat&client=90.0.0.1", 404,
	"\"suggestion\": \"chat.inference.example\""},
    {"", 400, "\"error\": \"a name is needed\""},
    {"?name=chat.inference.example", 400, "--client is missing"},
    {"?name=a..b&client=90.0.0.1", 400, "is no domain name"},
    {"?name=%ff%fe&client=nowhere", 400, "is no address or prefix"},
    {"?name=chat%00&client=90.0.0.1", 400,
	"\"error\": \"an argument holds a NUL\""},
};

START_TEST(the_page_answers_or_says_what_is_wrong)
{
	struct harness *h = harness_create();
	struct node node;
	const char *body;
	char url[256];

	start(&node, h);
	for (size_t i = 0; i < sizeof(pages) / sizeof(pages[0]); i++) {
		snprintf(url, sizeof(url),
		    "http://127.0.0.1:%u/api/v1/explain%s", node.http,
		    pages[i].query);
		ck_assert_int_eq(
		    harness_http(h, "GET", url, &body), pages[i].status);
		output_says(body, pages[i].want);
	}
	harness_stop(h, node.server);
	harness_destroy(h);
}
END_TEST

int
main(void)
{
	const struct harness_case cases[] = {
	    {"whose data", the_server_decides_not_the_files, 0},
	    {"no server", without_a_server_the_files_decide, 0},
	    {"aliases", an_alias_is_followed_to_its_service, 0},
	    {"slips", a_slip_suggests_a_service, 0},
	    {"places", a_place_is_shown_as_far_as_it_is_known, 0},
	    {"city", a_city_is_shown_with_what_it_lies_in, 0},
	    {"deal", a_deal_is_shown_in_numbers, 0},
	    {"order", an_order_is_shown_in_numbers, 0},
	    {"columns", no_line_is_wider_than_a_terminal, 0},
	    {"resolvers", a_resolver_decides_where_there_is_no_client, 0},
	    {"page", the_page_answers_or_says_what_is_wrong, 0},
	};

	return harness_main("explain", cases, sizeof(cases) / sizeof(cases[0]));
}
