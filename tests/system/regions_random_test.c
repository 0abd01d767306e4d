/*
 * Three regions that share through etcd, and what may happen to them, drawn
 * from a seed: links are cut, vantages blinded, any process killed, members of
 * etcd killed, wiped, restored from a backup or emptied, clocks moved by up to
 * an hour, while people say overrides at any node.  After each round all nodes
 * are equal: no override that was acknowledged is lost, no event is there
 * twice, the databases are whole; and each node answered all the while.
 *
 * SEED=N in the environment begins with the round of that seed, which a failing
 * one has printed; ROUNDS=N makes so many.
 */
#include <inttypes.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/hash.h"
#include "tests/full.h"
#include "tests/system/sites.h"

#define SEED 20261129

/* For what has to happen, on a busy machine. */
#define PATIENCE_MS 120000

#define HOUR_MS (INT64_C(3600) * 1000)

/* Acknowledged overrides whose reasons are looked for at all nodes. */
#define SAID_MAX 1024

#define CLIENTS 200

/* Of etcd: the last one, by whichever round made it. */
#define BACKUP "backup.db"

struct chaos {
	struct sites sites;
	uint64_t state; /* of what is drawn */
	bool cut[SITES], blind[SITES], no_etcd[SITES], paused[SITES];
	bool down[SITES]; /* the stand-in */
	unsigned said[SAID_MAX], n_said, words;
	unsigned unsure; /* said, and not acknowledged */
};

/* A number below ${n}. */
static unsigned
draw(struct chaos *c, unsigned n)
{
	c->state = hash_mix(c->state, 11);
	return (unsigned)((c->state >> 32) % n);
}

static void __attribute__((format(printf, 1, 2))) tell(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vprintf(fmt, ap);
	va_end(ap);
	(void)fflush(stdout);
}

static void
wait_ms(unsigned ms)
{
	const struct timespec pause = {
	    .tv_sec = ms / 1000, .tv_nsec = (long)(ms % 1000) * 1000000};

	nanosleep(&pause, NULL);
}

/* --- what may happen --- */

static void
kill_part(struct chaos *c, int i, enum site_part part)
{
	if (c->sites.site[i].pid[part] != 0)
		sites_kill(&c->sites, i, part);
}

static void
kill_server(struct chaos *c, int i)
{
	kill_part(c, i, SITE_SERVER);
}

static void
kill_probe(struct chaos *c, int i)
{
	kill_part(c, i, SITE_PROBE);
}

static void
kill_share(struct chaos *c, int i)
{
	/* One that is stopped is killed just as well. */
	c->paused[i] = false;
	kill_part(c, i, SITE_SHARE);
}

static void
kill_node(struct chaos *c, int i)
{
	kill_server(c, i);
	kill_probe(c, i);
	kill_share(c, i);
}

static void
pause_share(struct chaos *c, int i)
{
	if (c->paused[i] || c->sites.site[i].pid[SITE_SHARE] == 0)
		return;
	harness_signal(c->sites.h, c->sites.site[i].pid[SITE_SHARE], SIGSTOP);
	c->paused[i] = true;
}

static void
cut(struct chaos *c, int i)
{
	if (c->sites.network.spaces && !c->cut[i])
		network_cut(&c->sites.network, i);
	c->cut[i] = true;
}

static void
blind(struct chaos *c, int i)
{
	if (c->sites.network.spaces && !c->blind[i])
		network_hide(&c->sites.network, i, NETWORK_STANDIN, true);
	c->blind[i] = true;
}

static void
hide_etcd(struct chaos *c, int i)
{
	if (c->sites.network.spaces && !c->no_etcd[i])
		network_hide(&c->sites.network, i, NETWORK_ETCD, true);
	c->no_etcd[i] = true;
}

static void
take_down(struct chaos *c, int i)
{
	sites_order(&c->sites, i, "health=down");
	c->down[i] = true;
}

static void
move_clock(struct chaos *c, int i)
{
	int64_t by_ms = (int64_t)draw(c, 7201) * 1000 - HOUR_MS;

	tell("  clock %+" PRId64 " s\n", by_ms / 1000);
	sites_clock(&c->sites, i, by_ms);
}

static void
kill_member(struct chaos *c, int i)
{
	if (c->sites.etcd.members[i].pid != 0)
		etcd_kill(&c->sites.etcd, i);
}

static const struct {
	const char *name;
	void (*happen)(struct chaos *c, int i);
} happenings[] = {
    {"meridiand killed", kill_server},
    {"meridian-probe killed", kill_probe},
    {"meridian-share killed", kill_share},
    {"its node killed", kill_node},
    {"meridian-share stopped", pause_share},
    {"cut", cut},
    {"blind", blind},
    {"no way to etcd", hide_etcd},
    {"endpoints down", take_down},
    {"clock moved", move_clock},
    {"etcd killed", kill_member},
};

#define HAPPENINGS (sizeof(happenings) / sizeof(happenings[0]))

/* While all members can be reached, as operators would. */
static void
wipe_member(struct chaos *c, int i)
{
	tell("  etcd %d wiped\n", i);
	etcd_wipe(&c->sites.etcd, i);
	etcd_run(&c->sites.etcd, i);
	/* Until it has what the others have, it needs both of them. */
	etcd_await(&c->sites.etcd, i);
}

static void
restore(struct chaos *c, bool empty)
{
	struct etcd_cluster *etcd = &c->sites.etcd;

	tell(empty ? "  all of etcd emptied\n" : "  etcd restored\n");
	etcd_restore(etcd, empty ? NULL : BACKUP);
	for (int i = 0; i < SITES; i++)
		etcd_run(etcd, i);
}

static void
happen_to_etcd(struct chaos *c)
{
	switch (draw(c, 8)) {
	case 0:
		wipe_member(c, (int)draw(c, SITES));
		break;
	case 1:
		restore(c, false);
		break;
	case 2:
		restore(c, true);
		break;
	case 3:
		tell("  backup of etcd\n");
		etcd_backup(&c->sites.etcd, BACKUP);
		break;
	default:
		break;
	}
}

/* --- overrides --- */

/* Whatever is drained, one endpoint of each region is left.  No clock that is
 * moved by an hour may end what is said for less at one node alone. */
static void
say(struct chaos *c)
{
	struct sites *s = &c->sites;
	int i = (int)draw(c, SITES);
	const char *verb = draw(c, 3) > 0 ? "drain" : "undrain";
	const char *out = "";
	char reason[16], target[32];

	(void)snprintf(reason, sizeof(reason), "word-%u", c->words);
	(void)snprintf(
	    target, sizeof(target), "%s-1", s->site[draw(c, SITES)].name);
	if (verb[0] == 'd')
		(void)sites_ctl(s, i, &out, verb, "endpoint", target,
		    "--reason", reason, "--force-anyway", "--for",
		    draw(c, 4) == 0 ? "5s" : "50m");
	else
		(void)sites_ctl(
		    s, i, &out, verb, "endpoint", target, "--reason", reason);
	tell("  %s %s at %s, %s: %s", verb, target, s->site[i].name, reason,
	    out);
	if (strstr(out, "accepted by all nodes") == NULL)
		c->unsure++;
	else if (c->n_said < SAID_MAX)
		c->said[c->n_said++] = c->words;
	c->words++;
}

/* --- and all is well again --- */

static void
mend_links(struct chaos *c, int i)
{
	const struct network *n = &c->sites.network;

	if (n->spaces && c->cut[i])
		network_join(n, i);
	if (n->spaces && c->blind[i])
		network_hide(n, i, NETWORK_STANDIN, false);
	if (n->spaces && c->no_etcd[i])
		network_hide(n, i, NETWORK_ETCD, false);
	c->cut[i] = c->blind[i] = c->no_etcd[i] = false;
}

static void
mend_programs(struct chaos *c, int i)
{
	struct site *site = &c->sites.site[i];

	if (c->paused[i])
		harness_signal(c->sites.h, site->pid[SITE_SHARE], SIGCONT);
	c->paused[i] = false;
	if (c->sites.etcd.members[i].pid == 0)
		etcd_run(&c->sites.etcd, i);
	if (site->pid[SITE_SHARE] == 0)
		sites_run(&c->sites, i, SITE_SHARE);
	if (site->pid[SITE_PROBE] == 0)
		sites_run(&c->sites, i, SITE_PROBE);
	if (site->pid[SITE_SERVER] == 0)
		sites_serve(&c->sites, i);
	if (c->down[i])
		sites_order(&c->sites, i, "health=up");
	c->down[i] = false;
}

static void
mend(struct chaos *c)
{
	for (int i = 0; i < SITES; i++)
		mend_links(c, i);
	for (int i = 0; i < SITES; i++)
		mend_programs(c, i);
	for (int i = 0; i < SITES; i++)
		etcd_await(&c->sites.etcd, i);
}

/* --- what holds --- */

/* The number that ${query} gives at node ${i}. */
static long
count(struct chaos *c, int i, const char *query)
{
	return strtol(sites_sql(&c->sites, i, query), NULL, 10);
}

static const char twice[] =
    "SELECT count(*) FROM (SELECT 1 FROM event GROUP BY vantage, zone, pool,"
    " endpoint, at_ms, before, after HAVING count(*) > 1)";

/* Each change begins where the one before it ended, or with nothing: who looks
 * again after long does not take what was for what is. */
static const char broken[] =
    "SELECT count(*) FROM (SELECT before, lag(after) OVER (PARTITION BY"
    " vantage, zone, pool, endpoint ORDER BY sequence) AS was FROM event"
    " WHERE endpoint <> '') WHERE was IS NOT NULL AND was <> before"
    " AND before <> 'unknown'";

static const char numbers_twice[] =
    "SELECT count(*) - count(DISTINCT id) FROM override WHERE shared = 1";

static const char waiting[] = "SELECT count(*) FROM override WHERE shared = 0";

static void
check_node(struct chaos *c, int i)
{
	char query[128];

	ck_assert_str_eq(
	    sites_sql(&c->sites, i, "PRAGMA integrity_check"), "ok\n");
	ck_assert_int_eq(count(c, i, twice), 0);
	ck_assert_int_eq(count(c, i, broken), 0);
	ck_assert_int_eq(count(c, i, numbers_twice), 0);
	for (unsigned n = 0; n < c->n_said; n++) {
		(void)snprintf(query, sizeof(query),
		    "SELECT count(*) FROM override WHERE reason = 'word-%u' "
		    "AND shared = 1",
		    c->said[n]);
		if (count(c, i, query) == 1)
			continue;
		sites_tell(&c->sites);
		ck_abort_msg("word-%u was acknowledged, and is not at %s",
		    c->said[n], c->sites.site[i].name);
	}
}

/* All that was said has been accepted or refused. */
static bool
nothing_waits(struct chaos *c)
{
	for (int i = 0; i < SITES; i++)
		if (count(c, i, waiting) != 0)
			return false;
	return true;
}

static bool
settled(struct chaos *c)
{
	return nothing_waits(c) && sites_all_up(&c->sites) &&
	    sites_differing(&c->sites, CLIENTS) == 0;
}

static void
one_round(struct chaos *c, unsigned number, uint64_t seed)
{
	int64_t began = harness_ms(), mended;

	tell("round %u: SEED=%" PRIu64 "\n", number, seed);
	c->state = seed;
	happen_to_etcd(c);
	for (unsigned n = 2 + draw(c, 4); n > 0; n--) {
		unsigned which = draw(c, HAPPENINGS);
		int i = (int)draw(c, SITES);

		tell("  %s: %s\n", c->sites.site[i].name,
		    happenings[which].name);
		happenings[which].happen(c, i);
		if (draw(c, 2) == 0)
			say(c);
		wait_ms(draw(c, 1000));
	}
	if (draw(c, 2) == 0)
		say(c);
	mended = harness_ms();
	mend(c);
	SITES_WAIT(&c->sites, PATIENCE_MS, settled(c));
	for (int i = 0; i < SITES; i++)
		check_node(c, i);
	tell("  settled after %" PRId64 " ms, %" PRId64 " in all\n",
	    harness_ms() - mended, harness_ms() - began);
}

static uint64_t
number_of(const char *name, uint64_t otherwise)
{
	const char *text = getenv(name);

	return text != NULL ? strtoull(text, NULL, 10) : otherwise;
}

START_TEST(regions_agree_after_whatever_happens)
{
	static struct chaos c;
	uint64_t seed = number_of("SEED", SEED);
	unsigned n = (unsigned)number_of("ROUNDS", full_size(6, 200));

	c.sites.clocks = true;
	sites_begin(&c.sites);
	/* A round that restores one can be the first. */
	etcd_backup(&c.sites.etcd, BACKUP);
	for (unsigned i = 0; i < n; i++) {
		one_round(&c, i, seed);
		seed = hash_mix(seed, 1);
	}
	printf("measured: %u rounds from SEED=%" PRIu64 ": %u overrides "
	       "acknowledged, none lost, %u more said\n",
	    n, number_of("SEED", SEED), c.n_said, c.unsure);
	sites_end(&c.sites);
}
END_TEST

int
main(void)
{
	const struct harness_case cases[] = {
	    {"regions_agree_after_whatever_happens",
		regions_agree_after_whatever_happens, 300},
	};

	return harness_main(
	    "regions_random", cases, sizeof(cases) / sizeof(cases[0]));
}
