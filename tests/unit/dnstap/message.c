/* Messages of dnstap and the frames around them: what is written is read again,
 * what is too long is not written, and what is no frame is told. */
#include "dnstap/message.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "dnstap/frames.h"

static uint8_t room[DNSTAP_FRAME_MAX];

static struct dnstap_octets
octets(const char *text)
{
	return (struct dnstap_octets){(const uint8_t *)text, strlen(text)};
}

static struct dnstap_message
example(void)
{
	return (struct dnstap_message){
	    .response = true,
	    .stream = true,
	    .client = {{6, {0x20, 1, 0x0d, 0xb8, [15] = 1}}, 4711},
	    .server = {{6, {0x20, 1, 0x0d, 0xb8, [15] = 2}}, 53},
	    .query_ns = INT64_C(1700000000123456789),
	    .response_ns = INT64_C(1700000000999999999),
	    .query = octets("the query"),
	    .answer = octets("the response"),
	    .identity = octets("ns1"),
	    .version = octets("meridian"),
	    .extra = octets("service=a"),
	};
}

static void
same(const struct dnstap_octets *a, const struct dnstap_octets *b)
{
	ck_assert_uint_eq(a->len, b->len);
	if (a->len > 0)
		ck_assert_mem_eq(a->data, b->data, a->len);
}

START_TEST(what_is_packed_is_unpacked)
{
	struct dnstap_message m = example(), out;
	size_t n = dnstap_pack(&m, room, sizeof(room));
	void *data = dnstap_unpack(room, n, &out);

	ck_assert_ptr_nonnull(data);
	ck_assert(out.response && out.stream);
	ck_assert(address_equal(&out.client.address, &m.client.address));
	ck_assert(address_equal(&out.server.address, &m.server.address));
	ck_assert_uint_eq(out.client.port, 4711);
	ck_assert_uint_eq(out.server.port, 53);
	ck_assert_int_eq(out.query_ns, m.query_ns);
	ck_assert_int_eq(out.response_ns, m.response_ns);
	same(&out.query, &m.query);
	same(&out.answer, &m.answer);
	same(&out.identity, &m.identity);
	same(&out.version, &m.version);
	same(&out.extra, &m.extra);
	dnstap_free(data);
}
END_TEST

START_TEST(a_query_has_no_response)
{
	struct dnstap_message m = {.client = {{4, {192, 0, 2, 1}}, 5},
				  .query_ns = 1,
				  .query = octets("q")},
			      out;
	size_t n = dnstap_pack(&m, room, sizeof(room));
	void *data = dnstap_unpack(room, n, &out);

	ck_assert_ptr_nonnull(data);
	ck_assert(!out.response && !out.stream);
	ck_assert_uint_eq(out.client.address.family, 4);
	ck_assert_uint_eq(out.server.address.family, 0);
	ck_assert_int_eq(out.response_ns, 0);
	ck_assert_ptr_null(out.answer.data);
	ck_assert_ptr_null(out.extra.data);
	dnstap_free(data);
}
END_TEST

/* Not an octet is written behind the room. */
START_TEST(what_does_not_fit_is_not_written)
{
	struct dnstap_message m = example();
	size_t n = dnstap_pack(&m, room, sizeof(room));
	uint8_t *exact = malloc(n);

	ck_assert_uint_eq(dnstap_pack(&m, exact, n), n);
	for (size_t less = 0; less < n; less++)
		ck_assert_uint_eq(dnstap_pack(&m, exact, less), 0);
	free(exact);
}
END_TEST

START_TEST(the_longest_messages_fit)
{
	static uint8_t longest[65535];
	struct dnstap_message m = example();

	m.query = m.answer = (struct dnstap_octets){longest, sizeof(longest)};
	ck_assert_uint_gt(dnstap_pack(&m, room, sizeof(room) - FRAMES_HEAD), 0);
}
END_TEST

/* Each beginning of a frame, and each frame with one octet changed. */
START_TEST(what_is_no_message_is_refused)
{
	struct dnstap_message m = example(), out;
	size_t n = dnstap_pack(&m, room, sizeof(room));

	ck_assert_ptr_null(dnstap_unpack(room, DNSTAP_FRAME_MAX + 1, &out));
	for (size_t i = 0; i < n; i++) {
		uint8_t *copy = malloc(i + 1);

		memcpy(copy, room, i + 1);
		if (i + 1 < n)
			ck_assert_ptr_null(dnstap_unpack(copy, i, &out));
		free(copy);
	}
	for (size_t i = 0; i < n; i++) {
		room[i] ^= 0xff;
		dnstap_free(dnstap_unpack(room, n, &out));
		room[i] ^= 0xff;
	}
}
END_TEST

START_TEST(control_frames)
{
	uint8_t frame[FRAMES_CONTROL_MAX];
	struct frames_item item;

	for (enum frames_control c = FRAMES_READY; c < FRAMES_UNKNOWN; c++) {
		size_t n = frames_put_control(c, frame);

		ck_assert_uint_gt(n, 8);
		for (size_t i = 0; i < n; i++)
			ck_assert_int_eq(
			    frames_next(frame, i, &item), FRAMES_MORE);
		ck_assert_int_eq(frames_next(frame, n, &item), FRAMES_CONTROL);
		ck_assert_int_eq(item.control, c);
		ck_assert_uint_eq(item.size, n);
	}
	/* Of another content. */
	frames_put_control(FRAMES_START, frame);
	frame[20] ^= 1;
	ck_assert_int_eq(
	    frames_next(frame, sizeof(frame), &item), FRAMES_CONTROL);
	ck_assert_int_eq(item.control, FRAMES_UNKNOWN);
	/* Longer than any. */
	memset(frame + 4, 0xff, 4);
	ck_assert_int_eq(frames_next(frame, sizeof(frame), &item), FRAMES_BAD);
}
END_TEST

START_TEST(data_frames)
{
	uint8_t frame[9] = {0};
	struct frames_item item;

	frames_put_head(frame, 5);
	ck_assert_int_eq(frames_next(frame, 8, &item), FRAMES_MORE);
	ck_assert_uint_eq(item.size, 9);
	ck_assert_int_eq(frames_next(frame, 9, &item), FRAMES_DATA);
	ck_assert_ptr_eq(item.data, frame + 4);
	ck_assert_uint_eq(item.len, 5);
	frames_put_head(frame, DNSTAP_FRAME_MAX + 1);
	ck_assert_int_eq(frames_next(frame, 9, &item), FRAMES_BAD);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("dnstap_message");
	TCase *tcase = tcase_create("message");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_test(tcase, what_is_packed_is_unpacked);
	tcase_add_test(tcase, a_query_has_no_response);
	tcase_add_test(tcase, what_does_not_fit_is_not_written);
	tcase_add_test(tcase, the_longest_messages_fit);
	tcase_add_test(tcase, what_is_no_message_is_refused);
	tcase_add_test(tcase, control_frames);
	tcase_add_test(tcase, data_frames);
	suite_add_tcase(suite, tcase);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
