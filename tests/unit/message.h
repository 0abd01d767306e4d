/*
 * Queries made and replies put into words, for the tests of respond().  Replies
 * are decoded by ldns.
 */
#ifndef TESTS_UNIT_MESSAGE_H
#define TESTS_UNIT_MESSAGE_H

#include <check.h>
#include <ldns/ldns.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dns/wire/name.h"
#include "dns/wire/protocol.h"
#include "dns/wire/wire.h"

/* Make a query; edns < 0: none.  Its length. */
static inline size_t
make_query(uint8_t *out, const char *name, uint16_t type, int edns,
    const uint8_t *options, size_t options_len)
{
	uint8_t wire[NAME_MAX_WIRE];
	int len = name_parse(name, NULL, wire);
	uint8_t *p = out;

	ck_assert_int_gt(len, 0);
	memset(p, 0, DNS_HEADER);
	wire_put16(p, 0x1234);
	wire_put16(p + 2, FLAG_RD);
	wire_put16(p + 4, 1);
	wire_put16(p + 10, edns >= 0);
	p += DNS_HEADER;
	memcpy(p, wire, (size_t)len);
	p += len;
	wire_put16(p, type);
	wire_put16(p + 2, CLASS_IN);
	p += 4;
	if (edns >= 0) {
		memset(p, 0, 11);
		wire_put16(p + 1, TYPE_OPT);
		wire_put16(p + 3, (uint16_t)edns);
		wire_put16(p + 9, (uint16_t)options_len);
		p += 11;
		if (options_len > 0)
			memcpy(p, options, options_len);
		p += options_len;
	}
	return (size_t)(p - out);
}

/* All records of a list as "owner TTL type rdata; " in their order. */
static inline void
add_records(char *out, size_t size, const char *title, ldns_rr_list *list)
{
	size_t used = strlen(out);

	for (size_t i = 0; i < ldns_rr_list_rr_count(list); i++) {
		char *text = ldns_rr2str(ldns_rr_list_rr(list, i));
		size_t n = strcspn(text, "\n");

		for (size_t k = 0; k < n; k++)
			if (text[k] == '\t')
				text[k] = ' ';
		used += (size_t)snprintf(out + used, size - used, "%s%.*s; ",
		    i == 0 ? title : "", (int)n, text);
		free(text);
	}
}

/* The reply as one line of text: rcode, flags, sections without OPT. */
static inline const char *
describe(const uint8_t *reply, size_t len)
{
	static char out[8192];
	ldns_pkt *pkt = NULL;

	ck_assert_int_eq(ldns_wire2pkt(&pkt, reply, len), LDNS_STATUS_OK);
	snprintf(out, sizeof(out), "%u%s%s ", ldns_pkt_get_rcode(pkt),
	    ldns_pkt_aa(pkt) ? " aa" : "", ldns_pkt_tc(pkt) ? " tc" : "");
	add_records(out, sizeof(out), "AN ", ldns_pkt_answer(pkt));
	add_records(out, sizeof(out), "NS ", ldns_pkt_authority(pkt));
	add_records(out, sizeof(out), "AR ", ldns_pkt_additional(pkt));
	ldns_pkt_free(pkt);
	return out;
}

#endif
