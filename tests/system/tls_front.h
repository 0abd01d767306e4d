/*
 * HAProxy of the distribution as TLS in front of a server of a test that has
 * many addresses of 127/8: what comes to one of them goes on to the same one,
 * in clear text.
 */
#ifndef TESTS_SYSTEM_TLS_FRONT_H
#define TESTS_SYSTEM_TLS_FRONT_H

#include "tests/system/certificates.h"

/*
 * pid = tls_front_start(h, good, wrong, server): wait at the port ${good} with
 * the certificate "server" of certificates_make(), which is done here, and at
 * ${wrong} with one for another name, before the port ${server}.
 */
pid_t tls_front_start(
    struct harness *h, uint16_t good, uint16_t wrong, uint16_t server);

#endif
