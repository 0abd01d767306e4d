/*
 * Signed zones behind a validator: unbound, with nothing but the zone's key,
 * believes every answer of meridiand, and gets out of it what is in the zone.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/signed_zone.h"
#include "tests/signer.h"
#include "tests/system/node.h"

/* All of a zone of ANY and such is of no use to a resolver. */
static const char *const types[] = {"A", "NS", "CNAME", "SOA", "MX", "TXT",
    "DNAME", "DS", "DNSKEY", "NSEC3PARAM", "TYPE65280"};
#define TYPES (sizeof(types) / sizeof(types[0]))

struct world {
	struct harness *h;
	struct node node;
	uint16_t resolver; /* its port */
	pid_t unbound;
	bool opt_out;
	unsigned asked, proved;
};

/* The child safe.example., and the DS that its parent has of it. */
static char *
write_child(struct harness *h)
{
	struct signer signer;
	char *text, *ds;
	ldns_rr *rr;

	signer_init(&signer, "safe.example.", 300, SIGNER_NSEC);
	text = signer_sign(&signer,
	    "$ORIGIN safe.example.\n$TTL 300\n"
	    "@ SOA ns hostmaster 7 3600 600 86400 300\n@ NS ns\n"
	    "ns A 192.0.2.8\nwww A 192.0.2.20\n");
	harness_write(h, "safe.zone", "%s", text);
	free(text);
	rr =
	    ldns_key_rr2ds(ldns_rr_list_rr(signer.public_keys, 0), LDNS_SHA256);
	ck_assert_ptr_nonnull(rr);
	ds = ldns_rr2str(rr);
	ldns_rr_free(rr);
	signer_finish(&signer);
	return ds;
}

/* The zone itself; its key becomes the trust anchor. */
static void
write_parent(struct harness *h, const char *ds, enum signer_chain chain)
{
	char plain[sizeof(signed_zone) + 256], *text;
	struct signer signer;

	signer_init(&signer, "example.", 300, chain);
	snprintf(plain, sizeof(plain), "%s%s", signed_zone, ds);
	text = signer_sign(&signer, plain);
	harness_write(h, "example.zone", "%s", text);
	free(text);
	text = ldns_rr2str(ldns_rr_list_rr(signer.public_keys, 0));
	harness_write(h, "anchor.key", "%s", text);
	free(text);
	signer_finish(&signer);
}

static void
write_config(struct world *w)
{
	static const char unsigned_zone[] =
	    "$TTL 300\n@ SOA ns hostmaster 7 3600 600 86400 300\n@ NS ns\n"
	    "ns A 192.0.2.7\nwww A 192.0.2.21\n";

	harness_write(w->h, "sub.zone", "%s", unsigned_zone);
	harness_write(w->h, "other.zone", "%s", unsigned_zone);
	harness_write(w->h, "meridian.yaml",
	    "listen: [\"127.0.0.1:%u\"]\nstate: state.db\nzones:\n"
	    "  - {name: example, records: example.zone}\n"
	    "  - {name: safe.example, records: safe.zone}\n"
	    "  - {name: sub.example, records: sub.zone}\n"
	    "  - {name: other, records: other.zone}\n",
	    w->node.port);
}

static bool
answered(uint16_t port)
{
	struct ask question = {.port = port,
	    .name = "example.",
	    .type = "SOA",
	    .recursion = true,
	    .timeout_ms = 500};
	static struct reply reply;

	return ask(&question, &reply) && reply.rcode == 0;
}

/* It asks for everything anew, and concludes nothing from what it knows. */
static void
start_unbound(struct world *w)
{
	static const char *const zones[] = {
	    "example", "safe.example", "sub.example", "other"};
	char stubs[1024] = "";

	for (size_t i = 0; i < 4; i++)
		snprintf(stubs + strlen(stubs), sizeof(stubs) - strlen(stubs),
		    "stub-zone:\n  name: %s\n  stub-addr: 127.0.0.1@%u\n",
		    zones[i], w->node.port);
	w->resolver = harness_port(w->h);
	harness_write(w->h, "unbound.conf",
	    "server:\n"
	    "  interface: 127.0.0.1\n  port: %u\n"
	    "  access-control: 127.0.0.0/8 allow\n"
	    "  do-not-query-localhost: no\n"
	    "  do-not-query-address: 192.0.2.0/24\n"
	    "  username: \"\"\n  chroot: \"\"\n  directory: \"\"\n"
	    "  pidfile: \"\"\n  use-syslog: no\n  logfile: \"\"\n"
	    "  num-threads: 1\n  do-daemonize: no\n  do-ip6: no\n"
	    "  module-config: \"validator iterator\"\n"
	    "  trust-anchor-file: %s\n"
	    "  cache-max-ttl: 0\n  cache-max-negative-ttl: 0\n"
	    "  aggressive-nsec: no\n  qname-minimisation: no\n"
	    "  harden-below-nxdomain: no\n  val-log-level: 2\n"
	    "remote-control:\n  control-enable: no\n"
	    "%s",
	    w->resolver, harness_path(w->h, "anchor.key"), stubs);
	w->unbound = harness_start(w->h, "unbound.log", "/usr/sbin/unbound",
	    "-d", "-c", harness_path(w->h, "unbound.conf"), NULL);
	HARNESS_WAIT(
	    20000, !harness_running(w->h, w->unbound) || answered(w->resolver));
	ck_assert_msg(harness_running(w->h, w->unbound), "%s",
	    harness_read(w->h, harness_path(w->h, "unbound.log")));
}

static bool
ends_in(const char *name, const char *zone)
{
	size_t n = strlen(name), z = strlen(zone);

	return n >= z && strcasecmp(name + n - z, zone) == 0 &&
	    (n == z || name[n - z - 1] == '.');
}

/* Whether a validator can tell that the answer is true: it comes from signed
 * zones, and no proof rests on an opt-out. */
static bool
is_secure(const struct world *w, const char *name, const char *type,
    const struct reply *reply)
{
	if (ends_in(name, "sub.example.") &&
	    (strcmp(name, "sub.example.") != 0 || strcmp(type, "DS") != 0))
		return false;
	for (size_t i = 0; i < reply->n_answer; i++)
		if (ends_in(reply->answer[i].owner, "sub.example.") ||
		    ends_in(reply->answer[i].owner, "other."))
			return false;
	for (size_t i = 0; i < reply->n_authority; i++)
		if (ends_in(reply->authority[i].owner, "sub.example.") ||
		    ends_in(reply->authority[i].owner, "other.") ||
		    (w->opt_out &&
			strcmp(reply->authority[i].type, "NSEC3") == 0))
			return false;
	return true;
}

static size_t
count_data(const struct reply *reply)
{
	size_t n = 0;

	for (size_t i = 0; i < reply->n_answer; i++)
		n += strcmp(reply->answer[i].type, "RRSIG") != 0;
	return n;
}

/*
 * Neither where no server is, as that of the apex's DS, nor the end of a loop
 * or of too long a name; nor what unbound takes for wrong whoever serves it:
 * a name with a "*" of its own for which a wildcard stands in, what a wildcard
 * has not that is an empty non-terminal, what the unsigned zone has not to
 * which a wildcard led, and a CNAME or DNAME that was asked for below a DNAME.
 */
static bool
is_asked(const char *name, const char *type, const struct reply *direct)
{
	if (!direct->aa || direct->rcode == LDNS_RCODE_YXDOMAIN ||
	    ends_in(name, "wloop.example."))
		return false;
	if (strncmp(name, "*.", 2) == 0 && direct->n_answer > 0)
		return false;
	if (ends_in(name, "went.example.") || ends_in(name, "wopt.example.") ||
	    ends_in(name, "wsub.example."))
		return false;
	for (size_t i = 0; i < direct->n_answer; i++)
		if (strcmp(direct->answer[i].type, "DNAME") == 0 &&
		    strstr(type, "NAME") != NULL)
			return false;
	return strcmp(name, "example.") != 0 || strcmp(type, "DS") != 0;
}

static void
check(struct world *w, const char *name, const char *type)
{
	static struct reply direct, validated;
	struct ask question = {.port = w->node.port,
	    .name = name,
	    .type = type,
	    .tcp = true,
	    .dnssec_ok = true};

	ck_assert_msg(ask(&question, &direct), "%s %s", name, type);
	if (!is_asked(name, type, &direct))
		return;
	question.port = w->resolver;
	question.recursion = true;
	question.timeout_ms = 10000;
	ck_assert_msg(ask(&question, &validated), "%s %s", name, type);
	ck_assert_msg(validated.rcode == direct.rcode,
	    "%s %s: rcode %u instead of %u: %s", name, type, validated.rcode,
	    direct.rcode,
	    harness_read(w->h, harness_path(w->h, "unbound.log")));
	ck_assert_msg(count_data(&validated) == count_data(&direct),
	    "%s %s: %zu records instead of %zu", name, type,
	    count_data(&validated), count_data(&direct));
	ck_assert_msg(validated.ad || !is_secure(w, name, type, &direct),
	    "%s %s: not proved", name, type);
	w->asked++;
	w->proved += validated.ad ? 1 : 0;
}

static void
run(enum signer_chain chain)
{
	struct world *w = calloc(1, sizeof(*w));
	char *ds;

	ck_assert_ptr_nonnull(w);
	w->h = harness_create();
	w->opt_out = chain == SIGNER_OPT_OUT;
	node_init(&w->node, w->h);
	ds = write_child(w->h);
	write_parent(w->h, ds, chain);
	free(ds);
	write_config(w);
	w->node.server = harness_start(w->h, "server.log", "meridiand", "-c",
	    harness_path(w->h, "meridian.yaml"), NULL);
	HARNESS_WAIT(20000, answered(w->node.port));
	start_unbound(w);
	for (size_t i = 0; i < SIGNED_NAMES; i++)
		for (size_t k = 0; k < SIGNED_FRONT; k++)
			for (size_t t = 0; t < TYPES; t++) {
				char name[1024];

				snprintf(name, sizeof(name), "%s%s",
				    signed_front[k], signed_names[i]);
				check(w, name, types[t]);
			}
	printf("%u answers validated, %u as proved\n", w->asked, w->proved);
	/* Of opt-out, what is there; of others, all but what is unsigned. */
	ck_assert_uint_gt(
	    w->proved, w->opt_out ? w->asked / 10 : w->asked * 9 / 10);
	harness_stop(w->h, w->unbound);
	harness_stop(w->h, w->node.server);
	harness_destroy(w->h);
	free(w);
}

START_TEST(test_nsec)
{
	run(SIGNER_NSEC);
}
END_TEST

START_TEST(test_nsec3)
{
	run(SIGNER_NSEC3);
}
END_TEST

START_TEST(test_opt_out)
{
	run(SIGNER_OPT_OUT);
}
END_TEST

int
main(void)
{
	const struct harness_case cases[] = {
	    {"NSEC", test_nsec, 240},
	    {"NSEC3", test_nsec3, 240},
	    {"opt-out", test_opt_out, 240},
	};

	return harness_main(
	    "validator", cases, sizeof(cases) / sizeof(cases[0]));
}
