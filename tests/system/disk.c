/*
 * Small disks in memory; see disk.h.
 */
#include "tests/system/disk.h"

#include <fcntl.h>
#include <sched.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

bool
disk_is_allowed(void)
{
	if (unshare(CLONE_NEWNS) != 0)
		return false;
	return mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0;
}

void
disk_mount(struct harness *h, const char *options, unsigned long flags)
{
	const char *disk = harness_path(h, "disk");

	ck_assert_int_eq(mount("none", disk, "tmpfs", flags, options), 0);
}

void
disk_unmount(struct harness *h)
{
	umount2(harness_path(h, "disk"), MNT_DETACH);
}

void
disk_make(struct harness *h, const char *options)
{
	ck_assert_int_eq(mkdir(harness_path(h, "disk"), 0700), 0);
	disk_mount(h, options, 0);
}

void
disk_fill(struct harness *h)
{
	static char piece[65536];
	int fd = open(harness_path(h, "disk/others"),
	    O_WRONLY | O_CREAT | O_APPEND, 0600);

	ck_assert_int_ge(fd, 0);
	memset(piece, 'x', sizeof(piece));
	for (size_t n = sizeof(piece); n > 0; n /= 2)
		while (write(fd, piece, n) > 0)
			;
	close(fd);
}

void
disk_make_room(struct harness *h)
{
	ck_assert_int_eq(unlink(harness_path(h, "disk/others")), 0);
}
