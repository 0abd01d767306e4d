/* What a reload changed, in words. */
#include "node/changes.h"

#include <string.h>
#include <time.h>

#include "tests/unit/node_fixture.h"

#define ZONE "$TTL 300\n@ SOA a b 7 2 3 4 5\n@ NS ns.else.\n"
#define STEERING                                        \
	"regions: {a: {at: [1, 2]}}\n"                  \
	"pools: {p: {endpoints: [{name: x, region: a, " \
	"address: 192.0.2.1}]}}\nservices: {chat: {pool: p}"

static struct generation *before;

/* The lines of what loading the files again changes. */
static const char *
reload(void)
{
	static char copy[8192];
	struct generation *after = node_load(before);
	struct text t;

	text_init(&t, sizeof(copy));
	changes_describe(before, after, &t);
	ck_assert(!t.failed);
	snprintf(copy, sizeof(copy), "%s", t.data != NULL ? t.data : "");
	text_finish(&t);
	generation_release(before);
	before = after;
	return copy;
}

static void
start(void)
{
	node_begin();
	node_write("a.zone", ZONE);
	node_write("b.zone", ZONE);
	node_write("a.yaml", STEERING "}\n");
	node_write("m.yaml",
	    "listen: [127.0.0.1:53]\nzones:\n"
	    "  - {name: A.example, records: a.zone, steering: a.yaml}\n"
	    "  - {name: b.example, records: b.zone}\n");
	before = node_load(NULL);
}

static void
stop(void)
{
	generation_release(before);
	node_end();
}

START_TEST(a_reload_of_the_same_files_changes_nothing)
{
	const struct timespec settle = {
	    .tv_sec = INPUTS_SETTLED_NS / 1000000000, .tv_nsec = 50000000};

	start();
	/* Files that were just written are read again. */
	nanosleep(&settle, NULL);
	(void)reload();
	ck_assert_str_eq(reload(), "");
	stop();
}
END_TEST

static void
expect(const char *lines, const char *line)
{
	ck_assert_msg(
	    strstr(lines, line) != NULL, "%s\nis not in\n%s", line, lines);
}

START_TEST(each_kind_of_change_is_a_line)
{
	const char *lines;

	start();
	node_write("b.zone", "$TTL 60\n@ SOA a b 8 2 3 4 5\n@ NS ns.else.\n");
	expect(reload(), "b.example (serial 8, was 7)\n");
	node_write("a.yaml", STEERING ", voice: {pool: p}}\n");
	lines = reload();
	expect(lines, "records read again: a.example (serial 7)");
	expect(lines, "\nsteering read again: a.example\n");
	expect(lines, "\nservices added: voice.a.example\n");
	expect(lines, "\nmaps made again, from steering\n");
	ck_assert_ptr_null(strstr(lines, "settings"));
	ck_assert_ptr_null(strstr(lines, "zones"));
	node_write("m.yaml",
	    "listen: [127.0.0.1:53]\nudp_size: 1400\nstale: {after: 20s}\n"
	    "zones:\n  - {name: a.example, records: a.zone}\n"
	    "  - {name: c.example, records: b.zone}\n");
	lines = reload();
	expect(lines, "zones added: c.example\nzones removed: b.example\n");
	expect(lines,
	    "\nservices removed: chat.a.example, voice.a.example\n"
	    "settings changed: stale, udp_size\n");
	stop();
}
END_TEST

START_TEST(of_many_names_ten_are_told_and_a_count)
{
	char text[4096] = "listen: [127.0.0.1:53]\nzones:\n";
	const char *lines;

	start();
	for (int i = 0; i < 30; i++)
		snprintf(text + strlen(text), sizeof(text) - strlen(text),
		    "  - {name: z%d.example, records: b.zone}\n", i);
	node_write("m.yaml", text);
	lines = reload();
	ck_assert_ptr_nonnull(strstr(lines,
	    "zones added: z0.example, z1.example, z2.example, z3.example, "
	    "z4.example, z5.example, z6.example, z7.example, z8.example, "
	    "z9.example and 20 more\n"));
	stop();
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("node: changes");
	TCase *tc = tcase_create("changes");
	SRunner *runner;
	int failed;

	tcase_add_test(tc, a_reload_of_the_same_files_changes_nothing);
	tcase_add_test(tc, each_kind_of_change_is_a_line);
	tcase_add_test(tc, of_many_names_ten_are_told_and_a_count);
	suite_add_tcase(suite, tc);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
