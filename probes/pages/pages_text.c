/*
 * What the pages of the daemon say: metrics in the Prometheus text format, and
 * one line for /healthz.  Pure; called by pages.c in its thread.
 */
#include <inttypes.h>
#include <stddef.h>
#include <string.h>

#include "base/clock.h"
#include "probes/pages/pages.h"
#include "web/metrics.h"

static const char *const outcomes[] = {
    [ATTEMPT_PASSED] = "passed",
    [ATTEMPT_DEGRADED] = "degraded",
    [ATTEMPT_BUSY] = "busy",
    [ATTEMPT_FAILED] = "failed",
    [ATTEMPT_UNMADE] = "unmade",
};
#define N_OUTCOMES (sizeof(outcomes) / sizeof(outcomes[0]))

static const char *const parts[] = {"plan", "deep"};

static const struct {
	const char *name, *help;
} stages[TALLY_STAGES] = {
    {"probe_connect_seconds", "From the start of a check to its connection."},
    {"probe_first_byte_seconds",
	"From the start of a check to the first byte of its answer."},
    {"probe_total_seconds",
	"The slowest step of a check; of a deep one that is streamed, to its "
	"first token."},
};

static const struct tally_part *
part_of(const struct tally_check *check, unsigned part)
{
	return part == 0 ? &check->plan : &check->deep;
}

/* Whether anything was counted: a check without generations has no series of
 * them. */
static bool
is_used(const struct tally_part *part)
{
	uint64_t all = 0;

	for (size_t i = 0; i < N_OUTCOMES; i++)
		all += part->outcome[i];
	return all > 0;
}

static void
check_labels(struct text *out, const struct tally_check *check, unsigned part)
{
	metrics_label(out, "zone", check->zone);
	text_add(out, ",");
	metrics_label(out, "check", check->name);
	text_add(out, ",task=\"%s\"", parts[part]);
}

static void
write_results(const struct tally *tally, struct text *out)
{
	metrics_head(out, "probe_checks_total", "counter",
	    "Checks by what came of them; unmade ones say nothing of the "
	    "endpoint.");
	for (size_t i = 0; i < tally->n; i++)
		for (unsigned p = 0; p < 2; p++) {
			const struct tally_check *check = &tally->checks[i];
			const struct tally_part *part = part_of(check, p);

			for (size_t k = 0; is_used(part) && k < N_OUTCOMES;
			     k++) {
				text_add(out, "meridian_probe_checks_total{");
				check_labels(out, check, p);
				text_add(out, ",result=\"%s\"} %" PRIu64 "\n",
				    outcomes[k], part->outcome[k]);
			}
		}
	metrics_head(out, "probe_failures_total", "counter",
	    "Checks that failed, by the kind of the reason.");
	for (size_t i = 0; i < tally->n; i++)
		for (unsigned p = 0; p < 2; p++)
			for (unsigned k = 0; k < TALLY_KINDS; k++) {
				const struct tally_check *check =
				    &tally->checks[i];
				uint64_t n = part_of(check, p)->failed[k];

				if (n == 0)
					continue;
				text_add(out, "meridian_probe_failures_total{");
				check_labels(out, check, p);
				text_add(out, ",kind=\"%s\"} %" PRIu64 "\n",
				    tally_kind_name((enum tally_kind)k), n);
			}
}

static const char *const readings[LOAD_READINGS] = {
    [LOAD_READ] = "read",
    [LOAD_LACKING] = "lacking",
    [LOAD_UNREAD] = "failed",
    [LOAD_UNMADE] = "unmade",
};

/* One of the readings of a check, by ${label}. */
static void
write_reading(struct text *out, const char *name,
    const struct tally_check *check, const char *label, const char *value,
    uint64_t n)
{
	text_add(out, "meridian_%s{", name);
	metrics_label(out, "zone", check->zone);
	text_add(out, ",");
	metrics_label(out, "check", check->name);
	text_add(out, ",%s=\"%s\"} %" PRIu64 "\n", label, value, n);
}

static bool
reads_load(const struct tally_check *check)
{
	uint64_t all = 0;

	for (size_t i = 0; i < LOAD_READINGS; i++)
		all += check->readings[i];
	return all > 0;
}

static void
write_readings(const struct tally *tally, struct text *out)
{
	metrics_head(out, "probe_load_readings_total", "counter",
	    "Readings of load by what came of them: lacking ones have not what "
	    "is looked for, or a value that makes no sense.");
	for (size_t i = 0; i < tally->n; i++)
		for (size_t k = 0;
		     reads_load(&tally->checks[i]) && k < LOAD_READINGS; k++)
			write_reading(out, "probe_load_readings_total",
			    &tally->checks[i], "result", readings[k],
			    tally->checks[i].readings[k]);
	metrics_head(out, "probe_load_failures_total", "counter",
	    "Readings of load that failed, by the kind of the reason.");
	for (size_t i = 0; i < tally->n; i++)
		for (unsigned k = 0; k < TALLY_KINDS; k++)
			if (tally->checks[i].unread[k] > 0)
				write_reading(out, "probe_load_failures_total",
				    &tally->checks[i], "kind",
				    tally_kind_name((enum tally_kind)k),
				    tally->checks[i].unread[k]);
}

/* The series of one histogram; ${check} NULL: it has no labels. */
static void
write_times(struct text *out, const char *name, const struct tally_times *times,
    const struct tally_check *check, unsigned part)
{
	uint64_t sum = 0;

	for (size_t b = 0; b <= TALLY_BOUNDS; b++) {
		sum += times->count[b];
		text_add(out, "meridian_%s_bucket{", name);
		if (check != NULL) {
			check_labels(out, check, part);
			text_add(out, ",");
		}
		if (b < TALLY_BOUNDS)
			metrics_bound(out, (double)tally_bounds_us[b] / 1e6);
		else
			text_add(out, "le=\"+Inf\"");
		text_add(out, "} %" PRIu64 "\n", sum);
	}
	for (unsigned i = 0; i < 2; i++) {
		text_add(out, "meridian_%s_%s", name, i == 0 ? "sum" : "count");
		if (check != NULL) {
			text_add(out, "{");
			check_labels(out, check, part);
			text_add(out, "}");
		}
		text_add(out, " %.15g\n",
		    i == 0 ? (double)times->sum_us / 1e6 : (double)sum);
	}
}

static void
write_stages(const struct tally *tally, struct text *out)
{
	for (unsigned s = 0; s < TALLY_STAGES; s++) {
		metrics_head(out, stages[s].name, "histogram", stages[s].help);
		for (size_t i = 0; i < tally->n; i++)
			for (unsigned p = 0; p < 2; p++) {
				const struct tally_check *check =
				    &tally->checks[i];
				const struct tally_part *part =
				    part_of(check, p);

				if (is_used(part))
					write_times(out, stages[s].name,
					    &part->times[s], check, p);
			}
	}
}

static void
write_schedule(const struct pages_figures *f, const struct tally *tally,
    int64_t now_ms, struct text *out)
{
	metrics_head(out, "probe_lateness_seconds", "histogram",
	    "From the turn of a check to its start.");
	write_times(out, "probe_lateness_seconds", &tally->late, NULL, 0);
	metrics_single(out, "probe_missed_turns_total", "counter",
	    "Turns of checks that were left out.", (double)tally->missed);
	metrics_head(out, "probe_load_lateness_seconds", "histogram",
	    "From the turn of a reading of load to its start.");
	write_times(
	    out, "probe_load_lateness_seconds", &tally->load_late, NULL, 0);
	metrics_single(out, "probe_load_missed_turns_total", "counter",
	    "Turns of readings of load that were left out.",
	    (double)tally->load_missed);
	metrics_single(out, "probe_under_way", "gauge",
	    "Checks that are under way.", (double)f->under_way);
	metrics_single(out, "probe_concurrency", "gauge",
	    "How many addresses may be asked at once.", (double)f->gate.limit);
	metrics_single(out, "probe_waiting", "gauge",
	    "Checks and readings of load that wait for others.",
	    (double)f->gate.waiting);
	metrics_single(out, "probe_waited_total", "counter",
	    "Checks and readings of load that had to wait for others.",
	    (double)f->gate.waited);
	metrics_single(out, "probe_kept_connections", "gauge",
	    "Connections that are kept for checks.", (double)f->kept);
	metrics_single(out, "probe_loop_lag_seconds", "gauge",
	    "The longest that the loop was late in the last second.",
	    (double)f->lag_ms / 1e3);
	metrics_single(out, "probe_age_seconds", "gauge",
	    "How old these numbers are.", (double)(now_ms - f->at_ms) / 1e3);
}

static void
write_states(const char *name, const char *help, const uint64_t states[4],
    struct text *out)
{
	metrics_head(out, name, "gauge", help);
	for (unsigned i = 0; i < 4; i++)
		text_add(out, "meridian_%s{state=\"%s\"} %" PRIu64 "\n", name,
		    state_health_name((enum state_health)i), states[i]);
}

static void
write_endpoints(const struct pages_figures *f, struct text *out)
{
	write_states("probe_endpoints",
	    "Endpoints by what this vantage finds them to be.", f->states, out);
	write_states("probe_maintenance_endpoints",
	    "Those of them that are in maintenance.", f->quiet, out);
	metrics_single(out, "probe_unchecked_endpoints", "gauge",
	    "Endpoints that cannot be checked, for reasons of this machine.",
	    (double)f->blind);
	if (f->certificate_ms >= 0)
		metrics_single(out, "probe_certificate_days", "gauge",
		    "Until the first certificate of an endpoint ends.",
		    (double)(f->certificate_ms - clock_wall_ms()) / 86400e3);
}

static void
write_state(const struct pages_figures *f, int64_t now_ms, struct text *out)
{
	const struct state_recorder_figures *s = &f->state;

	metrics_single(out, "probe_state_writable", "gauge",
	    "The state database can be written: 1, or 0.",
	    f->state_words[0] == '\0');
	if (s->written_ms >= 0)
		metrics_single(out, "probe_state_written_age_seconds", "gauge",
		    "Since the last transaction.",
		    (double)(now_ms - s->written_ms) / 1e3);
	metrics_single(out, "probe_transactions_total", "counter",
	    "Transactions that were written.", (double)s->commits);
	metrics_head(out, "probe_transaction_seconds", "summary",
	    "From a transaction that is given to its end; of one at a time.");
	text_add(out,
	    "meridian_probe_transaction_seconds_sum %.15g\n"
	    "meridian_probe_transaction_seconds_count %" PRIu64 "\n",
	    (double)s->took_us / 1e6, s->timed);
	metrics_single(out, "probe_events_waiting", "gauge",
	    "Events that are not known to be written.", (double)s->events);
	metrics_single(out, "probe_events_lost_total", "counter",
	    "Events that were lost while the database could not be written.",
	    (double)s->lost);
	metrics_single(out, "probe_state_set_aside_total", "counter",
	    "State databases that were corrupt and were set aside.",
	    (double)s->set_aside);
}

static void
write_hooks(const struct pages_figures *f, struct text *out)
{
	static const struct {
		const char *name, *type, *help;
		size_t at;
	} rows[] = {
	    {"probe_hook_messages_total", "counter",
		"Messages that a hook has taken.",
		offsetof(struct hook_figures, sent)},
	    {"probe_hook_failures_total", "counter",
		"Tries to tell a hook that failed.",
		offsetof(struct hook_figures, failed)},
	    {"probe_hook_dropped_total", "counter",
		"Changes that a hook was not told.",
		offsetof(struct hook_figures, dropped)},
	    {"probe_hook_waiting", "gauge",
		"Changes that a hook is still to be told.",
		offsetof(struct hook_figures, waiting)},
	};

	for (size_t r = 0; f->n_hooks > 0 && r < sizeof(rows) / sizeof(rows[0]);
	     r++) {
		metrics_head(out, rows[r].name, rows[r].type, rows[r].help);
		for (size_t i = 0; i < f->n_hooks; i++) {
			uint64_t value;

			memcpy(&value, (const char *)&f->hooks[i] + rows[r].at,
			    sizeof(value));
			text_add(out, "meridian_%s{", rows[r].name);
			metrics_label(out, "hook", f->hooks[i].name);
			text_add(out, "} %" PRIu64 "\n", value);
		}
	}
}

void
pages_metrics(const struct pages_figures *figures, const struct tally *tally,
    int64_t now_ms, struct text *out)
{
	write_results(tally, out);
	write_readings(tally, out);
	write_stages(tally, out);
	write_schedule(figures, tally, now_ms, out);
	write_endpoints(figures, out);
	write_state(figures, now_ms, out);
	write_hooks(figures, out);
}

bool
pages_health(const struct pages_figures *f, int64_t now_ms, struct text *out)
{
	size_t before = out->len;
	int64_t unwritten_ms = now_ms - f->state_since_ms;

	if (now_ms - f->at_ms > PAGES_HANG_MS)
		text_add(out, "the loop hangs for %" PRId64 " s now; ",
		    (now_ms - f->at_ms) / 1000);
	if (f->state_words[0] != '\0' && unwritten_ms > PAGES_UNWRITTEN_MS)
		text_add(out,
		    "for %" PRId64 " s now nothing is written to the state "
		    "database: %s; ",
		    unwritten_ms / 1000, f->state_words);
	if (f->late_words[0] != '\0')
		text_add(out, "checks are late: %s; ", f->late_words);
	if (f->files_words != NULL)
		text_add(out, "%s: see meridianctl check; ", f->files_words);
	if (out->len == before) {
		text_add(out, "ok\n");
		return true;
	}
	/* The last "; ". */
	out->len -= 2;
	text_add(out, "\n");
	return false;
}
