/*
 * The pages of the daemon: metrics, and whether it is well.  The loop publishes
 * a copy of its numbers each second; the thread of the HTTP server works on
 * copies of that, and touches nothing of the loop.
 */
#ifndef PROBES_PAGES_PAGES_H
#define PROBES_PAGES_PAGES_H

#include <stdbool.h>
#include <stdint.h>

#include "base/address.h"
#include "base/errbuf.h"
#include "base/text.h"
#include "probes/checks/gate.h"
#include "probes/hooks/hooks.h"
#include "probes/pages/tally.h"
#include "state/recorder.h"

/* Words about what is wrong. */
#define PAGES_WORDS 448

/* The database may be locked, or be replaced, for so long and the daemon is
 * well. */
#define PAGES_UNWRITTEN_MS 5000

/* A loop that was not through a turn for so long hangs. */
#define PAGES_HANG_MS 5000

/* What there is to say of the daemon beside its tally. */
struct pages_figures {
	int64_t at_ms; /* monotonic clock */
	/* Endpoints, by enum state_health; of these, those in maintenance. */
	uint64_t states[4], quiet[4];
	uint64_t blind;     /* endpoints that cannot be checked */
	uint64_t under_way; /* attempts */
	struct gate_figures gate;
	uint64_t kept;          /* connections */
	uint64_t lag_ms;        /* the worst of the loop, in the last window */
	int64_t certificate_ms; /* wall clock: the first ends; -1: none seen */
	struct hook_figures hooks[HOOK_MAX];
	size_t n_hooks;
	struct state_recorder_figures state;
	char state_words[PAGES_WORDS]; /* why nothing is written; or "" */
	int64_t state_since_ms;        /* monotonic: since when */
	char late_words[PAGES_WORDS];  /* what is late; or "" */
	const char *files_words;       /* what is wrong with files; or NULL */
};

struct pages;

/* pages = pages_start(at, eb): serve /metrics and /healthz at ${at}.  NULL with
 * an error in ${eb}. */
struct pages *pages_start(const struct endpoint_address *at, struct errbuf *eb);

/* pages_publish(pages, figures, tally): they say this from now on.  Where a
 * page is being begun at this very moment they go on with what was before: the
 * loop never waits. */
void pages_publish(struct pages *pages, const struct pages_figures *figures,
    const struct tally *tally);

/* pages_stop(pages): NULL is fine. */
void pages_stop(struct pages *pages);

/* well = pages_health(figures, now_ms, out): the line of /healthz. */
bool pages_health(
    const struct pages_figures *figures, int64_t now_ms, struct text *out);

/* pages_metrics(figures, tally, now_ms, out): all of /metrics but what is of
 * the process. */
void pages_metrics(const struct pages_figures *figures,
    const struct tally *tally, int64_t now_ms, struct text *out);

#endif
