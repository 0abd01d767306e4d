/*
 * Warns of credentials that are sent so that others can read them.  Called when
 * a steering file is read to its end: only then is known where checks go.
 */
#include "config/steering_parts.h"

#include "base/private.h"

/* Somebody on the way may read what is sent to it. */
static bool
is_far(const struct address *address)
{
	return private_block_around(address) == NULL;
}

/* The first address of ${e} that is asked over a network of others, or NULL; of
 * one that is a name nobody knows. */
static const struct address *
far_address(const struct endpoint_config *e)
{
	for (size_t i = 0; i < e->n_check_at; i++)
		if (is_far(&e->check_at[i].address))
			return &e->check_at[i].address;
	if (e->n_check_at > 0)
		return NULL;
	for (size_t i = 0; i < e->n_ipv4; i++)
		if (is_far(&e->ipv4[i]))
			return &e->ipv4[i];
	for (size_t i = 0; i < e->n_ipv6; i++)
		if (is_far(&e->ipv6[i]))
			return &e->ipv6[i];
	return NULL;
}

/* Its requests go to it in plain HTTP, past others. */
static bool
asks_openly(const struct check_config *check, const struct endpoint_config *e)
{
	bool named =
	    e->resolve != NULL || (e->cname != NULL && e->n_check_at == 0);

	return !check->https && (named || far_address(e) != NULL);
}

/* So do its readings of load, which are where the check is or elsewhere. */
static bool
reads_openly(const struct check_config *check, const struct endpoint_config *e)
{
	if (!check->load.wanted || check->load.https)
		return false;
	return e->load_at.address.family != 0 ? is_far(&e->load_at.address)
					      : far_address(e) != NULL;
}

static bool
has_check(const struct pool_config *pool, const struct endpoint_config *e,
    size_t check)
{
	const struct check_set *set = steering_checks_of(pool, e);

	for (size_t i = 0; i < set->n; i++)
		if (set->checks[i] == check)
			return true;
	return false;
}

/* The first endpoint of check number ${i} that ${openly} is true of; NULL: of
 * none.  Its pool is in ${pool}. */
static const struct endpoint_config *
find_open(const struct steering_config *config, size_t i,
    bool (*openly)(
	const struct check_config *check, const struct endpoint_config *e),
    const struct pool_config **pool)
{
	for (size_t p = 0; p < config->n_pools; p++) {
		*pool = &config->pools[p];
		for (size_t k = 0; k < (*pool)->n_endpoints; k++) {
			const struct endpoint_config *e =
			    &(*pool)->endpoints[k];

			if (has_check(*pool, e, i) &&
			    openly(&config->checks[i], e))
				return e;
		}
	}
	return NULL;
}

/* Of the credentials ${node} of check number ${i}. */
static void
warn_of(struct schema *s, const struct steering_config *config, size_t i,
    const struct yaml_node *node)
{
	const struct pool_config *pool;
	const struct endpoint_config *e =
	    find_open(config, i, asks_openly, &pool);

	if (e != NULL) {
		errbuf_warn(s->eb, &node->at,
		    "%s is sent to %s of %s in plain HTTP, which anybody on "
		    "the way can read: write \"scheme: https\"",
		    node->key, e->name, pool->name);
		return;
	}
	e = find_open(config, i, reads_openly, &pool);
	if (e != NULL)
		errbuf_warn(s->eb, &node->at,
		    "%s is sent for the load of %s of %s in plain HTTP, which "
		    "anybody on the way can read: read it at the port of the "
		    "check, over https",
		    node->key, e->name, pool->name);
}

void
steering_warn_secrecy(struct schema *s, const struct steering_reader *reader)
{
	const struct yaml_node *check =
	    reader->checks != NULL ? reader->checks->first : NULL;

	for (; check != NULL; check = check->next) {
		const struct yaml_node *token = yaml_find(check, "token_file");
		const struct yaml_node *basic = yaml_find(check, "basic");

		if (token != NULL)
			warn_of(s, reader->config, check->index, token);
		if (basic != NULL)
			warn_of(s, reader->config, check->index, basic);
	}
}
