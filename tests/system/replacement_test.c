/*
 * Maps that are replaced under load, again and again, by reloads and by
 * databases that are followed: two clients of one announced scope, asked side
 * by side, get one answer from one generation, announced scopes of a generation
 * never overlap (RFC 7871, 7.2.1), and no query is lost, with a database as
 * large as those of cities too.
 */
#include <arpa/inet.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/full.h"
#include "tests/system/node.h"
#include "tests/unit/mmdb_writer.h"

/*
 * Generations can be told apart by their answers.  A database has countries of
 * one group, whose fence leads to regions of that group: of the twelve groups
 * each generation has the next.  An answer is 10.VERSION.POOL.REGION * 4 +
 * ENDPOINT, and VERSION is that of the steering file.
 */
#define GROUPS 12
#define MEMBERS 4 /* countries, and regions, of a group */
#define REGIONS (GROUPS * MEMBERS)
#define VERSIONS 240 /* a multiple of GROUPS */

static const char countries[REGIONS][3] = {"FR", "DE", "IT", "ES", "US", "CA",
    "MX", "BR", "JP", "CN", "IN", "KR", "ZA", "EG", "NG", "KE", "AU", "NZ",
    "FJ", "PG", "SE", "NO", "FI", "DK", "PL", "CZ", "HU", "RO", "AR", "CL",
    "PE", "CO", "TR", "IR", "IQ", "SA", "TH", "VN", "MY", "ID", "GB", "IE",
    "PT", "NL", "MA", "TN", "DZ", "LY"};

/* Clients are in 11.0.0.0/12; all of it has a country. */
#define BASE UINT32_C(0x0b000000)
#define BASE_LENGTH 12
#define LEAVES 900

static uint64_t
draw(uint64_t *state)
{
	/* splitmix64 */
	uint64_t z = *state += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return z ^ z >> 31;
}

/* A database of group ${epoch} % GROUPS: 11/12 cut at random, to /24 at most,
 * into prefixes that have a country of the group each. */
static void
put_database(struct harness *h, uint64_t epoch, uint64_t *random)
{
	struct mmdb_writer *w = mmdb_create(4, 24);
	struct {
		uint32_t address;
		unsigned length;
	} leaves[LEAVES] = {{BASE, BASE_LENGTH}};
	uint32_t records[MEMBERS];
	char text[32];
	size_t n = 1;

	for (size_t i = 0; i < MEMBERS; i++)
		records[i] = mmdb_flat_country(
		    w, countries[epoch % GROUPS * MEMBERS + i]);
	while (n < LEAVES) {
		size_t i = draw(random) % n;

		if (leaves[i].length == 24)
			continue;
		leaves[i].length++;
		leaves[n] = leaves[i];
		leaves[n++].address |= UINT32_C(1) << (32 - leaves[i].length);
	}
	for (size_t i = 0; i < n; i++) {
		snprintf(text, sizeof(text), "%u.%u.%u.%u/%u",
		    leaves[i].address >> 24, leaves[i].address >> 16 & 255,
		    leaves[i].address >> 8 & 255, leaves[i].address & 255,
		    leaves[i].length);
		mmdb_insert(w, text, records[draw(random) % MEMBERS]);
	}
	mmdb_save(w, harness_path(h, "new.mmdb"));
	ck_assert_int_eq(
	    rename(harness_path(h, "new.mmdb"), harness_path(h, "geo.mmdb")),
	    0);
}

/* The endpoints of pool ${pool}: two in each region, or, of the second pool,
 * in each fourth. */
static size_t
write_pool(char *out, size_t size, uint64_t version, unsigned pool)
{
	size_t len =
	    (size_t)snprintf(out, size, "  p%u:\n    endpoints:\n", pool);

	for (unsigned r = 0; r < REGIONS; r += pool == 0 ? 1 : MEMBERS)
		for (unsigned e = 0; e < 2; e++)
			len += (size_t)snprintf(out + len, size - len,
			    "      - {name: e%u-%u, region: r%u, address: "
			    "10.%u.%u.%u}\n",
			    r, e, r, (unsigned)(version % VERSIONS), pool,
			    r * 4 + e);
	return len;
}

/* Each country is fenced into the region of its number and the next of its
 * group; the share of the second pool, and whether it is the first to be
 * asked, come from the version. */
static void
put_steering(struct node *node, uint64_t version, uint64_t *random)
{
	size_t size = 65536, len;
	char *text = malloc(size);

	ck_assert_ptr_nonnull(text);
	len = (size_t)snprintf(text, size, "regions:\n");
	for (unsigned r = 0; r < REGIONS; r++)
		len += (size_t)snprintf(text + len, size - len,
		    "  r%u: {at: [%d, %d]}\n", r,
		    (int)(draw(random) % 160) - 80,
		    (int)(draw(random) % 360) - 180);
	len += (size_t)snprintf(text + len, size - len, "pools:\n");
	len += write_pool(text + len, size - len, version, 0);
	len += write_pool(text + len, size - len, version, 1);
	len += (size_t)snprintf(text + len, size - len,
	    "services:\n  one:\n    split: {p0: %u, p1: %u}\n    fence:\n",
	    (unsigned)(1 + draw(random) % 99),
	    (unsigned)(1 + draw(random) % 99));
	for (unsigned r = 0; r < REGIONS; r++)
		len += (size_t)snprintf(text + len, size - len,
		    "      - {clients: {countries: [%s]}, regions: [r%u, "
		    "r%u], hard: true}\n",
		    countries[r], r, r / MEMBERS * MEMBERS + (r + 1) % MEMBERS);
	node_steering(node, "%s", text);
	free(text);
}

/* Senders. */

/* An answer as it was announced, for the proof at the end. */
struct announced {
	uint32_t epoch, prefix, answer;
	uint8_t scope;
};

#define KEPT 200000

/* Of one generation, so that there is room for many of them. */
#define KEPT_OF_ONE 8000

struct sender {
	pthread_t thread;
	uint16_t port;
	uint64_t random;
	const atomic_ulong *epoch; /* that was put last */
	bool by_version; /* answers tell it by VERSION; else by group */
	atomic_bool stop;
	atomic_ulong pairs;
	long asked, lost, wrong, differ, across;
	int64_t longest_ms;
	char what[256]; /* the first that was wrong */
	struct announced *kept;
	size_t n_kept, n_of_one;
	uint32_t kept_epoch;
	int fd;
};

struct reply_of {
	uint32_t answer;
	uint8_t scope;
	uint32_t epoch;
};

/* A for one.inference.example. with a client subnet, whose length and octets
 * come last. */
static const uint8_t head[] = {0, 0, 1, 0, 0, 1, 0, 0, 0, 0, 0, 1, 3, 'o', 'n',
    'e', 9, 'i', 'n', 'f', 'e', 'r', 'e', 'n', 'c', 'e', 7, 'e', 'x', 'a', 'm',
    'p', 'l', 'e', 0, 0, 1, 0, 1, 0, 0, 41, 4, 208, 0, 0, 0, 0, 0, 12, 0, 8, 0,
    8, 0, 1, 32, 0};
#define QUESTION_END 39
#define ANSWER_END (QUESTION_END + 16)
#define QUERY (sizeof(head) + 4)

static void
send_query(struct sender *s, uint16_t id, uint32_t client)
{
	uint8_t out[QUERY];

	memcpy(out, head, sizeof(head));
	out[0] = (uint8_t)(id >> 8);
	out[1] = (uint8_t)id;
	for (int i = 0; i < 4; i++)
		out[sizeof(head) + (size_t)i] =
		    (uint8_t)(client >> (24 - 8 * i));
	s->asked++;
	if (send(s->fd, out, sizeof(out), 0) < 0)
		s->lost++;
}

/* The generation that an answer is of: the last of its kind that was put. */
static uint32_t
epoch_of(const struct sender *s, const uint8_t *rdata)
{
	unsigned long last = atomic_load(s->epoch);
	unsigned cycle = s->by_version ? VERSIONS : GROUPS;
	unsigned is = s->by_version ? rdata[1] : rdata[3] / (4 * MEMBERS);

	return (uint32_t)(last - (last % cycle + cycle - is) % cycle);
}

/* Take the answer to query ${id}; false when it is lost or no answer. */
static bool
take(struct sender *s, uint16_t id, struct reply_of *out)
{
	uint8_t in[1500];
	ssize_t n;
	const uint8_t *rdata = in + QUESTION_END + 12;

	n = recv(s->fd, in, sizeof(in), 0);
	if (n < 0) {
		s->lost++;
		return false;
	}
	/* One record; then an OPT record with a client subnet of 32 bits. */
	if (n < ANSWER_END + 11 + 12 || in[0] != id >> 8 ||
	    in[1] != (id & 255) || (in[3] & 15) != 0 || in[7] != 1 ||
	    in[ANSWER_END + 2] != 41 || in[ANSWER_END + 12] != 8) {
		s->wrong++;
		return false;
	}
	out->answer = (uint32_t)rdata[0] << 24 | (uint32_t)rdata[1] << 16 |
	    (uint32_t)rdata[2] << 8 | rdata[3];
	out->scope = in[ANSWER_END + 11 + 4 + 3];
	out->epoch = epoch_of(s, rdata);
	return true;
}

static uint32_t
mask(unsigned length)
{
	return length == 0 ? 0 : UINT32_MAX << (32 - length);
}

static void
keep(struct sender *s, uint32_t client, const struct reply_of *r)
{
	if (r->epoch != s->kept_epoch) {
		s->kept_epoch = r->epoch;
		s->n_of_one = 0;
	}
	if (s->n_kept < KEPT && s->n_of_one++ < KEPT_OF_ONE)
		s->kept[s->n_kept++] = (struct announced){.epoch = r->epoch,
		    .prefix = client & mask(r->scope),
		    .answer = r->answer,
		    .scope = r->scope};
}

/* A client, and then it and another one inside its scope, side by side. */
static void
ask_pair(struct sender *s)
{
	uint32_t a = BASE | (uint32_t)(draw(&s->random) >> 44), b;
	uint16_t id = (uint16_t)(s->asked & 0x3fff);
	int64_t began = harness_ms(), took;
	struct reply_of first, one, other;
	bool good;

	send_query(s, id, a);
	if (!take(s, id, &first))
		return;
	keep(s, a, &first);
	b = (a & mask(first.scope)) |
	    ((uint32_t)draw(&s->random) & ~mask(first.scope));
	send_query(s, id | 0x4000, a);
	send_query(s, id | 0x8000, b);
	good = take(s, id | 0x4000, &one);
	good = take(s, id | 0x8000, &other) && good;
	took = harness_ms() - began;
	if (took > s->longest_ms)
		s->longest_ms = took;
	if (!good)
		return;
	keep(s, a, &one);
	keep(s, b, &other);
	atomic_fetch_add(&s->pairs, 1);
	/* The scope may be that of the generation before. */
	if (one.epoch != other.epoch || first.epoch != one.epoch) {
		s->across++;
		return;
	}
	if (one.answer == other.answer && one.scope == other.scope &&
	    first.scope == one.scope && first.answer == one.answer)
		return;
	if (s->differ++ == 0)
		snprintf(s->what, sizeof(s->what),
		    "%08x: %08x/%u, %08x/%u; %08x: %08x/%u", a, first.answer,
		    first.scope, one.answer, one.scope, b, other.answer,
		    other.scope);
}

static void *
send_on(void *argument)
{
	struct sender *s = argument;
	struct sockaddr_in sa = {.sin_family = AF_INET};
	struct timeval patience = {.tv_sec = 5};

	s->fd = socket(AF_INET, SOCK_DGRAM, 0);
	sa.sin_port = htons(s->port);
	sa.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	setsockopt(s->fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	if (connect(s->fd, (struct sockaddr *)&sa, sizeof(sa)) != 0)
		s->lost++;
	while (!atomic_load(&s->stop)) {
		ask_pair(s);
		/* Some of the cores is left to what makes the maps. */
		if (s->asked % 64 < 3)
			poll(NULL, 0, 1);
	}
	close(s->fd);
	return NULL;
}

/* By generation, then by address, then by length. */
static int
compare(const void *a, const void *b)
{
	const struct announced *x = a, *y = b;

	if (x->epoch != y->epoch)
		return x->epoch < y->epoch ? -1 : 1;
	if (x->prefix != y->prefix)
		return x->prefix < y->prefix ? -1 : 1;
	return x->scope - y->scope;
}

/* No two of the scopes of a generation overlap, and each has one answer.  How
 * many there are, and of how many generations, to ${scopes} and ${epochs}. */
static void
prove(struct announced *all, size_t n, size_t *scopes, size_t *epochs)
{
	*scopes = *epochs = n > 0;
	qsort(all, n, sizeof(*all), compare);
	for (size_t i = 1; i < n; i++) {
		const struct announced *x = &all[i - 1], *y = &all[i];

		*epochs += x->epoch != y->epoch;
		if (x->epoch != y->epoch ||
		    ((y->prefix ^ x->prefix) & mask(x->scope)) != 0) {
			++*scopes;
			continue;
		}
		ck_assert_msg(x->prefix == y->prefix && x->scope == y->scope &&
			x->answer == y->answer,
		    "generation %u: %08x/%u is %08x, %08x/%u is %08x", x->epoch,
		    x->prefix, x->scope, x->answer, y->prefix, y->scope,
		    y->answer);
	}
}

#define SENDERS 2

struct load {
	struct sender sender[SENDERS];
	atomic_ulong epoch;
};

static void
begin(struct load *load, struct node *node, bool by_version, uint64_t seed)
{
	for (int i = 0; i < SENDERS; i++) {
		struct sender *s = &load->sender[i];

		*s = (struct sender){.port = node->port,
		    .random = seed + (uint64_t)i,
		    .epoch = &load->epoch,
		    .by_version = by_version,
		    .kept = calloc(KEPT, sizeof(struct announced))};
		ck_assert_ptr_nonnull(s->kept);
		ck_assert_int_eq(
		    pthread_create(&s->thread, NULL, send_on, s), 0);
	}
}

static unsigned long
pairs(struct load *load)
{
	unsigned long n = 0;

	for (int i = 0; i < SENDERS; i++)
		n += atomic_load(&load->sender[i].pairs);
	return n;
}

/* Stop asking, and prove what was promised. */
static void
finish(struct load *load, const char *what)
{
	struct announced *all =
	    calloc(SENDERS * (size_t)KEPT, sizeof(struct announced));
	size_t n = 0, scopes, epochs;
	long asked = 0, across = 0;
	int64_t longest_ms = 0;

	ck_assert_ptr_nonnull(all);
	for (int i = 0; i < SENDERS; i++)
		atomic_store(&load->sender[i].stop, true);
	for (int i = 0; i < SENDERS; i++) {
		struct sender *s = &load->sender[i];

		pthread_join(s->thread, NULL);
		ck_assert_msg(
		    s->differ == 0, "%ld pairs differ: %s", s->differ, s->what);
		ck_assert_int_eq(s->lost, 0);
		ck_assert_int_eq(s->wrong, 0);
		memcpy(all + n, s->kept, s->n_kept * sizeof(*all));
		n += s->n_kept;
		asked += s->asked;
		across += s->across;
		if (s->longest_ms > longest_ms)
			longest_ms = s->longest_ms;
		free(s->kept);
	}
	prove(all, n, &scopes, &epochs);
	free(all);
	printf("measured: %s: %lu generations, %ld queries, none lost, %lu "
	       "pairs side by side (%ld across two generations), %zu "
	       "scopes of %zu generations, longest three answers %lld ms\n",
	    what, atomic_load(&load->epoch), asked, pairs(load), across, scopes,
	    epochs, (long long)longest_ms);
	/* It was load, and there was something to see. */
	ck_assert_uint_ge(epochs, 10);
	ck_assert_uint_ge(scopes, 1000);
}

#define SEED 20260611

static void
start(
    struct node *node, struct harness *h, const char *follow, uint64_t *random)
{
	node_init(node, h);
	harness_write(h, "meridian.yaml",
	    "listen: [127.0.0.1:%u]\n"
	    "http: 127.0.0.1:%u\n"
	    "state: state.db\n"
	    "geo: [geo.mmdb]\n"
	    "geo_follow: %s\n"
	    "zones:\n"
	    "  - {name: inference.example, records: inference.zone, steering: "
	    "inference.yaml}\n",
	    node->port, node->http, follow);
	node_records(node, node_zone);
	put_database(h, 0, random);
	put_steering(node, 0, random);
	node_serve(node);
}

/* How long a sanitizer lets one load take. */
#define PATIENCE_MS 150000

START_TEST(pairs_agree_while_reloads_replace_the_maps)
{
	struct harness *h = harness_create();
	static struct load load;
	uint64_t random = SEED;
	struct node node;

	start(&node, h, "off", &random);
	begin(&load, &node, true, SEED + 1);
	for (unsigned long i = 1; i <= full_size(60, 3000) ||
	     pairs(&load) < full_size(30000, 1000000);
	     i++) {
		put_database(h, i, &random);
		put_steering(&node, i, &random);
		atomic_store(&load.epoch, i);
		harness_signal(h, node.server, SIGHUP);
		HARNESS_WAIT(PATIENCE_MS,
		    node_metric(&node,
			"meridian_reloads_total{result=\"ok\"}") == (double)i);
	}
	finish(&load, "reloads");
	harness_stop(h, node.server);
	harness_destroy(h);
}
END_TEST

START_TEST(pairs_agree_while_databases_are_followed)
{
	struct harness *h = harness_create();
	static struct load load;
	uint64_t random = SEED + 10;
	struct node node;

	start(&node, h, "100ms", &random);
	begin(&load, &node, false, SEED + 11);
	for (unsigned long i = 1; i <= full_size(25, 1000); i++) {
		/* First: it may be followed before this thread goes on. */
		atomic_store(&load.epoch, i);
		put_database(h, i, &random);
		HARNESS_WAIT(PATIENCE_MS,
		    node_metric(&node,
			"meridian_follows_total{result=\"ok\"}") == (double)i);
	}
	finish(&load, "followed");
	harness_stop(h, node.server);
	harness_destroy(h);
}
END_TEST

/* A database of 3.7 million networks is replaced, and the maps are made again,
 * while each query is answered. */
START_TEST(a_city_sized_database_is_followed_without_a_lost_query)
{
	struct harness *h = harness_create();
	const char *city = harness_built(h, "geo/city.mmdb"), *out;
	const char *geo = harness_path(h, "geo.mmdb");
	const char *new = harness_path(h, "new.mmdb");
	uint64_t random = SEED + 20;
	static struct load load;
	struct node node;
	int64_t began, took_ms = 0;

	start(&node, h, "100ms", &random);
	begin(&load, &node, true, SEED + 21);
	for (unsigned long i = 1; i <= full_size(3, 50); i++) {
		ck_assert_int_eq(
		    harness_run(h, &out, "/bin/cp", city, new, NULL), 0);
		ck_assert_int_eq(rename(new, geo), 0);
		began = harness_ms();
		HARNESS_WAIT(PATIENCE_MS,
		    node_metric(&node,
			"meridian_follows_total{result=\"ok\"}") == (double)i);
		if (harness_ms() - began > took_ms)
			took_ms = harness_ms() - began;
	}
	ck_assert_double_gt(node_metric(&node, "meridian_map_leaves"), 100000);
	printf("measured: city: followed within %lld ms, maps of %.0f leaves "
	       "and %.1f MB made in %.2f s\n",
	    (long long)took_ms, node_metric(&node, "meridian_map_leaves"),
	    node_metric(&node, "meridian_map_bytes") / 1e6,
	    node_metric(&node, "meridian_map_build_seconds"));
	for (int i = 0; i < SENDERS; i++) {
		struct sender *s = &load.sender[i];

		atomic_store(&s->stop, true);
		pthread_join(s->thread, NULL);
		ck_assert_int_eq(s->lost, 0);
		ck_assert_int_eq(s->wrong, 0);
		printf("measured: city: %ld queries, none lost, longest three "
		       "answers %lld ms\n",
		    s->asked, (long long)s->longest_ms);
		free(s->kept);
	}
	harness_stop(h, node.server);
	harness_destroy(h);
}
END_TEST

int
main(void)
{
	const struct harness_case cases[] = {
	    {"pairs agree while reloads replace the maps",
		pairs_agree_while_reloads_replace_the_maps, 300},
	    {"pairs agree while databases are followed",
		pairs_agree_while_databases_are_followed, 300},
	    {"a City-sized database is followed without a lost query",
		a_city_sized_database_is_followed_without_a_lost_query, 300},
	};

	return harness_main(
	    "replacement", cases, sizeof(cases) / sizeof(cases[0]));
}
