/*
 * The node's identity, and the file of cookie secrets: what is read, and what
 * is said of mistakes without a secret in it.
 */
#include "node/identity.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define ONE "e5e973e5a6b2a43f48e7dc849e37bfcf"
#define TWO "DD3BDF9344B678B185A6F5CB60FCA715"

static struct errbuf eb;
static char path[64];

static void
setup(void)
{
	int fd;

	snprintf(path, sizeof(path), "/tmp/meridian-test-XXXXXX");
	fd = mkstemp(path);
	ck_assert_int_ge(fd, 0);
	close(fd);
	errbuf_init(&eb);
}

static void
teardown(void)
{
	unlink(path);
}

static const struct {
	const char *why, *text;
	unsigned n; /* secrets; 0: refused */
	const char *message;
} files[] = {
    {"one", ONE "\n", 1, NULL},
    {"two, the last without an end", ONE "\n" TWO, 2, NULL},
    {"blanks, comments, other line ends",
	"# of today\r\n\r\n  \t" ONE " # new\r\n\n#" ONE "\n" TWO "# old\n", 2,
	NULL},
    {"four", ONE "\n" TWO "\n" ONE "\n" TWO "\n", 4, NULL},
    {"five", ONE "\n" TWO "\n" ONE "\n" TWO "\n" ONE "\n", 0,
	":5:1: error: expected at most 4 secrets\n"},
    {"nothing", "", 0, ": error: has no secret\n"},
    {"comments alone", "#\n# x\n", 0, ": error: has no secret\n"},
    {"a digit missing", ONE "\n5e973e5a6b2a43f48e7dc849e37bfcf\n", 0,
	":2:1: error: expected a secret of 32 hexadecimal digits\n"},
    {"a digit too many", ONE "0\n", 0,
	":1:1: error: expected a secret of 32 hexadecimal digits\n"},
    {"no digit", "g5e973e5a6b2a43f48e7dc849e37bfcf\n", 0,
	":1:1: error: expected a secret of 32 hexadecimal digits\n"},
    {"two in a line", ONE " " TWO "\n", 0,
	":1:1: error: expected one secret a line\n"},
    {"0x before it", "0x" ONE "\n", 0,
	":1:1: error: expected a secret of 32 hexadecimal digits\n"},
};

static int
load(bool cookies, const char *secrets, struct identity *out)
{
	const struct server_config config = {
	    .identity = "n1",
	    .version = "v",
	    .nsid = (const uint8_t *)"x",
	    .nsid_len = 1,
	    .cookies = cookies,
	    .cookies_require = true,
	    .cookie_secrets = secrets,
	};

	return identity_load(&config, out, &eb);
}

START_TEST(test_files)
{
	struct identity out;
	char expected[256];
	FILE *file = fopen(path, "w");
	int status;

	ck_assert_ptr_nonnull(file);
	fputs(files[_i].text, file);
	fclose(file);
	chmod(path, 0640);
	status = load(true, path, &out);
	ck_assert_msg((status == 0) == (files[_i].n > 0), "%s", files[_i].why);
	ck_assert_msg(strstr(eb.text, "973e5a6b2a43f") == NULL,
	    "a secret in a message: %s", eb.text);
	if (files[_i].n > 0) {
		ck_assert_str_eq(eb.text, "");
		ck_assert_uint_eq(out.cookies.n, files[_i].n);
		ck_assert_uint_eq(out.cookies.secret[0][0], 0xe5);
		ck_assert_uint_eq(out.cookies.secret[0][15], 0xcf);
		if (files[_i].n == 2)
			ck_assert_uint_eq(out.cookies.secret[1][15], 0x15);
		ck_assert(out.cookies.require);
		return;
	}
	snprintf(expected, sizeof(expected), "%s%s", path, files[_i].message);
	ck_assert_str_eq(eb.text, expected);
}
END_TEST

/* Bytes that are no text are not read as far as they are one. */
START_TEST(test_nul)
{
	struct identity out;
	FILE *file = fopen(path, "w");

	ck_assert_uint_eq(fwrite(ONE "\n\0\n", 1, 35, file), 35);
	fclose(file);
	chmod(path, 0600);
	ck_assert_int_eq(load(true, path, &out), -1);
	ck_assert_ptr_nonnull(strstr(eb.text, "is no text"));
}
END_TEST

/* Who may read or choose the secrets can forge cookies: that is told. */
START_TEST(test_public_file)
{
	struct identity out;
	FILE *file = fopen(path, "w");

	fputs(ONE "\n", file);
	fclose(file);
	chmod(path, _i == 0 ? 0604 : 0602);
	ck_assert_int_eq(load(true, path, &out), 0);
	ck_assert_uint_eq(eb.warnings, 1);
	ck_assert_ptr_nonnull(strstr(eb.text, "warning: everybody may read"));
}
END_TEST

START_TEST(test_without_a_file)
{
	struct identity out;

	ck_assert_int_eq(load(true, NULL, &out), 0);
	ck_assert_uint_eq(out.cookies.n, 0);
	ck_assert_str_eq(out.name, "n1");
	ck_assert_str_eq(out.version, "v");
	ck_assert_uint_eq(out.nsid_len, 1);
	/* Cookies that are off need none. */
	ck_assert_int_eq(load(false, "/nowhere", &out), 0);
	ck_assert_uint_eq(out.cookies.n, 0);
	ck_assert_int_eq(load(true, "/nowhere", &out), -1);
	ck_assert_ptr_nonnull(strstr(eb.text, "/nowhere: error: cannot open"));
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("node_identity");
	TCase *tc = tcase_create("identity");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_loop_test(
	    tc, test_files, 0, (int)(sizeof(files) / sizeof(files[0])));
	tcase_add_loop_test(tc, test_public_file, 0, 2);
	tcase_add_test(tc, test_nul);
	tcase_add_test(tc, test_without_a_file);
	suite_add_tcase(suite, tc);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
