/*
 * Migrations of the state database: a file of the first release is carried
 * over and loses nothing, wherever the program is killed; the first release
 * goes on beside this one; what only newer releases may use is left alone.
 */
#include "tests/unit/state_fixture.h"

#include "state/migrate.h"
#include "state/opening.h"
#include "state/reader.h"
#include "state/schema.h"
#include "state/table_sql.h"
#include "state/writer.h"
#include "tests/first_schema.h"
#include "tests/unit/state_files.h"

/* A release to come: a table more, a column more, and nothing that shuts an
 * older release out. */
struct later_endpoint {
	struct state_endpoint now;
	uint32_t queue;
	int64_t drained_ms;
};

#define LATER(member, when, ...)                                      \
	{                                                             \
		.name = #member,                                      \
		.offset = offsetof(struct later_endpoint, member),    \
		.size = sizeof(((struct later_endpoint *)0)->member), \
		.since = (when), __VA_ARGS__                          \
	}

static struct column later_columns[32];
static const struct column note_columns[] = {
    {.name = "sequence", .type = COLUMN_SEQUENCE, .key = true, .since = 14},
    {.name = "words", .type = COLUMN_WORDS, .since = 14},
};
static struct table later_tables[STATE_TABLES + 1];
static struct schema later = {
    .version = 15, .table = later_tables, .n_tables = STATE_TABLES + 1};

/* A release further on, whose change shuts out all before it. */
static const struct schema_step steps[] = {
    {.version = 16,
	.sql = "UPDATE endpoint SET reason = upper(reason)",
	.least_read = 16},
};
static struct schema raised;

static void
make_schemas(void)
{
	const struct table *now = schema_table(TABLE_ENDPOINT);
	size_t n = now->n;

	for (size_t i = 0; i < STATE_TABLES; i++)
		later_tables[i] = *schema_table((enum state_table)i);
	ck_assert_uint_le(
	    n + 2, sizeof(later_columns) / sizeof(later_columns[0]));
	memcpy(later_columns, now->column, n * sizeof(later_columns[0]));
	later_columns[n++] = (struct column)LATER(
	    queue, 13, .type = COLUMN_COUNT, .initial = "7");
	later_columns[n++] =
	    (struct column)LATER(drained_ms, 15, .type = COLUMN_LATENCY);
	later_tables[TABLE_ENDPOINT].column = later_columns;
	later_tables[TABLE_ENDPOINT].n = n;
	later_tables[TABLE_ENDPOINT].size = sizeof(struct later_endpoint);
	later_tables[STATE_TABLES] = (struct table){.name = "note",
	    .since = 14,
	    .column = note_columns,
	    .n = 2,
	    .rowid = true,
	    .indexed = true};
	raised = later;
	raised.version = 16;
	raised.step = steps;
	raised.n_steps = 1;
}

static void
setup(void)
{
	make_folder();
	make_schemas();
}

/* A file of the first release; its bytes are kept, as making one takes a while.
 */
static void
make_first(void)
{
	static char bytes[1 << 18];
	static size_t len;
	FILE *f;

	remove_files();
	if (len > 0) {
		write_file(file, bytes, len);
		return;
	}
	run_sql(FIRST_SCHEMA FIRST_ROWS);
	f = fopen(file, "re");
	ck_assert_ptr_nonnull(f);
	len = fread(bytes, 1, sizeof(bytes), f);
	fclose(f);
	ck_assert_uint_lt(len, sizeof(bytes));
}

/* Open for writing with the program of ${schema} and close; 0, or -1. */
static int
carry(const struct schema *schema, char why[DATABASE_WHY])
{
	struct database d;
	int status;

	database_init(&d, file, schema);
	status = opening_write(&d);
	if (why != NULL)
		snprintf(why, DATABASE_WHY, "%s", d.why);
	database_close(&d);
	return status;
}

static void
expect_whole(const char *says)
{
	ck_assert_msg(strcmp(ask_sql("PRAGMA integrity_check"), "ok") == 0,
	    "%s: %s", says, ask_sql("PRAGMA integrity_check"));
	ck_assert_msg(ask_number(FIRST_LEFT) == FIRST_LEFT_COUNT, "%s: %s left",
	    says, ask_sql(FIRST_LEFT));
}

/* All tables, columns and indexes, in words. */
static const char *
layout(void)
{
	return ask_sql(
	    "SELECT group_concat(t.name || '(' || (SELECT group_concat(x.name"
	    " || ' ' || x.type || x.\"notnull\" || ifnull(x.dflt_value, '-')"
	    " || x.pk) FROM pragma_table_xinfo(t.name) x) || ')' || t.wr ||"
	    " t.strict || (SELECT count(*) FROM pragma_index_list(t.name)))"
	    " FROM (SELECT * FROM pragma_table_list WHERE schema = 'main' AND"
	    " name NOT LIKE 'sqlite%' ORDER BY name) t");
}

START_TEST(a_file_of_the_first_release_is_carried_over)
{
	make_first();
	ck_assert_int_eq(carry(&schema_current, NULL), 0);
	expect_whole("carried over");
	ck_assert_int_eq(
	    ask_number("SELECT value FROM meta WHERE name = 'schema'"),
	    SCHEMA_VERSION);
	ck_assert_int_eq(
	    ask_number("SELECT value FROM meta WHERE name = 'least_read'"), 1);
	ck_assert_int_eq(
	    ask_number("PRAGMA application_id"), MIGRATE_APPLICATION_ID);
	/* The first release asks for this number and no other. */
	ck_assert_int_eq(ask_number(FIRST_VERSION_CHECK), 1);
	ck_assert_int_ne(access(beside(".before-2"), F_OK), 0);
	/* The second time there is nothing to do. */
	ck_assert_int_eq(carry(&schema_current, NULL), 0);
	expect_whole("opened again");
}
END_TEST

START_TEST(a_file_that_was_carried_over_is_like_a_new_one)
{
	char carried[2048];

	make_first();
	ck_assert_int_eq(carry(&schema_current, NULL), 0);
	snprintf(carried, sizeof(carried), "%s", layout());
	ck_assert_ptr_nonnull(strstr(carried, "endpoint TEXT"));
	remove_files();
	ck_assert_int_eq(carry(&schema_current, NULL), 0);
	ck_assert_str_eq(layout(), carried);
	ck_assert_int_eq(ask_number(FIRST_VERSION_CHECK), 1);
}
END_TEST

START_TEST(a_reader_reads_the_first_schema_and_changes_nothing)
{
	unsigned long before;
	struct database d;

	make_first();
	before = file_sum();
	database_init(&d, file, &schema_current);
	ck_assert_int_eq(opening_read(&d), 0);
	ck_assert_uint_eq(d.version, 1);
	ck_assert_int_ne(database_exec(&d, "DELETE FROM endpoint"), 0);
	database_abandon(&d);
	ck_assert_uint_eq(file_sum(), before);
}
END_TEST

START_TEST(tables_and_columns_are_added_and_shut_nobody_out)
{
	struct later_endpoint row;
	struct sqlite3_stmt *stmt;
	struct database d;
	struct text sql;

	make_first();
	ck_assert_int_eq(carry(&later, NULL), 0);
	expect_whole("later");
	ck_assert_int_eq(
	    ask_number("SELECT count(*) FROM endpoint WHERE queue = 7"
		       " AND drained_ms IS NULL"),
	    400);
	ck_assert_int_eq(ask_number("SELECT count(*) FROM note"), 0);
	ck_assert_int_eq(ask_number(FIRST_VERSION_CHECK), 1);
	ck_assert_int_ne(access(beside(".before-15"), F_OK), 0);
	/* This release goes on, and leaves the version as it is. */
	ck_assert_int_eq(carry(&schema_current, NULL), 0);
	ck_assert_int_eq(
	    ask_number("SELECT value FROM meta WHERE name = 'schema'"), 15);
	/* And the later one reads a file of this one. */
	remove_files();
	run_sql(FIRST_SCHEMA FIRST_ROWS);
	ck_assert_int_eq(carry(&schema_current, NULL), 0);
	database_init(&d, file, &later);
	ck_assert_int_eq(opening_read(&d), 0);
	text_init(&sql, TABLE_SQL_MAX);
	table_sql_select(&later_tables[TABLE_ENDPOINT], d.version, &sql);
	ck_assert_int_eq(database_prepare_text(&d, &sql, &stmt), 0);
	ck_assert_int_eq(sqlite3_step(stmt), SQLITE_ROW);
	ck_assert_ptr_null(
	    table_read(&later_tables[TABLE_ENDPOINT], stmt, &row));
	ck_assert_uint_eq(row.queue, 7);
	ck_assert_int_eq(row.drained_ms, -1);
	ck_assert_str_eq(row.now.reason, "timeout");
	sqlite3_finalize(stmt);
	database_abandon(&d);
}
END_TEST

/* Put the copy in place of the file. */
static void
go_back(const char *suffix)
{
	char copy[256];

	snprintf(copy, sizeof(copy), "%s", beside(suffix));
	remove_files();
	ck_assert_int_eq(rename(copy, file), 0);
}

START_TEST(a_change_that_shuts_releases_out_copies_the_file_first)
{
	char why[DATABASE_WHY];
	unsigned long before;
	struct stat st;

	make_first();
	ck_assert_int_eq(chmod(file, 0640), 0);
	ck_assert_msg(carry(&raised, why) == 0, "%s", why);
	expect_whole("raised");
	ck_assert_int_eq(
	    ask_number("SELECT count(*) FROM endpoint WHERE reason ="
		       " 'TIMEOUT'"),
	    400);
	ck_assert_int_eq(
	    ask_number("SELECT value FROM meta WHERE name = 'least_read'"), 16);
	/* What the first release says is newer than itself. */
	ck_assert_int_eq(ask_number(FIRST_VERSION_CHECK), 16);
	/* This release and the later one refuse it, by name. */
	before = file_sum();
	ck_assert_int_eq(carry(&schema_current, why), -1);
	ck_assert_str_eq(why,
	    "made by a newer release (needs at least version 16 to read); this "
	    "is 10: upgrade, or move it away");
	ck_assert_int_eq(carry(&later, why), -1);
	ck_assert_ptr_nonnull(strstr(why, "this is 15"));
	ck_assert_uint_eq(file_sum(), before);
	/* The copy is the file as it was, alone, and the way back. */
	ck_assert_int_eq(stat(beside(".before-16"), &st), 0);
	ck_assert_int_eq(st.st_mode & 0777, 0640);
	ck_assert_int_ne(access(beside(".before-16.part"), F_OK), 0);
	ck_assert_int_ne(access(beside(".before-16.part-wal"), F_OK), 0);
	ck_assert_int_ne(access(beside(".before-16-wal"), F_OK), 0);
	go_back(".before-16");
	ck_assert_int_eq(ask_number(FIRST_VERSION_CHECK), 1);
	expect_whole("the way back");
	ck_assert_int_eq(carry(&schema_current, NULL), 0);
	expect_whole("the way back, carried over");
}
END_TEST

START_TEST(without_the_copy_there_is_no_change)
{
	char why[DATABASE_WHY], path[256];

	make_first();
	snprintf(path, sizeof(path), "%s", beside(".before-16.part"));
	ck_assert_int_eq(mkdir(path, 0700), 0);
	ck_assert_int_eq(carry(&raised, why), -1);
	ck_assert_msg(
	    strstr(why, "it cannot be copied to ") != NULL, "%s", why);
	ck_assert_int_eq(rmdir(path), 0);
	ck_assert_int_eq(ask_number(FIRST_VERSION_CHECK), 1);
	ck_assert_int_eq(ask_number("SELECT count(*) FROM sqlite_schema WHERE"
				    " name IN ('meta', 'note')"),
	    0);
	expect_whole("not copied");
	ck_assert_int_eq(carry(&raised, NULL), 0);
}
END_TEST

START_TEST(a_change_that_failed_is_rolled_back_and_the_reason_kept)
{
	struct database d;
	char path[256];

	make_first();
	snprintf(path, sizeof(path), "%s", beside(".before-16.part"));
	ck_assert_int_eq(mkdir(path, 0700), 0);
	database_init(&d, file, &raised);
	ck_assert_int_eq(database_connect(&d), 0);
	ck_assert_int_eq(migrate_run(&d), -1);
	ck_assert_msg(
	    strstr(d.why, "it cannot be copied to ") != NULL, "%s", d.why);
	/* In no transaction: the connection can go on, as can others. */
	ck_assert_int_ne(sqlite3_get_autocommit(d.db), 0);
	ck_assert_int_eq(rmdir(path), 0);
	ck_assert_int_eq(migrate_run(&d), 0);
	database_close(&d);
}
END_TEST

/* In a process of its own: with the program of ${schema}, until it dies at its
 * ${n}-th touch.  True when it came through. */
static bool
carry_until(const struct schema *schema, int n)
{
	pid_t pid = fork_tied();
	int status;

	if (pid == 0) {
		files_watch(FILES_DIE, n);
		_exit(carry(schema, NULL) == 0 ? 0 : 1);
	}
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	if (WIFSIGNALED(status)) {
		ck_assert_int_eq(WTERMSIG(status), SIGKILL);
		return false;
	}
	ck_assert_int_eq(WEXITSTATUS(status), 0);
	return true;
}

/* After a death: the old file or the new one, and readers of this release read
 * it if it lets them. */
static void
expect_old_or_new(const struct schema *schema, int n)
{
	bool made = ask_number("SELECT count(*) FROM sqlite_schema WHERE"
			       " name = 'meta'") == 1;
	struct database d;
	char says[32];

	snprintf(says, sizeof(says), "death at %d", n);
	expect_whole(says);
	if (made)
		ck_assert_int_eq(ask_number("SELECT value FROM meta WHERE"
					    " name = 'schema'"),
		    schema->version);
	ck_assert_int_eq(ask_number("SELECT count(*) FROM sqlite_schema WHERE"
				    " name = 'note'"),
	    made && schema != &schema_current);
	database_init(&d, file, schema);
	ck_assert_msg(opening_read(&d) == 0, "%s: %s", says, d.why);
	ck_assert_uint_eq(d.version, made ? schema->version : 1);
	database_abandon(&d);
}

static int
deaths_of(const struct schema *schema)
{
	int n = 1;

	for (;; n++) {
		bool through;

		make_first();
		through = carry_until(schema, n);
		expect_old_or_new(schema, n);
		if (through)
			break;
		/* And the next start finishes what this one began. */
		ck_assert_int_eq(carry(schema, NULL), 0);
		expect_whole("finished");
	}
	return n;
}

START_TEST(killed_anywhere_it_is_the_old_file_or_the_new_one)
{
	int n = deaths_of(&schema_current);

	printf("%d deaths on the way to schema %u\n", n - 1,
	    schema_current.version);
	ck_assert_int_gt(n, 20);
}
END_TEST

START_TEST(killed_anywhere_the_copy_is_whole_or_not_there)
{
	int n = 1;

	for (;; n++) {
		bool through, made;

		make_first();
		unlink(beside(".before-16"));
		through = carry_until(&raised, n);
		made = ask_number("SELECT count(*) FROM sqlite_schema WHERE"
				  " name = 'note'") == 1;
		expect_whole("beside the copy");
		/* A file that was changed has its copy. */
		if (made || access(beside(".before-16"), F_OK) == 0) {
			go_back(".before-16");
			expect_whole("the copy");
			ck_assert_int_eq(ask_number(FIRST_VERSION_CHECK), 1);
		}
		if (through)
			break;
		/* What a death left of the copy spoils no later one. */
		make_first();
		ck_assert_int_eq(carry(&raised, NULL), 0);
		go_back(".before-16");
		expect_whole("a later copy");
	}
	printf("%d deaths on the way to schema 16\n", n - 1);
	ck_assert_int_gt(n, 20);
}
END_TEST

START_TEST(many_at_once_carry_it_over_once)
{
	enum { PROGRAMS = 8 };
	pid_t pid[PROGRAMS];

	for (int round = 0; round < 10; round++) {
		make_first();
		for (int i = 0; i < PROGRAMS; i++) {
			pid[i] = fork_tied();
			if (pid[i] == 0)
				_exit(carry(i % 2 ? &schema_current : &later,
					  NULL) == 0
					? 0
					: 1);
		}
		for (int i = 0; i < PROGRAMS; i++) {
			int status;

			ck_assert_int_eq(waitpid(pid[i], &status, 0), pid[i]);
			ck_assert(WIFEXITED(status));
			ck_assert_int_eq(WEXITSTATUS(status), 0);
		}
		expect_whole("by many");
		ck_assert_int_eq(ask_number("SELECT value FROM meta WHERE"
					    " name = 'schema'"),
		    15);
	}
}
END_TEST

START_TEST(the_first_release_has_it_open_and_goes_on)
{
	static const char *const reads[] = {
	    FIRST_TOP, FIRST_HOLDER, FIRST_VANTAGES, FIRST_ENDPOINTS};
	static const char *const writes[] = {FIRST_TAKE_LEASE,
	    FIRST_PUT_ENDPOINT, FIRST_PUT_EVENT, FIRST_HEARTBEAT};
	sqlite3_stmt *read[4], *write[4];
	sqlite3 *reader, *writer;

	make_first();
	reader = open_shell();
	writer = open_shell();
	shell_run(writer, FIRST_SETTINGS);
	for (size_t i = 0; i < 4; i++) {
		ck_assert_int_eq(
		    sqlite3_prepare_v2(reader, reads[i], -1, &read[i], NULL),
		    SQLITE_OK);
		ck_assert_int_eq(
		    sqlite3_prepare_v2(writer, writes[i], -1, &write[i], NULL),
		    SQLITE_OK);
	}
	/* In the middle of a transaction that reads. */
	shell_run(reader, "BEGIN");
	sqlite3_bind_int(read[3], 1, 0);
	ck_assert_int_eq(sqlite3_step(read[3]), SQLITE_ROW);
	ck_assert_int_eq(carry(&later, NULL), 0);
	for (int i = 1; i < 400; i++)
		ck_assert_int_eq(sqlite3_step(read[3]), SQLITE_ROW);
	ck_assert_int_eq(sqlite3_step(read[3]), SQLITE_DONE);
	shell_run(reader, "COMMIT");
	for (size_t i = 0; i < 4; i++) {
		sqlite3_reset(read[i]);
		ck_assert_int_ne(sqlite3_step(read[i]), SQLITE_ERROR);
	}
	/* It writes on by statements that it prepared before. */
	shell_run(writer, "BEGIN IMMEDIATE");
	for (int at = 1; at <= 9; at++) {
		sqlite3_bind_text(write[0], at, "1000", -1, SQLITE_STATIC);
		sqlite3_bind_text(write[2], at, "1000", -1, SQLITE_STATIC);
	}
	for (int at = 1; at <= 13; at++)
		sqlite3_bind_text(write[1], at, "1000", -1, SQLITE_STATIC);
	sqlite3_bind_text(write[1], 5, "up", -1, SQLITE_STATIC);
	for (int at = 2; at <= 5; at++)
		sqlite3_bind_int(write[3], at, 1000);
	sqlite3_bind_text(write[3], 1, "there", -1, SQLITE_STATIC);
	for (size_t i = 0; i < 4; i++)
		ck_assert_msg(sqlite3_step(write[i]) == SQLITE_DONE, "%s: %s",
		    writes[i], sqlite3_errmsg(writer));
	shell_run(writer, "COMMIT");
	for (size_t i = 0; i < 4; i++) {
		sqlite3_finalize(read[i]);
		sqlite3_finalize(write[i]);
	}
	sqlite3_close(reader);
	sqlite3_close(writer);
	expect_whole("beside the first release");
}
END_TEST

static int given;

static void
on_begin(void *context, bool full)
{
	(void)context;
	(void)full;
	given = 0;
}

static void
on_endpoint(void *context, const struct state_endpoint *row)
{
	(void)context;
	(void)row;
	given++;
}

static void
on_commit(void *context)
{
	(void)context;
}

START_TEST(a_newer_release_takes_over_while_ours_have_it_open)
{
	static const struct state_sink sink = {
	    .begin = on_begin, .endpoint = on_endpoint, .commit = on_commit};
	struct state_writer *writer =
	    state_writer_create(file, "here", getpid(), "id");
	struct state_reader *reader = state_reader_create(file);
	struct state_endpoint row = a_row("a", HEALTH_UP);
	struct errbuf eb;

	errbuf_init(&eb);
	make_first();
	ck_assert_int_eq(state_writer_open(writer), 0);
	ck_assert_int_eq(state_reader_poll(reader, &sink, NULL, &eb), 1);
	ck_assert_int_eq(given, 400);
	/* One that adds: both go on, the reader with all that there is. */
	ck_assert_int_eq(carry(&later, NULL), 0);
	ck_assert_int_eq(state_reader_poll(reader, &sink, NULL, &eb), 1);
	ck_assert_int_eq(given, 400);
	ck_assert_int_eq(state_writer_begin(writer), 0);
	ck_assert_int_eq(state_writer_put(writer, TABLE_ENDPOINT, &row), 0);
	ck_assert_int_eq(state_writer_commit(writer), 0);
	ck_assert_int_eq(state_reader_poll(reader, &sink, NULL, &eb), 1);
	ck_assert_int_eq(given, 1);
	/* One that shuts us out: neither touches it any more. */
	ck_assert_int_eq(carry(&raised, NULL), 0);
	ck_assert_int_eq(state_writer_begin(writer), -1);
	ck_assert_ptr_nonnull(strstr(state_writer_why(writer),
	    "made by a newer release (needs at least version 16 to"));
	ck_assert_int_eq(state_reader_poll(reader, &sink, NULL, &eb), -1);
	ck_assert_ptr_nonnull(strstr(state_reader_why(reader),
	    "made by a newer release (needs at least version 16 to read)"));
	state_reader_destroy(reader);
	state_writer_destroy(writer);
}
END_TEST

START_TEST(our_own_schema_keeps_its_rules)
{
	const struct schema *s = &schema_current;
	unsigned least_write = 1;

	for (size_t i = 0; i < s->n_steps; i++) {
		const struct schema_step *step = &s->step[i];

		ck_assert_uint_le(step->version, s->version);
		ck_assert_uint_le(step->least_read, step->version);
		ck_assert_uint_le(step->least_write, step->version);
		if (i > 0)
			ck_assert_uint_gt(step->version, step[-1].version);
		if (step->least_write > least_write)
			least_write = step->least_write;
	}
	for (size_t i = 0; i < s->n_tables; i++) {
		const struct table *t = &s->table[i];
		size_t row = 0;

		ck_assert_uint_le(t->since, s->version);
		for (size_t k = 0; k < t->n; k++) {
			const struct column *c = &t->column[k];

			/* What the last release does not give has a value. */
			ck_assert_msg(c->since == t->since ||
				c->initial != NULL || c->null ||
				c->type == COLUMN_LATENCY,
			    "%s.%s", t->name, c->name);
			ck_assert(!c->key || c->since == t->since);
			ck_assert_uint_le(c->since, s->version);
			ck_assert_uint_le(c->offset + c->size, t->size);
			/* As a frame: a text and its length, or a number. */
			row += c->type <= COLUMN_WORDS ? c->size : 8;
		}
		ck_assert_uint_le(row, FRAME_MAX);
		/* The first release inserts events by place, not by name. */
		if (i == TABLE_EVENT && least_write == 1)
			ck_assert_uint_eq(t->n, 9);
	}
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("state/migrate");
	TCase *c = tcase_create("migrate");

	tcase_set_timeout(c, 60);
	tcase_add_checked_fixture(c, setup, remove_folder);
	tcase_add_test(c, a_file_of_the_first_release_is_carried_over);
	tcase_add_test(c, a_file_that_was_carried_over_is_like_a_new_one);
	tcase_add_test(c, a_reader_reads_the_first_schema_and_changes_nothing);
	tcase_add_test(c, tables_and_columns_are_added_and_shut_nobody_out);
	tcase_add_test(
	    c, a_change_that_shuts_releases_out_copies_the_file_first);
	tcase_add_test(c, without_the_copy_there_is_no_change);
	tcase_add_test(
	    c, a_change_that_failed_is_rolled_back_and_the_reason_kept);
	tcase_add_test(c, killed_anywhere_it_is_the_old_file_or_the_new_one);
	tcase_add_test(c, killed_anywhere_the_copy_is_whole_or_not_there);
	tcase_add_test(c, many_at_once_carry_it_over_once);
	tcase_add_test(c, the_first_release_has_it_open_and_goes_on);
	tcase_add_test(c, a_newer_release_takes_over_while_ours_have_it_open);
	tcase_add_test(c, our_own_schema_keeps_its_rules);
	suite_add_tcase(s, c);
	return s;
}

int
main(void)
{
	return run_suite(suite());
}
