/*
 * Fuzz target: any octets as the stream of a watch, whole and in pieces.  The
 * lines are the same either way; what is read of each is within its bounds.
 */
#include <stdint.h>
#include <string.h>

#include "base/hash.h"
#include "share/etcd/etcd_json.h"
#include "share/etcd/etcd_lines.h"
#include "tests/fuzz/pieces.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Every octet that was promised is there. */
static uint64_t
look_at(const struct etcd_bytes *bytes, uint64_t h)
{
	return hash_bytes(bytes->data, bytes->len, h);
}

static uint64_t
read_line(const char *line, size_t len, uint64_t h)
{
	struct arena *arena = arena_create((size_t)1 << 22);
	struct etcd_json_watch w;

	require(arena != NULL);
	h = hash_bytes(line, len, h);
	if (etcd_json_watch(line, len, arena, &w) == 0) {
		require(strlen(w.reason) < sizeof(w.reason));
		require(w.header.revision >= 0 && w.compact_revision >= 0);
		for (size_t i = 0; i < w.n; i++) {
			const struct etcd_pair *p = &w.events[i].pair;

			require(p->key.len > 0 && p->mod_revision > 0);
			h = look_at(&p->key, h);
			h = look_at(&p->value, h);
		}
	}
	arena_destroy(arena);
	return h;
}

static uint64_t
read_stream(const uint8_t *data, size_t size, int cut)
{
	struct etcd_lines lines;
	struct pieces pieces;
	const char *piece, *line;
	uint64_t h = 0;
	size_t len;

	etcd_lines_init(&lines, size + 1);
	pieces_begin(&pieces, data, size, cut);
	while ((len = pieces_next(&pieces, &piece)) > 0) {
		require(etcd_lines_add(&lines, piece, len) == 0);
		while ((line = etcd_lines_next(&lines, &len)) != NULL)
			h = read_line(line, len, h);
	}
	etcd_lines_finish(&lines);
	return h;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	require(read_stream(data, size, 0) == read_stream(data, size, 1));
	return 0;
}
