/* What check found, for scripts.  For the subcommand check. */
#ifndef CTL_CHECK_JSON_H
#define CTL_CHECK_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/errbuf.h"

/* What was read. */
struct check_counts {
	size_t zones, records, services, pools, endpoints, networks;
};

/*
 * check_json_print(counts, ms, files, machine): print one object, of the
 * messages of the files and those of this machine; ${counts} and how long it
 * took are NULL and 0 where there is an error.
 */
void check_json_print(const struct check_counts *counts, int64_t ms,
    const struct errbuf *files, const struct errbuf *machine);

#endif
