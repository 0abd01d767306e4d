/*
 * What clients are given of an endpoint: addresses, its own or those of a name,
 * or a name that they are led to by a CNAME; never a mixture in one service.
 * Called by the readers of pools and services; looks no name up.
 */
#include <string.h>

#include "config/domain.h"
#include "config/shown.h"
#include "config/steering_parts.h"

/* What no name of a host has: the rest of a URL, a port, the length of a
 * prefix, a wildcard.  The DNS would take it as part of a label, in a name that
 * is not there.  Labels as `_dns` are names of services. */
static char
of_no_host(const char *text)
{
	for (; *text != '\0'; text++)
		if (!(*text >= 'a' && *text <= 'z') &&
		    !(*text >= 'A' && *text <= 'Z') &&
		    !(*text >= '0' && *text <= '9') &&
		    strchr("-_.", *text) == NULL)
			return *text;
	return '\0';
}

void
steering_read_domain(struct schema *s, const struct yaml_node *value,
    const struct schema_key *key, void *name)
{
	char domain[DOMAIN_TEXT + 1], shown[SHOWN_SIZE];
	struct address address;
	size_t len;

	(void)key;
	if (value->kind == YAML_SCALAR &&
	    address_parse(value->text, &address) == 0) {
		schema_error(s, value,
		    "%s is an address, expected a domain name: addresses are "
		    "given as \"address\"",
		    shown_text(value->text, shown));
		return;
	}
	if (value->kind != YAML_SCALAR ||
	    !domain_canonical(value->text, domain) ||
	    strcmp(domain, ".") == 0) {
		schema_expected(s, value,
		    "a domain name in full (lb.eu-west-1.example.net)");
		return;
	}
	if (of_no_host(value->text) != '\0') {
		schema_error(s, value,
		    "%s has a '%c', and no host is called so: write its name "
		    "alone (lb.eu-west-1.example.net)",
		    shown_text(value->text, shown), of_no_host(value->text));
		return;
	}
	/* A name without a dot is one of the zone to people who know zone
	 * files, and one below the root to the others. */
	if (strchr(value->text, '.') == NULL) {
		schema_error(s, value,
		    "%s has no dot: write the name in full "
		    "(lb.eu-west-1.example.net)",
		    shown_text(value->text, shown));
		return;
	}
	len = strlen(domain);
	domain[len] = '.';
	domain[len + 1] = '\0';
	*(const char **)name = schema_strdup(s, domain);
}

void
steering_check_endpoint(struct schema *s, const struct yaml_node *value,
    const struct endpoint_config *endpoint)
{
	static const char *const ways[] = {"address", "resolve", "cname"};
	const struct yaml_node *first = NULL, *found;

	for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
		found = yaml_find(value, ways[i]);
		if (found != NULL && first != NULL)
			errbuf_error(s->eb, &found->key_at,
			    "\"%s\" and \"%s\" exclude each other", first->key,
			    found->key);
		if (first == NULL)
			first = found;
	}
	if (first == NULL && value->kind == YAML_MAP)
		errbuf_error(s->eb, &endpoint->at,
		    "endpoints: the key \"address\", \"resolve\" or \"cname\" "
		    "is "
		    "missing");
}

bool
steering_check_forms(struct schema *s, const struct pool_config *pool)
{
	const struct endpoint_config *first = &pool->endpoints[0], *e;

	for (size_t i = 1; i < pool->n_endpoints; i++) {
		e = &pool->endpoints[i];
		if ((e->cname != NULL) == (first->cname != NULL))
			continue;
		errbuf_error(s->eb, &e->at,
		    "endpoint \"%s\" has %s, but \"%s\" in line %u has %s: "
		    "they cannot be mixed",
		    e->name, e->cname != NULL ? "a cname" : "addresses",
		    first->name, first->at.line,
		    first->cname != NULL ? "a cname" : "addresses");
		return false;
	}
	return true;
}

/* The first endpoint of ${service}, and of those inside it, that has a cname,
 * or the first that has none; NULL when there is no such one. */
static const struct endpoint_config *
find_endpoint(const struct steering_config *config,
    const struct service_config *service, bool cname)
{
	for (size_t i = 0; i < service->n_split; i++) {
		const struct pool_config *pool =
		    &config->pools[service->split[i].pool];
		const struct endpoint_config *inside = pool->service == NULL
		    ? NULL
		    : find_endpoint(config, pool->service, cname);

		if (inside != NULL)
			return inside;
		/* All of a pool are alike. */
		if (pool->n_endpoints > 0 &&
		    (pool->endpoints[0].cname != NULL) == cname)
			return &pool->endpoints[0];
		if (pool->origin == STEERING_NONE)
			continue;
		pool = &config->pools[pool->origin];
		if (pool->n_endpoints > 0 &&
		    (pool->endpoints[0].cname != NULL) == cname)
			return &pool->endpoints[0];
	}
	return NULL;
}

/* What a service of CNAMEs cannot have: a name has one CNAME, and no other
 * data (RFC 1034, 3.6.2). */
static void
check_cname(struct schema *s, const struct service_config *service,
    const struct endpoint_config *e)
{
	if (service->answers > 1)
		errbuf_error(s->eb, &service->at,
		    "service '%s': answers: %u, but endpoint \"%s\" in line "
		    "%u has a cname, of which an answer has one (RFC 1034, "
		    "3.6.2)",
		    service->name, service->answers, e->name, e->at.line);
	if (service->https != NULL || service->svcb != NULL)
		errbuf_error(s->eb, &service->at,
		    "service '%s': \"%s\" is no data of a name with a CNAME, "
		    "and endpoint \"%s\" in line %u has a cname (RFC 1034, "
		    "3.6.2): the record is one of the name it leads to",
		    service->name, service->https != NULL ? "https" : "svcb",
		    e->name, e->at.line);
}

void
steering_check_services(
    struct schema *s, struct service_config *services, size_t n)
{
	const struct steering_reader *reader = s->context;
	const struct steering_config *config = reader->config;

	for (size_t i = 0; i < n; i++) {
		struct service_config *service = &services[i];
		const struct endpoint_config *cname =
		    find_endpoint(config, service, true);
		const struct endpoint_config *address =
		    find_endpoint(config, service, false);

		service->cname = cname != NULL;
		if (cname != NULL && address != NULL)
			errbuf_error(s->eb, &service->at,
			    "service '%s': endpoint \"%s\" in line %u has a "
			    "cname, but \"%s\" in line %u has addresses: they "
			    "cannot be mixed",
			    service->name, cname->name, cname->at.line,
			    address->name, address->at.line);
		else if (cname != NULL)
			check_cname(s, service, cname);
	}
}
