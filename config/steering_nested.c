/*
 * Pools that are services of the same file: which one each is, and that they
 * nest in no circle, not too deep and not in too many ways.  Called by the
 * readers of pools and services; decides nothing for a client.
 */
#include <inttypes.h>
#include <stdlib.h>

#include "base/text.h"
#include "config/scalar.h"
#include "config/steering_parts.h"

/* The longest way that a message shows; a longer one is cut. */
#define WAY_MAX 1024

static const struct {
	const char *key, *why;
} of_endpoints[] = {
    {"endpoints", "a pool has endpoints or is a service"},
    {"check", "the pools of the service have checks of their own"},
    {"min_up", "the pools of the service have their own"},
    {"drained", "the pools of the service have their own"},
    {"slow_start", "the pools of the service have their own"},
    {"families", "the pools of the service have their own"},
    {"maintenance", "the pools of the service have their own"},
    {"keep", "the pools of the service have their own"},
    {"spill", "the pools of the service have their own"},
    {"even", "the pools of the service have their own"},
    {"trickle", "the pools of the service have their own"},
    {"kind", "the pools of the service have their own"},
    {"spread", "the pools of the service have their own"},
    {"origin", "the pools of the service have their own"},
};

bool
steering_nested_pool(struct schema *s, const struct yaml_node *value)
{
	const struct yaml_node *node;

	if (yaml_find(value, "service") == NULL)
		return false;
	for (size_t i = 0; i < sizeof(of_endpoints) / sizeof(of_endpoints[0]);
	     i++) {
		node = yaml_find(value, of_endpoints[i].key);
		if (node != NULL)
			errbuf_error(s->eb, &node->key_at,
			    "\"%s\" and \"service\" exclude each other: %s",
			    of_endpoints[i].key, of_endpoints[i].why);
	}
	return true;
}

void
steering_nested_find(struct schema *s, const struct yaml_node *services)
{
	struct steering_reader *reader = s->context;
	const struct steering_config *config = reader->config;

	for (size_t i = 0; i < config->n_pools; i++) {
		const struct yaml_node *node = reader->pool_service[i];
		int64_t n = node == NULL
		    ? -1
		    : schema_reference(s, node, "service", services);

		if (n >= 0)
			reader->pool_list[i].service = &config->services[n];
	}
}

/* Whether any pool of the file is a service. */
static bool
any_nests(const struct steering_config *config)
{
	for (size_t i = 0; i < config->n_pools; i++)
		if (config->pools[i].service != NULL)
			return true;
	return false;
}

/* What is known of a service: whether its way is walked now or has been, and
 * what was found inside. */
struct known {
	bool begun, done;
	size_t next;    /* member of its split that is walked next */
	unsigned depth; /* of the services inside it */
	size_t deepest; /* which of them that goes through */
	uint64_t paths; /* to pools */
};

struct walk {
	struct schema *s;
	const struct steering_config *config;
	struct known *known; /* by the index of a service */
	size_t *way;         /* services that are walked now */
	size_t len;
	bool circle; /* was found: nothing can be added up */
};

static const char *
name_of(const struct walk *w, size_t service)
{
	return w->config->services[service].name;
}

/* Say that ${pool}, of the last service of the way, leads back to ${service} of
 * it. */
static void
say_circle(struct walk *w, uint32_t pool, size_t service)
{
	const struct steering_reader *reader = w->s->context;
	size_t i = w->len - 1;
	struct text t;

	w->circle = true;
	while (w->way[i] != service)
		i--;
	text_init(&t, WAY_MAX);
	for (; i < w->len; i++)
		text_add(&t, "%s > ", name_of(w, w->way[i]));
	text_add(&t, "%s", name_of(w, service));
	errbuf_error(w->s->eb, &reader->pool_service[pool]->at,
	    "services nest in a circle, %s: a service may not be inside itself",
	    t.data != NULL ? t.data : "");
	text_finish(&t);
}

/* Say that too many services are inside each other below ${service}. */
static void
say_depth(const struct walk *w, size_t service)
{
	struct text t;

	text_init(&t, WAY_MAX);
	text_add(&t, "%s", name_of(w, service));
	for (size_t i = service; w->known[i].depth > 0; i = w->known[i].deepest)
		text_add(&t, " > %s", name_of(w, w->known[i].deepest));
	errbuf_error(w->s->eb, &w->config->services[service].at,
	    "services nest %u deep, %s: at most %d is accepted",
	    w->known[service].depth, t.data != NULL ? t.data : "",
	    STEERING_MAX_DEPTH);
	text_finish(&t);
}

/* The index of the service that member ${i} of the split of ${service} is, or
 * -1. */
static int64_t
inner_of(const struct walk *w, size_t service, size_t i)
{
	const struct split_config *split = w->config->services[service].split;
	const struct service_config *inner =
	    w->config->pools[split[i].pool].service;

	return inner != NULL ? inner - w->config->services : -1;
}

/* All that is inside ${service} is known: add it up, and refuse it where it is
 * the first on its way that is too much. */
static void
sum_up(struct walk *w, size_t service)
{
	const struct service_config *config = &w->config->services[service];
	struct known *k = &w->known[service];
	bool said = false;

	k->done = true;
	if (w->circle)
		return;
	for (size_t i = 0; i < config->n_split; i++) {
		int64_t inner = inner_of(w, service, i);
		const struct known *below = &w->known[inner < 0 ? 0 : inner];

		k->paths += inner < 0 ? 1 : below->paths;
		if (inner < 0)
			continue;
		said = said || below->paths > STEERING_MAX_PATHS;
		if (below->depth + 1 > k->depth) {
			k->depth = below->depth + 1;
			k->deepest = (size_t)inner;
		}
	}
	if (k->depth == STEERING_MAX_DEPTH + 1)
		say_depth(w, service);
	if (k->paths > STEERING_MAX_PATHS && !said)
		errbuf_error(w->s->eb, &config->at,
		    "service \"%s\" leads to pools in %" PRIu64 " ways "
		    "through the services inside it, at most %d are accepted: "
		    "let its split, or one of theirs, name fewer pools",
		    config->name, k->paths, STEERING_MAX_PATHS);
	/* Those around it are not refused for the same. */
	if (k->paths > STEERING_MAX_PATHS)
		k->paths = STEERING_MAX_PATHS + 1;
}

/* One step from the last service of the way: into the next one inside it, or
 * back. */
static void
step(struct walk *w)
{
	size_t service = w->way[w->len - 1];
	const struct service_config *config = &w->config->services[service];
	struct known *k = &w->known[service];
	uint32_t pool;
	int64_t inner;

	if (k->next == config->n_split) {
		sum_up(w, service);
		w->len--;
		return;
	}
	pool = config->split[k->next].pool;
	inner = inner_of(w, service, k->next++);
	if (inner < 0 || w->known[inner].done)
		return;
	if (w->known[inner].begun) {
		say_circle(w, pool, (size_t)inner);
		return;
	}
	w->known[inner].begun = true;
	w->way[w->len++] = (size_t)inner;
}

/* Walk all ways; errors are said. */
static void
walk_all(struct walk *w)
{
	for (size_t i = 0; i < w->config->n_services; i++) {
		if (w->known[i].begun)
			continue;
		w->known[i].begun = true;
		w->way[w->len++] = i;
		while (w->len > 0)
			step(w);
	}
}

/* Where a pool that is ${service} has endpoints. */
static uint64_t
regions_inside(
    const struct steering_reader *reader, const struct service_config *service)
{
	uint64_t regions = 0;

	for (size_t i = 0; i < service->n_split; i++) {
		const struct split_config *split = &service->split[i];
		const struct service_config *inner =
		    reader->config->pools[split->pool].service;

		/* No service inside another has a last resort. */
		if (split->weight > 0)
			regions |= inner != NULL
			    ? regions_inside(reader, inner)
			    : steering_edge_regions(reader, split->pool);
	}
	return regions;
}

/* What ${inner} says for its own clients and not for those of ${outer}. */
static void
warn_inner(struct schema *s, const struct service_config *outer,
    const struct service_config *inner)
{
	const struct steering_reader *reader = s->context;

	if (inner->ecs != ECS_ON && outer->ecs == ECS_ON)
		errbuf_warn(s->eb, &outer->at,
		    "service \"%s\" is inside \"%s\": its \"ecs\" does not "
		    "count for clients of \"%s\", whose client subnets all do",
		    inner->name, outer->name, outer->name);
	if (inner->answers > outer->answers)
		errbuf_warn(s->eb, &outer->at,
		    "service \"%s\" is inside \"%s\": its \"answers\", %u, "
		    "does not count for clients of \"%s\", who get %u",
		    inner->name, outer->name, inner->answers, outer->name,
		    outer->answers);
	if ((inner->https != NULL && outer->https == NULL) ||
	    (inner->svcb != NULL && outer->svcb == NULL))
		errbuf_warn(s->eb, &outer->at,
		    "service \"%s\" is inside \"%s\": its \"%s\" does not "
		    "count for clients of \"%s\", which has none",
		    inner->name, outer->name,
		    inner->https != NULL && outer->https == NULL ? "https"
								 : "svcb",
		    outer->name);
	for (size_t i = 0; i < inner->n_split; i++)
		if (inner->split[i].weight == 0) {
			errbuf_warn(s->eb, &outer->at,
			    "service \"%s\" is inside \"%s\": its pool \"%s\" "
			    "of weight 0 is never used for clients of \"%s\", "
			    "for the last resort is that of \"%s\"",
			    inner->name, outer->name,
			    reader->config->pools[inner->split[i].pool].name,
			    outer->name, outer->name);
			return;
		}
}

static void
take_inner(struct schema *s)
{
	struct steering_reader *reader = s->context;
	const struct steering_config *config = reader->config;

	for (size_t i = 0; i < config->n_pools; i++)
		if (config->pools[i].service != NULL)
			reader->pool_regions[i] =
			    regions_inside(reader, config->pools[i].service);
	for (size_t i = 0; i < config->n_services; i++) {
		const struct service_config *outer = &config->services[i];

		for (size_t k = 0; k < outer->n_split; k++) {
			const struct service_config *inner =
			    config->pools[outer->split[k].pool].service;

			if (inner != NULL)
				warn_inner(s, outer, inner);
		}
	}
}

bool
steering_nested_check(struct schema *s)
{
	const struct steering_reader *reader = s->context;
	size_t n = reader->config->n_services;
	struct walk w = {.s = s, .config = reader->config};

	if (!any_nests(reader->config))
		return true;
	/* A split may name what it should not. */
	if (!schema_ok(s))
		return false;
	w.known = calloc(n, sizeof(*w.known));
	w.way = calloc(n, sizeof(*w.way));
	if (w.known != NULL && w.way != NULL)
		walk_all(&w);
	else
		errbuf_error(s->eb, &reader->config->services[0].at,
		    "no memory for the services inside others");
	free(w.known);
	free(w.way);
	if (!schema_ok(s))
		return false;
	take_inner(s);
	return true;
}
