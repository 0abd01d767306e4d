/* Certificates for system tests.  Called by them only. */
#include "tests/system/certificates.h"

#include <stdio.h>

/* The arguments of openssl, after those that are always there. */
#define REQUEST                                                              \
	OPENSSL, "req", "-x509", "-newkey", "ec", "-pkeyopt",                \
	    "ec_paramgen_curve:P-256", "-nodes", "-days", days, "-out", pem, \
	    "-keyout", key, "-subj", subject, "-addext", names

void
certificate_make(struct harness *h, const struct certificate *c)
{
	char name[64], days[16], names[192], subject[80];
	const char *pem, *key, *ca = NULL, *ca_key = NULL, *out;
	int status;

	snprintf(name, sizeof(name), "%s.pem", c->file);
	pem = harness_path(h, name);
	snprintf(name, sizeof(name), "%s.key", c->file);
	key = harness_path(h, name);
	if (c->issuer != NULL) {
		snprintf(name, sizeof(name), "%s.pem", c->issuer);
		ca = harness_path(h, name);
		snprintf(name, sizeof(name), "%s.key", c->issuer);
		ca_key = harness_path(h, name);
	}
	snprintf(days, sizeof(days), "%d", c->days);
	snprintf(subject, sizeof(subject), "%s%s",
	    c->subject != NULL ? c->subject : "/CN=",
	    c->subject != NULL ? "" : c->file);
	snprintf(names, sizeof(names), "subjectAltName=%s",
	    c->names != NULL ? c->names : "DNS:nobody.example");
	status = harness_run(h, &out, "/usr/bin/faketime", "-f",
	    c->since != NULL ? c->since : "+0", REQUEST,
	    ca != NULL ? "-CA" : NULL, ca, "-CAkey", ca_key, NULL);
	ck_assert_msg(status == 0, "%s", out);
	snprintf(name, sizeof(name), "%s.pair", c->file);
	harness_write(
	    h, name, "%s%s", harness_read(h, pem), harness_read(h, key));
}

void
certificates_make(struct harness *h)
{
	static const struct certificate list[] = {
	    {.file = "ca", .days = 400},
	    {.file = "server",
		.issuer = "ca",
		.names = CERTIFICATE_NAMES,
		.days = 40},
	    {.file = "client", .issuer = "ca", .days = 40},
	    {.file = "stranger", .days = 40},
	};

	for (size_t i = 0; i < sizeof(list) / sizeof(list[0]); i++)
		certificate_make(h, &list[i]);
}
