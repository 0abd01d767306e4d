/*
 * The text of signatures that are none, and of chains of NSEC3, for tests of
 * signed zones of one label where nobody verifies anything.  Included by tests
 * only.
 */
#ifndef TESTS_CHAIN_H
#define TESTS_CHAIN_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dns/wire/name.h"
#include "dns/zone/nsec.h"

/* A key, and what stands behind the type and the labels of a signature that is
 * none, but could be of that key. */
#define CHAIN_KEY "DNSKEY 257 3 8 AAAA\n"
#define CHAIN_SIG " 300 20370101000000 20200101000000 1033 @ AAAA\n"

/* One signature over the set of a line, "owner TYPE data" or with a TTL in
 * front of the type; "" over a signature. */
static inline void
chain_sign_line(const char *line, char *out, size_t size)
{
	char owner[128], ttl[32], type[32];
	unsigned labels = 2; /* of the owner, in a zone of one label */

	if (sscanf(line, "%127s %31s %31s", owner, ttl, type) != 3)
		abort();
	if (ttl[0] < '0' || ttl[0] > '9')
		memcpy(type, ttl, sizeof(type));
	for (const char *p = owner; *p != '\0'; p++)
		labels += *p == '.';
	labels -= owner[0] == '@' || owner[0] == '*';
	out[0] = '\0';
	if (strcmp(type, "RRSIG") != 0)
		snprintf(out, size, "%s RRSIG %s 8 %u" CHAIN_SIG, owner, type,
		    labels);
}

/*
 * chain_sign(text, out, size): the lines of ${text}, and behind them signatures
 * of what is in them, but for directives, signatures, and lines with a comment.
 */
static inline void
chain_sign(const char *text, char *out, size_t size)
{
	size_t used = (size_t)snprintf(out, size, "%s", text), n;

	for (; *text != '\0'; text += n) {
		char line[512], sig[512];

		n = strcspn(text, "\n") + 1;
		snprintf(line, sizeof(line), "%.*s", (int)n, text);
		if (*line == '$' || strchr(line, ';') != NULL)
			continue;
		chain_sign_line(line, sig, sizeof(sig));
		if (strstr(out, sig) == NULL)
			used += (size_t)snprintf(
			    out + used, size - used, "%s", sig);
		if (used >= size)
			abort();
	}
}

#define CHAIN_MAX 32

/* A name, and the types that its NSEC3 names. */
struct chain_name {
	const char *name, *types;
	uint8_t hash[NSEC3_HASH];
};

static inline int
chain_by_hash(const void *a, const void *b)
{
	const struct chain_name *x = a, *y = b;

	return memcmp(x->hash, y->hash, NSEC3_HASH);
}

/*
 * len = chain_text(out, size, names, params, flags, left_out): the records of
 * the names up to the one that is NULL, in the order of their hashes, but those
 * of number ${left_out}; -1: of all.
 */
static inline size_t
chain_text(char *out, size_t size, const struct chain_name *names,
    const struct nsec3_params *params, unsigned flags, int left_out)
{
	struct chain_name sorted[CHAIN_MAX] = {{0}};
	char salt[2 * UINT8_MAX + 2] = "-";
	size_t n = 0, used = 0;

	for (unsigned i = 0; i < params->salt_len; i++)
		snprintf(salt + 2 * i, 3, "%02x", params->salt[i]);
	for (; n < CHAIN_MAX && names[n].name != NULL; n++) {
		uint8_t wire[NAME_MAX_WIRE];
		int len = name_parse(names[n].name, NULL, wire);

		sorted[n] = names[n];
		nsec3_hash(params, wire, (size_t)len, sorted[n].hash);
	}
	qsort(sorted, n, sizeof(sorted[0]), chain_by_hash);
	for (size_t i = 0; i < n; i++) {
		uint8_t own[NSEC3_LABEL], next[NSEC3_LABEL];

		if ((int)i == left_out)
			continue;
		nsec3_label(sorted[i].hash, own);
		nsec3_label(sorted[(i + 1) % n].hash, next);
		used += (size_t)snprintf(out + used, size - used,
		    "%.32s NSEC3 %u %u %u %s %.32s %s\n", (const char *)own + 1,
		    params->algorithm, flags, params->iterations, salt,
		    (const char *)next + 1, sorted[i].types);
		if (used >= size)
			abort();
	}
	return used;
}

#endif
