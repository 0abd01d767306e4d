/*
 * meridianctl explain: which answer a client would get, and why.  Asks the
 * running server; with --files, or where none answers, decides from the files
 * and the state database as they are now, with the code that the server has.
 */
#include <jansson.h>
#include <stdlib.h>

#include "base/clock.h"
#include "ctl/command.h"
#include "ctl/explain_text.h"
#include "ctl/fetch.h"
#include "node/explain.h"
#include "node/page_json.h"

#define PAGE "/api/v1/explain"

/* Explained with what the state database says now; NULL without memory. */
static json_t *
explain_with_state(const struct generation *g,
    const struct explain_question *question, const char *why)
{
	static struct errbuf eb;
	struct health *health;
	struct live *live = NULL;
	json_t *root = NULL;

	errbuf_init(&eb);
	health = command_health(g, &eb);
	if (health != NULL)
		live = health_live(health, g->policy, clock_mono_ms());
	if (live != NULL) {
		root = json_pack("{ss so so}", "source", "files", "why",
		    why != NULL ? page_json_string(why) : json_null(), "health",
		    command_health_object(g->config, health, &eb));
		(void)explain_answer(g, live, question, root);
	}
	live_destroy(live);
	health_destroy(health);
	return root;
}

/* A dry run; ${why} no server was asked, or NULL.  NULL with the reason on
 * standard error. */
static json_t *
explain_files(
    const char *path, const struct explain_question *question, const char *why)
{
	struct generation *g = command_load(path);
	json_t *root;

	if (g == NULL)
		return NULL;
	root = explain_with_state(g, question, why);
	if (root == NULL)
		fputs("meridianctl: no memory\n", stderr);
	generation_release(g);
	return root;
}

/* What the server says; NULL with ${why} it says nothing. */
static json_t *
ask_server(const struct server_config *config,
    const struct explain_words *words, char why[FETCH_WHY])
{
	const struct fetch_argument arguments[] = {
	    {"name", words->name},
	    {"type", words->type},
	    {"client", words->client},
	    {"resolver", words->resolver},
	};
	char *body = fetch_query(config, PAGE, arguments,
	    sizeof(arguments) / sizeof(arguments[0]), why);
	json_t *root;

	if (body == NULL)
		return NULL;
	root = json_loads(body, 0, NULL);
	free(body);
	if (!json_is_object(root)) {
		snprintf(why, FETCH_WHY, "the page %s is no JSON", PAGE);
		json_decref(root);
		return NULL;
	}
	return root;
}

/* From the server, or else from the files. */
static json_t *
explain(const char *path, const struct explain_words *words,
    const struct explain_question *question)
{
	static struct errbuf eb;
	struct server_config *config;
	char why[FETCH_WHY];
	json_t *root;

	errbuf_init(&eb);
	config = server_config_load(path, &eb);
	if (config == NULL) {
		command_print_messages(&eb);
		return NULL;
	}
	root = ask_server(config, words, why);
	server_config_destroy(config);
	return root != NULL ? root : explain_files(path, question, why);
}

/* Options without a letter. */
enum { CLIENT = 256, RESOLVER, FILES };

static const struct options_usage usage = {
    .program = "meridianctl explain",
    .synopsis = "meridianctl [-c FILE] explain NAME [TYPE] --client PREFIX\n"
		"         [--resolver ADDRESS] [--files] [--json]",
    .about =
	"Says which answer a client of PREFIX gets for NAME, and why, step by\n"
	"step.  TYPE is A unless given.  The running server is asked.\n",
    .rows =
	(const struct option_row[]){
	    {CLIENT, "client", "PREFIX",
		"an address or a prefix: 203.0.113.0/24"},
	    {RESOLVER, "resolver", "ADDRESS",
		"who sends the query; without --client it names no client"},
	    {FILES, "files", NULL,
		"decide from the files as they are now, ask no server"},
	    {'j', "json", NULL, "print one JSON object"},
	    {0},
	},
};

struct wishes {
	struct explain_words words;
	struct explain_question question;
	bool files, json;
};

/* -1 to go on; else the exit status. */
static int
read_wishes(int argc, char **argv, struct wishes *out)
{
	char why[EXPLAIN_WHY];
	struct options o;
	int key;

	options_begin(&o, &usage, argc, argv);
	while ((key = options_next(&o)) >= 0) {
		if (key == CLIENT)
			out->words.client = o.value;
		else if (key == RESOLVER)
			out->words.resolver = o.value;
		else if (key == FILES)
			out->files = true;
		else
			out->json = true;
	}
	if (o.status >= 0)
		return o.status;
	if (o.n_words < 1 || o.n_words > 2)
		return options_refuse(
		    &o, "a name, and perhaps a type, are needed");
	out->words.name = o.words[0];
	out->words.type = o.n_words == 2 ? o.words[1] : NULL;
	if (explain_question_read(&out->words, &out->question, why) != 0)
		return options_refuse(&o, "%s", why);
	return -1;
}

static int
run(const char *path, int argc, char **argv)
{
	struct wishes wishes = {0};
	json_t *root;
	int status = read_wishes(argc, argv, &wishes);

	if (status >= 0)
		return status;
	root = wishes.files ? explain_files(path, &wishes.question, NULL)
			    : explain(path, &wishes.words, &wishes.question);
	if (root == NULL)
		return CTL_FAILED;
	status = json_object_get(root, "error") != NULL ? CTL_FAILED : CTL_OK;
	if (wishes.json) {
		json_dumpf(root, stdout, JSON_INDENT(2) | JSON_PRESERVE_ORDER);
		putchar('\n');
	} else {
		explain_text_print(root);
	}
	json_decref(root);
	return status;
}

const struct command command_explain = {
    .name = "explain",
    .summary = "which answer a client gets, and why",
    .run = run,
};
