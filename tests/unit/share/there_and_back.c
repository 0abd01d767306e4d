/*
 * One node says, another one hears, by an etcd that loses writes, forgets its
 * changes and goes back to a backup: from a seed, some hundred steps.  Whatever
 * happened, once it is quiet the local database of the other node shows what
 * the first one knows, row by row.
 */
#include <inttypes.h>

#include "base/number.h"
#include "share/outgoing.h"
#include "share/picture.h"
#include "tests/full.h"
#include "tests/unit/share/made.h"

#define P "/m/"
#define WALL INT64_C(1764400000000)
/* The clock of the node that hears, an hour off. */
#define OFF INT64_C(3600000)

#define ENDPOINTS 2000
#define KEYS 512
#define EVENTS 4096

/* What the first node knows. */
static struct {
	bool there;
	struct state_endpoint row;
} truth[ENDPOINTS];
static int listed; /* all below it are there */

/* An etcd. */
struct pair {
	char key[64];
	char *value; /* NULL: not there */
	int64_t revision;
};
struct store {
	struct pair pair[KEYS];
	size_t n;
};
static struct store store, backup;
static int64_t revision;
static struct event {
	char key[64];
	char *value;
	int64_t revision;
} events[EVENTS];
static size_t n_events, said_told, heard_told;

/* The local database of the second node. */
static struct {
	bool there, swept;
	enum state_health health;
	int64_t since_ms;
} database[ENDPOINTS];
static bool live, live_swept;

static struct outgoing *outgoing;
static struct picture *picture, *mirror; /* of the second, of the first */
static int64_t now;
static uint64_t seed;

static uint64_t
any(uint64_t n)
{
	seed = seed * UINT64_C(6364136223846793005) + 1442695040888963407U;
	return (seed >> 33) % n;
}

static size_t
number_of(const char *name)
{
	uint64_t number;

	ck_assert_int_eq(
	    number_parse(name + 1, strlen(name + 1), 0, ENDPOINTS - 1, &number),
	    0);
	return (size_t)number;
}

/* --- etcd --- */

static struct pair *
pair_of(const char *key)
{
	for (size_t i = 0; i < store.n; i++)
		if (strcmp(store.pair[i].key, key) == 0)
			return &store.pair[i];
	ck_assert_uint_lt(store.n, KEYS);
	store.pair[store.n] = (struct pair){.value = NULL};
	snprintf(store.pair[store.n].key, sizeof(store.pair[0].key), "%s", key);
	return &store.pair[store.n++];
}

static void
clear_store(struct store *s)
{
	for (size_t i = 0; i < s->n; i++)
		free(s->pair[i].value);
	s->n = 0;
}

static void
copy_store(struct store *to, const struct store *from)
{
	clear_store(to);
	*to = *from;
	for (size_t i = 0; i < to->n; i++)
		if (to->pair[i].value != NULL)
			to->pair[i].value = strdup(to->pair[i].value);
}

static void
change(const char *key, const char *value, size_t len)
{
	struct pair *pair = pair_of(key);
	struct event *event;

	ck_assert_uint_lt(n_events, EVENTS);
	event = &events[n_events++];
	free(pair->value);
	pair->value = value != NULL ? strndup(value, len) : NULL;
	pair->revision = revision;
	snprintf(event->key, sizeof(event->key), "%s", key);
	event->value = value != NULL ? strndup(value, len) : NULL;
	event->revision = revision;
}

static void
forget_events(void)
{
	while (n_events > 0)
		free(events[--n_events].value);
	said_told = heard_told = 0;
}

static void
carry_out(const struct outgoing_batch *batch)
{
	revision++;
	for (size_t i = 0; i < batch->n; i++)
		change(batch->op[i].key, batch->op[i].value, batch->op[i].len);
}

/* --- who hears --- */

static void
on_begin(void *context, bool full)
{
	if (context != NULL)
		return;
	for (size_t i = 0; i < ENDPOINTS; i++)
		database[i].swept = full;
	live_swept = full;
}

static void
on_put(void *context, enum state_table table, const union schema_row *row)
{
	size_t i;

	ck_assert_ptr_null(context);
	if (table == TABLE_VANTAGE) {
		live = row->vantage.lease_until_ms != 0;
		live_swept = false;
		return;
	}
	ck_assert_int_eq(table, TABLE_ENDPOINT);
	i = number_of(row->endpoint.endpoint);
	database[i].there = true;
	database[i].swept = false;
	database[i].health = row->endpoint.health;
	database[i].since_ms = row->endpoint.since_ms;
}

static void
on_take(void *context, enum state_table table, const union schema_row *row)
{
	size_t i;

	ck_assert_ptr_null(context);
	if (table == TABLE_VANTAGE) {
		live = false;
		return;
	}
	i = number_of(row->endpoint.endpoint);
	ck_assert(database[i].there);
	database[i].there = false;
}

static void
on_commit(void *context, bool urgent)
{
	(void)urgent;
	if (context != NULL)
		return;
	for (size_t i = 0; i < ENDPOINTS; i++)
		database[i].there &= !database[i].swept;
	live &= !live_swept;
}

static void
on_own(void *context, const struct key *key, const char *value, size_t len,
    int64_t at_revision)
{
	ck_assert_ptr_nonnull(context);
	outgoing_found(outgoing, key, value, len, at_revision);
}

static void
on_odd(void *context, const char *vantage, const char *words)
{
	(void)context;
	ck_abort_msg("%s: %s", vantage, words);
}

static const struct picture_calls calls = {
    on_begin, on_put, on_take, on_commit, on_own, on_odd};

static void
feed(struct picture *p, const char *text, const char *value, int64_t at)
{
	struct key key;

	ck_assert_int_eq(key_parse(P, text, strlen(text), &key), 0);
	if (value != NULL)
		picture_put(p, &key, value, strlen(value), at);
	else
		picture_delete(p, &key, at);
}

static void
read_all(struct picture *p, size_t *told, bool anew)
{
	picture_begin(p, true);
	for (size_t i = 0; i < store.n; i++)
		if (store.pair[i].value != NULL)
			feed(p, store.pair[i].key, store.pair[i].value,
			    store.pair[i].revision);
	if (p == mirror)
		outgoing_reading(outgoing, anew);
	ck_assert_int_eq(picture_end(p, WALL + now + OFF, now), 0);
	if (p == mirror)
		outgoing_read(outgoing, revision);
	*told = n_events;
}

/* The changes of whole revisions, as many as it happens. */
static void
watch(struct picture *p, size_t *told, bool all)
{
	size_t to = *told + (all ? EVENTS : any(8));

	if (to > n_events)
		to = n_events;
	while (to < n_events && to > 0 &&
	    events[to].revision == events[to - 1].revision)
		to++;
	picture_begin(p, false);
	for (; *told < to; (*told)++)
		feed(p, events[*told].key, events[*told].value,
		    events[*told].revision);
	ck_assert_int_eq(picture_end(p, WALL + now + OFF, now), 0);
}

/* --- who says --- */

static void
say_vantage(void)
{
	struct state_vantage row = made_vantage("v", "");

	row.heartbeat_ms = now;
	row.lease_until_ms = now + 5000;
	outgoing_sink.vantage(outgoing, &row);
}

static void
say_all(void)
{
	outgoing_sink.begin(outgoing, true);
	say_vantage();
	for (int i = 0; i < ENDPOINTS; i++)
		if (truth[i].there)
			outgoing_sink.endpoint(outgoing, &truth[i].row);
	outgoing_sink.commit(outgoing);
}

static void
list(int n)
{
	for (int i = 0; i < ENDPOINTS; i++) {
		char name[16];

		if (i < n && !truth[i].there) {
			snprintf(name, sizeof(name), "e%d", i);
			truth[i].row = made_endpoint("v", name, WALL + now);
		}
		truth[i].there = i < n;
	}
	listed = n;
	say_all();
}

static void
turn_some(uint64_t n)
{
	outgoing_sink.begin(outgoing, false);
	say_vantage();
	for (uint64_t i = 0; listed > 0 && i < n; i++) {
		struct state_endpoint *row = &truth[any((uint64_t)listed)].row;

		row->checked_ms = WALL + now;
		if (any(2) == 0) {
			row->health =
			    row->health == HEALTH_UP ? HEALTH_DOWN : HEALTH_UP;
			row->since_ms = WALL + now;
		}
		outgoing_sink.endpoint(outgoing, row);
	}
	outgoing_sink.commit(outgoing);
}

static void
write_some(bool all)
{
	struct outgoing_batch *batch;

	while ((batch = outgoing_next(outgoing)) != NULL) {
		uint64_t luck = all ? 9 : any(10);

		/* Lost, carried out and not answered, or well. */
		if (luck != 0)
			carry_out(batch);
		if (luck == 2)
			watch(mirror, &said_told, true);
		outgoing_done(outgoing, batch, luck > 1, revision);
	}
}

/* Whether a restart of the program that says loses nothing. */
static void
start_again(void)
{
	outgoing_destroy(outgoing);
	outgoing = outgoing_create(P, "here", 10000);
	ck_assert_ptr_nonnull(outgoing);
	outgoing_time(outgoing, now, WALL + now);
	say_all();
	read_all(mirror, &said_told, true);
}

static void
step(void)
{
	now += 100 + (int64_t)any(400);
	outgoing_time(outgoing, now, WALL + now);
	switch (any(24)) {
	case 0:
		list((int)any(any(2) == 0 ? ENDPOINTS : 200));
		break;
	case 1:
		/* Changes are lost on the way. */
		read_all(picture, &heard_told, false);
		break;
	case 2:
		read_all(mirror, &said_told, false);
		break;
	case 3:
		if (any(4) == 0)
			copy_store(&backup, &store);
		break;
	case 4:
		if (any(4) != 0)
			break;
		/* Etcd as it was, or empty; both read it anew. */
		copy_store(&store, &backup);
		if (any(3) == 0)
			clear_store(&store);
		revision = revision / 2 + 1;
		forget_events();
		read_all(mirror, &said_told, true);
		read_all(picture, &heard_told, true);
		break;
	case 5:
		if (any(4) == 0)
			start_again();
		break;
	default:
		turn_some(any(20));
	}
	write_some(false);
	if (any(2) == 0)
		watch(picture, &heard_told, false);
	if (any(2) == 0)
		watch(mirror, &said_told, false);
	if (n_events > EVENTS / 2 && said_told == n_events &&
	    heard_told == n_events)
		forget_events();
	else if (n_events > EVENTS / 2) {
		watch(picture, &heard_told, true);
		watch(mirror, &said_told, true);
		forget_events();
	}
}

static void
be_quiet(void)
{
	for (int i = 0; i < 20; i++) {
		now += 500;
		outgoing_time(outgoing, now, WALL + now);
		turn_some(0);
		write_some(true);
		watch(mirror, &said_told, true);
		watch(picture, &heard_told, true);
	}
}

static void
compare(uint64_t from)
{
	struct outgoing_figures said;
	struct picture_figures heard;

	for (int i = 0; i < ENDPOINTS; i++) {
		ck_assert_msg(database[i].there == truth[i].there,
		    "seed %" PRIu64 ": e%d is %s", from, i,
		    truth[i].there ? "lost" : "still there");
		if (!truth[i].there)
			continue;
		ck_assert_msg(database[i].health == truth[i].row.health,
		    "seed %" PRIu64 ": e%d is not %s", from, i,
		    state_health_name(truth[i].row.health));
	}
	ck_assert(live);
	outgoing_figures(outgoing, &said);
	picture_figures(picture, &heard);
	ck_assert_uint_eq(said.waiting, 0);
	ck_assert_uint_eq(said.rows, heard.rows);
	ck_assert_uint_eq(said.blocks, heard.blocks + 1);
	ck_assert_uint_eq(heard.bad_rows + heard.bad_blocks + heard.refused, 0);
}

static void
run(uint64_t from)
{
	static int not_null;

	seed = from;
	now = 1000000;
	revision = 10;
	memset(truth, 0, sizeof(truth));
	memset(database, 0, sizeof(database));
	live = false;
	outgoing = outgoing_create(P, "here", 10000);
	picture = picture_create("there", &calls, NULL);
	mirror = picture_create("here", &calls, &not_null);
	picture_own(mirror, "v", true);
	outgoing_time(outgoing, now, WALL + now);
	list(100);
	read_all(mirror, &said_told, true);
	read_all(picture, &heard_told, true);
	for (int i = 1; i <= 200; i++) {
		step();
		if (i % 50 != 0)
			continue;
		be_quiet();
		compare(from);
	}
	outgoing_destroy(outgoing);
	picture_destroy(picture);
	picture_destroy(mirror);
	forget_events();
	clear_store(&store);
	clear_store(&backup);
}

START_TEST(test_once_it_is_quiet_both_nodes_know_the_same)
{
	run((uint64_t)_i);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("there and back");
	TCase *tc = tcase_create("seeds");
	SRunner *runner = srunner_create(suite);
	const uint64_t n = full_size(12, 1000);
	int failed;

	tcase_set_timeout(tc, 300);
	tcase_add_loop_test(
	    tc, test_once_it_is_quiet_both_nodes_know_the_same, 1, (int)n + 1);
	suite_add_tcase(suite, tc);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
