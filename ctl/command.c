/*
 * What several subcommands of meridianctl do: load the files, read the state,
 * print messages.  Called by them only; changes nothing.
 */
#include "ctl/command.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "node/generation_health.h"
#include "node/latencies.h"
#include "node/page_json.h"
#include "state/reader.h"

int
command_no_words(const struct options_usage *usage, int argc, char **argv)
{
	struct options options;

	options_begin(&options, usage, argc, argv);
	(void)options_next(&options);
	if (options.status < 0 && options.n_words > 0)
		return options_refuse(
		    &options, "\"%s\" is a word too many", options.words[0]);
	return options.status;
}

void
command_print_messages(const struct errbuf *eb)
{
	fputs(eb->text, stderr);
	if (eb->lost > 0)
		fprintf(stderr, "and %u more messages\n", eb->lost);
}

void
command_print_object(const json_t *object)
{
	json_dumpf(object, stdout, JSON_INDENT(2) | JSON_PRESERVE_ORDER);
	putchar('\n');
}

const char *
command_text(const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));

	return text != NULL && text[0] != '\0' ? text : "-";
}

long long
command_number(const json_t *object, const char *key)
{
	return (long long)json_integer_value(json_object_get(object, key));
}

bool
command_is_true(const json_t *object, const char *key)
{
	return json_is_true(json_object_get(object, key));
}

/* Nothing is counted here. */
static uint32_t
no_slot(
    void *context, const char *service, const char *pool, const char *region)
{
	(void)context;
	(void)service;
	(void)pool;
	(void)region;
	return UINT32_MAX;
}

/* ${g}, or in place of it one whose maps are made from the round trips that the
 * state database has.  Where they cannot be read a server would go on by
 * distance, too. */
static struct generation *
measure(struct generation *g, const struct policy_outcomes *outcomes,
    struct errbuf *eb)
{
	const struct mark at = {.file = g->config->state};
	struct errbuf *why = malloc(sizeof(*why));
	struct generation *measured = NULL;
	struct kept *latency = NULL;

	if (why != NULL) {
		errbuf_init(why);
		latency = latencies_read(g->config->state, why);
	}
	if (latency == NULL)
		errbuf_warn(eb, &at,
		    "no round trips can be read: services that rank by latency "
		    "go by distance");
	else
		measured = generation_measure(g, latency, outcomes, eb);
	kept_release(latency);
	free(why);
	if (measured == NULL)
		return g;
	generation_release(g);
	return measured;
}

static const struct policy_outcomes uncounted = {.slot = no_slot};

/* With all messages in ${eb}. */
static struct generation *
load_into(
    const char *path, const struct policy_outcomes *outcomes, struct errbuf *eb)
{
	struct generation *generation;

	generation = generation_load(path, outcomes, NULL, eb);
	if (generation != NULL && generation_ranks_by_latency(generation))
		generation = measure(generation, outcomes, eb);
	/* A server would go on without the zones that have errors. */
	if (errbuf_ok(eb))
		return generation;
	generation_release(generation);
	return NULL;
}

/* A load that went well says nothing when it is ${quiet}. */
static struct generation *
load(const char *path, bool quiet, const struct policy_outcomes *outcomes)
{
	struct errbuf *eb = malloc(sizeof(*eb));
	struct generation *generation;

	if (eb == NULL)
		return NULL;
	errbuf_init(eb);
	generation = load_into(path, outcomes, eb);
	if (!quiet || !errbuf_ok(eb))
		command_print_messages(eb);
	free(eb);
	return generation;
}

struct generation *
command_load_into(const char *path, struct errbuf *eb)
{
	return load_into(path, &uncounted, eb);
}

struct generation *
command_load(const char *path)
{
	return load(path, false, &uncounted);
}

struct generation *
command_load_counted(const char *path, const struct policy_outcomes *outcomes)
{
	return load(path, false, outcomes);
}

struct generation *
command_load_quietly(const char *path)
{
	return load(path, true, &uncounted);
}

int
command_on_files(const char *path,
    int (*run)(
	const struct generation *generation, void *context, struct errbuf *eb),
    void *context)
{
	struct errbuf *eb = malloc(sizeof(*eb));
	struct generation *g = eb != NULL ? command_load_quietly(path) : NULL;
	int status = -1;

	if (g != NULL) {
		errbuf_init(eb);
		status = run(g, context, eb);
		command_print_messages(eb);
	}
	generation_release(g);
	free(eb);
	return status == 0 ? CTL_OK : CTL_FAILED;
}

int
command_on_node(const char *path,
    int (*run)(
	const struct server_config *config, void *context, struct errbuf *eb),
    void *context)
{
	struct errbuf *eb = malloc(sizeof(*eb));
	struct server_config *config;
	int status = -1;

	if (eb == NULL)
		return CTL_FAILED;
	errbuf_init(eb);
	config = server_config_glance(path, eb);
	if (config != NULL) {
		errbuf_init(eb);
		status = run(config, context, eb);
	}
	command_print_messages(eb);
	server_config_destroy(config);
	free(eb);
	return status == 0 ? CTL_OK : CTL_FAILED;
}

struct live *
command_all_up(const struct policy *policy)
{
	struct live *live = live_create(policy);

	if (live == NULL)
		return NULL;
	memset(live->endpoint, USABLE_YES, policy->n_endpoints);
	live_judge(live, policy);
	return live;
}

struct health *
command_health(const struct generation *generation, struct errbuf *eb)
{
	return generation_health(generation, false, eb);
}

struct health *
command_health_found(const struct generation *generation, struct errbuf *eb)
{
	return generation_health(generation, true, eb);
}

/* The age of the freshest heartbeat by the wall clocks, which is all that one
 * look can tell; -1 when there is none. */
static int64_t
health_age(const struct health *health)
{
	int64_t age = -1, now = clock_wall_ms();
	size_t n = health_vantages(health, clock_mono_ms(), NULL, 0);
	struct health_vantage *v = calloc(n + 1, sizeof(*v));

	if (v == NULL)
		return -1;
	n = health_vantages(health, clock_mono_ms(), v, n);
	for (size_t i = 0; i < n; i++) {
		int64_t mine = now - v[i].heartbeat_ms;

		if (age < 0 || mine < age)
			age = mine > 0 ? mine : 0;
	}
	free(v);
	return age;
}

json_t *
command_health_object(const struct server_config *config,
    const struct health *health, const struct errbuf *eb)
{
	int64_t age = health_age(health);

	return json_pack("{ss so sb so}", "database", config->state, "age_ms",
	    age >= 0 ? json_integer(age) : json_null(), "stale",
	    age < 0 || age > (int64_t)config->stale_after_ms, "trouble",
	    errbuf_ok(eb) ? json_null() : page_json_string(eb->text));
}
