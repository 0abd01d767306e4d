/*
 * What other nodes say comes to the local state database as rows of their
 * vantages, which nobody here writes: a full picture in one transaction,
 * heartbeats, overrides by the numbers that all agreed on.  What a daemon of
 * this node writes is refused with words, and stays.
 */
#include "tests/unit/state_fixture.h"

#include <math.h>

#include "state/editor.h"
#include "state/reader.h"
#include "state/recorder.h"
#include "state/writer.h"
#include "tests/full.h"
#include "tests/unit/state_files.h"

static struct state_writer *carrier, *own;

static void
setup(void)
{
	make_folder();
	own = state_writer_create(file, "here", getpid(), "0123");
	carrier = state_writer_carry(file, "n-here");
	ck_assert_ptr_nonnull(own);
	ck_assert_ptr_nonnull(carrier);
	ck_assert_int_eq(state_writer_open(own), 0);
	ck_assert_msg(
	    state_writer_open(carrier) == 0, "%s", state_writer_why(carrier));
}

static void
teardown(void)
{
	state_writer_destroy(carrier);
	state_writer_destroy(own);
	remove_folder();
}

static void
begin(void)
{
	ck_assert_msg(
	    state_writer_begin(carrier) == 0, "%s", state_writer_why(carrier));
}

/* Commit, and what was refused is ${words}, NULL for nothing. */
static void
commit_refused(const char *words)
{
	const char *refused;

	ck_assert_msg(
	    state_writer_commit(carrier) == 0, "%s", state_writer_why(carrier));
	refused = state_writer_refused(carrier);
	if (words == NULL)
		ck_assert_msg(refused == NULL, "%s", refused);
	else
		ck_assert_msg(refused != NULL && strcmp(refused, words) == 0,
		    "%s", refused != NULL ? refused : "nothing was refused");
}

static void
put(enum state_table table, const void *row)
{
	union schema_row copy;

	memcpy(&copy, row, schema_table(table)->size);
	ck_assert_msg(state_writer_put(carrier, table, &copy) == 0, "%s",
	    state_writer_why(carrier));
}

static void
take(enum state_table table, const void *row)
{
	union schema_row copy;

	memcpy(&copy, row, schema_table(table)->size);
	ck_assert_msg(state_writer_forget(carrier, table, &copy) == 0, "%s",
	    state_writer_why(carrier));
}

static struct state_vantage
a_vantage(const char *name, const char *node)
{
	struct state_vantage row = {.version = "9",
	    .region = "eu",
	    .heartbeat_ms = clock_wall_ms(),
	    .lease_until_ms = clock_wall_ms() + 10000};

	snprintf(row.name, sizeof(row.name), "%s", name);
	snprintf(row.node, sizeof(row.node), "%s", node);
	return row;
}

static struct state_endpoint
a_verdict(const char *vantage, const char *endpoint, enum state_health health)
{
	struct state_endpoint row = a_row(endpoint, health);

	snprintf(row.vantage, sizeof(row.vantage), "%s", vantage);
	row.certificate_ms = row.maintenance_ms = -1;
	row.first_token_us = row.held_ms = row.hold_ms = -1;
	return row;
}

static void
put_vantage(const char *name, const char *node)
{
	struct state_vantage row = a_vantage(name, node);

	put(TABLE_VANTAGE, &row);
}

static void
put_verdict(const char *vantage, const char *endpoint, enum state_health health)
{
	struct state_endpoint row = a_verdict(vantage, endpoint, health);

	put(TABLE_ENDPOINT, &row);
}

static void
put_own(const char *endpoint)
{
	struct state_endpoint row = a_row(endpoint, HEALTH_UP);

	ck_assert_int_eq(state_writer_begin(own), 0);
	ck_assert_int_eq(state_writer_put(own, TABLE_ENDPOINT, &row), 0);
	ck_assert_int_eq(state_writer_commit(own), 0);
}

/* --- vantages --- */

START_TEST(rows_of_another_node_keep_their_vantage)
{
	begin();
	put_vantage("far", "n-far");
	put_verdict("far", "a", HEALTH_DOWN);
	commit_refused(NULL);
	ck_assert_str_eq(
	    ask_sql("SELECT vantage || health FROM endpoint"), "fardown");
	ck_assert_str_eq(
	    ask_sql("SELECT node || region || ifnull(owner_id, '-')"
		    " FROM vantage WHERE name = 'far'"),
	    "n-fareu-");
	ck_assert_str_eq(
	    ask_sql(
		"SELECT ifnull(node, '-') FROM vantage WHERE name = 'here'"),
	    "-");
}
END_TEST

/* What readers go by when they ask which vantages are alive. */
START_TEST(heartbeats_of_many_move_in_one_transaction)
{
	char name[STATE_NAME];

	for (int round = 0; round < 2; round++) {
		begin();
		for (int i = 0; i < 100; i++) {
			snprintf(name, sizeof(name), "v%d", i);
			put_vantage(name, "n-far");
		}
		commit_refused(NULL);
	}
	ck_assert_int_eq(
	    ask_number("SELECT count(*) FROM vantage WHERE"
		       " node = 'n-far' AND sequence >"
		       " (SELECT max(sequence) - 101 FROM vantage)"),
	    100);
}
END_TEST

START_TEST(a_vantage_of_this_node_is_not_written)
{
	put_own("a");
	begin();
	put_vantage("here", "n-far");
	put_vantage("far", "n-far");
	commit_refused(
	    "vantage here came from node n-far, and a daemon of this "
	    "node writes it: two nodes need two vantages");
	begin();
	put_verdict("here", "a", HEALTH_DOWN);
	put_verdict("far", "a", HEALTH_UP);
	commit_refused("rows of vantage here came from another node, and a "
		       "daemon of this one writes them: two nodes need two "
		       "vantages");
	ck_assert_str_eq(
	    ask_sql("SELECT health FROM endpoint WHERE vantage = 'here'"),
	    "up");
	ck_assert_int_eq(ask_number("SELECT count(*) FROM endpoint"), 2);
	begin();
	{
		struct state_vantage row = a_vantage("here", "n-far");

		take(TABLE_VANTAGE, &row);
	}
	commit_refused("rows of vantage here came from another node, and a "
		       "daemon of this one writes them: two nodes need two "
		       "vantages");
	ck_assert_int_eq(ask_number("SELECT count(*) FROM endpoint"), 2);
	put_own("a");
}
END_TEST

START_TEST(what_is_of_nobody_or_of_this_node_is_refused)
{
	struct state_demand demand = {.node = "n-here",
	    .zone = "z",
	    .pool = "p",
	    .class = "eu",
	    .answers = 1,
	    .window_ms = 1,
	    .at_ms = 1};

	begin();
	put_verdict("nobody", "a", HEALTH_UP);
	commit_refused("rows of vantage nobody came without that vantage");
	begin();
	put_vantage("far", "n-here");
	commit_refused(
	    "vantage far came from a node with the name of this one, "
	    "n-here: two nodes need two names");
	begin();
	put(TABLE_DEMAND, &demand);
	commit_refused("demand came in the name of this node, n-here");
	snprintf(demand.node, sizeof(demand.node), "n-far");
	begin();
	put(TABLE_DEMAND, &demand);
	commit_refused(NULL);
	ck_assert_int_eq(ask_number("SELECT count(*) FROM demand"), 1);
	ck_assert_int_eq(ask_number("SELECT count(*) FROM endpoint"), 0);
}
END_TEST

/* A node that holds the lock of a pool decides for it: an echo of what another
 * decided before comes too late. */
START_TEST(who_holds_the_lock_writes_alone)
{
	struct state_lock lock = {
	    .zone = "z", .pool = "p", .node = "n-here", .token = 7};
	const struct state_keep keep = {
	    .zone = "z", .pool = "p", .region = "eu", .keep = 0.5, .at_ms = 1};

	begin();
	put(TABLE_LOCK, &lock);
	put(TABLE_KEEP, &keep);
	commit_refused("what another node controls of pool z/p came while this "
		       "one holds its lock");
	ck_assert_int_eq(ask_number("SELECT count(*) FROM keep"), 0);
	snprintf(lock.node, sizeof(lock.node), "n-far");
	begin();
	put(TABLE_LOCK, &lock);
	put(TABLE_KEEP, &keep);
	commit_refused(NULL);
	ck_assert_int_eq(ask_number("SELECT count(*) FROM keep"), 1);
	begin();
	take(TABLE_KEEP, &keep);
	commit_refused(NULL);
	ck_assert_int_eq(ask_number("SELECT count(*) FROM keep"), 0);
}
END_TEST

/* The clock of this machine says since when, and it said so at the first
 * arrival. */
START_TEST(a_verdict_that_was_known_is_as_old_as_it_was)
{
	struct state_endpoint row = a_verdict("far", "a", HEALTH_DOWN);

	begin();
	put_vantage("far", "n-far");
	row.since_ms = 1000;
	put(TABLE_ENDPOINT, &row);
	row.since_ms = 2000;
	row.fails = 9;
	put(TABLE_ENDPOINT, &row);
	commit_refused(NULL);
	ck_assert_str_eq(
	    ask_sql("SELECT since_ms || ' ' || fails FROM endpoint"), "1000 9");
	begin();
	row.health = HEALTH_UP;
	row.since_ms = 3000;
	put(TABLE_ENDPOINT, &row);
	commit_refused(NULL);
	ck_assert_int_eq(ask_number("SELECT since_ms FROM endpoint"), 3000);
}
END_TEST

/* --- going away --- */

static int n_read, n_full;
static struct state_endpoint last;

static void
on_begin(void *context, bool full)
{
	(void)context;
	n_read = 0;
	n_full += full;
}

static void
on_endpoint(void *context, const struct state_endpoint *row)
{
	(void)context;
	last = *row;
	n_read++;
}

static void
on_commit(void *context)
{
	(void)context;
}

static const struct state_sink sink = {
    .begin = on_begin, .endpoint = on_endpoint, .commit = on_commit};

static int
poll(struct state_reader *reader)
{
	static struct errbuf eb;
	int status;

	errbuf_init(&eb);
	status = state_reader_poll(reader, &sink, NULL, &eb);
	ck_assert_msg(status >= 0, "%s", eb.text);
	return status;
}

/* Readers meet that with one full reading, and then with none. */
START_TEST(a_vantage_goes_with_all_its_rows)
{
	struct state_reader *reader = state_reader_create(file);
	struct state_vantage row = a_vantage("far", "n-far");

	put_own("a");
	begin();
	put_vantage("far", "n-far");
	put_vantage("near", "n-near");
	put_verdict("far", "a", HEALTH_UP);
	put_verdict("far", "b", HEALTH_UP);
	put_verdict("near", "a", HEALTH_UP);
	commit_refused(NULL);
	n_full = 0;
	ck_assert_int_eq(poll(reader), 1);
	ck_assert_int_eq(n_read, 4);
	begin();
	take(TABLE_VANTAGE, &row);
	commit_refused(NULL);
	ck_assert_int_eq(poll(reader), 1);
	ck_assert_int_eq(n_read, 2);
	ck_assert_int_eq(n_full, 2);
	ck_assert_int_eq(poll(reader), 0);
	begin();
	put_verdict("near", "a", HEALTH_DOWN);
	commit_refused(NULL);
	ck_assert_int_eq(poll(reader), 1);
	ck_assert_int_eq(n_full, 2);
	ck_assert_int_eq(ask_number("SELECT count(*) FROM vantage"), 2);
	state_reader_destroy(reader);
}
END_TEST

/* Whoever carries has said himself what others say. */
START_TEST(who_carries_reads_no_rows_of_others)
{
	struct state_reader *reader = state_reader_create(file);

	state_reader_follow(reader, TABLES_SHARE);
	put_own("a");
	put_own("b");
	begin();
	put_vantage("far", "n-far");
	put_verdict("far", "a", HEALTH_UP);
	commit_refused(NULL);
	ck_assert_int_eq(poll(reader), 1);
	ck_assert_int_eq(n_read, 2);
	ck_assert_str_eq(last.vantage, "here");
	begin();
	put_verdict("far", "a", HEALTH_DOWN);
	commit_refused(NULL);
	ck_assert_int_eq(poll(reader), 1);
	ck_assert_int_eq(n_read, 0);
	put_own("b");
	ck_assert_int_eq(poll(reader), 1);
	ck_assert_int_eq(n_read, 1);
	ck_assert_str_eq(last.endpoint, "b");
	state_reader_destroy(reader);
}
END_TEST

START_TEST(a_full_picture_replaces_what_was_there)
{
	const struct state_node ours = {.name = "n-here",
				    .cut_ms = -1,
				    .seen_ms = 1},
				gone = {.name = "n-gone",
				    .origin = "n-gone",
				    .cut_ms = -1,
				    .seen_ms = 1};

	put_own("a");
	begin();
	put_vantage("far", "n-far");
	put_vantage("gone", "n-gone");
	put_verdict("far", "a", HEALTH_UP);
	put_verdict("far", "b", HEALTH_UP);
	put_verdict("gone", "a", HEALTH_UP);
	put(TABLE_NODE, &ours);
	put(TABLE_NODE, &gone);
	commit_refused(NULL);
	begin();
	state_writer_replace(carrier);
	put_vantage("far", "n-far");
	put_verdict("far", "b", HEALTH_DOWN);
	put_verdict("far", "c", HEALTH_UP);
	commit_refused(NULL);
	ck_assert_str_eq(
	    ask_sql("SELECT group_concat(k) FROM (SELECT vantage || endpoint ||"
		    " health AS k FROM endpoint ORDER BY 1)"),
	    "farbdown,farcup,hereaup");
	ck_assert_str_eq(ask_sql("SELECT group_concat(name) FROM"
				 " (SELECT name FROM vantage ORDER BY 1)"),
	    "far,here");
	ck_assert_str_eq(
	    ask_sql("SELECT group_concat(name) FROM node"), "n-here");
	/* The next transaction takes nothing away. */
	begin();
	put_verdict("far", "d", HEALTH_UP);
	commit_refused(NULL);
	ck_assert_int_eq(ask_number("SELECT count(*) FROM endpoint"), 4);
}
END_TEST

#define REMOVED "SELECT ifnull(max(value), 0) FROM meta WHERE name = 'removed'"

/* What is the same is not written again, so that no reader reads it again; what
 * is kept is not taken away by that. */
START_TEST(a_full_picture_writes_what_differs)
{
	struct state_load load = {.vantage = "far",
	    .zone = "z.example",
	    .pool = "p",
	    .endpoint = "b",
	    .measured_ms = 5,
	    .saturation = 0.5,
	    .waiting = (double)NAN,
	    .first_token_us = -1};
	struct state_endpoint row = a_verdict("far", "b", HEALTH_UP);
	int64_t sequence, removed;

	begin();
	put_vantage("far", "n-far");
	put_verdict("far", "a", HEALTH_UP);
	put(TABLE_ENDPOINT, &row);
	put(TABLE_LOAD, &load);
	commit_refused(NULL);
	sequence = ask_number("SELECT max(max(sequence),"
			      " (SELECT max(sequence) FROM load))"
			      " FROM endpoint");
	removed = ask_number(REMOVED);
	begin();
	state_writer_replace(carrier);
	put_vantage("far", "n-far");
	put_verdict("far", "a", HEALTH_DOWN);
	row.since_ms += 1000;
	put(TABLE_ENDPOINT, &row);
	put(TABLE_LOAD, &load);
	commit_refused(NULL);
	ck_assert_int_eq(ask_number("SELECT count(*) FROM endpoint"), 2);
	ck_assert_int_eq(ask_number("SELECT count(*) FROM load"), 1);
	ck_assert_int_gt(ask_number("SELECT sequence FROM endpoint WHERE"
				    " endpoint = 'a'"),
	    sequence);
	ck_assert_int_le(ask_number("SELECT sequence FROM endpoint WHERE"
				    " endpoint = 'b'"),
	    sequence);
	ck_assert_int_le(ask_number("SELECT sequence FROM load"), sequence);
	ck_assert_int_eq(ask_number(REMOVED), removed);
	/* And then it is gone. */
	begin();
	state_writer_replace(carrier);
	put_vantage("far", "n-far");
	put(TABLE_ENDPOINT, &row);
	commit_refused(NULL);
	ck_assert_int_eq(ask_number("SELECT count(*) FROM endpoint"), 1);
	ck_assert_int_eq(ask_number("SELECT count(*) FROM load"), 0);
	ck_assert_int_gt(ask_number(REMOVED), removed);
}
END_TEST

/* The picture of 20 vantages with 10,000 endpoints each, in one transaction. */
START_TEST(a_full_picture_is_written_in_seconds)
{
	unsigned each = (unsigned)full_size(500, 10000);
	struct state_endpoint row = a_verdict("", "", HEALTH_UP);

	for (int round = 0; round < 2; round++) {
		int64_t began_ms = clock_mono_ms();

		begin();
		state_writer_replace(carrier);
		for (unsigned v = 0; v < 20; v++) {
			snprintf(row.vantage, sizeof(row.vantage), "v%u", v);
			put_vantage(row.vantage, "n-far");
			for (unsigned e = 0; e < each; e++) {
				snprintf(row.endpoint, sizeof(row.endpoint),
				    "e%u", e);
				put(TABLE_ENDPOINT, &row);
			}
		}
		commit_refused(NULL);
		printf("measured: %u rows in one picture, %s: %lld ms\n",
		    20 * each, round == 0 ? "new" : "again",
		    (long long)(clock_mono_ms() - began_ms));
	}
	ck_assert_int_eq(
	    ask_number("SELECT count(*) FROM endpoint"), 20 * (int)each);
}
END_TEST

/* --- who else writes --- */

START_TEST(a_daemon_cannot_be_a_vantage_that_another_node_is)
{
	struct state_writer *probe =
	    state_writer_create(file, "far", getpid(), "4567");
	struct state_vantage row = a_vantage("far", "n-far");

	begin();
	put(TABLE_VANTAGE, &row);
	commit_refused(NULL);
	ck_assert_int_eq(state_writer_open(probe), -1);
	ck_assert_str_eq(state_writer_why(probe),
	    "vantage far is that of node n-far: two nodes need two vantages");
	/* Nobody is it any more. */
	row.lease_until_ms = 0;
	begin();
	put(TABLE_VANTAGE, &row);
	commit_refused(NULL);
	ck_assert_int_eq(state_writer_open(probe), 0);
	ck_assert_str_eq(
	    ask_sql("SELECT ifnull(node, '-') FROM vantage WHERE name = 'far'"),
	    "-");
	begin();
	put(TABLE_VANTAGE, &row);
	commit_refused("vantage far came from node n-far, and a daemon of this "
		       "node writes it: two nodes need two vantages");
	/* It ended in good order, and another node has its name now. */
	state_writer_destroy(probe);
	begin();
	put(TABLE_VANTAGE, &row);
	put_verdict("far", "a", HEALTH_DOWN);
	commit_refused(NULL);
	ck_assert_str_eq(
	    ask_sql("SELECT node FROM vantage WHERE name = 'far'"), "n-far");
	ck_assert_str_eq(
	    ask_sql("SELECT health FROM endpoint WHERE vantage = 'far'"),
	    "down");
}
END_TEST

/* --- overrides --- */

static struct state_override
an_override(uint64_t number, const char *id, const char *target)
{
	struct state_override row = {.number = number,
	    .at_ms = clock_wall_ms(),
	    .action = "drain",
	    .kind = "region",
	    .length_ms = -1,
	    .author = "ann",
	    .reason = "a new floor",
	    .node = "n-far",
	    .shared = STATE_SHARED_ACCEPTED};

	snprintf(row.id, sizeof(row.id), "%s", id);
	snprintf(row.target, sizeof(row.target), "%s", target);
	return row;
}

static void
put_override(uint64_t number, const char *id, const char *target)
{
	struct state_override row = an_override(number, id, target);

	put(TABLE_OVERRIDE, &row);
}

/* Say it at this node, as meridianctl does; its row is filled in. */
static void
say(const char *target, const char *node, struct state_override *row)
{
	struct state_editor *editor = state_editor_create(file);

	*row = an_override(0, "", target);
	row->at_ms = 0;
	state_editor_share(editor, node);
	ck_assert_int_eq(state_editor_open(editor), 0);
	ck_assert_msg(
	    state_editor_say(editor, row) == 0, "%s", state_editor_why(editor));
	state_editor_destroy(editor);
}

static const char *
trail(void)
{
	return ask_sql(
	    "SELECT group_concat(t) FROM (SELECT number || target ||"
	    " ifnull(shared, '-') AS t FROM override ORDER BY number)");
}

START_TEST(what_is_said_has_an_id_and_whether_it_is_offered)
{
	struct state_override row;

	say("a", "", &row);
	ck_assert_uint_eq(strlen(row.id), 32);
	ck_assert_uint_eq(row.shared, STATE_SHARED_NOT);
	say("b", "n-here", &row);
	ck_assert_uint_eq(row.shared, STATE_SHARED_OFFERED);
	ck_assert_str_eq(trail(), "1a-,2b0");
	ck_assert_str_eq(
	    ask_sql("SELECT group_concat(node || '.') FROM override"),
	    ".,n-here.");
	ck_assert_int_eq(
	    ask_number("SELECT count(DISTINCT id) FROM override"), 2);
}
END_TEST

START_TEST(an_override_that_comes_twice_is_one)
{
	begin();
	put_override(5, "x", "a");
	put_override(5, "x", "a");
	commit_refused(NULL);
	begin();
	put_override(5, "x", "a");
	commit_refused(NULL);
	ck_assert_str_eq(trail(), "5a1");
}
END_TEST

/* The number of what was only offered is taken by what all accepted, and it
 * gets another one, behind, in the order in which it was said. */
START_TEST(what_is_offered_makes_way)
{
	struct state_override first, second;

	say("a", "n-here", &first);
	say("b", "n-here", &second);
	begin();
	put_override(1, "x", "z");
	commit_refused(NULL);
	ck_assert_str_eq(trail(), "1z1,3a0,4b0");
	/* Accepted by all, as the next number. */
	first.number = 2;
	first.shared = STATE_SHARED_ACCEPTED;
	begin();
	put(TABLE_OVERRIDE, &first);
	commit_refused(NULL);
	ck_assert_str_eq(trail(), "1z1,2a1,4b0");
	/* And one that breaks the safety rule. */
	second.number = 4;
	second.shared = STATE_SHARED_REFUSED;
	snprintf(second.refused, sizeof(second.refused), "3 says otherwise");
	begin();
	put(TABLE_OVERRIDE, &second);
	put_override(4, "y", "c");
	commit_refused(NULL);
	ck_assert_str_eq(trail(), "1z1,2a1,4c1,5b2");
	ck_assert_str_eq(
	    ask_sql("SELECT refused FROM override WHERE shared = 2"),
	    "3 says otherwise");
	ck_assert_int_eq(ask_number("SELECT at_ms FROM override WHERE target = "
				    "'a'"),
	    first.at_ms);
}
END_TEST

/* What is still to be shared, or is another row, stays. */
START_TEST(an_override_that_all_forgot_is_taken_away)
{
	struct state_override row, other;

	say("a", "n-here", &row);
	begin();
	put_override(7, "x", "z");
	put_override(8, "y", "w");
	commit_refused(NULL);
	ck_assert_str_eq(trail(), "1a0,7z1,8w1");
	other = (struct state_override){.number = 7};
	snprintf(other.id, sizeof(other.id), "y");
	begin();
	take(TABLE_OVERRIDE, &row);
	take(TABLE_OVERRIDE, &other);
	commit_refused(NULL);
	ck_assert_str_eq(trail(), "1a0,7z1,8w1");
	other.number = 8;
	begin();
	take(TABLE_OVERRIDE, &other);
	commit_refused(NULL);
	ck_assert_str_eq(trail(), "1a0,7z1");
}
END_TEST

/* Readers go by the sequence: what counts again comes after what was refused.
 */
START_TEST(what_a_refused_row_stood_for_is_read_again)
{
	struct state_override row;

	say("a", "n-here", &row);
	say("b", "n-here", &row);
	say("a", "n-here", &row);
	row.shared = STATE_SHARED_REFUSED;
	begin();
	put(TABLE_OVERRIDE, &row);
	commit_refused(NULL);
	ck_assert_str_eq(
	    ask_sql("SELECT group_concat(number) FROM"
		    " (SELECT number FROM override ORDER BY sequence)"),
	    "2,3,1");
}
END_TEST

START_TEST(a_number_that_all_accepted_is_for_good)
{
	begin();
	put_override(5, "x", "a");
	put_override(5, "y", "b");
	commit_refused("override 5 came, and another has its number for good");
	begin();
	put_override(6, "", "b");
	commit_refused("override 6 came without an id, or with a number that "
		       "nobody gave");
	ck_assert_str_eq(trail(), "5a1");
}
END_TEST

/* Of a release that gave no ids, a row is known by what it says. */
START_TEST(an_older_row_gets_an_id)
{
	struct state_override row;

	say("a", "", &row);
	run_sql("UPDATE override SET id = ''");
	snprintf(row.id, sizeof(row.id), "x");
	row.shared = STATE_SHARED_ACCEPTED;
	begin();
	put(TABLE_OVERRIDE, &row);
	commit_refused(NULL);
	ck_assert_str_eq(trail(), "1a1");
	ck_assert_str_eq(ask_sql("SELECT id FROM override"), "x");
}
END_TEST

/* --- through the writing process --- */

static uv_loop_t loop;
static bool ready, refused;
static char refused_words[256];

static void
on_ready(void *context)
{
	(void)context;
	ready = true;
}

static void
on_trouble(void *context, const char *why)
{
	(void)context;
	ck_assert_msg(why == NULL, "%s", why);
}

static void
on_refused(void *context, const char *why)
{
	(void)context;
	refused = true;
	snprintf(refused_words, sizeof(refused_words), "%s", why);
}

START_TEST(a_process_of_its_own_carries)
{
	static const struct state_recorder_calls calls = {
	    .ready = on_ready, .trouble = on_trouble, .refused = on_refused};
	struct state_vantage far = a_vantage("far", "n-far");
	struct state_endpoint row = a_verdict("far", "a", HEALTH_DOWN);
	struct state_override said = an_override(5, "x", "a");
	const struct state_node node = {
	    .name = "n-here", .vantage = "here", .cut_ms = -1, .seen_ms = 1};
	struct state_recorder *r;

	ck_assert_int_eq(uv_loop_init(&loop), 0);
	r = state_recorder_carry(&loop, file, "n-here", &calls, NULL);
	ck_assert_ptr_nonnull(r);
	ck_assert(run_until(&loop, &ready, WAIT_MS));
	state_recorder_replace(r);
	state_recorder_put(r, TABLE_NODE, &node);
	state_recorder_put(r, TABLE_VANTAGE, &far);
	state_recorder_put(r, TABLE_ENDPOINT, &row);
	state_recorder_put(r, TABLE_OVERRIDE, &said);
	snprintf(row.vantage, sizeof(row.vantage), "here");
	state_recorder_put(r, TABLE_ENDPOINT, &row);
	state_recorder_commit(r);
	ck_assert(run_until(&loop, &refused, WAIT_MS));
	ck_assert_str_eq(refused_words,
	    "rows of vantage here came from another node, and a daemon of this "
	    "one writes them: two nodes need two vantages");
	ck_assert_str_eq(
	    ask_sql("SELECT group_concat(vantage) FROM endpoint"), "far");
	ck_assert_str_eq(trail(), "5a1");
	ck_assert_str_eq(ask_sql("SELECT vantage FROM node"), "here");
	refused = false;
	state_recorder_take(r, TABLE_VANTAGE, &far);
	state_recorder_commit(r);
	state_recorder_stop(r);
	ck_assert_int_eq(uv_run(&loop, UV_RUN_DEFAULT), 0);
	ck_assert_int_eq(uv_loop_close(&loop), 0);
	ck_assert_int_eq(ask_number("SELECT count(*) FROM endpoint"), 0);
}
END_TEST

/* Where rows are carried no more, an operator takes those of a node away. */
START_TEST(a_node_is_forgotten_where_nothing_is_shared)
{
	const struct state_node ours = {.name = "n-here",
				    .cut_ms = -1,
				    .seen_ms = 1},
				gone = {.name = "n-gone",
				    .origin = "n-gone",
				    .cut_ms = -1,
				    .seen_ms = 1};
	struct state_forgotten row = {.name = "n-gone", .author = "ann"};
	struct state_editor *editor = state_editor_create(file);
	struct state_reader *reader = state_reader_create(file);

	put_own("a");
	begin();
	put_vantage("far", "n-far");
	put_vantage("gone", "n-gone");
	put_verdict("far", "a", HEALTH_UP);
	put_verdict("gone", "a", HEALTH_UP);
	put_verdict("gone", "b", HEALTH_UP);
	put(TABLE_NODE, &ours);
	put(TABLE_NODE, &gone);
	commit_refused(NULL);
	poll(reader);
	ck_assert_int_eq(state_editor_open(editor), 0);
	ck_assert_int_eq(state_editor_forget_here(editor, &row), 0);
	ck_assert_uint_eq(row.shared, STATE_SHARED_ACCEPTED);
	ck_assert_str_eq(ask_sql("SELECT group_concat(name, ' ') FROM (SELECT"
				 " name FROM vantage ORDER BY name)"),
	    "far here");
	ck_assert_str_eq(ask_sql("SELECT group_concat(vantage, ' ') FROM"
				 " (SELECT vantage FROM endpoint ORDER BY 1)"),
	    "far here");
	ck_assert_str_eq(ask_sql("SELECT name FROM node"), "n-here");
	ck_assert_str_eq(
	    ask_sql("SELECT name || author || shared FROM forgotten"),
	    "n-goneann1");
	/* Who follows hears of it. */
	n_full = 0;
	ck_assert_int_eq(poll(reader), 1);
	ck_assert_int_eq(n_full, 1);
	ck_assert_int_eq(n_read, 2);
	/* This node is none of others. */
	(void)snprintf(row.name, sizeof(row.name), "n-here");
	ck_assert_int_eq(state_editor_forget_here(editor, &row), 0);
	ck_assert_str_eq(ask_sql("SELECT name FROM node"), "n-here");
	ck_assert_int_eq(
	    ask_number("SELECT count(*) FROM endpoint WHERE vantage = 'here'"),
	    1);
	row.name[0] = '\0';
	ck_assert_int_eq(state_editor_forget_here(editor, &row), -1);
	ck_assert_int_eq(ask_number("SELECT count(*) FROM forgotten"), 2);
	state_reader_destroy(reader);
	state_editor_destroy(editor);
}
END_TEST

START_TEST(of_which_site_a_database_is_is_written_once)
{
	static const char *const later[] = {"another", ""};
	struct state_node row = {.name = "n-here", .cut_ms = -1, .seen_ms = 1};

	begin();
	put(TABLE_NODE, &row);
	commit_refused(NULL);
	ck_assert_int_eq(ask_number("SELECT site = '' FROM node"), 1);
	snprintf(row.site, sizeof(row.site), "a-site");
	begin();
	put(TABLE_NODE, &row);
	commit_refused(NULL);
	for (size_t i = 0; i < 2; i++) {
		snprintf(row.site, sizeof(row.site), "%s", later[i]);
		row.seen_ms++;
		begin();
		put(TABLE_NODE, &row);
		commit_refused(NULL);
		ck_assert_int_eq(
		    ask_number("SELECT site = 'a-site' FROM node"), 1);
	}
	ck_assert_int_eq(ask_number("SELECT seen_ms FROM node"), 3);
}
END_TEST

int
main(int argc, char **argv)
{
	Suite *suite = suite_create("state: carrier");
	TCase *tcase = tcase_create("carrier");
	SRunner *runner;
	int failed;

	if (state_recorder_is_child(argc, argv))
		return state_recorder_child(argc, argv);
	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_set_timeout(tcase, 60);
	tcase_add_test(tcase, rows_of_another_node_keep_their_vantage);
	tcase_add_test(tcase, heartbeats_of_many_move_in_one_transaction);
	tcase_add_test(tcase, a_vantage_of_this_node_is_not_written);
	tcase_add_test(tcase, what_is_of_nobody_or_of_this_node_is_refused);
	tcase_add_test(tcase, who_holds_the_lock_writes_alone);
	tcase_add_test(tcase, a_verdict_that_was_known_is_as_old_as_it_was);
	tcase_add_test(tcase, a_vantage_goes_with_all_its_rows);
	tcase_add_test(tcase, who_carries_reads_no_rows_of_others);
	tcase_add_test(tcase, a_full_picture_replaces_what_was_there);
	tcase_add_test(tcase, a_full_picture_writes_what_differs);
	tcase_add_test(tcase, a_full_picture_is_written_in_seconds);
	tcase_add_test(
	    tcase, a_daemon_cannot_be_a_vantage_that_another_node_is);
	tcase_add_test(tcase, what_is_said_has_an_id_and_whether_it_is_offered);
	tcase_add_test(tcase, an_override_that_comes_twice_is_one);
	tcase_add_test(tcase, what_is_offered_makes_way);
	tcase_add_test(tcase, an_override_that_all_forgot_is_taken_away);
	tcase_add_test(tcase, what_a_refused_row_stood_for_is_read_again);
	tcase_add_test(tcase, a_number_that_all_accepted_is_for_good);
	tcase_add_test(tcase, an_older_row_gets_an_id);
	tcase_add_test(tcase, a_node_is_forgotten_where_nothing_is_shared);
	tcase_add_test(tcase, of_which_site_a_database_is_is_written_once);
	tcase_add_test(tcase, a_process_of_its_own_carries);
	suite_add_tcase(suite, tcase);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
