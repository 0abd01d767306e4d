/* Table latency from the writing side: smoothing, imports beside a daemon that
 * writes, old rows, and what readers hear of it. */
#include "tests/unit/state_fixture.h"

#include "base/errbuf.h"
#include "state/editor.h"
#include "state/reader.h"
#include "state/smoothing.h"
#include "state/writer.h"

#define DAY_MS (INT64_C(24) * 3600 * 1000)

static struct state_latency
row_of(int64_t us, uint32_t samples)
{
	return (struct state_latency){.rtt_us = us,
	    .smoothed_us = us,
	    .samples = samples,
	    .measured_ms = 1};
}

/* From which round trip to which, how often it is measured, and whether what
 * counts moves. */
static const struct {
	const char *says;
	uint32_t counts, then;
	int times;
	bool moves;
} steps[] = {
    {"5 % of noise never moves a round trip", 100000, 105000, 100, false},
    {"10 % of 20 ms is less than 5 ms", 20000, 22500, 100, false},
    {"5 ms of 100 ms is less than 10 %", 100000, 106000, 100, false},
    {"one measure of many is smoothed away", 100000, 150000, 1, false},
    {"a change that stays moves it", 100000, 150000, 10, true},
    {"the same way down", 150000, 100000, 10, true},
    {"to a tenth", 100000, 10000, 10, true},
    {"4 ms to 9.5 ms is both", 4000, 9500, 40, true},
};

START_TEST(what_counts_moves_by_ten_per_cent_and_five_milliseconds)
{
	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		struct state_latency row = row_of(steps[i].counts, 1000);
		const struct state_latency measure = row_of(steps[i].then, 10);
		bool moved = false;

		for (int k = 0; k < steps[i].times; k++)
			moved |= smoothing_merge(&row, &measure);
		ck_assert_msg(moved == steps[i].moves, "%s", steps[i].says);
		ck_assert_msg((row.rtt_us != steps[i].counts) == moved, "%s",
		    steps[i].says);
	}
}
END_TEST

START_TEST(a_measure_weighs_by_its_samples)
{
	struct state_latency row = row_of(100000, 10);
	struct state_latency measure = row_of(200000, 30);

	ck_assert(smoothing_merge(&row, &measure));
	ck_assert_int_eq(row.smoothed_us, 175000);
	ck_assert_uint_eq(row.samples, 40);
	/* No samples are one. */
	row = row_of(100000, 0);
	measure = row_of(200000, 0);
	(void)smoothing_merge(&row, &measure);
	ck_assert_int_eq(row.smoothed_us, 150000);
	/* The largest numbers there are do no harm. */
	row = row_of(INT64_MAX, UINT32_MAX - 1);
	measure = row_of(INT64_MAX, UINT32_MAX - 1);
	ck_assert(!smoothing_merge(&row, &measure));
	ck_assert_int_eq(row.smoothed_us, INT64_MAX);
	ck_assert_uint_eq(row.samples, UINT32_MAX - 1);
	/* What was too old to count weighs nothing. */
	row = row_of(100000, 1000);
	row.rtt_us = -1;
	measure = row_of(200000, 1);
	ck_assert(smoothing_merge(&row, &measure));
	ck_assert_int_eq(row.rtt_us, 200000);
	ck_assert_uint_eq(row.samples, 1);
}
END_TEST

START_TEST(a_noisy_first_measure_moves_once_at_most)
{
	/* Within 5 % of 100 ms, in any order, from any first. */
	for (unsigned seed = 1; seed <= 200; seed++) {
		struct state_latency row, measure;
		unsigned n = seed, moved = 0;

		for (int k = 0; k < 100; k++) {
			n = n * 1103515245U + 12345U;
			measure = row_of(95000 + (n >> 8) % 10001, 1);
			if (k == 0)
				row = measure;
			else
				moved += smoothing_merge(&row, &measure);
		}
		ck_assert_uint_eq(moved, 0);
	}
}
END_TEST

/* A file with rows for tests. */

static struct state_editor *editor;
static struct state_import result;
static int64_t measured_ms;
static uint32_t base_us;

static void
setup(void)
{
	make_folder();
	memset(&result, 0, sizeof(result));
	measured_ms = clock_wall_ms();
	base_us = 20000;
	editor = state_editor_create(file);
	ck_assert_ptr_nonnull(editor);
	ck_assert_msg(
	    state_editor_open(editor) == 0, "%s", state_editor_why(editor));
}

static void
teardown(void)
{
	state_editor_destroy(editor);
	remove_folder();
}

static void
make_row(void *context, size_t i, struct state_latency *out)
{
	(void)context;
	memset(out, 0, sizeof(*out));
	snprintf(out->client, sizeof(out->client), "10.%u.%u.0/24",
	    (unsigned)(i / 512 % 256), (unsigned)(i / 2 % 256));
	snprintf(out->region, sizeof(out->region), "r%u", (unsigned)(i % 2));
	out->smoothed_us = base_us + (uint32_t)(i % 100);
	out->samples = 1;
	out->measured_ms = measured_ms;
}

static void
import(size_t n)
{
	memset(&result, 0, sizeof(result));
	ck_assert_msg(
	    state_editor_measure(editor, n, make_row, NULL, &result) == 0, "%s",
	    state_editor_why(editor));
}

/* What a reader of the table alone was given. */
static struct {
	struct state_reader *reader;
	size_t rows, counting, others;
	bool full;
} seen;

static void
see_begin(void *context, bool full)
{
	(void)context;
	seen.full = full;
}

static void
see_latency(void *context, const struct state_latency *row)
{
	(void)context;
	seen.rows++;
	seen.counting += row->rtt_us >= 0;
}

static void
see_vantage(void *context, const struct state_vantage *row)
{
	(void)context;
	(void)row;
	seen.others++;
}

static void
see_commit(void *context)
{
	(void)context;
}

/* Look: 1 when there was something, and seen has what. */
static int
look(void)
{
	static const struct state_sink sink = {.begin = see_begin,
	    .vantage = see_vantage,
	    .latency = see_latency,
	    .commit = see_commit};
	static struct errbuf eb;

	seen.rows = seen.counting = seen.others = 0;
	seen.full = false;
	errbuf_init(&eb);
	return state_reader_poll(seen.reader, &sink, NULL, &eb);
}

static void
follow(void)
{
	seen.reader = state_reader_create(file);
	state_reader_follow(seen.reader, TABLES_LATENCY);
}

START_TEST(a_replacing_import_forgets_what_was_known)
{
	import(20);
	base_us = 90000;
	measured_ms += 1000;
	state_editor_replace(editor);
	import(10);
	/* Not smoothed, and by these alone. */
	ck_assert_uint_eq(result.moved, 10);
	ck_assert_int_eq(state_editor_age(editor, measured_ms, &result), 0);
	ck_assert_uint_eq(result.aged, 10);
	import(10);
	ck_assert_uint_eq(result.same, 10);
}
END_TEST

START_TEST(readers_see_what_is_new_and_what_moved_and_nothing_else)
{
	follow();
	import(1000);
	ck_assert_uint_eq(result.created, 1000);
	ck_assert_int_eq(look(), 1);
	ck_assert(seen.full);
	ck_assert_uint_eq(seen.rows, 1000);
	/* The same once more moves nothing; that it was measured is read. */
	import(1000);
	ck_assert_uint_eq(result.same, 1000);
	ck_assert_int_eq(look(), 1);
	ck_assert_int_eq(look(), 0);
	ck_assert_int_eq(ask_number("SELECT max(sequence) FROM latency"), 1000);
	/* Twice as far, three times: what counts moves. */
	base_us = 60000;
	import(10);
	ck_assert_uint_eq(result.moved, 10);
	ck_assert_int_eq(look(), 1);
	ck_assert_uint_eq(seen.rows, 1000);
	ck_assert_uint_eq(seen.others, 0);
	state_reader_destroy(seen.reader);
}
END_TEST

START_TEST(readers_see_that_rows_count_no_more)
{
	measured_ms -= 40 * DAY_MS;
	import(500);
	measured_ms += 40 * DAY_MS;
	follow();
	import(100);
	ck_assert_int_eq(look(), 1);
	ck_assert_uint_eq(seen.rows, 500);
	ck_assert_int_eq(
	    state_editor_age(editor, measured_ms - 30 * DAY_MS, &result), 0);
	ck_assert_uint_eq(result.aged, 400);
	ck_assert_int_eq(look(), 1);
	ck_assert_uint_eq(seen.counting, 100);
	/* They are removed later, which is no news. */
	ck_assert_int_eq(ask_number("SELECT count(*) FROM latency"), 500);
	measured_ms += 8 * DAY_MS;
	base_us = 90000;
	import(100);
	ck_assert_int_eq(look(), 1);
	ck_assert_int_eq(
	    state_editor_age(editor, measured_ms - 30 * DAY_MS, &result), 0);
	ck_assert_int_eq(ask_number("SELECT count(*) FROM latency"), 100);
	ck_assert_int_eq(look(), 0);
	/* All are read again once, not each time. */
	ck_assert_int_eq(
	    state_editor_age(editor, measured_ms - 30 * DAY_MS, &result), 0);
	ck_assert_int_eq(look(), 0);
	state_reader_destroy(seen.reader);
}
END_TEST

START_TEST(the_reader_of_health_reads_nothing_of_it)
{
	seen.reader = state_reader_create(file);
	ck_assert_int_eq(look(), 1);
	import(1000);
	ck_assert_int_eq(look(), 0);
	ck_assert_uint_eq(seen.rows, 0);
	state_reader_destroy(seen.reader);
}
END_TEST

START_TEST(a_daemon_that_writes_lets_what_is_old_count_no_more)
{
	struct state_writer *writer =
	    state_writer_create(file, "v", getpid(), "id");

	measured_ms -= 2 * DAY_MS;
	import(300);
	measured_ms += 2 * DAY_MS;
	import(100);
	follow();
	ck_assert_int_eq(look(), 1);
	ck_assert_int_eq(state_writer_open(writer), 0);
	state_writer_latency_age(writer, DAY_MS);
	ck_assert_int_eq(state_writer_begin(writer), 0);
	ck_assert_msg(
	    state_writer_commit(writer) == 0, "%s", state_writer_why(writer));
	ck_assert_int_eq(look(), 1);
	ck_assert_uint_eq(seen.rows, 300);
	ck_assert_uint_eq(seen.counting, 100);
	state_reader_destroy(seen.reader);
	state_writer_destroy(writer);
}
END_TEST

/* Rows by a process of its own, which is killed after ${us}. */
static void
import_and_die(size_t n, useconds_t us)
{
	pid_t child = fork();

	ck_assert_int_ge(child, 0);
	if (child == 0) {
		struct state_editor *own = state_editor_create(file);

		if (own != NULL && state_editor_open(own) == 0)
			(void)state_editor_measure(
			    own, n, make_row, NULL, &result);
		_exit(0);
	}
	(void)usleep(us);
	kill(child, SIGKILL);
	ck_assert_int_eq(waitpid(child, NULL, 0), child);
}

START_TEST(an_import_that_is_killed_loses_nothing)
{
	int64_t there = 0, now;

	import(1000);
	base_us = 20100;
	for (useconds_t us = 1000; us < 300000; us = us * 3 / 2) {
		import_and_die(100000, us);
		ck_assert_str_eq(ask_sql("PRAGMA integrity_check"), "ok");
		now = ask_number("SELECT count(*) FROM latency");
		ck_assert_int_ge(now, there);
		ck_assert_int_ge(now, 1000);
		there = now;
	}
	/* Readers wait for the next one, which ends it. */
	import(100000);
	ck_assert_int_eq(ask_number("SELECT count(*) FROM latency"), 100000);
	follow();
	ck_assert_int_eq(look(), 1);
	ck_assert_uint_eq(seen.counting, 100000);
	state_reader_destroy(seen.reader);
}
END_TEST

/* A daemon that writes once in 50 ms meanwhile. */
static void
write_for_ever(void)
{
	struct state_writer *writer =
	    state_writer_create(file, "v", getpid(), "id");
	struct state_endpoint row = {
	    .zone = "z", .pool = "p", .endpoint = "e", .health = HEALTH_UP};

	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (writer == NULL || state_writer_open(writer) != 0)
		_exit(1);
	for (;;) {
		if (state_writer_begin(writer) != 0 ||
		    state_writer_put(writer, TABLE_ENDPOINT, &row) != 0 ||
		    state_writer_commit(writer) != 0)
			_exit(2);
		(void)usleep(50000);
	}
}

START_TEST(a_daemon_goes_on_writing_while_an_import_runs)
{
	int64_t before, after;
	pid_t child = fork();

	ck_assert_int_ge(child, 0);
	if (child == 0)
		write_for_ever();
	for (int i = 0;
	     i < 100 && ask_number("SELECT count(*) FROM vantage") == 0; i++)
		(void)usleep(50000);
	before = ask_number("SELECT heartbeat_ms FROM vantage");
	import(100000);
	after = ask_number("SELECT heartbeat_ms FROM vantage");
	ck_assert_int_gt(after, before);
	ck_assert_int_lt(clock_wall_ms() - after, 1000);
	/* It did not end by an error. */
	ck_assert_int_eq(waitpid(child, NULL, WNOHANG), 0);
	kill(child, SIGKILL);
	ck_assert_int_eq(waitpid(child, NULL, 0), child);
}
END_TEST

START_TEST(a_row_that_makes_no_sense_is_written_over)
{
	import(1);
	run_sql("UPDATE latency SET rtt_us = -5");
	import(1);
	ck_assert_uint_eq(result.created, 1);
	ck_assert_int_eq(ask_number("SELECT rtt_us FROM latency"), 20000);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("state/editor");
	TCase *pure = tcase_create("smoothing");
	TCase *tc = tcase_create("editor");
	SRunner *runner;
	int failed;

	tcase_add_test(
	    pure, what_counts_moves_by_ten_per_cent_and_five_milliseconds);
	tcase_add_test(pure, a_measure_weighs_by_its_samples);
	tcase_add_test(pure, a_noisy_first_measure_moves_once_at_most);
	suite_add_tcase(suite, pure);
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_set_timeout(tc, 60);
	tcase_add_test(
	    tc, readers_see_what_is_new_and_what_moved_and_nothing_else);
	tcase_add_test(tc, a_replacing_import_forgets_what_was_known);
	tcase_add_test(tc, readers_see_that_rows_count_no_more);
	tcase_add_test(tc, the_reader_of_health_reads_nothing_of_it);
	tcase_add_test(tc, a_daemon_that_writes_lets_what_is_old_count_no_more);
	tcase_add_test(tc, an_import_that_is_killed_loses_nothing);
	tcase_add_test(tc, a_daemon_goes_on_writing_while_an_import_runs);
	tcase_add_test(tc, a_row_that_makes_no_sense_is_written_over);
	suite_add_tcase(suite, tc);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed > 0;
}
