/*
 * Advice: rules look at facts and say what an operator may improve, each with
 * its evidence, the gain and the line to change.  Called by meridianctl advise;
 * reads no file, prints nothing.
 */
#ifndef ADVICE_ADVICE_H
#define ADVICE_ADVICE_H

#include "advice/edit.h"
#include "advice/facts.h"
#include "config/advise.h"

#define ADVICE_SUBJECT 320
#define ADVICE_WORDS 512

/* More would not be read, and a rule that finds so many has found one. */
#define ADVICE_MAX_FINDINGS 4096

enum advice_severity { ADVICE_NOTE, ADVICE_WARNING, ADVICE_CRITICAL };

struct advice_finding {
	enum advise_rule rule;
	enum advice_severity severity;
	char subject[ADVICE_SUBJECT]; /* what it is about: a service, "POOL" or
					 "POOL/ENDPOINT", a region */
	double value;                 /* in the unit of the rule's threshold */
	double samples;               /* that it rests on */
	char evidence[ADVICE_WORDS];
	char gain[ADVICE_WORDS];
	struct advice_edit edit;
};

struct advice {
	struct advice_finding *findings; /* the worst first */
	size_t n, size;
	size_t silenced; /* were found and are not wanted */
	size_t few;      /* were found on too few samples */
	bool failed;     /* no memory, or too many */
};

/*
 * advice_find(facts, config, advice): what all rules find.  ${advice} is
 * initialised here and to be finished in any case.
 */
void advice_find(const struct advice_facts *facts,
    const struct advise_config *config, struct advice *advice);

/* advice_finish(advice): free it. */
void advice_finish(struct advice *advice);

/* name = advice_severity_name(severity): "note", "warning", "critical". */
const char *advice_severity_name(enum advice_severity severity);

#endif
