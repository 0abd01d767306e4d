/*
 * What a breach of the safety rule is called.  For steering/safety.c alone.
 */
#ifndef STEERING_SAFETY_WORDS_H
#define STEERING_SAFETY_WORDS_H

#include "base/text.h"
#include "steering/safety_count.h"

/*
 * safety_words(policy, service, class, count, tier, t): append for which
 * clients of ${service} how little is left of what they had, by ${tier}, and
 * what is asked for.
 */
void safety_words(const struct policy *policy,
    const struct policy_service *service, const struct safety_class *class,
    const struct safety_count *count, enum safety_tier tier, struct text *t);

#endif
