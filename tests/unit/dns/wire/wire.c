/* The cursor that writes a message: what does not fit is not written at all. */
#include <check.h>
#include <stdlib.h>

#include "dns/wire/wire.h"

START_TEST(overflow_sticks)
{
	uint8_t room[8] = {0};
	struct writer w = {.data = room, .room = 6};

	writer_bytes(&w, "abcd", 4);
	ck_assert_uint_eq(w.len, 4);
	writer_bytes(&w, "efg", 3);
	ck_assert(w.full);
	/* What would fit comes too late: something is missing before it. */
	writer_bytes(&w, "h", 1);
	ck_assert_ptr_null(writer_take(&w, 0));
	ck_assert_uint_eq(w.len, 4);
	ck_assert_mem_eq(room, "abcd\0\0\0\0", 8);
}
END_TEST

START_TEST(to_the_last_octet)
{
	uint8_t room[4] = {0};
	struct writer w = {.data = room, .room = 3};

	ck_assert_ptr_eq(writer_take(&w, 3), room);
	ck_assert_ptr_nonnull(writer_take(&w, 0));
	ck_assert(!w.full);
}
END_TEST

START_TEST(network_order)
{
	uint8_t octets[4];

	wire_put32(octets, 0x01020304);
	ck_assert_mem_eq(octets, "\1\2\3\4", 4);
	ck_assert_uint_eq(wire_get32(octets), 0x01020304);
	wire_put16(octets, 0xfffe);
	ck_assert_uint_eq(wire_get16(octets), 0xfffe);
	ck_assert_uint_eq(wire_get32(octets), 0xfffe0304);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("dns_wire");
	TCase *tc = tcase_create("wire");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_test(tc, overflow_sticks);
	tcase_add_test(tc, to_the_last_octet);
	tcase_add_test(tc, network_order);
	suite_add_tcase(suite, tc);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
