/*
 * Files that something was made from: which changes are noticed, and that a
 * file written just before it was opened is never taken for unchanged.
 */
#include <check.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/inputs.h"

static char folder[] = "/tmp/meridian-inputs-XXXXXX";
static size_t row; /* each has files of its own */

static const char *
path_of(const char *name)
{
	static char path[2][256];
	static int turn;

	turn = !turn;
	snprintf(
	    path[turn], sizeof(path[turn]), "%s/%zu-%s", folder, row, name);
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

static void
make_folder(void)
{
	ck_assert_ptr_nonnull(mkdtemp(folder));
}

static void
add(struct inputs *inputs, const char *name)
{
	int fd = open(path_of(name), O_RDONLY | O_CLOEXEC);

	ck_assert_int_ge(fd, 0);
	ck_assert_ptr_nonnull(inputs_add(inputs, path_of(name), fd));
	close(fd);
}

static void
rewrite(void)
{
	write_file("a", "two");
}

static void
append(void)
{
	write_file("a", "one more");
}

static void
touch(void)
{
	struct timespec times[2] = {
	    {.tv_nsec = UTIME_NOW}, {.tv_nsec = UTIME_NOW}};

	ck_assert_int_eq(utimensat(AT_FDCWD, path_of("a"), times, 0), 0);
}

static void
replace(void)
{
	ck_assert_int_eq(rename(path_of("b"), path_of("a")), 0);
}

static void delete (void)
{
	ck_assert_int_eq(unlink(path_of("a")), 0);
}

static void
forbid(void)
{
	ck_assert_int_eq(chmod(path_of("a"), 0), 0);
}

static void
turn_link(void)
{
	ck_assert_int_eq(unlink(path_of("link")), 0);
	ck_assert_int_eq(symlink(path_of("b"), path_of("link")), 0);
}

static void
nothing(void)
{
}

static const struct {
	const char *says, *opened;
	void (*change)(void);
	bool same;
} changes[] = {
    {"nothing", "a", nothing, true},
    {"nothing, by a link", "link", nothing, true},
    {"other content of the same length", "a", rewrite, false},
    {"more content", "a", append, false},
    {"a touch, which may stand for a change", "a", touch, false},
    {"another file in its place", "a", replace, false},
    {"no file any more", "a", delete, false},
    {"another mode", "a", forbid, false},
    {"another file behind the link", "link", turn_link, false},
};

#define N_CHANGES (sizeof(changes) / sizeof(changes[0]))

static void
remove_folder(void)
{
	for (row = 0; row < N_CHANGES; row++) {
		unlink(path_of("a"));
		unlink(path_of("b"));
		unlink(path_of("link"));
	}
	rmdir(folder);
}

/* The time of a change cannot be set, so that old files have to be waited for:
 * one wait is for all rows. */
START_TEST(change)
{
	const struct timespec pause = {
	    .tv_sec = INPUTS_SETTLED_NS / 1000000000, .tv_nsec = 50000000};
	struct inputs young = {0}, inputs = {0};

	for (row = 0; row < N_CHANGES; row++) {
		write_file("a", "one");
		write_file("b", "two");
		ck_assert_int_eq(symlink(path_of("a"), path_of("link")), 0);
		add(&young, "b");
	}
	ck_assert(!inputs_unchanged(&young));
	ck_assert_ptr_null(inputs_changed(&young));
	nanosleep(&pause, NULL);
	/* What was too young when it was opened remains so. */
	ck_assert(!inputs_unchanged(&young));
	inputs_finish(&young);
	for (row = 0; row < N_CHANGES; row++) {
		add(&inputs, "b");
		add(&inputs, changes[row].opened);
		ck_assert(inputs_unchanged(&inputs));
		changes[row].change();
		ck_assert_msg(inputs_unchanged(&inputs) == changes[row].same,
		    "%s", changes[row].says);
		ck_assert_msg(
		    (inputs_changed(&inputs) == NULL) == changes[row].same,
		    "%s", changes[row].says);
		inputs_finish(&inputs);
		ck_assert_uint_eq(inputs.n, 0);
	}
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("base_inputs");
	TCase *files = tcase_create("files");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_set_timeout(files, 60);
	tcase_add_checked_fixture(files, make_folder, remove_folder);
	tcase_add_test(files, change);
	suite_add_tcase(suite, files);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
