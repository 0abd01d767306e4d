/*
 * Reads answers of resolvers by c-ares, and the chains of CNAMEs that it keeps
 * to itself.  Called for each answer; does nothing else.
 */
#include "probes/names/resolver_answer.h"

#include <ares.h>
#include <arpa/nameser.h>
#include <netdb.h>
#include <stdlib.h>
#include <string.h>

void
resolver_findings_init(struct resolver_findings *f)
{
	memset(f, 0, sizeof(*f));
	f->ttl_s = UINT32_MAX;
}

void
resolver_findings_finish(struct resolver_findings *f)
{
	free(f->addresses);
	for (size_t i = 0; i < f->n_names; i++)
		free(f->names[i]);
}

const char *
resolver_failure(int code)
{
	switch (code) {
	case ARES_SUCCESS:
	case ARES_ENODATA: /* no record of this family */
		return NULL;
	case ARES_ENOTFOUND:
		return "NXDOMAIN";
	case ARES_ESERVFAIL:
		return "SERVFAIL";
	case ARES_EREFUSED:
		return "REFUSED";
	case ARES_ENOTIMP:
		return "NOTIMP";
	case ARES_EFORMERR:
		return "FORMERR";
	case ARES_ETIMEOUT:
		return "timeout";
	case ARES_ECONNREFUSED:
		return "no resolver can be reached";
	case ARES_ENOMEM:
		return "no memory";
	case ARES_EBADNAME:
		return "no name that can be looked up";
	default:
		return "an answer that makes no sense";
	}
}

/* --- names --- */

static const char *
add_name(struct resolver_findings *f, const char *name)
{
	for (size_t i = 0; i < f->n_names; i++)
		if (strcasecmp(f->names[i], name) == 0)
			return NULL;
	if (f->n_names == RESOLVER_NAMES)
		return "a chain of too many names";
	f->names[f->n_names] = strdup(name);
	if (f->names[f->n_names] == NULL)
		return resolver_failure(ARES_ENOMEM);
	f->n_names++;
	return NULL;
}

/* Pass over the name at ${*at}; false where there is none. */
static bool
skip_name(const unsigned char **at, const unsigned char *packet, int len)
{
	char *name;
	long used;

	if (ares_expand_name(*at, packet, len, &name, &used) != ARES_SUCCESS)
		return false;
	ares_free_string(name);
	*at += used;
	return true;
}

static const char *
add_target(struct resolver_findings *f, const unsigned char *at,
    const unsigned char *packet, int len)
{
	const char *failed;
	char *name;
	long used;

	if (ares_expand_name(at, packet, len, &name, &used) != ARES_SUCCESS)
		return resolver_failure(ARES_EBADRESP);
	failed = add_name(f, name);
	ares_free_string(name);
	return failed;
}

/*
 * The names that the CNAMEs of the answer ${packet} lead to, which c-ares has
 * found to be in order: it gives away the first of them alone.
 */
static const char *
add_chain(struct resolver_findings *f, const unsigned char *packet, int len)
{
	const unsigned char *at = packet + NS_HFIXEDSZ, *end = packet + len;
	int n = packet[6] << 8 | packet[7];
	const char *failed = NULL;

	if (!skip_name(&at, packet, len) || end - at < NS_QFIXEDSZ)
		return resolver_failure(ARES_EBADRESP);
	at += NS_QFIXEDSZ;
	for (; n > 0 && failed == NULL; n--) {
		int size;

		if (!skip_name(&at, packet, len) || end - at < NS_RRFIXEDSZ)
			return resolver_failure(ARES_EBADRESP);
		size = at[8] << 8 | at[9];
		if (end - at - NS_RRFIXEDSZ < size)
			return resolver_failure(ARES_EBADRESP);
		if ((at[0] << 8 | at[1]) == ns_t_cname)
			failed = add_target(f, at + NS_RRFIXEDSZ, packet, len);
		at += NS_RRFIXEDSZ + size;
	}
	return failed;
}

/* --- addresses --- */

static void
add_address(
    struct resolver_findings *f, uint8_t family, const void *bytes, int ttl)
{
	struct address *a = &f->addresses[f->n++];
	uint32_t ttl_s = ttl > 0 ? (uint32_t)ttl : 0;

	memset(a, 0, sizeof(*a));
	a->family = family;
	memcpy(a->bytes, bytes, family == 4 ? 4 : 16);
	if (ttl_s < f->ttl_s)
		f->ttl_s = ttl_s;
}

const char *
resolver_findings_read(struct resolver_findings *f, uint8_t family,
    const unsigned char *packet, int len)
{
	static struct ares_addrttl ipv4[RESOLVER_ADDRESSES];
	static struct ares_addr6ttl ipv6[RESOLVER_ADDRESSES];
	struct hostent *host = NULL;
	struct address *grown;
	const char *failed;
	int n = RESOLVER_ADDRESSES, code;

	code = family == 4
	    ? ares_parse_a_reply(packet, len, &host, ipv4, &n)
	    : ares_parse_aaaa_reply(packet, len, &host, ipv6, &n);
	if (code != ARES_SUCCESS)
		return resolver_failure(code);
	ares_free_hostent(host);
	/* Where not all names are known, nobody can say where it leads to. */
	failed = add_chain(f, packet, len);
	if (failed != NULL)
		return failed;
	grown = reallocarray(
	    f->addresses, f->n + (size_t)n + 1, sizeof(*f->addresses));
	if (grown == NULL)
		return resolver_failure(ARES_ENOMEM);
	f->addresses = grown;
	for (int i = 0; i < n; i++)
		if (family == 4)
			add_address(f, 4, &ipv4[i].ipaddr, ipv4[i].ttl);
		else
			add_address(f, 6, &ipv6[i].ip6addr, ipv6[i].ttl);
	return NULL;
}
