/*
 * Files of measured round trips, as an operator or a script makes them: a line
 * for each, "prefix or country or AS number, region, milliseconds, samples".
 * Read by meridianctl, which writes them to the state database.
 */
#ifndef CONFIG_LATENCY_FILE_H
#define CONFIG_LATENCY_FILE_H

#include <stddef.h>
#include <stdint.h>

#include "base/address.h"
#include "base/errbuf.h"

/* Whose round trip it is. */
enum latency_client { LATENCY_OF_PREFIX, LATENCY_OF_ASN, LATENCY_OF_COUNTRY };

/* Longer prefixes count to these: the finest that answers tell apart. */
#define LATENCY_FINEST_IPV4 24
#define LATENCY_FINEST_IPV6 48

/* A minute: nothing that is measured takes longer, and a number above it is in
 * microseconds. */
#define LATENCY_MAX_US 60000000

/* Lines of one file. */
#define LATENCY_FILE_LINES 4000000

/* A line.  No padding is compared: fields one by one. */
struct latency_measure {
	struct prefix prefix; /* LATENCY_OF_PREFIX: no finer than counts */
	char country[3];      /* LATENCY_OF_COUNTRY */
	uint8_t client;       /* enum latency_client */
	uint16_t region;      /* index in the regions that are known */
	uint32_t asn;         /* LATENCY_OF_ASN */
	uint32_t us;
	uint32_t samples; /* 1 where the line has none */
};

struct latency_file {
	struct latency_measure *measures; /* in the order of clients, regions */
	size_t n, size;
	size_t joined; /* lines of a client and region that had one before */
};

/* The regions that steering files have, sorted by strcmp(), each once. */
struct latency_regions {
	const char *const *names;
	size_t n; /* at most 65535 */
};

/*
 * status = latency_file_read(name, text, len, regions, out, eb): read the
 * ${len} bytes of ${text}, of the file ${name}.  Empty lines, what follows a
 * "#", blanks around fields, double quotes around them, CR before the end of a
 * line, and one line of titles at the beginning are fine.  Lines of the same
 * client and region are joined, the mean by their samples.  0, or -1 with all
 * errors in ${eb}, as far as it has room, and ${out} empty.
 */
int latency_file_read(const char *name, const char *text, size_t len,
    const struct latency_regions *regions, struct latency_file *out,
    struct errbuf *eb);

/* latency_file_finish(file): free what it holds. */
void latency_file_finish(struct latency_file *file);

/* latency_file_client(text, out): read "192.0.2.0/24", "AS64500", "64500" or
 * "DE" to the client of ${out}.  0, or -1 with what is wrong with it in ${why}.
 */
#define LATENCY_WHY 160
int latency_file_client(
    const char *text, struct latency_measure *out, char why[LATENCY_WHY]);

/* text = latency_file_show(measure, out): that client as it is stored and
 * exported. */
const char *latency_file_show(
    const struct latency_measure *measure, char out[ADDRESS_TEXT]);

#endif
