/* Clients that ask all nodes; see sites.h.  Called by system tests. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "tests/system/sites.h"

#define ANSWER_MS 30000

static const char *const services[] = {"one.inference.example.",
    "two.inference.example.", "named.inference.example.",
    "listed.inference.example."};

#define SERVICES (sizeof(services) / sizeof(services[0]))

/* What a client is told, without how long it may keep it. */
static uint64_t
told(const struct reply *reply)
{
	uint64_t hash = reply->rcode * 256 + reply->scope;

	for (size_t i = 0; i < reply->n_answer; i++)
		hash = hash_bytes(
		    reply->answer[i].data, strlen(reply->answer[i].data), hash);
	return hash;
}

#define SEED 20261129

/* Client number ${i} of the seed; every second has IPv4. */
static void
draw_client(size_t i, char out[64])
{
	uint64_t drawn = hash_mix(SEED, i);

	if (i / SERVICES % 2 == 0)
		(void)snprintf(out, 64, "%u.%u.%u.0/24",
		    (unsigned)(drawn % 224), (unsigned)(drawn >> 8 & 255),
		    (unsigned)(drawn >> 16 & 255));
	else
		(void)snprintf(out, 64, "2%x:%x:%x::/48",
		    (unsigned)(drawn & 0xfff), (unsigned)(drawn >> 16 & 0xffff),
		    (unsigned)(drawn >> 32 & 0xffff));
}

static void
ask_of_clients(struct sites *s, int node, uint64_t *answers, size_t n)
{
	static struct reply reply;
	char subnet[64];
	struct ask question = {.port = s->site[node].port,
	    .subnet = subnet,
	    .timeout_ms = ANSWER_MS};

	network_enter(&s->network, node);
	for (size_t i = 0; i < n; i++) {
		draw_client(i, subnet);
		question.name = services[i % SERVICES];
		ck_assert_msg(ask(&question, &reply), "%s", subnet);
		answers[i] = told(&reply);
	}
	network_enter(&s->network, -1);
}

size_t
sites_differing(struct sites *s, size_t n)
{
	uint64_t *first = calloc(n, sizeof(*first));
	uint64_t *other = calloc(n, sizeof(*other));
	size_t differ = 0;

	ck_assert(first != NULL && other != NULL);
	ask_of_clients(s, 0, first, n);
	for (int i = 1; i < SITES; i++) {
		ask_of_clients(s, i, other, n);
		for (size_t client = 0; client < n; client++)
			differ += other[client] != first[client];
	}
	free(other);
	free(first);
	return differ;
}
