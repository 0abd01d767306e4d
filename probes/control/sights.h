/*
 * What vantages say of the endpoints of pools that are controlled: up or down,
 * and how full.  Filled from the rows of the state database, those of our own
 * vantage among them.  Pure but for memory; of one thread.
 *
 * Ages are by arrival on our own clock.  Of one endpoint the load counts that
 * was measured last, what a blind vantage measures outside its region set
 * aside.  That of a vantage of another node, with which nothing was wrong,
 * stands until it says another, while its heartbeat moves.
 */
#ifndef PROBES_CONTROL_SIGHTS_H
#define PROBES_CONTROL_SIGHTS_H

#include "probes/control/plan.h"
#include "probes/control/seers.h"
#include "state/rows.h"

/* sights_full(): a file from which more rows come is no state database. */
#define SIGHTS_MAX 4000000

struct sights;

/* sights = sights_create(plan, judged, now_ms): nothing is known.  ${plan} and
 * ${judged} must live as long.  NULL without memory.  sights_destroy(sights):
 * free it; NULL is fine. */
struct sights *sights_create(const struct control_plan *plan,
    const struct judged *judged, int64_t now_ms);
void sights_destroy(struct sights *sights);

/*
 * sights_begin(sights, full), sights_vantage(), sights_endpoint(),
 * sights_address(), sights_load(), sights_commit(): take a change of the state
 * database, vantages first.  What a ${full} one lacks is forgotten.  Without
 * memory a row is as if it was not there.
 */
void sights_begin(struct sights *sights, bool full);
void sights_vantage(struct sights *sights, const struct state_vantage *row,
    int64_t now_ms, int64_t wall_ms);
void sights_endpoint(struct sights *sights, const struct state_endpoint *row);
void sights_address(struct sights *sights, const struct state_address *row);
void sights_load(struct sights *sights, const struct state_load *row,
    int64_t now_ms, int64_t wall_ms);
void sights_commit(struct sights *sights, int64_t now_ms);

/* sights_sit(sights, now_ms): before each step: who is up, as of now. */
void sights_sit(struct sights *sights, int64_t now_ms);

/* up = sights_up(sights, pool, endpoint): it is for meridiand, or nobody
 * knows. */
bool sights_up(const struct sights *sights, size_t pool, size_t endpoint);

/* full = sights_saturation(sights, pool, endpoint, now_ms, age_ms): its load
 * and how old that is; NAN: not known, or too old. */
double sights_saturation(const struct sights *sights, size_t pool,
    size_t endpoint, int64_t now_ms, int64_t *age_ms);

/* leads = sights_leads(sights, vantage, now_ms): of all vantages that live
 * ${vantage} has the first name: it controls. */
bool sights_leads(
    const struct sights *sights, const char *vantage, int64_t now_ms);

#endif
