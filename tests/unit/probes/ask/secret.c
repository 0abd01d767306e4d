/* Tests of secrets: what of a file is one, when it is read again, and where it
 * is kept. */
#include "probes/ask/secret.h"

#include <check.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static char path[64];
static struct secret_store *store;

static void
set_up(void)
{
	int fd;

	snprintf(path, sizeof(path), "/tmp/probes_secret.XXXXXX");
	fd = mkstemp(path);
	ck_assert_int_ge(fd, 0);
	close(fd);
	store = secret_store_create();
	ck_assert_ptr_nonnull(store);
}

static void
tear_down(void)
{
	secret_store_destroy(store);
	unlink(path);
}

static void
write_octets(const char *octets, size_t len)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(write(fd, octets, len), (ssize_t)len);
	close(fd);
}

/* A file is looked at at most once a second. */
static void
wait_for_the_next_look(void)
{
	const struct timespec t = {.tv_sec = 1, .tv_nsec = 50000000};

	nanosleep(&t, NULL);
}

#define ROW(octets) octets, sizeof(octets) - 1

static const struct {
	const char *what, *octets;
	size_t len;
	const char *text; /* NULL: none, and why: */
	const char *why;
} rows[] = {
    {"a line", ROW("token\n"), "token", NULL},
    {"a line without an end", ROW("token"), "token", NULL},
    {"a line of another system", ROW("token\r\n"), "token", NULL},
    {"blanks around it", ROW("\t to ken \n"), "to ken", NULL},
    {"more lines", ROW("token\nother\n"), "token", NULL},
    {"nothing", ROW(""), NULL, "the first line is empty"},
    {"blanks", ROW("  \n"), NULL, "the first line is empty"},
    {"an empty line before it", ROW("\ntoken\n"), NULL,
	"the first line is empty"},
    {"a NUL", ROW("to\0ken\n"), NULL, "not printable ASCII"},
    {"a line break within", ROW("to\rken\n"), NULL, "not printable ASCII"},
    {"UTF-8", ROW("to\xc3\xa9n\n"), NULL, "not printable ASCII"},
};

START_TEST(the_first_line)
{
	const char *why, *text;

	write_octets(rows[_i].octets, rows[_i].len);
	text = secret_read(store, path, &why);
	if (rows[_i].text == NULL) {
		ck_assert_msg(text == NULL, "%s: %s", rows[_i].what, text);
		ck_assert_str_eq(why, rows[_i].why);
		return;
	}
	ck_assert_msg(text != NULL, "%s: %s", rows[_i].what, why);
	ck_assert_str_eq(text, rows[_i].text);
}
END_TEST

START_TEST(a_file_that_is_too_long)
{
	static char octets[SECRET_FILE_MAX];
	const char *why;

	memset(octets, 'a', sizeof(octets));
	write_octets(octets, sizeof(octets));
	ck_assert_ptr_null(secret_read(store, path, &why));
	ck_assert_str_eq(why, "16 KiB or more");
	wait_for_the_next_look();
	write_octets(octets, sizeof(octets) - 1);
	ck_assert_uint_eq(
	    strlen(secret_read(store, path, &why)), sizeof(octets) - 1);
}
END_TEST

START_TEST(another_file_is_read_again)
{
	const char *why;
	uint64_t first;

	write_octets("first", 5);
	ck_assert_str_eq(secret_read(store, path, &why), "first");
	first = secret_stamp(store, path);
	ck_assert_uint_ne(first, 0);
	ck_assert_uint_eq(secret_stamp(store, path), first);
	wait_for_the_next_look();
	ck_assert_uint_eq(secret_stamp(store, path), first);
	unlink(path);
	write_octets("other", 5);
	wait_for_the_next_look();
	/* Whoever asks first. */
	ck_assert_uint_ne(secret_stamp(store, path), first);
	ck_assert_str_eq(secret_read(store, path, &why), "other");
	unlink(path);
	wait_for_the_next_look();
	ck_assert_ptr_null(secret_read(store, path, &why));
	ck_assert_str_eq(why, "is not there");
	ck_assert_uint_eq(secret_stamp(store, path), 0);
}
END_TEST

/* Nobody writes to it: a read would wait for ever. */
START_TEST(a_pipe_is_not_waited_for)
{
	const char *why;

	unlink(path);
	ck_assert_int_eq(mkfifo(path, 0600), 0);
	ck_assert_ptr_null(secret_read(store, path, &why));
	ck_assert_str_eq(why, "no regular file");
	ck_assert_uint_eq(secret_stamp(store, path), 0);
}
END_TEST

/* The flags of the memory that ${at} is in, as the kernel has them. */
static bool
has_flag(const void *at, const char *flag)
{
	char line[1024];
	unsigned long from, to;
	char *end;
	bool within = false, has = false;
	FILE *f = fopen("/proc/self/smaps", "r");

	ck_assert_ptr_nonnull(f);
	while (fgets(line, sizeof(line), f) != NULL) {
		from = strtoul(line, &end, 16);
		to = *end == '-' ? strtoul(end + 1, &end, 16) : 0;
		if (to > 0 && *end == ' ')
			within = (uintptr_t)at >= from && (uintptr_t)at < to;
		else if (within && strncmp(line, "VmFlags:", 8) == 0)
			has = strstr(line, flag) != NULL;
	}
	fclose(f);
	return has;
}

START_TEST(nothing_of_it_is_dumped)
{
	const char *why, *text;

	ck_assert_int_eq(prctl(PR_GET_DUMPABLE), 1);
	write_octets("token", 5);
	text = secret_read(store, path, &why);
	ck_assert(has_flag(text, " dd"));
	ck_assert(has_flag(text, " wf"));
	ck_assert_int_eq(prctl(PR_GET_DUMPABLE), 0);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("probes_ask_secret");
	TCase *tcase = tcase_create("secret");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_checked_fixture(tcase, set_up, tear_down);
	tcase_set_timeout(tcase, 30);
	tcase_add_loop_test(
	    tcase, the_first_line, 0, (int)(sizeof(rows) / sizeof(rows[0])));
	tcase_add_test(tcase, a_file_that_is_too_long);
	tcase_add_test(tcase, another_file_is_read_again);
	tcase_add_test(tcase, a_pipe_is_not_waited_for);
	tcase_add_test(tcase, nothing_of_it_is_dumped);
	suite_add_tcase(suite, tcase);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
