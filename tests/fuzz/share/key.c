/*
 * Fuzz target: any octets as a key of etcd.  What is a key is written again
 * with the same octets: each key has one way to be written.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "share/key.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct key key;
	char text[KEY_TEXT];

	if (key_parse("/m/", (const char *)data, size, &key) != 0)
		return 0;
	if (key_build("/m/", &key, text) != size ||
	    memcmp(text, data, size) != 0)
		abort();
	return 0;
}
