/*
 * Compiles the services inside a service, and looks whether the fences of all
 * leave clients anything together.  Called by policy_service.c when a policy is
 * compiled; decides nothing for a client.
 *
 * Fences of two services may contradict each other for some clients alone, and
 * rules that no client meets together are no mistake.  So clients are tried: of
 * each country, of each network, and of whom nothing is known.  Rules that tell
 * clients of one country apart are not tried further.
 */
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "config/country.h"
#include "config/nested.h"
#include "steering/geo/matchers.h"
#include "steering/policy_build.h"

/* More than the rules of all services on the ways need in a message. */
#define WORDS_MAX 4096

struct sample {
	struct place place;
	struct nesting nesting;
	const char *kind, *name; /* "the country", "DE" */
};

struct check {
	const struct policy_service *service; /* the outermost */
	const struct service_config *list[STEERING_MAX_PATHS + 1];
	struct matchers matchers[STEERING_MAX_PATHS + 1]; /* of their fences */
	size_t n;
	/* Of each, for the sample that is tried: the rule that has it. */
	uint8_t rule[STEERING_MAX_PATHS + 1];
};

/* The rules of all services.  0, or -1 without memory. */
static int
begin(struct check *c)
{
	const struct steering_config *config = c->service->config;

	c->list[0] = &config->services[c->service->config_index];
	c->n = 1 + nested_services(config, c->list[0], c->list + 1);
	for (size_t i = 0; i < c->n; i++) {
		const struct service_config *service = c->list[i];

		if (matchers_init(&c->matchers[i], service->n_fences) != 0)
			return -1;
		for (size_t k = 0; k < service->n_fences; k++)
			if (matchers_set(&c->matchers[i], k,
				&service->fences[k].clients) != 0)
				return -1;
	}
	return 0;
}

static void
finish(struct check *c)
{
	for (size_t i = 0; i < c->n; i++)
		matchers_finish(&c->matchers[i]);
}

/* The regions that ${service} alone lets the sample be sent to. */
static uint64_t
own_fence(
    const struct check *c, const struct policy_service *service, bool lifted)
{
	const struct service_config *config =
	    &service->config->services[service->config_index];
	size_t i = 0;

	while (c->list[i] != config)
		i++;
	if (c->rule[i] == MAP_NO_RULE ||
	    (lifted && !config->fences[c->rule[i]].hard))
		return UINT64_MAX;
	return config->fences[c->rule[i]].regions;
}

/* Those of ${inside} where ${service} has endpoints for the sample. */
static uint64_t
reach(const struct check *c, const struct policy_service *service,
    uint64_t inside, bool lifted)
{
	uint64_t regions = 0;

	inside &= own_fence(c, service, lifted);
	for (unsigned m = 0; m < service->n_members && inside != 0; m++) {
		const struct policy_member *member = &service->members[m];

		if (service != c->service && member->weight == 0)
			continue;
		/* At most STEERING_MAX_DEPTH deep. */
		regions |= member->pool.nested != NULL
		    ? reach(c, member->pool.nested, inside, lifted)
		    : inside & policy_member_regions(member);
	}
	return regions;
}

/* "rule 1 of 'a', rule 2 of 'b'": those that have the sample. */
static void
add_rules(const struct check *c, bool hard, struct text *t)
{
	const char *before = "";

	for (size_t i = 0; i < c->n; i++) {
		if (c->rule[i] == MAP_NO_RULE ||
		    (hard && !c->list[i]->fences[c->rule[i]].hard))
			continue;
		text_add(t, "%srule %u of '%s'", before, c->rule[i] + 1u,
		    c->list[i]->name);
		before = ", ";
	}
}

/* Try one client; false when something was said. */
static bool
try_one(struct policy_build *b, struct check *c, const struct sample *sample)
{
	const struct service_config *service = c->list[0];
	bool lost, passed_over;
	struct text rules;

	for (size_t i = 0; i < c->n; i++)
		c->rule[i] = matchers_find(
		    &c->matchers[i], &sample->place, &sample->nesting);
	lost = reach(c, c->service, UINT64_MAX, true) == 0;
	passed_over = reach(c, c->service, UINT64_MAX, false) == 0;
	if (!lost && !passed_over)
		return true;
	text_init(&rules, WORDS_MAX);
	add_rules(c, lost, &rules);
	if (lost)
		errbuf_error(b->eb, &service->at,
		    "hard fences leave service '%s' no region for clients of "
		    "%s%s: %s",
		    service->name, sample->kind, sample->name,
		    rules.data != NULL ? rules.data : "");
	else
		errbuf_warn(b->eb, &service->at,
		    "fences leave service '%s' no region for clients of %s%s, "
		    "who always get the last resort: %s",
		    service->name, sample->kind, sample->name,
		    rules.data != NULL ? rules.data : "");
	text_finish(&rules);
	return false;
}

/* Try all until something was said. */
static void
try_all(struct policy_build *b, struct check *c)
{
	const struct steering_config *config = c->service->config;
	const struct sample unknown = {.kind = "whom nothing is known", ""};
	const struct country *country;

	if (!try_one(b, c, &unknown))
		return;
	for (size_t i = 0; (country = country_at(i)) != NULL; i++) {
		struct sample sample = {
		    .kind = "the country ", .name = country->code};

		memcpy(sample.place.country, country->code, 3);
		memcpy(sample.place.continent, country->continent, 3);
		if (!try_one(b, c, &sample))
			return;
	}
	for (size_t i = 0; i < config->n_networks; i++) {
		struct sample sample = {.kind = "the network ",
		    .name = config->networks[i].name,
		    .nesting = {.n = 1, .networks = {(uint16_t)i}}};

		network_move(&config->networks[i], &sample.place);
		if (!try_one(b, c, &sample))
			return;
	}
}

static void
check_fences(struct policy_build *b, const struct policy_service *service)
{
	struct check *c = calloc(1, sizeof(*c));

	if (c != NULL)
		c->service = service;
	if (c == NULL || begin(c) != 0)
		policy_out_of_memory(b);
	else
		try_all(b, c);
	if (c != NULL)
		finish(c);
	free(c);
}

/* What ${inner} is inside ${outer}; NULL without memory.  At most
 * STEERING_MAX_DEPTH deep, and STEERING_MAX_PATHS of them. */
static const struct policy_service *
make_inside(struct policy_build *b, const struct policy_service *inner,
    const struct policy_service *outer)
{
	struct policy_service *made = arena_alloc(b->arena, sizeof(*made));
	struct policy_member *members;

	if (made == NULL)
		return NULL;
	*made = *inner;
	made->outermost = outer->outermost != NULL ? outer->outermost : outer;
	made->depth = outer->depth + 1;
	made->answers = outer->answers;
	made->regions = outer->regions;
	made->one_class = outer->one_class;
	if (outer->ttl_max_s < made->ttl_max_s)
		made->ttl_max_s = outer->ttl_max_s;
	if (outer->ttl_min_s < made->ttl_min_s)
		made->ttl_min_s = outer->ttl_min_s;
	if (!made->nests)
		return made;
	members = arena_array(b->arena, made->n_members, sizeof(*members));
	if (members == NULL)
		return NULL;
	made->members = members;
	for (unsigned m = 0; m < made->n_members; m++) {
		members[m] = inner->members[m];
		if (members[m].pool.nested == NULL)
			continue;
		members[m].pool.nested =
		    make_inside(b, members[m].pool.nested, made);
		if (members[m].pool.nested == NULL)
			return NULL;
	}
	return made;
}

/* The services inside ${service}, as they are there.  0, or -1 without memory.
 */
static int
make_all(struct policy_build *b, struct policy_service *service)
{
	struct policy_member *members =
	    arena_array(b->arena, service->n_members, sizeof(*members));

	if (members == NULL)
		return policy_out_of_memory(b);
	for (unsigned m = 0; m < service->n_members; m++) {
		const struct policy_service *inner =
		    service->members[m].pool.nested;

		if (inner != NULL && !inner->one_class)
			service->one_class = false;
	}
	for (unsigned m = 0; m < service->n_members; m++) {
		members[m] = service->members[m];
		if (members[m].pool.nested == NULL)
			continue;
		members[m].pool.nested =
		    make_inside(b, members[m].pool.nested, service);
		if (members[m].pool.nested == NULL)
			return policy_out_of_memory(b);
	}
	service->members = members;
	return 0;
}

int
policy_nest_build(
    struct policy_build *b, struct policy_service *service, bool sound)
{
	if (make_all(b, service) != 0)
		return -1;
	if (sound && service->fenced_within)
		check_fences(b, service);
	return 0;
}
