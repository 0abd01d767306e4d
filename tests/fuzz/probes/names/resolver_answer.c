/*
 * Fuzz target: any octets as the answer of a resolver: one for the family, then
 * the message, or, where that octet says so, a recipe for one that is sound.
 * What is kept of it is bounded; the same again adds no name; and
 * an answer that failed leaves no address.
 */
#include <stdint.h>
#include <string.h>
#include <strings.h>

#include "probes/names/resolver_answer.h"
#include "tests/fuzz/pieces.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* c-ares writes an octet of a name in up to four characters. */
#define NAME_TEXT (4 * 255)

/* Of an answer that is made. */
#define RECORDS 200

static void
check(const struct resolver_findings *f, uint8_t family)
{
	require(f->n <= 2 * RESOLVER_ADDRESSES && f->n_names <= RESOLVER_NAMES);
	require((f->n == 0) == (f->ttl_s == UINT32_MAX));
	for (size_t i = 0; i < f->n; i++)
		require(f->addresses[i].family == family);
	for (size_t i = 0; i < f->n_names; i++) {
		require(strlen(f->names[i]) <= NAME_TEXT);
		for (size_t k = 0; k < i; k++)
			require(strcasecmp(f->names[i], f->names[k]) != 0);
		for (const char *p = f->names[i]; *p != '\0'; p++)
			require(*p > 0x20 && *p <= 0x7e);
	}
}

/* As it is, and read again. */
static void
read_twice(uint8_t family, const uint8_t *message, size_t size)
{
	struct resolver_findings f;
	const char *failed;
	size_t n, n_names;

	resolver_findings_init(&f);
	failed = resolver_findings_read(&f, family, message, (int)size);
	check(&f, family);
	n = f.n;
	n_names = f.n_names;
	require(n == 0 || (failed == NULL && n <= RESOLVER_ADDRESSES));
	require(
	    resolver_findings_read(&f, family, message, (int)size) == failed);
	check(&f, family);
	require(f.n == 2 * n && f.n_names == n_names);
	resolver_findings_finish(&f);
}

static size_t
put16(uint8_t *out, size_t len, unsigned value)
{
	out[len] = (uint8_t)(value >> 8);
	out[len + 1] = (uint8_t)value;
	return len + 2;
}

/* "x.e", by its octet. */
static size_t
put_name(uint8_t *out, size_t len, uint8_t octet)
{
	const uint8_t name[] = {1, octet, 1, 'e', 0};

	memcpy(out + len, name, sizeof(name));
	return len + sizeof(name);
}

/* A record by two octets: what it is, and where a chain leads to. */
static size_t
put_record(
    uint8_t *out, size_t len, unsigned type, uint8_t owner, uint8_t target)
{
	static const uint8_t address[16] = {192, 0, 2, 1};
	size_t data = type == 1 ? 4 : 16;

	len = put_name(out, len, owner);
	len = put16(out, len, type);
	len = put16(out, len, 1);
	len = put16(out, len, target & 1 ? 0x8000 : 0);
	len = put16(out, len, target);
	if (type == 5)
		return put_name(out, put16(out, len, 5), target);
	len = put16(out, len, (unsigned)data);
	memcpy(out + len, address, data);
	return len + data;
}

/* An answer that c-ares takes: it shows the fuzzer nothing of its inside. */
static size_t
make_answer(const uint8_t *data, size_t size, uint8_t family, uint8_t *out)
{
	uint8_t owner = 'a';
	size_t len = 12, n = 0;

	memset(out, 0, len);
	out[2] = 0x81;
	out[5] = 1;
	len = put_name(out, len, owner);
	len = put16(out, len, family == 4 ? 1 : 28);
	len = put16(out, len, 1);
	for (; size >= 2 && n < RECORDS; n++, data += 2, size -= 2) {
		bool cname = data[0] % 4 == 0;
		unsigned type = cname ? 5 : family == 4 ? 1 : 28;

		if (data[0] % 4 == 1)
			type = 16;
		len = put_record(out, len, type, owner, data[1]);
		owner = cname ? data[1] : owner;
	}
	out[7] = (uint8_t)n;
	return len;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static uint8_t made[64 + RECORDS * 40];
	uint8_t family;

	if (size < 1 || size > 65536)
		return 0;
	family = data[0] & 1 ? 6 : 4;
	if (data[0] & 2)
		read_twice(family, made,
		    make_answer(data + 1, size - 1, family, made));
	else
		read_twice(family, data + 1, size - 1);
	return 0;
}
