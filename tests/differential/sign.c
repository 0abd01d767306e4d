/* Signs zones, see sign.h.  Called by the differential test only. */
#include "tests/differential/sign.h"

#include <stdlib.h>
#include <string.h>

#include "tests/signer.h"

#define KEY_TTL_S 3600
/* 2020 and 2038: no run is near either, and ldns compares 31 bits. */
#define FROM 1577836800u
#define UNTIL 2145916800u

/* Ed25519 makes the same signature each time. */
static ldns_key *
read_key(void)
{
	static const char text[] =
	    "Private-key-format: v1.2\n"
	    "Algorithm: 15 (ED25519)\n"
	    "PrivateKey: BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc=\n";
	FILE *f = fmemopen((void *)(uintptr_t)text, sizeof(text) - 1, "r");
	ldns_key *key = NULL;
	int line = 0;

	if (f == NULL ||
	    ldns_key_new_frm_fp_l(&key, f, &line) != LDNS_STATUS_OK) {
		fprintf(stderr, "differential: ldns does not read a key\n");
		exit(2);
	}
	fclose(f);
	return key;
}

static void
add_key(struct signer *signer, const char *apex)
{
	signer_start(signer, signer->chain);
	signer_take_key(signer, read_key(), apex, KEY_TTL_S, FROM, UNTIL);
}

ldns_rr *
sign_dnskey(const char *apex)
{
	struct signer signer = {.chain = SIGNER_NSEC};
	ldns_rr *rr;

	add_key(&signer, apex);
	rr = ldns_rr_list_pop_rr(signer.public_keys);
	signer_finish(&signer);
	return rr;
}

char *
sign_zone(const struct zone_text *z)
{
	static const enum signer_chain chains[] = {
	    [DENIAL_NSEC] = SIGNER_NSEC,
	    [DENIAL_NSEC3] = SIGNER_NSEC3,
	    [DENIAL_OPTOUT] = SIGNER_OPT_OUT,
	};
	struct signer signer = {.chain = chains[z->denial]};
	char *plain = NULL, *text;
	size_t size = 0;
	FILE *f = open_memstream(&plain, &size);

	if (f == NULL)
		abort();
	zone_text_print(z, f);
	fclose(f);
	add_key(&signer, z->apex);
	/* Some have a salt, as there are such zones. */
	signer.iterations = z->salted ? 2 : 0;
	signer.salt_len = z->salted ? 4 : 0;
	memcpy(signer.salt, "salt", 4);
	text = signer_sign(&signer, plain);
	signer_finish(&signer);
	free(plain);
	return text;
}
