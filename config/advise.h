/*
 * The rules of meridianctl advise as an operator may set them: by name, with
 * what each is measured in, the threshold and the least number of samples that
 * count where no file says otherwise.  Read from meridian.yaml, described in
 * meridian-advise(7); what a rule finds is in the room advice.
 */
#ifndef CONFIG_ADVISE_H
#define CONFIG_ADVISE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/errbuf.h"

enum advise_rule {
	ADVISE_N1,
	ADVISE_WEIGHTS,
	ADVISE_HOT_NAME,
	ADVISE_UNUSED_REGION,
	ADVISE_FAR_CLIENTS,
	ADVISE_NO_RULE,
	ADVISE_UNKNOWN_CLIENTS,
	ADVISE_SINGLE_REGION,
	ADVISE_SINGLE_ENDPOINT,
	ADVISE_SINGLE_VANTAGE,
	ADVISE_FAILOVER_TIME,
	ADVISE_FLAPPING,
	ADVISE_AVAILABILITY,
	ADVISE_CERTIFICATE,
	ADVISE_CANARY_SHARE,
	ADVISE_CANARY_HEALTH,
	ADVISE_CANARY_LATENCY,
	ADVISE_NO_SUBNET,
	ADVISE_NARROW_SCOPES,
	ADVISE_NO_FAMILY,
	ADVISE_LAST_RESORT,
	ADVISE_ELSEWHERE,
	ADVISE_OVERRIDE,
	ADVISE_RULES
};

/* What the findings of a rule are about, which patterns are of. */
enum advise_subject {
	ADVISE_OF_SERVICE,
	ADVISE_OF_ENDPOINT, /* POOL/ENDPOINT */
	ADVISE_OF_REGION,
	ADVISE_OF_LOSS,   /* POOL without REGION */
	ADVISE_OF_OTHERS, /* what is in no file */
};

/* subject = advise_subject_of(rule) */
enum advise_subject advise_subject_of(enum advise_rule rule);

struct advise_rule_row {
	const char *name;
	bool below; /* it finds what is below its threshold, not above */
	double threshold, min, max; /* max: the greatest that may be said */
	const char *unit;           /* of the threshold */
	double samples;             /* the least */
	const char *of;             /* what the samples are */
	const char *about;          /* what it finds, in a line */
};

/* By enum advise_rule. */
extern const struct advise_rule_row advise_rules[ADVISE_RULES];

/* rule = advise_rule_find(name): by its name; -1 when there is none. */
int advise_rule_find(const char *name);

/* The most that a list may silence. */
#define ADVISE_MAX_SILENCED 256
/* The greatest number of samples that a file may ask for. */
#define ADVISE_MAX_SAMPLES 1000000000

/* What is not said: all findings of a rule, or those of some services, pools,
 * endpoints or regions. */
struct advise_silence {
	struct mark at;
	enum advise_rule rule;
	const char *pattern; /* as fnmatch(3), or NULL: all */
};

struct advise_config {
	double threshold[ADVISE_RULES];
	double samples[ADVISE_RULES];
	const struct advise_silence *silence;
	size_t n_silence;
};

/* advise_defaults(config): what counts where a file says nothing. */
void advise_defaults(struct advise_config *config);

#endif
