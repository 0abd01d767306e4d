/*
 * Writes MaxMind DB files of any shape, right and wrong: small ones for the
 * tests of geography, and large ones for benchmarks.  Included by tests only.
 * What does not fit ends the program.
 */
#ifndef TESTS_MMDB_WRITER_H
#define TESTS_MMDB_WRITER_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/address.h"

/* What mmdb_create() has room for, and bytes of a file beside its nodes and
 * its data. */
#define MMDB_SMALL_NODES 4096
#define MMDB_SMALL_DATA 65536
#define MMDB_FRAME 1024

enum mmdb_kind { MMDB_EMPTY, MMDB_NODE, MMDB_DATA };

struct mmdb_record {
	enum mmdb_kind kind;
	uint32_t value; /* node, or offset of data */
};

struct mmdb_writer {
	unsigned ip_version, record_size;
	const char *type; /* what it says that it is, "Test" */
	uint64_t built_s; /* since 1970: 1 */
	struct mmdb_record (*nodes)[2];
	uint32_t n_nodes, max_nodes;
	uint8_t *data;
	size_t n_data, max_data;
	uint8_t *file;
	size_t n_file, max_file;
};

/* End the program unless ${fits}. */
static inline void
mmdb_require(bool fits, const char *what)
{
	if (fits)
		return;
	fprintf(stderr, "a database to be written: %s\n", what);
	abort();
}

/* A writer with room for ${nodes} nodes and ${data} bytes of records. */
static inline struct mmdb_writer *
mmdb_create_sized(
    unsigned ip_version, unsigned record_size, uint32_t nodes, size_t data)
{
	struct mmdb_writer *w = calloc(1, sizeof(*w));

	mmdb_require(w != NULL, "no memory");
	w->ip_version = ip_version;
	w->record_size = record_size;
	w->type = "Test";
	w->built_s = 1;
	w->n_nodes = 1;
	w->max_nodes = nodes;
	w->max_data = data + MMDB_FRAME;
	w->max_file = (size_t)nodes * 8 + data + 2 * MMDB_FRAME;
	w->nodes = calloc(nodes, sizeof(*w->nodes));
	w->data = malloc(w->max_data);
	w->file = malloc(w->max_file);
	mmdb_require(w->nodes != NULL && w->data != NULL && w->file != NULL,
	    "no memory");
	return w;
}

static inline struct mmdb_writer *
mmdb_create(unsigned ip_version, unsigned record_size)
{
	return mmdb_create_sized(
	    ip_version, record_size, MMDB_SMALL_NODES, MMDB_SMALL_DATA);
}

static inline void
mmdb_destroy(struct mmdb_writer *w)
{
	free(w->nodes);
	free(w->data);
	free(w->file);
	free(w);
}

/* Data: values one after the other; a record begins where mmdb_here() says. */

static inline void
mmdb_byte(struct mmdb_writer *w, uint64_t byte)
{
	mmdb_require(w->n_data < w->max_data, "too much data");
	w->data[w->n_data++] = (uint8_t)byte;
}

static inline void
mmdb_big_endian(struct mmdb_writer *w, uint64_t value, unsigned bytes)
{
	while (bytes-- > 0)
		mmdb_byte(w, value >> 8 * bytes);
}

static inline void
mmdb_control(struct mmdb_writer *w, unsigned type, size_t size)
{
	size_t bits = size < 29 ? size : 29;

	mmdb_require(size < 29 + 256, "too long a text");
	if (type <= 7)
		mmdb_byte(w, type << 5 | bits);
	else {
		mmdb_byte(w, bits);
		mmdb_byte(w, type - 7);
	}
	if (size >= 29)
		mmdb_byte(w, size - 29);
}

static inline uint32_t
mmdb_here(const struct mmdb_writer *w)
{
	return (uint32_t)w->n_data;
}

static inline void
mmdb_map(struct mmdb_writer *w, size_t n)
{
	mmdb_control(w, 7, n);
}

static inline void
mmdb_string(struct mmdb_writer *w, const char *text)
{
	mmdb_control(w, 2, strlen(text));
	for (; *text != '\0'; text++)
		mmdb_byte(w, (uint8_t)*text);
}

static inline void
mmdb_double(struct mmdb_writer *w, double value)
{
	uint64_t bits;

	memcpy(&bits, &value, sizeof(bits));
	mmdb_control(w, 3, 8);
	mmdb_big_endian(w, bits, 8);
}

static inline void
mmdb_float(struct mmdb_writer *w, float value)
{
	uint32_t bits;

	memcpy(&bits, &value, sizeof(bits));
	mmdb_control(w, 15, 4);
	mmdb_big_endian(w, bits, 4);
}

static inline void
mmdb_uint16(struct mmdb_writer *w, uint16_t value)
{
	mmdb_control(w, 5, 2);
	mmdb_big_endian(w, value, 2);
}

static inline void
mmdb_uint32(struct mmdb_writer *w, uint32_t value)
{
	mmdb_control(w, 6, 4);
	mmdb_big_endian(w, value, 4);
}

static inline void
mmdb_uint64(struct mmdb_writer *w, uint64_t value)
{
	mmdb_control(w, 9, 8);
	mmdb_big_endian(w, value, 8);
}

static inline void
mmdb_pointer(struct mmdb_writer *w, uint32_t offset)
{
	mmdb_byte(w, 1 << 5 | 3 << 3);
	mmdb_big_endian(w, offset, 4);
}

/* A record {"country_code": ${code}}. */
static inline uint32_t
mmdb_flat_country(struct mmdb_writer *w, const char *code)
{
	uint32_t at = mmdb_here(w);

	mmdb_map(w, 1);
	mmdb_string(w, "country_code");
	mmdb_string(w, code);
	return at;
}

/* The tree. */

static inline uint32_t
mmdb_new_node(struct mmdb_writer *w)
{
	mmdb_require(w->n_nodes < w->max_nodes, "too many nodes");
	return w->n_nodes++;
}

/* The record of ${p}, with nodes made on the way. */
static inline struct mmdb_record *
mmdb_at_prefix(struct mmdb_writer *w, const struct prefix *p)
{
	struct mmdb_record *r = NULL;
	unsigned skip = w->ip_version == 6 && p->address.family == 4 ? 96 : 0;

	for (unsigned i = 0; i < skip + p->length; i++) {
		unsigned k = i - skip;
		/* An IPv4 prefix lies below 96 zeros. */
		bool bit = i >= skip &&
		    (p->address.bytes[k / 8] >> (7 - k % 8) & 1) != 0;
		uint32_t node = 0;

		if (r != NULL && r->kind != MMDB_NODE) {
			struct mmdb_record old = *r;

			node = mmdb_new_node(w);
			w->nodes[node][0] = w->nodes[node][1] = old;
			r->kind = MMDB_NODE;
			r->value = node;
		} else if (r != NULL)
			node = r->value;
		r = &w->nodes[node][bit];
	}
	mmdb_require(r != NULL, "a prefix of no bits");
	return r;
}

static inline struct mmdb_record *
mmdb_at(struct mmdb_writer *w, const char *prefix)
{
	struct prefix p;

	mmdb_require(prefix_parse(prefix, &p) == 0, prefix);
	return mmdb_at_prefix(w, &p);
}

/* Wide prefixes must come before those inside them. */
static inline void
mmdb_insert(struct mmdb_writer *w, const char *prefix, uint32_t data)
{
	*mmdb_at(w, prefix) = (struct mmdb_record){MMDB_DATA, data};
}

/* Make ${prefix} another name for ::/96. */
static inline void
mmdb_alias(struct mmdb_writer *w, const char *prefix)
{
	struct mmdb_record ipv4 = *mmdb_at(w, "::/96");

	*mmdb_at(w, prefix) = ipv4;
}

/* The file. */

static inline void
mmdb_put(struct mmdb_writer *w, const void *bytes, size_t n)
{
	mmdb_require(w->n_file + n <= w->max_file, "too large");
	memcpy(w->file + w->n_file, bytes, n);
	w->n_file += n;
}

static inline uint32_t
mmdb_number(const struct mmdb_writer *w, const struct mmdb_record *r)
{
	if (r->kind == MMDB_NODE)
		return r->value;
	return w->n_nodes + (r->kind == MMDB_DATA ? 16 + r->value : 0);
}

static inline void
mmdb_put_node(struct mmdb_writer *w, uint32_t left, uint32_t right)
{
	uint8_t b[8];
	size_t n = 0;

	if (w->record_size == 32)
		b[n++] = (uint8_t)(left >> 24);
	b[n++] = (uint8_t)(left >> 16);
	b[n++] = (uint8_t)(left >> 8);
	b[n++] = (uint8_t)left;
	if (w->record_size == 28)
		b[n++] = (uint8_t)((left >> 20 & 0xf0) | right >> 24);
	if (w->record_size == 32)
		b[n++] = (uint8_t)(right >> 24);
	b[n++] = (uint8_t)(right >> 16);
	b[n++] = (uint8_t)(right >> 8);
	b[n++] = (uint8_t)right;
	mmdb_put(w, b, n);
}

/* Lay the file out in w->file. */
static inline void
mmdb_finish(struct mmdb_writer *w)
{
	static const uint8_t separator[16];
	static const char marker[] = "\xab\xcd\xefMaxMind.com";
	size_t data = w->n_data;

	w->n_file = 0;
	for (uint32_t i = 0; i < w->n_nodes; i++)
		mmdb_put_node(w, mmdb_number(w, &w->nodes[i][0]),
		    mmdb_number(w, &w->nodes[i][1]));
	mmdb_put(w, separator, sizeof(separator));
	mmdb_put(w, w->data, data);
	mmdb_put(w, marker, sizeof(marker) - 1);
	/* Written behind the data, moved to the file, taken back. */
	mmdb_map(w, 9);
	mmdb_string(w, "node_count");
	mmdb_uint32(w, w->n_nodes);
	mmdb_string(w, "record_size");
	mmdb_uint16(w, (uint16_t)w->record_size);
	mmdb_string(w, "ip_version");
	mmdb_uint16(w, (uint16_t)w->ip_version);
	mmdb_string(w, "database_type");
	mmdb_string(w, w->type);
	mmdb_string(w, "languages");
	mmdb_control(w, 11, 0);
	mmdb_string(w, "binary_format_major_version");
	mmdb_uint16(w, 2);
	mmdb_string(w, "binary_format_minor_version");
	mmdb_uint16(w, 0);
	mmdb_string(w, "build_epoch");
	mmdb_uint64(w, w->built_s);
	mmdb_string(w, "description");
	mmdb_map(w, 0);
	mmdb_put(w, w->data + data, w->n_data - data);
	w->n_data = data;
}

/* Write the ${n} bytes of ${bytes} to ${path}. */
static inline void
mmdb_save_bytes(const char *path, const uint8_t *bytes, size_t n)
{
	FILE *f = fopen(path, "wb");

	mmdb_require(f != NULL && fwrite(bytes, 1, n, f) == n, path);
	mmdb_require(fclose(f) == 0, path);
}

/* Lay it out, write it to ${path}, free the writer. */
static inline void
mmdb_save(struct mmdb_writer *w, const char *path)
{
	mmdb_finish(w);
	mmdb_save_bytes(path, w->file, w->n_file);
	mmdb_destroy(w);
}

#endif
