/*
 * Fuzzes the reading of geography: any bytes as a database.  Either there is an
 * error, or covers that leave no address out and name only places that are
 * there.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "steering/geo/geography.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
const char *__lsan_default_suppressions(void);

/* libmaxminddb 1.7.1 leaks some kilobytes when MMDB_open() fails on broken
 * metadata; what we allocate is still watched. */
const char *
__lsan_default_suppressions(void)
{
	return "leak:libmaxminddb.so\n";
}

static void
check_cover(const struct geography *geo, int family)
{
	const struct cover *cover = geography_cover(geo, family);
	uint64_t hi = 0, lo = 0;
	size_t i;

	for (i = 0; i < cover->n; i++) {
		const struct cover_leaf *leaf = &cover->leaves[i];

		if (leaf->hi != hi || leaf->lo != lo || leaf->depth > 64 ||
		    leaf->value >= geography_places(geo))
			abort();
		/* 2^64 wraps to 0, as the end must. */
		if (leaf->depth > 0)
			hi += UINT64_C(1) << (64 - leaf->depth);
	}
	if (cover->n == 0 || hi != 0)
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct errbuf eb;
	const struct mark at = {"meridian.yaml", 1, 1};
	const char *paths[1];
	struct geography *geo;
	char path[32];
	int fd = memfd_create("fuzz", MFD_CLOEXEC);

	if (fd < 0 || write(fd, data, size) != (ssize_t)size)
		abort();
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	paths[0] = path;
	errbuf_init(&eb);
	geo = geography_load(paths, &at, 1, NULL, &eb);
	close(fd);
	if ((geo == NULL) != (eb.errors > 0))
		abort();
	if (geo != NULL) {
		check_cover(geo, 4);
		check_cover(geo, 6);
	}
	geography_destroy(geo);
	return 0;
}
