/*
 * meridianctl canary: gives a pool of a service's split another share by hand,
 * lets a ramp begin again, and tells where a ramp is.  Reads its command line;
 * override_say.c says what is to be said, canary_show.c tells.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/scalar.h"
#include "ctl/canary_show.h"
#include "ctl/columns.h"
#include "ctl/command.h"
#include "ctl/override_say.h"
#include "ctl/service_named.h"
#include "steering/live.h"
#include "steering/overrides.h"

#define FORM "canary SERVICE [POOL 10%|off|again]"

#define WHOLE_PPM 1000000

static const struct options_usage usage = {
    .program = "meridianctl canary",
    .synopsis = "meridianctl [-c FILE] canary SERVICE\n"
		"meridianctl [-c FILE] canary SERVICE POOL 10%|off|again\n"
		"         [--for LENGTH] [--reason TEXT] [--author NAME]\n"
		"         [--dry-run] [--json]",
    .about = "Gives POOL such a share of the clients of SERVICE, from its "
	     "neighbour in the\n"
	     "split, whatever file and ramp say; off ends that.  again lets a "
	     "ramp that went\n"
	     "back, or is done, begin again.  With SERVICE alone: where its "
	     "ramp is.\n" OVERRIDE_STATUS,
    .rows =
	(const struct option_row[]){
	    OVERRIDE_ROW_FOR,
	    OVERRIDE_ROWS_ALL,
	    {0},
	},
};

/* --- which service, which pool --- */

/* The service ${name}; NULL after it was said that there is none, or that there
 * are several. */
static const struct policy_service *
find_service(const struct policy *policy, const char *name)
{
	char best[SERVICE_NAMED_TEXT];
	struct service_named found;
	struct nearest nearest;
	size_t n = service_named_find(policy, name, &found);

	if (n == 1)
		return found.service;
	if (n > 1) {
		fprintf(stderr,
		    "meridianctl canary: refused: \"%s\" is %s and %s: write "
		    "the name in full\n",
		    name, found.service->name, found.other->name);
		return NULL;
	}
	nearest_init(&nearest, name);
	service_named_offer(policy, &nearest, best);
	fprintf(stderr,
	    "meridianctl canary: refused: there is no service \"%s\"", name);
	if (nearest.best != NULL)
		fprintf(stderr, ", did you mean %s?", nearest.best);
	fputc('\n', stderr);
	return NULL;
}

static void
refuse_pool(const struct policy_service *service, const char *pool)
{
	fprintf(stderr,
	    "meridianctl canary: refused: \"%s\" is no pool of the split of "
	    "%s, which has ",
	    pool, service->name);
	for (unsigned m = 0; m < service->n_members; m++)
		fprintf(stderr, "%s%s", m > 0 ? ", " : "",
		    service->members[m].pool.name);
	fputs("\n", stderr);
}

static double
weight_of(const struct policy_member *member)
{
	return member->ramped ? 0 : member->weight;
}

/* Whether ${pool} can have ${ppm} of the clients of ${service}: one border
 * moves, between it and its neighbour. */
static bool
check_pool(const struct policy_service *service, const char *pool, uint32_t ppm)
{
	const struct policy_member *members = service->members;
	double all = 0, both;
	unsigned m = 0;
	int neighbour;

	while (
	    m < service->n_members && strcmp(members[m].pool.name, pool) != 0)
		m++;
	if (m == service->n_members) {
		refuse_pool(service, pool);
		return false;
	}
	neighbour = live_neighbour(service, m);
	if (neighbour < 0) {
		fprintf(stderr,
		    "meridianctl canary: refused: \"%s\" has %s: give it a "
		    "weight in the split, or a ramp that begins with it\n",
		    pool,
		    members[m].weight == 0 ? "no weight, and no ramp"
					   : "no neighbour with a weight");
		return false;
	}
	for (unsigned i = 0; i < service->n_members; i++)
		all += weight_of(&members[i]);
	both = weight_of(&members[m]) + weight_of(&members[neighbour]);
	if (ppm <= both / all * WHOLE_PPM + 1)
		return true;
	fprintf(stderr,
	    "meridianctl canary: refused: \"%s\" and its neighbour \"%s\" "
	    "have %.4g%% of the clients together: one border moves\n",
	    pool, members[neighbour].pool.name, both / all * 100);
	return false;
}

/* --- where it is --- */

static void
print_plan(const struct policy_service *service)
{
	const struct ramp_config *ramp =
	    service->config->services[service->config_index].ramp;
	int len = (int)strlen(service->name) - 1;
	char every[SCALAR_MS_TEXT], hold[SCALAR_MS_TEXT], *line;

	if (ramp == NULL)
		printf("%.*s: no ramp\n", len, service->name);
	else if (asprintf(&line,
		     "%.*s: canary %s, from %s: ramp from %g%% to %g%% by "
		     "%g%% every %s, held for %s",
		     len, service->name, ramp->pool, ramp->from,
		     ramp->start_ppm / 1e4, ramp->to_ppm / 1e4,
		     ramp->step_ppm / 1e4,
		     scalar_show_ms(ramp->every_ms, every),
		     scalar_show_ms(ramp->hold_ms, hold)) >= 0) {
		columns_wrap(stdout, 0, 4, line);
		free(line);
	}
}

/* --- the command --- */

/* The value of the override, of the words of ${o}; -1 to go on. */
static int
read_value(struct override_wish *wish, const struct options *o, uint32_t *ppm)
{
	char *value = wish->row.value;

	if (o->n_words == 2 &&
	    (strcmp(o->words[1], "off") == 0 ||
		strcmp(o->words[1], OVERRIDE_AGAIN) == 0)) {
		snprintf(value, sizeof(wish->row.value), "%s", o->words[1]);
		return -1;
	}
	if (o->n_words != 3)
		return options_refuse(o, "%s: %s",
		    o->n_words < 3 ? "a pool and its share are needed, or off, "
				     "or again"
				   : "there is a word too many",
		    FORM);
	if (scalar_parse_share(o->words[2], WHOLE_PPM, ppm) != 0)
		return override_words_refuse_value(
		    o, "share, from 0% to 100%", o->words[2], FORM);
	if (strlen(o->words[1]) + sizeof(" 100.0000%") >
	    sizeof(wish->row.value))
		return override_words_refuse_value(
		    o, "name of a pool", o->words[1], FORM);
	snprintf(value, sizeof(wish->row.value), "%.48s %g%%", o->words[1],
	    (double)*ppm / 10000);
	return -1;
}

static bool
check_wish(
    const struct policy_service *service, const struct options *o, uint32_t ppm)
{
	if (o->n_words == 3)
		return check_pool(service, o->words[1], ppm);
	if (strcmp(o->words[1], OVERRIDE_AGAIN) != 0 ||
	    service->config->services[service->config_index].ramp != NULL)
		return true;
	fprintf(stderr,
	    "meridianctl canary: refused: %s has no ramp that could begin "
	    "again\n",
	    service->name);
	return false;
}

/* With the files that ${g} are; -1 to say ${wish}. */
static int
look(const struct generation *g, struct override_wish *wish,
    const struct options *o, uint32_t ppm)
{
	const struct policy_service *service =
	    find_service(g->policy, o->words[0]);
	size_t len;

	if (service == NULL)
		return OVERRIDE_REFUSED;
	if (o->n_words == 1) {
		if (!wish->json)
			print_plan(service);
		return canary_show(g, service, wish->json);
	}
	if (!check_wish(service, o, ppm))
		return OVERRIDE_REFUSED;
	len = strlen(service->name);
	snprintf(wish->row.target, sizeof(wish->row.target), "%.*s",
	    (int)(len > 1 ? len - 1 : len), service->name);
	return -1;
}

static int
run(const char *path, int argc, char **argv)
{
	struct override_wish wish;
	struct generation *g;
	struct options o;
	uint32_t ppm = 0;
	int status =
	    override_words_read(&wish, &o, &usage, "canary", argc, argv);

	if (status >= 0)
		return status;
	if (o.n_words == 0)
		return options_refuse(&o, "a service is needed: %s", FORM);
	if (o.n_words > 1)
		status = read_value(&wish, &o, &ppm);
	if (status >= 0)
		return status;
	snprintf(wish.row.kind, sizeof(wish.row.kind), "service");
	g = command_load_quietly(path);
	if (g == NULL)
		return OVERRIDE_UNABLE;
	status = look(g, &wish, &o, ppm);
	generation_release(g);
	return status >= 0 ? status : override_say(path, &wish);
}

const struct command command_canary = {
    .name = "canary",
    .summary = "give a pool another share, or tell where a ramp is",
    .run = run,
};
