/*
 * The table of the rules of meridianctl advise.  Called by the reader of
 * meridian.yaml and by the rules; decides nothing.
 */
#include "config/advise.h"

#include <string.h>

#define SHARE "% of answers"

/* Each number has its reason in meridian-advise(7), beside what the rule finds.
 */
const struct advise_rule_row advise_rules[ADVISE_RULES] = {
    [ADVISE_N1] = {"n-1", false, 100, 10, 1000, "% of the capacity", 1000,
	"sampled answers of the region",
	"the loss of a region would overload another"},
    [ADVISE_WEIGHTS] = {"weights", false, 1.5, 1.01, 100, "times its share", 2,
	"endpoints with a measured capacity",
	"weights are not as the capacity that was measured"},
    [ADVISE_HOT_NAME] = {"hot-name", false, 2, 1.01, 100,
	"times the load of the others", 3, "endpoints with a measured load",
	"a cache has far more load than the others of its region"},
    [ADVISE_UNUSED_REGION] = {"unused-region", true, 0.1, 0.0001, 50, SHARE,
	10000, "answers of its services", "a region that nearly nobody gets"},
    [ADVISE_FAR_CLIENTS] = {"far-clients", false, 1000, 10, 20000,
	"km nearer, on average, by one more region", 1000, "sampled answers",
	"clients are far from their region, and one more would help most"},
    [ADVISE_NO_RULE] = {"no-rule", false, 1, 0.001, 20, SHARE, 1000,
	"sampled answers", "countries that no rule has, where nearly all have"},
    [ADVISE_UNKNOWN_CLIENTS] = {"unknown-clients", false, 0.1, 0.001, 50, SHARE,
	1000, "sampled answers",
	"a hard fence that has no rule for unknown clients"},
    [ADVISE_SINGLE_REGION] = {"single-region", false, 50, 0.1, 99, SHARE, 10000,
	"answers", "clients who have one region and no other"},
    [ADVISE_SINGLE_ENDPOINT] = {"single-endpoint", false, 50, 0.1, 99, SHARE,
	10000, "answers", "clients who have one endpoint and no other"},
    [ADVISE_SINGLE_VANTAGE] = {"single-vantage", true, 2, 1, 100, "vantages", 1,
	"checked endpoints", "few vantages decide what is up"},
    [ADVISE_FAILOVER_TIME] = {"failover-time", false, 120, 1, 86400, "s", 0,
	"failovers", "clients wait longer than the objective for a failover"},
    [ADVISE_FLAPPING] = {"flapping", false, 4, 0.01, 10000, "times down a day",
	5, "times down", "an endpoint that goes down and up again and again"},
    [ADVISE_AVAILABILITY] = {"availability", false, 1, 0.001, 99,
	"% of the time down", 24, "hours",
	"an endpoint that was down for long"},
    [ADVISE_CERTIFICATE] = {"certificate", true, 21, 1, 365, "days", 0,
	"certificates", "a certificate that is about to end"},
    [ADVISE_CANARY_SHARE] = {"canary-share", false, 25, 1, 1000,
	"% off what is set", 10000, "answers",
	"a canary gets another share than was set"},
    [ADVISE_CANARY_HEALTH] = {"canary-health", false, 1, 0.001, 99,
	"points of availability less", 24, "hours",
	"a canary is down more than what it is to follow"},
    [ADVISE_CANARY_LATENCY] = {"canary-latency", false, 1.3, 1.01, 100,
	"times as slow", 1, "endpoints measured on either side",
	"a canary is slower than what it is to follow"},
    [ADVISE_NO_SUBNET] = {"no-subnet", false, 80, 1, 99.9, SHARE, 10000,
	"answers", "most queries tell nothing of the client's network"},
    [ADVISE_NARROW_SCOPES] = {"narrow-scopes", false, 50, 1, 99,
	"% of answers with a subnet", 10000, "answers with a subnet",
	"answers hold for few clients, so that caches hardly help"},
    [ADVISE_NO_FAMILY] = {"no-family", false, 25, 1, 99, SHARE, 10000,
	"answers", "queries for a family that no endpoint has"},
    [ADVISE_LAST_RESORT] = {"last-resort", false, 0.1, 0.0001, 99, SHARE, 1000,
	"answers", "clients get the last resort"},
    [ADVISE_ELSEWHERE] = {"elsewhere", false, 10, 0.01, 99, SHARE, 10000,
	"answers", "clients do not get the first region of their order"},
    [ADVISE_OVERRIDE] = {"old-override", false, 7, 0.01, 3650, "days", 0,
	"overrides", "what was said by hand, without an end, still holds"},
};

int
advise_rule_find(const char *name)
{
	for (int i = 0; i < ADVISE_RULES; i++)
		if (strcmp(advise_rules[i].name, name) == 0)
			return i;
	return -1;
}

void
advise_defaults(struct advise_config *config)
{
	*config = (struct advise_config){.silence = NULL};
	for (size_t i = 0; i < ADVISE_RULES; i++) {
		config->threshold[i] = advise_rules[i].threshold;
		config->samples[i] = advise_rules[i].samples;
	}
}

enum advise_subject
advise_subject_of(enum advise_rule rule)
{
	static const enum advise_subject subjects[ADVISE_RULES] = {
	    [ADVISE_N1] = ADVISE_OF_LOSS,
	    [ADVISE_WEIGHTS] = ADVISE_OF_ENDPOINT,
	    [ADVISE_HOT_NAME] = ADVISE_OF_ENDPOINT,
	    [ADVISE_UNUSED_REGION] = ADVISE_OF_REGION,
	    [ADVISE_SINGLE_VANTAGE] = ADVISE_OF_OTHERS,
	    [ADVISE_FLAPPING] = ADVISE_OF_ENDPOINT,
	    [ADVISE_AVAILABILITY] = ADVISE_OF_ENDPOINT,
	    [ADVISE_CERTIFICATE] = ADVISE_OF_ENDPOINT,
	    [ADVISE_OVERRIDE] = ADVISE_OF_OTHERS,
	};

	return subjects[rule];
}
