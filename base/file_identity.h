/*
 * Whether a path is still the file that it was.  For those that keep what they
 * made from a file; reads nothing of it.
 */
#ifndef BASE_FILE_IDENTITY_H
#define BASE_FILE_IDENTITY_H

#include <stdbool.h>
#include <stdint.h>

/*
 * What tells one state of a file from another without reading it: device,
 * inode, size, times of change and of modification.  All zero for a file that
 * is not there.
 */
struct file_identity {
	uint64_t device, inode, size;
	int64_t changed_ns, modified_ns;
};

/* file_identify(path, out), file_identify_open(fd, out): fill ${out}; 0, or -1
 * with ${out} all zero when it is not there. */
int file_identify(const char *path, struct file_identity *out);
int file_identify_open(int fd, struct file_identity *out);

/* same = file_identity_same(a, b): the same file, and nothing was written to it
 * between the two; or both are not there. */
bool file_identity_same(
    const struct file_identity *a, const struct file_identity *b);

#endif
