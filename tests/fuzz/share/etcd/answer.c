/*
 * Fuzz target: any octets as an answer of etcd's gateway, the first of them
 * which kind.  What is read is within its bounds, and every error has a fault.
 */
#include <stdint.h>
#include <string.h>

#include "base/hash.h"
#include "share/etcd/etcd_judge.h"
#include "tests/fuzz/pieces.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static uint64_t seen;

static void
look_at(const struct etcd_found *found)
{
	require(found->count >= 0);
	for (size_t i = 0; i < found->n; i++) {
		const struct etcd_pair *p = &found->pairs[i];

		require(p->key.len > 0 && p->mod_revision >= 0);
		seen = hash_bytes(p->key.data, p->key.len, seen);
		seen = hash_bytes(p->value.data, p->value.len, seen);
	}
}

static void
read_answer(enum etcd_kind kind, const char *text, size_t len)
{
	struct arena *arena = arena_create((size_t)1 << 22);
	struct etcd_answer answer;

	require(arena != NULL);
	if (etcd_json_answer(kind, text, len, arena, &answer) == 0) {
		require(answer.header.revision >= 0);
		require(answer.n_ops <= ETCD_TXN_OPS);
		look_at(&answer.found);
		for (size_t i = 0; i < answer.n_ops; i++)
			look_at(&answer.ops[i].found);
	}
	arena_destroy(arena);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *text = (const char *)data + 1;
	struct etcd_verdict verdict;
	char token[ETCD_TOKEN];

	if (size == 0)
		return 0;
	read_answer(
	    (enum etcd_kind)(data[0] % (ETCD_KIND_LOGIN + 1)), text, size - 1);
	if (etcd_json_token(text, size - 1, token) == 0)
		require(strpbrk(token, " \r\n") == NULL);
	etcd_judge(400 + data[0], text, size - 1, &verdict);
	for (const char *c = verdict.words; *c != '\0'; c++)
		require(*c >= ' ' && *c <= '~');
	require(verdict.words[0] != '\0');
	return 0;
}
