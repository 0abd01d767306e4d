/*
 * Says a breach of the safety rule as an operator reads it at night: who, how
 * little, and what was the last.  Called by safety.c; judges nothing.
 */
#include "steering/safety_words.h"

#include <string.h>

#include "steering/clients_words.h"
#include "steering/outlook.h"

/* "rule 1 (continents EU) of ", or "no rule of ". */
static void
say_rule(struct text *t, const struct steering_config *config,
    const struct service_config *service, uint32_t rule)
{
	if (rule >= service->n_fences) {
		text_add(t, "no rule of ");
		return;
	}
	text_add(t, "rule %u (", rule + 1);
	clients_words(t, config, &service->fences[rule].clients);
	text_add(t, ") of ");
}

/* "clients of rule 1 (continents EU) of chat.example". */
static void
say_clients(struct text *t, const struct policy_service *service,
    const struct safety_class *class)
{
	int len = (int)strlen(service->name);
	const char *before = "clients of ";

	if (len > 1)
		len--; /* without the last dot */
	for (size_t i = 0; i < class->n; i++) {
		const struct service_config *one = class->list[i];

		if (one->n_fences == 0)
			continue;
		text_add(t, "%s", before);
		say_rule(t, service->config, one, class->rule[i]);
		if (i == 0)
			text_add(t, "%.*s", len, service->name);
		else
			text_add(t, "%s", one->name);
		before = " and of ";
	}
	if (class->list[0]->n_fences > 0)
		return;
	if (before[0] == ' ')
		text_add(t, ", in %.*s,", len, service->name);
	else
		text_add(t, "all clients of %.*s", len, service->name);
}

/* "eu-west is the last region up and not drained (us-east is not)". */
static void
say_last(struct text *t, const struct policy *policy,
    const struct policy_service *service, const struct safety_count *count,
    enum safety_tier tier)
{
	const struct policy_endpoint *last =
	    &policy->endpoints[count->last[tier]];
	uint64_t had = count->had[tier], others = count->regions & ~had;
	bool several = (had & (had - 1)) != 0;

	if (count->before[tier].n == 1) {
		text_add(t, "%s of pool %s in %s is the last endpoint",
		    last->key.endpoint, last->key.pool,
		    policy->regions[last->region].name);
	} else {
		outlook_regions(service, had, t);
		text_add(t,
		    several ? " are the last regions" : " is the last region");
	}
	text_add(t,
	    tier == SAFETY_UP ? " up and not drained"
			      : " not drained, and none is checked yet");
	if (others == 0)
		return;
	text_add(t, " (");
	outlook_regions(service, others, t);
	text_add(t, (others & (others - 1)) != 0 ? " are not)" : " is not)");
}

/* Whether clients of the rule ${rule} are sent anywhere when nothing inside the
 * fence is left. */
static bool
leaves_fence(const struct service_config *service, uint32_t rule)
{
	if (rule >= service->n_fences || service->fences[rule].hard)
		return false;
	for (size_t i = 0; i < service->n_resorts; i++)
		if (service->resorts[i] == RESORT_UNFENCED)
			return true;
	return false;
}

/* "25%" of millionths. */
static void
say_share(struct text *t, double ppm)
{
	text_add(t, "%.6g%%", ppm / 10000);
}

void
safety_words(const struct policy *policy, const struct policy_service *service,
    const struct safety_class *class, const struct safety_count *count,
    enum safety_tier tier, struct text *t)
{
	const struct safety_config *safety = &service->config->safety;
	const struct safety_sum *left = &count->after[tier];

	say_clients(t, service, class);
	text_add(t, " would be left with ");
	if (left->n == 0) {
		text_add(t, "nothing: ");
		say_last(t, policy, service, count, tier);
		if (leaves_fence(class->list[0], class->rule[0]))
			text_add(t,
			    "; their fence is soft: they would be "
			    "sent out of it");
		return;
	}
	text_add(t, "%u endpoint%s", left->n, text_plural(left->n));
	if (left->n < safety->least) {
		text_add(t, ", and safety asks for %u (least)", safety->least);
		return;
	}
	text_add(t, ", ");
	say_share(t, safety_share(count, tier));
	text_add(t,
	    " of the %s that they have in the file, and safety asks "
	    "for ",
	    count->capacity ? "capacity" : "weight");
	say_share(t, safety->share_ppm);
	text_add(t, " (share)");
}
