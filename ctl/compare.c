/*
 * meridianctl compare: asks all nodes the same questions and says where their
 * answers differ.  The clients are drawn, the questions asked, the answers
 * judged by the files compare_*.
 */
#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/array.h"
#include "base/clock.h"
#include "base/number.h"
#include "ctl/columns.h"
#include "ctl/command.h"
#include "ctl/compare_ask.h"
#include "ctl/compare_nodes.h"
#include "ctl/compare_sample.h"
#include "ctl/compare_tally.h"
#include "ctl/progress.h"
#include "ctl/service_named.h"
#include "ctl/status_nodes.h"
#include "ctl/status_text.h"
#include "node/page_json.h"

/* Exit statuses, as those of diff(1). */
enum { COMPARE_NONE, COMPARE_SOME, COMPARE_FAILED };

#define CLIENTS 1000

/* A change is in all answers within a second and the way to them: what differs
 * is asked once more after this. */
#define SETTLE_S 2

/* Questions that are asked once more; beyond these nobody waits for news. */
#define AGAIN_MAX 1000000

enum { NODES = 256, SERVER, N_CLIENTS, SEED };

static const struct options_usage usage = {
    .program = "meridianctl compare",
    .synopsis = "meridianctl [-c FILE] compare [--nodes A,B | --server "
		"ADDRESS ...]\n[--clients N] [--seed N] [--json] [SERVICE...]",
    .about = "Asks all nodes for the same clients and says whose answers "
	     "differ, by service\n"
	     "and country.  Status: 0 none differ, 1 some do, 2 it could not "
	     "be said.\n",
    .rows =
	(const struct option_row[]){
	    {NODES, "nodes", "NAMES", "these alone, with commas between"},
	    {SERVER, "server", "ADDRESS",
		"ask this name server in their place; may be repeated"},
	    {N_CLIENTS, "clients", "N", "for so many clients (1000)"},
	    {SEED, "seed", "N", "draw them by this number (1)"},
	    {'j', "json", NULL, "print one JSON object"},
	    {0},
	},
};

struct comparison {
	struct compare_nodes nodes;
	const struct generation *generation;
	const struct policy_service **services;
	size_t n_services;
	struct compare_client *clients;
	size_t n_clients;
	uint64_t seed;
	struct compare_tally *tally;
	struct progress progress;
	/* Numbers of questions: client times services and service; those that
	 * are asked are all below ${end}, or, when they are asked once more,
	 * those of ${again}. */
	size_t end, next;
	size_t *again, n_again, size_again;
	bool second;
	bool known; /* the nodes are those of the state database */
	uint64_t compared, differ, settled;
};

/* --- questions --- */

static const struct policy_service *
service_of(const struct comparison *c, size_t number)
{
	return c->services[number % c->n_services];
}

static const struct compare_client *
client_of(const struct comparison *c, size_t number)
{
	return &c->clients[number / c->n_services];
}

static uint16_t
type_of(const struct policy_service *service)
{
	return service->has[FORM_IPV4] || service->has[FORM_CNAME] ? TYPE_A
								   : TYPE_AAAA;
}

/* Its name; of a wildcard one below it that is the same for each run. */
static bool
name_of(const struct policy_service *service, size_t number, uint8_t *out)
{
	char text[NAME_TEXT + 24];

	if (strncmp(service->name, "*.", 2) != 0)
		return name_parse(service->name, NULL, out) >= 0;
	(void)snprintf(
	    text, sizeof(text), "n%zu%s", number % 1000, service->name + 1);
	return name_parse(text, NULL, out) >= 0;
}

static bool
next_question(void *context, struct compare_question *out)
{
	struct comparison *c = context;
	size_t number, all = c->second ? c->n_again : c->end;

	if (c->next == all || compare_nodes_left(&c->nodes) < 2)
		return false;
	if (!c->second)
		progress_show(&c->progress, "asking",
		    (double)c->next / (double)all, NULL);
	number = c->second ? c->again[c->next] : c->next;
	c->next++;
	out->number = number;
	out->type = type_of(service_of(c, number));
	out->client = client_of(c, number)->prefix;
	return name_of(service_of(c, number), number, out->name);
}

static void
ask_again(struct comparison *c, size_t number)
{
	size_t *grown = array_grow(
	    c->again, c->n_again, &c->size_again, sizeof(*grown), AGAIN_MAX);

	if (grown == NULL)
		return;
	c->again = grown;
	grown[c->n_again++] = number;
}

static size_t
count_came(const struct compare_answer *answers, size_t n)
{
	size_t came = 0;

	for (size_t i = 0; i < n; i++)
		came += answers[i].came;
	return came;
}

static void
judge(void *context, const struct compare_question *question,
    const struct compare_answer *answers)
{
	struct comparison *c = context;
	size_t number = question->number;
	const struct policy_service *service = service_of(c, number);
	bool differ =
	    compare_tally_differ(c->tally, service, answers, c->nodes.n);

	if (!c->second) {
		c->compared += count_came(answers, c->nodes.n) >= 2;
		if (differ)
			ask_again(c, number);
		return;
	}
	c->differ += differ;
	c->settled += !differ;
	if (differ)
		compare_tally_add(c->tally, service,
		    client_of(c, number)->country, &question->client,
		    c->nodes.node, answers, c->nodes.n);
}

static int
ask(struct comparison *c)
{
	static const struct compare_calls calls = {
	    .next = next_question, .done = judge};

	c->next = 0;
	if (compare_ask(c->nodes.node, c->nodes.n, &calls, c) == 0)
		return 0;
	fprintf(
	    stderr, "meridianctl compare: cannot ask: %s\n", strerror(errno));
	return -1;
}

static int
ask_both(struct comparison *c)
{
	const struct timespec settle = {.tv_sec = SETTLE_S};
	int status;

	c->end = c->n_clients * c->n_services;
	progress_begin(&c->progress, stderr, false);
	status = ask(c);
	progress_end(&c->progress);
	if (status != 0 || c->n_again == 0)
		return status;
	(void)nanosleep(&settle, NULL);
	c->second = true;
	return ask(c);
}

/* --- what is told --- */

static json_t *
node_list(const struct comparison *c)
{
	json_t *list = json_array();
	char at[ADDRESS_TEXT];

	for (size_t i = 0; i < c->nodes.n; i++) {
		const struct compare_node *node = &c->nodes.node[i];

		json_array_append_new(list,
		    json_pack("{ss ss sI sI sb}", "node", node->name, "address",
			endpoint_address_format(&node->at, at), "answered",
			(json_int_t)node->answered, "lost",
			(json_int_t)node->lost, "silent", node->silent));
	}
	return list;
}

static json_t *
service_list(const struct comparison *c)
{
	json_t *list = json_array();

	for (size_t i = 0; i < c->n_services; i++) {
		const struct policy_service *service = c->services[i];
		json_t *countries = compare_tally_countries(c->tally, service);
		char name[SERVICE_NAMED_TEXT];
		json_int_t differ = 0;
		size_t k;
		json_t *row;

		json_array_foreach(countries, k, row) differ +=
		    command_number(row, "differ");
		service_named_text(service, name);
		json_array_append_new(list,
		    json_pack("{ss ss sb sI so}", "service", name, "type",
			type_of(service) == TYPE_A ? "A" : "AAAA", "everybody",
			service->senders == NULL, "differ", differ, "countries",
			countries));
	}
	return list;
}

/* What is known to be wrong with the nodes, or to differ between them, as
 * status --all finds it; nothing where name servers were named. */
static json_t *
finding_list(const struct comparison *c)
{
	const struct server_config *config = c->generation->config;
	struct nodes_read known = {0};
	static struct errbuf eb;
	json_t *root = NULL, *list = NULL;

	errbuf_init(&eb);
	if (c->known && nodes_read(config->state, &known, &eb) == 0)
		root = status_nodes_object(config, &known, clock_wall_ms());
	if (command_number(root, "status") != 0)
		list = json_incref(json_object_get(root, "findings"));
	json_decref(root);
	nodes_read_finish(&known);
	return list != NULL ? list : json_array();
}

static json_t *
report(const struct comparison *c)
{
	return json_pack("{sI sI sI sI sI so so so}", "clients",
	    (json_int_t)c->n_clients, "seed", (json_int_t)c->seed, "compared",
	    (json_int_t)c->compared, "differ", (json_int_t)c->differ, "settled",
	    (json_int_t)c->settled, "nodes", node_list(c), "services",
	    service_list(c), "findings", finding_list(c));
}

static void
print_country(const json_t *row)
{
	const json_t *answers = json_object_get(row, "answers");
	const char *node;
	json_t *list, *record;
	size_t i;

	printf("  %-14s %8lld  %s\n", command_text(row, "country"),
	    command_number(row, "differ"), command_text(row, "client"));
	json_object_foreach((json_t *)(uintptr_t)answers, node, list)
	{
		printf("    %-16s", node);
		json_array_foreach(list, i, record) printf(
		    "%s%s", i > 0 ? ", " : " ", json_string_value(record));
		putchar('\n');
	}
}

static void
print_services(const json_t *root)
{
	const json_t *services = json_object_get(root, "services");
	size_t i, k;
	json_t *service, *row;

	json_array_foreach(services, i, service)
	{
		if (!command_is_true(service, "everybody"))
			printf("%s: counts client subnets of some resolvers "
			       "only: asked as this machine\n",
			    command_text(service, "service"));
		if (command_number(service, "differ") == 0)
			continue;
		printf("%s: %lld clients get different answers\n",
		    command_text(service, "service"),
		    command_number(service, "differ"));
		json_array_foreach(json_object_get(service, "countries"), k,
		    row) print_country(row);
	}
}

static void
print_text(const json_t *root)
{
	const json_t *findings = json_object_get(root, "findings");
	long long differ = command_number(root, "differ");
	size_t i;
	json_t *node;

	json_array_foreach(json_object_get(root, "nodes"), i, node)
	    printf("%-16s %-24s %s%lld answered, %lld lost\n",
		command_text(node, "node"), command_text(node, "address"),
		command_is_true(node, "silent") ? "SILENT: " : "",
		command_number(node, "answered"), command_number(node, "lost"));
	print_services(root);
	if (differ > 0)
		printf("%lld of %lld answers differ%s\n", differ,
		    command_number(root, "compared"),
		    json_array_size(findings) > 0
			? ""
			: ", and nothing tells why: nodes may know other "
			  "things of health for a moment; ask again");
	else if (command_number(root, "compared") > 0)
		printf("%lld answers compared, all the same\n",
		    command_number(root, "compared"));
	if (differ > 0)
		status_text_findings(findings);
}

static int
tell(const struct comparison *c, bool json)
{
	json_t *root = report(c);

	if (json)
		command_print_object(root);
	else
		print_text(root);
	json_decref(root);
	if (c->differ > 0)
		return COMPARE_SOME;
	if (c->compared == 0 || compare_nodes_left(&c->nodes) < c->nodes.n) {
		fprintf(stderr,
		    "meridianctl compare: not all nodes answer: "
		    "see whether meridiand runs there, and whether "
		    "this machine may ask it\n");
		return COMPARE_FAILED;
	}
	return COMPARE_NONE;
}

/* --- what is asked --- */

/* All services that stand for themselves, or those that are named. */
static int
choose(struct comparison *c, char *const *words, int n)
{
	const struct policy *policy = c->generation->policy;
	struct service_named found;

	c->services = calloc(policy->n_services + (size_t)n + 1,
	    sizeof(const struct policy_service *));
	if (c->services == NULL)
		return -1;
	for (int i = 0; i < n; i++) {
		if (service_named_find(policy, words[i], &found) != 1) {
			fprintf(stderr,
			    "meridianctl compare: there is no service \"%s\", "
			    "or there are several: write its full name\n",
			    words[i]);
			return OPTIONS_WRONG;
		}
		c->services[c->n_services++] = found.service;
	}
	for (size_t i = 0; n == 0 && i < policy->n_zones; i++)
		for (size_t k = 0; k < policy->zones[i].n_services; k++)
			c->services[c->n_services++] =
			    &policy->zones[i].services[k];
	if (c->n_services > 0)
		return 0;
	fprintf(stderr, "meridianctl compare: there are no services\n");
	return -1;
}

static int
compare(struct comparison *c, bool json)
{
	c->tally = compare_tally_create(c->generation->policy);
	c->clients =
	    compare_sample(c->generation->geography, c->n_clients, c->seed);
	if (c->tally == NULL || c->clients == NULL) {
		fprintf(stderr, "meridianctl: no memory\n");
		return COMPARE_FAILED;
	}
	return ask_both(c) == 0 ? tell(c, json) : COMPARE_FAILED;
}

static int
begin(const char *path, struct comparison *c, const struct options *o,
    const char *names, bool json)
{
	struct generation *g = command_load_quietly(path);
	int status = COMPARE_FAILED;

	c->generation = g;
	c->known = c->nodes.n == 0;
	if (g != NULL && compare_nodes_find(&c->nodes, g->config, names) == 0) {
		status = choose(c, o->words, o->n_words);
		if (status == 0)
			status = compare(c, json);
		else if (status != OPTIONS_WRONG)
			status = COMPARE_FAILED;
	}
	free(c->services);
	free(c->clients);
	free(c->again);
	compare_tally_destroy(c->tally);
	generation_release(g);
	return status;
}

static int
run(const char *path, int argc, char **argv)
{
	static struct comparison c;
	const char *names = NULL;
	struct options o;
	uint64_t number;
	bool json = false;
	int key, status;

	c = (struct comparison){.n_clients = CLIENTS, .seed = 1};
	options_begin(&o, &usage, argc, argv);
	while ((key = options_next(&o)) >= 0) {
		if (key == NODES)
			names = o.value;
		else if (key == 'j')
			json = true;
		else if (key == SERVER) {
			if (compare_nodes_add(&c.nodes, o.value) != 0)
				return options_refuse(&o,
				    "--server takes an address, at most %d "
				    "times, not \"%s\"",
				    COMPARE_NODES_MAX, o.value);
		} else if (number_parse(o.value, strlen(o.value),
			       key == SEED ? 0 : 1,
			       key == SEED ? INT64_MAX : COMPARE_CLIENTS_MAX,
			       &number) != 0)
			return options_refuse(&o,
			    "--%s takes a number, not \"%s\"",
			    key == SEED ? "seed" : "clients", o.value);
		else if (key == SEED)
			c.seed = number;
		else
			c.n_clients = (size_t)number;
	}
	if (o.status >= 0)
		return o.status;
	if (names != NULL && c.nodes.n > 0)
		return options_refuse(
		    &o, "--nodes and --server exclude each other");
	status = begin(path, &c, &o, names, json);
	compare_nodes_finish(&c.nodes);
	return status;
}

const struct command command_compare = {
    .name = "compare",
    .summary = "whether all nodes give the same answers",
    .run = run,
};
