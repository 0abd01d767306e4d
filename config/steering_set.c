/*
 * The `check` of a pool or of an endpoint: one check, or several and how many
 * of them must be up.  Called by the reader of pools; knows no step of a check.
 */
#include <string.h>

#include "config/scalar.h"
#include "config/steering_parts.h"

const struct check_set *
steering_checks_of(
    const struct pool_config *pool, const struct endpoint_config *endpoint)
{
	return endpoint->checks.n > 0 ? &endpoint->checks : &pool->checks;
}

bool
steering_is_checked(const struct pool_config *pool)
{
	for (size_t i = 0; i < pool->n_endpoints; i++)
		if (steering_checks_of(pool, &pool->endpoints[i])->n > 0)
			return true;
	return false;
}

/* --- what checks of one set must have in common --- */

static bool
same_quorum(const struct check_config *a, const struct check_config *b)
{
	return a->quorum == b->quorum && a->quorum_count == b->quorum_count &&
	    a->quorum_regions == b->quorum_regions &&
	    a->quorum_near == b->quorum_near;
}

/* The vantages vote on the endpoint, not on its checks; and it has one load. */
static void
check_together(struct schema *s, const struct yaml_node *value,
    const struct check_set *set)
{
	const struct steering_reader *reader = s->context;
	const struct check_config *checks = reader->config->checks;
	const struct check_config *first = &checks[set->checks[0]];
	const struct check_config *load = NULL;

	for (size_t i = 0; i < set->n; i++) {
		const struct check_config *check = &checks[set->checks[i]];

		if (!same_quorum(check, first))
			schema_error(s, value,
			    "check \"%s\" has another \"quorum\" than \"%s\": "
			    "vantages vote on an endpoint as a whole, so write "
			    "the same in both",
			    check->name, first->name);
		if (check->load.wanted && load != NULL)
			schema_error(s, value,
			    "checks \"%s\" and \"%s\" both have \"load\", and "
			    "an endpoint has one: leave it in one of them",
			    load->name, check->name);
		if (check->load.wanted)
			load = check;
	}
}

/* --- reading --- */

/* Its checks, from a list or the name of one; needed are ${need} of them, 0:
 * all.  The set stays as it was after an error. */
static void
take(struct schema *s, const struct yaml_node *value, unsigned need,
    struct check_set *set)
{
	struct steering_reader *reader = s->context;
	unsigned before = s->eb->errors;
	const struct yaml_node *item;
	uint32_t *checks;
	size_t n;

	item = schema_list(s, value, CHECK_SET_MAX, &n);
	if (item == NULL ||
	    (checks = schema_array(s, n, sizeof(*checks))) == NULL)
		return;
	for (size_t i = 0; i < n; i++, item = schema_next(value, item)) {
		int64_t at = schema_reference(s, item, "check", reader->checks);

		if (at < 0)
			continue;
		reader->check_used[at] = true;
		checks[i] = (uint32_t)at;
		for (size_t k = 0; k < i; k++)
			if (checks[k] == checks[i] && s->eb->errors == before)
				schema_error(s, item,
				    "the check \"%s\" is named twice",
				    item->text);
	}
	if (s->eb->errors != before)
		return;
	*set = (struct check_set){
	    .checks = checks, .n = n, .need = need == 0 ? (unsigned)n : need};
	if (schema_ok(s))
		check_together(s, value, set);
}

/* What a set says of itself as a mapping. */
struct set_reading {
	const struct yaml_node *all, *any, *of;
	uint32_t need;
};

static void
keep_node(struct schema *s, const struct yaml_node *value,
    const struct schema_key *key, void *out)
{
	(void)s;
	(void)key;
	*(const struct yaml_node **)out = value;
}

static const struct schema_key set_keys[] = {
    {.name = "all",
	.read = keep_node,
	.offset = offsetof(struct set_reading, all)},
    {.name = "any",
	.read = keep_node,
	.offset = offsetof(struct set_reading, any)},
    {.name = "need",
	.read = scalar_u32,
	.offset = offsetof(struct set_reading, need),
	.min = 1,
	.max = CHECK_SET_MAX},
    {.name = "of",
	.read = keep_node,
	.offset = offsetof(struct set_reading, of)},
};

/* {need: 2, of: [a, b, c]} */
static void
take_some(struct schema *s, const struct yaml_node *value,
    const struct set_reading *r, struct check_set *set)
{
	const struct yaml_node *need = yaml_find(value, "need");
	size_t n;

	if (r->of == NULL || need == NULL) {
		schema_error(s, value,
		    "\"need\" and \"of\" go together ({need: 2, of: [a, b, "
		    "c]})");
		return;
	}
	if (r->need == 0)
		return; /* that was said */
	n = r->of->kind == YAML_LIST ? r->of->n : 1;
	if (n > 0 && r->need > n)
		schema_error(s, need,
		    "%u of %zu checks cannot be up: write 1 to %zu",
		    (unsigned)r->need, n, n);
	else
		take(s, r->of, r->need, set);
}

static void
take_map(struct schema *s, const struct yaml_node *value, struct check_set *set)
{
	struct set_reading r = {.all = NULL};
	unsigned before = s->eb->errors;
	bool some;

	schema_map(
	    s, value, set_keys, sizeof(set_keys) / sizeof(set_keys[0]), &r);
	some = yaml_find(value, "need") != NULL || r.of != NULL;
	if ((r.all != NULL) + (r.any != NULL) + some != 1) {
		if (s->eb->errors == before)
			schema_error(s, value,
			    "expected one of {all: [a, b]}, {any: [a, b]} and "
			    "{need: 2, of: [a, b, c]}");
		return;
	}
	if (some)
		take_some(s, value, &r, set);
	else
		take(s, r.all != NULL ? r.all : r.any, r.any != NULL, set);
}

void
steering_read_check_set(struct schema *s, const struct yaml_node *value,
    const struct schema_key *key, void *set)
{
	(void)key;
	if (value->kind == YAML_MAP)
		take_map(s, value, set);
	else if (value->kind == YAML_SCALAR && yaml_empty(value))
		schema_expected(s, value, "the name of a check");
	else
		take(s, value, 0, set);
}

/* --- what they look at --- */

static bool
has_family(const struct endpoint_config *e, const struct check_config *check)
{
	bool ipv4 = e->n_ipv4 > 0, ipv6 = e->n_ipv6 > 0;

	if (e->n_check_at > 0)
		ipv4 = ipv6 = false;
	for (size_t i = 0; i < e->n_check_at; i++)
		if (e->check_at[i].address.family == 4)
			ipv4 = true;
		else
			ipv6 = true;
	return (ipv4 && check->ipv4) || (ipv6 && check->ipv6);
}

/* Each address of a name is judged by itself, by all its checks. */
static void
check_named(struct schema *s, const struct pool_config *pool, const char *name,
    const struct endpoint_config *e)
{
	const struct steering_reader *reader = s->context;
	const struct check_config *checks = reader->config->checks;
	const struct check_set *set = steering_checks_of(pool, e);

	for (size_t i = 1; i < set->n; i++) {
		const struct check_config *a = &checks[set->checks[0]];
		const struct check_config *b = &checks[set->checks[i]];

		if (a->ipv4 != b->ipv4 || a->ipv6 != b->ipv6)
			errbuf_error(s->eb, &e->at,
			    "endpoint \"%s\" of pool \"%s\" has the addresses "
			    "of a name, and checks \"%s\" and \"%s\" differ in "
			    "\"families\": each address is judged by all of "
			    "them, so write the same in both",
			    e->name, name, a->name, b->name);
	}
}

void
steering_check_probed(
    struct schema *s, const struct pool_config *pool, const char *name)
{
	const struct steering_reader *reader = s->context;

	for (size_t i = 0; i < pool->n_endpoints; i++) {
		const struct endpoint_config *e = &pool->endpoints[i];
		const struct check_set *set = steering_checks_of(pool, e);

		/* The name says at what addresses. */
		if (e->resolve != NULL ||
		    (e->cname != NULL && e->n_check_at == 0)) {
			check_named(s, pool, name, e);
			continue;
		}
		for (size_t k = 0; k < set->n; k++) {
			const struct check_config *check =
			    &reader->config->checks[set->checks[k]];

			if (!has_family(e, check))
				errbuf_error(s->eb, &e->at,
				    "endpoint \"%s\" of pool \"%s\" has no "
				    "address of the families that check \"%s\" "
				    "looks at",
				    e->name, name, check->name);
		}
	}
}
