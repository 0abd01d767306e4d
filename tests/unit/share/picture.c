/*
 * Tests of the picture of what others say: what changed becomes one change of
 * the local database, row by row; what a node should not say does not count.
 */
#include <stdarg.h>
#include <time.h>

#include "share/picture.h"
#include "share/row_set.h"
#include "tests/unit/share/made.h"

/* Clocks: theirs is behind by an hour. */
#define NOW INT64_C(1764490000000)
#define AT (NOW - 3600000)

static struct picture *picture;

/* What was told, a line each. */
static char told[1 << 16];
static size_t n_put, n_take, n_begin, n_commit;
static struct state_endpoint last;
static struct state_vantage last_vantage;
static int64_t mono_ms;

__attribute__((format(printf, 1, 2))) static void
tell(const char *fmt, ...)
{
	size_t len = strlen(told);
	va_list args;

	va_start(args, fmt);
	vsnprintf(told + len, sizeof(told) - len, fmt, args);
	va_end(args);
}

static void
begin(void *context, bool full)
{
	(void)context;
	tell("%s\n", full ? "all" : "begin");
	n_begin++;
}

static void
tell_row(const char *what, enum state_table table, const union schema_row *row)
{
	if (table == TABLE_VANTAGE)
		tell("%s vantage %s of %s%s\n", what, row->vantage.name,
		    row->vantage.node,
		    row->vantage.lease_until_ms > 0 ? "" : ", ended");
	else if (table == TABLE_ENDPOINT)
		tell("%s %s %s %s\n", what, row->endpoint.vantage,
		    row->endpoint.endpoint,
		    state_health_name(row->endpoint.health));
	else if (table == TABLE_LOAD)
		tell("%s load %s %s %g\n", what, row->load.vantage,
		    row->load.endpoint, row->load.saturation);
	else
		tell("%s address\n", what);
}

static void
put(void *context, enum state_table table, const union schema_row *row)
{
	(void)context;
	n_put++;
	if (table == TABLE_ENDPOINT)
		last = row->endpoint;
	if (table == TABLE_VANTAGE)
		last_vantage = row->vantage;
	if (strlen(told) < sizeof(told) / 2)
		tell_row("put", table, row);
}

static void
take(void *context, enum state_table table, const union schema_row *row)
{
	(void)context;
	n_take++;
	if (strlen(told) < sizeof(told) / 2)
		tell_row("take", table, row);
}

static void
commit(void *context, bool urgent)
{
	(void)context;
	(void)urgent;
	tell("commit\n");
	n_commit++;
}

static void
own(void *context, const struct key *key, const char *value, size_t len,
    int64_t revision)
{
	(void)context;
	tell("own %s %d/%llu at %lld: %.*s\n", key->name[0], (int)key->kind,
	    (unsigned long long)key->number, (long long)revision,
	    value != NULL ? (int)len : 4, value != NULL ? value : "none");
}

static void
odd(void *context, const char *vantage, const char *words)
{
	(void)context;
	tell("%s: %s\n", vantage, words);
}

static const struct picture_calls calls = {
    .begin = begin,
    .put = put,
    .take = take,
    .commit = commit,
    .own = own,
    .odd = odd,
};

static void
setup(void)
{
	picture = picture_create("here", &calls, NULL);
	ck_assert_ptr_nonnull(picture);
	mono_ms = 1000000;
	told[0] = '\0';
	n_put = n_take = n_begin = n_commit = 0;
}

static void
teardown(void)
{
	picture_destroy(picture);
}

static struct key
key_of(enum key_kind kind, const char *name, uint64_t number)
{
	struct key key = {.kind = kind, .number = number};

	snprintf(key.name[0], sizeof(key.name[0]), "%s", name);
	return key;
}

static void
feed(enum key_kind kind, const char *name, uint64_t number, const char *value,
    int64_t revision)
{
	struct key key = key_of(kind, name, number);

	if (value != NULL)
		picture_put(picture, &key, value, strlen(value), revision);
	else
		picture_delete(picture, &key, revision);
}

/* The key that is there while it lives, or what is said of it. */
static void
feed_key(
    enum key_kind kind, const char *name, const char *node, int64_t revision)
{
	struct state_vantage row = made_vantage(name, node);
	char *value;

	row.heartbeat_ms = AT;
	value = made_block(TABLE_VANTAGE, &row, 1, sizeof(row), AT);
	feed(kind, name, 0, value, revision);
	free(value);
}

static void
feed_vantage(const char *name, const char *node, int64_t revision)
{
	feed_key(KEY_LIVE, name, node, revision);
}

/* A block of endpoints whose names are the characters of ${names}, each up, or
 * down where it is a capital letter; written at ${at_ms}. */
static void
feed_names_at(const char *vantage, uint64_t number, const char *names,
    int64_t at_ms, int64_t revision)
{
	struct state_endpoint rows[32];
	size_t n = strlen(names);
	char *value;

	for (size_t i = 0; i < n; i++) {
		bool down = names[i] >= 'A' && names[i] <= 'Z';
		const char name[] = {(char)(names[i] | 0x20), '\0'};

		rows[i] = made_endpoint(vantage, name, AT);
		if (down)
			rows[i].health = HEALTH_DOWN;
	}
	value = made_block(TABLE_ENDPOINT, rows, n, sizeof(rows[0]), at_ms);
	feed(KEY_VERDICT, vantage, number, value, revision);
	free(value);
}

static void
feed_names(
    const char *vantage, uint64_t number, const char *names, int64_t revision)
{
	feed_names_at(vantage, number, names, AT, revision);
}

/* Whether the lines ${a} and ${b} begin with the same two words. */
static bool
same_words(const char *a, const char *b)
{
	int blanks = 0;

	for (; *a == *b; a++, b++)
		if (*a == ' ' && ++blanks == 2)
			return true;
	return false;
}

/* Rows of a block are told in any order: put lines that follow each other and
 * begin with the same two words into that of their letters. */
static void
sort_told(void)
{
	static char line[512][128];
	char *at = told, *end;
	size_t n = 0;

	for (; (end = strchr(at, '\n')) != NULL; at = end + 1) {
		if (n == 512 || end - at >= 127)
			return;
		snprintf(
		    line[n++], sizeof(line[0]), "%.*s", (int)(end - at), at);
	}
	for (size_t i = 1; i < n; i++)
		for (size_t j = i; j > 0 && same_words(line[j - 1], line[j]) &&
		     strcmp(line[j - 1], line[j]) > 0;
		     j--) {
			char other[128];

			memcpy(other, line[j], sizeof(other));
			memcpy(line[j], line[j - 1], sizeof(other));
			memcpy(line[j - 1], other, sizeof(other));
		}
	told[0] = '\0';
	for (size_t i = 0; i < n; i++)
		tell("%s\n", line[i]);
}

/* End what was fed; it has to be told as ${expected}. */
static void
expect(const char *expected)
{
	told[0] = '\0';
	n_put = n_take = n_begin = n_commit = 0;
	ck_assert_int_eq(picture_end(picture, NOW, mono_ms), 0);
	sort_told();
	ck_assert_str_eq(told, expected);
	ck_assert_uint_eq(n_begin, n_commit);
}

/* A first clean reading: vantage a of node there, with a and b up. */
static void
read_first(void)
{
	picture_begin(picture, true);
	feed_names("v", 0, "ab", 5);
	feed_vantage("v", "there", 6);
	expect("all\nput vantage v of there\nput v a up\nput v b up\ncommit\n");
}

START_TEST(test_a_first_reading_is_all_there_is)
{
	read_first();
	/* By our clock. */
	ck_assert_int_eq(last.since_ms, NOW - 60000);
	ck_assert_int_eq(last.checked_ms, NOW - 1000);
	ck_assert_str_eq(last.vantage, "v");
}
END_TEST

START_TEST(test_an_empty_etcd_is_a_picture_too)
{
	picture_begin(picture, true);
	expect("all\ncommit\n");
}
END_TEST

START_TEST(test_nothing_counts_before_the_end)
{
	picture_begin(picture, true);
	feed_vantage("v", "there", 6);
	feed_names("v", 0, "ab", 5);
	ck_assert_str_eq(told, "");
	/* A reading that broke off is forgotten. */
	picture_begin(picture, true);
	expect("all\ncommit\n");
}
END_TEST

START_TEST(test_a_watch_needs_a_reading_first)
{
	picture_begin(picture, false);
	feed_names("v", 0, "ab", 5);
	ck_assert_int_eq(picture_end(picture, NOW, mono_ms), -1);
	ck_assert_str_eq(told, "");
}
END_TEST

START_TEST(test_of_a_block_only_the_row_that_changed_is_told)
{
	read_first();
	picture_begin(picture, false);
	feed_names("v", 0, "aB", 7);
	expect("begin\nput v b down\ncommit\n");
}
END_TEST

START_TEST(test_a_block_written_again_later_changes_nothing)
{
	read_first();
	picture_begin(picture, false);
	feed_names_at("v", 0, "ab", AT - 5000, 7);
	expect("");
	/* It came somewhat faster. */
	picture_begin(picture, false);
	feed_names_at("v", 0, "ba", AT + 999, 8);
	expect("");
}
END_TEST

/* A reading finds blocks that are old, so that how the writer's clock goes is
 * known only with the first that comes. */
START_TEST(test_a_clock_that_is_known_better_changes_no_row)
{
	picture_begin(picture, true);
	feed_names_at("v", 0, "ab", AT - 600000, 5);
	expect(
	    "all\nput vantage v of ?, ended\nput v a up\nput v b up\ncommit\n");
	picture_begin(picture, false);
	feed_names("v", 0, "aB", 7);
	expect("begin\nput v b down\ncommit\n");
	ck_assert_int_eq(last.checked_ms, NOW - 1000);
}
END_TEST

START_TEST(test_a_second_reading_tells_what_differs)
{
	read_first();
	picture_begin(picture, true);
	feed_vantage("v", "there", 6);
	feed_names("v", 0, "Abc", 9);
	expect("begin\nput v a down\nput v c up\ncommit\n");
	picture_begin(picture, true);
	feed_vantage("v", "there", 6);
	feed_names("v", 0, "Abc", 9);
	expect("");
}
END_TEST

START_TEST(test_what_a_reading_does_not_have_is_taken_away)
{
	read_first();
	picture_begin(picture, true);
	feed_vantage("v", "there", 6);
	expect("begin\ntake v a up\ntake v b up\ncommit\n");
	picture_begin(picture, true);
	expect("begin\ntake vantage v of there, ended\ncommit\n");
}
END_TEST

START_TEST(test_a_value_of_another_history_is_seen)
{
	/* The revision is the same, what it holds is not: a restored copy. */
	read_first();
	picture_begin(picture, true);
	feed_vantage("v", "there", 6);
	feed_names("v", 0, "aB", 5);
	expect("begin\nput v b down\ncommit\n");
}
END_TEST

START_TEST(test_a_row_or_a_block_that_is_gone_is_taken_away)
{
	read_first();
	picture_begin(picture, false);
	feed_names("v", 0, "b", 7);
	expect("begin\ntake v a up\ncommit\n");
	picture_begin(picture, false);
	feed(KEY_VERDICT, "v", 0, NULL, 8);
	expect("begin\ntake v b up\ncommit\n");
	picture_begin(picture, false);
	feed(KEY_VERDICT, "v", 0, NULL, 9);
	expect("");
}
END_TEST

START_TEST(test_revisions_count_in_their_order)
{
	read_first();
	picture_begin(picture, false);
	feed_names("v", 0, "AB", 9);
	feed_names("v", 0, "ab", 8);
	expect("begin\nput v a down\nput v b down\ncommit\n");
	/* Put and deleted in one. */
	picture_begin(picture, false);
	feed_names("v", 1, "c", 10);
	feed(KEY_VERDICT, "v", 1, NULL, 11);
	expect("begin\nput v c up\ntake v c up\ncommit\n");
}
END_TEST

START_TEST(test_a_block_that_goes_leaves_the_others)
{
	read_first();
	picture_begin(picture, false);
	feed_names("v", 1, "cd", 7);
	feed_names("v", 2, "ef", 7);
	ck_assert_int_eq(picture_end(picture, NOW, mono_ms), 0);
	picture_begin(picture, false);
	feed(KEY_VERDICT, "v", 0, NULL, 8);
	expect("begin\ntake v a up\ntake v b up\ncommit\n");
	picture_begin(picture, false);
	feed_names("v", 1, "Cd", 9);
	feed_names("v", 2, "eF", 9);
	expect("begin\nput v c down\nput v f down\ncommit\n");
	picture_begin(picture, false);
	feed(KEY_VERDICT, "v", 1, NULL, 10);
	feed(KEY_VERDICT, "v", 2, NULL, 10);
	expect("begin\ntake v c down\ntake v d up\ntake v e up\n"
	       "take v f down\ncommit\n");
}
END_TEST

START_TEST(test_rows_of_one_name_are_of_their_vantages)
{
	size_t v = 0, w = 0;

	read_first();
	picture_begin(picture, false);
	feed_names("w", 0, "abc", 7);
	expect("begin\nput vantage w of ?, ended\nput w a up\nput w b up\n"
	       "put w c up\ncommit\n");
	picture_begin(picture, false);
	feed(KEY_VERDICT, "w", 0, NULL, 8);
	feed(KEY_VERDICT, "v", 0, NULL, 8);
	told[0] = '\0';
	n_take = 0;
	ck_assert_int_eq(picture_end(picture, NOW, mono_ms), 0);
	for (const char *at = told; (at = strstr(at, "take v ")) != NULL; at++)
		v++;
	for (const char *at = told; (at = strstr(at, "take w ")) != NULL; at++)
		w++;
	ck_assert_uint_eq(v, 2);
	ck_assert_uint_eq(w, 3);
}
END_TEST

START_TEST(test_loads_and_addresses_are_rows_too)
{
	struct state_load load = made_load("v", "a", AT, 0.5);
	struct state_address address = {.vantage = "v",
	    .zone = "z",
	    .pool = "p",
	    .endpoint = "a",
	    .address = "192.0.2.1",
	    .health = HEALTH_UP,
	    .connect_us = -1,
	    .first_byte_us = -1,
	    .held_ms = -1,
	    .hold_ms = -1};
	char *value;

	read_first();
	picture_begin(picture, false);
	value = made_block(TABLE_LOAD, &load, 1, sizeof(load), AT);
	feed(KEY_LOAD, "v", 0, value, 7);
	free(value);
	value = made_block(TABLE_ADDRESS, &address, 1, sizeof(address), AT);
	feed(KEY_ADDRESS, "v", 0, value, 8);
	free(value);
	expect("begin\nput load v a 0.5\nput address\ncommit\n");
	picture_begin(picture, false);
	feed(KEY_LOAD, "v", 0, NULL, 9);
	feed(KEY_ADDRESS, "v", 0, NULL, 9);
	expect("begin\ntake address\ntake load v a 0.5\ncommit\n");
}
END_TEST

/* Where rows with the hash of ${name} are, among ${n} blocks. */
static uint64_t
block_of(const char *name, uint64_t n)
{
	struct state_endpoint row = made_endpoint("v", name, AT);

	return row_hash(schema_table(TABLE_ENDPOINT), &row) & (n - 1);
}

START_TEST(test_a_row_that_moves_to_another_block_stays)
{
	char moved[2] = "", stayed[2] = "";

	for (int c = 'a'; c <= 'z'; c++) {
		const char name[2] = {(char)c, '\0'};

		memcpy(block_of(name, 2) == 1 ? moved : stayed, name, 2);
	}
	ck_assert(moved[0] != '\0' && stayed[0] != '\0');
	picture_begin(picture, true);
	feed_vantage("v", "there", 5);
	feed_names("v", 0, (char[]){moved[0], stayed[0], '\0'}, 6);
	ck_assert_int_eq(picture_end(picture, NOW, mono_ms), 0);
	/* One block becomes two: first who gets rows, then who loses them. */
	picture_begin(picture, false);
	feed_names("v", 1, moved, 7);
	ck_assert_int_eq(picture_end(picture, NOW, mono_ms), 0);
	picture_begin(picture, false);
	feed_names("v", 0, stayed, 8);
	n_take = 0;
	ck_assert_int_eq(picture_end(picture, NOW, mono_ms), 0);
	ck_assert_uint_eq(n_take, 0);
	/* And in one change. */
	picture_begin(picture, false);
	feed(KEY_VERDICT, "v", 1, NULL, 9);
	feed_names("v", 0, (char[]){moved[0], stayed[0], '\0'}, 9);
	ck_assert_int_eq(picture_end(picture, NOW, mono_ms), 0);
	ck_assert_uint_eq(n_take, 0);
	/* What is in no block any more goes. */
	picture_begin(picture, false);
	feed_names("v", 0, stayed, 10);
	ck_assert_int_eq(picture_end(picture, NOW, mono_ms), 0);
	ck_assert_uint_eq(n_take, 1);
}
END_TEST

/* --- times --- */

START_TEST(test_a_verdict_with_the_same_health_keeps_its_since)
{
	struct state_endpoint row = made_endpoint("v", "b", AT);
	char *value;

	read_first();
	/* The writer's clock was set an hour ahead; it says that since, too. */
	row.since_ms += 3600000 - 5000;
	row.checked_ms += 3600000;
	row.fails = 1;
	value = made_block(TABLE_ENDPOINT, &row, 1, sizeof(row), AT + 3600000);
	picture_begin(picture, false);
	feed(KEY_VERDICT, "v", 0, value, 7);
	free(value);
	ck_assert_int_eq(picture_end(picture, NOW, mono_ms), 0);
	ck_assert_uint_eq(last.fails, 1);
	ck_assert_int_eq(last.since_ms, NOW - 60000);
	ck_assert_int_eq(last.checked_ms, NOW - 1000);
	/* Another health has its own. */
	row.health = HEALTH_DOWN;
	value = made_block(TABLE_ENDPOINT, &row, 1, sizeof(row), AT + 3600000);
	picture_begin(picture, false);
	feed(KEY_VERDICT, "v", 0, value, 8);
	free(value);
	ck_assert_int_eq(picture_end(picture, NOW, mono_ms), 0);
	ck_assert_int_eq(last.since_ms, NOW - 65000);
}
END_TEST

START_TEST(test_an_old_block_is_as_old_as_a_new_one_shows)
{
	/* One block was written an hour before the other, and both are read
	 * now, the older one first. */
	picture_begin(picture, true);
	feed_names_at("v", 0, "a", AT - 3600000, 5);
	feed_names_at("v", 1, "b", AT, 6);
	feed_vantage("v", "there", 4);
	ck_assert_int_eq(picture_end(picture, NOW, mono_ms), 0);
	ck_assert_str_eq(last.endpoint, "b");
	ck_assert_int_eq(last.since_ms, NOW - 60000);
	picture_begin(picture, false);
	feed_names_at("v", 0, "c", AT - 3600000, 7);
	ck_assert_int_eq(picture_end(picture, NOW, mono_ms), 0);
}
END_TEST

/* --- vantages --- */

START_TEST(test_a_lease_that_ended_ends_a_vantage_and_keeps_its_rows)
{
	read_first();
	picture_begin(picture, false);
	feed(KEY_LIVE, "v", 0, NULL, 7);
	expect("begin\nput vantage v of there, ended\ncommit\n");
	told[0] = '\0';
	picture_beat(picture, NOW);
	ck_assert_str_eq(told, "");
	picture_begin(picture, false);
	feed_vantage("v", "there", 8);
	expect("begin\nput vantage v of there\ncommit\n");
}
END_TEST

START_TEST(test_rows_of_a_vantage_that_is_not_there_are_of_one_that_ended)
{
	picture_begin(picture, true);
	feed_names("v", 0, "a", 5);
	expect("all\nput vantage v of ?, ended\nput v a up\ncommit\n");
}
END_TEST

START_TEST(test_a_vantage_that_was_silent_before_is_known_by_its_description)
{
	picture_begin(picture, true);
	feed_names("v", 0, "a", 5);
	feed_key(KEY_VANTAGE, "v", "there", 4);
	expect("all\nput vantage v of there, ended\nput v a up\ncommit\n");
	/* It lives on another node now. */
	picture_begin(picture, false);
	feed_vantage("v", "elsewhere", 6);
	feed_key(KEY_VANTAGE, "v", "elsewhere", 6);
	expect("begin\nput vantage v of elsewhere\ncommit\n");
	/* A description alone changes nothing of one that lives, ... */
	picture_begin(picture, false);
	feed_key(KEY_VANTAGE, "v", "there", 7);
	expect("");
	/* ... and keeps it, as long as it is there. */
	picture_begin(picture, true);
	feed_key(KEY_VANTAGE, "v", "elsewhere", 8);
	expect("begin\ntake v a up\nput vantage v of elsewhere, ended\n"
	       "commit\n");
	picture_begin(picture, true);
	expect("begin\ntake vantage v of elsewhere, ended\ncommit\n");
}
END_TEST

START_TEST(test_a_description_of_this_node_is_of_what_it_was)
{
	picture_begin(picture, true);
	feed_key(KEY_VANTAGE, "v", "here", 4);
	expect("all\ncommit\n");
}
END_TEST

START_TEST(test_a_vantage_of_which_nothing_is_left_is_forgotten)
{
	struct picture_figures figures;

	read_first();
	picture_begin(picture, false);
	feed(KEY_LIVE, "v", 0, NULL, 7);
	feed(KEY_VERDICT, "v", 0, NULL, 7);
	expect("begin\ntake v a up\ntake v b up\n"
	       "take vantage v of there, ended\ncommit\n");
	picture_figures(picture, &figures);
	ck_assert_uint_eq(figures.vantages, 0);
	ck_assert_uint_eq(figures.rows, 0);
	ck_assert_uint_eq(figures.blocks, 0);
	ck_assert_uint_eq(figures.bytes, 0);
}
END_TEST

START_TEST(test_a_heartbeat_is_of_those_that_live)
{
	read_first();
	picture_begin(picture, false);
	feed_vantage("w", "elsewhere", 7);
	expect("begin\nput vantage w of elsewhere\ncommit\n");
	told[0] = '\0';
	picture_beat(picture, NOW + 1000);
	ck_assert_str_eq(told,
	    "begin\nput vantage v of there\nput vantage w of "
	    "elsewhere\ncommit\n");
}
END_TEST

START_TEST(test_the_heartbeat_is_when_it_was_heard_last)
{
	read_first();
	ck_assert_int_eq(last_vantage.heartbeat_ms, NOW);
	ck_assert_int_gt(last_vantage.lease_until_ms, NOW);
	picture_beat(picture, NOW + 1000);
	ck_assert_int_eq(last_vantage.heartbeat_ms, NOW + 1000);
	ck_assert_int_gt(last_vantage.lease_until_ms, NOW + 1000);
	picture_begin(picture, false);
	feed(KEY_LIVE, "v", 0, NULL, 7);
	ck_assert_int_eq(picture_end(picture, NOW + 9000, mono_ms), 0);
	ck_assert_int_eq(last_vantage.heartbeat_ms, NOW + 1000);
	ck_assert_int_eq(last_vantage.lease_until_ms, 0);
	/* One that was never heard was found just now. */
	picture_begin(picture, false);
	feed_names("w", 0, "a", 8);
	ck_assert_int_eq(picture_end(picture, NOW + 9500, mono_ms), 0);
	ck_assert_str_eq(last_vantage.name, "w");
	ck_assert_int_eq(last_vantage.heartbeat_ms, NOW + 9500);
	ck_assert_int_eq(last_vantage.lease_until_ms, 0);
}
END_TEST

START_TEST(test_a_vantage_that_two_nodes_claim_does_not_count)
{
	read_first();
	picture_begin(picture, false);
	feed_vantage("v", "elsewhere", 7);
	expect("v: nodes there and elsewhere both say that it is theirs, so "
	       "that it does not count: give one of them another vantage\n"
	       "begin\nput vantage v of there, ended\ncommit\n");
	/* Neither of them, while both are there. */
	picture_begin(picture, false);
	feed_vantage("v", "there", 8);
	expect("");
	/* Until the key was gone. */
	picture_begin(picture, false);
	feed(KEY_LIVE, "v", 0, NULL, 9);
	expect("");
	picture_begin(picture, false);
	feed_vantage("v", "elsewhere", 10);
	expect("begin\nput vantage v of elsewhere\ncommit\n");
}
END_TEST

START_TEST(test_a_clean_reading_shows_whose_a_vantage_is)
{
	read_first();
	picture_begin(picture, true);
	feed_vantage("v", "elsewhere", 7);
	feed_names("v", 0, "ab", 5);
	expect("begin\nput vantage v of elsewhere\ncommit\n");
}
END_TEST

START_TEST(test_what_is_of_this_node_is_not_written_here)
{
	picture_own(picture, "mine", true);
	picture_begin(picture, true);
	feed(KEY_VERDICT, "mine", 3, "{}", 5);
	feed(KEY_LIVE, "mine", 0, "{\"x\":1}", 6);
	expect("all\nown mine 2/0 at 6: {\"x\":1}\n"
	       "own mine 4/3 at 5: {}\ncommit\n");
	picture_begin(picture, false);
	feed(KEY_VERDICT, "mine", 3, NULL, 7);
	expect("own mine 4/3 at 7: none\n");
}
END_TEST

START_TEST(test_a_vantage_that_becomes_ours_is_ours)
{
	struct picture_figures figures;

	read_first();
	picture_own(picture, "v", false);
	picture_figures(picture, &figures);
	ck_assert_uint_eq(figures.rows, 2);
	picture_own(picture, "v", true);
	picture_figures(picture, &figures);
	ck_assert_uint_eq(figures.rows, 0);
	ck_assert_uint_eq(figures.bytes, 0);
	ck_assert_uint_eq(figures.blocks, 0);
	picture_begin(picture, true);
	expect("");
	/* And back. */
	picture_own(picture, "v", false);
	picture_begin(picture, true);
	feed_names("v", 0, "ab", 5);
	feed_vantage("v", "there", 6);
	expect(
	    "begin\nput vantage v of there\nput v a up\nput v b up\ncommit\n");
}
END_TEST

static const struct {
	const char *what, *value, *words;
} keys[] = {
    {"no JSON", "", "its key: it does not begin with \"at\""},
    {"no columns", "{\"at\":1764400000000,\"columns\":[],\"pools\":[]}",
	"its key: column version is missing"},
    {"no rows", "{\"at\":1764400000000,\"columns\":[\"version\"],\"pools\":[]}",
	"its key: it names no node"},
    {"no node",
	"{\"at\":1764400000000,\"columns\":[\"version\"],"
	"\"pools\":[[[[\"1\"]]]]}",
	"its key: it names no node"},
    {"this node",
	"{\"at\":1764400000000,\"columns\":[\"version\",\"node\"],"
	"\"pools\":[[[[\"1\",\"here\"]]]]}",
	"it says that it is of this node, which has no such vantage: give each "
	"node a name of its own"},
    {"two rows",
	"{\"at\":1764400000000,\"columns\":[\"version\",\"node\"],"
	"\"pools\":[[[[\"1\",\"a\"],[\"1\",\"b\"]]]]}",
	"its key: it names no node"},
};

START_TEST(test_a_key_that_makes_no_sense_makes_nobody_live)
{
	char expected[400];

	picture_begin(picture, true);
	feed(KEY_LIVE, "w", 0, keys[_i].value, 5);
	snprintf(
	    expected, sizeof(expected), "all\nw: %s\ncommit\n", keys[_i].words);
	expect(expected);
}
END_TEST

/* --- what makes no sense --- */

START_TEST(test_a_block_that_makes_no_sense_leaves_what_was_there)
{
	struct picture_figures figures;

	read_first();
	picture_begin(picture, false);
	feed(KEY_VERDICT, "v", 0, "{\"at\":0}", 7);
	expect("v: block verdict/0: it does not begin with \"at\"\n");
	picture_figures(picture, &figures);
	ck_assert_uint_eq(figures.bad_blocks, 1);
	ck_assert_uint_eq(figures.rows, 2);
	picture_begin(picture, false);
	feed_names("v", 0, "aB", 8);
	expect("begin\nput v b down\ncommit\n");
}
END_TEST

#define HEAD                                                           \
	"{\"at\":1764400000000,\"columns\":[\"endpoint\",\"health\"]," \
	"\"pools\":[[\"z\",\"p\",["

START_TEST(test_a_row_that_makes_no_sense_is_counted)
{
	struct picture_figures figures;

	read_first();
	picture_begin(picture, false);
	feed(KEY_VERDICT, "v", 7, HEAD "[\"c\",\"ill\"],[\"d\",\"up\"]]]]}", 7);
	expect("begin\nput v d up\n"
	       "v: block verdict/7: health of a row makes no sense\ncommit\n");
	picture_begin(picture, false);
	feed(
	    KEY_VERDICT, "v", 7, HEAD "[\"d\",\"up\"],[\"d\",\"down\"]]]]}", 8);
	mono_ms += 59999;
	expect("");
	picture_begin(picture, false);
	feed(
	    KEY_VERDICT, "v", 7, HEAD "[\"d\",\"up\"],[\"d\",\"down\"]]]]}", 9);
	mono_ms += 1;
	expect("v: block verdict/7: a row twice (and 1 more)\n");
	picture_figures(picture, &figures);
	ck_assert_uint_eq(figures.bad_rows, 3);
	ck_assert_uint_eq(figures.bad_blocks, 0);
}
END_TEST

START_TEST(test_more_than_256_vantages_are_not_heard)
{
	struct picture_figures figures;
	char name[STATE_NAME];

	picture_begin(picture, true);
	for (int i = 0; i <= PICTURE_VANTAGES; i++) {
		snprintf(name, sizeof(name), "v%03d", i);
		feed_names(name, 0, "a", 5 + i);
	}
	told[0] = '\0';
	ck_assert_int_eq(picture_end(picture, NOW, mono_ms), 0);
	ck_assert_ptr_nonnull(strstr(told,
	    "v256: there is no room for it: at most 256 vantages are heard"));
	picture_figures(picture, &figures);
	ck_assert_uint_eq(figures.vantages, PICTURE_VANTAGES);
	ck_assert_uint_eq(figures.rows, PICTURE_VANTAGES);
	ck_assert_uint_eq(figures.refused, 1);
	picture_own(picture, "v256", true);
	/* That is said once a minute. */
	for (int i = 0; i <= 1; i++) {
		mono_ms += i == 0 ? 59999 : 1;
		picture_begin(picture, false);
		feed_names("v256", 0, "a", 500 + i);
		told[0] = '\0';
		ck_assert_int_eq(picture_end(picture, NOW, mono_ms), 0);
		ck_assert((strstr(told, "v256: ") != NULL) == (i == 1));
	}
}
END_TEST

START_TEST(test_a_name_that_no_vantage_has_is_not_heard)
{
	char name[STATE_NAME + 1] = "";

	memset(name, 'v', STATE_NAME);
	picture_begin(picture, true);
	feed(KEY_VERDICT, name, 0, "{}", 5);
	ck_assert_int_eq(picture_end(picture, NOW, mono_ms), 0);
	ck_assert_uint_eq(n_put, 0);
	name[STATE_NAME - 1] = '\0';
	picture_begin(picture, false);
	feed_names(name, 0, "a", 6);
	n_put = 0;
	ck_assert_int_eq(picture_end(picture, NOW, mono_ms), 0);
	ck_assert_uint_eq(n_put, 2);
}
END_TEST

/* What is left of a vantage that was not written since, in one line. */
static const char *
left_before(int64_t revision)
{
	static char out[128];
	struct picture_left left;
	size_t len = 0;

	out[0] = '\0';
	if (!picture_left(picture, revision, &left))
		return "nothing";
	for (size_t i = 0; i < left.n; i++) {
		ck_assert_int_le(left.revision[i], revision);
		len += (size_t)snprintf(out + len, sizeof(out) - len,
		    "%s%s/%d@%d ",
		    left.key[i].kind == KEY_VANTAGE ? "vantage/" : "",
		    left.key[i].name[0], (int)left.key[i].number,
		    (int)left.revision[i]);
	}
	return out;
}

START_TEST(test_what_a_vantage_left_that_is_gone_is_found)
{
	picture_begin(picture, true);
	feed_names("v", 0, "ab", 5);
	feed_names("v", 3, "c", 7);
	feed_vantage("v", "there", 6);
	feed_key(KEY_VANTAGE, "v", "there", 4);
	ck_assert_int_eq(picture_end(picture, NOW, mono_ms), 0);
	/* It lives. */
	ck_assert_str_eq(left_before(100), "nothing");
	picture_begin(picture, false);
	feed(KEY_LIVE, "v", 0, NULL, 8);
	ck_assert_int_eq(picture_end(picture, NOW, mono_ms), 0);
	/* Something of it was written later. */
	ck_assert_str_eq(left_before(6), "nothing");
	ck_assert_str_eq(left_before(7), "v/0@5 v/3@7 vantage/v/0@4 ");
	/* What makes no sense may live. */
	picture_begin(picture, false);
	feed(KEY_LIVE, "v", 0, "{}", 9);
	ck_assert_int_eq(picture_end(picture, NOW, mono_ms), 0);
	ck_assert_str_eq(left_before(100), "nothing");
	/* Of this node's own it is said elsewhere. */
	picture_begin(picture, false);
	feed(KEY_LIVE, "v", 0, NULL, 10);
	ck_assert_int_eq(picture_end(picture, NOW, mono_ms), 0);
	picture_own(picture, "v", true);
	ck_assert_str_eq(left_before(100), "nothing");
}
END_TEST

/* Nobody is to read it for ever. */
START_TEST(test_a_vantage_that_makes_no_sense_is_found)
{
	picture_begin(picture, true);
	feed(KEY_VANTAGE, "v", 0, "{}", 4);
	ck_assert_int_eq(picture_end(picture, NOW, mono_ms), 0);
	told[0] = '\0';
	picture_begin(picture, false);
	ck_assert_int_eq(picture_end(picture, NOW, mono_ms), 0);
	ck_assert_str_eq(left_before(3), "nothing");
	ck_assert_str_eq(left_before(4), "vantage/v/0@4 ");
	/* What made sense once is taken away at once. */
	picture_begin(picture, false);
	feed_key(KEY_VANTAGE, "v", "there", 5);
	ck_assert_int_eq(picture_end(picture, NOW, mono_ms), 0);
	ck_assert_ptr_nonnull(strstr(told, "put vantage v of there, ended"));
	told[0] = '\0';
	picture_begin(picture, false);
	feed(KEY_VANTAGE, "v", 0, "{}", 6);
	ck_assert_int_eq(picture_end(picture, NOW, mono_ms), 0);
	ck_assert_ptr_nonnull(strstr(told, "take vantage v"));
	ck_assert_str_eq(left_before(6), "vantage/v/0@6 ");
	picture_begin(picture, false);
	feed(KEY_VANTAGE, "v", 0, NULL, 7);
	ck_assert_int_eq(picture_end(picture, NOW, mono_ms), 0);
	ck_assert_str_eq(left_before(100), "nothing");
}
END_TEST

START_TEST(test_much_that_is_left_is_found_in_parts)
{
	struct picture_left left;

	picture_begin(picture, true);
	for (uint64_t i = 0; i < PICTURE_LEFT_KEYS + 3; i++)
		feed_names("v", i, "a", 5);
	ck_assert_int_eq(picture_end(picture, NOW, mono_ms), 0);
	ck_assert(picture_left(picture, 5, &left));
	ck_assert_uint_eq(left.n, PICTURE_LEFT_KEYS);
	ck_assert(!left.last);
	picture_begin(picture, false);
	for (size_t i = 0; i < left.n; i++)
		feed(left.key[i].kind, "v", left.key[i].number, NULL, 9);
	ck_assert_int_eq(picture_end(picture, NOW, mono_ms), 0);
	ck_assert(picture_left(picture, 5, &left));
	ck_assert_uint_eq(left.n, 3);
	ck_assert(left.last);
}
END_TEST

START_TEST(test_keys_of_other_kinds_are_passed_over)
{
	picture_begin(picture, true);
	feed(KEY_NODE, "n", 0, "{}", 5);
	feed(KEY_LOCK, "n", 0, "{}", 5);
	expect("all\ncommit\n");
}
END_TEST

/* --- all again --- */

START_TEST(test_all_of_it_can_be_given_again)
{
	picture_again(picture, NOW);
	ck_assert_str_eq(told, "");
	read_first();
	picture_begin(picture, false);
	feed_names("w", 1, "C", 7);
	feed(KEY_LIVE, "v", 0, NULL, 8);
	picture_own(picture, "mine", true);
	feed_names("mine", 1, "D", 9);
	ck_assert_int_eq(picture_end(picture, NOW, mono_ms), 0);
	told[0] = '\0';
	picture_again(picture, NOW);
	sort_told();
	ck_assert_str_eq(told,
	    "all\nput vantage v of there, ended\nput v a up\nput v b up\n"
	    "put vantage w of ?, ended\nput w c down\ncommit\n");
}
END_TEST

/* --- how much, how fast --- */

#define WRITERS 20
#define BLOCKS 128
#define ROWS 80

static double
cpu_s(void)
{
	return (double)clock() / CLOCKS_PER_SEC;
}

static char *values[WRITERS][BLOCKS];

static void
make_values(void)
{
	static struct state_endpoint rows[ROWS];

	for (int w = 0; w < WRITERS; w++)
		for (int b = 0; b < BLOCKS; b++) {
			char vantage[32], name[32];

			snprintf(vantage, sizeof(vantage), "region-%02d", w);
			for (int i = 0; i < ROWS; i++) {
				snprintf(name, sizeof(name), "gpu-%04d",
				    b * ROWS + i);
				rows[i] = made_endpoint(vantage, name, AT + i);
			}
			values[w][b] = made_block(
			    TABLE_ENDPOINT, rows, ROWS, sizeof(rows[0]), AT);
		}
}

static void
feed_values(void)
{
	picture_begin(picture, true);
	for (int w = 0; w < WRITERS; w++) {
		char vantage[32];

		snprintf(vantage, sizeof(vantage), "region-%02d", w);
		for (int b = 0; b < BLOCKS; b++)
			feed(KEY_VERDICT, vantage, (uint64_t)b, values[w][b],
			    10 + b);
		feed_vantage(vantage, "there", 9);
	}
}

START_TEST(test_200000_rows_are_read_in_less_than_2_s)
{
	struct picture_figures figures;
	double began, took, again;

	make_values();
	began = cpu_s();
	feed_values();
	n_put = 0;
	ck_assert_int_eq(picture_end(picture, NOW, mono_ms), 0);
	took = cpu_s() - began;
	ck_assert_uint_eq(n_put, WRITERS * BLOCKS * ROWS + WRITERS);
	began = cpu_s();
	feed_values();
	n_put = 0;
	ck_assert_int_eq(picture_end(picture, NOW, mono_ms), 0);
	again = cpu_s() - began;
	ck_assert_uint_eq(n_put, 0);
	picture_figures(picture, &figures);
	ck_assert_uint_eq(figures.rows, WRITERS * BLOCKS * ROWS);
	printf(
	    "measured: %zu rows of %d vantages: read in %.2f s of CPU, again "
	    "in %.2f s; %zu bytes a row held, %zu in etcd\n",
	    figures.rows, WRITERS, took, again, figures.bytes / figures.rows,
	    strlen(values[0][0]) / ROWS);
	ck_assert_uint_le(figures.bytes / figures.rows, 200);
#ifndef __SANITIZE_ADDRESS__
	ck_assert_double_lt(took, 2);
#endif
	for (int w = 0; w < WRITERS; w++)
		for (int b = 0; b < BLOCKS; b++)
			free(values[w][b]);
}
END_TEST

START_TEST(test_more_than_2_million_rows_are_not_held)
{
	static struct state_endpoint rows[BLOCK_ROWS];
	struct picture_figures figures;
	uint64_t n = PICTURE_ROWS / BLOCK_ROWS;
	char *value;

	for (int i = 0; i < BLOCK_ROWS; i++) {
		char name[32];

		snprintf(name, sizeof(name), "%d", i);
		rows[i] = made_endpoint("v", name, AT);
	}
	value =
	    made_block(TABLE_ENDPOINT, rows, BLOCK_ROWS, sizeof(rows[0]), AT);
	picture_begin(picture, true);
	feed_vantage("v", "there", 5);
	for (uint64_t i = 0; i <= n; i++)
		feed(KEY_VERDICT, "v", i, value, 6);
	told[0] = '\0';
	ck_assert_int_eq(picture_end(picture, NOW, mono_ms), 0);
	ck_assert_ptr_nonnull(strstr(
	    told, "v: its rows would make more than 2000000 of all vantages"));
	picture_figures(picture, &figures);
	ck_assert_uint_eq(figures.rows, n * BLOCK_ROWS);
	ck_assert_uint_eq(figures.bad_blocks, 1);
	/* One that takes the place of another has room. */
	told[0] = '\0';
	picture_begin(picture, false);
	feed(KEY_VERDICT, "v", 0, value, 7);
	ck_assert_int_eq(picture_end(picture, NOW, mono_ms), 0);
	ck_assert_str_eq(told, "");
	free(value);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("picture");
	TCase *tc = tcase_create("picture"), *much = tcase_create("much");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, test_a_first_reading_is_all_there_is);
	tcase_add_test(tc, test_an_empty_etcd_is_a_picture_too);
	tcase_add_test(tc, test_nothing_counts_before_the_end);
	tcase_add_test(tc, test_a_watch_needs_a_reading_first);
	tcase_add_test(tc, test_of_a_block_only_the_row_that_changed_is_told);
	tcase_add_test(tc, test_a_block_written_again_later_changes_nothing);
	tcase_add_test(tc, test_a_clock_that_is_known_better_changes_no_row);
	tcase_add_test(tc, test_a_second_reading_tells_what_differs);
	tcase_add_test(tc, test_what_a_reading_does_not_have_is_taken_away);
	tcase_add_test(tc, test_a_value_of_another_history_is_seen);
	tcase_add_test(tc, test_a_row_or_a_block_that_is_gone_is_taken_away);
	tcase_add_test(tc, test_revisions_count_in_their_order);
	tcase_add_test(tc, test_a_block_that_goes_leaves_the_others);
	tcase_add_test(tc, test_rows_of_one_name_are_of_their_vantages);
	tcase_add_test(tc, test_loads_and_addresses_are_rows_too);
	tcase_add_test(tc, test_a_row_that_moves_to_another_block_stays);
	tcase_add_test(tc, test_a_verdict_with_the_same_health_keeps_its_since);
	tcase_add_test(tc, test_an_old_block_is_as_old_as_a_new_one_shows);
	tcase_add_test(
	    tc, test_a_lease_that_ended_ends_a_vantage_and_keeps_its_rows);
	tcase_add_test(
	    tc, test_rows_of_a_vantage_that_is_not_there_are_of_one_that_ended);
	tcase_add_test(tc,
	    test_a_vantage_that_was_silent_before_is_known_by_its_description);
	tcase_add_test(tc, test_a_description_of_this_node_is_of_what_it_was);
	tcase_add_test(
	    tc, test_a_vantage_of_which_nothing_is_left_is_forgotten);
	tcase_add_test(tc, test_a_heartbeat_is_of_those_that_live);
	tcase_add_test(tc, test_the_heartbeat_is_when_it_was_heard_last);
	tcase_add_test(tc, test_a_vantage_that_two_nodes_claim_does_not_count);
	tcase_add_test(tc, test_a_clean_reading_shows_whose_a_vantage_is);
	tcase_add_test(tc, test_what_is_of_this_node_is_not_written_here);
	tcase_add_test(tc, test_a_vantage_that_becomes_ours_is_ours);
	tcase_add_loop_test(tc,
	    test_a_key_that_makes_no_sense_makes_nobody_live, 0,
	    (int)(sizeof(keys) / sizeof(keys[0])));
	tcase_add_test(
	    tc, test_a_block_that_makes_no_sense_leaves_what_was_there);
	tcase_add_test(tc, test_a_row_that_makes_no_sense_is_counted);
	tcase_add_test(tc, test_more_than_256_vantages_are_not_heard);
	tcase_add_test(tc, test_a_name_that_no_vantage_has_is_not_heard);
	tcase_add_test(tc, test_what_a_vantage_left_that_is_gone_is_found);
	tcase_add_test(tc, test_a_vantage_that_makes_no_sense_is_found);
	tcase_add_test(tc, test_much_that_is_left_is_found_in_parts);
	tcase_add_test(tc, test_keys_of_other_kinds_are_passed_over);
	tcase_add_test(tc, test_all_of_it_can_be_given_again);
	suite_add_tcase(suite, tc);
	tcase_add_checked_fixture(much, setup, teardown);
	tcase_set_timeout(much, 120);
	tcase_add_test(much, test_200000_rows_are_read_in_less_than_2_s);
	tcase_add_test(much, test_more_than_2_million_rows_are_not_held);
	suite_add_tcase(suite, much);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
