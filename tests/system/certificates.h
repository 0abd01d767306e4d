/*
 * Certificates for the servers and clients of system tests, made while a test
 * runs by the openssl of the machine: nothing of them is kept.
 */
#ifndef TESTS_SYSTEM_CERTIFICATES_H
#define TESTS_SYSTEM_CERTIFICATES_H

#include <stdint.h>

#include "tests/system/harness.h"

#define OPENSSL "/usr/bin/openssl"

/* The names of a server of tests: both loopback addresses, and this. */
#define CERTIFICATE_HOST "gw.example"
#define CERTIFICATE_NAMES "IP:127.0.0.1,IP:::1,DNS:" CERTIFICATE_HOST

/*
 * One that is made: ${file}.pem with the key ${file}.key, and both in
 * ${file}.pair.
 */
struct certificate {
	const char *file;
	const char *issuer;  /* another one's file; NULL: itself */
	const char *names;   /* subjectAltName; NULL: none */
	const char *subject; /* "/O=gw"; NULL: ${file} as its CommonName */
	const char *since;   /* for faketime(1), "-40d"; NULL: now */
	int days;            /* from then on */
};

/* certificate_make(h, c): in the test's folder. */
void certificate_make(struct harness *h, const struct certificate *c);

/*
 * certificates_make(h): those that most need: the authority "ca", "server" of
 * 40 days and CERTIFICATE_NAMES, "client" of the same authority, and "stranger"
 * of none.
 */
void certificates_make(struct harness *h);

#endif
