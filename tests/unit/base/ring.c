/* The ring: order, room, its end, and two threads at once. */
#include "base/ring.h"

#include <check.h>
#include <pthread.h>
#include <sched.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define SIZE 256
#define MANY 200000

static bool
put(struct ring *r, const char *text)
{
	size_t len = strlen(text);
	void *room = ring_room(r, len);

	if (room == NULL)
		return false;
	memcpy(room, text, len);
	ring_put(r);
	return true;
}

static void
take(struct ring *r, const char *text)
{
	size_t len;
	const void *data = ring_first(r, &len);

	ck_assert_ptr_nonnull(data);
	ck_assert_uint_eq(len, strlen(text));
	ck_assert(memcmp(data, text, len) == 0);
	ring_take(r);
}

START_TEST(records_come_in_their_order)
{
	struct ring *r = ring_create(SIZE);
	size_t len;

	ck_assert_ptr_null(ring_first(r, &len));
	ck_assert(put(r, "one"));
	ck_assert(put(r, ""));
	ck_assert(put(r, "a third one"));
	take(r, "one");
	take(r, "");
	take(r, "a third one");
	ck_assert_ptr_null(ring_first(r, &len));
	ring_destroy(r);
}
END_TEST

START_TEST(a_full_ring_gives_no_room)
{
	struct ring *r = ring_create(SIZE);
	int n = 0;

	ck_assert_ptr_null(ring_room(r, SIZE));
	ck_assert_ptr_nonnull(ring_room(r, SIZE - 8));
	/* What was not put is not there. */
	while (put(r, "eight by"))
		n++;
	ck_assert_int_eq(n, SIZE / 16);
	take(r, "eight by");
	ck_assert(put(r, "again"));
	ck_assert(!put(r, "and full"));
	ring_destroy(r);
}
END_TEST

/* Records of all lengths meet the end of the ring at all places. */
START_TEST(records_stay_whole_at_the_end)
{
	struct ring *r = ring_create(SIZE);
	char text[120];

	for (size_t i = 0; i < 5000; i++) {
		size_t len = i * 7 % 113;

		memset(text, 'a' + (int)(i % 26), len);
		text[len] = '\0';
		ck_assert(put(r, text));
		take(r, text);
	}
	ring_destroy(r);
}
END_TEST

static void *
write_many(void *ring)
{
	for (uint32_t i = 0; i < MANY;) {
		uint32_t *room = ring_room(ring, 4 + i % 40);

		if (room == NULL) {
			sched_yield();
			continue;
		}
		memset(room, (int)(i & 0xff), 4 + i % 40);
		memcpy(room, &i, sizeof(i));
		ring_put(ring);
		i++;
	}
	return NULL;
}

START_TEST(two_threads)
{
	struct ring *r = ring_create(1024);
	pthread_t writer;

	ck_assert_int_eq(pthread_create(&writer, NULL, write_many, r), 0);
	for (uint32_t i = 0; i < MANY;) {
		size_t len;
		const unsigned char *data = ring_first(r, &len);
		uint32_t number;

		if (data == NULL) {
			sched_yield();
			continue;
		}
		memcpy(&number, data, sizeof(number));
		ck_assert_uint_eq(number, i);
		ck_assert_uint_eq(len, 4 + i % 40);
		for (size_t at = 4; at < len; at++)
			ck_assert_uint_eq(data[at], i & 0xff);
		ring_take(r);
		i++;
	}
	pthread_join(writer, NULL);
	ring_destroy(r);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("ring");
	TCase *c = tcase_create("ring");
	SRunner *sr;
	int failed;

	tcase_set_timeout(c, 60);
	tcase_add_test(c, records_come_in_their_order);
	tcase_add_test(c, a_full_ring_gives_no_room);
	tcase_add_test(c, records_stay_whole_at_the_end);
	tcase_add_test(c, two_threads);
	suite_add_tcase(s, c);
	sr = srunner_create(s);
	srunner_run_all(sr, CK_NORMAL);
	failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return failed == 0 ? 0 : 1;
}
