/*
 * What the control law believes of a pool: how much load each class of clients
 * is, which part of those that come to a region it keeps, and how much load
 * each region has by that.  The law from inside, for law.c, which decides, and
 * law_model.c, which learns.  No other file includes it.
 */
#ifndef STEERING_LAW_PARTS_H
#define STEERING_LAW_PARTS_H

#include "steering/law.h"

/* part = law_part(step_s, over_s): of what is new, in a step, where what is
 * known is the mean of so many seconds. */
double law_part(double step_s, double over_s);

/* law_kept(law, keep, kept): which part of its clients each region keeps when
 * it is told to ${keep}. */
void law_kept(const struct law *law, const double keep[LAW_REGIONS],
    double kept[LAW_REGIONS]);

/* keep = law_keep_for(law, region, kept): the other way, of one. */
double law_keep_for(const struct law *law, size_t region, double kept);

/* known = law_count(config, classes, weights, n): smooth the answers of this
 * step.  False when those of no class are known. */
bool law_count(const struct law_config *config, const struct law_class *classes,
    struct law_weight *weights, size_t n);

/* unit = law_unit(law, classes, weights, n, kept): what one unit of the demand
 * of a class is, by the load of the regions that tell it now, when each keeps
 * that part; 0: none of them does. */
double law_unit(const struct law *law, const struct law_class *classes,
    const struct law_weight *weights, size_t n, const double kept[LAW_REGIONS]);

/* law_load_by(classes, weights, n, unit, kept, load): the load of each region
 * when each keeps that part. */
void law_load_by(const struct law_class *classes,
    const struct law_weight *weights, size_t n, double unit,
    const double kept[LAW_REGIONS], double load[LAW_REGIONS]);

/* law_note(law, config, regions, n): before a step: this is what they kept up
 * to now. */
void law_note(struct law *law, const struct law_config *config,
    const struct law_region *regions, size_t n);

/*
 * law_learn(law, config, late_s, classes, weights, n): reckon what load would
 * be seen now, after all that was kept before, and believe a little more of
 * what is measured, where it is.  ${late_s} is how late metrics are.
 */
void law_learn(struct law *law, const struct law_config *config, double late_s,
    const struct law_class *classes, struct law_weight *weights, size_t n);

#endif
