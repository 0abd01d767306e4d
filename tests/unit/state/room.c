/*
 * Room on the disk of the state database, of real file systems: small ones in
 * memory that are filled.
 */
#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>

#include "state/room.h"
#include "tests/unit/state_fixture.h"

static bool may_mount;
static struct room room;

static void
setup(void)
{
	make_folder();
	room = (struct room){0};
	may_mount = unshare(CLONE_NEWNS) == 0 &&
	    mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0;
}

static void
teardown(void)
{
	if (may_mount)
		umount2(folder, MNT_DETACH);
	rmdir(folder);
}

/* A disk with these options in the place of the folder. */
static void
mount_disk(const char *options, unsigned long flags)
{
	ck_assert_int_eq(mount("none", folder, "tmpfs", flags, options), 0);
}

static void
take(off_t bytes)
{
	int fd = open(file, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	ck_assert_int_ge(fd, 0);
	if (bytes > 0)
		ck_assert_int_eq(posix_fallocate(fd, 0, bytes), 0);
	close(fd);
}

static enum room_state
look(void)
{
	ck_assert_int_eq(room_look(file, &room), 0);
	return room.state;
}

START_TEST(what_is_left_is_enough_little_or_nothing)
{
	if (!may_mount)
		return;
	mount_disk("size=20m", 0);
	ck_assert_int_eq((int)look(), ROOM_ENOUGH);
	ck_assert_uint_eq(room.free_bytes, 20 << 20);
	take(3 << 20);
	ck_assert_int_eq((int)look(), ROOM_ENOUGH);
	take(5 << 20);
	ck_assert_int_eq((int)look(), ROOM_LITTLE);
	ck_assert_uint_eq(room.free_bytes, 15 << 20);
	take(20 << 20);
	ck_assert_int_eq((int)look(), ROOM_FULL);
	ck_assert(!room_writable(room.state));
	ck_assert_uint_eq(room.free_bytes, 0);
	/* Well again with some to spare: 17 MB were enough before. */
	take(3 << 20);
	ck_assert_int_eq((int)look(), ROOM_LITTLE);
	take(0);
	ck_assert_int_eq((int)look(), ROOM_ENOUGH);
}
END_TEST

START_TEST(a_disk_without_inodes_takes_no_new_file)
{
	if (!may_mount)
		return;
	/* One is the folder. */
	mount_disk("size=64m,nr_inodes=2", 0);
	ck_assert_int_eq((int)look(), ROOM_ENOUGH);
	take(0);
	ck_assert_int_eq((int)look(), ROOM_NO_FILES);
	/* What is there goes on. */
	ck_assert(room_writable(room.state));
}
END_TEST

START_TEST(a_file_system_that_is_read_only)
{
	if (!may_mount)
		return;
	mount_disk("size=64m", MS_RDONLY);
	ck_assert_int_eq((int)look(), ROOM_READ_ONLY);
	ck_assert_str_eq(
	    room_words(room.state), "its file system is read-only");
}
END_TEST

START_TEST(of_a_folder_that_is_not_there_nothing_is_known)
{
	struct room before = {.state = ROOM_LITTLE, .free_bytes = 7};

	room = before;
	ck_assert_int_eq(room_look("/no/such/folder/state.db", &room), -1);
	ck_assert_int_eq((int)room.state, ROOM_LITTLE);
	ck_assert_uint_eq(room.free_bytes, 7);
	/* Beside this program, and at the top. */
	ck_assert_int_eq(room_look("no-such-file", &room), 0);
	ck_assert_int_eq(room_look("/no-such-file", &room), 0);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("state_room");
	TCase *tests = tcase_create("room");

	tcase_add_checked_fixture(tests, setup, teardown);
	tcase_add_test(tests, what_is_left_is_enough_little_or_nothing);
	tcase_add_test(tests, a_disk_without_inodes_takes_no_new_file);
	tcase_add_test(tests, a_file_system_that_is_read_only);
	tcase_add_test(tests, of_a_folder_that_is_not_there_nothing_is_known);
	suite_add_tcase(suite, tests);
	return run_suite(suite);
}
