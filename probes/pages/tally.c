/* Adds up what checks come to.  Called by the prober; does nothing but
 * arithmetic. */
#include "probes/pages/tally.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const uint64_t tally_bounds_us[TALLY_BOUNDS] = {1000, 2500, 5000, 10000, 25000,
    50000, 100000, 250000, 500000, 1000000, 2500000, 5000000, 10000000};

/* As a reason begins, and as a label has it. */
static const struct {
	const char *words, *name;
} kinds[TALLY_KINDS] = {
    [TALLY_REFUSED] = {"refused", "refused"},
    [TALLY_TIMEOUT] = {"timeout", "timeout"},
    [TALLY_RESET] = {"reset", "reset"},
    [TALLY_UNREACHABLE] = {"unreachable", "unreachable"},
    [TALLY_CONNECTION] = {"connection", "connection"},
    [TALLY_CLOSED] = {"closed", "closed"},
    [TALLY_STATUS] = {"status ", "status"},
    [TALLY_BODY] = {"body:", "body"},
    [TALLY_HEADERS] = {"headers:", "headers"},
    [TALLY_TLS] = {"tls:", "tls"},
    [TALLY_NOT_HTTP] = {"not HTTP", "not_http"},
    [TALLY_GRPC] = {"grpc:", "grpc"},
    [TALLY_EXEC] = {"exec:", "exec"},
    [TALLY_LOADING] = {"loading", "loading"},
    [TALLY_OTHER] = {"", "other"},
};

int
tally_init(struct tally *tally)
{
	memset(tally, 0, sizeof(*tally));
	tally->checks = calloc(TALLY_CHECKS + 1, sizeof(*tally->checks));
	return tally->checks != NULL ? 0 : -1;
}

void
tally_finish(struct tally *tally)
{
	free(tally->checks);
	tally->checks = NULL;
}

size_t
tally_find(struct tally *tally, const char *zone, const char *name)
{
	struct tally_check *check;

	for (size_t i = 0; i < tally->n && i < TALLY_CHECKS; i++) {
		check = &tally->checks[i];
		if (strcmp(check->name, name) == 0 &&
		    strcmp(check->zone, zone) == 0)
			return i;
	}
	if (tally->n > TALLY_CHECKS)
		return TALLY_CHECKS;
	check = &tally->checks[tally->n];
	if (tally->n < TALLY_CHECKS) {
		snprintf(check->zone, sizeof(check->zone), "%s", zone);
		snprintf(check->name, sizeof(check->name), "%s", name);
	} else {
		snprintf(check->name, sizeof(check->name), "other");
	}
	return tally->n++;
}

/* Unknown times, below 0, are not counted. */
static void
add_time(struct tally_times *times, int64_t us)
{
	size_t i = 0;

	if (us < 0)
		return;
	while (i < TALLY_BOUNDS && (uint64_t)us > tally_bounds_us[i])
		i++;
	times->count[i]++;
	times->sum_us += (uint64_t)us;
}

void
tally_result(struct tally *tally, size_t i, bool deep,
    const struct attempt_result *result)
{
	struct tally_check *check = &tally->checks[i];
	struct tally_part *part = deep ? &check->deep : &check->plan;

	part->outcome[result->outcome]++;
	if (result->outcome == ATTEMPT_UNMADE)
		return;
	if (result->outcome == ATTEMPT_FAILED)
		part->failed[tally_kind(result->reason)]++;
	add_time(&part->times[TALLY_CONNECT], result->connect_us);
	add_time(&part->times[TALLY_FIRST_BYTE], result->first_byte_us);
	add_time(&part->times[TALLY_TOTAL], result->total_us);
}

void
tally_turn(struct tally *tally, uint64_t late_ms, uint64_t missed)
{
	add_time(&tally->late, (int64_t)late_ms * 1000);
	tally->missed += missed;
}

void
tally_load(
    struct tally *tally, size_t i, enum load_reading what, const char *reason)
{
	tally->checks[i].readings[what]++;
	if (what == LOAD_UNREAD)
		tally->checks[i].unread[tally_kind(reason)]++;
}

void
tally_load_turn(struct tally *tally, uint64_t late_ms, uint64_t missed)
{
	add_time(&tally->load_late, (int64_t)late_ms * 1000);
	tally->load_missed += missed;
}

void
tally_copy(struct tally *to, const struct tally *from)
{
	struct tally_check *checks = to->checks;

	memcpy(checks, from->checks, from->n * sizeof(*checks));
	*to = *from;
	to->checks = checks;
}

static enum tally_kind
kind_at(const char *reason)
{
	for (size_t i = 0; i < TALLY_OTHER; i++)
		if (strncmp(reason, kinds[i].words, strlen(kinds[i].words)) ==
		    0)
			return (enum tally_kind)i;
	return TALLY_OTHER;
}

enum tally_kind
tally_kind(const char *reason)
{
	enum tally_kind kind = kind_at(reason);

	while (kind == TALLY_OTHER && (reason = strstr(reason, ": ")) != NULL) {
		reason += 2;
		kind = kind_at(reason);
	}
	return kind;
}

const char *
tally_kind_name(enum tally_kind kind)
{
	return kinds[kind].name;
}
