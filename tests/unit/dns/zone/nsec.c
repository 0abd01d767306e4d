/*
 * NSEC and NSEC3 data taken apart, names hashed, hashes as labels.
 */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "dns/wire/name.h"
#include "dns/wire/protocol.h"
#include "dns/zone/nsec.h"
#include "dns/zone/rdata.h"

/* RFC 5155, appendix A: salt aabbccdd, 12 iterations. */
static const struct {
	const char *name, *hash;
} hashes[] = {
    {"example.", "0p9mhaveqvm6t7vbl5lop2u3t2rp3tom"},
    {"a.example.", "35mthgpgcu1qg68fab165klnsnk3dpvl"},
    {"ai.example.", "gjeqe526plbf1g8mklp59enfd789njgi"},
    {"ns1.example.", "2t7b4g4vsa5smi47k61mv5bv1a22bojr"},
    {"ns2.example.", "q04jkcevqvmu85r014c7dkba38o0ji5r"},
    {"w.example.", "k8udemvp1j2f7eg6jebps17vp3n8i58h"},
    {"*.w.example.", "r53bq7cc2uvmubfu5ocmm6pers9tk9en"},
    {"x.w.example.", "b4um86eghhds6nea196smvmlo4ors995"},
    {"y.w.example.", "ji6neoaepv8b5o6k4ev33abha8ht9fgc"},
    {"x.y.w.example.", "2vptu5timamqttgl4luu9kg21e0aor3s"},
    {"xx.example.", "t644ebqk9bibcna874givr6joj62mlhv"},
};

START_TEST(hash)
{
	const struct nsec3_params params = {.iterations = 12,
	    .algorithm = NSEC3_SHA1,
	    .salt_len = 4,
	    .salt = (const uint8_t *)"\xaa\xbb\xcc\xdd"};

	for (size_t i = 0; i < sizeof(hashes) / sizeof(hashes[0]); i++) {
		uint8_t name[NAME_MAX_WIRE], out[NSEC3_HASH], back[NSEC3_HASH];
		uint8_t label[NSEC3_LABEL];
		int len = name_parse(hashes[i].name, NULL, name);

		nsec3_hash(&params, name, (size_t)len, out);
		nsec3_label(out, label);
		ck_assert_uint_eq(label[0], 32);
		ck_assert_msg(memcmp(label + 1, hashes[i].hash, 32) == 0,
		    "%s: %.32s", hashes[i].name, (const char *)label + 1);
		ck_assert(nsec3_from_label(label, back));
		ck_assert_mem_eq(out, back, NSEC3_HASH);
	}
}
END_TEST

/* The longest of everything, for the address sanitizer. */
START_TEST(longest)
{
	static const uint8_t salt[255], name[255] = {63};
	const struct nsec3_params params = {.iterations = 3,
	    .algorithm = NSEC3_SHA1,
	    .salt_len = 255,
	    .salt = salt};
	uint8_t out[NSEC3_HASH], again[NSEC3_HASH];

	nsec3_hash(&params, name, 255, out);
	nsec3_hash(&params, name, 254, again);
	ck_assert_mem_ne(out, again, NSEC3_HASH);
}
END_TEST

static const struct {
	const char *says, *label;
	bool ok;
} labels[] = {
    {"digits in upper case",
	"\40"
	"0P9MHAVEQVM6T7VBL5LOP2U3T2RP3TOM",
	true},
    {"too short",
	"\37"
	"0p9mhaveqvm6t7vbl5lop2u3t2rp3to",
	false},
    {"too long",
	"\41"
	"0p9mhaveqvm6t7vbl5lop2u3t2rp3tomm",
	false},
    {"w is no digit",
	"\40"
	"wp9mhaveqvm6t7vbl5lop2u3t2rp3tom",
	false},
    {"nor is a hyphen",
	"\40"
	"0p9mhaveqvm6t7vbl5lop2u3t2rp3to-",
	false},
};

START_TEST(from_label)
{
	for (size_t i = 0; i < sizeof(labels) / sizeof(labels[0]); i++) {
		uint8_t out[NSEC3_HASH];

		ck_assert_msg(nsec3_from_label((const uint8_t *)labels[i].label,
				  out) == labels[i].ok,
		    "%s", labels[i].says);
	}
}
END_TEST

/* Data as a string constant with its length. */
#define DATA(text) (const uint8_t *)(text), sizeof(text) - 1

/* Read ${rdata}, which has the form of its type. */
static struct nsec
take(uint16_t type, const uint8_t *rdata, size_t len)
{
	struct nsec nsec;

	ck_assert_ptr_null(rdata_check(type, rdata, len));
	nsec_read(type, rdata, len, &nsec);
	return nsec;
}

#define HASH "hhhhhhhhhhhhhhhhhhhh"

START_TEST(fields)
{
	struct nsec nsec;

	nsec = take(TYPE_NSEC, DATA("\1a\0\0\2\x40\1"));
	ck_assert_uint_eq(nsec.next_len, 3);
	ck_assert_mem_eq(nsec.next, "\1a\0", 3);
	ck_assert_uint_eq(nsec.types_len, 4);
	nsec = take(TYPE_NSEC3, DATA("\1\1\1\5\2ss\24" HASH "\0\1\x40"));
	ck_assert_uint_eq(nsec.params.algorithm, NSEC3_SHA1);
	ck_assert_uint_eq(nsec.flags, NSEC3_OPT_OUT);
	ck_assert_uint_eq(nsec.params.iterations, 261);
	ck_assert_uint_eq(nsec.params.salt_len, 2);
	ck_assert_mem_eq(nsec.params.salt, "ss", 2);
	ck_assert_uint_eq(nsec.next_len, NSEC3_HASH);
	ck_assert_mem_eq(nsec.next, HASH, NSEC3_HASH);
	ck_assert_uint_eq(nsec.types_len, 3);
	nsec = take(TYPE_NSEC3, DATA("\1\0\0\5\0\24" HASH));
	ck_assert_uint_eq(nsec.params.salt_len, 0);
	ck_assert_mem_eq(nsec.next, HASH, NSEC3_HASH);
	ck_assert_uint_eq(nsec.types_len, 0);
	nsec = take(TYPE_NSEC3PARAM, DATA("\1\0\0\5\2ss"));
	ck_assert_uint_eq(nsec.params.iterations, 5);
	ck_assert_mem_eq(nsec.params.salt, "ss", 2);
}
END_TEST

/* A (1), NS (2), MX (15), CAA (257), TYPE65535; and around them none. */
START_TEST(types)
{
	static const uint16_t there[] = {1, 2, 15, 257, 65535};
	static const uint16_t not_there[] = {
	    0, 3, 14, 16, 255, 256, 258, 264, 512, 65279, 65534};
	static const uint8_t bits[] =
	    "\0\0\2\x60\1\1\1\x40\xff\x20\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"
	    "\0\0\0\0\0\0\0\0\0\0\0\0\0\1";
	struct nsec nsec;
	size_t at = 0, n = 0;
	uint16_t type;

	nsec = take(TYPE_NSEC, bits, sizeof(bits) - 1);
	for (; nsec_next_type(&nsec, &at, &type); n++) {
		ck_assert_uint_lt(n, 5);
		ck_assert_uint_eq(type, there[n]);
		ck_assert(nsec_has_type(&nsec, type));
	}
	ck_assert_uint_eq(n, 5);
	for (size_t i = 0; i < sizeof(not_there) / sizeof(uint16_t); i++)
		ck_assert_msg(
		    !nsec_has_type(&nsec, not_there[i]), "%u", not_there[i]);
}
END_TEST

START_TEST(same)
{
	static const struct {
		const char *says;
		struct nsec3_params params;
		bool same;
	} rows[] = {
	    {"the same", {5, 1, 2, (const uint8_t *)"ss"}, true},
	    {"other iterations", {6, 1, 2, (const uint8_t *)"ss"}, false},
	    {"another algorithm", {5, 2, 2, (const uint8_t *)"ss"}, false},
	    {"a longer salt", {5, 1, 3, (const uint8_t *)"sss"}, false},
	    {"another salt", {5, 1, 2, (const uint8_t *)"st"}, false},
	    {"no salt", {5, 1, 0, NULL}, false},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		ck_assert_msg(nsec3_same(&rows[0].params, &rows[i].params) ==
			rows[i].same,
		    "%s", rows[i].says);
	ck_assert(nsec3_same(&rows[5].params, &rows[5].params));
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("dns_nsec");
	TCase *tcase = tcase_create("nsec");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_test(tcase, hash);
	tcase_add_test(tcase, longest);
	tcase_add_test(tcase, from_label);
	tcase_add_test(tcase, fields);
	tcase_add_test(tcase, types);
	tcase_add_test(tcase, same);
	suite_add_tcase(suite, tcase);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
