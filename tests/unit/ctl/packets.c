/* Queries in recorded files: of packets over each kind of link, in both orders
 * of octets; of dnstap; and the query that a response shows. */
#include "ctl/packets.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "dns/wire/wire.h"

/* A for one.example., as a query, with a client subnet. */
static const uint8_t query[] = {0x12, 0x34, 1, 0, 0, 1, 0, 0, 0, 0, 0, 1, 3,
    'o', 'n', 'e', 7, 'e', 'x', 'a', 'm', 'p', 'l', 'e', 0, 0, 1, 0, 1, 0, 0,
    41, 0x04, 0xd0, 0, 0, 0, 0, 0, 11, 0, 8, 0, 7, 0, 1, 24, 0, 192, 0, 2};

static struct address last;
static uint8_t taken[512];
static size_t taken_len;

static void
take(void *context, const struct address *client, bool stream,
    const uint8_t *message, size_t len)
{
	int *n = context;

	ck_assert(!stream);
	ck_assert_uint_le(len, sizeof(taken));
	last = *client;
	memcpy(taken, message, len);
	taken_len = len;
	(*n)++;
}

/* An IPv4 or IPv6 packet with the query to ${port}; its octets. */
static size_t
put_ip(uint8_t *p, int family, uint16_t port)
{
	static const uint8_t sender_ipv4[] = {203, 0, 113, 7};
	static const uint8_t sender_ipv6[] = {0x20, 0x01, 0x0d, 0xb8};
	size_t head = family == 4 ? 20 : 40, udp = 8 + sizeof(query);

	memset(p, 0, head + 8);
	if (family == 4) {
		p[0] = 0x45;
		wire_put16(p + 2, (uint16_t)(head + udp));
		p[9] = 17;
		memcpy(p + 12, sender_ipv4, sizeof(sender_ipv4));
	} else {
		p[0] = 0x60;
		wire_put16(p + 4, (uint16_t)udp);
		p[6] = 17;
		memcpy(p + 8, sender_ipv6, sizeof(sender_ipv6));
	}
	wire_put16(p + head + 2, port);
	wire_put16(p + head + 4, (uint16_t)udp);
	memcpy(p + head + 8, query, sizeof(query));
	return head + udp;
}

static void
put(uint8_t *p, bool little, uint32_t n)
{
	for (unsigned i = 0; i < 4; i++)
		p[i] = (uint8_t)(n >> 8 * (little ? i : 3 - i));
}

/* A file of one packet behind ${head} octets of a link; its octets. */
static size_t
put_pcap(uint8_t *p, bool little, uint32_t link, const char *head,
    size_t head_len, int family, uint16_t port)
{
	size_t n;

	memset(p, 0, 40);
	put(p, little, 0xa1b2c3d4);
	put(p + 20, little, link);
	memcpy(p + 40, head, head_len);
	n = head_len + put_ip(p + 40 + head_len, family, port);
	put(p + 24 + 8, little, (uint32_t)n);
	return 40 + n;
}

static int
read_all(const uint8_t *p, size_t len, struct packets_found *found)
{
	int n = 0;

	ck_assert_int_eq(packets_read(p, len, take, &n, found), 0);
	ck_assert_uint_eq(found->queries, (uint64_t)n);
	return n;
}

static const struct {
	uint32_t link;
	size_t head_len;
	const char *head;
} links[] = {
    {1, 14, "\0\0\0\0\0\0\0\0\0\0\0\0\x08"},
    {1, 18, "\0\0\0\0\0\0\0\0\0\0\0\0\x81\0\0\1\x08"},
    {113, 16, "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x08"},
    {276, 20, "\x08\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"},
    {101, 0, ""},
    {0, 4, "\2\0\0"},
};

START_TEST(packets_of_each_link)
{
	static uint8_t file[512];
	struct packets_found found;

	for (int little = 0; little < 2; little++)
		for (int family = 4; family <= 6; family += 2) {
			size_t n = put_pcap(file, little, links[_i].link,
			    links[_i].head, links[_i].head_len, family, 53);

			ck_assert_int_eq(read_all(file, n, &found), 1);
			ck_assert(!found.cut);
			ck_assert_uint_eq(found.skipped, 0);
			ck_assert_int_eq(last.family, family);
			ck_assert_int_eq(
			    last.bytes[0], family == 4 ? 203 : 0x20);
			ck_assert_uint_eq(taken_len, sizeof(query));
			ck_assert_mem_eq(taken, query, sizeof(query));
			/* Another port, and an end in the middle. */
			n = put_pcap(file, little, links[_i].link,
			    links[_i].head, links[_i].head_len, family, 54);
			ck_assert_int_eq(read_all(file, n, &found), 0);
			ck_assert_uint_eq(found.skipped, 1);
			ck_assert_int_eq(read_all(file, n - 1, &found), 0);
			ck_assert(found.cut);
		}
}
END_TEST

START_TEST(other_files_are_refused)
{
	struct packets_found found;
	int n = 0;

	ck_assert_int_eq(packets_read(query, 0, take, &n, &found), -1);
	ck_assert_int_eq(
	    packets_read(query, sizeof(query), take, &n, &found), -1);
	ck_assert_int_eq(n, 0);
}
END_TEST

/* An answer and an OPT whose subnet has a scope. */
START_TEST(a_response_shows_its_query)
{
	static const uint8_t record[] = {
	    0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 192, 0, 2, 1};
	const size_t end = 29; /* of the question */
	uint8_t response[sizeof(query) + sizeof(record)];
	uint8_t question[PACKETS_QUESTION];

	memcpy(response, query, end);
	memcpy(response + end, record, sizeof(record));
	memcpy(
	    response + end + sizeof(record), query + end, sizeof(query) - end);
	response[2] = 0x85;
	response[3] = 0;
	response[7] = 1;
	response[sizeof(response) - 4] = 20;
	ck_assert_uint_eq(
	    packets_question(response, sizeof(response), question),
	    sizeof(query));
	ck_assert_mem_eq(question, query, sizeof(query));
	/* Without the rest the question alone is shown; without that nothing.
	 */
	for (size_t len = 0; len < sizeof(response); len++) {
		uint8_t *copy = malloc(len + 1);

		memcpy(copy, response, len);
		ck_assert_uint_eq(
		    packets_question(copy, len, question), len < end ? 0 : end);
		free(copy);
	}
	/* A query is none. */
	ck_assert_uint_eq(packets_question(query, sizeof(query), question), 0);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("ctl_packets");
	TCase *tcase = tcase_create("packets");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_loop_test(tcase, packets_of_each_link, 0,
	    (int)(sizeof(links) / sizeof(links[0])));
	tcase_add_test(tcase, other_files_are_refused);
	tcase_add_test(tcase, a_response_shows_its_query);
	suite_add_tcase(suite, tcase);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
