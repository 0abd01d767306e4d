/* Hexadecimal, base 32 and base 64 against the vectors of RFC 4648, 10, and
 * texts that only look like them. */
#include <check.h>
#include <stdio.h>
#include <string.h>

#include "base/codec.h"

static const struct {
	enum codec codec;
	const char *octets, *text;
} vectors[] = {
    {CODEC_BASE64, "", ""},
    {CODEC_BASE64, "f", "Zg=="},
    {CODEC_BASE64, "fo", "Zm8="},
    {CODEC_BASE64, "foo", "Zm9v"},
    {CODEC_BASE64, "foob", "Zm9vYg=="},
    {CODEC_BASE64, "fooba", "Zm9vYmE="},
    {CODEC_BASE64, "foobar", "Zm9vYmFy"},
    {CODEC_BASE64, "\xfb\xff\xbf", "+/+/"},
    {CODEC_BASE32HEX, "", ""},
    {CODEC_BASE32HEX, "f", "co"},
    {CODEC_BASE32HEX, "fo", "cpng"},
    {CODEC_BASE32HEX, "foo", "cpnmu"},
    {CODEC_BASE32HEX, "foob", "cpnmuog"},
    {CODEC_BASE32HEX, "fooba", "cpnmuoj1"},
    {CODEC_BASE32HEX, "foobar", "cpnmuoj1e8"},
    {CODEC_HEX, "", ""},
    {CODEC_HEX, "f", "66"},
    {CODEC_HEX, "foobar", "666f6f626172"},
    {CODEC_HEX, "\xab\xcd\xef", "abcdef"},
};

START_TEST(test_vectors)
{
	const char *octets = vectors[_i].octets, *text = vectors[_i].text;
	size_t len = strlen(octets), n = 0;
	char out[CODEC_TEXT(8)];
	uint8_t back[8];

	ck_assert_str_eq(
	    codec_encode(vectors[_i].codec, octets, len, out), text);
	ck_assert_uint_lt(strlen(out), CODEC_TEXT(len));
	ck_assert_int_eq(
	    codec_decode(vectors[_i].codec, text, strlen(text), back, len, &n),
	    0);
	ck_assert_uint_eq(n, len);
	ck_assert_mem_eq(back, octets, len);
	/* One octet more than there is room for. */
	if (len > 0)
		ck_assert_int_eq(codec_decode(vectors[_i].codec, text,
				     strlen(text), back, len - 1, &n),
		    -1);
}
END_TEST

START_TEST(test_case)
{
	uint8_t out[8];
	size_t n;

	ck_assert_int_eq(codec_decode(CODEC_HEX, "aBCdEf", 6, out, 8, &n), 0);
	ck_assert_mem_eq(out, "\xab\xcd\xef", 3);
	ck_assert_int_eq(
	    codec_decode(CODEC_BASE32HEX, "CPnMUoj1", 8, out, 8, &n), 0);
	ck_assert_mem_eq(out, "fooba", 5);
}
END_TEST

static const struct {
	enum codec codec;
	const char *text, *why;
} refused[] = {
    {CODEC_HEX, "a", "half an octet"},
    {CODEC_HEX, "0g", "no digit"},
    {CODEC_HEX, "a b0", "a blank"},
    {CODEC_HEX, "00=", "no padding in hexadecimal"},
    {CODEC_HEX, "@`", "the neighbours of the letters"},
    {CODEC_BASE32HEX, "c", "a digit that gives no octet"},
    {CODEC_BASE32HEX, "cp1", "a digit that gives no octet"},
    {CODEC_BASE32HEX, "cp", "bits that are lost"},
    {CODEC_BASE32HEX, "cw", "no digit"},
    {CODEC_BASE32HEX, "co======", "padding"},
    {CODEC_BASE64, "Zg", "padding that is missing"},
    {CODEC_BASE64, "Zg=", "padding cut short"},
    {CODEC_BASE64, "Zg===", "padding too long"},
    {CODEC_BASE64, "Z===", "padding for a digit that gives nothing"},
    {CODEC_BASE64, "====", "padding alone"},
    {CODEC_BASE64, "Zg==Zg==", "a text after its end"},
    {CODEC_BASE64, "Zg=g", "a digit after padding"},
    {CODEC_BASE64, "Zh==", "bits that are lost"},
    {CODEC_BASE64, "Zm9=", "bits that are lost"},
    {CODEC_BASE64, "Zm-v", "the alphabet of URLs"},
    {CODEC_BASE64, "Zm 9v", "a blank"},
};

START_TEST(test_refused)
{
	uint8_t out[16];
	size_t n = 99;

	ck_assert_msg(codec_decode(refused[_i].codec, refused[_i].text,
			  strlen(refused[_i].text), out, sizeof(out), &n) == -1,
	    "\"%s\": %s", refused[_i].text, refused[_i].why);
	ck_assert_uint_eq(n, 99);
}
END_TEST

/* Every octet through every alphabet and back, at each place of a group. */
START_TEST(test_all_octets)
{
	static const enum codec codecs[] = {
	    CODEC_HEX, CODEC_BASE32HEX, CODEC_BASE64};

	for (unsigned octet = 0; octet < 256; octet++)
		for (size_t len = 1; len <= 8; len++) {
			char text[CODEC_TEXT(8)];
			uint8_t data[8], back[8];
			size_t n;

			memset(data, (int)octet, sizeof(data));
			codec_encode(codecs[_i], data, len, text);
			ck_assert_int_eq(codec_decode(codecs[_i], text,
					     strlen(text), back, 8, &n),
			    0);
			ck_assert_uint_eq(n, len);
			ck_assert_mem_eq(back, data, len);
		}
}
END_TEST

#define ROWS(table) ((int)(sizeof(table) / sizeof((table)[0])))

int
main(void)
{
	Suite *suite = suite_create("base_codec");
	TCase *tc = tcase_create("codec");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_loop_test(tc, test_vectors, 0, ROWS(vectors));
	tcase_add_test(tc, test_case);
	tcase_add_loop_test(tc, test_refused, 0, ROWS(refused));
	tcase_add_loop_test(tc, test_all_octets, 0, 3);
	suite_add_tcase(suite, tc);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
