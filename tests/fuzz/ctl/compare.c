/*
 * Fuzz target: any octets as the answer of a name server to a question of a
 * comparison.  Its records are as many as there is room for, and each is an
 * address or a whole name.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "ctl/compare_message.h"
#include "dns/wire/protocol.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
look(const struct compare_record *r)
{
	if ((r->type == TYPE_A && r->len == 4) ||
	    (r->type == TYPE_AAAA && r->len == 16) ||
	    (r->type == TYPE_CNAME &&
		name_measure(r->data, sizeof(r->data)) == r->len))
		return;
	abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct compare_question question = {.type = TYPE_A};
	struct compare_cookie cookie = {.len = COOKIE_CLIENT};
	struct compare_answer answer;
	uint16_t id;

	(void)name_parse("chat.inference.example.", NULL, question.name);
	memcpy(cookie.octets, "01234567", COOKIE_CLIENT);
	if (!compare_message_id(data, size, &id) ||
	    !compare_message_read(data, size, &question, &cookie, &answer))
		return 0;
	if (answer.n > COMPARE_RECORDS || !answer.came ||
	    cookie.len > COMPARE_COOKIE_MAX || cookie.len < COOKIE_CLIENT)
		abort();
	for (size_t i = 0; i < answer.n; i++)
		look(&answer.records[i]);
	return 0;
}
