/*
 * Messages as they come, right and odd: each is made from a few words, given to
 * respond() over a small zone, and its answer is put into words again.
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "dns/answer/respond.h"
#include "dns/wire/name.h"
#include "dns/wire/protocol.h"
#include "dns/wire/wire.h"
#include "dns/zone/zone.h"
#include "dns/zone/zone_builder.h"
#include "dns/zone/zone_table.h"
#include "tests/unit/hex.h"

#define ID 0x1234
#define ROOM 1024

static struct counters counters;
static struct zone *zone;
static struct snapshot snapshot = {.udp_size = 1232};

static void
add(struct zone_builder *b, const char *name, uint16_t type, const char *rdata,
    size_t len)
{
	static struct errbuf eb;
	uint8_t owner[NAME_MAX_WIRE];

	ck_assert_int_gt(name_parse(name, NULL, owner), 0);
	errbuf_init(&eb);
	ck_assert_int_eq(zone_builder_add(b, NULL, owner, type, 300,
			     (const uint8_t *)rdata, len, &eb),
	    0);
}

static void
setup(void)
{
	static struct errbuf eb;
	static const char soa[] = "\1n\7example\0\1h\7example\0"
				  "\0\0\0\1\0\0\0\1\0\0\0\1\0\0\0\1\0\0\0";
	uint8_t apex[NAME_MAX_WIRE];
	struct zone_builder *b;
	const struct zone *list[1];

	errbuf_init(&eb);
	name_parse("example.", NULL, apex);
	b = zone_builder_create(apex);
	ck_assert_ptr_nonnull(b);
	add(b, "example.", TYPE_SOA, soa, sizeof(soa));
	add(b, "example.", TYPE_NS, "\1n\7example", 11);
	add(b, "n.example.", TYPE_A, "\300\0\2\1", 4);
	add(b, "a.example.", TYPE_A, "\300\0\2\2", 4);
	list[0] = zone = zone_builder_finish(b, &eb);
	ck_assert_msg(zone != NULL, "%s", eb.text);
	snapshot.zones = zone_table_create(list, 1);
}

/* A message in the making. */
struct message {
	size_t len;
	uint8_t data[ROOM];
};

static void
put(struct message *m, const void *data, size_t len)
{
	ck_assert_uint_le(m->len + len, sizeof(m->data));
	memcpy(m->data + m->len, data, len);
	m->len += len;
}

static void
put16(struct message *m, unsigned n)
{
	uint8_t data[2];

	wire_put16(data, (uint16_t)n);
	put(m, data, 2);
}

/* Octets as they are, in hexadecimal. */
static void
put_hex(struct message *m, const char *text)
{
	uint8_t data[256] = {0};

	ck_assert_uint_le(strlen(text), 2 * sizeof(data));
	put(m, data, hex_read(text, data));
}

static void
put_name(struct message *m, const char *name)
{
	uint8_t wire[NAME_MAX_WIRE];
	int len = name_parse(name, NULL, wire);

	ck_assert_int_gt(len, 0);
	put(m, wire, (size_t)len);
}

/* The next of the numbers that commas part; ${otherwise} when there is none. */
static unsigned
next_number(char **rest, int base, unsigned otherwise)
{
	const char *word = strsep(rest, ",");

	return word != NULL ? (unsigned)strtoul(word, NULL, base) : otherwise;
}

/* "oVERSION,FLAGS,HEX" */
static void
put_opt(struct message *m, char *rest)
{
	unsigned version = next_number(&rest, 10, 0);
	unsigned flags = next_number(&rest, 16, 0);
	const char *options = rest != NULL ? rest : "";

	put_hex(m, "00002904d000");
	put(m, &(uint8_t){(uint8_t)version}, 1);
	put16(m, flags);
	put16(m, (unsigned)strlen(options) / 2);
	put_hex(m, options);
}

/* "qNAME,TYPE,CLASS" */
static void
put_question(struct message *m, char *rest)
{
	const char *name = strsep(&rest, ",");

	put_name(m, name[0] != '\0' ? name : "a.example.");
	put16(m, next_number(&rest, 10, TYPE_A));
	put16(m, next_number(&rest, 10, CLASS_IN));
}

/*
 * Make a message of the words of ${text}: "f0100" flags; "c1,0,0,1" counts;
 * "q" the question a.example. A IN, "qNAME,TYPE,CLASS" another; "a" a record;
 * "o" an OPT record, "oVERSION,FLAGS,HEX" another; "xHEX" octets.
 */
static void
make_message(struct message *m, const char *text)
{
	char copy[1024], *rest = copy, *word;

	snprintf(copy, sizeof(copy), "%s", text);
	m->len = 0;
	put16(m, ID);
	put(m, "\0\0\0\0\0\0\0\0\0", 10);
	while ((word = strsep(&rest, " ")) != NULL) {
		char *numbers = word + 1;

		switch (word[0]) {
		case 'f':
			wire_put16(m->data + 2,
			    (uint16_t)next_number(&numbers, 16, 0));
			break;
		case 'c':
			for (int i = 0; i < 4; i++)
				wire_put16(m->data + 4 + 2 * i,
				    (uint16_t)next_number(&numbers, 10, 0));
			break;
		case 'q':
			put_question(m, numbers);
			break;
		case 'a':
			put_hex(m, "c00c0001000100000000000401020304");
			break;
		case 'o':
			put_opt(m, numbers);
			break;
		case 'x':
			put_hex(m, numbers);
			break;
		default:
			ck_abort_msg("what is %s?", word);
		}
	}
}

/* Words about the OPT record at ${at}, to ${words}; what is behind it. */
static size_t
describe_opt(
    const uint8_t *reply, size_t at, unsigned *rcode, struct text *words)
{
	size_t options = wire_get16(reply + at + 9);

	ck_assert_uint_eq(reply[at], 0);
	ck_assert_uint_eq(wire_get16(reply + at + 1), TYPE_OPT);
	ck_assert_uint_eq(wire_get16(reply + at + 3), snapshot.udp_size);
	ck_assert_uint_eq(reply[at + 6], 0); /* version */
	ck_assert_uint_eq(wire_get16(reply + at + 7) & 0x7fff, 0);
	*rcode |= (unsigned)reply[at + 5] << 4;
	text_add(words, "%s", reply[at + 7] & 0x80 ? " opt do" : " opt");
	if (options == 0)
		return at + 11;
	ck_assert_uint_eq(wire_get16(reply + at + 11), EDNS_ERROR);
	ck_assert_uint_eq(options, 6);
	text_add(words, " ede %u", wire_get16(reply + at + 15));
	return at + 11 + options;
}

/* The flags and counts of a reply in words; what stands behind its question. */
static size_t
describe_header(
    const struct message *m, const uint8_t *reply, struct text *words)
{
	unsigned flags = wire_get16(reply + 2);
	size_t at = DNS_HEADER;

	ck_assert_uint_eq(wire_get16(reply), ID);
	ck_assert_uint_eq(flags & FLAG_QR, FLAG_QR);
	/* Neither TC, RA, Z, AD nor CD; the opcode as it came. */
	ck_assert_uint_eq(flags & 0x02f0, 0);
	ck_assert_uint_eq(reply[2] >> 3 & 15, m->data[2] >> 3 & 15);
	text_add(words, "%s%s", flags & FLAG_AA ? " aa" : "",
	    flags & FLAG_RD ? " rd" : "");
	if (wire_get16(reply + 4) == 1) {
		size_t len = name_length(reply + at) + 4;

		ck_assert_mem_eq(reply + at, m->data + at, len);
		at += len;
		text_add(words, " q");
	}
	text_add(words, " %u/%u", wire_get16(reply + 6), wire_get16(reply + 8));
	return at;
}

/* The answer to ${m} in words: rcode, flags, counts of records, and what its
 * OPT record has when that is all. */
static const char *
answer_in_words(const struct message *m)
{
	static char out[256];
	static uint8_t reply[MESSAGE_MAX];
	const struct address source = {.family = 4, .bytes = {192, 0, 2, 1}};
	struct responder responder = {.counters = &counters};
	struct text words;
	unsigned rcode;
	size_t n, at;

	n = respond(&responder, &snapshot, TRANSPORT_UDP, &source, m->data,
	    m->len, reply, sizeof(reply));
	if (n == 0)
		return "silence";
	text_init(&words, sizeof(out));
	at = describe_header(m, reply, &words);
	rcode = reply[3] & 15;
	if (wire_get16(reply + 10) == 1 && wire_get32(reply + 6) == 0)
		at = describe_opt(reply, at, &rcode, &words);
	else if (wire_get16(reply + 10) == 1)
		text_add(&words, " opt");
	if (wire_get32(reply + 6) == 0)
		ck_assert_uint_eq(at, n);
	snprintf(out, sizeof(out), "%u%s", rcode, words.data);
	text_finish(&words);
	return out;
}

/* The octets of a label of 63, in hexadecimal. */
#define L7 "61616161616161"
#define L63 L7 L7 L7 L7 L7 L7 L7 L7 L7

static const struct {
	const char *why, *message, *answer;
} messages[] = {
    {"a question", "c1,0,0,0 q", "0 aa q 1/0"},
    {"RD comes back, RA does not", "f0100 c1,0,0,0 q", "0 aa rd q 1/0"},
    {"the Z bit is ignored (RFC 8906, 3.1.3)", "f0040 c1,0,0,0 q",
	"0 aa q 1/0"},
    {"AD and CD mean nothing here (RFC 4035, 3.1.6)", "f0030 c1,0,0,0 q",
	"0 aa q 1/0"},
    {"TC, AA and RA of a query are ignored", "f0680 c1,0,0,0 q", "0 aa q 1/0"},
    {"an rcode in a query is ignored", "f000f c1,0,0,0 q", "0 aa q 1/0"},
    {"an answer is dropped", "f8000 c1,0,0,0 q", "silence"},
    {"an answer of an unknown opcode is dropped", "ff800 c1,0,0,0 q",
	"silence"},
    {"the counts say more than there is", "c1,0,0,1 q", "1 q 0/0"},
    {"octets behind the end", "c1,0,0,0 q x00", "1 q 0/0"},
    {"octets behind the OPT", "c1,0,0,1 q o x00", "1 q 0/0 opt"},
    {"a header alone", "c1,0,0,0", "1 0/0"},
    {"a name without its end", "c1,0,0,0 x01", "1 0/0"},
    {"a question without its class", "c1,0,0,0 x0161000001", "1 0/0"},
    {"a compressed name in the question", "c1,0,0,0 xc00c00010001", "1 0/0"},
    {"a compressed name behind a label", "c1,0,0,0 x0161c00c00010001", "1 0/0"},
    {"a label of a type that is none", "c1,0,0,0 x416100010001", "1 0/0"},

    {"no question", "c0,0,0,0", "1 0/0"},
    {"no question, but EDNS", "c0,0,0,1 o", "1 0/0 opt"},
    {"a cookie without a question, and we speak none",
	"c0,0,0,1 o0,0,000a00080102030405060708", "1 0/0 opt"},
    {"two questions (RFC 9619)", "c2,0,0,0 q q", "1 0/0"},
    {"two questions, with EDNS", "c2,0,0,1 q q o", "1 0/0 opt"},
    {"65535 questions", "c65535,0,0,0 q", "1 0/0"},
    {"an answer section", "c1,1,0,0 q a", "1 q 0/0"},
    {"an answer section, with EDNS", "c1,1,0,1 q a o", "1 q 0/0 opt"},
    {"an authority section", "c1,0,1,0 q a", "1 q 0/0"},
    {"the authority section of an IXFR", "c1,0,1,1 qexample.,251,1 a o",
	"5 q 0/0 opt ede 21"},
    {"some record in the additional section", "c1,0,0,1 q a", "0 aa q 1/0"},
    {"an owner that ends in a pointer, which is not followed",
	"c1,0,0,1 q x0162ffff00010001000000000000", "0 aa q 1/0"},
    {"half a pointer", "c1,0,0,1 q xc0", "1 q 0/0"},
    {"an owner with a label of a type that is none",
	"c1,0,0,1 q x416200000100010000000000000000", "1 q 0/0"},
    {"an owner with half a label", "c1,0,0,1 q x0262", "1 q 0/0"},
    {"an owner of more than 255 octets",
	"c1,0,0,1 q "
	"x3f" L63 " x3f" L63 " x3f" L63 " x3f" L63 " x3f" L63
	" x0000010001000000000000",
	"1 q 0/0"},
    {"a second question that is cut off", "c2,0,0,0 q x0161000001", "1 0/0"},
    {"a second question without a name", "c2,0,0,0 q x05", "1 0/0"},
    {"no question, a cookie, an authority section",
	"c0,0,1,1 x00 x00010001000000000000 "
	"o0,0,000a00080102030405060708",
	"1 0/0 opt"},
    {"a record cut off", "c1,0,0,1 q x00000100010000000000040102", "1 q 0/0"},
    {"TSIG of a key that we cannot know is not looked at",
	"c1,0,0,2 q o x0000fa00ff000000000002abcd", "0 aa q 1/0 opt"},

    {"EDNS", "c1,0,0,1 q o", "0 aa q 1/0 opt"},
    {"DO comes back", "c1,0,0,1 qx.example.,1,4 o0,8000,",
	"5 q 0/0 opt do ede 21"},
    {"other flags of EDNS do not", "c1,0,0,1 qx.example.,1,4 o0,7fff,",
	"5 q 0/0 opt ede 21"},
    {"EDNS behind another record", "c1,0,0,2 q a o", "0 aa q 1/0 opt"},
    {"EDNS before another record", "c1,0,0,2 q o a", "0 aa q 1/0 opt"},
    {"an unknown option is ignored", "c1,0,0,1 q o0,0,00640003616263",
	"0 aa q 1/0 opt"},
    {"EDNS of version 1 (RFC 6891, 6.1.3)", "c1,0,0,1 q o1,0,", "16 q 0/0 opt"},
    {"EDNS of version 255 with options like no other", "c1,0,0,1 q o255,0,ff",
	"16 q 0/0 opt"},
    {"EDNS of version 1 and no question: versions are told first",
	"c0,0,0,1 o1,0,", "16 0/0 opt"},
    {"two OPT records", "c1,0,0,2 q o o", "1 q 0/0 opt"},
    {"an OPT with an owner", "c1,0,0,1 q x016100002904d0000000000000",
	"1 q 0/0 opt"},
    {"an OPT in the answer section", "c1,1,0,0 q o", "1 q 0/0"},
    {"an OPT in the authority section", "c1,0,1,0 q o", "1 q 0/0"},
    {"an option longer than the OPT", "c1,0,0,1 q o0,0,0064000961",
	"1 q 0/0 opt"},
    {"half an option", "c1,0,0,1 q o0,0,0064", "1 q 0/0 opt"},
    {"a cookie of 7 octets (RFC 7873, 5.2.2)",
	"c1,0,0,1 q o0,0,000a000701020304050607", "1 q 0/0 opt"},
    {"a cookie of 15 octets",
	"c1,0,0,1 q o0,0,000a000f010203040506070801020304050607",
	"1 q 0/0 opt"},
    {"a cookie of 41 octets",
	"c1,0,0,1 q o0,0,000a0029"
	"01020304050607080102030405060708010203040506070801020304050607"
	"0801020304050607080a",
	"1 q 0/0 opt"},
    {"no octet is left of a cookie", "c1,0,0,1 q o0,0,000a0000", "1 q 0/0 opt"},
    {"a second cookie is not looked at (RFC 7873, 5.2)",
	"c1,0,0,1 q o0,0,000a00080102030405060708000a000101", "0 aa q 1/0 opt"},
    {"a keepalive with a time means nothing over UDP",
	"c1,0,0,1 q o0,0,000b00020001", "0 aa q 1/0 opt"},

    {"opcode 15", "f7800 c1,0,0,0 q", "4 q 0/0"},
    {"opcode 15, with EDNS", "f7800 c1,0,0,1 q o", "4 q 0/0 opt ede 21"},
    {"opcode 15, with EDNS of version 1", "f7800 c1,0,0,1 q o1,0,",
	"4 q 0/0 opt ede 21"},
    {"opcode 15, and a header alone", "f7800 c0,0,0,0", "4 0/0"},
    {"opcode 15, and nothing that can be read", "f7800 c9,9,9,9 xffff",
	"4 0/0"},
    {"opcode 15, two questions", "f7800 c2,0,0,1 q q o", "4 0/0 opt ede 21"},
    {"IQUERY", "f0800 c0,1,0,0 a", "4 0/0"},
    {"STATUS", "f1000 c0,0,0,0", "4 0/0"},
    {"NOTIFY with the SOA it brings (RFC 1996)",
	"f2400 c1,1,0,1 qexample.,6,1 a o", "4 q 0/0 opt ede 21"},
    {"UPDATE with its sections (RFC 2136)",
	"f2800 c1,1,2,1 qexample.,6,1 a a a o", "4 q 0/0 opt ede 21"},
    {"stateful operations, whose form is their own (RFC 8490)",
	"f3000 c0,0,0,0 x0001000400000000", "4 0/0"},

    {"type 0 is NODATA", "c1,0,0,0 qa.example.,0,1", "0 aa q 0/1"},
    {"OPT as a type", "c1,0,0,0 qa.example.,41,1", "0 aa q 0/1"},
    {"TKEY", "c1,0,0,0 qa.example.,249,1", "0 aa q 0/1"},
    {"TSIG", "c1,0,0,0 qa.example.,250,1", "0 aa q 0/1"},
    {"MAILB", "c1,0,0,0 qa.example.,253,1", "0 aa q 0/1"},
    {"MAILA", "c1,0,0,0 qa.example.,254,1", "0 aa q 0/1"},
    {"an unknown type is NODATA (RFC 8906, 3.1.2)",
	"c1,0,0,0 qa.example.,65280,1", "0 aa q 0/1"},
    {"AXFR of a zone of ours", "c1,0,0,1 qexample.,252,1 o",
	"5 q 0/0 opt ede 21"},
    {"AXFR of a name in it is of no zone (RFC 5936, 2.2.1)",
	"c1,0,0,1 qa.example.,252,1 o", "9 q 0/0 opt ede 20"},
    {"IXFR of another zone", "c1,0,0,1 qother.,251,1 o", "9 q 0/0 opt ede 20"},
    {"a name of another zone (RFC 8914, 4.21)", "c1,0,0,1 qother.,1,1 o",
	"5 q 0/0 opt ede 20"},
    {"the same without EDNS", "c1,0,0,0 qother.,1,1", "5 q 0/0"},
    {"class HS", "c1,0,0,1 qa.example.,1,4 o", "5 q 0/0 opt ede 21"},
    {"class NONE", "c1,0,0,1 qa.example.,1,254 o", "5 q 0/0 opt ede 21"},
    {"class ANY", "c1,0,0,1 qa.example.,1,255 o", "5 q 0/0 opt ede 21"},
    {"class 0", "c1,0,0,1 qa.example.,1,0 o", "5 q 0/0 opt ede 21"},
    {"AXFR in class CH", "c1,0,0,1 qexample.,252,3 o", "5 q 0/0 opt ede 20"},
};

START_TEST(test_messages)
{
	struct message m;
	const char *got;

	make_message(&m, messages[_i].message);
	got = answer_in_words(&m);
	ck_assert_msg(strcmp(got, messages[_i].answer) == 0,
	    "%s:\n got %s\nwant %s", messages[_i].why, got,
	    messages[_i].answer);
}
END_TEST

/* Whatever is cut off from a good message, there is an answer: FORMERR. */
START_TEST(test_cut)
{
	struct message m;
	size_t whole;

	make_message(&m, "c1,0,0,2 q a o0,0,00640003616263");
	whole = m.len;
	for (m.len = 0; m.len < DNS_HEADER; m.len++)
		ck_assert_str_eq(answer_in_words(&m), "silence");
	for (; m.len < whole; m.len++)
		ck_assert_msg(answer_in_words(&m)[0] == '1',
		    "%zu of %zu octets", m.len, whole);
	ck_assert_str_eq(answer_in_words(&m), "0 aa q 1/0 opt");
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("dns: query");
	TCase *tc = tcase_create("messages");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_unchecked_fixture(tc, setup, NULL);
	tcase_add_loop_test(tc, test_messages, 0,
	    (int)(sizeof(messages) / sizeof(messages[0])));
	tcase_add_test(tc, test_cut);
	suite_add_tcase(suite, tc);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
