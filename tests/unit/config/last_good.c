/*
 * The last files that loaded: what is written is read again; a manifest or a
 * copy of which one octet is another is not believed; what cannot be written
 * whole leaves what was there; files that were only looked at are not copied.
 */
#include <check.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "config/last_good.h"

static char folder[] = "/tmp/meridian-last-good-XXXXXX";
static struct errbuf eb;

static const char *
path_of(const char *name)
{
	static char path[4][256];
	static unsigned turn;

	turn = (turn + 1) % 4;
	snprintf(path[turn], sizeof(path[turn]), "%s/%s", folder, name);
	return path[turn];
}

static void
write_file(const char *name, const char *text)
{
	FILE *f = fopen(path_of(name), "w");

	ck_assert_ptr_nonnull(f);
	fputs(text, f);
	fclose(f);
}

/* As a loader notes a file that it reads. */
static void
add(struct inputs *inputs, const char *name)
{
	int fd = open(path_of(name), O_RDONLY | O_CLOEXEC);

	ck_assert_int_ge(fd, 0);
	ck_assert_ptr_nonnull(inputs_add(inputs, path_of(name), fd));
	close(fd);
}

/* Keep the files "a" and "b", and look at "secret". */
static int
keep(struct last_good *now, char why[LAST_GOOD_WHY])
{
	struct inputs inputs = {0};
	const struct inputs *list = &inputs;
	int status;

	add(&inputs, "a");
	add(&inputs, "b");
	add(&inputs, "a");
	ck_assert_int_eq(inputs_note(&inputs, path_of("secret")), 0);
	status = last_good_write(
	    now, path_of("state.db"), path_of("a"), &list, 1, why);
	inputs_finish(&inputs);
	return status;
}

static void
begin(struct last_good *now)
{
	char why[LAST_GOOD_WHY];

	memcpy(strrchr(folder, '-') + 1, "XXXXXX", sizeof("XXXXXX"));
	ck_assert_ptr_nonnull(mkdtemp(folder));
	errbuf_init(&eb);
	write_file("a", "one\n");
	write_file("b", "two\n");
	write_file("secret", "three\n");
	*now = (struct last_good){0};
	ck_assert_msg(keep(now, why) == 1, "%s", why);
}

/* Remove all of it. */
static void
finish(struct last_good *now)
{
	static const char *const names[] = {
	    "a", "b", "secret", "state.db.last-good/manifest"};
	char set[256];

	snprintf(set, sizeof(set), "%s/%u", now->folder, (unsigned)now->set);
	for (size_t i = 0; i < now->n; i++)
		(void)unlink(now->files[i].copy);
	(void)rmdir(set);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		(void)unlink(path_of(names[i]));
	(void)rmdir(path_of("state.db.last-good"));
	ck_assert_int_eq(rmdir(folder), 0);
	last_good_finish(now);
}

START_TEST(what_is_kept_is_read_again)
{
	struct last_good now, read = {0};
	char why[LAST_GOOD_WHY];

	begin(&now);
	ck_assert_uint_eq(now.n, 2);
	ck_assert_int_eq(last_good_read(path_of("state.db"), &read, &eb), 1);
	ck_assert_uint_eq(read.n, 2);
	ck_assert_str_eq(read.files[0].path, path_of("a"));
	ck_assert_str_eq(read.node, path_of("a"));
	ck_assert_int_eq(last_good_verify(&read, &eb), 0);
	/* Nothing is new: nothing is written. */
	ck_assert_int_eq(keep(&read, why), 0);
	last_good_finish(&read);
	/* What is new is in the next set, and what is not is linked. */
	write_file("b", "three\n");
	ck_assert_int_eq(keep(&now, why), 1);
	ck_assert_uint_eq(now.set, 2);
	ck_assert_int_eq(last_good_verify(&now, &eb), 0);
	ck_assert_int_ne(access(path_of("state.db.last-good/1"), F_OK), 0);
	finish(&now);
}
END_TEST

START_TEST(a_manifest_with_another_octet_is_not_believed)
{
	struct last_good now, read;
	static char text[4096];
	FILE *f;
	size_t len;

	begin(&now);
	f = fopen(path_of("state.db.last-good/manifest"), "r");
	ck_assert_ptr_nonnull(f);
	len = fread(text, 1, sizeof(text), f);
	fclose(f);
	for (size_t i = 0; i < len; i++) {
		text[i] ^= 1;
		read = (struct last_good){0};
		errbuf_init(&eb);
		ck_assert_int_eq(
		    last_good_parse(text, len, folder, &read, &eb), -1);
		last_good_finish(&read);
		text[i] ^= 1;
	}
	for (size_t i = 0; i < len; i++) {
		read = (struct last_good){0};
		errbuf_init(&eb);
		ck_assert_int_eq(
		    last_good_parse(text, i, folder, &read, &eb), -1);
		last_good_finish(&read);
	}
	finish(&now);
}
END_TEST

START_TEST(a_copy_with_another_octet_is_not_believed)
{
	struct last_good now;

	begin(&now);
	for (size_t i = 0; i < now.n; i++) {
		int fd = open(now.files[i].copy, O_RDWR | O_CLOEXEC);

		ck_assert_int_ge(fd, 0);
		ck_assert_int_eq(pwrite(fd, "X", 1, 1), 1);
		errbuf_init(&eb);
		ck_assert_int_eq(last_good_verify(&now, &eb), -1);
		ck_assert_int_eq(pwrite(fd, i == 0 ? "n" : "w", 1, 1), 1);
		close(fd);
	}
	errbuf_init(&eb);
	ck_assert_int_eq(last_good_verify(&now, &eb), 0);
	finish(&now);
}
END_TEST

START_TEST(what_cannot_be_whole_leaves_what_was_there)
{
	struct last_good now, read = {0};
	struct inputs inputs = {0};
	const struct inputs *list = &inputs;
	char why[LAST_GOOD_WHY];

	begin(&now);
	write_file("b", "three\n");
	add(&inputs, "a");
	add(&inputs, "b");
	/* It is another by now than what was read. */
	write_file("b", "another text\n");
	ck_assert_int_eq(last_good_write(&now, path_of("state.db"),
			     path_of("a"), &list, 1, why),
	    -1);
	ck_assert_ptr_nonnull(strstr(why, "is another file by now"));
	ck_assert_int_eq(last_good_read(path_of("state.db"), &read, &eb), 1);
	ck_assert_uint_eq(read.set, 1);
	ck_assert_int_eq(last_good_verify(&read, &eb), 0);
	ck_assert_int_ne(access(path_of("state.db.last-good/2"), F_OK), 0);
	inputs_finish(&inputs);
	last_good_finish(&read);
	finish(&now);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("config_last_good");
	TCase *tcase = tcase_create("last_good");
	SRunner *runner;
	int failed;

	tcase_set_timeout(tcase, 60);
	tcase_add_test(tcase, what_is_kept_is_read_again);
	tcase_add_test(tcase, a_manifest_with_another_octet_is_not_believed);
	tcase_add_test(tcase, a_copy_with_another_octet_is_not_believed);
	tcase_add_test(tcase, what_cannot_be_whole_leaves_what_was_there);
	suite_add_tcase(suite, tcase);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
