/*
 * Numbers of the protocol, most of them from the IANA registries.  Included by
 * every file that touches messages or zone data.
 */
#ifndef DNS_WIRE_PROTOCOL_H
#define DNS_WIRE_PROTOCOL_H

enum dns_type {
	TYPE_A = 1,
	TYPE_NS = 2,
	TYPE_CNAME = 5,
	TYPE_SOA = 6,
	TYPE_WKS = 11,
	TYPE_PTR = 12,
	TYPE_HINFO = 13,
	TYPE_MX = 15,
	TYPE_TXT = 16,
	TYPE_X25 = 19,
	TYPE_ISDN = 20,
	TYPE_SIG = 24,
	TYPE_KEY = 25,
	TYPE_GPOS = 27,
	TYPE_AAAA = 28,
	TYPE_LOC = 29,
	TYPE_NXT = 30,
	TYPE_SRV = 33,
	TYPE_ATMA = 34,
	TYPE_NAPTR = 35,
	TYPE_A6 = 38,
	TYPE_DNAME = 39,
	TYPE_OPT = 41,
	TYPE_APL = 42,
	TYPE_DS = 43,
	TYPE_SSHFP = 44,
	TYPE_IPSECKEY = 45,
	TYPE_RRSIG = 46,
	TYPE_NSEC = 47,
	TYPE_DNSKEY = 48,
	TYPE_DHCID = 49,
	TYPE_NSEC3 = 50,
	TYPE_NSEC3PARAM = 51,
	TYPE_TLSA = 52,
	TYPE_SMIMEA = 53,
	TYPE_HIP = 55,
	TYPE_CDS = 59,
	TYPE_CDNSKEY = 60,
	TYPE_CSYNC = 62,
	TYPE_ZONEMD = 63,
	TYPE_SVCB = 64,
	TYPE_HTTPS = 65,
	TYPE_IXFR = 251,
	TYPE_AXFR = 252,
	TYPE_ANY = 255,
	TYPE_CAA = 257,
	TYPE_TA = 32768,
	TYPE_DLV = 32769,
};

enum dns_class { CLASS_IN = 1, CLASS_CH = 3 };

enum dns_opcode { OPCODE_QUERY = 0 };

enum dns_rcode {
	RCODE_NOERROR = 0,
	RCODE_FORMERR = 1,
	RCODE_SERVFAIL = 2,
	RCODE_NXDOMAIN = 3,
	RCODE_NOTIMP = 4,
	RCODE_REFUSED = 5,
	RCODE_YXDOMAIN = 6,
	RCODE_NOTAUTH = 9,
	/* These need EDNS. */
	RCODE_BADVERS = 16,   /* RFC 6891, 6.1.3 */
	RCODE_BADCOOKIE = 23, /* RFC 7873, 8 */
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

enum edns_option {
	EDNS_NSID = 3,
	EDNS_CLIENT_SUBNET = 8,
	EDNS_COOKIE = 10,
	EDNS_KEEPALIVE = 11,
	EDNS_ERROR = 15,
};
#define EDNS_FLAG_DO 0x8000

/* How a message comes (RFC 1035, 4.2). */
enum transport { TRANSPORT_UDP, TRANSPORT_TCP, TRANSPORTS };

#define DNS_HEADER 12
/* Largest message over TCP (RFC 1035, 4.2.2). */
#define MESSAGE_MAX 65535
/* Octets of a record before its RDATA when its owner is a pointer: that, type,
 * class, TTL, RDLENGTH. */
#define RECORD_FIXED 12
/* The owner of every prebuilt record: a pointer to the question's name. */
#define POINTER_QNAME 0xc00c
/* Largest offset a compression pointer reaches (RFC 1035, 4.1.4). */
#define POINTER_MAX 0x3fff

#endif
