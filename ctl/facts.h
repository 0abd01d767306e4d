/*
 * The facts of a node over a period: its files, its state database and the
 * history of its traffic, brought together for advise and report.  Called by
 * these two; reads only.
 */
#ifndef CTL_FACTS_H
#define CTL_FACTS_H

#include "advice/facts.h"
#include "base/arena.h"
#include "base/u64map.h"
#include "ctl/progress.h"
#include "node/generation.h"
#include "state/endpoint_key.h"
#include "state/history/reader.h"

#define FACTS_MISSING 8
#define FACTS_WORDS 320

/* An endpoint by its pool and its place there. */
struct facts_ref {
	uint32_t pool, endpoint;
};

/* A time that an endpoint was down, by the majority of the vantages that check
 * it. */
struct facts_spell {
	struct facts_ref ref;
	int64_t from_ms, to_ms;
	int64_t first_ms;   /* when the first of them found it down */
	const char *reason; /* of the first vantage that found it */
};

/* An endpoint that was taken out of the answers. */
struct facts_failover {
	struct facts_ref ref;
	const char *service;
	int64_t failed_ms; /* the first check that failed */
	int64_t left_ms;   /* the last answer that named it */
};

struct facts {
	struct advice_facts advice;
	struct arena *arena;
	const struct generation *g;
	/* Those of ${advice}, to be written. */
	struct advice_pool *pools;
	struct advice_service *services;
	struct facts_ref *refs; /* all endpoints */
	size_t n_refs;
	struct u64map index;        /* numbers of these, by key */
	struct u64map by_name;      /* of services, by the hash of it */
	struct facts_spell *spells; /* in the order of time */
	size_t n_spells;
	struct facts_failover *failovers;
	size_t n_failovers;
	bool knows_events; /* of the state database */
	/* Answers that one was looked up of; 0: none was.  Minutes that were
	 * counted, of those there are. */
	uint32_t sample;
	uint64_t counted_minutes, minutes;
	/* Countries, scopes and client subnets are counted by days: these, that
	 * the period lies in; wall clock, both 0: nothing was read. */
	int64_t days_from_ms, days_to_ms;
	/* What is not known and why, in sentences. */
	char missing[FACTS_MISSING][FACTS_WORDS];
	size_t n_missing;
	bool failed; /* no memory */
};

/* What is wanted. */
struct facts_wish {
	int64_t from_ms, to_ms;    /* wall clock */
	const char *service;       /* as service_named.h has it; NULL: all */
	bool spots;                /* how countries try regions is needed too */
	struct progress *progress; /* shows what is read; NULL: nothing does */
};

/*
 * status = facts_collect(facts, generation, wish, eb): all that is known.  What
 * cannot be read is said in facts->missing and left out.  0, or -1 with an
 * error in ${eb}: no such service, or no memory.  ${generation} must live as
 * long.  facts_finish() is needed in either case.
 */
int facts_collect(struct facts *facts, const struct generation *generation,
    const struct facts_wish *wish, struct errbuf *eb);

/* facts_finish(facts): free what they hold. */
void facts_finish(struct facts *facts);

/* facts_miss(facts, fmt, ...): something is not known. */
void facts_miss(struct facts *facts, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* p = facts_array(facts, n, size): zeroed; NULL, and facts->failed. */
void *facts_array(struct facts *facts, size_t n, size_t size);

/* service = facts_service(facts, name): that of the name as the history has it;
 * NULL: the files have none, or it is not wanted. */
struct advice_service *facts_service(
    const struct facts *facts, const char *name);

/* The parts, each in its file, called in this order; what is not known is said
 * in facts->missing. */
int facts_read_files(
    struct facts *facts, const char *service, struct errbuf *eb);
void facts_read_state(struct facts *facts);
void facts_read_events(struct facts *facts);
void facts_read_history(struct facts *facts);
void facts_read_places(struct facts *facts);

/* status = facts_read_failovers(facts, reader, eb): part of
 * facts_read_history().  0, or -1 with an error. */
int facts_read_failovers(
    struct facts *facts, struct history_reader *reader, struct errbuf *eb);

/* number = facts_find(facts, key): the place of an endpoint in facts->refs;
 * ADVICE_NONE: the files have none. */
uint32_t facts_find(const struct facts *facts, const struct endpoint_key *key);

/* endpoint = facts_endpoint(facts, ref): to be written. */
struct advice_endpoint *facts_endpoint(
    const struct facts *facts, struct facts_ref ref);

#endif
