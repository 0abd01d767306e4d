/*
 * What sharing through etcd costs, and how soon all nodes know: 20 nodes that
 * check 10,000 endpoints each write to one etcd with its data in memory, and
 * three nodes read all of it into state databases of their own; the first of
 * these answers and checks, too.  Prints what was measured against what is
 * promised, a line each.  `make bench-share` and `make check-long` run all of
 * it; `make check` a tenth, from the same seed.
 *
 * WRITERS, ENDPOINTS and SECONDS of the quiet time are other sizes.  Where
 * fewer cores than programs are there, what takes time takes longer than with
 * a machine for each node: the time of CPU is told beside it, which is what has
 * to be within the promise then, and how long it takes with one node alone.
 */
#include <ctype.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/text.h"
#include "tests/bench/share_rows.h"
#include "tests/full.h"
#include "tests/system/etcd.h"
#include "tests/system/node.h"

#define READERS 3
#define WRITERS_MAX 64
#define ENDPOINTS_MAX 65536

/* Between two looks at the databases: what is looked at is not to wait for who
 * looks. */
#define LOOK_MS 100

/* The promises. */
#define WRITES_S 50.0
#define NODE_PERCENT 5.0
#define DOWN_MS 3000
#define READ_MS 5000
/* Of the slower of them, while the machine does other things. */
#define PATIENCE_MS 300000

/* Not before so long after all was written do times of checks travel, see
 * OUTGOING_MINOR_MS: the writers' clock goes forward so far at once. */
#define ADVANCE_MS "450000"

struct reader {
	char name[8], file[16], state[16];
	pid_t share;
	/* Of what is going down: rows up to this sequence of its database were
	 * looked at, by vantage and endpoint which of them are there, how many
	 * these are, and how many endpoints most vantages see down. */
	int64_t sequence;
	bool seen[WRITERS_MAX][ENDPOINTS_MAX];
	uint8_t votes[ENDPOINTS_MAX];
	long rows, decided;
	int64_t most_ms, all_ms; /* after so long all are; 0: not yet */
};

struct bench {
	struct harness *h;
	struct node node; /* the files of all readers, meridiand of the first */
	struct etcd_cluster etcd;
	struct reader readers[READERS];
	pid_t writers;
	unsigned n_writers, n_endpoints, n_readers, seconds;
	bool full, failed;
};

/* The folder of etcd's data: writes of a disk are not what is measured. */
static char memory[] = "/dev/shm/meridian-XXXXXX";

static unsigned
number_of(const char *variable, uint64_t without)
{
	const char *text = getenv(variable);

	return text != NULL ? (unsigned)strtoul(text, NULL, 10)
			    : (unsigned)without;
}

/* Promises are those of the full size, on a machine that does nothing else: of
 * the small one only the number of writes is, which is the same on any.  Where
 * ${counts} is false, one that is not kept is told and is no failure. */
static void say(struct bench *b, bool counts, bool well, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));

static void
say(struct bench *b, bool counts, bool well, const char *fmt, ...)
{
	va_list args;

	b->failed |= counts && !well && b->full;
	printf("measured: %s ", well ? "PASS" : counts ? "FAIL" : "MISS");
	va_start(args, fmt);
	vprintf(fmt, args);
	va_end(args);
	printf("\n");
	fflush(stdout);
}

/* --- what a process takes --- */

/* Of a process and those that it started, in seconds. */
static double
cpu_s(struct bench *b, pid_t pid)
{
	static const double tick = 100;
	char path[64];
	const char *at, *children;
	double sum = 0;

	snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	at = strrchr(harness_read(b->h, path), ')');
	/* Fields 14 and 15; the parenthesis ends the second. */
	for (int field = 2; at != NULL && field < 14; field++)
		at = strchr(at + 1, ' ');
	if (at != NULL) {
		char *end;

		sum = (double)strtoul(at, &end, 10) / tick;
		sum += (double)strtoul(end, NULL, 10) / tick;
	}
	snprintf(path, sizeof(path), "/proc/%d/task/%d/children", (int)pid,
	    (int)pid);
	children = harness_read(b->h, path);
	while (isdigit((unsigned char)children[0])) {
		char *end;

		sum += cpu_s(b, (pid_t)strtol(children, &end, 10));
		children = end[0] == ' ' ? end + 1 : end;
	}
	return sum;
}

/* --- what the programs say --- */

/* The number behind ${word} in the last line of the writers that begins with
 * ${head}; -1. */
static int64_t
told(struct bench *b, const char *head, const char *word)
{
	const char *text =
	    harness_read(b->h, harness_path(b->h, "writers.log"));
	const char *at = text, *last = NULL;

	while ((at = strstr(at, head)) != NULL)
		last = at++;
	at = last != NULL ? strstr(last, word) : NULL;
	return at != NULL ? strtoll(at + strlen(word), NULL, 10) : -1;
}

static double
etcd_metric(struct bench *b, const char *name)
{
	const char *body = "", *line;
	char url[128], head[96];

	snprintf(url, sizeof(url), "%s/metrics", b->etcd.members[0].url);
	(void)harness_http(b->h, "GET", url, &body);
	snprintf(head, sizeof(head), "\n%s ", name);
	line = strstr(body, head);
	return line != NULL ? strtod(line + strlen(head), NULL) : -1;
}

/* What ${sql} says of the database of ${reader}; "" when it cannot be asked. */
static const char *
select_of(struct bench *b, const struct reader *reader, const char *sql)
{
	const char *out = "";

	return harness_run(b->h, &out, "/usr/bin/sqlite3", "-cmd",
		   ".timeout 5000", harness_path(b->h, reader->state), sql,
		   NULL) == 0
	    ? out
	    : "";
}

static long
count(struct bench *b, const struct reader *reader, const char *where)
{
	char sql[256];
	const char *out;

	snprintf(sql, sizeof(sql),
	    "SELECT count(*) FROM endpoint WHERE vantage GLOB 'w*' %s", where);
	out = select_of(b, reader, sql);
	return out[0] != '\0' ? strtol(out, NULL, 10) : -1;
}

/* --- the files --- */

static void
write_steering(struct bench *b)
{
	struct text t;

	text_init(&t, (size_t)16 << 20);
	text_add(&t,
	    "regions:\n"
	    "  r0: {at: [39.0, -77.5]}\n"
	    "  r1: {at: [53.3, -6.3]}\n"
	    "  r2: {at: [19.1, 72.9]}\n"
	    "  r3: {at: [35.6, 139.7]}\n"
	    "checks:\n"
	    "  seldom: {preset: tcp, port: %u, every: 1h, timeout: 5s}\n"
	    "pools:\n",
	    b->node.standin_port[0]);
	for (unsigned pool = 0; pool < SHARE_POOLS; pool++) {
		text_add(&t,
		    "  " SHARE_POOL ":\n    check: seldom\n    endpoints:\n",
		    pool);
		for (unsigned i = 0; i < b->n_endpoints; i++)
			if (share_row_pool(i) == pool)
				text_add(&t,
				    "      - {name: " SHARE_ENDPOINT
				    ", region: r%u, address: 10.%u.%u.%u, "
				    "check_at: 127.0.0.1}\n",
				    i, share_row_region(i), share_row_region(i),
				    i >> 8, i & 255);
	}
	text_add(&t, "services:\n");
	for (unsigned i = 0; i < SHARE_POOLS; i++)
		text_add(&t, "  s%u: {pool: " SHARE_POOL "}\n", i, i);
	ck_assert(!t.failed);
	harness_write(b->h, "inference.yaml", "%s", t.data);
	text_finish(&t);
}

static void
write_readers(struct bench *b)
{
	char extra[256], members[128];

	(void)etcd_endpoints(&b->etcd, members, sizeof(members));
	snprintf(extra, sizeof(extra),
	    "node: a\nworkers: 1\nshare: {etcd: [%s]}\n", members);
	node_config(&b->node, extra);
	node_records(&b->node, node_zone);
	write_steering(b);
	for (int i = 0; i < READERS; i++) {
		struct reader *r = &b->readers[i];

		snprintf(r->name, sizeof(r->name), "%c", 'a' + i);
		snprintf(r->file, sizeof(r->file), "%s",
		    i == 0 ? "meridian.yaml" : r->name);
		snprintf(r->state, sizeof(r->state), "%s%s.db",
		    i == 0 ? "state" : "state-", i == 0 ? "" : r->name);
		if (i > 0)
			harness_write(b->h, r->file,
			    "listen: 127.0.0.1:%u\nstate: %s\nnode: %s\n"
			    "vantage: v-%s\nshare: {etcd: [%s]}\n"
			    "zones:\n  - {name: " SHARE_ZONE
			    ", records: inference.zone}\n",
			    harness_port(b->h), r->state, r->name, r->name,
			    members);
	}
}

static void
begin(struct bench *b)
{
	char log[] = "writers.log", writers[16], endpoints[16];

	*b = (struct bench){.n_writers = number_of("WRITERS", 20),
	    .n_endpoints = number_of("ENDPOINTS", full_size(1000, 10000)),
	    .seconds = number_of("SECONDS", full_size(10, 60)),
	    .n_readers = READERS,
	    .full = full_size(0, 1) == 1};
	ck_assert_uint_le(b->n_writers, WRITERS_MAX);
	ck_assert_uint_le(b->n_endpoints, ENDPOINTS_MAX);
	b->h = harness_create();
	ck_assert_int_eq(symlink(memory, harness_path(b->h, "etcd-0")), 0);
	node_init(&b->node, b->h);
	node_standins(&b->node);
	b->etcd.option = "--quota-backend-bytes=8000000000";
	etcd_start(&b->etcd, b->h, 1, false);
	/* The id of a site: one that is new waits for a lease before it makes
	 * one. */
	(void)etcd_post(&b->etcd, 0, "/v3/kv/put",
	    "{\"key\":\"L21lcmlkaWFuL3NpdGU=\","
	    "\"value\":\"MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=\"}");
	write_readers(b);
	snprintf(writers, sizeof(writers), "%u", b->n_writers);
	snprintf(endpoints, sizeof(endpoints), "%u", b->n_endpoints);
	b->writers = harness_start(b->h, log,
	    harness_built(b->h, "tests/bench/share-writers"),
	    b->etcd.members[0].url, writers, endpoints, ADVANCE_MS, NULL);
	HARNESS_WAIT(PATIENCE_MS, told(b, "settled", "settled ") > 0);
	printf("measured: %u writers with %u endpoints each; all of it was "
	       "written in %lld transactions of %lld keys, %.1f MB\n",
	    b->n_writers, b->n_endpoints,
	    (long long)told(b, "settled", "transactions "),
	    (long long)told(b, "settled", "keys "),
	    (double)told(b, "settled", "bytes ") / 1e6);
}

static void
end(struct bench *b)
{
	for (unsigned i = 0; i < b->n_readers; i++)
		harness_stop(b->h, b->readers[i].share);
	harness_stop(b->h, b->node.probe);
	harness_stop(b->h, b->node.server);
	harness_kill(b->h, b->writers);
	etcd_finish(&b->etcd);
	harness_destroy(b->h);
}

/* --- what is measured --- */

static bool
has_all(struct bench *b, const struct reader *reader)
{
	return count(b, reader, "") ==
	    (long)b->n_writers * (long)b->n_endpoints;
}

static void
first_reading(struct bench *b, struct reader *r)
{
	int64_t began_ms = harness_ms(), took_ms;

	r->share = harness_start(b->h, r->name, "meridian-share", "-c",
	    harness_path(b->h, r->file), NULL);
	HARNESS_WAIT(PATIENCE_MS, has_all(b, r));
	took_ms = harness_ms() - began_ms;
	say(b, true, took_ms < READ_MS,
	    "node %s has read everything, %u rows, into its database after "
	    "%.2f s, %.2f s of CPU (promised: %.0f s)",
	    r->name, b->n_writers * b->n_endpoints, (double)took_ms / 1000,
	    cpu_s(b, r->share), READ_MS / 1000.0);
}

/* Whether service ${i} answers from region r0, which has addresses of its own.
 */
static bool
answers_from_r0(struct bench *b, unsigned i)
{
	char name[64];

	snprintf(name, sizeof(name), "s%u." SHARE_ZONE ".", i);
	return strncmp(node_ask(&b->node, name, "A", "73.0.0.0/24"), "10.0.",
		   5) == 0;
}

struct spent {
	double etcd, writers, server, probe, share[READERS];
	double puts, transactions;

	int64_t ms;
};

static void
look(struct bench *b, struct spent *s)
{
	s->ms = harness_ms();
	s->etcd = cpu_s(b, b->etcd.members[0].pid);
	s->writers = cpu_s(b, b->writers);
	s->server = cpu_s(b, b->node.server);
	s->probe = cpu_s(b, b->node.probe);
	for (int i = 0; i < READERS; i++)
		s->share[i] = cpu_s(b, b->readers[i].share);
	s->puts = etcd_metric(b, "etcd_debugging_mvcc_put_total");
	s->transactions =
	    etcd_metric(b, "etcd_server_proposals_committed_total");
}

static void
quiet_time(struct bench *b)
{
	struct spent before, after;
	double s, writes, keys;

	look(b, &before);
	sleep(b->seconds);
	look(b, &after);
	s = (double)(after.ms - before.ms) / 1000;
	writes = (after.transactions - before.transactions) / s;
	keys = (after.puts - before.puts) / s;
	say(b, true, writes < WRITES_S && keys < WRITES_S,
	    "%.0f quiet s: etcd carries out %.1f writes a second, of %.1f "
	    "keys, with %.1f %% of a core (promised: %.0f)",
	    s, writes, keys, (after.etcd - before.etcd) / s * 100, WRITES_S);
	ck_assert(writes >= 0 && writes < WRITES_S && keys < WRITES_S);
	for (int i = 0; i < READERS; i++) {
		double percent = (after.share[i] - before.share[i]) / s * 100;

		say(b, true, percent < NODE_PERCENT,
		    "meridian-share of node %s takes %.2f %% of a core "
		    "(promised: %.0f)",
		    b->readers[i].name, percent, NODE_PERCENT);
	}
	say(b, true, (after.server - before.server) / s * 100 < NODE_PERCENT,
	    "meridiand takes %.2f %% of a core, meridian-probe %.2f "
	    "(promised: %.0f); a writer, with the rows that it makes up, %.2f",
	    (after.server - before.server) / s * 100,
	    (after.probe - before.probe) / s * 100, NODE_PERCENT,
	    (after.writers - before.writers) / s * 100 / b->n_writers);
}

/* --- a region goes down --- */

static void
begin_down(struct bench *b, struct reader *r)
{
	memset(r->seen, 0, sizeof(r->seen));
	memset(r->votes, 0, sizeof(r->votes));
	r->rows = r->decided = 0;
	r->most_ms = r->all_ms = 0;
	r->sequence = strtoll(
	    select_of(b, r, "SELECT max(sequence) FROM endpoint"), NULL, 10);
}

/* Take the rows that came since the last look: each is read once, which costs
 * little beside what is measured. */
static void
look_at_rows(struct bench *b, struct reader *r, unsigned most)
{
	char sql[256];
	const char *line;

	snprintf(sql, sizeof(sql),
	    "SELECT sequence, substr(vantage, 2), substr(endpoint, 2)"
	    " FROM endpoint WHERE sequence > %lld AND vantage GLOB 'w*'"
	    " AND health = 'down' ORDER BY sequence",
	    (long long)r->sequence);
	for (line = select_of(b, r, sql); *line != '\0';) {
		char *end;
		int64_t sequence = strtoll(line, &end, 10);
		unsigned long vantage = strtoul(end + 1, &end, 10);
		unsigned long endpoint = strtoul(end + 1, &end, 10);

		ck_assert_msg(*end == '\n' && vantage < b->n_writers &&
			endpoint < b->n_endpoints,
		    "no row of the benchmark: %.80s", line);
		line = end + 1;
		r->sequence = sequence;
		if (r->seen[vantage][endpoint])
			continue;
		r->seen[vantage][endpoint] = true;
		r->rows++;
		r->decided += ++r->votes[endpoint] == most;
	}
}

struct down {
	unsigned seers, most; /* vantages: that see it, that decide */
	long endpoints;
	int64_t began_ms, answer_ms;
	struct spent before, after;
};

/* The seconds until it was so for the last of the nodes. */
static double
worst_s(const struct bench *b, bool all)
{
	int64_t worst_ms = 0;

	for (unsigned i = 0; i < b->n_readers; i++) {
		const struct reader *r = &b->readers[i];
		int64_t ms = all ? r->all_ms : r->most_ms;

		if (ms > worst_ms)
			worst_ms = ms;
	}
	return (double)worst_ms / 1000;
}

/* Until all rows are in all databases, and answers are made by them. */
static void
wait_for_rows(struct bench *b, struct down *d)
{
	const struct timespec pause = {.tv_nsec = LOOK_MS * 1000000L};
	bool decides = d->seers >= d->most;
	unsigned moved = 0, left = b->n_readers;

	while (left > 0 || (decides && d->answer_ms == 0)) {
		ck_assert_int_lt(harness_ms() - d->began_ms, PATIENCE_MS);
		for (unsigned i = 0; i < b->n_readers; i++) {
			struct reader *r = &b->readers[i];

			if (r->all_ms != 0)
				continue;
			look_at_rows(b, r, d->most);
			if (r->most_ms == 0 && r->decided == d->endpoints)
				r->most_ms = harness_ms() - d->began_ms;
			if (r->rows < (long)d->seers * d->endpoints)
				continue;
			r->all_ms = harness_ms() - d->began_ms;
			left--;
		}
		while (moved < SHARE_POOLS && !answers_from_r0(b, moved))
			moved++;
		if (moved == SHARE_POOLS && d->answer_ms == 0)
			d->answer_ms = harness_ms() - d->began_ms;
		nanosleep(&pause, NULL);
	}
}

/* A node, etcd and the writers have two cores each, at least, where each has a
 * machine. */
static bool
is_room(const struct bench *b)
{
	return sysconf(_SC_NPROCESSORS_ONLN) >= 2 * ((long)b->n_readers + 2);
}

/* What one vantage sees is soon on any machine, unless tests run beside. */
static void
say_soon(struct bench *b, const struct down *d, const char *what, double s)
{
	say(b, is_room(b) || (d->seers == 1 && b->full), s * 1000 < DOWN_MS,
	    "%s after %.2f s (promised: %d s)", what, s, DOWN_MS / 1000);
}

/* Of two programs that a node runs side by side. */
static void
say_cpu(struct bench *b, const char *program, double s)
{
	say(b, true, s * 1000 < DOWN_MS,
	    "%s of a node takes %.2f s of CPU (promised: %d s)", program, s,
	    DOWN_MS / 1000);
}

static void
say_down(struct bench *b, const struct down *d)
{
	const struct spent *was = &d->before, *is = &d->after;

	printf("measured: %ld endpoints down as %u vantage%s see%s it, %ld "
	       "rows, with %u node%s that read%s:\n",
	    d->endpoints, d->seers, d->seers == 1 ? "" : "s",
	    d->seers == 1 ? "s" : "", d->seers * d->endpoints, b->n_readers,
	    b->n_readers == 1 ? "" : "s", b->n_readers == 1 ? "s" : "");
	if (d->seers >= d->most) {
		say_soon(b, d, "  in the answers", (double)d->answer_ms / 1000);
		say_soon(b, d,
		    "  the votes of most vantages are in all databases",
		    worst_s(b, false));
	}
	say_soon(b, d, "  all rows are in all databases", worst_s(b, true));
	say_cpu(b, "  meridian-share", is->share[0] - was->share[0]);
	say_cpu(b, "  meridiand", is->server - was->server);
	printf("measured:        etcd takes %.2f s, all writers %.2f s, for "
	       "%.0f keys\n",
	    is->etcd - was->etcd, is->writers - was->writers,
	    is->puts - was->puts);
}

/* ${order}: who sees it, see share_writers.c. */
static void
region_down(struct bench *b, int order, unsigned seers)
{
	struct down d = {.seers = seers,
	    /* Of the writers, and the vantage of the node itself. */
	    .most = (b->n_writers + 1) / 2 + 1,
	    .endpoints = (long)b->n_endpoints * 3 / 10};

	for (unsigned i = 0; i < b->n_readers; i++)
		begin_down(b, &b->readers[i]);
	look(b, &d.before);
	d.began_ms = harness_ms();
	harness_signal(b->h, b->writers, order);
	wait_for_rows(b, &d);
	look(b, &d.after);
	say_down(b, &d);
	harness_signal(b->h, b->writers, order);
	for (unsigned i = 0; i < b->n_readers; i++)
		HARNESS_WAIT(PATIENCE_MS,
		    count(b, &b->readers[i], "AND health = 'down'") == 0);
}

START_TEST(share)
{
	static struct bench b;

	begin(&b);
	node_serve(&b.node);
	node_check(&b.node);
	for (int i = READERS - 1; i >= 0; i--)
		first_reading(&b, &b.readers[i]);
	HARNESS_WAIT(PATIENCE_MS, answers_from_r0(&b, 0));
	/* What was read at first goes on through the pages. */
	sleep(b.full ? 30 : 2);
	quiet_time(&b);
	region_down(&b, SIGUSR2, 1);
	region_down(&b, SIGUSR1, b.n_writers);
	/* What these two cores do for the other nodes is done elsewhere where
	 * each has a machine. */
	while (b.n_readers > 1)
		harness_stop(b.h, b.readers[--b.n_readers].share);
	region_down(&b, SIGUSR1, b.n_writers);
	end(&b);
	ck_assert(!b.failed);
}
END_TEST

int
main(void)
{
	const struct harness_case cases[] = {{"share", share, 600}};
	pid_t remover;
	int status;

	if (access(ETCD, X_OK) != 0) {
		printf("needs etcd\n");
		return 77;
	}
	if (mkdtemp(memory) == NULL) {
		perror(memory);
		return 77;
	}
	status = harness_main("share", cases, 1);
	remover = fork();
	if (remover == 0)
		execl("/bin/rm", "rm", "-rf", memory, (char *)NULL);
	(void)waitpid(remover, NULL, 0);
	return status;
}
