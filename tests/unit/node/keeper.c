/*
 * The keeper: what was said is in the mirror, found there at the next start,
 * and written back to a database that lacks it; a mirror that cannot be read or
 * written is said, and stops nothing.
 */
#include "tests/unit/state_fixture.h"

#include "node/keeper.h"
#include "state/editor.h"
#include "state/mirror.h"
#include "state/recorder.h"

static uv_loop_t loop;
static struct overlay *overlay;
static struct keeper *keeper;
static uv_timer_t timer;
static bool (*done)(void);

static void
on_timer(uv_timer_t *handle)
{
	keeper_tick(keeper);
	if (done())
		uv_timer_stop(handle);
}

/* Turn the loop until ${is} holds. */
static void
wait_until(bool (*is)(void))
{
	int64_t end = clock_mono_ms() + WAIT_MS;

	done = is;
	uv_timer_start(&timer, on_timer, 0, 20);
	while (uv_is_active((uv_handle_t *)&timer)) {
		ck_assert_int_lt(clock_mono_ms(), end);
		uv_run(&loop, UV_RUN_ONCE);
	}
}

static void
start(void)
{
	overlay = overlay_create();
	ck_assert_ptr_nonnull(overlay);
	keeper = keeper_create(&loop, overlay);
	ck_assert_ptr_nonnull(keeper);
	keeper_follow(keeper, file, clock_mono_ms());
}

static void
stop(void)
{
	keeper_stop(keeper);
	uv_timer_stop(&timer);
	while (uv_loop_alive(&loop))
		uv_run(&loop, UV_RUN_ONCE);
	keeper_destroy(keeper);
	overlay_destroy(overlay);
}

static void
setup(void)
{
	make_folder();
	ck_assert_int_eq(uv_loop_init(&loop), 0);
	uv_timer_init(&loop, &timer);
	start();
}

static void
teardown(void)
{
	stop();
	uv_close((uv_handle_t *)&timer, NULL);
	uv_run(&loop, UV_RUN_DEFAULT);
	ck_assert_int_eq(uv_loop_close(&loop), 0);
	remove_folder();
}

static const struct state_override a_drain = {.number = 17,
    .at_ms = 1700000000000,
    .action = "drain",
    .kind = "region",
    .target = "eu",
    .length_ms = -1,
    .author = "ann",
    .reason = "a new floor"};

/* A full change of a database that has the drain, or nothing. */
static void
change(bool has)
{
	overlay_begin(overlay, true);
	if (has)
		overlay_override(
		    overlay, &a_drain, clock_mono_ms(), clock_wall_ms());
	overlay_commit(overlay);
	keeper_commit(keeper);
}

static bool
is_mirrored(void)
{
	struct mirror_reader reader = {0};

	return mirror_load(file, &reader) == 1 && reader.last == 17 &&
	    reader.n_bad == 0;
}

static bool
is_written_back(void)
{
	struct state_editor *editor = state_editor_create(file);
	bool is;

	ck_assert_ptr_nonnull(editor);
	ck_assert_int_eq(state_editor_open(editor), 0);
	is = ask_number("SELECT count(*) FROM override WHERE number = 17 AND"
			" target = 'eu' AND author = 'ann'") == 1;
	state_editor_destroy(editor);
	return is;
}

static bool
is_troubled(void)
{
	struct keeper_report report;

	keeper_report(keeper, &report);
	return report.trouble[0] != '\0';
}

static bool
is_well(void)
{
	return !is_troubled();
}

START_TEST(what_was_said_is_found_at_the_next_start)
{
	struct keeper_report report;

	change(true);
	wait_until(is_mirrored);
	stop();
	start();
	ck_assert_uint_eq(overlay_overrides(overlay)->n, 1);
	ck_assert(!overlay_overrides(overlay)->item[0].listed);
	/* The database says the same: nothing is lacking. */
	change(true);
	keeper_report(keeper, &report);
	ck_assert_uint_eq(report.lacking, 0);
	ck_assert_str_eq(report.trouble, "");
}
END_TEST

START_TEST(what_a_database_lacks_is_written_back)
{
	struct keeper_report report;

	change(true);
	wait_until(is_mirrored);
	stop();
	start();
	change(false);
	keeper_report(keeper, &report);
	ck_assert_uint_eq(report.lacking, 1);
	wait_until(is_written_back);
	change(true);
	keeper_report(keeper, &report);
	ck_assert_uint_eq(report.lacking, 0);
}
END_TEST

START_TEST(a_mirror_that_is_lost_or_changed_is_written_again)
{
	static const char text[] = "nonsense\n";

	change(true);
	wait_until(is_mirrored);
	ck_assert_int_eq(unlink(beside(MIRROR_SUFFIX)), 0);
	wait_until(is_mirrored);
	write_file(beside(MIRROR_SUFFIX), text, sizeof(text) - 1);
	wait_until(is_mirrored);
}
END_TEST

START_TEST(nothing_is_written_while_nothing_was_said)
{
	change(false);
	for (int i = 0; i < 10; i++)
		keeper_tick(keeper);
	ck_assert(!uv_loop_alive(&loop));
	ck_assert_int_ne(access(beside(MIRROR_SUFFIX), F_OK), 0);
}
END_TEST

START_TEST(a_mirror_that_cannot_be_written_is_said)
{
	ck_assert_int_eq(mkdir(beside(MIRROR_SUFFIX), 0700), 0);
	change(true);
	wait_until(is_troubled);
	ck_assert_int_eq(rmdir(beside(MIRROR_SUFFIX)), 0);
}
END_TEST

START_TEST(a_mirror_that_is_spoilt_stops_nothing)
{
	static const char text[] = "override number=17 at_ms=\nnonsense\n";

	stop();
	write_file(beside(MIRROR_SUFFIX), text, sizeof(text) - 1);
	start();
	ck_assert_uint_eq(overlay_overrides(overlay)->n, 0);
	/* It is told until there is a good one. */
	ck_assert(is_troubled());
	change(true);
	wait_until(is_mirrored);
	wait_until(is_well);
}
END_TEST

int
main(int argc, char **argv)
{
	Suite *suite = suite_create("node/keeper");
	TCase *tcase = tcase_create("keeper");
	SRunner *runner;
	int failed;

	if (state_recorder_is_child(argc, argv))
		return state_recorder_child(argc, argv);
	runner = srunner_create(suite);
	tcase_set_timeout(tcase, 60);
	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, what_was_said_is_found_at_the_next_start);
	tcase_add_test(tcase, what_a_database_lacks_is_written_back);
	tcase_add_test(
	    tcase, a_mirror_that_is_lost_or_changed_is_written_again);
	tcase_add_test(tcase, nothing_is_written_while_nothing_was_said);
	tcase_add_test(tcase, a_mirror_that_cannot_be_written_is_said);
	tcase_add_test(tcase, a_mirror_that_is_spoilt_stops_nothing);
	suite_add_tcase(suite, tcase);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
