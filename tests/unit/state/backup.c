/*
 * What comes back from a copy of a state database, and that nothing does where
 * the copy, or the database that it would go to, is of a newer release.
 */
#include "tests/unit/state_fixture.h"

#include "state/backup.h"
#include "state/editor.h"

static char copied[160], why[STATE_BACKUP_WHY];

static void
setup(void)
{
	make_folder();
	snprintf(copied, sizeof(copied), "%s/copy.db", folder);
	why[0] = '\0';
}

static void
teardown(void)
{
	remove_folder();
}

/* A database with one drain. */
static void
say_drain(void)
{
	struct state_editor *editor = state_editor_create(file);
	struct state_override row = {.action = "drain",
	    .kind = "region",
	    .target = "eu",
	    .length_ms = -1,
	    .author = "test"};

	ck_assert_ptr_nonnull(editor);
	ck_assert_int_eq(state_editor_open(editor), 0);
	ck_assert_int_eq(state_editor_say(editor, &row), 0);
	state_editor_destroy(editor);
}

/* Run ${sql} on the copy. */
static void
run_on_copy(const char *sql)
{
	sqlite3 *db;

	ck_assert_int_eq(sqlite3_open(copied, &db), SQLITE_OK);
	shell_run(db, sql);
	sqlite3_close(db);
}

START_TEST(what_is_lacking_comes_back_once)
{
	struct state_restored was;

	say_drain();
	ck_assert_msg(state_backup(file, copied, NULL, why) == 0, "%s", why);
	/* It must not be there. */
	ck_assert_int_eq(state_backup(file, copied, NULL, why), -1);
	remove_files();
	ck_assert_int_eq(state_restore(file, copied, true, &was, why), 0);
	ck_assert_uint_eq(was.overrides, 1);
	ck_assert_int_eq(ask_number("SELECT count(*) FROM override"), 0);
	ck_assert_int_eq(state_restore(file, copied, false, &was, why), 0);
	ck_assert_uint_eq(was.overrides, 1);
	ck_assert_uint_eq(was.in_force, 1);
	ck_assert_int_eq(state_restore(file, copied, false, &was, why), 0);
	ck_assert_uint_eq(was.overrides, 0);
	ck_assert_int_eq(ask_number("SELECT count(*) FROM override"), 1);
}
END_TEST

/* Copies that newer releases made: one that ours must not read, and one that
 * ours may use, whose rows may yet say more than ours knows. */
static const struct {
	const char *made, *why;
} newer[] = {
    {NEWER_FILE(11, 11),
	"made by a newer release (needs at least version 11 to"},
    {NEWER_FILE(1, 1),
	"is of a newer release: its schema is 11, this one knows"},
};

START_TEST(a_copy_of_a_newer_release_is_refused)
{
	struct state_restored was;
	unsigned schema;

	run_on_copy(newer[_i].made);
	ck_assert_int_eq(state_backup_check(copied, &schema, why), -1);
	ck_assert_msg(strstr(why, newer[_i].why) != NULL, "%s", why);
	why[0] = '\0';
	ck_assert_int_eq(state_restore(file, copied, false, &was, why), -1);
	ck_assert_msg(strstr(why, newer[_i].why) != NULL, "%s", why);
	/* No database is made for it. */
	ck_assert_int_ne(access(file, F_OK), 0);
}
END_TEST

START_TEST(a_database_of_a_newer_release_is_left_alone)
{
	struct state_restored was;

	say_drain();
	ck_assert_int_eq(state_backup(file, copied, NULL, why), 0);
	remove_files();
	run_sql(NEWER_FILE(1, 11));
	ck_assert_int_eq(state_restore(file, copied, false, &was, why), -1);
	ck_assert_msg(
	    strstr(why,
		"made by a newer release (needs at least version 11 to "
		"write)") != NULL,
	    "%s", why);
	ck_assert_int_eq(ask_number("PRAGMA user_version"), 11);
	ck_assert_int_eq(ask_number("SELECT count(*) FROM sqlite_schema"), 1);
}
END_TEST

#define HERE "0123456789abcdef0123456789abcdef"
#define ELSEWHERE "fedcba9876543210fedcba9876543210"

/* A node of ${site} that has accepted one drain. */
#define OF_SITE(site)                                                   \
	"UPDATE override SET shared = 1;"                               \
	"INSERT INTO node (name, seen_ms, sequence, site) VALUES ('n'," \
	" 1, 1, '" site "')"

/* Of the copy and of the database, which has the drain or not. */
static const struct {
	const char *what, *copy, *is;
	bool has;
	int status, overrides;
	const char *site;
} sites[] = {
    {"of one site", OF_SITE(HERE), OF_SITE(HERE), false, 0, 1, HERE},
    {"of two sites", OF_SITE(HERE), OF_SITE(ELSEWHERE), false, -1, 0,
	ELSEWHERE},
    {"into a new one", OF_SITE(HERE), "SELECT 1", false, 0, 1, HERE},
    {"into one that accepted something nobody knows where", OF_SITE(HERE),
	"UPDATE override SET shared = 1", true, 0, 1, ""},
    {"into one of a node alone", OF_SITE(HERE), "SELECT 1", true, 0, 1, HERE},
    {"of none, with what it accepted", "UPDATE override SET shared = 1",
	OF_SITE(HERE), false, 0, 0, HERE},
    {"of none, with what was said alone", "SELECT 1", OF_SITE(HERE), false, 0,
	1, HERE},
    {"both of none", "UPDATE override SET shared = 1", "SELECT 1", false, 0, 1,
	""},
};

START_TEST(what_another_site_accepted_does_not_come_here)
{
	struct state_restored was;
	char query[160];

	say_drain();
	ck_assert_int_eq(state_backup(file, copied, NULL, why), 0);
	run_on_copy(sites[_i].copy);
	if (!sites[_i].has)
		run_sql("DELETE FROM override");
	run_sql(sites[_i].is);
	ck_assert_msg(
	    state_restore(file, copied, false, &was, why) == sites[_i].status,
	    "%s: %s", sites[_i].what, why);
	if (sites[_i].status != 0)
		ck_assert_ptr_nonnull(strstr(why, "of another site"));
	ck_assert_msg(
	    ask_number("SELECT count(*) FROM override") == sites[_i].overrides,
	    "%s", sites[_i].what);
	(void)snprintf(query, sizeof(query),
	    "SELECT coalesce((SELECT site FROM node), '') = '%s'",
	    sites[_i].site);
	ck_assert_msg(ask_number(query) == 1, "%s", sites[_i].what);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("state/backup");
	TCase *c = tcase_create("backup");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_set_timeout(c, 60);
	tcase_add_checked_fixture(c, setup, teardown);
	tcase_add_test(c, what_is_lacking_comes_back_once);
	tcase_add_loop_test(c, a_copy_of_a_newer_release_is_refused, 0,
	    (int)(sizeof(newer) / sizeof(newer[0])));
	tcase_add_test(c, a_database_of_a_newer_release_is_left_alone);
	tcase_add_loop_test(c, what_another_site_accepted_does_not_come_here, 0,
	    (int)(sizeof(sites) / sizeof(sites[0])));
	suite_add_tcase(suite, c);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
