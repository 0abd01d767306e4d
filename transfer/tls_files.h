/*
 * The files by which a program proves who it is over TLS, and whom it trusts:
 * whether they can be used, now and in the next weeks.  Called when a program
 * begins and by meridianctl check; connects to nobody.
 */
#ifndef TRANSFER_TLS_FILES_H
#define TRANSFER_TLS_FILES_H

#include <stdint.h>

#include "base/errbuf.h"

/* Paths; each may be NULL. */
struct tls_files {
	const char *ca, *certificate, *key;
};

/*
 * tls_files_check(files, wall_ms, at, eb): errors for what cannot be read, is
 * not valid at ${wall_ms} or ended before, and for a key that is of another
 * certificate; a warning for a certificate that ends within
 * TLS_FILES_SOON_DAYS.  ${at}: who names them.  Of several certificates in
 * ${ca}, the one that ends last counts, as files of them keep old ones.
 */
#define TLS_FILES_SOON_DAYS 30
void tls_files_check(const struct tls_files *files, int64_t wall_ms,
    const struct mark *at, struct errbuf *eb);

#endif
