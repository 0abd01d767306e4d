/*
 * Goes through the classes of clients of all services and finds those that a
 * change leaves too little.  Called by meridianctl; changes nothing.
 */
#include "steering/safety.h"

#include <string.h>

#include "config/country.h"
#include "config/nested.h"
#include "steering/geo/matchers.h"
#include "steering/safety_words.h"

/*
 * Classes of one service that are looked at one by one.  With more, as of
 * services with dozens of rules each inside one another, those of the service
 * itself are, as if the services inside it had no fence; these are services of
 * the file themselves, with their own classes.
 */
#define CLASSES_MAX 65536

struct check {
	const struct policy *policy;
	struct safety_counts *counts;
	struct safety_breach *breach;
	struct text *words;
};

/* The classes of the clients of one service: one for each rule, up to one that
 * has everyone, else and one for those of no rule. */
static uint32_t
rules_of(const struct service_config *service)
{
	for (size_t i = 0; i < service->n_fences; i++)
		if (service->fences[i].clients.everyone)
			return (uint32_t)i + 1;
	return (uint32_t)service->n_fences + 1;
}

/* The services that ${service} consists of, all at their first rule.  Returns
 * how many classes they have together. */
static uint64_t
first_class(const struct policy_service *service, struct safety_class *class)
{
	const struct service_config *own =
	    &service->config->services[service->config_index];
	uint64_t classes = 1;

	memset(class->rule, 0, sizeof(class->rule));
	class->list[0] = own;
	class->n = 1 + nested_services(service->config, own, class->list + 1);
	for (size_t i = 0; i < class->n && classes <= CLASSES_MAX; i++)
		classes *= rules_of(class->list[i]);
	return classes;
}

/* The next one; those of the service itself go slowest.  False: that was all.
 */
static bool
next_class(struct safety_class *class, size_t n)
{
	for (size_t i = n; i-- > 0;) {
		if (++class->rule[i] < rules_of(class->list[i]))
			return true;
		class->rule[i] = 0;
	}
	return false;
}

/* Whether rule ${rule} of ${service} tells clients of one country apart. */
static bool
is_finer(const struct service_config *service, uint32_t rule)
{
	const struct clients_config *c;

	if (rule >= service->n_fences)
		return false;
	c = &service->fences[rule].clients;
	return c->unknown || c->n_subdivisions > 0 || c->n_cities > 0 ||
	    c->n_near > 0 || c->n_networks > 0 || c->n_asns > 0;
}

/* Whether the clients of ${country} (NULL: of whom nothing is known) are those
 * of ${class}, as far as a country tells. */
static bool
is_of(const struct safety_class *class, const struct matchers *matchers,
    const struct country *country)
{
	struct place place = {.longitude = 0};
	const struct nesting nesting = {.n = 0};

	if (country != NULL) {
		memcpy(place.country, country->code, sizeof(place.country));
		memcpy(place.continent, country->continent,
		    sizeof(place.continent));
	}
	for (size_t i = 0; i < class->n; i++) {
		uint32_t rule = matchers_find(&matchers[i], &place, &nesting);

		if (rule == MAP_NO_RULE)
			rule = (uint32_t) class->list[i]->n_fences;
		if (rule != class->rule[i] &&
		    !is_finer(class->list[i], class->rule[i]))
			return false;
	}
	return true;
}

/* Whether any client meets the rules of ${class} together: 1, 0, or -1 without
 * memory. */
static int
is_met(const struct safety_class *class)
{
	struct matchers matchers[STEERING_MAX_PATHS + 1];
	const struct country *country;
	size_t made = 0;
	int status = 0;

	for (; made < class->n && status == 0; made++) {
		const struct service_config *one = class->list[made];

		status = matchers_init(&matchers[made], one->n_fences);
		for (size_t k = 0; k < one->n_fences && status == 0; k++)
			status = matchers_set(
			    &matchers[made], k, &one->fences[k].clients);
	}
	if (status == 0)
		status = is_of(class, matchers, NULL);
	for (size_t i = 0; status == 0 && (country = country_at(i)) != NULL;
	     i++)
		status = is_of(class, matchers, country);
	while (made > 0)
		matchers_finish(&matchers[--made]);
	return status;
}

/* Whether ${count} is less than ${safety} leaves a class. */
static bool
is_breach(const struct safety_config *safety, const struct safety_count *count,
    enum safety_tier tier)
{
	if (count->after[tier].n >= count->before[tier].n)
		return false;
	return count->after[tier].n < safety->least ||
	    (safety->share_ppm > 0 &&
		safety_share(count, tier) < safety->share_ppm);
}

/* Look at one class: 1 when it is left too little, 0, or -1. */
static int
look(struct check *check, const struct policy_service *service,
    const struct safety_class *class)
{
	struct safety_count count;
	enum safety_tier tier;
	int met;

	safety_counts_class(check->counts, service, class, &count);
	tier = count.before[SAFETY_UP].n > 0 ? SAFETY_UP : SAFETY_ANY;
	if (!is_breach(&service->config->safety, &count, tier))
		return 0;
	met = is_met(class);
	if (met == 1 && check->breach->classes++ == 0) {
		check->breach->service = service;
		safety_words(
		    check->policy, service, class, &count, tier, check->words);
	}
	return met;
}

static int
check_service(struct check *check, const struct policy_service *service)
{
	struct safety_class class;
	uint64_t classes;
	int any = 0, one;

	if (!safety_counts_changed(check->counts, service))
		return 0;
	classes = first_class(service, &class);
	if (classes > CLASSES_MAX)
		for (size_t i = 1; i < class.n; i++)
			class.rule[i] = (uint32_t) class.list[i]->n_fences;
	do {
		one = look(check, service, &class);
		any |= one == 1;
	} while (one >= 0 &&
	    next_class(&class, classes > CLASSES_MAX ? 1 : class.n));
	check->breach->services += (uint32_t)any;
	return one < 0 ? -1 : 0;
}

int
safety_check(const struct policy *policy, const struct live *before,
    const struct live *after, struct safety_breach *breach, struct text *words)
{
	struct check check = {.policy = policy,
	    .counts = safety_counts_create(policy, before, after),
	    .breach = breach,
	    .words = words};
	int status = check.counts != NULL ? 0 : -1;

	*breach = (struct safety_breach){.classes = 0};
	for (size_t i = 0; i < policy->n_zones && status == 0; i++)
		for (size_t k = 0;
		     k < policy->zones[i].n_services && status == 0; k++)
			status = check_service(
			    &check, &policy->zones[i].services[k]);
	safety_counts_destroy(check.counts);
	if (status != 0)
		return -1;
	return breach->classes > 0;
}
