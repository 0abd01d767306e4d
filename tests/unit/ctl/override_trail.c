/*
 * How what was said by hand ended: by its length, by who ended it, by what took
 * its place; and what is in force.
 */
#include "ctl/override_trail.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "state/editor.h"
#include "state/mirror.h"

#define NOW_MS INT64_C(1000000)
#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

struct said {
	int64_t at_ms;
	const char *action, *kind, *target, *value;
	int64_t length_ms;
	enum override_how how;
	int64_t ended_ms;
	uint64_t by;
};

static const struct said rows[] = {
    /* 1 */ {1, "drain", "region", "a", "", -1, OVERRIDE_REPLACED, 3, 3},
    /* 2 */ {2, "drain", "pool", "a", "", -1, OVERRIDE_IN_FORCE, -1, 0},
    /* 3 */ {3, "drain", "region", "a", "", -1, OVERRIDE_ENDED, 4, 4},
    /* 4 */ {4, "undrain", "region", "a", "", -1, OVERRIDE_IS_END, -1, 0},
    /* 5 */ {5, "drain", "region", "b", "", 10, OVERRIDE_OVER, 15, 0},
    /* 6: said when that was over already */
    {15, "drain", "region", "b", "", NOW_MS, OVERRIDE_IN_FORCE, -1, 0},
    /* 7 */ {16, "force", "region", "b", "up", -1, OVERRIDE_ENDED, 17, 8},
    /* 8 */ {17, "force", "region", "b", "off", -1, OVERRIDE_IS_END, -1, 0},
    /* 9: until now, and no longer */
    {20, "freeze", "pool", "a", "on", NOW_MS - 20, OVERRIDE_OVER, NOW_MS, 0},
    /* 10: a moment longer */
    {20, "freeze", "pool", "b", "on", NOW_MS - 19, OVERRIDE_IN_FORCE, -1, 0},
};

static struct state_override list[COUNT(rows)];

static struct override_trail
trail_of(void)
{
	struct override_trail trail;

	for (size_t i = 0; i < COUNT(rows); i++) {
		const struct said *from = &rows[i];
		struct state_override *row = &list[i];

		*row = (struct state_override){.number = i + 1,
		    .at_ms = from->at_ms,
		    .length_ms = from->length_ms};
		(void)snprintf(
		    row->action, sizeof(row->action), "%s", from->action);
		(void)snprintf(row->kind, sizeof(row->kind), "%s", from->kind);
		(void)snprintf(
		    row->target, sizeof(row->target), "%s", from->target);
		(void)snprintf(
		    row->value, sizeof(row->value), "%s", from->value);
	}
	trail = (struct override_trail){.row = list, .n = COUNT(rows)};
	ck_assert_int_eq(override_trail_link(&trail), 0);
	return trail;
}

START_TEST(each_ends_in_its_way)
{
	struct override_trail trail = trail_of();
	struct override_end end;

	for (size_t i = 0; i < COUNT(rows); i++) {
		override_trail_end(&trail, i, NOW_MS, &end);
		ck_assert_msg(
		    end.how == rows[i].how, "%zu: %d", i + 1, (int)end.how);
		ck_assert_int_eq(end.at_ms, rows[i].ended_ms);
		ck_assert_uint_eq(
		    end.by != NULL ? end.by->number : 0, rows[i].by);
	}
	free(trail.next);
}
END_TEST

/* Where nodes share, one of them says that it is over, a little before it is by
 * the clock of another one or a little later. */
START_TEST(a_length_is_over_at_each_node)
{
	struct state_override said[2] = {
	    {.number = 1, .at_ms = 10, .length_ms = 100},
	    {.number = 2, .at_ms = 109 + _i, .length_ms = -1}};
	struct override_trail trail = {.row = said, .n = 2};
	struct override_end end;

	(void)snprintf(said[0].action, sizeof(said[0].action), "drain");
	(void)snprintf(said[1].action, sizeof(said[1].action), "undrain");
	(void)snprintf(
	    said[1].author, sizeof(said[1].author), "meridian-share");
	(void)snprintf(said[1].reason, sizeof(said[1].reason),
	    "the length of override 1 is over");
	ck_assert_int_eq(override_trail_link(&trail), 0);
	override_trail_end(&trail, 0, 200, &end);
	ck_assert_int_eq((int)end.how, (int)OVERRIDE_OVER);
	ck_assert_int_eq(end.at_ms, _i == 0 ? 109 : 110);
	free(trail.next);
}
END_TEST

START_TEST(the_last_of_a_target_may_be_in_force)
{
	static const struct {
		size_t like; /* number */
		uint64_t in_force;
	} wanted[] = {{1, 0}, {2, 2}, {4, 0}, {5, 6}, {7, 0}, {9, 0}, {10, 10}};
	struct override_trail trail = trail_of();

	for (size_t i = 0; i < COUNT(wanted); i++) {
		const struct state_override *row = override_trail_in_force(
		    &trail, &list[wanted[i].like - 1], NOW_MS);

		ck_assert_uint_eq(
		    row != NULL ? row->number : 0, wanted[i].in_force);
	}
	free(trail.next);
}
END_TEST

/* What a database that was lost, or is older, lacks. */
START_TEST(the_mirror_has_the_rest)
{
	static const char *const ends[] = {"", "-wal", "-shm", ".mirror"};
	static struct errbuf eb;
	struct override_trail trail;
	struct state_editor *editor;
	char path[64] = "/tmp/meridian-trail-XXXXXX", file[96];
	struct text t;

	ck_assert_ptr_nonnull(mkdtemp(path));
	(void)snprintf(file, sizeof(file), "%s/state.db", path);
	free(trail_of().next);
	text_init(&t, 65536);
	mirror_begin(&t, 9);
	mirror_override(&t, &list[9]);
	mirror_override(&t, &list[1]);
	mirror_end(&t);
	ck_assert_int_eq(mirror_save(file, t.data, t.len), 0);
	text_finish(&t);

	/* There is no database. */
	errbuf_init(&eb);
	ck_assert_int_eq(override_trail_read(file, &trail, &eb), -1);
	ck_assert_uint_eq(trail.n, 2);
	ck_assert_uint_eq(trail.row[0].number, 2);
	ck_assert_uint_eq(trail.row[1].number, 10);
	ck_assert_str_eq(
	    override_trail_in_force(&trail, &list[1], NOW_MS)->target, "a");
	override_trail_finish(&trail);

	/* One that was made anew. */
	editor = state_editor_create(file);
	ck_assert_ptr_nonnull(editor);
	ck_assert_int_eq(state_editor_open(editor), 0);
	ck_assert_int_eq(state_editor_say(editor, &list[2]), 0);
	state_editor_destroy(editor);
	errbuf_init(&eb);
	ck_assert_int_eq(override_trail_read(file, &trail, &eb), 0);
	ck_assert_uint_eq(trail.n, 3);
	ck_assert_uint_eq(trail.row[0].number, 2);
	ck_assert_uint_eq(trail.row[1].number, 10);
	ck_assert_uint_eq(trail.row[2].number, 11);
	override_trail_finish(&trail);
	for (size_t i = 0; i < COUNT(ends); i++) {
		(void)snprintf(
		    file, sizeof(file), "%s/state.db%s", path, ends[i]);
		(void)unlink(file);
	}
	ck_assert_int_eq(rmdir(path), 0);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("ctl_override_trail");
	TCase *tc = tcase_create("override_trail");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_test(tc, each_ends_in_its_way);
	tcase_add_loop_test(tc, a_length_is_over_at_each_node, 0, 3);
	tcase_add_test(tc, the_mirror_has_the_rest);
	tcase_add_test(tc, the_last_of_a_target_may_be_in_force);
	suite_add_tcase(suite, tc);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
