/*
 * Who is connected: how many connections a client has, and which goes when
 * there is no room.
 */
#include "dns/serve/crowd.h"

#include <check.h>
#include <stdbool.h>
#include <stdlib.h>

static struct crowd_total *total;
static struct crowd *crowd;

static void
setup(void)
{
	total = crowd_total_create(42);
	crowd = crowd_create(total);
	ck_assert(total != NULL && crowd != NULL);
}

static void
teardown(void)
{
	crowd_destroy(crowd);
	crowd_total_destroy(total);
}

static struct address
client(unsigned n)
{
	return (struct address){
	    .family = 4, .bytes = {10, (uint8_t)(n >> 8), (uint8_t)n, 0}};
}

static unsigned
join(struct crowd *c, struct crowd_member *m, unsigned n)
{
	struct address a = client(n);

	return crowd_join(c, m, &a);
}

/* A client is counted over all workers, and apart from others. */
START_TEST(counts_a_client_over_all_workers)
{
	struct crowd *other = crowd_create(total);
	struct crowd_member m[6];

	ck_assert_ptr_nonnull(other);
	ck_assert_uint_eq(join(crowd, &m[0], 1), 1);
	ck_assert_uint_eq(join(other, &m[1], 1), 2);
	ck_assert_uint_eq(join(crowd, &m[2], 1), 3);
	ck_assert_uint_eq(join(crowd, &m[3], 2), 1);
	crowd_leave(other, &m[1]);
	ck_assert_uint_eq(join(crowd, &m[1], 1), 3);
	crowd_leave(crowd, &m[0]);
	crowd_leave(crowd, &m[1]);
	crowd_leave(crowd, &m[2]);
	crowd_leave(crowd, &m[3]);
	ck_assert_ptr_null(crowd_worst(crowd));
	ck_assert_uint_eq(join(crowd, &m[0], 1), 1);
	crowd_leave(crowd, &m[0]);
	crowd_destroy(other);
}
END_TEST

/* The same octets are another client in another family. */
START_TEST(tells_families_apart)
{
	struct address four = {.family = 4, .bytes = {32, 1}};
	struct address six = {.family = 6, .bytes = {32, 1}};
	struct crowd_member a, b, c;

	crowd_join(crowd, &a, &four);
	ck_assert_uint_eq(crowd_join(crowd, &b, &six), 1);
	ck_assert_uint_eq(crowd_join(crowd, &c, &six), 2);
	crowd_leave(crowd, &a);
	crowd_leave(crowd, &b);
	crowd_leave(crowd, &c);
}
END_TEST

/* The most crowded client loses first; of equals the one silent for longest. */
START_TEST(chooses_who_goes)
{
	struct crowd_member lone, two[2], three[3];

	join(crowd, &lone, 1);
	for (int i = 0; i < 3; i++)
		join(crowd, &three[i], 3);
	for (int i = 0; i < 2; i++)
		join(crowd, &two[i], 2);
	ck_assert_ptr_eq(crowd_worst(crowd), &three[0]);
	crowd_touch(crowd, &three[0]);
	ck_assert_ptr_eq(crowd_worst(crowd), &three[1]);
	crowd_leave(crowd, &three[1]);
	/* Two each now; the other client was heard before. */
	ck_assert_ptr_eq(crowd_worst(crowd), &two[0]);
	crowd_touch(crowd, &two[0]);
	ck_assert_ptr_eq(crowd_worst(crowd), &three[2]);
	crowd_leave(crowd, &three[2]);
	ck_assert_ptr_eq(crowd_worst(crowd), &two[1]);
	crowd_leave(crowd, &two[1]);
	ck_assert_ptr_eq(crowd_worst(crowd), &lone);
	crowd_leave(crowd, &lone);
	crowd_leave(crowd, &two[0]);
	ck_assert_ptr_eq(crowd_worst(crowd), &three[0]);
	crowd_leave(crowd, &three[0]);
	ck_assert_ptr_null(crowd_worst(crowd));
}
END_TEST

#define CLIENTS 300
#define MEMBERS 3000

/* Against counts kept by hand, over random comings and goings. */
START_TEST(counts_right_at_random)
{
	static struct crowd_member m[MEMBERS];
	static unsigned of[MEMBERS], n[CLIENTS];
	static bool there[MEMBERS];
	unsigned seed = (unsigned)_i;

	for (int step = 0; step < 100000; step++) {
		unsigned i = (unsigned)rand_r(&seed) % MEMBERS;
		unsigned most = 0;

		if (there[i]) {
			if (rand_r(&seed) % 3 == 0) {
				crowd_touch(crowd, &m[i]);
				continue;
			}
			crowd_leave(crowd, &m[i]);
			n[of[i]]--;
		} else {
			/* Some come far more often than others. */
			of[i] = (unsigned)rand_r(&seed) % CLIENTS;
			of[i] = of[i] * of[i] / CLIENTS;
			ck_assert_uint_eq(
			    join(crowd, &m[i], of[i]), ++n[of[i]]);
		}
		there[i] = !there[i];
		if (step % 100 != 0 || crowd_worst(crowd) == NULL)
			continue;
		for (unsigned k = 0; k < CLIENTS; k++)
			most = n[k] > most ? n[k] : most;
		ck_assert_uint_eq(n[of[crowd_worst(crowd) - m]], most);
	}
	for (int i = 0; i < MEMBERS; i++)
		if (there[i])
			crowd_leave(crowd, &m[i]);
	ck_assert_ptr_null(crowd_worst(crowd));
}
END_TEST

/* Many clients at once are not taken for one another. */
START_TEST(keeps_clients_apart)
{
	static struct crowd_member m[4096];
	unsigned wrong = 0;

	for (unsigned i = 0; i < 4096; i++)
		wrong += join(crowd, &m[i], i) != 1;
	/* Some share both their slots with others. */
	ck_assert_uint_le(wrong, 8);
	for (unsigned i = 0; i < 4096; i++)
		crowd_leave(crowd, &m[i]);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("dns_crowd");
	TCase *t = tcase_create("crowd");
	SRunner *r;
	int failed;

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, counts_a_client_over_all_workers);
	tcase_add_test(t, tells_families_apart);
	tcase_add_test(t, chooses_who_goes);
	tcase_add_loop_test(t, counts_right_at_random, 1, 4);
	tcase_add_test(t, keeps_clients_apart);
	suite_add_tcase(s, t);
	r = srunner_create(s);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed != 0;
}
