/* Signs the messages of hooks.  Called in their threads. */
#include <inttypes.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "probes/hooks/hook_message.h"

int
hook_sign(const char *secret, int64_t at_s, const char *body, size_t len,
    char out[HOOK_SIGNATURE])
{
	unsigned char mac[EVP_MAX_MD_SIZE];
	unsigned n = 0;
	char time[24];
	size_t time_len =
	    (size_t)snprintf(time, sizeof(time), "%" PRId64 ".", at_s);
	unsigned char *signed_text = malloc(time_len + len);
	int written;

	if (signed_text == NULL)
		return -1;
	memcpy(signed_text, time, time_len);
	memcpy(signed_text + time_len, body, len);
	if (HMAC(EVP_sha256(), secret, (int)strlen(secret), signed_text,
		time_len + len, mac, &n) == NULL) {
		free(signed_text);
		return -1;
	}
	free(signed_text);
	written = snprintf(out, HOOK_SIGNATURE, "t=%" PRId64 ",v1=", at_s);
	for (unsigned i = 0; i < n && written > 0; i++)
		snprintf(out + written + 2 * i,
		    (size_t)(HOOK_SIGNATURE - written) - 2 * i, "%02x", mac[i]);
	return 0;
}
