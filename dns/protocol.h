/*
 * Numbers of the protocol, from the IANA registries, that this room needs.
 * Included by every file of dns/ that touches packets or zone data.
 */
#ifndef DNS_PROTOCOL_H
#define DNS_PROTOCOL_H

enum dns_type {
	TYPE_A = 1,
	TYPE_NS = 2,
	TYPE_CNAME = 5,
	TYPE_SOA = 6,
	TYPE_HINFO = 13,
	TYPE_MX = 15,
	TYPE_AAAA = 28,
	TYPE_SRV = 33,
	TYPE_DNAME = 39,
	TYPE_OPT = 41,
	TYPE_DS = 43,
	TYPE_RRSIG = 46,
	TYPE_NSEC = 47,
	TYPE_DNSKEY = 48,
	TYPE_IXFR = 251,
	TYPE_AXFR = 252,
	TYPE_ANY = 255,
};

enum dns_class { CLASS_IN = 1 };

enum dns_opcode { OPCODE_QUERY = 0 };

enum dns_rcode {
	RCODE_NOERROR = 0,
	RCODE_FORMERR = 1,
	RCODE_SERVFAIL = 2,
	RCODE_NXDOMAIN = 3,
	RCODE_NOTIMP = 4,
	RCODE_REFUSED = 5,
	RCODE_YXDOMAIN = 6,
	RCODE_BADVERS = 16, /* needs EDNS: RFC 6891, 6.1.3 */
};

/* Bits of the flags word (RFC 1035, 4.1.1). */
enum dns_flag {
	FLAG_QR = 0x8000,
	FLAG_AA = 0x0400,
	FLAG_TC = 0x0200,
	FLAG_RD = 0x0100,
};
#define FLAGS_OPCODE_SHIFT 11
#define FLAGS_OPCODE_MASK 0xf

enum edns_option { EDNS_CLIENT_SUBNET = 8 };
#define EDNS_FLAG_DO 0x8000

#define DNS_HEADER 12
/* The owner of every prebuilt record: a pointer to the question's name. */
#define POINTER_QNAME 0xc00c
/* Largest offset a compression pointer reaches (RFC 1035, 4.1.4). */
#define POINTER_MAX 0x3fff

#endif
