/*
 * What the rules share while they are run: facts, settings, and the list that
 * findings go to, which alone compares with thresholds.  For the room alone.
 */
#ifndef ADVICE_RUN_H
#define ADVICE_RUN_H

#include "advice/advice.h"

struct advice_run {
	const struct advice_facts *facts;
	const struct advise_config *config;
	struct advice *out;
};

/* Each runs the rules that its file is named after. */
void rule_capacity(struct advice_run *run);
void rule_balance(struct advice_run *run);
void rule_places(struct advice_run *run);
void rule_fence(struct advice_run *run);
void rule_single(struct advice_run *run);
void rule_failover(struct advice_run *run);
void rule_health(struct advice_run *run);
void rule_canary(struct advice_run *run);
void rule_cache(struct advice_run *run);
void rule_answers(struct advice_run *run);

/* f = advice_offer(run, rule, value, samples, fmt, ...): a finding of ${rule}
 * about the subject ${fmt}, for the caller to fill: NULL when ${value} is not
 * beyond the threshold, ${samples} are too few, it is silenced, or there is no
 * room.  A value that is NaN is beyond no threshold. */
struct advice_finding *advice_offer(struct advice_run *run,
    enum advise_rule rule, double value, double samples, const char *fmt, ...)
    __attribute__((format(printf, 5, 6)));

/* threshold = advice_threshold(run, rule): as it is set. */
double advice_threshold(const struct advice_run *run, enum advise_rule rule);

/* advice_evidence(f, fmt, ...), advice_gain(f, fmt, ...): set these words;
 * what does not fit is cut. */
void advice_evidence(struct advice_finding *f, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
void advice_gain(struct advice_finding *f, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* text = advice_text_of(run, zone): of the steering file of ${zone}. */
struct advice_text advice_text_of(const struct advice_run *run, uint32_t zone);

/* share = advice_percent(part, whole): 0 of nothing. */
double advice_percent(double part, double whole);

/* days = advice_days(ms): as days. */
double advice_days(double ms);

#endif
