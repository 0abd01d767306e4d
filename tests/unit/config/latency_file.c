/* Files of round trips as operators make them, and what is said of those with
 * mistakes. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/latency_file.h"

static const char *const names[] = {"ap-south", "eu-west", "us-east"};
static const struct latency_regions regions = {names, 3};

static struct errbuf eb;
static struct latency_file file;

static int
read_text(const char *text)
{
	errbuf_init(&eb);
	return latency_file_read("f", text, strlen(text), &regions, &file, &eb);
}

/* All that was read, a line for each. */
static const char *
all(void)
{
	static char text[1024];
	char client[ADDRESS_TEXT];
	size_t len = 0;

	text[0] = '\0';
	for (size_t i = 0; i < file.n; i++)
		len += (size_t)snprintf(text + len, sizeof(text) - len,
		    "%s %s %u %u\n",
		    latency_file_show(&file.measures[i], client),
		    names[file.measures[i].region], file.measures[i].us,
		    file.measures[i].samples);
	return text;
}

static const struct {
	const char *says, *text, *is;
} good[] = {
    {"a prefix, a country and an AS number",
	"192.0.2.0/24,eu-west,12.5,40\nDE,eu-west,20,1\nAS64500,us-east,9,7\n",
	"192.0.2.0/24 eu-west 12500 40\nAS64500 us-east 9000 7\n"
	"DE eu-west 20000 1\n"},
    {"samples are one where nobody says", "DE,eu-west,20\nFR,eu-west,20,\n",
	"DE eu-west 20000 1\nFR eu-west 20000 1\n"},
    {"blanks, comments, empty lines, CR and no end of the last line",
	"# by hand\r\n\r\n  DE ,\teu-west , 20 , 3 # office\r\n64500,us-east,1",
	"AS64500 us-east 1000 1\nDE eu-west 20000 3\n"},
    {"a line of titles", "prefix,region,milliseconds,samples\nDE,eu-west,20\n",
	"DE eu-west 20000 1\n"},
    {"titles of a spreadsheet",
	"\xef\xbb\xbf\"client\",\"region\",\"ms\",\"n\"\r\n"
	"\"DE\",\"eu-west\",\"20.25\",\"3\"\r\n",
	"DE eu-west 20250 3\n"},
    {"lower case of countries and AS numbers", "de,eu-west,20\nas1,eu-west,2\n",
	"AS1 eu-west 2000 1\nDE eu-west 20000 1\n"},
    {"IPv6, in its one form", "2001:DB8:0::/48,eu-west,20\n",
	"2001:db8::/48 eu-west 20000 1\n"},
    {"prefixes longer than count, and addresses, count to theirs",
	"192.0.2.128/25,eu-west,10,1\n192.0.2.7,eu-west,40,2\n"
	"2001:db8::1,us-east,5\n",
	"192.0.2.0/24 eu-west 30000 3\n2001:db8::/48 us-east 5000 1\n"},
    {"twice the same: the mean by samples",
	"DE,eu-west,10,30\nDE,eu-west,50,10\n", "DE eu-west 20000 40\n"},
    {"more decimals than count", "DE,eu-west,12.3456789\n",
	"DE eu-west 12345 1\n"},
    {"what takes an hour to measure", "DE,eu-west,0.001,2147483647\n",
	"DE eu-west 1 2147483647\n"},
};

START_TEST(what_operators_write_is_read)
{
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		int status = read_text(good[i].text);

		ck_assert_msg(status == 0, "%s: %s", good[i].says, eb.text);
		ck_assert_msg(strcmp(all(), good[i].is) == 0,
		    "%s:\nwanted:\n%sgot:\n%s", good[i].says, good[i].is,
		    all());
		latency_file_finish(&file);
	}
}
END_TEST

static const struct {
	const char *says, *text, *error;
} bad[] = {
    {"semicolons of a spreadsheet", "DE;eu-west;20;3\n",
	"f:1:1: error: fields are separated by commas: prefix or country or AS "
	"number, region, milliseconds and perhaps samples, with commas\n"},
    {"a region that is none", "DE,eu-wset,20\n",
	"f:1:4: error: \"eu-wset\": no steering file of this node has such a "
	"region; did you mean eu-west?\n"},
    {"a region far from all", "DE,mars,20\n",
	"f:1:4: error: \"mars\": no steering file of this node has such a "
	"region\n"},
    {"a unit", "DE,eu-west, 20ms\n",
	"f:1:13: error: \"20ms\": expected milliseconds, a number without a "
	"unit (12.5)\n"},
    {"microseconds", "DE,eu-west,125000\n",
	"f:1:12: error: \"125000\": a round trip takes more than 0 and at most "
	"60000 milliseconds\n"},
    {"nothing measured", "DE,eu-west,0,4\n",
	"f:1:12: error: \"0\": a round trip takes more than 0 and at most "
	"60000 milliseconds\n"},
    {"before the beginning", "DE,eu-west,-3\n",
	"f:1:12: error: \"-3\": a round trip takes more than 0 and at most "
	"60000 milliseconds\n"},
    {"no samples", "DE,eu-west,20,0\n",
	"f:1:15: error: \"0\": expected how many samples the milliseconds were "
	"made from, 1 to 2147483647\n"},
    {"the address of a host with the length of its network",
	"192.0.2.7/24,eu-west,20\n",
	"f:1:1: error: \"192.0.2.7/24\": it has bits after its length: "
	"192.0.2.0/24 holds it\n"},
    {"a country that ISO calls otherwise", "UK,eu-west,20\n",
	"f:1:1: error: \"UK\": there is no such country in ISO 3166-1, which "
	"has GB\n"},
    {"a country in words", "Germany,eu-west,20\n",
	"f:1:1: error: \"Germany\": expected a prefix (192.0.2.0/24, "
	"2001:db8::/48), an AS number (AS64500) or a country (DE)\n"},
    {"AS 0", "AS0,eu-west,20\n",
	"f:1:1: error: \"AS0\": an AS number is AS1 to AS4294967295\n"},
    {"IPv4 inside IPv6", "::ffff:192.0.2.0/120,eu-west,20\n",
	"f:1:1: error: \"::ffff:192.0.2.0/120\": clients with IPv4 are written "
	"as IPv4: 192.0.2.0/24\n"},
    {"too few", "# x\nDE,eu-west\n",
	"f:2:1: error: expected prefix or country or AS number, region, "
	"milliseconds and perhaps samples, with commas; found 2 fields\n"},
    {"too many", "DE,eu-west,20,1,today\n",
	"f:1:17: error: expected prefix or country or AS number, region, "
	"milliseconds and perhaps samples, with commas; found 5 fields\n"},
    {"columns in another order", "region,prefix,ms\n",
	"f:1:1: error: \"region\": the columns are prefix or country or asn, "
	"region, milliseconds, samples\n"},
    {"titles that come later", "DE,eu-west,20\nclient,eu-west,ms\n",
	"f:2:1: error: \"client\": expected a prefix (192.0.2.0/24, "
	"2001:db8::/48), an AS number (AS64500) or a country (DE)\n"
	"f:2:16: error: \"ms\": expected milliseconds, a number without a unit "
	"(12.5)\n"},
    {"octets that nobody can print", "D\x01\xff,eu-west,20\n",
	"f:1:1: error: \"D??\": expected a prefix (192.0.2.0/24, "
	"2001:db8::/48), an AS number (AS64500) or a country (DE)\n"},
};

START_TEST(mistakes_are_shown_with_what_would_be_right)
{
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		ck_assert_msg(read_text(bad[i].text) == -1, "%s", bad[i].says);
		ck_assert_msg(strcmp(eb.text, bad[i].error) == 0,
		    "%s:\nwanted:\n%sgot:\n%s", bad[i].says, bad[i].error,
		    eb.text);
		ck_assert_ptr_null(file.measures);
	}
}
END_TEST

START_TEST(all_mistakes_are_counted_and_as_many_shown_as_there_is_room_for)
{
	static char text[64 * 1000];
	size_t len = 0;

	for (int i = 0; i < 3000; i++)
		len += (size_t)snprintf(
		    text + len, sizeof(text) - len, "DE,eu-west,x\n");
	ck_assert_int_eq(read_text(text), -1);
	ck_assert_uint_eq(eb.errors, 3000);
	ck_assert_uint_gt(eb.lost, 0);
	ck_assert_ptr_nonnull(strstr(eb.text, "f:1:12: error"));
	ck_assert_ptr_nonnull(strstr(eb.text, "f:100:12: error"));
}
END_TEST

START_TEST(a_text_in_utf16_is_called_so)
{
	errbuf_init(&eb);
	ck_assert_int_eq(latency_file_read("f",
			     "\xff\xfe"
			     "D\0E\0",
			     6, &regions, &file, &eb),
	    -1);
	ck_assert_str_eq(eb.text,
	    "f: error: is UTF-16: save it as UTF-8 or as plain text\n");
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("config/latency_file");
	TCase *tc = tcase_create("files");
	SRunner *runner;
	int failed;

	tcase_add_test(tc, what_operators_write_is_read);
	tcase_add_test(tc, mistakes_are_shown_with_what_would_be_right);
	tcase_add_test(tc,
	    all_mistakes_are_counted_and_as_many_shown_as_there_is_room_for);
	tcase_add_test(tc, a_text_in_utf16_is_called_so);
	suite_add_tcase(suite, tc);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed > 0;
}
