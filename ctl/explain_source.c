/*
 * Asks the running server for explanations, or decides them from the files and
 * the state database with the code that the server has.  Called by meridianctl
 * explain.
 */
#include "ctl/explain_source.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "ctl/command.h"
#include "ctl/fetch.h"
#include "node/explain.h"
#include "node/explain_countries.h"
#include "node/loads.h"
#include "node/page_json.h"
#include "node/vantages.h"

#define PAGE "/api/v1/explain"
#define COUNTRIES_PAGE "/api/v1/explain/countries"

/* Prefixes of a walk; nobody waits in between here. */
#define TURN 1000000

struct explain_source {
	const char *path;
	struct server_config *config;
	struct fetch *fetch; /* NULL: no server is asked any more */
	bool answered;       /* the server has */
	char why[FETCH_WHY]; /* it was not asked; "" when it was not to be */
	struct errbuf eb;
	/* When the files decide. */
	struct generation *g;
	struct health *health;
	struct live *live;
	struct loads *loads;
	struct vantages *vantages;
};

/* Load all that decides without a server.  0, or -1 with the reason on standard
 * error. */
static int
load(struct explain_source *s)
{
	s->g = command_load(s->path);
	if (s->g == NULL)
		return -1;
	errbuf_init(&s->eb);
	s->health = command_health(s->g, &s->eb);
	if (s->health != NULL)
		s->live = health_live(s->health, s->g->policy, clock_mono_ms());
	if (s->health != NULL)
		s->vantages = vantages_create(s->health, clock_mono_ms());
	s->loads = loads_read(s->g->config->state);
	if (s->live != NULL && s->vantages != NULL && s->loads != NULL)
		return 0;
	fputs("meridianctl: no memory\n", stderr);
	return -1;
}

struct explain_source *
explain_source_open(const char *path, bool files)
{
	struct explain_source *s = calloc(1, sizeof(*s));

	if (s == NULL) {
		fputs("meridianctl: no memory\n", stderr);
		return NULL;
	}
	s->path = path;
	errbuf_init(&s->eb);
	if (!files) {
		s->config = server_config_load(path, &s->eb);
		if (s->config != NULL)
			s->fetch = fetch_open(s->config);
		else
			command_print_messages(&s->eb);
	}
	if (files ? load(s) == 0 : s->fetch != NULL)
		return s;
	explain_source_close(s);
	return NULL;
}

void
explain_source_close(struct explain_source *s)
{
	if (s == NULL)
		return;
	fetch_close(s->fetch);
	server_config_destroy(s->config);
	live_destroy(s->live);
	vantages_release(s->vantages);
	loads_destroy(s->loads);
	health_destroy(s->health);
	generation_release(s->g);
	free(s);
}

const char *
explain_source_state(const struct explain_source *s)
{
	return s->config != NULL ? s->config->state : s->g->config->state;
}

/* What the server says; NULL with s->why it says nothing. */
static json_t *
ask_server(struct explain_source *s, const struct explain_words *words)
{
	const struct fetch_argument arguments[] = {
	    {"name", words->name},
	    {"type", words->type},
	    {"client", words->client},
	    {"resolver", words->resolver},
	};
	const char *page = words->everyone ? COUNTRIES_PAGE : PAGE;
	char *body = fetch_get(s->fetch, page, arguments,
	    sizeof(arguments) / sizeof(arguments[0]), s->why);
	json_t *root;

	if (body == NULL)
		return NULL;
	root = json_loads(body, 0, NULL);
	free(body);
	if (json_is_object(root))
		return root;
	snprintf(s->why, FETCH_WHY, "the page %s is no JSON", page);
	json_decref(root);
	return NULL;
}

/* What clients of each country get. */
static void
add_countries(struct explain_source *s, const struct explain_question *question,
    json_t *root)
{
	struct explain_countries *countries =
	    explain_countries_begin(s->g, s->live, question, root);
	int status = 0;

	if (countries == NULL)
		return;
	while (status == 0)
		status = explain_countries_go(countries, TURN);
	explain_countries_end(countries, status, root);
	explain_countries_destroy(countries);
}

/* From the files; NULL without memory. */
static json_t *
decide(struct explain_source *s, const struct explain_words *words)
{
	const struct loads_look look = {.loads = s->loads,
	    .vantages = s->vantages,
	    .mono_ms = clock_mono_ms()};
	struct explain_question question;
	char why[EXPLAIN_WHY];
	json_t *root;

	if (explain_question_read(words, &question, why) != 0)
		return json_pack("{ss}", "error", why);
	root = json_pack("{ss so so}", "source", "files", "why",
	    s->why[0] != '\0' ? page_json_string(s->why) : json_null(),
	    "health", command_health_object(s->g->config, s->health, &s->eb));
	if (root != NULL && words->everyone)
		add_countries(s, &question, root);
	else if (root != NULL)
		(void)explain_answer(s->g, s->live, &look, &question, root);
	return root;
}

json_t *
explain_source_ask(struct explain_source *s, const struct explain_words *words)
{
	json_t *root;

	if (s->fetch != NULL) {
		root = ask_server(s, words);
		if (root != NULL) {
			s->answered = true;
			return root;
		}
		if (s->answered) {
			fprintf(stderr, "meridianctl: %s\n", s->why);
			return NULL;
		}
		fetch_close(s->fetch);
		s->fetch = NULL;
		if (load(s) != 0)
			return NULL;
	}
	if (s->live == NULL)
		return NULL;
	root = decide(s, words);
	if (root == NULL)
		fputs("meridianctl: no memory\n", stderr);
	return root;
}
