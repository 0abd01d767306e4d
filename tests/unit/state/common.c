/*
 * Rows that are of no vantage: a daemon writes and takes away what it decided,
 * finds it again when it is started, adds what is lacking and writes over
 * nothing; a daemon that is no vantage writes such rows alone, without a lease.
 */
#include "tests/unit/state_fixture.h"

#include <math.h>

#include "state/reader.h"
#include "state/recorder.h"
#include "tests/unit/state_files.h"

static uv_loop_t loop;
static struct state_recorder *recorder;
static bool ready;

/* What was restored, or read. */
static struct {
	struct state_keep keep;
	struct state_factor factor;
	struct state_ramp ramp;
	struct state_override override;
	struct state_demand demand;
	int n;
} got;

static const struct state_keep keep = {.zone = "z.example",
    .pool = "chat",
    .region = "eu",
    .keep = 0.5,
    .reason = "over its load",
    .at_ms = 7};
static const struct state_factor factor = {.zone = "z.example",
    .pool = "chat",
    .endpoint = "e1",
    .sixteenths = 5,
    .at_ms = 8};
static const struct state_ramp ramp = {.zone = "z.example",
    .service = "chat",
    .made_for = "00ff",
    .pool = "chat-v2",
    .state = "walking",
    .share = 0.25,
    .next = (double)NAN,
    .next_ms = -1,
    .since_ms = 9,
    .at_ms = 10};
static const struct state_override said = {.number = 17,
    .at_ms = 11,
    .action = "drain",
    .kind = "region",
    .target = "eu-*",
    .length_ms = -1,
    .author = "ann",
    .reason = "a new floor"};
static const struct state_demand demand = {.node = "ns1",
    .zone = "z.example",
    .pool = "chat",
    .class = "eu us",
    .answers = 12.5,
    .window_ms = 5000,
    .at_ms = 12};

static void
on_restored(void *context, const struct state_endpoint *row)
{
	(void)context;
	(void)row;
}

static void
on_restored_address(void *context, const struct state_address *row)
{
	(void)context;
	(void)row;
}

static void
take(void *context, enum state_table table, const union schema_row *row)
{
	(void)context;
	got.n++;
	if (table == TABLE_KEEP)
		got.keep = row->keep;
	else if (table == TABLE_FACTOR)
		got.factor = row->factor;
	else if (table == TABLE_RAMP)
		got.ramp = row->ramp;
	else if (table == TABLE_OVERRIDE)
		got.override = row->override;
	else if (table == TABLE_DEMAND)
		got.demand = row->demand;
	else
		got.n--;
}

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

static const struct state_recorder_calls calls = {.restored = on_restored,
    .restored_address = on_restored_address,
    .ready = on_ready,
    .trouble = on_trouble};

static void
start(const char *vantage)
{
	memset(&got, 0, sizeof(got));
	ready = false;
	recorder = state_recorder_start(&loop, file, vantage, &calls, NULL);
	ck_assert_ptr_nonnull(recorder);
	state_recorder_restore(recorder, take);
	ck_assert(run_until(&loop, &ready, WAIT_MS));
}

static void
stop(void)
{
	state_recorder_commit(recorder);
	state_recorder_stop(recorder);
	ck_assert_int_eq(uv_run(&loop, UV_RUN_DEFAULT), 0);
}

static void
setup(void)
{
	make_folder();
	ck_assert_int_eq(uv_loop_init(&loop), 0);
}

static void
teardown(void)
{
	ck_assert_int_eq(uv_loop_close(&loop), 0);
	remove_folder();
}

static void
begin(void *context, bool full)
{
	(void)context;
	(void)full;
}

static void
commit(void *context)
{
	(void)context;
}

static void
read_rows(unsigned tables)
{
	static const struct state_sink sink = {
	    .begin = begin, .row = take, .commit = commit};
	struct state_reader *reader = state_reader_create(file);
	static struct errbuf eb;

	memset(&got, 0, sizeof(got));
	ck_assert_ptr_nonnull(reader);
	state_reader_follow(reader, tables);
	errbuf_init(&eb);
	ck_assert_int_eq(state_reader_poll(reader, &sink, NULL, &eb), 1);
	state_reader_destroy(reader);
}

START_TEST(what_was_decided_is_found_again)
{
	start("here");
	ck_assert_int_eq(got.n, 0);
	state_recorder_put(recorder, TABLE_KEEP, &keep);
	state_recorder_put(recorder, TABLE_FACTOR, &factor);
	state_recorder_put(recorder, TABLE_RAMP, &ramp);
	stop();
	read_rows(TABLES_HEALTH);
	ck_assert_int_eq(got.n, 3);
	start("another");
	ck_assert_int_eq(got.n, 3);
	ck_assert_str_eq(got.keep.region, "eu");
	ck_assert(got.keep.keep > 0.49 && got.keep.keep < 0.51);
	ck_assert_str_eq(got.keep.reason, "over its load");
	ck_assert_uint_eq(got.factor.sixteenths, 5);
	ck_assert_str_eq(got.ramp.made_for, "00ff");
	ck_assert_str_eq(got.ramp.state, "walking");
	ck_assert(isnan(got.ramp.next));
	ck_assert_int_eq(got.ramp.next_ms, -1);
	ck_assert_int_eq(got.ramp.since_ms, 9);
	/* And is taken away when nobody has it any more. */
	state_recorder_take(recorder, TABLE_KEEP, &keep);
	state_recorder_sweep(recorder);
	stop();
	ck_assert_int_eq(ask_number("SELECT count(*) FROM keep"), 0);
	ck_assert_int_eq(ask_number("SELECT count(*) FROM factor"), 1);
}
END_TEST

START_TEST(what_is_lacking_is_added_and_nothing_written_over)
{
	struct state_override other = said;
	struct state_ramp further = ramp;

	start("");
	state_recorder_add(recorder, TABLE_OVERRIDE, &said);
	state_recorder_add(recorder, TABLE_RAMP, &ramp);
	stop();
	snprintf(other.target, sizeof(other.target), "us");
	further.share = 0.75;
	start("");
	state_recorder_add(recorder, TABLE_OVERRIDE, &other);
	state_recorder_add(recorder, TABLE_RAMP, &further);
	stop();
	read_rows(TABLES_HEALTH);
	ck_assert_int_eq(got.n, 2);
	ck_assert_uint_eq(got.override.number, 17);
	ck_assert_str_eq(got.override.target, "eu-*");
	ck_assert_int_eq(got.override.length_ms, -1);
	ck_assert_int_gt((int64_t)got.override.sequence, 0);
	ck_assert(got.ramp.share < 0.3);
	read_rows(TABLES_OVERRIDE);
	ck_assert_int_eq(got.n, 1);
}
END_TEST

START_TEST(one_that_is_no_vantage_writes_without_a_lease)
{
	start("");
	state_recorder_put(recorder, TABLE_DEMAND, &demand);
	stop();
	ck_assert_int_eq(ask_number("SELECT count(*) FROM vantage"), 0);
	read_rows(TABLES_DEMAND);
	ck_assert_int_eq(got.n, 1);
	ck_assert_str_eq(got.demand.node, "ns1");
	ck_assert_str_eq(got.demand.class, "eu us");
	ck_assert(got.demand.answers > 12.4 && got.demand.answers < 12.6);
	ck_assert_int_eq(got.demand.window_ms, 5000);
	/* What is an hour old goes with the next commit of a vantage. */
	start("here");
	stop();
	ck_assert_int_eq(ask_number("SELECT count(*) FROM demand"), 0);
}
END_TEST

int
main(int argc, char **argv)
{
	Suite *suite = suite_create("state/common");
	TCase *tcase = tcase_create("common");
	SRunner *runner;
	int failed;

	if (state_recorder_is_child(argc, argv))
		return state_recorder_child(argc, argv);
	runner = srunner_create(suite);
	tcase_set_timeout(tcase, 60);
	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, what_was_decided_is_found_again);
	tcase_add_test(
	    tcase, what_is_lacking_is_added_and_nothing_written_over);
	tcase_add_test(tcase, one_that_is_no_vantage_writes_without_a_lease);
	suite_add_tcase(suite, tcase);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
