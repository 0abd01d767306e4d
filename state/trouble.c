/*
 * The last trouble that was reported.  Called by both ends of the reading and
 * of the writing process.
 */
#include "state/trouble.h"

#include <stdio.h>
#include <string.h>

bool
trouble_set(struct trouble *trouble, const char *words)
{
	if (strncmp(trouble->words, words, TROUBLE_WORDS - 1) == 0)
		return false;
	snprintf(trouble->words, sizeof(trouble->words), "%s", words);
	return true;
}

int
trouble_take(const struct frame *frame, char words[TROUBLE_WORDS])
{
	if (frame->len == 0 || frame->len >= TROUBLE_WORDS)
		return -1;
	memcpy(words, frame->data, frame->len);
	words[frame->len] = '\0';
	return 0;
}
