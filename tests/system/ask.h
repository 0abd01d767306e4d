/*
 * Asks a DNS server on loopback and takes its answer apart, for system tests.
 * Fails the test when it is asked for what makes no sense; no answer and a bad
 * one are for the test to judge.
 */
#ifndef TESTS_SYSTEM_ASK_H
#define TESTS_SYSTEM_ASK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define REPLY_RECORDS 32 /* of one section; more fail the test */
#define REPLY_MAX 65535

/* What is zero has the default that stands behind it. */
struct ask {
	uint16_t port;
	const char *name;
	const char *type;   /* "A" */
	const char *subnet; /* client subnet, "192.0.2.0/24"; none */
	bool ipv6;          /* ask [::1]; 127.0.0.1 */
	bool tcp;           /* UDP */
	bool no_edns;       /* EDNS, which a subnet needs */
	bool dnssec_ok;     /* DO */
	bool recursion;     /* RD, for a resolver */
	const char *source; /* address to ask from; the kernel's choice */
	uint16_t udp_size;  /* in the OPT record: 1232 */
	int timeout_ms;     /* 2000 */
};

struct reply_record {
	char owner[256]; /* as it came, with the last dot */
	char type[16];
	uint32_t ttl_s;
	char data[1024]; /* as in a master file; empty for long ones */
};

struct reply {
	unsigned rcode; /* with the bits of the OPT record */
	bool aa, tc, rd, ra, ad;
	size_t size;                                /* octets of the message */
	size_t n_answer, n_authority, n_additional; /* without OPT */
	struct reply_record answer[REPLY_RECORDS];
	struct reply_record authority[REPLY_RECORDS];
	struct reply_record additional[REPLY_RECORDS];
	bool edns;
	uint16_t udp_size;
	bool subnet; /* the next three are set */
	uint8_t source_len, scope;
	char subnet_text[64]; /* address as it came back */
};

/* answered = ask(question, reply): false when nothing came in time, or what
 * came is no DNS message or has another id or question. */
bool ask(const struct ask *question, struct reply *reply);

/* data = ask_data(question, reply): the data of the first record of the answer
 * section, "" when there is none or no answer at all. */
const char *ask_data(const struct ask *question, struct reply *reply);

/*
 * n = ask_bytes(question, query, len, reply): send ${len} octets as they are,
 * to where ${question} says; the octets of the first answer to ${reply}, which
 * has room for REPLY_MAX.  0 when nothing came in time or the connection was
 * closed.
 */
size_t ask_bytes(const struct ask *question, const uint8_t *query, size_t len,
    uint8_t *reply);

#endif
