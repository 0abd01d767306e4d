/*
 * The mirror: what is written is read again, whatever texts hold; what is cut
 * off or spoilt costs the lines that are; the numbers that were given are not
 * given again after the database was lost.
 */
#include "tests/unit/state_fixture.h"

#include <math.h>

#include "state/editor.h"
#include "state/mirror.h"

static struct state_override said[4];
static struct state_ramp ramp;
static size_t n_said, n_ramps;

static void
take_override(void *context, const struct state_override *row)
{
	(void)context;
	ck_assert_uint_lt(n_said, 4);
	said[n_said++] = *row;
}

static void
take_ramp(void *context, const struct state_ramp *row)
{
	(void)context;
	n_ramps++;
	ramp = *row;
}

static struct mirror_reader
read_text(const char *text, size_t len)
{
	struct mirror_reader reader = {
	    .override = take_override, .ramp = take_ramp};

	n_said = n_ramps = 0;
	mirror_parse(text, len, &reader);
	return reader;
}

static const struct state_override a_drain = {.id = "00ff",
    .number = 17,
    .at_ms = 1700000000000,
    .action = "drain",
    .kind = "region",
    .target = "eu-*",
    .length_ms = -1,
    .ramp_ms = 60000,
    .author = "ann \"the \\ hand\"",
    .reason = "number=4 \"end\"",
    .forced = 1,
    .shared = STATE_SHARED_NOT};
static const struct state_ramp a_ramp = {.zone = "z.example",
    .service = "chat",
    .made_for = "00ff",
    .pool = "chat-v2",
    .state = "walking",
    .share = 0.1,
    .next = (double)NAN,
    .next_ms = -1,
    .since_ms = 9,
    .at_ms = 0};

static void
make(struct text *t)
{
	text_init(t, MIRROR_MAX);
	mirror_begin(t, 21);
	mirror_override(t, &a_drain);
	mirror_ramp(t, &a_ramp);
	mirror_end(t);
	ck_assert(!t->failed);
}

START_TEST(what_is_written_is_read_again)
{
	struct mirror_reader reader;
	struct text t;

	make(&t);
	reader = read_text(t.data, t.len);
	ck_assert_uint_eq(reader.n_bad, 0);
	ck_assert_uint_eq(reader.last, 21);
	ck_assert_uint_eq(n_said, 1);
	ck_assert_uint_eq(n_ramps, 1);
	ck_assert_uint_eq(said[0].number, 17);
	ck_assert_int_eq(said[0].at_ms, 1700000000000);
	ck_assert_str_eq(said[0].target, "eu-*");
	ck_assert_int_eq(said[0].length_ms, -1);
	ck_assert_int_eq(said[0].ramp_ms, 60000);
	ck_assert_str_eq(said[0].author, a_drain.author);
	ck_assert_str_eq(said[0].reason, a_drain.reason);
	ck_assert_uint_eq(said[0].forced, 1);
	ck_assert_str_eq(said[0].id, a_drain.id);
	ck_assert_uint_eq(said[0].shared, STATE_SHARED_NOT);
	ck_assert(ramp.share >= 0.1 && ramp.share <= 0.1);
	ck_assert(isnan(ramp.next));
	ck_assert_int_eq(ramp.next_ms, -1);
	text_finish(&t);
}
END_TEST

START_TEST(what_is_cut_off_keeps_its_whole_lines)
{
	struct text t;

	make(&t);
	for (size_t len = 0; len < t.len - 1; len++) {
		struct mirror_reader reader = read_text(t.data, len);

		/* The last line may go without its end of line. */
		ck_assert_uint_ge(reader.n_bad + (len + 1 == t.len - 0), 1);
		ck_assert_uint_le(n_said, 1);
		if (n_said == 1)
			ck_assert_str_eq(said[0].reason, a_drain.reason);
	}
	text_finish(&t);
}
END_TEST

static const struct {
	const char *says, *line;
	bool good;
} lines[] = {
    {"a row",
	"override number=3 at_ms=1 action=\"drain\" kind=\"pool\" target=\"x\" "
	"value=\"\" ramp_ms=0 author=\"\" reason=\"\" forced=0",
	true},
    {"with a name of a later release",
	"override number=3 at_ms=1 action=\"drain\" kind=\"pool\" target=\"x\" "
	"value=\"\" ramp_ms=0 author=\"\" reason=\"\" forced=0 who=\"a b\" n=7",
	true},
    {"without its number",
	"override at_ms=1 action=\"drain\" kind=\"pool\" target=\"x\" "
	"value=\"\" ramp_ms=0 author=\"\" reason=\"\" forced=0",
	false},
    {"with an empty name",
	"override number=3 at_ms=1 action=\"\" kind=\"pool\" target=\"x\" "
	"value=\"\" ramp_ms=0 author=\"\" reason=\"\" forced=0",
	false},
    {"with a time that is none",
	"override number=3 at_ms=-1 action=\"drain\" kind=\"pool\" "
	"target=\"x\" value=\"\" ramp_ms=0 author=\"\" reason=\"\" forced=0",
	false},
    {"with a number that nobody gave",
	"override number=9007199254740991 at_ms=1 action=\"drain\" "
	"kind=\"pool\" target=\"x\" value=\"\" ramp_ms=0 author=\"\" "
	"reason=\"\" forced=0",
	false},
    {"with a text that is too long",
	"override number=3 at_ms=1 action=\"drain drain drain\" kind=\"pool\" "
	"target=\"x\" value=\"\" ramp_ms=0 author=\"\" reason=\"\" forced=0",
	false},
    {"with a text that does not end",
	"override number=3 at_ms=1 action=\"drain", false},
    {"with nothing", "override ", false},
};

START_TEST(lines_are_taken_or_left_out)
{
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		struct mirror_reader reader;
		char text[512];

		snprintf(text, sizeof(text), "later words\n%s\nlast 2\nend\n",
		    lines[i].line);
		reader = read_text(text, strlen(text));
		ck_assert_msg(n_said == lines[i].good, "%s", lines[i].says);
		ck_assert_msg(
		    reader.n_bad == !lines[i].good, "%s", lines[i].says);
		ck_assert_uint_eq(reader.bad_line, lines[i].good ? 0 : 2);
		ck_assert_uint_eq(reader.last, lines[i].good ? 3 : 2);
	}
}
END_TEST

START_TEST(a_file_is_put_in_its_place_whole)
{
	struct mirror_reader reader = {.override = take_override};
	struct stat st;
	struct text t;

	make_folder();
	ck_assert_int_eq(mirror_load(file, &reader), 0);
	make(&t);
	ck_assert_int_eq(mirror_save(file, t.data, t.len), 0);
	ck_assert_int_eq(mirror_save(file, t.data, t.len), 0);
	n_said = 0;
	ck_assert_int_eq(mirror_load(file, &reader), 1);
	ck_assert_uint_eq(n_said, 1);
	ck_assert_int_eq(stat(beside(MIRROR_SUFFIX), &st), 0);
	ck_assert_uint_eq(st.st_mode & 0777, 0660);
	ck_assert_int_ne(access(beside(MIRROR_SUFFIX ".new"), F_OK), 0);
	/* A folder or a pipe in its place stops nobody. */
	ck_assert_int_eq(unlink(beside(MIRROR_SUFFIX)), 0);
	ck_assert_int_eq(mkfifo(beside(MIRROR_SUFFIX), 0600), 0);
	ck_assert_int_eq(mirror_load(file, &reader), -1);
	text_finish(&t);
	remove_folder();
}
END_TEST

START_TEST(numbers_go_on_after_the_database_was_lost)
{
	struct state_override row = a_drain;
	struct state_editor *editor;
	struct text t;

	make_folder();
	make(&t);
	ck_assert_int_eq(mirror_save(file, t.data, t.len), 0);
	editor = state_editor_create(file);
	ck_assert_ptr_nonnull(editor);
	ck_assert_int_eq(state_editor_open(editor), 0);
	ck_assert_int_eq(state_editor_say_after(editor, &row, 17), 0);
	ck_assert_uint_eq(row.number, 22);
	ck_assert_int_eq(state_editor_say(editor, &row), 0);
	ck_assert_uint_eq(row.number, 23);
	/* Whoever decided by what there was before is told so. */
	ck_assert_int_eq(state_editor_say_after(editor, &row, 0), 1);
	ck_assert_int_eq(state_editor_say_after(editor, &row, 22), 1);
	ck_assert_int_eq(state_editor_say_after(editor, &row, 23), 0);
	ck_assert_uint_eq(row.number, 24);
	state_editor_destroy(editor);
	text_finish(&t);
	remove_folder();
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("state/mirror");
	TCase *tcase = tcase_create("mirror");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_test(tcase, what_is_written_is_read_again);
	tcase_add_test(tcase, what_is_cut_off_keeps_its_whole_lines);
	tcase_add_test(tcase, lines_are_taken_or_left_out);
	tcase_add_test(tcase, a_file_is_put_in_its_place_whole);
	tcase_add_test(tcase, numbers_go_on_after_the_database_was_lost);
	suite_add_tcase(suite, tcase);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
