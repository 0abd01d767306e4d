/*
 * A small disk in memory, mounted where only the test and what it starts sees
 * it: what tests of full disks have in common.  Built on the harness; included
 * by tests only.
 */
#ifndef TESTS_SYSTEM_DISK_H
#define TESTS_SYSTEM_DISK_H

#include <stdbool.h>

#include "tests/system/node.h"

/* allowed = disk_is_allowed(): the test may mount disks, and sees no other's.
 * Once, at the beginning. */
bool disk_is_allowed(void);

/* disk_mount(h, options, flags): mount it at the path "disk" of the harness. */
void disk_mount(struct harness *h, const char *options, unsigned long flags);
void disk_unmount(struct harness *h);

/* disk_make(h, options): make the folder, and mount it. */
void disk_make(struct harness *h, const char *options);

/* disk_fill(h): until nothing goes in any more, not an octet; in a file of its
 * own.  disk_make_room(h): take that away. */
void disk_fill(struct harness *h);
void disk_make_room(struct harness *h);

#endif
