/* Compares rows.  Called by what this node has to say; keeps nothing. */
#include "share/news.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

/*
 * Less of saturation is noise.  The law that controls load looks at steps of
 * 2 % of a region, which is made of many endpoints; 1/32 of one of them is less
 * than its smoothing leaves.
 */
#define SATURATION_STEP (1.0 / 32)

/* The streak that may turn a verdict soon, so that answers get a short TTL. */
static uint32_t
streak(enum state_health health, uint32_t passes, uint32_t fails)
{
	uint32_t n = health == HEALTH_DOWN ? passes : fails;

	return n < NEWS_STREAK ? n : NEWS_STREAK;
}

static enum news
endpoint_news(const struct state_endpoint *a, const struct state_endpoint *b)
{
	if (a->health != b->health || a->since_ms != b->since_ms ||
	    strcmp(a->reason, b->reason) != 0 ||
	    strcmp(a->degraded, b->degraded) != 0 ||
	    strcmp(a->maintenance, b->maintenance) != 0 ||
	    a->maintenance_ms != b->maintenance_ms ||
	    a->hold_ms != b->hold_ms || (a->held_ms < 0) != (b->held_ms < 0) ||
	    streak(a->health, a->passes, a->fails) !=
		streak(b->health, b->passes, b->fails))
		return NEWS_VERDICT;
	return a->checked_ms != b->checked_ms || a->passes != b->passes ||
		a->fails != b->fails || a->connect_us != b->connect_us ||
		a->first_byte_us != b->first_byte_us ||
		a->first_token_us != b->first_token_us ||
		a->certificate_ms != b->certificate_ms ||
		a->held_ms != b->held_ms || a->told != b->told
	    ? NEWS_MINOR
	    : NEWS_NONE;
}

static enum news
address_news(const struct state_address *a, const struct state_address *b)
{
	if (a->health != b->health || a->since_ms != b->since_ms ||
	    strcmp(a->reason, b->reason) != 0 || a->hold_ms != b->hold_ms ||
	    (a->held_ms < 0) != (b->held_ms < 0) ||
	    streak(a->health, a->passes, a->fails) !=
		streak(b->health, b->passes, b->fails))
		return NEWS_VERDICT;
	return a->checked_ms != b->checked_ms || a->passes != b->passes ||
		a->fails != b->fails || a->connect_us != b->connect_us ||
		a->first_byte_us != b->first_byte_us ||
		a->resolved_ms != b->resolved_ms || a->held_ms != b->held_ms
	    ? NEWS_MINOR
	    : NEWS_NONE;
}

static bool
moved(double a, double b)
{
	return isnan(a) != isnan(b) || fabs(a - b) >= SATURATION_STEP;
}

static bool
same_number(double a, double b)
{
	return isnan(a) ? isnan(b) : !(a < b) && !(a > b) && !isnan(b);
}

/* The share of requests that failed, by which canaries are judged. */
static double
failed(const struct state_load *row)
{
	return row->requests > 0 ? row->errors / row->requests : row->errors;
}

static enum news
load_news(const struct state_load *a, const struct state_load *b)
{
	if (moved(a->saturation, b->saturation) ||
	    moved(failed(a), failed(b)) ||
	    (a->measured_ms > 0) != (b->measured_ms > 0) ||
	    strcmp(a->source, b->source) != 0 ||
	    strcmp(a->reason, b->reason) != 0)
		return NEWS_LOAD;
	return a->measured_ms != b->measured_ms ||
		!same_number(a->saturation, b->saturation) ||
		!same_number(a->waiting, b->waiting) ||
		!same_number(a->running, b->running) ||
		!same_number(a->max_running, b->max_running) ||
		!same_number(a->kv_cache, b->kv_cache) ||
		!same_number(a->utilization, b->utilization) ||
		!same_number(a->preemptions, b->preemptions) ||
		!same_number(a->requests, b->requests) ||
		!same_number(a->errors, b->errors) ||
		!same_number(a->tokens, b->tokens) ||
		!same_number(a->busy, b->busy) ||
		a->first_token_us != b->first_token_us ||
		a->first_token_95_us != b->first_token_95_us ||
		a->token_us != b->token_us
	    ? NEWS_MINOR
	    : NEWS_NONE;
}

enum news
news_of(enum state_table table, const union schema_row *before,
    const union schema_row *after)
{
	if (table == TABLE_ENDPOINT)
		return endpoint_news(&before->endpoint, &after->endpoint);
	return table == TABLE_ADDRESS
	    ? address_news(&before->address, &after->address)
	    : load_news(&before->load, &after->load);
}

enum news
news_new(enum state_table table)
{
	return table == TABLE_LOAD ? NEWS_LOAD : NEWS_VERDICT;
}
