/*
 * Three regions that share through etcd: a change is in the answers of all, one
 * blind vantage moves nobody, a lost region costs only its own clients a move,
 * the majority of a cut goes on, the minority freezes and says so, and after it
 * all have the same picture.  No answer is lost all the while.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "tests/full.h"
#include "tests/system/sites.h"

/* For what has to happen, on a busy machine. */
#define PATIENCE_MS 30000

/* So long nothing may happen; longer than a lease and some checks. */
#define STILL_MS 2500

/* --- a change --- */

/* When the second of three vantages knew it of endpoint us-east-${n}, in ms of
 * the wall clock: by that a majority has it. */
static int64_t
endpoint_known_ms(struct sites *s, int n, const char *health, int64_t after_ms)
{
	int64_t first = INT64_MAX, second = INT64_MAX;

	for (int i = 0; i < SITES; i++) {
		char query[256];
		int64_t at;

		(void)snprintf(query, sizeof(query),
		    "SELECT min(at_ms) FROM event WHERE pool = 'v1' AND "
		    "endpoint = 'us-east-%d' AND after = '%s' AND at_ms >= "
		    "%lld",
		    n, health, (long long)after_ms);
		at = strtoll(sites_sql(s, i, query), NULL, 10);
		if (at == 0)
			continue;
		second = at < first ? first : at < second ? at : second;
		first = at < first ? at : first;
	}
	ck_assert(second != INT64_MAX);
	return second;
}

/* A region is left when both of its endpoints are down, and has its clients
 * again as soon as one is up. */
static int64_t
known_ms(struct sites *s, bool up, int64_t after_ms)
{
	const char *health = up ? "up" : "down";
	int64_t a = endpoint_known_ms(s, 0, health, after_ms);
	int64_t b = endpoint_known_ms(s, 1, health, after_ms);

	return (a < b) == up ? a : b;
}

/* Whether each node sends the client of region 0 there, or elsewhere. */
static bool
all_send(struct sites *s, bool there)
{
	for (int i = 0; i < SITES; i++)
		if ((sites_given(s, i, 0) == 0) != there)
			return false;
	return true;
}

/* From the second vantage that knew to the last node that answered so. */
static int64_t
change(struct sites *s, bool there)
{
	int64_t began = clock_wall_ms(), last = 0;

	sites_order(s, 0, there ? "health=up" : "health=down");
	SITES_WAIT(s, PATIENCE_MS, all_send(s, there));
	for (int i = 0; i < SITES; i++) {
		int64_t since = atomic_load(&s->site[i].asker->since_ms[0]);

		last = since > last ? since : last;
	}
	/* Let all three vantages have found it, so that the next one is told
	 * apart from it. */
	(void)sites_settle(s, PATIENCE_MS);
	return last - known_ms(s, there, began);
}

static int
by_size(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

static void
a_change_is_seen_by_all(struct sites *s)
{
	int64_t took[64] = {0};
	size_t n = full_size(6, 40);

	for (size_t i = 0; i < n; i++)
		took[i] = change(s, i % 2 == 1);
	qsort(took, n, sizeof(took[0]), by_size);
	printf("measured: a change is in the answers of all nodes after %lld "
	       "ms, median of %zu, %lld to %lld\n",
	    (long long)took[n / 2], n, (long long)took[0],
	    (long long)took[n - 1]);
	ck_assert_int_lt(took[n / 2], 5000);
}

/* --- nobody moves --- */

/* For a while, each client of ${mask} gets its own region from each node of
 * ${nodes}. */
static void
stay(struct sites *s, unsigned nodes, unsigned clients)
{
	int64_t end = harness_ms() + STILL_MS;

	do {
		for (int i = 0; i < SITES; i++)
			for (int client = 0; client < SITES; client++)
				ck_assert_msg((nodes >> i & 1) == 0 ||
					(clients >> client & 1) == 0 ||
					sites_given(s, i, client) == client,
				    "node %d sends client %d to %d", i, client,
				    sites_given(s, i, client));
		sites_pause();
	} while (harness_ms() < end);
}

static bool
finds_down(struct sites *s, int node, int vantage, int n)
{
	char query[256], want[16];

	(void)snprintf(query, sizeof(query),
	    "SELECT count(*) FROM endpoint WHERE vantage = '%s' AND "
	    "health = 'down'",
	    s->site[vantage].name);
	(void)snprintf(want, sizeof(want), "%d\n", n);
	return strcmp(sites_sql(s, node, query), want) == 0;
}

static void
one_blind_vantage_moves_nobody(struct sites *s)
{
	network_hide(&s->network, 2, NETWORK_STANDIN, true);
	/* Of two regions two pools with two endpoints each, one with one. */
	for (int i = 0; i < SITES; i++)
		SITES_WAIT(s, PATIENCE_MS, finds_down(s, i, 2, 10));
	stay(s, 7, 7);
	network_hide(&s->network, 2, NETWORK_STANDIN, false);
	for (int i = 0; i < SITES; i++)
		SITES_WAIT(s, PATIENCE_MS, finds_down(s, i, 2, 0));
	stay(s, 7, 7);
}

/* --- a region lost --- */

static void
lose(struct sites *s, int i)
{
	if (s->network.spaces)
		network_cut(&s->network, i);
	for (int part = 0; part < SITE_PARTS; part++)
		sites_kill(s, i, (enum site_part)part);
	etcd_kill(&s->etcd, i);
}

static void
bring_back(struct sites *s, int i)
{
	if (s->network.spaces)
		network_join(&s->network, i);
	etcd_run(&s->etcd, i);
	for (int part = SITE_PROBE; part < SITE_PARTS; part++)
		sites_run(s, i, (enum site_part)part);
	sites_serve(s, i);
}

static void
a_region_lost_moves_only_its_clients(struct sites *s)
{
	lose(s, 1);
	for (int i = 0; i < SITES; i += 2)
		SITES_WAIT(s, PATIENCE_MS,
		    sites_given(s, i, 1) != 1 && sites_given(s, i, 1) >= 0);
	ck_assert_int_eq(sites_given(s, 0, 1), sites_given(s, 2, 1));
	stay(s, 5, 5);
	bring_back(s, 1);
	(void)sites_settle(s, PATIENCE_MS);
	for (int i = 0; i < SITES; i++)
		SITES_WAIT(s, PATIENCE_MS, sites_given(s, i, 1) == 1);
}

/* --- a cut --- */

/* The link of region ${i}, or where there is none to cut, its member of etcd,
 * the only one that its node knows there. */
static void
cut(struct sites *s, int i, bool off)
{
	if (!s->network.spaces)
		harness_signal(
		    s->h, s->etcd.members[i].pid, off ? SIGSTOP : SIGCONT);
	else if (off)
		network_cut(&s->network, i);
	else
		network_join(&s->network, i);
}

static bool
says_cut_off(struct sites *s, int i)
{
	const char *out;

	return sites_ctl(s, i, &out, "status") == 1 &&
	    strstr(out, "NODE CUT OFF: ") != NULL;
}

static void
the_majority_goes_on_and_the_minority_freezes(struct sites *s)
{
	int64_t took;

	cut(s, 2, true);
	SITES_WAIT(s, PATIENCE_MS, says_cut_off(s, 2));
	sites_order(s, 0, "health=down");
	for (int i = 0; i < 2; i++)
		SITES_WAIT(s, PATIENCE_MS, sites_given(s, i, 0) == 1);
	/* Without a link, region 2 is lost to the others; but it keeps what it
	 * knew of them, and its own. */
	stay(s, 4, 7);
	stay(s, 3, 2);
	ck_assert(!says_cut_off(s, 0) && !says_cut_off(s, 1));
	cut(s, 2, false);
	took = sites_settle(s, PATIENCE_MS);
	printf("measured: a region whose link is healed has the same picture "
	       "after %lld ms\n",
	    (long long)took);
	ck_assert_int_lt(took, 15000);
	SITES_WAIT(s, PATIENCE_MS, sites_given(s, 2, 0) == 1);
	sites_order(s, 0, "health=up");
	SITES_WAIT(s, PATIENCE_MS, sites_all_up(s));
	for (int i = 0; i < SITES; i++)
		for (int client = 0; client < SITES; client++)
			SITES_WAIT(s, PATIENCE_MS,
			    sites_given(s, i, client) == client);
	ck_assert(!says_cut_off(s, 2));
	SITES_WAIT(s, PATIENCE_MS, sites_keep_same(s));
}

/* --- the same answers --- */

/* Once it is settled: a check that a busy machine fails for once is a change
 * like others. */
static void
all_answer_alike(struct sites *s)
{
	size_t n = full_size(2000, 100000), differ = n;

	for (int i = 0; i < 10 && differ > 0; i++) {
		SITES_WAIT(s, PATIENCE_MS, sites_all_up(s));
		sites_pause();
		differ = sites_differing(s, n);
	}
	printf("measured: %zu random clients ask three nodes: %zu answers "
	       "differ\n",
	    n, differ);
	ck_assert_uint_eq(differ, 0);
}

/* And what people ask with says so. */
static void
compare_says_so(struct sites *s)
{
	const char *out = "";
	int status = 1;

	for (int i = 0; i < 10 && status == 1; i++) {
		SITES_WAIT(s, PATIENCE_MS, sites_all_up(s));
		status = sites_ctl(s, 1, &out, "compare", "--clients", "500",
		    "one", "two", "named", "listed");
	}
	ck_assert_msg(status == 0, "compare: %d: %s", status, out);
}

START_TEST(regions_share_one_picture)
{
	static struct sites s;

	sites_begin(&s);
	a_change_is_seen_by_all(&s);
	if (s.network.spaces)
		one_blind_vantage_moves_nobody(&s);
	a_region_lost_moves_only_its_clients(&s);
	the_majority_goes_on_and_the_minority_freezes(&s);
	all_answer_alike(&s);
	compare_says_so(&s);
	sites_end(&s);
}
END_TEST

int
main(void)
{
	const struct harness_case cases[] = {
	    {"regions_share_one_picture", regions_share_one_picture, 240},
	};

	return harness_main("regions", cases, sizeof(cases) / sizeof(cases[0]));
}
